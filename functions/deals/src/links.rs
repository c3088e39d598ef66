//! A candidate's own word: a broker has them asked by mail, and they answer by the link in it, which nobody else is shown.

use std::sync::LazyLock;

use axum::{
    extract::State,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use garde::Validate;
use inventure_core::{CandidateId, EventId, TenantId};
use inventure_deal_store::{Held, load};
use inventure_deals::{Author, Fact, What, fingerprint::normal_email};
use inventure_events::{CandidateAsked, Envelope};
use inventure_lambda::{
    Problem, clock,
    http::{Answer, Caller, Path, RequestIds, Write},
    problem::Kind,
};
use inventure_resume::Resume;
use inventure_store::{
    Change, Commit, Condition,
    records::{CandidateAsk, CandidateLink, Member, ReadResume, SubmittedPerson, secret_hash},
    table::Query,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{
    App,
    refusals::not_added,
    routes::{WRITERS, find},
};

/// How often a candidate is asked about one deal: more would be begging.
const ASKS_MAX: u32 = 5;

/// How long a broker waits before they have a candidate asked again.
const WAIT: SignedDuration = SignedDuration::from_hours(24);

/// How long it is remembered that somebody was asked.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 365);

/// How often an answer is tried while others move the same deal.
const ATTEMPTS: usize = 8;

/// The most members of a tenant whose addresses are not a candidate's.
const MEMBERS: usize = 500;

/// The page that the link leads to. It tells nothing of anybody: the secret stays behind the `#`, which no browser sends.
const PAGE: &str = include_str!("page.html");

/// What the page may do: run its own script and no other, which answers to where it came from.
static PAGE_POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |tag: &str| {
        let inside = PAGE.split_once(&format!("<{tag}>")).map_or("", |(_, rest)| rest);
        let inside = inside.split_once(&format!("</{tag}>")).map_or("", |(inside, _)| inside);
        STANDARD.encode(Sha256::digest(inside))
    };
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        hash("script"),
        hash("style")
    )
});

/// A mail to a candidate.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLink {}

/// A mail with a link that is on its way to the candidate.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkView {
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Timestamp,
    /// How often they can still be asked about this deal.
    pub asks_left: u32,
    /// From when on.
    #[schema(value_type = String, format = DateTime)]
    pub again_at: Timestamp,
}

/// What a candidate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// This broker speaks for me with this employer.
    Confirm,
    /// I take my consent back.
    Withdraw,
}

/// A candidate's answer.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkAnswer {
    /// The secret of the link.
    #[garde(length(min = 20, max = 200))]
    token: String,
    /// The answer.
    #[garde(skip)]
    answer: Said,
}

/// That it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
}

/// Has a submitted candidate asked, by mail, to confirm the caller's tenant or to take their consent back. The mail goes to an address in
/// their résumé that was there when they were submitted, and nobody else sees its link.
#[utoipa::path(
    post, path = "/deals/{id}/candidates/{candidate_id}/links", tag = "deals",
    params(("id" = String, Path), ("candidate_id" = String, Path)), request_body = NewLink,
    responses(
        (status = 201, body = LinkView),
        (status = 409, description = "Asked within the last day, or often enough; or the résumé has no address that the mail could go to"),
    )
)]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path((id, candidate_id)): Path<(String, String)>,
    ids: RequestIds,
    write: Write<NewLink>,
) -> Result<Answer, Problem> {
    let held = find(&app.store, &caller, &id).await?;
    let NewLink {} = write.body;
    caller.allow(WRITERS)?;
    let candidate: CandidateId = candidate_id.parse().map_err(|_| Problem::not_found())?;
    let submittal = held.deal.candidates().get(&candidate).ok_or_else(Problem::not_found)?;
    let tenant = caller.principal.tenant_id;
    if submittal.tenant != tenant {
        return Err(Problem::new(
            Kind::Forbidden,
            "The broker who submitted the candidate writes to them.",
        ));
    }
    let (member, key) = (caller.principal.member_id.to_string(), write.idempotency.as_ref());
    if let Some(answer) = app.store.remembered(&member, key).await? {
        return Ok(answer);
    }
    let (deal, now) = (held.deal.id(), clock::now());
    let known: Option<CandidateAsk> = app.store.get(&CandidateAsk::key_of(deal, candidate)).await?;
    let (times, version) = known.as_ref().map_or((0, 0), |known| (known.times, known.version));
    if times >= ASKS_MAX || known.is_some_and(|known| known.asked_at + WAIT > now) {
        return Err(Problem::new(
            Kind::WrongState,
            format!("A candidate is asked once a day, and {ASKS_MAX} times about one deal."),
        ));
    }
    let ask = CandidateAsk {
        deal_id: deal,
        candidate_id: candidate,
        tenant_id: tenant,
        address_hash: secret_hash(&app.address(&held, candidate, tenant).await?),
        asked_at: now,
        sent: false,
        times: times + 1,
        version: version + 1,
        expires_at: (now + KEPT).as_second(),
    };
    let asked = CandidateAsked {
        deal_id: deal,
        candidate_id: candidate,
        tenant_id: tenant,
    };
    let condition = if version == 0 {
        Condition::Absent
    } else {
        Condition::Version(version)
    };
    let change = Change::new()
        .put(&ask, condition)
        .emit(deal, &Envelope::new(asked.into(), now, &ids.correlation_id));
    let answer = Answer::created(&LinkView {
        asked_at: now,
        asks_left: ASKS_MAX - ask.times,
        again_at: now + WAIT,
    })?;
    let conflict = Problem::new(Kind::TooManyRequests, "They are being asked just now.");
    app.store.finish(change, &member, key, answer, conflict).await
}

