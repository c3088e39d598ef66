//! Grants: none is overlooked, and a tenant that is let see a record later is told of what matches it. The tests also cover the
//! index while the store is away.

use inventure_table::Record;
use std::{collections::BTreeSet, sync::Arc};

use inventure_api::clock;
use inventure_core::{MemberId, TenantId};
use inventure_events::{Envelope, Event};
use inventure_live_index::{
    Best, LiveIndex, Search, SearchError, Visible,
    records::{IndexKind, Indexed},
};
use inventure_people::records::Grant;
use inventure_ranking::{Document, Filters};
use inventure_recruiting::records::{Candidate, Match};
use inventure_table::{Change, Condition, table::Item};
use inventure_testing::{BACKEND_JOB, ENGINEER, Person, World};
use jiff::SignedDuration;
use serde_json::json;

struct Pair {
    world: World,
    broker: Person,
    employer: Person,
    employer_id: String,
    candidate: String,
    job: String,
}

/// Sets up an agency with a candidate and an employer with a job for them. They do not know of each other yet.
async fn pair() -> Pair {
    let world = World::new();
    let (broker, employer) = (Person::named("ada"), Person::named("eve"));
    world.tenant(&broker, "agency", "Northbank").await;
    let employer_id = world.tenant(&employer, "employer", "Ferrous").await;
    let candidate = world.candidate(&broker, "Mara").await;
    world.read(&broker, &candidate, ENGINEER.as_bytes()).await;
    let job = world.job(&employer, BACKEND_JOB).await;
    Pair {
        world,
        broker,
        employer,
        employer_id,
        candidate,
        job,
    }
}

impl Pair {
    async fn grant(&self) {
        let path = format!("/candidates/{}/grants", self.candidate);
        let body = json!({ "tenant_id": self.employer_id });
        let _ = self
            .broker
            .write(&self.world.app, "POST", &path, body)
            .await
            .expect(201);
    }

    /// The matches that are stored.
    fn matches(&self) -> Vec<Item> {
        let items = self.world.table.items();
        let is_match = |item: &Item| item["pk"].as_s().is_ok_and(|pk| pk.starts_with(Match::PARTITION));
        items.into_iter().filter(is_match).collect()
    }

    /// Returns the tenants that these events tell of the pair.
    fn told(events: &[Envelope]) -> Vec<TenantId> {
        let told = events.iter().filter_map(|event| match &event.event {
            Event::MatchesFound(found) => Some(found.tenant_id),
            _ => None,
        });
        told.collect()
    }
}

#[tokio::test]
async fn who_is_let_see_a_candidate_later_is_told_of_the_match_once() {
    let pair = pair().await;
    assert!(Pair::told(&pair.world.settle().await).is_empty());
    pair.grant().await;
    let events = pair.world.settle().await;
    assert_eq!(Pair::told(&events), [pair.employer_id.parse().unwrap()]);
    let matches = pair.matches();
    assert_eq!(matches.len(), 1);
    for event in &events {
        pair.world.deliver(event).await.unwrap();
    }
    assert_eq!(pair.matches(), matches, "found when it was found first");
    pair.grant().await;
    assert!(
        Pair::told(&pair.world.settle().await).is_empty(),
        "granted again it is no news"
    );
}

#[tokio::test]
async fn who_is_let_see_a_job_before_it_is_indexed_is_told_too() {
    let pair = pair().await;
    let broker = pair.candidate_tenant().await;
    let body = json!({ "tenant_id": broker });
    let path = format!("/jobs/{}/grants", pair.job);
    let _ = pair
        .employer
        .write(&pair.world.app, "POST", &path, body)
        .await
        .expect(201);
    let mut news = pair.world.news();
    // The grant comes before the job and the candidate are indexed.
    news.sort_by_key(|event| !matches!(event.event, Event::AccessGranted(_)));
    for event in &news {
        pair.world.deliver(event).await.unwrap();
    }
    assert_eq!(Pair::told(&pair.world.settle().await), [broker]);
}

/// The most calls of the table that one message may make. They are a search, and a page of grantees that it hands on to.
const CALLS_MAX: u64 = 200;

