//! Scores, filters and what is said about them.

use std::{collections::BTreeMap, sync::Arc};

use inventure_ranking::{
    Document, Feature, FeatureName, Filters, Index, Segment, WEIGHTS_VERSION,
    document::{Kind, RemotePolicy, Shown, YearlyPay},
    place::Place,
    rank,
    rank::NotReproducible,
    reproduce,
};

use crate::{MODEL, TODAY, candidate, document, job, pool, visible};

fn index(documents: &[Document]) -> Index {
    Index::new(MODEL, vec![Arc::new(Segment::build(documents, BTreeMap::new(), MODEL))]).unwrap()
}

fn found(documents: &[Document], filters: &Filters) -> Vec<String> {
    rank(&index(documents), &job(), filters, 10, TODAY)
        .into_iter()
        .map(|found| found.id)
        .collect()
}

fn feature(features: &[Feature], name: FeatureName) -> &Feature {
    features.iter().find(|feature| feature.name == name).unwrap()
}

type Change<'a> = &'a dyn Fn(&mut Filters);

type LeaveOut<'a> = &'a dyn Fn(&mut Document);

#[test]
fn better_candidates_come_first_and_say_why() {
    let matches = rank(&index(&pool()), &job(), &visible(), 10, TODAY);
    let ids: Vec<&str> = matches.iter().map(|found| found.id.as_str()).collect();
    assert_eq!(ids, ["can_a", "can_b", "can_c", "can_d"]);
    assert!(matches.iter().all(|found| (0.0..=1.0).contains(&found.score)));
    assert!(
        matches[0].score > 0.7 && matches[3].score < 0.4,
        "{} {}",
        matches[0].score,
        matches[3].score
    );
    let skills = feature(&matches[1].features, FeatureName::RequiredSkills);
    assert_eq!(skills.reason, "Has 1 of 2 required skills; has RUST; lacks KAFKA");
    // Kafka is rarer here than Rust, so one of two is worth less than half.
    assert!(skills.value > 0.0 && skills.value < 0.5, "{}", skills.value);
}

#[test]
fn the_other_way_round_finds_jobs() {
    let jobs = [
        job(),
        document(Kind::Job, "job_2", "Registered Nurse", "intensive care", &[], 200),
    ];
    let found = rank(&index(&jobs), &pool()[0], &visible(), 10, TODAY);
    assert_eq!(
        found.iter().map(|found| found.id.as_str()).collect::<Vec<_>>(),
        ["job_1", "job_2"]
    );
    let found = rank(&index(&pool()), &pool()[0], &visible(), 10, TODAY);
    assert!(found.is_empty(), "a candidate was matched to candidates");
}

#[test]
fn a_stored_match_gives_its_score_again() {
    for found in rank(&index(&pool()), &job(), &visible(), 10, TODAY) {
        let stored = serde_json::to_string(&found).unwrap();
        let read: inventure_ranking::Match = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, found);
        assert_eq!(
            reproduce(&read.features, &read.weights_version).unwrap().to_bits(),
            found.score.to_bits()
        );
        assert_eq!(
            reproduce(&read.features, "learned-9"),
            Err(NotReproducible::UnknownWeights("learned-9".into()))
        );
        assert_eq!(
            reproduce(&read.features[1..], WEIGHTS_VERSION),
            Err(NotReproducible::OtherFeatures)
        );
    }
}

#[test]
fn a_score_does_not_depend_on_how_documents_lie_in_segments() {
    let whole = rank(&index(&pool()), &job(), &visible(), 10, TODAY);
    let parts = pool()
        .chunks(1)
        .map(|part| Arc::new(Segment::build(part, BTreeMap::new(), MODEL)))
        .rev()
        .collect();
    let parted = rank(&Index::new(MODEL, parts).unwrap(), &job(), &visible(), 10, TODAY);
    let bits = |matches: &[inventure_ranking::Match]| {
        matches
            .iter()
            .map(|found| (found.id.clone(), found.score.to_bits()))
            .collect::<Vec<_>>()
    };
    assert_eq!(bits(&whole), bits(&parted));
}

