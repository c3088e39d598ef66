//! Books the money that deals come to. A deal that moved is settled up to now. Once a minute, so is every deal in which something falls
//! due by itself: money to be released, a guarantee that ends, a time to answer that is over.
//!
//! A crash anywhere leaves a deal that is still due and bookings that are found again. The head of the deal says what is booked only
//! after it is, and each booking has an id that follows from the deal.

mod consents;
mod documents;

use std::sync::Arc;

use inventure_api::{batch::Failure, metrics};
use inventure_books::{
    Balances, Booked, Decided, Ledger, LedgerError,
    records::{ClientRefund, OpenChargeback, PaidOut, Payable},
};
use inventure_core::{Currency, DealId, EventId, Money};
use inventure_deal_store::{LoadedDeal, Placing, is_engaged, load, place_late, records::DealHead};
use inventure_deals::{
    Author, Fact, Move, What,
    booking::{Booking, CashMissing, Refund, bookings, released},
};
use inventure_events::{ConsentExpired, ConsentWithdrawn, DealMoved, Envelope, Event, ReserveFunded, queue};
use inventure_ledger::{Account, InvalidAccount, Kind, Posting, Reference, Transaction, TransactionKind};
use inventure_table::{Change, Commit, Condition, Objects, Record, Store, retry::Attempts, table::Query};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::consents::Ended;

/// The number of times that a deal is tried while others move it.
const ATTEMPTS: u32 = 16;

/// The most deals that one sweep settles; the next goes on.
const SWEEP_MAX: usize = 100;

/// The longest that a deal waits for the next sweep that tries it.
const WAIT_MAX_MINUTES: i64 = 30;

/// A message of the queue.
#[derive(Debug)]
pub enum Message {
    /// An event of the platform, such as a deal that moved.
    Event(Box<Envelope>),
    /// The minute is over: all deals that are due are settled.
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

/// The worker that settles deals.
pub struct Settler {
    store: Store,
    ledger: Ledger,
    documents: Arc<dyn Objects>,
}

impl Settler {
    /// Creates a settler on a store that has the ledger table, and on the bucket of the deals' documents.
    #[must_use]
    pub fn new(store: Store, documents: Arc<dyn Objects>) -> Self {
        Self {
            ledger: Ledger::new(store.clone()),
            store,
            documents,
        }
    }

    /// Does what a message asks for.
    pub async fn handle(&self, message: &Message, now: Timestamp) -> Result<(), Failure> {
        match message {
            Message::Sweep => self.sweep(now).await,
            Message::Event(event) => match &event.event {
                Event::DealMoved(DealMoved { deal_id, kind, .. }) => {
                    let settled = self.settle(*deal_id, &event.correlation_id, now).await;
                    if *kind == Move::ConsentWithdrawn.to_string() {
                        settled.and(self.erase_withdrawn(*deal_id, None, now).await)
                    } else {
                        settled
                    }
                }
                Event::ReserveFunded(funded) => self.fund(funded, event.occurred_at).await,
                Event::ConsentWithdrawn(ConsentWithdrawn {
                    candidate_id,
                    tenant_id,
                    consent_id,
                    ..
                })
                | Event::ConsentExpired(ConsentExpired {
                    candidate_id,
                    tenant_id,
                    consent_id,
                    ..
                }) => {
                    let ended = Ended {
                        tenant: *tenant_id,
                        candidate: *candidate_id,
                        consent: *consent_id,
                    };
                    consents::ended(&self.store, ended, &event.correlation_id, now).await
                }
                other => {
                    tracing::warn!(kind = other.kind(), "settlement.not_for_me");
                    Ok(())
                }
            },
        }
    }

    /// Settles every deal that is due. Each is put off before it is loaded, so that neither one that fails nor one that makes the
    /// function die holds up another. Failures are counted.
    async fn sweep(&self, now: Timestamp) -> Result<(), Failure> {
        let (mut settled, mut failed) = (0_u32, 0_u32);
        for shard in 0..DealHead::SHARDS {
            let query = Query {
                descending: false,
                limit: SWEEP_MAX,
                ..Query::index(DealHead::due(shard))
            };
            let due: Vec<DealHead> = self.store.query(&query).await?;
            for head in due
                .iter()
                .take_while(|head| head.swept_at().is_some_and(|at| at <= now))
            {
                match self.put_off(head.deal_id, now).await {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(error) => {
                        tracing::error!(deal = %head.deal_id, error = %error, "settlement.not_put_off");
                        failed += 1;
                        continue;
                    }
                }
                match self.settle(head.deal_id, "sweep", now).await {
                    Ok(()) => settled += 1,
                    Err(error) => {
                        failed += 1;
                        tracing::error!(deal = %head.deal_id, error = %error, "settlement.failed");
                    }
                }
            }
        }
        self.erase_due(now).await?;
        if settled + failed > 0 {
            tracing::info!(settled, failed, "settlement.swept");
        }
        if failed > 0 {
            // Not a failure of the sweep: they stay due, and a later one tries them again.
            let count = metrics::Unit::Count;
            metrics::emit(
                &[("function", "settlement")],
                &[("SettlementsFailed", count, f64::from(failed))],
            );
        }
        Ok(())
    }

