//! Reads files into resumes. A stranger's file is read in a child process, so that one that breaks the reader breaks nothing else.

use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use inventure_ocr::{NotRecognised, Tesseract};
use inventure_ranking::profile::Reading;
use inventure_resume::{Hint, Limits, PDF_LIBRARIES, PageImage, PartialDate, PdfLibrary, Refusal, Resume, is_pdf};
use inventure_sandbox::{Contained, Limits as Bounds, Worker, run};
use serde::{Deserialize, Serialize};

use crate::{
    cache::{self, Cache},
    input,
    progress::Progress,
    refused::Refused,
};

/// The name of the child process's work.
pub const WORKER: &str = "read-resume";

/// The limits on the work of reading one file.
const BOUNDS: Bounds = Bounds {
    wall: Duration::from_secs(20),
    cpu: Duration::from_secs(15),
    address_space_bytes: 1 << 30,
    reply_bytes_max: 8 << 20,
};

/// A file that was read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Read {
    /// The resume that was read from the file.
    pub resume: Resume,
    /// Its text, which spans point into.
    pub text: String,
}

impl Read {
    /// Returns what a profile is made of, as in the service: the fields.
    pub fn reading(&self) -> Reading<'_> {
        (&self.resume).into()
    }
}

/// The first line of a request; the file's bytes follow.
#[derive(Serialize, Deserialize)]
struct Request {
    /// A name with the ending of the file's own. The rest is of no use, and a renamed file is still the same request.
    file_name: String,
    today: PartialDate,
}

/// Does the work of the child process. It takes a line of JSON, then the file, and answers with JSON.
#[must_use]
pub fn work(pdf: Option<&PdfLibrary>, input: &[u8]) -> Vec<u8> {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
        return Vec::new();
    };
    let Ok(request) = serde_json::from_slice::<Request>(&input[..end]) else {
        return Vec::new();
    };
    let bytes = &input[end + 1..];
    let hint = Hint {
        file_name: Some(&request.file_name),
        media_type: None,
    };
    let read = || {
        let (document, resume) = inventure_resume::read_resume(bytes, hint, &Limits::default(), pdf, request.today)?;
        Ok::<Read, Refusal>(Read {
            resume,
            text: document.text,
        })
    };
    let own = own_resume(bytes).map(|resume| Read {
        resume,
        text: String::new(),
    });
    let outcome = own.map_or_else(read, Ok);
    serde_json::to_vec(&outcome).unwrap_or_default()
}

/// A resume that `inventure parse --json` wrote, alone or in its line. It is told from a JSON Resume by its members.
fn own_resume(bytes: &[u8]) -> Option<Resume> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let mut value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    if value.get("status").is_some() {
        value = value.get_mut("resume")?.take();
    }
    let ours = ["experience", "emails", "total_months", "headline"]
        .iter()
        .any(|member| value.get(member).is_some())
        || value.pointer("/name/value").is_some();
    let theirs = ["basics", "work"].iter().any(|member| value.get(member).is_some());
    (ours && !theirs).then(|| serde_json::from_value(value).ok()).flatten()
}

/// The file of the PDF library: the one that was named, or where it usually lies.
fn pdf_library() -> Option<PathBuf> {
    let named = std::env::var_os("INVENTURE_PDF_LIBRARY").filter(|file| !file.is_empty());
    let usual = || {
        let known = PDF_LIBRARIES
            .iter()
            .find(|(architecture, _)| *architecture == std::env::consts::ARCH);
        Some(cache::users_cache()?.join(format!("pdfium/{}.so", known?.1)))
    };
    named.map(PathBuf::from).or_else(usual)
}

/// Reads files in child processes of this program.
pub struct Reader {
    worker: Worker,
    today: PartialDate,
    cache: Option<Cache>,
    ocr: Option<Tesseract>,
}

impl Reader {
    /// Makes a reader for which it is this month. With a cache, it keeps what it reads. With `ocr` it reads scans too.
    pub fn new(cache: Option<Cache>, ocr: bool) -> Result<Self, Box<dyn Error>> {
        let ocr = ocr
            .then(|| Tesseract::find().ok_or("--ocr needs the program tesseract, which no folder of PATH has"))
            .transpose()?;
        let worker = Worker {
            exe: std::env::current_exe()?,
            name: WORKER,
            file: pdf_library().filter(|file| file.is_file()),
            limits: BOUNDS,
        };
        let today = today();
        let today = PartialDate::year_month(today.year().unsigned_abs(), today.month().unsigned_abs())?;
        Ok(Self {
            worker,
            today,
            cache,
            ocr,
        })
    }

