//! One payout, from what is due to the processor's answer.

use inventure_core::{DealId, Money, TenantId};
use inventure_events::{Envelope, PayoutSent};
use inventure_lambda::{batch::Failure, metrics};
use inventure_ledger::{Account, Kind, Reference};
use inventure_payments::{ProcessorError, Transfer, TransferOrder};
use inventure_store::{
    Change, Condition,
    records::{PaidOut, Payable, Payout, PayoutAccount, PayoutStatus, Record},
};
use jiff::{SignedDuration, Timestamp};

use crate::{Payer, books};

/// How long a payable waits that cannot be paid yet.
const WAIT: SignedDuration = SignedDuration::from_hours(1);

impl Payer {
    /// Pays what a party of a deal may take now. Anything that is in the way leaves it due.
    pub(crate) async fn pay(&self, deal: DealId, tenant: TenantId, now: Timestamp) -> Result<(), Failure> {
        let payable: Option<Payable> = self.store.get(&Payable::key_of(deal, tenant)).await?;
        let Some(payable) = payable else { return Ok(()) };
        let paid: Option<PaidOut> = self.store.get(&PaidOut::key_of(deal, tenant)).await?;
        let paid = paid.unwrap_or(PaidOut {
            deal_id: deal,
            tenant_id: tenant,
            minor_units: 0,
            payouts: 0,
            open: None,
            version: 0,
        });
        if let Some(open) = &paid.open {
            return self.finish(open, now).await;
        }
        let due = payable.released_minor_units - paid.minor_units;
        if due <= 0 {
            // Paid more than is released now: a fall-off made a debt of it, which is kept back from what comes.
            let done = Change::new().delete(payable.key(), Condition::Version(payable.version));
            self.store.commit(done).await?;
            return Ok(());
        }
        let Some(account) = self.ready_account(tenant).await? else {
            return self.wait(payable, now, "no account that can be paid").await;
        };
        let currency = payable.currency;
        let balance = async |account: Account| -> Result<i64, Failure> {
            let head = self.ledger.head(&account).await?;
            Ok(head.map_or(0, |head| head.balance_minor_units))
        };
        let reference: Reference = deal.to_string().parse()?;
        let available = balance(Account::broker(tenant, Kind::Available, currency)?)
            .await?
            .min(due);
        let debt = balance(Account::broker(tenant, Kind::Debt, currency)?).await?;
        let cash = balance(Account::network(Kind::Cash, currency, &reference)?).await?;
        let on_its_way = balance(Account::network(Kind::InTransit, currency, &reference)?).await?;
        let number = paid.payouts + 1;
        let of = |what: &str, minor_units| Payout {
            payout_id: format!("{what}:{deal}:{tenant}:{number}"),
            deal_id: deal,
            tenant_id: tenant,
            amount: Money { minor_units, currency },
            status: PayoutStatus::Requested,
            transfer_id: None,
            reason: None,
            requested_at: now,
            version: 1,
        };
        let next = |minor_units: i64, open| PaidOut {
            minor_units: paid.minor_units + minor_units,
            payouts: number,
            open,
            version: paid.version + 1,
            ..paid.clone()
        };
        if debt > 0 && available > 0 {
            let kept = of("debt", debt.min(available));
            let mut owed = Vec::new();
            for account in books::recoverable(&kept)? {
                owed.push((account.clone(), balance(account).await?));
            }
            let booked = books::debt_repaid(&kept, &owed)?;
            let after = next(kept.amount.minor_units, None);
            self.ledger.book(&booked, |_| put(Change::new(), &after)).await?;
            // What is left is for the next message.
            return Ok(());
        }
        let minor_units = available.min(cash - on_its_way);
        if minor_units <= 0 {
            return self.wait(payable, now, "no money to pay with").await;
        }
        let payout = of("payout", minor_units);
        let after = next(minor_units, Some(payout.payout_id.clone()));
        let booked = books::requested(&payout)?;
        let also = |_: &_| put(Change::new().insert(&payout), &after);
        self.ledger.book(&booked, also).await?;
        self.transfer(payout, after, &account, now).await
    }

    /// The tenant's account at the processor, if transfers reach it.
    async fn ready_account(&self, tenant: TenantId) -> Result<Option<String>, Failure> {
        let known: Option<PayoutAccount> = self.store.get(&PayoutAccount::key_of(tenant)).await?;
        let Some(known) = known else { return Ok(None) };
        if known.is_ready {
            return Ok(Some(known.account));
        }
        let found = self.processor.account(&known.account).await?;
        if !found.is_ready {
            return Ok(None);
        }
        let read_at = known.version;
        let ready = PayoutAccount {
            is_ready: true,
            version: read_at + 1,
            ..known
        };
        // Another worker may have seen it at the same moment.
        self.store.commit(Change::new().update(&ready, read_at)).await?;
        Ok(Some(ready.account))
    }

    /// Leaves it due, for later.
    async fn wait(&self, payable: Payable, now: Timestamp, why: &str) -> Result<(), Failure> {
        tracing::info!(deal = %payable.deal_id, tenant = %payable.tenant_id, why, "payouts.waits");
        let version = payable.version;
        let later = Payable {
            not_before: now + WAIT,
            ..payable
        };
        // Where settlement wrote it meanwhile, that is newer.
        self.store
            .commit(Change::new().put(&later, Condition::Version(version)))
            .await?;
        Ok(())
    }

