//! The `resume-parser` function: wires the queue to the table, the bucket and the contained reader.

use std::sync::Arc;

use inventure_api::{batch, boot, clock, config, connect};
use inventure_table::aws::S3Objects;
use resume_parser::{
    Parser,
    library::LibraryFile,
    ocr,
    reader::{ContainedReader, LONGEST, serve_child},
};

fn main() -> Result<(), lambda_runtime::Error> {
    // In a child process this serves one file and does not return.
    serve_child();
    serve()
}

#[tokio::main(flavor = "current_thread")]
async fn serve() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let (store, sdk) = connect::main_table(env!("CARGO_PKG_NAME")).await?;
    let uploads = Arc::new(S3Objects::new(&sdk, config::required("UPLOADS_BUCKET")?));
    let artifacts = Arc::new(S3Objects::new(&sdk, config::required("ARTIFACTS_BUCKET")?));
    let reader = Arc::new(ContainedReader::new(
        std::env::current_exe()?,
        LibraryFile::new(artifacts),
        ocr::named(&config::required("OCR")?, &sdk)?,
    ));
    reader.report()?;
    let parser = Parser::new(store, uploads, reader);
    let parser = &parser;
    batch::run_within(LONGEST, move |message| async move {
        parser
            .handle(message.body.as_deref().unwrap_or_default(), clock::now())
            .await
    })
    .await
}
