//! Every deal that a test makes is booked as it would have been while it happened. It is booked with and without paying
//! the parties at once.

mod accounts;

use std::fmt::Write;

use inventure_ledger::{Book, BookError, allocate::PARTIES_MAX};

use super::*;
use crate::{
    fact::{Author, What},
    sample::{CANDIDATE_SIDE, JOB_SIDE, Play, fell_off, invoiced, member, paid, placed, signature, tenant, terms},
};

/// Pays each party the amount that is available to it, as far as the cash suffices.
fn pay_out(
    book: &mut Book,
    (deal, now): (&Deal, Timestamp),
    terms: &Terms,
    paid: &mut BTreeMap<TenantId, i64>,
    booked: &mut Vec<Transaction>,
) {
    let reference: Reference = deal.id().to_string().parse().unwrap();
    for party in &terms.parties {
        let available = Account::broker(party.tenant, Kind::Available, terms.currency).unwrap();
        let of = |kind| Account::network(kind, terms.currency, &reference).unwrap();
        // Who was paid and owes it back may leave less than another is owed.
        let cash = book.balance_minor_units(&of(Kind::Cash));
        let minor_units = book.balance_minor_units(&available).min(cash);
        if minor_units == 0 {
            continue;
        }
        let sequence = book.head(&available).unwrap().sequence;
        let step = |id: String, kind, resolves: Option<&Reference>, (from, to): (&Account, &Account)| Transaction {
            id: id.parse().unwrap(),
            kind,
            occurred_at: now,
            deal: Some(reference.clone()),
            reason: None,
            corrects: None,
            resolves: resolves.cloned(),
            postings: [(from, minor_units), (to, -minor_units)]
                .map(|(account, minor_units)| Posting {
                    account: account.clone(),
                    minor_units,
                })
                .into(),
        };
        let (transit, cash) = (of(Kind::InTransit), of(Kind::Cash));
        let name = format!("payout:{}:{sequence}", party.tenant);
        let first = step(name.clone(), TransactionKind::Payout, None, (&available, &transit));
        let second = step(
            format!("{name}:settled"),
            TransactionKind::PayoutSettled,
            Some(&first.id),
            (&transit, &cash),
        );
        book.apply(&first).unwrap();
        book.apply(&second).unwrap();
        booked.extend([first, second]);
        *paid.entry(party.tenant).or_default() += minor_units;
    }
}

/// Books a deal step by step; refunds for which there is no cash wait, as they would.
#[track_caller]
fn check_with(deal: &Deal, pays: bool) {
    let Some(terms) = deal.terms() else { return };
    let mut book = Book::default();
    let mut paid = BTreeMap::new();
    let mut known: Vec<Booking> = Vec::new();
    let mut booked: Vec<Transaction> = Vec::new();
    let mut moments: Vec<Timestamp> = deal.facts().iter().map(|fact| fact.at).collect();
    moments.extend(deal.settle().unwrap().movements.iter().map(|movement| movement.at));
    moments.sort_unstable();
    moments.dedup();
    let mut waiting = 0;
    for now in moments {
        // What was known then: no later fact.
        let facts = deal.facts().iter().filter(|fact| fact.at <= now).cloned();
        let then = Deal::replay(deal.id(), facts).unwrap();
        let all = bookings(&then, now).unwrap();
        assert_eq!(all[..known.len()], known, "what was booked stays");
        for booking in &all[known.len()..] {
            let balance = |account: &Account| book.balance_minor_units(account);
            if let Ok(transaction) = booking.transaction(balance) {
                book.apply(&transaction).unwrap();
                booked.push(transaction);
            } else if let Booking::Refund(refund) | Booking::Chargeback(refund) = booking {
                waiting += refund.minor_units;
            }
        }
        known = all;
        if pays {
            pay_out(&mut book, (&then, now), terms, &mut paid, &mut booked);
        }
    }
    assert!(pays || waiting == 0, "who was not paid out needs no reserve");
    let balance = |account: Result<Account, InvalidAccount>| book.balance_minor_units(&account.unwrap());
    let reference: Reference = deal.id().to_string().parse().unwrap();
    let owed: i64 = deal.invoices().iter().map(crate::deal::Invoice::outstanding).sum();
    // A refund that waits is owed to the client.
    assert_eq!(
        balance(Ok(Account::receivable(reference.clone(), terms.currency))),
        owed - waiting
    );
    let end = Timestamp::MAX;
    let released = released(deal, end).unwrap();
    for party in &terms.parties {
        let of = |kind| balance(Account::broker(party.tenant, kind, terms.currency));
        let got = of(Kind::Available) + paid.get(&party.tenant).copied().unwrap_or(0) - of(Kind::Debt);
        assert_eq!(got, released.get(&party.tenant).copied().unwrap_or(0), "{}", party.id);
    }
    crate::report::tests::check(deal, &book, &booked, &paid);
}

#[track_caller]
pub(crate) fn check(deal: &Deal) {
    check_with(deal, true);
    check_with(deal, false);
}

