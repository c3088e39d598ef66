//! Feeds mutated files to the reader for some minutes, and keeps what it finds.
//!
//! ```text
//! INVENTURE_PDF_LIBRARY=… cargo run --release -p inventure-resume --example fuzz_read -- CORPUS MINUTES [SEEDS…]
//! ```
//!
//! `CORPUS` is a folder of its own. The files of the folders `SEEDS` are copied into it at first; inputs that lead to an outcome of a
//! new kind are added. Another call with the same folder goes on where the last one stopped. Each input is read in a child process that is
//! started anew when it dies or takes longer than [`LONGEST`]. Inputs that crash, panic, hang or break a promise are kept under
//! `CORPUS/found/`, and the program ends with an error where there are any.
#![expect(clippy::print_stdout, reason = "an example speaks to a terminal")]

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    io::{Cursor, Read as _, Write as _},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use inventure_core::Span;
use inventure_resume::{
    Document, Hint, Limits, MediaType, PartialDate, PdfLibrary, Resume, boxes, json_resume, read, read_resume,
};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// The longest that one input may take; an honest one takes some hundredths of a second.
const LONGEST: Duration = Duration::from_secs(10);

/// The most files of the corpus, and the most bytes of one.
const CORPUS_MAX: usize = 3_000;
const BYTES_MAX: usize = 400_000;

/// Texts that readers look for.
const TOKENS: &[&[u8]] = &[
    b"\n\n",
    b"\t",
    b"Present",
    b"2019 - 2021",
    b"31/12/2020",
    b"EXPERIENCE\n",
    b"\xe2\x80\xa2 ",
    b"\xef\xbb\xbf",
    b"\0",
    b"\xff\xfe",
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"\\u0000",
    b"{\\rtf1 ",
    b"\\par ",
    b"\\'e9",
    b"\\bin99999 ",
    b"<table><tr><td>",
    b"</td>",
    b"<p hidden>",
    b"&#x1F600;",
    b"<w:p>",
    b"</w:p>",
    b"<w:vanish/>",
    b"<w:tbl>",
    b"<text:p>",
    b"<text:s text:c=\"99999\"/>",
    b"stream\n",
    b"endstream",
    b"endobj\n",
    b"/Rotate 90",
    b"/Length 0",
    b"1 0 obj",
    b"BT /F1 12 Tf (x) Tj ET",
    b"%PDF-1.7",
    b"a@b.example",
    b"+44 20 7946 0958",
    b"https://",
];

/// A small generator (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn range(&mut self, length: usize, longest: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        start..(start + self.below(longest) + 1).min(length)
    }
}

fn mutated(bytes: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    if bytes.starts_with(b"PK")
        && random.below(4) > 0
        && let Some(packed) = inside_of_a_package(bytes, other, random)
    {
        return packed;
    }
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(6) {
        let length = bytes.len();
        match random.below(7) {
            0 if length > 0 => {
                let at = random.below(length);
                bytes[at] ^= 1 << random.below(8);
            }
            1 if length > 0 => {
                let at = random.below(length);
                bytes[at] = [0, 0x20, 0x30, 0x7f, 0x80, 0xff][random.below(6)];
            }
            2 => _ = bytes.drain(random.range(length, 200)),
            3 => {
                let part = bytes[random.range(length, 400)].to_vec();
                let (at, times) = (random.below(length + 1), 1 + random.below(30));
                bytes.splice(at..at, part.repeat(times));
            }
            4 => {
                let part = other[random.range(other.len(), 2_000)].to_vec();
                let at = random.below(length + 1);
                bytes.splice(at..at, part);
            }
            5 => bytes.truncate(random.below(length + 1).max(length / 2)),
            _ => {
                let at = random.below(length + 1);
                bytes.splice(at..at, TOKENS[random.below(TOKENS.len())].iter().copied());
            }
        }
    }
    bytes.truncate(BYTES_MAX);
    bytes
}

/// Changes one file of a package, so that the rest of it can still be unpacked.
fn inside_of_a_package(bytes: &[u8], other: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut package = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let changed = random.below(package.len());
    let mut written = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..package.len() {
        let file = package.by_index(index).ok()?;
        let name = file.name().ok()?.into_owned();
        let mut content = Vec::new();
        file.take(BYTES_MAX as u64).read_to_end(&mut content).ok()?;
        // Most of the text is in one file; it is changed most often.
        if index == changed
            || (random.below(2) == 0 && (name.ends_with("document.xml") || name.ends_with("content.xml")))
        {
            content = mutated(&content, other, random);
        }
        written.start_file(name, SimpleFileOptions::default()).ok()?;
        written.write_all(&content).ok()?;
    }
    Some(written.finish().ok()?.into_inner())
}

