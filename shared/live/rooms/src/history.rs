use std::time::Duration;

use inventure_core::{MemberId, RoomId};
use inventure_realtime::{Code, Content, Cursor, ENTRIES_MAX, Entry, PUSH_BYTES_MAX, Refusal};
use inventure_table::{
    Change, Commit, Condition, Store, StoreError,
    records::{Room, RoomCursor, RoomEntry, SentMessage},
    table::Query,
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Group, Seat,
    attachments::{self, attached},
    unanswered,
};

/// How often an entry is tried while others write to the same room.
const ATTEMPTS: u32 = 24;

/// How long a message that was sent is known again.
const SENT_KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// The most changes of one message. Its removal erases them all and its files at once, and a transaction has at most a hundred writes.
const EDITS_MAX: usize = 80;

/// Room in a frame that holds entries for what is around them.
const OVERHEAD_BYTES: usize = 8 * 1024;

/// Something to add to a room.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// Who sends it.
    pub sender: MemberId,
    /// The id that they made.
    pub message: Uuid,
    /// What it is.
    pub content: &'a Content,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Appended {
    /// The entry.
    pub entry: Entry,
    /// Whether it had been added before.
    pub repeated: bool,
}

/// A room's history.
#[derive(Clone, Copy)]
pub struct History<'a> {
    store: &'a Store,
    room: &'a Room,
}

impl<'a> History<'a> {
    /// The history of a room.
    #[must_use]
    pub const fn new(store: &'a Store, room: &'a Room) -> Self {
        Self { store, room }
    }

    const fn id(&self) -> RoomId {
        self.room.room_id
    }

    /// The last entry.
    pub async fn last(&self) -> Result<Option<RoomEntry>, StoreError> {
        Self::last_of(self.store, self.id()).await
    }

    /// The last entry of a room that nobody has said yet who may see.
    pub async fn last_of(store: &Store, room: RoomId) -> Result<Option<RoomEntry>, StoreError> {
        let query = Query {
            descending: true,
            limit: 1,
            ..Query::table(Room::partition(room), RoomEntry::PREFIX)
        };
        Ok(store.query(&query).await?.pop())
    }

    /// Adds an entry at the end, once, however often and from however many places it is sent. `last` is the last entry as it was a
    /// moment ago; it is read anew where others were quicker. With the entry, in the same transaction, goes what `also` makes of its
    /// offset.
    pub async fn append(
        &self,
        sent: Sent<'_>,
        mut last: Option<RoomEntry>,
        also: &(dyn Fn(u64) -> Change + Sync),
        now: Timestamp,
    ) -> Result<Appended, Refusal> {
        let content =
            serde_json::to_string(sent.content).map_err(|error| unanswered(StoreError::Corrupt(error.into())))?;
        let fingerprint = hex::encode(Sha256::digest(&content));
        // A removal that is sent again finds its message erased, and must not be refused for that.
        if matches!(sent.content, Content::Edited { .. } | Content::Deleted { .. })
            && let Some(known) = self.known(sent).await?
        {
            return self.repeated(known, &fingerprint, sent);
        }
        for attempt in 0..ATTEMPTS {
            let keys_epoch = match self.takes(sent, last.as_ref()).await {
                Ok(epoch) => epoch,
                // Its answer may have been lost, and the room gone on since.
                Err(refusal) => match self.known(sent).await? {
                    Some(known) => return self.repeated(known, &fingerprint, sent),
                    None => return Err(refusal),
                },
            };
            let (offset, at) = last
                .as_ref()
                .map_or((1, now), |last| (last.offset + 1, now.max(last.at)));
            let entry = RoomEntry {
                room_id: self.id(),
                offset,
                at,
                sender: sent.sender,
                message: sent.message,
                content: content.clone(),
                keys_epoch,
                edits: Vec::new(),
                attachments: attached(sent.content),
                version: 1,
            };
            let known = SentMessage {
                room_id: self.id(),
                sender: sent.sender,
                message: sent.message,
                offset,
                at,
                fingerprint: fingerprint.clone(),
                expires_at: (now + SENT_KEPT).as_second(),
            };
            // Only who has seen the entry before can write the next, so there is no gap; only one of them can, so none is lost.
            let mut change = Change::new().insert(&entry).insert(&known);
            match self.touched(sent, offset, now).await {
                Ok(Some(touched)) => change = change.and(touched),
                Ok(None) => {}
                // A removal that came twice at once finds its message erased by the other.
                Err(refusal) => match self.known(sent).await? {
                    Some(known) => return self.repeated(known, &fingerprint, sent),
                    None => return Err(refusal),
                },
            }
            if let Commit::Done = self.store.commit(change.and(also(offset))).await.map_err(unanswered)? {
                return Ok(Appended {
                    entry: self.entry(entry, sent.content.clone()),
                    repeated: false,
                });
            }
            if let Some(known) = self.known(sent).await? {
                return self.repeated(known, &fingerprint, sent);
            }
            pause(attempt).await;
            last = self.last().await.map_err(unanswered)?;
        }
        Err(Refusal {
            retry_after_ms: Some(1_000),
            ..Refusal::new(
                Code::Unavailable,
                "Many others write to this room at the same moment; try again.",
            )
        })
    }

