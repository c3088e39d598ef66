//! What the routes answer with.

use inventure_core::{CandidateId, DealId, EventId, JobId, Principal, TenantId};
use inventure_deal_store::Held;
use inventure_deals::{
    Assertion, Fact, Signature, State, Terms, What, Who,
    deal::{Invoice, Placement},
    dispute::Dispute,
    fact::Move,
    pipeline::{CandidateField, Stage},
    terms::Source,
};
use inventure_table::records::DealHead;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

use crate::arguments::is_clients;

/// A deal in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct DealSummary {
    /// Its id.
    pub id: DealId,
    /// The job.
    pub job_id: JobId,
    /// The client.
    pub employer_id: TenantId,
    /// Where it stands.
    pub state: String,
    /// How many facts it has.
    pub facts: u32,
    /// When it was proposed.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<DealHead> for DealSummary {
    fn from(head: DealHead) -> Self {
        Self {
            id: head.deal_id,
            job_id: head.job_id,
            employer_id: head.employer_id,
            state: head.state,
            facts: head.facts,
            created_at: head.created_at,
            updated_at: head.updated_at,
        }
    }
}

/// Terms, and what is signed of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermsView {
    /// The terms.
    pub terms: Terms,
    /// Their hash: SHA-256 over `inventure/terms/v1`, a zero byte and the RFC 8785 form of `terms`, hexadecimal. Compare before you sign.
    pub hash: Option<String>,
}

impl From<&Terms> for TermsView {
    fn from(terms: &Terms) -> Self {
        Self {
            hash: terms.hash().ok().map(|hash| hash.to_string()),
            terms: terms.clone(),
        }
    }
}

/// A candidate in the pipeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct PipelineEntry {
    /// Who.
    pub candidate_id: CandidateId,
    /// Who submitted them.
    pub tenant_id: TenantId,
    /// Where they came from.
    pub source: Source,
    /// Where they stand.
    pub stage: Stage,
    /// What the caller's tenant sees of them.
    pub discloses: Vec<CandidateField>,
}

/// A report by one side that has not taken effect.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssertionView {
    /// The fact that reported it; what confirms or contests it names it.
    pub fact: EventId,
    /// When it was reported.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What was reported.
    pub what: What,
    /// Whether it waits for the caller's tenant.
    pub awaits_you: bool,
    /// The sides whose yes is missing. Not for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub awaits: Option<Vec<Who>>,
    /// The moment from which silence counts as a yes; absent where it never does, as after a no.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub accepted_from: Option<Timestamp>,
    /// The moment at which it ends without effect, by when its reporter disputes a contest of it; absent while that does not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Whether a side contested it.
    pub contested: bool,
    /// How much of the bills it would take off; of what is not released yet so much is held back.
    pub stake_minor_units: i64,
}

impl AssertionView {
    fn of(known: &Assertion, held: &Held, viewer: TenantId) -> Self {
        let own = |who: &Who| match who {
            Who::Client => held.head.employer_id == viewer,
            Who::Network => false,
            Who::Party(party) => {
                let party = held.deal.terms().and_then(|terms| terms.party(party));
                party.is_some_and(|party| party.tenant == viewer)
            }
        };
        Self {
            fact: known.fact,
            at: known.at,
            what: known.what.clone(),
            awaits_you: known.ended.is_none()
                && known
                    .awaits
                    .iter()
                    .any(|who| own(who) && !known.contested_by.contains(who)),
            awaits: held.shows_terms_to(viewer).then(|| known.awaits.clone()),
            accepted_from: known.accepted_from.filter(|_| !known.is_contested()),
            expires_at: held.deal.expires_at(known),
            contested: known.is_contested(),
            stake_minor_units: known.stake_minor_units,
        }
    }
}

/// An open dispute. What it is about, and what was shown, `GET /deals/{id}/arguments` says.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenDispute {
    /// The fact that opened it.
    pub opened: EventId,
    /// The side that opened it: `client`, or a party's id; absent where it is none any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub by: Option<Who>,
    /// The report that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assertion: Option<EventId>,
    /// Whether the client is a side of it.
    pub for_client: bool,
    /// The step it is on, from 0.
    pub step: usize,
    /// The last day on which this step takes evidence.
    #[schema(value_type = String, format = Date)]
    pub evidence_until: Date,
    /// How much was shown so far.
    pub evidence: usize,
    /// The moment from which it ends by default unless a judge has ruled; absent before its last step.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub default_ruling_at: Option<Timestamp>,
    /// The amount in dispute.
    pub amount_minor_units: i64,
    /// The part of it that is held back of what is not released yet; zero where the stake of a report holds it.
    pub frozen_minor_units: i64,
}

