//! The parties that share in a fee, and their shares: exact fractions, never floating point.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Decimals that a percentage may have. More would be written as a fraction.
const PERCENT_DECIMALS_MAX: usize = 9;

/// The longest text of a share: two 20-digit numbers and a stroke.
const TEXT_BYTES_MAX: usize = 41;

/// A side of a split deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The broker who brought the job.
    Job,
    /// The broker who brought the candidate.
    Candidate,
    /// The network itself.
    Network,
    /// The party that sent one of the two brokers the other's way.
    Referrer,
    /// The party that found the candidate for the candidate's broker.
    Researcher,
}

impl Party {
    /// All parties of a split.
    pub const ALL: [Self; 5] = [
        Self::Job,
        Self::Candidate,
        Self::Network,
        Self::Referrer,
        Self::Researcher,
    ];

    /// The name in terms, requests and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Candidate => "candidate",
            Self::Network => "network",
            Self::Referrer => "referrer",
            Self::Researcher => "researcher",
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no [`Party`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown party; the parties are job, candidate, network, referrer and researcher")]
pub struct UnknownParty;

impl FromStr for Party {
    type Err = UnknownParty;

    fn from_str(name: &str) -> Result<Self, UnknownParty> {
        Self::ALL
            .into_iter()
            .find(|party| party.name() == name)
            .ok_or(UnknownParty)
    }
}

/// An exact part of a whole, from nothing to all of it.
///
/// Read from a percentage (`47.5%`) or a fraction (`1/3`), kept in lowest terms, and written in one way only: as a percentage where
/// that is exact with at most nine decimals, else as a fraction. `47.50%`, `475/1000` and `19/40` are the same share and are
/// all written `47.5%`, so equal terms have equal hashes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Share {
    numerator: u64,
    denominator: u64,
}

/// The reason for which a text is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// Neither of the two forms.
    #[error("a share is a percentage like 47.5% or a fraction like 1/3")]
    Malformed,
    /// The share is below zero.
    #[error("a share cannot be negative")]
    Negative,
    /// A fraction of nothing.
    #[error("a share cannot be divided by zero")]
    ZeroDenominator,
    /// More than everything.
    #[error("a share cannot be more than the whole")]
    MoreThanWhole,
    /// Too many digits to hold.
    #[error("a share has at most {PERCENT_DECIMALS_MAX} decimals, or a fraction of 64-bit numbers")]
    TooPrecise,
}

impl Share {
    /// The share of nothing.
    pub const NONE: Self = Self {
        numerator: 0,
        denominator: 1,
    };

    /// The share of the whole.
    pub const WHOLE: Self = Self {
        numerator: 1,
        denominator: 1,
    };

    /// The share `numerator/denominator`.
    pub const fn new(numerator: u64, denominator: u64) -> Result<Self, ShareError> {
        if denominator == 0 {
            return Err(ShareError::ZeroDenominator);
        }
        if numerator > denominator {
            return Err(ShareError::MoreThanWhole);
        }
        let divisor = gcd(numerator, denominator);
        Ok(Self {
            numerator: numerator / divisor,
            denominator: denominator / divisor,
        })
    }

    /// The share in hundredths of a percent: 4,750 is 47.5%.
    pub const fn from_basis_points(basis_points: u64) -> Result<Self, ShareError> {
        Self::new(basis_points, 10_000)
    }

    /// The upper part, in lowest terms.
    #[must_use]
    pub const fn numerator(self) -> u64 {
        self.numerator
    }

    /// The lower part, in lowest terms; never zero.
    #[must_use]
    pub const fn denominator(self) -> u64 {
        self.denominator
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.numerator == 0
    }

    /// The percentage without a loss, as (digits, number of decimals), where that takes few enough decimals.
    fn percent(self) -> Option<(u128, usize)> {
        let mut scale = 1_u128;
        for decimals in 0..=PERCENT_DECIMALS_MAX {
            // At most 2^64 * 10^11, so it cannot overflow.
            let scaled = u128::from(self.numerator) * 100 * scale;
            if scaled.is_multiple_of(u128::from(self.denominator)) {
                return Some((scaled / u128::from(self.denominator), decimals));
            }
            scale *= 10;
        }
        None
    }
}

/// Euclid's algorithm; `gcd(0, n)` is `n`. Ends after at most 93 steps for 64-bit numbers.
const fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn number(digits: &str) -> Result<u64, ShareError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ShareError::Malformed);
    }
    digits.parse().map_err(|_| ShareError::TooPrecise)
}

impl FromStr for Share {
    type Err = ShareError;