#[test]
fn ties_are_broken_by_id() {
    let twins: Vec<Document> = ["can_z", "can_m", "can_a"]
        .map(|id| Document {
            id: id.into(),
            ..pool().remove(0)
        })
        .into();
    assert_eq!(found(&twins, &visible()), ["can_a", "can_m", "can_z"]);
}

#[test]
fn nothing_is_visible_unless_said_so() {
    let mut documents = pool();
    documents[1].tenant_id = "ten_2".into();
    documents[2].tenant_id = "ten_2".into();
    assert!(found(&documents, &Filters::default()).is_empty());
    assert_eq!(found(&documents, &visible()), ["can_a", "can_d"]);
    let granted = Filters {
        granted: ["can_c".to_owned()].into(),
        ..visible()
    };
    assert_eq!(found(&documents, &granted), ["can_a", "can_c", "can_d"]);
    let strangers = Filters {
        tenants: ["ten_3".to_owned()].into(),
        ..Filters::default()
    };
    assert!(found(&documents, &strangers).is_empty());
}

#[test]
fn what_may_no_longer_be_shown_is_left_out_before_the_best_are_taken() {
    let shown = |until_day, to_others| Shown { until_day, to_others };
    let mut documents: Vec<Document> = (0..1_000)
        .map(|n| Document {
            id: format!("can_{n:04}"),
            shown: shown(TODAY - 1, true),
            ..pool().remove(0)
        })
        .collect();
    documents.push(Document {
        shown: shown(TODAY, false),
        ..pool().remove(3)
    });
    assert_eq!(found(&documents, &visible()), ["can_d"], "the last day is one of them");
    // Who is shown to their own tenant alone is not found by a grant.
    let granted = Filters {
        granted: ["can_d".to_owned()].into(),
        ..Filters::default()
    };
    assert!(found(&documents, &granted).is_empty());
    documents[1_000].shown = shown(TODAY, true);
    assert_eq!(found(&documents, &granted), ["can_d"]);
    let hidden = Filters {
        hidden: ["can_d".to_owned()].into(),
        ..visible()
    };
    assert!(found(&documents, &hidden).is_empty());
}

#[test]
fn filters_hold_before_the_best_are_taken() {
    // A thousand better ones of another tenant must not push the only visible one out.
    let mut documents: Vec<Document> = (0..1_000)
        .map(|n| Document {
            id: format!("can_{n:04}"),
            tenant_id: "ten_2".into(),
            ..pool().remove(0)
        })
        .collect();
    documents.push(pool().remove(3));
    assert_eq!(found(&documents, &visible()), ["can_d"]);
}

