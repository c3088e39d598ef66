//! Takes back money that a broker was paid too much, after a fall-off. Transfers are reversed at the processor, as far as the connected
//! account has the money. The rest stays a debt, is tried again every day, and is kept back from whatever is due next.

use inventure_api::batch::Failure;
use inventure_books::{
    Balances, Decided,
    records::{PaidOut, Payable, Payout, PayoutStatus},
};
use inventure_core::Money;
use inventure_ledger::{Account, Kind, Reference};
use inventure_payments::{Back, BackOrder, ProcessorError, unit};
use inventure_table::{Change, Commit, Key, Record, Store, table::Query};
use jiff::{SignedDuration, Timestamp};

use crate::{
    PAGE, Payer, books,
    worker::{Next, closed, done, ended, put, stands},
};

/// The time for which a debt waits that cannot be taken back now.
const WAIT: SignedDuration = SignedDuration::from_hours(24);

impl Payer {
    /// Takes back what was paid above what is released, or finds that there is nothing to do.
    pub(crate) async fn take_back(&self, payable: Payable, paid: PaidOut, now: Timestamp) -> Result<(), Failure> {
        let (tenant, currency) = (payable.tenant_id, payable.currency);
        let too_much = paid.minor_units - payable.released_minor_units;
        let account = |kind| Account::broker(tenant, kind, currency);
        let (owed, available) = (account(Kind::Debt)?, account(Kind::Available)?);
        let balances = self.ledger.read(&[owed.clone(), available.clone()]).await?;
        let debt = balances.of(&owed);
        if debt > 0 && balances.of(&available) > 0 {
            // This deal released again what it was paid before, or no deal has it due: side by side they would wait for ever.
            return self.keep_back(&Next::nothing_due(&payable, &paid, now)).await;
        }
        if too_much > debt {
            // The rest was kept back from other deals, or what was due to the broker stood for it.
            let after = PaidOut {
                minor_units: payable.released_minor_units + debt,
                version: paid.version + 1,
                ..paid
            };
            self.store
                .commit(balances.bind(put(Change::new(), &after), &owed))
                .await?;
            return Ok(());
        }
        if debt == 0 && balances.of(&available) > 0 {
            return self.claim(payable, paid, &balances, now).await;
        }
        // Another deal's money stood for this one's, and fell away since: the debt is nobody's until a deal takes it back.
        let for_debt = too_much == 0;
        let wanted = if for_debt { debt } else { too_much };
        if unit::movable(wanted, currency) == 0 {
            // Less than the processor moves stays a debt, and is kept back from whatever is due next.
            self.store.commit(balances.bind(done(&payable, &paid), &owed)).await?;
            return Ok(());
        }
        let payout = match reversible(&self.store, &payable).await? {
            Some(payout) => payout,
            None if for_debt => {
                self.store.commit(balances.bind(done(&payable, &paid), &owed)).await?;
                return Ok(());
            }
            None => return self.wait(payable, now + WAIT, "nothing that could be reversed").await,
        };
        let left = payout.amount.minor_units - payout.reversed_minor_units;
        let number = paid.payouts + 1;
        let reversal = Payout {
            payout_id: format!("reversal:{}:{tenant}:{number}", payable.deal_id),
            amount: Money {
                minor_units: unit::movable(wanted.min(left), currency),
                currency,
            },
            status: PayoutStatus::Requested,
            reverses: Some(payout.payout_id),
            for_debt,
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
        let change = put(stands(&payable).insert(&reversal), &after);
        match self.store.commit(balances.bind(change, &owed)).await? {
            Commit::Done => self.reverse(reversal, after, payable, now).await,
            // Another worker has begun, or the debt changed.
            _ => Ok(()),
        }
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

    /// Returns the result of a reversal, by the processor's own list.
    async fn reversed(&self, reversal: &Payout) -> Result<Option<Back>, ProcessorError> {
        let transfer = reversal.transfer_id.as_deref().unwrap_or_default();
        let all = self.processor.reversals_of(transfer).await?;
        let own = |back: &Back| back.order_id.as_ref() == Some(&reversal.payout_id);
        Ok(all.into_iter().find(own))
    }

    /// Asks the processor for a reversal, and books its answer.
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

    /// Books money that has come back: cash for the refund, and so much less debt. If the debt was repaid otherwise meanwhile, the
    /// money is the broker's again, and is due.
    async fn take_in(&self, reversal: Payout, paid: PaidOut, back: &Back) -> Result<(), Failure> {
        let Money { minor_units, currency } = reversal.amount;
        if back.minor_units != minor_units {
            return Err(format!("{} is not what {} asked for", back.id, reversal.payout_id).into());
        }
        let id: Reference = reversal.payout_id.parse()?;
        let payout_id = reversal.reverses.as_deref().ok_or("a reversal of no payout")?;
        let payout: Option<Payout> = self.store.get(&Payout::key_of(payout_id)).await?;
        let payout = payout.ok_or("a reversal of a payout that is not there")?;
        let taken = Payout {
            reversed_minor_units: payout.reversed_minor_units + minor_units,
            version: payout.version + 1,
            ..payout.clone()
        };
        let done = ended(&reversal, PayoutStatus::Settled, reversal.transfer_id.clone(), None);
        let of = |kind| Account::broker(reversal.tenant_id, kind, currency);
        let (debt, owed) = (of(Kind::Debt)?, books::recoverable(currency)?);
        let cash = Account::network(Kind::Cash, currency, &reversal.deal_id.to_string().parse()?)?;
        let mut reads = vec![debt.clone(), of(Kind::Available)?, cash, books::reserve(currency)?];
        reads.extend(owed.iter().cloned());
        let decide = |balances: &Balances| -> Result<_, Failure> {
            let spare = (minor_units - balances.of(&debt)).max(0);
            let mut rests_on = books::owed_rests_on(&owed, minor_units - spare, balances);
            rests_on.push(debt.clone());
            // What is taken back for another deal's debt was not paid for this one.
            let own = if reversal.for_debt { 0 } else { minor_units };
            let after = closed(&paid, -own - spare);
            let change = Change::new().update(&done, reversal.version);
            Ok(Some(Decided {
                transaction: books::debt_taken_in(&reversal, spare, &books::with_balances(&owed, balances))?,
                rests_on,
                also: put(change.update(&taken, payout.version), &after),
            }))
        };
        // Where it was booked before, that was by another worker, together with all that follows.
        self.ledger.book_on(&id, &reads, decide).await?;
        tracing::info!(reversal = reversal.payout_id, "payouts.taken_back");
        Ok(())
    }
}

/// Returns a payout of which something is left to take back, of this deal where there is one. If the amount due of this deal was
/// kept back for a debt, it is another deal's payout that the broker still has.
async fn reversible(store: &Store, payable: &Payable) -> Result<Option<Payout>, Failure> {
    let left = |payout: &Payout| payout.reversed_minor_units < payout.amount.minor_units;
    let may_be = |payout: &Payout| {
        payout.reverses.is_none()
            && payout.amount.currency == payable.currency
            && payout.status != PayoutStatus::Returned
            && left(payout)
    };
    let mut pages = store.pages(Query {
        limit: PAGE,
        ..Query::index(Payout::of_tenant(payable.tenant_id))
    });
    let mut other = None;
    while let Some(page) = pages.next::<Payout>().await? {
        // The index lags: what it shows as open may be settled, and what it shows as left may be taken back. As each is now.
        let keys: Vec<Key> = page.iter().filter(|payout| may_be(payout)).map(Record::key).collect();
        let mut payouts: Vec<Payout> = store.get_all(&keys).await?;
        payouts.retain(|payout| payout.status == PayoutStatus::Settled && left(payout));
        if let Some(own) = payouts.iter().position(|payout| payout.deal_id == payable.deal_id) {
            return Ok(Some(payouts.swap_remove(own)));
        }
        // The order of a batch is nobody's.
        payouts.sort_by(|a, b| a.payout_id.cmp(&b.payout_id));
        other = other.or_else(|| payouts.into_iter().next());
    }
    Ok(other)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use inventure_core::{Currency, DealId, TenantId};
    use inventure_table::memory::MemoryTable;

    use super::*;

    fn payout(deal_id: DealId, tenant_id: TenantId, number: u32, status: PayoutStatus) -> Payout {
        Payout {
            payout_id: format!("payout:{deal_id}:{tenant_id}:{number}"),
            deal_id,
            tenant_id,
            amount: Money {
                minor_units: 100,
                currency: Currency::USD,
            },
            status,
            reverses: None,
            for_debt: false,
            reversed_minor_units: 0,
            transfer_id: None,
            reason: None,
            requested_at: Timestamp::UNIX_EPOCH,
            version: 1,
        }
    }

    #[tokio::test]
    async fn a_payout_is_taken_back_as_it_is_and_not_as_the_index_shows_it() {
        let table = Arc::new(MemoryTable::default());
        let store = Store::new(Arc::clone(&table) as _, "payouts");
        let (own, other, tenant) = (DealId::new(), DealId::new(), TenantId::new());
        let payable = Payable {
            deal_id: own,
            tenant_id: tenant,
            currency: Currency::USD,
            released_minor_units: 0,
            not_before: Timestamp::UNIX_EPOCH,
            unclaimed: None,
            version: 1,
        };
        let first = payout(own, tenant, 1, PayoutStatus::Requested);
        let second = payout(other, tenant, 1, PayoutStatus::Settled);
        let change = Change::new().insert(&first).insert(&second);
        assert!(matches!(store.commit(change).await.unwrap(), Commit::Done));
        let found = async || {
            reversible(&store, &payable)
                .await
                .unwrap()
                .map(|payout| payout.payout_id)
        };
        assert_eq!(
            found().await.as_ref(),
            Some(&second.payout_id),
            "the own one is on its way"
        );

        table.hold_index(true);
        let settled = Payout {
            status: PayoutStatus::Settled,
            version: 2,
            ..first.clone()
        };
        store.commit(Change::new().update(&settled, 1)).await.unwrap();
        assert_eq!(found().await.as_ref(), Some(&first.payout_id), "settled since");
        let taken = |payout: &Payout| Payout {
            reversed_minor_units: 100,
            version: payout.version + 1,
            ..payout.clone()
        };
        store.commit(Change::new().update(&taken(&settled), 2)).await.unwrap();
        assert_eq!(found().await.as_ref(), Some(&second.payout_id), "taken back since");
        store.commit(Change::new().update(&taken(&second), 1)).await.unwrap();
        assert_eq!(found().await, None, "so is the other deal's");
    }
}
