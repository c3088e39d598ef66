//! Amounts inside signed documents.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

/// Minor units of the terms' currency. In JSON a text of digits, since JSON libraries agree on integers to 53 bits only and what is
/// signed must read the same everywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MinorUnits(pub i64);

impl fmt::Debug for MinorUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for MinorUnits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MinorUnits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let units: i64 = text.parse().map_err(de::Error::custom)?;
        // One spelling per amount: no `+5`, no `007`.
        if units.to_string() == text {
            Ok(Self(units))
        } else {
            Err(de::Error::custom(
                "minor units are digits without a plus and without leading zeros",
            ))
        }
    }
}

impl JsonSchema for MinorUnits {
    fn schema_name() -> Cow<'static, str> {
        "MinorUnits".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^(0|-?[1-9][0-9]{0,18})$" })
    }
}

impl ToSchema for MinorUnits {}

impl utoipa::PartialSchema for MinorUnits {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^(0|-?[1-9][0-9]{0,18})$"))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_one_spelling() {
        let read = |text: &str| serde_json::from_value::<MinorUnits>(text.into()).ok();
        assert_eq!(read("9223372036854775807"), Some(MinorUnits(i64::MAX)));
        assert_eq!(read("-5"), Some(MinorUnits(-5)));
        for wrong in ["", "+5", "007", "5.0", "9223372036854775808", "-0"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(serde_json::to_value(MinorUnits(250)).unwrap(), "250");
    }
}
