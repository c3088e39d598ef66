//! Deals as the functions read and write them: a list of facts in the table, folded by `inventure-deals` each time.
//!
//! **Architecture Invariant:** a deal changes by facts and by nothing else, each checked against all before it and written together with
//! the head that whoever writes must have seen. No fact is dated before what the money has been settled up to, so what was booked is never
//! booked otherwise.

mod claims;
mod documents;
mod events;
mod placed;
pub mod records;
mod refused;
mod seen;

pub use claims::{
    Asked, Keys, KnownClaims, KnownFrom, claims_of, counts_since, is_engaged, own_submittals, owner, record_claims,
};
pub use documents::erase_document;
pub use placed::{EmployersWord, Late, Placing, place_late, place_once};
pub use refused::{refuse, still_unrefused, still_unrefused_in};

use crate::records::{DealFact, DealHead, DealOfTenant, LeftDeal};
use inventure_core::{DealId, EventId, JobId, TenantId};
use inventure_deals::{Author, Deal, Fact, Refused, What, Why, deal::RULES, settle::SettleError};
use inventure_events::Envelope;
use inventure_table::{Change, Condition, Store, StoreError, table::Query};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// The most tenants that all terms of a deal name, one after another. Each of them sees the deal, stands in its head and in its events, and
/// these have to fit into an item and a message.
const TENANTS_MAX: usize = 500;

/// A deal with the head it was read at.
#[derive(Debug, Clone)]
pub struct LoadedDeal {
    /// The head that the writers of the deal agree on.
    pub head: DealHead,
    /// The deal, folded from its facts.
    pub deal: Deal,
}

/// The reason for which a fact was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Box<Refused>),
    /// The money does not work out; a fault of ours.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// It cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn corrupt(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Corrupt(Box::new(error))
}

/// The deal as it is now; `None` where there is none.
pub async fn load(store: &Store, id: DealId) -> Result<Option<LoadedDeal>, StoreError> {
    load_if(store, id, |_| true).await
}

/// The deal as it is now, if the tenant takes part in it. A foreign deal and one that is not there take the same single read.
pub async fn load_for(store: &Store, id: DealId, tenant: TenantId) -> Result<Option<LoadedDeal>, StoreError> {
    load_if(store, id, |head| head.tenants.contains(&tenant)).await
}

async fn load_if(
    store: &Store,
    id: DealId,
    wanted: impl Fn(&DealHead) -> bool + Send,
) -> Result<Option<LoadedDeal>, StoreError> {
    let head: Option<DealHead> = store.get(&DealHead::key_of(id)).await?;
    let Some(head) = head.filter(wanted) else {
        return Ok(None);
    };
    let mut deal = Deal::new(id);
    let mut pages = store.pages(Query::table(DealHead::key_of(id).pk, DealFact::PREFIX));
    while let Some(page) = pages.next::<DealFact>().await? {
        for row in page {
            // Written after the head was read: the next writer's business.
            if row.number > head.facts {
                return Ok(Some(LoadedDeal { head, deal }));
            }
            deal.apply(row.fact).map_err(corrupt)?;
        }
    }
    Ok(Some(LoadedDeal { head, deal }))
}

/// A new deal, to which nothing has happened yet.
#[must_use]
pub fn new(id: DealId, job: JobId, employer: TenantId, now: Timestamp) -> LoadedDeal {
    LoadedDeal {
        head: DealHead {
            deal_id: id,
            job_id: job,
            employer_id: employer,
            tenants: Vec::new(),
            parties: Vec::new(),
            spoke: Some(Vec::new()),
            bound: None,
            present: None,
            state: String::new(),
            facts: 0,
            settled_until: now,
            booked_until: now,
            due_at: None,
            not_before: None,
            failures: 0,
            version: 0,
            created_at: now,
            updated_at: now,
        },
        deal: Deal::new(id),
    }
}

