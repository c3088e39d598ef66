//! Money: integer minor units and an ISO 4217 currency, never floating point.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

/// An ISO 4217 currency that the network settles in.
///
/// The minor unit is the currency's own: 100 to the dollar, 1 to the yen, 1,000 to the Kuwaiti dinar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Currencies and their number of decimal digits (ISO 4217, table A.1).
const CURRENCIES: &[(&str, u32)] = &[
    ("AED", 2),
    ("ARS", 2),
    ("AUD", 2),
    ("BHD", 3),
    ("BRL", 2),
    ("CAD", 2),
    ("CHF", 2),
    ("CLP", 0),
    ("CNY", 2),
    ("COP", 2),
    ("CZK", 2),
    ("DKK", 2),
    ("EGP", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("GHS", 2),
    ("HKD", 2),
    ("HUF", 2),
    ("IDR", 2),
    ("ILS", 2),
    ("INR", 2),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KES", 2),
    ("KRW", 0),
    ("KWD", 3),
    ("MAD", 2),
    ("MXN", 2),
    ("MYR", 2),
    ("NGN", 2),
    ("NOK", 2),
    ("NZD", 2),
    ("OMR", 3),
    ("PEN", 2),
    ("PHP", 2),
    ("PKR", 2),
    ("PLN", 2),
    ("PYG", 0),
    ("QAR", 2),
    ("RON", 2),
    ("SAR", 2),
    ("SEK", 2),
    ("SGD", 2),
    ("THB", 2),
    ("TND", 3),
    ("TRY", 2),
    ("TWD", 2),
    ("UGX", 0),
    ("USD", 2),
    ("UYU", 2),
    ("VND", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("ZAR", 2),
];

/// The codes of all supported currencies.
fn codes() -> impl Iterator<Item = &'static str> {
    CURRENCIES.iter().map(|(code, _)| *code)
}

/// A code that is not one of the supported currencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a supported ISO 4217 currency code")]
pub struct UnsupportedCurrency;

impl Currency {
    /// US dollar, the default of the parsers where a bare `$` is all they have.
    pub const USD: Self = Self(*b"USD");

    /// The three-letter code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// All that the network settles in, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        codes().filter_map(|code| code.parse().ok())
    }

    /// The number of decimal digits that the currency has: 2 for USD, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn digits(&self) -> u32 {
        CURRENCIES
            .iter()
            .find(|(code, _)| *code == self.code())
            .map_or(2, |(_, digits)| *digits)
    }
}

impl FromStr for Currency {
    type Err = UnsupportedCurrency;

    fn from_str(code: &str) -> Result<Self, UnsupportedCurrency> {
        let (code, _) = CURRENCIES
            .iter()
            .find(|(known, _)| *known == code)
            .ok_or(UnsupportedCurrency)?;
        code.as_bytes().try_into().map(Self).map_err(|_| UnsupportedCurrency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl JsonSchema for Currency {
    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": codes().collect::<Vec<_>>() })
    }
}

impl ToSchema for Currency {}

impl utoipa::PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(codes()))
            .into()
    }
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// The amount in the currency's minor unit (cents for USD).
    pub minor_units: i64,
    /// The currency of the amount.
    pub currency: Currency,
}

/// The period that a pay figure is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayPeriod {
    /// Pay per year.
    Year,
    /// Pay per month.
    Month,
    /// Pay per day.
    Day,
    /// Pay per hour.
    Hour,
}

impl PayPeriod {
    /// The number of such periods in a full working year, to compare pay across periods. It is 12 months, 260 days or 2,080
    /// hours.
    #[must_use]
    pub const fn per_year(self) -> i64 {
        match self {
            Self::Year => 1,
            Self::Month => 12,
            Self::Day => 260,
            Self::Hour => 2080,
        }
    }
}

/// A range of pay. Either end may be open, not both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayRange {
    /// The lowest pay, in minor units of `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_minor_units: Option<i64>,
    /// The highest pay, in minor units of `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_minor_units: Option<i64>,
    /// The currency of both ends.
    pub currency: Currency,
    /// The period that the pay is for.
    pub period: PayPeriod,
}

impl PayRange {
    /// The range as pay per full working year, in minor units; ends saturate instead of overflowing.
    #[must_use]
    pub fn yearly(&self) -> (Option<i64>, Option<i64>) {
        let yearly = |units: i64| units.saturating_mul(self.period.per_year());
        (self.min_minor_units.map(yearly), self.max_minor_units.map(yearly))
    }

    /// Whether both ends make sense: not negative, in order, and at least one given.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let ends = [self.min_minor_units, self.max_minor_units];
        ends.iter().any(Option::is_some)
            && ends.iter().flatten().all(|units| *units >= 0)
            && !matches!(ends, [Some(min), Some(max)] if min > max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_know_their_digits() {
        let digits = |code: &str| code.parse::<Currency>().map(|currency| currency.digits());
        assert_eq!(digits("USD"), Ok(2));
        assert_eq!(digits("JPY"), Ok(0));
        assert_eq!(digits("KWD"), Ok(3));
        for (all, due) in [("CLP ISK JPY KRW PYG UGX VND XAF XOF", 0), ("BHD JOD KWD OMR TND", 3)] {
            let found: Vec<String> = Currency::all()
                .filter(|currency| currency.digits() == due)
                .map(|currency| currency.to_string())
                .collect();
            assert_eq!(found.join(" "), all, "as ISO 4217 has them");
        }
        assert!(Currency::all().all(|currency| matches!(currency.digits(), 0 | 2 | 3)));
        assert_eq!(digits("usd"), Err(UnsupportedCurrency));
        assert_eq!(digits("XXX"), Err(UnsupportedCurrency));
    }

    #[test]
    fn pay_is_compared_by_the_year() {
        let range = PayRange {
            min_minor_units: Some(5_000),
            max_minor_units: None,
            currency: Currency::USD,
            period: PayPeriod::Hour,
        };
        assert_eq!(range.yearly(), (Some(10_400_000), None));
        assert!(range.is_sound());
        assert!(
            !PayRange {
                min_minor_units: None,
                ..range
            }
            .is_sound()
        );
        assert!(
            !PayRange {
                max_minor_units: Some(1),
                ..range
            }
            .is_sound()
        );
    }
}
