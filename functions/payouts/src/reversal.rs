//! Taking back what a broker was paid too much, after a fall-off: transfers are reversed at the processor, as far as the connected account
//! has the money. What it has not stays a debt, is tried again every day, and is kept back from whatever is due next.

use inventure_core::Money;
use inventure_lambda::batch::Failure;
use inventure_ledger::{Account, Kind, Reference};
use inventure_payments::{Back, BackOrder, ProcessorError, unit};
use inventure_store::{
    Change, Commit,
    records::{PaidOut, Payable, Payout, PayoutStatus},
    table::Query,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Payer, books,
    worker::{closed, done, ended, put},
};

/// How long a debt waits that cannot be taken back now.
const WAIT: SignedDuration = SignedDuration::from_hours(24);

/// The newest payouts of a broker that are looked at.
const PAYOUTS_MAX: usize = 1_000;

impl Payer {
    /// Takes back what was paid above what is released, or sees that there is nothing to do.
    pub(crate) async fn take_back(&self, payable: Payable, paid: PaidOut, now: Timestamp) -> Result<(), Failure> {
        let (tenant, currency) = (payable.tenant_id, payable.currency);
        let too_much = paid.minor_units - payable.released_minor_units;
        let [debt] = self.balances([Account::broker(tenant, Kind::Debt, currency)?]).await?;
        if too_much == 0 {
            self.store.commit(done(&payable)).await?;
            return Ok(());
        }
        if debt < too_much {
            // The rest was kept back from other deals, or what was due to the broker stood for it.
            let after = PaidOut {
                minor_units: payable.released_minor_units + debt,
                version: paid.version + 1,
                ..paid
            };
            self.store.commit(put(Change::new(), &after)).await?;
            return Ok(());
        }
        if unit::movable(too_much, currency) == 0 {
            // Less than the processor moves stays a debt, and is kept back from whatever is due next.
            self.store.commit(done(&payable)).await?;
            return Ok(());
        }
        let Some(payout) = self.reversible(&payable).await? else {
            return self.wait(payable, now + WAIT, "nothing that could be reversed").await;
        };
        let left = payout.amount.minor_units - payout.reversed_minor_units;
        let number = paid.payouts + 1;
        let reversal = Payout {
            payout_id: format!("reversal:{}:{tenant}:{number}", payable.deal_id),
            amount: Money {
                minor_units: unit::movable(too_much.min(left), currency),
                currency,
            },
            status: PayoutStatus::Requested,
            reverses: Some(payout.payout_id),
            reversed_minor_units: 0,
            deal_id: payable.deal_id,
            requested_at: now,
            version: 1,
            ..payout
        };
        let after = PaidOut {
            payouts: number,
            open: Some(reversal.payout_id.clone()),
            version: paid.version + 1,
            ..paid
        };
        match self.store.commit(put(Change::new().insert(&reversal), &after)).await? {
            Commit::Done => self.reverse(reversal, after, payable, now).await,
            // Another worker has begun.
            _ => Ok(()),
        }
    }

    /// A payout of which something is left to take back, of this deal where there is one. Where what was due of this deal was kept back for a
    /// debt, it is another deal's payout that the broker still has.
    async fn reversible(&self, payable: &Payable) -> Result<Option<Payout>, Failure> {
        let newest = Query {
            limit: PAYOUTS_MAX,
            ..Query::index(Payout::of_tenant(payable.tenant_id))
        };
        let payouts: Vec<Payout> = self.store.query(&newest).await?;
        let has_left = |payout: &&Payout| {
            payout.reverses.is_none()
                && payout.status == PayoutStatus::Settled
                && payout.amount.currency == payable.currency
                && payout.reversed_minor_units < payout.amount.minor_units
        };
        let best = payouts.iter().filter(has_left);
        Ok(best.max_by_key(|payout| payout.deal_id == payable.deal_id).cloned())
    }

