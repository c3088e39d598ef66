//! Reads bytes to a structured résumé, at arm's length.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use inventure_api::batch::Failure;
use inventure_ocr::{images, resume, scan_worker, serve_scans};
use inventure_resume::{Document, Hint, Limits, PartialDate, PdfLibrary, Refusal, Resume, boxes, read_resume};
use inventure_sandbox::{Contained, Landlock, Limits as Bounds, Worker, run, sandbox, worker_main};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use crate::{library::LibraryFile, ocr::Ocr};

/// The name of the child process's work.
pub const WORKER: &str = "read-resume";

/// The longest time for a message: its file is read, also as a scan, and the outcome is written.
pub const LONGEST: Duration = BOUNDS
    .wall
    .saturating_add(SCAN_LONGEST)
    .saturating_add(Duration::from_secs(5));

/// The longest time for reading a scan; a page takes a second or three.
const SCAN_LONGEST: Duration = Duration::from_secs(50);

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

impl From<(Document, Resume)> for Read {
    fn from((document, resume): (Document, Resume)) -> Self {
        Self {
            resume,
            boxes: boxes::pack(&document.words),
            text: document.text,
            limit_characters: Limits::default().characters_max,
        }
    }
}

/// A reader of candidates' files.
///
/// # Errors
/// Fails only when the reader itself cannot be started; a file that cannot be read is a [`Refusal`], not an error.
#[async_trait]
pub trait Reader: Send + Sync {
    /// Reads one file.
    async fn read(&self, bytes: &[u8], file_name: String, now: Timestamp) -> Result<Result<Read, Refusal>, Failure>;

    /// Whether text on pictures is recognised here.
    fn reads_scans(&self) -> bool;

    /// Reads one file whose pages are pictures. Where text is not recognised here, it is refused.
    async fn read_scan(&self, bytes: &[u8], now: Timestamp) -> Result<Result<Read, Refusal>, Failure>;
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
    let mut input = serde_json::to_vec(&Request {
        file_name,
        today: month_of(now)?,
        file_bytes: bytes.len(),
    })?;
    input.push(b'\n');
    input.extend(bytes);
    Ok(input)
}

fn month_of(now: Timestamp) -> Result<PartialDate, Failure> {
    let today = now.to_zoned(TimeZone::UTC).date();
    Ok(PartialDate::year_month(
        today.year().unsigned_abs(),
        today.month().unsigned_abs(),
    )?)
}

/// Serves one file and ends the process, in a child process; does nothing in any other. Called first thing in `main`.
pub fn serve_child() {
    worker_main(WORKER, PdfLibrary::find, |pdf, input| work(pdf.as_ref(), &input));
    serve_scans();
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
    let outcome = read_resume(bytes, hint, &limits, pdf, request.today).map(Read::from);
    serde_json::to_vec(&outcome).unwrap_or_default()
}

/// A reader that works in a child process of this same program.
pub struct ContainedReader {
    worker: Worker,
    pdfium: LibraryFile,
    ocr: Option<Arc<dyn Ocr>>,
}

impl ContainedReader {
    /// Creates a reader that starts `exe`, a program whose `main` calls [`serve_child`]. Without `ocr` it refuses scans.
    #[must_use]
    pub fn new(exe: PathBuf, pdfium: LibraryFile, ocr: Option<Arc<dyn Ocr>>) -> Self {
        Self {
            worker: Worker {
                exe,
                name: WORKER,
                file: None,
                limits: BOUNDS,
            },
            pdfium,
            ocr,
        }
    }

    /// Reads a file whose pages are pictures.
    async fn recognise(&self, ocr: &dyn Ocr, bytes: Vec<u8>, now: Timestamp) -> Result<Result<Read, Refusal>, Failure> {
        let mut worker = scan_worker(&self.worker);
        if inventure_resume::is_pdf(&bytes) {
            worker.file = Some(self.pdfium.path().await?);
        }
        let today = month_of(now)?;
        let drawer = worker.clone();
        let (media_type, images) = match spawn_blocking(move || images(&drawer, &bytes)).await? {
            Ok(Ok(drawn)) => drawn,
            Ok(Err(refusal)) => return Ok(Err(refusal)),
            Err(contained) => return refusal_of(contained).map(Err),
        };
        let mut pages = Vec::new();
        for image in images {
            match ocr.words(&image).await? {
                Ok(words) => pages.push(image.with_words(words)),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        match spawn_blocking(move || resume(&worker, media_type, pages, today)).await? {
            Ok(outcome) => Ok(outcome.map(Read::from)),
            Err(contained) => refusal_of(contained).map(Err),
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

/// Returns the refusal of a file that broke its reader, or took it too long.
fn refusal_of(contained: Contained) -> Result<Refusal, Failure> {
    match contained {
        Contained::TimedOut => Ok(Refusal::TimedOut),
        Contained::Start(error) => Err(error.into()),
        _ => Ok(Refusal::Crashed),
    }
}

#[async_trait]
impl Reader for ContainedReader {
    async fn read(&self, bytes: &[u8], file_name: String, now: Timestamp) -> Result<Result<Read, Refusal>, Failure> {
        let input = request(bytes, file_name, now)?;
        let mut worker = self.worker.clone();
        let is_pdf = inventure_resume::is_pdf(bytes);
        if is_pdf {
            worker.file = Some(self.pdfium.path().await?);
        }
        let outcome = match spawn_blocking(move || run(&worker, &input)).await? {
            Ok(reply) => serde_json::from_slice(&reply)?,
            Err(contained) => Err(refusal_of(contained)?),
        };
        match outcome {
            // Ours to mend, and no word about the file: the message comes again.
            Err(Refusal::UnsupportedFormat) if is_pdf => Err("the PDF library cannot be loaded".into()),
            outcome => Ok(outcome),
        }
    }

    fn reads_scans(&self) -> bool {
        self.ocr.is_some()
    }

    async fn read_scan(&self, bytes: &[u8], now: Timestamp) -> Result<Result<Read, Refusal>, Failure> {
        let Some(ocr) = &self.ocr else {
            return Ok(Err(Refusal::NeedsOcr));
        };
        let read = self.recognise(ocr.as_ref(), bytes.to_vec(), now);
        let read = tokio::time::timeout(SCAN_LONGEST, read).await;
        read.unwrap_or(Ok(Err(Refusal::TimedOut)))
    }
}
