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
        /// What came of it.
        #[serde(flatten)]
        result: Ack,
    },
    /// The client's frame had no effect.
    Error {
        /// The frame's id, where it could be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Why.
        code: Code,
        /// What to do about it; written for whoever builds the client.
        detail: String,
        /// When to try again, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// Something was added to a room. May come again and out of order: the offset says where it belongs, and a gap before it is
    /// filled with `resume` or `history`.
    Entry {
        /// The entry.
        #[serde(flatten)]
        entry: Entry,
    },
    /// Somebody received or read further.
    Receipt {
        /// The room.
        room: RoomId,
        /// How far.
        #[serde(flatten)]
        cursor: Cursor,
    },
    /// Somebody is typing.
    Typing {
        /// The room.
        room: RoomId,
        /// Who.
        member: MemberId,
    },
    /// Somebody came, went away from their device, or left.
    Presence {
        /// Who, and what they are now.
        #[serde(flatten)]
        presence: Presence,
    },
    /// Something happened that the person wants to know. The same `id` again is the same thing.
    Notification {
        /// What.
        #[serde(flatten)]
        notification: Notification,
    },
    /// A device of the person was let into an encrypted room: fetch its welcome (`GET /mls/devices/{device}/welcomes`) and join.
    Welcome {
        /// The room.
        room: RoomId,
        /// The device.
        device: Uuid,
        /// The offset of the commit that let it in: it reads what comes after.
        offset: u64,
    },
    /// The room is not the person's any more. Nothing of it comes after this.
    RoomClosed {
        /// The room.
        room: RoomId,
    },
}

/// What came of a client's frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Ack {
    /// Of `resume`.
    Resume {
        /// The rooms, as they were asked for.
        rooms: Vec<RoomState>,
        /// Rooms that cannot be received, and why.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unavailable: Vec<Unavailable>,
    },
    /// Of `send`, `sealed`, `edit` and `delete`: the entry that it became, now or when it came first.
    Entry {
        /// The room.
        room: RoomId,
        /// The room's epoch.
        epoch: Uuid,
        /// The entry's offset.
        offset: u64,
        /// When the server took it.
        #[schemars(with = "String", extend("format" = "date-time"))]
        at: Timestamp,
    },
    /// Of `history`.
    History {
        /// The room.
        room: RoomId,
        /// The room's epoch.
        epoch: Uuid,
        /// The offset of the room's last entry.
        last: u64,
        /// The entries, oldest first, without gaps.
        entries: Vec<Entry>,
        /// Whether there are more in the direction that was asked for.
        more: bool,
    },
    /// Of everything else.
    Done {},
}

/// A room as `resume` found it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RoomState {
    /// The room.
    pub room: RoomId,
    /// Its epoch.
    pub epoch: Uuid,
    /// The offset before the first of `entries`: what comes after it is in them, or, where the frame was full, still to be asked for.
    pub from: u64,
    /// The offset of its last entry; 0 while there is none.
    pub last: u64,
    /// What was missed, oldest first, without gaps, from the offset that the client named.
    pub entries: Vec<Entry>,
    /// Whether there is more than fits: go on with `history` after the last of these, or after `from` where there is none.
    pub more: bool,
    /// Where the client's history and the server's part. What the client has of the room is void then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<HistoryLost>,
    /// How far each member who ever said so has received and read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cursors: Vec<Cursor>,
    /// Who of the room is there now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub present: Vec<Presence>,
}

/// That a client's history does not continue: the room began anew, or the server was set back to an older copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryLost {
    /// The offset to go on from: forget what you have, and read from here.
    pub resume_from: u64,
}

/// A room that a frame named and that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unavailable {
    /// The room.
    pub room: RoomId,
    /// Why.
    pub code: Code,
}

