//! What happens to a deal, told by its parties.

use axum::{
    extract::{FromRequestParts, State},
    http::{header, request::Parts},
};
use garde::Validate;
use inventure_core::{CandidateId, EventId};
use inventure_deal_store::{AddError, Held, own_submittals, record_claims};
use inventure_deals::{Author, Fact, Signature, Terms, What, Why, fact::Consent, terms::Source};
use inventure_lambda::{
    Problem, clock,
    http::{Answer, Caller, Path, Write, bounded, missing_field},
    problem::Kind,
};
use inventure_ledger::Hash;
use inventure_store::{
    Change, Commit, pause,
    records::{Candidate, CandidateSource, ClaimGrounds, ConsentScope, SubmittedPerson},
    stale,
};
use jiff::Timestamp;
use lambda_http::request::RequestContext;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    App,
    claims::Contact,
    documents::AddDocument,
    limits::check_pace,
    refusals::not_added,
    routes::{WRITERS, author, find, known},
    views::DealView,
};

/// How often a move is tried while others move the same deal.
const ATTEMPTS: u32 = 8;

/// How often an agency submits one person to one employer: in as many deals, or anew after as many claims ended.
const SUBMITTALS_MAX: usize = 20;

/// New terms for a deal.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Propose {
    /// `terms_proposed`.
    #[expect(dead_code, reason = "read before, to tell what this is")]
    kind: String,
    /// The terms. What the service gives them may be left out: `format`, `deal` and `version`.
    #[schema(value_type = Terms)]
    terms: Map<String, Value>,
}

/// A signature.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// `signed`.
    #[expect(dead_code, reason = "read before, to tell what this is")]
    kind: String,
    /// The version of the terms.
    terms_version: u32,
    /// Their hash, as the signer computed it or was shown it.
    #[schema(value_type = String)]
    terms_hash: Hash,
}

/// A candidate given to the employer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// `submitted`.
    #[expect(dead_code, reason = "read before, to tell what this is")]
    kind: String,
    /// One of the caller's candidates.
    candidate: CandidateId,
    /// Where they came from, as their record says; may be left out.
    #[serde(default)]
    source: Option<Source>,
    /// How the person can be told from others; what stands in their résumé counts as well.
    #[serde(default)]
    contact: Contact,
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
pub struct Origin(String);

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

/// Facts to add, and what is written beside them.
struct Told {
    facts: Vec<Fact>,
    beside: Change,
}

impl Told {
    /// The network's decision on who owns a candidate. It stays where the placement that asked for it is refused: the parties need it to let
    /// another owner in.
    fn decision(self) -> Option<Fact> {
        let mut facts = self.facts.into_iter();
        facts.find(|fact| matches!(fact.what, What::OwnershipDecided { .. }))
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
                let decided = told.decision().into_iter().collect::<Vec<_>>();
                if !decided.is_empty() {
                    let (change, _) = held.add(decided, &caller.ids.correlation_id).map_err(not_added)?;
                    if !matches!(store.commit(change).await?, Commit::Done) {
                        continue;
                    }
                }
                return Err(not_added(AddError::Refused(refused)));
            }
            added => added.map_err(not_added)?,
        };
        let answer = Answer::created(&DealView::of(&next, &caller.principal))?;
        let change = told.beside.and(change);
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

