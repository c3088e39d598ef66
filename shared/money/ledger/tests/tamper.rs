//! A statement holds as it was made, and after any harm it holds no more and names the place.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use inventure_core::Currency;
use inventure_ledger::{
    Account, Book, Broken, Entry, EntryFault, Hash, Head, Kind, Posting, Reference, SealedDay, Statement, Summary,
    Transaction, TransactionKind, verify,
};
use proptest::prelude::*;

const RECEIVABLE: &str = "client/deal-1/receivable/USD";

fn account() -> Account {
    RECEIVABLE.parse().unwrap()
}

/// A fee is earned, in so many steps.
fn book(entries: u32) -> Book {
    let mut book = Book::default();
    let deal: Reference = "deal-1".parse().unwrap();
    let revenue = Account::network(Kind::Revenue, Currency::USD, &deal).unwrap();
    for n in 1..=entries {
        let units = i64::from(n) * 1_001;
        let posting = |account: &Account, minor_units| Posting {
            account: account.clone(),
            minor_units,
        };
        book.apply(&Transaction {
            id: format!("fee:{n}").parse().unwrap(),
            kind: TransactionKind::Refund,
            occurred_at: "2026-11-22T10:00:00Z".parse().unwrap(),
            deal: Some(deal.clone()),
            reason: "A fee, in “parts”".parse().ok(),
            corrects: None,
            resolves: None,
            postings: vec![posting(&account(), units), posting(&revenue, -units)],
        })
        .unwrap();
    }
    book
}

/// The second of two sealed days, with some accounts beside.
fn sealed(book: &Book) -> SealedDay {
    let at = "2026-11-23T00:05:00Z".parse().unwrap();
    let first = SealedDay::new("2026-11-21".parse().unwrap(), at, [], None).unwrap();
    let beside = (0..16).map(|n| Head {
        sequence: 3,
        ..Head::genesis(format!("network/{n:02}/cash/EUR").parse().unwrap())
    });
    let heads = book.heads().chain(beside);
    SealedDay::new("2026-11-22".parse().unwrap(), at, heads, Some(first.seal())).unwrap()
}

/// A statement of the entries after `opening`, sealed when there were `sealed_at` of them.
fn statement(opening: usize, sealed_at: u32, entries: u32) -> Statement {
    let inclusion = sealed(&book(sealed_at)).inclusion(&account());
    let book = book(entries);
    let all = book.entries(&account());
    let head = opening
        .checked_sub(1)
        .map_or_else(|| Head::genesis(account()), |last| all[last].head());
    Statement::new(head, all[opening..].to_vec(), inclusion)
}

fn check(statement: &Statement) -> Result<Summary, Broken> {
    verify(statement.encode().unwrap().as_bytes())
}

#[test]
fn a_statement_holds_and_says_how_far_it_is_sealed() {
    let summary = check(&statement(0, 3, 5)).unwrap();
    assert_eq!((summary.sequence, summary.entries), (5, 5));
    assert_eq!(summary.balance_text(), "USD 150.15");
    let sealed = summary.sealed.clone().unwrap();
    assert_eq!((sealed.sequence, sealed.date.to_string().as_str()), (3, "2026-11-22"));
    assert_eq!(summary.check_root(sealed.root), Ok(()));
    let other = Broken::OtherRoot {
        found: sealed.root,
        published: Hash::ZERO,
    };
    assert_eq!(summary.check_root(Hash::ZERO), Err(other));

    let unsealed = check(&Statement::new(Head::genesis(account()), vec![], None)).unwrap();
    assert_eq!((unsealed.entries, unsealed.sealed.as_ref()), (0, None));
    assert_eq!(unsealed.check_root(Hash::ZERO), Err(Broken::NotSealed));
}

#[test]
fn a_statement_may_begin_in_the_middle_but_not_after_its_seal() {
    let summary = check(&statement(3, 3, 5)).unwrap();
    assert_eq!((summary.opening_sequence, summary.entries), (3, 2));
    assert_eq!(check(&statement(4, 3, 5)), Err(Broken::SealedElsewhere { sequence: 3 }));
    assert_eq!(check(&statement(0, 5, 3)), Err(Broken::SealedElsewhere { sequence: 5 }));
    assert!(check(&statement(5, 5, 5)).is_ok());
}