#[test]
fn a_placement_and_a_fall_off_as_the_ledger_has_them() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.on(2026, 2, 13);
    play.must(Author::Network, paid(&terms, "1", 1_000_000));
    play.on(2026, 2, 14);
    play.must(Author::Network, paid(&terms, "1", 2_333_333));
    play.on(2026, 2, 17);
    play.agreed(member(JOB_SIDE), fell_off(31));
    play.on(2026, 2, 18);
    let list: Vec<String> = bookings(&play.deal, play.deal.facts().last().unwrap().at)
        .unwrap()
        .iter()
        .map(|booking| {
            // The candidate's side was paid out, the job's side was not.
            let kept = Account::broker(tenant(JOB_SIDE), Kind::Available, terms.currency).unwrap();
            let transaction = booking
                .transaction(|account| {
                    if *account == kept || account.kind() == Kind::Cash {
                        i64::MAX
                    } else {
                        0
                    }
                })
                .unwrap();
            let mut text = format!("{} {}", transaction.kind.name(), transaction.occurred_at);
            for posting in &transaction.postings {
                let _ = write!(text, "\n    {:>9} {}", posting.minor_units, posting.account);
            }
            text
        })
        .collect();
    insta::assert_snapshot!(list.join("\n"));
}

#[test]
fn what_is_booked_twice_is_booked_once() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.on(2026, 2, 13);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    let mut book = Book::default();
    for _ in 0..2 {
        for booking in bookings(&play.deal, Timestamp::MAX).unwrap() {
            let transaction = booking.transaction(|_| 0).unwrap();
            book.apply(&transaction).unwrap();
        }
    }
    let available = Account::broker(tenant(CANDIDATE_SIDE), Kind::Available, terms.currency).unwrap();
    assert_eq!(book.balance_minor_units(&available), 1_583_333);
    // The same number with another story is an error, not a second booking.
    let mut other = bookings(&play.deal, Timestamp::MAX).unwrap()[0]
        .transaction(|_| 0)
        .unwrap();
    other.postings[0].minor_units += 1;
    other.postings[1].minor_units -= 1;
    assert!(matches!(book.apply(&other), Err(BookError::OtherBody(_))));
}

/// Terms between so many parties, and all their signatures.
fn crowd(size: usize) -> (Terms, Play) {
    let mut terms = terms();
    // Of the 95% that the network leaves.
    let shares = format!("1/{size}");
    for number in 2..size {
        let mut party = terms.parties[1].clone();
        (party.id, party.tenant) = (
            format!("party-{number}").parse().unwrap(),
            tenant(1_000 + number as u128),
        );
        terms.parties.push(party);
    }
    for party in &mut terms.parties {
        party.share = shares.parse().unwrap();
    }
    terms.check().unwrap();
    let mut play = Play::signed(&terms);
    for (number, party) in terms.parties.iter().enumerate().skip(2) {
        let What::Signed { mut signature } = signature(&terms, CANDIDATE_SIDE) else {
            panic!("a signature")
        };
        (signature.party, signature.tenant) = (party.id.clone(), party.tenant);
        let by = member(1_000 + number as u128);
        if let Author::Member { member, .. } = by {
            signature.member = member;
        }
        play.must(by, What::Signed { signature });
    }
    (terms, play)
}

#[test]
fn a_deal_of_any_number_of_parties_is_released_and_taken_back() {
    for size in 2..PARTIES_MAX {
        let (terms, mut play) = crowd(size);
        play.submit(1);
        play.on_day(-1);
        play.agreed(member(JOB_SIDE), placed(1, -1, 0));
        play.on_day(0);
        play.must(member(JOB_SIDE), invoiced(&terms, "1", 3_333_333));
        play.on(2026, 2, 13);
        play.must(Author::Network, paid(&terms, "1", 3_333_333));
        let posts = |deal: &Deal| {
            let all = bookings(deal, Timestamp::MAX).unwrap().into_iter();
            let kinds = all.map(|booking| booking.transaction(|_| i64::MAX).unwrap().kind);
            kinds.filter(|kind| *kind == TransactionKind::Post).count()
        };
        assert_eq!(posts(&play.deal), size.div_ceil(PARTIES_TOGETHER_MAX), "{size} parties");
        check(&play.deal);
        play.on(2026, 2, 17);
        play.agreed(member(JOB_SIDE), fell_off(31));
        check(&play.deal);
        // Where each has a part of it and owes the rest, each is posted to twice.
        let a_part = |account: &Account| match account.kind() {
            Kind::Available => 1,
            Kind::Cash | Kind::GuaranteeReserve => i64::MAX,
            _ => 0,
        };
        for booking in bookings(&play.deal, Timestamp::MAX).unwrap() {
            booking.transaction(a_part).unwrap().validate().unwrap();
        }
    }
}

#[test]
fn a_refund_leaves_the_cash_that_is_on_its_way_to_brokers() {
    let terms = terms();
    let mut play = Play::billed(&terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on(2026, 2, 17);
    play.agreed(member(JOB_SIDE), fell_off(31));
    let all = bookings(&play.deal, Timestamp::MAX).unwrap();
    let refund = all
        .iter()
        .find(|booking| matches!(booking, Booking::Refund(_)))
        .unwrap();
    let with = |transit: i64| {
        refund.transaction(|account| match account.kind() {
            Kind::Cash => 3_333_333,
            Kind::InTransit => transit,
            _ => 0,
        })
    };
    assert!(with(0).is_ok());
    assert!(with(3_333_333).is_err(), "all of it is on its way");
}
