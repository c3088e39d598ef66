use crate::records::{Room, RoomCursor, RoomEntry, SentMessage};
use inventure_core::{MemberId, RoomId};
use inventure_realtime::{Code, Content, Cursor, ENTRIES_MAX, Entry, PUSH_BYTES_MAX, Refusal};
use inventure_table::{Change, Commit, Condition, Store, StoreError, pages::size, retry::Attempts, table::Query};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Group, RoomAccess,
    attachments::{self, attached},
    unanswered,
};

/// The number of times that an entry is tried while others write to the same room.
const ATTEMPTS: u32 = 24;

/// The time for which a message that was sent is known again.
const SENT_KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// The largest number of changes of one message. Its removal erases them all and its files at once, and a transaction has at most a
/// hundred writes.
const EDITS_MAX: usize = 80;

/// The room in a frame of entries for what is around them, in bytes.
const OVERHEAD_BYTES: usize = 8 * 1024;

/// An entry to add to a room.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry<'a> {
    /// The member who sends it.
    pub sender: MemberId,
    /// The id that the sender made.
    pub message: Uuid,
    /// The content of the entry.
    pub content: &'a Content,
}

/// The outcome of adding an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Appended {
    /// The entry that was added, now or before.
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
    /// Makes the history of a room.
    #[must_use]
    pub const fn new(store: &'a Store, room: &'a Room) -> Self {
        Self { store, room }
    }

    const fn id(&self) -> RoomId {
        self.room.room_id
    }

    /// Reads the last entry. `None` while there is none.
    pub async fn last(&self) -> Result<Option<RoomEntry>, StoreError> {
        Self::last_of(self.store, self.id()).await
    }

    /// Reads the last entry of a room, without a look at who may see it. `None` while there is none.
    pub async fn last_of(store: &Store, room: RoomId) -> Result<Option<RoomEntry>, StoreError> {
        let query = Query {
            descending: true,
            limit: 1,
            ..Query::table(Room::partition(room), RoomEntry::PREFIX)
        };
        Ok(store.query(&query).await?.pop())
    }

    /// Adds an entry at the end, once, however often and from however many places it is sent. `last` is the last entry as it was a
    /// moment ago; it is read anew where others were quicker. The change that `also` makes of the entry's offset goes with the
    /// entry, in the same transaction.
    pub async fn append(
        &self,
        sent: NewEntry<'_>,
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
        let mut attempts = Attempts::new(ATTEMPTS);
        while attempts.begin().await {
            if !attempts.is_first() {
                last = self.last().await.map_err(unanswered)?;
            }
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
                content: sent.content.clone(),
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
                    entry: self.entry(entry),
                    repeated: false,
                });
            }
            if let Some(known) = self.known(sent).await? {
                return self.repeated(known, &fingerprint, sent);
            }
        }
        Err(Refusal {
            retry_after_ms: Some(1_000),
            ..Refusal::new(
                Code::Unavailable,
                "Many others write to this room at the same moment; try again.",
            )
        })
    }

    /// Checks that an entry may be taken behind `last`. Returns the epoch that an encrypted room's keys are in after it. The check
    /// is made for each attempt: the members of the group may have changed while others were quicker.
    async fn takes(&self, sent: NewEntry<'_>, last: Option<&RoomEntry>) -> Result<Option<u64>, Refusal> {
        let epoch = self.keys_epoch(sent.content, last)?;
        if let Content::Sealed { epoch, sealed, .. } = sent.content {
            let access = RoomAccess::of(self.store, self.room.clone())
                .await
                .map_err(unanswered)?;
            let group = Group::of(self.store, &access).await.map_err(unanswered)?;
            group.sealable(sent.sender, *epoch, sealed).await?;
        }
        Ok(epoch)
    }

    /// Returns the epoch that an encrypted room's keys are in after an entry of this content. The writer of an entry has seen the
    /// one before it. So of two commits in one epoch one is taken, and nothing sealed is put behind a commit that it knows nothing
    /// of.
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

    /// Whether an entry was added before.
    pub async fn has(&self, sent: NewEntry<'_>) -> Result<bool, Refusal> {
        Ok(self.known(sent).await?.is_some())
    }

    async fn known(&self, sent: NewEntry<'_>) -> Result<Option<SentMessage>, Refusal> {
        let key = SentMessage::key_of(self.id(), sent.sender, sent.message);
        self.store.get(&key).await.map_err(unanswered)
    }

    fn repeated(&self, known: SentMessage, fingerprint: &str, sent: NewEntry<'_>) -> Result<Appended, Refusal> {
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

    /// Makes the change by which an edit or a removal alters the message that it is about. `None` for other entries.
    async fn touched(&self, sent: NewEntry<'_>, offset: u64, now: Timestamp) -> Result<Option<Change>, Refusal> {
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
        if !matches!(found.content, Content::Text { .. } | Content::Sealed { .. }) {
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
            found.content = Content::Erased {};
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

    /// Makes the change that erases the texts of a removed message's edits. It goes with the removal itself: a process that dies
    /// right after it would else leave them.
    async fn erased_edits(&self, removed: &RoomEntry) -> Result<Change, StoreError> {
        let keys = removed.edits.iter().map(|offset| RoomEntry::key_of(self.id(), *offset));
        let edits: Vec<RoomEntry> = self.store.get_all(&keys.collect::<Vec<_>>()).await?;
        Ok(edits.into_iter().fold(Change::new(), |change, edit| {
            let after = RoomEntry {
                content: Content::Erased {},
                version: edit.version + 1,
                ..edit
            };
            change.update(&after, edit.version)
        }))
    }

    fn entry(&self, entry: RoomEntry) -> Entry {
        Entry {
            room: self.id(),
            epoch: self.room.epoch,
            offset: entry.offset,
            at: entry.at,
            sender: entry.sender,
            message: entry.message,
            content: entry.content,
        }
    }

    /// Reads one entry. `None` if there is none at this offset.
    pub async fn get(&self, offset: u64) -> Result<Option<Entry>, Refusal> {
        let found: Option<RoomEntry> = self
            .store
            .get(&RoomEntry::key_of(self.id(), offset))
            .await
            .map_err(unanswered)?;
        let Some(found) = found else { return Ok(None) };
        Ok(Some(self.entry(found)))
    }

    /// Reads entries past an offset, oldest first, as many as are asked for and fit. Returns also whether there are more.
    pub async fn after(&self, offset: u64, limit: usize) -> Result<(Vec<Entry>, bool), Refusal> {
        let query = Query {
            after: (offset > 0).then(|| RoomEntry::sort_of(offset)),
            limit: limit.min(ENTRIES_MAX) + 1,
            ..Query::table(Room::partition(self.id()), RoomEntry::PREFIX)
        };
        self.read(&query).await
    }

    /// Reads the nearest entries below an offset, oldest first. Returns also whether there are more before them.
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

    /// Reads the entries that a query finds, up to what fits into a frame and one less than its limit. Returns also whether there
    /// are more.
    async fn read(&self, query: &Query) -> Result<(Vec<Entry>, bool), Refusal> {
        let found: Vec<RoomEntry> = self.store.query(query).await.map_err(unanswered)?;
        let mut more = found.len() == query.limit;
        let mut entries = Vec::new();
        let mut bytes = OVERHEAD_BYTES;
        for entry in found.into_iter().take(query.limit - 1) {
            // Twice: what JSON escapes is longer in the frame.
            bytes += 2 * size(&entry.content).map_err(unanswered)? + 300;
            if bytes > PUSH_BYTES_MAX && !entries.is_empty() {
                more = true;
                break;
            }
            entries.push(self.entry(entry));
        }
        Ok((entries, more))
    }

    /// Notes how far a member has received and read, and returns it. `None` where it is no further than before.
    pub async fn advance(&self, member: MemberId, delivered: u64, read: u64) -> Result<Option<Cursor>, Refusal> {
        let last = self.last().await.map_err(unanswered)?.map_or(0, |last| last.offset);
        let mut attempts = Attempts::new(ATTEMPTS);
        while attempts.begin().await {
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
            let condition = Condition::at(version);
            let change = Change::new().put(&after, condition);
            if let Commit::Done = self.store.commit(change).await.map_err(unanswered)? {
                return Ok(Some(Cursor {
                    member,
                    delivered,
                    read,
                }));
            }
        }
        Err(Refusal::new(Code::Unavailable, "Try again."))
    }

    /// Reads how far each member who ever reported it has received and read; the first hundred.
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

/// Writes the advice for a frame in an epoch that the room's keys are not in.
pub(crate) fn stale_epoch(now: u64) -> String {
    format!("The room's keys are in epoch {now}; take what you have missed, and make it again.")
}
