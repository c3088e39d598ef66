//! The `inbox` function: wires the routes to the table.

use inventure_api::{boot, connect, http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    boot::logs();
    let (store, _) = connect::main_table(env!("CARGO_PKG_NAME")).await?;
    http::run(inbox::routes(), store).await
}