/// Something in a room's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The room.
    pub room: RoomId,
    /// The room's epoch: with another one the offsets are others too.
    pub epoch: Uuid,
    /// Its place, from 1, without gaps.
    pub offset: u64,
    /// When the server took it.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// Who sent it.
    pub sender: MemberId,
    /// The id that its sender made.
    pub message: Uuid,
    /// What it is.
    pub content: Content,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// A message.
    Text {
        /// The text, as it was sent first.
        text: String,
        /// Whom it addresses.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<MemberId>,
        /// The offset of the message that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<u64>,
        /// The files that come with it: `GET /rooms/{room}/attachments/{id}`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attached>,
    },
    /// A message has another text now.
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
    /// There was a message, or a change of one; its text is erased.
    Erased {},
    /// A message of an encrypted room: the devices that are in it in this epoch can open it, and nobody else.
    Sealed {
        /// The epoch of the room's keys that it was sealed in: how many commits the room has taken before it.
        epoch: u64,
        /// An MLS message (RFC 9420) of the room's group.
        sealed: Opaque,
        /// Whom the sender lets the server tell of it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<MemberId>,
        /// The sealed files that come with it. What they are called and what opens them is in the message.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<AttachmentId>,
    },
    /// The devices of an encrypted room, or their keys, changed: the room's keys are of the next epoch from here on.
    Commit {
        /// The epoch that the room's keys were in before: how many commits the room has taken before this one.
        epoch: u64,
        /// Whether the room's group begins with it. What devices know of one before it is void.
        founds: bool,
        /// An MLS message (RFC 9420) of the room's group.
        commit: Opaque,
        /// The sender's device.
        device: Uuid,
        /// The signature key of that device, as the server has known it from its beginning.
        key: Opaque,
        /// The devices that it lets in, as its sender says; their welcome waits for them. The commit itself says who truly comes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<AddedDevice>,
        /// The devices that it removes, as its sender says.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<RoomDevice>,
    },
}

/// A file that comes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// Its id.
    pub id: AttachmentId,
    /// What it is called.
    pub file_name: String,
    /// Its media type, as its sender named it.
    pub media_type: String,
    /// Its size, in bytes.
    pub bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
}

/// Somebody's device in an encrypted room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoomDevice {
    /// Whose.
    pub member: MemberId,
    /// The device, by the id that it made for itself.
    pub device: Uuid,
}

/// A device that comes into an encrypted room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddedDevice {
    /// Whose.
    pub member: MemberId,
    /// The device, by the id that it made for itself.
    pub device: Uuid,
    /// Its signature key, as the server has known it from its beginning. With another one in the commit it is not that device.
    pub key: Opaque,
}

/// What people are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// Candidates were found for a job, or jobs for a candidate.
    MatchesFound,
    /// Terms lie open for signature.
    DealShared,
    /// All have signed.
    DealAccepted,
    /// The other side submitted a candidate.
    CandidateClaimed,
    /// The employer says that it knew a candidate before.
    CandidateFlagged,
    /// Another side reported something, and waits for an answer.
    AnswerAsked,
    /// Somebody contested a report of the person's side.
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
    /// Somebody addressed the person in a room, or wrote to them while they were away.
    Addressed,
}

impl NotificationKind {
    /// Every kind.
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

    /// Its name on the wire.
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

/// What a notification is about, by ids: whoever wants more asks for the record, under its own rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct About {
    /// The job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// The candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate_id: Option<CandidateId>,
    /// The deal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<DealId>,
    /// The room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
    /// The entry in the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The fact of the deal: the one that reported something, or that opened the dispute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact_id: Option<EventId>,
    /// The kind of fact, as `placed`: what was reported, or the move in a dispute. Of many at once, the kind of what they ended or changed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact_kind: Option<String>,
    /// How a report ended: `effective`, `withdrawn`, `lapsed`, `rejected` or `expired`; `several` where many did at once.
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

/// That something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Notification {
    /// Its id, the same for everybody who is told of it.
    pub id: EventId,
    /// What happened.
    pub kind: NotificationKind,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What it is about.
    pub about: About,
}

/// How far somebody is in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cursor {
    /// Who.
    pub member: MemberId,
    /// Everything up to here has reached one of their devices.
    pub delivered: u64,
    /// Everything up to here they have read.
    pub read: u64,
}

/// Whether somebody is there, over all their devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// No device is connected.
    Offline,
    /// A device is connected, and nobody sits at it.
    Away,
    /// At a device.
    Online,
}

/// Who is what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Presence {
    /// Who.
    pub member: MemberId,
    /// What.
    pub state: PresenceState,
    /// Grows with each change of somebody's presence: frames may overtake each other, and of two the higher counts.
    pub version: u64,
}

impl ServerFrame {
    /// A refusal as a frame.
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
