//! Tests the demo's résumés, which real tools made from known contents. The contents are the person, the jobs and the schools.
//! The snapshot was checked by eye against what the documents show.

use std::{fmt::Write as _, fs, path::Path};

mod library;

use inventure_resume::{Field, Hint, Limits, PDF_LIBRARIES, PartialDate, PdfLibrary, parse, read};

fn text(field: Option<&Field<String>>) -> &str {
    field.map_or("?", |field| field.value.as_str())
}

fn date(field: Option<&Field<PartialDate>>) -> String {
    field.map_or_else(|| "?".to_owned(), |field| field.value.to_string())
}

#[test]
fn the_demos_resumes_are_read_as_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../localstack/seed/resumes");
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
        let place = resume.location.as_ref().map(|location| &location.text);
        writeln!(
            page,
            "{name}: {}, {}, {}",
            text(resume.name.as_ref()),
            text(resume.headline.as_ref()),
            text(place)
        )
        .unwrap();
        for job in &resume.experience {
            let end = if job.current {
                "now".to_owned()
            } else {
                date(job.end.as_ref())
            };
            let (title, employer) = (text(job.title.as_ref()), text(job.employer.as_ref()));
            let place = text(job.location.as_ref());
            writeln!(
                page,
                "  {title} at {employer}, {place}, {} to {end}",
                date(job.start.as_ref())
            )
            .unwrap();
        }
        for school in &resume.education {
            let (degree, field, name) = (
                text(school.degree.as_ref()),
                text(school.field.as_ref()),
                text(school.school.as_ref()),
            );
            let end = date(school.end.as_ref());
            writeln!(
                page,
                "  {degree} in {field}, {name}, {} to {end}",
                date(school.start.as_ref())
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(page);
}
