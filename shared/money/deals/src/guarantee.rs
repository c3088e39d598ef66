//! The guarantee: which day it is, whether that day is covered, and what the client gets back.
//!
//! Day 0 is the first day at work. A guarantee of 60 days covers days 0 to 60: a person who leaves with day 60 as their
//! last is covered, with day 61 not. Days are dates in the terms' zone ([`crate::calendar`]). A person who never
//! begins, or leaves before the start, leaves on day 0.

use inventure_ledger::Share;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    calendar::{Calendar, CalendarError, day_number, plus_days},
    terms::{Guarantee, RefundCurve},
};

/// The cover of a guarantee for a last day at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cover {
    /// The number of the last day at work.
    pub day: u16,
    /// The number of days that are covered after day 0.
    pub days: u16,
    /// The last date that is covered.
    #[schema(value_type = String, format = Date)]
    pub last_day: Date,
    /// Whether the last day at work is covered.
    pub inside: bool,
    /// The part of the fee that the client gets back.
    #[schema(value_type = String)]
    pub refund: Share,
}

impl Guarantee {
    /// Returns the number of days that are covered for a fee.
    #[must_use]
    pub fn days(&self, fee_minor_units: i64) -> u16 {
        let reached = |from: i64| from <= fee_minor_units;
        let mut levels = self.levels.iter().rev();
        levels
            .find(|level| reached(level.fee_from_minor_units.0))
            .map_or(0, |level| level.days)
    }

    /// Returns the cover of the guarantee that began on `from` for a last day at work.
    pub fn cover(&self, days: u16, from: Date, last_at_work: Date) -> Result<Cover, CalendarError> {
        let number = day_number(from, last_at_work).max(0);
        let day = u16::try_from(number).unwrap_or(u16::MAX);
        let inside = days > 0 && day <= days;
        let refund = if inside { self.refund.at(day, days) } else { Share::NONE };
        let last_day = plus_days(from, i64::from(days))?;
        Ok(Cover {
            day,
            days,
            last_day,
            inside,
            refund,
        })
    }

    /// The first moment that is no longer covered.
    pub fn end(&self, days: u16, from: Date, calendar: &Calendar) -> Result<Timestamp, CalendarError> {
        match days {
            // No guarantee ends before it begins: nobody waits for it.
            0 => calendar.start_of(from),
            _ => calendar.end_of(plus_days(from, i64::from(days))?),
        }
    }
}

impl RefundCurve {
    /// Returns the part that the client gets back where the last day at work is `day` of `days`.
    #[must_use]
    pub fn at(&self, day: u16, days: u16) -> Share {
        match self {
            Self::None => Share::NONE,
            Self::Full => Share::WHOLE,
            // `days` is not zero here: a guarantee of no days covers nothing.
            Self::ProRata => {
                let left = days.saturating_sub(day);
                Share::new(u64::from(left), u64::from(days.max(1))).unwrap_or(Share::NONE)
            }
            Self::Steps(steps) => steps
                .iter()
                .find(|step| day <= step.through_day)
                .map_or(Share::NONE, |step| step.refund),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{
        amount::MinorUnits,
        terms::{GuaranteeLevel, RefundStep},
    };

    fn guarantee(refund: RefundCurve) -> Guarantee {
        let level = |from, days| GuaranteeLevel {
            fee_from_minor_units: MinorUnits(from),
            days,
        };
        Guarantee {
            levels: vec![level(0, 60), level(2_000_000, 90)],
            refund,
            replacement: None,
            report_within_days: 5,
        }
    }

    #[test]
    fn the_level_is_the_last_that_the_fee_reaches() {
        let guarantee = guarantee(RefundCurve::Full);
        assert_eq!(guarantee.days(1), 60);
        assert_eq!(guarantee.days(1_999_999), 60);
        assert_eq!(guarantee.days(2_000_000), 90);
    }

    #[test]
    fn the_last_day_is_covered_and_the_next_is_not() {
        let guarantee = guarantee(RefundCurve::Full);
        let start = date(2026, 1, 15);
        for (days, inside, outside) in [
            (60, [date(2026, 3, 15), date(2026, 3, 16)], date(2026, 3, 17)),
            (90, [date(2026, 4, 14), date(2026, 4, 15)], date(2026, 4, 16)),
        ] {
            for (before, day) in [1, 0].into_iter().zip(inside) {
                let cover = guarantee.cover(days, start, day).unwrap();
                assert_eq!((cover.day, cover.inside), (days - before, true));
                assert_eq!(cover.refund, Share::WHOLE);
            }
            let cover = guarantee.cover(days, start, outside).unwrap();
            assert_eq!((cover.day, cover.inside, cover.refund), (days + 1, false, Share::NONE));
            assert_eq!(cover.last_day, inside[1]);
        }
        let none = guarantee.cover(0, start, start).unwrap();
        assert!(!none.inside);
        let never_began = guarantee.cover(60, start, date(2026, 1, 1)).unwrap();
        assert_eq!((never_began.day, never_began.inside), (0, true));
    }

    #[test]
    fn a_refund_pro_rata_falls_by_the_day() {
        let refund = |day| RefundCurve::ProRata.at(day, 60).to_string();
        assert_eq!(refund(0), "100%");
        assert_eq!(refund(30), "50%");
        assert_eq!(refund(59), "1/60");
        assert_eq!(refund(60), "0%");
        let step = |through_day, refund: &str| RefundStep {
            through_day,
            refund: refund.parse().unwrap(),
        };
        let steps = RefundCurve::Steps(vec![step(30, "100%"), step(60, "50%")]);
        let refund = |day| steps.at(day, 90).to_string();
        assert_eq!([30, 31, 60, 61].map(refund), ["100%", "50%", "50%", "0%"]);
    }

    #[test]
    fn the_end_is_midnight_in_the_zone_also_where_clocks_change() {
        let guarantee = guarantee(RefundCurve::Full);
        let end = |zone: &str| {
            let calendar = Calendar::new(zone, &[]).unwrap();
            guarantee.end(60, date(2026, 1, 15), &calendar).unwrap().to_string()
        };
        // Day 60 is 16 March; clocks went forward on the 8th.
        assert_eq!(end("America/New_York"), "2026-03-17T04:00:00Z");
        assert_eq!(end("UTC"), "2026-03-17T00:00:00Z");
        assert_eq!(end("Asia/Tokyo"), "2026-03-16T15:00:00Z");
    }

    #[test]
    fn no_guarantee_is_over_when_the_first_day_begins() {
        let calendar = Calendar::new("America/New_York", &[]).unwrap();
        let end = |days| {
            let end = guarantee(RefundCurve::Full).end(days, date(2026, 1, 15), &calendar);
            end.unwrap().to_string()
        };
        assert_eq!([0, 1].map(end), ["2026-01-15T05:00:00Z", "2026-01-17T05:00:00Z"]);
    }
}
