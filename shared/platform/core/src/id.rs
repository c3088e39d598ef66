//! Typed ids: a prefix for the kind of thing, an underscore, and a UUID. The UUID is of version 7, as 32 hexadecimal digits.
//!
//! Version 7 begins with the time of making, so ids of one kind sort by age and make good sort keys. They are names, not
//! secrets: nothing is readable because its id is known.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// The reason for which a text is not an id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `{prefix}_` and 32 lower-case hexadecimal digits")]
pub struct InvalidId {
    /// The prefix of the wanted kind, without the underscore.
    pub prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix in front of the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id. Reads the clock and the random source inside the `uuid` crate, which is what makes an id an id.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default that is different every time would surprise")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id that stands for this UUID.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let invalid = InvalidId { prefix: $prefix };
                let digits = text.strip_prefix(concat!($prefix, "_")).ok_or(invalid)?;
                // One spelling per id, or two keys could name the same thing.
                if digits.len() != 32 || !digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
                    return Err(invalid);
                }
                Uuid::try_parse(digits).map(Self).map_err(|_| invalid)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": concat!("^", $prefix, "_[0-9a-f]{32}$") })
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-f]{32}$")))
                    .into()
            }
        }
    };
}

id!(
    /// An agency or an employer: whatever owns records and has members.
    TenantId, "ten"
);
id!(
    /// A person's membership in a tenant.
    MemberId, "mem"
);
id!(
    /// A job that a tenant wants filled.
    JobId, "job"
);
id!(
    /// A person a broker speaks for.
    CandidateId, "can"
);
id!(
    /// One file given for a candidate.
    UploadId, "upl"
);
id!(
    /// One file sent in a room.
    AttachmentId, "att"
);
id!(
    /// One consent that a candidate gave.
    ConsentId, "con"
);
id!(
    /// A deal between brokers.
    DealId, "dea"
);
id!(
    /// A document of a deal.
    DocumentId, "doc"
);
id!(
    /// A place where people talk.
    RoomId, "rom"
);
id!(
    /// One thing that happened.
    EventId, "evt"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_writes() {
        let id = JobId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(
            serde_json::from_str::<JobId>(&serde_json::to_string(&id).unwrap()).unwrap(),
            id
        );
    }

    #[test]
    fn only_one_spelling_is_an_id() {
        let id = JobId::new().to_string();
        for wrong in [
            "",
            "job_",
            "job",
            &id[4..],
            &id.to_uppercase(),
            &format!("{id}0"),
            &id.replace("job_", "can_"),
        ] {
            assert_eq!(wrong.parse::<JobId>(), Err(InvalidId { prefix: "job" }), "{wrong}");
        }
    }
}
