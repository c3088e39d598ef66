use super::*;
use crate::{
    read::{MediaType, PageSpan},
    resume::Experience,
};

fn document(text: &str) -> Document {
    Document {
        media_type: MediaType::Text,
        recognised: false,
        text: text.to_owned(),
        pages: Vec::new(),
        links: Vec::new(),
        words: Vec::new(),
        styles: Vec::new(),
        language: None,
        structured: None,
    }
}

fn parsed(text: &str) -> Resume {
    parse(&document(text), PartialDate::year_month(2026, 11).unwrap())
}

/// Returns `title @ employer, start..end` of every job.
fn jobs(resume: &Resume) -> Vec<String> {
    let text = |field: &Option<Field<String>>| field.as_ref().map_or("?", |field| field.value.as_str()).to_owned();
    let date =
        |field: &Option<Field<PartialDate>>| field.as_ref().map_or(String::new(), |field| field.value.to_string());
    let show = |job: &Experience| {
        let end = if job.current { "now".to_owned() } else { date(&job.end) };
        format!(
            "{} @ {}, {}..{end}",
            text(&job.title),
            text(&job.employer),
            date(&job.start)
        )
    };
    resume.experience.iter().map(show).collect()
}

const TYPICAL: &str = "\
Zoë Martínez
Senior Software Engineer
zoe.martinez@example.com\t+1 (415) 555-0134\tSan Francisco, CA\tlinkedin.com/in/zoemartinez

SUMMARY
Engineer with ten years of experience in distributed systems.

WORK EXPERIENCE
Acme Corporation
Senior Software Engineer\tJan 2019 – Present
• Built services in Rust and Kubernetes that serve a million requests
a minute
• Led a team of five

Globex Inc, Portland, OR
Software Engineer\t03/2015 - 12/2018
• Wrote Python and PostgreSQL

EDUCATION
University of Washington
Bachelor of Science in Computer Science\t2011 - 2015

SKILLS
Languages: Rust, Python, Go, SQL
Tools: Docker, Kubernetes, Zorbify

LANGUAGES
English (native), Spanish - fluent

CERTIFICATIONS
AWS Certified Solutions Architect, May 2021";

#[test]
fn a_heading_behind_a_bullet_is_a_heading() {
    for bullet in ["• ", "•", ""] {
        let text = format!(
            "Ana Lima\n\n{bullet}Summary\nSales manager for industrial pumps.\n\n{bullet}Skills\nRust, Kafka\n"
        );
        let resume = parsed(&text);
        assert_eq!(
            resume.summary.unwrap().value,
            "Sales manager for industrial pumps.",
            "{bullet:?}"
        );
        let skills: Vec<&str> = resume.skills.iter().map(|skill| skill.name.value.as_str()).collect();
        assert_eq!(skills, ["Rust", "Kafka"], "{bullet:?}");
    }
    let _ = parsed("Ana Lima\n\n• Skills ——\nRust, Kafka\n");
    let resume = parsed("Ana Lima\n\n• Skills: Rust, Kafka\n");
    assert_eq!(resume.skills.len(), 2);
}

#[test]
fn an_employer_below_the_title_needs_no_word_of_a_company() {
    let text = "Maren Holtby\n\nEXPERIENCE\nSenior Backend Engineer\tMarch 2021 – Present\nLarkspur Payments, Seattle, WA\n\
        • Built the card-routing service\n\nBackend Engineer\tJune 2018 – February 2021\nBuilt the tracker with people in Portland, OR\n";
    let resume = parsed(text);
    assert_eq!(
        jobs(&resume),
        [
            "Senior Backend Engineer @ Larkspur Payments, 2021-03..now",
            "Backend Engineer @ ?, 2018-06..2021-02",
        ]
    );
    assert_eq!(resume.experience[0].location.as_ref().unwrap().value, "Seattle, WA");
}

/// A form of many European applications names the employer below what was done there.
const EMPLOYER_BEHIND: &str = "\
PERSONAL INFORMATION
Surname and first name\tOkafor, Chidi
E-mail\tchidi.okafor@example.com

