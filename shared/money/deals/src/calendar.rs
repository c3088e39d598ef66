//! Days, as the terms count them: in the time zone that they name, with the start as day 0.
//!
//! | rule | what it means |
//! |---|---|
//! | a day | a calendar date in the terms' zone; 23 or 25 hours long where clocks change |
//! | day 0 | the date on which something began: the first day at work, the date of a submittal |
//! | a span of 60 days | days 0 to 60; **the sixtieth day is still inside**, the sixty-first is not |
//! | a span of 12 months | to the same date twelve months later, inclusive; the last of the month where there is no such date |
//! | a business day | Monday to Friday, less the dates on which the terms are closed |

use std::sync::LazyLock;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::{TimeZone, TimeZoneDatabase},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The zones that come with the code, not those of the machine: two machines must count the same days.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The most business days that are counted ahead: closed dates must not make the search endless.
const SEARCH_DAYS_MAX: usize = 400;

/// The reason for which a day cannot be counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Not in the IANA database.
    #[error("`{0}` is no time zone of the IANA database")]
    UnknownZone(String),
    /// Beyond the year 9999, or before the year -9999.
    #[error("the date is outside the calendar")]
    OutOfRange,
    /// The closed days leave no business day.
    #[error("there is no business day in the {SEARCH_DAYS_MAX} days that follow")]
    NoBusinessDay,
}

/// The time for which something counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// This many days after day 0.
    Days(u16),
    /// The days up to the same date this many months later.
    Months(u16),
}

impl Window {
    /// The last date inside.
    pub fn last_day(self, day_zero: Date) -> Result<Date, CalendarError> {
        let end = match self {
            Self::Days(days) => day_zero.checked_add(i64::from(days).days()),
            Self::Months(months) => day_zero.checked_add(i64::from(months).months()),
        };
        end.map_err(|_| CalendarError::OutOfRange)
    }

    /// Whether it is no time at all.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        matches!(self, Self::Days(0) | Self::Months(0))
    }
}

/// A calendar: a zone and the dates on which nothing is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: TimeZone,
    closed_on: Vec<Date>,
}

impl Calendar {
    /// The calendar of an IANA zone such as `America/New_York`.
    pub fn new(zone: &str, closed_on: &[Date]) -> Result<Self, CalendarError> {
        let known = ZONES
            .get(zone)
            .map_err(|_| CalendarError::UnknownZone(zone.to_owned()))?;
        Ok(Self {
            zone: known,
            closed_on: closed_on.to_vec(),
        })
    }

    /// The date that a moment falls on.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// The first moment of a date. Where clocks skip midnight, the first moment there is.
    pub fn start_of(&self, date: Date) -> Result<Timestamp, CalendarError> {
        let zoned = date
            .to_zoned(self.zone.clone())
            .and_then(|zoned| zoned.start_of_day())
            .map_err(|_| CalendarError::OutOfRange)?;
        Ok(zoned.timestamp())
    }

    /// Noon of a date: a moment that is on that date whatever the clocks do.
    pub fn noon_of(&self, date: Date) -> Result<Timestamp, CalendarError> {
        let zoned = date
            .at(12, 0, 0, 0)
            .to_zoned(self.zone.clone())
            .map_err(|_| CalendarError::OutOfRange)?;
        Ok(zoned.timestamp())
    }

    /// The first moment that is no longer on this date.
    pub fn end_of(&self, date: Date) -> Result<Timestamp, CalendarError> {
        self.start_of(plus_days(date, 1)?)
    }

    /// The business day that comes `count` business days after a date. Zero is the date itself, whatever day it is.
    pub fn business_days_after(&self, date: Date, count: u16) -> Result<Date, CalendarError> {
        let mut left = count;
        let mut day = date;
        for _ in 0..SEARCH_DAYS_MAX {
            if left == 0 {
                return Ok(day);
            }
            day = plus_days(day, 1)?;
            let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
            if !weekend && !self.closed_on.contains(&day) {
                left -= 1;
            }
        }
        Err(CalendarError::NoBusinessDay)
    }
}

/// The date so many days later, or earlier where negative.
pub fn plus_days(date: Date, days: i64) -> Result<Date, CalendarError> {
    // `days()` refuses spans beyond the calendar by a panic, so they are refused here first.
    let days = i32::try_from(days).map_err(|_| CalendarError::OutOfRange)?;
    if days.unsigned_abs() > 7_000_000 {
        return Err(CalendarError::OutOfRange);
    }
    date.checked_add(days.days()).map_err(|_| CalendarError::OutOfRange)
}

