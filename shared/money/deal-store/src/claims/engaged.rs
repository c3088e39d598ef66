//! The job sides that an employer engaged, and the time from which a claim counts beyond its deal.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::records::SubmittedPerson;
use inventure_core::{JobId, TenantId};
use inventure_deals::{
    claims::{ClaimFact, ClaimWhat},
    party::PartyRole,
};
use inventure_people::records::Engagement;
use inventure_table::{Key, Store, StoreError};
use jiff::Timestamp;

use crate::LoadedDeal;

/// A deal's job, and the parties that brought it.
pub type Sides = (Option<JobId>, Vec<TenantId>);

/// The parties that brought the job, by the terms in force.
pub fn job_sides(held: &LoadedDeal) -> Vec<TenantId> {
    let parties = held.deal.terms().into_iter().flat_map(|terms| &terms.parties);
    let sides = parties.filter(|party| party.role == PartyRole::JobSide);
    sides.map(|party| party.tenant).collect()
}

/// The deal's job, and the parties that brought it, by the terms in force.
pub fn sides_of(held: &LoadedDeal) -> Sides {
    (Some(held.head.job_id), job_sides(held))
}

/// Whether the employer ever engaged an agency that brought this deal's job. A deal without that is told nothing of what others claim.
pub async fn is_engaged(store: &Store, held: &LoadedDeal) -> Result<bool, StoreError> {
    let (job, sides) = sides_of(held);
    let mut engaged = Engaged::of(held.head.employer_id);
    engaged.read(store, [(job, sides.clone())]).await?;
    Ok(engaged.ever(job, &sides))
}

/// The engagements of one employer, as far as they were asked for.
pub struct Engaged {
    employer: TenantId,
    known: BTreeMap<(TenantId, Option<JobId>), Option<Engagement>>,
}

impl Engaged {
    /// Nothing read yet.
    pub const fn of(employer: TenantId) -> Self {
        Self {
            employer,
            known: BTreeMap::new(),
        }
    }

    /// Reads whether the employer engaged these for these jobs, or for all.
    pub async fn read(&mut self, store: &Store, sides: impl IntoIterator<Item = Sides>) -> Result<(), StoreError> {
        let mut keys: Vec<Key> = Vec::new();
        for (job, agencies) in sides {
            for of in agencies.iter().flat_map(|agency| [(*agency, None), (*agency, job)]) {
                if let Entry::Vacant(place) = self.known.entry(of) {
                    place.insert(None);
                    keys.push(Engagement::key_of(self.employer, of.0, of.1));
                }
            }
        }
        let found: Vec<Engagement> = store.get_all(&keys).await?;
        for engagement in found {
            self.known
                .insert((engagement.agency_id, engagement.job_id), Some(engagement));
        }
        Ok(())
    }

    /// The first moment from this one on at which one of them was engaged for the job.
    fn since(&self, job: Option<JobId>, sides: &[TenantId], at: Timestamp) -> Option<Timestamp> {
        let each = sides.iter().flat_map(|agency| [(*agency, None), (*agency, job)]);
        let engagements = each.filter_map(|of| self.known.get(&of)?.as_ref());
        engagements.filter_map(|engagement| engagement.since(at)).min()
    }

    /// Whether one of them was ever engaged for the job.
    pub fn ever(&self, job: Option<JobId>, sides: &[TenantId]) -> bool {
        self.since(job, sides, Timestamp::MIN).is_some()
    }

    /// The time from which a claim counts beyond its deal; `None` while it is private.
    pub fn counts_since(
        &self,
        job: Option<JobId>,
        sides: &[TenantId],
        person: &SubmittedPerson,
        facts: &[ClaimFact],
    ) -> Option<Timestamp> {
        let submitted_at = facts.first()?.at;
        // Before engagements were kept nobody could have one: whoever is engaged now was first when they were first.
        let Some(grounds) = person.grounds else {
            return self.since(job, sides, submitted_at).map(|_| submitted_at);
        };
        let founded = if grounds.resume && grounds.employer_named {
            submitted_at
        } else {
            facts.iter().find(|fact| fact.what == ClaimWhat::Confirmed)?.at
        };
        // An engagement that was over before the claim had its grounds never let it count.
        self.since(job, sides, founded)
    }
}

#[cfg(test)]
mod tests {
    use crate::records::ClaimGrounds;
    use inventure_core::{CandidateId, DealId, EventId, MemberId};
    use inventure_people::records::EngagementPeriod;

    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).unwrap()
    }

    /// The time from which a claim counts: submitted on day 10, confirmed on day 20, and engaged for these times.
    fn since(engaged: &[(i64, Option<i64>)], grounds: Option<ClaimGrounds>) -> Option<Timestamp> {
        let (employer, agency) = (TenantId::new(), TenantId::new());
        let period = |(from, until): &(i64, Option<i64>)| EngagementPeriod {
            from: at(*from),
            until: until.map(at),
            by: MemberId::new(),
        };
        let engagement = Engagement {
            employer_id: employer,
            agency_id: agency,
            job_id: None,
            periods: engaged.iter().map(period).collect(),
            version: 1,
        };
        let engaged = Engaged {
            employer,
            known: BTreeMap::from([((agency, None), Some(engagement))]),
        };
        let fact = |day, what| ClaimFact {
            id: EventId::new(),
            at: at(day),
            tenant: agency,
            what,
        };
        let consent_given_at = at(9);
        let facts = [
            fact(10, ClaimWhat::Submitted { consent_given_at }),
            fact(20, ClaimWhat::Confirmed),
        ];
        let person = SubmittedPerson {
            deal_id: DealId::new(),
            candidate_id: CandidateId::new(),
            fingerprints: Vec::new(),
            stated: None,
            in_resume: None,
            confirmed_at: Vec::new(),
            grounds,
            upload_id: None,
            shown: Vec::new(),
            mailboxes: Vec::new(),
        };
        engaged.counts_since(Some(JobId::new()), &[agency], &person, &facts)
    }

    #[test]
    fn an_engagement_that_was_over_before_the_claim_had_its_grounds() {
        let typed = Some(ClaimGrounds {
            resume: false,
            employer_named: false,
        });
        assert_eq!(since(&[(0, Some(15))], typed), None, "over before they confirmed");
        assert_eq!(since(&[(0, Some(15)), (30, None)], typed), Some(at(30)), "engaged anew");
        assert_eq!(since(&[(0, Some(21))], typed), Some(at(20)));
        assert_eq!(since(&[(0, None)], typed), Some(at(20)));
        let founded = Some(ClaimGrounds {
            resume: true,
            employer_named: true,
        });
        assert_eq!(since(&[(0, Some(15))], founded), Some(at(10)));
        // Claims from before engagements were kept count from their submittal, once there is one.
        assert_eq!(since(&[(30, None)], None), Some(at(10)));
        assert_eq!(since(&[(0, Some(5))], None), None);
    }
}