    /// Leaves a deal to a later sweep, the later the more often it failed; settling it takes that back. Returns whether it was due: the
    /// index lags behind, and another worker may have been quicker.
    async fn put_off(&self, id: DealId, now: Timestamp) -> Result<bool, Failure> {
        let head: Option<DealHead> = self.store.get(&DealHead::key_of(id)).await?;
        let is_due = |head: &DealHead| head.swept_at().is_some_and(|at| at <= now);
        let Some(head) = head.filter(is_due) else {
            return Ok(false);
        };
        let minutes = WAIT_MAX_MINUTES.min(1 << head.failures.min(8));
        let later = DealHead {
            not_before: Some(now + SignedDuration::from_mins(minutes)),
            failures: head.failures.saturating_add(1),
            version: head.version + 1,
            ..head.clone()
        };
        // Where somebody wrote it meanwhile, the next sweep looks at it again.
        let commit = self.store.commit(Change::new().update(&later, head.version)).await?;
        Ok(matches!(commit, Commit::Done))
    }

    /// Settles a deal up to now.
    pub async fn settle(&self, id: DealId, correlation_id: &str, now: Timestamp) -> Result<(), Failure> {
        let mut attempts = Attempts::new(ATTEMPTS);
        while attempts.begin().await {
            let Some(held) = load(&self.store, id).await? else {
                tracing::warn!(deal = %id, "settlement.no_such_deal");
                return Ok(());
            };
            let until = held.moment(now);
            if held.head.due_at.is_none_or(|due| due > until) {
                return Ok(());
            }
            if let Some(over) = over(&held, until) {
                let change = self.say(&held, over, correlation_id).await?;
                // Then from the start: it may have made money due.
                self.store.commit(change).await?;
                continue;
            }
            let (change, held) = held.settle_until(until)?;
            if !matches!(self.store.commit(change).await?, Commit::Done) {
                continue;
            }
            let waiting = self.book(&held, until).await?;
            let payables = self.not_handed_on(payables(&held, until)?).await?;
            if let Some(missing) = waiting {
                // The brokers' money may be what the refund waits for, so it is taken back before.
                if self.hand_on(&held, payables).await? {
                    return Err(missing.into());
                }
                continue;
            }
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

    /// Adds the network's fact once a time is over. The network places no candidate who has been placed elsewhere since the report, or
    /// whose consent has ended. In that case it states this instead, and the report ends without effect.
    async fn say(&self, held: &LoadedDeal, over: Fact, correlation_id: &str) -> Result<Change, Failure> {
        let now = over.at;
        let (change, next) = held.add(vec![over], correlation_id)?;
        let Some(late) = place_late(&self.store, &held.deal, &next).await? else {
            return Ok(change);
        };
        let mut still = Change::new();
        // A hire that a document shows stands, whatever the candidate says later.
        if !late.is_shown {
            let (withdrawn, known) = consents::unheard(&self.store, held, late.candidate, now).await?;
            if let Some(withdrawn) = withdrawn {
                return Ok(known.and(held.add(vec![withdrawn], correlation_id)?.0));
            }
            still = known;
        }
        let by = match late.placing {
            Placing::Free(placed) => return Ok(still.and(placed).and(change)),
            Placing::Taken(by) | Placing::Doubtful(by) => by,
        };
        tracing::info!(deal = %held.deal.id(), candidate = %late.candidate, "settlement.placed_elsewhere");
        // A deal that the employer has nothing to do with is not told by what.
        let informed = is_engaged(&self.store, held).await?;
        let nobody = Fact {
            id: EventId::new(),
            at: now,
            by: Author::Network,
            what: What::OwnershipDecided {
                candidate: late.candidate,
                owners: Vec::new(),
                on: None,
                grounds: informed.then_some(by).into_iter().collect(),
            },
        };
        Ok(held.add(vec![nobody], correlation_id)?.0)
    }

    /// Books that the network put money into its guarantee reserve. Refunds that wait for cash find it there.
    async fn fund(&self, funded: &ReserveFunded, at: Timestamp) -> Result<(), Failure> {
        let currency: Currency = funded.currency.parse()?;
        let topup: Reference = funded.topup_id.parse()?;
        let posting = |kind, minor_units| {
            let account = Account::network(kind, currency, &topup)?;
            Ok::<_, InvalidAccount>(Posting { account, minor_units })
        };
        let transaction = Transaction {
            id: format!("reserve:{topup}").parse()?,
            kind: TransactionKind::ReserveFunded,
            occurred_at: at,
            deal: None,
            reason: None,
            corrects: None,
            resolves: None,
            postings: vec![
                posting(Kind::Cash, funded.minor_units)?,
                posting(Kind::GuaranteeReserve, -funded.minor_units)?,
            ],
        };
        self.ledger.book(&transaction, |_| Change::new()).await?;
        tracing::info!(transaction = %transaction.id, "settlement.reserve_funded");
        Ok(())
    }

    /// Books everything that is due by a moment and not booked yet. A refund for which cash is missing is left out, and holds up nothing
    /// else; it is returned.
    async fn book(&self, held: &LoadedDeal, until: Timestamp) -> Result<Option<CashMissing>, Failure> {
        let mut waiting = None;
        let all = bookings(&held.deal, until)?;
        for booking in all.iter().filter(|booking| booking.at() > held.head.booked_until) {
            let booked = match booking {
                Booking::Exact(transaction) => {
                    self.ledger.book(transaction, |_| Change::new()).await?;
                    transaction.clone()
                }
                // What was taken from balances before stands, whatever they are now.
                _ => match self.book_on_balances(held, booking, until).await {
                    Ok(Booked::Now(transaction)) => transaction,
                    Ok(Booked::Before(_) | Booked::Nothing) => continue,
                    Err(NotBooked::Waits(missing)) => {
                        waiting = Some(missing);
                        continue;
                    }
                    Err(NotBooked::Failed(error)) => return Err(error.into()),
                },
            };
            tracing::info!(deal = %held.deal.id(), transaction = %booked.id, kind = booked.kind.name(), "settlement.booked");
        }
        Ok(waiting)
    }

    /// Books an amount that is taken from balances, from those that the booking finds.
    async fn book_on_balances(
        &self,
        held: &LoadedDeal,
        booking: &Booking,
        until: Timestamp,
    ) -> Result<Booked, NotBooked> {
        let refund = match (booking, held.deal.terms()) {
            (Booking::Refund(refund), Some(terms)) => {
                Some(to_client(held.deal.id(), booking, refund, terms.currency, until))
            }
            _ => None,
        };
        let decide = |balances: &Balances| -> Result<_, NotBooked> {
            let transaction = booking.transaction(|account| balances.of(account));
            Ok(Some(Decided {
                transaction: transaction.map_err(NotBooked::Waits)?,
                rests_on: booking.rests_on(),
                also: match (&refund, booking) {
                    (Some(refund), _) => Change::new().insert(refund),
                    (None, Booking::Chargeback(chargeback)) => is_booked(held.deal.id(), chargeback),
                    _ => Change::new(),
                },
            }))
        };
        self.ledger.book_on(booking.id(), &booking.reads(), decide).await
    }

    /// Keeps the payables that payouts do not know yet. A deal that waits comes here every minute, and what it released may have changed
    /// twice meanwhile, so only payouts' own records say what they know.
    async fn not_handed_on(&self, mut payables: Vec<Payable>) -> Result<Vec<Payable>, Failure> {
        let keys: Vec<_> = payables.iter().map(Record::key).collect();
        let known: Vec<Payable> = self.store.get_all(&keys).await?;
        let paid = payables
            .iter()
            .map(|payable| PaidOut::key_of(payable.deal_id, payable.tenant_id));
        let paid: Vec<PaidOut> = self.store.get_all(&paid.collect::<Vec<_>>()).await?;
        payables.retain(|payable| {
            let known = known.iter().find(|known| known.tenant_id == payable.tenant_id);
            let paid = paid.iter().find(|paid| paid.tenant_id == payable.tenant_id);
            let before = match known {
                Some(known) => known.released_minor_units,
                None => paid.map_or(0, |paid| paid.minor_units),
            };
            before != payable.released_minor_units
        });
        Ok(payables)
    }

    /// Hands payables on to payouts, and returns whether all were. Each is bound to the deal as it was read, so that an older amount
    /// never replaces a newer one.
    async fn hand_on(&self, held: &LoadedDeal, payables: Vec<Payable>) -> Result<bool, Failure> {
        for payable in payables {
            let change = Change::new()
                .unchanged(&held.head, held.head.version)
                .put(&payable, Condition::None);
            if !matches!(self.store.commit(change).await?, Commit::Done) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The reason for which a booking was not made.
enum NotBooked {
    /// There is too little cash yet.
    Waits(CashMissing),
    Failed(LedgerError),
}

impl From<LedgerError> for NotBooked {
    fn from(error: LedgerError) -> Self {
        Self::Failed(error)
    }
}

/// Returns the record of a refund that the processor has still to make.
fn to_client(deal_id: DealId, booking: &Booking, refund: &Refund, currency: Currency, now: Timestamp) -> ClientRefund {
    ClientRefund {
        refund_id: booking.id().to_string(),
        deal_id,
        invoice: refund.invoice.clone(),
        left: Money {
            minor_units: refund.minor_units,
            currency,
        },
        number: 0,
        open: None,
        booked_at: now,
        not_before: now,
        version: 1,
    }
}

/// Removes the open chargebacks that are in the books with this booking.
fn is_booked(deal: DealId, chargeback: &Refund) -> Change {
    let keys = chargeback.facts.iter().map(|fact| OpenChargeback::key_of(deal, *fact));
    keys.fold(Change::new(), |change, key| change.delete(key, Condition::None))
}

/// Returns the amounts that the parties may have been paid by now.
fn payables(held: &LoadedDeal, until: Timestamp) -> Result<Vec<Payable>, Failure> {
    let Some(terms) = held.deal.terms() else {
        return Ok(Vec::new());
    };
    let payable = |(tenant_id, released_minor_units)| Payable {
        deal_id: held.deal.id(),
        tenant_id,
        currency: terms.currency,
        released_minor_units,
        not_before: until,
        unclaimed: None,
        version: held.head.version,
    };
    Ok(released(&held.deal, until)?.into_iter().map(payable).collect())
}

/// Returns the network's fact once a time that the terms give is over; `None` before.
fn over(held: &LoadedDeal, now: Timestamp) -> Option<Fact> {
    let deadline = held.deal.deadline().filter(|deadline| deadline.at <= now)?;
    Some(Fact {
        id: EventId::new(),
        at: now,
        by: Author::Network,
        what: deadline.then,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use inventure_core::{JobId, TenantId};
    use inventure_table::memory::{MemoryObjects, MemoryTable};

    use super::*;

    #[tokio::test]
    async fn only_what_payouts_know_is_known() {
        let store = Store::new(Arc::new(MemoryTable::default()), "settlement");
        let settler = Settler::new(store.clone(), Arc::new(MemoryObjects::default()));
        let (deal_id, tenant_id) = (DealId::new(), TenantId::new());
        let payable = |released_minor_units| Payable {
            deal_id,
            tenant_id,
            currency: Currency::USD,
            released_minor_units,
            not_before: Timestamp::UNIX_EPOCH,
            unclaimed: None,
            version: 1,
        };
        let left = async || settler.not_handed_on(vec![payable(100)]).await.unwrap().len();
        assert_eq!(left().await, 1, "nothing is known");
        // Taken back and given back while a refund waited: the deal's own history ends where it began.
        for (known, expected) in [(100, 0), (0, 1)] {
            let change = Change::new().put(&payable(known), Condition::None);
            store.commit(change).await.unwrap();
            assert_eq!(left().await, expected, "{known} is known");
        }
        let paid = PaidOut {
            deal_id,
            tenant_id,
            minor_units: 100,
            payouts: 1,
            open: None,
            version: 1,
        };
        let change = Change::new().delete(payable(0).key(), Condition::None).insert(&paid);
        store.commit(change).await.unwrap();
        assert_eq!(left().await, 0, "all of it was paid");
    }

    #[tokio::test]
    async fn a_worker_that_was_overtaken_writes_no_older_amount() {
        let store = Store::new(Arc::new(MemoryTable::default()), "settlement");
        let settler = Settler::new(store.clone(), Arc::new(MemoryObjects::default()));
        let now = Timestamp::UNIX_EPOCH;
        let mut held = inventure_deal_store::new(DealId::new(), JobId::new(), TenantId::new(), now);
        held.head.version = 4;
        store.commit(Change::new().insert(&held.head)).await.unwrap();
        let tenant_id = TenantId::new();
        let payable = |released_minor_units, version| Payable {
            deal_id: held.deal.id(),
            tenant_id,
            currency: Currency::USD,
            released_minor_units,
            not_before: now,
            unclaimed: None,
            version,
        };
        let key = Payable::key_of(held.deal.id(), tenant_id);
        assert!(settler.hand_on(&held, vec![payable(70, 4)]).await.unwrap());
        // Another worker books what came meanwhile.
        let (change, newer) = held.booked_until(now).unwrap();
        let booked = payable(100, newer.head.version);
        store.commit(change.put(&booked, Condition::None)).await.unwrap();
        assert!(!settler.hand_on(&held, vec![payable(80, 4)]).await.unwrap());
        assert_eq!(store.get::<Payable>(&key).await.unwrap(), Some(booked));
    }
}