    /// Whether an entry is taken behind this one, and the epoch that an encrypted room's keys are in after it. Asked for each attempt: who
    /// belongs to the group may have changed while others were quicker.
    async fn takes(&self, sent: Sent<'_>, last: Option<&RoomEntry>) -> Result<Option<u64>, Refusal> {
        let epoch = self.keys_epoch(sent.content, last)?;
        if let Content::Sealed { epoch, sealed, .. } = sent.content {
            let seat = Seat::of(self.store, self.room.clone()).await.map_err(unanswered)?;
            let group = Group::of(self.store, &seat).await.map_err(unanswered)?;
            group.sealable(sent.sender, *epoch, sealed).await?;
        }
        Ok(epoch)
    }

    /// The epoch that an encrypted room's keys are in after an entry of this content. Whoever writes an entry has seen the one before it,
    /// so of two commits in one epoch one is taken, and nothing sealed is put behind a commit that it knows nothing of.
    fn keys_epoch(&self, content: &Content, last: Option<&RoomEntry>) -> Result<Option<u64>, Refusal> {
        let now = last.and_then(|last| last.keys_epoch).unwrap_or(0);
        let refused = |code, detail: &str| Err(Refusal::new(code, detail));
        match content {
            Content::Deleted { .. } | Content::Erased {} => Ok(self.room.encrypted.then_some(now)),
            Content::Text { .. } | Content::Edited { .. } if self.room.encrypted => refused(
                Code::WrongKind,
                "This room is encrypted: seal what you say, and changes of it.",
            ),
            Content::Text { .. } | Content::Edited { .. } => Ok(None),
            Content::Sealed { .. } | Content::Commit { .. } if !self.room.encrypted => {
                refused(Code::WrongKind, "This room is not encrypted.")
            }
            Content::Sealed { epoch, .. } if *epoch == now && now > 0 => Ok(Some(now)),
            // One that begins the group anew counts on, so that nothing of the group before it fits an epoch that comes.
            Content::Commit { epoch, founds, .. } if *epoch == now && (now > 0 || *founds) => Ok(Some(now + 1)),
            Content::Sealed { .. } | Content::Commit { .. } => refused(Code::StaleEpoch, &stale_epoch(now)),
        }
    }

    /// Whether something was added before.
    pub async fn has(&self, sent: Sent<'_>) -> Result<bool, Refusal> {
        Ok(self.known(sent).await?.is_some())
    }

    async fn known(&self, sent: Sent<'_>) -> Result<Option<SentMessage>, Refusal> {
        let key = SentMessage::key_of(self.id(), sent.sender, sent.message);
        self.store.get(&key).await.map_err(unanswered)
    }

