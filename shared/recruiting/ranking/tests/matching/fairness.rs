//! Two resumes that differ only in who the person is must come out the same to the last byte.

use inventure_core::Span;
use inventure_ranking::{
    explain,
    profile::{Preferences, Reading, Stamp, Vectors, candidate_document, candidate_text},
    rank::{Feature, FeatureName, Match},
};
use inventure_resume::{Education, Experience, Field, Link, Location, Resume, Skill};

use crate::job;

struct Person {
    name: &'static str,
    first: &'static str,
    pronoun: &'static str,
    possessive: &'static str,
    title: &'static str,
    email: &'static str,
    school: &'static str,
    employer: &'static str,
    personal: &'static str,
}

const HER: Person = Person {
    name: "Lakisha Washington",
    first: "Lakisha",
    pronoun: "She",
    possessive: "her",
    title: "Saleswoman",
    email: "lakisha@example.com",
    school: "Spelman College, USA",
    employer: "Oracle India",
    personal: "Date of birth: 12 March 1991\nGender: female\nNationality: Nigerian",
};

const HIM: Person = Person {
    name: "Greg Walsh",
    first: "Greg",
    pronoun: "He",
    possessive: "his",
    title: "Salesman",
    email: "greg@example.org",
    school: "ETH Zürich, Switzerland",
    employer: "Oracle Ireland",
    personal: "Date of birth: 1 May 1975\nGender: male\nNationality: Irish",
};

fn field(text: &str) -> Field<String> {
    Field::new(
        text.to_owned(),
        Span {
            page: Some(1),
            start: 10,
            end: 10 + text.chars().count() as u32,
        },
        0.9,
    )
}

fn resume(person: &Person) -> Resume {
    let Person {
        name,
        first,
        pronoun,
        possessive,
        title,
        email,
        school,
        employer,
        personal,
    } = person;
    Resume {
        name: Some(field(name)),
        headline: Some(field(title)),
        emails: vec![field(email)],
        phones: vec![field("+1 555 0100")],
        links: vec![Link {
            url: field(&format!("linkedin.com/in/{first}")),
            network: None,
            extra: serde_json::Map::default(),
        }],
        location: Some(Location {
            text: field("12 High Street, Leeds, UK"),
            extra: serde_json::Map::default(),
        }),
        summary: Some(field(&format!(
            "{first} sells software. {pronoun} built {possessive} team.\n{personal}"
        ))),
        experience: vec![Experience {
            employer: Some(field(employer)),
            title: Some(field(title)),
            highlights: vec![field(&format!("{first}'s team sold Kafka services for payments"))],
            months: Some(40),
            ..Experience::default()
        }],
        education: vec![Education {
            school: Some(field(school)),
            field: Some(field("Economics")),
            ..Education::default()
        }],
        skills: vec![Skill {
            name: field("kafka"),
            id: Some("kafka".into()),
            label: Some("Apache Kafka".into()),
            months_used: None,
            last_used: None,
        }],
        total_months: Some(40),
        ..Resume::default()
    }
}

fn bytes(resume: &Resume) -> Vec<u8> {
    let stamp = Stamp {
        id: "can_1".into(),
        tenant_id: "ten_1".into(),
        version: 1,
        updated_day: 20_000,
    };
    candidate_document(stamp, resume, &Preferences::default(), Vectors::default()).to_bytes()
}

#[test]
fn who_it_is_changes_nothing() {
    let (hers, his) = (resume(&HER), resume(&HIM));
    assert_eq!(candidate_text(&hers), candidate_text(&his));
    assert_eq!(bytes(&hers), bytes(&his));
}

#[test]
fn a_name_is_left_out_however_it_was_read_and_whatever_it_is_corrected_to() {
    let indexed = |resume: &Resume, names: &str| {
        let reading = Reading {
            resume,
            text: "",
            names,
        };
        let stamp = Stamp {
            id: "can_1".into(),
            tenant_id: "ten_1".into(),
            version: 1,
            updated_day: 20_000,
        };
        let document = candidate_document(stamp, reading, &Preferences::default(), Vectors::default());
        let bytes = String::from_utf8_lossy(&document.to_bytes()).to_lowercase();
        format!("{} {bytes}", candidate_text(reading).text.to_lowercase())
    };
    let mut one = resume(&HER);
    one.experience[0].highlights = vec![field("Lakisha led the move to Kafka")];
    one.name.as_mut().unwrap().confidence = 0.3;
    assert!(!indexed(&one, "").contains("lakisha"), "a name that is a suggestion");
    one.name = Some(field("L. Washington"));
    assert!(indexed(&one, "").contains("lakisha"), "nobody said so");
    assert!(
        !indexed(&one, "Lakisha Washington").contains("lakisha"),
        "a name that was corrected"
    );
}

#[test]
fn what_was_done_changes_something() {
    let mut other = resume(&HER);
    other.experience[0].highlights = vec![field("Sold mainframes to banks")];
    assert_ne!(bytes(&other), bytes(&resume(&HER)));
}

#[test]
fn nothing_of_the_person_is_in_the_text_or_the_bytes() {
    let text = candidate_text(&resume(&HER)).text;
    let stored = String::from_utf8_lossy(&bytes(&resume(&HER))).to_lowercase();
    for leak in [
        "lakisha",
        "washington",
        "example.com",
        "555",
        "spelman",
        "india",
        "oracle",
        "1991",
        "female",
        "nigerian",
        "high street",
    ] {
        assert!(!text.to_lowercase().contains(leak), "{leak} in the text: {text}");
        assert!(!stored.contains(leak), "{leak} in the stored bytes");
    }
    assert!(text.contains("salesperson") && text.contains("Kafka"), "{text}");
    assert!(stored.contains("leeds"), "the city is what places are compared by");
}

#[test]
fn evidence_shows_where_the_resume_says_it() {
    let mut found = Match {
        id: "can_1".into(),
        tenant_id: "ten_1".into(),
        version: 1,
        score: 0.5,
        weights_version: String::new(),
        model_version: String::new(),
        stats_version: String::new(),
        features: vec![Feature {
            name: FeatureName::Title,
            value: 0.9,
            weight: 1.0,
            contribution: 0.9,
            known: true,
            reason: String::new(),
        }],
        evidence: Vec::new(),
        title: Some("salesperson".into()),
    };
    explain(&resume(&HIM), &job(), &mut found);
    let skill = found
        .evidence
        .iter()
        .find(|piece| piece.feature == FeatureName::RequiredSkills)
        .unwrap();
    assert_eq!((skill.what.as_str(), skill.snippet.as_str()), ("KAFKA", "kafka"));
    assert_eq!(
        skill.span.map(|span| (span.page, span.end - span.start)),
        Some((Some(1), 5))
    );
    let mut titles = found
        .evidence
        .iter()
        .filter(|piece| piece.feature == FeatureName::Title);
    assert_eq!(titles.next().unwrap().what, "Salesman");
    let words = found
        .evidence
        .iter()
        .find(|piece| piece.feature == FeatureName::Words)
        .unwrap();
    assert_eq!(words.what, "kafka, payment, service");
    assert!(found.evidence.iter().all(|piece| piece.snippet.chars().count() <= 160));
}
