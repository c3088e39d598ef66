//! Reads scans: pictures of pages in, a structured resume out.
//!
//! A scan is read in three steps. A child process makes pictures of its pages ([`images`]); a program or a service recognises their
//! words ([`Tesseract`], or a caller's own); a child process makes a resume of these ([`resume`]). So whoever recognises text sees
//! pictures that we drew, and no byte of a stranger's file.
//!
//! **Architecture Invariant:** starts the program that it is told and itself, and nothing else; no network.

mod tesseract;

use inventure_resume::{
    Document, Limits, MediaType, PageImage, PartialDate, PdfLibrary, Refusal, Resume, ScannedPage, page_images,
    read_scanned_resume,
};
use inventure_sandbox::{Contained, Limits as Bounds, Worker, run, worker_main};
use serde::{Deserialize, Serialize};

pub use tesseract::{NotRecognised, Tesseract};

/// The name of the child process's work.
const WORKER: &str = "read-scan";

/// The longest reply: ten pictures of pages, each of at most 4.5 MB.
const REPLY_BYTES_MAX: usize = 48 << 20;

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
type Images = Result<(MediaType, Vec<Picture>), Refusal>;

/// A picture without its bytes.
#[derive(Serialize, Deserialize)]
struct Picture {
    width: f32,
    height: f32,
    bytes: usize,
}

/// Serves one request and ends the process, in a child process; does nothing in any other. Called first thing in `main`.
pub fn serve_scans() {
    worker_main(WORKER, PdfLibrary::find, |pdf, input| work(pdf.as_ref(), &input));
}

/// Returns the worker for scans of a program whose `main` calls [`serve_scans`]. File and other bounds are as another worker has them.
#[must_use]
pub fn scan_worker(other: &Worker) -> Worker {
    let limits = Bounds {
        reply_bytes_max: REPLY_BYTES_MAX,
        ..other.limits
    };
    Worker {
        name: WORKER,
        limits,
        ..other.clone()
    }
}

fn work(pdf: Option<&PdfLibrary>, input: &[u8]) -> Vec<u8> {
    let Some((request, bytes)) = first_line::<Request>(input) else {
        return Vec::new();
    };
    let limits = Limits::default();
    match request {
        Request::Images => {
            let (head, images) = match page_images(bytes, &limits, pdf) {
                Ok((media_type, images)) => (Ok((media_type, images.iter().map(Picture::of).collect())), images),
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
    let (media_type, pictures) = match head {
        Ok(head) => head,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut images = Vec::new();
    for picture in pictures {
        let (png, rest) = bytes.split_at_checked(picture.bytes).ok_or(Contained::Crashed)?;
        images.push(PageImage {
            png: png.to_vec(),
            width: picture.width,
            height: picture.height,
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
    pages: Vec<ScannedPage>,
    today: PartialDate,
) -> Result<Result<(Document, Resume), Refusal>, Contained> {
    let request = Request::Resume {
        media_type,
        pages,
        today,
    };
    let reply = run(worker, &line(&request))?;
    serde_json::from_slice(&reply).map_err(|_| Contained::Crashed)
}

impl Picture {
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
