use inventure_core::{AttachmentId, MemberId, RoomId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use inventure_table::{Key, Record, files::FileContent};

use super::Room;

/// A file of a room. It is given a form for, then taken, then sent with a message, and erased with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// The room that the file belongs to.
    pub room_id: RoomId,
    /// The file's id.
    pub attachment_id: AttachmentId,
    /// The member who brought the file.
    pub member_id: MemberId,
    /// The file's name. `None` in an encrypted room, and once the file is erased.
    pub file_name: Option<String>,
    /// The file's media type, as its form fixed it.
    pub media_type: String,
    /// The file's size and its SHA-256, hexadecimal. `None` until the file is taken.
    pub content: Option<FileContent>,
    /// The offset of the message that the file was sent with. `None` until then.
    pub offset: Option<u64>,
    /// The time at which the form was made.
    pub at: Timestamp,
    /// The time at which the file's message was removed. `None` until then.
    pub erased_at: Option<Timestamp>,
    /// A counter that grows by one with every write.
    pub version: u64,
}

impl Attachment {
    /// The index partition of the attachments that are to be erased, by the time at which they are.
    pub const TO_ERASE: &'static str = "ATTACHMENTS_TO_ERASE";

    /// The time for which a file waits to be sent.
    pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

    /// The time for which a form's file is taken. It is so much shorter than the wait before the file is erased that the one never
    /// meets the other.
    pub const TAKEN: SignedDuration = SignedDuration::from_hours(23);

    /// Returns the key of an attachment.
    #[must_use]
    pub fn key_of(room: RoomId, attachment: AttachmentId) -> Key {
        Key::new(Room::partition(room), format!("ATTACHMENT#{attachment}"))
    }

    /// Returns the name of the object to which the form puts the file.
    #[must_use]
    pub fn posted(&self) -> String {
        format!("incoming/attachments/{}/{}", self.room_id, self.attachment_id)
    }

    /// Returns the name of the object that holds the file once it is taken, out of the form's reach.
    #[must_use]
    pub fn object(&self) -> String {
        format!("attachments/{}/{}", self.room_id, self.attachment_id)
    }

    /// Returns the time at which the file is to be erased. It was not sent in time, or its message was removed. `None` if it is to
    /// be kept.
    #[must_use]
    pub fn to_erase_at(&self) -> Option<Timestamp> {
        match (self.erased_at, self.offset) {
            (Some(erased), _) => Some(erased),
            (None, None) => Some(self.at.saturating_add(Self::KEPT).unwrap_or(Timestamp::MAX)),
            (None, Some(_)) => None,
        }
    }

    /// Returns the index's sort key of what is to be erased by a moment.
    #[must_use]
    pub fn due(at: Timestamp) -> String {
        format!("{:020}", at.as_second())
    }
}

impl Record for Attachment {
    const ENTITY: &'static str = "attachment";
    const PARTITION: &'static str = Room::PARTITION;
    const INDEX: &'static str = Self::TO_ERASE;

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
