//! The `settlement` function: wires the queue to the deals and the ledger.

use std::sync::Arc;

use inventure_api::{batch, boot, clock, config};
use inventure_table::aws::S3Objects;
use settlement::{Message, Settler};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let (store, sdk) = inventure_books::connect(env!("CARGO_PKG_NAME")).await?;
    let documents = Arc::new(S3Objects::new(&sdk, config::required("DOCUMENTS_BUCKET")?));
    let settler = Settler::new(store, documents);
    let settler = &settler;
    batch::run(move |message| async move {
        let message = Message::read(message.body.as_deref().unwrap_or_default())?;
        settler.handle(&message, clock::now()).await
    })
    .await
}