fn entry_fault(statement: &Statement) -> (u64, EntryFault) {
    match check(statement) {
        Err(Broken::Entry { sequence, fault }) => (sequence, fault),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_thing_that_does_not_hold_is_named() {
    let sound = || statement(0, 3, 5);
    let mut removed = sound();
    removed.entries.remove(2);
    assert_eq!(
        entry_fault(&removed),
        (3, EntryFault::Sequence { expected: 3, found: 4 })
    );
    let mut reordered = sound();
    reordered.entries.swap(1, 3);
    assert_eq!(
        entry_fault(&reordered),
        (2, EntryFault::Sequence { expected: 2, found: 4 })
    );
    let mut inserted = sound();
    inserted.entries.insert(2, inserted.entries[1].clone());
    assert_eq!(
        entry_fault(&inserted),
        (3, EntryFault::Sequence { expected: 3, found: 2 })
    );
    let mut shortened = sound();
    shortened.entries.pop();
    assert_eq!(check(&shortened), Err(Broken::Head));
    let mut amount = sound();
    amount.entries[2].change_minor_units += 1;
    assert!(matches!(entry_fault(&amount), (3, EntryFault::Balance { .. })));
    let mut elsewhere = sound();
    elsewhere.entries[4].account = "client/deal-2/receivable/USD".parse().unwrap();
    assert!(matches!(entry_fault(&elsewhere), (5, EntryFault::Account(_))));
    let mut opening = sound();
    opening.opening.balance_minor_units = 1;
    assert_eq!(check(&opening), Err(Broken::Opening));
    let mut head = sound();
    head.head.balance_minor_units += 1;
    assert_eq!(check(&head), Err(Broken::Head));
    let mut format = sound();
    format.format = "inventure-statement/2".to_owned();
    assert_eq!(check(&format), Err(Broken::Format));
    let mut seal = sound();
    seal.inclusion.as_mut().unwrap().seal.tree_size += 1;
    assert_eq!(check(&seal), Err(Broken::Seal));
    let mut proof = sound();
    proof.inclusion.as_mut().unwrap().proof.pop();
    assert_eq!(check(&proof), Err(Broken::Proof));
    assert_eq!(Broken::Proof.place(), "proof");
    let wrong = check(&amount).unwrap_err();
    assert_eq!(wrong.place(), "entry 3");
    assert_eq!(
        wrong.problem(),
        "the balance before and the change make 6007 minor units, and balance_minor_units says 6006"
    );
}

#[test]
fn a_statement_opens_below_zero_only_where_an_account_may_be() {
    let opened = |account: &str, balance_minor_units| {
        let opening = Head {
            sequence: 3,
            balance_minor_units,
            ..Head::genesis(account.parse().unwrap())
        };
        check(&Statement::new(opening, vec![], None)).map(|summary| summary.balance.minor_units)
    };
    assert_eq!(opened("network/00/cash/USD", 5), Ok(5));
    assert_eq!(opened("network/00/cash/USD", 0), Ok(0));
    assert_eq!(opened("network/00/cash/USD", -5), Err(Broken::Opening));
    assert_eq!(opened(RECEIVABLE, 5), Ok(5));
    assert_eq!(opened(RECEIVABLE, -5), Ok(-5));
}

#[test]
fn nothing_is_sealed_before_the_first_entry() {
    let at = "2026-11-23T00:05:00Z".parse().unwrap();
    let empty = Head::genesis(account());
    let day = SealedDay::new("2026-11-22".parse().unwrap(), at, [empty.clone()], None).unwrap();
    let statement = Statement::new(empty, vec![], day.inclusion(&account()));
    assert_eq!(check(&statement), Err(Broken::SealedElsewhere { sequence: 0 }));
}

/// A holder of the data can make a chain of their own that holds. They cannot make it lead to the root that was published.
#[test]
fn a_chain_made_anew_does_not_lead_to_the_seal() {
    let mut forged = statement(0, 5, 5);
    let mut head = forged.opening.clone();
    for entry in &mut forged.entries {
        entry.change_minor_units += i64::from(entry.sequence == 2);
        entry.balance_minor_units = head.balance_minor_units + entry.change_minor_units;
        entry.previous_hash = head.hash;
        entry.hash = entry.computed_hash().unwrap();
        head = entry.head();
    }
    forged.head = head;
    assert_eq!(check(&forged), Err(Broken::Proof));
}

#[test]
fn a_ledger_that_let_cash_fall_below_zero_does_not_hold() {
    let sound = book(1).entries(&account())[0].clone();
    let cash: Account = "network/00/cash/USD".parse().unwrap();
    let mut entry = Entry {
        account: cash.clone(),
        change_minor_units: -5,
        balance_minor_units: -5,
        ..sound
    };
    entry.hash = entry.computed_hash().unwrap();
    let statement = Statement::new(Head::genesis(cash), vec![entry], None);
    assert_eq!(entry_fault(&statement), (1, EntryFault::BelowZero));
}

#[test]
fn another_spelling_of_the_same_is_refused_at_its_byte() {
    let form = statement(0, 2, 2).encode().unwrap();
    let broken = |document: String| verify(document.as_bytes()).unwrap_err();
    let end = form.len();
    assert_eq!(broken(format!("{form}\n")), Broken::NotCanonical { offset: end });
    assert_eq!(broken(format!(" {form}")), Broken::NotCanonical { offset: 0 });
    let place = form.find("“").unwrap();
    assert_eq!(
        broken(form.replacen('“', "\\u201c", 1)),
        Broken::NotCanonical { offset: place }
    );
    let unknown = form.replacen("\"format\":", "\"extra\":1,\"format\":", 1);
    assert!(matches!(broken(unknown), Broken::NotAStatement { line: 1, .. }));
    let twice = form.replacen("\"format\":", "\"format\":\"\",\"format\":", 1);
    assert!(matches!(broken(twice), Broken::NotAStatement { .. }));
    for document in [
        "",
        "{}",
        "null",
        "[]",
        "\u{feff}{}",
        &form[..end - 1],
        &form.replacen(":1,", ":1.0,", 1),
    ] {
        assert!(
            matches!(broken(document.to_owned()), Broken::NotAStatement { .. }),
            "{document:.20}"
        );
    }
    assert_eq!(
        broken("{}".to_owned()).to_string(),
        "line 1, column 2: this is no statement: missing field `format`"
    );
    assert!(verify(b"\xff\xfe").is_err());
}

/// Not a sample: each byte, with each of its bits, taken out, and doubled.
#[test]
fn every_single_byte_counts() {
    for sound in [statement(0, 2, 3), statement(2, 2, 2)] {
        let form = sound.encode().unwrap().into_bytes();
        assert!(verify(&form).is_ok());
        for at in 0..form.len() {
            for bit in 0..8 {
                let mut changed = form.clone();
                changed[at] ^= 1 << bit;
                assert!(verify(&changed).is_err(), "bit {bit} of byte {at}");
            }
            let mut shorter = form.clone();
            shorter.remove(at);
            assert!(verify(&shorter).is_err(), "without byte {at}");
            let mut longer = form.clone();
            longer.insert(at, form[at]);
            assert!(verify(&longer).is_err(), "byte {at} twice");
        }
    }
}

/// A change that may be made to a statement.
#[derive(Debug, Clone)]
enum Harm {
    Byte(prop::sample::Index, u8),
    Insert(prop::sample::Index, u8),
    Drop(prop::sample::Index),
    Double(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
}

fn harm() -> impl Strategy<Value = Harm> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Harm::Byte(at, byte)),
        (at(), any::<u8>()).prop_map(|(at, byte)| Harm::Insert(at, byte)),
        at().prop_map(Harm::Drop),
        at().prop_map(Harm::Double),
        (at(), at()).prop_map(|(one, other)| Harm::Swap(one, other)),
    ]
}

