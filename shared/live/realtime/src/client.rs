//! The frames that a client sends.

use inventure_core::{AttachmentId, MemberId, RoomId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    ATTACHMENTS_MAX, Attached, Code, FRAME_BYTES_MAX, MENTIONS_MAX, Opaque, PresenceState, ROOMS_MAX, SEALED_BYTES_MAX,
    TEXT_CHARS_MAX, VERSION,
};

/// A frame from a client. The server answers each with an `ack` or an `error` that carries its `id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientFrame {
    /// The version of the protocol.
    pub v: u32,
    /// The client's name for this frame: 1 to 64 characters. Only the answer carries it.
    pub id: String,
    /// The action that the client asks for.
    #[serde(flatten)]
    pub action: Action,
}

/// The place up to which a client knows a room's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The room of the position.
    pub room: RoomId,
    /// The epoch of the room that the client knows. Absent if the client knows nothing of the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Uuid>,
    /// The offset of the last entry it has; 0 if none.
    #[serde(default)]
    pub offset: u64,
}

/// An action that a client asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Subscribes the connection to rooms, and returns the entries that the client missed. The client sends it again whenever
    /// something may be missing.
    Resume {
        /// The rooms and the client's positions in them, at most 20.
        rooms: Vec<Position>,
    },
    /// Ends the connection's subscription to a room. The membership stays.
    Leave {
        /// The room to receive nothing more of.
        room: RoomId,
    },
    /// Sends a message to a room. Until the answer comes, the client sends it again with the same `message`: it counts once.
    Send {
        /// The room that the message is for.
        room: RoomId,
        /// The message's id, made by the client.
        message: Uuid,
        /// The text, at most 8,000 characters.
        text: String,
        /// The members that the message addresses. Only members of the room are told.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<MemberId>,
        /// The offset of the message that this one answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<u64>,
        /// The files that come with the message, at most 10. They were taken (`POST /rooms/{room}/attachments`) and are given as
        /// they were taken.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attached>,
    },
    /// Sends a message that the server cannot read, in an encrypted room. Until the answer comes, the client sends it again, as with
    /// `send`.
    Sealed {
        /// The encrypted room that the message is for.
        room: RoomId,
        /// The message's id, made by the client.
        message: Uuid,
        /// The epoch that the message is sealed in: the one that the room is in.
        epoch: u64,
        /// The MLS message, at most 17 KiB.
        sealed: Opaque,
        /// The members to tell of the message. The server sees them, so they are named only if that is wanted.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<MemberId>,
        /// The sealed files that come with the message, at most 10, which were taken.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<AttachmentId>,
    },
    /// Changes the text of an own message. All members see that it was changed. In an encrypted room a change is a message.
    Edit {
        /// The room of the message.
        room: RoomId,
        /// The id of the change, made by the client.
        message: Uuid,
        /// The offset of the message to change.
        target: u64,
        /// The new text.
        text: String,
    },
    /// Removes an own message. Its text is erased on the server; all members see that there was one.
    Delete {
        /// The room of the message.
        room: RoomId,
        /// The id of the removal, made by the client.
        message: Uuid,
        /// The offset of the message to remove.
        target: u64,
    },
    /// Reports how far the person's devices have received and how far the person has read. Neither ever goes back.
    Receipt {
        /// The room that was received and read.
        room: RoomId,
        /// The offset up to which everything was received.
        #[serde(default)]
        delivered: u64,
        /// The offset up to which everything was read.
        #[serde(default)]
        read: u64,
    },
    /// Reports that the person is typing. It is not stored, and good for some seconds.
    Typing {
        /// The room that the person is typing in.
        room: RoomId,
    },
    /// Reads a part of a room's past, always oldest first. With `before`, it is what is before that offset; otherwise what is after
    /// `after`.
    History {
        /// The room to read.
        room: RoomId,
        /// The offset after which the entries begin.
        #[serde(default)]
        after: u64,
        /// The offset below which the entries end. The answer holds the nearest ones below it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
        /// The largest number of entries in the answer, 1 to 100; 50 without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
    },
    /// Reports whether the person is at this device.
    Presence {
        /// The person's presence at this device: `online` or `away`.
        state: PresenceState,
    },
    /// Reports that the client is there, every four minutes.
    Ping {},
}

/// The refusal of a frame that was not read. Carries the frame's id if that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The frame's id. `None` where it could not be read.
    pub id: Option<String>,
    /// The reason why the frame was not read.
    pub refusal: Refusal,
}

