//! Why a file was not read. A reader that cannot read says so and says what to do; it never makes a field up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a file was refused. On the wire an object with a `code` and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// Nothing to read.
    #[error("The file holds no text. Upload a resume with text in it.")]
    Empty,
    /// Not one of the formats.
    #[error(
        "This is not a format that can be read. Upload a PDF, DOCX, ODT, RTF, HTML, plain text or JSON Resume file."
    )]
    UnsupportedFormat,
    /// Broken.
    #[error("The file is damaged and cannot be read. Save it again as PDF or DOCX and upload the new file.")]
    Corrupt,
    /// Locked with a password.
    #[error("The file is locked with a password. Remove the password and upload it again.")]
    Encrypted,
    /// Pictures of text.
    #[error(
        "The file holds pictures of text and no text itself. Upload the original document, or run text recognition on it first."
    )]
    NeedsOcr,
    /// Too many bytes.
    #[error("The file is larger than {limit_bytes} bytes. Upload a smaller one, without pictures.")]
    TooLarge {
        /// The most bytes allowed.
        limit_bytes: u64,
    },
    /// Too many pages for a resume.
    #[error("The file has {pages} pages; a resume may have up to {limit}. Upload the resume alone.")]
    TooManyPages {
        /// Pages in the file.
        pages: u32,
        /// The most pages allowed.
        limit: u32,
    },
    /// Too much text for a resume.
    #[error("The text is longer than {limit_characters} characters. Upload the resume alone.")]
    TooLong {
        /// The most characters allowed.
        limit_characters: u32,
    },
    /// Unpacks to far more than its size.
    #[error("The file unpacks to far more than its size and is not read. Save it again as PDF and upload that.")]
    ZipBomb,
    /// Not in English.
    #[error("The text seems to be in another language ({language}). Upload an English version.")]
    UnsupportedLanguage {
        /// The language found, ISO 639-3.
        language: String,
    },
    /// JSON that breaks the JSON Resume schema.
    #[error("The JSON Resume is wrong at {at}: expected {expected}. Correct it and upload it again.")]
    InvalidJsonResume {
        /// JSON Pointer to the wrong value; empty for the whole.
        at: String,
        /// What should stand there.
        expected: String,
    },
    /// Reading took too long. Said by the caller that bounds it.
    #[error("Reading the file took too long. Save it again as PDF or DOCX and upload the new file.")]
    TimedOut,
    /// The reader broke on the file, or needed too much memory. Said by the caller that contains it.
    #[error("The file cannot be read. Save it again as PDF or DOCX and upload the new file.")]
    Crashed,
}

impl Refusal {
    /// The stable name of the reason, the same as `code` on the wire.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnsupportedFormat => "unsupported_format",
            Self::Corrupt => "corrupt",
            Self::Encrypted => "encrypted",
            Self::NeedsOcr => "needs_ocr",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::TooLong { .. } => "too_long",
            Self::ZipBomb => "zip_bomb",
            Self::UnsupportedLanguage { .. } => "unsupported_language",
            Self::InvalidJsonResume { .. } => "invalid_json_resume",
            Self::TimedOut => "timed_out",
            Self::Crashed => "crashed",
        }
    }

    /// What is wrong and what to do about it, in words for the person who sent the file.
    #[must_use]
    pub fn detail(&self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_one_on_the_wire() {
        for refusal in [
            Refusal::Empty,
            Refusal::NeedsOcr,
            Refusal::TooLarge { limit_bytes: 1 },
            Refusal::UnsupportedLanguage { language: "deu".into() },
            Refusal::InvalidJsonResume {
                at: "/work".into(),
                expected: "a list".into(),
            },
        ] {
            let json = serde_json::to_value(&refusal).unwrap();
            assert_eq!(json["code"], refusal.code());
            assert_eq!(serde_json::from_value::<Refusal>(json).unwrap(), refusal);
        }
    }
}
