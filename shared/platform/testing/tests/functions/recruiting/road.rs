//! The main road, and what holds on it when deliveries repeat, come in any order, or fail in the middle.

use std::sync::Arc;

use inventure_api::clock;
use inventure_events::{Envelope, Event};
use inventure_live_index::{
    Best, LiveIndex, Search, Visible,
    records::{IndexKind, Indexed},
};
use inventure_ranking::{Document, Filters};
use inventure_recruiting::records::{Candidate, Job, ReadResume};
use inventure_table::{Change, Condition, Objects as _};
use inventure_testing::{BACKEND_JOB, DEVELOPER, ENGINEER, NURSE, Person, World};
use jiff::SignedDuration;
use serde_json::{Value, json};

struct Scene {
    world: World,
    broker: Person,
    engineer: String,
    developer: String,
    job: String,
}

/// An agency with two candidates whose files were read, and a job; nothing delivered yet.
async fn scene() -> Scene {
    let world = World::new();
    let broker = Person::named("ada");
    world.tenant(&broker, "agency", "Northbank").await;
    let engineer = world.candidate(&broker, "Mara Lindqvist").await;
    let developer = world.candidate(&broker, "Tomas Avery").await;
    world.read(&broker, &engineer, ENGINEER.as_bytes()).await;
    world.read(&broker, &developer, DEVELOPER.as_bytes()).await;
    let job = world.job(&broker, BACKEND_JOB).await;
    Scene {
        world,
        broker,
        engineer,
        developer,
        job,
    }
}

impl Scene {
    async fn get(&self, path: String) -> Value {
        self.world.get(&self.broker, &path).await.expect(200)
    }

    async fn write(&self, method: &str, path: String, body: Value) -> Value {
        self.broker
            .write(&self.world.app, method, &path, body)
            .await
            .expect(200)
    }

    async fn matches(&self) -> Value {
        self.get(format!("/jobs/{}/matches", self.job)).await
    }

