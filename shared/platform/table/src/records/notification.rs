use inventure_core::{EventId, MemberId};
use jiff::{Timestamp, civil::Time};
use serde::{Deserialize, Serialize};

use super::Record;
use crate::table::Key;

/// Something that somebody was told of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NotificationRecord {
    /// Who.
    pub member_id: MemberId,
    /// The event that it tells of.
    pub event_id: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// What (`inventure_realtime::Notification`), JSON.
    pub notification: String,
    /// When it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// Epoch second at which a mail is to tell of it, if it is not read before. None where no mail is to, or one has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_at: Option<i64>,
    /// Grows by one with every write.
    pub version: u64,
    /// Epoch second after which it is of no interest, and the table may drop it.
    pub expires_at: i64,
}

impl NotificationRecord {
    /// The partition of what somebody was told.
    #[must_use]
    pub fn inbox(member: MemberId) -> String {
        format!("INBOX#{member}")
    }

    /// The index partition of what somebody has not read.
    #[must_use]
    pub fn unread(member: MemberId) -> String {
        format!("UNREAD#{member}")
    }

    /// Its sort key, by time.
    #[must_use]
    pub fn sort(at: Timestamp, event: EventId) -> String {
        format!("{:014}#{event}", at.as_millisecond())
    }

    /// The key of what somebody was told, by its moment and its event.
    #[must_use]
    pub fn key_of(member: MemberId, at: Timestamp, event: EventId) -> Key {
        Key::new(Self::inbox(member), Self::sort(at, event))
    }
}

impl Record for NotificationRecord {
    const ENTITY: &'static str = "notification";

    fn key(&self) -> Key {
        Self::key_of(self.member_id, self.at, self.event_id)
    }

    fn index(&self) -> Option<(String, String)> {
        let sort = Self::sort(self.at, self.event_id);
        self.read_at.is_none().then(|| (Self::unread(self.member_id), sort))
    }
}

/// When a kind of notification is mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailWhen {
    /// Never.
    Never,
    /// Soon, if it is not read by then.
    Soon,
    /// Once a day, with everything else that is not read by then.
    Daily,
}

/// How somebody is told of a kind of thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channels {
    /// The kind (`inventure_realtime::NotificationKind`), as on the wire.
    pub kind: String,
    /// On their sockets.
    pub socket: bool,
    /// In their inbox.
    pub inbox: bool,
    /// By mail; only what is in the inbox.
    pub mail: MailWhen,
}

/// When somebody is not to be disturbed by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// From this time of day…
    pub from: Time,
    /// …to this; the next day's where it is earlier.
    pub to: Time,
}

/// How somebody wants to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Who.
    pub member_id: MemberId,
    /// What differs from the usual.
    pub channels: Vec<Channels>,
    /// When no mail goes out.
    pub quiet: Option<QuietHours>,
    /// At which time of day the daily mail goes out.
    pub daily_at: Time,
    /// Where those times are, a name of the IANA time zone database.
    pub time_zone: String,
    /// Grows by one with every write.
    pub version: u64,
}

impl Preferences {
    /// Where somebody's wishes are stored.
    #[must_use]
    pub fn key_of(member: MemberId) -> Key {
        Key::new(format!("PREFERENCES#{member}"), "NOTIFICATIONS")
    }
}

impl Record for Preferences {
    const ENTITY: &'static str = "preferences";

    fn key(&self) -> Key {
        Self::key_of(self.member_id)
    }
}

/// When somebody is to get a mail, if there is anything unread then, and how soon after the last they may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailDue {
    /// Who.
    pub member_id: MemberId,
    /// Issuer and subject, as their token names them.
    pub subject: String,
    /// Epoch second, the earliest of everything that waits for a mail; none while nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<i64>,
    /// Epoch second before which they get none, whatever is due: a mail went out, is going out, or was not taken.
    pub not_before: i64,
    /// How many tries in a row were not taken.
    pub attempts: u32,
    /// The secret of the link that ends these mails; made with the first mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<String>,
    /// Grows by one with every write.
    pub version: u64,
}

impl MailDue {
    /// Partitions of the index that due mails are spread over.
    pub const SHARDS: u8 = 4;

    /// An index partition of due mails, the earliest first.
    #[must_use]
    pub fn due(shard: u8) -> String {
        format!("MAIL_DUE#{shard}")
    }

    /// Where it is stored.
    #[must_use]
    pub fn key_of(member: MemberId) -> Key {
        Key::new(format!("MAIL#{member}"), "DUE")
    }

    /// Epoch second at which to look whether there is something to mail.
    #[must_use]
    pub fn look_at(&self) -> Option<i64> {
        self.due_at.map(|due_at| due_at.max(self.not_before))
    }
}

impl Record for MailDue {
    const ENTITY: &'static str = "mail_due";

    fn key(&self) -> Key {
        Self::key_of(self.member_id)
    }

    fn index(&self) -> Option<(String, String)> {
        let shard = self.member_id.uuid().as_bytes()[15] % Self::SHARDS;
        let look_at = self.look_at()?;
        Some((Self::due(shard), format!("{look_at:012}#{}", self.member_id)))
    }
}
