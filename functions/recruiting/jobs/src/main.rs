//! The `jobs` function: wires the routes to the table.

use inventure_api::{boot, http};
use inventure_table::aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    boot::logs();
    let (store, _) = aws::connect().await?;
    http::run(jobs::routes(), store).await
}
