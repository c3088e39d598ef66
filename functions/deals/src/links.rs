//! Links by which a candidate says that a broker speaks for them, or no longer does.

use axum::extract::State;
use garde::Validate;
use inventure_core::{CandidateId, EventId};
use inventure_deal_store::load;
use inventure_deals::{Author, Fact, What};
use inventure_lambda::{
    Problem, clock,
    http::{Answer, Caller, Path, RequestIds, Write},
    problem::Kind,
};
use inventure_store::{
    Change, Commit,
    records::{CandidateLink, secret_hash},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    App,
    refusals::not_added,
    routes::{WRITERS, find},
};

/// How long a link is good for.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How often an answer is tried while others move the same deal.
const ATTEMPTS: usize = 8;

/// A link for a candidate.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLink {}

/// A link to send to the candidate. It is shown once.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkView {
    /// Its id, which opens nothing.
    pub id: String,
    /// The secret of the link; whoever has it answers for the candidate. Shown once: a repeat under the same key has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Until when it is good.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
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

/// Makes a link by which a submitted candidate confirms the caller's tenant, or takes their consent back.
#[utoipa::path(
    post, path = "/deals/{id}/candidates/{candidate_id}/links", tag = "deals",
    params(("id" = String, Path), ("candidate_id" = String, Path)), request_body = NewLink,
    responses((status = 201, body = LinkView))
)]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path((id, candidate_id)): Path<(String, String)>,
    write: Write<NewLink>,
) -> Result<Answer, Problem> {
    let held = find(&app.store, &caller, &id).await?;
    let NewLink {} = write.body;
    caller.allow(WRITERS)?;
    let candidate: CandidateId = candidate_id.parse().map_err(|_| Problem::not_found())?;
    let submittal = held.deal.candidates().get(&candidate).ok_or_else(Problem::not_found)?;
    if submittal.tenant != caller.principal.tenant_id {
        return Err(Problem::new(
            Kind::Forbidden,
            "The broker who submitted the candidate writes to them.",
        ));
    }
    let (member, key) = (caller.principal.member_id.to_string(), write.idempotency.as_ref());
    if let Some(answer) = app.store.remembered(&member, key).await? {
        return Ok(answer);
    }
    // 244 random bits, like an invitation's.
    let token = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
    let expires_at = clock::now() + KEPT;
    let link = CandidateLink {
        secret_hash: secret_hash(&token),
        deal_id: held.deal.id(),
        candidate_id: candidate,
        expires_at: expires_at.as_second(),
    };
    let kept = Answer::created(&LinkView {
        id: link.secret_hash.clone(),
        token: None,
        expires_at,
    })?;
    let conflict = Problem::new(Kind::TooManyRequests, "Try again.");
    let mut answer = app
        .store
        .finish(Change::new().insert(&link), &member, key, kept, conflict)
        .await?;
    if answer.body["id"] == link.secret_hash {
        answer.body["token"] = token.into();
    }
    Ok(answer)
}

/// The candidate's answer, by the link they were sent. Needs no token. The same answer again changes nothing.
#[utoipa::path(
    post, path = "/candidate-links/answers", tag = "deals", security(()), request_body = LinkAnswer,
    responses((status = 200, body = AnswerView), (status = 404, description = "No such link, or not any more"))
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
        let said = |fact: &&Fact| fact.by == Author::Candidate && about(&fact.what) == Some(candidate);
        let last = held.deal.facts().iter().rev().find(said);
        if let Some(known) = last.filter(|known| known.what == what) {
            return Answer::ok(&AnswerView { recorded_at: known.at });
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

const fn about(what: &What) -> Option<CandidateId> {
    match what {
        What::Confirmed { candidate } | What::ConsentWithdrawn { candidate } => Some(*candidate),
        _ => None,
    }
}
