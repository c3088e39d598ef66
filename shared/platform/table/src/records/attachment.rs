use inventure_core::{AttachmentId, MemberId, RoomId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{FileContent, Record, Room};
use crate::table::Key;

/// A file of a room: given a form for, then taken, then sent with a message, and erased with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// The room.
    pub room_id: RoomId,
    /// Its id.
    pub attachment_id: AttachmentId,
    /// Whose it is.
    pub member_id: MemberId,
    /// What it is called; nothing in an encrypted room, and once it is erased.
    pub file_name: Option<String>,
    /// Its media type, as its form fixed it.
    pub media_type: String,
    /// Its size and its SHA-256, hexadecimal, once it is taken.
    pub content: Option<FileContent>,
    /// The offset of the message that it was sent with.
    pub offset: Option<u64>,
    /// When the form was made.
    pub at: Timestamp,
    /// When its message was removed.
    pub erased_at: Option<Timestamp>,
    /// Grows by one with every write.
    pub version: u64,
}

impl Attachment {
    /// Index partition of the attachments that are to be erased, by when.
    pub const TO_ERASE: &'static str = "ATTACHMENTS_TO_ERASE";

    /// How long one waits to be sent.
    pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

    /// How long its file is taken: long enough before it is erased that the one never meets the other.
    pub const TAKEN: SignedDuration = SignedDuration::from_hours(23);

    /// Where it is stored.
    #[must_use]
    pub fn key_of(room: RoomId, attachment: AttachmentId) -> Key {
        Key::new(Room::partition(room), format!("ATTACHMENT#{attachment}"))
    }

    /// Where the form puts the file.
    #[must_use]
    pub fn posted(&self) -> String {
        format!("incoming/attachments/{}/{}", self.room_id, self.attachment_id)
    }

    /// Where the file lies once it is taken, out of the form's reach.
    #[must_use]
    pub fn object(&self) -> String {
        format!("attachments/{}/{}", self.room_id, self.attachment_id)
    }

    /// When it is to be erased, if it is: nobody sent it in time, or its message was removed.
    #[must_use]
    pub fn to_erase_at(&self) -> Option<Timestamp> {
        match (self.erased_at, self.offset) {
            (Some(erased), _) => Some(erased),
            (None, None) => Some(self.at.saturating_add(Self::KEPT).unwrap_or(Timestamp::MAX)),
            (None, Some(_)) => None,
        }
    }

    /// The index's sort key of what is to be erased by a moment.
    #[must_use]
    pub fn due(at: Timestamp) -> String {
        format!("{:020}", at.as_second())
    }
}

impl Record for Attachment {
    const ENTITY: &'static str = "attachment";

    fn key(&self) -> Key {
        Self::key_of(self.room_id, self.attachment_id)
    }

    fn index(&self) -> Option<(String, String)> {
        let due = Self::due(self.to_erase_at()?);
        Some((
            Self::TO_ERASE.to_owned(),
            format!("{due}#{}#{}", self.room_id, self.attachment_id),
        ))
    }
}
