//! The frames that the server sends.

use inventure_core::{AttachmentId, CandidateId, DealId, EventId, JobId, MemberId, Money, RoomId};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Code, Opaque, Refusal};

/// A frame from the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The client's frame of this id took effect.
    Ack {
        /// The frame's id.
        id: String,
        /// The outcome of the frame.
        #[serde(flatten)]
        result: Ack,
    },
    /// The client's frame had no effect.
    Error {
        /// The frame's id, where it could be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// The code of the reason.
        code: Code,
        /// Advice on what to do, written for the client's developer.
        detail: String,
        /// The time after which to try again, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// An entry was added to a room. It may come again and out of order: the offset says where it belongs, and a gap before it is
    /// filled with `resume` or `history`.
    Entry {
        /// The entry that was added.
        #[serde(flatten)]
        entry: Entry,
    },
    /// A member received or read further in a room.
    Receipt {
        /// The room that the member received or read.
        room: RoomId,
        /// The offsets up to which the member has received and read.
        #[serde(flatten)]
        cursor: Cursor,
    },
    /// A member is typing in a room.
    Typing {
        /// The room that the member is typing in.
        room: RoomId,
        /// The member who is typing.
        member: MemberId,
    },
    /// A member's presence changed: they came, went away from their device, or left.
    Presence {
        /// The member, and their presence now.
        #[serde(flatten)]
        presence: Presence,
    },
    /// Something happened that the person wants to know. The same `id` again is the same notification.
    Notification {
        /// The notification itself.
        #[serde(flatten)]
        notification: Notification,
    },
    /// A device of the person was let into an encrypted room: fetch its welcome (`GET /mls/devices/{device}/welcomes`) and join.
    Welcome {
        /// The encrypted room that the device was let into.
        room: RoomId,
        /// The device that was let in.
        device: Uuid,
        /// The offset of the commit that let the device in. The device reads what comes after it.
        offset: u64,
    },
    /// The person is not in the room any more. Nothing of it comes after this.
    RoomClosed {
        /// The room that was closed to the person.
        room: RoomId,
    },
}

/// The outcome of a client's frame that took effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Ack {
    /// The outcome of `resume`.
    Resume {
        /// The rooms that are received now, as they were asked for.
        rooms: Vec<RoomState>,
        /// The rooms that cannot be received, each with the reason.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unavailable: Vec<Unavailable>,
    },
    /// The outcome of `send`, `sealed`, `edit` and `delete`: the entry that the frame became, now or when it came first.
    Entry {
        /// The room of the entry.
        room: RoomId,
        /// The room's epoch.
        epoch: Uuid,
        /// The entry's offset.
        offset: u64,
        /// The time at which the server took the frame.
        #[schemars(with = "String", extend("format" = "date-time"))]
        at: Timestamp,
    },
    /// The outcome of `history`.
    History {
        /// The room that was read.
        room: RoomId,
        /// The room's epoch.
        epoch: Uuid,
        /// The offset of the room's last entry.
        last: u64,
        /// The entries, oldest first, without gaps.
        entries: Vec<Entry>,
        /// Whether there are more entries in the direction that was asked for.
        more: bool,
    },
    /// The outcome of every other action.
    Done {},
}

/// A room as `resume` found it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RoomState {
    /// The room that was asked for.
    pub room: RoomId,
    /// The room's epoch.
    pub epoch: Uuid,
    /// The offset before the first of `entries`. The entries after it are in `entries` or, where the frame was full, still to be
    /// asked for.
    pub from: u64,
    /// The offset of the room's last entry; 0 while there is none.
    pub last: u64,
    /// The entries that the client missed, oldest first, without gaps, from the offset that it named.
    pub entries: Vec<Entry>,
    /// Whether there are more entries than fit. Go on with `history` after the last of these, or after `from` where there is none.
    pub more: bool,
    /// The point at which the client's history and the server's part. If present, the client's copy of the room is void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<HistoryLost>,
    /// The offsets up to which each member has received and read, of the members who ever reported any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cursors: Vec<Cursor>,
    /// The members of the room who are there now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub present: Vec<Presence>,
}

/// The end of a client's history. It does not continue: the room began anew, or the server was set back to an older copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryLost {
    /// The offset to go on from. Forget what you have, and read from here.
    pub resume_from: u64,
}

/// A room that a frame named and that cannot be received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unavailable {
    /// The room that was named.
    pub room: RoomId,
    /// The reason why it cannot be received.
    pub code: Code,
}

