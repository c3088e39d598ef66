//! The ledger transactions of a payout.

use inventure_api::batch::Failure;
use inventure_books::{Balances, records::Payout};
use inventure_core::{Currency, Money};
use inventure_ledger::{
    Account, CashPart, Kind, Owner, Posting, Reference, SHARDS, Shard, Transaction, TransactionKind,
};
use inventure_payments::{Fee, unit};
use jiff::Timestamp;

fn transaction(id: &str, kind: TransactionKind, deal: &Reference, now: Timestamp) -> Result<Transaction, Failure> {
    Ok(Transaction {
        id: id.parse()?,
        kind,
        occurred_at: now,
        deal: Some(deal.clone()),
        reason: None,
        corrects: None,
        resolves: None,
        postings: Vec::new(),
    })
}

fn post(transaction: &mut Transaction, account: Account, minor_units: i64) {
    if minor_units != 0 {
        transaction.postings.push(Posting { account, minor_units });
    }
}

/// Returns the first step of a payout. The available amount is on its way, out of the cash of these shards.
pub fn requested(payout: &Payout, parts: &[CashPart]) -> Result<Transaction, Failure> {
    let Money { minor_units, currency } = payout.amount;
    let deal: Reference = payout.deal_id.to_string().parse()?;
    let mut booked = transaction(&payout.payout_id, TransactionKind::Payout, &deal, payout.requested_at)?;
    post(
        &mut booked,
        Account::broker(payout.tenant_id, Kind::Available, currency)?,
        minor_units,
    );
    for part in parts {
        post(&mut booked, part.of.in_transit.clone(), -part.minor_units);
    }
    Ok(booked)
}

/// Returns the second step of a payout that the processor made. The cash of the same shards is less.
pub fn settled(payout: &Payout, first: &Transaction) -> Result<Transaction, Failure> {
    let mut booked = second(payout, TransactionKind::PayoutSettled, "settled", first)?;
    for part in &first.postings {
        if part.account.kind() == Kind::InTransit {
            let cash = Account::new(part.account.owner().clone(), Kind::Cash, part.account.currency())?;
            post(&mut booked, cash, part.minor_units);
        }
    }
    Ok(booked)
}

/// Returns the second step of a payout that the processor declined. The amount is available again.
pub fn returned(payout: &Payout, first: &Transaction) -> Result<Transaction, Failure> {
    let mut booked = second(payout, TransactionKind::PayoutReturned, "returned", first)?;
    let available = Account::broker(payout.tenant_id, Kind::Available, payout.amount.currency)?;
    post(&mut booked, available, -payout.amount.minor_units);
    Ok(booked)
}

/// Returns the second step of a payout, after which nothing is on its way any more. It is dated as the first step is, so that a worker
/// that comes second books the same.
fn second(payout: &Payout, kind: TransactionKind, name: &str, first: &Transaction) -> Result<Transaction, Failure> {
    let deal: Reference = payout.deal_id.to_string().parse()?;
    let id = format!("{}:{name}", payout.payout_id);
    let mut booked = transaction(&id, kind, &deal, payout.requested_at)?;
    booked.resolves = Some(first.id.clone());
    for part in &first.postings {
        if part.account.kind() == Kind::InTransit {
            post(&mut booked, part.account.clone(), -part.minor_units);
        }
    }
    Ok(booked)
}

/// Returns the amount in transit of a payout, by its first step.
pub fn in_transit(first: &Transaction) -> i64 {
    let parts = first
        .postings
        .iter()
        .filter(|part| part.account.kind() == Kind::InTransit);
    -parts.map(|part| part.minor_units).sum::<i64>()
}

/// Trims the parts to the amount that the processor can move of their sum, and returns that amount.
pub fn trim(parts: &mut Vec<CashPart>, currency: Currency) -> i64 {
    let sum: i64 = parts.iter().map(|part| part.minor_units).sum();
    let moved = unit::movable(sum, currency);
    let mut left = moved;
    for part in parts.iter_mut() {
        part.minor_units = part.minor_units.min(left);
        left -= part.minor_units;
    }
    parts.retain(|part| part.minor_units > 0);
    moved
}

/// Returns the account of the guarantee reserve.
pub fn reserve(currency: Currency) -> Result<Account, Failure> {
    Ok(Account::new(
        Owner::Network(Shard::FIRST),
        Kind::GuaranteeReserve,
        currency,
    )?)
}

