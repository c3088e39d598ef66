//! Pay in running text.

use std::{ops::Range, sync::LazyLock};

use inventure_core::{Currency, PayPeriod, PayRange};
use regex::{Captures, Match, Regex};

/// A currency before or after, an amount, perhaps a second one, perhaps a period. An amount without a currency is not pay.
static PAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?P<before>US\$|USD|C\$|CA\$|CAD|A\$|AU\$|AUD|S\$|SGD|HK\$|NZ\$|NZD|R\$|\$|£|GBP|€|EUR|₹|Rs\.?|INR|CHF|AED|ZAR|SEK|NOK|DKK|PLN|¥|JPY|kr\.?)?\s?",
        r"(?P<low>\d{1,3}(?:[,.']\d{3})+(?:[,.]\d{2}\b)?|\d+(?:[.,]\d{1,2}\b)?)\s?(?P<low_k>k|lakhs?|lacs?)?\b",
        r"(?:[^\S\n]?(?P<middle>USD|GBP|EUR|INR|CHF|CAD|AUD|€|£|kr)?[^\S\n]?(?:-|–|—|to|and)[^\S\n]?(?P<again>US\$|USD|C\$|CA\$|A\$|AU\$|NZ\$|S\$|HK\$|\$|£|GBP|€|EUR|₹|Rs\.?|INR|CHF)?\s?",
        r"(?P<high>\d{1,3}(?:[,.']\d{3})+(?:[,.]\d{2}\b)?|\d+(?:[.,]\d{1,2}\b)?)\s?(?P<high_k>k|lakhs?|lacs?)?\b)?",
        r"\s?(?P<after>USD|US dollars|GBP|EUR|euros?|INR|CHF|CAD|AUD|SGD|AED|ZAR|SEK|NOK|DKK|PLN|JPY|GEL|KES|JOD|NGN|GHS|MXN|BRL|TRY|CZK|HUF|RON|€|£|kr\b|LPA)?",
        r"\s?(?:gross\s)?(?P<period>(?:/|per|an?|each|p\.?)\s?(?:year|yr|y\b|annum|a\.|month|mo\b|mth|day|hour|hr|h\b|diem)|p\.?a\b|annually|yearly|monthly|daily|hourly|LPA)?",
    ))
    .ok()
});

fn currency(sign: &str) -> Option<Currency> {
    let code = match sign.to_uppercase().as_str() {
        "US$" | "$" | "USD" | "US DOLLARS" => "USD",
        "C$" | "CA$" => "CAD",
        "A$" | "AU$" => "AUD",
        "S$" => "SGD",
        "HK$" => "HKD",
        "NZ$" => "NZD",
        "R$" => "BRL",
        "£" => "GBP",
        "€" | "EURO" | "EUROS" => "EUR",
        "₹" | "RS" | "RS." | "LPA" => "INR",
        "¥" => "JPY",
        other => return other.parse().ok(),
    };
    code.parse().ok()
}

/// Returns the currency that a sign of several countries means.
///
/// It is that of the country which the line of the amount names first, else the whole text.
fn local<'a>(sign: &'a str, text: &str, amount: usize) -> &'a str {
    const DOLLARS: [(&str, &[&str]); 5] = [
        // Not the bare letters: headings shout "ABOUT US".
        ("USD", &["United States", "USA", "U.S.", "the US", ", US"]),
        (
            "CAD",
            &[
                "Canada",
                "Ontario",
                ", ON",
                "Toronto",
                "Vancouver",
                "Calgary",
                "Alberta",
                "Montreal",
                "Montréal",
                "Winnipeg",
                "Halifax",
                "Ottawa",
                ", BC",
                "Québec",
                "Quebec",
                "Saskatoon",
            ],
        ),
        (
            "AUD",
            &[
                "Australia",
                "Sydney",
                "Melbourne",
                "Brisbane",
                "Adelaide",
                "Perth",
                "NSW",
                "QLD",
                "Queensland",
                "Tasmania",
                "Hobart",
            ],
        ),
        (
            "NZD",
            &["New Zealand", "Auckland", "Wellington", "Christchurch", "Dunedin", "NZ"],
        ),
        ("SGD", &["Singapore"]),
    ];
    const CROWNS: [(&str, &[&str]); 2] = [
        ("DKK", &["Denmark", "Copenhagen", "Aarhus", "Odense"]),
        ("NOK", &["Norway", "Oslo", "Bergen", "Trondheim"]),
    ];
    let start = text[..amount].rfind('\n').map_or(0, |at| at + 1);
    let end = text[amount..].find('\n').map_or(text.len(), |at| amount + at);
    let named = |table: &[(&'static str, &[&str])]| {
        let first = |text: &str, names: &[&str]| {
            let whole = |(at, name): &(usize, &str)| {
                // A name that begins with a comma stands behind a town.
                let begins = !name.starts_with(char::is_alphanumeric) || !text[..*at].ends_with(char::is_alphanumeric);
                begins && !text[at + name.len()..].starts_with(char::is_alphanumeric)
            };
            let places = names.iter().filter_map(|name| text.match_indices(name).find(whole));
            places.map(|(at, _)| at).min()
        };
        [&text[start..end], text].into_iter().find_map(|text| {
            let named = table
                .iter()
                .filter_map(|(code, names)| Some((first(text, names)?, *code)));
            named.min().map(|(_, code)| code)
        })
    };
    match sign.to_lowercase().trim_end_matches('.') {
        "$" => named(&DOLLARS).unwrap_or("USD"),
        "kr" => named(&CROWNS).unwrap_or("SEK"),
        _ => sign,
    }
}

