//! Files that people give each other: posted by a form, held to their hash, fetched by a link.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    form::{FormSigner, UploadForm},
    link::LinkSigner,
    objects::Objects,
    table::StoreError,
};

/// The media types of files that come up in this work: text, scans, spreadsheets, mail.
pub const MEDIA_TYPES: [&str; 12] = [
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/rtf",
    "message/rfc822",
    "text/plain",
    "text/csv",
    "image/png",
    "image/jpeg",
    "image/tiff",
];

/// The content of a file, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileContent {
    /// The size in bytes.
    pub bytes: u64,
    /// The SHA-256 hash of the file, hexadecimal.
    pub sha256: String,
}

/// The reasons for which a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The person who sent it can mend it.
    #[error("{field}: {message}")]
    Refused {
        /// The field of the request that is wrong.
        field: &'static str,
        /// The reason for which the field is wrong.
        message: String,
    },
    /// The bucket failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FileError {
    fn refused(field: &'static str, message: impl Into<String>) -> Self {
        Self::Refused {
            field,
            message: message.into(),
        }
    }
}

/// A bucket of such files.
#[derive(Clone)]
pub struct Files {
    /// The bucket that the files lie in.
    pub objects: Arc<dyn Objects>,
    /// Signs forms to upload one with.
    pub forms: FormSigner,
    /// Signs links to fetch one by.
    pub links: LinkSigner,
    /// The largest file.
    pub max_bytes: u64,
}

impl Files {
    /// A form for a file of this size and one of these media types, posted to this object.
    pub async fn form(
        &self,
        object: &str,
        size_bytes: u64,
        (media_type, known): (&str, &[&str]),
        now: Timestamp,
    ) -> Result<UploadForm, FileError> {
        if size_bytes > self.max_bytes {
            return Err(FileError::refused(
                "size_bytes",
                format!("at most {} bytes", self.max_bytes),
            ));
        }
        if !known.contains(&media_type) {
            return Err(FileError::refused("media_type", format!("one of {}", known.join(", "))));
        }
        Ok(self.forms.sign(object, media_type, size_bytes, now).await?)
    }

    /// Takes a file that was posted: reads it, holds it to its hash, and puts it where no form reaches. The posted object is
    /// not trusted to stay: it may be posted again until the form expires. `field` is what a problem with the file is said
    /// of.
    pub async fn take(
        &self,
        posted: &str,
        object: &str,
        sha256: &str,
        field: &'static str,
    ) -> Result<FileContent, FileError> {
        let bytes = match self.objects.get(posted, self.max_bytes).await {
            Ok(bytes) => bytes.ok_or_else(|| FileError::refused(field, "post its file first"))?,
            Err(StoreError::TooLarge) => return Err(FileError::refused(field, "its file is too large")),
            Err(error) => return Err(error.into()),
        };
        let found = hex::encode(Sha256::digest(&bytes));
        if found != sha256 {
            let detail = format!("the file that was posted has another hash: {found}");
            return Err(FileError::refused("sha256", detail));
        }
        let content = FileContent {
            bytes: bytes.len() as u64,
            sha256: found,
        };
        // Of two who take at once the first counts, and whoever died in between finds what they put.
        if !self.objects.add(object, bytes).await? {
            let there = self.objects.get(object, self.max_bytes).await?.unwrap_or_default();
            if hex::encode(Sha256::digest(&there)) != content.sha256 {
                return Err(FileError::refused(
                    field,
                    "another file was taken for it; ask for another form",
                ));
            }
        }
        Ok(content)
    }
}
