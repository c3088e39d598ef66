//! The `deals` function: wires the routes to the table and the key of the fingerprints.

use std::sync::Arc;

use inventure_api::{boot, config, connect, http};
use inventure_table::aws;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    boot::logs();
    let (store, sdk) = connect::main_table(env!("CARGO_PKG_NAME")).await?;
    let secret = aws::Secret::new(&sdk, config::required("FINGERPRINT_SECRET")?);
    let bucket = config::required("DOCUMENTS_BUCKET")?;
    let files = aws::files(&sdk, bucket, config::parsed("UPLOAD_MAX_BYTES")?);
    let mails = config::required("MAIL_FROM").is_ok();
    let app = deals::App::new(store, Arc::new(secret), files, mails);
    http::run(deals::routes(), app).await
}