    async fn ranked(&self) -> Vec<String> {
        let matches = self.matches().await;
        let ids = matches["items"].as_array().unwrap().iter();
        ids.map(|item| item["candidate_id"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn a_resume_goes_in_and_explained_matches_come_out() {
    let scene = scene().await;
    let events = scene.world.settle().await;
    let kinds: Vec<_> = events.iter().map(|event| event.event.kind()).collect();
    let expected = [
        "CandidateCreated",
        "ConsentGiven",
        "ResumeParsed",
        "CandidateIndexed",
        "JobPosted",
        "JobIndexed",
        "MatchesFound",
    ];
    for kind in expected {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
    assert_eq!(
        scene.get(format!("/candidates/{}", scene.engineer)).await["reading"]["status"],
        "parsed"
    );

    assert_eq!(scene.ranked().await, [scene.engineer.clone(), scene.developer.clone()]);
    let matches = scene.matches().await;
    let best = &matches["items"][0];
    let features = best["features"].as_array().unwrap();
    let sum: f64 = features
        .iter()
        .map(|feature| feature["contribution"].as_f64().unwrap())
        .sum();
    assert!(
        (0.002 + sum - best["score"].as_f64().unwrap()).abs() < 1e-3,
        "the contributions and that of nobody in particular add up to the score"
    );
    let evidence = best["evidence"].as_array().unwrap();
    let skills: Vec<_> = evidence
        .iter()
        .filter(|piece| piece["feature"] == "required_skills")
        .collect();
    assert!(skills.iter().any(|piece| piece["what"] == "Rust"), "{best:#}");

    let resume = scene.get(format!("/candidates/{}/resume", scene.engineer)).await;
    let text: Vec<char> = resume["text"].as_str().unwrap().chars().collect();
    for piece in skills {
        let at = |end: &str| usize::try_from(piece["span"][end].as_u64().unwrap()).unwrap();
        let said: String = text[at("start")..at("end")].iter().collect();
        assert!(
            piece["snippet"].as_str().unwrap().contains(said.trim()),
            "the span holds what the evidence says"
        );
    }
}

/// Makes every field a suggestion.
fn doubt(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name == "confidence" {
                    *member = json!(0.6);
                } else {
                    doubt(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(doubt),
        _ => {}
    }
}

#[tokio::test]
async fn suggestions_take_no_part_in_a_ranking() {
    let scene = scene().await;
    scene.world.settle().await;
    let key = ReadResume::key_of(scene.engineer.parse().unwrap());
    let mut read: ReadResume = scene.world.store.get(&key).await.unwrap().unwrap();
    let mut resume = json!(read.resume);
    doubt(&mut resume);
    read.resume = serde_json::from_value(resume).unwrap();
    let change = Change::new().put(&read, Condition::None);
    scene.world.store.commit(change).await.unwrap();
    let path = format!("/candidates/{}", scene.engineer);
    let version = scene.get(path.clone()).await["version"].clone();
    scene
        .write(
            "PATCH",
            path.clone(),
            json!({ "version": version, "remote_only": true }),
        )
        .await;
    scene.world.settle().await;
    assert_eq!(scene.ranked().await, std::slice::from_ref(&scene.developer));
    let shown = scene.get(format!("{path}/resume")).await;
    assert_eq!(
        shown["resume"]["experience"][0]["title"]["confidence"], 0.6,
        "but they are shown"
    );
}

#[tokio::test]
async fn where_nobody_is_a_good_match_it_is_said() {
    let world = World::new();
    let broker = Person::named("ada");
    world.tenant(&broker, "agency", "Northbank").await;
    let nurse = world.candidate(&broker, "Tomas Avery").await;
    world.read(&broker, &nurse, NURSE.as_bytes()).await;
    let job = world.job(&broker, BACKEND_JOB).await;
    let events = world.settle().await;
    for path in [format!("/jobs/{job}/matches"), format!("/candidates/{nurse}/matches")] {
        let found = world.get(&broker, &path).await.expect(200);
        assert_eq!(
            (&found["no_good_match"], &found["items"]),
            (&json!(true), &json!([])),
            "{path}"
        );
    }
    assert!(events.iter().all(|event| event.event.kind() != "MatchesFound"));
}

#[tokio::test]
async fn jobs_are_found_for_a_candidate_too() {
    let scene = scene().await;
    scene.world.settle().await;
    let found = scene.get(format!("/candidates/{}/matches", scene.engineer)).await;
    assert_eq!(found["items"][0]["job_id"], scene.job.as_str());
    assert!(!found["items"][0]["evidence"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn filters_decide_who_is_ranked_at_all() {
    let scene = scene().await;
    scene.world.settle().await;
    let with = async |query: &str| {
        let found = scene.get(format!("/jobs/{}/matches?{query}", scene.job)).await;
        found["items"].as_array().unwrap().len()
    };
    assert_eq!(with("limit=1").await, 1);
    assert_eq!(with("min_months=60").await, 2);
    assert_eq!(with("min_months=110&keep_unknown=false").await, 1);
    for name in ["rust", "Rust", "postgresql,RUST", "postgres"] {
        assert_eq!(with(&format!("skills={name}")).await, 1, "{name}");
    }
    assert_eq!(with("skills=cobol").await, 0);
    let path = format!("/jobs/{}/matches?skills=rust,no-such-skill", scene.job);
    let refused = scene.world.get(&scene.broker, &path).await.expect(400);
    assert_eq!(refused["errors"][0]["field"], "skills", "{refused}");
    let jobs = async |skill: &str| scene.world.get(&scene.broker, &format!("/jobs?skill={skill}")).await;
    assert_eq!(jobs("Rust").await.expect(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(jobs("no-such-skill").await.expect(400)["errors"][0]["field"], "skill");
}

#[tokio::test]
async fn delivered_twice_changes_nothing() {
    let scene = scene().await;
    let events = scene.world.settle().await;
    let (before, ranked) = (scene.world.table.items().len(), scene.ranked().await);
    for event in &events {
        scene.world.deliver(event).await.unwrap();
    }
    assert!(scene.world.news().is_empty(), "no new event comes of an old one");
    assert_eq!(scene.world.table.items().len(), before);
    assert_eq!(scene.ranked().await, ranked);
}

#[tokio::test]
async fn delivered_backwards_it_ends_the_same() {
    let scene = scene().await;
    let description = format!("{} We also use Terraform.", BACKEND_JOB.1);
    scene
        .write(
            "PATCH",
            format!("/jobs/{}", scene.job),
            json!({ "version": 1, "description": description }),
        )
        .await;
    for _ in 0..10 {
        let mut news = scene.world.news();
        news.reverse();
        for event in &news {
            scene.world.deliver(event).await.unwrap();
        }
    }
    assert_eq!(scene.ranked().await, [scene.engineer.clone(), scene.developer.clone()]);
    assert_eq!(scene.matches().await["job_indexed_version"], 2);
}

#[tokio::test]
async fn who_withdraws_is_gone_at_once() {
    let scene = scene().await;
    scene.world.settle().await;
    let candidate = format!("/candidates/{}", scene.engineer);
    scene.write("DELETE", format!("{candidate}/consent"), json!({})).await;
    assert_eq!(
        scene.ranked().await,
        vec![scene.developer.clone()],
        "before the index has heard of it"
    );
    scene.world.settle().await;
    assert_eq!(scene.ranked().await, vec![scene.developer.clone()], "and after");
    let resume = scene.world.get(&scene.broker, &format!("{candidate}/resume")).await;
    assert_eq!(resume.problem(403), "consent-missing");
    let body = json!({ "file_name": "a.pdf", "media_type": "application/pdf", "size_bytes": 1 });
    let upload = scene
        .broker
        .write(&scene.world.app, "POST", &format!("{candidate}/uploads"), body)
        .await;
    assert_eq!(upload.problem(403), "consent-missing");
}

#[tokio::test]
async fn a_file_that_comes_after_the_withdrawal_is_not_read() {
    let scene = scene().await;
    let key = scene
        .world
        .upload(&scene.broker, &scene.engineer, "late.txt", ENGINEER.as_bytes())
        .await;
    scene
        .write("DELETE", format!("/candidates/{}/consent", scene.engineer), json!({}))
        .await;
    scene.world.news();
    scene
        .world
        .parser
        .handle(&World::created(&key), clock::now())
        .await
        .unwrap();
    assert!(scene.world.news().is_empty());
    assert!(
        scene.world.uploads.get(&key, 1 << 20).await.unwrap().is_none(),
        "what came without consent is not kept"
    );
}

#[tokio::test]
async fn a_resume_that_may_not_be_kept_is_not_matched_by() {
    let scene = scene().await;
    scene.world.settle().await;
    assert!(scene.ranked().await.contains(&scene.engineer));
    let path = format!("/candidates/{}/consent", scene.engineer);
    let consent = json!({ "scopes": ["matching"], "evidence": "mail", "until": "2099-01-01" });
    scene.write("PUT", path, consent).await;
    assert!(!scene.ranked().await.contains(&scene.engineer), "at once");
    scene.world.settle().await;
    assert!(!scene.ranked().await.contains(&scene.engineer));
}

#[tokio::test]
async fn consent_given_again_brings_them_back_with_a_new_file() {
    let scene = scene().await;
    scene.world.settle().await;
    let path = format!("/candidates/{}/consent", scene.engineer);
    scene.write("DELETE", path.clone(), json!({})).await;
    scene.world.settle().await;
    let consent = json!({ "scopes": ["store_resume", "matching"], "evidence": "mail", "until": "2099-01-01" });
    scene.write("PUT", path, consent).await;
    scene.world.settle().await;
    assert_eq!(
        scene.cold_search().await,
        vec![scene.developer.clone()],
        "what was read is gone"
    );
    scene
        .world
        .read(&scene.broker, &scene.engineer, ENGINEER.as_bytes())
        .await;
    scene.world.settle().await;
    assert_eq!(scene.ranked().await.first(), Some(&scene.engineer));
    let history = scene.get(format!("/candidates/{}/consents", scene.engineer)).await;
    let history = history["items"].as_array().unwrap();
    assert_eq!(history.len(), 2);
    assert!(history[1]["withdrawn_at"].is_string());
}

#[tokio::test]
async fn a_closed_job_is_no_longer_matched() {
    let scene = scene().await;
    scene.world.settle().await;
    scene
        .write("POST", format!("/jobs/{}/close", scene.job), json!({ "version": 1 }))
        .await;
    let for_candidate = scene.get(format!("/candidates/{}/matches", scene.engineer)).await;
    assert_eq!(for_candidate["items"], json!([]), "at once");
    scene.world.settle().await;
    let matches = scene
        .world
        .get(&scene.broker, &format!("/jobs/{}/matches", scene.job))
        .await;
    assert_eq!(matches.problem(409), "wrong-state");
}

#[tokio::test]
async fn a_candidate_without_a_file_is_told_to_send_one_and_not_to_wait() {
    let scene = scene().await;
    let path = |rest: &str| format!("/candidates/{}/{rest}", scene.engineer);
    let matches = async || scene.world.get(&scene.broker, &path("matches")).await;
    assert_eq!(
        matches().await.problem(409),
        "not-indexed-yet",
        "the file is read, the index comes after"
    );
    scene.world.settle().await;
    let _ = matches().await.expect(200);
    // A consent that ended took the file along, and the next one does not bring it back.
    scene.write("DELETE", path("consent"), json!({})).await;
    let consent = json!({ "scopes": ["store_resume", "matching"], "evidence": "a call", "until": "2099-12-31" });
    scene.write("PUT", path("consent"), consent).await;
    scene.world.settle().await;
    assert_eq!(matches().await.problem(409), "wrong-state");
    let new = scene.world.candidate(&scene.broker, "Noor").await;
    let matches_of_new = scene
        .world
        .get(&scene.broker, &format!("/candidates/{new}/matches"))
        .await;
    assert_eq!(matches_of_new.problem(409), "wrong-state");
    let key = scene
        .world
        .upload(&scene.broker, &scene.engineer, "again.txt", ENGINEER.as_bytes())
        .await;
    assert_eq!(matches().await.problem(409), "not-indexed-yet", "{key} is not read yet");
    let id = Candidate::key_of(scene.engineer.parse().unwrap());
    let candidate: Option<Candidate> = scene.world.store.get(&id).await.unwrap();
    let mut candidate = candidate.unwrap();
    let read_at = candidate.version;
    candidate.version += 1;
    candidate.awaited.as_mut().unwrap().at = clock::now() - SignedDuration::from_hours(1);
    let change = Change::new().update(&candidate, read_at);
    scene.world.store.commit(change).await.unwrap();
    assert_eq!(
        matches().await.problem(409),
        "wrong-state",
        "its form is over, and no file came"
    );
}

#[tokio::test]
async fn one_upload_is_read_once_however_often_it_is_announced() {
    let scene = scene().await;
    scene.world.settle().await;
    let key = scene
        .world
        .upload(&scene.broker, &scene.engineer, "again.txt", ENGINEER.as_bytes())
        .await;
    for _ in 0..3 {
        scene
            .world
            .parser
            .handle(&World::created(&key), clock::now())
            .await
            .unwrap();
    }
    let parsed = scene
        .world
        .news()
        .into_iter()
        .filter(|event| matches!(event.event, Event::ResumeParsed(_)))
        .count();
    assert_eq!(parsed, 1);
}

#[tokio::test]
async fn an_older_file_does_not_replace_a_newer_one() {
    let scene = scene().await;
    let older = scene
        .world
        .upload(&scene.broker, &scene.engineer, "old.txt", NURSE.as_bytes())
        .await;
    let newer = scene
        .world
        .upload(&scene.broker, &scene.engineer, "new.txt", ENGINEER.as_bytes())
        .await;
    scene
        .world
        .parser
        .handle(&World::created(&newer), clock::now())
        .await
        .unwrap();
    scene
        .world
        .parser
        .handle(&World::created(&older), clock::now())
        .await
        .unwrap();
    let resume = scene.get(format!("/candidates/{}/resume", scene.engineer)).await;
    assert!(resume["text"].as_str().unwrap().contains("Mara Lindqvist"));
}

/// Hands a message out again and again until it is handled, as its queue would.
async fn until_handled<F: AsyncFn() -> bool>(handle: F) {
    for _ in 0..5 {
        if handle().await {
            return;
        }
    }
    unreachable!("five deliveries were not enough");
}

#[tokio::test]
async fn whatever_call_fails_the_next_delivery_ends_the_same() {
    // The n-th call to the table fails, for every n that the way from file to match takes, and with every other n one to the
    // bucket too; the end is where the fault finds no call any more.
    for nth in 0.. {
        let scene = scene().await;
        let text = format!("{ENGINEER}\nTerraform\n");
        let key = scene
            .world
            .upload(&scene.broker, &scene.engineer, "again.txt", text.as_bytes())
            .await;
        scene.world.table.fail_nth(nth);
        scene.world.uploads.fail_next(u32::from(nth % 2 == 0));
        let message = World::created(&key);
        until_handled(async || scene.world.parser.handle(&message, clock::now()).await.is_ok()).await;
        let mut waiting: Vec<Envelope> = scene.world.news();
        while !waiting.is_empty() {
            for event in &waiting {
                until_handled(async || scene.world.deliver(event).await.is_ok()).await;
            }
            waiting = scene.world.news();
        }
        let beyond_the_last_call = scene.world.table.fault_is_due();
        scene.world.table.fail_nth(u32::MAX);
        assert_eq!(
            scene.ranked().await,
            [scene.engineer.clone(), scene.developer.clone()],
            "call {nth}"
        );
        let resume = scene.get(format!("/candidates/{}/resume", scene.engineer)).await;
        assert!(resume["text"].as_str().unwrap().contains("Terraform"), "call {nth}");
        if beyond_the_last_call {
            assert!(nth > 20, "the way takes more calls than {nth}");
            return;
        }
    }
}

#[tokio::test]
async fn compaction_changes_nothing_that_is_found() {
    let scene = scene().await;
    scene.world.settle().await;
    let before = scene.ranked().await;
    let now = clock::now();
    let run = async |minutes: i64| {
        let at = now.checked_add(SignedDuration::from_mins(minutes)).unwrap();
        compactor::run(
            IndexKind::Candidates,
            &scene.world.store_of("compactor"),
            &*scene.world.artifacts,
            at,
        )
        .await
        .unwrap()
    };
    assert_eq!(
        run(0).await.taken,
        0,
        "what was written just now may still be overtaken"
    );
    let done = run(1).await;
    assert_eq!((done.taken, done.removed, done.segments), (2, 0, 1));
    assert_eq!(
        run(2).await.removed,
        0,
        "readers of the manifest before still need the recent writes"
    );
    assert_eq!(
        scene.cold_search().await,
        before,
        "in the segment and among the recent writes"
    );
    assert_eq!(run(10).await.removed, 2);
    assert_eq!(scene.cold_search().await, before, "in the segment alone");

    // What was compacted can be replaced and removed.
    let candidate = format!("/candidates/{}", scene.developer);
    scene.write("DELETE", format!("{candidate}/consent"), json!({})).await;
    scene.world.settle().await;
    assert_eq!(scene.cold_search().await, vec![scene.engineer.clone()]);
    run(20).await;
    run(40).await;
    assert_eq!(
        scene.cold_search().await,
        vec![scene.engineer.clone()],
        "a removal outlives compaction"
    );
}

#[tokio::test]
async fn many_segments_become_one() {
    let scene = scene().await;
    scene.world.settle().await;
    let before = scene.ranked().await;
    let mut minutes = 1;
    for round in 0..=compactor::MAX_SEGMENTS {
        let path = format!("/candidates/{}", scene.engineer);
        let version = scene.get(path.clone()).await["version"].clone();
        let place = ["Austin, TX", "Dallas, TX"][round % 2];
        scene
            .write("PATCH", path, json!({ "version": version, "location": place }))
            .await;
        scene.world.settle().await;
        for _ in 0..2 {
            minutes += 10;
            let at = clock::now().checked_add(SignedDuration::from_mins(minutes)).unwrap();
            compactor::run(
                IndexKind::Candidates,
                &scene.world.store_of("compactor"),
                &*scene.world.artifacts,
                at,
            )
            .await
            .unwrap();
        }
    }
    let segments = scene.world.artifacts.keys();
    assert!(segments.len() <= compactor::MAX_SEGMENTS + 1, "{segments:?}");
    assert_eq!(scene.cold_search().await, before);
}

impl Scene {
    /// Returns the candidates that a function that has just started finds for the job.
    async fn cold_search(&self) -> Vec<String> {
        let store = &self.world.store;
        let index = LiveIndex::new(
            IndexKind::Candidates,
            store.clone(),
            Arc::clone(&self.world.artifacts) as _,
        );
        let job: Job = store
            .get(&Job::key_of(self.job.parse().unwrap()))
            .await
            .unwrap()
            .unwrap();
        let indexed: Indexed = store.get(&Indexed::key_of_job(job.job_id)).await.unwrap().unwrap();
        let query = Document::from_bytes(&indexed.document.unwrap()).unwrap();
        let visible = Visible::to(job.tenant_id, IndexKind::Candidates, store).await.unwrap();
        let search = Search {
            query: &query,
            visible: &visible,
            filters: Filters::default(),
            limit: 10,
            now: clock::now(),
            max_age: SignedDuration::ZERO,
            max_stale: SignedDuration::ZERO,
        };
        let key = |id: &str| Some((Candidate::key_of(id.parse().ok()?), None));
        let best: Best<Candidate, Candidate> = index.best(&search, key, |_| true).await.unwrap();
        best.hits.into_iter().map(|hit| hit.found.id).collect()
    }
}

#[tokio::test]
async fn a_ranking_takes_three_calls_of_the_table_once_the_index_is_warm() {
    let scene = scene().await;
    scene.world.settle().await;
    let _ = scene.matches().await;
    // Within the second for which the view of the index is good: the next call after the third would fail.
    for _ in 0..20 {
        scene.world.table.fail_nth(3);
        let path = format!("/jobs/{}/matches", scene.job);
        let found = scene.world.get(&scene.broker, &path).await;
        let untouched = scene.world.table.fault_is_due();
        scene.world.table.fail_nth(u32::MAX);
        if untouched {
            assert_eq!(found.expect(200)["items"].as_array().unwrap().len(), 2);
            return;
        }
        // The machine was slow, and the view had to be refreshed: that takes more calls.
        let _ = scene.matches().await;
    }
    panic!("a ranking took more than three calls each time");
}