#[tokio::test]
async fn however_many_may_see_a_record_a_message_does_one_search_and_all_are_told() {
    let pair = pair().await;
    let holders = [
        (&pair.candidate, pair.candidate_tenant().await),
        (&pair.job, pair.employer_id.parse().unwrap()),
    ];
    let grantees: BTreeSet<TenantId> = std::iter::repeat_with(TenantId::new).take(150).collect();
    for grantee in &grantees {
        for (record, tenant_id) in holders {
            let grant = Grant {
                record_id: record.clone(),
                tenant_id,
                grantee_id: *grantee,
                granted_by: MemberId::new(),
                granted_at: clock::now(),
            };
            let change = Change::new().put(&grant, Condition::None);
            pair.world.store.commit(change).await.unwrap();
        }
    }
    let (mut told, mut all) = (Vec::new(), Vec::new());
    loop {
        let news = pair.world.news();
        if news.is_empty() {
            break;
        }
        told.extend(Pair::told(&news));
        for event in &news {
            let before = pair.world.table.calls();
            pair.world.deliver(event).await.unwrap();
            let calls = pair.world.table.calls() - before;
            assert!(calls <= CALLS_MAX, "{} takes {calls} calls", event.event.kind());
        }
        all.extend(news);
    }
    assert_eq!(told.len(), 150, "each once");
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), grantees);
    for event in &all {
        pair.world.deliver(event).await.unwrap();
    }
    assert!(
        Pair::told(&pair.world.settle().await).is_empty(),
        "delivered again it is no news"
    );
}

#[tokio::test]
async fn a_grant_that_was_taken_back_tells_nobody() {
    let pair = pair().await;
    pair.world.settle().await;
    pair.grant().await;
    let path = format!("/candidates/{}/grants/{}", pair.candidate, pair.employer_id);
    let _ = pair.broker.write(&pair.world.app, "DELETE", &path, json!({})).await;
    assert!(Pair::told(&pair.world.settle().await).is_empty());
}

#[tokio::test]
async fn more_grants_than_one_read_brings_hide_none() {
    let pair = pair().await;
    pair.world.settle().await;
    let owner = pair.candidate_tenant().await;
    // Before the candidate's own, in the order of the table.
    for number in 0..1_100 {
        let grant = Grant {
            record_id: format!("can_{number:032x}"),
            tenant_id: owner,
            grantee_id: pair.employer_id.parse().unwrap(),
            granted_by: MemberId::new(),
            granted_at: clock::now(),
        };
        let change = Change::new().put(&grant, Condition::None);
        pair.world.store.commit(change).await.unwrap();
    }
    pair.grant().await;
    let path = format!("/jobs/{}/matches", pair.job);
    let found = pair.world.get(&pair.employer, &path).await.expect(200);
    assert_eq!(found["items"][0]["candidate_id"], pair.candidate.as_str());
}

impl Pair {
    async fn candidate_tenant(&self) -> TenantId {
        let key = Candidate::key_of(self.candidate.parse().unwrap());
        let candidate: Option<Candidate> = self.world.store.get(&key).await.unwrap();
        candidate.unwrap().tenant_id
    }
}

#[tokio::test]
async fn a_store_that_is_away_for_a_moment_does_not_throw_the_index_away() {
    let pair = pair().await;
    pair.world.settle().await;
    let tenant = pair.candidate_tenant().await;
    let at = |minutes: i64| clock::now() + SignedDuration::from_mins(minutes);
    for minutes in [1, 10] {
        let (store, bucket) = (&pair.world.store_of("compactor"), &*pair.world.artifacts);
        compactor::run(IndexKind::Candidates, store, bucket, at(minutes))
            .await
            .unwrap();
    }
    let key = Indexed::key_of_job(pair.job.parse().unwrap());
    let indexed: Indexed = pair.world.store.get(&key).await.unwrap().unwrap();
    let query = Document::from_bytes(&indexed.document.unwrap()).unwrap();
    let visible = Visible::to(tenant, IndexKind::Candidates, &pair.world.store)
        .await
        .unwrap();
    let segments = Arc::clone(&pair.world.artifacts) as _;
    let index = LiveIndex::new(IndexKind::Candidates, pair.world.store.clone(), segments);
    let begun = clock::now();
    let best = async |seconds: i64, max_stale: i64| -> Result<Best<Candidate, Candidate>, SearchError> {
        let search = Search {
            query: &query,
            visible: &visible,
            filters: Filters::default(),
            limit: 10,
            now: begun + SignedDuration::from_secs(seconds),
            max_age: SignedDuration::ZERO,
            max_stale: SignedDuration::from_secs(max_stale),
        };
        let key = |id: &str| Some((Candidate::key_of(id.parse().ok()?), None));
        index.best(&search, key, |_: &Candidate| true).await
    };
    assert_eq!(best(0, 0).await.unwrap().hits.len(), 1);
    // From now on nothing of the index comes from the bucket: what is warm is enough.
    pair.world.artifacts.fail_next(u32::MAX);
    pair.world.table.fail_nth(0);
    let stale = best(30, 60).await.unwrap();
    assert_eq!((stale.hits.len(), stale.as_of), (1, begun), "and it says how old it is");
    pair.world.table.fail_nth(0);
    assert!(best(90, 60).await.is_err(), "too old to be shown");
    pair.world.table.fail_nth(0);
    assert!(
        best(91, 0).await.is_err(),
        "who wants every write is not given an old view"
    );
    let fresh = best(92, 0).await.unwrap();
    assert_eq!(fresh.hits.len(), 1, "the next one finds the index warm");
    assert_eq!(fresh.as_of, begun + SignedDuration::from_secs(92));
}

