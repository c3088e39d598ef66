//! Pays clients back at the processor what the books paid back to them. The money goes back through the payments that it came with.

use inventure_api::batch::Failure;
use inventure_books::records::{ClientPayment, ClientRefund, FailedRefund};
use inventure_core::{DealId, Money};
use inventure_payments::{Back, BackOrder, ProcessorError, unit};
use inventure_table::{Change, Commit, Condition, Record, table::Query};
use jiff::{SignedDuration, Timestamp};

use crate::Payer;

/// The time for which a refund waits that the processor declined, or that has no payment to go back through.
const WAIT: SignedDuration = SignedDuration::from_hours(1);

/// The time for which a refund waits that is less than the processor moves.
const TOO_SMALL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The time for which a refund waits that got no answer.
const UNANSWERED: SignedDuration = SignedDuration::from_mins(1);

impl Payer {
    /// Does the next part of a refund. Any obstacle leaves the rest for later.
    pub(crate) async fn refund(&self, deal: DealId, id: &str, now: Timestamp) -> Result<(), Failure> {
        let refund: Option<ClientRefund> = self.store.get(&ClientRefund::key_of(deal, id)).await?;
        let Some(refund) = refund else { return Ok(()) };
        let own = Query::table(ClientPayment::partition(deal), "");
        let payments: Vec<ClientPayment> = self.store.query_all(&own).await?;
        if let Some((payment_id, minor_units)) = refund.open.clone() {
            let payment = payments
                .into_iter()
                .find(|payment| payment.payment_id == payment_id)
                .ok_or("a refund through a payment that is not there")?;
            let known = self.processor.refunds_of(&payment_id).await;
            let order = order(&refund, &payment, minor_units);
            return match known.map(|all| all.into_iter().find(|back| back.order_id.as_ref() == Some(&order.id))) {
                Ok(Some(back)) => self.answered(refund, &payment, &order, &back, now).await,
                Ok(None) => self.ask(refund, payment, &order, now).await,
                Err(unknown) => self.refund_unanswered(refund, &unknown, now).await,
            };
        }
        let currency = refund.left.currency;
        if unit::movable(refund.left.minor_units, currency) == 0 {
            // Owed, and more than the processor can move only together with what may come.
            return self.put_off(refund, now + TOO_SMALL).await;
        }
        // Of the bill that it is for, where that has something left.
        let left = |payment: &ClientPayment| unit::movable(payment.refundable(), currency);
        let of_currency = |payment: &&ClientPayment| payment.amount.currency == refund.left.currency;
        let best = payments.iter().filter(of_currency).filter(|payment| left(payment) > 0);
        let Some(payment) = best.max_by_key(|payment| (payment.invoice == refund.invoice, left(payment))) else {
            tracing::error!(refund = id, "refunds.no_payment");
            crate::count("RefundsDeclined");
            return self.put_off(refund, now + WAIT).await;
        };
        let minor_units = left(payment).min(unit::movable(refund.left.minor_units, currency));
        let asked = ClientRefund {
            number: refund.number + 1,
            open: Some((payment.payment_id.clone(), minor_units)),
            version: refund.version + 1,
            ..refund.clone()
        };
        let payment = taken(payment, minor_units);
        let change = Change::new()
            .update(&asked, refund.version)
            .update(&payment, payment.version - 1);
        match self.store.commit(change).await? {
            Commit::Done => {
                let order = order(&asked, &payment, minor_units);
                self.ask(asked, payment, &order, now).await
            }
            // Another worker has begun.
            _ => Ok(()),
        }
    }