    /// Returns the cache that this reader was given.
    pub fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
    }

    /// Reads one file, or standard input.
    pub fn read(&self, path: &Path) -> Result<Read, Refused> {
        self.read_bytes(path, &bytes(path)?)
    }

    /// Reads the bytes of one file.
    pub fn read_bytes(&self, path: &Path, bytes: &[u8]) -> Result<Read, Refused> {
        if self.worker.file.is_none() && is_pdf(bytes) {
            let place = pdf_library().map_or_else(String::new, |file| format!(" at {}", file.display()));
            return Err(Refused::unreadable(io::Error::other(format!(
                "no PDF library{place}: `cargo xtask tools` fetches it, or name its file with INVENTURE_PDF_LIBRARY"
            ))));
        }
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        let mut request = serde_json::to_vec(&Request {
            file_name: format!("file.{ending}"),
            today: self.today,
        })
        .unwrap_or_default();
        request.push(b'\n');
        request.extend(bytes);
        let plain = || run(&self.worker, &request).map_err(told);
        match (self.answer(WORKER, &request, plain)?, &self.ocr) {
            (Err(Refusal::NeedsOcr), Some(ocr)) => {
                let kind = format!("scan {}", ocr.identity());
                let scanned = self.answer(&kind, &request, || self.recognise(ocr, bytes))?;
                scanned.map_err(Refused::from)
            }
            (outcome, _) => outcome.map_err(Refused::from),
        }
    }

    /// Reads a file whose pages are pictures; the reply is as that of [`work`].
    fn recognise(&self, ocr: &Tesseract, bytes: &[u8]) -> Result<Vec<u8>, Refused> {
        let worker = inventure_ocr::scan_worker(&self.worker);
        let outcome = match inventure_ocr::images(&worker, bytes).map_err(told)? {
            Ok((media_type, images)) => {
                let page = |image: PageImage| match ocr.words(&image) {
                    Ok(words) => Ok(image.with_words(words)),
                    Err(NotRecognised::Program(Contained::TimedOut)) => Err(Refusal::TimedOut.into()),
                    Err(fault) => Err(Refused::unreadable(io::Error::other(fault))),
                };
                let pages = images.into_iter().map(page).collect::<Result<_, Refused>>()?;
                inventure_ocr::resume(&worker, media_type, pages, self.today).map_err(told)?
            }
            Err(refusal) => Err(refusal),
        };
        let outcome = outcome.map(|(document, resume)| Read {
            resume,
            text: document.text,
        });
        Ok(serde_json::to_vec(&outcome).unwrap_or_default())
    }

    /// Has a request answered by the cache, or by `work`. The reply depends on nothing but the kind, the request and this program.
    fn answer(
        &self,
        kind: &str,
        request: &[u8],
        work: impl FnOnce() -> Result<Vec<u8>, Refused>,
    ) -> Result<Result<Read, Refusal>, Refused> {
        let kept = self.cache.as_ref().map(|cache| (cache, cache.key(kind, request)));
        let known = kept.as_ref().and_then(|(cache, key)| cache.get(key));
        if let Some(outcome) = known.and_then(|reply| serde_json::from_slice(&reply).ok()) {
            return Ok(outcome);
        }
        let reply = work()?;
        let outcome = serde_json::from_slice(&reply).map_err(|_| Refused::from(Refusal::Crashed))?;
        if let Some((cache, key)) = kept {
            cache.put(&key, &reply);
        }
        Ok(outcome)
    }

    /// Reads many files, on every core; in the order given.
    pub fn read_all(&self, paths: &[PathBuf], progress: &Progress) -> Vec<Result<Read, Refused>> {
        let next = AtomicUsize::new(0);
        let mut read: Vec<(usize, Result<Read, Refused>)> = thread::scope(|scope| {
            let threads: Vec<_> = (0..cores().min(paths.len()))
                .map(|_| {
                    scope.spawn(|| {
                        let mut mine = Vec::new();
                        while let Some((index, path)) = {
                            let index = next.fetch_add(1, Ordering::Relaxed);
                            paths.get(index).map(|path| (index, path))
                        } {
                            mine.push((index, self.read(path)));
                            progress.step();
                        }
                        mine
                    })
                })
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap_or_default())
                .collect()
        });
        read.sort_by_key(|(index, _)| *index);
        read.into_iter().map(|(_, outcome)| outcome).collect()
    }
}

/// Returns why there is no reply, as it is told of a file.
fn told(contained: Contained) -> Refused {
    match contained {
        Contained::TimedOut => Refusal::TimedOut.into(),
        Contained::Start(error) => Refused::unreadable(error),
        _ => Refusal::Crashed.into(),
    }
}

/// Returns the bytes of a file that may be a resume.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Refused> {
    let limit_bytes = Limits::default().bytes_max;
    input::bytes(path, limit_bytes).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => Refusal::TooLarge { limit_bytes }.into(),
        _ => Refused::unreadable(error),
    })
}

/// Returns the number of cores there are to work on.
#[must_use]
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Returns today's date on this machine.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the command line is an adapter: this is where the clock is read"
)]
pub fn today() -> jiff::civil::Date {
    jiff::Zoned::now().date()
}
