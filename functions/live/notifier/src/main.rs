//! The `notifier` function: wires the queue to the tables, the gateway and the mail.

use std::sync::Arc;

use inventure_api::{batch, boot, clock, config};
use inventure_rooms::aws::Sockets;
use inventure_table::aws::sdk_config;
use notifier::{Message, Notifier, ses::Ses};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let Sockets { store, delivery, .. } = Sockets::connect(env!("CARGO_PKG_NAME")).await?;
    let from = config::required("MAIL_FROM").unwrap_or_default();
    let (sdk, api) = (sdk_config().await, config::required("API_ID")?);
    let region = sdk.region().map_or("us-east-1", |region| region.as_ref());
    let pages = match sdk.endpoint_url() {
        Some(local) => format!("{}/_aws/execute-api/{api}/$default", local.trim_end_matches('/')),
        None => format!("https://{api}.execute-api.{region}.amazonaws.com"),
    };
    let mailer = Ses::new(&sdk, from);
    let notifier = &Notifier::new(store, delivery, Arc::new(mailer), pages);
    batch::run(move |message| async move {
        let message = Message::read(message.body.as_deref().unwrap_or_default())?;
        notifier.handle(&message, clock::now()).await
    })
    .await
}
