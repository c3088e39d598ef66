//! Amounts as the processor writes them, and as the books do: the one place that knows both.
//!
//! | currencies | the books | the processor | moves |
//! |---|---|---|---|
//! | most | ISO 4217's minor unit | the same | any amount |
//! | three decimals (BHD, JOD, KWD, OMR, TND) | thousandths | thousandths, of which the last is 0 | tens |
//! | ISK, UGX | whole units | hundredths of them, which must be whole | any amount |
//! | HUF, TWD | hundredths | hundredths; a bank is paid whole units | hundreds |
//!
//! Source: <https://docs.stripe.com/currencies>, "Special cases".

use inventure_core::{Currency, Money};

/// The currencies that have no decimals, and two in the processor's amounts.
const WRITTEN_WITH_TWO: [&str; 2] = ["ISK", "UGX"];

/// The currencies that reach a bank in whole units alone.
const BANKED_WHOLE: [&str; 2] = ["HUF", "TWD"];

/// The number of the processor's units in one minor unit of the books.
fn scale(currency: Currency) -> i64 {
    if WRITTEN_WITH_TWO.contains(&currency.code()) {
        100
    } else {
        1
    }
}

/// The amount in minor units of which everything that the processor moves in this currency is a multiple.
#[must_use]
pub fn step(currency: Currency) -> i64 {
    match currency.digits() {
        3 => 10,
        _ if BANKED_WHOLE.contains(&currency.code()) => 100,
        _ => 1,
    }
}

/// The largest part of an amount that the processor moves, in minor units; zero of what is negative.
#[must_use]
pub fn movable(minor_units: i64, currency: Currency) -> i64 {
    let minor_units = minor_units.max(0);
    minor_units - minor_units % step(currency)
}

/// An amount in the processor's units; `None` where that is beyond 64 bits.
#[must_use]
pub fn to_processor(amount: Money) -> Option<i64> {
    amount.minor_units.checked_mul(scale(amount.currency))
}

/// An amount of the processor's in minor units. `None` in a currency that is not supported, or where a part of a minor unit would be
/// lost.
#[must_use]
pub fn from_processor(amount: i64, currency: &str) -> Option<Money> {
    let currency: Currency = currency.to_uppercase().parse().ok()?;
    let scale = scale(currency);
    (amount % scale == 0).then(|| Money {
        minor_units: amount / scale,
        currency,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(minor_units: i64, code: &str) -> Money {
        Money {
            minor_units,
            currency: code.parse().unwrap(),
        }
    }

    #[test]
    fn amounts_are_written_as_the_processor_takes_them() {
        for (minor_units, code, written, moved) in [
            (500, "JPY", 500, 500),
            (1_333_334, "KWD", 1_333_334, 1_333_330),
            (5, "ISK", 500, 5),
            (5, "UGX", 500, 5),
            (1_045, "HUF", 1_045, 1_000),
            (80_045, "TWD", 80_045, 80_000),
            (1_045, "USD", 1_045, 1_045),
            (9, "BHD", 9, 0),
        ] {
            let amount = money(minor_units, code);
            assert_eq!(to_processor(amount), Some(written), "{code}");
            assert_eq!(from_processor(written, &code.to_lowercase()), Some(amount), "{code}");
            assert_eq!(movable(minor_units, amount.currency), moved, "{code}");
        }
        assert_eq!(from_processor(550, "isk"), None, "half a krona is no amount");
        assert_eq!(from_processor(1, "xxx"), None);
        assert_eq!(to_processor(money(i64::MAX, "ISK")), None);
        assert_eq!(movable(-5, Currency::USD), 0);
    }

    proptest! {
        /// Money is released bit by bit. The part that is moved is a multiple of the step, and the part that is not moved stays.
        #[test]
        fn no_minor_unit_is_lost(
            releases in prop::collection::vec(0_i64..1_000_000_000, 1..20),
            index in 0..Currency::all().count(),
        ) {
            let currency = Currency::all().nth(index).unwrap();
            let (mut released, mut paid) = (0_i64, 0_i64);
            for more in releases {
                released += more;
                let moved = movable(released - paid, currency);
                paid += moved;
                prop_assert_eq!(moved % step(currency), 0);
                prop_assert!((0..step(currency)).contains(&(released - paid)));
                let written = to_processor(Money { minor_units: moved, currency }).unwrap();
                prop_assert_eq!(from_processor(written, currency.code()).unwrap().minor_units, moved);
            }
        }
    }
}
