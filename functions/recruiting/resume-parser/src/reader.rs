//! Reads bytes to a structured résumé, at arm's length.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use inventure_api::batch::Failure;
use inventure_resume::{Hint, Limits, PartialDate, PdfLibrary, Refusal, Resume, boxes, read_resume};
use inventure_sandbox::{Contained, Landlock, Limits as Bounds, Worker, run, sandbox};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::library::LibraryFile;

/// The name of the child process's work.
pub const WORKER: &str = "read-resume";

/// The longest time that a message may take: the reading of its file, and what is written of it.
pub const LONGEST: Duration = BOUNDS.wall.saturating_add(Duration::from_secs(5));

/// The bounds on reading one file. An honest résumé takes some hundredths of a second and some tens of MB.
const BOUNDS: Bounds = Bounds {
    wall: Duration::from_secs(20),
    cpu: Duration::from_secs(15),
    address_space_bytes: 768 << 20,
    reply_bytes_max: 8 << 20,
};

/// A file that could be read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Read {
    /// The structured résumé.
    pub resume: Resume,
    /// The text of the file.
    pub text: String,
    /// The places of its words, as [`boxes`] packs them.
    pub boxes: Vec<u8>,
    /// The most characters that would have been read.
    pub limit_characters: u32,
}

/// A reader of candidates' files.
///
/// # Errors
/// Fails only when the reader itself cannot be started; a file that cannot be read is a [`Refusal`], not an error.
#[async_trait]
pub trait Reader: Send + Sync {
    /// Reads one file.
    async fn read(&self, bytes: Vec<u8>, file_name: String, now: Timestamp) -> Result<Result<Read, Refusal>, Failure>;
}

/// The request to the child process.
#[derive(Serialize, Deserialize)]
struct Request {
    file_name: String,
    today: PartialDate,
    file_bytes: usize,
}

/// Builds the input of [`work`] for a file.
pub fn request(bytes: &[u8], file_name: String, now: Timestamp) -> Result<Vec<u8>, Failure> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let today = PartialDate::year_month(today.year().unsigned_abs(), today.month().unsigned_abs())?;
    let mut input = serde_json::to_vec(&Request {
        file_name,
        today,
        file_bytes: bytes.len(),
    })?;
    input.push(b'\n');
    input.extend(bytes);
    Ok(input)
}

/// Loads the library for PDF files. Without it none is read.
#[must_use]
pub fn prepare(file: Option<&Path>) -> Option<PdfLibrary> {
    file.and_then(|file| PdfLibrary::open(file).ok())
}

/// Does the work of the child process. It takes a line of JSON, then the file, and answers with JSON.
#[must_use]
pub fn work(pdf: Option<&PdfLibrary>, input: &[u8]) -> Vec<u8> {
    let Some(line_end) = input.iter().position(|byte| *byte == b'\n') else {
        return Vec::new();
    };
    let Ok(request) = serde_json::from_slice::<Request>(&input[..line_end]) else {
        return Vec::new();
    };
    let bytes = &input[line_end + 1..];
    if bytes.len() != request.file_bytes {
        return Vec::new();
    }
    let limits = Limits::default();
    let hint = Hint {
        file_name: Some(&request.file_name),
        media_type: None,
    };
    let outcome = read_resume(bytes, hint, &limits, pdf, request.today).map(|(document, resume)| Read {
        resume,
        boxes: boxes::pack(&document.words),
        text: document.text,
        limit_characters: limits.characters_max,
    });
    serde_json::to_vec(&outcome).unwrap_or_default()
}

/// A reader that works in a child process of this same program.
pub struct ContainedReader {
    worker: Worker,
    pdfium: LibraryFile,
}

impl ContainedReader {
    /// Creates a reader that starts `exe`, a program whose `main` serves [`work`] under [`WORKER`].
    #[must_use]
    pub fn new(exe: PathBuf, pdfium: LibraryFile) -> Self {
        Self {
            worker: Worker {
                exe,
                name: WORKER,
                file: None,
                limits: BOUNDS,
            },
            pdfium,
        }
    }

    /// Logs how the child processes are held.
    ///
    /// # Errors
    /// Fails where the kernel cannot hold them: then no stranger's file is read.
    pub fn report(&self) -> Result<(), Failure> {
        match sandbox(&self.worker)? {
            Landlock::Full => tracing::info!(landlock = "full", "reader.contained"),
            less => {
                tracing::warn!(landlock = %less, "reader.contained by its filter of system calls and less of Landlock");
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Reader for ContainedReader {
    async fn read(&self, bytes: Vec<u8>, file_name: String, now: Timestamp) -> Result<Result<Read, Refusal>, Failure> {
        let input = request(&bytes, file_name, now)?;
        let mut worker = self.worker.clone();
        let is_pdf = inventure_resume::is_pdf(&bytes);
        if is_pdf {
            worker.file = Some(self.pdfium.path().await?);
        }
        let reply = tokio::task::spawn_blocking(move || run(&worker, &input)).await?;
        Ok(match reply {
            Ok(reply) => match serde_json::from_slice(&reply)? {
                // Ours to mend, and no word about the file: the message comes again.
                Err(Refusal::UnsupportedFormat) if is_pdf => return Err("the PDF library cannot be loaded".into()),
                outcome => outcome,
            },
            Err(Contained::TimedOut) => Err(Refusal::TimedOut),
            Err(Contained::Start(error)) => return Err(error.into()),
            Err(_) => Err(Refusal::Crashed),
        })
    }
}
