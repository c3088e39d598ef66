//! Exact arithmetic on shares and amounts that the ledger's allocation is built from.

use inventure_ledger::{AllocationError, Share, allocate};

/// Returns one share of another: half of 95% is 47.5%. Nothing where the fraction is too fine for 64 bits.
#[must_use]
pub fn product(a: Share, b: Share) -> Option<Share> {
    let numerator = u128::from(a.numerator()) * u128::from(b.numerator());
    let denominator = u128::from(a.denominator()) * u128::from(b.denominator());
    let divisor = gcd(numerator, denominator);
    let fits = |part: u128| u64::try_from(part / divisor).ok();
    Share::new(fits(numerator)?, fits(denominator)?).ok()
}

/// Returns the part that is left of the whole.
#[must_use]
pub fn rest(share: Share) -> Share {
    // The denominator is never zero and the rest is never more than it, so there is always one.
    Share::new(share.denominator() - share.numerator(), share.denominator()).unwrap_or(Share::NONE)
}

/// Whether one share is less than another.
#[must_use]
pub fn is_less(a: Share, b: Share) -> bool {
    let cross = |a: Share, b: Share| u128::from(a.numerator()) * u128::from(b.denominator());
    cross(a, b) < cross(b, a)
}

/// The larger of two shares.
#[must_use]
pub fn larger(a: Share, b: Share) -> Share {
    if is_less(a, b) { b } else { a }
}

/// `amount` in proportion to `weights`, to the unit, in the order given. No part is more than its weight as long as the
/// amount is not more than all weights together. Therefore it is fit for partial payments and refunds: allocating them
/// by the shares anew could ask a party for a unit more than it ever got.
pub fn prorate(amount: i64, weights: &[i64]) -> Result<Vec<i64>, AllocationError> {
    let whole = weights
        .iter()
        .try_fold(0_u64, |sum, weight| sum.checked_add(u64::try_from(*weight).ok()?))
        .ok_or(AllocationError::NotPositive)?;
    if amount == 0 {
        return Ok(vec![0; weights.len()]);
    }
    let shares: Result<Vec<Share>, _> = weights.iter().map(|weight| Share::new(*weight as u64, whole)).collect();
    share_out(amount, &shares.map_err(|_| AllocationError::LessThanWhole)?)
}

/// [`allocate`] among those who have a share. Its order alone decides who is handed a unit that is left, be their share nothing;
/// a deal lists also who has none: a network without a cut, a party that a ruling gives nothing.
pub fn share_out(amount: i64, shares: &[Share]) -> Result<Vec<i64>, AllocationError> {
    let some: Vec<Share> = shares.iter().copied().filter(|share| !share.is_none()).collect();
    let mut parts = allocate(amount, &some)?.into_iter();
    let part_of = |share: &Share| if share.is_none() { None } else { parts.next() };
    Ok(shares.iter().map(part_of).map(Option::unwrap_or_default).collect())
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

    fn share(text: &str) -> Share {
        text.parse().unwrap()
    }

    #[test]
    fn shares_of_shares_are_exact() {
        assert_eq!(product(share("95%"), share("50%")), Some(share("47.5%")));
        assert_eq!(product(share("1/3"), share("3/7")), Some(share("1/7")));
        assert_eq!(product(Share::NONE, share("1/3")), Some(Share::NONE));
        let fine = share("1/18446744073709551557");
        assert_eq!(product(fine, fine), None);
        assert_eq!(rest(share("5%")), share("95%"));
        assert_eq!(rest(Share::WHOLE), Share::NONE);
    }

    #[test]
    fn who_has_no_share_gets_no_unit() {
        let shares = [Share::NONE, share("50%"), share("50%")];
        assert_eq!(share_out(1, &shares), Ok(vec![0, 1, 0]));
        assert_eq!(share_out(0, &shares), Err(AllocationError::NotPositive));
    }

    #[test]
    fn a_refund_asks_nobody_for_more_than_they_got() {
        // By the shares 30/1/30/39 three units would be handed out 1, 1, 0, 1 and four 2, 0, 1, 1: the second party would pay
        // back a unit it never had.
        assert_eq!(prorate(3, &[2, 0, 1, 1]), Ok(vec![2, 0, 1, 0]));
        assert_eq!(prorate(0, &[0, 0]), Ok(vec![0, 0]));
        assert_eq!(prorate(1, &[0, 0]), Err(AllocationError::LessThanWhole));
        assert_eq!(prorate(1, &[-1, 2]), Err(AllocationError::NotPositive));
    }

    #[test]
    fn a_share_of_a_share_is_as_fine_as_its_lowest_terms() {
        // 2^40 is in both, and is gone from what is left: 1/3^26. Unreduced it is beyond 64 bits.
        let (a, b) = (share("1/1099511627776"), share("1099511627776/2541865828329"));
        assert_eq!(product(a, b), Some(share("1/2541865828329")));
    }

    proptest! {
        #[test]
        fn parts_are_within_their_weights(weights in prop::collection::vec(0_i64..1_000_000_000, 1..8), part in 0.0..=1.0_f64) {
            let whole: i64 = weights.iter().sum();
            let amount = ((whole as f64 * part) as i64).min(whole);
            let parts = prorate(amount, &weights).unwrap();
            prop_assert_eq!(parts.iter().sum::<i64>(), amount);
            prop_assert!(parts.iter().zip(&weights).all(|(part, weight)| (0..=*weight).contains(part)));
        }
    }
}
