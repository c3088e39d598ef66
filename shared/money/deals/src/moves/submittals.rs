//! Candidates: submittal, pipeline, and whether a placement is a split.

use inventure_core::{CandidateId, TenantId};
use jiff::civil::Date;

use crate::{
    author::Standing,
    calendar::CalendarError,
    claims::{self, ClaimFact, ClaimWhat, Rule, SplitDecision, SplitShare, ground},
    deal::{Deal, Submittal},
    fact::{Author, Consent, Fact, What},
    party::{PartyRole, Who},
    pipeline::{CandidateField, Stage},
    refusal::Why,
    terms::Source,
};

impl Deal {
    pub(crate) fn submittal(&mut self, candidate: CandidateId) -> Result<&mut Submittal, Why> {
        self.candidates.get_mut(&candidate).ok_or(Why::NotSubmitted(candidate))
    }

    pub(super) fn submit(
        &mut self,
        fact: &Fact,
        candidate: CandidateId,
        consent: Consent,
        source: Source,
    ) -> Result<(), Why> {
        if consent.given_at > fact.at {
            return Err(Why::NoConsent);
        }
        if self.candidates.contains_key(&candidate) {
            return Err(Why::AlreadySubmitted(candidate));
        }
        let Author::Member { tenant, .. } = fact.by else {
            return Err(Why::NotYours);
        };
        let submittal = Submittal {
            fact: fact.id,
            tenant,
            source,
            stage: Stage::Submitted,
            furthest: Stage::Submitted,
            decided: Vec::new(),
            withdrawn: None,
        };
        self.candidates.insert(candidate, submittal);
        Ok(())
    }

    /// Moves a candidate. The others see more only where the candidate's own side agreed.
    pub(crate) fn move_stage(
        &mut self,
        candidate: CandidateId,
        from: Stage,
        to: Stage,
        agreed: bool,
    ) -> Result<(), Why> {
        let step_by_step = self.rules >= 2;
        let submittal = self.submittal(candidate)?;
        let at = submittal.stage;
        let next = at.next(step_by_step);
        if at != from || !next.contains(&to) {
            return Err(Why::WrongStage { at, next });
        }
        if submittal.withdrawn.is_some() && !to.is_end() {
            return Err(Why::ConsentWithdrawn);
        }
        submittal.stage = to;
        if !to.is_end() && agreed {
            submittal.furthest = submittal.furthest.max(to);
        }
        Ok(())
    }

    /// Whether the others see more of a candidate at a stage than they have seen so far.
    pub(crate) fn discloses_more(&self, candidate: CandidateId, to: Stage) -> bool {
        let (Some(terms), Some(submittal)) = (&self.in_force, self.candidates.get(&candidate)) else {
            return false;
        };
        let seen = |stage| terms.disclosure.visible(stage, PartyRole::Other);
        !to.is_end() && !seen(to).is_subset(&seen(submittal.furthest))
    }

    /// Returns the facts of this deal that bear on who owns a candidate. A caller that decides across deals puts those
    /// of all deals together.
    #[must_use]
    pub fn claim_facts(&self, candidate: CandidateId) -> Vec<ClaimFact> {
        let Some(submittal) = self.candidates.get(&candidate) else {
            return Vec::new();
        };
        let is_clients = |fact: &Fact| self.side(fact.by) == Some(Who::Client);
        let claim = |fact: &Fact| {
            let (about, what) = match &fact.what {
                What::Submitted { candidate, consent, .. } => (
                    candidate,
                    ClaimWhat::Submitted {
                        consent_given_at: consent.given_at,
                    },
                ),
                What::Confirmed { candidate } => (candidate, ClaimWhat::Confirmed),
                What::Contacted { candidate } => (candidate, ClaimWhat::Contacted),
                // A client that moves somebody on has been in contact by their agency. The brokers gain by it, and say it by a report.
                What::StageMoved { candidate, to, .. } if self.rules >= 2 && !to.is_end() && is_clients(fact) => {
                    (candidate, ClaimWhat::Contacted)
                }
                What::ConsentWithdrawn { candidate } => (candidate, ClaimWhat::ConsentWithdrawn),
                What::PriorClaimRaised {
                    candidate,
                    last_contact_on,
                    ..
                } => (
                    candidate,
                    ClaimWhat::PriorClaim {
                        last_contact_on: *last_contact_on,
                    },
                ),
                _ => return None,
            };
            (*about == candidate).then_some(ClaimFact {
                id: fact.id,
                at: fact.at,
                tenant: submittal.tenant,
                what,
            })
        };
        let counting = self.facts.iter().filter(|fact| self.counts(fact));
        counting.filter_map(claim).collect()
    }

