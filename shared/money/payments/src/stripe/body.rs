//! The answers of the API, as far as they are read.

use std::collections::BTreeMap;

use inventure_core::{Currency, Money};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{Back, Balance, ConnectedAccount, Fee, Happened, ProcessorError, Transfer, unit};

/// Types of changes of the balance that are fees altogether.
const FEES: [&str; 4] = ["stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost"];

#[derive(Deserialize)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

#[derive(Deserialize)]
pub struct ErrorDetail {
    pub code: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub message: Option<String>,
}

/// A page of a list.
#[derive(Deserialize)]
pub struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

/// A thing that can be listed: the next page begins after an id.
pub trait Listed {
    fn id(&self) -> &str;
}

#[derive(Deserialize)]
pub struct TransferBody {
    id: String,
    amount: i64,
    #[serde(default)]
    amount_reversed: i64,
    currency: String,
    destination: String,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

/// A reversal of a transfer, or a refund of a payment.
#[derive(Deserialize)]
pub struct BackBody {
    id: String,
    amount: i64,
    currency: String,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    /// Of a refund: `failed` and `canceled` moved nothing.
    status: Option<String>,
}

#[derive(Deserialize)]
pub struct EventBody {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
pub struct BalanceBody {
    available: Vec<AmountBody>,
    pending: Vec<AmountBody>,
}

#[derive(Deserialize)]
struct AmountBody {
    amount: i64,
    currency: String,
}

#[derive(Deserialize)]
pub struct AccountBody {
    id: String,
    /// By name: `active`, `inactive` or `pending`.
    #[serde(default)]
    capabilities: BTreeMap<String, String>,
}

/// A change of the balance.
#[derive(Deserialize)]
pub struct TransactionBody {
    id: String,
    amount: i64,
    #[serde(default)]
    fee: i64,
    currency: String,
    created: i64,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
pub struct LinkBody {
    pub url: String,
}

impl Listed for TransferBody {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for BackBody {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for TransactionBody {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for EventBody {
    fn id(&self) -> &str {
        &self.id
    }
}

impl TransactionBody {
    /// Reads the fee in it, where there is one in a currency that the books know.
    ///
    /// # Errors
    /// [`ProcessorError::Unknown`] for what cannot be read.
    pub fn fee(self) -> Result<Option<Fee>, ProcessorError> {
        let Some(currency) = known(&self.currency) else {
            return Ok(None);
        };
        let whole = if FEES.contains(&self.kind.as_str()) {
            self.amount.checked_neg()
        } else {
            Some(0)
        };
        let fee = whole.and_then(|whole| self.fee.checked_add(whole));
        let fee = fee.ok_or_else(|| unreadable(self.amount, &self.currency))?;
        let minor_units = read(fee, &self.currency)?;
        let taken_at = Timestamp::from_second(self.created).map_err(|_| unreadable(self.created, "seconds"))?;
        Ok((minor_units != 0).then_some(Fee {
            id: self.id,
            amount: Money { minor_units, currency },
            taken_at,
        }))
    }
}

fn unreadable(number: i64, of: &str) -> ProcessorError {
    ProcessorError::Unknown(format!("{number} {of} cannot be read"))
}

/// The currency, where the books know it.
fn known(currency: &str) -> Option<Currency> {
    currency.to_uppercase().parse().ok()
}

/// Reads an amount in the books' minor units; as it is where the books do not know the currency.
///
/// # Errors
/// [`ProcessorError::Unknown`] where a part of a minor unit would be lost: taken as it is, it would be a hundred times as much.
fn read(amount: i64, currency: &str) -> Result<i64, ProcessorError> {
    if known(currency).is_none() {
        return Ok(amount);
    }
    let money = unit::from_processor(amount, currency);
    money
        .map(|money| money.minor_units)
        .ok_or_else(|| unreadable(amount, currency))
}

impl TryFrom<TransferBody> for Transfer {
    type Error = ProcessorError;

    fn try_from(mut body: TransferBody) -> Result<Self, ProcessorError> {
        Ok(Self {
            id: body.id,
            payout_id: body.metadata.remove("payout"),
            account: body.destination,
            minor_units: read(body.amount, &body.currency)?,
            reversed_minor_units: read(body.amount_reversed, &body.currency)?,
            currency: body.currency,
        })
    }
}

impl TryFrom<BackBody> for Back {
    type Error = ProcessorError;

    fn try_from(mut body: BackBody) -> Result<Self, ProcessorError> {
        Ok(Self {
            id: body.id,
            order_id: body.metadata.remove("order"),
            minor_units: read(body.amount, &body.currency)?,
            is_failed: matches!(body.status.as_deref(), Some("failed" | "canceled")),
        })
    }
}

impl From<EventBody> for Happened {
    fn from(body: EventBody) -> Self {
        Self {
            id: body.id,
            kind: body.kind,
        }
    }
}

impl TryFrom<BalanceBody> for BTreeMap<String, Balance> {
    type Error = ProcessorError;

    fn try_from(body: BalanceBody) -> Result<Self, ProcessorError> {
        let mut all = Self::new();
        for part in body.available {
            let balance = all.entry(part.currency.clone()).or_default();
            balance.available += read(part.amount, &part.currency)?;
        }
        for part in body.pending {
            let balance = all.entry(part.currency.clone()).or_default();
            balance.pending += read(part.amount, &part.currency)?;
        }
        Ok(all)
    }
}

impl From<AccountBody> for ConnectedAccount {
    fn from(body: AccountBody) -> Self {
        Self {
            is_ready: body
                .capabilities
                .get("transfers")
                .is_some_and(|status| status == "active"),
            id: body.id,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read_as<B: serde::de::DeserializeOwned, T: TryFrom<B, Error = ProcessorError>>(body: Value) -> Option<T> {
        let body: B = serde_json::from_value(body).unwrap();
        T::try_from(body).ok()
    }

    #[test]
    fn a_part_of_a_krona_is_not_taken_for_a_hundred_times_as_much() {
        for (amount, due) in [(50_000, Some(500)), (50_050, None), (-100, Some(-1)), (1, None)] {
            let transfer = |amount: i64, reversed: i64| {
                let body = json!({
                    "id": "tr_1", "amount": amount, "amount_reversed": reversed, "currency": "isk", "destination": "acct_1",
                });
                read_as::<TransferBody, Transfer>(body)
            };
            assert_eq!(transfer(amount, 0).map(|found| found.minor_units), due);
            assert_eq!(transfer(0, amount).map(|found| found.reversed_minor_units), due);
            let back = json!({ "id": "re_1", "amount": amount, "currency": "isk" });
            assert_eq!(read_as::<BackBody, Back>(back).map(|found| found.minor_units), due);
            let balance = json!({
                "available": [{ "amount": amount, "currency": "isk" }], "pending": [{ "amount": amount, "currency": "isk" }],
            });
            let balance = read_as::<BalanceBody, BTreeMap<String, Balance>>(balance);
            assert_eq!(balance.map(|all| all["isk"].total()), due.map(|due| 2 * due));
            let fee: TransactionBody = serde_json::from_value(json!({
                "id": "txn_1", "amount": 0, "fee": amount, "currency": "isk", "created": 0, "type": "charge",
            }))
            .unwrap();
            assert_eq!(fee.fee().ok().flatten().map(|fee| fee.amount.minor_units), due);
        }
    }

    #[test]
    fn a_currency_that_the_books_do_not_know_is_read_as_it_is() {
        let back = json!({ "id": "re_1", "amount": 5, "currency": "xxx" });
        assert_eq!(read_as::<BackBody, Back>(back).map(|found| found.minor_units), Some(5));
    }
}
