//! An amount into parts that add up, to the unit.

use crate::share::Share;

/// The most parties of one split.
pub const PARTIES_MAX: usize = 32;

/// The reason for which an amount cannot be allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AllocationError {
    /// Nothing, or less, to hand out.
    #[error("the amount must be more than zero")]
    NotPositive,
    /// Nobody to hand it to.
    #[error("a split needs at least one share")]
    NoShares,
    /// More parties than a split may have.
    #[error("a split has at most {PARTIES_MAX} shares")]
    TooManyShares,
    /// Something would be left over.
    #[error("the shares add up to less than the whole")]
    LessThanWhole,
    /// Something would be handed out twice.
    #[error("the shares add up to more than the whole")]
    MoreThanWhole,
    /// The fractions have no common denominator in 128 bits.
    #[error("the shares are fractions too fine to be added up exactly")]
    TooFine,
}

/// Splits `total_minor_units` by `shares`, which must add up to exactly one. The parts are in the order of the shares, none is
/// negative, and they add up to the total.
///
/// Every part is its share rounded down. The units that are left are handed out one by one in the order given; there are always
/// fewer of them than shares, so one round is enough. Hence a part is its exact share rounded down, or one unit more. The order
/// is the whole rule: also a share of nothing is handed a unit that is left when its turn comes, so who is to get nothing is not
/// listed.
pub fn allocate(total_minor_units: i64, shares: &[Share]) -> Result<Vec<i64>, AllocationError> {
    let total = u64::try_from(total_minor_units)
        .ok()
        .filter(|total| *total > 0)
        .ok_or(AllocationError::NotPositive)?;
    check_whole(shares)?;
    // A share is at most one, so each part is at most the total and fits.
    let mut parts: Vec<i64> = shares
        .iter()
        .map(|share| (u128::from(total) * u128::from(share.numerator()) / u128::from(share.denominator())) as i64)
        .collect();
    let mut left = total_minor_units - parts.iter().sum::<i64>();
    for part in &mut parts {
        if left == 0 {
            break;
        }
        *part += 1;
        left -= 1;
    }
    debug_assert_eq!(left, 0, "fewer units are left than there are shares");
    Ok(parts)
}

/// The fee: `share` of an amount, rounded to the nearest minor unit, half a unit up. Zero of zero is zero.
pub fn fee(amount_minor_units: i64, share: Share) -> Result<i64, AllocationError> {
    let amount = u64::try_from(amount_minor_units).map_err(|_| AllocationError::NotPositive)?;
    let product = u128::from(amount) * u128::from(share.numerator());
    let denominator = u128::from(share.denominator());
    let (floor, rest) = (product / denominator, product % denominator);
    // A share is at most one, so the fee is at most the amount and fits: rounding up needs a rest, and the whole has none.
    Ok((floor + u128::from(rest * 2 >= denominator)) as i64)
}

/// Whether the shares add up to exactly one.
pub fn check_whole(shares: &[Share]) -> Result<(), AllocationError> {
    if shares.is_empty() {
        return Err(AllocationError::NoShares);
    }
    if shares.len() > PARTIES_MAX {
        return Err(AllocationError::TooManyShares);
    }
    let (mut numerator, mut denominator) = (0_u128, 1_u128);
    for share in shares {
        (numerator, denominator) = sum((numerator, denominator), *share).ok_or(AllocationError::TooFine)?;
    }
    match numerator.cmp(&denominator) {
        std::cmp::Ordering::Less => Err(AllocationError::LessThanWhole),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(AllocationError::MoreThanWhole),
    }
}

