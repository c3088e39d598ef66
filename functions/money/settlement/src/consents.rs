//! Tells the deals that a candidate was submitted in that their consent has ended.

use inventure_api::batch::Failure;
use inventure_core::{CandidateId, ConsentId, DealId, EventId, TenantId};
use inventure_deal_store::{
    LoadedDeal, load,
    records::{DealOfTenant, SubmittedPerson},
    still_unrefused_in,
};
use inventure_deals::{Author, Fact, What, fact::Consent};
use inventure_recruiting::records::{Candidate, ConsentEnd, ConsentRecord, ConsentScope};
use inventure_table::{Change, Commit, Condition, Key, Record, Store, retry::Attempts, table::Query};
use jiff::{SignedDuration, Timestamp};

/// The number of times that a deal is tried while others move it.
const ATTEMPTS: u32 = 12;

/// The time for which the place of a run is kept. It is longer than its message comes again.
const PLACE_KEPT: SignedDuration = SignedDuration::from_hours(24 * 14);

/// A consent that ended.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// The agency of the candidate.
    pub tenant: TenantId,
    /// The candidate who had consented.
    pub candidate: CandidateId,
    /// The id of the consent.
    pub consent: ConsentId,
}

/// Adds the fact to each deal that rests on a consent that ended. These are the deals of the candidate's agency in which they were
/// submitted with this consent, or with one that it replaced. A deal of a later consent is told nothing, and none is told twice. A deal
/// that cannot be told holds up no other. Others can name the agency in deals without number, so a run that does not come to the end
/// keeps its place, and the next goes on there.
///
/// # Errors
/// The first of the failures, once all deals were tried.
pub async fn ended(store: &Store, ended: Ended, correlation_id: &str, now: Timestamp) -> Result<(), Failure> {
    let (key, place) = (
        ConsentRecord::key_of(ended.candidate, ended.consent),
        ConsentEnd::key_of(ended.candidate, ended.consent),
    );
    let (record, before): (Option<ConsentRecord>, Option<ConsentEnd>) = store.get_both(&key, &place).await?;
    if record
        .as_ref()
        .is_some_and(|record| record.withdrawn_at.or(record.ended_at).is_none())
    {
        // The fact is for good, and takes documents along: an event alone brings it about nowhere.
        tracing::error!(candidate = %ended.candidate, consent = %ended.consent, "settlement.consent_stands");
        return Ok(());
    }
    let given_at = record.map(|record| record.consent.given_at);
    let has_place = before.is_some();
    let mut pages = store.pages(Query {
        after: before.map(|end| end.told_until),
        ..Query::table(DealOfTenant::of_tenant(ended.tenant), "")
    });
    let (mut told, mut kept) = (Ok(()), has_place);
    while let Some(rows) = pages.next::<DealOfTenant>().await? {
        let keys: Vec<Key> = rows
            .iter()
            .map(|row| SubmittedPerson::key_of(row.deal_id, ended.candidate))
            .collect();
        let submitted: Vec<SubmittedPerson> = store.get_all(&keys).await?;
        for person in submitted {
            let deal = person.deal_id;
            if let Err(error) = tell(store, deal, ended, given_at, correlation_id, now).await {
                tracing::error!(%deal, error = %error, "settlement.consent_not_told");
                told = told.and(Err(error));
            }
        }
        // Not past a deal that could not be told.
        if let (Ok(()), Some(last), true) = (&told, rows.last(), pages.has_more()) {
            let end = ConsentEnd {
                candidate_id: ended.candidate,
                consent_id: ended.consent,
                told_until: last.key().sk,
                expires_at: (now + PLACE_KEPT).as_second(),
            };
            // Of two at once each has told all deals before its own place.
            store.commit(Change::new().put(&end, Condition::None)).await?;
            kept = true;
        }
    }
    if told.is_ok() && kept {
        store.commit(Change::new().delete(place, Condition::None)).await?;
    }
    told
}

/// Whether a candidate still stands in a deal by a consent that has ended. It is the one that they were submitted with, or a later one
/// in its place.
fn rests_on(held: &LoadedDeal, ended: Ended, given_at: Option<Timestamp>) -> bool {
    let stands = held
        .deal
        .candidates()
        .get(&ended.candidate)
        .is_some_and(|submittal| submittal.withdrawn.is_none());
    let mut submitted = held.deal.facts().iter().filter_map(|fact| match &fact.what {
        What::Submitted { candidate, consent, .. } if *candidate == ended.candidate => Some(consent),
        _ => None,
    });
    // Of a consent without a record nobody knows when it was given.
    let concerned =
        |consent: &Consent| consent.id == ended.consent || given_at.is_none_or(|given_at| given_at > consent.given_at);
    stands && submitted.next().is_some_and(concerned)
}

async fn tell(
    store: &Store,
    deal: DealId,
    ended: Ended,
    given_at: Option<Timestamp>,
    correlation_id: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let mut attempts = Attempts::new(ATTEMPTS);
    while attempts.begin().await {
        let held = load(store, deal).await?;
        let Some(held) = held.filter(|held| rests_on(held, ended, given_at)) else {
            return Ok(());
        };
        let (change, _) = held.add(vec![withdrawn(&held, ended.candidate, now)], correlation_id)?;
        if let Commit::Done = store.commit(change).await? {
            tracing::info!(%deal, candidate = %ended.candidate, "settlement.consent_ended");
            return Ok(());
        }
    }
    Err(format!("{deal} moves faster than it can be told").into())
}

fn withdrawn(held: &LoadedDeal, candidate: CandidateId, now: Timestamp) -> Fact {
    Fact {
        id: EventId::new(),
        at: held.moment(now),
        by: Author::Network,
        what: What::ConsentWithdrawn { candidate },
    }
}

/// Returns the fact that a candidate took their consent back. It is for a consent that has ended while the deal has not heard of it yet;
/// `None` while the consent holds. The change is bound to the candidate as they are now.
pub async fn unheard(
    store: &Store,
    held: &LoadedDeal,
    candidate: CandidateId,
    now: Timestamp,
) -> Result<(Option<Fact>, Change), Failure> {
    let known: Option<Candidate> = store.get(&Candidate::key_of(candidate)).await?;
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let consents = |known: &Candidate| known.consents(ConsentScope::ShareWithNetwork, today);
    let unrefused = still_unrefused_in(store, held, candidate).await?;
    let ended = unrefused.is_err() || !known.as_ref().is_some_and(consents);
    let still = unrefused.unwrap_or_default();
    let still = match known {
        Some(known) => still.unchanged(&known, known.version),
        None => still,
    };
    Ok((ended.then(|| withdrawn(held, candidate, now)), still))
}