fn period(text: &str) -> Option<PayPeriod> {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    match () {
        () if has(&["hour", "hr"]) || lower.ends_with("/h") => Some(PayPeriod::Hour),
        () if has(&["month", "mo", "mth"]) => Some(PayPeriod::Month),
        () if has(&["day", "daily", "diem"]) => Some(PayPeriod::Day),
        () if lower.is_empty() => None,
        () => Some(PayPeriod::Year),
    }
}

/// The amount in minor units. `1.000` and `1,000` are thousands, `1.50` one and a half.
fn amount(digits: &str, multiple: Option<&str>, currency: Currency) -> Option<i64> {
    // What stands behind the last sign is a fraction unless it is three digits, which is a group of thousands.
    let (whole, fraction) = match digits.rsplit_once(['.', ',', '\'']) {
        Some((whole, fraction)) if fraction.len() < 3 => (whole, fraction),
        _ => (digits, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let unit = 10_i64.checked_pow(currency.digits())?;
    let times: i64 = match multiple.map(str::to_lowercase).as_deref() {
        Some("k") => 1_000,
        Some(_) => 100_000,
        None => 1,
    };
    let whole = whole.parse::<i64>().ok()?.checked_mul(unit)?.checked_mul(times)?;
    let fraction = match fraction.parse::<i64>() {
        Ok(value) => value.checked_mul(unit)?.checked_mul(times)? / 10_i64.checked_pow(fraction.len() as u32)?,
        Err(_) => 0,
    };
    whole.checked_add(fraction)
}

/// Returns the pay that a part of a text states. What stands before it in its sentence tells its period and which end it is.
pub(super) fn read(text: &str, part: &Range<usize>) -> Option<(PayRange, Range<usize>)> {
    let mut at = super::sections::sentence(text, part.start).start;
    while at < part.end {
        let captures = PAY.as_ref()?.captures_at(text, at)?;
        let found = captures.get(0)?.range();
        if found.start >= part.end {
            break;
        }
        if found.end > part.start
            && let Some(pay) = read_figures(text, &captures)
        {
            return Some(pay);
        }
        at = found.end;
    }
    None
}

fn read_figures(text: &str, captures: &Captures<'_>) -> Option<(PayRange, Range<usize>)> {
    let all = captures.get(0)?;
    let group = |name: &str| captures.name(name).map(|group| group.as_str().trim());
    let sign = ["before", "middle", "again", "after"]
        .into_iter()
        .find_map(|name| group(name).filter(|sign| !sign.is_empty()));
    let lakhs_a_year = |name| group(name).is_some_and(|text| text.eq_ignore_ascii_case("lpa"));
    let lpa = lakhs_a_year("after") || lakhs_a_year("period");
    let currency = if lpa {
        currency("LPA")?
    } else {
        currency(local(sign?, text, all.start()))?
    };
    let stated = group("period").filter(|period| !period.is_empty());
    let before = crate::job::sections::sentence(text, all.start()).start;
    let context = text[before..all.start()].to_lowercase();
    let high = group("high");
    let unit = 10_i64.checked_pow(currency.digits())?;
    // "$90-110k": the k holds for both.
    let high_k = group("high_k").or(lpa.then_some("lakh"));
    let low_k = group("low_k").or(high_k);
    let low = amount(group("low")?, low_k, currency)?;
    let high = match high {
        Some(digits) => Some(amount(digits, high_k.or(low_k), currency)?),
        None => None,
    };
    let period = stated
        .and_then(period)
        .or_else(|| named_period(&context))
        .unwrap_or(match low / unit {
            ..500 => PayPeriod::Hour,
            500..12_000 => PayPeriod::Month,
            _ => PayPeriod::Year,
        });
    let up_to = context.trim_end().ends_with("up to");
    let range = PayRange {
        min_minor_units: (!up_to).then_some(low),
        max_minor_units: if up_to {
            Some(low)
        } else {
            high.or_else(|| single(&context, low))
        },
        currency,
        period,
    };
    (range.is_sound() && low > 0).then(|| (range, trimmed(text, &all)))
}

/// Returns the period that the words before an amount name.
fn named_period(context: &str) -> Option<PayPeriod> {
    const NAMES: [(&str, PayPeriod); 5] = [
        ("day rate", PayPeriod::Day),
        ("daily", PayPeriod::Day),
        ("monthly", PayPeriod::Month),
        ("hourly", PayPeriod::Hour),
        ("an hour", PayPeriod::Hour),
    ];
    NAMES
        .iter()
        .find(|(name, _)| context.contains(name))
        .map(|(_, period)| *period)
}

/// One figure is both ends, unless it says "from".
fn single(context: &str, low: i64) -> Option<i64> {
    let open = ["from", "at least", "starting at", "minimum"]
        .iter()
        .any(|word| context.trim_end().ends_with(word));
    (!open).then_some(low)
}

fn trimmed(text: &str, found: &Match<'_>) -> Range<usize> {
    let raw = &text[found.range()];
    let start = found.start() + raw.len() - raw.trim_start().len();
    start..found.start() + raw.trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pay(text: &str) -> Option<(Option<i64>, Option<i64>, String, PayPeriod)> {
        read(text, &(0..text.len())).map(|(pay, _)| {
            (
                pay.min_minor_units,
                pay.max_minor_units,
                pay.currency.to_string(),
                pay.period,
            )
        })
    }

    #[test]
    fn pay_is_read() {
        use PayPeriod::{Day, Hour, Month, Year};
        let range = |low: i64, high: i64, code: &str, period| Some((Some(low), Some(high), code.to_owned(), period));
        for (text, wanted) in [
            (
                "Salary: $120,000 - $150,000 per year",
                range(12_000_000, 15_000_000, "USD", Year),
            ),
            ("£45k–£55k", range(4_500_000, 5_500_000, "GBP", Year)),
            (
                "Salary €60.000 to €70.000 gross per annum",
                range(6_000_000, 7_000_000, "EUR", Year),
            ),
            ("$50/hr", range(5_000, 5_000, "USD", Hour)),
            ("pay: 25.50 - 30 USD per hour", range(2_550, 3_000, "USD", Hour)),
            ("12-15 LPA", range(120_000_000, 150_000_000, "INR", Year)),
            ("$90-110k base", range(9_000_000, 11_000_000, "USD", Year)),
            ("£500 per day, outside IR35", range(50_000, 50_000, "GBP", Day)),
            ("CHF 7'500 per month", range(750_000, 750_000, "CHF", Month)),
            ("Salary from £30,000", Some((Some(3_000_000), None, "GBP".into(), Year))),
            (
                "Salary up to €80,000",
                Some((None, Some(8_000_000), "EUR".into(), Year)),
            ),
        ] {
            assert_eq!(pay(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_dollar_is_that_of_the_country_that_its_line_names_first() {
        for (text, code) in [
            (
                "Remote within the United States or Canada.\nPay: $140,000 a year",
                "USD",
            ),
            ("Toronto. We serve the US and Australia.\nPay: $90,000 a year", "CAD"),
            ("Founded in Sydney.\nDenver, US: $90,000 a year", "USD"),
            ("Founded in Boston, US.\nPerth, $90,000 a year", "AUD"),
            ("We focus on you. $90,000 a year", "USD"),
            ("Kingston, ON\nPay: $30 an hour", "CAD"),
            ("Victoria, BC\nPay: $30 an hour", "CAD"),
            ("ABOUT US\nWe are a clinic in Toronto.\nPay: $90,000 a year", "CAD"),
            ("Austin, US\nA clinic that began in Sydney.\nPay: $90,000 a year", "USD"),
        ] {
            let at = text.find('$').unwrap_or_default();
            let found = read(text, &(at..text.len())).map(|(pay, _)| pay.currency.to_string());
            assert_eq!(found.as_deref(), Some(code), "{text}");
        }
    }

    #[test]
    fn the_span_is_the_words_of_it() {
        let text = "Base salary: $120,000 - $150,000 per year. Apply!";
        let (_, range) = read(text, &(0..text.len())).unwrap();
        assert_eq!(&text[range], "$120,000 - $150,000 per year");
    }
}
