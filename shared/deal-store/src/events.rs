//! What a fact is to others: the events that go out with it.

use std::collections::BTreeSet;

use inventure_core::{CandidateId, TenantId};
use inventure_deals::{Assertion, Author, Deal, Fact, PartyRole, Terms, What, Who, dispute::Dispute, signature};
use inventure_events::{
    AnswerAsked, BillOverdue, CandidateAnswered, CandidateClaimed, CandidateFlagged, DealAccepted, DealMoved,
    DealShared, DisputeMoved, Event, InvoiceIssued, ReportEnded,
};

use crate::{Held, name};

impl Held {
    /// What a fact is to others, given the deal before it. Who is written out of a deal signs that too, and so is told.
    pub(crate) fn events(&self, fact: &Fact, was: &Deal) -> Vec<Event> {
        let before = was.terms();
        let (deal_id, job_id) = (self.head.deal_id, self.head.job_id);
        let signers = |terms: &Terms| signature::signers(terms, before).into_iter().collect();
        let mut events: Vec<Event> = vec![
            DealMoved {
                deal_id,
                fact_id: fact.id,
                kind: fact.what.kind().to_string(),
                state: name(self.deal.state()),
                tenants: self.head.tenants.clone(),
            }
            .into(),
        ];
        match (&fact.what, fact.by) {
            (What::TermsProposed { terms }, Author::Member { tenant, .. }) => events.push(
                DealShared {
                    deal_id,
                    job_id,
                    tenant_id: tenant,
                    terms_version: terms.version,
                    parties: signers(terms),
                }
                .into(),
            ),
            (What::Signed { .. }, _) => {
                let terms = self.deal.terms();
                if let Some(terms) = terms.filter(|terms| Some(terms.version) != before.map(|terms| terms.version)) {
                    events.push(
                        DealAccepted {
                            deal_id,
                            job_id,
                            terms_version: terms.version,
                            parties: signers(terms),
                        }
                        .into(),
                    );
                }
            }
            (What::Submitted { candidate, .. }, Author::Member { tenant, .. }) => events.push(
                CandidateClaimed {
                    deal_id,
                    candidate_id: *candidate,
                    tenant_id: tenant,
                    employer_id: self.head.employer_id,
                }
                .into(),
            ),
            (What::PaymentReminded { invoice }, _) => events.push(
                BillOverdue {
                    deal_id,
                    invoice: invoice.clone(),
                    tenants: self.payer_and_job_side(),
                }
                .into(),
            ),
            (What::PriorClaimRaised { candidate, .. }, _) => events.push(
                CandidateFlagged {
                    deal_id,
                    candidate_id: *candidate,
                    employer_id: self.head.employer_id,
                }
                .into(),
            ),
            (What::Confirmed { candidate } | What::ConsentWithdrawn { candidate }, _) => events.push(
                CandidateAnswered {
                    deal_id,
                    candidate_id: *candidate,
                    kind: fact.what.kind().to_string(),
                    tenants: self.told_of_answer(fact, *candidate),
                }
                .into(),
            ),
            _ => {}
        }
        events.extend(self.asked(fact, before).map(Event::from));
        events.extend(self.ended(fact, was).into_iter().map(Event::from));
        events.extend(self.disputed(fact, was).into_iter().map(Event::from));
        events.extend(self.billed(fact, was).into_iter().map(Event::from));
        events
    }

    /// The reports that ended with a fact.
    fn ended(&self, fact: &Fact, was: &Deal) -> Vec<ReportEnded> {
        let waited = |known: &&Assertion| {
            let mut before = was.assertions().iter();
            before.any(|before| before.fact == known.fact && before.ended.is_none())
        };
        let ended = self.deal.assertions().iter().filter(waited).filter_map(|known| {
            let concerned = self.deal.concerned(known);
            Some(ReportEnded {
                deal_id: self.head.deal_id,
                fact_id: known.fact,
                kind: known.what.kind().to_string(),
                ended: name(known.ended?),
                tenants: self.without_author(fact, concerned.iter().filter_map(|who| self.tenant(who))),
            })
        });
        ended.collect()
    }

