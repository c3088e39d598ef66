//! Dates as resumes give them: a year, often a month, seldom a day.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An ISO 8601 date of reduced precision: `2019`, `2019-03` or `2019-03-31`. That is also its form on the wire.
///
/// Ordered by year, then month, then day; a missing part sorts first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

/// The error for a text that is not a date of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a date as YYYY, YYYY-MM or YYYY-MM-DD between 1000 and 2999")]
pub struct InvalidDate;

const PATTERN: &str = "^[12][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$";

impl PartialDate {
    /// Creates a date of which only the year is known.
    pub const fn year_only(year: u16) -> Result<Self, InvalidDate> {
        Self::new(year, None, None)
    }

    /// Creates a date of a month in a year. Months count from 1.
    pub const fn year_month(year: u16, month: u8) -> Result<Self, InvalidDate> {
        Self::new(year, Some(month), None)
    }

    /// Creates a date of the parts that are known. A day needs a month.
    pub const fn new(year: u16, month: Option<u8>, day: Option<u8>) -> Result<Self, InvalidDate> {
        let year_sound = year >= 1000 && year <= 2999;
        let month_sound = matches!(month, None | Some(1..=12));
        let day_sound = matches!((month, day), (_, None) | (Some(_), Some(1..=31)));
        if year_sound && month_sound && day_sound {
            Ok(Self { year, month, day })
        } else {
            Err(InvalidDate)
        }
    }

    /// Returns the year, 1000 to 2999.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// Returns the month, 1 to 12. `None` where only the year is known.
    #[must_use]
    pub const fn month(self) -> Option<u8> {
        self.month
    }

    /// Returns the months since the year 0, to count with. A bare year counts as `month_if_absent` of it.
    #[must_use]
    pub fn months(self, month_if_absent: u8) -> i32 {
        i32::from(self.year) * 12 + i32::from(self.month.unwrap_or(month_if_absent)) - 1
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PartialDate {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let mut parts = text.split('-');
        let mut part = |digits: usize| match parts.next() {
            None => Ok(None),
            Some(part) if part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()) => {
                part.parse::<u16>().map(Some).map_err(|_| InvalidDate)
            }
            Some(_) => Err(InvalidDate),
        };
        let (year, month, day) = (part(4)?.ok_or(InvalidDate)?, part(2)?, part(2)?);
        if parts.next().is_some() {
            return Err(InvalidDate);
        }
        Self::new(year, month.map(|month| month as u8), day.map(|day| day as u8))
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl JsonSchema for PartialDate {
    fn schema_name() -> Cow<'static, str> {
        "PartialDate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": PATTERN })
    }
}

impl utoipa::ToSchema for PartialDate {}

impl utoipa::PartialSchema for PartialDate {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(PATTERN))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_reads_back_what_it_writes() {
        for text in ["2019", "2019-03", "2019-03-31"] {
            assert_eq!(
                text.parse::<PartialDate>().map(|date| date.to_string()),
                Ok(text.to_owned())
            );
        }
        for wrong in [
            "",
            "19",
            "2019-3",
            "2019-13",
            "2019-00",
            "2019-03-32",
            "2019-03-31-1",
            "0999",
            "3000",
            "２019",
        ] {
            assert_eq!(wrong.parse::<PartialDate>(), Err(InvalidDate), "{wrong}");
        }
    }
}
