mod bounds;

use inventure_ledger::Share;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::{
    Author, What,
    part::share_out,
    sample::{Play, candidate, fell_off, paid, terms},
};

/// Makes terms with these shares, in hundredths of a percent, for parties of the candidate's side. These parties count
/// for the candidates that they own.
fn owned(shares: &[u64]) -> Terms {
    let mut terms = terms();
    let side = terms.parties.pop().unwrap();
    for (number, share) in (0_u128..).zip(shares) {
        terms.parties.push(Party {
            id: format!("side-{number}").parse().unwrap(),
            tenant: crate::sample::tenant(100 + number),
            counts: Some(Counts::Owned),
            share: Share::new(*share, PARTS).unwrap(),
            ..side.clone()
        });
    }
    terms
}

fn units(terms: &Terms, owners: &[u128], amount: i64) -> Vec<(String, i64)> {
    let owners: Vec<TenantId> = owners.iter().map(|owner| crate::sample::tenant(*owner)).collect();
    let split = terms.split_among(Source::Member, &owners).unwrap();
    let shares: Vec<Share> = split.iter().map(|(_, share)| *share).collect();
    let parts = share_out(amount, &shares).unwrap();
    split.iter().map(|(who, _)| who.to_string()).zip(parts).collect()
}

fn of(units: &[(String, i64)], who: &str) -> i64 {
    units
        .iter()
        .find(|(name, _)| name == who)
        .map_or(0, |(_, units)| *units)
}

#[test]
fn an_idle_party_gets_no_part_of_what_another_did() {
    let terms = owned(&[2_500, 2_500]);
    terms.check().unwrap();
    let alone = units(&terms, &[101], 3_333_333);
    assert_eq!((of(&alone, "side-0"), of(&alone, "side-1")), (0, 1_583_333));
    // An idle party stays in the list: a ruling may still give it something.
    assert_eq!(alone.len(), 4);
    assert_eq!(
        units(&terms, &[], 10_000),
        units(&terms, &[100, 101], 10_000),
        "before anybody owns"
    );
}

#[test]
fn the_odd_unit_of_those_who_own_together_goes_to_the_earlier_submittal() {
    let terms = owned(&[2_500, 2_500]);
    for (owners, first, second) in [([100, 101], "side-0", "side-1"), ([101, 100], "side-1", "side-0")] {
        let parts = (1..200).map(|amount| units(&terms, &owners, amount));
        assert!(parts.clone().all(|units| of(&units, first) >= of(&units, second)));
        assert!(parts.clone().any(|units| of(&units, first) > of(&units, second)));
    }
}

#[test]
fn terms_that_count_otherwise_are_shared_as_they_were_signed() {
    let terms = terms();
    for source in Source::ALL {
        assert_eq!(
            terms.split_among(source, &[crate::sample::tenant(1)]),
            terms.split(source)
        );
    }
    assert!(
        !serde_json::to_string(&terms).unwrap().contains("counts"),
        "so hashes stay what they were"
    );
}

#[test]
fn who_counts_for_their_own_is_checked_before_anybody_signs() {
    let mut some = owned(&[2_500, 2_500]);
    some.parties[2].counts = None;
    let mut job = owned(&[5_000]);
    job.parties[0].counts = Some(Counts::Owned);
    let mut fine = owned(&[2_500, 2_500]);
    let third = Share::new(5_000, 3 * PARTS).unwrap();
    (fine.parties[1].share, fine.parties[2].share) = (third, Share::new(10_000, 3 * PARTS).unwrap());
    for terms in [some, job, fine] {
        let problems = terms.check().unwrap_err();
        assert!(
            problems.iter().all(|problem| problem.field.ends_with(".counts")),
            "{problems:?}"
        );
    }
}

#[test]
fn a_placement_stands_until_it_ends() {
    let terms = terms();
    let on = |year, month| date(year, month, 20);
    let mut play = Play::billed(&terms);
    let employs = |play: &Play, number, day| play.deal.employs(candidate(number), day);
    assert!(employs(&play, 1, on(2026, 1)) && !employs(&play, 2, on(2026, 1)));
    assert!(employs(&play, 1, on(2030, 1)), "while the deal goes on, however long");
    // A report that waits for others' word keeps the person too, until it ends.
    let mut waits = Play::signed(&terms);
    waits.submit(1);
    waits.on_day(0);
    let report = waits.must(
        crate::sample::member(crate::sample::JOB_SIDE),
        crate::sample::placed(1, 0, 0),
    );
    assert!(employs(&waits, 1, on(2026, 1)) && !employs(&waits, 2, on(2026, 1)));
    let reason = "they never worked here".to_owned();
    let contested = What::AssertionContested {
        assertion: report,
        reason,
    };
    waits.must(Author::Employer, contested);
    assert!(
        !employs(&waits, 1, on(2026, 1)),
        "a no is enough; the place is looked at again if a judge upholds it"
    );
    let mut left = Play::billed(&terms);
    left.on_day(3).must(Author::Network, paid(&terms, "1", 3_333_333));
    left.on_day(4)
        .agreed(crate::sample::member(crate::sample::JOB_SIDE), fell_off(3));
    assert!(!employs(&left, 1, on(2026, 1)));
    play.on_day(30).must(Author::Network, paid(&terms, "1", 3_333_333));
    play.on_day(100).must(Author::Network, What::GuaranteeEnded {});
    assert!(
        employs(&play, 1, on(2026, 6)),
        "settled, and the claim's twelve months are not over"
    );
    assert!(!employs(&play, 1, on(2027, 2)), "they are");
    let reason = "done".to_owned();
    play.on_day(101)
        .agreed(crate::sample::member(crate::sample::JOB_SIDE), What::Closed { reason });
    assert!(employs(&play, 1, on(2026, 6)), "closing a paid deal bills nobody twice");
}

proptest! {
    #[test]
    fn parts_always_add_up_and_go_to_owners_alone(
        shares in prop::collection::vec(1_u64..400, 1..12),
        owning in prop::collection::vec(any::<prop::sample::Index>(), 1..12),
        amount in 1_i64..1_000_000_000_000,
    ) {
        let mut terms = owned(&shares);
        let all: u64 = shares.iter().sum();
        terms.parties[0].share = Share::new(PARTS - all, PARTS).unwrap();
        prop_assert_eq!(terms.check(), Ok(()));
        let mut owners: Vec<u128> = owning.iter().map(|index| 100 + index.index(shares.len()) as u128).collect();
        owners.dedup();
        let units = units(&terms, &owners, amount);
        prop_assert_eq!(units.iter().map(|(_, units)| units).sum::<i64>(), amount);
        for number in 0..shares.len() as u128 {
            let part = of(&units, &format!("side-{number}"));
            prop_assert!(owners.contains(&(100 + number)) || part == 0);
        }
        // Whoever owns, the others have what they had.
        let plain = share_out(amount, &terms.split(Source::Member).unwrap().iter().map(|(_, share)| *share).collect::<Vec<_>>()).unwrap();
        prop_assert!((of(&units, "job") - plain[0]).abs() <= 1);
    }
}
