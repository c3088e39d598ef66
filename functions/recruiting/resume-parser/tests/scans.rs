//! Reads scans in child processes of the function's own program, and asks a stub of the service.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    io::{BufRead, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::Arc,
    thread,
};

use async_trait::async_trait;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use inventure_api::batch::Failure;
use inventure_resume::{PDF_LIBRARIES, PageImage, Refusal, ScannedWord};
use inventure_table::{Objects, memory::MemoryObjects};
use jiff::Timestamp;
use resume_parser::{
    library::LibraryFile,
    ocr::{Ocr, Textract},
    reader::{ContainedReader, Read, Reader},
};
use serde_json::{Value, json};

#[path = "../../../../shared/recruiting/resume/tests/library/mod.rs"]
mod library;

/// A one-page PDF file that is a single picture, and a photograph.
const SCAN: &[u8] = include_bytes!("../../../../tests/fixtures/bad/scan.pdf");
const PHOTO: &[u8] = include_bytes!("../../../../tests/fixtures/bad/photo.png");

const LINES: [&str; 9] = [
    "Edda Marlowe",
    "edda.marlowe@example.com",
    "EXPERIENCE",
    "Operations Manager, Buckeye Distribution",
    "March 2019 - February 2021",
    "Led a warehouse of forty people on two shifts",
    "EDUCATION",
    "Bachelor of Science, Gem City University",
    "2010 - 2014",
];

/// The words of [`LINES`] where they would stand on a page.
fn words(confidence: f32) -> Vec<ScannedWord> {
    let mut words = Vec::new();
    for (line, text) in (0..).zip(LINES) {
        let (top, mut left) = (0.05 + 0.025 * line as f32, 0.1);
        for word in text.split(' ') {
            let right = left + 0.012 * word.len() as f32;
            words.push(ScannedWord {
                text: word.to_owned(),
                line,
                left,
                top,
                right,
                bottom: top + 0.016,
                confidence,
            });
            left = right + 0.008;
        }
    }
    words
}

/// A recogniser that sees [`words`] in every picture, and fails or finds none where it is told to.
struct Stub(Box<dyn Fn() -> Answer + Send + Sync>);

/// An answer about a picture.
type Answer = Result<Result<Vec<ScannedWord>, Refusal>, Failure>;

#[async_trait]
impl Ocr for Stub {
    async fn words(&self, page: &PageImage) -> Answer {
        assert!(page.png.starts_with(b"\x89PNG") && page.width > 0.0 && page.height > 0.0);
        (self.0)()
    }
}

/// Reads a file in the function's own program.
async fn read(file: &[u8], ocr: Option<Stub>) -> Result<Result<Read, Refusal>, Failure> {
    let known = PDF_LIBRARIES.iter().find(|(known, _)| *known == std::env::consts::ARCH);
    let hash = known.unwrap().1;
    let artifacts = MemoryObjects::default();
    let bytes = std::fs::read(library::path(hash)).unwrap();
    artifacts.put(&format!("pdfium/{hash}.so"), bytes).await.unwrap();
    let reader = ContainedReader::new(
        env!("CARGO_BIN_EXE_resume-parser").into(),
        LibraryFile::new(Arc::new(artifacts)),
        ocr.map(|ocr| Arc::new(ocr) as Arc<dyn Ocr>),
    );
    let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    match reader.read(file, String::new(), now).await? {
        Err(Refusal::NeedsOcr) if reader.reads_scans() => reader.read_scan(file, now).await,
        read => Ok(read),
    }
}

#[tokio::test]
async fn a_scan_is_read_from_the_words_on_its_picture() {
    for file in [SCAN, PHOTO] {
        let read = read(file, Some(Stub(Box::new(|| Ok(Ok(words(0.9)))))));
        let read = read.await.unwrap().unwrap();
        let job = &read.resume.experience[0];
        let name = read.resume.name.unwrap();
        assert_eq!(name.value, "Edda Marlowe");
        assert_eq!(job.employer.as_ref().unwrap().value, "Buckeye Distribution");
        assert_eq!(job.start.as_ref().unwrap().value.to_string(), "2019-03");
        assert!(
            name.confidence <= 0.9,
            "no surer than the recognition: {}",
            name.confidence
        );
        let email = &read.resume.emails[0];
        assert_eq!(email.value, "edda.marlowe@example.com");
        assert!(!email.is_sure(), "one letter may be another's address");
        let places = inventure_resume::boxes::unpack(&read.boxes);
        let first = places[0];
        assert_eq!((first.start, first.end, first.page), (0, 4, 1));
        assert!(read.text.starts_with("Edda Marlowe\n"), "{}", read.text);
    }
}

#[tokio::test]
async fn dates_that_were_hardly_recognised_count_no_months() {
    let read = read(PHOTO, Some(Stub(Box::new(|| Ok(Ok(words(0.6)))))));
    let resume = read.await.unwrap().unwrap().resume;
    assert!(!resume.experience[0].start.as_ref().unwrap().is_sure());
    assert_eq!((resume.total_months, resume.experience[0].months), (None, None));
}

