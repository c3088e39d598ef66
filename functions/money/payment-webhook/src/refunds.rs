//! Takes a refund that the client's bank sent back. The money is the platform's again, and the client is still to be paid back.

use inventure_api::{Problem, clock};
use inventure_books::records::{ClientPayment, ClientRefund, FailedRefund};
use inventure_core::DealId;
use inventure_payments::unit;
use inventure_table::Change;
use serde::Deserialize;

use crate::{App, Effect, EventBody, Metadata};

/// The text in a refund's id before the processor's id of the part that failed.
const AGAIN: &str = ":again:";

/// A refund that failed, as far as it is read.
#[derive(Debug, Deserialize)]
struct Failed {
    id: String,
    amount: i64,
    currency: String,
    payment_intent: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

/// Reads the id that a refund was ordered with: `refund:<ledger transaction>:<number>`.
fn ordered(order: &str) -> Option<(&str, DealId, u32)> {
    let (refund_id, number) = order.strip_prefix("refund:")?.rsplit_once(':')?;
    let deal = refund_id.split_once(':')?.0.parse().ok()?;
    Some((refund_id, deal, number.parse().ok()?))
}

impl App {
    /// Makes a refund that failed due again. It is kept once, by the first to hear of it: this function, or the worker that asked for the
    /// refund.
    pub(crate) async fn refund_failed(&self, sent: &EventBody) -> Result<Effect, Problem> {
        let refused = |why: &str| Ok(Effect::None(why.to_owned()));
        let Ok(failed) = serde_json::from_value::<Failed>(sent.data.object.clone()) else {
            return refused("the refund cannot be read");
        };
        let order_id = failed.metadata.order.unwrap_or_default();
        let (Some((refund_id, deal, number)), Some(payment_id)) = (ordered(&order_id), failed.payment_intent) else {
            return refused("the refund is none that was ordered here");
        };
        let Some(amount) = unit::from_processor(failed.amount, &failed.currency) else {
            return refused("the refund's amount cannot be read");
        };
        let (known, payment) = self
            .store
            .get_both::<FailedRefund, ClientPayment>(
                &FailedRefund::key_of(&failed.id),
                &ClientPayment::key_of(deal, &payment_id),
            )
            .await?;
        if known.is_some() {
            return refused("ignored");
        }
        let Some(payment) = payment else {
            return refused("there is no such payment");
        };
        let refund: Option<ClientRefund> = self.store.get(&ClientRefund::key_of(deal, refund_id)).await?;
        let now = clock::now();
        let given_back = ClientPayment {
            refunded_minor_units: payment.refunded_minor_units - amount.minor_units,
            version: payment.version + 1,
            ..payment.clone()
        };
        let change = Change::new()
            .insert(&FailedRefund {
                refund: failed.id.clone(),
                order_id: order_id.clone(),
                heard_at: now,
            })
            .update(&given_back, payment.version);
        let part = (payment_id, amount.minor_units);
        Ok(Effect::Change(match refund {
            // Whoever asked for it has not heard the answer.
            Some(open) if open.number == number && open.open.as_ref() == Some(&part) => {
                let read_at = open.version;
                let again = ClientRefund {
                    open: None,
                    version: read_at + 1,
                    ..open
                };
                change.update(&again, read_at)
            }
            // Under a name of its own, so that its numbers are not those of what the processor knows.
            _ => {
                let original = refund_id.split(AGAIN).next().unwrap_or(refund_id);
                change.insert(&ClientRefund {
                    refund_id: format!("{original}{AGAIN}{}", failed.id),
                    deal_id: deal,
                    invoice: payment.invoice,
                    left: amount,
                    number: 0,
                    open: None,
                    booked_at: now,
                    not_before: now,
                    version: 1,
                })
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_names_its_refund() {
        let deal = DealId::new();
        let first = format!("refund:{deal}:7:2");
        assert_eq!(ordered(&first), Some((format!("{deal}:7").as_str(), deal, 2)));
        let again = format!("refund:{deal}:7:again:re_1:3");
        assert_eq!(
            ordered(&again),
            Some((format!("{deal}:7:again:re_1").as_str(), deal, 3))
        );
        for bad in ["", "refund:", "refund:x:1", "payout:1:2:3", "refund:dea_1:2:x"] {
            assert_eq!(ordered(bad), None, "{bad}");
        }
    }
}
