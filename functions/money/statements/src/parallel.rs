//! Reads that are done some at a time.

use futures_util::{StreamExt, TryStreamExt, stream};

/// Reads at once.
const PARALLEL: usize = 16;

/// Awaits them, some at once, and gives what they read in their order.
pub async fn in_parallel<T, E>(reads: Vec<impl Future<Output = Result<T, E>>>) -> Result<Vec<T>, E> {
    stream::iter(reads).buffered(PARALLEL).try_collect().await
}
