//! What happens to a deal, told by its parties.

use axum::{
    extract::{FromRequestParts, State},
    http::{header, request::Parts},
};
use garde::Validate;
use inventure_core::{CandidateId, TenantId};
use inventure_deal_store::{AddError, Held, place_late};
use inventure_deals::{Terms, What, Why, dispute::Ruling, terms::Source};
use inventure_api::{
    Problem, clock,
    http::{Answer, Caller, Path, Write, bounded, missing_field},
    problem::Kind,
    text,
};
use inventure_ledger::Hash;
use inventure_table::{Change, Commit, pause, stale};
use lambda_http::request::RequestContext;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    App,
    claims::Contact,
    consents::effect,
    documents::AddDocument,
    limits::{Limit, PROPOSALS, check_pace},
    refusals::not_added,
    routes::{WRITERS, author, find},
    views::DealView,
};

/// How often a move is tried while others move the same deal.
const ATTEMPTS: u32 = 8;

/// The most decisions about a candidate's owners that refused placements leave in a deal.
const DECISIONS_MAX: usize = 10;

/// The most placements that a tenant reports, agrees to or rules on. Each is looked up in the other deals at the employer, and whoever could
/// try without end would learn who is claimed and placed there.
const PLACEMENTS: Limit = Limit {
    what: "placements",
    span: "%Y-%m-%dT%H",
    max: 60,
    told: "A tenant may report, agree to or rule on 60 placements in an hour.",
};

/// New terms for a deal.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Propose {
    /// `terms_proposed`.
    #[expect(dead_code, reason = "read before, to tell what this is")]
    kind: String,
    /// The terms. What the service gives them may be left out: `format`, `deal` and `version`.
    #[schema(value_type = Terms)]
    pub terms: Map<String, Value>,
}

/// A signature.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// `signed`.
    #[expect(dead_code, reason = "read before, to tell what this is")]
    kind: String,
    /// The version of the terms.
    pub terms_version: u32,
    /// Their hash, as the signer computed it or was shown it.
    #[schema(value_type = String)]
    pub terms_hash: Hash,
}

/// A candidate given to the employer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// `submitted`.
    #[expect(dead_code, reason = "read before, to tell what this is")]
    kind: String,
    /// One of the caller's candidates.
    pub candidate: CandidateId,
    /// Where they came from, as their record says; may be left out.
    #[serde(default)]
    pub source: Option<Source>,
    /// How the person can be told from others; what stands in their résumé counts as well.
    #[serde(default)]
    pub contact: Contact,
}

/// A move: one of the four that the service completes, or any other as it will stand among the deal's facts.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Asked {
    /// New terms.
    Propose(Propose),
    /// A signature.
    Sign(Sign),
    /// A candidate.
    Submit(Submit),
    /// A document.
    AddDocument(AddDocument),
    /// Anything else.
    Other(What),
}

/// The body of a move.
#[derive(Debug, Deserialize, Validate)]
#[serde(transparent)]
pub struct NewMove(#[garde(skip)] Map<String, Value>);

fn parse<T: DeserializeOwned>(sent: Map<String, Value>) -> Result<T, Problem> {
    serde_json::from_value(Value::Object(sent)).map_err(|error| {
        let message = error.to_string();
        Problem::field(missing_field(&message).unwrap_or_default(), bounded(&message))
    })
}

impl NewMove {
    fn asked(self) -> Result<Asked, Problem> {
        let Self(sent) = self;
        // What others read has no character that they do not see; escaped, one takes the room of six.
        for (field, value) in &sent {
            let written = value
                .as_str()
                .map(|written| written.trim_matches([' ', '\n', '\r', '\t']));
            let written = written.filter(|written| !written.is_empty());
            if let Some(Err(error)) = written.map(|written| text::prose(&written, &())) {
                return Err(Problem::field(field, error.to_string()));
            }
        }
        match sent.get("kind").and_then(Value::as_str) {
            Some("terms_proposed") => Ok(Asked::Propose(parse(sent)?)),
            Some("signed") => Ok(Asked::Sign(parse(sent)?)),
            Some("submitted") => Ok(Asked::Submit(parse(sent)?)),
            Some("document_added") => Ok(Asked::AddDocument(parse(sent)?)),
            Some(_) => Ok(Asked::Other(parse(sent)?)),
            None => Err(Problem::field("kind", "say what happened")),
        }
    }
}

/// From where a request came, as a signature records it.
#[derive(Debug, Clone)]
pub struct Origin(pub String);

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let address = match parts.extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
            _ => None,
        };
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        let text = format!(
            "{} {}",
            address.as_deref().unwrap_or("unknown"),
            agent.unwrap_or("unknown")
        );
        Ok(Self(text.chars().take(300).collect()))
    }
}

