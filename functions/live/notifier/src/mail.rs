//! Mails: one for all that a member has not looked at, when its time has come.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use inventure_api::{batch::Failure, metrics};
use inventure_core::MemberId;
use inventure_notices::records::{MailDue, MailWhen, NotificationRecord, Preferences};
use inventure_people::records::Member;
use inventure_realtime::{About, Notification, NotificationKind};
use inventure_table::{Change, Commit, Condition, Key, Record, retry::Attempts, table::Query};
use jiff::{SignedDuration, Timestamp, Zoned, civil::Date, tz::TimeZone};
use uuid::Uuid;

use crate::{Mail, NotSent, Notifier, ROUNDS, letter::Letter, when};

/// The most mails that one run sends from each shard; the next run is a minute away.
const RUN: usize = 20;

/// After this time a run begins no more mails: the function has a minute.
const RUN_FOR: Duration = Duration::from_secs(20);

/// The time for which no other run mails a member after one began to: longer than the run can live.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// The time for which a member gets no other mail after one. It is also the time before another try after one that was given
/// up.
const APART: SignedDuration = SignedDuration::from_hours(1);

/// The number of times that sending a mail is tried. All tries take some nine hours.
const TRIES: u32 = 8;

/// The first wait after a mail that was not taken; it doubles with each further one, up to the longest.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(5);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(4);

/// The most records that one transaction takes.
const AT_ONCE: usize = 100;

impl Notifier {
    /// Sends the mails that are due. One that fails does not hold up the others.
    pub(crate) async fn mail(&self, now: Timestamp) -> Result<(), Failure> {
        let begun = Instant::now();
        let shards = (0..MailDue::SHARDS).map(|shard| self.mail_shard(shard, begun, now));
        join_all(shards).await.into_iter().collect()
    }

    async fn mail_shard(&self, shard: u8, begun: Instant, now: Timestamp) -> Result<(), Failure> {
        let query = Query {
            descending: false,
            limit: RUN,
            ..Query::index(MailDue::due(shard))
        };
        let due: Vec<MailDue> = self.store.query(&query).await?;
        let has_come = |due: &MailDue| due.look_at().is_some_and(|at| at <= now.as_second());
        for due in due.into_iter().filter(has_come) {
            if begun.elapsed() > RUN_FOR {
                break;
            }
            let member_id = due.member_id;
            if let Err(error) = self.mail_to(due, now).await {
                // A later run looks again, at the latest after the lease.
                tracing::error!(%member_id, error = &*error, "mail.failed");
                count_not_sent();
            }
        }
        Ok(())
    }

    /// Sends a member one mail about everything that waits for one, if the time of any of it has come.
    async fn mail_to(&self, due: MailDue, now: Timestamp) -> Result<(), Failure> {
        // Of two runs at once one goes on. If it dies, another does after the lease: it may send twice, and loses nothing.
        let claim = MailDue {
            not_before: (now + LEASE).as_second(),
            // 122 random bits, and no more to win by them than that a mail stays away.
            unsubscribe: due.unsubscribe.or_else(|| Some(Uuid::new_v4().simple().to_string())),
            ..due
        };
        let Commit::Done = self.store.commit(rewritten(claim.clone())).await? else {
            return Ok(());
        };
        let claim = MailDue {
            version: claim.version + 1,
            ..claim
        };
        let (member_key, wishes_key) = (Member::key_of(&claim.subject), Preferences::key_of(claim.member_id));
        let (member, wishes): (Option<Member>, Option<Preferences>) =
            self.store.get_both(&member_key, &wishes_key).await?;
        // Who came back is another member, of the same subject.
        let Some(member) = member.filter(|member| member.member_id == claim.member_id) else {
            let gone = Change::new().delete(claim.key(), Condition::Version(claim.version));
            self.store.commit(gone).await?;
            return Ok(());
        };
        // They may have come to want it otherwise since it was kept.
        if let Some(end) = when::quiet_until(wishes.as_ref(), now) {
            let (due_at, attempts) = (claim.due_at, claim.attempts);
            return self.end_claim(claim, due_at, end, attempts).await;
        }
        let wanted = |kind| member.email.is_some() && when::channels(wishes.as_ref(), kind).mail != MailWhen::Never;
        let (mut waiting, mut unwanted, mut news) = (Vec::new(), Vec::new(), Vec::new());
        for record in self.waiting(claim.member_id).await? {
            let notification = record.notification.clone();
            if wanted(notification.kind) {
                waiting.push(record);
                news.push(notification);
            } else {
                unwanted.push(record);
            }
        }
        self.mark(&unwanted).await?;
        let first = waiting.iter().filter_map(|record| record.mail_at).min();
        let has_come = first.is_some_and(|first| first <= now.as_second());
        let Some(to) = member.email.filter(|_| has_come) else {
            return self.end_claim(claim, first, now, 0).await;
        };
        let (member_id, attempts) = (claim.member_id, claim.attempts + 1);
        let secret = claim.unsubscribe.as_deref().unwrap_or_default();
        let ends = format!("{}/unsubscribe?member={member_id}&secret={secret}", self.pages);
        let sent = self
            .mailer
            .send(&mail(to, &news, &now.to_zoned(when::zone(wishes.as_ref())), ends))
            .await;
        match &sent {
            Ok(()) => tracing::info!(%member_id, "mail.sent"),
            Err(error) => {
                tracing::warn!(%member_id, attempts, error = error as &dyn std::error::Error, "mail.not_sent");
                count_not_sent();
            }
        }
        if matches!(sent, Err(NotSent::NotTaken(_) | NotSent::NoAnswer)) && attempts < TRIES {
            let due_at = claim.due_at;
            return self.end_claim(claim, due_at, now + wait(attempts), attempts).await;
        }
        // Told, or given up: it stays in the inbox.
        self.mark(&waiting).await?;
        self.end_claim(claim, None, now + APART, 0).await
    }

