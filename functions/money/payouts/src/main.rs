//! The `payouts` function: wires the queue to the ledger and the payment processor.

use std::sync::Arc;

use inventure_api::{batch, boot, clock, config};
use inventure_payments::Stripe;
use inventure_table::aws;
use payouts::{Payer, aws::Sqs};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let (store, sdk) = inventure_books::connect(env!("CARGO_PKG_NAME")).await?;
    let key = Arc::new(aws::Secret::new(&sdk, config::required("PROCESSOR_SECRET")?));
    let stripe = Stripe::new(
        &config::required("PROCESSOR_URL")?,
        key,
        config::parsed("PAYMENTS_LIVE")?,
    )?;
    let queue = Sqs::new(&sdk, config::required("PAYOUTS_QUEUE_URL")?);
    let payer = &Payer::new(store, Arc::new(stripe), Arc::new(queue));
    batch::run(move |message| async move {
        let message = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
        payer.handle(&message, clock::now()).await
    })
    .await
}
