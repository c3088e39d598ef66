//! Mails: one for all that somebody has not looked at, when its time has come.

use std::collections::BTreeMap;

use async_trait::async_trait;
use inventure_lambda::batch::Failure;
use inventure_realtime::{Notification, NotificationKind};
use inventure_store::{
    Change, Commit, Condition,
    records::{MailDue, Member, NotificationRecord, Record},
    table::Query,
};
use jiff::Timestamp;

use crate::Notifier;

/// The most mails that one run sends from each shard; the next run is minutes away.
const RUN: usize = 50;

/// The most notifications that one mail tells of.
const TOLD: usize = 100;

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says, plain text.
    pub text: String,
}

/// The port to the mail.
///
/// # Errors
/// Fails when the mail was not taken, or nobody knows whether it was.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends a mail.
    async fn send(&self, mail: &Mail) -> Result<(), Failure>;
}

impl Notifier {
    /// Sends the mails that are due. One that fails does not hold up the others.
    pub(crate) async fn mail(&self, now: Timestamp) -> Result<(), Failure> {
        let mut failed = None;
        for shard in 0..MailDue::SHARDS {
            let query = Query {
                descending: false,
                limit: RUN,
                ..Query::index(MailDue::due(shard))
            };
            let due: Vec<MailDue> = self.store.query(&query).await?;
            for due in due.into_iter().filter(|due| due.due_at <= now.as_second()) {
                if let Err(error) = self.mail_to(&due).await {
                    tracing::error!(member_id = %due.member_id, error = &*error, "mail.failed");
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn mail_to(&self, due: &MailDue) -> Result<(), Failure> {
        let unread = Query {
            limit: TOLD,
            ..Query::index(NotificationRecord::unread(due.member_id))
        };
        let mut unread: Vec<NotificationRecord> = self.store.query(&unread).await?;
        unread.retain(|record| record.to_mail);
        let member: Option<Member> = self.store.get(&Member::key_of(&due.subject)).await?;
        let member = member.filter(|member| member.member_id == due.member_id);
        let address = member.and_then(|member| member.email);
        // Taken off the list first: of two runs at once one sends, and who dies after it leaves the notifications for the next mail.
        let taken = Change::new().delete(due.key(), Condition::Version(due.version));
        if !matches!(self.store.commit(taken).await?, Commit::Done) {
            return Ok(());
        }
        let Some(to) = address.filter(|_| !unread.is_empty()) else {
            return Ok(());
        };
        if let Err(error) = self.mailer.send(&mail(to, &unread)?).await {
            // Put back, unless something newer is there already.
            let back = Change::new().put(due, Condition::Absent);
            self.store.commit(back).await?;
            return Err(error);
        }
        for record in unread {
            let told = NotificationRecord {
                to_mail: false,
                version: record.version + 1,
                ..record
            };
            // Read in the meantime: no mail will tell of it again either way.
            let change = Change::new().put(&told, Condition::Version(told.version - 1));
            self.store.commit(change).await?;
        }
        tracing::info!(member_id = %due.member_id, "mail.sent");
        Ok(())
    }
}

const fn words(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::MatchesFound => "new matches",
        NotificationKind::DealShared => "terms to sign",
        NotificationKind::DealAccepted => "a deal that all have signed",
        NotificationKind::CandidateClaimed => "a candidate submitted",
        NotificationKind::CandidateFlagged => "a candidate whom the employer says it knew",
        NotificationKind::PayoutSent => "money sent to you",
        NotificationKind::Addressed => "somebody wrote to you",
    }
}

/// One mail for all of these. It says how many of what and nothing of whom: a mail is a postcard.
fn mail(to: String, unread: &[NotificationRecord]) -> Result<Mail, Failure> {
    let mut counts: BTreeMap<NotificationKind, usize> = BTreeMap::new();
    for record in unread {
        let notification: Notification = serde_json::from_str(&record.notification)?;
        *counts.entry(notification.kind).or_default() += 1;
    }
    let lines: Vec<String> = counts
        .iter()
        .map(|(kind, count)| format!("{count} × {}", words(*kind)))
        .collect();
    let subject = match unread.len() {
        1 => "Inventure: something new for you".to_owned(),
        many if many >= TOLD => format!("Inventure: {TOLD} or more new things for you"),
        many => format!("Inventure: {many} new things for you"),
    };
    let text = format!(
        "Since you last looked:\n\n{}\n\nSign in to see them. How you are told, and when, you set under Notifications.\n",
        lines.join("\n")
    );
    Ok(Mail { to, subject, text })
}
