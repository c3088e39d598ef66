//! The reads that reports make, and the bounds on them.

use inventure_api::{Problem, problem::Kind};
use inventure_books::records::SealRecord;
use inventure_core::{DealId, TenantId};
use inventure_deal_store::{
    LoadedDeal, load,
    records::{DealHead, DealOfTenant},
};
use inventure_ledger::{Account, Head, Owner, summary::Course};
use inventure_table::{
    Record,
    table::{Key, Query},
};
use jiff::{SignedDuration, ToSpan, civil::Date, tz::TimeZone};

use super::refused;
use crate::{App, parallel::in_parallel, seals::Unread};

/// The most entries that one report reads. An entry is about 1 KB.
pub const ENTRIES_MAX: u64 = 20_000;

/// The most deals that one report looks through.
pub const DEALS_MAX: usize = 10_000;

/// The most deals that one report reads with all their facts.
pub const DEALS_READ_MAX: usize = 1_000;

/// The number of entries above which a seal to begin at is looked for.
const ENTRIES_FEW: u64 = 1_000;

/// The choice of deals to report on.
#[derive(Debug, Clone, Copy)]
pub enum Scope {
    /// The deals that a tenant takes part in.
    Tenant(TenantId),
    /// All deals of the network that ever had a bill.
    Network,
}

impl App {
    /// Returns accounts with every entry that may have occurred since a day.
    pub async fn courses(&self, accounts: &[Account], from: Date) -> Result<Vec<Course>, Problem> {
        let found = self.ledger.heads(accounts).await?;
        let head = |account: &Account| {
            let head = found.iter().find(|head| head.account == *account).cloned();
            head.unwrap_or_else(|| Head::genesis(account.clone()))
        };
        let heads: Vec<Head> = accounts.iter().map(head).collect();
        let entries: u64 = heads.iter().map(|head| head.sequence).sum();
        let sealed = if entries > ENTRIES_FEW {
            self.sealed_before(accounts, from).await?
        } else {
            Vec::new()
        };
        let start = |head: &Head| {
            let sealed = sealed.iter().find(|sealed| sealed.account == head.account);
            sealed.map_or(0, |sealed| sealed.sequence.min(head.sequence))
        };
        let entries: u64 = heads.iter().map(|head| head.sequence - start(head)).sum();
        if entries > ENTRIES_MAX {
            let message =
                format!("there are {entries} entries since then, and a report reads {ENTRIES_MAX}; choose a later day");
            return Err(refused("from", message));
        }
        in_parallel(heads.iter().map(|head| self.course(head, start(head))).collect()).await
    }

    /// Returns an account's entries from the one after `start` to its head.
    async fn course(&self, head: &Head, start: u64) -> Result<Course, Problem> {
        let account = &head.account;
        let before = self.opening(account, start).await?;
        let (mut entries, mut after) = (Vec::new(), start);
        while after < head.sequence {
            let page = self.ledger.entries(account, after, 1_000).await?;
            let Some(last) = page.last() else { break };
            after = last.sequence;
            entries.extend(page.into_iter().filter(|entry| entry.sequence <= head.sequence));
        }
        Ok(Course { before, entries })
    }

    /// Returns the heads of accounts under the last seal that was over well before a day. The entries that were booked by then had
    /// occurred by then, so none of them belongs to that day or a later one. Empty where there is no such seal.
    async fn sealed_before(&self, accounts: &[Account], day: Date) -> Result<Vec<Head>, Problem> {
        let Ok(eve) = day.checked_sub(1.day()) else {
            return Ok(Vec::new());
        };
        let query = Query {
            descending: true,
            after: Some(eve.to_string()),
            limit: 1,
            ..Query::table(SealRecord::PARTITION, "")
        };
        let found: Vec<SealRecord> = self.store.query(&query).await?;
        let (Some(record), Ok(midnight)) = (found.first(), day.to_zoned(TimeZone::UTC)) else {
            return Ok(Vec::new());
        };
        // A seal that was made up for late, or clocks that are not quite right.
        if record.seal.sealed_at + SignedDuration::from_hours(1) > midnight.timestamp() {
            return Ok(Vec::new());
        }
        match self.sealed(record, accounts).await {
            Ok(sealed) => Ok(sealed.into_iter().map(|(head, _)| head).collect()),
            // Without its heads a seal is no help, and the accounts are read from their first entries.
            Err(Unread::Missing) => {
                tracing::warn!(date = %record.date, "reports.no_heads");
                Ok(Vec::new())
            }
            Err(Unread::Failed(problem)) => Err(problem),
        }
    }

    /// Returns the heads of the deals in a scope.
    pub async fn deal_heads(&self, scope: Scope) -> Result<Vec<DealHead>, Problem> {
        let ids = match scope {
            Scope::Tenant(tenant) => return self.deals_of(tenant).await,
            Scope::Network => self.billed_deals().await?,
        };
        if ids.len() > DEALS_MAX {
            return Err(too_many());
        }
        let keys: Vec<Key> = ids.into_iter().map(DealHead::key_of).collect();
        self.many(&keys).await
    }

    /// Returns any number of records by key, in the order of the keys.
    pub async fn many<R: Record>(&self, keys: &[Key]) -> Result<Vec<R>, Problem> {
        let batches = keys.chunks(100).map(|batch| self.store.get_many(batch)).collect();
        let found: Vec<Vec<R>> = in_parallel(batches).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Returns deals with all their facts.
    pub async fn deals(&self, heads: &[DealHead]) -> Result<Vec<LoadedDeal>, Problem> {
        if heads.len() > DEALS_READ_MAX {
            let message = format!(
                "{} deals come into question, and a report reads {DEALS_READ_MAX}",
                heads.len()
            );
            return Err(Problem::new(Kind::BadQuery, message));
        }
        let reads = heads.iter().map(|head| load(&self.store, head.deal_id)).collect();
        let found: Vec<Option<LoadedDeal>> = in_parallel(reads).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Returns the deals whose terms in force name a tenant as a party. Terms that nobody signed can name any tenant: those are read
    /// past, and do not count.
    async fn deals_of(&self, tenant: TenantId) -> Result<Vec<DealHead>, Problem> {
        let mut pages = self.store.pages(Query::table(DealOfTenant::of_tenant(tenant), ""));
        let mut heads = Vec::new();
        while let Some(page) = pages.next::<DealOfTenant>().await? {
            let keys: Vec<Key> = page.iter().map(|row| DealHead::key_of(row.deal_id)).collect();
            let found: Vec<DealHead> = self.many(&keys).await?;
            heads.extend(found.into_iter().filter(|head| head.binds(tenant)));
            if heads.len() > DEALS_MAX {
                return Err(too_many());
            }
        }
        Ok(heads)
    }

    /// Returns the ids of all deals that have a client's account. No index of all deals is needed for that.
    async fn billed_deals(&self) -> Result<Vec<DealId>, Problem> {
        let heads = self.ledger.client_heads(DEALS_MAX).await?;
        let deal = |head: &Head| match head.account.owner() {
            Owner::Client(deal) => deal.as_str().parse().ok(),
            _ => None,
        };
        Ok(heads.iter().filter_map(deal).collect())
    }
}

fn too_many() -> Problem {
    let message = format!("there are more than {DEALS_MAX} deals, which is more than a report looks through");
    Problem::new(Kind::BadQuery, message)
}
