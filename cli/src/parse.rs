//! `inventure parse`.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use inventure_resume::Resume;
use serde_json::json;

use crate::{
    Outcome,
    args::ParseArgs,
    input,
    output::{self, HEADING},
    progress::Progress,
    reader::{Read, Reader},
    refused::{Refused, Worst},
};

/// The number of files that are read before anything is printed. Enough to keep the cores busy, few enough to see results.
const BATCH: usize = 64;

pub fn run(args: &ParseArgs) -> Outcome {
    input::standard_input_once(&args.paths)?;
    let files = input::files(&args.paths)?;
    let reader = Reader::new(None, args.ocr)?;
    let progress = Progress::new("read", files.len(), args.quiet);
    let mut out = output::results(args.json);
    let mut worst = Worst::default();
    for batch in files.chunks(BATCH) {
        let read = reader.read_all(batch, &progress);
        progress.aside(|| show(batch, &read, args.json, &mut out, &mut worst))?;
    }
    Ok(worst.into())
}

fn show(
    files: &[PathBuf],
    read: &[Result<Read, Refused>],
    as_json: bool,
    out: &mut impl Write,
    worst: &mut Worst,
) -> io::Result<()> {
    for (path, outcome) in files.iter().zip(read) {
        match outcome {
            Ok(read) => show_one(path, &read.resume, as_json, out)?,
            Err(refused) => worst.refused(path, refused),
        }
    }
    out.flush()
}

fn show_one(path: &Path, resume: &Resume, as_json: bool, out: &mut impl Write) -> io::Result<()> {
    if as_json {
        let line = json!({ "file": path.to_string_lossy(), "status": "parsed", "resume": resume });
        writeln!(out, "{line}")
    } else {
        let name = output::name(path);
        writeln!(out, "{HEADING}{name}{HEADING:#}\n{}", summary(resume))
    }
}

/// Describes a resume in some lines.
fn summary(resume: &Resume) -> String {
    let mut lines = Vec::new();
    let mut add = |label: &str, text: String| {
        if !text.is_empty() {
            lines.push(format!("  {label:<12}{}\n", output::printable(&text)));
        }
    };
    let value = |field: &Option<inventure_resume::Field<String>>| {
        field.as_ref().map_or("", |field| field.value.as_str()).to_owned()
    };
    add("name", value(&resume.name));
    add("headline", value(&resume.headline));
    add(
        "location",
        resume
            .location
            .as_ref()
            .map_or_else(String::new, |location| location.text.value.clone()),
    );
    let contacts = resume
        .emails
        .iter()
        .chain(&resume.phones)
        .map(|contact| contact.value.as_str());
    add("contact", contacts.collect::<Vec<_>>().join(", "));
    for job in &resume.experience {
        let month = |date: &Option<inventure_resume::Field<inventure_resume::PartialDate>>| {
            date.as_ref().map(|date| date.value.to_string())
        };
        let end = if job.current {
            Some("now".to_owned())
        } else {
            month(&job.end)
        };
        let dates: Vec<String> = [month(&job.start), end].into_iter().flatten().collect();
        let parts = [value(&job.title), value(&job.employer), dates.join(" to ")];
        add(
            "worked",
            parts
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
        );
    }
    for school in &resume.education {
        let parts = [value(&school.degree), value(&school.field), value(&school.school)];
        add(
            "studied",
            parts
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
        );
    }
    let skills = resume
        .skills
        .iter()
        .map(|skill| skill.label.as_ref().unwrap_or(&skill.name.value).as_str());
    add("skills", skills.collect::<Vec<_>>().join(", "));
    if let Some(months) = resume.total_months {
        add("experience", format!("{} years {} months", months / 12, months % 12));
    }
    lines.concat()
}
