//! Reading jobs.

use inventure_ranking::{
    ParsedJob,
    document::{Need, RemotePolicy},
    job::EmploymentType,
    parse_job,
    profile::{EmbeddingText, Stamp, Vectors, job_document, job_text},
    seniority::Seniority,
    vector::{DIMENSIONS, Vector},
};

const DESCRIPTION: &str = "About us
Acme has been building payment systems with Perl for over 25 years – from Zürich to Oslo.

What you will do
You will build services in Rust and run them on Kubernetes.

Requirements:
- 5+ years of experience in software development, of which 2 years with Rust
- PostgreSQL and Docker
- Experience with Terraform is a plus

Nice to have
- Apache Kafka

We offer
- Salary: €80,000 - €95,000 per year
- Full-time, permanent position
- Microsoft Excel courses

Location: Berlin, Germany (hybrid)";

fn skills(job: &ParsedJob, need: Need) -> Vec<&str> {
    job.skills
        .iter()
        .filter(|skill| skill.need == need)
        .map(|skill| skill.id.as_str())
        .collect()
}

#[test]
fn a_job_is_read_with_its_places() {
    let job = parse_job("Senior Rust Engineer (m/f/d)", DESCRIPTION);
    assert_eq!(job.normalized_title, "rust engineer");
    assert_eq!(job.seniority, Some(Seniority::Senior));
    let place = |span: Option<inventure_core::Span>| span.map(|span| span.of(DESCRIPTION)).unwrap();

    let [location] = job.places.as_slice() else {
        panic!("one place, not {:?}", job.places)
    };
    assert_eq!(
        (location.value.as_str(), place(location.span)),
        ("Berlin, Germany", "Berlin, Germany")
    );
    assert_eq!(job.remote_policy.as_ref().unwrap().value, RemotePolicy::Hybrid);
    let pay = job.pay.as_ref().unwrap();
    assert_eq!(
        (pay.value.min_minor_units, pay.value.max_minor_units),
        (Some(8_000_000), Some(9_500_000))
    );
    assert_eq!(place(pay.span), "€80,000 - €95,000 per year");
    let employment = job.employment_type.as_ref().unwrap();
    assert_eq!(
        (employment.value, place(employment.span)),
        (EmploymentType::Permanent, "permanent position")
    );
    let years = job.min_years.as_ref().unwrap();
    assert_eq!((years.value, place(years.span)), (5, "5+ years"));

    let (required, nice) = (skills(&job, Need::Required), skills(&job, Need::Nice));
    for skill in ["rust", "kubernetes", "postgresql", "docker"] {
        assert!(required.contains(&skill), "{skill} is missing in {required:?}");
    }
    for skill in ["terraform", "apache-kafka"] {
        assert!(nice.contains(&skill), "{skill} is missing in {nice:?}");
    }
    for skill in ["perl", "microsoft-excel"] {
        assert!(
            !required.contains(&skill) && !nice.contains(&skill),
            "{skill} is the firm's, not asked"
        );
    }
    let rust = job.skills.iter().find(|skill| skill.id == "rust").unwrap();
    assert_eq!(place(rust.span), "Rust");
}

#[test]
fn what_is_not_said_is_absent() {
    let job = parse_job("Baker", "You bake bread at night. Our 5 ovens are 20 years old.");
    assert_eq!(
        (
            job.places,
            job.remote_policy,
            job.pay,
            job.employment_type,
            job.min_years
        ),
        (Vec::new(), None, None, None, None)
    );
    assert_eq!(parse_job("", "").skills, []);
}

