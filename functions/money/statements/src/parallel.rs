//! Reads that are done some at a time.

use futures_util::{StreamExt, TryStreamExt, stream};

/// The most reads that are done at once.
const PARALLEL: usize = 16;

/// Awaits all reads, some at once, and returns their results in order.
pub async fn in_parallel<T, E>(reads: Vec<impl Future<Output = Result<T, E>>>) -> Result<Vec<T>, E> {
    stream::iter(reads).buffered(PARALLEL).try_collect().await
}