/// An entry in a room's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Entry {
    /// The room of the entry.
    pub room: RoomId,
    /// The room's epoch. In another epoch the offsets are others too.
    pub epoch: Uuid,
    /// The entry's place in the room, from 1, without gaps.
    pub offset: u64,
    /// The time at which the server took the entry.
    #[schemars(with = "String", extend("format" = "date-time"))]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The member who sent the entry.
    pub sender: MemberId,
    /// The id that the entry's sender made.
    pub message: Uuid,
    /// The content of the entry.
    pub content: Content,
}

/// The content of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// A text message.
    Text {
        /// The text, as it was sent first.
        text: String,
        /// The members that the message addresses.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<MemberId>,
        /// The offset of the message that this one answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<u64>,
        /// The files that come with the message: `GET /rooms/{room}/attachments/{id}`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attached>,
    },
    /// A message was changed, and has another text now.
    Edited {
        /// The message's offset.
        target: u64,
        /// The new text.
        text: String,
    },
    /// A message was removed.
    Deleted {
        /// The message's offset.
        target: u64,
    },
    /// A message, or a change of one, was here. Its text is erased.
    Erased {},
    /// A message of an encrypted room. Only the devices that are in the room in this epoch can open it.
    Sealed {
        /// The epoch of the room's keys that the message was sealed in. It is the number of commits that the room has taken before
        /// it.
        epoch: u64,
        /// An MLS message (RFC 9420) of the room's group.
        #[schema(value_type = String, format = Byte)]
        sealed: Opaque,
        /// The members that the sender lets the server tell of the message.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<MemberId>,
        /// The sealed files that come with the message. Their names and the keys that open them are in the message.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<AttachmentId>,
    },
    /// A commit changed the devices of an encrypted room, or their keys. The room's keys are of the next epoch from here on.
    Commit {
        /// The epoch that the room's keys were in before. It is the number of commits that the room has taken before this one.
        epoch: u64,
        /// Whether the room's group begins with this commit. Anything that devices know of a group before it is void.
        founds: bool,
        /// An MLS message (RFC 9420) of the room's group.
        #[schema(value_type = String, format = Byte)]
        commit: Opaque,
        /// The sender's device.
        device: Uuid,
        /// The signature key of that device, as the server has known it from its beginning.
        #[schema(value_type = String, format = Byte)]
        key: Opaque,
        /// The devices that the commit lets in, as its sender says; their welcome waits for them. The commit itself says which
        /// devices truly come.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<AddedDevice>,
        /// The devices that the commit removes, as its sender says.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<RoomDevice>,
    },
}

/// A file that comes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// The file's id.
    pub id: AttachmentId,
    /// The file's name.
    pub file_name: String,
    /// The file's media type, as its sender named it.
    pub media_type: String,
    /// The file's size, in bytes.
    pub bytes: u64,
    /// The file's SHA-256, hexadecimal.
    pub sha256: String,
}

/// A member's device in an encrypted room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoomDevice {
    /// The member that the device belongs to.
    pub member: MemberId,
    /// The device, by the id that it made for itself.
    pub device: Uuid,
}

/// A device that comes into an encrypted room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddedDevice {
    /// The member that the device belongs to.
    pub member: MemberId,
    /// The device, by the id that it made for itself.
    pub device: Uuid,
    /// The device's signature key, as the server has known it from its beginning. With another one in the commit it is not that
    /// device.
    #[schema(value_type = String, format = Byte)]
    pub key: Opaque,
}

/// A kind of event that people are notified of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// Candidates were found for a job, or jobs for a candidate.
    MatchesFound,
    /// Terms lie open for signature.
    DealShared,
    /// All parties have signed a deal.
    DealAccepted,
    /// The other side submitted a candidate.
    CandidateClaimed,
    /// The employer says that it knew a candidate before.
    CandidateFlagged,
    /// Another side reported something, and waits for an answer.
    AnswerAsked,
    /// Another party contested a report of the person's side.
    ReportContested,
    /// A report took effect, or ended without.
    ReportEnded,
    /// A dispute was opened, argued, taken to its next step, withdrawn or ruled on.
    DisputeMoved,
    /// The client was billed.
    InvoiceIssued,
    /// A candidate said that their broker speaks for them.
    CandidateConfirmed,
    /// A candidate may not be shown or placed any more.
    CandidateLost,
    /// A bill is past its due day.
    BillOverdue,
    /// Money was sent.
    PayoutSent,
    /// Another member addressed the person in a room, or wrote to them while they were away.
    Addressed,
}

