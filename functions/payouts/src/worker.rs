//! One payout, from what is due to the processor's answer.

use inventure_core::{Currency, DealId, Money, TenantId};
use inventure_events::{Envelope, PayoutSent};
use inventure_lambda::batch::Failure;
use inventure_ledger::{Account, Kind, Owner, Reference, Shard, Transaction};
use inventure_payments::{BALANCE_INSUFFICIENT, ProcessorError, Transfer, TransferOrder, unit};
use inventure_store::{
    Change, Condition,
    records::{PaidOut, Payable, Payout, PayoutAccount, PayoutStatus, Record},
};
use jiff::{SignedDuration, Timestamp};

use crate::{Payer, books};

/// How long a payable waits that cannot be paid yet.
const WAIT: SignedDuration = SignedDuration::from_hours(1);

/// How long one waits whose processor gave no answer.
const UNANSWERED: SignedDuration = SignedDuration::from_mins(1);

impl Payer {
    /// Pays what a party of a deal may take now, or takes back what it was paid too much. Anything that is in the way leaves it due.
    pub(crate) async fn pay(&self, deal: DealId, tenant: TenantId, now: Timestamp) -> Result<(), Failure> {
        let (payable, paid) = self
            .store
            .get_both::<Payable, PaidOut>(&Payable::key_of(deal, tenant), &PaidOut::key_of(deal, tenant))
            .await?;
        let Some(payable) = payable else { return Ok(()) };
        let paid = paid.unwrap_or(PaidOut {
            deal_id: deal,
            tenant_id: tenant,
            minor_units: 0,
            payouts: 0,
            open: None,
            version: 0,
        });
        if let Some(open) = &paid.open {
            return self.finish(open, payable, now).await;
        }
        let due = payable.released_minor_units - paid.minor_units;
        if due <= 0 {
            return self.take_back(payable, paid, now).await;
        }
        let account = match self.ready_account(tenant).await? {
            Ok(Some(account)) => account,
            Ok(None) => return self.wait(payable, now + WAIT, "no account that can be paid").await,
            Err(unknown) => return self.unanswered(payable, "account", &unknown, now).await,
        };
        let currency = payable.currency;
        let reference: Reference = deal.to_string().parse()?;
        let of = |kind| Account::broker(tenant, kind, currency);
        let [available, debt] = self.balances([of(Kind::Available)?, of(Kind::Debt)?]).await?;
        if available < due {
            // A fall-off of another deal took of this deal's money before it was paid: that is as good as paid.
            let after = PaidOut {
                minor_units: payable.released_minor_units - available,
                version: paid.version + 1,
                ..paid
            };
            self.store.commit(put(Change::new(), &after)).await?;
            return Ok(());
        }
        let number = paid.payouts + 1;
        let of = |what: &str, minor_units| Payout {
            payout_id: format!("{what}:{deal}:{tenant}:{number}"),
            deal_id: deal,
            tenant_id: tenant,
            amount: Money { minor_units, currency },
            status: PayoutStatus::Requested,
            reverses: None,
            reversed_minor_units: 0,
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
        if debt > 0 {
            let kept = of("debt", debt.min(due));
            let owed = self.owed_to_reserve(&kept).await?;
            let booked = books::debt_kept(&kept, &owed)?;
            let after = next(kept.amount.minor_units, None);
            self.ledger.book(&booked, |_| put(Change::new(), &after)).await?;
            // What is left is for the next message.
            return Ok(());
        }
        let due = unit::movable(due, currency);
        if due == 0 {
            // Less than the processor moves stays available, and is paid with the next release.
            self.store.commit(done(&payable)).await?;
            return Ok(());
        }
        let mut parts = self.cash(&reference, currency, due).await?;
        let minor_units = trim(&mut parts, currency);
        if minor_units == 0 {
            return self.wait(payable, now + WAIT, "no money to pay with").await;
        }
        match self.ripens(Money { minor_units, currency }).await {
            Ok(false) => {}
            Ok(true) => return self.wait(payable, now + WAIT, "the client's money is pending").await,
            Err(unknown) => return self.unanswered(payable, "balance", &unknown, now).await,
        }
        let payout = of("payout", minor_units);
        let after = next(minor_units, Some(payout.payout_id.clone()));
        let booked = books::requested(&payout, &parts)?;
        let also = |_: &_| put(Change::new().insert(&payout), &after);
        self.ledger.book(&booked, also).await?;
        self.transfer(payout, after, &account, payable, now).await
    }

    /// Where the cash for a payout is, up to what is wanted: in the deal's own shard, and where a refund has taken of that, in the others.
    pub(crate) async fn cash(
        &self,
        deal: &Reference,
        currency: Currency,
        mut wanted: i64,
    ) -> Result<Vec<(Shard, i64)>, Failure> {
        let of = |shard, kind| Account::new(Owner::Network(shard), kind, currency);
        let mut accounts = Vec::new();
        for shard in books::shards(deal) {
            accounts.extend([of(shard, Kind::Cash)?, of(shard, Kind::InTransit)?]);
        }
        let known = self.ledger.balances(&accounts).await?;
        let balance = |account: &Account| known.get(account).copied().unwrap_or(0);
        let mut parts = Vec::new();
        for shard in books::shards(deal) {
            let free = balance(&of(shard, Kind::Cash)?) - balance(&of(shard, Kind::InTransit)?);
            let part = free.clamp(0, wanted);
            if part > 0 {
                parts.push((shard, part));
                wanted -= part;
            }
        }
        Ok(parts)
    }

    /// The first step of a payout, as it was booked.
    async fn first(&self, payout: &Payout) -> Result<Transaction, Failure> {
        let id: Reference = payout.payout_id.parse()?;
        let first = self.ledger.transaction(&id).await?;
        Ok(first.ok_or("a payout without its first step")?)
    }

    /// Balances of accounts, zero where nothing was ever booked.
    pub(crate) async fn balances<const N: usize>(&self, accounts: [Account; N]) -> Result<[i64; N], Failure> {
        let known = self.ledger.balances(&accounts).await?;
        Ok(accounts.map(|account| known.get(&account).copied().unwrap_or(0)))
    }

    /// The accounts from which the guarantee reserve gets back what it stood in for, with their balances.
    pub(crate) async fn owed_to_reserve(&self, payout: &Payout) -> Result<Vec<(Account, i64)>, Failure> {
        let known = self.ledger.balances(&books::recoverable(payout)?).await?;
        Ok(known.into_iter().collect())
    }

    /// The tenant's account at the processor, if transfers reach it, or what the processor said in place of an answer.
    async fn ready_account(&self, tenant: TenantId) -> Result<Result<Option<String>, ProcessorError>, Failure> {
        let known: Option<PayoutAccount> = self.store.get(&PayoutAccount::key_of(tenant)).await?;
        let Some(known) = known else { return Ok(Ok(None)) };
        if known.is_ready {
            return Ok(Ok(Some(known.account)));
        }
        match self.processor.account(&known.account).await {
            Ok(found) if found.is_ready => {}
            other => return Ok(other.map(|_| None)),
        }
        let read_at = known.version;
        let ready = PayoutAccount {
            is_ready: true,
            version: read_at + 1,
            ..known
        };
        // Another worker may have seen it at the same moment.
        self.store.commit(Change::new().update(&ready, read_at)).await?;
        Ok(Ok(Some(ready.account)))
    }

    /// Asks the processor again how the tenant's account stands before anything is paid to it.
    async fn doubt_account(&self, tenant: TenantId) -> Result<(), Failure> {
        let known: Option<PayoutAccount> = self.store.get(&PayoutAccount::key_of(tenant)).await?;
        let Some(known) = known.filter(|known| known.is_ready) else {
            return Ok(());
        };
        let read_at = known.version;
        let doubted = PayoutAccount {
            is_ready: false,
            version: read_at + 1,
            ..known
        };
        // Whoever wrote it meanwhile knows better.
        self.store.commit(Change::new().update(&doubted, read_at)).await?;
        Ok(())
    }

    /// Whether the processor has an amount, and only a part of it can be moved now.
    async fn ripens(&self, amount: Money) -> Result<bool, ProcessorError> {
        let balances = self.processor.balances().await?;
        let balance = balances.get(&amount.currency.code().to_lowercase());
        Ok(balance.is_some_and(|balance| balance.ripens_to(amount.minor_units)))
    }

    /// Leaves it due, for later.
    pub(crate) async fn wait(&self, payable: Payable, until: Timestamp, why: &str) -> Result<(), Failure> {
        tracing::info!(deal = %payable.deal_id, tenant = %payable.tenant_id, why, "payouts.waits");
        let version = payable.version;
        let later = Payable {
            not_before: until,
            ..payable
        };
        // Where settlement wrote it meanwhile, that is newer.
        self.store
            .commit(Change::new().put(&later, Condition::Version(version)))
            .await?;
        Ok(())
    }

    /// The processor gave no answer: asked again soon, under the same id.
    pub(crate) async fn unanswered(
        &self,
        payable: Payable,
        id: &str,
        why: &ProcessorError,
        now: Timestamp,
    ) -> Result<(), Failure> {
        tracing::error!(payout = id, error = %why, "payouts.unanswered");
        crate::count("PayoutsUnanswered");
        self.wait(payable, now + UNANSWERED, "no answer").await
    }

    /// Goes on with a payout that was begun before. The processor may have done it, and have forgotten by now that it was asked: it remembers
    /// an id for a day, its list remembers for ever.
    async fn finish(&self, payout_id: &str, payable: Payable, now: Timestamp) -> Result<(), Failure> {
        let payout: Option<Payout> = self.store.get(&Payout::key_of(payout_id)).await?;
        let payout = payout.ok_or("an open payout is not there")?;
        let paid: Option<PaidOut> = self
            .store
            .get(&PaidOut::key_of(payout.deal_id, payout.tenant_id))
            .await?;
        let paid = paid.ok_or("a payout without what was paid")?;
        if payout.reverses.is_some() {
            return self.finish_reversal(payout, paid, payable, now).await;
        }
        let account: Option<PayoutAccount> = self.store.get(&PayoutAccount::key_of(payout.tenant_id)).await?;
        let account = account.ok_or("a payout without an account")?;
        match self.made(&payout).await {
            Ok(Some(transfer)) => self.settle(payout, paid, transfer, now).await,
            Ok(None) => self.transfer(payout, paid, &account.account, payable, now).await,
            Err(unknown) => self.unanswered(payable, payout_id, &unknown, now).await,
        }
    }

    /// The transfer that a payout became, by the processor's own list.
    async fn made(&self, payout: &Payout) -> Result<Option<Transfer>, ProcessorError> {
        let all = self.processor.transfers_of(&payout.deal_id.to_string()).await?;
        let own = |transfer: &Transfer| transfer.payout_id.as_ref() == Some(&payout.payout_id);
        Ok(all.into_iter().find(own))
    }

    /// Asks the processor, and books what it says.
    async fn transfer(
        &self,
        payout: Payout,
        paid: PaidOut,
        account: &str,
        payable: Payable,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let order = TransferOrder {
            payout_id: payout.payout_id.clone(),
            deal_id: payout.deal_id.to_string(),
            account: account.to_owned(),
            amount: payout.amount,
        };
        match self.processor.transfer(&order).await {
            Ok(transfer) => self.settle(payout, paid, transfer, now).await,
            Err(ProcessorError::Declined { code, message }) => {
                // Another payout may have been quicker with what can be moved now. That needs nobody.
                let is_early = code == BALANCE_INSUFFICIENT && self.ripens(payout.amount).await.unwrap_or(false);
                if !is_early {
                    tracing::error!(payout = payout.payout_id, code, "payouts.declined");
                    crate::count("PayoutsDeclined");
                }
                if code != BALANCE_INSUFFICIENT {
                    self.doubt_account(payout.tenant_id).await?;
                }
                self.give_back(payout, paid, &format!("{code}: {message}")).await?;
                self.wait(payable, now + WAIT, "the processor declined").await
            }
            // It may have happened all the same.
            Err(unknown) => match self.made(&payout).await {
                Ok(Some(transfer)) => self.settle(payout, paid, transfer, now).await,
                _ => self.unanswered(payable, &order.payout_id, &unknown, now).await,
            },
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
        let booked = books::settled(&payout, &self.first(&payout).await?)?;
        let event = PayoutSent {
            payout_id: payout.payout_id.clone(),
            deal_id: payout.deal_id,
            tenant_id: payout.tenant_id,
            minor_units: payout.amount.minor_units,
            currency: payout.amount.currency.to_string(),
        };
        let envelope = Envelope::new(event.into(), now, &payout.payout_id);
        let done = ended(&payout, PayoutStatus::Settled, Some(transfer.id), None);
        let after = closed(&paid, 0);
        let also = |_: &_| {
            let change = Change::new().update(&done, payout.version);
            put(change, &after).emit(&payout.payout_id, &envelope)
        };
        self.ledger.book(&booked, also).await?;
        tracing::info!(payout = payout.payout_id, "payouts.settled");
        Ok(())
    }

    async fn give_back(&self, payout: Payout, paid: PaidOut, reason: &str) -> Result<(), Failure> {
        let booked = books::returned(&payout, &self.first(&payout).await?)?;
        let done = ended(&payout, PayoutStatus::Returned, None, Some(reason.to_owned()));
        let after = closed(&paid, -payout.amount.minor_units);
        let also = |_: &_| put(Change::new().update(&done, payout.version), &after);
        self.ledger.book(&booked, also).await?;
        Ok(())
    }
}

/// Leaves of the parts what the processor moves of their sum, which it gives.
fn trim(parts: &mut Vec<(Shard, i64)>, currency: Currency) -> i64 {
    let sum: i64 = parts.iter().map(|(_, part)| part).sum();
    let moved = unit::movable(sum, currency);
    let mut left = moved;
    for (_, part) in parts.iter_mut() {
        *part = (*part).min(left);
        left -= *part;
    }
    parts.retain(|(_, part)| *part > 0);
    moved
}

/// A payout that has ended, one version on.
pub fn ended(payout: &Payout, status: PayoutStatus, transfer_id: Option<String>, reason: Option<String>) -> Payout {
    Payout {
        status,
        transfer_id,
        reason,
        version: payout.version + 1,
        ..payout.clone()
    }
}

/// What was paid, once nothing is open any more, and by how much it changed.
pub fn closed(paid: &PaidOut, by: i64) -> PaidOut {
    PaidOut {
        minor_units: paid.minor_units + by,
        open: None,
        version: paid.version + 1,
        ..paid.clone()
    }
}

/// What was paid, one version on.
pub fn put(change: Change, paid: &PaidOut) -> Change {
    let condition = match paid.version {
        1 => Condition::Absent,
        version => Condition::Version(version - 1),
    };
    change.put(paid, condition)
}

/// The payable is done with.
pub fn done(payable: &Payable) -> Change {
    Change::new().delete(payable.key(), Condition::Version(payable.version))
}
