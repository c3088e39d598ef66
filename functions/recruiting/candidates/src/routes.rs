//! Records, reads, changes and lists candidates.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Query, Write},
    once::{Once, Reply},
    patch,
    problem::{Kind, stale},
    text,
};
use inventure_core::{CandidateId, Page, PayRange, Role};
use inventure_events::{CandidateCreated, CandidateErased, CandidateUpdated, ConsentGiven, ConsentWithdrawn, Envelope};
use inventure_people::{Access, Caller, access};
use inventure_recruiting::records::{Candidate, CandidateSource, ConsentScope, ReadResume, ReadingStatus};
use inventure_table::{Change, Condition, Store, table};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    new_consent::{NewConsent, is_day, recorded},
    views::{CandidateView, ErasedView},
};

/// The roles that may record and change candidates.
pub const WRITERS: &[Role] = &[Role::AgencyOwner, Role::Broker];

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that garde calls"
)]
fn sound_pay(range: &Option<PayRange>, (): &()) -> garde::Result {
    if range.is_none_or(|range| range.is_sound()) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "give a minimum, a maximum or both, neither negative, the minimum not above the maximum",
        ))
    }
}

/// A candidate to record.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCandidate {
    /// The candidate's name.
    #[garde(length(chars, min = 1, max = 200), custom(text::name))]
    name: String,
    /// The first day on which the candidate could begin.
    #[garde(inner(custom(is_day)))]
    #[schema(value_type = Option<String>, format = Date)]
    available_from: Option<Date>,
    /// The pay that the candidate asks for.
    #[garde(custom(sound_pay))]
    desired_pay: Option<PayRange>,
    /// Whether the candidate takes remote work only.
    #[garde(skip)]
    remote_only: Option<bool>,
    /// The town or region that the candidate works in.
    #[garde(inner(length(chars, min = 1, max = 200), custom(text::line)))]
    location: Option<String>,
    /// The consent that the candidate gave. Without it the candidate is recorded and nothing more.
    #[garde(dive)]
    consent: Option<NewConsent>,
}

/// A change to a candidate. A field left out stays; `null` clears a field that need not be stated.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::option_option,
    reason = "a member that is left out, one that is null and one with a value are three wishes"
)]
pub struct CandidateChange {
    /// The version of the candidate that the change is based on.
    #[garde(skip)]
    version: u64,
    /// The candidate's name.
    #[garde(inner(length(chars, min = 1, max = 200), custom(text::name)))]
    #[serde(default, deserialize_with = "patch::stated")]
    #[schema(value_type = String, required = false)]
    name: Option<String>,
    /// The first day on which the candidate could begin.
    #[garde(inner(inner(custom(is_day))))]
    #[serde(default, deserialize_with = "patch::clearable")]
    #[schema(value_type = Option<String>, format = Date)]
    available_from: Option<Option<Date>>,
    /// The pay that the candidate asks for.
    #[garde(inner(custom(sound_pay)))]
    #[serde(default, deserialize_with = "patch::clearable")]
    #[schema(value_type = Option<PayRange>)]
    desired_pay: Option<Option<PayRange>>,
    /// Whether the candidate takes remote work only.
    #[garde(skip)]
    #[serde(default, deserialize_with = "patch::clearable")]
    #[schema(value_type = Option<bool>)]
    remote_only: Option<Option<bool>>,
    /// The town or region that the candidate works in.
    #[garde(inner(inner(length(chars, min = 1, max = 200), custom(text::line))))]
    #[serde(default, deserialize_with = "patch::clearable")]
    #[schema(value_type = Option<String>)]
    location: Option<Option<String>>,
}

/// The candidates to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CandidateListing {
    /// The cursor of the page: the `next_cursor` of the page before.
    #[garde(skip)]
    cursor: Option<String>,
    /// The most candidates on a page, 1 to 100. It is 50 where left out.
    #[garde(inner(range(min = 1, max = 100)))]
    limit: Option<usize>,
    /// Lists only candidates whose newest file is this far. `awaiting_upload` stands for those for whom a form is out.
    #[garde(skip)]
    reading: Option<ReadingStatus>,
}

