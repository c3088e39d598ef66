//! The main road, and who may go along it.

use std::time::Instant;

use inventure_tests::{Stack, aws_calls, id, wait};
use serde_json::{Value, json};

fn seed(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../localstack/seed/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn seed_json(name: &str) -> Value {
    serde_json::from_slice(&seed(name)).unwrap()
}

/// Files of the demo in different formats, and whether the first job is theirs.
fn resumes(job: &Value) -> Vec<(String, bool)> {
    let names = |list: &str| -> Vec<String> {
        job[list]
            .as_array()
            .into_iter()
            .flatten()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    let fits = names("fits").into_iter().map(|name| (name, true));
    fits.chain(names("does_not_fit").into_iter().map(|name| (name, false)))
        .collect()
}

#[test]
fn resumes_go_in_and_explained_matches_come_out() {
    let stack = Stack::running();
    let (broker, _) = stack.agency("road");
    let jobs = seed_json("jobs.json");
    let job = &jobs["jobs"][0];
    let posted = json!({ "title": job["title"], "description": job["description"] });
    let job_id = id(&broker.write("POST", "/jobs", &posted).expect(201));
    let files = resumes(job);
    assert!(
        files.iter().any(|(_, fits)| *fits) && files.iter().any(|(_, fits)| !fits),
        "{files:?}"
    );
    let begun = Instant::now();
    let mut people: Vec<(String, String, bool)> = Vec::new();
    for (file, fits) in files {
        let candidate = broker.candidate(&file.replace('.', " "));
        broker.upload(&candidate, &file, &seed(&format!("resumes/{file}")));
        people.push((candidate, file, fits));
    }
    for (candidate, file, _) in &people {
        let reading = broker.reading(candidate);
        assert_eq!(reading["status"], "parsed", "{file}: {reading}");
    }
    let fitting: Vec<&str> = people
        .iter()
        .filter(|(.., fits)| *fits)
        .map(|(id, ..)| id.as_str())
        .collect();
    let matches = wait("those whom the job suits to be ranked", || {
        let answer = broker.get(&format!("/jobs/{job_id}/matches?limit=40"));
        let items = answer.body["items"].as_array().cloned().unwrap_or_default();
        let is_there = |id: &&str| items.iter().any(|found| found["candidate_id"] == *id);
        fitting.iter().all(is_there).then_some(items)
    });
    println!("{} files from upload to ranking in {:?}", people.len(), begun.elapsed());
    let best = matches[0]["candidate_id"].as_str().unwrap();
    for found in &matches[..fitting.len()] {
        let (_, file, fits) = people
            .iter()
            .find(|(id, ..)| found["candidate_id"] == id.as_str())
            .unwrap();
        assert!(fits, "{file} is ranked before one whom {} suits", job["title"]);
    }
    for found in &matches {
        let features = found["features"].as_array().unwrap();
        let sum: f64 = features
            .iter()
            .map(|feature| feature["contribution"].as_f64().unwrap())
            .sum();
        assert!(
            (0.002 + sum - found["score"].as_f64().unwrap()).abs() < 1e-3,
            "the contributions and that of nobody in particular add up"
        );
    }
    assert!(!matches[0]["evidence"].as_array().unwrap().is_empty());

    let theirs = broker.get(&format!("/candidates/{best}/matches")).expect(200);
    assert_eq!(theirs["items"][0]["job_id"], job_id.as_str());
    let export = broker
        .get(&format!("/candidates/{best}/resume/json-resume"))
        .expect(200);
    assert!(export["basics"]["name"].is_string(), "{export}");
}

#[test]
fn nobody_gets_in_without_a_valid_token() {
    let stack = Stack::running();
    for token in [None, Some("nonsense"), Some("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.")] {
        for path in [
            "/me",
            "/jobs",
            "/candidates",
            "/jobs/job_00000000000000000000000000000000/matches",
        ] {
            let _ = stack.bearer(token).get(path).expect(401);
        }
    }
    assert_eq!(stack.bearer(None).get("/health").expect(200)["status"], "ok");
    let _ = stack.bearer(None).get("/feed/jobs").expect(200);
}

#[test]
fn tenants_do_not_see_each_other_and_roles_hold() {
    let stack = Stack::running();
    let (owner, tenant) = stack.agency("one");
    let (stranger, other) = stack.agency("two");
    let job = json!({ "title": "Rust engineer", "description": "Rust and PostgreSQL in production, five years." });
    let job = id(&owner.write("POST", "/jobs", &job).expect(201));
    let candidate = owner.candidate("Somebody");
    let _ = stranger.get(&format!("/jobs/{job}")).expect(404);
    let _ = stranger.get(&format!("/candidates/{candidate}")).expect(404);
    let _ = stranger.get(&format!("/tenants/{tenant}/members")).expect(404);
    let grant = json!({ "tenant_id": other });
    let _ = owner.write("POST", &format!("/jobs/{job}/grants"), &grant).expect(201);
    let _ = stranger.get(&format!("/jobs/{job}")).expect(200);

    let auditor = stack.person("auditor");
    let invitation = json!({ "email": auditor.email, "role": "auditor" });
    let invited = owner
        .write("POST", &format!("/tenants/{tenant}/invitations"), &invitation)
        .expect(201);
    let _ = stranger
        .write("POST", "/invitations/accept", &json!({ "token": invited["token"] }))
        .expect(404);
    let _ = auditor
        .write("POST", "/invitations/accept", &json!({ "token": invited["token"] }))
        .expect(201);
    let _ = auditor.get(&format!("/jobs/{job}")).expect(200);
    let closing = json!({ "version": 1 });
    let _ = auditor
        .write("POST", &format!("/jobs/{job}/close"), &closing)
        .expect(403);
    let _ = owner.write("POST", &format!("/jobs/{job}/close"), &closing).expect(200);
    let _ = owner.write("POST", &format!("/jobs/{job}/close"), &closing).expect(409);
}

#[test]
fn what_is_somebody_elses_cannot_be_told_from_what_is_not_there() {
    let stack = Stack::running();
    let (owner, _) = stack.agency("hidden");
    let (stranger, _) = stack.agency("curious");
    let job = json!({ "title": "Rust engineer", "description": "Rust and PostgreSQL in production, five years." });
    let job = id(&owner.write("POST", "/jobs", &job).expect(201));
    let candidate = owner.candidate("Petronella");
    let unlike = |path: &str, real: &str| {
        let none = format!("{}{}", &real[..4], "0".repeat(32));
        let [there, not] = [real, &none].map(|id| stranger.get(&path.replace("{}", id)));
        assert_eq!((there.status, not.status), (404, 404), "{path}");
        assert_eq!(
            aws_calls(&there),
            aws_calls(&not),
            "{path}: what it costs tells them apart"
        );
    };
    for path in ["/jobs/{}", "/jobs/{}/matches", "/jobs/{}/grants"] {
        unlike(path, &job);
    }
    for path in ["/candidates/{}", "/candidates/{}/resume", "/candidates/{}/matches"] {
        unlike(path, &candidate);
    }
    // A cursor of another list leads past the end of this one, and breaks nothing.
    for cursor in ["Y2FuXzE", "YQ"] {
        let page = stranger.get(&format!("/feed/jobs?cursor={cursor}")).expect(200);
        assert_eq!(page["items"], json!([]), "{cursor}");
    }
}

#[test]
fn ten_requests_with_one_key_are_one_write() {
    let stack = Stack::running();
    let (owner, _) = stack.agency("once");
    let job = json!({ "title": "Rust engineer", "description": "Rust and PostgreSQL in production, five years." });
    let ids: Vec<String> = std::thread::scope(|scope| {
        let send = || id(&owner.write_once("POST", "/jobs", "one-key", &job).expect(201));
        let requests: Vec<_> = (0..10).map(|_| scope.spawn(send)).collect();
        requests.into_iter().map(|request| request.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(owner.get("/jobs").expect(200)["items"].as_array().unwrap().len(), 1);
    let other = json!({ "title": "Go engineer", "description": "Go and PostgreSQL in production, five years." });
    let _ = owner.write_once("POST", "/jobs", "one-key", &other).expect(422);
}
