//! Books what deals come to. A deal that moved is settled up to now; once a minute, so is every deal in which something falls due
//! without anybody asking: money to be released, a guarantee that ends.
//!
//! A crash anywhere leaves a deal that is still due and bookings that are found again: the head of the deal says what is booked only after it
//! is, and each booking has an id that follows from the deal.

use std::collections::HashMap;

use inventure_core::{DealId, EventId};
use inventure_deal_store::{Held, load};
use inventure_deals::{
    Author, Fact, State, What,
    booking::{Booking, bookings, released},
};
use inventure_events::{DealMoved, Envelope, Event, queue};
use inventure_lambda::{batch::Failure, metrics};
use inventure_store::{
    Change, Commit, Condition, Ledger, Store,
    records::{DealHead, Payable},
    table::Query,
};
use jiff::Timestamp;
use serde::Deserialize;

/// How often a deal is tried while others move it.
const ATTEMPTS: usize = 8;

/// The most deals that one sweep settles; the next goes on.
const SWEEP_MAX: usize = 100;

/// What the queue brings.
#[derive(Debug)]
pub enum Message {
    /// Something happened.
    Event(Box<Envelope>),
    /// The minute is over.
    Sweep,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tick {
    sweep: bool,
}

impl Message {
    /// Reads a message of the queue.
    pub fn read(body: &str) -> Result<Self, Failure> {
        if let Ok(Tick { sweep: true }) = serde_json::from_str(body) {
            return Ok(Self::Sweep);
        }
        Ok(Self::Event(Box::new(queue::from_bus(body)?)))
    }
}

/// Settles deals.
pub struct Settler {
    store: Store,
    ledger: Ledger,
}

impl Settler {
    /// A settler on a store that has the ledger table.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            ledger: Ledger::new(store.clone()),
            store,
        }
    }

    /// Does what a message asks for.
    pub async fn handle(&self, message: &Message, now: Timestamp) -> Result<(), Failure> {
        match message {
            Message::Sweep => self.sweep(now).await,
            Message::Event(event) => match &event.event {
                Event::DealMoved(DealMoved { deal_id, .. }) => self.settle(*deal_id, &event.correlation_id, now).await,
                other => {
                    tracing::warn!(kind = other.kind(), "settlement.not_for_me");
                    Ok(())
                }
            },
        }
    }

    /// Settles every deal that is due. One that fails holds up no other; it stays due, and its failure is counted.
    async fn sweep(&self, now: Timestamp) -> Result<(), Failure> {
        let (mut settled, mut failed) = (0_u32, 0_u32);
        for shard in 0..DealHead::SHARDS {
            let query = Query {
                descending: false,
                limit: SWEEP_MAX,
                ..Query::index(DealHead::due(shard))
            };
            let due: Vec<DealHead> = self.store.query(&query).await?;
            for head in due.iter().take_while(|head| head.due_at.is_some_and(|at| at <= now)) {
                match self.settle(head.deal_id, "sweep", now).await {
                    Ok(()) => settled += 1,
                    Err(error) => {
                        failed += 1;
                        tracing::error!(deal = %head.deal_id, error = %error, "settlement.failed");
                    }
                }
            }
        }
        if settled + failed > 0 {
            tracing::info!(settled, failed, "settlement.swept");
        }
        if failed > 0 {
            // Not a failure of the sweep: they stay due, and the next one tries them again.
            let count = metrics::Unit::Count;
            metrics::emit(
                &[("function", "settlement")],
                &[("SettlementsFailed", count, f64::from(failed))],
            );
        }
        Ok(())
    }

    /// Settles a deal up to now.
    pub async fn settle(&self, id: DealId, correlation_id: &str, now: Timestamp) -> Result<(), Failure> {
        for _ in 0..ATTEMPTS {
            let Some(held) = load(&self.store, id).await? else {
                tracing::warn!(deal = %id, "settlement.no_such_deal");
                return Ok(());
            };
            let until = held.moment(now);
            if held.head.due_at.is_none_or(|due| due > until) {
                return Ok(());
            }
            if let Some(ended) = guarantee_ended(&held, until) {
                let (change, _) = held.add(vec![ended], correlation_id)?;
                // Then from the start: the end of the guarantee may have made money due.
                self.store.commit(change).await?;
                continue;
            }
            let (change, held) = held.settle_until(until)?;
            if !matches!(self.store.commit(change).await?, Commit::Done) {
                continue;
            }
            self.book(&held, until).await?;
            let payables = payables(&held, until)?;
            let (mut change, _) = held.booked_until(until)?;
            for payable in &payables {
                change = change.put(payable, Condition::None);
            }
            if let Commit::Done = self.store.commit(change).await? {
                return Ok(());
            }
        }
        Err(format!("{id} moves faster than it can be settled").into())
    }

    /// Books what is due by a moment and not booked yet.
    async fn book(&self, held: &Held, until: Timestamp) -> Result<(), Failure> {
        let all = bookings(&held.deal, until)?;
        for booking in all.iter().filter(|booking| booking.at() > held.head.booked_until) {
            // What was taken from balances then stands, whatever they are now.
            if !matches!(booking, Booking::Exact(_)) && self.ledger.transaction(booking.id()).await?.is_some() {
                continue;
            }
            let mut balances = HashMap::new();
            for account in booking.depends_on() {
                let head = self.ledger.head(&account).await?;
                balances.insert(account, head.map_or(0, |head| head.balance_minor_units));
            }
            let transaction = booking.transaction(|account| balances.get(account).copied().unwrap_or(0))?;
            self.ledger.book(&transaction, |_| Change::new()).await?;
            tracing::info!(deal = %held.deal.id(), transaction = %transaction.id, kind = transaction.kind.name(), "settlement.booked");
        }
        Ok(())
    }
}

/// What the parties may have been paid by now, where that has changed.
fn payables(held: &Held, until: Timestamp) -> Result<Vec<Payable>, Failure> {
    let Some(terms) = held.deal.terms() else {
        return Ok(Vec::new());
    };
    let before = released(&held.deal, held.head.booked_until)?;
    let changed = released(&held.deal, until)?
        .into_iter()
        .filter(|(tenant, units)| before.get(tenant) != Some(units));
    let payable = |(tenant_id, released_minor_units)| Payable {
        deal_id: held.deal.id(),
        tenant_id,
        currency: terms.currency,
        released_minor_units,
        not_before: until,
        version: held.head.version,
    };
    Ok(changed.map(payable).collect())
}

/// The fact that the guarantee has ended, where it has.
fn guarantee_ended(held: &Held, now: Timestamp) -> Option<Fact> {
    let ended = held.deal.state() == State::Paid && held.deal.guarantee_end()? <= now;
    ended.then(|| Fact {
        id: EventId::new(),
        at: now,
        by: Author::Network,
        what: What::GuaranteeEnded {},
    })
}
