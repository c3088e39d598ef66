//! The ways and times in which a member is told: the usual way, their wishes, and their quiet hours.

use inventure_notices::records::{Channels, MailWhen, Preferences};
use inventure_realtime::NotificationKind;
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};

/// The time that a member has to look before a mail goes out.
const LOOK: SignedDuration = SignedDuration::from_mins(5);

/// The time of the daily mail for a member who has said nothing else, in UTC.
const DAILY_AT: Time = Time::constant(7, 0, 0, 0);

/// The channels of a kind of notification where nobody has said otherwise. A kind that waits for an answer or is money is
/// mailed soon, the rest with the day's mail.
#[must_use]
pub fn usual(kind: NotificationKind) -> Channels {
    use NotificationKind::{
        Addressed, AnswerAsked, BillOverdue, CandidateClaimed, CandidateConfirmed, CandidateFlagged, CandidateLost,
        DealAccepted, DealShared, DisputeMoved, InvoiceIssued, MatchesFound, PayoutSent, ReportContested, ReportEnded,
    };
    Channels {
        kind: kind.code().to_owned(),
        socket: true,
        inbox: true,
        mail: match kind {
            AnswerAsked | BillOverdue | CandidateClaimed | CandidateFlagged | CandidateLost | DealShared
            | DisputeMoved | InvoiceIssued | PayoutSent | ReportContested | Addressed => MailWhen::Soon,
            MatchesFound | DealAccepted | CandidateConfirmed | ReportEnded => MailWhen::Daily,
        },
    }
}

/// Returns the channels on which a member is told of a kind of notification.
#[must_use]
pub fn channels(preferences: Option<&Preferences>, kind: NotificationKind) -> Channels {
    let usual = usual(kind);
    let wish = preferences.and_then(|wishes| wishes.channels.iter().find(|channels| channels.kind == usual.kind));
    wish.cloned().unwrap_or(usual)
}

/// Returns the time to mail about something that happens now; never before the quiet hours are over.
#[must_use]
pub fn mail_at(preferences: Option<&Preferences>, mail: MailWhen, now: Timestamp) -> Option<Timestamp> {
    let at = match mail {
        MailWhen::Never => return None,
        MailWhen::Soon => now + LOOK,
        MailWhen::Daily => {
            let daily_at = preferences.map_or(DAILY_AT, |wishes| wishes.daily_at);
            next(daily_at, &zone(preferences), now)
        }
    };
    Some(quiet_until(preferences, at).unwrap_or(at))
}

/// Returns the end of the quiet hours that this moment is in; `None` where it is in none.
#[must_use]
pub fn quiet_until(preferences: Option<&Preferences>, at: Timestamp) -> Option<Timestamp> {
    let quiet = preferences?.quiet.as_ref()?;
    let zone = zone(preferences);
    let time = at.to_zoned(zone.clone()).time();
    let inside = if quiet.from <= quiet.to {
        (quiet.from..quiet.to).contains(&time)
    } else {
        time >= quiet.from || time < quiet.to
    };
    inside.then(|| next(quiet.to, &zone, at))
}

/// Returns the time zone of a member's clock; UTC where they have not said.
#[must_use]
pub fn zone(preferences: Option<&Preferences>) -> TimeZone {
    preferences
        .and_then(|wishes| TimeZone::get(&wishes.time_zone).ok())
        .unwrap_or(TimeZone::UTC)
}

