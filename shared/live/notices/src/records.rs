//! The records of notifications, and of the ways in which people want to be told of them.
//!
//! | record | pk | sk | gsi1pk | gsi1sk |
//! |---|---|---|---|---|
//! | [`NotificationRecord`] | `INBOX#<member>` | `<millisecond>#<event>` | `UNREAD#<member>` | `<millisecond>#<event>` |
//! | [`Preferences`] | `PREFERENCES#<member>` | `NOTIFICATIONS` | | |
//! | [`MailDue`] | `MAIL#<member>` | `DUE` | `MAIL_DUE#<shard>` | `<second>#<member>` |

use inventure_core::{EventId, MemberId};
use jiff::{Timestamp, civil::Time};
use serde::{Deserialize, Serialize};

use inventure_realtime::Notification;
use inventure_table::{Key, Record};

/// A notification that a member was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NotificationRecord {
    /// The member who was told.
    pub member_id: MemberId,
    /// The event that the notification tells of.
    pub event_id: EventId,
    /// The time at which the event happened.
    pub at: Timestamp,
    /// The notification itself.
    #[serde(with = "inventure_table::json")]
    pub notification: Notification,
    /// The time at which the notification was read. `None` while it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// The time at which a mail is to tell of it, if it is not read before. It is in seconds of the epoch. `None` where no mail is
    /// to, or one has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_at: Option<i64>,
    /// A counter that grows by one with every write.
    pub version: u64,
    /// The time after which the notification is of no interest, in seconds of the epoch. The table may drop it then.
    pub expires_at: i64,
}

impl NotificationRecord {
    /// Returns the partition of a member's notifications.
    #[must_use]
    pub fn inbox(member: MemberId) -> String {
        format!("{}{member}", Self::PARTITION)
    }

    /// Returns the index partition of a member's unread notifications.
    #[must_use]
    pub fn unread(member: MemberId) -> String {
        format!("{}{member}", Self::INDEX)
    }

    /// Returns a notification's sort key, by time.
    #[must_use]
    pub fn sort(at: Timestamp, event: EventId) -> String {
        format!("{:014}#{event}", at.as_millisecond())
    }

    /// Returns the key of a member's notification, by its time and its event.
    #[must_use]
    pub fn key_of(member: MemberId, at: Timestamp, event: EventId) -> Key {
        Key::new(Self::inbox(member), Self::sort(at, event))
    }
}

impl Record for NotificationRecord {
    const ENTITY: &'static str = "notification";
    const PARTITION: &'static str = "INBOX#";
    const INDEX: &'static str = "UNREAD#";

    fn key(&self) -> Key {
        Self::key_of(self.member_id, self.at, self.event_id)
    }

    fn index(&self) -> Option<(String, String)> {
        let sort = Self::sort(self.at, self.event_id);
        self.read_at.is_none().then(|| (Self::unread(self.member_id), sort))
    }
}

/// The time at which a kind of notification is mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailWhen {
    /// The kind is never mailed.
    Never,
    /// A mail goes out soon, if the notification is not read by then.
    Soon,
    /// A mail goes out once a day, with everything else that is not read by then.
    Daily,
}

/// The channels by which a member is told of a kind of event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channels {
    /// The kind (`inventure_realtime::NotificationKind`), as on the wire.
    pub kind: String,
    /// Whether it is sent to their sockets.
    pub socket: bool,
    /// Whether it is put into their inbox.
    pub inbox: bool,
    /// The time at which it is mailed. Only what is in the inbox is mailed.
    pub mail: MailWhen,
}

/// The time of day in which a member is not to be disturbed by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// The time of day at which the quiet hours begin.
    pub from: Time,
    /// The time of day at which they end. It is the next day's where it is earlier than `from`.
    pub to: Time,
}

/// The ways in which a member wants to be told of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// The member whose preferences these are.
    pub member_id: MemberId,
    /// The kinds for which the member's channels differ from the usual.
    pub channels: Vec<Channels>,
    /// The time of day in which no mail goes out. `None` if there is no such time.
    pub quiet: Option<QuietHours>,
    /// The time of day at which the daily mail goes out.
    pub daily_at: Time,
    /// The time zone of those times, by its name in the IANA time zone database.
    pub time_zone: String,
    /// A counter that grows by one with every write.
    pub version: u64,
}

impl Preferences {
    /// Returns the key under which a member's preferences are stored.
    #[must_use]
    pub fn key_of(member: MemberId) -> Key {
        Key::new(format!("{}{member}", Self::PARTITION), "NOTIFICATIONS")
    }
}

impl Record for Preferences {
    const ENTITY: &'static str = "preferences";
    const PARTITION: &'static str = "PREFERENCES#";

    fn key(&self) -> Key {
        Self::key_of(self.member_id)
    }
}

/// The time at which a member is to get a mail, if anything is unread then. It is kept with how soon after the last mail they may
/// get one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailDue {
    /// The member who is to get the mail.
    pub member_id: MemberId,
    /// The issuer and subject of the member, as their token names them.
    pub subject: String,
    /// The earliest time of everything that waits for a mail, in seconds of the epoch. `None` while nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<i64>,
    /// The time before which the member gets no mail, whatever is due, in seconds of the epoch. A mail went out, is going out, or
    /// was not taken, or the member's quiet hours last.
    pub not_before: i64,
    /// The number of tries in a row that were not taken.
    pub attempts: u32,
    /// The secret of the link that ends these mails. It is made with the first mail, and `None` before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<String>,
    /// A counter that grows by one with every write.
    pub version: u64,
}

impl MailDue {
    /// The number of index partitions that due mails are spread over.
    pub const SHARDS: u8 = 4;

    /// Returns an index partition of due mails, the earliest first.
    #[must_use]
    pub fn due(shard: u8) -> String {
        format!("{}{shard}", Self::INDEX)
    }

    /// Returns the key of a member's due mail.
    #[must_use]
    pub fn key_of(member: MemberId) -> Key {
        Key::new(format!("{}{member}", Self::PARTITION), "DUE")
    }

    /// Returns the time at which to look whether there is something to mail, in seconds of the epoch. `None` while nothing waits.
    #[must_use]
    pub fn look_at(&self) -> Option<i64> {
        self.due_at.map(|due_at| due_at.max(self.not_before))
    }
}

impl Record for MailDue {
    const ENTITY: &'static str = "mail_due";
    const PARTITION: &'static str = "MAIL#";
    const INDEX: &'static str = "MAIL_DUE#";

    fn key(&self) -> Key {
        Self::key_of(self.member_id)
    }

    fn index(&self) -> Option<(String, String)> {
        let shard = self.member_id.uuid().as_bytes()[15] % Self::SHARDS;
        let look_at = self.look_at()?;
        Some((Self::due(shard), format!("{look_at:012}#{}", self.member_id)))
    }
}

/// The partitions of these records in the main table.
pub const PARTITIONS: &[&str] = &[
    NotificationRecord::PARTITION,
    Preferences::PARTITION,
    MailDue::PARTITION,
];

/// The partitions of these records in the main table's index.
pub const INDEXES: &[&str] = &[NotificationRecord::INDEX, MailDue::INDEX];
