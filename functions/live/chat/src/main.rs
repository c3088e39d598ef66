//! The `chat` function: wires the sockets' events to the tables and the gateway.

use chat::{Chat, SocketEvent};
use inventure_api::{boot, clock};
use inventure_rooms::aws::Sockets;
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let Sockets {
        store,
        connections,
        delivery,
        presence,
        gateway,
        ..
    } = Sockets::connect(env!("CARGO_PKG_NAME")).await?;
    let chat = &Chat::new(store, connections, delivery, presence, gateway);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SocketEvent>| async move {
        Ok::<_, lambda_runtime::Error>(chat.handle(&event.payload, clock::now()).await)
    }))
    .await
}
