//! Tests résumés of known contents: the demo's, and small ones that readers are known to fail on. The
//! snapshots hold the person, the jobs, the schools and the certificates; they were checked by eye against the documents.
#![expect(clippy::unwrap_used, reason = "a test stops where a file is not there")]

use std::{fmt::Write as _, fs, path::Path};

mod library;

use inventure_resume::{Field, Hint, Limits, PDF_LIBRARIES, PartialDate, PdfLibrary, Resume, parse, read};

fn text(field: Option<&Field<String>>) -> &str {
    field.map_or("?", |field| field.value.as_str())
}

fn date(field: Option<&Field<PartialDate>>) -> String {
    field.map_or_else(|| "?".to_owned(), |field| field.value.to_string())
}

/// Returns what is read of each file of a folder, as lines of text.
fn readings(folder: &Path) -> String {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let known = PDF_LIBRARIES.iter().find(|(known, _)| *known == std::env::consts::ARCH);
    let pdf = PdfLibrary::open(&library::path(known.unwrap().1)).unwrap();
    let mut page = String::new();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let hint = Hint {
            file_name: Some(&name),
            ..Hint::default()
        };
        let document = read(&fs::read(&path).unwrap(), hint, &Limits::default(), Some(&pdf)).unwrap();
        let resume = parse(&document, "2026-11".parse().unwrap());
        write(&mut page, &name, &resume).unwrap();
    }
    page
}

fn write(page: &mut String, name: &str, resume: &Resume) -> std::fmt::Result {
    let place = resume.location.as_ref().map(|location| &location.text);
    writeln!(
        page,
        "{name}: {}, {}, {}, {}, {}",
        text(resume.name.as_ref()),
        text(resume.headline.as_ref()),
        text(place),
        text(resume.emails.first()),
        text(resume.phones.first())
    )?;
    for job in &resume.experience {
        let end = if job.current {
            "now".to_owned()
        } else {
            date(job.end.as_ref())
        };
        let (title, employer) = (text(job.title.as_ref()), text(job.employer.as_ref()));
        let team = job
            .team
            .as_ref()
            .map_or_else(String::new, |team| format!(" ({})", team.value));
        writeln!(
            page,
            "  {title}{team} at {employer}, {}, {} to {end}, {} points",
            text(job.location.as_ref()),
            date(job.start.as_ref()),
            job.highlights.len()
        )?;
    }
    for school in &resume.education {
        writeln!(
            page,
            "  {} in {}, {}, {} to {}",
            text(school.degree.as_ref()),
            text(school.field.as_ref()),
            text(school.school.as_ref()),
            date(school.start.as_ref()),
            date(school.end.as_ref())
        )?;
    }
    for certificate in &resume.certifications {
        writeln!(
            page,
            "  certificate {} by {}, {}",
            certificate.name.value,
            text(certificate.issuer.as_ref()),
            date(certificate.date.as_ref())
        )?;
    }
    Ok(())
}

#[test]
fn the_demos_resumes_are_read_as_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../localstack/seed/resumes");
    insta::assert_snapshot!(readings(&folder));
}

#[test]
fn small_files_that_readers_fail_on_are_read_as_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    insta::assert_snapshot!(readings(&folder));
}