    /// Returns a member's unread notifications that wait for a mail. The inbox is read to its end, so that a flood of others
    /// keeps none out. It is read from the table, as the index lags behind: all that was kept before the claim is in it.
    async fn waiting(&self, member: MemberId) -> Result<Vec<NotificationRecord>, Failure> {
        let mut pages = self.store.pages(Query::table(NotificationRecord::inbox(member), ""));
        let mut waiting = Vec::new();
        while let Some(page) = pages.next::<NotificationRecord>().await? {
            let waits = |record: &NotificationRecord| record.read_at.is_none() && record.mail_at.is_some();
            waiting.extend(page.into_iter().filter(waits));
        }
        Ok(waiting)
    }

    /// Notes that no mail is to tell of these any more.
    async fn mark(&self, records: &[NotificationRecord]) -> Result<(), Failure> {
        for part in records.chunks(AT_ONCE) {
            self.mark_part(part.to_vec()).await?;
        }
        Ok(())
    }

    async fn mark_part(&self, mut part: Vec<NotificationRecord>) -> Result<(), Failure> {
        let mut rounds = Attempts::new(ROUNDS);
        while rounds.begin().await {
            if !rounds.is_first() {
                // Some were read meanwhile.
                let keys: Vec<Key> = part.iter().map(Record::key).collect();
                part = self.store.get_many(&keys).await?;
                part.retain(|record| record.mail_at.is_some());
            }
            let change = part.iter().fold(Change::new(), |change, record| {
                let told = NotificationRecord {
                    mail_at: None,
                    version: record.version + 1,
                    ..record.clone()
                };
                change.update(&told, record.version)
            });
            if part.is_empty() || matches!(self.store.commit(change).await?, Commit::Done) {
                return Ok(());
            }
        }
        Err("notifications changed in every round".into())
    }

    /// Ends a claim, with what is left to mail and the moment before which that is not mailed.
    async fn end_claim(
        &self,
        claim: MailDue,
        left: Option<i64>,
        not_before: Timestamp,
        attempts: u32,
    ) -> Result<(), Failure> {
        let mut known = claim.clone();
        let mut rounds = Attempts::new(ROUNDS);
        while rounds.begin().await {
            if !rounds.is_first() {
                known = self.store.get(&claim.key()).await?.ok_or("a claim that is not there")?;
            }
            // Somebody added something. Nobody knows whether this run has read it, so the next one looks.
            let due_at = if known.version == claim.version {
                left
            } else {
                known.due_at
            };
            let settled = MailDue {
                due_at,
                not_before: not_before.as_second(),
                attempts,
                ..known.clone()
            };
            if let Commit::Done = self.store.commit(rewritten(settled)).await? {
                return Ok(());
            }
        }
        Err("the time of a mail changed in every round".into())
    }
}

/// Writes the record, one version on, if it is still as it was read.
pub(crate) fn rewritten(due: MailDue) -> Change {
    let condition = Condition::at(due.version);
    let version = due.version + 1;
    Change::new().put(&MailDue { version, ..due }, condition)
}

/// Returns the time to wait after so many tries.
fn wait(attempts: u32) -> SignedDuration {
    (FIRST_WAIT * (1 << (attempts - 1))).min(LONGEST_WAIT)
}

fn count_not_sent() {
    metrics::emit(&[], &[("MailsNotSent", metrics::Unit::Count, 1.0)]);
}