#[test]
fn policies_and_contracts_are_told_apart() {
    let policy = |title: &str, text: &str| parse_job(title, text).remote_policy.map(|found| found.value);
    assert_eq!(policy("Engineer (Remote)", ""), Some(RemotePolicy::Remote));
    assert_eq!(
        policy("Engineer", "This is a fully remote position within the EU."),
        Some(RemotePolicy::Remote)
    );
    assert_eq!(policy("Engineer", "Sorry, no remote work."), Some(RemotePolicy::OnSite));
    assert_eq!(policy("Engineer", "You design hybrid cloud systems."), None);
    assert_eq!(
        policy("Engineer", "Home office: none\nWe pay well."),
        Some(RemotePolicy::OnSite)
    );
    assert_eq!(
        policy("Engineer", "Two days per week in the office."),
        Some(RemotePolicy::Hybrid)
    );
    assert_eq!(
        policy("Engineer", "Pittsburgh, on site, $65 to $85 an hour, 40 hours a week."),
        Some(RemotePolicy::OnSite)
    );
    let kind = |title: &str, text: &str| parse_job(title, text).employment_type.map(|found| found.value);
    assert_eq!(kind("Contract Java Developer", ""), Some(EmploymentType::Contract));
    assert_eq!(kind("Contract Manager", ""), None);
    assert_eq!(
        kind("Nurse", "A 6 month contract, part-time."),
        Some(EmploymentType::Contract)
    );
    assert_eq!(kind("Nurse", "Part time, 20 hours"), Some(EmploymentType::PartTime));
    assert_eq!(kind("Marketing Intern", ""), Some(EmploymentType::Internship));
    for (text, wanted) in [
        (
            "Twelve months, with a good chance of a permanent place afterwards.",
            None,
        ),
        (
            "A contract of twelve months that may become permanent.",
            Some(EmploymentType::Contract),
        ),
        (
            "For permanent residents only. Full time.",
            Some(EmploymentType::FullTime),
        ),
        ("Leeds | Permanent | £40,000", Some(EmploymentType::Permanent)),
        ("A permanent welder is what we need.", Some(EmploymentType::Permanent)),
        (
            "An exciting opportunity to join us on a permanent basis.",
            Some(EmploymentType::Permanent),
        ),
        ("Team Lead - Permanent - Leeds", Some(EmploymentType::Permanent)),
        ("Permanent staff nurse, nights", Some(EmploymentType::Permanent)),
        (
            "You can work full time in this permanent role.",
            Some(EmploymentType::Permanent),
        ),
        (
            "We won a contract over 3 years with the city. Permanent role.",
            Some(EmploymentType::Permanent),
        ),
        ("Temp to permanent, full time.", Some(EmploymentType::FullTime)),
        ("Not a permanent post. Full time.", Some(EmploymentType::FullTime)),
        (
            "This isn't a contract role. Permanent.",
            Some(EmploymentType::Permanent),
        ),
        ("Non-permanent", None),
    ] {
        assert_eq!(kind("Welder", text), wanted, "{text}");
    }
}

#[test]
fn languages_that_are_asked_are_told_and_rank_nobody() {
    let text = "You speak German. Welsh would be nice.\nPolish the floors of our French restaurant, by Spanish law.";
    let job = parse_job("Dutch customer agent", text);
    let languages: Vec<(&str, Need, &str)> = job
        .skills
        .iter()
        .filter(|skill| skill.id.starts_with("language-"))
        .map(|skill| {
            (
                skill.label.as_str(),
                skill.need,
                skill.span.map_or("", |span| span.of(text)),
            )
        })
        .collect();
    let expected = [
        ("Dutch", Need::Required, ""),
        ("German", Need::Required, "German"),
        ("Welsh", Need::Nice, "Welsh"),
    ];
    assert_eq!(languages, expected);
    let stamp = Stamp {
        id: "job_1".into(),
        tenant_id: "ten_1".into(),
        version: 1,
        updated_day: 20_000,
    };
    let document = job_document(stamp, &job, text, Vectors::default());
    assert!(
        document
            .facts
            .skills
            .iter()
            .all(|skill| !skill.id.starts_with("language")),
        "{document:?}"
    );
}

#[test]
fn years_of_the_firm_are_not_asked_of_the_person() {
    let years = |text: &str| parse_job("Engineer", text).min_years.map(|found| found.value);
    assert_eq!(years("We have 30 years of experience in the field."), None);
    assert_eq!(years("You must be at least 18 years old."), None);
    assert_eq!(years("3-5 years' experience in sales"), Some(3));
    assert_eq!(years("At least three (3) years of experience"), Some(3));
    assert_eq!(
        years("Experience: 2 yrs minimum. Ten years working with COBOL"),
        Some(10)
    );
}

#[test]
fn what_the_trades_call_their_skills_is_read_and_ranks_nobody() {
    let text = "Must have: wound care, IV therapy and an active RN licence.\nNice to have: pessary fitting.";
    let job = parse_job("Registered Nurse", text);
    for (words, need) in [("wound care", Need::Required), ("pessary fitting", Need::Nice)] {
        let skill = job.skills.iter().find(|skill| skill.label == words);
        let skill = skill.unwrap_or_else(|| panic!("{words} is missing in {:?}", job.skills));
        assert_eq!((skill.need, skill.span.unwrap().of(text)), (need, words));
        assert!(!skill.is_ranked(), "{skill:?}");
    }
    let stamp = Stamp {
        id: "job_1".into(),
        tenant_id: "ten_1".into(),
        version: 1,
        updated_day: 20_000,
    };
    let ranked = job_document(stamp, &job, text, Vectors::default()).facts.skills;
    assert!(ranked.iter().all(|skill| !skill.id.starts_with("named-")), "{ranked:?}");
}

