//! Every deal that a test makes is reported on as well. The reports must come to what the accounts have.

mod departures;

use std::collections::BTreeMap;

use inventure_core::TenantId;
use inventure_ledger::{
    Account, Book, Head, Kind, Owner, Reference, SHARDS, Shard, Transaction,
    summary::{Course, Earned, Group, Period, Revenue, summarize},
};
use jiff::{SignedDuration, Timestamp, civil::date};

use super::*;
use crate::{
    Author, Deal, Reason, Template, Who,
    dispute::{RuledShare, Ruling},
    fact::What,
    party::{Party, PartyRole},
    sample::{
        CANDIDATE_SIDE, JOB_SIDE, Play, STRANGER, at, fell_off, member, paid, sample_ruling, template, tenant, terms,
    },
    terms::Terms,
};

fn course(book: &Book, account: Account) -> Course {
    Course {
        entries: book.entries(&account).to_vec(),
        before: Head::genesis(account),
    }
}

/// Sums of all that was booked come to where the accounts stand.
#[track_caller]
pub fn check(deal: &Deal, book: &Book, transactions: &[Transaction], paid: &BTreeMap<TenantId, i64>) {
    let Some(terms) = deal.terms() else { return };
    let currency = terms.currency;
    let balance = |account: &Account| book.balance_minor_units(account);
    let report = booked(deal, transactions).unwrap();
    let client = report.client;
    let reference: Reference = deal.id().to_string().parse().unwrap();
    assert_eq!(client.outstanding, balance(&Account::receivable(reference, currency)));
    assert_eq!(
        client.billed - client.credited - client.received + client.refunded,
        client.outstanding
    );
    let credited: i64 = deal.invoices().iter().map(|invoice| invoice.credited_minor_units).sum();
    assert_eq!(client.credited, credited, "what was taken off is what the bills say");
    let nothing = booked(deal, &[]).unwrap();
    assert_eq!(
        nothing.client,
        BookedClient::default(),
        "a bill counts once it is booked"
    );
    let mut earned = report.network.net;
    for party in &report.parties {
        let accounts = [Kind::Reserved, Kind::Available, Kind::Debt]
            .map(|kind| Account::broker(party.tenant, kind, currency).unwrap());
        let due: Vec<i64> = accounts.iter().map(balance).collect();
        let found = party.earned;
        assert_eq!([found.reserved, found.available, found.owed][..], due);
        assert_eq!(found.paid_out, paid.get(&party.tenant).copied().unwrap_or(0));
        assert_eq!(found.other, 0);
        earned += found.earned - found.taken_back;
        // By month and by deal, over the three years in which the stories happen.
        let courses = accounts.map(|account| course(book, account));
        let period = Period::new(date(2025, 6, 1), date(2028, 5, 31)).unwrap();
        for group in [Group::Month, Group::Deal] {
            let summary = summarize::<Earned>(&courses, period, group).unwrap();
            assert_eq!(summary.total, found);
            let rows = summary.rows.iter().map(|(_, row)| row);
            assert_eq!(
                rows.map(|row| row.earned - row.taken_back).sum::<i64>(),
                found.earned - found.taken_back
            );
            let closing: Vec<i64> = summary.accounts.iter().map(|span| span.closing_minor_units).collect();
            assert_eq!(closing, due);
        }
    }
    assert_eq!(
        earned,
        client.billed - client.credited,
        "all that is kept is all that is billed"
    );
    let shards = (0..SHARDS).filter_map(Shard::new);
    let revenue = shards.map(|shard| {
        course(
            book,
            Account::new(Owner::Network(shard), Kind::Revenue, currency).unwrap(),
        )
    });
    let period = Period::new(date(2025, 6, 1), date(2028, 5, 31)).unwrap();
    let summary = summarize::<Revenue>(&revenue.collect::<Vec<_>>(), period, Group::Deal).unwrap();
    assert_eq!(summary.total, report.network);
    check_open(deal);
    check_exposed(deal, paid);
}

#[track_caller]
fn check_open(deal: &Deal) {
    let open = open_invoices(deal, date(2099, 12, 31)).unwrap();
    let owed: i64 = deal.invoices().iter().map(crate::deal::Invoice::outstanding).sum();
    assert_eq!(open.iter().map(|open| open.outstanding.minor_units).sum::<i64>(), owed);
}