    fn repeated(&self, known: SentMessage, fingerprint: &str, sent: Sent<'_>) -> Result<Appended, Refusal> {
        if known.fingerprint != fingerprint {
            let detail = "This message id came before with other content; make a new id for a new message.";
            return Err(Refusal::new(Code::Conflict, detail));
        }
        Ok(Appended {
            entry: Entry {
                room: self.id(),
                epoch: self.room.epoch,
                offset: known.offset,
                at: known.at,
                sender: sent.sender,
                message: sent.message,
                content: sent.content.clone(),
            },
            repeated: true,
        })
    }

    /// What a change or a removal makes of the message that it is about.
    async fn touched(&self, sent: Sent<'_>, offset: u64, now: Timestamp) -> Result<Option<Change>, Refusal> {
        let (target, removes) = match sent.content {
            Content::Edited { target, .. } => (*target, false),
            Content::Deleted { target } => (*target, true),
            Content::Text { .. } | Content::Sealed { .. } | Content::Commit { .. } | Content::Erased {} => {
                return Ok(None);
            }
        };
        let found: Option<RoomEntry> = self
            .store
            .get(&RoomEntry::key_of(self.id(), target))
            .await
            .map_err(unanswered)?;
        let missing = || Refusal::new(Code::NoSuchEntry, "There is no such message, or it is erased.");
        let mut found = found.ok_or_else(missing)?;
        if !matches!(content_of(&found)?, Content::Text { .. } | Content::Sealed { .. }) {
            return Err(missing());
        }
        if found.sender != sent.sender {
            return Err(Refusal::new(
                Code::Forbidden,
                "Who sent a message changes or removes it.",
            ));
        }
        let version = found.version;
        found.version += 1;
        let mut along = Change::new();
        if removes {
            found.content = erased();
            along = attachments::erased(self.store, self.room, &found.attachments, now)
                .await?
                .and(self.erased_edits(&found).await.map_err(unanswered)?);
        } else if found.edits.len() < EDITS_MAX {
            found.edits.push(offset);
        } else {
            let detail = format!("A message is changed at most {EDITS_MAX} times.");
            return Err(Refusal::new(Code::TooLarge, detail));
        }
        Ok(Some(along.put(&found, Condition::Version(version))))
    }

    /// The changes of a removed message without their texts. With the removal itself: who dies right after it would else leave them.
    async fn erased_edits(&self, removed: &RoomEntry) -> Result<Change, StoreError> {
        let keys = removed.edits.iter().map(|offset| RoomEntry::key_of(self.id(), *offset));
        let edits: Vec<RoomEntry> = self.store.get_all(&keys.collect::<Vec<_>>()).await?;
        Ok(edits.into_iter().fold(Change::new(), |change, edit| {
            let after = RoomEntry {
                content: erased(),
                version: edit.version + 1,
                ..edit
            };
            change.update(&after, edit.version)
        }))
    }

    fn entry(&self, entry: RoomEntry, content: Content) -> Entry {
        Entry {
            room: self.id(),
            epoch: self.room.epoch,
            offset: entry.offset,
            at: entry.at,
            sender: entry.sender,
            message: entry.message,
            content,
        }
    }

    /// One entry.
    pub async fn get(&self, offset: u64) -> Result<Option<Entry>, Refusal> {
        let found: Option<RoomEntry> = self
            .store
            .get(&RoomEntry::key_of(self.id(), offset))
            .await
            .map_err(unanswered)?;
        let Some(found) = found else { return Ok(None) };
        let content = content_of(&found)?;
        Ok(Some(self.entry(found, content)))
    }

    /// Entries past an offset, oldest first, as many as are asked for and fit, and whether there are more.
    pub async fn after(&self, offset: u64, limit: usize) -> Result<(Vec<Entry>, bool), Refusal> {
        let query = Query {
            after: (offset > 0).then(|| RoomEntry::sort_of(offset)),
            limit: limit.min(ENTRIES_MAX) + 1,
            ..Query::table(Room::partition(self.id()), RoomEntry::PREFIX)
        };
        self.read(&query).await
    }