/// Reads the ad of the demo that has a key.
fn demo_ad(key: &str) -> (ParsedJob, String) {
    let seed: serde_json::Value =
        serde_json::from_str(include_str!("../../../../../localstack/seed/jobs.json")).unwrap();
    let jobs = seed["jobs"].as_array().unwrap();
    let job = jobs.iter().find(|job| job["key"] == key).unwrap();
    let text = job["description"].as_str().unwrap().to_owned();
    (parse_job(job["title"].as_str().unwrap(), &text), text)
}

#[test]
fn the_ad_of_a_nurse_is_read_as_a_broker_reads_it() {
    let (job, text) = demo_ad("icu-registered-nurse");
    let found: Vec<&str> = job.skills.iter().map(|skill| skill.span.unwrap().of(&text)).collect();
    for words in [
        // Without the verb before it, and although its first words are a title.
        "mechanical ventilation",
        "Registered Nurse license",
        "Advanced Cardiovascular Life Support",
    ] {
        assert!(found.contains(&words), "{words} is missing in {found:?}");
    }
    assert!(!found.contains(&"ACLS"), "the short form is no second skill: {found:?}");
}

#[test]
fn the_ad_of_a_remote_engineer_is_read_as_a_broker_reads_it() {
    let (job, _) = demo_ad("site-reliability-engineer");
    let places: Vec<&str> = job.places.iter().map(|place| place.value.as_str()).collect();
    // The United States, which come first, are not found yet.
    assert!(places.contains(&"Canada") && places.contains(&"Denver"), "{places:?}");
    assert_eq!(job.pay.unwrap().value.currency.to_string(), "USD");
    assert_eq!(job.remote_policy.unwrap().value, RemotePolicy::Remote);
}

#[test]
fn the_ad_of_a_contract_is_read_as_a_broker_reads_it() {
    let (job, _) = demo_ad("mechanical-design-engineer");
    assert_eq!(job.employment_type.unwrap().value, EmploymentType::Contract);
    assert_eq!(job.remote_policy.unwrap().value, RemotePolicy::OnSite);
}

#[test]
fn a_flood_of_skills_is_bounded() {
    let many: Vec<String> = (0..1_500).map(|n| format!("welding{n}")).collect();
    let text = format!("Requirements:\n- {}\nLocation: Leeds, England", many.join("\n- "));
    let job = parse_job("Welder", &text);
    assert_eq!(job.skills.len(), 60);
    let bytes = serde_json::to_vec(&job).unwrap().len();
    assert!(bytes < 60_000, "{bytes}");
}

#[test]
fn a_title_that_sounds_like_a_heading_takes_no_skill_away() {
    let job = parse_job("Benefits Administrator", "You know payroll and Excel well.");
    assert!(
        skills(&job, Need::Required).contains(&"microsoft-excel"),
        "{:?}",
        job.skills
    );
}

#[test]
fn of_several_places_only_what_they_share_is_ranked_by() {
    let stamp = || Stamp {
        id: "job_1".into(),
        tenant_id: "ten_1".into(),
        version: 1,
        updated_day: 20_000,
    };
    let text = "Location: Leeds, England or Glasgow, Scotland";
    let job = parse_job("Registered Nurse", text);
    let places: Vec<&str> = job.places.iter().map(|place| place.value.as_str()).collect();
    assert_eq!(places, ["Leeds, England", "Glasgow, Scotland"]);
    let place = job_document(stamp(), &job, text, Vectors::default()).facts.place;
    assert_eq!((place.city, place.country.as_deref()), (None, Some("gb")));
}

#[test]
fn sums_that_are_not_pay_are_not_read() {
    for text in [
        "5-7 years of experience",
        "We raised $20 million",
        "a budget of $500,000",
        "24/7 support for 10,000 users",
        "£1000 sign-on",
    ] {
        assert_eq!(parse_job("Engineer", text).pay, None, "{text}");
    }
}

#[test]
fn pay_is_what_a_sentence_calls_pay() {
    for (text, pounds) in [
        ("You look after £700,000 a year. Salary: £41,000 a year", 41_000),
        ("£41,000 a year. Sick pay of £700 a year", 41_000),
        ("£41,000 a year. Pension.", 41_000),
    ] {
        let pay = parse_job("Accountant", text)
            .pay
            .map(|found| found.value.min_minor_units);
        assert_eq!(pay, Some(Some(pounds * 100)), "{text}");
    }
}

#[test]
fn a_dollar_is_that_of_the_place_of_the_work() {
    for (text, code) in [
        (
            "Location: Denver.\nWe also have offices in Toronto.\nPay: $31 an hour",
            "USD",
        ),
        (
            "Location: Vancouver, WA.\nWe also have offices in Toronto.\nPay: $31 an hour",
            "USD",
        ),
        (
            "Location: Vancouver, BC.\nWe also have offices in Sydney.\nPay: $31 an hour",
            "CAD",
        ),
    ] {
        let pay = parse_job("Accountant", text)
            .pay
            .map(|found| found.value.currency.to_string());
        assert_eq!(pay.as_deref(), Some(code), "{text}");
    }
}

