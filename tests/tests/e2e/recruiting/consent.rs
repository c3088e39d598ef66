//! The end of a consent, and upload forms, on the stack.
//! Nothing of what was read is left in table, bucket, queues and logs.

use base64::{Engine, engine::general_purpose::STANDARD};
use inventure_tests::{Stack, id, wait};
use serde_json::{Value, json};
use uuid::Uuid;

const RESUME: &str = "Ottoline SURNAME\nSenior Backend Engineer\nottoline@example.com | +1 512 PHONE\n\
Austin, TX\n\nEXPERIENCE\nSenior Backend Engineer, EMPLOYER Systems\nMarch 2019 - Present\n\
- Built payment services in Rust on AWS Lambda and DynamoDB\n\nEDUCATION\nBSc Computer Science, University of Leeds, 2015\n\n\
SKILLS\nRust, Go, PostgreSQL, Kafka, Kubernetes\n";

/// A résumé whose name, employer and phone number stand in no other: a stack keeps what earlier runs left.
struct Told {
    resume: String,
    words: [String; 3],
}

impl Told {
    fn new() -> Self {
        let number = Uuid::new_v4().as_u128();
        let word = |number: u128| -> String {
            let letters = (0..12).map(|place| b'a' + (number >> (4 * place) & 15) as u8);
            letters.map(char::from).collect()
        };
        let (surname, employer) = (word(number), word(number >> 64));
        let phone = format!("555{:04}", (number >> 48) % 10_000);
        let resume = RESUME
            .replace("SURNAME", &surname)
            .replace("EMPLOYER", &employer)
            .replace("PHONE", &phone);
        Self {
            resume,
            words: [surname, employer, format!("512{phone}")],
        }
    }

    fn is_in(&self, text: &str) -> bool {
        let text: String = text
            .to_lowercase()
            .chars()
            .filter(|letter| letter.is_alphanumeric())
            .collect();
        self.words.iter().any(|word| text.contains(word))
    }

    /// Finds the places where something of the file stands. Recent writes to the index go with the runs of the compactor, minutes
    /// later.
    fn found(&self, stack: &Stack) -> Vec<String> {
        let items = stack.items("MainTableName").into_iter();
        let items = items.filter(|item| self.is_in(&contents(item)));
        let keys = items.map(|item| format!("{} {}", item["pk"]["S"], item["sk"]["S"]));
        let mut found: Vec<String> = keys.filter(|key| !key.contains("DELTA#")).collect();
        for bucket in ["UploadsBucketName", "DocumentsBucketName"] {
            let files = stack.objects(bucket).into_iter();
            let files = files.filter(|(_, bytes)| self.is_in(&String::from_utf8_lossy(bytes)));
            found.extend(files.map(|(key, _)| key));
        }
        found
    }
}

/// Every text and every block of bytes in an item.
fn contents(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let inside = fields.iter().map(|(name, value)| match (name.as_str(), value) {
                ("B", Value::String(bytes)) => {
                    let bytes = STANDARD.decode(bytes).unwrap_or_default();
                    String::from_utf8_lossy(&bytes).into_owned()
                }
                _ => contents(value),
            });
            inside.collect()
        }
        Value::Array(values) => values.iter().map(contents).collect(),
        other => other.to_string(),
    }
}

#[test]
fn a_withdrawn_consent_leaves_nothing_of_what_was_read() {
    let stack = Stack::running();
    let told = Told::new();
    let (broker, _) = stack.agency("withdrawal");
    let candidate = broker.candidate("O.");
    let path = format!("/candidates/{candidate}");
    broker.upload(&candidate, "cv.txt", told.resume.as_bytes());
    assert_eq!(broker.reading(&candidate)["status"], "parsed");
    let job = json!({ "title": "Rust engineer", "description": "Rust and PostgreSQL in production, five years." });
    let job = id(&broker.write("POST", "/jobs", &job).expect(201));
    let ranked = || broker.get(&format!("/jobs/{job}/matches")).body["items"].clone();
    wait("the ranking", || (!ranked().as_array()?.is_empty()).then_some(()));
    let before = told.found(&stack);
    assert!(before.len() >= 2, "the file and the text: {before:?}");

    let _ = broker
        .write("DELETE", &format!("{path}/consent"), &json!({}))
        .expect(200);
    assert_eq!(ranked(), json!([]), "not shown from that moment on");
    wait("everything to be erased", || {
        let mut left = told.found(&stack);
        // What was found for them goes last.
        let is_match = |item: &Value| {
            let starts = |name: &str, with: &str| item[name]["S"].as_str().is_some_and(|key| key.starts_with(with));
            starts("pk", &format!("MATCH#{candidate}"))
        };
        let items = stack.items("MainTableName").into_iter();
        left.extend(items.filter(|item| is_match(item)).map(|item| item["pk"].to_string()));
        println!("left: {left:?}");
        left.is_empty().then_some(())
    });
    let queues = [
        "ResumeParser",
        "Indexer",
        "MatchFinder",
        "Notifier",
        "Settlement",
        "Payouts",
        "Fanout",
    ];
    for queue in queues {
        for end in ["QueueUrl", "DlqUrl"] {
            let messages = stack.take(&format!("{queue}{end}"), |message| told.is_in(message));
            assert!(messages.is_empty(), "{queue}{end}");
        }
    }
    for (name, line) in stack.log_lines() {
        assert!(!told.is_in(&line), "{name} says: {line}");
    }

    // A later consent brings nothing back.
    let consent = json!({ "scopes": ["store_resume", "matching"], "evidence": "mail", "until": "2099-01-01" });
    let _ = broker.write("PUT", &format!("{path}/consent"), &consent).expect(200);
    let _ = broker.get(&format!("{path}/resume")).expect(409);
    broker.upload(&candidate, "again.txt", told.resume.as_bytes());
    assert_eq!(broker.reading(&candidate)["status"], "parsed");
    wait("the ranking", || (!ranked().as_array()?.is_empty()).then_some(()));
}

#[test]
fn a_form_that_is_posted_twice_replaces_nothing() {
    let stack = Stack::running();
    let (broker, _) = stack.agency("form-twice");
    let candidate = broker.candidate("O.");
    let form = broker.form(&candidate, "cv.txt", "text/plain", 1_000);
    let post = |text: &str| {
        let answer = inventure_tests::post_form(&form, text.as_bytes());
        assert!(matches!(answer.status, 200 | 204), "{answer:?}");
    };
    let told = Told::new();
    post(&told.resume);
    assert_eq!(broker.reading(&candidate)["status"], "parsed");
    post("Somebody Else\nNurse\n\nEXPERIENCE\nNurse, Quibberwick Hospital\n2018 - 2020\n");
    let key = form["fields"]["key"].as_str().unwrap().to_owned();
    wait("the second file to be erased", || {
        let left = stack
            .objects("UploadsBucketName")
            .into_iter()
            .filter(|(found, _)| *found == key);
        (left.count() == 0).then_some(())
    });
    let resume = broker.get(&format!("/candidates/{candidate}/resume")).expect(200);
    assert!(told.is_in(resume["text"].as_str().unwrap()), "{resume}");
}