/// A refusal of a frame: a code, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code of the reason.
    pub code: Code,
    /// Advice on what to do, written for the client's developer.
    pub detail: String,
    /// The time after which to try again, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl Refusal {
    /// Makes a refusal of this code, without a time after which to try again.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            retry_after_ms: None,
        }
    }

    /// Makes the refusal of a room that is not there for the person.
    #[must_use]
    pub fn no_such_room() -> Self {
        Self::new(
            Code::NoSuchRoom,
            "There is no such room, or it is not yours to know of.",
        )
    }
}

impl Action {
    /// Every action's name, as on the wire.
    pub const NAMES: [&'static str; 11] = [
        "resume", "leave", "send", "sealed", "edit", "delete", "receipt", "typing", "history", "presence", "ping",
    ];

    /// The action's name, as on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Resume { .. } => "resume",
            Self::Leave { .. } => "leave",
            Self::Send { .. } => "send",
            Self::Sealed { .. } => "sealed",
            Self::Edit { .. } => "edit",
            Self::Delete { .. } => "delete",
            Self::Receipt { .. } => "receipt",
            Self::Typing { .. } => "typing",
            Self::History { .. } => "history",
            Self::Presence { .. } => "presence",
            Self::Ping {} => "ping",
        }
    }

    /// Returns the one room that the action is about. `None` for an action on several rooms or on none.
    #[must_use]
    pub const fn room(&self) -> Option<RoomId> {
        match self {
            Self::Leave { room }
            | Self::Send { room, .. }
            | Self::Sealed { room, .. }
            | Self::Edit { room, .. }
            | Self::Delete { room, .. }
            | Self::Receipt { room, .. }
            | Self::Typing { room }
            | Self::History { room, .. } => Some(*room),
            Self::Resume { .. } | Self::Presence { .. } | Self::Ping {} => None,
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        let text = match self {
            Self::Send { text, attachments, .. } => Some((text, !attachments.is_empty())),
            Self::Edit { text, .. } => Some((text, false)),
            _ => None,
        };
        if let Some((text, may_be_blank)) = text {
            if text.chars().count() > TEXT_CHARS_MAX {
                let detail = format!("`text` has more than {TEXT_CHARS_MAX} characters");
                return Err(Refusal::new(Code::TooLarge, detail));
            }
            let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
            if (text.trim().is_empty() && !may_be_blank) || text.contains(strange) {
                return Err(Refusal::new(
                    Code::Malformed,
                    "`text` is blank or has control characters in it",
                ));
            }
        }
        match self {
            Self::Resume { rooms } if rooms.len() > ROOMS_MAX => Err(Refusal::new(
                Code::TooLarge,
                format!("`rooms` has more than {ROOMS_MAX}; send several frames"),
            )),
            Self::Sealed { sealed, .. } if sealed.0.len() > SEALED_BYTES_MAX => Err(Refusal::new(
                Code::TooLarge,
                format!("`sealed` has more than {SEALED_BYTES_MAX} bytes"),
            )),
            Self::Send { mentions, .. } | Self::Sealed { mentions, .. } if mentions.len() > MENTIONS_MAX => Err(
                Refusal::new(Code::TooLarge, format!("`mentions` has more than {MENTIONS_MAX}")),
            ),
            Self::Send { attachments, .. } if attachments.len() > ATTACHMENTS_MAX => Err(too_many_attachments()),
            Self::Sealed { attachments, .. } if attachments.len() > ATTACHMENTS_MAX => Err(too_many_attachments()),
            Self::Presence {
                state: PresenceState::Offline,
            } => Err(Refusal::new(Code::Malformed, "Who is offline closes the connection.")),
            _ => Ok(()),
        }
    }
}

fn too_many_attachments() -> Refusal {
    Refusal::new(Code::TooLarge, format!("`attachments` has more than {ATTACHMENTS_MAX}"))
}

impl ClientFrame {
    /// Makes a frame of this version.
    #[must_use]
    pub fn new(id: impl Into<String>, action: Action) -> Self {
        Self {
            v: VERSION,
            id: id.into(),
            action,
        }
    }