    /// Goes on with a payout that was begun before.
    async fn finish(&self, payout_id: &str, now: Timestamp) -> Result<(), Failure> {
        let payout: Option<Payout> = self.store.get(&Payout::key_of(payout_id)).await?;
        let payout = payout.ok_or("an open payout is not there")?;
        let paid: Option<PaidOut> = self
            .store
            .get(&PaidOut::key_of(payout.deal_id, payout.tenant_id))
            .await?;
        let paid = paid.ok_or("a payout without what was paid")?;
        let account: Option<PayoutAccount> = self.store.get(&PayoutAccount::key_of(payout.tenant_id)).await?;
        let account = account.ok_or("a payout without an account")?;
        self.transfer(payout, paid, &account.account, now).await
    }

    /// Asks the processor, and books what it says.
    async fn transfer(&self, payout: Payout, paid: PaidOut, account: &str, now: Timestamp) -> Result<(), Failure> {
        let order = TransferOrder {
            payout_id: payout.payout_id.clone(),
            deal_id: payout.deal_id.to_string(),
            account: account.to_owned(),
            amount: payout.amount,
        };
        match self.processor.transfer(&order).await {
            Ok(transfer) => self.settle(payout, paid, transfer, now).await,
            Err(ProcessorError::Declined { code, message }) => {
                tracing::error!(payout = payout.payout_id, code, "payouts.declined");
                metrics::emit(
                    &[("function", "payouts")],
                    &[("PayoutsDeclined", metrics::Unit::Count, 1.0)],
                );
                self.give_back(payout, paid, &format!("{code}: {message}"), now).await
            }
            Err(unknown) => {
                // It may have happened all the same: the processor's own list says.
                let made = self.processor.transfers_of(&order.deal_id).await?;
                let made = made
                    .into_iter()
                    .find(|transfer| transfer.payout_id.as_ref() == Some(&payout.payout_id));
                match made {
                    Some(transfer) => self.settle(payout, paid, transfer, now).await,
                    None => Err(unknown.into()),
                }
            }
        }
    }

    async fn settle(&self, payout: Payout, paid: PaidOut, transfer: Transfer, now: Timestamp) -> Result<(), Failure> {
        let same = transfer.minor_units == payout.amount.minor_units
            && transfer
                .currency
                .eq_ignore_ascii_case(&payout.amount.currency.to_string());
        if !same {
            return Err(format!("{} is not what {} asked for", transfer.id, payout.payout_id).into());
        }
        let booked = books::settled(&payout)?;
        let event = PayoutSent {
            payout_id: payout.payout_id.clone(),
            deal_id: payout.deal_id,
            tenant_id: payout.tenant_id,
            minor_units: payout.amount.minor_units,
            currency: payout.amount.currency.to_string(),
        };
        let envelope = Envelope::new(event.into(), now, &payout.payout_id);
        let (after, done) = ended(payout, paid, PayoutStatus::Settled, Some(transfer.id), None);
        let also = |_: &_| put(done.change(), &after).emit(&done.payout.payout_id, &envelope);
        self.ledger.book(&booked, also).await?;
        tracing::info!(payout = done.payout.payout_id, "payouts.settled");
        Ok(())
    }

    async fn give_back(&self, payout: Payout, paid: PaidOut, reason: &str, now: Timestamp) -> Result<(), Failure> {
        let booked = books::returned(&payout)?;
        let (deal, tenant, units) = (payout.deal_id, payout.tenant_id, payout.amount.minor_units);
        let (mut after, done) = ended(payout, paid, PayoutStatus::Returned, None, Some(reason.to_owned()));
        after.minor_units -= units;
        self.ledger.book(&booked, |_| put(done.change(), &after)).await?;
        let payable: Option<Payable> = self.store.get(&Payable::key_of(deal, tenant)).await?;
        match payable {
            Some(payable) => self.wait(payable, now, "the processor declined").await,
            None => Ok(()),
        }
    }
}

/// A payout that has ended, and the version it was read at.
struct Done {
    payout: Payout,
    read_at: u64,
}

impl Done {
    fn change(&self) -> Change {
        Change::new().update(&self.payout, self.read_at)
    }
}

fn ended(
    payout: Payout,
    paid: PaidOut,
    status: PayoutStatus,
    transfer_id: Option<String>,
    reason: Option<String>,
) -> (PaidOut, Done) {
    let read_at = payout.version;
    let payout = Payout {
        status,
        transfer_id,
        reason,
        version: read_at + 1,
        ..payout
    };
    let after = PaidOut {
        open: None,
        version: paid.version + 1,
        ..paid
    };
    (after, Done { payout, read_at })
}

/// What was paid, one version on.
fn put(change: Change, paid: &PaidOut) -> Change {
    let condition = match paid.version {
        1 => Condition::Absent,
        version => Condition::Version(version - 1),
    };
    change.put(paid, condition)
}
