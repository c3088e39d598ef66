//! The `statements` function: wires the routes to the ledger and the bucket of seals.

use std::sync::Arc;

use inventure_api::{boot, config, http};
use inventure_table::aws::S3Objects;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    boot::logs();
    let (store, sdk) = inventure_books::connect(env!("CARGO_PKG_NAME")).await?;
    let seals = S3Objects::new(&sdk, config::required("SEALS_BUCKET")?);
    http::run(statements::routes(), statements::App::new(store, Arc::new(seals))).await
}
