//! Disputes: a client's bank takes a payment back, and may give it back again. The two events come in either order, before or after the
//! payment's own.

use inventure_api::{Problem, http::RequestIds};
use inventure_books::records::{ClientPayment, PaymentDispute, PaymentFile};
use inventure_core::Money;
use inventure_deal_store::load;
use inventure_deals::What;
use inventure_payments::unit;
use inventure_table::Change;
use serde::Deserialize;

use crate::{App, Effect, EventBody, added, fact, open_chargeback, put_file};

/// The direction in which the disputed money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The money went out of the platform's balance.
    Withdrawn,
    /// The money came back into the platform's balance.
    Reinstated,
}

/// A dispute, as far as it is read.
#[derive(Debug, Deserialize)]
struct Disputed {
    id: String,
    amount: i64,
    currency: String,
    payment_intent: Option<String>,
}

impl App {
    /// Notes in the payment's file which way the money moved. Tells the deal where that changes what is taken back.
    pub(crate) async fn disputed(&self, sent: &EventBody, side: Side, ids: &RequestIds) -> Result<Effect, Problem> {
        let refused = |why: &str| Ok(Effect::None(why.to_owned()));
        let Ok(disputed) = serde_json::from_value::<Disputed>(sent.data.object.clone()) else {
            return refused("the dispute cannot be read");
        };
        let Some(payment_id) = disputed.payment_intent else {
            return refused("the dispute names no payment");
        };
        let Some(amount) = unit::from_processor(disputed.amount, &disputed.currency).filter(|it| it.minor_units > 0)
        else {
            return refused("the dispute's amount cannot be read");
        };
        let file: Option<PaymentFile> = self.store.get(&PaymentFile::key_of(&payment_id)).await?;
        let mut file = file.unwrap_or_else(|| PaymentFile::new(payment_id));
        let before = file.charged_back();
        match note(&mut file, &disputed.id, amount, side) {
            Noted::Known => return refused("ignored"),
            Noted::TooMany => return refused("the payment has too many disputes"),
            Noted::New => {}
        }
        let change = file.charged_back() - before;
        let Some((deal_id, invoice)) = file.applied_to.clone() else {
            // Kept: the payment takes it into account when it comes.
            return Ok(Effect::Waits(put_file(Change::new(), file)));
        };
        let more = put_file(Change::new(), file.clone());
        if change == 0 {
            return Ok(Effect::Kept(more));
        }
        let held = load(&self.store, deal_id).await?;
        let held =
            held.ok_or_else(|| Problem::internal(std::io::Error::other("a payment of a deal that is not there")))?;
        let payment: Option<ClientPayment> = self
            .store
            .get(&ClientPayment::key_of(deal_id, &file.payment_id))
            .await?;
        let payment =
            payment.ok_or_else(|| Problem::internal(std::io::Error::other("a payment's file without the payment")))?;
        let after = ClientPayment {
            charged_back_minor_units: payment.charged_back_minor_units + change,
            version: payment.version + 1,
            ..payment
        };
        let more = more.update(&after, payment.version);
        let moved = Money {
            minor_units: change.abs(),
            ..amount
        };
        if change < 0 {
            let back = fact(&held, What::PaymentReceived { invoice, amount: moved });
            return added(&held, vec![back], more, ids);
        }
        let taken = fact(&held, What::PaymentChargedBack { invoice, amount: moved });
        let more = more.insert(&open_chargeback(&held, &taken, moved));
        added(&held, vec![taken], more, ids)
    }
}

enum Noted {
    New,
    Known,
    TooMany,
}

/// Notes which way the money of a dispute moved.
fn note(file: &mut PaymentFile, dispute_id: &str, amount: Money, side: Side) -> Noted {
    if !file.disputes.iter().any(|known| known.dispute_id == dispute_id) {
        if file.disputes.len() >= PaymentFile::DISPUTES_MAX {
            return Noted::TooMany;
        }
        file.disputes.push(PaymentDispute {
            dispute_id: dispute_id.to_owned(),
            amount,
            is_withdrawn: false,
            is_reinstated: false,
        });
    }
    let mut known = file.disputes.iter_mut().filter(|known| known.dispute_id == dispute_id);
    let Some(dispute) = known.next() else {
        return Noted::Known;
    };
    let flag = match side {
        Side::Withdrawn => &mut dispute.is_withdrawn,
        Side::Reinstated => &mut dispute.is_reinstated,
    };
    if std::mem::replace(flag, true) {
        Noted::Known
    } else {
        Noted::New
    }
}
