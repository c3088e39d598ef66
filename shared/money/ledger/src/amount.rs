//! Amounts as people write and read them.

use inventure_core::{Currency, Money};

/// The reason for which a text is no amount of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// The text is empty.
    #[error("the amount is empty")]
    Empty,
    /// The amount has a plus or a minus. The meaning of a sign is the caller's business.
    #[error("the amount must have no sign")]
    Signed,
    /// The amount has an exponent, as in `1e3`.
    #[error("the amount must be written out, without an exponent")]
    Exponent,
    /// The amount is not digits and a point for some other reason. Thousands separators are among these: `1,000` is a thousand to some
    /// and one to others.
    #[error("the amount must be digits, with a point before the decimals and no separators")]
    Malformed,
    /// More decimals than the currency has, even if they are zeros.
    #[error("{currency} has {} decimals, and the amount has more", currency.digits())]
    TooManyDecimals {
        /// The currency of the amount.
        currency: Currency,
    },
    /// More than 64 bits of minor units.
    #[error("the amount is too large")]
    TooLarge,
}

/// Reads an amount: digits, then at most as many decimals as the currency has. `33333.33` and `5` are US dollars, `1000` is yen,
/// `1.234` is Kuwaiti dinars.
pub fn parse(text: &str, currency: Currency) -> Result<Money, AmountError> {
    if text.is_empty() {
        return Err(AmountError::Empty);
    }
    if text.starts_with(['-', '+']) {
        return Err(AmountError::Signed);
    }
    let (whole, decimals) = match text.split_once('.') {
        Some((_, "")) => return Err(AmountError::Malformed),
        Some(parts) => parts,
        None => (text, ""),
    };
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits_only(whole) || !digits_only(decimals) {
        let exponent = whole.starts_with(|first: char| first.is_ascii_digit()) && text.contains(['e', 'E']);
        return Err(if exponent {
            AmountError::Exponent
        } else {
            AmountError::Malformed
        });
    }
    let digits = currency.digits() as usize;
    if decimals.len() > digits {
        return Err(AmountError::TooManyDecimals { currency });
    }
    let minor_units = whole
        .bytes()
        .chain(decimals.bytes())
        .chain(std::iter::repeat_n(b'0', digits - decimals.len()))
        .try_fold(0_i64, |units, digit| {
            units.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
        })
        .ok_or(AmountError::TooLarge)?;
    Ok(Money { minor_units, currency })
}

/// The amount for programs: `33333.33`, `-5.00`, `1000`, `1.234`. Without a minus [`parse`] reads it back.
#[must_use]
pub fn decimal(money: Money) -> String {
    let (sign, whole, decimals) = pieces(money);
    format!("{sign}{whole}{decimals}")
}

/// The amount for people, with its currency. It has the code, a space, the whole in groups of three, and always all the decimals that the
/// currency has. `USD 33,333.33`, `USD -5.00`, `JPY 1,000`, `KWD 1.234`.
#[must_use]
pub fn display(money: Money) -> String {
    let (sign, whole, decimals) = pieces(money);
    let mut grouped = String::with_capacity(whole.len() * 4 / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{} {sign}{grouped}{decimals}", money.currency)
}

/// The sign, the whole, and the decimals with their point.
fn pieces(money: Money) -> (&'static str, String, String) {
    let digits = money.currency.digits() as usize;
    let scale = 10_u64.pow(money.currency.digits());
    let units = money.minor_units.unsigned_abs();
    let sign = if money.minor_units < 0 { "-" } else { "" };
    let decimals = match digits {
        0 => String::new(),
        _ => format!(".{:0digits$}", units % scale),
    };
    (sign, (units / scale).to_string(), decimals)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn units(text: &str, currency: &str) -> Result<i64, AmountError> {
        parse(text, currency.parse().unwrap()).map(|money| money.minor_units)
    }

    #[test]
    fn amounts_are_read_in_their_currency() {
        assert_eq!(units("33333.33", "USD"), Ok(3_333_333));
        assert_eq!(units("5", "USD"), Ok(500));
        assert_eq!(units("5.1", "USD"), Ok(510));
        assert_eq!(units("0.00", "USD"), Ok(0));
        assert_eq!(units("1000", "JPY"), Ok(1_000));
        assert_eq!(units("1.234", "KWD"), Ok(1_234));
        assert_eq!(units("92233720368547758.07", "USD"), Ok(i64::MAX));
    }

    #[test]
    fn what_is_no_amount_is_refused_by_name() {
        use AmountError::{Empty, Exponent, Malformed, Signed, TooLarge, TooManyDecimals};
        let too_many = |code: &str| TooManyDecimals {
            currency: code.parse().unwrap(),
        };
        for (text, currency, error) in [
            ("", "USD", Empty),
            ("-5", "USD", Signed),
            ("+5", "USD", Signed),
            ("1e3", "USD", Exponent),
            ("1.5E3", "USD", Exponent),
            ("1,000", "USD", Malformed),
            ("1.", "USD", Malformed),
            (".5", "USD", Malformed),
            ("1.2.3", "USD", Malformed),
            ("$5", "USD", Malformed),
            (" 5", "USD", Malformed),
            ("five", "USD", Malformed),
            ("inf", "USD", Malformed),
            ("٥", "USD", Malformed),
            ("1.000", "USD", too_many("USD")),
            ("1.0", "JPY", too_many("JPY")),
            ("1.2345", "KWD", too_many("KWD")),
            ("92233720368547758.08", "USD", TooLarge),
            ("99999999999999999999999999", "JPY", TooLarge),
        ] {
            assert_eq!(units(text, currency), Err(error), "{text:?} {currency}");
        }
        assert_eq!(
            too_many("JPY").to_string(),
            "JPY has 0 decimals, and the amount has more"
        );
    }

    #[test]
    fn amounts_are_written_by_currency() {
        let display = |minor_units, code: &str| {
            let currency = code.parse().unwrap();
            display(Money { minor_units, currency })
        };
        assert_eq!(display(3_333_333, "USD"), "USD 33,333.33");
        assert_eq!(display(-500, "USD"), "USD -5.00");
        assert_eq!(display(7, "USD"), "USD 0.07");
        assert_eq!(display(0, "USD"), "USD 0.00");
        assert_eq!(display(1_000, "JPY"), "JPY 1,000");
        assert_eq!(display(1_234, "KWD"), "KWD 1.234");
        assert_eq!(display(i64::MIN, "USD"), "USD -92,233,720,368,547,758.08");
    }

    proptest! {
        #[test]
        fn an_amount_reads_back_what_it_writes(minor_units in 0..=i64::MAX, code in prop::sample::select(vec!["USD", "JPY", "KWD"])) {
            let money = Money { minor_units, currency: code.parse().unwrap() };
            prop_assert_eq!(parse(&decimal(money), money.currency), Ok(money));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}") {
            let _ = parse(&text, Currency::USD);
        }
    }
}