    /// Entries below an offset, the nearest, oldest first, and whether there are more before them.
    pub async fn before(&self, offset: u64, limit: usize) -> Result<(Vec<Entry>, bool), Refusal> {
        let query = Query {
            after: Some(RoomEntry::sort_of(offset)),
            descending: true,
            limit: limit.min(ENTRIES_MAX) + 1,
            ..Query::table(Room::partition(self.id()), RoomEntry::PREFIX)
        };
        let (mut entries, more) = self.read(&query).await?;
        entries.reverse();
        Ok((entries, more))
    }

    /// What a query finds, up to what fits into a frame and one less than its limit.
    async fn read(&self, query: &Query) -> Result<(Vec<Entry>, bool), Refusal> {
        let found: Vec<RoomEntry> = self.store.query(query).await.map_err(unanswered)?;
        let mut more = found.len() == query.limit;
        let mut entries = Vec::new();
        let mut bytes = OVERHEAD_BYTES;
        for entry in found.into_iter().take(query.limit - 1) {
            // Twice: what JSON escapes is longer in the frame.
            bytes += 2 * entry.content.len() + 300;
            if bytes > PUSH_BYTES_MAX && !entries.is_empty() {
                more = true;
                break;
            }
            let content = content_of(&entry)?;
            entries.push(self.entry(entry, content));
        }
        Ok((entries, more))
    }

    /// Notes how far somebody has received and read, and says how far that is; nothing where it is no further than before.
    pub async fn advance(&self, member: MemberId, delivered: u64, read: u64) -> Result<Option<Cursor>, Refusal> {
        let last = self.last().await.map_err(unanswered)?.map_or(0, |last| last.offset);
        for attempt in 0..ATTEMPTS {
            let key = RoomCursor::key_of(self.id(), member);
            let known: Option<RoomCursor> = self.store.get(&key).await.map_err(unanswered)?;
            let (was, version) = known
                .as_ref()
                .map_or(((0, 0), 0), |known| ((known.delivered, known.read), known.version));
            let read = read.min(last).max(was.1);
            let delivered = delivered.min(last).max(was.0).max(read);
            if (delivered, read) == was {
                return Ok(None);
            }
            let after = RoomCursor {
                room_id: self.id(),
                member_id: member,
                delivered,
                read,
                version: version + 1,
            };
            let condition = if version == 0 {
                Condition::Absent
            } else {
                Condition::Version(version)
            };
            let change = Change::new().put(&after, condition);
            if let Commit::Done = self.store.commit(change).await.map_err(unanswered)? {
                return Ok(Some(Cursor {
                    member,
                    delivered,
                    read,
                }));
            }
            pause(attempt).await;
        }
        Err(Refusal::new(Code::Unavailable, "Try again."))
    }

    /// How far each member who ever said so is; the first hundred.
    pub async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        let query = Query {
            limit: 100,
            ..Query::table(Room::partition(self.id()), RoomCursor::PREFIX)
        };
        let found: Vec<RoomCursor> = self.store.query(&query).await?;
        let cursor = |found: RoomCursor| Cursor {
            member: found.member_id,
            delivered: found.delivered,
            read: found.read,
        };
        Ok(found.into_iter().map(cursor).collect())
    }
}

fn content_of(entry: &RoomEntry) -> Result<Content, Refusal> {
    serde_json::from_str(&entry.content).map_err(|error| unanswered(StoreError::Corrupt(error.into())))
}

/// What to do about an epoch that the room's keys are not in.
pub(crate) fn stale_epoch(now: u64) -> String {
    format!("The room's keys are in epoch {now}; take what you have missed, and make it again.")
}

/// What is left of an erased text.
fn erased() -> String {
    r#"{"kind":"erased"}"#.to_owned()
}

/// Waits a little, and longer the more often, so that many who write at once do not meet again.
async fn pause(attempt: u32) {
    let most = 5_u64 << attempt.min(6);
    let wait = u64::from(Uuid::new_v4().as_bytes()[0]) * most / 255;
    tokio::time::sleep(Duration::from_millis(wait)).await;
}
