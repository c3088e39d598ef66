//! Tests the program as people run it.

#![expect(clippy::unwrap_used, reason = "tests")]

mod entities;
mod job;
mod kept;
mod pages;
mod parse;
mod rank;
mod terminal;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

const NURSE: &str = "Jane Roe\njane@example.com\n\nSUMMARY\nRegistered nurse in intensive care with night shifts on a large ward.\n\n\
    EXPERIENCE\nRegistered Nurse, Leeds General Hospital\nJanuary 2015 - March 2020\n- Cared for patients after heart surgery\n\
    - Trained new nurses in medication safety\n\nSKILLS\nPatient care, intensive care, medication administration\n";

const ENGINEER: &str = "John Doe\njohn@example.com\n\nSUMMARY\nSoftware engineer who builds payment services.\n\nEXPERIENCE\n\
    Senior Software Engineer, Acme\nJanuary 2016 - December 2022\n- Built payment services in Rust and Python on AWS\n\
    - Ran PostgreSQL and Docker in production\n\nSKILLS\nPython, Java, PostgreSQL, Docker, Kubernetes, AWS\n";

const JOB: &str = "Software Engineer\nYou build payment services.\nRequirements:\n- Python, PostgreSQL, Docker\n- 3+ years of experience\n";

const WARD: &str =
    "Registered Nurse\nYou care for patients in intensive care.\nRequirements:\n- Medication administration\n";

/// Makes a folder of its own for each test, with two resumes and two jobs.
fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(folder.join("cvs/more")).unwrap();
    fs::write(folder.join("cvs/a-nurse.txt"), NURSE).unwrap();
    fs::write(folder.join("cvs/more/engineer.txt"), ENGINEER).unwrap();
    fs::write(folder.join("job.txt"), JOB).unwrap();
    fs::write(folder.join("ward.txt"), WARD).unwrap();
    folder
}

/// The program in a folder, with a cache inside it and no wishes about colour.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inventure"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join("cache"));
    for wish in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(wish);
    }
    command
}

fn inventure(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).stdin(Stdio::null()).output().unwrap()
}

/// Runs the program with something on its standard input.
fn piped(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = command(folder, arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that has read enough closes its end, which is no fault of the test.
    child.stdin.take().unwrap().write_all(input).ok();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every line of standard output, each of which must be JSON.
fn json_lines(output: &Output) -> Vec<Value> {
    text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn wrong_use_is_told_apart() {
    let folder = folder("usage");
    for arguments in [
        &["parse"][..],
        &["rank"],
        &["frobnicate"],
        &["rank", "--job", "job.txt", "--resumes", "cvs", "--top", "0"],
        &["verify", "job.txt", "--root", "abc"],
        &["completions", "tcsh"],
        &["cache"],
    ] {
        assert_eq!(inventure(&folder, arguments).status.code(), Some(2), "{arguments:?}");
    }
    for arguments in [
        &["parse", "-", "-"][..],
        &["rank", "--job", "-", "--resumes", "-", "--lexical-only"],
        &["man", "frobnicate"],
    ] {
        let output = inventure(&folder, arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stdout.is_empty() && text(&output.stderr).lines().count() == 1);
    }
}