/// Checks that the sides give back exactly what is taken off. Nobody gives more than they have, and nobody was paid
/// more of it than they give.
#[track_caller]
fn check_exposed(deal: &Deal, paid: &BTreeMap<TenantId, i64>) {
    let now = deal.facts().last().map_or(Timestamp::UNIX_EPOCH, |last| last.at);
    let before = deal.clone();
    let Some(exposed) = exposure(deal, now, paid).unwrap() else {
        return;
    };
    assert_eq!(*deal, before);
    assert!((0..=exposed.credited).contains(&exposed.refunded));
    let billed: i64 = deal
        .invoices()
        .iter()
        .map(|invoice| invoice.amount_minor_units - invoice.credited_minor_units)
        .sum();
    assert!(exposed.credited <= billed);
    for part in &exposed.parts {
        assert!((0..=part.gives_back).contains(&part.paid_out), "{part:?}");
    }
}

fn billed_at(day: i64, currency_terms: &Terms) -> Play {
    let mut play = Play::billed(currency_terms);
    play.on_day(day);
    play
}

fn three() -> Terms {
    let mut terms = terms();
    let share = |text: &str| text.parse().unwrap();
    // Of the 95% that the network leaves: 40%, 40% and 15% of the fee.
    terms.parties[0].share = share("8/19");
    terms.parties[1].share = share("8/19");
    terms.parties.push(Party {
        id: "referrer".parse().unwrap(),
        tenant: tenant(STRANGER),
        role: PartyRole::Referrer,
        title: None,
        counts: None,
        share: share("3/19"),
    });
    terms
}

#[test]
fn bills_grow_old_by_the_days_of_the_terms_zone() {
    let mut terms = terms();
    let month = open_invoices(&billed_at(0, &terms).deal, date(2026, 2, 15)).unwrap();
    assert_eq!(
        (month[0].due_on, month[0].days),
        (date(2026, 2, 14), 1),
        "30 days to pay"
    );
    terms.bills.as_mut().unwrap().due_within_days = 0;
    let mut play = billed_at(0, &terms);
    play.on_day(1);
    play.must(Author::Network, paid(&terms, "1", 1_000_000));
    let open = |day| open_invoices(&play.deal, day).unwrap();
    let ages = |day| {
        let open = open(day);
        open.first()
            .map(|open| (open.days, Bucket::of(open.days).name(), open.outstanding.minor_units))
    };
    assert_eq!(ages(date(2026, 1, 14)), None, "not billed yet");
    assert_eq!(
        ages(date(2026, 1, 15)),
        Some((0, "not_yet_due", 3_333_333)),
        "paid the day after"
    );
    assert_eq!(ages(date(2026, 1, 16)), Some((1, "1-30", 2_333_333)));
    assert_eq!(ages(date(2026, 2, 14)), Some((30, "1-30", 2_333_333)));
    assert_eq!(ages(date(2026, 2, 15)), Some((31, "31-60", 2_333_333)));
    assert_eq!(ages(date(2026, 3, 16)), Some((60, "31-60", 2_333_333)));
    assert_eq!(ages(date(2026, 3, 17)), Some((61, "61-90", 2_333_333)));
    assert_eq!(ages(date(2026, 4, 15)), Some((90, "61-90", 2_333_333)));
    assert_eq!(ages(date(2026, 4, 16)), Some((91, "over_90", 2_333_333)));
    // Half past eleven at night in New York is that day, and the next in London.
    let mut late = Play::signed(&terms);
    late.submit(1);
    late.on_day(-1);
    late.agreed(member(JOB_SIDE), crate::sample::placed(1, -1, 0));
    late.now = at("2026-01-16T04:30:00Z");
    late.must(member(JOB_SIDE), crate::sample::invoiced(&terms, "1", 3_333_333));
    assert_eq!(
        open_invoices(&late.deal, date(2026, 1, 15)).unwrap()[0].billed_on,
        date(2026, 1, 15)
    );
    play.on_day(100);
    play.must(Author::Network, paid(&terms, "1", 2_333_333));
    assert!(open_invoices(&play.deal, date(2026, 4, 25)).unwrap().is_empty());
    assert_eq!(
        open_invoices(&play.deal, date(2026, 4, 24)).unwrap().len(),
        1,
        "as it was known then"
    );
}

