//! The `fanout` function: wires the queue of jobs to the tables and the gateway.

use std::sync::Arc;

use fanout::Fanout;
use inventure_api::{batch, boot, clock, config};
use inventure_rooms::aws::Sockets;
use inventure_table::aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let Sockets {
        store,
        delivery,
        presence,
        sdk,
        ..
    } = Sockets::connect(env!("CARGO_PKG_NAME")).await?;
    let bucket = config::required("DOCUMENTS_BUCKET")?;
    let files = Arc::new(aws::S3Objects::new(&sdk, bucket));
    let fanout = &Fanout::new(store, delivery, presence, files);
    batch::run(move |message| async move {
        let job = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
        fanout.handle(job, clock::now()).await
    })
    .await
}
