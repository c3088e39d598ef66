//! The parameters of a request.
//! Each is taken once; what is left over is unknown and refused, so that a misspelt one does not pass here and fail at Stripe.

use std::{collections::BTreeMap, ops::Range};

use crate::error::ApiError;

/// Stripe's bounds on metadata.
const METADATA_KEYS_MAX: usize = 50;
const METADATA_KEY_CHARS_MAX: usize = 40;
const METADATA_VALUE_CHARS_MAX: usize = 500;
/// The largest amount, in the smallest unit: sums of such stay far from what an integer holds.
const AMOUNT_MAX: i64 = 999_999_999_999;

const LIMIT_DEFAULT: i64 = 10;
const LIMIT_MAX: i64 = 100;

/// Parameters by name, as they were sent: `metadata[deal]`. The last of a name counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params(pub BTreeMap<String, String>);

impl Params {
    /// Takes a parameter. An empty one is none.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }

    /// Takes a parameter that must be there.
    pub fn required(&mut self, name: &str) -> Result<String, ApiError> {
        let missing = || {
            ApiError::parameter(
                Some("parameter_missing"),
                name,
                format!("Missing required param: {name}."),
            )
        };
        self.take(name).ok_or_else(missing)
    }

    /// Takes all parameters of the form `name[…]`, by what is in the brackets.
    pub fn group(&mut self, name: &str) -> BTreeMap<String, String> {
        let inner = |key: &str| Some(key.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?.to_owned());
        let taken: Vec<String> = self.0.keys().filter(|key| inner(key).is_some()).cloned().collect();
        taken
            .into_iter()
            .filter_map(|key| Some((inner(&key)?, self.take(&key)?)))
            .collect()
    }

    /// Takes all of a list, `name[0]`, `name[1]`…; `name[]` is numbered before it comes here.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        self.group(name).into_values().collect()
    }

    /// Takes the metadata.
    pub fn metadata(&mut self) -> Result<BTreeMap<String, String>, ApiError> {
        let metadata = self.group("metadata");
        check_metadata(&metadata)?;
        Ok(metadata)
    }

    /// Takes an amount in the smallest unit of its currency.
    pub fn amount(&mut self) -> Result<Option<i64>, ApiError> {
        let Some(amount) = self.integer("amount", 1)? else {
            return Ok(None);
        };
        check_amount(amount)?;
        Ok(Some(amount))
    }

    /// Takes an amount that must be there.
    pub fn required_amount(&mut self) -> Result<i64, ApiError> {
        let missing = || ApiError::parameter(Some("parameter_missing"), "amount", "Missing required param: amount.");
        self.amount()?.ok_or_else(missing)
    }

    /// Takes the currency.
    pub fn currency(&mut self) -> Result<String, ApiError> {
        let currency = self.required("currency")?;
        check_currency(&currency)?;
        Ok(currency)
    }

    /// Takes the length of a page.
    pub fn limit(&mut self) -> Result<usize, ApiError> {
        let limit = self.integer("limit", 1)?.unwrap_or(LIMIT_DEFAULT);
        if limit > LIMIT_MAX {
            return Err(not_an_integer("limit", "This value must be less than or equal to 100."));
        }
        Ok(usize::try_from(limit).unwrap_or_default())
    }

    /// Takes the time at which the objects asked for were made, in seconds since the epoch. It is `created`, or `created[gt]`, `[gte]`,
    /// `[lt]` and `[lte]`.
    pub fn created(&mut self) -> Result<Range<i64>, ApiError> {
        let exactly = self.integer("created", 0)?;
        let [gt, gte, lt, lte] = [
            self.integer("created[gt]", 0)?,
            self.integer("created[gte]", 0)?,
            self.integer("created[lt]", 0)?,
            self.integer("created[lte]", 0)?,
        ];
        let after = |second: i64| second.saturating_add(1);
        let from = [exactly, gt.map(after), gte].into_iter().flatten().max();
        let until = [exactly.map(after), lt, lte.map(after)].into_iter().flatten().min();
        Ok(from.unwrap_or(0)..until.unwrap_or(i64::MAX))
    }

    /// Checks that nothing is left.
    pub fn finish(self) -> Result<(), ApiError> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(ApiError::parameter(
                Some("parameter_unknown"),
                &name,
                format!("Received unknown parameter: {name}"),
            )),
        }
    }

    fn integer(&mut self, name: &str, min: i64) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.take(name) else { return Ok(None) };
        match text.parse::<i64>() {
            Ok(value) if value >= min => Ok(Some(value)),
            Ok(_) => Err(not_an_integer(
                name,
                format!("This value must be greater than or equal to {min}."),
            )),
            Err(_) => Err(not_an_integer(name, format!("Invalid integer: {text}"))),
        }
    }
}