/// The document afterwards.
fn harmed(mut statement: Statement, harm: &Harm) -> Vec<u8> {
    let mut form = statement.encode().unwrap().into_bytes();
    let entries = &mut statement.entries;
    let size = entries.len();
    match harm {
        Harm::Byte(at, byte) => {
            let at = at.index(form.len());
            form[at] = *byte;
            return form;
        }
        Harm::Insert(at, byte) => {
            form.insert(at.index(form.len() + 1), *byte);
            return form;
        }
        Harm::Drop(at) => drop(entries.remove(at.index(size))),
        Harm::Double(at) => entries.insert(at.index(size), entries[at.index(size)].clone()),
        Harm::Swap(one, other) => entries.swap(one.index(size), other.index(size)),
    }
    statement.encode().unwrap().into_bytes()
}

proptest! {
    #[test]
    fn whatever_is_done_to_it_it_fails(entries in 1_u32..12, sealed in 1_u32..12, opening in 0_usize..12, harm in harm()) {
        let sealed = sealed.min(entries);
        let opening = opening.min(sealed as usize).min(entries as usize - 1);
        let sound = statement(opening, sealed, entries);
        let form = sound.encode().unwrap().into_bytes();
        prop_assert!(verify(&form).is_ok());
        let changed = harmed(sound, &harm);
        prop_assert_eq!(verify(&changed).is_ok(), changed == form);
    }
}