    async fn ask(
        &self,
        refund: ClientRefund,
        payment: ClientPayment,
        order: &BackOrder,
        now: Timestamp,
    ) -> Result<(), Failure> {
        match self.processor.refund(order).await {
            Ok(back) => self.answered(refund, &payment, order, &back, now).await,
            Err(ProcessorError::Declined { code, .. }) => {
                tracing::error!(refund = order.id, code, "refunds.declined");
                crate::count("RefundsDeclined");
                self.store.commit(again(refund, &payment, order, now + WAIT)).await?;
                Ok(())
            }
            Err(unknown) => self.refund_unanswered(refund, &unknown, now).await,
        }
    }

    /// Takes the processor's answer. A refund that failed is due again; its event says the same and is then known.
    async fn answered(
        &self,
        refund: ClientRefund,
        payment: &ClientPayment,
        order: &BackOrder,
        back: &Back,
        now: Timestamp,
    ) -> Result<(), Failure> {
        if !back.is_failed {
            return self.refunded(refund, order, back).await;
        }
        tracing::error!(refund = order.id, "refunds.failed");
        crate::count("RefundsDeclined");
        let failed = FailedRefund {
            refund: back.id.clone(),
            order_id: order.id.clone(),
            heard_at: now,
        };
        let change = again(refund, payment, order, now + WAIT).insert(&failed);
        self.store.commit(change).await?;
        Ok(())
    }

    async fn refunded(&self, refund: ClientRefund, order: &BackOrder, back: &Back) -> Result<(), Failure> {
        if back.minor_units != order.amount.minor_units {
            return Err(format!("{} is not what {} asked for", back.id, order.id).into());
        }
        let left = refund.left.minor_units - order.amount.minor_units;
        let read_at = refund.version;
        let change = if left == 0 {
            Change::new().delete(refund.key(), Condition::Version(read_at))
        } else {
            let rest = ClientRefund {
                left: Money {
                    minor_units: left,
                    ..refund.left
                },
                open: None,
                version: read_at + 1,
                ..refund
            };
            Change::new().update(&rest, read_at)
        };
        self.store.commit(change).await?;
        tracing::info!(refund = order.id, left, "refunds.done");
        Ok(())
    }

    /// Puts a refund without an answer off for a short time. It is asked again under the same id, once the processor's list has been
    /// looked at.
    async fn refund_unanswered(
        &self,
        refund: ClientRefund,
        why: &ProcessorError,
        now: Timestamp,
    ) -> Result<(), Failure> {
        tracing::error!(refund = refund.refund_id, error = %why, "refunds.unanswered");
        crate::count("PayoutsUnanswered");
        self.put_off(refund, now + UNANSWERED).await
    }

    async fn put_off(&self, refund: ClientRefund, until: Timestamp) -> Result<(), Failure> {
        let read_at = refund.version;
        let later = ClientRefund {
            not_before: until,
            version: read_at + 1,
            ..refund
        };
        self.store.commit(Change::new().update(&later, read_at)).await?;
        Ok(())
    }
}

/// Makes the open part of a refund due again under the next number, as it moved nothing.
fn again(refund: ClientRefund, payment: &ClientPayment, order: &BackOrder, not_before: Timestamp) -> Change {
    let read_at = refund.version;
    let later = ClientRefund {
        open: None,
        not_before,
        version: read_at + 1,
        ..refund
    };
    let given_back = taken(payment, -order.amount.minor_units);
    Change::new()
        .update(&later, read_at)
        .update(&given_back, payment.version)
}

/// Returns the order for the open part of a refund. The processor sees each part of a refund once.
fn order(refund: &ClientRefund, payment: &ClientPayment, minor_units: i64) -> BackOrder {
    BackOrder {
        id: format!("refund:{}:{}", refund.refund_id, refund.number),
        of: payment.payment_id.clone(),
        amount: Money {
            minor_units,
            ..refund.left
        },
    }
}

/// Returns the payment once so much more of it goes back.
fn taken(payment: &ClientPayment, minor_units: i64) -> ClientPayment {
    ClientPayment {
        refunded_minor_units: payment.refunded_minor_units + minor_units,
        version: payment.version + 1,
        ..payment.clone()
    }
}