#[test]
fn what_is_not_asked_is_no_skill() {
    let text = "Requirements:\n- Rust and PostgreSQL\n- We do not use Java, Perl or Oracle\n- No PHP needed\n- Kubernetes is not required";
    let job = parse_job("Engineer", text);
    let required = skills(&job, Need::Required);
    assert!(
        required.contains(&"rust") && required.contains(&"postgresql"),
        "{required:?}"
    );
    for skill in ["java", "perl", "php", "kubernetes"] {
        assert!(!required.contains(&skill), "{skill} in {required:?}");
    }
}

#[test]
fn a_long_line_of_offers_is_read_in_time() {
    let text = "may become permanent, ".repeat(20_000);
    let begun = std::time::Instant::now();
    assert_eq!(parse_job("Welder", &text).employment_type, None);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn years_that_are_asked_are_told_from_all_others() {
    for (text, years) in [
        ("For more than 25 years, we deliver software with experience.", None),
        ("Founded 15 years ago, we have experience.", None),
        ("At least three (3) years of experience", Some(3)),
        ("Minimum of 5 years' experience", Some(5)),
        ("You must be 18 years or older. 2 years experience.", Some(2)),
        (
            "Backed by a combined 40 years of industry experience. 4 years of experience in sales needed.",
            Some(4),
        ),
        ("Contract: 2 years. Experience with SQL.", None),
        ("No experience required", None),
        ("Three or more years of backend work, please.", Some(3)),
        (
            "We have been in business for 30 years. You bring 3-5 years in audit.",
            Some(3),
        ),
        ("5+ years of software, 2+ of Rust", Some(5)),
        ("Minimum age: 20 years. Experience in sales.", None),
        ("20 years or older", None),
        ("Less than 4 years of experience", None),
        ("No less than 4 years of experience", Some(4)),
        ("At least 5 years of experience in contract law", Some(5)),
        ("5+ years' experience in pension administration", Some(5)),
        ("A 2 year contract in Leeds, with you from May.", None),
        ("3 years of Go required; 8 years preferred.", Some(3)),
    ] {
        let found = parse_job("Engineer", text).min_years.map(|found| found.value);
        assert_eq!(found, years, "{text}");
    }
}

#[test]
fn what_is_embedded_speaks_of_the_work() {
    let text = job_text("Salesman", DESCRIPTION).text;
    assert!(text.starts_with("salesperson"), "{text}");
    assert!(text.contains("PostgreSQL") && !text.contains("Excel"), "{text}");
}

#[test]
fn a_job_is_widened_by_the_titles_that_its_occupation_goes_by() {
    let axis = |axis: usize| {
        let mut values = vec![0.0_f32; DIMENSIONS];
        values[axis] = 1.0;
        values
    };
    let text = job_text("Registered Nurse", "You care for patients.");
    assert_eq!(text.titles, ["registered nurse"]);
    assert!(text.alternates.len() > 10 && !text.alternates.contains(&"registered nurse"));
    let embedded = |text: &EmbeddingText| {
        let titles = text.titles.iter().map(|_| Some(axis(1)));
        let others = text.alternates.iter().map(|_| Some(axis(2)));
        text.vectors([Some(axis(0))].into_iter().chain(titles).chain(others))
    };
    let vectors = embedded(&text);
    assert_eq!(vectors.titles.len(), 1 + text.alternates.len());
    let meaning = vectors.meaning.unwrap();
    let [own, title, others] = [0, 1, 2].map(|place| meaning.cosine(&Vector::quantise(&axis(place)).unwrap()));
    assert!(
        (others / own - 0.7).abs() < 0.01 && title.abs() < 0.01,
        "{own} {title} {others}"
    );

    let unknown = job_text("Zorblatt", "You care for patients.");
    assert!(unknown.alternates.is_empty());
    let meaning = embedded(&unknown).meaning.unwrap();
    assert!((meaning.cosine(&Vector::quantise(&axis(0)).unwrap()) - 1.0).abs() < 0.01);
    assert_eq!(text.vectors([]), Vectors::default(), "no model");
}

#[test]
fn any_text_is_read_without_a_panic() {
    let long = format!("{}{}", "é€£12k–§\u{0}".repeat(500), "Salary £".repeat(500));
    for text in [
        long.as_str(),
        "\n\n:\n",
        "$",
        "5 years",
        "Location: ",
        "💥 Location: 💥💥 based in Ü",
    ] {
        let job = parse_job(text, text);
        let spans = job
            .skills
            .iter()
            .filter_map(|skill| skill.span)
            .chain(job.pay.iter().filter_map(|pay| pay.span));
        assert!(spans.into_iter().all(|span| span.end as usize <= text.chars().count()));
    }
}