impl NotificationKind {
    /// The list of all kinds.
    pub const ALL: [Self; 15] = [
        Self::MatchesFound,
        Self::DealShared,
        Self::DealAccepted,
        Self::CandidateClaimed,
        Self::CandidateFlagged,
        Self::AnswerAsked,
        Self::ReportContested,
        Self::ReportEnded,
        Self::DisputeMoved,
        Self::InvoiceIssued,
        Self::CandidateConfirmed,
        Self::CandidateLost,
        Self::BillOverdue,
        Self::PayoutSent,
        Self::Addressed,
    ];

    /// Returns the kind's name on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MatchesFound => "matches_found",
            Self::DealShared => "deal_shared",
            Self::DealAccepted => "deal_accepted",
            Self::CandidateClaimed => "candidate_claimed",
            Self::CandidateFlagged => "candidate_flagged",
            Self::AnswerAsked => "answer_asked",
            Self::ReportContested => "report_contested",
            Self::ReportEnded => "report_ended",
            Self::DisputeMoved => "dispute_moved",
            Self::InvoiceIssued => "invoice_issued",
            Self::CandidateConfirmed => "candidate_confirmed",
            Self::CandidateLost => "candidate_lost",
            Self::BillOverdue => "bill_overdue",
            Self::PayoutSent => "payout_sent",
            Self::Addressed => "addressed",
        }
    }
}

/// The records that a notification is about, by ids. A client that wants more asks for the record, under its own rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct About {
    /// The job that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// The candidate that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate_id: Option<CandidateId>,
    /// The deal that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<DealId>,
    /// The room that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
    /// The offset of the entry in the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// The amount of money that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The fact of the deal: the one that reported something, or that opened the dispute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact_id: Option<EventId>,
    /// The kind of fact, as `placed`: what was reported, or the move in a dispute. Of many at once, it is the kind of what they
    /// ended or changed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact_kind: Option<String>,
    /// The way in which a report ended: `effective`, `withdrawn`, `lapsed`, `rejected` or `expired`. It is `several` where many did
    /// at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// The invoice's number in the deal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<String>,
    /// The moment from which silence counts as a yes; absent where it never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub accepted_from: Option<Timestamp>,
    /// The moment at which a report ends without effect; absent while that does not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// The last day on which the client may object to a candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    #[schema(value_type = Option<String>, format = Date)]
    pub objection_until: Option<Date>,
    /// The moment from which a dispute ends by default unless a judge has ruled; absent before its last step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub default_ruling_at: Option<Timestamp>,
    /// The last day on which a dispute's present step takes evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    #[schema(value_type = Option<String>, format = Date)]
    pub evidence_until: Option<Date>,
}

/// A notice that something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Notification {
    /// The notification's id, the same for everybody who is told of it.
    pub id: EventId,
    /// The kind of event that happened.
    pub kind: NotificationKind,
    /// The time at which it happened.
    #[schemars(with = "String", extend("format" = "date-time"))]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The records that it is about.
    pub about: About,
}

/// The offsets up to which a member has received and read a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cursor {
    /// The member whose offsets these are.
    pub member: MemberId,
    /// The offset up to which every entry has reached one of the member's devices.
    pub delivered: u64,
    /// The offset up to which the member has read every entry.
    pub read: u64,
}

/// The presence of a member, over all their devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// No device is connected.
    Offline,
    /// A device is connected, and the person is not at it.
    Away,
    /// The person is at a device.
    Online,
}

/// The presence of one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Presence {
    /// The member that this is about.
    pub member: MemberId,
    /// The member's presence, over all their devices.
    pub state: PresenceState,
    /// The number of this change, which grows with each change of a member's presence. Frames may overtake each other, and of two
    /// the higher counts.
    pub version: u64,
}

impl ServerFrame {
    /// Makes an error frame of a refusal.
    #[must_use]
    pub fn error(id: Option<String>, refusal: Refusal) -> Self {
        Self::Error {
            id,
            code: refusal.code,
            detail: refusal.detail,
            retry_after_ms: refusal.retry_after_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_reads_back_what_it_writes() {
        let entry = Entry {
            room: RoomId::new(),
            epoch: Uuid::nil(),
            offset: 7,
            at: Timestamp::UNIX_EPOCH,
            sender: MemberId::new(),
            message: Uuid::nil(),
            content: Content::Erased {},
        };
        let id = "1".to_owned();
        for frame in [
            ServerFrame::Entry { entry },
            ServerFrame::Ack {
                id,
                result: Ack::Done {},
            },
            ServerFrame::error(None, Refusal::no_such_room()),
        ] {
            let text = serde_json::to_string(&frame).unwrap();
            assert_eq!(serde_json::from_str::<ServerFrame>(&text).unwrap(), frame, "{text}");
        }
    }
}
