//! The `payment-webhook` function: wires the route to the table and the endpoint's secret.

use std::sync::Arc;

use inventure_api::{boot, config, connect, http};
use inventure_table::aws;
use payment_webhook::{App, routes};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    boot::logs();
    let (store, sdk) = connect::main_table(env!("CARGO_PKG_NAME")).await?;
    let secret = aws::Secret::new(&sdk, config::required("PAYMENT_WEBHOOK_SECRET")?);
    let live = config::parsed("PAYMENTS_LIVE")?;
    http::run(routes(), App::new(store, Arc::new(secret), live)).await
}
