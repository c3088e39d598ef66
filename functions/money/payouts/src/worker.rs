//! One payout, from the amount that is due to the processor's answer.

use inventure_api::batch::Failure;
use inventure_books::{
    Balances, Booked, Decided, LedgerError,
    records::{PaidOut, Payable, Payee, Payout, PayoutAccount, PayoutStatus},
};
use inventure_core::{Currency, DealId, Money, TenantId};
use inventure_events::{Envelope, PayoutSent};
use inventure_ledger::{Account, FreeCash, Kind, Reference, Transaction};
use inventure_payments::{BALANCE_INSUFFICIENT, Balance, ProcessorError, Transfer, TransferOrder, unit};
use inventure_table::{Change, Commit, Condition, Record};
use jiff::{SignedDuration, Timestamp};

use crate::{Payer, books};

/// The time for which a payable waits that cannot be paid yet.
const WAIT: SignedDuration = SignedDuration::from_hours(1);

/// The time for which a payable waits after the processor gave no answer.
const UNANSWERED: SignedDuration = SignedDuration::from_mins(1);

/// A payment to come: the amount that is due of a deal to a party of it.
pub(crate) struct Next<'a> {
    payable: &'a Payable,
    paid: &'a PaidOut,
    /// The amount that is due, in minor units.
    due: i64,
    /// The platform's balance at the processor in the payable's currency.
    at_processor: Balance,
    now: Timestamp,
}

impl<'a> Next<'a> {
    /// Returns a payment of nothing, by which only a debt is kept back.
    pub(crate) fn nothing_due(payable: &'a Payable, paid: &'a PaidOut, now: Timestamp) -> Self {
        Self {
            payable,
            paid,
            due: 0,
            at_processor: Balance::default(),
            now,
        }
    }

    const fn number(&self) -> u32 {
        self.paid.payouts + 1
    }

    fn id(&self, what: &str) -> String {
        let Payable { deal_id, tenant_id, .. } = self.payable;
        format!("{what}:{deal_id}:{tenant_id}:{}", self.number())
    }

    fn account(&self, kind: Kind) -> Result<Account, Failure> {
        Ok(Account::broker(self.payable.tenant_id, kind, self.payable.currency)?)
    }

    fn record(&self, what: &str, minor_units: i64) -> Payout {
        let Payable {
            deal_id,
            tenant_id,
            currency,
            ..
        } = *self.payable;
        Payout {
            payout_id: self.id(what),
            deal_id,
            tenant_id,
            amount: Money { minor_units, currency },
            status: PayoutStatus::Requested,
            reverses: None,
            for_debt: false,
            reversed_minor_units: 0,
            transfer_id: None,
            reason: None,
            requested_at: self.now,
            version: 1,
        }
    }

    fn after(&self, minor_units: i64, open: Option<String>) -> PaidOut {
        PaidOut {
            minor_units: self.paid.minor_units + minor_units,
            payouts: self.number(),
            open,
            version: self.paid.version + 1,
            ..self.paid.clone()
        }
    }

    /// Returns a payout of so much, and the record of what was paid with it.
    fn payout(&self, minor_units: i64) -> (Payout, PaidOut) {
        let payout = self.record("payout", minor_units);
        let after = self.after(minor_units, Some(payout.payout_id.clone()));
        (payout, after)
    }
}

/// The reason for which nothing is paid now.
enum NotPaid {
    /// The broker owes something, which is kept back first.
    Owes,
    /// Another deal's fall-off took of the deal's money; the change records it.
    Offset(Box<Change>),
    /// Less is due than the processor moves.
    TooLittle,
    NoCash,
    /// The processor has the money and cannot move it yet.
    Pending,
    Failed(Failure),
}

impl From<Failure> for NotPaid {
    fn from(error: Failure) -> Self {
        Self::Failed(error)
    }
}

impl From<LedgerError> for NotPaid {
    fn from(error: LedgerError) -> Self {
        Self::Failed(error.into())
    }
}