/// The exact sum of a fraction and a share, in lowest terms.
fn sum((numerator, denominator): (u128, u128), share: Share) -> Option<(u128, u128)> {
    let other = u128::from(share.denominator());
    let common = gcd(denominator, other);
    let lowest = (denominator / common).checked_mul(other)?;
    let left = numerator.checked_mul(other / common)?;
    let right = u128::from(share.numerator()).checked_mul(denominator / common)?;
    let numerator = left.checked_add(right)?;
    let divisor = gcd(numerator, lowest);
    Some((numerator / divisor, lowest / divisor))
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(total: i64, shares: &[&str]) -> Result<Vec<i64>, AllocationError> {
        let shares: Vec<Share> = shares.iter().map(|share| share.parse().unwrap()).collect();
        allocate(total, &shares)
    }

    #[test]
    fn the_examples_of_the_terms() {
        assert_eq!(
            split(3_333_333, &["47.5%", "47.5%", "5%"]),
            Ok(vec![1_583_334, 1_583_333, 166_666])
        );
        assert_eq!(split(15, &["80%", "8%", "12%"]), Ok(vec![13, 1, 1]));
        assert_eq!(split(100, &["1/3", "1/3", "1/3"]), Ok(vec![34, 33, 33]));
        assert_eq!(split(1, &["50%", "50%"]), Ok(vec![1, 0]));
        assert_eq!(split(i64::MAX, &["100%"]), Ok(vec![i64::MAX]));
        assert_eq!(
            split(i64::MAX, &["1/2", "1/2"]),
            Ok(vec![i64::MAX / 2 + 1, i64::MAX / 2])
        );
    }

    #[test]
    fn the_order_is_the_whole_rule() {
        assert_eq!(split(1, &["0%", "50%", "50%"]), Ok(vec![1, 0, 0]));
    }

    #[test]
    fn what_cannot_be_split_is_refused_by_name() {
        use AllocationError::{LessThanWhole, MoreThanWhole, NoShares, NotPositive, TooFine, TooManyShares};
        assert_eq!(split(0, &["100%"]), Err(NotPositive));
        assert_eq!(split(-1, &["100%"]), Err(NotPositive));
        assert_eq!(split(i64::MIN, &["100%"]), Err(NotPositive));
        assert_eq!(split(1, &[]), Err(NoShares));
        assert_eq!(split(1, &["0%"; 33]), Err(TooManyShares));
        assert_eq!(split(1, &["47.5%", "47.5%", "4.999999999%"]), Err(LessThanWhole));
        assert_eq!(split(1, &["33.333333333%"; 3]), Err(LessThanWhole));
        assert_eq!(
            split(1, &["1/3", "1/3", "1/3", "1/18446744073709551615"]),
            Err(MoreThanWhole)
        );
        let fine = [
            "1/18446744073709551557",
            "1/18446744073709551533",
            "1/18446744073709551521",
        ];
        assert_eq!(split(1, &fine), Err(TooFine));
    }

    #[test]
    fn a_fee_is_rounded_half_up() {
        let fee = |amount, share: &str| fee(amount, share.parse().unwrap());
        assert_eq!(fee(10_000_000, "20%"), Ok(2_000_000));
        assert_eq!(fee(1, "50%"), Ok(1));
        assert_eq!(fee(1, "49.999999999%"), Ok(0));
        assert_eq!(fee(3, "50%"), Ok(2));
        assert_eq!(fee(1_000, "2/3"), Ok(667));
        assert_eq!(fee(100, "62.5%"), Ok(63));
        assert_eq!(fee(0, "20%"), Ok(0));
        assert_eq!(fee(i64::MAX, "100%"), Ok(i64::MAX));
        assert_eq!(fee(-1, "20%"), Err(AllocationError::NotPositive));
    }

    /// Shares that add up to one: weights over their sum.
    fn shares() -> impl Strategy<Value = Vec<Share>> {
        prop::collection::vec(0_u64..1_000_000, 1..=PARTIES_MAX)
            .prop_filter("somebody has a share", |weights| {
                weights.iter().any(|weight| *weight > 0)
            })
            .prop_map(|weights| {
                let sum = weights.iter().sum();
                weights
                    .into_iter()
                    .map(|weight| Share::new(weight, sum).unwrap())
                    .collect()
            })
    }

    proptest! {
        #[test]
        fn parts_add_up_and_stay_within_a_unit(total in 1..=i64::MAX, shares in shares()) {
            let parts = allocate(total, &shares).unwrap();
            prop_assert_eq!(parts.iter().map(|part| i128::from(*part)).sum::<i128>(), i128::from(total));
            let mut before_given = true;
            for (part, share) in parts.iter().zip(&shares) {
                let floor = (i128::from(total) * i128::from(share.numerator()) / i128::from(share.denominator())) as i64;
                prop_assert!(*part == floor || *part == floor + 1);
                // Units that are left go to the first, so nobody gets one after somebody got none.
                prop_assert!(before_given || *part == floor);
                before_given = *part == floor + 1;
            }
        }

        #[test]
        fn no_shares_make_it_panic(total: i64, halves in prop::collection::vec((any::<u64>(), 1_u64..), 0..6)) {
            let shares: Vec<Share> = halves.into_iter().map(|(a, b)| Share::new(a % b, b).unwrap()).collect();
            let _ = allocate(total, &shares);
        }
    }
}
