//! Reads files into resumes. A stranger's file is read in a child process, so that one that breaks the reader breaks nothing else.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use inventure_ranking::profile::Reading;
use inventure_resume::{Hint, Limits, PartialDate, Refusal, Resume};
use inventure_sandbox::{Contained, Limits as Bounds, Worker};
use serde::{Deserialize, Serialize};

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
    /// Returns the resume and its text, of which a profile is made.
    pub fn reading(&self) -> Reading<'_> {
        (&self.resume, self.text.as_str()).into()
    }
}

/// The reason for which there is nothing to show of a file.
#[derive(Debug, Clone)]
pub struct Refused {
    /// A stable name for the reason.
    pub reason: String,
    /// Advice in words on what to do about it.
    pub detail: String,
    /// Whether the file itself could not be opened.
    pub unreadable: bool,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            reason: refusal.code().to_owned(),
            detail: refusal.detail(),
            unreadable: false,
        }
    }
}

/// The first line of a request; the file's bytes follow.
#[derive(Serialize, Deserialize)]
struct Request {
    file_name: String,
    today: PartialDate,
}

/// Does the work of the child process. It takes a line of JSON, then the file, and answers with JSON.
#[must_use]
pub fn work(input: &[u8]) -> Vec<u8> {
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
        let document = inventure_resume::read(bytes, hint, &Limits::default())?;
        let resume = inventure_resume::parse(&document, request.today);
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

/// Reads files in child processes of this program.
pub struct Reader {
    worker: Worker,
    today: PartialDate,
}

impl Reader {
    /// Makes a reader for which it is this month.
    pub fn new() -> Result<Self, Box<dyn Error>> {
        let worker = Worker {
            exe: std::env::current_exe()?,
            name: WORKER,
            limits: BOUNDS,
        };
        let today = today();
        let today = PartialDate::year_month(today.year().unsigned_abs(), today.month().unsigned_abs())?;
        Ok(Self { worker, today })
    }

    /// Reads one file.
    pub fn read(&self, path: &Path) -> Result<Read, Refused> {
        let unreadable = |error: std::io::Error| Refused {
            reason: "unreadable".to_owned(),
            detail: format!("The file cannot be opened: {error}."),
            unreadable: true,
        };
        let limit_bytes = Limits::default().bytes_max;
        let metadata = fs::metadata(path).map_err(unreadable)?;
        if metadata.len() > limit_bytes {
            return Err(Refusal::TooLarge { limit_bytes }.into());
        }
        let bytes = fs::read(path).map_err(unreadable)?;
        let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut input = serde_json::to_vec(&Request {
            file_name,
            today: self.today,
        })
        .unwrap_or_default();
        input.push(b'\n');
        input.extend(bytes);
        let crashed = |_| Refused::from(Refusal::Crashed);
        match inventure_sandbox::run(&self.worker, &input) {
            Ok(reply) => {
                let outcome: Result<Read, Refusal> = serde_json::from_slice(&reply).map_err(crashed)?;
                outcome.map_err(Refused::from)
            }
            Err(Contained::TimedOut) => Err(Refusal::TimedOut.into()),
            Err(Contained::Start(error)) => Err(unreadable(error)),
            Err(_) => Err(Refusal::Crashed.into()),
        }
    }

    /// Reads many files, on every core; in the order given.
    pub fn read_all(&self, paths: &[PathBuf]) -> Vec<Result<Read, Refused>> {
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
