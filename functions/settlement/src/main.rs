//! The `settlement` function: wires the queue to the deals and the ledger.

use inventure_lambda::{batch, boot, clock};
use inventure_store::aws;
use settlement::{Message, Settler};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let (store, _) = aws::connect_ledger().await?;
    let settler = Settler::new(store);
    let settler = &settler;
    batch::run(move |message| async move {
        let message = Message::read(message.body.as_deref().unwrap_or_default())?;
        settler.handle(&message, clock::now()).await
    })
    .await
}
