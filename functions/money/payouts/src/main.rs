//! The `payouts` function: wires the queue to the ledger and the payment processor.

use std::sync::Arc;

use async_trait::async_trait;
use inventure_api::{
    batch::{self, Failure},
    boot, clock, config,
};
use inventure_payments::Stripe;
use inventure_table::{aws, usage::count_aws_call};
use payouts::{Payer, Queue};

struct Sqs(aws_sdk_sqs::Client, String);

#[async_trait]
impl Queue for Sqs {
    async fn send(&self, body: String) -> Result<(), Failure> {
        count_aws_call();
        self.0
            .send_message()
            .queue_url(&self.1)
            .message_body(body)
            .send()
            .await?;
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let (store, sdk) = inventure_books::connect().await?;
    let key = Arc::new(aws::Secret::new(&sdk, config::required("PROCESSOR_SECRET")?));
    let stripe = Stripe::new(
        &config::required("PROCESSOR_URL")?,
        key,
        config::parsed("PAYMENTS_LIVE")?,
    )?;
    let queue = Sqs(aws_sdk_sqs::Client::new(&sdk), config::required("PAYOUTS_QUEUE_URL")?);
    let payer = &Payer::new(store, Arc::new(stripe), Arc::new(queue));
    batch::run(move |message| async move {
        let message = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
        payer.handle(&message, clock::now()).await
    })
    .await
}
