//! Reads the text of a file from its bytes.

mod css;
mod detect;
mod drawing;
mod flow;
mod html;
mod language;
mod layout;
mod letters;
mod margins;
mod office;
mod pdf;
mod plain;
mod rtf;
mod scan;
mod tidy;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{json_resume, refusal::Refusal, resume::Resume};
use detect::Format;
use letters::{Letter, NOWHERE, Origin, lettered, plain};

pub use letters::{Area, Role, Style, Word};
pub use pdf::{NoPdfLibrary, PDF_LIBRARIES, PdfLibrary};
pub use scan::{PageImage, ScannedPage, ScannedWord, page_images, read_scan};

/// The sender's statements about a file. None of it is believed where the bytes say otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hint<'a> {
    /// The name of the file on the sender's machine.
    pub file_name: Option<&'a str>,
    /// The media type that the file was declared with.
    pub media_type: Option<&'a str>,
}

/// The bounds on a file that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The most bytes of a file.
    pub bytes_max: u64,
    /// The most bytes that a packed file may unpack to.
    pub unpacked_bytes_max: u64,
    /// The most pages.
    pub pages_max: u32,
    /// The most characters of text.
    pub characters_max: u32,
}

impl Default for Limits {
    /// Returns 10 MB, 64 MB unpacked, 30 pages, 200,000 characters.
    fn default() -> Self {
        Self {
            bytes_max: 10_000_000,
            unpacked_bytes_max: 64_000_000,
            pages_max: 30,
            characters_max: 200_000,
        }
    }
}

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
pub enum MediaType {
    /// A PDF file.
    #[serde(rename = "application/pdf")]
    Pdf,
    /// A Word file, since 2007.
    #[serde(rename = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    Docx,
    /// An `OpenDocument` text.
    #[serde(rename = "application/vnd.oasis.opendocument.text")]
    Odt,
    /// Rich Text Format.
    #[serde(rename = "application/rtf")]
    Rtf,
    /// A plain text file.
    #[serde(rename = "text/plain")]
    Text,
    /// An HTML file.
    #[serde(rename = "text/html")]
    Html,
    /// JSON Resume (jsonresume.org).
    #[serde(rename = "application/json")]
    JsonResume,
    /// A picture of a page.
    #[serde(rename = "image/png")]
    Png,
    /// A photograph of a page.
    #[serde(rename = "image/jpeg")]
    Jpeg,
}

impl MediaType {
    /// Whether files of this format have pages.
    const fn is_paged(self) -> bool {
        matches!(self, Self::Pdf | Self::Png | Self::Jpeg)
    }
}

/// The text of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The format of the file, by its bytes.
    pub media_type: MediaType,
    /// The text, tidied. It has lines as they stand, one empty line between blocks, bullets as `•`, a tab where a line has a wide
    /// gap. Never empty.
    pub text: String,
    /// The stretch of the text on each page. Empty for formats without pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<PageSpan>,
    /// The targets of the document's links, each once: `mailto:`, `tel:`, web addresses. Filled for PDF and DOCX.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
    /// The words of the text, in order, with their dress and their place. Empty for plain text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
    /// The styles that `words` name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub styles: Vec<Style>,
    /// Whether text was recognised on pictures, here or by whoever made the file. One letter may have been taken for another.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recognised: bool,
    /// The language of the text, ISO 639-1 (`en`). Absent where there is too little of it to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The resume itself, where the file states it outright (JSON Resume). Its spans point into `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structured: Option<Box<Resume>>,
}

/// The stretch of a document's text that stands on one page, in characters, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct PageSpan {
    /// The page, from 1.
    pub page: u32,
    /// The first character on the page.
    pub start: u32,
    /// One past the last character on the page.
    pub end: u32,
}

impl Document {
    /// Returns the page on which a character stands.
    #[must_use]
    pub fn page_of(&self, character: u32) -> Option<u32> {
        let after = self.pages.partition_point(|page| page.start <= character);
        self.pages[..after].last().map(|page| page.page)
    }
}

/// Whether a file is a PDF, by its first bytes.
#[must_use]
pub fn is_pdf(bytes: &[u8]) -> bool {
    matches!(detect::detect(bytes, Hint::default()), Ok(Format::Pdf))
}

