//! Tells people of events. They are told at once on their sockets, in their inbox, and by mail if they do not look.
//! Candidates, who have no account, are asked for their word by mail.
//!
//! An event says what happened and to which records; the people to tell are looked up when they are told. A notification
//! carries ids and no person's data, a mail not even those.

mod asks;
mod letter;
mod mail;
mod news;
pub mod ses;
pub mod when;

pub use letter::{Mail, Mailer, NotSent};

use std::{collections::BTreeMap, sync::Arc};

use inventure_api::batch::Failure;
use inventure_core::MemberId;
use inventure_events::{Envelope, Event, queue};
use inventure_notices::records::{Channels, MailDue, MailWhen, NotificationRecord, Preferences};
use inventure_people::records::Member;
use inventure_realtime::{Notification, ServerFrame};
use inventure_rooms::Delivery;
use inventure_table::{Change, Commit, Key, Record, Store, retry::Attempts};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::news::News;

/// The time for which the inbox keeps a notification.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

/// The number of times that a record is written anew that others write at the same time.
const ROUNDS: u32 = 5;

/// The work that a message of the queue asks for.
#[derive(Debug, Clone)]
pub enum Message {
    /// Tell the people concerned of this event.
    Event(Box<Envelope>),
    /// Send the mails that are due.
    Mail,
}

impl Message {
    /// Reads a message: an event from the bus, or `{"mail":{}}` from the schedule.
    pub fn read(body: &str) -> Result<Self, Failure> {
        let value: Value = serde_json::from_str(body)?;
        if value.get("mail").is_some() {
            return Ok(Self::Mail);
        }
        Ok(Self::Event(Box::new(queue::from_bus(body)?)))
    }
}

/// The consumer of the events that people want to know of.
pub struct Notifier {
    store: Store,
    delivery: Delivery,
    mailer: Arc<dyn Mailer>,
    pages: String,
}

impl Notifier {
    /// A notifier of people whom this table knows, and of candidates. The pages that mails lead to are under this address.
    #[must_use]
    pub fn new(store: Store, delivery: Delivery, mailer: Arc<dyn Mailer>, pages: String) -> Self {
        Self {
            store,
            delivery,
            mailer,
            pages,
        }
    }

    /// Handles a message.
    pub async fn handle(&self, message: &Message, now: Timestamp) -> Result<(), Failure> {
        match message {
            Message::Event(event) => match &event.event {
                Event::CandidateAsked(asked) => self.ask(asked, now).await,
                _ => self.tell(event, now).await,
            },
            Message::Mail => self.mail(now).await,
        }
    }

    /// Tells everybody whom an event concerns. Told again, it is the same notification: the inbox holds it once, and a client knows its id.
    async fn tell(&self, event: &Envelope, now: Timestamp) -> Result<(), Failure> {
        let Some(News { kind, about, people }) = self.news(&event.event).await? else {
            return Ok(());
        };
        let notification = Notification {
            id: event.id,
            kind,
            at: event.occurred_at,
            about,
        };
        let wishes = self.wishes(&people).await?;
        for person in &people {
            let preferences = wishes.get(&person.member_id);
            let mut channels = when::channels(preferences, kind);
            if channels.socket {
                let frame = ServerFrame::Notification {
                    notification: notification.clone(),
                };
                let seen = self.delivery.person(person.member_id, &frame, now).await?;
                // Who sits in front of it needs no mail in five minutes; what they leave unread still comes with the day's.
                if seen && channels.mail == MailWhen::Soon {
                    channels.mail = MailWhen::Daily;
                }
                tracing::info!(member_id = %person.member_id, event_id = %event.id, seen, "person.told");
            }
            if channels.inbox {
                self.keep(person, &notification, preferences, &channels, now).await?;
            }
        }
        Ok(())
    }

    async fn wishes(&self, people: &[Member]) -> Result<BTreeMap<MemberId, Preferences>, Failure> {
        let keys: Vec<Key> = people
            .iter()
            .map(|person| Preferences::key_of(person.member_id))
            .collect();
        let found: Vec<Preferences> = self.store.get_all(&keys).await?;
        Ok(found.into_iter().map(|wishes| (wishes.member_id, wishes)).collect())
    }

    /// Puts a notification into an inbox and, with it, the time of a mail about it.
    async fn keep(
        &self,
        person: &Member,
        notification: &Notification,
        preferences: Option<&Preferences>,
        channels: &Channels,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let record = NotificationRecord {
            member_id: person.member_id,
            event_id: notification.id,
            at: notification.at,
            notification: notification.clone(),
            read_at: None,
            mail_at: when::mail_at(preferences, channels.mail, now).map(Timestamp::as_second),
            version: 1,
            expires_at: (now + KEPT).as_second(),
        };
        let mut attempts = Attempts::new(ROUNDS);
        while attempts.begin().await {
            let due_key = MailDue::key_of(person.member_id);
            let (told, due): (Option<NotificationRecord>, Option<MailDue>) =
                self.store.get_both(&record.key(), &due_key).await?;
            // An earlier delivery wrote both or neither.
            if told.is_some() {
                return Ok(());
            }
            let mut change = Change::new().insert(&record);
            if let Some(mail_at) = record.mail_at {
                let due = due.unwrap_or_else(|| MailDue {
                    member_id: person.member_id,
                    subject: person.subject.clone(),
                    due_at: None,
                    not_before: 0,
                    attempts: 0,
                    unsubscribe: None,
                    version: 0,
                });
                // Also where the time stays as it is: a run that mails just now sees that there is more than it read.
                change = change.and(mail::rewritten(MailDue {
                    due_at: Some(due.due_at.map_or(mail_at, |known| known.min(mail_at))),
                    ..due
                }));
            }
            if let Commit::Done = self.store.commit(change).await? {
                return Ok(());
            }
        }
        Err("the time of a mail changed in every round".into())
    }
}