/// Checks what holds for every file that is read, and tells the kind of its outcome.
fn outcome(bytes: &[u8], pdf: Option<&PdfLibrary>) -> Result<String, String> {
    let limits = Limits::default();
    let today = PartialDate::year_month(2026, 11).map_err(|error| error.to_string())?;
    let (document, resume) = match read_resume(bytes, Hint::default(), &limits, pdf, today) {
        Ok(read) => read,
        Err(refusal) => return Ok(refusal.code().to_owned()),
    };
    promises(&document, &resume, limits.characters_max)?;
    let size = |count: usize| count.checked_ilog2().unwrap_or_default();
    Ok(format!(
        "{:?} {} {} {} {} {}",
        document.media_type,
        size(document.text.len()),
        size(resume.experience.len()),
        size(resume.education.len()),
        size(resume.skills.len()),
        u8::from(resume.name.is_some())
            + 2 * u8::from(resume.phones.is_empty())
            + 4 * u8::from(resume.location.is_some()),
    ))
}

fn promises(document: &Document, resume: &Resume, characters_max: u32) -> Result<(), String> {
    let characters = document.text.chars().count();
    if document.text.trim().is_empty() || characters > characters_max as usize {
        return Err(format!("a text of {characters} characters"));
    }
    let inside = |span: &Span| span.start < span.end && span.end as usize <= characters;
    let mut spans = Vec::new();
    places(
        &serde_json::to_value(resume).map_err(|error| error.to_string())?,
        &mut spans,
    );
    if let Some(span) = spans.iter().find(|span| !inside(span)) {
        return Err(format!("a field at {span:?} of {characters} characters"));
    }
    let boxes = boxes::unpack(&boxes::pack(&document.words));
    if let Some(word) = boxes
        .iter()
        .find(|word| word.start >= word.end || word.end as usize > characters)
    {
        return Err(format!("a word at {word:?} of {characters} characters"));
    }
    // What a resume gives out, it takes in.
    let export = json_resume::export(resume);
    let bytes = serde_json::to_vec(&export).map_err(|error| error.to_string())?;
    let again = read(&bytes, Hint::default(), &Limits::default(), None);
    match again {
        Ok(again) if again.media_type == MediaType::JsonResume => Ok(()),
        Ok(again) => Err(format!("its export is read as {:?}", again.media_type)),
        Err(refusal)
            if [
                "too_long",
                "too_large",
                "unsupported_language",
                "empty",
                "invalid_json_resume",
            ]
            .contains(&refusal.code()) =>
        {
            Ok(())
        }
        Err(refusal) => Err(format!("its export is refused: {}", refusal.code())),
    }
}

fn places(value: &serde_json::Value, spans: &mut Vec<Span>) {
    match value {
        serde_json::Value::Object(members) => {
            let span = members.get("span").cloned();
            spans.extend(span.and_then(|span| serde_json::from_value::<Span>(span).ok()));
            members.values().for_each(|member| places(member, spans));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| places(item, spans)),
        _ => {}
    }
}

/// The child: reads inputs, each after its length, and answers each with a line.
fn serve() -> Result<(), Box<dyn Error>> {
    let pdf = std::env::var_os("INVENTURE_PDF_LIBRARY").and_then(|file| PdfLibrary::open(Path::new(&file)).ok());
    std::panic::set_hook(Box::new(|_| {}));
    let (mut input, mut length) = (std::io::stdin().lock(), [0; 8]);
    while input.read_exact(&mut length).is_ok() {
        let mut bytes = vec![0; usize::try_from(u64::from_le_bytes(length))?];
        input.read_exact(&mut bytes)?;
        let answer = match catch_unwind(AssertUnwindSafe(|| outcome(&bytes, pdf.as_ref()))) {
            Ok(Ok(kind)) => format!("ok {kind}"),
            Ok(Err(broken)) => format!("broken {broken}"),
            Err(_) => "panic".to_owned(),
        };
        println!("{}", answer.replace('\n', " "));
    }
    Ok(())
}

/// A child and its answers.
struct Worker {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
}

