//! `entities`: places in a text.

use std::fs;

use super::{NURSE, folder, inventure, json, piped, text};

#[test]
fn entities_point_into_the_file() {
    let folder = folder("entities");
    let output = inventure(&folder, &["entities", "cvs/a-nurse.txt", "--json"]);
    let found = json(&output);
    let found = found.as_array().unwrap();
    assert!(
        found.iter().any(|entity| entity["text"] == "jane@example.com"),
        "{found:?}"
    );
    for entity in found {
        let at = |end: &str| usize::try_from(entity[end].as_u64().unwrap()).unwrap();
        let there: String = NURSE.chars().skip(at("start")).take(at("end") - at("start")).collect();
        assert_eq!(entity["text"], there.as_str());
    }
    let read = piped(&folder, &["entities", "-", "--json"], NURSE.as_bytes());
    assert_eq!(text(&read.stdout), text(&output.stdout));
}

#[test]
fn standard_input_of_another_format_is_read_as_that() {
    let folder = folder("entities-json");
    let resume = r#"{"basics": {"name": "Jane Roe", "email": "jane\u0040example.com"}}"#;
    let output = piped(&folder, &["entities", "-"], resume.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("jane@example.com"));
}

#[test]
fn what_is_refused_is_told_apart_from_what_is_not_there() {
    let folder = folder("entities-refused");
    fs::write(folder.join("broken.pdf"), b"%PDF-1.7 this is not one").unwrap();
    for (file, code, reason) in [("broken.pdf", 3, "(corrupt)"), ("none.txt", 1, "(unreadable)")] {
        let output = inventure(&folder, &["entities", file]);
        assert_eq!(output.status.code(), Some(code));
        assert!(output.stdout.is_empty() && text(&output.stderr).contains(reason));
    }
    // Not UTF-8, so no text that offsets could point into.
    let output = piped(
        &folder,
        &["entities", "-"],
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 a Word file of old",
    );
    assert_eq!(output.status.code(), Some(3));
}
