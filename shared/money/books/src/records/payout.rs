use inventure_core::{Currency, DealId, Money, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use inventure_table::{Key, Record};

/// An amount that a deal's party may be paid, or a sign that it has been paid too much. Written by settlement, worked off by payouts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payable {
    /// The deal that the money comes from.
    pub deal_id: DealId,
    /// The party's tenant.
    pub tenant_id: TenantId,
    /// The currency of the amount.
    pub currency: Currency,
    /// The amount that may have been paid out of this deal in all, in minor units.
    pub released_minor_units: i64,
    /// The time until which it is left alone. Something is in the way, as that the broker has no account that can be paid.
    pub not_before: Timestamp,
    /// Money that was seen available and that no deal has due; `None` where there was none.
    #[serde(default)]
    pub unclaimed: Option<Unclaimed>,
    /// The version of the deal's head when this was written.
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
        format!("{}{shard}", Self::PARTITION)
    }

    /// The key of the payable of this deal and tenant.
    #[must_use]
    pub fn key_of(deal: DealId, tenant: TenantId) -> Key {
        let shard = deal.uuid().as_bytes()[15] % Self::SHARDS;
        Key::new(Self::partition(shard), format!("{deal}#{tenant}"))
    }

    /// The index partition of what may be paid to a tenant.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("{}{id}", Self::INDEX)
    }
}

impl Record for Payable {
    const ENTITY: &'static str = "payable";
    const PARTITION: &'static str = "PAYABLES#";
    const INDEX: &'static str = "PAYABLES_OF#";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, self.tenant_id)
    }

    fn index(&self) -> Option<(String, String)> {
        Some((Self::of_tenant(self.tenant_id), self.deal_id.to_string()))
    }
}

/// The amount that a party of a deal has been paid so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaidOut {
    /// The deal that the money came from.
    pub deal_id: DealId,
    /// The party's tenant.
    pub tenant_id: TenantId,
    /// The amount that is paid, or on its way, or kept back for a debt, in minor units.
    pub minor_units: i64,
    /// The number of payouts so far, which is also the number of the last.
    pub payouts: u32,
    /// The payout whose end is not known yet.
    pub open: Option<String>,
    /// Grows by one with every write.
    pub version: u64,
}

impl PaidOut {
    /// The key of the amount paid to this tenant out of this deal.
    #[must_use]
    pub fn key_of(deal: DealId, tenant: TenantId) -> Key {
        Key::new(format!("{}{deal}", Self::PARTITION), tenant.to_string())
    }

    /// The ids of all transactions that may have changed the amount that the tenant has. For each number, one is of a payout, one of what
    /// came back of it, one of what was taken back of an earlier one, and one of what was kept back for a debt.
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
    const PARTITION: &'static str = "PAID#";

    fn key(&self) -> Key {
        Self::key_of(self.deal_id, self.tenant_id)
    }
}

/// The status of a payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// The deal that the money comes from.
    pub deal_id: DealId,
    /// The tenant that is paid.
    pub tenant_id: TenantId,
    /// The amount of the payout.
    pub amount: Money,
    /// The status of the payout.
    pub status: PayoutStatus,
    /// The payout that this takes money back of, after a fall-off; `None` for a payout.
    #[serde(default)]
    pub reverses: Option<String>,
    /// Whether it takes back a debt that no deal was paid too much for.
    #[serde(default)]
    pub for_debt: bool,
    /// The part that was taken back, in minor units.
    #[serde(default)]
    pub reversed_minor_units: i64,
    /// The processor's transfer; of a reversal, the one it takes back of.
    pub transfer_id: Option<String>,
    /// The reason for which the processor declined.
    pub reason: Option<String>,
    /// The time at which the payout was asked for.
    pub requested_at: Timestamp,
    /// Grows by one with every write.
    pub version: u64,
}

impl Payout {
    /// The key of a payout.
    #[must_use]
    pub fn key_of(payout_id: &str) -> Key {
        Key::new(format!("{}{payout_id}", Self::PARTITION), "PAYOUT")
    }

    /// The index partition of the payouts to a tenant.
    #[must_use]
    pub fn of_tenant(id: TenantId) -> String {
        format!("{}{id}", Self::INDEX)
    }
}

impl Record for Payout {
    const ENTITY: &'static str = "payout";
    const PARTITION: &'static str = "PAYOUT#";
    const INDEX: &'static str = "PAYOUTS#";

    fn key(&self) -> Key {
        Self::key_of(&self.payout_id)
    }

    fn index(&self) -> Option<(String, String)> {
        let at = self.requested_at.as_second();
        Some((Self::of_tenant(self.tenant_id), format!("{at:012}#{}", self.payout_id)))
    }
}

/// The account that a tenant is paid to, as payouts have it from the first time. [`PayoutAccount`] is written by the function that opens
/// accounts; this one by payouts alone, so that a tenant's money goes to one account whatever that record says later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payee {
    /// The tenant that is paid.
    pub tenant_id: TenantId,
    /// The processor's id of the account.
    pub account: String,
    /// The time of the first payout to it.
    pub since: Timestamp,
}

impl Payee {
    /// The key of the account that a tenant is paid to.
    #[must_use]
    pub fn key_of(tenant: TenantId) -> Key {
        Key::new(format!("{}{tenant}", Self::PARTITION), "PAYEE")
    }
}

impl Record for Payee {
    const ENTITY: &'static str = "payee";
    const PARTITION: &'static str = "PAYEE#";

    fn key(&self) -> Key {
        Self::key_of(self.tenant_id)
    }
}

/// A tenant's account at the processor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PayoutAccount {
    /// The tenant that the account belongs to.
    pub tenant_id: TenantId,
    /// The processor's id of the account.
    pub account: String,
    /// Whether transfers reached it when it was last looked at.
    pub is_ready: bool,
    /// Grows by one with every write.
    pub version: u64,
}

impl PayoutAccount {
    /// The key of a tenant's account.
    #[must_use]
    pub fn key_of(tenant: TenantId) -> Key {
        Key::new(format!("{}{tenant}", Self::PARTITION), "ACCOUNT")
    }
}

impl Record for PayoutAccount {
    const ENTITY: &'static str = "payout_account";
    const PARTITION: &'static str = "PAYOUT_ACCOUNT#";

    fn key(&self) -> Key {
        Self::key_of(self.tenant_id)
    }
}
