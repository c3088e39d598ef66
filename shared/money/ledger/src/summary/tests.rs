use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::{
    book::Book,
    sample::{BROKER, posting},
    transaction::{Posting, Transaction},
};

/// An id, what happened, when, the first step that it ends, and what moves.
type Step<'a> = (&'a str, TransactionKind, &'a str, Option<&'a str>, Vec<Posting>);

/// One deal on 31 October, its money in November, and a fall-off after the payout in December.
fn story(currency: &str) -> Book {
    let account = |kind: &str| format!("{BROKER}/{kind}/{currency}");
    let network = |kind: &str| format!("network/00/{kind}/{currency}");
    let client = format!("client/deal-1/receivable/{currency}");
    let steps: [Step; 7] = [
        (
            "1",
            TransactionKind::Reserve,
            "2026-10-31T23:59:59Z",
            None,
            vec![
                posting(&client, 1_000),
                posting(&account("reserved"), -950),
                posting(&network("revenue"), -50),
            ],
        ),
        (
            "2",
            TransactionKind::PaymentReceived,
            "2026-11-01T00:00:00Z",
            None,
            vec![posting(&network("cash"), 1_000), posting(&client, -1_000)],
        ),
        (
            "3",
            TransactionKind::Post,
            "2026-11-02T00:00:00Z",
            Some("1"),
            vec![posting(&account("reserved"), 600), posting(&account("available"), -600)],
        ),
        (
            "4",
            TransactionKind::Payout,
            "2026-11-03T00:00:00Z",
            None,
            vec![
                posting(&account("available"), 500),
                posting(&network("in-transit"), -500),
            ],
        ),
        (
            "5",
            TransactionKind::Void,
            "2026-12-01T00:00:00Z",
            Some("1"),
            vec![posting(&account("reserved"), 350), posting(&client, -350)],
        ),
        (
            "6",
            TransactionKind::Reversal,
            "2026-12-01T00:00:00Z",
            None,
            vec![
                posting(&account("available"), 100),
                posting(&account("debt"), 500),
                posting(&network("revenue"), 50),
                posting(&client, -650),
            ],
        ),
        // Booked last, and it happened before.
        (
            "7",
            TransactionKind::Reserve,
            "2026-11-30T23:59:59Z",
            None,
            vec![posting(&client, 7), posting(&account("reserved"), -7)],
        ),
    ];
    let mut book = Book::default();
    for (id, kind, at, resolves, postings) in steps {
        let booked = Transaction {
            id: id.parse().unwrap(),
            kind,
            occurred_at: at.parse().unwrap(),
            deal: if id == "7" { "deal-2" } else { "deal-1" }.parse().ok(),
            reason: "why".parse().ok(),
            corrects: (kind == TransactionKind::Reversal).then(|| "1".parse().unwrap()),
            resolves: resolves.and_then(|first| first.parse().ok()),
            postings,
        };
        book.apply(&booked).unwrap();
    }
    book
}

fn courses(book: &Book, accounts: &[String]) -> Vec<Course> {
    let course = |text: &String| {
        let account: Account = text.parse().unwrap();
        Course {
            entries: book.entries(&account).to_vec(),
            before: Head::genesis(account),
        }
    };
    accounts.iter().map(course).collect()
}

fn broker(currency: &str) -> [String; 3] {
    ["reserved", "available", "debt"].map(|kind| format!("{BROKER}/{kind}/{currency}"))
}

fn period(from: (i16, i8, i8), to: (i16, i8, i8)) -> Period {
    Period::new(date(from.0, from.1, from.2), date(to.0, to.1, to.2)).unwrap()
}

#[test]
fn a_month_has_its_first_and_its_last_second() {
    for currency in ["USD", "JPY", "KWD"] {
        let [reserved, available, debt] = broker(currency);
        let client = format!("client/deal-1/receivable/{currency}");
        let courses = courses(&story(currency), &[reserved, available, debt, client]);
        let november = period((2026, 11, 1), (2026, 11, 30));
        let summary: Summary<Earned> = summarize(&courses, november, Group::Month).unwrap();
        let due = Earned {
            earned: 7,
            released: 600,
            paid_out: 500,
            reserved: 7 - 600,
            available: 100,
            ..Earned::default()
        };
        assert_eq!(summary.rows, [("2026-11".to_owned(), due)]);
        let span = |index: usize| {
            let span: &Span = &summary.accounts[index];
            (
                span.opening_minor_units,
                span.change_minor_units,
                span.closing_minor_units,
            )
        };
        assert_eq!(
            [span(0), span(1), span(2), span(3)],
            // The client paid at the beginning of the first second.
            [(950, -593, 357), (0, 100, 100), (0, 0, 0), (1_000, -993, 7)]
        );
    }
}