/// Tells what happened: signing, submitting, moving along the pipeline, placing, billing, a fall-off, a dispute. Refused with the reason,
/// and with what would be allowed, where the deal's state, its terms or the dates do not allow it.
#[utoipa::path(
    post, path = "/deals/{id}/moves", tag = "deals", params(("id" = String, Path)), request_body = Asked,
    responses(
        (status = 201, body = DealView),
        (status = 403, description = "Not the caller's to say"),
        (status = 409, description = "The deal's state does not allow it, or the terms have changed"),
        (status = 422, description = "The deal's terms do not allow it")
    )
)]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    origin: Origin,
    write: Write<NewMove>,
) -> Result<Answer, Problem> {
    let (store, member) = (&app.store, caller.principal.member_id.to_string());
    let key = write.idempotency.as_ref();
    let mut held = find(store, &caller, &id).await?;
    caller.allow(WRITERS)?;
    if let Some(answer) = store.remembered(&member, key).await? {
        return Ok(answer);
    }
    let asked = write.body.asked()?;
    let by_employer = caller.principal.tenant_id == held.head.employer_id;
    if !by_employer && looks_elsewhere(&held, &asked) {
        app.count(caller.principal.tenant_id, &PLACEMENTS).await?;
    }
    if let Asked::Propose(_) = asked {
        app.count(caller.principal.tenant_id, &PROPOSALS).await?;
    }
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            pause(attempt).await;
            held = find(store, &caller, &id).await?;
        }
        let now = held.moment(clock::now());
        check_pace(&held.deal, author(&caller), now)?;
        let told = app.told(&held, &caller, &asked, now, &origin).await?;
        let added = held.add(told.facts.clone(), &caller.ids.correlation_id);
        let (change, next) = match added {
            Err(AddError::Refused(refused)) if matches!(refused.why, Why::NotASplit(_)) => {
                if let Some(decided) = told.decision().filter(|decided| has_room_for(&held, &decided.what)) {
                    let (change, _) = held.add(vec![decided], &caller.ids.correlation_id).map_err(not_added)?;
                    if !matches!(store.commit(change).await?, Commit::Done) {
                        continue;
                    }
                }
                return Err(not_added(AddError::Refused(refused)));
            }
            added => added.map_err(not_added)?,
        };
        let answer = Answer::created(&DealView::of(&next, &caller.principal))?;
        let place = if told.places() {
            Change::new()
        } else {
            app.place(&held, &next, &caller).await?
        };
        let change = told.beside.and(place).and(change);
        match store.finish(change, &member, key, answer, stale()).await {
            // Somebody else moved the deal: it may still be allowed.
            Err(problem) if problem.kind == Kind::StaleVersion => {}
            done => return done,
        }
    }
    Err(Problem::new(
        Kind::TooManyRequests,
        "Many others write to this deal at the same moment; try again.",
    ))
}

/// Whether a move is answered by what stands in other deals: it places somebody, or may restore a placement.
fn looks_elsewhere(held: &Held, asked: &Asked) -> bool {
    let Asked::Other(what) = asked else { return false };
    let restores = matches!(
        what,
        What::Ruled {
            ruling: Ruling::Restored { .. },
            ..
        }
    );
    restores || matches!(effect(held, what), What::Placed { .. })
}

/// Whether a refused placement may leave one more decision about its candidate in the deal. The first by which somebody in the deal owns
/// together with somebody outside always may: without it the terms could not let the other owner in.
fn has_room_for(held: &Held, decided: &What) -> bool {
    let What::OwnershipDecided { candidate, owners, .. } = decided else {
        return false;
    };
    let Some(submittal) = held.deal.candidates().get(candidate) else {
        return false;
    };
    let is_shared = |owners: &[TenantId]| {
        let is_inside = |owner: &&TenantId| held.deal.terms().is_some_and(|terms| terms.is_candidate_side(**owner));
        let inside = owners.iter().filter(is_inside).count();
        inside > 0 && inside < owners.len()
    };
    let is_known = submittal.decided.iter().any(|known| is_shared(&known.owners));
    let dated = submittal.decided.iter().filter(|known| known.on.is_some()).count();
    dated < DECISIONS_MAX || (is_shared(owners) && !is_known)
}

impl App {
    /// Claims the person's place for a placement that takes effect by this move. A report that is made by it has claimed it already.
    async fn place(&self, held: &Held, next: &Held, caller: &Caller) -> Result<Change, Problem> {
        match place_late(&self.store, &held.deal, next).await.map_err(not_added)? {
            None => Ok(Change::new()),
            Some(late) => self.free(held, caller, late.placing).await,
        }
    }
}