const fn words(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::MatchesFound => "new matches",
        NotificationKind::DealShared => "terms to sign",
        NotificationKind::DealAccepted => "a deal that all have signed",
        NotificationKind::CandidateClaimed => "a candidate submitted",
        NotificationKind::CandidateFlagged => "a candidate whom the employer says it knew",
        NotificationKind::AnswerAsked => "a report that waits for your answer",
        NotificationKind::ReportContested => "a report of yours that was contested",
        NotificationKind::ReportEnded => "a report that took effect, or ended without",
        NotificationKind::DisputeMoved => "a dispute that moved on",
        NotificationKind::InvoiceIssued => "a bill that was sent",
        NotificationKind::CandidateConfirmed => "a candidate who says that you speak for them",
        NotificationKind::CandidateLost => "a candidate who said no, or whose consent ended",
        NotificationKind::BillOverdue => "a bill that is overdue",
        NotificationKind::PayoutSent => "money sent to you",
        NotificationKind::Addressed => "somebody wrote to you",
    }
}

/// Notifications that make one line of a mail: how many, and what they wait for first.
#[derive(Default)]
struct Line {
    count: usize,
    act_by: Option<Timestamp>,
    ruled_at: Option<Timestamp>,
    evidence_until: Option<Date>,
    object_until: Option<Date>,
}

impl Line {
    /// Counts a notification, and keeps the first of the days and moments that are still to come.
    fn add(&mut self, about: &About, now: &Zoned) {
        fn first<T: Ord>(known: Option<T>, next: Option<T>, now: &T) -> Option<T> {
            let next = next.filter(|next| next >= now);
            [known, next].into_iter().flatten().min()
        }
        let (at, today) = (now.timestamp(), now.date());
        self.count += 1;
        for moment in [about.accepted_from, about.expires_at] {
            self.act_by = first(self.act_by, moment, &at);
        }
        self.ruled_at = first(self.ruled_at, about.default_ruling_at, &at);
        self.evidence_until = first(self.evidence_until, about.evidence_until, &today);
        self.object_until = first(self.object_until, about.objection_until, &today);
    }

    fn words(&self, kind: NotificationKind, fact_kind: Option<&str>, zone: &TimeZone) -> String {
        let moment = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%-d %B %Y, %H:%M %Z").to_string();
        let day = |day: Date| day.strftime("%-d %B %Y").to_string();
        let mut words = format!("{} × {}", self.count, words(kind));
        if let Some(fact) = fact_kind {
            words.extend([": ", &fact.replace('_', " ")]);
        }
        let dues = [
            (", act before ", self.act_by.map(moment)),
            (", evidence until ", self.evidence_until.map(day)),
            (", the default ruling comes on ", self.ruled_at.map(moment)),
            (", the client may object until ", self.object_until.map(day)),
        ];
        for (what, due) in dues {
            words.extend(due.iter().flat_map(|due| [what, due]));
        }
        words
    }
}

/// Writes one mail for all of these. It says how many of what, and by when, and nothing of whom: a mail is a postcard.
fn mail(to: String, news: &[Notification], now: &Zoned, ends: String) -> Mail {
    let mut grouped: BTreeMap<(NotificationKind, Option<&str>), Line> = BTreeMap::new();
    for Notification { kind, about, .. } in news {
        let line = grouped.entry((*kind, about.fact_kind.as_deref())).or_default();
        line.add(about, now);
    }
    let lines: Vec<String> = grouped
        .iter()
        .map(|((kind, fact_kind), line)| line.words(*kind, *fact_kind, now.time_zone()))
        .collect();
    let subject = match news.len() {
        1 => "Inventure: something new for you".to_owned(),
        many => format!("Inventure: {many} new things for you"),
    };
    let letter = Letter::default()
        .says("Since you last looked:")
        .lists(&lines)
        .says("Sign in to see them. How you are told, and when, you set under Notifications.")
        .links("No more mails like this one", &ends);
    Mail {
        unsubscribe: Some(ends),
        ..letter.mail(to, &subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_first_day_that_is_still_to_come() {
        let now: Zoned = "2026-12-01T12:00:00[UTC]".parse().unwrap();
        let moved = |evidence_until: &str, ruled_at: Option<&str>| About {
            evidence_until: Some(evidence_until.parse().unwrap()),
            default_ruling_at: ruled_at.map(|at| at.parse().unwrap()),
            ..About::default()
        };
        let mut line = Line::default();
        // A step that is over, the one that runs, and the last.
        for about in [
            moved("2026-11-30", None),
            moved("2026-12-01", None),
            moved("2026-12-20", Some("2027-01-03T00:00:00Z")),
        ] {
            line.add(&about, &now);
        }
        let words = line.words(NotificationKind::DisputeMoved, Some("evidence_given"), now.time_zone());
        assert_eq!(
            words,
            "3 × a dispute that moved on: evidence given, evidence until 1 December 2026, \
             the default ruling comes on 3 January 2027, 00:00 UTC"
        );
    }
}