#[tokio::test]
async fn a_scan_that_is_not_recognised_is_refused_and_one_without_an_answer_comes_again() {
    let code = |outcome: Result<Result<Read, Refusal>, Failure>| outcome.unwrap().unwrap_err().code();
    assert_eq!(code(read(SCAN, None).await), "needs_ocr");
    let with = |answer: fn() -> Answer| Some(Stub(Box::new(answer)));
    assert_eq!(code(read(SCAN, with(|| Ok(Err(Refusal::NeedsOcr)))).await), "needs_ocr");
    assert_eq!(code(read(SCAN, with(|| Ok(Ok(words(0.3))))).await), "needs_ocr");
    assert_eq!(code(read(SCAN, with(|| Ok(Ok(Vec::new())))).await), "empty");
    assert_eq!(
        code(read(b"GIF89a....", with(|| Ok(Ok(words(0.9))))).await),
        "needs_ocr"
    );
    assert_eq!(
        code(read(b"\x89PNG\r\n\x1a\n....", with(|| Ok(Ok(words(0.9))))).await),
        "corrupt"
    );
    assert!(read(SCAN, with(|| Err("no answer".into()))).await.is_err());
}

/// Takes one request, returns what it asks for, and gives an answer to it.
fn serve_one(listener: &TcpListener, status: u16, answer: &Value) -> Value {
    let mut stream = listener.accept().unwrap().0;
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        reader.read_line(&mut head).unwrap();
    }
    let head = head.to_ascii_lowercase();
    assert!(
        head.contains("\nx-amz-target: textract.detectdocumenttext\r\n"),
        "{head}"
    );
    let length = head
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.lines().next());
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    let answer = answer.to_string();
    let head = format!("HTTP/1.1 {status} -\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.1");
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{answer}", answer.len()).unwrap();
    serde_json::from_slice(&body).unwrap()
}

/// Asks a stub of the service, and returns what came of it with what it was asked.
async fn ask(status: u16, answer: Value) -> (Answer, Value) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let service = thread::spawn(move || serve_one(&listener, status, &answer));
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "tests",
        )))
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .endpoint_url(format!("http://{address}"))
        .build();
    let page = PageImage {
        png: b"picture".to_vec(),
        width: 595.0,
        height: 842.0,
    };
    let words = Textract::new(&config).words(&page).await;
    (words, service.join().unwrap())
}

/// A block as the service describes one (API reference, `Block`).
fn block(id: &str, kind: &str, text: &str, place: [f32; 4], inside: &[&str]) -> Value {
    let [left, top, width, height] = place;
    json!({
        "BlockType": kind, "Id": id, "Text": text, "Confidence": 97.5, "TextType": "PRINTED",
        "Geometry": { "BoundingBox": { "Left": left, "Top": top, "Width": width, "Height": height } },
        "Relationships": [{ "Type": "CHILD", "Ids": inside }],
    })
}

#[tokio::test]
async fn the_service_is_asked_for_text_and_answers_with_lines_of_words() {
    let page = [0.0, 0.0, 1.0, 1.0];
    let answer = json!({ "DocumentMetadata": { "Pages": 1 }, "Blocks": [
        block("p", "PAGE", "", page, &["l1", "l2"]),
        block("l1", "LINE", "Edda Marlowe", [0.1, 0.1, 0.3, 0.02], &["w1", "w2"]),
        block("l2", "LINE", "Nurse", [0.1, 0.2, 0.1, 0.02], &["w3"]),
        block("w1", "WORD", "Edda", [0.1, 0.1, 0.125, 0.02], &[]),
        block("w2", "WORD", "Marlowe", [0.25, 0.1, 0.15, 0.02], &[]),
        block("w3", "WORD", "Nurse", [0.1, 0.2, 0.1, 0.02], &[]),
    ]});
    let (words, asked) = ask(200, answer).await;
    assert_eq!(asked, json!({ "Document": { "Bytes": "cGljdHVyZQ==" } }));
    let words = words.unwrap().unwrap();
    let texts: Vec<_> = words.iter().map(|word| (word.text.as_str(), word.line)).collect();
    assert_eq!(texts, [("Edda", 0), ("Marlowe", 0), ("Nurse", 1)]);
    let edda = &words[0];
    assert_eq!(
        (edda.left, edda.top, edda.right, edda.confidence),
        (0.1, 0.1, 0.225, 0.975)
    );
}

#[tokio::test]
async fn a_picture_that_the_service_does_not_take_is_told_from_a_service_that_does_not_answer() {
    for code in [
        "UnsupportedDocumentException",
        "BadDocumentException",
        "DocumentTooLargeException",
        "InvalidParameterException",
    ] {
        let (words, _) = ask(400, json!({ "__type": code })).await;
        assert_eq!(words.unwrap(), Err(Refusal::NeedsOcr), "{code}");
    }
    for (status, code) in [
        (400, "AccessDeniedException"),
        (400, "ProvisionedThroughputExceededException"),
        (500, "InternalServerError"),
    ] {
        let answer = json!({ "__type": code, "message": "picture of Edda" });
        let failure = ask(status, answer).await.0.unwrap_err().to_string();
        assert_eq!(failure, format!("Textract gave no answer: {code}"));
    }
}
