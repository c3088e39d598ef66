//! The candidate's consent behind a move that shows them to others or hires them.

use inventure_api::{Problem, clock, problem::Kind};
use inventure_core::CandidateId;
use inventure_deal_store::{LoadedDeal, still_unrefused_in};
use inventure_deals::{Terms, What, dispute::Ruling};
use inventure_recruiting::records::{Candidate, ConsentRecord, ConsentScope};
use inventure_table::{Change, table};
use jiff::civil::Date;

use crate::App;

/// The effect of a move once it counts: its own, or that of the report to which it says yes.
pub fn effect<'a>(held: &'a LoadedDeal, what: &'a What) -> &'a What {
    let report = match what {
        What::AssertionConfirmed { assertion } => Some(*assertion),
        What::Ruled {
            dispute,
            ruling: Ruling::Upheld,
            ..
        } => held.deal.dispute(*dispute).and_then(|dispute| dispute.assertion),
        _ => None,
    };
    // What has ended takes no effect any more, and the rules say so.
    let report = report.and_then(|report| held.deal.assertion(report));
    let report = report.filter(|report| report.ended.is_none());
    report.map_or(what, |report| &report.what)
}

/// The answer to a broker whose candidate said no.
pub fn said_no() -> Problem {
    Problem::new(
        Kind::ConsentMissing,
        "The candidate said no by the link in their mail: their broker puts them forward at this employer no more.",
    )
}

impl App {
    /// Checks that a candidate consents to be shown to others, for a move that shows or hires them. The consent can have ended before the
    /// deal heard of it.
    pub async fn consented_to(&self, held: &LoadedDeal, what: &What) -> Result<Change, Problem> {
        let (id, accepted_on) = match effect(held, what) {
            What::StageMoved { candidate, to, .. } if !to.is_end() => (*candidate, None),
            What::Placed {
                candidate,
                accepted_on,
                evidence,
                ..
            } => (*candidate, evidence.map(|_| *accepted_on)),
            _ => return Ok(Change::new()),
        };
        if !held.deal.candidates().contains_key(&id) {
            return Ok(Change::new());
        }
        let candidate: Option<Candidate> = self.store.get(&Candidate::key_of(id)).await?;
        let consents = |candidate: &Candidate| candidate.consents(ConsentScope::ShareWithNetwork, clock::today());
        let in_force = candidate.as_ref().is_some_and(consents);
        if !in_force && !self.consented_on(held, id, accepted_on).await? {
            let detail = "The candidate's consent to be shown to others (`share_with_network`) has ended.";
            return Err(Problem::new(Kind::ConsentMissing, detail));
        }
        let unrefused = self.not_refused(held, id, accepted_on).await?;
        Ok(match candidate {
            Some(candidate) => unrefused.unchanged(&candidate, candidate.version),
            None => unrefused,
        })
    }

    /// Refuses a move about a candidate who said no. The no was in this deal or in another of the same broker with the employer. A hire
    /// that a document shows to be from before the no stands.
    pub async fn not_refused(
        &self,
        held: &LoadedDeal,
        id: CandidateId,
        accepted_on: Option<Date>,
    ) -> Result<Change, Problem> {
        let refused_at = match still_unrefused_in(&self.store, held, id).await? {
            Ok(still) => return Ok(still),
            Err(refused_at) => refused_at,
        };
        let calendar = held.deal.terms().map(Terms::calendar).transpose();
        let refused_on = calendar
            .map_err(Problem::internal)?
            .map(|calendar| calendar.date(refused_at));
        if accepted_on
            .zip(refused_on)
            .is_some_and(|(day, refused_on)| day < refused_on)
        {
            return Ok(Change::new());
        }
        Err(said_no())
    }

    /// Whether a candidate consented on the day on which, as a document shows, they accepted. A hire is not undone by a consent that ends
    /// later.
    async fn consented_on(&self, held: &LoadedDeal, id: CandidateId, day: Option<Date>) -> Result<bool, Problem> {
        let (Some(day), Some(terms)) = (day, held.deal.terms()) else {
            return Ok(false);
        };
        let calendar = terms.calendar().map_err(Problem::internal)?;
        let query = table::Query::table(Candidate::key_of(id).pk, ConsentRecord::PREFIX);
        let consents: Vec<ConsentRecord> = self.store.query_all(&query).await?;
        Ok(consents.iter().any(|record| {
            let ended = record.withdrawn_at.or(record.ended_at).map(|at| calendar.date(at));
            let begun = calendar.date(record.consent.given_at) <= day;
            begun && ended.is_none_or(|ended| day < ended) && record.consent.covers(ConsentScope::ShareWithNetwork, day)
        }))
    }
}