impl OpenDispute {
    fn of(dispute: &Dispute, held: &Held) -> Self {
        Self {
            opened: dispute.opened,
            by: held.deal.side(dispute.by),
            assertion: dispute.assertion,
            for_client: held.deal.concerns_client(dispute),
            step: dispute.step,
            evidence_until: dispute.evidence_until,
            evidence: dispute.evidence.len(),
            default_ruling_at: held.deal.default_ruling_at(dispute),
            amount_minor_units: dispute.amount_minor_units,
            frozen_minor_units: dispute.frozen_minor_units,
        }
    }
}

/// A deal.
#[derive(Debug, Serialize, ToSchema)]
pub struct DealView {
    /// Its id.
    pub id: DealId,
    /// The job.
    pub job_id: JobId,
    /// The client.
    pub employer_id: TenantId,
    /// Where it stands.
    pub state: State,
    /// The moves that its state allows; each still depends on who makes it and what it says.
    pub legal: Vec<Move>,
    /// The terms in force. Not for the client, which signs nothing and does not see how the brokers share its fee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_force: Option<TermsView>,
    /// The terms that lie open for signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<TermsView>,
    /// Who still has to sign.
    pub unsigned: Vec<TenantId>,
    /// Every signature. From where it came is shown to the signer and the arbiter; else it says `withheld`.
    pub signatures: Vec<Signature>,
    /// The candidates.
    pub candidates: Vec<PipelineEntry>,
    /// The placements, the last of which counts.
    pub placements: Vec<Placement>,
    /// The bills.
    pub invoices: Vec<Invoice>,
    /// What was reported and waits for answers, or was contested. The client sees what it reported or is asked about.
    pub assertions: Vec<AssertionView>,
    /// The open disputes, in the order in which they were opened. The client sees those in which it is a side.
    pub disputes: Vec<OpenDispute>,
    /// The first moment that the guarantee no longer covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub guarantee_ends_at: Option<Timestamp>,
    /// How many facts it has.
    pub facts: u32,
    /// When it was proposed.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl DealView {
    /// The deal as this person sees it, who may see it so far.
    #[must_use]
    pub fn of(held: &Held, viewer: &Principal) -> Self {
        let deal = &held.deal;
        let (tenant, inside) = (viewer.tenant_id, held.shows_terms_to(viewer.tenant_id));
        let disputes = deal.disputes().iter();
        let disputes = disputes.filter(|dispute| inside || deal.concerns_client(dispute));
        let candidates = deal.candidates().iter().map(|(id, submittal)| PipelineEntry {
            candidate_id: *id,
            tenant_id: submittal.tenant,
            source: submittal.source,
            stage: submittal.stage,
            discloses: deal.disclosed(*id, tenant),
        });
        Self {
            id: deal.id(),
            job_id: held.head.job_id,
            employer_id: held.head.employer_id,
            state: deal.state(),
            legal: deal.legal(),
            in_force: deal.terms().filter(|_| inside).map(Into::into),
            proposed: deal.proposed().filter(|_| inside).map(Into::into),
            unsigned: deal.unsigned(),
            signatures: if inside {
                held.signatures_for(viewer)
            } else {
                Vec::new()
            },
            candidates: candidates.collect(),
            placements: deal.placements().to_vec(),
            invoices: deal.invoices().to_vec(),
            assertions: deal
                .assertions()
                .iter()
                .filter(|known| known.ended.is_none() && (inside || is_clients(deal, known)))
                .map(|known| AssertionView::of(known, held, tenant))
                .collect(),
            disputes: disputes.map(|dispute| OpenDispute::of(dispute, held)).collect(),
            guarantee_ends_at: deal.guarantee_end(),
            facts: held.head.facts,
            created_at: held.head.created_at,
            updated_at: held.head.updated_at,
        }
    }
}

impl DealView {
    /// Says that nothing of the candidates is shown: who is not in the deal any more sees none.
    pub fn hide_people(&mut self) {
        for candidate in &mut self.candidates {
            candidate.discloses.clear();
        }
    }
}

/// Everything that happened to a deal, in order. Whoever has it can replay the deal and check every decision. A tenant that was dropped sees what
/// happened until then. From where somebody signed is shown to the signer and the arbiter; else it says `withheld`.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactsView {
    /// The facts.
    pub facts: Vec<Fact>,
}
