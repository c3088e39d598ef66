//! The `fanout` function: wires the queue of jobs to the tables and the gateway.

use fanout::Fanout;
use inventure_chat::aws::Sockets;
use inventure_lambda::{batch, boot, clock};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let Sockets {
        store,
        delivery,
        presence,
        ..
    } = Sockets::connect().await?;
    let fanout = &Fanout::new(store, delivery, presence);
    batch::run(move |message| async move {
        let job = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
        fanout.handle(job, clock::now()).await
    })
    .await
}