WORK EXPERIENCE
Dates\t03/2019 - present
Occupation or position held\tPlant Engineer
Main activities and responsibilities\tKept four filling lines running in three shifts.
Planned the yearly stop of the boiler house.
Name and address of employer\tVeldhoven Dairy, Eindhoven, Netherlands

Dates\t09/2014 - 02/2019
Occupation or position held\tMaintenance Technician
Main activities and responsibilities\tRebuilt pumps and gearboxes.
Trained two apprentices.
Name and address of employer\tBrackwater Paper, Rotterdam, Netherlands

EDUCATION
Dates\t2010 - 2014
Title of qualification awarded\tBachelor of Mechanical Engineering
Name of institution\tDelft University of Technology
";

#[test]
fn an_employer_below_what_was_done_is_that_of_the_job_above() {
    assert_eq!(
        jobs(&parsed(EMPLOYER_BEHIND)),
        [
            "Plant Engineer @ Veldhoven Dairy, 2019-03..now",
            "Maintenance Technician @ Brackwater Paper, 2014-09..2019-02"
        ]
    );
}

#[test]
fn an_employer_over_its_job_is_not_that_of_the_job_above() {
    let text = "\
Ada Berger
ada.berger@example.com

WORK EXPERIENCE
Freelance Translator\t2020 - present
• Translated contracts and patents

Zorbex Ltd, Berlin
A maker of pumps with 900 people.
Export Manager\t2015 - 2019
• Led a team of nine

Brackwater Paper, Rotterdam
A paper mill.
Sales Clerk\t2012 - 2015
• Took orders by telephone
";
    let jobs = jobs(&parsed(text));
    assert!(
        !jobs.iter().any(|job| job.starts_with("Freelance Translator @ Zorbex")),
        "{jobs:?}"
    );
    assert!(
        !jobs.iter().any(|job| job.starts_with("Export Manager @ Brackwater")),
        "{jobs:?}"
    );
}

/// Returns a Europass-like form of two jobs, with what is given in the place of the first employer's line.
fn form(first_employer: &str) -> String {
    EMPLOYER_BEHIND.replace(
        "Name and address of employer\tVeldhoven Dairy, Eindhoven, Netherlands\n",
        first_employer,
    )
}

#[test]
fn an_employer_with_a_time_of_its_own_is_not_that_of_the_job_above() {
    let text = "\
Ada Berger
ada.berger@example.com

WORK EXPERIENCE
Freelance Translator\t2012 - 2019
• Translated contracts and patents

Zorbex Ltd, Berlin\t2020 - present
• Led a team of nine
";
    let jobs = jobs(&parsed(text));
    assert!(
        !jobs.iter().any(|job| job.starts_with("Freelance Translator @ Zorbex")),
        "{jobs:?}"
    );
    assert!(jobs.iter().any(|job| job.contains("2012..2019")), "{jobs:?}");
}

#[test]
fn an_entry_without_duties_leaves_employers_where_they_belong() {
    let together = EMPLOYER_BEHIND
        .replace(
            "Main activities and responsibilities\tKept four filling lines running in three shifts.\n",
            "",
        )
        .replace("Planned the yearly stop of the boiler house.\n", "");
    assert_eq!(
        jobs(&parsed(&together)),
        [
            "Plant Engineer @ Veldhoven Dairy, 2019-03..now",
            "Maintenance Technician @ Brackwater Paper, 2014-09..2019-02"
        ]
    );
    let department =
        form("Department\tUtilities\nName and address of employer\tVeldhoven Dairy, Eindhoven, Netherlands\n");
    assert_eq!(
        jobs(&parsed(&department))[0],
        "Plant Engineer @ Veldhoven Dairy, 2019-03..now"
    );
}