    /// Decides whether the placement of a candidate who accepted on this day is a split, and whose. It gives the
    /// reasons, and the facts that each rests on. Where the network has decided from the claims of all deals, that
    /// decision counts; else this deal's own facts do.
    pub fn decide(&self, candidate: CandidateId, accepted_on: Date) -> Result<SplitDecision, CalendarError> {
        Ok(self.decide_for(candidate, accepted_on)?.0)
    }

    /// Decides as [`Deal::decide`] does, and returns the owners too, the earlier first.
    pub(super) fn decide_for(
        &self,
        candidate: CandidateId,
        accepted_on: Date,
    ) -> Result<(SplitDecision, Vec<TenantId>), CalendarError> {
        let mut because = Vec::new();
        let (Some(terms), Some(submittal)) = (&self.in_force, self.candidates.get(&candidate)) else {
            let none = SplitDecision {
                is_split: false,
                shares: Vec::new(),
                because,
            };
            return Ok((none, Vec::new()));
        };
        because.push(ground(Rule::TermsSigned, &self.signed_by(terms.version)));
        let owners = if let Some(decided) = submittal.decided_for(accepted_on) {
            because.push(ground(Rule::DecidedByNetwork, &[decided.fact]));
            decided.owners.clone()
        } else {
            let facts = self.claim_facts(candidate);
            let decision = claims::owner(&terms.claims, &terms.calendar()?, &facts, accepted_on)?;
            because.extend(decision.because);
            decision.owners.into_iter().map(|owner| owner.tenant).collect()
        };
        // Shared with somebody outside, the candidate side's share is not this deal's to give away.
        let is_split = !owners.is_empty() && owners.iter().all(|tenant| terms.is_candidate_side(*tenant));
        let split = terms.split_among(submittal.source, &owners);
        let split = split.filter(|_| is_split).unwrap_or_default();
        let shares = split
            .into_iter()
            .map(|(who, share)| SplitShare { who, share })
            .collect();
        let decision = SplitDecision {
            is_split,
            shares,
            because,
        };
        Ok((decision, owners))
    }

    /// The facts by which a version was signed.
    fn signed_by(&self, version: u32) -> Vec<inventure_core::EventId> {
        let signs =
            |fact: &&Fact| matches!(&fact.what, What::Signed { signature } if signature.terms_version == version);
        self.facts.iter().filter(signs).map(|fact| fact.id).collect()
    }

    /// Returns the fields of a candidate that an agency sees now. An agency outside sees none, and nobody sees any of a
    /// person who took their consent back.
    #[must_use]
    pub fn disclosed(&self, candidate: CandidateId, tenant: inventure_core::TenantId) -> Vec<CandidateField> {
        let (Some(terms), Some(submittal)) = (&self.in_force, self.candidates.get(&candidate)) else {
            return Vec::new();
        };
        // Whoever submitted somebody and left the deal agrees to nothing in it any more.
        let left = self.rules >= 2 && !terms.parties.iter().any(|party| party.tenant == submittal.tenant);
        if submittal.withdrawn.is_some() || left {
            return Vec::new();
        }
        match Standing::of_tenant(tenant, terms) {
            // Another broker of the candidate's side, and a researcher, are no less strangers to somebody else's candidate.
            Some(Standing::Party(role))
                if submittal.tenant != tenant && (self.rules >= 2 || role == PartyRole::CandidateSide) =>
            {
                let seen = terms.disclosure.visible(submittal.furthest, PartyRole::Other);
                seen.into_iter().collect()
            }
            Some(Standing::Party(role)) => terms.disclosure.visible(submittal.furthest, role).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}
