//! `inventure parse`.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use inventure_resume::Resume;
use serde_json::json;

use crate::{Outcome, ParseArgs, reader::Reader};

/// The number of files that are read before anything is printed. Enough to keep the cores busy, few enough to see progress.
const BATCH: usize = 64;

pub fn run(args: &ParseArgs) -> Outcome {
    let reader = Reader::new()?;
    let mut out = io::stdout().lock();
    let mut all_opened = true;
    for files in args.files.chunks(BATCH) {
        for (path, outcome) in files.iter().zip(reader.read_all(files)) {
            let file = path.to_string_lossy();
            match outcome {
                Ok(read) if args.json => {
                    writeln!(
                        out,
                        "{}",
                        json!({ "file": file, "status": "parsed", "resume": read.resume })
                    )?;
                }
                Ok(read) => writeln!(out, "{file}\n{}", summary(&read.resume))?,
                Err(refused) => {
                    all_opened &= !refused.unreadable;
                    let (reason, detail) = (&refused.reason, &refused.detail);
                    if args.json {
                        let row = json!({ "file": file, "status": "refused", "reason": reason, "detail": detail });
                        writeln!(out, "{row}")?;
                    } else {
                        writeln!(out, "{file}\n  refused ({reason}): {detail}\n")?;
                    }
                }
            }
        }
        out.flush()?;
    }
    Ok(ExitCode::from(u8::from(!all_opened)))
}

/// Describes a resume in some lines.
fn summary(resume: &Resume) -> String {
    let mut lines = Vec::new();
    let mut add = |label: &str, text: String| {
        if !text.is_empty() {
            lines.push(format!("  {label:<12}{text}\n"));
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
