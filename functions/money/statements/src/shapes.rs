//! The shape of a statement for the API's description. The ledger writes the document itself, byte for byte.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::seals::SealView;

/// An account's entries and their proof.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Statement)]
pub struct StatementShape {
    /// The format of the document.
    #[schema(pattern = "^inventure-statement/1$")]
    pub format: String,
    /// The head of the account before the first entry.
    pub opening: StatementHead,
    /// The entries since the opening, oldest first.
    #[schema(max_items = 5000)]
    pub entries: Vec<StatementEntry>,
    /// The head of the account after the last entry.
    pub head: StatementHead,
    /// Proof that the account's head is in a seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inclusion: Option<StatementInclusion>,
}

/// The head of an account: its last entry in short.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementHead {
    /// The account that the head belongs to.
    #[schema(max_length = 300)]
    pub account: String,
    /// The number of entries, which is also the number of the last one.
    pub sequence: u64,
    /// The balance after it, in minor units.
    #[schema(pattern = "^(0|-?[1-9][0-9]{0,18})$")]
    pub balance_minor_units: String,
    /// The hash of the last entry, SHA-256 in hexadecimal; zeros before the first.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub hash: String,
}

/// An entry: the change that one transaction made in one account.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementEntry {
    /// The account that the entry belongs to.
    #[schema(max_length = 300)]
    pub account: String,
    /// The place of the entry in the account, from 1, without gaps.
    #[schema(minimum = 1)]
    pub sequence: u64,
    /// The id of the transaction that made the entry.
    #[schema(max_length = 120)]
    pub transaction_id: String,
    /// The hash of all of the transaction, so its other postings can be asked for and checked.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub transaction_hash: String,
    /// The kind of the transaction.
    pub kind: EntryKind,
    /// The time of the transaction, as it was given with it.
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: Timestamp,
    /// The deal that the entry belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 120)]
    pub deal: Option<String>,
    /// The reason for the transaction, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub reason: Option<String>,
    /// The change of the balance in minor units: below zero where the balance shrank.
    #[schema(pattern = "^-?[1-9][0-9]{0,18}$")]
    pub change_minor_units: String,
    /// The balance afterwards in minor units, on the account's own side: what a broker is owed is above zero.
    #[schema(pattern = "^(0|-?[1-9][0-9]{0,18})$")]
    pub balance_minor_units: String,
    /// The hash of the entry before; zeros for the first.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub previous_hash: String,
    /// The hash of all of the above.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub hash: String,
}

/// The kind of a transaction.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A fee is earned and set aside.
    Reserve,
    /// All or a part of what was set aside becomes available.
    Post,
    /// All or a part of what was set aside is taken back.
    Void,
    /// The client is billed, and the network alone has a share of it.
    NetworkFee,
    /// The client paid.
    PaymentReceived,
    /// The client was paid back.
    Refund,
    /// An earlier transaction is undone for a fall-off inside the guarantee, in whole or in part.
    Reversal,
    /// The processor is told to pay a broker.
    Payout,
    /// The processor confirmed a payout.
    PayoutSettled,
    /// The processor refused a payout, or the money came back.
    PayoutReturned,
    /// A broker paid what it owes.
    DebtRepaid,
    /// Money was put into the guarantee reserve.
    ReserveFunded,
    /// An earlier transaction was wrong.
    Correction,
    /// The client's bank took a payment back.
    Chargeback,
    /// The processor took a fee, or gave one back.
    ProcessorFee,
}

/// Proof that a head is in a seal.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementInclusion {
    /// The seal that the head is in.
    pub seal: SealView,
    /// The number of the account's last entry when the day was sealed.
    pub sequence: u64,
    /// The place of the account's head among the leaves.
    pub leaf_index: u64,
    /// The hashes beside its way to the root.
    #[schema(max_items = 64)]
    pub proof: Vec<String>,
}

#[cfg(test)]
mod tests {
    use inventure_ledger::{Hash, Head, Inclusion, Posting, Seal, Statement, Transaction, TransactionKind, append_all};

    use super::*;

    /// Reads a real statement by the shape, and expects nothing to be lost or added.
    #[test]
    fn a_statement_has_the_shape_that_is_described() {
        let posting = |account: &str, minor_units| Posting {
            account: account.parse().unwrap(),
            minor_units,
        };
        let transaction = Transaction {
            id: "reserve:1".parse().unwrap(),
            kind: TransactionKind::Reserve,
            occurred_at: "2026-11-22T10:00:00Z".parse().unwrap(),
            deal: "deal-1".parse().ok(),
            reason: "the first of two".parse().ok(),
            corrects: None,
            resolves: None,
            postings: vec![
                posting("client/deal-1/receivable/USD", 700),
                posting("broker/ten_0192f3a4b5c67d8e9fa0b1c2d3e4f506/reserved/USD", -700),
            ],
        };
        let entries = append_all(&transaction, |_| None).unwrap();
        let opening = Head::genesis(entries[1].account.clone());
        let seal = Seal {
            date: "2026-11-22".parse().unwrap(),
            sealed_at: "2026-11-23T00:00:10Z".parse().unwrap(),
            tree_size: 1,
            root: Hash::ZERO,
            previous_hash: Hash::ZERO,
            hash: Hash::ZERO,
        };
        let inclusion = Inclusion {
            seal,
            sequence: 1,
            leaf_index: 0,
            proof: vec![Hash::ZERO],
        };
        let document = Statement::new(opening, entries[1..].to_vec(), Some(inclusion))
            .encode()
            .unwrap();
        let shape: StatementShape = serde_json::from_str(&document).unwrap();
        let sent: serde_json::Value = serde_json::from_str(&document).unwrap();
        assert_eq!(serde_json::to_value(&shape).unwrap(), sent);
    }
}
