//! The `indexer` function: wires the queue to the table, the model and the index.

use std::sync::Arc;

use indexer::{Indexer, model::LazyModel};
use inventure_api::{batch, boot, clock, config, connect};
use inventure_events::queue;
use inventure_table::aws::S3Objects;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let (store, sdk) = connect::main_table(env!("CARGO_PKG_NAME")).await?;
    let artifacts = Arc::new(S3Objects::new(&sdk, config::required("ARTIFACTS_BUCKET")?));
    let model = LazyModel::new(artifacts, config::required("MODEL_PREFIX")?);
    let indexer = Indexer::new(store, Arc::new(model));
    let indexer = &indexer;
    batch::run(move |message| async move {
        let event = queue::from_bus(message.body.as_deref().unwrap_or_default())?;
        indexer.handle(&event, clock::now()).await
    })
    .await
}
