//! Recognition of text on pictures of pages: a program on this machine, or the service of AWS.

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_textract::{
    error::ProvideErrorMetadata,
    operation::detect_document_text::DetectDocumentTextError,
    primitives::Blob,
    types::{Block, BlockType, Document, Relationship, RelationshipType},
};
use inventure_api::batch::Failure;
use inventure_ocr::Tesseract;
use inventure_resume::{PageImage, ScannedWord};
use inventure_table::usage::count_aws_call;

/// A recogniser of text on pictures of pages.
///
/// # Errors
/// Fails where there was no answer about the picture; it is tried again then. `None`: the picture is none that is read.
#[async_trait]
pub trait Ocr: Send + Sync {
    /// Recognises the words of a page.
    async fn words(&self, page: &PageImage) -> Result<Option<Vec<ScannedWord>>, Failure>;
}

/// Returns the recogniser that a setting names: `off`, `tesseract` or `textract`.
///
/// # Errors
/// Fails on another name, and where the program is named and not installed.
pub fn named(name: &str, sdk: &SdkConfig) -> Result<Option<Arc<dyn Ocr>>, Failure> {
    match name {
        "off" => Ok(None),
        "tesseract" => {
            let program = Tesseract::find().ok_or("OCR is tesseract, and no folder of PATH has that program")?;
            Ok(Some(Arc::new(program)))
        }
        "textract" => Ok(Some(Arc::new(Textract::new(sdk)))),
        _ => Err(format!("OCR is off, tesseract or textract, and not {name}").into()),
    }
}

#[async_trait]
impl Ocr for Tesseract {
    async fn words(&self, page: &PageImage) -> Result<Option<Vec<ScannedWord>>, Failure> {
        let (tesseract, page) = (self.clone(), page.clone());
        let words = tokio::task::spawn_blocking(move || Self::words(&tesseract, &page)).await?;
        Ok(Some(words?))
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
        Self {
            client: aws_sdk_textract::Client::new(sdk),
        }
    }
}

#[async_trait]
impl Ocr for Textract {
    async fn words(&self, page: &PageImage) -> Result<Option<Vec<ScannedWord>>, Failure> {
        count_aws_call();
        let document = Document::builder().bytes(Blob::new(page.png.clone())).build();
        let answer = self.client.detect_document_text().document(document).send().await;
        match answer {
            Ok(answer) => Ok(Some(words(answer.blocks()))),
            Err(error) => match error.as_service_error() {
                Some(
                    DetectDocumentTextError::BadDocumentException(_)
                    | DetectDocumentTextError::DocumentTooLargeException(_)
                    | DetectDocumentTextError::UnsupportedDocumentException(_),
                ) => Ok(None),
                // The code alone: a message may quote the request.
                other => {
                    let code = other.and_then(ProvideErrorMetadata::code).unwrap_or("none").to_owned();
                    Err(format!("Textract gave no answer: {code}").into())
                }
            },
        }
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
