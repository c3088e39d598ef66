//! The time from which silence counts as a yes, and the time at which a report ends by itself.

use inventure_core::EventId;
use jiff::{Timestamp, civil::Date};

use super::{Assertion, Ended};
use crate::{
    calendar::{day_number, plus_days},
    deal::Deal,
    fact::{Fact, What},
    fee::{Billed, Pay},
    refusal::Why,
};

/// The most days between acceptance and start for which silence counts.
const START_WITHIN_DAYS: i32 = 366;

/// The most days between acceptance and report for which silence counts. An older day would shorten the guarantee, or
/// an older claim decide.
const ACCEPTED_WITHIN_DAYS: i64 = 30;

/// The minutes of a week for which silence counts.
const WEEK_MINUTES: i64 = 60 * 60;

/// The days after which a report expires that nobody answers and for which silence does not count.
const UNANSWERED_DAYS: i64 = 30;

impl Deal {
    /// The moment from which silence counts as a yes.
    pub(super) fn accepted_from(&self, fact: &Fact) -> Result<Option<Timestamp>, Why> {
        let terms = self.bound()?;
        let counts = match &fact.what {
            What::Placed {
                pay,
                accepted_on,
                starts_on,
                ..
            } => {
                let wait = starts_on.since(*accepted_on).map_or(i32::MAX, |span| span.get_days());
                let age = day_number(*accepted_on, terms.calendar()?.date(fact.at));
                wait <= START_WITHIN_DAYS && age <= ACCEPTED_WITHIN_DAYS && self.is_plausible(*pay)
            }
            What::Invoiced {
                billed: Billed::Minutes(minutes),
                ..
            } => self.could_be_worked(*minutes, terms.calendar()?.date(fact.at)),
            What::FellOff { .. } | What::RefundChosen {} | What::PriorClaimRaised { .. } | What::Contacted { .. } => {
                true
            }
            _ => false,
        };
        if !counts {
            return Ok(None);
        }
        Ok(Some(self.answer_until(fact.at)?))
    }

    /// The end of the days to answer what is said now.
    pub(super) fn answer_until(&self, at: Timestamp) -> Result<Timestamp, Why> {
        let terms = self.bound()?;
        let calendar = terms.calendar()?;
        let last_day = plus_days(calendar.date(at), i64::from(terms.answer_days()))?;
        Ok(calendar.end_of(last_day)?)
    }

    /// Whether this many minutes can have been worked by a day. Counted with them are those that are billed, or will be
    /// if nobody answers.
    fn could_be_worked(&self, minutes: u32, today: Date) -> bool {
        let Some(placement) = self.placements.last() else {
            return false;
        };
        let billed = self.invoices.iter().map(|invoice| match invoice.billed {
            Billed::Minutes(minutes) => i64::from(minutes),
            _ => 0,
        });
        let silent = self
            .assertions
            .iter()
            .filter(|known| known.is_open() && known.accepted_from.is_some());
        let waiting = silent.map(|known| match known.what {
            What::Invoiced {
                billed: Billed::Minutes(minutes),
                ..
            } => i64::from(minutes),
            _ => 0,
        });
        let all = billed.chain(waiting).fold(i64::from(minutes), i64::saturating_add);
        let weeks = day_number(placement.starts_on, today).max(0) / 7 + 1;
        all <= weeks * WEEK_MINUTES
    }

    /// Whether a pay is between half the least and twice the most that the job stated. Where the job stated none, any pay is.
    fn is_plausible(&self, pay: Option<Pay>) -> bool {
        let Some(terms) = &self.in_force else { return false };
        match (pay, terms.stated_pay) {
            (Some(pay), Some(stated)) => {
                let yearly = i128::from(pay.amount.minor_units) * i128::from(pay.period.per_year());
                let (from, to) = (stated.from_minor_units_a_year.0, stated.to_minor_units_a_year.0);
                yearly * 2 >= i128::from(from) && yearly <= i128::from(to) * 2
            }
            _ => true,
        }
    }

    /// The moment at which a report ends by itself without effect; nothing where it does not.
    ///
    /// A contest can be answered by a dispute for as many days as a report by a contest; a report that is not answered, where silence does
    /// not count, for thirty. A report that is in a dispute ends with it.
    #[must_use]
    pub fn expires_at(&self, known: &Assertion) -> Option<Timestamp> {
        let terms = self.in_force.as_ref()?;
        let calendar = terms.calendar().ok()?;
        let end = |from: Timestamp, days: i64| {
            let last_day = plus_days(calendar.date(from), days).ok()?;
            calendar.end_of(last_day).ok()
        };
        if known.ended.is_some() {
            return None;
        }
        let (from, days) = match (known.contested_at, known.accepted_from) {
            (Some(contested_at), _) => (contested_at, i64::from(terms.answer_days())),
            (None, None) => (known.at, UNANSWERED_DAYS),
            (None, Some(_)) => return None,
        };
        if self.is_in_dispute(known.fact) {
            return None;
        }
        // The others relied on a no that was taken back, and have their days again.
        let again = known.renewed_at.and_then(|at| end(at, i64::from(terms.answer_days())));
        end(from, days).max(again)
    }

    pub(crate) fn expire(&mut self, fact: &Fact, assertion: EventId) -> Result<(), Why> {
        let index = self.index_of(assertion, |known| known.ended.is_none())?;
        let from = self.expires_at(&self.assertions[index]).ok_or(Why::WordMissing)?;
        if fact.at < from {
            return Err(Why::TooEarly(self.bound()?.calendar()?.date(from)));
        }
        self.assertions[index].ended = Some(Ended::Expired);
        Ok(())
    }
}