/// Reads a file, or returns the reason for not reading it.
///
/// Takes no more than the limits allow in text and unpacked bytes. The libraries beneath it are not trusted to the end: a
/// caller that reads strangers' files runs this in a child process with bounded time and memory. Without `pdf` it reads every
/// other format.
///
/// # Errors
/// A [`Refusal`] with the reason; see each of its cases.
pub fn read(bytes: &[u8], hint: Hint<'_>, limits: &Limits, pdf: Option<&PdfLibrary>) -> Result<Document, Refusal> {
    if bytes.len() as u64 > limits.bytes_max {
        return Err(Refusal::TooLarge {
            limit_bytes: limits.bytes_max,
        });
    }
    let (mut structured, mut links, mut origins, mut recognised) = (None, Vec::new(), Vec::new(), false);
    let mut flow = |(text, found): (Vec<Letter>, Vec<Origin>)| {
        origins = found;
        vec![text]
    };
    let (media_type, raw_pages) = match detect::detect(bytes, hint)? {
        Format::Pdf => {
            let library = pdf.ok_or(Refusal::UnsupportedFormat)?;
            let text = pdf::read(bytes, limits, library)?;
            (links, origins, recognised) = (text.links, text.origins, text.recognised);
            (MediaType::Pdf, text.pages)
        }
        Format::Docx => {
            let (text, targets) = office::docx(bytes, limits)?;
            links = targets;
            (MediaType::Docx, flow(text))
        }
        Format::Odt => (MediaType::Odt, flow(office::odt(bytes, limits)?)),
        Format::Rtf => (MediaType::Rtf, flow(rtf::read(bytes, limits)?)),
        Format::Html => (MediaType::Html, flow(html::read(&plain::decode(bytes)?, limits)?)),
        Format::Text => {
            let text = plain::unflatten(plain::decode(bytes)?);
            (MediaType::Text, vec![lettered(&text, NOWHERE)])
        }
        Format::JsonResume(value) => {
            let mut resume = json_resume::import(&value)?;
            let text = json_resume::render(&mut resume);
            structured = Some(Box::new(resume));
            (MediaType::JsonResume, vec![lettered(&text, NOWHERE)])
        }
    };
    let (document, _) = finish(media_type, &raw_pages, &origins, limits)?;
    Ok(Document {
        links,
        recognised,
        structured,
        ..document
    })
}

/// Makes a document of the text of its pages, and returns its letters as well.
fn finish(
    media_type: MediaType,
    raw_pages: &[Vec<Letter>],
    origins: &[Origin],
    limits: &Limits,
) -> Result<(Document, Vec<Letter>), Refusal> {
    let (letters, pages) = if media_type == MediaType::JsonResume {
        // Its spans point into the text as it stands.
        (raw_pages.concat(), Vec::new())
    } else {
        join(raw_pages, media_type.is_paged())
    };
    let text = plain(&letters);
    if letters.len() > limits.characters_max as usize {
        return Err(Refusal::TooLong {
            limit_characters: limits.characters_max,
        });
    }
    if !text.contains(char::is_alphanumeric) {
        return Err(Refusal::Empty);
    }
    let language = language::detect(&text)?;
    let (words, styles) = letters::words(&letters, origins);
    let document = Document {
        media_type,
        text,
        pages,
        links: Vec::new(),
        words,
        styles,
        recognised: false,
        language,
        structured: None,
    };
    Ok((document, letters))
}

/// Tidies pages and joins them, each beginning on a line of its own.
fn join(raw_pages: &[Vec<Letter>], paged: bool) -> (Vec<Letter>, Vec<PageSpan>) {
    let mut text: Vec<Letter> = Vec::new();
    let mut pages = Vec::new();
    for (page, raw) in (1..).zip(raw_pages) {
        let mut page_text = tidy::tidy(raw);
        if paged {
            page_text = tidy::unbreak(&page_text);
        }
        if page_text.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push(('\n', NOWHERE));
        }
        let start = text.len() as u32;
        text.append(&mut page_text);
        pages.push(PageSpan {
            page,
            start,
            end: text.len() as u32,
        });
    }
    if !paged {
        pages.clear();
    }
    (text, pages)
}

#[cfg(test)]
mod tests;
