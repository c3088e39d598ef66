//! Turns the bytes of a file into text, and text into a structured resume with the span behind every field.
//!
//! [`read`] makes a [`Document`] of a file or returns the reason why it cannot. [`parse`] makes a [`Resume`] of a document.
//!
//! **Architecture Invariant:** a pure function of its input. No clock ([`parse`] is told what today is), no environment, no
//! network; the lexicon and the model are part of the program. The one file is the PDF library, which the caller names.

pub mod boxes;
pub mod correct;
pub mod date;
pub mod entities;
pub mod json_resume;
mod parse;
mod places;
mod read;
mod redact;
mod refusal;
mod resume;
pub mod skills;
pub mod structure;

pub use date::PartialDate;
#[cfg(test)]
pub(crate) use parse::tests as parse_tests;
pub use parse::{is_language, parse, read_resume, read_scanned_resume, short_form};
pub use places::is_place;
pub use read::{
    Area, Document, Hint, Limits, MediaType, NoPdfLibrary, PDF_LIBRARIES, PageImage, PageSpan, PdfLibrary, Role,
    ScannedPage, ScannedWord, Style, Word, is_pdf, page_images, read, read_scan,
};
pub use redact::REDACTED;
pub use refusal::Refusal;
pub use resume::{Certification, Education, Experience, Field, Language, Link, Location, Resume, SURE, Skill};