impl Payer {
    /// Pays what a party of a deal may take now, or takes back what it was paid too much. Any obstacle leaves it due.
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
        if !self.is_payee(tenant, &account, now).await? {
            return self.wait(payable, now + WAIT, "another account than before").await;
        }
        // Before anything is booked: what is asked for too early is declined.
        let at_processor = match self.balance(payable.currency).await {
            Ok(balance) => balance,
            Err(unknown) => return self.unanswered(payable, "balance", &unknown, now).await,
        };
        let next = Next {
            payable: &payable,
            paid: &paid,
            due,
            at_processor,
            now,
        };
        match self.request(&next).await {
            Ok(None) => Ok(()),
            Ok(Some((payout, after))) => self.transfer(payout, after, &account, payable, now).await,
            // What is left is for the next message.
            Err(NotPaid::Owes) => self.keep_back(&next).await,
            Err(NotPaid::Offset(change)) => {
                self.store.commit(*change).await?;
                Ok(())
            }
            Err(NotPaid::TooLittle) => {
                // It stays available, and is paid with the next release.
                self.store.commit(done(&payable, &paid)).await?;
                Ok(())
            }
            Err(NotPaid::NoCash) => self.wait(payable, now + WAIT, "no money to pay with").await,
            Err(NotPaid::Pending) => self.wait(payable, now + WAIT, "the client's money is pending").await,
            Err(NotPaid::Failed(error)) => Err(error),
        }
    }

    /// Books the first step of a payout, as far as there is cash for it and the processor moves it. Decides on the balances that the
    /// booking finds. `None` where another worker has begun.
    async fn request(&self, next: &Next<'_>) -> Result<Option<(Payout, PaidOut)>, NotPaid> {
        let Payable { deal_id, currency, .. } = *next.payable;
        let (available, debt) = (next.account(Kind::Available)?, next.account(Kind::Debt)?);
        let reference: Reference = deal_id.to_string().parse().map_err(Failure::from)?;
        let free = FreeCash::of(&reference, currency).map_err(Failure::from)?;
        let mut reads = vec![available.clone(), debt.clone()];
        reads.extend(free.accounts().cloned());
        let decide = |balances: &Balances| -> Result<_, NotPaid> {
            let has = balances.of(&available);
            if has < next.due {
                // A fall-off of another deal took of this deal's money before it was paid: that is as good as paid.
                let after = PaidOut {
                    minor_units: next.payable.released_minor_units - has,
                    version: next.paid.version + 1,
                    ..next.paid.clone()
                };
                let change = balances.bind(put(stands(next.payable), &after), &available);
                return Err(NotPaid::Offset(Box::new(change)));
            }
            if balances.of(&debt) > 0 {
                return Err(NotPaid::Owes);
            }
            let due = unit::movable(next.due, currency);
            if due == 0 {
                return Err(NotPaid::TooLittle);
            }
            let mut parts = free.parts(due, |account| balances.of(account));
            let minor_units = books::trim(&mut parts, currency);
            if minor_units == 0 {
                return Err(NotPaid::NoCash);
            }
            if next.at_processor.is_pending_for(minor_units) {
                return Err(NotPaid::Pending);
            }
            let (payout, after) = next.payout(minor_units);
            Ok(Some(Decided {
                transaction: books::requested(&payout, &parts)?,
                rests_on: vec![debt.clone()],
                also: put(stands(next.payable).insert(&payout), &after),
            }))
        };
        let id: Reference = next.id("payout").parse().map_err(Failure::from)?;
        match self.ledger.book_on(&id, &reads, decide).await? {
            Booked::Now(first) => Ok(Some(next.payout(books::in_transit(&first)))),
            Booked::Before(_) | Booked::Nothing => Ok(None),
        }
    }

    /// Keeps back what the broker owes: of what is due, or, where nothing is due, of all that is available. It counts as paid only
    /// once, so nothing is added where nothing is due.
    pub(crate) async fn keep_back(&self, next: &Next<'_>) -> Result<(), Failure> {
        let (available, debt) = (next.account(Kind::Available)?, next.account(Kind::Debt)?);
        let owed = books::recoverable(next.payable.currency)?;
        let mut reads = vec![available.clone(), debt.clone(), books::reserve(next.payable.currency)?];
        reads.extend(owed.iter().cloned());
        let decide = |balances: &Balances| -> Result<_, Failure> {
            let most = if next.due > 0 { next.due } else { i64::MAX };
            let minor_units = balances.of(&debt).min(balances.of(&available)).min(most);
            if minor_units <= 0 {
                return Ok(None);
            }
            let (kept, after) = (
                next.record("debt", minor_units),
                next.after(minor_units.min(next.due), None),
            );
            Ok(Some(Decided {
                transaction: books::debt_kept(&kept, &books::with_balances(&owed, balances))?,
                rests_on: books::owed_rests_on(&owed, minor_units, balances),
                also: put(stands(next.payable), &after),
            }))
        };
        let id: Reference = next.id("debt").parse()?;
        self.ledger.book_on(&id, &reads, decide).await?;
        Ok(())
    }

    /// Returns the first step of a payout, as it was booked.
    async fn first(&self, payout: &Payout) -> Result<Transaction, Failure> {
        let id: Reference = payout.payout_id.parse()?;
        let first = self.ledger.transaction(&id).await?;
        Ok(first.ok_or("a payout without its first step")?)
    }

    /// Returns the tenant's account at the processor, if transfers reach it. In place of an answer, it can be the processor's error.
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

    /// Whether a tenant is paid to this account: the first that it was paid to, and no other. Where another is named now, somebody wants
    /// its money; an operator has to look.
    async fn is_payee(&self, tenant: TenantId, account: &str, now: Timestamp) -> Result<bool, Failure> {
        let first = Payee {
            tenant_id: tenant,
            account: account.to_owned(),
            since: now,
        };
        let known: Option<Payee> = self.store.get(&first.key()).await?;
        let known = match known {
            Some(known) => known,
            None => match self.store.commit(Change::new().insert(&first)).await? {
                Commit::Done => first,
                // Another worker was first.
                _ => self
                    .store
                    .get(&first.key())
                    .await?
                    .ok_or("a payee that came and went")?,
            },
        };
        let is_payee = known.account == account;
        if !is_payee {
            tracing::error!(tenant = %tenant, "payouts.account_changed");
            crate::count("PayoutAccountsChanged");
        }
        Ok(is_payee)
    }

    /// Marks the tenant's account as not ready. So the processor is asked again how it stands before anything is paid to it.
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

    /// Returns the platform's balance at the processor in a currency.
    async fn balance(&self, currency: Currency) -> Result<Balance, ProcessorError> {
        let balances = self.processor.balances().await?;
        Ok(balances
            .get(&currency.code().to_lowercase())
            .copied()
            .unwrap_or_default())
    }

    /// Leaves a payable due, for later.
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

    /// Leaves a payable for a short time, as the processor gave no answer. It is asked again soon, under the same id.
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

    /// Goes on with a payout that was begun before. The processor may have done it, and have forgotten by now that it was asked: it
    /// remembers an id for a day, its list remembers for ever.
    async fn finish(&self, payout_id: &str, payable: Payable, now: Timestamp) -> Result<(), Failure> {
        let payout: Option<Payout> = self.store.get(&Payout::key_of(payout_id)).await?;
        let payout = payout.ok_or("an open payout is not there")?;
        let paid: Option<PaidOut> = self
            .store
            .get(&PaidOut::key_of(payout.deal_id, payout.tenant_id))
            .await?;
        let paid = paid.ok_or("a payout without what was paid")?;
        if payout.status != PayoutStatus::Requested || paid.open.as_deref() != Some(payout_id) {
            // Another worker ended it since it was read as open, and what is open by now is another.
            return Ok(());
        }
        if payout.reverses.is_some() {
            return self.finish_reversal(payout, paid, payable, now).await;
        }
        let account: Option<PayoutAccount> = self.store.get(&PayoutAccount::key_of(payout.tenant_id)).await?;
        let account = account.ok_or("a payout without an account")?;
        let is_payee = self.is_payee(payout.tenant_id, &account.account, now).await?;
        match self.made(&payout).await {
            Ok(Some(transfer)) => self.book_transfer(payout, paid, transfer, now).await,
            Ok(None) if !is_payee => self.wait(payable, now + WAIT, "another account than before").await,
            Ok(None) => self.transfer(payout, paid, &account.account, payable, now).await,
            Err(unknown) => self.unanswered(payable, payout_id, &unknown, now).await,
        }
    }

    /// Returns the transfer that a payout became, by the processor's own list.
    async fn made(&self, payout: &Payout) -> Result<Option<Transfer>, ProcessorError> {
        let all = self.processor.transfers_of(&payout.deal_id.to_string()).await?;
        let own = |transfer: &Transfer| transfer.payout_id.as_ref() == Some(&payout.payout_id);
        Ok(all.into_iter().find(own))
    }

    /// Asks the processor for a transfer, and books its answer.
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
            Ok(transfer) => self.book_transfer(payout, paid, transfer, now).await,
            Err(ProcessorError::Declined { code, message }) => {
                // Another payout may have been quicker with what can be moved now. That needs nobody.
                let Money { minor_units, currency } = payout.amount;
                let is_early = code == BALANCE_INSUFFICIENT
                    && self
                        .balance(currency)
                        .await
                        .is_ok_and(|balance| balance.is_pending_for(minor_units));
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
                Ok(Some(transfer)) => self.book_transfer(payout, paid, transfer, now).await,
                _ => self.unanswered(payable, &order.payout_id, &unknown, now).await,
            },
        }
    }

    async fn book_transfer(
        &self,
        payout: Payout,
        paid: PaidOut,
        transfer: Transfer,
        now: Timestamp,
    ) -> Result<(), Failure> {
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

/// Returns a payout that has ended, one version on.
pub fn ended(payout: &Payout, status: PayoutStatus, transfer_id: Option<String>, reason: Option<String>) -> Payout {
    Payout {
        status,
        transfer_id,
        reason,
        version: payout.version + 1,
        ..payout.clone()
    }
}

/// Returns the record of what was paid, once nothing is open any more. `by` is the amount by which it changed.
pub fn closed(paid: &PaidOut, by: i64) -> PaidOut {
    PaidOut {
        minor_units: paid.minor_units + by,
        open: None,
        version: paid.version + 1,
        ..paid.clone()
    }
}

/// Writes the record of what was paid, where the stored one is one version behind.
pub fn put(change: Change, paid: &PaidOut) -> Change {
    change.put(paid, Condition::at(paid.version - 1))
}

/// Removes a payable that is done with, where nothing was begun on it meanwhile.
pub fn done(payable: &Payable, paid: &PaidOut) -> Change {
    let condition = Condition::at(paid.version);
    Change::new()
        .delete(payable.key(), Condition::Version(payable.version))
        .check(paid.key(), condition)
}

/// Returns a change that holds only while a payable stands as it was read. Nothing would go on with what is begun on one that does not
/// stand any more.
pub fn stands(payable: &Payable) -> Change {
    Change::new().unchanged(payable, payable.version)
}