impl LoadedDeal {
    /// The moment of the next fact: now, or a little later where another machine's clock is ahead. Always after what is settled.
    #[must_use]
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        let last = self.deal.facts().last().map_or(now, |fact| fact.at);
        let settled = self.head.settled_until;
        let after = settled.checked_add(SignedDuration::from_nanos(1)).unwrap_or(settled);
        now.max(last).max(after)
    }

    /// Whether a tenant takes part, or did.
    #[must_use]
    pub fn concerns(&self, tenant: TenantId) -> bool {
        self.head.tenants.contains(&tenant)
    }

    /// Whether a tenant sees the terms that the brokers agreed among themselves. A party of any of the terms does, and so do those who
    /// would rule over them. The client does not: how its fee is shared, and what the brokers note, is not its business.
    #[must_use]
    pub fn shows_terms_to(&self, tenant: TenantId) -> bool {
        self.deal.facts().iter().any(|fact| match &fact.what {
            What::TermsProposed { terms } => {
                terms.disputes.judges().any(|judge| judge == tenant)
                    || terms.parties.iter().any(|party| party.tenant == tenant)
            }
            _ => false,
        })
    }

    /// Adds facts, all or none. Returns the change that does so, with the events that it causes, and the deal after it.
    pub fn add(&self, facts: Vec<Fact>, correlation_id: &str) -> Result<(Change, Self), AddError> {
        let mut next = self.clone();
        let mut change = Change::new();
        for fact in next.adopting(facts) {
            let before = next.deal.clone();
            let (stood, present) = (next.stands(), next.present());
            next.deal.apply(fact.clone())?;
            next.head.facts += 1;
            next.head.updated_at = fact.at;
            change = change.insert(&DealFact {
                deal_id: next.head.deal_id,
                number: next.head.facts,
                fact: fact.clone(),
            });
            change = next.join(change, &fact);
            change = next.dismiss(change, &fact, stood, &present);
            if next.head.tenants.len() > TENANTS_MAX && next.head.tenants.len() > self.head.tenants.len() {
                return Err(AddError::Refused(Box::new(Refused {
                    kind: fact.what.kind(),
                    state: self.deal.state(),
                    why: Why::Full,
                    legal: self.deal.legal_for(fact.by),
                })));
            }
            for event in next.events(&fact, &before) {
                let envelope = Envelope::new(event, fact.at, correlation_id);
                change = change.emit(next.head.deal_id, &envelope);
            }
        }
        next.head.not_before = None;
        next.head.failures = 0;
        Ok((next.write(change)?, next))
    }

    /// The facts, after one that adopts today's rules where the deal was begun under older ones. By that fact such a deal takes over
    /// today's rules of conduct.
    fn adopting(&self, mut facts: Vec<Fact>) -> Vec<Fact> {
        let begun = !self.deal.facts().is_empty();
        if let Some(first) = facts.first().filter(|_| begun && self.deal.rules() < RULES) {
            let adopted = Fact {
                id: EventId::new(),
                at: first.at,
                by: Author::Network,
                what: What::RulesAdopted { rules: RULES },
            };
            facts.insert(0, adopted);
        }
        facts
    }

    /// Before booking: no fact can be dated before this moment any more, so what is due by it stays due.
    pub fn settle_until(&self, until: Timestamp) -> Result<(Change, Self), AddError> {
        let mut next = self.clone();
        next.head.settled_until = next.head.settled_until.max(until);
        Ok((next.write(Change::new())?, next))
    }

    /// After booking: everything that was due by this moment is in the ledger.
    pub fn booked_until(&self, until: Timestamp) -> Result<(Change, Self), AddError> {
        let mut next = self.clone();
        next.head.booked_until = next.head.booked_until.max(until);
        next.head.not_before = None;
        next.head.failures = 0;
        Ok((next.write(Change::new())?, next))
    }

    /// The head, one version on.
    fn write(&mut self, change: Change) -> Result<Change, AddError> {
        let read_at = self.head.version;
        self.head.version += 1;
        self.head.state = name(self.deal.state());
        self.head.parties = self.parties();
        self.head.spoke = Some(self.spoke());
        let bound = self.deal.terms().into_iter().flat_map(|terms| &terms.parties);
        self.head.bound = Some(bound.map(|party| party.tenant).collect());
        self.head.present = Some(self.present());
        self.head.due_at = self.next_moment()?;
        let condition = Condition::at(read_at);
        Ok(change.put(&self.head, condition))
    }

    /// The parties that the deal is between now. New parties are among them from when terms name them, old ones until terms without them
    /// are in force.
    fn parties(&self) -> Vec<TenantId> {
        let terms = [self.deal.terms(), self.deal.proposed()];
        let parties = terms.into_iter().flatten().flat_map(|terms| &terms.parties);
        let mut parties: Vec<TenantId> = parties.map(|party| party.tenant).collect();
        parties.sort_unstable();
        parties.dedup();
        parties
    }

    /// Those of the parties whose people said anything in the deal.
    fn spoke(&self) -> Vec<TenantId> {
        let said = |party: &&TenantId| {
            let by = |fact: &Fact| matches!(fact.by, Author::Member { tenant, .. } if tenant == **party);
            self.deal.facts().iter().any(by)
        };
        self.head.parties.iter().filter(said).copied().collect()
    }

    /// The time at which something next happens by itself: money moves, or a time that the terms give is over.
    fn next_moment(&self) -> Result<Option<Timestamp>, SettleError> {
        let settlement = self.deal.settle()?;
        let money = settlement.movements.iter().map(|movement| movement.at);
        let money = money.filter(|at| *at > self.head.booked_until).min();
        let deadline = self.deal.deadline().map(|deadline| deadline.at);
        Ok(money.into_iter().chain(deadline).min())
    }

    /// Lets everybody whom proposed terms name see the deal.
    fn join(&mut self, mut change: Change, fact: &Fact) -> Change {
        let What::TermsProposed { terms } = &fact.what else {
            return change;
        };
        let parties = terms.parties.iter().map(|party| party.tenant);
        for tenant_id in parties.chain([terms.employer]).chain(terms.disputes.judges()) {
            if !self.concerns(tenant_id) {
                self.head.tenants.push(tenant_id);
                let record = DealOfTenant {
                    tenant_id,
                    deal_id: self.head.deal_id,
                    left: None,
                };
                change = change.insert(&record);
            }
        }
        change
    }

    /// All tenants that are in the deal now.
    fn present(&self) -> Vec<TenantId> {
        let tenants = self.head.tenants.iter().copied();
        tenants.filter(|tenant| self.includes(*tenant)).collect()
    }

    /// The state of the deal, for the lists of those who may be dropped from it next.
    fn stands(&self) -> LeftDeal {
        LeftDeal {
            state: name(self.deal.state()),
            facts: self.head.facts,
            updated_at: self.deal.facts().last().map_or(self.head.created_at, |fact| fact.at),
        }
    }

    /// Keeps the state of the deal for those whom a fact dropped, so that their lists need not read it. Terms that are proposed in place
    /// of those that named them are not theirs to know of.
    fn dismiss(&self, mut change: Change, fact: &Fact, stood: LeftDeal, present: &[TenantId]) -> Change {
        let left = match fact.what {
            What::TermsProposed { .. } => stood,
            _ => self.stands(),
        };
        for tenant_id in present.iter().copied().filter(|tenant| !self.includes(*tenant)) {
            let record = DealOfTenant {
                tenant_id,
                deal_id: self.head.deal_id,
                left: Some(left.clone()),
            };
            // The head, which is written with it, says who was quicker.
            change = change.put(&record, Condition::None);
        }
        change
    }
}

