//! Measures what a proof reads of a sealed day with a million accounts, whole and in pieces.
//!
//! `cargo run --release -p inventure-ledger --example bench_seal`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program to be run and read by hand"
)]

use std::{collections::BTreeMap, time::Instant};

use inventure_ledger::{
    Account, Head, SealedDay, canonical,
    pieces::{Piece, Place, ProofPath, Step},
};

const ACCOUNTS: u64 = 1_000_000;
const PROOFS: u64 = 100;

fn main() {
    let account = |n: u64| format!("client/deal-{n:07}/receivable/USD").parse::<Account>().unwrap();
    let heads = (0..ACCOUNTS).map(|n| Head {
        account: account(n),
        sequence: n % 40 + 1,
        balance_minor_units: 3_333_333,
        hash: canonical::hash("bench", &n).unwrap(),
    });
    let started = Instant::now();
    let at = "2026-11-23T00:05:00Z".parse().unwrap();
    let day = SealedDay::new("2026-11-22".parse().unwrap(), at, heads, None).unwrap();
    let pieces: BTreeMap<Place, Vec<u8>> = day
        .pieces()
        .into_iter()
        .map(|(place, piece)| (place, serde_json::to_vec(&piece).unwrap()))
        .collect();
    let bytes: usize = pieces.values().map(Vec::len).sum();
    println!(
        "{ACCOUNTS} accounts: {} pieces, {bytes} bytes in all, sealed in {:.1?}",
        pieces.len(),
        started.elapsed()
    );
    let (mut reads, mut read_bytes, mut whole, started) = (0, 0, None, Instant::now());
    for n in 0..PROOFS {
        let (mut path, mut place) = ProofPath::to(&account(n * (ACCOUNTS / PROOFS)), day.seal().tree_size).unwrap();
        loop {
            let bytes = &pieces[&place];
            reads += 1;
            read_bytes += bytes.len();
            let piece: Piece = serde_json::from_slice(bytes).unwrap();
            match path.step(&piece, day.seal()).unwrap() {
                Step::Read(next) => place = next,
                Step::NotThere => unreachable!("every account is there"),
                Step::Found(found) => {
                    if n == PROOFS / 2 {
                        whole = Some(found);
                    }
                    break;
                }
            }
        }
    }
    println!(
        "{PROOFS} proofs: {} reads and {} bytes each, checked in {:.1?} each",
        reads / PROOFS,
        read_bytes as u64 / PROOFS,
        started.elapsed() / PROOFS as u32
    );
    let (head, inclusion) = *whole.unwrap();
    assert_eq!(
        day.inclusion(&head.account),
        Some(inclusion),
        "what the whole day proves"
    );
}
