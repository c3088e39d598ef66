//! `rank`: which resume, for which job, and why.

use std::fs;

use serde_json::Value;

use super::{ENGINEER, folder, inventure, json, json_lines, piped, text};

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
fn each_of_several_jobs_gets_its_own_ranking() {
    let folder = folder("jobs");
    let rank = |jobs: &[&str], more: &[&str]| {
        let jobs = jobs.iter().flat_map(|job| ["--job", job]);
        let arguments: Vec<&str> = ["rank", "--resumes", "cvs", "--lexical-only"]
            .into_iter()
            .chain(jobs)
            .chain(more.iter().copied())
            .collect();
        inventure(&folder, &arguments)
    };
    let output = rank(&["ward.txt", "job.txt"], &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines = json_lines(&output);
    let first = |line: &Value| line["matches"][0]["file"].clone();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (&lines[0]["job"], &lines[0]["title"], first(&lines[0])),
        (&"ward.txt".into(), &"Registered Nurse".into(), "cvs/a-nurse.txt".into())
    );
    assert_eq!(
        (&lines[1]["job"], first(&lines[1])),
        (&"job.txt".into(), "cvs/more/engineer.txt".into())
    );
    for (line, job) in lines.iter().zip(["ward.txt", "job.txt"]) {
        assert_eq!(line["matches"], json(&rank(&[job], &["--json"])), "{job} alone");
    }

    let table = |jobs: &[&str]| text(&rank(jobs, &[]).stdout);
    assert_eq!(
        table(&["ward.txt", "job.txt"]),
        format!(
            "ward.txt: Registered Nurse\n{}\njob.txt: Software Engineer\n{}",
            table(&["ward.txt"]),
            table(&["job.txt"])
        )
    );
}

#[test]
fn the_job_or_the_resume_may_come_on_standard_input() {
    let folder = folder("rank-stdin");
    let job = fs::read(folder.join("job.txt")).unwrap();
    let arguments = ["rank", "--resumes", "cvs", "--lexical-only", "--json", "--job"];
    let from_file = inventure(&folder, &[&arguments[..], &["job.txt"]].concat());
    let from_input = piped(&folder, &[&arguments[..], &["-"]].concat(), &job);
    assert_eq!(json(&from_file), json(&from_input));

    let arguments = ["rank", "--job", "job.txt", "--resumes", "-", "--lexical-only", "--json"];
    let rows = json(&piped(&folder, &arguments, ENGINEER.as_bytes()));
    assert_eq!((&rows[0]["file"], rows.as_array().unwrap().len()), (&"-".into(), 1));

    let output = piped(
        &folder,
        &[&arguments[..2], &["-"], &arguments[3..4], &["cvs", "--lexical-only"]].concat(),
        &vec![b'a'; 1_000_001],
    );
    assert_eq!(output.status.code(), Some(1), "a job has its bound as well");
}

#[test]
fn what_is_left_out_of_a_ranking_shows_in_the_exit_code() {
    let folder = folder("left-out");
    fs::write(folder.join("cvs/empty.txt"), b"").unwrap();
    let arguments = [
        "rank",
        "--job",
        "job.txt",
        "--resumes",
        "cvs",
        "--lexical-only",
        "--json",
    ];
    let output = inventure(&folder, &arguments);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        serde_json::from_slice::<Value>(&output.stdout)
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert!(text(&output.stderr).starts_with("inventure: cvs/empty.txt: refused (empty): "));

    fs::remove_dir_all(folder.join("cvs/more")).unwrap();
    fs::remove_file(folder.join("cvs/a-nurse.txt")).unwrap();
    let output = inventure(&folder, &arguments);
    assert_eq!(output.status.code(), Some(1), "there is nothing to rank at all");
    assert!(output.stdout.is_empty());
}
