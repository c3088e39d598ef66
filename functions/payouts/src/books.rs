//! The transactions of a payout.

use inventure_core::Money;
use inventure_lambda::batch::Failure;
use inventure_ledger::{Account, Kind, Owner, Posting, Reference, SHARDS, Shard, Transaction, TransactionKind};
use inventure_store::records::Payout;
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

/// First step: what is available is on its way.
pub fn requested(payout: &Payout) -> Result<Transaction, Failure> {
    let Money { minor_units, currency } = payout.amount;
    let deal: Reference = payout.deal_id.to_string().parse()?;
    let mut booked = transaction(&payout.payout_id, TransactionKind::Payout, &deal, payout.requested_at)?;
    post(
        &mut booked,
        Account::broker(payout.tenant_id, Kind::Available, currency)?,
        minor_units,
    );
    post(
        &mut booked,
        Account::network(Kind::InTransit, currency, &deal)?,
        -minor_units,
    );
    Ok(booked)
}

/// Second step: the processor made the transfer.
pub fn settled(payout: &Payout) -> Result<Transaction, Failure> {
    let deal: Reference = payout.deal_id.to_string().parse()?;
    let cash = Account::network(Kind::Cash, payout.amount.currency, &deal)?;
    second(payout, TransactionKind::PayoutSettled, "settled", cash)
}

/// Second step: the processor declined, and it is available again.
pub fn returned(payout: &Payout) -> Result<Transaction, Failure> {
    let available = Account::broker(payout.tenant_id, Kind::Available, payout.amount.currency)?;
    second(payout, TransactionKind::PayoutReturned, "returned", available)
}

/// What is on its way ends in `to`. Dated as the first step is, so that whoever comes second books the same.
fn second(payout: &Payout, kind: TransactionKind, name: &str, to: Account) -> Result<Transaction, Failure> {
    let Money { minor_units, currency } = payout.amount;
    let deal: Reference = payout.deal_id.to_string().parse()?;
    let id = format!("{}:{name}", payout.payout_id);
    let mut booked = transaction(&id, kind, &deal, payout.requested_at)?;
    booked.resolves = Some(payout.payout_id.parse()?);
    post(
        &mut booked,
        Account::network(Kind::InTransit, currency, &deal)?,
        minor_units,
    );
    post(&mut booked, to, -minor_units);
    Ok(booked)
}

/// The accounts that the guarantee reserve is owed from.
pub fn recoverable(payout: &Payout) -> Result<Vec<Account>, Failure> {
    let shards = (0..SHARDS).filter_map(Shard::new);
    let all = shards.map(|shard| Account::new(Owner::Network(shard), Kind::Recoverable, payout.amount.currency));
    Ok(all.collect::<Result<_, _>>()?)
}

/// What the broker owes is kept back, and the guarantee reserve gets back what it stood in for. `owed` are the balances of the accounts it is
/// owed from.
pub fn debt_repaid(payout: &Payout, owed: &[(Account, i64)]) -> Result<Transaction, Failure> {
    let Money { minor_units, currency } = payout.amount;
    let deal: Reference = payout.deal_id.to_string().parse()?;
    let mut booked = transaction(
        &payout.payout_id,
        TransactionKind::DebtRepaid,
        &deal,
        payout.requested_at,
    )?;
    post(
        &mut booked,
        Account::broker(payout.tenant_id, Kind::Available, currency)?,
        minor_units,
    );
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