    /// Goes on with a reversal that was begun before.
    pub(crate) async fn finish_reversal(
        &self,
        reversal: Payout,
        paid: PaidOut,
        payable: Payable,
        now: Timestamp,
    ) -> Result<(), Failure> {
        match self.reversed(&reversal).await {
            Ok(Some(back)) => self.take_in(reversal, paid, &back).await,
            Ok(None) => self.reverse(reversal, paid, payable, now).await,
            Err(unknown) => self.unanswered(payable, &reversal.payout_id, &unknown, now).await,
        }
    }

    /// What a reversal became, by the processor's own list.
    async fn reversed(&self, reversal: &Payout) -> Result<Option<Back>, ProcessorError> {
        let transfer = reversal.transfer_id.as_deref().unwrap_or_default();
        let all = self.processor.reversals_of(transfer).await?;
        let own = |back: &Back| back.order_id.as_ref() == Some(&reversal.payout_id);
        Ok(all.into_iter().find(own))
    }

    /// Asks the processor, and books what it says.
    async fn reverse(&self, reversal: Payout, paid: PaidOut, payable: Payable, now: Timestamp) -> Result<(), Failure> {
        let order = BackOrder {
            id: reversal.payout_id.clone(),
            of: reversal.transfer_id.clone().ok_or("a reversal of no transfer")?,
            amount: reversal.amount,
        };
        match self.processor.reverse(&order).await {
            Ok(back) => self.take_in(reversal, paid, &back).await,
            Err(ProcessorError::Declined { code, message }) => {
                tracing::warn!(reversal = order.id, code, "payouts.reversal_declined");
                crate::count("ReversalsDeclined");
                let reason = Some(format!("{code}: {message}"));
                let declined = ended(&reversal, PayoutStatus::Returned, reversal.transfer_id.clone(), reason);
                let change = Change::new().update(&declined, reversal.version);
                self.store.commit(put(change, &closed(&paid, 0))).await?;
                self.wait(payable, now + WAIT, "the processor cannot take it back")
                    .await
            }
            // It may have happened all the same.
            Err(unknown) => match self.reversed(&reversal).await {
                Ok(Some(back)) => self.take_in(reversal, paid, &back).await,
                _ => self.unanswered(payable, &order.id, &unknown, now).await,
            },
        }
    }

    /// The money has come back: cash for the refund, and so much less debt. Where the debt was repaid otherwise meanwhile, it is the broker's
    /// again, and is due.
    async fn take_in(&self, reversal: Payout, paid: PaidOut, back: &Back) -> Result<(), Failure> {
        let Money { minor_units, currency } = reversal.amount;
        if back.minor_units != minor_units {
            return Err(format!("{} is not what {} asked for", back.id, reversal.payout_id).into());
        }
        let id: Reference = reversal.payout_id.parse()?;
        if self.ledger.transaction(&id).await?.is_some() {
            // By another worker, together with all that follows.
            return Ok(());
        }
        let payout_id = reversal.reverses.as_deref().ok_or("a reversal of no payout")?;
        let payout: Option<Payout> = self.store.get(&Payout::key_of(payout_id)).await?;
        let payout = payout.ok_or("a reversal of a payout that is not there")?;
        let [debt] = self
            .balances([Account::broker(reversal.tenant_id, Kind::Debt, currency)?])
            .await?;
        let owed = self.owed_to_reserve(&reversal).await?;
        let spare = (minor_units - debt).max(0);
        let booked = books::debt_taken_in(&reversal, spare, &owed)?;
        let taken = Payout {
            reversed_minor_units: payout.reversed_minor_units + minor_units,
            version: payout.version + 1,
            ..payout.clone()
        };
        let done = ended(&reversal, PayoutStatus::Settled, reversal.transfer_id.clone(), None);
        let after = closed(&paid, -minor_units - spare);
        let also = |_: &_| {
            let change = Change::new().update(&done, reversal.version);
            put(change.update(&taken, payout.version), &after)
        };
        self.ledger.book(&booked, also).await?;
        tracing::info!(reversal = reversal.payout_id, "payouts.taken_back");
        Ok(())
    }
}
