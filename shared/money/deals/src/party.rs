//! The parties of a deal.

use std::{borrow::Cow, fmt, str::FromStr};

use inventure_core::TenantId;
use inventure_ledger::Share;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

/// The longest name of a party.
const NAME_CHARS_MAX: usize = 32;

/// A text that names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a party's id is 1 to {NAME_CHARS_MAX} of a-z, 0-9 and `-`, and neither `client` nor `network`")]
pub struct InvalidPartyId;

/// A party's name inside one deal: `job`, `candidate`, `referrer-2`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartyId(String);

impl PartyId {
    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PartyId {
    type Err = InvalidPartyId;

    fn from_str(text: &str) -> Result<Self, InvalidPartyId> {
        let plain = text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        let fits = (1..=NAME_CHARS_MAX).contains(&text.len());
        if plain && fits && text != CLIENT && text != NETWORK {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPartyId)
        }
    }
}

const CLIENT: &str = "client";
const NETWORK: &str = "network";

/// A side that pays or is paid. In JSON a text: `client`, `network`, or a party's id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// The employer who pays the fee.
    Client,
    /// The network that runs the deals.
    Network,
    /// A party of the deal.
    Party(PartyId),
}

impl FromStr for Who {
    type Err = InvalidPartyId;

    fn from_str(text: &str) -> Result<Self, InvalidPartyId> {
        match text {
            CLIENT => Ok(Self::Client),
            NETWORK => Ok(Self::Network),
            party => party.parse().map(Self::Party),
        }
    }
}

impl fmt::Display for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => CLIENT,
            Self::Network => NETWORK,
            Self::Party(party) => party.as_str(),
        })
    }
}

/// Both are texts of the same alphabet on the wire.
macro_rules! text {
    ($($name:ident),*) => {
        $(
            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, f)
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
                }
            }

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({ "type": "string", "pattern": "^[a-z0-9-]{1,32}$" })
                }
            }

            impl ToSchema for $name {}

            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                    utoipa::openapi::ObjectBuilder::new()
                        .schema_type(utoipa::openapi::schema::Type::String)
                        .pattern(Some("^[a-z0-9-]{1,32}$"))
                        .into()
                }
            }
        )*
    };
}

text!(PartyId, Who);

/// The work that a party does for the deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyRole {
    /// The party brought the job.
    JobSide,
    /// The party brought the candidate.
    CandidateSide,
    /// The party sent one of the two the other's way.
    Referrer,
    /// The party found the candidate for the candidate's broker.
    Researcher,
    /// The party does something that the title says.
    Other,
}

/// The candidates for which a party has its share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// The candidates that it owns, alone or together with others. The parties that count so share what all of them
    /// have by the terms, in proportion to their shares; a unit that is left over goes to the earlier submittal.
    Owned,
}

/// A party of a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Its name in this deal.
    pub id: PartyId,
    /// The agency that is the party.
    pub tenant: TenantId,
    /// The work that the party does.
    pub role: PartyRole,
    /// The party's work in words, where the role is not enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The candidates for which the party counts; all where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// The party's share, of the amount that the terms' `shares_of` names.
    #[schemars(with = "String")]
    #[schema(value_type = String, example = "47.5%")]
    pub share: Share,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_parties() {
        for name in ["job", "candidate", "referrer-2"] {
            assert_eq!(name.parse::<PartyId>().unwrap().as_str(), name);
            assert_eq!(name.parse::<Who>().unwrap().to_string(), name);
        }
        for wrong in ["", "Job", "a b", "client", "network", "é", &"a".repeat(33)] {
            assert_eq!(wrong.parse::<PartyId>(), Err(InvalidPartyId), "{wrong}");
        }
        assert_eq!(serde_json::to_value(Who::Network).unwrap(), "network");
        assert_eq!(serde_json::from_value::<Who>("client".into()).unwrap(), Who::Client);
    }
}