#[test]
fn a_form_begins_again_with_its_first_label() {
    let text = "\
Full name: Odalys Ferncastle
E-mail: odalys@example.com

EMPLOYMENT HISTORY
Dates (from – to): March 2020 – Present
Position: Clinical Research Coordinator
Employer: Pinegrove Medical Center
Dates (from – to): June 2016 – February 2020
Position: Research Assistant
Employer: Saltmarsh Institute
";
    assert_eq!(
        jobs(&parsed(text)),
        [
            "Clinical Research Coordinator @ Pinegrove Medical Center, 2020-03..now",
            "Research Assistant @ Saltmarsh Institute, 2016-06..2020-02"
        ]
    );
}

#[test]
fn a_title_that_was_held_is_the_headline() {
    let text = "\
Osgood Pemberley
Customer Support Agent | Tampa, FL | osgood.p@example.com | 813-555-0190

EXPERIENCE
Customer Support Agent, Gulfside Telecom
May 2020 - Present
• Answers 60 calls a day in Zendesk
";
    assert_eq!(
        parsed(text).headline.map(|field| field.value).as_deref(),
        Some("Customer Support Agent")
    );
}

#[test]
fn a_certificate_is_dated_by_the_day_it_was_given() {
    let dates = |line: &str| {
        let text = format!("Ada Berger\nada.berger@example.com\n\nCERTIFICATIONS\n{line}\n\nSKILLS\nRust, Kafka\n");
        let all = parsed(&text).certifications;
        let date = |one: &crate::Certification| one.date.as_ref().map_or("-".to_owned(), |date| date.value.to_string());
        all.iter().map(date).collect::<Vec<_>>()
    };
    assert_eq!(dates("Certified Scrum Master, 2019"), ["2019"]);
    for ending in [
        "exp 2027",
        "expires 05/2027",
        "valid until 2027",
        "Expiration date: 2027",
        "renewal due 2027",
    ] {
        let found = dates(&format!("Certified Scrum Master, {ending}"));
        assert_eq!(found, ["-"], "{ending}");
    }
    let several = dates("Basic Life Support, Advanced Cardiac Life Support, Pediatric Advanced Life Support 2021");
    assert!(
        several.len() < 2 || several.iter().filter(|date| *date == "2021").count() == 1,
        "{several:?}"
    );
}

#[test]
fn a_certificate_keeps_its_short_form_and_its_maker() {
    let text = "\
Ada Berger
ada.berger@example.com

CERTIFICATIONS
• HashiCorp Certified: Terraform Associate, HashiCorp, 2022
• Trauma Nursing Core Course (TNCC), Emergency Nurses Association, 2021
";
    let names: Vec<String> = parsed(text)
        .certifications
        .iter()
        .map(|one| one.name.value.clone())
        .collect();
    assert_eq!(
        names,
        [
            "HashiCorp Certified: Terraform Associate",
            "Trauma Nursing Core Course (TNCC)"
        ]
    );
}

