//! The answers of the routes.

use inventure_core::{CandidateId, DealId, EventId, JobId, Principal, TenantId};
use inventure_deal_store::{LoadedDeal, records::DealHead};
use inventure_deals::{
    Assertion, Fact, Signature, State, Terms, What, Who,
    deal::{Invoice, Placement},
    dispute::Dispute,
    fact::{Author, Move},
    pipeline::{CandidateField, Stage},
    terms::Source,
};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

use crate::arguments::is_clients;

/// A deal in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct DealSummary {
    /// The deal's id.
    pub id: DealId,
    /// The job that the deal is about.
    pub job_id: JobId,
    /// The employer, who is the client.
    pub employer_id: TenantId,
    /// The state of the deal.
    #[schema(value_type = State)]
    pub state: String,
    /// The number of facts in the deal.
    pub facts: u32,
    /// The time at which the deal was proposed.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The time at which the deal last changed.
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

/// Terms with the hash that is signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermsView {
    /// The terms themselves.
    pub terms: Terms,
    /// The hash of the terms, to compare before signing. It is SHA-256 over `inventure/terms/v1`, a zero byte and the RFC 8785 form of
    /// `terms`, hexadecimal.
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
    /// The id of the candidate.
    pub candidate_id: CandidateId,
    /// The tenant that submitted the candidate.
    pub tenant_id: TenantId,
    /// The source from which the candidate came.
    pub source: Source,
    /// The candidate's stage in the pipeline.
    pub stage: Stage,
    /// The fields of the candidate that the caller's tenant sees.
    pub discloses: Vec<CandidateField>,
}

/// A report by one side that has not taken effect.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssertionView {
    /// The fact that made the report. Confirmations and contests name it.
    pub fact: EventId,
    /// The time at which it was reported.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The fact that was reported.
    pub what: What,
    /// Whether the report waits for the caller's tenant.
    pub awaits_you: bool,
    /// The sides whose yes is missing. Absent for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub awaits: Option<Vec<Who>>,
    /// The moment from which silence counts as a yes; absent where it never does, as after a no.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub accepted_from: Option<Timestamp>,
    /// The time at which the report ends without effect. A contested report ends then unless its reporter disputes the contest before.
    /// Absent while no such time runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Whether a side contested the report.
    pub contested: bool,
    /// The amount by which the report would lower the bills, in minor units. As much is held back from what is not released yet.
    pub stake_minor_units: i64,
}

impl AssertionView {
    fn of(known: &Assertion, held: &LoadedDeal, viewer: TenantId) -> Self {
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

/// An open dispute. `GET /deals/{id}/arguments` says what it is about, and what was shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenDispute {
    /// The fact that opened it.
    pub opened: EventId,
    /// The side that opened it: `client`, or a party's id. Absent where the opener is no side any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub by: Option<Who>,
    /// The report that the dispute is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assertion: Option<EventId>,
    /// Whether the client is a side of the dispute.
    pub for_client: bool,
    /// The current step of the dispute, from 0.
    pub step: usize,
    /// The last day on which this step takes evidence.
    #[schema(value_type = String, format = Date)]
    pub evidence_until: Date,
    /// The number of pieces of evidence that were given so far.
    pub evidence: usize,
    /// The time from which the dispute ends by default unless a judge has ruled. Absent before its last step.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub default_ruling_at: Option<Timestamp>,
    /// The amount in dispute, in minor units of the currency.
    pub amount_minor_units: i64,
    /// The part of the disputed amount that is held back from what is not released yet. Zero where the stake of a report holds it.
    pub frozen_minor_units: i64,
}

impl OpenDispute {
    fn of(dispute: &Dispute, held: &LoadedDeal) -> Self {
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

/// A deal as the caller's tenant sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DealView {
    /// The deal's id.
    pub id: DealId,
    /// The job that the deal is about.
    pub job_id: JobId,
    /// The employer, who is the client.
    pub employer_id: TenantId,
    /// The state of the deal.
    pub state: State,
    /// The moves that the deal takes now from the caller. Each still depends on its content.
    pub legal: Vec<Move>,
    /// The terms in force. Absent for the client, which signs nothing and does not see how the brokers share its fee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_force: Option<TermsView>,
    /// The terms that lie open for signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<TermsView>,
    /// The tenants that still have to sign.
    pub unsigned: Vec<TenantId>,
    /// All signatures under the deal's terms. Their origin is shown to the signer and the arbiter; others read `withheld`.
    pub signatures: Vec<Signature>,
    /// The candidates in the pipeline.
    pub candidates: Vec<PipelineEntry>,
    /// The placements, the last of which counts.
    pub placements: Vec<Placement>,
    /// The bills of the deal.
    pub invoices: Vec<Invoice>,
    /// The reports that wait for answers, or were contested. The client sees those that it made or is asked about.
    pub assertions: Vec<AssertionView>,
    /// The open disputes, in the order in which they were opened. The client sees those in which it is a side.
    pub disputes: Vec<OpenDispute>,
    /// The first moment that the guarantee no longer covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub guarantee_ends_at: Option<Timestamp>,
    /// The number of facts in the deal.
    pub facts: u32,
    /// The time at which the deal was proposed.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The time at which the deal last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl DealView {
    /// Returns the deal as this person sees it. The caller has checked that the person may see it.
    #[must_use]
    pub fn of(held: &LoadedDeal, viewer: &Principal) -> Self {
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
            legal: deal.legal_for(Author::Member {
                tenant,
                member: viewer.member_id,
            }),
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
    /// Hides all disclosed fields of the candidates. A tenant that is not in the deal any more sees none.
    pub fn hide_people(&mut self) {
        for candidate in &mut self.candidates {
            candidate.discloses.clear();
        }
    }
}

/// Everything that happened to a deal, in order. With it a party can replay the deal and check every decision. A tenant that was dropped
/// sees what happened until then. The origin of a signature is shown to the signer and the arbiter; others read `withheld`.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactsView {
    /// The facts, in order.
    pub facts: Vec<Fact>,
}
