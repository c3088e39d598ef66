use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{Document, Hint, Limits, MediaType, PartialDate, Refusal, parse, parse_tests, read};

fn sample() -> Value {
    json!({
        "$schema": "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json",
        "basics": {
            "name": "Jane Doe", "label": "Engineer", "image": "", "email": "jane@example.com", "phone": "(912) 555-4321",
            "url": "https://jane.example.com", "summary": "Two lines\nof summary",
            "location": { "address": "1 High Street", "postalCode": "94115", "city": "San Francisco", "countryCode": "US", "region": "California" },
            "profiles": [{ "network": "GitHub", "username": "jane", "url": "https://github.com/jane" }]
        },
        "work": [
            { "name": "Acme", "position": "Engineer", "url": "https://acme.example", "startDate": "2019-03", "summary": "Built it", "highlights": ["Rust", "Kubernetes"] },
            { "name": "Globex", "position": "Intern", "location": "Berlin", "startDate": "2015", "endDate": "2015-08-31" }
        ],
        "volunteer": [{ "organization": "Org", "position": "Helper", "startDate": "2012-01-01" }],
        "education": [{ "institution": "Reed", "area": "Physics", "studyType": "BA", "startDate": "2011", "endDate": "2015", "score": "4.0", "courses": ["X"] }],
        "awards": [{ "title": "Award", "date": "2014-11-01" }],
        "certificates": [{ "name": "CKA", "date": "2021-11-07", "issuer": "CNCF", "url": "https://c.example" }],
        "publications": [{ "name": "Paper" }],
        "skills": [{ "name": "Web Development", "level": "Master", "keywords": ["HTML", "CSS", "JS"] }, { "name": "Rust" }],
        "languages": [{ "language": "English", "fluency": "Native speaker" }],
        "interests": [{ "name": "Wildlife", "keywords": ["Ferrets"] }],
        "references": [{ "name": "X", "reference": "Y" }],
        "projects": [{ "name": "Graph", "description": "Uses GraphQL", "highlights": [], "roles": ["Lead"] }],
        "meta": { "version": "v1.0.0", "theme": "even" },
        "x-other": { "anything": [1, 2.5, null] }
    })
}

#[test]
fn in_and_out_loses_nothing() {
    let resume = import(&sample()).unwrap();
    assert_eq!(export(&resume), sample());
    for partial in [
        json!({ "basics": {} }),
        json!({ "basics": { "name": "" }, "skills": [] }),
        json!({ "work": [{ "company": "Old", "position": "X" }] }),
        json!({ "work": [], "languages": [{ "fluency": "good" }, { "language": "Spanish" }], "basics": { "profiles": [{ "username": "u" }], "location": {} } }),
        json!({ "work": [{ "name": "Gone", "startDate": "2015", "x-current": false }], "certificates": [{ "issuer": "I" }] }),
        json!({ "basics": { "email": "a@b.example", "location": { "address": "Berlin" }, "profiles": [{ "url": "a.example" }, { "url": "b.example", "network": "" }] } }),
    ] {
        assert_eq!(export(&import(&partial).unwrap()), partial);
    }
}

#[test]
fn out_and_in_loses_nothing() {
    let text = "Jane Doe\njane@example.com, j@other.example\n+1 415 555 0134\ngithub.com/jane\nwww.jane.example\n\nEXPERIENCE\nEngineer, Acme Inc, Jan 2019 - Present\n• Rust and Kubernetes\n\nEDUCATION\nBA, Reed College, 2015\n\nSKILLS\nRust, Zorbify\n\nLANGUAGES\nSpanish (fluent)\n\nCERTIFICATIONS\nCKA, 2021";
    let document = read(text.as_bytes(), Hint::default(), &Limits::default(), None).unwrap();
    let resume = parse(&document, PartialDate::year_month(2026, 11).unwrap());
    assert!(
        resume.emails.len() == 2
            && resume.links.len() == 2
            && resume.experience.len() == 1
            && !resume.languages.is_empty()
    );
    assert_eq!(import(&export(&resume)).unwrap(), resume);
    assert!(export(&resume)["meta"]["x-inventure"]["provenance"]["/basics/name"]["span"].is_object());
}

#[test]
fn wrong_types_are_told_with_their_place() {
    for (value, at) in [
        (json!([]), ""),
        (json!({ "name": "not one" }), ""),
        (json!({ "basics": [] }), "/basics"),
        (json!({ "basics": { "email": 7 } }), "/basics/email"),
        (json!({ "basics": { "profiles": [1] } }), "/basics/profiles/0"),
        (
            json!({ "basics": { "location": { "city": 1 } } }),
            "/basics/location/city",
        ),
        (json!({ "work": {} }), "/work"),
        (json!({ "work": [{}, { "startDate": 2019 }] }), "/work/1/startDate"),
        (json!({ "work": [{ "highlights": ["a", 1] }] }), "/work/0/highlights/1"),
        (json!({ "skills": [{ "keywords": "a" }] }), "/skills/0/keywords"),
        (json!({ "basics": {}, "projects": "x" }), "/projects"),
        (json!({ "basics": {}, "awards": [1] }), "/awards/0"),
        (json!({ "basics": {}, "meta": 1 }), "/meta"),
    ] {
        let Err(Refusal::InvalidJsonResume { at: place, .. }) = import(&value) else {
            panic!("{value} was read")
        };
        assert_eq!(place, at, "{value}");
    }
}

