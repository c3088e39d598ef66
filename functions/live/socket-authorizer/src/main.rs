//! The `socket-authorizer` function: wires the handshake to the tickets.

use inventure_api::{boot, clock, config, connect};
use inventure_table::aws;
use lambda_runtime::{LambdaEvent, service_fn};
use socket_authorizer::Authorizer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let connections = connect::connections(&aws::sdk_config().await, env!("CARGO_PKG_NAME"))?;
    let authorizer = &Authorizer::new(connections, &config::required("SOCKET_ORIGINS")?);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<serde_json::Value>| async move {
        authorizer.handle(&event.payload, clock::now()).await
    }))
    .await
}
