use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const CV: &str = "\
Ilona Kihn
Software Developer - Initech India Pvt Ltd

Hyderabad, Telangana - Email me on Indeed: Ilona.Kihn@example.org

WORK EXPERIENCE

Senior Software Engineer

Initech India Pvt Ltd -  Bengaluru, Karnataka -

June 2015 to Present

• Worked with Java, Python and MySQL

EDUCATION

Bachelor of Engineering in Computer Science

Anna University -  Chennai, Tamil Nadu

2011

SKILLS

Java (3 years), HTML, CSS, Project Management, communication, leadership

https://www.indeed.com/r/ilona-kihn
";

fn texts(found: &[Entity], kind: EntityKind) -> Vec<&str> {
    found
        .iter()
        .filter(|e| e.kind == kind)
        .map(|e| e.text.as_str())
        .collect()
}

#[test]
fn the_built_in_models_load() {
    assert!(LEXICON.is_some());
    assert_eq!(ENTITIES.as_ref().map(Model::kinds), Some(EntityKind::ALL.len()));
}

#[test]
fn a_plain_cv_is_tagged() {
    let found = entities(CV);
    let first = |kind| texts(&found, kind).first().copied().unwrap_or_default();
    assert_eq!(first(EntityKind::Name), "Ilona Kihn");
    assert_eq!(first(EntityKind::Email), "Ilona.Kihn@example.org");
    assert_eq!(first(EntityKind::Company), "Initech India Pvt Ltd");
    assert_eq!(first(EntityKind::Location), "Hyderabad, Telangana");
    assert_eq!(first(EntityKind::YearsOfExperience), "June 2015 to Present");
    assert_eq!(first(EntityKind::GraduationYear), "2011");
    assert!(texts(&found, EntityKind::Designation).contains(&"Senior Software Engineer"));
    assert!(first(EntityKind::Degree).starts_with("Bachelor of Engineering"));
    assert!(first(EntityKind::College).ends_with("Anna University"));
    for tool in ["Java", "Python", "MySQL", "HTML", "CSS"] {
        assert!(texts(&found, EntityKind::TechTool).contains(&tool), "{tool} is missing");
    }
}

#[test]
fn offsets_count_characters() {
    let text = format!("Résumé — naïve 𝒳\n\n{CV}");
    let characters: Vec<char> = text.chars().collect();
    let found = entities(&text);
    assert!(found.len() > 15);
    for entity in &found {
        let sliced: String = characters[entity.start as usize..entity.end as usize].iter().collect();
        assert_eq!(sliced, entity.text);
        assert!((0.0..=1.0).contains(&entity.confidence));
    }
    assert!(
        found.windows(2).all(|pair| pair[0].end <= pair[1].start),
        "entities do not overlap"
    );
}

#[test]
fn kinds_have_their_wire_names() {
    let names: Vec<String> = EntityKind::ALL
        .iter()
        .map(|k| serde_json::to_string(k).unwrap())
        .collect();
    let wanted = "name email designation company college degree graduation_year location years_of_experience job_skill \
                  soft_skill tech_tool";
    assert_eq!(names.join(" ").replace('"', ""), wanted);
    assert!(
        EntityKind::ALL.iter().enumerate().all(|(i, kind)| *kind as usize == i),
        "the model counts on this order"
    );
}

#[test]
fn a_rejected_span_does_not_block_others() {
    let span = |start, end| TokenSpan { start, end, kind: 0 };
    let candidates = [
        (span(0, 2), 0.9),
        (span(1, 4), 0.5),
        (span(3, 5), 0.4),
        (span(6, 7), 0.1),
    ];
    assert_eq!(pick(&candidates, &[0.3]), [(span(0, 2), 0.9), (span(3, 5), 0.4)]);
}

#[test]
fn a_huge_text_is_tagged_to_its_end() {
    let line = "Senior Software Engineer at Initech Ltd, Java and Python; ".repeat(3_500);
    assert!(line.len() > 200_000);
    let found = entities(&line);
    assert!(found.last().is_some_and(|e| e.end as usize > line.len() - 100));
}

/// Returns text and distinct (kind, text) pairs of a CV marked with `<label type="…">`.
fn unmark(xml: &str) -> (String, BTreeSet<(usize, String)>) {
    let plain = |part: &str| part.replace("&amp;", "&");
    let names = [
        "Name",
        "Email Address",
        "Designation",
        "Companies worked at",
        "College Name",
        "Degree",
        "Graduation Year",
        "Location",
        "Years of Experience",
        "Job Specific Skills",
        "Soft Skills",
        "Tech Tools",
    ];
    let body = xml.split("<cv>").nth(1).unwrap().split("</cv>").next().unwrap();
    let mut parts = body.split("<label type=\"");
    let (mut text, mut marks) = (plain(parts.next().unwrap()), BTreeSet::new());
    for part in parts {
        let (name, rest) = part.split_once("\">").unwrap();
        let (inner, after) = rest.split_once("</label>").unwrap();
        marks.insert((
            names.iter().position(|n| *n == name).unwrap(),
            plain(inner).trim().to_lowercase(),
        ));
        text.push_str(&plain(inner));
        text.push_str(&plain(after));
    }
    (text, marks)
}

/// Guards the way from text to entities. The model has seen these CVs, so the test does not tell the tagger's worth on others.
#[test]
fn marked_cvs_are_tagged_as_marked() {
    let fixtures = [
        include_str!("fixtures/cv-1.xml"),
        include_str!("fixtures/cv-50.xml"),
        include_str!("fixtures/cv-250.xml"),
    ];
    for (xml, least) in fixtures.iter().zip([0.9, 0.9, 0.8]) {
        let (text, marked) = unmark(xml);
        let found: BTreeSet<_> = entities(&text)
            .into_iter()
            .map(|e| (e.kind as usize, e.text.to_lowercase()))
            .collect();
        let f1 = 2.0 * found.intersection(&marked).count() as f32 / (found.len() + marked.len()) as f32;
        assert!(
            f1 >= least,
            "F1 {f1}: missing {:?}, too many {:?}",
            &marked - &found,
            &found - &marked
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_is_too_strange(text in "(\\PC|[ \\n\\t@.:/\\\\x0-9a-f-])*") {
        let length = text.chars().count() as u32;
        for entity in entities(&text) {
            prop_assert!(entity.start < entity.end && entity.end <= length);
        }
    }
}