#[test]
fn each_filter_filters() {
    let usd = "USD".parse().unwrap();
    let mut documents = pool();
    documents[0].facts.place = Place::parse("Berlin, Germany");
    documents[0].facts.pay = Some(YearlyPay {
        min: Some(12_000_000),
        max: None,
        currency: usd,
    });
    documents[0].facts.available_from_day = Some(TODAY + 30);
    documents[0].facts.months = Some(120);
    documents[1].facts.place = Place::parse("Austin, TX");
    documents[1].facts.remote = Some(RemotePolicy::Remote);
    documents[1].facts.pay = Some(YearlyPay {
        min: Some(9_000_000),
        max: None,
        currency: usd,
    });
    documents[1].facts.months = Some(24);
    let berlin = || Place::parse("Berlin, Germany");
    let cases: [(Change<'_>, &[&str]); 14] = [
        (&|f| f.skills = ["rust".to_owned(), "go".to_owned()].into(), &["can_a"]),
        (&|f| f.skills = ["cobol".to_owned()].into(), &[]),
        (&|f| f.place = berlin(), &["can_a"]),
        (&|f| (f.place, f.or_remote) = (berlin(), true), &["can_a", "can_b"]),
        (
            &|f| (f.place, f.keep_unknown) = (berlin(), true),
            &["can_a", "can_c", "can_d"],
        ),
        (&|f| f.place = Place::parse("Atlantis"), &[]),
        (&|f| f.remote_only = true, &["can_b"]),
        (&|f| f.pay_ceiling = Some((10_000_000, usd)), &["can_b"]),
        (&|f| f.pay_floor = Some((10_000_000, usd)), &["can_a"]),
        (&|f| f.pay_floor = Some((1, "EUR".parse().unwrap())), &[]),
        (&|f| f.available_by_day = Some(TODAY + 30), &["can_a"]),
        (&|f| f.available_by_day = Some(TODAY), &[]),
        (&|f| f.min_months = Some(60), &["can_a"]),
        (&|f| f.tenants.clear(), &[]),
    ];
    for (number, (change, expected)) in cases.into_iter().enumerate() {
        let mut filters = visible();
        change(&mut filters);
        assert_eq!(found(&documents, &filters), expected, "case {number}");
    }
}

#[test]
fn what_is_unknown_adds_nothing_and_is_said_to_be_unknown() {
    let mut bare = candidate("can_x", "", "", &[], 0);
    bare.vector = None;
    bare.facts.titles.clear();
    let matches = rank(&index(&[bare]), &job(), &visible(), 10, TODAY);
    for name in [
        FeatureName::Meaning,
        FeatureName::Title,
        FeatureName::Seniority,
        FeatureName::Pay,
        FeatureName::Location,
    ] {
        let feature = feature(&matches[0].features, name);
        assert!(!feature.known && feature.value.to_bits() == 0, "{feature:?}");
        assert!(feature.reason.starts_with("Not known: "), "{feature:?}");
    }
}

#[test]
fn nobody_rises_by_leaving_something_out() {
    let mut wanted = job();
    wanted.facts.months = Some(60);
    wanted.facts.place = Place::parse("Berlin, Germany");
    let pay = |max| YearlyPay {
        min: None,
        max: Some(max),
        currency: "USD".parse().unwrap(),
    };
    wanted.facts.pay = Some(pay(9_000_000));
    let policies = [RemotePolicy::OnSite, RemotePolicy::Remote];
    for (policy, mut one) in policies
        .into_iter()
        .flat_map(|policy| pool().into_iter().map(move |one| (policy, one)))
    {
        wanted.facts.remote = Some(policy);
        let score = |one: Document| rank(&index(&[one]), &wanted, &visible(), 1, TODAY)[0].score;
        one.facts.months = Some(12);
        one.facts.place = Place::parse("Pune, India");
        one.facts.pay = Some(pay(99_000_000));
        let stated = score(one.clone());
        let without: [(&str, LeaveOut<'_>); 9] = [
            ("vector", &|one| one.vector = None),
            ("words", &|one| one.terms.clear()),
            ("titles", &|one| (one.facts.titles, one.titles) = Default::default()),
            ("skills", &|one| one.facts.skills.clear()),
            ("rank", &|one| one.facts.seniority = None),
            ("months", &|one| one.facts.months = None),
            ("place", &|one| one.facts.place = Place::default()),
            ("country", &|one| one.facts.place.country = None),
            ("pay", &|one| one.facts.pay = None),
        ];
        for (what, leave_out) in without {
            let mut less = one.clone();
            leave_out(&mut less);
            assert!(score(less) <= stated, "{} without {what}", one.id);
        }
    }
}

#[test]
fn contributions_add_up_to_the_score() {
    for found in rank(&index(&pool()), &job(), &visible(), 10, TODAY) {
        let nothing = 1.0 / (1.0 + (-inventure_ranking::rank::BIAS).exp());
        let sum: f64 = found.features.iter().map(|feature| feature.contribution).sum();
        assert!((nothing + sum - found.score).abs() < 1e-5, "{found:?}");
        assert!(found.features.iter().all(|feature| feature.contribution >= 0.0));
    }
}

#[test]
fn a_pair_scores_alike_from_both_sides() {
    for one in pool() {
        let there = rank(&index(std::slice::from_ref(&one)), &job(), &visible(), 1, TODAY).remove(0);
        let back = rank(&index(&[job()]), &one, &visible(), 1, TODAY).remove(0);
        for (a, b) in there.features.iter().zip(&back.features) {
            // Words are as rare as they are among jobs, or among candidates.
            assert!((a.value - b.value).abs() < 0.2, "{}: {a:?} {b:?}", one.id);
        }
        assert!(
            (there.score - back.score).abs() < 0.1,
            "{}: {} {}",
            one.id,
            there.score,
            back.score
        );
    }
}

#[test]
fn others_in_the_pool_change_no_score_of_meaning_and_titles() {
    let alone = rank(&index(&pool()[..1]), &job(), &visible(), 1, TODAY).remove(0);
    let flood = (0..500).map(|n| Document {
        id: format!("can_z{n:03}"),
        ..pool().remove(3)
    });
    let among: Vec<Document> = pool().into_iter().take(1).chain(flood).collect();
    let among = rank(&index(&among), &job(), &visible(), 1, TODAY).remove(0);
    for name in [FeatureName::Meaning, FeatureName::Title] {
        let [a, b] = [&alone, &among].map(|found| feature(&found.features, name).value);
        assert!(a > 0.0 && a.to_bits() == b.to_bits(), "{name:?}: {a} {b}");
    }
}

#[test]
fn a_title_counts_less_the_older_it_is() {
    let with = |titles: &[&str]| {
        let mut one = candidate("can_x", "", "", &[], 0);
        one.facts.titles = titles
            .iter()
            .flat_map(|title| candidate("", title, "", &[], 0).facts.titles)
            .collect();
        one.titles = titles
            .iter()
            .flat_map(|title| crate::titles(&inventure_ranking::occupation::normalise(title)))
            .collect();
        let matches = rank(&index(&[one]), &job(), &visible(), 1, TODAY);
        feature(&matches[0].features, FeatureName::Title).clone()
    };
    let [newest, older, never] = [
        with(&["Software Engineer", "Registered Nurse"]),
        with(&["Registered Nurse", "Software Engineer"]),
        with(&["Registered Nurse", "Cook"]),
    ];
    assert!(newest.value > older.value && older.value > 0.5, "{newest:?} {older:?}");
    assert!(
        older.reason.starts_with("Earlier title \u{201c}software engineer"),
        "{older:?}"
    );
    assert!(never.value.to_bits() == 0, "{never:?}");
}

#[test]
fn a_title_is_found_that_nothing_else_speaks_for() {
    let mut documents: Vec<Document> = (0..1_000)
        .map(|n| candidate(&format!("can_{n:04}"), "Java Developer", "rust", &[], 100))
        .collect();
    let mut titled = candidate("can_x", "Senior Software Engineer", "", &[], 200);
    titled.terms.clear();
    titled.vector = None;
    documents.push(titled);
    let found = rank(&index(&documents), &job(), &visible(), 10, TODAY);
    assert_eq!(found[0].id, "can_x");
    let back = rank(&index(&[job()]), &documents[1_000], &visible(), 1, TODAY);
    let [there, back] = [&found[0], &back[0]].map(|found| feature(&found.features, FeatureName::Title).value);
    assert!(there > 0.9 && there.to_bits() == back.to_bits(), "{there} {back}");
}

#[test]
fn more_years_than_asked_are_not_held_against_anybody() {
    let mut wanted = job();
    wanted.facts.months = Some(60);
    let years = |months: u32| {
        let mut one = pool().remove(0);
        one.facts.months = Some(months);
        let matches = rank(&index(&[one]), &wanted, &visible(), 1, TODAY);
        feature(&matches[0].features, FeatureName::Experience).value
    };
    assert!((years(30) - 0.5).abs() < 1e-9);
    assert!(years(60).to_bits() == years(480).to_bits() && (years(60) - 1.0).abs() < 1e-9);
}