/// A state, or how a report ended, as on the wire.
fn name(state: impl Serialize) -> String {
    serde_json::to_value(state)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use inventure_core::{Currency, MemberId};
    use inventure_deals::{Template, templates::Parts};

    use super::*;

    #[test]
    fn a_deal_cannot_be_made_too_large_to_be_written_by_whom_its_terms_name() {
        let now = Timestamp::UNIX_EPOCH;
        let (tenant, member) = (TenantId::new(), MemberId::new());
        // Terms that name four who were not named before.
        let propose = |named: usize| {
            let mut held = new(DealId::new(), JobId::new(), TenantId::new(), now);
            held.head.tenants = std::iter::repeat_with(TenantId::new).take(named).collect();
            let parts = Parts {
                deal: held.deal.id(),
                job: held.head.job_id,
                employer: held.head.employer_id,
                job_side: tenant,
                candidate_side: TenantId::new(),
                arbiter: TenantId::new(),
                currency: Currency::USD,
            };
            let terms = Box::new(Template::Even.terms(&parts, "UTC"));
            let fact = Fact {
                id: EventId::new(),
                at: now,
                by: Author::Member { tenant, member },
                what: What::TermsProposed { terms },
            };
            held.add(vec![fact], "test").map(|(_, next)| next.head.tenants.len())
        };
        assert_eq!(propose(TENANTS_MAX - 4).unwrap(), TENANTS_MAX);
        let Err(AddError::Refused(refused)) = propose(TENANTS_MAX) else {
            panic!("more than fit")
        };
        assert_eq!(refused.why, Why::Full);
    }
}