    fn from_str(text: &str) -> Result<Self, ShareError> {
        if text.starts_with('-') || text.contains("/-") {
            return Err(ShareError::Negative);
        }
        if text.len() > TEXT_BYTES_MAX {
            return Err(ShareError::TooPrecise);
        }
        if let Some((numerator, denominator)) = text.split_once('/') {
            return Self::new(number(numerator)?, number(denominator)?);
        }
        let percent = text.strip_suffix('%').ok_or(ShareError::Malformed)?;
        let (whole, decimals) = match percent.split_once('.') {
            Some((_, "")) => return Err(ShareError::Malformed),
            Some(parts) => parts,
            None => (percent, ""),
        };
        if decimals.len() > PERCENT_DECIMALS_MAX {
            return Err(ShareError::TooPrecise);
        }
        let whole = number(whole)?;
        let fraction = if decimals.is_empty() { 0 } else { number(decimals)? };
        if whole > 100 {
            return Err(ShareError::MoreThanWhole);
        }
        // At most 101 * 10^9, far inside 64 bits.
        let scale = 10_u64.pow(decimals.len() as u32);
        Self::new(whole * scale + fraction, 100 * scale)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.percent() {
            Some((digits, 0)) => write!(f, "{digits}%"),
            Some((digits, decimals)) => {
                let scale = 10_u128.pow(decimals as u32);
                write!(f, "{}.{:0decimals$}%", digits / scale, digits % scale)
            }
            None => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn share(text: &str) -> Share {
        text.parse().unwrap()
    }

    #[test]
    fn one_share_has_one_spelling() {
        for (read, written) in [
            ("47.5%", "47.5%"),
            ("47.50%", "47.5%"),
            ("19/40", "47.5%"),
            ("475/1000", "47.5%"),
            ("5%", "5%"),
            ("1/3", "1/3"),
            ("2/6", "1/3"),
            ("0%", "0%"),
            ("0/7", "0%"),
            ("100%", "100%"),
            ("7/7", "100%"),
            ("0.000000001%", "0.000000001%"),
            ("1/18446744073709551615", "1/18446744073709551615"),
        ] {
            assert_eq!(share(read).to_string(), written, "{read}");
        }
    }

    #[test]
    fn a_share_of_nothing_is_told_from_the_smallest() {
        assert!(Share::NONE.is_none() && share("0/7").is_none());
        assert!(!Share::WHOLE.is_none() && !share("1/18446744073709551615").is_none());
    }

    #[test]
    fn what_is_no_share_is_refused_by_name() {
        use ShareError::{Malformed, MoreThanWhole, Negative, TooPrecise, ZeroDenominator};
        for (text, error) in [
            ("", Malformed),
            ("%", Malformed),
            ("5", Malformed),
            ("0.05", Malformed),
            ("5.%", Malformed),
            (".5%", Malformed),
            ("+5%", Malformed),
            (" 5%", Malformed),
            ("5 %", Malformed),
            ("1e1%", Malformed),
            ("1/2/3", Malformed),
            ("1/", Malformed),
            ("/2", Malformed),
            ("50%/2", Malformed),
            ("٥%", Malformed),
            ("NaN%", Malformed),
            ("-5%", Negative),
            ("-1/3", Negative),
            ("1/-3", Negative),
            ("1/0", ZeroDenominator),
            ("0/0", ZeroDenominator),
            ("4/3", MoreThanWhole),
            ("100.000000001%", MoreThanWhole),
            ("18446744073709551615%", MoreThanWhole),
            ("1.0000000001%", TooPrecise),
            ("1/18446744073709551616", TooPrecise),
            ("99999999999999999999999999999999999999999999%", TooPrecise),
        ] {
            assert_eq!(text.parse::<Share>(), Err(error), "{text:?}");
        }
    }

    #[test]
    fn parties_are_known_by_name() {
        for party in Party::ALL {
            assert_eq!(party.name().parse(), Ok(party));
            assert_eq!(party.to_string(), party.name());
            assert_eq!(serde_json::to_value(party).unwrap(), party.name());
        }
        assert_eq!("Job".parse::<Party>(), Err(UnknownParty));
    }

    proptest! {
        #[test]
        fn a_share_reads_back_what_it_writes(numerator: u64, denominator in 1_u64..) {
            let share = Share::new(numerator.min(denominator), denominator).unwrap();
            prop_assert_eq!(share.to_string().parse(), Ok(share));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-+0-9/%.e ]{0,50}") {
            let _ = text.parse::<Share>();
        }
    }
}
