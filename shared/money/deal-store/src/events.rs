//! The events that go out with a fact of a deal.

use std::collections::BTreeSet;

use inventure_core::TenantId;
use inventure_deals::{Assertion, Author, Deal, Fact, PartyRole, Terms, What, Who, dispute::Dispute, signature};
use inventure_events::{
    AnswerAsked, BillOverdue, CandidateClaimed, CandidateConfirmed, CandidateFlagged, CandidateLost, DealAccepted,
    DealMoved, DealShared, DisputeMoved, Event, InvoiceIssued, ReportContested, ReportEnded,
};

use crate::{LoadedDeal, name};

/// The most events of one kind that a fact causes. More are told as one, or what ends many reports at once would not fit into a transaction.
const EVENTS_MAX: usize = 8;

/// Makes one of too many events.
fn bounded<E>(events: Vec<E>, one: impl FnOnce(&[E]) -> E) -> Vec<E> {
    if events.len() <= EVENTS_MAX {
        return events;
    }
    vec![one(&events)]
}

/// All tenants of some events, each once.
fn all<'a, E: 'a>(events: &'a [E], tenants: impl Fn(&'a E) -> &'a [TenantId]) -> Vec<TenantId> {
    let all: BTreeSet<TenantId> = events.iter().flat_map(tenants).copied().collect();
    all.into_iter().collect()
}

