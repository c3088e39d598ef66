//! The `match-finder` function: wires the queue to the index.

use std::sync::Arc;

use inventure_api::{batch, boot, clock, config, connect};
use inventure_events::queue;
use inventure_table::aws::S3Objects;
use match_finder::MatchFinder;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let (store, sdk) = connect::main_table(env!("CARGO_PKG_NAME")).await?;
    let finder = MatchFinder::new(
        store,
        Arc::new(S3Objects::new(&sdk, config::required("ARTIFACTS_BUCKET")?)),
    );
    let finder = &finder;
    batch::run(move |message| async move {
        let event = queue::from_bus(message.body.as_deref().unwrap_or_default())?;
        finder.handle(&event, clock::now()).await
    })
    .await
}
