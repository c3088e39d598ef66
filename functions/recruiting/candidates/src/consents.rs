//! The consents of candidates: the member who recorded each, its scopes, its last day, and its end.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Query, Write},
    once::{Once, Reply},
    problem::Kind,
};
use inventure_core::Page;
use inventure_events::{ConsentGiven, ConsentWithdrawn, Envelope};
use inventure_people::{
    Caller,
    access::{Access, Shared},
};
use inventure_recruiting::records::{Candidate, ConsentRecord, ConsentScope, ReadResume};
use inventure_table::{Change, Condition, Store, table};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    new_consent::{NewConsent, recorded},
    routes::{find, find_own},
    views::{CandidateView, PastConsentView},
};

/// The empty body of a withdrawal.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {}

/// Records a consent, in place of the one before. Uses that the new one does not cover end: without `store_resume` what was read
/// is erased, without `share_with_network` the deals that the candidate was submitted in hear that they took their consent back.
#[utoipa::path(
    put, path = "/candidates/{id}/consent", tag = "candidates", params(("id" = String, Path)), request_body = NewConsent,
    responses((status = 200, body = CandidateView), (status = 422, description = "A field is not valid"))
)]
pub async fn give(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<NewConsent>,
) -> Result<Answer, Problem> {
    let mut candidate = find_own(&store, &caller, &id).await?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let record = recorded(write.body, candidate.candidate_id, &caller, clock::now(), "until")?;
            let consent_id = record.consent.consent_id;
            let mut change = Change::new().insert(&record);
            let (now, today) = (clock::now(), clock::today());
            let mut covered = record.consent.covers(ConsentScope::StoreResume, today);
            let shared = record.consent.covers(ConsentScope::ShareWithNetwork, today);
            let mut ended = None;
            let mut unbroken = false;
            match candidate.consent.replace(record.consent) {
                Some(replaced) => {
                    let ran_out = replaced.until < today;
                    // What was read under a consent that ran out is not kept for the next one.
                    covered &= !ran_out;
                    // Where it was shown under the one before, and there was a day without or there is none from now on, that one has ended.
                    let was_shared = replaced.scopes.contains(&ConsentScope::ShareWithNetwork);
                    ended = (was_shared && (ran_out || !shared)).then_some(replaced.consent_id);
                    unbroken = was_shared && shared && !ran_out;
                    let replaced = ConsentRecord {
                        candidate_id: candidate.candidate_id,
                        consent: replaced,
                        withdrawn_at: None,
                        ended_at: Some(now),
                    };
                    change = change.put(&replaced, Condition::None);
                }
                // What an end left behind, as it did before ends took the résumé along, no new consent brings back.
                None => covered &= !candidate.keeps_resume(),
            }
            if shared && !unbroken {
                // Whom it was shown to under a consent that ended is not shown it under the next one.
                let grants = Shared {
                    record_id: candidate.candidate_id.to_string(),
                    tenant_id: candidate.tenant_id,
                    caller: &caller,
                };
                grants.revoke_all(&store).await?;
            }
            if !covered {
                candidate.forget_resume();
                change = ReadResume::erase(change, candidate.candidate_id);
            }
            if let Some(consent_id) = ended {
                let event = ConsentWithdrawn {
                    candidate_id: candidate.candidate_id,
                    tenant_id: candidate.tenant_id,
                    consent_id,
                    candidate_version: candidate.version + 1,
                };
                let envelope = Envelope::new(event.into(), now, &caller.ids.correlation_id);
                change = change.emit(candidate.candidate_id, &envelope);
            }
            let event = |candidate: &Candidate| {
                ConsentGiven {
                    candidate_id: candidate.candidate_id,
                    tenant_id: candidate.tenant_id,
                    consent_id,
                    candidate_version: candidate.version,
                }
                .into()
            };
            let (change, candidate) = next(change, candidate, &caller, event);
            let answer = Answer::ok(&CandidateView::from(candidate))?;
            Ok(Reply::new(change, answer))
        })
        .await
}

/// Withdraws the consent in force. Nothing is processed any more, what was read is erased, and a later consent needs a new file.
#[utoipa::path(
    delete, path = "/candidates/{id}/consent", tag = "candidates", params(("id" = String, Path)),
    responses((status = 200, body = CandidateView), (status = 409, description = "There is no consent in force"))
)]
pub async fn withdraw(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<Withdrawal>,
) -> Result<Answer, Problem> {
    let mut candidate = find_own(&store, &caller, &id).await?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let now = clock::now();
            let Some(mut ended) = candidate.end_consent(now) else {
                return Err(Problem::new(
                    Kind::WrongState,
                    "There is no consent in force to withdraw.",
                ));
            };
            let consent_id = ended.consent.consent_id;
            ended.withdrawn_at = Some(now);
            let change = ReadResume::erase(Change::new(), candidate.candidate_id).put(&ended, Condition::None);
            let event = |candidate: &Candidate| {
                ConsentWithdrawn {
                    candidate_id: candidate.candidate_id,
                    tenant_id: candidate.tenant_id,
                    consent_id,
                    candidate_version: candidate.version,
                }
                .into()
            };
            let (change, candidate) = next(change, candidate, &caller, event);
            let answer = Answer::ok(&CandidateView::from(candidate))?;
            Ok(Reply::new(change, answer))
        })
        .await
}

/// The page of a candidate's consents that is asked for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ConsentListing {
    /// The cursor of the page: the `next_cursor` of the page before.
    #[garde(skip)]
    cursor: Option<String>,
    /// The most items of the page, 1 to 100. It is 50 where left out.
    #[garde(inner(range(min = 1, max = 100)))]
    limit: Option<usize>,
}

/// The consents of a candidate, newest first, with the end of each.
#[utoipa::path(
    get, path = "/candidates/{id}/consents", tag = "candidates", params(("id" = String, Path), ConsentListing),
    responses((status = 200, body = Page<PastConsentView>))
)]
pub async fn history(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    Query(listing): Query<ConsentListing>,
) -> Result<Json<Page<PastConsentView>>, Problem> {
    let (candidate, access) = find(&store, &caller, &id).await?;
    // How a consent was given is between the candidate and their own broker.
    if access == Access::Granted {
        return Err(Problem::only_shown());
    }
    let partition = Candidate::key_of(candidate.candidate_id).pk;
    let query = table::Query {
        descending: true,
        ..table::Query::table(partition, ConsentRecord::PREFIX)
    };
    let limit = listing.limit.unwrap_or(50);
    let page: Page<ConsentRecord> = store.page(query, listing.cursor.as_deref(), limit, |_| true).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next_cursor,
    }))
}

/// Returns the candidate one version on, and the change that makes it so.
fn next(
    change: Change,
    mut candidate: Candidate,
    caller: &Caller,
    event: impl Fn(&Candidate) -> inventure_events::Event,
) -> (Change, Candidate) {
    let read_at = candidate.version;
    candidate.version += 1;
    candidate.updated_at = clock::now();
    let envelope = Envelope::new(event(&candidate), candidate.updated_at, &caller.ids.correlation_id);
    (
        change
            .update(&candidate, read_at)
            .emit(candidate.candidate_id, &envelope),
        candidate,
    )
}
