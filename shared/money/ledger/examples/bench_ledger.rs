//! Measures the splitting of money and the verifying of statements, and holds a million random splits to their promises.
//!
//! `cargo run --release -p inventure-ledger --example bench_ledger`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program to be run and read by hand"
)]

use std::time::{Duration, Instant};

use inventure_ledger::{
    Account, Book, Head, Posting, SealedDay, Share, Statement, Transaction, TransactionKind, allocate, verify,
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, TestRunner},
};

const SPLITS: u32 = 1_000_000;
const ENTRIES: u32 = 10_000;
const RUNS: usize = 21;

fn main() {
    splits();
    speed();
    statement();
}

/// Totals of every size, split among one to eight parties.
fn splits() {
    let total = (1..=i64::MAX, 0_u32..63).prop_map(|(total, shift)| (total >> shift).max(1));
    let weights = proptest::collection::vec(0_u64..1_000_000, 1..=8).prop_filter("somebody has a share", |weights| {
        weights.iter().any(|weight| *weight > 0)
    });
    let cases = (total, weights);
    let mut runner = TestRunner::new(Config::default());
    let started = Instant::now();
    for _ in 0..SPLITS {
        let (total, weights) = cases.new_tree(&mut runner).unwrap().current();
        let sum = weights.iter().sum();
        let shares: Vec<Share> = weights.iter().map(|weight| Share::new(*weight, sum).unwrap()).collect();
        let parts = allocate(total, &shares).unwrap();
        let added: i128 = parts.iter().map(|part| i128::from(*part)).sum();
        assert_eq!(added, i128::from(total), "{total} {shares:?}");
        let mut given = true;
        for (part, share) in parts.iter().zip(&shares) {
            let floor = i128::from(total) * i128::from(share.numerator()) / i128::from(share.denominator());
            let more = i128::from(*part) - floor;
            assert!(*part >= 0 && (more == 0 || (more == 1 && given)), "{total} {shares:?}");
            given = given && more == 1;
        }
    }
    println!(
        "{SPLITS} random splits keep their promises, in {:.1?}",
        started.elapsed()
    );
}

fn speed() {
    let shares: Vec<Share> = ["47.5%", "47.5%", "5%"]
        .iter()
        .map(|share| share.parse().unwrap())
        .collect();
    let started = Instant::now();
    let mut sum = 0_i64;
    for total in 1..=i64::from(SPLITS) {
        sum = sum.wrapping_add(allocate(total, &shares).unwrap()[0]);
    }
    let per_second = f64::from(SPLITS) / started.elapsed().as_secs_f64();
    println!(
        "{:.1} million allocations a second, three ways (sum {sum})",
        per_second / 1e6
    );
}

fn statement() {
    let receivable: Account = "client/deal-1/receivable/USD".parse().unwrap();
    let revenue: Account = "network/00/revenue/USD".parse().unwrap();
    let mut book = Book::default();
    let started = Instant::now();
    for n in 1..=ENTRIES {
        let posting = |account: &Account, minor_units| Posting {
            account: account.clone(),
            minor_units,
        };
        let transaction = Transaction {
            id: format!("placement:{n}").parse().unwrap(),
            kind: TransactionKind::Refund,
            occurred_at: "2026-11-22T10:00:00.123456Z".parse().unwrap(),
            deal: "deal-1".parse().ok(),
            reason: "Placement confirmed by the client".parse().ok(),
            corrects: None,
            resolves: None,
            postings: vec![posting(&receivable, i64::from(n)), posting(&revenue, -i64::from(n))],
        };
        book.apply(&transaction).unwrap();
    }
    let per_second = f64::from(ENTRIES) / started.elapsed().as_secs_f64();
    println!("{per_second:.0} transactions a second booked in memory, two postings each");

    let beside = (0..100_000_u64).map(|n| Head {
        sequence: n + 1,
        ..Head::genesis(format!("client/deal-{}/receivable/EUR", n + 2).parse().unwrap())
    });
    let at = "2026-11-23T00:05:00Z".parse().unwrap();
    let started = Instant::now();
    let day = SealedDay::new("2026-11-22".parse().unwrap(), at, book.heads().chain(beside), None).unwrap();
    println!("{} accounts sealed in {:.1?}", day.seal().tree_size, started.elapsed());
    let entries = book.entries(&receivable).to_vec();
    let document = Statement::new(Head::genesis(receivable.clone()), entries, day.inclusion(&receivable))
        .encode()
        .unwrap();

    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            assert_eq!(verify(document.as_bytes()).unwrap().entries, ENTRIES as usize);
            started.elapsed()
        })
        .collect();
    times.sort();
    println!(
        "{ENTRIES} entries ({:.1} MB) verified in {:.1?} (median of {RUNS}; slowest {:.1?})",
        document.len() as f64 / 1e6,
        times[RUNS / 2],
        times[RUNS - 1],
    );
}
