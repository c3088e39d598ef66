//! The `payout-accounts` function: wires the routes to the table and the payment processor.

use std::sync::Arc;

use inventure_api::{boot, config, connect, http};
use inventure_payments::Stripe;
use inventure_table::aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    boot::logs();
    let (store, sdk) = connect::main_table(env!("CARGO_PKG_NAME")).await?;
    let key = Arc::new(aws::Secret::new(&sdk, config::required("PROCESSOR_ACCOUNTS_SECRET")?));
    let stripe = Stripe::new(
        &config::required("PROCESSOR_URL")?,
        key,
        config::parsed("PAYMENTS_LIVE")?,
    )?;
    http::run(
        payout_accounts::routes(),
        payout_accounts::App::new(store, Arc::new(stripe)),
    )
    .await
}
