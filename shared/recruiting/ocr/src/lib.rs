//! Reads scans: pictures of pages in, a structured resume out.
//!
//! A scan is read in three steps. A child process makes pictures of its pages ([`images`]); a program or a service recognises their
//! words ([`Tesseract`], or a caller's own); a child process makes a resume of these ([`resume`]). So whoever recognises text sees
//! pictures that we drew, and no byte of a stranger's file.
//!
//! **Architecture Invariant:** starts the program that it is told and itself, and nothing else; no network.

mod tesseract;

use std::path::Path;

use inventure_resume::{
    Document, Limits, MediaType, PageImage, PartialDate, PdfLibrary, Refusal, Resume, ScannedPage, ScannedWord,
    page_images, read_scanned_resume,
};
use inventure_sandbox::{Contained, Worker, run};
use serde::{Deserialize, Serialize};

pub use tesseract::{NotRecognised, Tesseract};

/// The name of the child process's work.
pub const WORKER: &str = "read-scan";

/// The first line of a request. The file's bytes follow it, where pictures are asked for.
#[derive(Serialize, Deserialize)]
enum Request {
    Images,
    Resume {
        media_type: MediaType,
        pages: Vec<ScannedPage>,
        today: PartialDate,
    },
}

/// The first line of a reply to [`Request::Images`]. The pictures' bytes follow it, one after the other.
type Images = Result<(MediaType, Vec<Sheet>), Refusal>;

/// A picture without its bytes.
#[derive(Serialize, Deserialize)]
struct Sheet {
    width: f32,
    height: f32,
    bytes: usize,
}

/// Loads the library for PDF files. Without it none is read.
#[must_use]
pub fn prepare(file: Option<&Path>) -> Option<PdfLibrary> {
    file.and_then(|file| PdfLibrary::open(file).ok())
}

/// Does the work of the child process, whose `main` serves this under [`WORKER`].
#[must_use]
pub fn work(pdf: Option<&PdfLibrary>, input: &[u8]) -> Vec<u8> {
    let Some((request, bytes)) = first_line::<Request>(input) else {
        return Vec::new();
    };
    let limits = Limits::default();
    match request {
        Request::Images => {
            let (head, images) = match page_images(bytes, &limits, pdf) {
                Ok((media_type, images)) => (Ok((media_type, images.iter().map(Sheet::of).collect())), images),
                Err(refusal) => (Err(refusal), Vec::new()),
            };
            let mut reply = line(&head as &Images);
            for image in images {
                reply.extend(image.png);
            }
            reply
        }
        Request::Resume {
            media_type,
            pages,
            today,
        } => line(&read_scanned_resume(media_type, &pages, &limits, today)),
    }
}

/// Makes pictures of the pages of a file, in a child process.
///
/// # Errors
/// [`Contained`] where the child gave no reply. A file that has no pictures of pages is a [`Refusal`].
pub fn images(worker: &Worker, file: &[u8]) -> Result<Result<(MediaType, Vec<PageImage>), Refusal>, Contained> {
    let mut request = line(&Request::Images);
    request.extend(file);
    let reply = run(worker, &request)?;
    let (head, mut bytes) = first_line::<Images>(&reply).ok_or(Contained::Crashed)?;
    let (media_type, sheets) = match head {
        Ok(head) => head,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut images = Vec::new();
    for sheet in sheets {
        let (png, rest) = bytes.split_at_checked(sheet.bytes).ok_or(Contained::Crashed)?;
        images.push(PageImage {
            png: png.to_vec(),
            width: sheet.width,
            height: sheet.height,
        });
        bytes = rest;
    }
    Ok(Ok((media_type, images)))
}

/// Makes a resume of the words that were recognised on pictures of pages, in a child process.
///
/// # Errors
/// [`Contained`] where the child gave no reply. Words that are no resume are a [`Refusal`].
pub fn resume(
    worker: &Worker,
    media_type: MediaType,
    pages: Vec<(PageImage, Vec<ScannedWord>)>,
    today: PartialDate,
) -> Result<Result<(Document, Resume), Refusal>, Contained> {
    let page = |(image, words): (PageImage, Vec<ScannedWord>)| ScannedPage {
        width: image.width,
        height: image.height,
        words,
    };
    let request = Request::Resume {
        media_type,
        pages: pages.into_iter().map(page).collect(),
        today,
    };
    let reply = run(worker, &line(&request))?;
    serde_json::from_slice(&reply).map_err(|_| Contained::Crashed)
}

impl Sheet {
    fn of(image: &PageImage) -> Self {
        Self {
            width: image.width,
            height: image.height,
            bytes: image.png.len(),
        }
    }
}

/// Writes a value as a line of JSON.
fn line<T: Serialize>(value: &T) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Reads the value in the first line, and returns what follows.
fn first_line<'a, T: for<'de> Deserialize<'de>>(bytes: &'a [u8]) -> Option<(T, &'a [u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((serde_json::from_slice(&bytes[..end]).ok()?, &bytes[end + 1..]))
}
