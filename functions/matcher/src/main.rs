//! The `matcher` function: wires the queue to the index.

use std::sync::Arc;

use inventure_events::queue;
use inventure_lambda::{batch, boot, clock, config};
use inventure_store::{aws, aws::S3Objects};
use matcher::Matcher;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let (store, sdk) = aws::connect().await?;
    let matcher = Matcher::new(
        store,
        Arc::new(S3Objects::new(&sdk, config::required("ARTIFACTS_BUCKET")?)),
    );
    let matcher = &matcher;
    batch::run(move |message| async move {
        let event = queue::from_bus(message.body.as_deref().unwrap_or_default())?;
        matcher.handle(&event, clock::now()).await
    })
    .await
}