/// The number of a day, where `day_zero` is 0.
#[must_use]
pub fn day_number(day_zero: Date, date: Date) -> i64 {
    // Whole dates: no zone and no clock change can alter their number.
    i64::from((date - day_zero).get_days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn calendar(zone: &str) -> Calendar {
        Calendar::new(zone, &[date(2026, 12, 25)]).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_a_date_in_the_zone() {
        let moment = at("2026-03-01T04:30:00Z");
        assert_eq!(calendar("UTC").date(moment), date(2026, 3, 1));
        assert_eq!(calendar("America/New_York").date(moment), date(2026, 2, 28));
        assert_eq!(
            calendar("Asia/Tokyo").date(at("2026-02-28T15:00:00Z")),
            date(2026, 3, 1)
        );
        assert_eq!(
            Calendar::new("Mars/Olympus", &[]),
            Err(CalendarError::UnknownZone("Mars/Olympus".into()))
        );
    }

    #[test]
    fn a_day_is_as_long_as_the_clocks_make_it() {
        let hours = |zone: &str, day: Date| {
            let calendar = calendar(zone);
            let length = calendar
                .end_of(day)
                .unwrap()
                .duration_since(calendar.start_of(day).unwrap());
            length.as_secs() / 3600
        };
        assert_eq!(hours("America/New_York", date(2026, 3, 8)), 23);
        assert_eq!(hours("America/New_York", date(2026, 11, 1)), 25);
        assert_eq!(hours("America/New_York", date(2026, 6, 1)), 24);
        // Clocks skip midnight here: the day begins at one.
        assert_eq!(hours("Africa/Cairo", date(2026, 4, 24)), 23);
    }

    #[test]
    fn days_are_numbered_from_zero() {
        assert_eq!(day_number(date(2026, 1, 1), date(2026, 1, 1)), 0);
        assert_eq!(day_number(date(2026, 1, 1), date(2026, 3, 2)), 60);
        assert_eq!(day_number(date(2026, 1, 1), date(2025, 12, 31)), -1);
        assert_eq!(day_number(date(2024, 2, 28), date(2024, 3, 1)), 2);
        assert_eq!(plus_days(date(2026, 1, 1), i64::MAX), Err(CalendarError::OutOfRange));
        assert_eq!(plus_days(date(9999, 12, 31), 1), Err(CalendarError::OutOfRange));
    }

    #[test]
    fn a_window_ends_on_its_last_day() {
        assert_eq!(Window::Days(180).last_day(date(2026, 1, 1)), Ok(date(2026, 6, 30)));
        assert_eq!(Window::Months(12).last_day(date(2024, 2, 29)), Ok(date(2025, 2, 28)));
        assert_eq!(Window::Months(1).last_day(date(2026, 1, 31)), Ok(date(2026, 2, 28)));
        assert_eq!(
            Window::Days(1).last_day(date(9999, 12, 31)),
            Err(CalendarError::OutOfRange)
        );
    }

    #[test]
    fn business_days_leave_out_weekends_and_closed_dates() {
        let calendar = calendar("UTC");
        let after = |day, count| calendar.business_days_after(day, count).unwrap();
        // Thursday, with the Friday closed.
        assert_eq!(after(date(2026, 12, 24), 1), date(2026, 12, 28));
        assert_eq!(after(date(2026, 11, 27), 1), date(2026, 11, 30));
        assert_eq!(after(date(2026, 11, 27), 2), date(2026, 12, 1));
        assert_eq!(after(date(2026, 11, 28), 0), date(2026, 11, 28));
        let closed: Vec<Date> = date(2026, 1, 1).series(1.day()).take(500).collect();
        let closed = Calendar::new("UTC", &closed).unwrap();
        assert_eq!(
            closed.business_days_after(date(2026, 1, 1), 1),
            Err(CalendarError::NoBusinessDay)
        );
    }

    #[test]
    fn a_span_has_at_most_seven_million_days() {
        let first = date(-9999, 1, 1);
        let last = plus_days(first, 7_000_000).unwrap();
        assert_eq!(plus_days(last, -7_000_000), Ok(first));
        for days in [7_000_001, -7_000_001, 7_304_485, -7_304_485] {
            assert_eq!(plus_days(first, days), Err(CalendarError::OutOfRange));
        }
    }
}
