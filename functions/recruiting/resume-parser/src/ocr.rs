//! Recognition of text on pictures of pages: a program on this machine, or the service of AWS.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_config::{SdkConfig, timeout::TimeoutConfig};
use aws_sdk_textract::{
    error::{ProvideErrorMetadata, SdkError},
    operation::detect_document_text::DetectDocumentTextError,
    primitives::Blob,
    types::{Block, BlockType, Document, Relationship, RelationshipType},
};
use inventure_api::batch::Failure;
use inventure_ocr::{NotRecognised, Tesseract};
use inventure_resume::{PageImage, Refusal, ScannedWord};
use inventure_sandbox::Contained;
use inventure_table::usage::count_aws_call;

/// The longest time until there is a connection to the service.
const CONNECT_LONGEST: Duration = Duration::from_secs(2);

/// A recogniser of text on pictures of pages.
///
/// # Errors
/// Fails where there was no answer about the picture; it is tried again then. A picture that is not taken is a [`Refusal`].
#[async_trait]
pub trait Ocr: Send + Sync {
    /// Recognises the words of a page.
    async fn words(&self, page: &PageImage) -> Result<Result<Vec<ScannedWord>, Refusal>, Failure>;
}

/// Returns the recogniser that a setting names: `off`, `tesseract` or `textract`.
///
/// # Errors
/// Fails on another name. Where the program is named and not installed, scans are refused, and the log says so.
pub fn named(name: &str, sdk: &SdkConfig) -> Result<Option<Arc<dyn Ocr>>, Failure> {
    match name {
        "off" => Ok(None),
        "tesseract" => {
            let found = Tesseract::find();
            if found.is_none() {
                tracing::error!("OCR is tesseract, and no folder of PATH has that program: scans are refused");
            }
            Ok(found.map(|program| Arc::new(program) as Arc<dyn Ocr>))
        }
        "textract" => Ok(Some(Arc::new(Textract::new(sdk)))),
        _ => Err(format!("OCR is off, tesseract or textract, and not {name}").into()),
    }
}

#[async_trait]
impl Ocr for Tesseract {
    async fn words(&self, page: &PageImage) -> Result<Result<Vec<ScannedWord>, Refusal>, Failure> {
        let (tesseract, page) = (self.clone(), page.clone());
        match tokio::task::spawn_blocking(move || Self::words(&tesseract, &page)).await? {
            Ok(words) => Ok(Ok(words)),
            Err(NotRecognised::Program(Contained::Start(error))) => Err(error.into()),
            Err(NotRecognised::Program(Contained::TimedOut)) => Ok(Err(Refusal::TimedOut)),
            Err(_) => Ok(Err(Refusal::NeedsOcr)),
        }
    }
}

/// The service of AWS that recognises text, Amazon Textract.
pub struct Textract {
    client: aws_sdk_textract::Client,
}

impl Textract {
    /// Creates a recogniser that asks the service with these credentials.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        // The time of a scan is bounded as a whole. A page that is cut off and asked for again would be paid for twice.
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_LONGEST).build();
        let config = aws_sdk_textract::config::Builder::from(sdk)
            .timeout_config(timeouts)
            .build();
        Self {
            client: aws_sdk_textract::Client::from_conf(config),
        }
    }
}

#[async_trait]
impl Ocr for Textract {
    async fn words(&self, page: &PageImage) -> Result<Result<Vec<ScannedWord>, Refusal>, Failure> {
        count_aws_call();
        let document = Document::builder().bytes(Blob::new(page.png.clone())).build();
        let answer = self.client.detect_document_text().document(document).send().await;
        match answer {
            Ok(answer) => Ok(Ok(words(answer.blocks()))),
            Err(error) => match error.as_service_error() {
                Some(
                    DetectDocumentTextError::BadDocumentException(_)
                    | DetectDocumentTextError::DocumentTooLargeException(_)
                    | DetectDocumentTextError::InvalidParameterException(_)
                    | DetectDocumentTextError::UnsupportedDocumentException(_),
                ) => Ok(Err(Refusal::NeedsOcr)),
                // The code alone: a message may quote the request.
                other => {
                    let code = other
                        .and_then(ProvideErrorMetadata::code)
                        .unwrap_or(kind_of(&error))
                        .to_owned();
                    Err(format!("Textract gave no answer: {code}").into())
                }
            },
        }
    }
}

/// Returns what went wrong where the service said nothing.
fn kind_of<E, R>(error: &SdkError<E, R>) -> &'static str {
    match error {
        SdkError::TimeoutError(_) => "too late",
        SdkError::DispatchFailure(_) => "no connection",
        SdkError::ConstructionFailure(_) => "no request",
        _ => "no sense",
    }
}

/// Returns the words of the lines, in the order of the lines. Handwriting is text as well.
fn words(blocks: &[Block]) -> Vec<ScannedWord> {
    let lines = blocks
        .iter()
        .filter(|block| block.block_type() == Some(&BlockType::Line));
    let mut words = Vec::new();
    for (number, line) in (0..).zip(lines) {
        let inside = line.relationships().iter();
        let inside = inside.filter(|relation| relation.r#type() == Some(&RelationshipType::Child));
        for id in inside.flat_map(Relationship::ids) {
            let word = blocks.iter().find(|block| block.id() == Some(id.as_str()));
            words.extend(word.and_then(|word| scanned(word, number)));
        }
    }
    words
}

fn scanned(word: &Block, line: u32) -> Option<ScannedWord> {
    let place = word.geometry()?.bounding_box()?;
    Some(ScannedWord {
        text: word.text()?.to_owned(),
        line,
        left: place.left(),
        top: place.top(),
        right: place.left() + place.width(),
        bottom: place.top() + place.height(),
        confidence: word.confidence()? / 100.0,
    })
}
