//! Files: what the bucket lets in, what is read, and what is refused with which reason.

use inventure_tests::{Person, Stack, post_form};
use serde_json::{Map, Value};

fn fixtures(folder: &str) -> (String, Map<String, Value>) {
    let folder = format!("{}/fixtures/{folder}", env!("CARGO_MANIFEST_DIR"));
    let expected = std::fs::read_to_string(format!("{folder}/expected.json")).unwrap();
    (folder, serde_json::from_str(&expected).unwrap())
}

/// Uploads every file at once, each for a candidate of its own.
fn upload_all(broker: &Person, folder: &str, names: impl Iterator<Item = String>) -> Vec<(String, String)> {
    names
        .map(|name| {
            // A name with a full stop in it would look like a link.
            let candidate = broker.candidate(&name.replace('.', " "));
            broker.upload(&candidate, &name, &std::fs::read(format!("{folder}/{name}")).unwrap());
            (name, candidate)
        })
        .collect()
}

#[test]
fn bad_files_are_refused_each_with_its_reason() {
    let (broker, _) = Stack::running().agency("bad-files");
    let (folder, expected) = fixtures("bad");
    // An empty file does not get past the bucket: see below.
    let sent = expected
        .keys()
        .filter(|name| std::fs::metadata(format!("{folder}/{name}")).unwrap().len() > 0)
        .cloned();
    let mut wrong = Vec::new();
    for (name, candidate) in upload_all(&broker, &folder, sent) {
        let reading = broker.reading(&candidate);
        if reading["status"] != "refused" || reading["reason"] != expected[&name] {
            wrong.push(format!("{name}: expected {}, got {reading}", expected[&name]));
        }
        let _ = broker.get(&format!("/candidates/{candidate}/resume")).expect(409);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn odd_but_honest_files_are_read() {
    let (broker, _) = Stack::running().agency("good-files");
    let (folder, expected) = fixtures("good");
    for (name, candidate) in upload_all(&broker, &folder, expected.keys().cloned()) {
        let reading = broker.reading(&candidate);
        assert_eq!(reading["status"], "parsed", "{name}: {reading}");
        let resume = broker.get(&format!("/candidates/{candidate}/resume")).expect(200);
        let text = resume["text"].as_str().unwrap();
        for wanted in expected[&name]["contains"].as_array().into_iter().flatten() {
            assert!(text.contains(wanted.as_str().unwrap()), "{name} lacks {wanted}");
        }
        for unwanted in expected[&name]["lacks"].as_array().into_iter().flatten() {
            assert!(!text.contains(unwanted.as_str().unwrap()), "{name} holds {unwanted}");
        }
    }
}

#[test]
fn the_bucket_holds_an_upload_to_its_form() {
    let (broker, _) = Stack::running().agency("forms");
    let candidate = broker.candidate("Somebody");
    let form = || broker.form(&candidate, "a.pdf", "application/pdf", 1_000);
    let with = |field: &str, value: &str| {
        let mut form = form();
        form["fields"][field] = value.into();
        post_form(&form, b"%PDF-1.4").status
    };
    assert_eq!(post_form(&form(), &[b'x'; 1_001]).status, 400, "larger than was named");
    assert_eq!(post_form(&form(), &[b'x'; 1_000]).status, 204);
    assert_eq!(post_form(&form(), b"").status, 400, "empty");
    assert_eq!(with("Content-Type", "text/html"), 403, "another type");
    assert_eq!(with("key", "resumes/somewhere/else"), 403, "another place");
    assert_eq!(with("x-amz-signature", &"0".repeat(64)), 403, "not our signature");
    let refused = broker.write(
        "POST",
        &format!("/candidates/{candidate}/uploads"),
        &serde_json::json!({ "file_name": "a.exe", "media_type": "application/x-msdownload", "size_bytes": 10 }),
    );
    assert_eq!(refused.expect(422)["errors"][0]["field"], "media_type");
}