/// Returns the candidate, if the caller may see them.
pub async fn find(store: &Store, caller: &Caller, id: &str) -> Result<(Candidate, Access), Problem> {
    let id: CandidateId = id.parse().map_err(|_| Problem::not_found())?;
    let candidate: Option<Candidate> = store.get(&Candidate::key_of(id)).await?;
    let owner = candidate.as_ref().map(|candidate| candidate.tenant_id);
    let access = access(store, &caller.principal, owner, &id.to_string()).await?;
    let candidate = candidate.filter(|candidate| candidate.erased_at.is_none());
    let candidate = candidate.ok_or_else(Problem::not_found)?;
    // A grant is worth as much as the consent behind it, at this moment.
    if access == Access::Granted && !candidate.consents(ConsentScope::ShareWithNetwork, clock::today()) {
        return Err(Problem::new(
            Kind::ConsentMissing,
            "The candidate's consent to be shown to other agencies has ended.",
        ));
    }
    Ok((candidate, access))
}

/// Returns the candidate, if they are the caller's to change.
pub async fn find_own(store: &Store, caller: &Caller, id: &str) -> Result<Candidate, Problem> {
    let (candidate, access) = find(store, caller, id).await?;
    if access == Access::Granted {
        return Err(Problem::only_shown());
    }
    caller.allow(WRITERS)?;
    Ok(candidate)
}

/// Records a candidate.
#[utoipa::path(
    post, path = "/candidates", tag = "candidates", request_body = NewCandidate,
    responses((status = 201, body = CandidateView), (status = 422, description = "A field is not valid"))
)]
pub async fn create(State(store): State<Store>, caller: Caller, write: Write<NewCandidate>) -> Result<Answer, Problem> {
    caller.allow(WRITERS)?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let now = clock::now();
            let mut candidate = Candidate {
                candidate_id: CandidateId::new(),
                tenant_id: caller.principal.tenant_id,
                name: write.body.name,
                available_from: write.body.available_from,
                desired_pay: write.body.desired_pay,
                remote_only: write.body.remote_only,
                location: write.body.location,
                // Whoever may call this route is a member.
                source: CandidateSource::Member,
                consent: None,
                reading: None,
                awaited: None,
                resume_upload_id: None,
                corrected: Vec::new(),
                forms_void_until: None,
                version: 1,
                created_by: caller.principal.member_id,
                created_at: now,
                updated_at: now,
                erased_at: None,
            };
            let (id, tenant_id) = (candidate.candidate_id, candidate.tenant_id);
            let envelope = |event| Envelope::new(event, now, &caller.ids.correlation_id);
            let mut change = Change::new().emit(
                id,
                &envelope(
                    CandidateCreated {
                        candidate_id: id,
                        tenant_id,
                    }
                    .into(),
                ),
            );
            if let Some(consent) = write.body.consent {
                let record = recorded(consent, id, &caller, now, "consent.until")?;
                let consent_id = record.consent.consent_id;
                candidate.consent = Some(record.consent.clone());
                let event = ConsentGiven {
                    candidate_id: id,
                    tenant_id,
                    consent_id,
                    candidate_version: 1,
                };
                change = change.insert(&record).emit(id, &envelope(event.into()));
            }
            let change = change.insert(&candidate);
            let answer = Answer::created(&CandidateView::from(candidate))?;
            Ok(Reply::new(change, answer))
        })
        .await
}

/// The candidates of the caller's tenant, newest first.
#[utoipa::path(
    get, path = "/candidates", tag = "candidates", params(CandidateListing),
    responses((status = 200, body = Page<CandidateView>))
)]
pub async fn list(
    State(store): State<Store>,
    caller: Caller,
    Query(listing): Query<CandidateListing>,
) -> Result<Json<Page<CandidateView>>, Problem> {
    let wanted = |candidate: &Candidate| {
        listing.reading.is_none_or(|status| {
            let awaited = status == ReadingStatus::AwaitingUpload && candidate.awaited.is_some();
            let reading = candidate.reading.as_ref();
            awaited || reading.is_some_and(|reading| reading.status == status)
        })
    };
    let query = table::Query::index(Candidate::of_tenant(caller.principal.tenant_id));
    let page: Page<Candidate> = store
        .page(query, listing.cursor.as_deref(), listing.limit.unwrap_or(50), wanted)
        .await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next_cursor,
    }))
}