    /// The disputes that a fact opened, moved on or ended.
    fn disputed(&self, fact: &Fact, was: &Deal) -> Vec<DisputeMoved> {
        let stands = |dispute: &Dispute| (dispute.opened, dispute.step, dispute.evidence.len());
        let among = |disputes: &[Dispute], one: &Dispute| disputes.iter().any(|other| other.opened == one.opened);
        let moved = self.deal.disputes().iter();
        let moved = moved.filter(move |now| !was.disputes().iter().any(|before| stands(before) == stands(now)));
        let over = was.disputes().iter();
        let over = over.filter(move |before| !among(self.deal.disputes(), before));
        let moved = moved.map(|now| (now, self.deal.concerns_client(now), Some(now.evidence_until)));
        let over = over.map(|before| (before, was.concerns_client(before), None));
        let disputed = moved.chain(over).map(|(dispute, for_client, until)| {
            let present = self.present().into_iter();
            let told = present.filter(|tenant| for_client || *tenant != self.head.employer_id);
            DisputeMoved {
                deal_id: self.head.deal_id,
                fact_id: dispute.opened,
                kind: fact.what.kind().to_string(),
                evidence_until: until.map(|day| day.to_string()),
                tenants: self.without_author(fact, told),
            }
        });
        disputed.collect()
    }

    /// The bills that count from a fact on.
    fn billed(&self, fact: &Fact, was: &Deal) -> Vec<InvoiceIssued> {
        let known = was.invoices().len();
        let issued = self.deal.invoices().iter().skip(known).map(|invoice| InvoiceIssued {
            deal_id: self.head.deal_id,
            invoice: invoice.number.clone(),
            tenants: self.without_author(fact, self.client_and_parties()),
        });
        issued.collect()
    }

    /// The tenants to tell of a candidate's answer: the broker who submitted them; of a no everybody who works on them.
    fn told_of_answer(&self, fact: &Fact, candidate: CandidateId) -> Vec<TenantId> {
        if matches!(fact.what, What::ConsentWithdrawn { .. }) {
            return self.without_author(fact, self.client_and_parties());
        }
        let submittal = self.deal.candidates().get(&candidate);
        submittal.map(|submittal| submittal.tenant).into_iter().collect()
    }

    /// The client, and the parties of the terms in force.
    fn client_and_parties(&self) -> impl Iterator<Item = TenantId> {
        let parties = self.deal.terms().into_iter().flat_map(|terms| &terms.parties);
        std::iter::once(self.head.employer_id).chain(parties.map(|party| party.tenant))
    }

    /// The tenants but for the one whose word the fact is, each once.
    fn without_author(&self, fact: &Fact, tenants: impl Iterator<Item = TenantId>) -> Vec<TenantId> {
        let author = match fact.by {
            Author::Member { tenant, .. } => Some(tenant),
            Author::Employer => Some(self.head.employer_id),
            Author::Candidate | Author::Network => None,
        };
        let others: BTreeSet<TenantId> = tenants.filter(|tenant| Some(*tenant) != author).collect();
        others.into_iter().collect()
    }

    /// The sides that are asked something after a fact: those that answer a report, and the reporter of one that was contested.
    fn asked(&self, fact: &Fact, before: Option<&Terms>) -> impl Iterator<Item = AnswerAsked> {
        let version = |terms: Option<&Terms>| terms.map(|terms| terms.version);
        // New terms may put what waits to others.
        let renewed = before.is_some() && version(self.deal.terms()) != version(before);
        let contested = match &fact.what {
            What::AssertionContested { assertion, .. } => Some(*assertion),
            _ => None,
        };
        // Who takes the last no back gives the others their days again.
        let reopened = match &fact.what {
            What::AssertionConfirmed { assertion } => Some(*assertion),
            _ => None,
        };
        self.deal.assertions().iter().filter_map(move |known| {
            let (asked, accepted_from) = if Some(known.fact) == contested {
                (vec![known.by.clone()], None)
            } else if known.is_open()
                && (known.fact == fact.id
                    || renewed
                    || (Some(known.fact) == reopened && known.renewed_at == Some(fact.at)))
            {
                (known.awaits.clone(), known.accepted_from)
            } else {
                return None;
            };
            Some(AnswerAsked {
                deal_id: self.deal.id(),
                fact_id: known.fact,
                kind: known.what.kind().to_string(),
                tenants: asked.iter().filter_map(|who| self.tenant(who)).collect(),
                accepted_from: accepted_from.map(|at| at.to_string()),
                expires_at: self.deal.expires_at(known).map(|at| at.to_string()),
            })
        })
    }

    /// The tenant behind a side of the deal.
    fn tenant(&self, who: &Who) -> Option<TenantId> {
        match who {
            Who::Client => Some(self.head.employer_id),
            Who::Network => None,
            Who::Party(party) => self.deal.terms()?.party(party).map(|party| party.tenant),
        }
    }

    /// The client, and the agencies that brought the job.
    fn payer_and_job_side(&self) -> Vec<TenantId> {
        let parties = self.deal.terms().into_iter().flat_map(|terms| &terms.parties);
        let job_side = parties.filter(|party| party.role == PartyRole::JobSide);
        std::iter::once(self.head.employer_id)
            .chain(job_side.map(|party| party.tenant))
            .collect()
    }
}