impl App {
    /// Where a candidate is written to: the first address in their résumé that they were submitted with and that is nobody's of the broker's
    /// own people, who would answer for them.
    async fn address(&self, held: &Held, candidate: CandidateId, tenant: TenantId) -> Result<String, Problem> {
        let key = SubmittedPerson::key_of(held.deal.id(), candidate);
        let person: Option<SubmittedPerson> = self.store.get(&key).await?;
        let read: Option<ReadResume> = self.store.get(&ReadResume::key_of(candidate)).await?;
        let resume: Option<Resume> = read
            .map(|read| serde_json::from_str(&read.resume))
            .transpose()
            .map_err(Problem::internal)?;
        let query = Query {
            limit: MEMBERS,
            ..Query::index(Member::of_tenant(tenant))
        };
        let members: Vec<Member> = self.store.query(&query).await?;
        let own: Vec<String> = members
            .iter()
            .filter_map(|member| normal_email(member.email.as_deref()?).ok())
            .collect();
        let (fingerprints, key) = (person.map(|person| person.fingerprints), self.key().await?);
        let theirs = |address: &&String| {
            let print = key.email(held.head.employer_id, address);
            let submitted =
                print.is_ok_and(|print| fingerprints.iter().flatten().any(|known| *known == print.to_string()));
            submitted && normal_email(address).is_ok_and(|address| !own.contains(&address))
        };
        let resume = resume.unwrap_or_default();
        let mut addresses = resume.emails.iter().map(|email| &email.value);
        addresses.find(theirs).cloned().ok_or_else(|| {
            Problem::new(
                Kind::WrongState,
                "The résumé has no mail address of the candidate's own that they were submitted with.",
            )
        })
    }
}

/// The page that the link in a candidate's mail leads to.
#[utoipa::path(
    get, path = "/candidate-links", tag = "deals", security(()),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn page() -> ([(HeaderName, &'static str); 4], &'static str) {
    (
        [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, PAGE_POLICY.as_str()),
            (REFERRER_POLICY, "no-referrer"),
            (CACHE_CONTROL, "no-store"),
        ],
        PAGE,
    )
}

/// The candidate's answer, by the link they were sent. Needs no token. The same answer again changes nothing.
#[utoipa::path(
    post, path = "/candidate-links/answers", tag = "deals", security(()), request_body = LinkAnswer,
    responses(
        (status = 200, body = AnswerView),
        (status = 404, description = "No such link, or not any more"),
        (status = 409, description = "A yes after consent was taken back"),
    )
)]
pub async fn answer(State(app): State<App>, ids: RequestIds, write: Write<LinkAnswer>) -> Result<Answer, Problem> {
    let hash = secret_hash(&write.body.token);
    let link: Option<CandidateLink> = app.store.get(&CandidateLink::key_of(&hash)).await?;
    let link = link
        .filter(|link| link.expires_at > clock::now().as_second())
        .ok_or_else(Problem::not_found)?;
    let candidate = link.candidate_id;
    let what = match write.body.answer {
        Said::Confirm => What::Confirmed { candidate },
        Said::Withdraw => What::ConsentWithdrawn { candidate },
    };
    for _ in 0..ATTEMPTS {
        let held = load(&app.store, link.deal_id).await?.ok_or_else(Problem::not_found)?;
        let last = held.deal.facts().iter().rev().find(|fact| bears_on(fact, candidate));
        if let Some(known) = last.filter(|known| known.what == what) {
            return Answer::ok(&AnswerView { recorded_at: known.at });
        }
        // The claim ended with it; a yes that changes nothing would only look like one.
        if last.is_some_and(|known| matches!(known.what, What::ConsentWithdrawn { .. })) {
            return Err(Problem::new(
                Kind::WrongState,
                "You took your consent back. To put you forward again the broker submits you anew.",
            ));
        }
        let fact = Fact {
            id: EventId::new(),
            at: held.moment(clock::now()),
            by: Author::Candidate,
            what: what.clone(),
        };
        let recorded_at = fact.at;
        let (change, _) = held.add(vec![fact], &ids.correlation_id).map_err(not_added)?;
        if let Commit::Done = app.store.commit(change).await? {
            return Answer::ok(&AnswerView { recorded_at });
        }
    }
    Err(Problem::new(
        Kind::TooManyRequests,
        "Many others write to this deal at the same moment; try again.",
    ))
}

/// Whether a fact is the candidate's own word, or the submittal that it is about.
fn bears_on(fact: &Fact, about: CandidateId) -> bool {
    match &fact.what {
        What::Confirmed { candidate } | What::ConsentWithdrawn { candidate } => {
            fact.by == Author::Candidate && *candidate == about
        }
        What::Submitted { candidate, .. } => *candidate == about,
        _ => false,
    }
}