#[tokio::test]
async fn no_kind_of_end_leaves_a_grant_for_the_next_consent() {
    for ran_out in [false, true] {
        let pair = pair().await;
        pair.grant().await;
        let path = format!("/candidates/{}", pair.candidate);
        let seen = async || pair.employer.get(&pair.world.app, &path).await.status;
        let give = async |scopes: &[&str]| {
            let consent = json!({ "scopes": scopes, "evidence": "a call", "until": "2035-12-31" });
            let path = format!("{path}/consent");
            let given = pair.broker.write(&pair.world.app, "PUT", &path, consent).await;
            let _ = given.expect(200);
        };
        let all = ["store_resume", "matching", "share_with_network"];
        if ran_out {
            let key = Candidate::key_of(pair.candidate.parse().unwrap());
            let candidate: Option<Candidate> = pair.world.store.get(&key).await.unwrap();
            let mut candidate = candidate.unwrap();
            let read_at = candidate.version;
            candidate.consent.as_mut().unwrap().until = clock::today().yesterday().unwrap();
            candidate.version += 1;
            let change = Change::new().update(&candidate, read_at);
            pair.world.store.commit(change).await.unwrap();
        } else {
            give(&all[..2]).await;
        }
        assert_eq!(seen().await, 403, "ran out: {ran_out}");
        give(&all).await;
        assert_eq!(seen().await, 404, "ran out: {ran_out}");
    }
}

#[tokio::test]
async fn a_consent_after_an_end_brings_no_grant_back() {
    let pair = pair().await;
    pair.grant().await;
    let path = format!("/candidates/{}", pair.candidate);
    let seen = async || pair.employer.get(&pair.world.app, &path).await.status;
    assert_eq!(seen().await, 200);
    let consent = json!({ "scopes": ["store_resume", "matching", "share_with_network"], "evidence": "a call", "until": "2035-12-31" });
    let give = async || {
        let given = pair
            .broker
            .write(&pair.world.app, "PUT", &format!("{path}/consent"), consent.clone())
            .await;
        let _ = given.expect(200);
    };
    give().await;
    assert_eq!(seen().await, 200, "renewed without a break");
    let ended = pair
        .broker
        .write(&pair.world.app, "DELETE", &format!("{path}/consent"), json!({}))
        .await;
    let _ = ended.expect(200);
    assert_eq!(seen().await, 403);
    give().await;
    assert_eq!(seen().await, 404, "a later consent begins anew");
    let grants = pair
        .world
        .get(&pair.broker, &format!("{path}/grants"))
        .await
        .expect(200);
    assert_eq!(grants, json!([]));
    pair.grant().await;
    assert_eq!(seen().await, 200);
}

#[tokio::test]
async fn how_a_consent_was_given_is_the_own_brokers() {
    let pair = pair().await;
    let path = format!("/candidates/{}", pair.candidate);
    let consent = json!({
        "scopes": ["store_resume", "matching", "share_with_network"], "evidence": "call of 12 November", "until": "2099-12-31",
        "employers": [pair.employer_id],
    });
    let put = format!("{path}/consent");
    let given = pair.broker.write(&pair.world.app, "PUT", &put, consent).await;
    let _ = given.expect(200);
    pair.grant().await;
    let own = pair.world.get(&pair.broker, &path).await.expect(200)["consent"].clone();
    assert_eq!(own["evidence"], "call of 12 November");
    let seen = pair.world.get(&pair.employer, &path).await.expect(200)["consent"].clone();
    for kept in ["evidence", "employers", "recorded_by"] {
        assert!(own.get(kept).is_some() && seen.get(kept).is_none(), "{kept}: {seen}");
    }
    assert_eq!(seen["scopes"], own["scopes"]);
}