/// A candidate of the caller's tenant, or one that was shared with it. The answer has the state of the reading of their newest
/// file.
#[utoipa::path(
    get, path = "/candidates/{id}", tag = "candidates", params(("id" = String, Path)),
    responses((status = 200, body = CandidateView), (status = 404, description = "Not there, or not the caller's to know of"))
)]
pub async fn read(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<CandidateView>, Problem> {
    let (candidate, access) = find(&store, &caller, &id).await?;
    Ok(Json(CandidateView::of(candidate, access)))
}

/// Changes what is stated about a candidate, or clears it.
#[utoipa::path(
    patch, path = "/candidates/{id}", tag = "candidates", params(("id" = String, Path)), request_body = CandidateChange,
    responses((status = 200, body = CandidateView), (status = 409, description = "Stale version"))
)]
pub async fn update(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<CandidateChange>,
) -> Result<Answer, Problem> {
    let mut candidate = find_own(&store, &caller, &id).await?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let body = write.body;
            if body.version != candidate.version {
                return Err(stale());
            }
            candidate.name = body.name.unwrap_or(candidate.name);
            candidate.available_from = body.available_from.unwrap_or(candidate.available_from);
            candidate.desired_pay = body.desired_pay.unwrap_or(candidate.desired_pay);
            candidate.remote_only = body.remote_only.unwrap_or(candidate.remote_only);
            candidate.location = body.location.unwrap_or(candidate.location);
            candidate.version += 1;
            candidate.updated_at = clock::now();
            let event = CandidateUpdated {
                candidate_id: candidate.candidate_id,
                tenant_id: candidate.tenant_id,
                candidate_version: candidate.version,
            };
            let envelope = Envelope::new(event.into(), candidate.updated_at, &caller.ids.correlation_id);
            let change = Change::new()
                .update(&candidate, body.version)
                .emit(candidate.candidate_id, &envelope);
            let answer = Answer::ok(&CandidateView::from(candidate))?;
            Ok(Reply::new(change, answer))
        })
        .await
}

/// The empty body of an erasure, which takes no particulars.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Erasure {}

/// Erases a candidate for good. The broker's statements go, and, as when the consent ends, all that was read. Nobody can reach
/// the record any more; deals keep its id and what was signed.
#[utoipa::path(
    delete, path = "/candidates/{id}", tag = "candidates", params(("id" = String, Path)),
    responses((status = 200, body = ErasedView), (status = 404, description = "Not there, or not the caller's"))
)]
pub async fn erase(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<Erasure>,
) -> Result<Answer, Problem> {
    caller.allow(WRITERS)?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let mut candidate = find_own(&store, &caller, &id).await?;
            let (now, read_at) = (clock::now(), candidate.version);
            let ended = candidate.erase(now);
            candidate.version += 1;
            candidate.updated_at = now;
            let (candidate_id, tenant_id, candidate_version) =
                (candidate.candidate_id, candidate.tenant_id, candidate.version);
            let envelope = |event| Envelope::new(event, now, &caller.ids.correlation_id);
            let erased = CandidateErased {
                candidate_id,
                tenant_id,
                candidate_version,
            };
            let mut change = ReadResume::erase(Change::new(), candidate_id)
                .update(&candidate, read_at)
                .emit(candidate_id, &envelope(erased.into()));
            if let Some(ended) = ended {
                let event = ConsentWithdrawn {
                    candidate_id,
                    tenant_id,
                    consent_id: ended.consent.consent_id,
                    candidate_version,
                };
                change = change
                    .put(&ended, Condition::None)
                    .emit(candidate_id, &envelope(event.into()));
            }
            let answer = Answer::ok(&ErasedView {
                id: candidate.candidate_id,
                erased_at: now,
            })?;
            Ok(Reply::new(change, answer))
        })
        .await
}