#[test]
fn records_are_read_as_their_senders_mean_them() {
    let work = |end: Value| {
        let resume = import(&json!({ "work": [{ "name": "Acme", "startDate": "2021-06", "endDate": end }] })).unwrap();
        let job = resume.experience.into_iter().next().unwrap();
        (job.end.map(|end| end.value.to_string()), job.current)
    };
    for end in [
        json!(null),
        json!(""),
        json!("Present"),
        json!("present "),
        json!("Current"),
    ] {
        assert_eq!(work(end.clone()), (None, true), "{end}");
    }
    for (end, read) in [
        ("2022-03-01T05:00:00.000Z", "2022-03-01"),
        ("October 2022", "2022-10"),
        ("03/2022", "2022-03"),
    ] {
        assert_eq!(work(json!(end)), (Some(read.into()), false), "{end}");
    }
    assert_eq!(work(json!("soon")), (None, false));
    let nulls = json!({ "basics": { "name": "A B", "label": null, "profiles": null, "location": null }, "work": null,
        "education": [null, { "institution": "Reed", "area": null }], "skills": [{ "name": "Rust", "keywords": null }], "awards": null });
    let resume = import(&nulls).unwrap();
    assert_eq!((resume.education.len(), resume.skills.len()), (1, 1));
}

#[test]
fn exports_of_reactive_resume_are_read() {
    let version_4 = json!({
        "basics": { "name": "Cal Strand", "headline": "Planner", "email": "c@example.com", "location": "Newark, NJ", "url": { "label": "", "href": "https://c.example" } },
        "sections": {
            "summary": { "content": "<p>Plans two warehouses.</p>" },
            "experience": { "items": [
                { "visible": true, "company": "Harborline", "position": "Planner", "date": "March 2021 - Present", "summary": "<ul><li>Slotting</li><li>R&amp;D</li></ul>" },
                { "visible": false, "company": "Hidden", "position": "X", "date": "2010" }
            ] },
            "education": { "items": [{ "institution": "Rutgers", "studyType": "BS", "area": "Supply Chain", "date": "2013 - 2017" }] },
            "skills": { "items": [{ "name": "Systems", "keywords": ["SAP EWM", "Excel"] }] },
            "profiles": { "items": [{ "network": "LinkedIn", "url": { "href": "https://linkedin.com/in/c" } }] }
        },
        "metadata": {}
    });
    let resume = import(&version_4).unwrap();
    let job = &resume.experience[0];
    assert_eq!((resume.experience.len(), job.current), (1, true));
    assert_eq!(job.start.as_ref().unwrap().value.to_string(), "2021-03");
    assert_eq!(job.description.as_ref().unwrap().value, "Slotting\nR&D");
    assert_eq!(resume.education[0].end.as_ref().unwrap().value.to_string(), "2017");
    assert_eq!(
        resume
            .skills
            .iter()
            .map(|skill| skill.name.value.as_str())
            .collect::<Vec<_>>(),
        ["SAP EWM", "Excel"]
    );
    assert_eq!(resume.links.len(), 2);
    let version_3 = json!({
        "basics": { "name": "Cal Strand", "location": { "city": "Newark", "region": "NJ", "address": "" }, "website": "https://c.example" },
        "sections": { "work": { "items": [{ "name": "Passaic Paper", "position": "Clerk", "date": { "start": "2017-06-01T05:00:00.000Z", "end": "" } }] } }
    });
    let resume = import(&version_3).unwrap();
    assert_eq!(resume.location.unwrap().text.value, "Newark, NJ");
    assert_eq!(
        resume.experience[0].start.as_ref().unwrap().value.to_string(),
        "2017-06-01"
    );
    assert!(resume.experience[0].current);
}

#[test]
fn a_file_is_a_document_with_its_spans() {
    let file = serde_json::to_vec(&sample()).unwrap();
    let document: Document = read(&file, Hint::default(), &Limits::default(), None).unwrap();
    assert_eq!(document.media_type, MediaType::JsonResume);
    let resume = parse(&document, PartialDate::year_month(2026, 11).unwrap());
    parse_tests::check_spans(&document.text, &resume);
    assert_eq!(
        resume.name.as_ref().unwrap().span.unwrap().of(&document.text),
        "Jane Doe"
    );
    assert_eq!(resume.total_months, Some(95));
    let skill = |id: &str| {
        resume
            .skills
            .iter()
            .find(|skill| skill.id.as_deref() == Some(id))
            .unwrap()
    };
    assert_eq!(skill("javascript").name.value, "JS");
    assert_eq!(skill("rust").months_used, Some(93));
    assert!(document.text.contains("Uses GraphQL"));
}

proptest! {
    #[test]
    fn texts_of_any_kind_come_back(name in "\\PC{1,20}", summary in ".{1,40}", year in 1000_u16..2999, extra in "[a-z]{1,8}") {
        let value = json!({ "basics": { "name": name, "summary": summary, "x-more": extra }, "work": [{ "name": summary, "startDate": year.to_string() }] });
        if let Ok(resume) = import(&value) {
            prop_assert_eq!(export(&resume), value);
        }
    }
}
