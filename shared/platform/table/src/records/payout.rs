use inventure_core::{Currency, DealId, Money, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Record;
use crate::table::Key;

/// That a deal's party may be paid, or has been paid too much: written by settlement, worked off by payouts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payable {
    /// The deal.
    pub deal_id: DealId,
    /// The party's tenant.
    pub tenant_id: TenantId,
    /// In which currency.
    pub currency: Currency,
    /// What may have been paid out of this deal in all, in minor units.
    pub released_minor_units: i64,
    /// Not before this: something is in the way, as that the broker has no account that can be paid.
    pub not_before: Timestamp,
    /// What was seen available that no deal has due; `None` where nothing was.
    #[serde(default)]
    pub unclaimed: Option<Unclaimed>,
    /// That of the deal's head when it was written.
    pub version: u64,
}

/// A sight of money that is available to a broker and that no deal has due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unclaimed {
    /// The time when it was seen.
    pub seen_at: Timestamp,
    /// The last entry of the broker's available account then.
    pub entry: u64,
}

impl Payable {
    /// Partitions that the payables are spread over.
    pub const SHARDS: u8 = 4;

    /// A partition of the payables.
    #[must_use]
    pub fn partition(shard: u8) -> String {
        format!("PAYABLES#{shard}")
    }

    /// Where the payable of these two is stored.
    #[must_use]
    pub fn key_of(deal: DealId, tenant: TenantId) -> Key {
        let shard = deal.uuid().as_bytes()[15] % Self::SHARDS;
        Key::new(Self::partition(shard), format!("{deal}#{tenant}"))
    }

    /// The index partition of what may be paid to a tenant.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("PAYABLES_OF#{id}")
    }
}

impl Record for Payable {
    const ENTITY: &'static str = "payable";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, self.tenant_id)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::of_tenant(self.tenant_id), self.deal_id.to_string()))
    }
}

/// What a party of a deal has been paid so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaidOut {
    /// The deal.
    pub deal_id: DealId,
    /// The party's tenant.
    pub tenant_id: TenantId,
    /// Paid, or on its way, or kept back for a debt: in minor units.
    pub minor_units: i64,
    /// How many payouts there were; the number of the last.
    pub payouts: u32,
    /// The payout whose end is not known yet.
    pub open: Option<String>,
    /// Grows by one with every write.
    pub version: u64,
}

impl PaidOut {
    /// Where what these two come to is stored.
    #[must_use]
    pub fn key_of(deal: DealId, tenant: TenantId) -> Key {
        Key::new(format!("DEAL#{deal}"), format!("PAID#{tenant}"))
    }

    /// The ids of all transactions that may have changed what the tenant has: for each number a payout, what came back of it, what was taken
    /// back of an earlier one, or what was kept back for a debt.
    pub fn transaction_ids(&self) -> impl Iterator<Item = String> {
        let (deal, tenant) = (self.deal_id, self.tenant_id);
        (1..=self.payouts).flat_map(move |number| {
            let of = |what: &str| format!("{what}:{deal}:{tenant}:{number}");
            [of("payout"), of("payout") + ":returned", of("reversal"), of("debt")]
        })
    }
}

impl Record for PaidOut {
    const ENTITY: &'static str = "paid_out";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, self.tenant_id)
    }
}

/// How a payout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutStatus {
    /// Booked as on its way; whether the processor has heard of it is not known.
    Requested,
    /// The processor made the transfer.
    Settled,
    /// The processor declined, and the money is available again.
    Returned,
}

/// A payout, or what takes one back. Its id says what it is for, so it is never made twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payout {
    /// `payout:<deal>:<tenant>:<number>`, or `reversal:…` of one; the ledger's transaction and the processor's idempotency key have it too.
    pub payout_id: String,
    /// The deal.
    pub deal_id: DealId,
    /// Who is paid.
    pub tenant_id: TenantId,
    /// How much.
    pub amount: Money,
    /// How it stands.
    pub status: PayoutStatus,
    /// The payout that this takes money back of, after a fall-off; `None` for a payout.
    #[serde(default)]
    pub reverses: Option<String>,
    /// Whether it takes back a debt that no deal was paid too much for.
    #[serde(default)]
    pub for_debt: bool,
    /// What of it was taken back, in minor units.
    #[serde(default)]
    pub reversed_minor_units: i64,
    /// The processor's transfer; of a reversal, the one it takes back of.
    pub transfer_id: Option<String>,
    /// Why the processor declined.
    pub reason: Option<String>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Grows by one with every write.
    pub version: u64,
}

impl Payout {
    /// Where a payout is stored.
    #[must_use]
    pub fn key_of(payout_id: &str) -> Key {
        Key::new(format!("PAYOUT#{payout_id}"), "PAYOUT")
    }

    /// The index partition of the payouts to a tenant.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("PAYOUTS#{id}")
    }
}

impl Record for Payout {
    const ENTITY: &'static str = "payout";

    fn key(&self) -> Key {
        Self::key_of(&self.payout_id)
    }

    fn index(&self) -> Option<(String, String)> {
        let at = self.requested_at.as_second();
        Some((Self::of_tenant(self.tenant_id), format!("{at:012}#{}", self.payout_id)))
    }
}

/// A tenant's account at the processor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PayoutAccount {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The processor's id of the account.
    pub account: String,
    /// Whether transfers reached it when it was last looked at.
    pub is_ready: bool,
    /// Grows by one with every write.
    pub version: u64,
}

impl PayoutAccount {
    /// Where a tenant's account is stored.
    #[must_use]
    pub fn key_of(tenant: TenantId) -> Key {
        Key::new(format!("PAYOUT_ACCOUNT#{tenant}"), "ACCOUNT")
    }
}

impl Record for PayoutAccount {
    const ENTITY: &'static str = "payout_account";

    fn key(&self) -> Key {
        Self::key_of(self.tenant_id)
    }
}
