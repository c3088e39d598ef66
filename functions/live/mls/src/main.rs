//! The `mls` function: wires the routes to the tables and the sockets.

use inventure_api::{boot, http};
use inventure_rooms::aws::Sockets;
use mls::App;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    boot::logs();
    let sockets = Sockets::connect(env!("CARGO_PKG_NAME")).await?;
    let app = App {
        store: sockets.store,
        connections: sockets.connections,
        delivery: sockets.delivery,
    };
    http::run(mls::routes(), app).await
}
