//! The moves by which the parties of a deal tell what happened.

use axum::{
    extract::{FromRequestParts, State},
    http::{header, request::Parts},
};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Write, missing_field, readable},
    once::{Once, Written},
    problem::Kind,
    text,
};
use inventure_core::{CandidateId, TenantId};
use inventure_deal_store::{AddError, LoadedDeal, place_late};
use inventure_deals::{Terms, What, Why, dispute::Ruling, terms::Source};
use inventure_ledger::Hash;
use inventure_people::Caller;
use inventure_table::{Change, Commit, retry::Attempts};
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

/// The most fields of a move among which the one at fault is looked for.
const FIELDS_MAX: usize = 16;

/// The number of times that a move is tried while others move the same deal.
const ATTEMPTS: u32 = 8;

/// The most decisions about a candidate's owners that refused placements leave in a deal.
const DECISIONS_MAX: usize = 10;

/// The most placements that a tenant reports, agrees to or rules on. Each is looked up in the other deals at the employer, and a tenant
/// that could try without end would learn who is claimed and placed there.
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
    /// The kind of the move: `terms_proposed`.
    #[expect(dead_code, reason = "read before, to tell what this is")]
    kind: String,
    /// The proposed terms. The fields that the service sets may be left out: `format`, `deal` and `version`.
    #[schema(value_type = Terms)]
    pub terms: Map<String, Value>,
}

/// A signature under proposed terms.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// The kind of the move: `signed`.
    #[expect(dead_code, reason = "read before, to tell what this is")]
    kind: String,
    /// The version of the terms that are signed.
    pub terms_version: u32,
    /// The hash of the terms, as the signer computed it or was shown it.
    #[schema(value_type = String)]
    pub terms_hash: Hash,
}

/// A candidate given to the employer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// The kind of the move: `submitted`.
    #[expect(dead_code, reason = "read before, to tell what this is")]
    kind: String,
    /// One of the caller's candidates.
    pub candidate: CandidateId,
    /// The source of the candidate, as their record says; may be left out.
    #[serde(default)]
    pub source: Option<Source>,
    /// The contact details by which the person is told from others; those in their résumé count as well.
    #[serde(default)]
    pub contact: Contact,
}

/// A move in a deal. It is one of the four that the service completes, or any other as it will stand among the deal's facts.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Asked {
    /// A proposal of new terms.
    Propose(Propose),
    /// A signature under the terms.
    Sign(Sign),
    /// A submittal of a candidate.
    Submit(Submit),
    /// A document to add to the deal.
    AddDocument(AddDocument),
    /// Any other fact, as it will stand in the deal.
    Other(What),
}

/// The body of a request for a move.
#[derive(Debug, Deserialize, Validate)]
#[serde(transparent)]
pub struct NewMove(#[garde(skip)] Map<String, Value>);

fn parse<T: DeserializeOwned>(sent: Map<String, Value>) -> Result<T, Problem> {
    let read =
        |sent: Map<String, Value>| serde_json::from_value::<T>(Value::Object(sent)).map_err(|error| error.to_string());
    read(sent.clone()).map_err(|message| {
        let missing = missing_field(&message);
        let field = missing.or_else(|| at_fault(&sent, &message, |others| read(others).err()));
        Problem::field(field.unwrap_or_default(), readable(&message))
    })
}

/// Returns the field without which the parser says something else. Behind a tag it forgets where it was. An unknown field is a word of
/// the sender's and is not repeated, and no move has as many fields as are looked through here.
fn at_fault<'a>(
    sent: &'a Map<String, Value>,
    message: &str,
    read: impl Fn(Map<String, Value>) -> Option<String>,
) -> Option<&'a str> {
    if message.starts_with("unknown field") || sent.len() > FIELDS_MAX {
        return None;
    }
    let mut fields = sent.keys().map(String::as_str).filter(|field| *field != "kind");
    fields.find(|field| {
        let mut others = sent.clone();
        others.remove(*field);
        read(others).as_deref() != Some(message)
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

/// The address and user agent of a request, as a signature records them.
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

/// Records a move in a deal: signing, submitting, moving along the pipeline, placing, billing, a fall-off, a dispute. A move that the
/// deal's state, its terms or the dates do not allow is refused, with the reason and with what would be allowed.
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
    let store = &app.store;
    let once = Once::new(store, caller.principal.member_id, write.idempotency.as_ref());
    let mut held = find(store, &caller, &id).await?;
    caller.allow(WRITERS)?;
    if let Some(first) = once.first().await? {
        return Ok(first);
    }
    let asked = write.body.asked()?;
    let by_employer = caller.principal.tenant_id == held.head.employer_id;
    if !by_employer && looks_elsewhere(&held, &asked) {
        app.count(caller.principal.tenant_id, &PLACEMENTS).await?;
    }
    if let Asked::Propose(_) = asked {
        app.count(caller.principal.tenant_id, &PROPOSALS).await?;
    }
    let mut attempts = Attempts::new(ATTEMPTS);
    while attempts.begin().await {
        if !attempts.is_first() {
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
        match once.commit(change, &answer).await? {
            Written::Now => return Ok(answer),
            Written::Before(first) => return Ok(first),
            // Somebody else moved the deal: it may still be allowed.
            Written::Conflict => {}
        }
    }
    Err(Problem::new(
        Kind::TooManyRequests,
        "Many others write to this deal at the same moment; try again.",
    ))
}

/// Whether a move depends on what stands in other deals: it places a candidate, or may restore a placement.
fn looks_elsewhere(held: &LoadedDeal, asked: &Asked) -> bool {
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

/// Whether a refused placement may leave one more decision about its candidate in the deal. The first decision by which an owner in the
/// deal shares with an owner outside always may. Without it the terms could not let the other owner in.
fn has_room_for(held: &LoadedDeal, decided: &What) -> bool {
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
    /// Claims the person's place for a placement that takes effect by this move. A placement that this move reports has claimed it
    /// already.
    async fn place(&self, held: &LoadedDeal, next: &LoadedDeal, caller: &Caller) -> Result<Change, Problem> {
        match place_late(&self.store, &held.deal, next).await.map_err(not_added)? {
            None => Ok(Change::new()),
            Some(late) => self.free(held, caller, late.placing).await,
        }
    }
}