fn not_an_integer(name: &str, message: impl Into<String>) -> ApiError {
    ApiError::parameter(Some("parameter_invalid_integer"), name, message)
}

/// Checks an amount, in the smallest unit of its currency.
pub fn check_amount(amount: i64) -> Result<(), ApiError> {
    match amount {
        1..=AMOUNT_MAX => Ok(()),
        ..=0 => Err(not_an_integer(
            "amount",
            "This value must be greater than or equal to 1.",
        )),
        _ => Err(ApiError::parameter(
            Some("amount_too_large"),
            "amount",
            format!("Amount must be no more than {AMOUNT_MAX}."),
        )),
    }
}

/// Currencies with three decimals, of which the last must be 0.
const IN_TENS: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];
/// Currencies with no decimals any more, and still written with two.
const IN_HUNDREDS: [&str; 2] = ["isk", "ugx"];
/// Currencies with two decimals, and paid out to banks without.
const OUT_IN_HUNDREDS: [&str; 2] = ["huf", "twd"];

/// Checks that an amount is one that Stripe moves in this currency.
pub fn check_units(currency: &str, amount: i64) -> Result<(), ApiError> {
    let step = match currency {
        _ if IN_TENS.contains(&currency) => 10,
        _ if IN_HUNDREDS.contains(&currency) => 100,
        _ => 1,
    };
    check_step(currency, amount, step)
}

/// As [`check_units`], of money that goes to a bank.
pub fn check_payout_units(currency: &str, amount: i64) -> Result<(), ApiError> {
    check_units(currency, amount)?;
    let step = if OUT_IN_HUNDREDS.contains(&currency) { 100 } else { 1 };
    check_step(currency, amount, step)
}

fn check_step(currency: &str, amount: i64, step: i64) -> Result<(), ApiError> {
    if amount % step == 0 {
        return Ok(());
    }
    let message = format!("Invalid amount. Amounts in {currency} must be evenly divisible by {step}.");
    Err(ApiError::parameter(Some("invalid_charge_amount"), "amount", message))
}

/// Checks that a currency is a lower-case ISO code, as far as its form goes.
pub fn check_currency(currency: &str) -> Result<(), ApiError> {
    if currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(());
    }
    let message = format!("Invalid currency: {currency}. Give a three-letter ISO code in lower case.");
    Err(ApiError::parameter(None, "currency", message))
}

/// Checks metadata against Stripe's bounds.
pub fn check_metadata(metadata: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let refused = |message: String| Err(ApiError::parameter(None, "metadata", message));
    if metadata.len() > METADATA_KEYS_MAX {
        return refused(format!("Metadata can have up to {METADATA_KEYS_MAX} keys."));
    }
    for (key, value) in metadata {
        if key.chars().count() > METADATA_KEY_CHARS_MAX {
            return refused(format!(
                "Metadata keys can have up to {METADATA_KEY_CHARS_MAX} characters."
            ));
        }
        if value.chars().count() > METADATA_VALUE_CHARS_MAX {
            return refused(format!(
                "Metadata values can have up to {METADATA_VALUE_CHARS_MAX} characters."
            ));
        }
    }
    Ok(())
}