#[test]
fn a_typical_resume_is_read_whole() {
    let resume = parsed(TYPICAL);
    let value = |field: &Option<Field<String>>| field.as_ref().map(|field| field.value.clone()).unwrap_or_default();
    assert_eq!(value(&resume.name), "Zoë Martínez");
    assert_eq!(value(&resume.headline), "Senior Software Engineer");
    assert_eq!(resume.emails[0].value, "zoe.martinez@example.com");
    assert_eq!(resume.phones[0].value, "+1 (415) 555-0134");
    assert_eq!(resume.links[0].url.value, "linkedin.com/in/zoemartinez");
    assert_eq!(resume.links[0].network.as_deref(), Some("LinkedIn"));
    assert_eq!(resume.location.as_ref().unwrap().text.value, "San Francisco, CA");
    assert!(value(&resume.summary).starts_with("Engineer with ten years"));
    assert_eq!(
        jobs(&resume),
        [
            "Senior Software Engineer @ Acme Corporation, 2019-01..now",
            "Software Engineer @ Globex Inc, 2015-03..2018-12",
        ]
    );
    let points: Vec<&str> = resume.experience[0]
        .highlights
        .iter()
        .map(|point| point.value.as_str())
        .collect();
    assert_eq!(
        points,
        [
            "Built services in Rust and Kubernetes that serve a million requests a minute",
            "Led a team of five"
        ]
    );
    assert_eq!(value(&resume.experience[1].location), "Portland, OR");
    assert_eq!(
        (resume.experience[0].months, resume.experience[1].months),
        (Some(95), Some(46))
    );
    assert_eq!(resume.total_months, Some(141));
    let school = &resume.education[0];
    assert_eq!(value(&school.school), "University of Washington");
    assert_eq!(value(&school.degree), "Bachelor of Science");
    assert_eq!(value(&school.field), "Computer Science");
    assert_eq!(school.end.as_ref().unwrap().value.to_string(), "2015");
    let skill = |id: &str| {
        resume
            .skills
            .iter()
            .find(|skill| skill.id.as_deref() == Some(id))
            .unwrap()
    };
    assert_eq!(
        (skill("rust").months_used, skill("python").months_used),
        (Some(95), Some(46))
    );
    assert_eq!(skill("python").last_used.unwrap().to_string(), "2018-12");
    assert_eq!(skill("docker").months_used, None);
    assert!(
        resume
            .skills
            .iter()
            .any(|skill| skill.id.is_none() && skill.name.value == "Zorbify")
    );
    let spoken: Vec<_> = resume
        .languages
        .iter()
        .map(|language| (language.name.value.as_str(), value(&language.fluency)))
        .collect();
    assert_eq!(
        spoken,
        [("English", "native".to_owned()), ("Spanish", "fluent".to_owned())]
    );
    assert_eq!(resume.certifications[0].name.value, "AWS Certified Solutions Architect");
    assert_eq!(
        resume.certifications[0].date.as_ref().unwrap().value.to_string(),
        "2021-05"
    );
}

#[test]
fn jobs_are_read_however_their_headings_are_laid_out() {
    for (layout, expected) in [
        (
            "Software Engineer at Globex Inc, Jan 2019 - Dec 2020\n• Moved the ledger to Rust",
            "Software Engineer @ Globex Inc, 2019-01..2020-12",
        ),
        (
            "Software Engineer | Globex Inc | Jan 2019 - Dec 2020\n• Moved the ledger to Rust",
            "Software Engineer @ Globex Inc, 2019-01..2020-12",
        ),
        (
            "Jan 2019 - Dec 2020\nSoftware Engineer\nGlobex Inc\n• Moved the ledger to Rust",
            "Software Engineer @ Globex Inc, 2019-01..2020-12",
        ),
        (
            "Jan 2019 - Dec 2020: Software Engineer, Globex Inc (Portland, OR)\n• Moved the ledger to Rust",
            "Software Engineer @ Globex Inc, 2019-01..2020-12",
        ),
        (
            "Globex Inc — Portland, OR\nSoftware Engineer\nJan 2019 - Dec 2020\n• Moved the ledger to Rust",
            "Software Engineer @ Globex Inc, 2019-01..2020-12",
        ),
        (
            "Software Engineer\n\nGlobex Inc - Portland, OR\n\nJan 2019 - Dec 2020\n\n• Moved the ledger to Rust",
            "Software Engineer @ Globex Inc, 2019-01..2020-12",
        ),
        (
            "Software Engineer\nGlobex Inc (since Jan 2019)\n• Moved the ledger to Rust",
            "Software Engineer @ Globex Inc, 2019-01..now",
        ),
    ] {
        let resume = parsed(&format!(
            "Jane Doe\n\nEXPERIENCE\n{layout}\n\nEDUCATION\nB.Sc., Reed College, 2014"
        ));
        assert_eq!(jobs(&resume), [expected], "{layout}");
        assert_eq!(
            resume.experience[0].highlights[0].value, "Moved the ledger to Rust",
            "{layout}"
        );
        assert_eq!(resume.education.len(), 1, "{layout}");
    }
}

#[test]
fn jobs_at_once_count_once() {
    let resume = parsed("EXPERIENCE\nWriter, Acme Inc, Jan 2020 - Dec 2020\n\nEditor, Globex Inc, Jul 2020 - Jun 2021");
    let months: Vec<_> = resume.experience.iter().map(|job| job.months).collect();
    assert_eq!(months, [Some(12), Some(12)]);
    assert_eq!(resume.total_months, Some(18));
}