/// The next moment that a clock there shows this time of day. In the night that the clocks go back it shows some times twice.
fn next(time: Time, zone: &TimeZone, now: Timestamp) -> Timestamp {
    let today = now.to_zoned(zone.clone()).date();
    let on = |day: Date| {
        let at = zone.to_ambiguous_timestamp(day.to_datetime(time));
        [at.compatible(), at.later()]
    };
    let days = [Ok(today), today.tomorrow()].into_iter().flatten();
    let mut moments = days.flat_map(on).flatten();
    moments.find(|at| *at > now).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use inventure_core::MemberId;
    use inventure_notices::records::QuietHours;
    use jiff::civil::time;

    use super::*;

    fn wishes(quiet: Option<(Time, Time)>) -> Preferences {
        Preferences {
            member_id: MemberId::new(),
            channels: Vec::new(),
            quiet: quiet.map(|(from, to)| QuietHours { from, to }),
            daily_at: time(8, 30, 0, 0),
            time_zone: "Europe/Berlin".into(),
            version: 1,
        }
    }

    fn at(now: &str, mail: MailWhen, preferences: Option<&Preferences>) -> String {
        let at = mail_at(preferences, mail, now.parse().unwrap());
        at.map(|at| at.to_string()).unwrap_or_default()
    }

    #[test]
    fn soon_is_soon_and_daily_at_the_hour_where_the_person_is() {
        assert_eq!(at("2026-03-01T10:00:00Z", MailWhen::Never, None), "");
        assert_eq!(at("2026-03-01T10:00:00Z", MailWhen::Soon, None), "2026-03-01T10:05:00Z");
        assert_eq!(
            at("2026-03-01T06:59:59Z", MailWhen::Daily, None),
            "2026-03-01T07:00:00Z"
        );
        assert_eq!(
            at("2026-03-01T07:00:00Z", MailWhen::Daily, None),
            "2026-03-02T07:00:00Z"
        );
        let berlin = wishes(None);
        assert_eq!(
            at("2026-03-01T06:00:00Z", MailWhen::Daily, Some(&berlin)),
            "2026-03-01T07:30:00Z"
        );
        // The clocks go forward in the night: half past eight comes an hour earlier.
        assert_eq!(
            at("2026-03-28T20:00:00Z", MailWhen::Daily, Some(&berlin)),
            "2026-03-29T06:30:00Z"
        );
    }

    #[test]
    fn nothing_goes_out_in_quiet_hours() {
        let night = wishes(Some((time(22, 0, 0, 0), time(8, 0, 0, 0))));
        assert_eq!(
            at("2026-03-01T20:54:00Z", MailWhen::Soon, Some(&night)),
            "2026-03-01T20:59:00Z"
        );
        assert_eq!(
            at("2026-03-01T20:55:00Z", MailWhen::Soon, Some(&night)),
            "2026-03-02T07:00:00Z"
        );
        assert_eq!(
            at("2026-03-01T02:00:00Z", MailWhen::Soon, Some(&night)),
            "2026-03-01T07:00:00Z"
        );
        assert_eq!(
            at("2026-03-01T06:54:59Z", MailWhen::Soon, Some(&night)),
            "2026-03-01T07:00:00Z"
        );
        assert_eq!(
            at("2026-03-01T06:55:00Z", MailWhen::Soon, Some(&night)),
            "2026-03-01T07:00:00Z"
        );
        let noon = wishes(Some((time(12, 0, 0, 0), time(13, 0, 0, 0))));
        assert_eq!(
            at("2026-03-01T11:10:00Z", MailWhen::Soon, Some(&noon)),
            "2026-03-01T12:00:00Z"
        );
        let nothing = wishes(Some((time(9, 0, 0, 0), time(9, 0, 0, 0))));
        assert_eq!(
            at("2026-03-01T07:55:00Z", MailWhen::Soon, Some(&nothing)),
            "2026-03-01T08:00:00Z"
        );
    }

    #[test]
    fn quiet_hours_end_when_the_clock_shows_it_again() {
        // On 25 October 2026 the clocks in Berlin go back from three to two: half past two comes at 00:30Z and at 01:30Z.
        let night = wishes(Some((time(22, 0, 0, 0), time(2, 30, 0, 0))));
        let until = |at: &str| quiet_until(Some(&night), at.parse().unwrap()).map(|until| until.to_string());
        assert_eq!(until("2026-10-25T00:15:00Z").as_deref(), Some("2026-10-25T00:30:00Z"));
        assert_eq!(until("2026-10-25T00:45:00Z"), None);
        assert_eq!(until("2026-10-25T01:15:00Z").as_deref(), Some("2026-10-25T01:30:00Z"));
        assert_eq!(until("2026-10-25T01:30:00Z"), None);
        // On 29 March 2026 they go forward from two to three: there is no half past two.
        assert_eq!(until("2026-03-29T00:15:00Z").as_deref(), Some("2026-03-29T01:30:00Z"));
        assert_eq!(quiet_until(None, "2026-10-25T00:15:00Z".parse().unwrap()), None);
    }

    #[test]
    fn a_wish_comes_before_what_is_usual() {
        let mut wishes = wishes(None);
        assert_eq!(
            channels(Some(&wishes), NotificationKind::PayoutSent),
            usual(NotificationKind::PayoutSent)
        );
        wishes.channels.push(Channels {
            kind: "payout_sent".into(),
            socket: false,
            inbox: true,
            mail: MailWhen::Never,
        });
        assert!(!channels(Some(&wishes), NotificationKind::PayoutSent).socket);
        assert!(channels(Some(&wishes), NotificationKind::DealShared).socket);
    }
}
