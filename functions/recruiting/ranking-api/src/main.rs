//! The `ranking-api` function: wires the routes to the table and the index.

use std::sync::Arc;

use inventure_api::{boot, config, connect, http};
use inventure_table::aws::S3Objects;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    boot::logs();
    let (store, sdk) = connect::main_table(env!("CARGO_PKG_NAME")).await?;
    let segments = Arc::new(S3Objects::new(&sdk, config::required("ARTIFACTS_BUCKET")?));
    http::run(ranking_api::routes(), ranking_api::App::new(store, segments)).await
}