#[test]
fn a_fall_off_after_the_payout_is_taken_back_and_owed() {
    let courses = courses(&story("USD"), &broker("USD"));
    let all = period((2026, 1, 1), (2026, 12, 31));
    let summary: Summary<Earned> = summarize(&courses, all, Group::Deal).unwrap();
    let (deal, first) = &summary.rows[0];
    assert_eq!(
        (deal.as_str(), first.taken_back, first.owed, first.reserved),
        ("deal-1", 950, 500, 0)
    );
    assert_eq!((summary.rows[1].1.earned, summary.total.earned), (7, 957));
    let closing: Vec<i64> = summary.accounts.iter().map(|span| span.closing_minor_units).collect();
    assert_eq!(closing, [7, 0, 500], "as the heads are");
}

#[test]
fn revenue_is_net_of_what_was_taken_back() {
    let courses = courses(&story("USD"), &["network/00/revenue/USD".to_owned()]);
    let all = period((2026, 1, 1), (2026, 12, 31));
    let summary: Summary<Revenue> = summarize(&courses, all, Group::Month).unwrap();
    let row = |earned, taken_back| Revenue {
        earned,
        taken_back,
        other: 0,
        net: earned - taken_back,
    };
    assert_eq!(
        summary.rows,
        [("2026-10".to_owned(), row(50, 0)), ("2026-12".to_owned(), row(0, 50))]
    );
    assert_eq!(summary.total, row(50, 50));
}

#[test]
fn nothing_booked_is_nothing() {
    let courses = courses(&Book::default(), &broker("JPY"));
    let summary: Summary<Earned> = summarize(&courses, period((2026, 1, 1), (2026, 1, 1)), Group::Deal).unwrap();
    assert_eq!((summary.rows.len(), summary.total), (0, Earned::default()));
}

#[test]
fn a_period_is_in_order_and_not_too_long() {
    let first = date(2026, 1, 1);
    assert_eq!(Period::new(first, date(2025, 12, 31)), Err(PeriodError::Reversed));
    assert!(Period::new(first, first).is_ok());
    let last = date(2028, 12, 31);
    let longest = Period::new(first, last).unwrap();
    assert_eq!((longest.from(), longest.to()), (first, last));
    assert_eq!(Period::new(first, date(2029, 1, 1)), Err(PeriodError::TooLong));
    assert!(Period::new(date(9999, 12, 31), date(9999, 12, 31)).is_ok());
}

#[test]
fn what_is_kept_back_for_a_debt_is_named() {
    let mut earned = Earned::default();
    for account in [Kind::Available, Kind::Debt] {
        earned.add(account, TransactionKind::DebtRepaid, -30).unwrap();
    }
    let due = Earned {
        kept_back: 30,
        available: -30,
        owed: -30,
        ..Earned::default()
    };
    assert_eq!(earned, due);
}

#[test]
fn a_sum_beyond_64_bits_is_refused() {
    let mut earned = Earned {
        reserved: i64::MAX,
        ..Earned::default()
    };
    let more = earned.add(Kind::Reserved, TransactionKind::Reserve, 1);
    assert_eq!(more, Err(TooLarge));
}

proptest! {
    /// Whatever is booked in a broker's accounts, the columns tie to what the accounts grew by.
    #[test]
    fn columns_tie_to_the_accounts(steps in prop::collection::vec((0..3_usize, 0..13_usize, -1_000_i64..1_000), 0..40)) {
        let accounts = [Kind::Reserved, Kind::Available, Kind::Debt];
        let kinds = [
            TransactionKind::Reserve, TransactionKind::Post, TransactionKind::Void, TransactionKind::NetworkFee,
            TransactionKind::PaymentReceived, TransactionKind::Refund, TransactionKind::Reversal, TransactionKind::Payout,
            TransactionKind::PayoutSettled, TransactionKind::PayoutReturned, TransactionKind::DebtRepaid,
            TransactionKind::ReserveFunded, TransactionKind::Correction,
        ];
        let (mut earned, mut grown) = (Earned::default(), [0_i64; 3]);
        for (account, kind, change) in steps {
            earned.add(accounts[account], kinds[kind], change).unwrap();
            grown[account] += change;
        }
        prop_assert_eq!([earned.reserved, earned.available, earned.owed], grown);
        prop_assert_eq!(
            earned.earned - earned.taken_back - earned.paid_out + earned.other,
            earned.reserved + earned.available - earned.owed
        );
    }
}