    /// Reads a frame. Any text from a stranger gives a frame within its limits or a refusal.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let refused = |id: Option<&str>, code, detail: String| Unreadable {
            id: id.map(str::to_owned),
            refusal: Refusal::new(code, detail),
        };
        if text.len() > FRAME_BYTES_MAX {
            let detail = format!("a frame has at most {FRAME_BYTES_MAX} bytes");
            return Err(refused(None, Code::TooLarge, detail));
        }
        let mut fields: Map<String, Value> = serde_json::from_str(text)
            .map_err(|_| refused(None, Code::Malformed, "a frame is a JSON object".into()))?;
        let id = match fields.remove("id") {
            Some(Value::String(id)) if (1..=64).contains(&id.chars().count()) => id,
            _ => {
                return Err(refused(
                    None,
                    Code::Malformed,
                    "`id` is a text of 1 to 64 characters".into(),
                ));
            }
        };
        let refused = |code, detail| refused(Some(&id), code, detail);
        if fields.remove("v") != Some(Value::from(VERSION)) {
            let detail = format!("`v` is {VERSION}");
            return Err(refused(Code::UnsupportedVersion, detail));
        }
        let known = |name: &str| Action::NAMES.contains(&name);
        if !fields.get("action").and_then(Value::as_str).is_some_and(known) {
            let detail = format!("`action` is one of {}", Action::NAMES.join(", "));
            return Err(refused(Code::UnknownAction, detail));
        }
        let action: Action = serde_json::from_value(Value::Object(fields))
            .map_err(|error| refused(Code::Malformed, error.to_string()))?;
        action.check().map_err(|refusal| Unreadable {
            id: Some(id.clone()),
            refusal,
        })?;
        Ok(Self { v: VERSION, id, action })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> Code {
        ClientFrame::read(text).unwrap_err().refusal.code
    }

    #[test]
    fn a_frame_reads_back_what_it_writes() {
        let room = RoomId::new();
        let frame = ClientFrame::new(
            "7",
            Action::Send {
                room,
                message: Uuid::nil(),
                text: "Hello\nthere".into(),
                mentions: vec![MemberId::new()],
                reply_to: Some(3),
                attachments: Vec::new(),
            },
        );
        let text = serde_json::to_string(&frame).unwrap();
        assert_eq!(ClientFrame::read(&text), Ok(frame));
        let short = format!(r#"{{"v":1,"id":"a","action":"receipt","room":"{room}","read":4}}"#);
        let read = ClientFrame::read(&short).unwrap().action;
        assert_eq!(
            read,
            Action::Receipt {
                room,
                delivered: 0,
                read: 4
            }
        );
    }

    #[test]
    fn what_is_no_frame_is_refused_with_its_code() {
        let room = RoomId::new();
        let send = |text: &str| {
            let message = Uuid::nil();
            serde_json::json!({ "v": 1, "id": "1", "action": "send", "room": room, "message": message, "text": text })
        };
        assert_eq!(code("hello"), Code::Malformed);
        assert_eq!(code("[]"), Code::Malformed);
        assert_eq!(code(r#"{"v":1,"action":"ping"}"#), Code::Malformed, "no id");
        assert_eq!(code(r#"{"v":2,"id":"1","action":"ping"}"#), Code::UnsupportedVersion);
        assert_eq!(code(r#"{"v":1,"id":"1","action":"reboot"}"#), Code::UnknownAction);
        assert_eq!(code(r#"{"v":1,"id":"1","action":"ping","extra":1}"#), Code::Malformed);
        assert_eq!(
            code(r#"{"v":1,"id":"1","action":"typing","room":"dea_1"}"#),
            Code::Malformed
        );
        assert_eq!(
            code(r#"{"v":1,"id":"1","action":"presence","state":"offline"}"#),
            Code::Malformed
        );
        assert_eq!(code(&" ".repeat(FRAME_BYTES_MAX + 1)), Code::TooLarge);
        assert_eq!(code(&send(&"é".repeat(TEXT_CHARS_MAX + 1)).to_string()), Code::TooLarge);
        assert_eq!(code(&send(" \n ").to_string()), Code::Malformed);
        assert_eq!(code(&send("a\0b").to_string()), Code::Malformed);
        let mut forged = send("hello");
        forged["sender"] = MemberId::new().to_string().into();
        assert_eq!(
            code(&forged.to_string()),
            Code::Malformed,
            "who sends is not the frame's to say"
        );
        let rooms = vec![
            Position {
                room,
                epoch: None,
                offset: 0
            };
            ROOMS_MAX + 1
        ];
        let many = ClientFrame::new("1", Action::Resume { rooms });
        assert_eq!(code(&serde_json::to_string(&many).unwrap()), Code::TooLarge);
    }

    #[test]
    fn the_names_are_those_of_the_actions() {
        let schema = schemars::schema_for!(Action).to_value();
        let names: Vec<&str> = schema["oneOf"]
            .as_array()
            .unwrap()
            .iter()
            .map(|variant| variant["properties"]["action"]["const"].as_str().unwrap())
            .collect();
        assert_eq!(names, Action::NAMES);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_fall_over(text in "\\PC*") {
            let _ = ClientFrame::read(&text);
        }
    }
}