impl Worker {
    fn start() -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (input, output) = (
            child.stdin.take().ok_or("no input")?,
            child.stdout.take().ok_or("no output")?,
        );
        let (sender, answers) = channel();
        thread::spawn(move || {
            let lines = std::io::BufRead::lines(std::io::BufReader::new(output));
            for line in lines.map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, input, answers })
    }

    /// Returns the answer to an input, or the way in which there was none.
    fn ask(&mut self, bytes: &[u8]) -> String {
        let length = (bytes.len() as u64).to_le_bytes();
        let sent = self.input.write_all(&length).and_then(|()| self.input.write_all(bytes));
        if sent.and_then(|()| self.input.flush()).is_err() {
            return "crash".to_owned();
        }
        match self.answers.recv_timeout(LONGEST) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => "hang".to_owned(),
            Err(RecvTimeoutError::Disconnected) => "crash".to_owned(),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The formats that are told apart here, by their first bytes.
const FORMATS: usize = 6;

fn format_of(bytes: &[u8]) -> usize {
    let starts: [&[u8]; FORMATS - 1] = [b"%PDF", b"PK", b"{\\rtf", b"{", b"<"];
    starts
        .iter()
        .position(|start| bytes.starts_with(start))
        .unwrap_or(FORMATS - 1)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

fn named(bytes: &[u8]) -> String {
    // FNV-1a: a name, nothing more.
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "--serve") {
        return serve();
    }
    let [folder, minutes, seeds @ ..] = arguments.as_slice() else {
        return Err("usage: fuzz_read CORPUS MINUTES [SEEDS…]".into());
    };
    let (folder, minutes) = (PathBuf::from(folder), minutes.parse::<u64>()?);
    fs::create_dir_all(folder.join("found"))?;
    for path in seeds.iter().flat_map(|seeds| files(Path::new(seeds))) {
        let bytes = fs::read(&path)?;
        if bytes.len() <= BYTES_MAX {
            fs::write(folder.join(named(&bytes)), bytes)?;
        }
    }
    let mut corpus = files(&folder)
        .into_iter()
        .map(fs::read)
        .collect::<Result<Vec<Vec<u8>>, _>>()?;
    if corpus.is_empty() {
        return Err("the corpus is empty: name folders with files to begin with".into());
    }
    // Where the last call stopped: the number of inputs so far is the seed.
    let count_file = folder.join("found/count");
    let mut count: u64 = fs::read_to_string(&count_file)
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or_default();
    let mut random = Random(count);
    let (mut known, mut outcomes) = (BTreeSet::new(), BTreeMap::<String, u64>::new());
    let mut worker = Worker::start()?;
    for bytes in &corpus {
        known.insert(worker.ask(bytes));
    }
    let (begun, end) = (Instant::now(), Duration::from_secs(60 * minutes));
    let before = count;
    while begun.elapsed() < end {
        // Each format as often as any other, however many files there are of it.
        let format = random.below(FORMATS);
        let of_format: Vec<usize> = (0..corpus.len())
            .filter(|at| format_of(&corpus[*at]) == format)
            .collect();
        let Some(one) = of_format.get(random.below(of_format.len())) else {
            continue;
        };
        let (one, other) = (*one, random.below(corpus.len()));
        let bytes = mutated(&corpus[one], &corpus[other], &mut random);
        let answer = worker.ask(&bytes);
        count += 1;
        if count.is_multiple_of(1_000) {
            fs::write(&count_file, count.to_string())?;
        }
        let kind = answer.split(' ').take(2).collect::<Vec<_>>().join(" ");
        *outcomes.entry(kind).or_default() += 1;
        if !answer.starts_with("ok ") {
            let what = answer.split(' ').next().unwrap_or_default();
            fs::write(folder.join(format!("found/{what}-{}", named(&bytes))), &bytes)?;
            println!("{answer}");
            if what == "hang" || what == "crash" {
                worker = Worker::start()?;
            }
        } else if known.insert(answer) && corpus.len() < CORPUS_MAX {
            fs::write(folder.join(named(&bytes)), &bytes)?;
            corpus.push(bytes);
        }
    }
    fs::write(count_file, count.to_string())?;
    println!(
        "{} inputs, {count} in all calls; {} files in the corpus",
        count - before,
        corpus.len()
    );
    for (kind, times) in &outcomes {
        println!("{times:>9}  {kind}");
    }
    let found = files(&folder.join("found")).len() - 1;
    if found > 0 {
        return Err(format!("{found} inputs in {}", folder.join("found").display()).into());
    }
    Ok(())
}
