//! The `candidates` function: wires the routes to the table and the uploads bucket.

use candidates::App;
use inventure_api::{boot, config, connect, http};
use inventure_table::FormSigner;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    boot::logs();
    let (store, sdk) = connect::main_table(env!("CARGO_PKG_NAME")).await?;
    let forms = FormSigner::new(&sdk, config::required("UPLOADS_BUCKET")?);
    let app = App {
        store,
        forms,
        max_upload_bytes: config::parsed("UPLOAD_MAX_BYTES")?,
    };
    http::run(candidates::routes(), app).await
}
