//! The matching crate from outside. One binary, linked once.

#![expect(clippy::unwrap_used, reason = "tests")]

mod fairness;
mod index;
mod jobs;
mod ranking;

use inventure_ranking::{
    Document, Filters,
    document::{Facts, Kind, Need, Shown, Skill, TermCounter, Title, TitleVector},
    occupation,
    seniority::Seniority,
    vector::{DIMENSIONS, Vector},
};

pub(crate) const MODEL: &str = "test-model";
pub(crate) const TENANT: &str = "ten_1";
pub(crate) const TODAY: i32 = 20_000;

/// A unit vector that leans to `axis`, and a little to the next.
pub(crate) fn vector(axis: usize) -> Option<Vector> {
    let mut values = [0.0; DIMENSIONS];
    values[axis % DIMENSIONS] = 0.8;
    values[(axis + 1) % DIMENSIONS] = 0.6;
    Vector::quantise(&values)
}

/// The vector of a title, of its words alone: titles that share words are near.
pub(crate) fn titles(normal: &str) -> Vec<TitleVector> {
    let mut values = [0.0_f32; DIMENSIONS];
    for word in normal.split_whitespace() {
        let hash = word
            .bytes()
            .fold(5381_usize, |hash, byte| hash.wrapping_mul(33) ^ usize::from(byte));
        values[hash % DIMENSIONS] = 1.0;
    }
    let length = values.iter().sum::<f32>().sqrt();
    let title = |vector| TitleVector {
        normal: normal.to_owned(),
        vector,
    };
    Vector::quantise(&values.map(|value| value / length))
        .map(title)
        .into_iter()
        .collect()
}

pub(crate) fn document(
    kind: Kind,
    id: &str,
    title: &str,
    words: &str,
    skills: &[(&str, Need)],
    axis: usize,
) -> Document {
    let mut terms = TermCounter::default();
    terms.add(title, 3);
    terms.add(words, 1);
    let mut skills: Vec<Skill> = skills
        .iter()
        .map(|(id, need)| Skill {
            id: (*id).to_owned(),
            label: id.to_uppercase(),
            need: *need,
        })
        .collect();
    skills.sort();
    let normal = occupation::normalise(title);
    let facts = Facts {
        titles: vec![Title {
            occupations: occupation::occupations(&normal),
            normal: normal.clone(),
        }],
        seniority: Seniority::of_title(title),
        skills,
        ..Facts::unknown(kind, TODAY)
    };
    Document {
        id: id.to_owned(),
        tenant_id: TENANT.to_owned(),
        version: 1,
        facts,
        vector: vector(axis),
        terms: terms.finish(),
        text_was_cut: false,
        shown: Shown::ALWAYS,
        titles: titles(&normal),
    }
}

pub(crate) fn candidate(id: &str, title: &str, words: &str, skills: &[&str], axis: usize) -> Document {
    let skills: Vec<(&str, Need)> = skills.iter().map(|skill| (*skill, Need::Required)).collect();
    document(Kind::Candidate, id, title, words, &skills, axis)
}

pub(crate) fn job() -> Document {
    let skills = [("rust", Need::Required), ("kafka", Need::Required), ("go", Need::Nice)];
    document(
        Kind::Job,
        "job_1",
        "Senior Software Engineer",
        "rust services kafka streams payments",
        &skills,
        3,
    )
}

pub(crate) fn visible() -> Filters {
    Filters {
        tenants: [TENANT.to_owned()].into(),
        ..Filters::default()
    }
}

/// Four candidates from best to worst for [`job`].
pub(crate) fn pool() -> Vec<Document> {
    vec![
        candidate(
            "can_a",
            "Senior Software Engineer",
            "rust services kafka payments",
            &["rust", "kafka", "go"],
            3,
        ),
        candidate("can_b", "Software Developer", "rust services web", &["rust"], 4),
        candidate("can_c", "Java Developer", "java web shop", &["java"], 9),
        candidate("can_d", "Registered Nurse", "intensive care ward", &["nursing"], 200),
    ]
}
