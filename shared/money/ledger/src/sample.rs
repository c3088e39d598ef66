//! Made-up transactions for the tests.

use crate::transaction::{Posting, Transaction, TransactionKind};

/// The account prefix of a made-up broker.
pub const BROKER: &str = "broker/ten_0192f3a4b5c67d8e9fa0b1c2d3e4f506";

/// A posting in writing.
pub fn posting(account: &str, minor_units: i64) -> Posting {
    Posting {
        account: account.parse().unwrap(),
        minor_units,
    }
}

/// A transaction of the deal `deal-1` that names no other.
pub fn transaction(id: &str, kind: TransactionKind, postings: Vec<Posting>) -> Transaction {
    Transaction {
        id: id.parse().unwrap(),
        kind,
        occurred_at: "2026-11-22T10:00:00Z".parse().unwrap(),
        deal: "deal-1".parse().ok(),
        reason: None,
        corrects: None,
        resolves: None,
        postings,
    }
}

/// A broker earns something on a deal.
pub fn reserve(n: u32, minor_units: i64) -> Transaction {
    let postings = vec![
        posting("client/deal-1/receivable/USD", minor_units),
        posting(&format!("{BROKER}/reserved/USD"), -minor_units),
    ];
    transaction(&format!("reserve:{n}"), TransactionKind::Reserve, postings)
}

/// The second step: the amount that [`reserve`] set aside becomes available.
pub fn post(n: u32, minor_units: i64) -> Transaction {
    let postings = vec![
        posting(&format!("{BROKER}/reserved/USD"), minor_units),
        posting(&format!("{BROKER}/available/USD"), -minor_units),
    ];
    let mut post = transaction(&format!("post:{n}"), TransactionKind::Post, postings);
    post.resolves = format!("reserve:{n}").parse().ok();
    post
}
