//! The `rooms` function: wires the routes to the tables.

use inventure_api::{boot, config, connect, http};
use inventure_table::aws;
use rooms::App;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    boot::logs();
    let (store, sdk) = connect::main_table(env!("CARGO_PKG_NAME")).await?;
    let (api, stage) = (config::required("SOCKET_API_ID")?, config::required("SOCKET_STAGE")?);
    let region = sdk.region().map_or("us-east-1", |region| region.as_ref());
    let socket_url = match sdk.endpoint_url() {
        Some(local) => format!(
            "{}/_aws/execute-api/{api}/{stage}",
            local.replacen("http", "ws", 1).trim_end_matches('/')
        ),
        None => format!("wss://{api}.execute-api.{region}.amazonaws.com/{stage}"),
    };
    let app = App {
        store,
        connections: connect::connections(&sdk, env!("CARGO_PKG_NAME"))?,
        socket_url,
        files: aws::files(
            &sdk,
            config::required("DOCUMENTS_BUCKET")?,
            config::parsed("UPLOAD_MAX_BYTES")?,
        ),
    };
    http::run(rooms::routes(), app).await
}