#[test]
fn three_parties_give_back_what_the_curve_says() {
    let terms = three();
    let mut play = Play::new();
    play.must(
        member(JOB_SIDE),
        What::TermsProposed {
            terms: Box::new(terms.clone()),
        },
    );
    for (number, party) in [(JOB_SIDE, "job"), (CANDIDATE_SIDE, "candidate"), (STRANGER, "referrer")] {
        let What::Signed { mut signature } = crate::sample::signature(&terms, number) else {
            unreachable!()
        };
        signature.party = party.parse().unwrap();
        play.must(member(number), What::Signed { signature });
    }
    play.submit(1);
    play.on_day(-1);
    play.agreed(member(JOB_SIDE), crate::sample::placed(1, -1, 0));
    play.on_day(0);
    play.must(member(JOB_SIDE), crate::sample::invoiced(&terms, "1", 3_333_333));
    play.on_day(30);
    play.must(Author::Network, paid(&terms, "1", 2_000_000));
    play.on_day(59);
    let who = |exposed: &Exposure| -> Vec<(String, i64, i64)> {
        let row = |part: &ExposedPart| (part.who.to_string(), part.gives_back, part.paid_out);
        exposed.parts.iter().map(row).collect()
    };
    // 31 of 90 days are left: 31/90 of 33,333.33 is 11,481.48, less than the 13,333.33 that are unpaid, so no cash goes back.
    let none = BTreeMap::new();
    let exposed = exposure(&play.deal, play.now, &none).unwrap().unwrap();
    assert_eq!(
        (exposed.last_day, exposed.day, exposed.days),
        (date(2026, 4, 15), 59, 90)
    );
    assert_eq!(
        (exposed.refund.to_string().as_str(), exposed.credited, exposed.refunded),
        ("31/90", 1_148_148, 0)
    );
    play.must(Author::Network, paid(&terms, "1", 1_333_333));
    play.on_day(61);
    // All was paid out: what each gives back it owes.
    let all: BTreeMap<TenantId, i64> = crate::booking::released(&play.deal, play.now).unwrap();
    assert_eq!(all.values().sum::<i64>(), 3_333_333 - 166_666);
    let exposed = exposure(&play.deal, play.now, &all).unwrap().unwrap();
    assert_eq!(exposed.refunded, exposed.credited);
    let due = [
        ("job", 429_630),
        ("candidate", 429_630),
        ("referrer", 161_111),
        ("network", 53_703),
    ];
    let due = due.map(|(name, units)| (name.to_owned(), units, if name == "network" { 0 } else { units }));
    assert_eq!(who(&exposed), due);
    // What is reported and contested already is exposed as well.
    let mut reported = play.clone();
    let report = reported.must(Author::Employer, fell_off(61));
    reported.must(member(JOB_SIDE), crate::sample::contested(report));
    let waiting = exposure(&reported.deal, reported.now, &all).unwrap().unwrap();
    assert_eq!(
        (waiting.credited, waiting.refunded),
        (exposed.credited, exposed.refunded)
    );
    // Half of it paid out: what is not covers first.
    let half = all.iter().map(|(tenant, units)| (*tenant, units / 2)).collect();
    let exposed = exposure(&play.deal, play.now, &half).unwrap().unwrap();
    assert!(exposed.parts.iter().all(|part| part.paid_out == 0));
    // And what is exposed is what then happens.
    play.agreed(member(JOB_SIDE), fell_off(61));
    let settlement = play.deal.settle().unwrap();
    let refunded: i64 = settlement
        .movements
        .iter()
        .filter(|m| m.why == Reason::Refunded)
        .map(|m| m.amount.minor_units)
        .sum();
    assert_eq!(refunded, exposed.refunded);
}

