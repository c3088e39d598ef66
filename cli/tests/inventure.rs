//! Tests the program as people run it.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;

const NURSE: &str = "Jane Roe\njane@example.com\n\nSUMMARY\nRegistered nurse in intensive care with night shifts on a large ward.\n\n\
    EXPERIENCE\nRegistered Nurse, Leeds General Hospital\nJanuary 2015 - March 2020\n- Cared for patients after heart surgery\n\
    - Trained new nurses in medication safety\n\nSKILLS\nPatient care, intensive care, medication administration\n";

const ENGINEER: &str = "John Doe\njohn@example.com\n\nSUMMARY\nSoftware engineer who builds payment services.\n\nEXPERIENCE\n\
    Senior Software Engineer, Acme\nJanuary 2016 - December 2022\n- Built payment services in Rust and Python on AWS\n\
    - Ran PostgreSQL and Docker in production\n\nSKILLS\nPython, Java, PostgreSQL, Docker, Kubernetes, AWS\n";

const JOB: &str = "Software Engineer\nYou build payment services.\nRequirements:\n- Python, PostgreSQL, Docker\n- 3+ years of experience\n";

/// A folder of its own for each test, with two resumes and a job.
fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(folder.join("cvs/more")).unwrap();
    fs::write(folder.join("cvs/a-nurse.txt"), NURSE).unwrap();
    fs::write(folder.join("cvs/more/engineer.txt"), ENGINEER).unwrap();
    fs::write(folder.join("job.txt"), JOB).unwrap();
    folder
}

fn inventure(folder: &PathBuf, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_inventure"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_file_gets_its_line() {
    let folder = folder("parse");
    fs::write(folder.join("broken.pdf"), b"%PDF-1.7 this is not one").unwrap();
    fs::write(folder.join("empty.txt"), b"").unwrap();
    let output = inventure(
        &folder,
        &["parse", "cvs/a-nurse.txt", "broken.pdf", "empty.txt", "--json"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines: Vec<Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (&lines[0]["file"], &lines[0]["status"]),
        (&"cvs/a-nurse.txt".into(), &"parsed".into())
    );
    assert_eq!(lines[0]["resume"]["emails"][0]["value"], "jane@example.com");
    for refused in &lines[1..] {
        assert_eq!(refused["status"], "refused");
        assert!(
            refused["detail"].as_str().is_some_and(|detail| !detail.is_empty()),
            "{refused}"
        );
        assert!(refused.get("resume").is_none(), "a field was made up: {refused}");
    }
    assert_eq!(lines[2]["reason"], "empty");

    let output = inventure(&folder, &["parse", "no-such-file", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["reason"],
        "unreadable"
    );
}

#[test]
fn ranking_finds_the_engineer_and_says_why() {
    let folder = folder("rank");
    let arguments = ["rank", "--job", "job.txt", "--resumes", "cvs", "--lexical-only"];
    let rows = json(&inventure(&folder, &[&arguments[..], &["--json"]].concat()));
    let files: Vec<&str> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["file"].as_str().unwrap())
        .collect();
    assert_eq!(files, ["cvs/more/engineer.txt", "cvs/a-nurse.txt"]);
    assert!(rows[0]["score"].as_f64() > rows[1]["score"].as_f64());
    assert!(
        rows[0]["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .any(|reason| reason.as_str().unwrap().contains("PostgreSQL"))
    );
    assert!(
        rows[0]["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .any(|piece| piece["snippet"] == "PostgreSQL")
    );

    let table = text(&inventure(&folder, &arguments).stdout);
    assert!(table.contains("  1.  ") && table.contains("engineer.txt"), "{table}");
    let one = json(&inventure(
        &folder,
        &[&arguments[..], &["--json", "--top", "1"]].concat(),
    ));
    assert_eq!(one.as_array().unwrap().len(), 1);
}

#[test]
fn who_it_is_does_not_change_the_rank() {
    let folder = folder("fair");
    let twin = ENGINEER
        .replace("John Doe", "Lakisha Washington")
        .replace("john@", "lakisha@");
    fs::write(folder.join("cvs/twin.txt"), twin).unwrap();
    let rows = json(&inventure(
        &folder,
        &[
            "rank",
            "--job",
            "job.txt",
            "--resumes",
            "cvs",
            "--lexical-only",
            "--json",
        ],
    ));
    assert_eq!(rows[0]["score"], rows[1]["score"]);
    assert_eq!(rows[0]["features"], rows[1]["features"]);
}

#[test]
fn what_was_parsed_can_be_ranked() {
    let folder = folder("again");
    let parsed = inventure(&folder, &["parse", "cvs/more/engineer.txt", "--json"]).stdout;
    fs::remove_dir_all(folder.join("cvs/more")).unwrap();
    fs::write(folder.join("cvs/engineer.json"), parsed).unwrap();
    fs::write(
        folder.join("job.json"),
        r#"{"title": "Software Engineer", "description": "Python and PostgreSQL"}"#,
    )
    .unwrap();
    let rows = json(&inventure(
        &folder,
        &[
            "rank",
            "--job",
            "job.json",
            "--resumes",
            "cvs",
            "--lexical-only",
            "--json",
        ],
    ));
    assert_eq!(rows[0]["file"], "cvs/engineer.json");
}

#[test]
fn without_a_model_it_says_what_to_do_in_one_line() {
    let folder = folder("model");
    let output = inventure(
        &folder,
        &["rank", "--job", "job.txt", "--resumes", "cvs", "--model", "nowhere"],
    );
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.lines().count() == 1 && said.contains("--lexical-only") && said.contains("nowhere"),
        "{said}"
    );
}

#[test]
fn entities_point_into_the_file() {
    let folder = folder("entities");
    let found = json(&inventure(&folder, &["entities", "cvs/a-nurse.txt", "--json"]));
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
}

#[test]
fn wrong_use_is_told_apart() {
    let folder = folder("usage");
    for arguments in [
        &["parse"][..],
        &["rank"],
        &["frobnicate"],
        &["rank", "--job", "job.txt", "--resumes", "cvs", "--top", "0"],
    ] {
        assert_eq!(inventure(&folder, arguments).status.code(), Some(2), "{arguments:?}");
    }
    let help = text(&inventure(&folder, &["--help"]).stdout);
    assert!(
        help.contains("Examples:") && help.contains("inventure rank --job"),
        "{help}"
    );
}