impl App {
    /// What the caller's words come to.
    async fn told(
        &self,
        held: &Held,
        caller: &Caller,
        asked: &Asked,
        now: Timestamp,
        Origin(origin): &Origin,
    ) -> Result<Told, Problem> {
        let mut beside = Change::new();
        let fact = |what, by| Fact {
            id: EventId::new(),
            at: now,
            by,
            what,
        };
        let mut facts = Vec::new();
        let deal = &held.deal;
        let what = match asked {
            Asked::Propose(propose) => {
                let version = deal.last_version() + 1;
                let terms = self
                    .terms_of(propose.terms.clone(), deal.id(), version, deal.terms())
                    .await?;
                known(&self.store, &terms).await?;
                What::TermsProposed { terms: Box::new(terms) }
            }
            Asked::Sign(sign) => {
                let tenant = caller.principal.tenant_id;
                let parties = [deal.proposed(), deal.terms()].into_iter().flatten();
                let party = parties
                    .flat_map(|terms| &terms.parties)
                    .find(|party| party.tenant == tenant);
                let party =
                    party.ok_or_else(|| Problem::new(Kind::Forbidden, "Only the parties of the deal sign it."))?;
                What::Signed {
                    signature: Signature {
                        deal: deal.id(),
                        party: party.id.clone(),
                        tenant,
                        member: caller.principal.member_id,
                        terms_version: sign.terms_version,
                        terms_hash: sign.terms_hash,
                        signed_at: now,
                        from: origin.clone(),
                    },
                }
            }
            Asked::Submit(submit) => {
                let (what, person) = self.submittal(held, caller, submit).await?;
                beside = record_claims(beside, held, caller.principal.tenant_id, &person);
                beside = beside.insert(&person);
                what
            }
            Asked::AddDocument(add) => {
                let (what, record) = self.added(held, caller, add, now).await?;
                beside = record;
                what
            }
            Asked::Other(what) => what.clone(),
        };
        if let What::Placed {
            candidate, accepted_on, ..
        } = &what
        {
            let by_employer = caller.principal.tenant_id == held.head.employer_id;
            let owned = self.owned(held, *candidate, *accepted_on, by_employer).await?;
            facts.extend(owned.decided.map(|decided| fact(decided, Author::Network)));
            beside = beside.and(owned.placed);
        }
        facts.push(fact(what, author(caller)));
        Ok(Told { facts, beside })
    }

    async fn submittal(
        &self,
        held: &Held,
        caller: &Caller,
        submit: &Submit,
    ) -> Result<(What, SubmittedPerson), Problem> {
        let candidate: Option<Candidate> = self.store.get(&Candidate::key_of(submit.candidate)).await?;
        let candidate = candidate
            .filter(|candidate| candidate.tenant_id == caller.principal.tenant_id)
            .ok_or_else(|| Problem::field("candidate", "there is no such candidate of yours"))?;
        let consent = candidate.consent.as_ref();
        let consent = consent.filter(|consent| consent.covers(ConsentScope::ShareWithNetwork, clock::today()));
        let consent = consent.ok_or_else(|| {
            Problem::new(
                Kind::ConsentMissing,
                "Record the candidate's consent to be shown to others (`share_with_network`) first.",
            )
        })?;
        let source = match candidate.source {
            CandidateSource::Member => Source::Member,
            CandidateSource::JobBoard => Source::JobBoard,
            CandidateSource::SelfRegistered => Source::SelfRegistered,
        };
        if submit.source.is_some_and(|stated| stated != source) {
            return Err(Problem::field("source", "the candidate's record came in another way"));
        }
        let employer = held.head.employer_id;
        let known = self
            .fingerprints(employer, &submit.contact, Some(submit.candidate))
            .await?;
        let before = own_submittals(&self.store, &known.keys, caller.principal.tenant_id).await?;
        if before >= SUBMITTALS_MAX {
            let detail = format!(
                "You have submitted this person to this employer {SUBMITTALS_MAX} times; once more claims nothing more."
            );
            return Err(Problem::new(Kind::WrongState, detail));
        }
        let stated = known.keys.iter().filter(|(_, stated)| **stated);
        let stated = stated.map(|(print, _)| print.clone()).collect();
        let what = What::Submitted {
            candidate: submit.candidate,
            consent: Consent {
                id: consent.consent_id,
                given_at: consent.given_at,
            },
            source,
        };
        Ok((
            what,
            SubmittedPerson {
                deal_id: held.deal.id(),
                candidate_id: submit.candidate,
                fingerprints: known.keys.into_keys().collect(),
                stated: Some(stated),
                confirmed_at: Vec::new(),
                grounds: Some(ClaimGrounds {
                    resume: known.resume,
                    employer_named: consent.employers.contains(&employer),
                }),
            },
        ))
    }
}