#[test]
fn a_guarantee_ends_with_its_last_day_and_after_the_refund() {
    let terms = terms();
    let mut play = billed_at(10, &terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    let none = BTreeMap::new();
    let runs = |play: &Play| exposure(&play.deal, play.now, &none).unwrap().is_some();
    assert!(runs(&play));
    play.now = at("2026-04-16T03:59:59Z");
    assert!(runs(&play), "the last second of day 90 in New York");
    play.now += SignedDuration::from_secs(1);
    assert!(!runs(&play));
    let mut gone = billed_at(10, &terms);
    gone.agreed(member(JOB_SIDE), fell_off(10));
    assert!(!runs(&gone), "the refund is made");
    assert!(!runs(&Play::signed(&terms)), "nobody is placed");
}

#[test]
fn what_waits_for_a_choice_or_a_ruling_is_exposed_all_the_same() {
    let terms = template(Template::Replacement);
    let mut play = billed_at(10, &terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    let none = BTreeMap::new();
    let refunded = |play: &Play| {
        exposure(&play.deal, play.now, &none)
            .unwrap()
            .map(|exposed| exposed.refunded)
    };
    assert_eq!(refunded(&play), Some(3_333_333));
    play.must(member(JOB_SIDE), crate::sample::disputed(&terms, 3_333_333));
    assert_eq!(refunded(&play), Some(3_333_333), "in a dispute");
    play.must(member(JOB_SIDE), What::DisputeWithdrawn { dispute: None });
    play.agreed(member(JOB_SIDE), fell_off(10));
    assert_eq!(
        refunded(&play),
        Some(3_333_333),
        "the client may still choose a replacement"
    );
    play.agreed(Author::Employer, What::RefundChosen {});
    assert_eq!(refunded(&play), None);
}

#[test]
fn nothing_is_paid_out_of_what_a_dispute_holds() {
    let terms = template(Template::Platform);
    let mut play = billed_at(10, &terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.must(member(JOB_SIDE), crate::sample::disputed(&terms, 3_333_333));
    play.on_day(20);
    let exposed = exposure(&play.deal, play.now, &BTreeMap::new()).unwrap().unwrap();
    assert!(exposed.parts.iter().all(|part| part.paid_out == 0), "{exposed:?}");
}

#[test]
fn a_ruling_between_the_parties_bills_the_client_nothing() {
    let terms = terms();
    let mut play = billed_at(10, &terms);
    play.must(Author::Network, paid(&terms, "1", 3_333_333));
    play.must(member(JOB_SIDE), crate::sample::disputed(&terms, 3_333_333));
    for day in [40, 80] {
        play.on_day(day);
        play.must(member(JOB_SIDE), What::DisputeEscalated { dispute: None });
    }
    play.on_day(120);
    let shares = [("job", "30%"), ("candidate", "70%")].map(|(party, share)| RuledShare {
        party: party.parse().unwrap(),
        share: share.parse().unwrap(),
    });
    let arbiter = member(crate::sample::ARBITER);
    play.must(arbiter, sample_ruling(Ruling::Reallocated { shares: shares.into() }));
    crate::sample::check_money(&play.deal);
    let bookings = crate::booking::bookings(&play.deal, Timestamp::MAX).unwrap();
    let all: Vec<Transaction> = bookings
        .iter()
        .map(|booking| booking.transaction(|_| i64::MAX).unwrap())
        .collect();
    let report = booked(&play.deal, &all).unwrap();
    assert_eq!(
        (report.client.billed, report.client.credited, report.client.outstanding),
        (3_333_333, 0, 0)
    );
    let kept: Vec<i64> = report
        .parties
        .iter()
        .map(|party| party.earned.earned - party.earned.taken_back)
        .collect();
    assert_eq!(kept, [950_001, 2_216_666]);
    assert_eq!(report.parties[0].who, Who::Party("job".parse().unwrap()));
}

#[test]
fn amounts_are_the_currencys_own() {
    for (currency, units) in [("JPY", 3_333_333), ("KWD", 3_333_333)] {
        let terms = Template::Even.terms(&crate::sample::parts(currency), "Asia/Tokyo");
        let scenario = crate::Scenario {
            pay: Some(crate::sample::yearly(16_666_665, terms.currency)),
            ..crate::sample::story(&[
                (
                    30,
                    crate::simulate::ScenarioEvent::PaidInPart { minor_units: 1_000_000 },
                ),
                (59, crate::simulate::ScenarioEvent::FallsOff),
            ])
        };
        let deal = crate::simulate::play(&terms, &scenario).unwrap();
        crate::sample::check_money(&deal);
        let open = open_invoices(&deal, date(2026, 2, 20)).unwrap();
        assert_eq!(
            (open[0].amount.minor_units, open[0].amount.currency),
            (units, terms.currency)
        );
        assert_eq!(open[0].outstanding.minor_units, units - 1_000_000);
    }
}