impl LoadedDeal {
    /// The events that a fact causes, given the deal before it. A party that is written out of a deal signs that too, and so is told.
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
                    objection_until: self.deal.objection_until(*candidate).map(|day| day.to_string()),
                    tenants: self.without_author(fact, self.client_and_parties()),
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
                    tenants: self.without_author(fact, self.client_and_parties()),
                }
                .into(),
            ),
            (What::Confirmed { candidate }, _) => {
                let broker = self.deal.candidates().get(candidate).map(|submittal| submittal.tenant);
                let present = broker.filter(|broker| self.includes(*broker));
                events.extend(present.map(|tenant_id| {
                    let event = CandidateConfirmed {
                        deal_id,
                        candidate_id: *candidate,
                        tenant_id,
                    };
                    Event::from(event)
                }));
            }
            (What::ConsentWithdrawn { candidate }, _) => events.push(
                CandidateLost {
                    deal_id,
                    candidate_id: *candidate,
                    tenants: self.without_author(fact, self.client_and_parties()),
                }
                .into(),
            ),
            _ => {}
        }
        events.extend(self.asked(fact, before).into_iter().map(Event::from));
        events.extend(self.contested(fact).map(Event::from));
        events.extend(self.ended(fact, was).into_iter().map(Event::from));
        events.extend(self.disputed(fact, was).into_iter().map(Event::from));
        events.extend(self.billed(fact, was).into_iter().map(Event::from));
        events
    }

    /// The reports that ended with a fact.
    fn ended(&self, fact: &Fact, was: &Deal) -> Vec<ReportEnded> {
        let both = was.assertions().iter().zip(self.deal.assertions());
        let ended = both.filter(|(before, _)| before.ended.is_none());
        let ended = ended.filter_map(|(_, known)| {
            let concerned = self.deal.concerned(known);
            Some(ReportEnded {
                deal_id: self.head.deal_id,
                fact_id: known.fact,
                kind: known.what.kind().to_string(),
                ended: name(known.ended?),
                tenants: self.without_author(fact, concerned.iter().filter_map(|who| self.tenant(who))),
            })
        });
        bounded(ended.collect(), |ended| ReportEnded {
            deal_id: self.head.deal_id,
            fact_id: fact.id,
            kind: fact.what.kind().to_string(),
            ended: "several".to_owned(),
            tenants: all(ended, |event| &event.tenants),
        })
    }

    /// The disputes that a fact opened, moved on or ended.
    fn disputed(&self, fact: &Fact, was: &Deal) -> Vec<DisputeMoved> {
        let stands = |dispute: &Dispute| (dispute.opened, dispute.step, dispute.evidence.len());
        let among = |disputes: &[Dispute], one: &Dispute| disputes.iter().any(|other| other.opened == one.opened);
        let moved = self.deal.disputes().iter();
        let moved = moved.filter(|now| !was.disputes().iter().any(|before| stands(before) == stands(now)));
        let over = was.disputes().iter();
        let over = over.filter(|before| !among(self.deal.disputes(), before));
        let moved = moved.map(|now| (now, self.deal.concerns_client(now), true));
        let over = over.map(|before| (before, was.concerns_client(before), false));
        let disputed = moved.chain(over).map(|(dispute, for_client, is_open)| {
            let told = self.client_and_parties().chain(self.judges());
            let told = told.filter(|tenant| for_client || *tenant != self.head.employer_id);
            let ends_at = self.deal.default_ruling_at(dispute).filter(|_| is_open);
            DisputeMoved {
                deal_id: self.head.deal_id,
                fact_id: dispute.opened,
                kind: fact.what.kind().to_string(),
                evidence_until: is_open.then(|| dispute.evidence_until.to_string()),
                default_ruling_at: ends_at.map(|at| at.to_string()),
                tenants: self.without_author(fact, told),
            }
        });
        bounded(disputed.collect(), |disputed| DisputeMoved {
            deal_id: self.head.deal_id,
            fact_id: fact.id,
            kind: fact.what.kind().to_string(),
            evidence_until: None,
            default_ruling_at: None,
            tenants: all(disputed, |event| &event.tenants),
        })
    }

    /// The arbiter and the deputy of the terms in force.
    fn judges(&self) -> impl Iterator<Item = TenantId> {
        self.deal.terms().into_iter().flat_map(|terms| terms.disputes.judges())
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

    /// The sides that are asked to answer a report after a fact.
    fn asked(&self, fact: &Fact, before: Option<&Terms>) -> Vec<AnswerAsked> {
        let version = |terms: Option<&Terms>| terms.map(|terms| terms.version);
        // New terms may put what waits to others.
        let renewed = before.is_some() && version(self.deal.terms()) != version(before);
        // Who takes the last no back gives the others their days again.
        let reopened = |known: &Assertion| {
            let yes = matches!(fact.what, What::AssertionConfirmed { assertion } if assertion == known.fact);
            yes && known.renewed_at == Some(fact.at)
        };
        let asked = self.deal.assertions().iter();
        let asked = asked.filter(|known| known.is_open() && (known.fact == fact.id || renewed || reopened(known)));
        let asked = asked.map(|known| AnswerAsked {
            deal_id: self.deal.id(),
            fact_id: known.fact,
            kind: known.what.kind().to_string(),
            tenants: known.awaits.iter().filter_map(|who| self.tenant(who)).collect(),
            accepted_from: known.accepted_from.map(|at| at.to_string()),
            expires_at: self.deal.expires_at(known).map(|at| at.to_string()),
        });
        bounded(asked.collect(), |asked| AnswerAsked {
            deal_id: self.deal.id(),
            fact_id: fact.id,
            kind: fact.what.kind().to_string(),
            tenants: all(asked, |event| &event.tenants),
            // Days end on the second, so their texts are in the order of the moments.
            accepted_from: asked.iter().filter_map(|event| event.accepted_from.clone()).min(),
            expires_at: asked.iter().filter_map(|event| event.expires_at.clone()).min(),
        })
    }

    /// The reporter of what a fact contests.
    fn contested(&self, fact: &Fact) -> Option<ReportContested> {
        let What::AssertionContested { assertion, .. } = &fact.what else {
            return None;
        };
        let known = self.deal.assertion(*assertion)?;
        Some(ReportContested {
            deal_id: self.deal.id(),
            fact_id: known.fact,
            kind: known.what.kind().to_string(),
            expires_at: self.deal.expires_at(known).map(|at| at.to_string()),
            tenants: self.tenant(&known.by).into_iter().collect(),
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
