//! The reasons for which a file is not read. A reader that cannot read says so and says what to do; it never makes a field up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The reason for which a file was refused. On the wire it is an object with a `code` and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The file holds no text.
    #[error("The file holds no text. Upload a resume with text in it.")]
    Empty,
    /// The file is not of one of the formats.
    #[error(
        "This is not a format that can be read. Upload a PDF, DOCX, ODT, RTF, HTML, plain text or JSON Resume file."
    )]
    UnsupportedFormat,
    /// The file is damaged.
    #[error("The file is damaged and cannot be read. Save it again as PDF or DOCX and upload the new file.")]
    Corrupt,
    /// The file is locked with a password.
    #[error("The file is locked with a password. Remove the password and upload it again.")]
    Encrypted,
    /// The file holds pictures of text and no text itself.
    #[error(
        "The file holds pictures of text and no text itself. Upload the original document, or run text recognition on it first."
    )]
    NeedsOcr,
    /// The file has too many bytes.
    #[error("The file is larger than {limit_bytes} bytes. Upload a smaller one, without pictures.")]
    TooLarge {
        /// The most bytes allowed.
        limit_bytes: u64,
    },
    /// The file has too many pages for a resume.
    #[error("The file has {pages} pages; a resume may have up to {limit}. Upload the resume alone.")]
    TooManyPages {
        /// The number of pages in the file.
        pages: u32,
        /// The most pages allowed.
        limit: u32,
    },
    /// The file has too much text for a resume.
    #[error("The text is longer than {limit_characters} characters. Upload the resume alone.")]
    TooLong {
        /// The most characters allowed.
        limit_characters: u32,
    },
    /// The file unpacks to far more than its size.
    #[error("The file unpacks to far more than its size and is not read. Save it again as PDF and upload that.")]
    ZipBomb,
    /// The text is not in English.
    #[error("The text seems to be in another language ({language}). Upload an English version.")]
    UnsupportedLanguage {
        /// The language found, ISO 639-3.
        language: String,
    },
    /// The file holds text, but nothing of a resume.
    #[error(
        "The file holds text, but not what a resume holds: a job or a school, or two of name, contact and skills. Upload a resume."
    )]
    NotAResume,
    /// The JSON breaks the JSON Resume schema.
    #[error("The JSON Resume is wrong at {at}: expected {expected}. Correct it and upload it again.")]
    InvalidJsonResume {
        /// The JSON Pointer to the wrong value. Empty for the whole.
        at: String,
        /// The kind of value that is expected there.
        expected: String,
    },
    /// The reading took too long. The caller that bounds it reports this.
    #[error("Reading the file took too long. Save it again as PDF or DOCX and upload the new file.")]
    TimedOut,
    /// The reader broke on the file, or needed too much memory. The caller that contains it reports this.
    #[error("The file cannot be read. Save it again as PDF or DOCX and upload the new file.")]
    Crashed,
}

impl Refusal {
    /// Returns the stable name of the reason, the same as `code` on the wire.
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
            Self::NotAResume => "not_a_resume",
            Self::InvalidJsonResume { .. } => "invalid_json_resume",
            Self::TimedOut => "timed_out",
            Self::Crashed => "crashed",
        }
    }

    /// Returns the fault and what to do about it, in words for the person who sent the file.
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
