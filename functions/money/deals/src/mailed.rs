//! Limits on mail to a person in the platform's name, across all brokers and employers. A person's wish for no such mail is kept here
//! too.

use inventure_api::{Problem, clock, problem::Kind};
use inventure_core::TenantId;
use inventure_deal_store::records::MailedPerson;
use inventure_deals::fingerprint;
use inventure_table::{Change, Commit, Condition, retry::Attempts};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use uuid::Uuid;

use crate::App;

/// The most mails to a person on a day (UTC), each for another broker: one alone takes no other's place.
const MAILS_MAX: u32 = 2;

/// The time for which a count is kept: longer than its day.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// The number of times that a person's wish is tried while others write their record.
const ATTEMPTS: u32 = 8;

/// Returns the fingerprint of a mailbox at no employer in particular.
pub fn person(key: &fingerprint::Key, mailbox: &str) -> Option<String> {
    let nobody = TenantId::from_uuid(Uuid::nil());
    key.email(nobody, mailbox).ok().map(|print| print.to_string())
}

/// Checks that a person may be written to once more, and returns the change that counts it.
pub fn counted(person: &str, tenant: TenantId, known: Option<MailedPerson>, now: Timestamp) -> Result<Change, Problem> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let before = known.as_ref().filter(|known| known.day == today);
    let mails = before.map_or(0, |known| known.mails);
    if mails >= MAILS_MAX {
        let detail = format!("This person was written to {MAILS_MAX} times today. Have them asked tomorrow.");
        return Err(Problem::new(Kind::WrongState, detail));
    }
    let mut by = before.map_or_else(Vec::new, |known| known.by.clone());
    if by.contains(&tenant) {
        let detail = "You had this person asked today. Have them asked tomorrow.";
        return Err(Problem::new(Kind::WrongState, detail));
    }
    by.push(tenant);
    let version = known.map_or(0, |known| known.version);
    let next = MailedPerson {
        person: person.to_owned(),
        day: today,
        mails: mails + 1,
        by,
        never_since: None,
        version: version + 1,
        expires_at: Some((now + KEPT).as_second()),
    };
    let condition = Condition::at(version);
    Ok(Change::new().put(&next, condition))
}

impl App {
    /// Records that a person is never written to in the platform's name again. Said again, it changes nothing.
    pub async fn never_write(&self, person: &str) -> Result<(), Problem> {
        let now = clock::now();
        let mut attempts = Attempts::new(ATTEMPTS);
        while attempts.begin().await {
            let known: Option<MailedPerson> = self.store.get(&MailedPerson::key_of(person)).await?;
            if known.as_ref().is_some_and(|known| known.never_since.is_some()) {
                return Ok(());
            }
            let version = known.as_ref().map_or(0, |known| known.version);
            let never = MailedPerson {
                person: person.to_owned(),
                day: known.map_or_else(|| now.to_zoned(TimeZone::UTC).date(), |known| known.day),
                mails: 0,
                by: Vec::new(),
                never_since: Some(now),
                version: version + 1,
                expires_at: None,
            };
            let condition = Condition::at(version);
            if let Commit::Done = self.store.commit(Change::new().put(&never, condition)).await? {
                return Ok(());
            }
        }
        Err(Problem::new(Kind::TooManyRequests, "Please try again."))
    }
}