/// Returns the booking of a fee that the processor took, out of the cash of these shards. A fee that the processor gave back goes into
/// that cash.
pub fn fee(id: &Reference, fee: &Fee, parts: &[CashPart]) -> Result<Transaction, Failure> {
    let currency = fee.amount.currency;
    let expense = Account::network(Kind::Fees, currency, id)?;
    let mut booked = Transaction {
        id: id.clone(),
        kind: TransactionKind::ProcessorFee,
        occurred_at: fee.taken_at,
        deal: None,
        reason: None,
        corrects: None,
        resolves: None,
        postings: Vec::new(),
    };
    post(&mut booked, expense, fee.amount.minor_units);
    for part in parts {
        post(&mut booked, part.of.cash.clone(), -part.minor_units);
    }
    Ok(booked)
}

/// Returns the accounts that the guarantee reserve is owed from.
pub fn recoverable(currency: Currency) -> Result<Vec<Account>, Failure> {
    let shards = (0..SHARDS).filter_map(Shard::new);
    let all = shards.map(|shard| Account::new(Owner::Network(shard), Kind::Recoverable, currency));
    Ok(all.collect::<Result<_, _>>()?)
}

/// Returns the accounts, each with its balance.
pub fn with_balances(accounts: &[Account], balances: &Balances) -> Vec<(Account, i64)> {
    let with = |account: &Account| (account.clone(), balances.of(account));
    accounts.iter().map(with).collect()
}

/// Returns the accounts that a debt repayment depends on beside those that it posts to. If the reserve is owed less than is repaid,
/// these are all accounts that it is owed from: it must be owed no more.
pub fn owed_rests_on(owed: &[Account], repaid: i64, balances: &Balances) -> Vec<Account> {
    let all: i64 = owed.iter().map(|account| balances.of(account)).sum();
    if all < repaid { owed.to_vec() } else { Vec::new() }
}

/// Returns the booking of a debt that is kept back of the broker's available amount. `owed` are the balances of the accounts the
/// guarantee reserve is owed from.
pub fn debt_kept(payout: &Payout, owed: &[(Account, i64)]) -> Result<Transaction, Failure> {
    let Money { minor_units, currency } = payout.amount;
    let from = Account::broker(payout.tenant_id, Kind::Available, currency)?;
    debt_repaid(payout, from, minor_units, owed)
}

/// Returns the booking of a debt that came back from the processor. `spare` of it is more than is owed, and available to the broker
/// again.
pub fn debt_taken_in(reversal: &Payout, spare: i64, owed: &[(Account, i64)]) -> Result<Transaction, Failure> {
    let Money { minor_units, currency } = reversal.amount;
    let deal: Reference = reversal.deal_id.to_string().parse()?;
    let from = Account::network(Kind::Cash, currency, &deal)?;
    let mut booked = debt_repaid(reversal, from, minor_units - spare, owed)?;
    if let Some(cash) = booked
        .postings
        .iter_mut()
        .find(|posting| posting.account.kind() == Kind::Cash)
    {
        cash.minor_units += spare;
    }
    post(
        &mut booked,
        Account::broker(reversal.tenant_id, Kind::Available, currency)?,
        -spare,
    );
    Ok(booked)
}

/// Returns the booking of a debt that is repaid. So much less is owed, and the guarantee reserve gets back what it stood in for.
fn debt_repaid(
    payout: &Payout,
    from: Account,
    minor_units: i64,
    owed: &[(Account, i64)],
) -> Result<Transaction, Failure> {
    let currency = payout.amount.currency;
    let deal: Reference = payout.deal_id.to_string().parse()?;
    let mut booked = transaction(
        &payout.payout_id,
        TransactionKind::DebtRepaid,
        &deal,
        payout.requested_at,
    )?;
    booked.postings.push(Posting {
        account: from,
        minor_units,
    });
    post(
        &mut booked,
        Account::broker(payout.tenant_id, Kind::Debt, currency)?,
        -minor_units,
    );
    let mut left = minor_units;
    for (account, balance) in owed {
        let back = left.min(*balance).max(0);
        post(&mut booked, account.clone(), back);
        left -= back;
    }
    let reserve = Account::network(Kind::GuaranteeReserve, currency, &deal)?;
    post(&mut booked, reserve, left - minor_units);
    Ok(booked)
}
