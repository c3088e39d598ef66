//! The arguments of a deal's sides, in their own words: contests of reports, disputes, evidence and rulings.

use axum::{Json, extract::State};
use inventure_api::{Problem, http::Path};
use inventure_core::EventId;
use inventure_deal_store::LoadedDeal;
use inventure_deals::{
    Assertion, Deal, Fact, What, Who,
    dispute::{Dispute, GivenEvidence, Ruled, Ruling},
};
use inventure_ledger::Hash;
use inventure_people::Caller;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{App, routes::find_seen};

/// A contest of a report: the no of a side to a report that waits for answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContestView {
    /// The report, by the fact that made it.
    pub assertion: EventId,
    /// The fact that recorded the contest.
    pub fact: EventId,
    /// The time at which the contest was received.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The side that contested: `client`, or a party's id.
    #[schema(value_type = Option<String>)]
    pub by: Option<Who>,
    /// The reason for the contest, in the side's own words.
    pub reason: String,
}

/// Evidence that was given in time.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceView {
    /// The fact that recorded the evidence.
    pub fact: EventId,
    /// The side that gave it.
    #[schema(value_type = Option<String>)]
    pub by: Option<Who>,
    /// The step of the dispute on which it was given, from 0.
    pub step: usize,
    /// A description of what the evidence shows, in the words of the side that gave it.
    pub text: String,
    /// The hash of the document.
    #[schema(value_type = String)]
    pub sha256: Hash,
}

/// An open dispute, or one as it was before it was ruled on.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisputeView {
    /// The fact that opened it.
    pub opened: EventId,
    /// The side that opened it.
    #[schema(value_type = Option<String>)]
    pub by: Option<Who>,
    /// The subject of the dispute, in the words of the side that opened it.
    pub about: String,
    /// The report that the dispute is about, which a side contested or never answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assertion: Option<EventId>,
    /// Whether the client is a side of the dispute.
    pub for_client: bool,
    /// The current step of the dispute, from 0.
    pub step: usize,
    /// The last day on which this step takes evidence.
    #[schema(value_type = String, format = Date)]
    pub evidence_until: Date,
    /// The evidence that was given so far.
    pub evidence: Vec<EvidenceView>,
    /// The amount in dispute, in minor units of the currency.
    pub amount_minor_units: i64,
}

/// A ruling on a dispute.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulingView {
    /// The fact that recorded the ruling.
    pub fact: EventId,
    /// The time of the ruling.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Whether the ruling is the default, as nobody ruled in time.
    pub by_default: bool,
    /// The decision of the judge, or the default. Absent for the client where it says how the brokers share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Ruling>,
    /// The judge's reasons, in their own words. Absent for the client where the decision is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasons: Option<String>,
    /// The dispute, as it was before the ruling.
    pub dispute: DisputeView,
}

/// The arguments between the sides of a deal.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArgumentsView {
    /// The contests of reports that wait, in order.
    pub contests: Vec<ContestView>,
    /// The open disputes, in the order in which they were opened.
    pub disputes: Vec<DisputeView>,
    /// The rulings, in order.
    pub rulings: Vec<RulingView>,
}

/// Returns the arguments between the sides of a deal, in their own words. The parties and the judges read all of it. The client reads
/// what it reported, is asked about, or is a side of.
#[utoipa::path(
    get, path = "/deals/{id}/arguments", tag = "deals", params(("id" = String, Path)),
    responses((status = 200, body = ArgumentsView))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ArgumentsView>, Problem> {
    let (_, seen) = find_seen(&app.store, &caller, &id).await?;
    let arguments = Arguments {
        inside: seen.shows_terms_to(caller.principal.tenant_id),
        held: &seen,
    };
    Ok(Json(arguments.view()))
}

/// Whether the client made a report, or is asked about that report.
pub fn is_clients(deal: &Deal, known: &Assertion) -> bool {
    deal.concerned(known).contains(&Who::Client)
}

/// A deal's arguments as a party, a judge or the client reads them.
struct Arguments<'a> {
    held: &'a LoadedDeal,
    inside: bool,
}

impl<'a> Arguments<'a> {
    fn view(&self) -> ArgumentsView {
        let deal = &self.held.deal;
        let contests = deal.facts().iter().filter_map(|fact| self.contest(fact));
        let disputes = deal.disputes().iter().filter(|dispute| self.shows(dispute));
        let rulings = deal.rulings().iter().filter(|ruled| self.shows(&ruled.dispute));
        ArgumentsView {
            contests: contests.collect(),
            disputes: disputes.map(|dispute| self.dispute(dispute)).collect(),
            rulings: rulings.filter_map(|ruled| self.ruling(ruled)).collect(),
        }
    }

    fn shows(&self, dispute: &Dispute) -> bool {
        self.inside || self.held.deal.concerns_client(dispute)
    }

    fn fact(&self, id: EventId) -> Option<&'a Fact> {
        self.held.deal.facts().iter().find(|fact| fact.id == id)
    }

    fn text(&self, id: EventId) -> String {
        let text = self.fact(id).and_then(|fact| fact.what.text());
        text.unwrap_or_default().to_owned()
    }

    /// Returns a contest that still stands. A contest that its side took back by a later yes is left out.
    fn contest(&self, fact: &Fact) -> Option<ContestView> {
        let What::AssertionContested { assertion, reason } = &fact.what else {
            return None;
        };
        let deal = &self.held.deal;
        let known = deal.assertion(*assertion).filter(|known| known.is_contested())?;
        let by = deal.side(fact.by).filter(|side| known.contested_by.contains(side))?;
        (self.inside || is_clients(deal, known)).then(|| ContestView {
            assertion: *assertion,
            fact: fact.id,
            at: fact.at,
            by: Some(by),
            reason: reason.clone(),
        })
    }

    fn evidence(&self, given: &GivenEvidence) -> EvidenceView {
        EvidenceView {
            fact: given.fact,
            by: self.held.deal.side(given.by),
            step: given.step,
            text: self.text(given.fact),
            sha256: given.sha256,
        }
    }

    fn dispute(&self, dispute: &Dispute) -> DisputeView {
        DisputeView {
            opened: dispute.opened,
            by: self.held.deal.side(dispute.by),
            about: self.text(dispute.opened),
            assertion: dispute.assertion,
            for_client: self.held.deal.concerns_client(dispute),
            step: dispute.step,
            evidence_until: dispute.evidence_until,
            evidence: dispute.evidence.iter().map(|given| self.evidence(given)).collect(),
            amount_minor_units: dispute.amount_minor_units,
        }
    }

    fn ruling(&self, ruled: &Ruled) -> Option<RulingView> {
        let fact = self.fact(ruled.fact)?;
        let What::Ruled { ruling, reasons, .. } = &fact.what else {
            return None;
        };
        let is_shown = self.inside || !matches!(ruling, Ruling::Reallocated { .. });
        Some(RulingView {
            fact: fact.id,
            at: fact.at,
            by_default: self.held.deal.side(fact.by) == Some(Who::Network),
            ruling: is_shown.then(|| ruling.clone()),
            reasons: is_shown.then(|| reasons.clone()),
            dispute: self.dispute(&ruled.dispute),
        })
    }
}