#[test]
fn nothing_is_made_up() {
    let resume = parsed("It was a bright cold day in April, and the clocks were striking thirteen.");
    assert_eq!(
        resume,
        Resume {
            summary: resume.summary.clone(),
            ..Resume::default()
        }
    );
}

#[test]
fn pages_are_told() {
    let mut document = document("Jane Doe\njane@example.com\nSKILLS\nRust");
    document.pages = vec![
        PageSpan {
            page: 1,
            start: 0,
            end: 25,
        },
        PageSpan {
            page: 2,
            start: 26,
            end: 37,
        },
    ];
    let resume = parse(&document, PartialDate::year_month(2026, 11).unwrap());
    assert_eq!(resume.emails[0].span.unwrap().page, Some(1));
    assert_eq!(resume.skills[0].name.span.unwrap().page, Some(2));
}

/// Returns every span of a resume with the value it stands for.
pub(crate) fn spans(resume: &Resume) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    collect(&serde_json::to_value(resume).unwrap(), &mut found);
    found
}

fn collect(value: &serde_json::Value, found: &mut Vec<(Span, String)>) {
    if let Some(span) = value.get("span") {
        found.push((
            serde_json::from_value(span.clone()).unwrap(),
            value["value"].as_str().unwrap().to_owned(),
        ));
    }
    match value {
        serde_json::Value::Array(list) => list.iter().for_each(|value| collect(value, found)),
        serde_json::Value::Object(map) => map.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

/// Checks that a span stands for its value: for text the same words, for a date its year.
pub(crate) fn check_spans(text: &str, resume: &Resume) {
    for (span, value) in spans(resume) {
        let slice = span.of(text).split_whitespace().collect::<Vec<_>>().join(" ");
        let is_date = value.parse::<PartialDate>().is_ok();
        let stands = if is_date {
            !slice.is_empty()
        } else {
            slice == value.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert!(stands, "{span:?} is {slice:?}, not {value:?}");
    }
}

#[test]
fn spans_slice_to_what_they_stand_for() {
    let resume = parsed(TYPICAL);
    assert!(spans(&resume).len() > 30);
    check_spans(TYPICAL, &resume);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_is_too_odd(text in r"([A-Za-z0-9é@.,:/()•\-–\t ]{0,40}|EXPERIENCE|Education:|Skills: C, C\+\+|Jan 2019 - 2020|19|20\d\d|University of X|Engineer at Acme Inc|\n){0,30}") {
        check_spans(&text, &parsed(&text));
    }

    #[test]
    fn not_even_random_characters(text in "\\PC{0,200}") {
        check_spans(&text, &parsed(&text));
    }
}

#[test]
fn a_file_with_nothing_of_a_resume_is_refused() {
    let today = PartialDate::year_month(2026, 11).unwrap();
    let outcome = |text: &str| {
        read_resume(text.as_bytes(), Hint::default(), &Limits::default(), None, today)
            .map_or_else(|refusal| refusal.code(), |_| "read")
    };
    assert_eq!(outcome("x"), "not_a_resume");
    assert_eq!(
        outcome(
            "It was a bright cold day in April, and the clocks were striking thirteen. Winston Smith slipped quickly through the doors."
        ),
        "not_a_resume"
    );
    assert_eq!(outcome(TYPICAL), "read");
    assert_eq!(outcome("Jane Doe\njane@example.com"), "read");
}

#[test]
fn contact_of_others_is_no_contact() {
    let told = TYPICAL.replace(
        "SKILLS",
        "REFERENCES\nMartin Zoe, Acme Ltd, (415) 555-2671, boss@acme.example\n\nSKILLS",
    );
    assert_ne!(told, TYPICAL);
    let mut document = document(&told);
    document.links = vec!["TEL:+14155552671".into(), "MAILTO:boss@acme.example".into()];
    let resume = parse(&document, PartialDate::year_month(2026, 11).unwrap());
    let own = parsed(TYPICAL);
    let values = |fields: &[Field<String>]| fields.iter().map(|field| field.value.clone()).collect::<Vec<_>>();
    assert_eq!(values(&resume.emails), values(&own.emails));
    assert_eq!(values(&resume.phones), values(&own.phones));
    assert_eq!(resume.name.map(|name| name.value), own.name.map(|name| name.value));
    // Also where the person's own contact is nowhere.
    let bare = "Jane Doe\n\nEXPERIENCE\nEngineer, Acme Ltd, 2015 - 2019\n- Built it for the city\n\nREFERENCES\nMartin Stone, Head of Acme Ltd\n(415) 555-2671\nboss@acme.example";
    let mut document = self::document(bare);
    document.links = vec!["TEL:+14155552671".into(), "MAILTO:boss@acme.example".into()];
    let resume = parse(&document, PartialDate::year_month(2026, 11).unwrap());
    assert_eq!((resume.emails, resume.phones), (Vec::new(), Vec::new()));
}

/// Gives every second field too little confidence, and returns the confidences that there are now.
fn doubt(value: &mut serde_json::Value, count: &mut usize) {
    match value {
        serde_json::Value::Object(members) => {
            if let Some(confidence) = members.get_mut("confidence") {
                *count += 1;
                *confidence = serde_json::json!(if count.is_multiple_of(2) { 0.6 } else { 0.95 });
            }
            members.values_mut().for_each(|member| doubt(member, count));
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| doubt(item, count)),
        _ => {}
    }
}

#[test]
fn no_field_that_is_a_suggestion_is_left_in_what_is_sure() {
    let whole = parsed(&format!(
        "{TYPICAL}\n\nLANGUAGES\nGerman (fluent), French\n\nCERTIFICATIONS\nCKA, CNCF, 2020\n"
    ));
    for shift in 0..2 {
        let mut value = serde_json::json!(whole);
        doubt(&mut value, &mut shift.clone());
        let doubted: Resume = serde_json::from_value(value).unwrap();
        let (before, after) = (
            serde_json::json!(doubted).to_string(),
            serde_json::json!(doubted.sure()).to_string(),
        );
        let (sure, unsure) = (r#""confidence":0.9"#, r#""confidence":0.6"#);
        assert!(before.contains(unsure) && !after.contains(unsure), "{after}");
        assert!(after.matches(sure).count() > 5, "{after}");
    }
    assert_eq!(parsed(TYPICAL).sure().emails.len(), 1);
}

/// Returns mail addresses and numbers with what may be acted on first, the others behind a question mark.
fn contacts(resume: &Resume) -> Vec<String> {
    let fields = resume.emails.iter().chain(&resume.phones);
    let show = |field: &Field<String>| format!("{}{}", if field.is_sure() { "" } else { "? " }, field.value);
    fields.map(show).collect()
}

const WORK: &str = "\
EXPERIENCE
Stock Controller, Brindle Mills Ltd
April 2018 - Present
• Count 900 pallets every week

EDUCATION
BA History, University of York, 2012 - 2015
";

#[test]
fn an_address_of_somebody_else_does_not_give_the_name() {
    for (header, name) in [
        (
            "Tessa Brandvold\nHull, UK\nLine manager: Igor Sokolov, igor.sokolov@brindle.example, 01482 496 012",
            "Tessa Brandvold",
        ),
        (
            "Tessa Brandvold\nHull, UK\nRecruiter: Dana Whitlock, dana@whitlock-staff.example",
            "Tessa Brandvold",
        ),
        (
            "Tessa Brandvold\nHull, UK | dana.whitlock@agency.example\nPresented by Dana Whitlock",
            "Tessa Brandvold",
        ),
        // An address of another name, and one that confirms the name.
        ("Tessa Brandvold\nHull, UK\nbluebird77@mail.example", "Tessa Brandvold"),
        (
            "CURRICULUM VITAE\nTessa Brandvold\nt.brandvold@mail.example",
            "Tessa Brandvold",
        ),
        ("Name: Tessa Brandvold\nE-mail: tessa@mail.example", "Tessa Brandvold"),
    ] {
        let resume = parsed(&format!("{header}\n\n{WORK}"));
        assert_eq!(resume.name.map(|name| name.value).as_deref(), Some(name), "{header}");
    }
}

#[test]
fn an_address_of_somebody_else_is_a_suggestion() {
    let header = "Tessa Brandvold\nHull, UK\ntessa.brandvold@mail.example | 07700 900321";
    let own = ["tessa.brandvold@mail.example", "07700 900321"];
    for (header, under, expected) in [
        (header, "", own.to_vec()),
        (
            header,
            "Who can tell you more\nDr Igor Sokolov, Head of Stores, Brindle Mills Ltd\nigor.sokolov@brindle.example, Tel: 01482 496 012",
            own.to_vec(),
        ),
        (
            header,
            "Senior Buyer wanted\nBrindle Mills Ltd, Hull\nWe look for a buyer with five years of practice.\nContact: jobs@brindle.example, 0113 200 3761",
            own.to_vec(),
        ),
        (
            "Tessa Brandvold\nHull, UK",
            "Who can tell you more\nDr Igor Sokolov, Head of Stores\nigor.sokolov@brindle.example, Tel: 01482 496 012",
            vec![],
        ),
        (
            "Tessa Brandvold\nHull, UK",
            "EXPERIENCE\nPacker, Tarn Foods Ltd, 2015 - 2018\n• Reported to Igor Sokolov, phone 01482 496 012, igor.sokolov@tarn.example",
            vec![],
        ),
        (
            "Tessa Brandvold\nHull, UK\nEmergency contact: Ole Brandvold, ole.brandvold@mail.example, 07700 900555",
            "",
            vec![],
        ),
        (
            "Tessa Brandvold\nBrindle Mills Ltd, office@brindlemills.example",
            "",
            vec![],
        ),
        // The person's own, however it is put.
        (
            "Tessa Brandvold\nbluebird77@mail.example, 07700 900321",
            "",
            vec!["bluebird77@mail.example", "07700 900321"],
        ),
        (
            "Tessa Brandvold\ntessa@mail.example\ntbrandvold@post.example",
            "",
            vec!["tessa@mail.example", "tbrandvold@post.example"],
        ),
        (
            "Tessa Brandvold\nHull, UK",
            "CONTACT\nbluebird77@mail.example\n07700 900321",
            vec!["bluebird77@mail.example", "07700 900321"],
        ),
        (
            "Tessa Brandvold\nGmail: bluebird77@gmail.com",
            "",
            vec!["bluebird77@gmail.com"],
        ),
        // Another form of their name, or another script.
        (
            "Tess Brandvold\ntheresa.brandvold@mail.example",
            "REMARKS\nPublished as Theresa Brandvold",
            vec!["theresa.brandvold@mail.example"],
        ),
        (
            "Тесса Брандволд\ntessa.brandvold@mail.example | Tessa Brandvold",
            "",
            vec!["tessa.brandvold@mail.example"],
        ),
    ] {
        let resume = parsed(&format!("{header}\n\n{WORK}\n{under}\n"));
        let shown = contacts(&resume.clone().sure());
        assert_eq!(shown, expected, "{header}\n{under}: {:?}", contacts(&resume));
    }
}

#[test]
fn an_employer_that_only_the_order_gives_to_a_job_is_a_suggestion() {
    let undated = "\
Ivo Kranz
ivo.kranz@mail.example

WORK EXPERIENCE
Freelance Proofreader\t2011 - 2014
• Corrected two hundred novels

Tarnfeld Ltd, Bremen
• Led a team of seven

Freelance Illustrator\t2015 - 2018
• Drew covers

Birkwood GmbH, Kassel
• Sold printing presses
";
    for job in parsed(undated).sure().experience {
        assert!(job.title.is_none() || job.employer.is_none(), "{job:?}");
    }
    // A label of the form says whose it is.
    let jobs = parsed(EMPLOYER_BEHIND).sure().experience;
    assert!(
        jobs.len() == 2 && jobs.iter().all(|job| job.employer.is_some()),
        "{jobs:?}"
    );
}

#[test]
fn dates_that_no_job_of_today_has_count_no_months() {
    let months = |dates: &str| {
        let resume = parsed(&format!(
            "Tessa Brandvold\n\nEXPERIENCE\nStock Controller, Brindle Mills Ltd\n{dates}\n• Count pallets\n"
        ));
        let sure = resume.clone().sure().experience;
        (resume.total_months, sure[0].start.is_some(), sure[0].end.is_some())
    };
    // Read in November 2026.
    assert_eq!(months("May 1912 - Present"), (None, false, false));
    assert_eq!(months("June 1930 - July 1934"), (None, false, false));
    assert_eq!(months("March 2019 - December 2088"), (None, true, false));
    assert_eq!(months("March 2040 - December 2045"), (None, false, false));
    assert!(months("1971 - Present").1);
    assert_eq!(months("January 1970 - Present"), (Some(683), true, false));
    assert_eq!(months("January 2026 - June 2027"), (Some(11), true, true));
    assert_eq!(months("2024 - 2027"), (Some(29), true, true));
}

#[test]
fn a_skill_that_is_lacked_or_still_to_be_learned_is_none() {
    let skills = |section: &str, text: &str| {
        let resume = parsed(&format!("Tessa Brandvold\ntessa@mail.example\n\n{section}\n{text}\n"));
        let names = resume.skills.into_iter().map(|skill| skill.name.value);
        names.collect::<Vec<_>>()
    };
    for (section, text, expected) in [
        (
            "SUMMARY",
            "Stock controller with no experience with Python, Kafka or Docker.",
            vec![],
        ),
        ("SUMMARY", "I do not know Python. I use Kafka.", vec!["Kafka"]),
        (
            "SUMMARY",
            "I have never worked with Kafka and want to learn Python.",
            vec![],
        ),
        (
            "SUMMARY",
            "Interested in learning Docker; fluent in Python.",
            vec!["Python"],
        ),
        ("SUMMARY", "I would like to learn Docker,\nKafka and Python.", vec![]),
        (
            "SKILLS",
            "Kafka (none), Docker (want to learn), Python (5 years)",
            vec!["Python"],
        ),
        (
            "SKILLS",
            "Zorbify (none), Quillbase, no experience with Kafka",
            vec!["Quillbase"],
        ),
        // What looks like it, and says the contrary or speaks of others.
        ("SUMMARY", "I know not only Python but Kafka.", vec!["Python", "Kafka"]),
        ("SUMMARY", "In that team no one knew Python better.", vec!["Python"]),
        ("SUMMARY", "No project of mine went without Docker.", vec!["Docker"]),
        ("SUMMARY", "I never used Kafka without tests.", vec!["Kafka"]),
        (
            "SUMMARY",
            "Taught Python to people who do not know Kafka.",
            vec!["Python", "Kafka"],
        ),
        (
            "SUMMARY",
            "No experience with Kafka but five years of Python.",
            vec!["Python"],
        ),
        (
            "SUMMARY",
            "No experience with Kafka, and I write Python daily.",
            vec!["Python"],
        ),
        (
            "SUMMARY",
            "Want to learn more about Kafka, which I run today.",
            vec!["Kafka"],
        ),
        (
            "SKILLS",
            "Python (no certificate), Docker - none better, Kafka",
            vec!["Python", "Docker", "Kafka"],
        ),
    ] {
        let found = skills(section, text);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, expected, "{text}");
    }
    // What is lacked in one place may be had in another.
    assert_eq!(
        skills("SKILLS", "Kafka (none)\n\nPROJECTS\nMoved orders to Kafka"),
        ["Kafka"]
    );
}

#[test]
fn numbers_without_end_are_not_all_tried() {
    // The same number over and over is one, so that only the number of tries ends the search.
    let found = |lines: usize| {
        let repeated = "07700 900321\n".repeat(lines);
        let resume = parsed(&format!("Tessa Brandvold\n{repeated}07700 900322\n"));
        resume.phones.len()
    };
    assert_eq!((found(20), found(700)), (2, 1));
}
