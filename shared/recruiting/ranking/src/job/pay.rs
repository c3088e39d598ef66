//! Pay in running text.

mod currency;
mod figure;
mod terms;

use std::{ops::Range, sync::LazyLock};

use inventure_core::{PayPeriod, PayRange};
use regex::Regex;

use super::pattern;
use currency::{Mark, agreed, is_blank, mark, marks_before, skip_blanks};
use figure::{Figure, LAKH, figure, token};
use terms::{Behind, Bound, behind, bound_before, named_period};

/// Signs and words between the two ends of a range.
static BETWEEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i)^[^\S\n]*(?:[-–—−‐‑]|to\b|(?P<and>and)\b)[^\S\n]*"));

/// Units of things that are no pay: "£30,000 - 40 hours".
static COUNTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?i)^[^\S\n]*(?:%|(?:hours?|hrs?|days?|weeks?|months?|years?|yrs?|employees|people)\b)")
});

/// The other end of a range with its marks and its length.
type OtherEnd = (Figure, Vec<Mark>, usize);

/// Reads the other end of a range, and returns it with its marks and its length.
///
/// An error where a figure stands there that is not understood, which makes the first amount unsure too.
fn other_end(text: &str, low: Figure, first: &Behind, between: bool) -> Result<Option<OtherEnd>, ()> {
    let Some(joint) = BETWEEN.as_ref().and_then(|joint| joint.captures(text)) else {
        return Ok(None);
    };
    let joined = joint[0].len();
    let rest = &text[joined..];
    let (own, length) = match mark(rest) {
        Some((mark, length)) => (vec![mark], length + skip_blanks(&rest[length..]).1),
        None => (Vec::new(), 0),
    };
    // A code before a sign: "USD $90,000 - USD $95,000".
    let (more, further) = match mark(&rest[length..]).filter(|_| !own.is_empty()) {
        Some((mark, more)) => (Some(mark), more + skip_blanks(&rest[length + more..]).1),
        None => (None, 0),
    };
    let start = length + further;
    let marks: Vec<Mark> = own.into_iter().chain(more).collect();
    let loose = joint.name("and").is_some() && !between && marks.is_empty();
    if loose || !rest[start..].starts_with(char::is_numeric) || first.period.is_some() && marks.is_empty() {
        return Ok(None);
    }
    let (high, length) = figure(&rest[start..]).ok_or(())?;
    let counted = COUNTED
        .as_ref()
        .is_some_and(|unit| unit.is_match(&rest[start + length..]));
    if marks.is_empty() && counted {
        return Ok(None);
    }
    // "£30,000 and £500 for tools"
    let less = high.sharing(low.times, true).value() < low.sharing(high.times, high.bare() >= low.bare()).value();
    if less && joint.name("and").is_some() && !between {
        return Ok(None);
    }
    Ok(Some((high, marks, joined + start + length)))
}

/// Reads the amount whose digits begin at a byte. It returns the pay, with its place, and where to go on.
///
/// An amount that ends before `from` is only skipped.
fn stretch(text: &str, at: usize, from: usize, places: &[Range<usize>]) -> (usize, Option<(PayRange, Range<usize>)>) {
    let after_token = at + token(&text[at..]).max(1);
    let mut end = after_token;
    let mut read = || {
        let (mut marks, start) = marks_before(text, at);
        // The rest of a number or a name that was not understood: "90‚000", "A1".
        let mut before = text[..start].chars().rev();
        let torn = match (before.next(), before.next()) {
            (Some(c), _) if c.is_alphanumeric() => true,
            (Some(c), Some(digit)) => start == at && digit.is_numeric() && !is_blank(c) && !"-–—−‐‑(~|\n".contains(c),
            _ => false,
        };
        let (low, length) = figure(&text[at..]).filter(|_| !torn)?;
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let sentence = super::sections::sentence(text, start).start;
        let context = text[sentence..start].to_lowercase();
        let first = behind(&text[at + length..]);
        let joint = at + length + first.length;
        let other = other_end(&text[joint..], low, &first, context.contains("between")).ok()?;
        let (high, last) = if let Some((high, own, length)) = other {
            marks.extend(&first.marks);
            marks.extend(own);
            end = joint + length;
            (Some(high), behind(&text[end..]))
        } else {
            end = at + length;
            (None, behind(&text[end..]))
        };
        end += last.length;
        if end <= from {
            return None;
        }
        marks.extend(&last.marks);
        let currency = agreed(&marks, text, at, places)?;
        let lakhs = last.lakhs.then_some(LAKH);
        let times = high.and_then(|high| high.times).or(lakhs);
        let rising = high.is_none_or(|high| low.bare() <= high.bare());
        let high = match high {
            Some(high) => Some(high.sharing(lakhs.or(low.times), true).minor(currency)?),
            None => None,
        };
        let low = low.sharing(times, rising).minor(currency)?;
        let stated = match (first.period, last.period) {
            (Some(first), Some(last)) if first != last => return None,
            (first, last) => first.or(last),
        };
        let unit = 10_i64.checked_pow(currency.digits())?;
        let period = match stated.or_else(|| named_period(&context)) {
            Some(stated) => stated?,
            None => match low / unit {
                ..500 => PayPeriod::Hour,
                500..12_000 => PayPeriod::Month,
                _ => PayPeriod::Year,
            },
        };
        let bound = last.bound.or_else(|| bound_before(&text[line..start]));
        let (min, max) = match (high, bound) {
            (Some(_), _) if last.bound == Some(Bound::Least) => (Some(low), None),
            (Some(high), _) => (Some(low), Some(high)),
            (None, Some(Bound::Most)) => (None, Some(low)),
            (None, Some(Bound::Least)) => (Some(low), None),
            (None, None) => (Some(low), Some(low)),
        };
        let range = PayRange {
            min_minor_units: min,
            max_minor_units: max,
            currency,
            period,
        };
        (range.is_sound() && low > 0).then_some((range, start..end))
    };
    let pay = read();
    (end.max(after_token), pay)
}

/// The bytes before a part in which its amount may begin.
const BEFORE: usize = 200;

/// Returns the pay that a part of a text states. What stands before it in its sentence tells its period and which end it is.
///
/// The places of the work tell the country of a sign that several have.
pub(super) fn read(text: &str, part: &Range<usize>, places: &[Range<usize>]) -> Option<(PayRange, Range<usize>)> {
    let near = text.floor_char_boundary(part.start.saturating_sub(BEFORE));
    let mut at = super::sections::sentence(text, part.start).start.max(near);
    while at < part.end {
        at += text[at..].find(char::is_numeric)?;
        if at >= part.end {
            break;
        }
        let (end, pay) = stretch(text, at, part.start, places);
        if end > part.start
            && let Some(pay) = pay
        {
            return Some(pay);
        }
        at = end;
    }
    None
}

/// Whether the sentence of an amount says that it is pay, and not something that is paid besides.
pub(super) fn is_labelled(text: &str, amount: &Range<usize>) -> bool {
    static LABEL: LazyLock<Option<Regex>> =
        LazyLock::new(|| pattern(r"(?i)\b(?:pay|salary|salaries|compensation|remuneration|wages?|rates?|ctc|base)\b"));
    static BESIDES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:sick|holiday|maternity|paternity|parental|overtime|bonus|referral|sign(?:ing)?[- ]on|relocation|allowances?|budgets?|revenues?|retention|conversion|interest|tax)\b",
        )
    });
    let sentence = super::sections::sentence(text, amount.start);
    let before = &text[sentence.start..amount.start];
    let behind = &text[amount.end..sentence.end.max(amount.end)];
    let says = |words: &LazyLock<Option<Regex>>, text: &str| words.as_ref().is_some_and(|words| words.is_match(text));
    (says(&LABEL, before) || says(&LABEL, behind)) && !says(&BESIDES, before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pay(text: &str) -> Option<(Option<i64>, Option<i64>, String, PayPeriod)> {
        read(text, &(0..text.len()), &[]).map(|(pay, _)| {
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

    fn money(text: &str) -> Option<String> {
        let bound = |bound: Option<i64>| bound.map_or("-".to_owned(), |units| (units / 100).to_string());
        pay(text).map(|(low, high, code, period)| format!("{}..{} {code} {period:?}", bound(low), bound(high)))
    }

    #[test]
    fn a_code_beats_a_sign_and_two_codes_are_none() {
        for (text, wanted) in [
            ("$85,000 CAD per year", Some("85000..85000 CAD Year")),
            ("AUD $70,000 a year", Some("70000..70000 AUD Year")),
            ("$70,000 - $82,000 NZD", Some("70000..82000 NZD Year")),
            ("Salary (CAD): $70,000 - $82,000", Some("70000..82000 CAD Year")),
            ("$70,000 a year (CAD)", Some("70000..70000 CAD Year")),
            ("$40k–$45k in SGD", Some("40000..45000 SGD Year")),
            ("$90,000 per year, 5 CAD seats", Some("90000..90000 USD Year")),
            ("US$90,000 - US$95,000 a year", Some("90000..95000 USD Year")),
            ("90,000 Canadian dollars a year", Some("90000..90000 CAD Year")),
            ("MX$40,000 per month", Some("40000..40000 MXN Month")),
            ("NT$70,000 per month", Some("70000..70000 TWD Month")),
            ("65kEUR p.a.", Some("65000..65000 EUR Year")),
            ("EUR3.600,00 monthly", Some("3600..3600 EUR Month")),
            ("Rs. 60,000 per month", Some("60000..60000 INR Month")),
            ("€80k / $90k a year", Some("80000..80000 EUR Year")),
            ("€80,000 (or £70k)", Some("80000..80000 EUR Year")),
            ("QQ$70,000 per year", None),
            ("$70,000 USD/CAD", None),
            ("$70,000 EUR a year", None),
            ("CAD 70,000 - USD 80,000", None),
            ("£70k - $80k", None),
        ] {
            assert_eq!(money(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_number_is_read_whole_or_not_at_all() {
        for (text, wanted) in [
            ("€52 000 per year", Some("52000..52000 EUR Year")),
            (
                "52\u{a0}000 € - 58\u{202f}000 € per year",
                Some("52000..58000 EUR Year"),
            ),
            ("CHF 110 000 per year", Some("110000..110000 CHF Year")),
            ("41 000–47 500 kr per month", Some("41000..47500 SEK Month")),
            ("₹9,50,000 - ₹11,00,000 per annum", Some("950000..1100000 INR Year")),
            ("₹9.5 lakhs per annum", Some("950000..950000 INR Year")),
            ("₹1.2 crore a year", Some("12000000..12000000 INR Year")),
            ("6.5 to 9 LPA", Some("650000..900000 INR Year")),
            ("$1.3M a year", Some("1300000..1300000 USD Year")),
            ("€800-1.2k a month", Some("800..1200 EUR Month")),
            ("£45,000-55k", Some("45000..55000 GBP Year")),
            ("USD 80.000,50 per year", Some("80000..80000 USD Year")),
            ("£31,000 37.5 hours a week", Some("31000..31000 GBP Year")),
            ("£31,000 - 28 days of holiday", Some("31000..31000 GBP Year")),
            ("£31,000 and 28 days of holiday", Some("31000..31000 GBP Year")),
            ("£31,000 and £500 for tools", Some("31000..31000 GBP Year")),
            ("between £31,000 and £35,000", Some("31000..35000 GBP Year")),
            ("$28.50 an hour to $31 an hour", Some("28..31 USD Hour")),
            ("£31,000pa", Some("31000..31000 GBP Year")),
            ("£31,0000 a year", None),
            ("£3,10,00 a year", None),
            ("€31 00 a year", None),
            ("$80\u{201a}000 a year", None),
            ("$\u{ff18}0,000 a year", None),
            ("31x000 € a year", None),
            ("$80·000 a year", None),
            ("$8 billion", None),
            ("£8zz a day", None),
            ("€5% a year", None),
        ] {
            assert_eq!(money(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_period_that_stands_there_is_never_guessed() {
        for (text, wanted) in [
            ("£30,000", Some("30000..30000 GBP Year")),
            ("£30,000 / Leeds / full-time", Some("30000..30000 GBP Year")),
            ("£30,000, 37 hours per week", Some("30000..30000 GBP Year")),
            ("£30,000 plus a bonus", Some("30000..30000 GBP Year")),
            ("Annual salary: £11,000", Some("11000..11000 GBP Year")),
            ("£2,500 pcm", Some("2500..2500 GBP Month")),
            ("€3,000 gross per calendar month", Some("3000..3000 EUR Month")),
            ("£110 a shift", Some("110..110 GBP Day")),
            ("€16 p/h", Some("16..16 EUR Hour")),
            ("$1,100 per week", None),
            ("£550 a week", None),
            ("£550/week", None),
            ("£550 weekly", None),
            ("Weekly pay: £550", None),
            ("$1,900 biweekly", None),
            ("$1,900 every two weeks", None),
            ("€1,900 per fortnight", None),
            ("$350 per session", None),
            ("£40 each visit", None),
            ("€0.20 per word", None),
        ] {
            assert_eq!(money(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn words_around_an_amount_make_it_one_end() {
        for (text, wanted) in [
            ("a maximum of $70,000 per year", Some("-..70000 USD Year")),
            ("Salary max. £41,000", Some("-..41000 GBP Year")),
            ("not more than £41,000 per year", Some("-..41000 GBP Year")),
            ("£41,000 max", Some("-..41000 GBP Year")),
            ("$70,000+ per year", Some("70000..- USD Year")),
            ("$70,000 or more per year", Some("70000..- USD Year")),
            ("over USD 70,000 per year", Some("70000..- USD Year")),
            ("no less than £41,000", Some("41000..- GBP Year")),
            ("Minimum salary: £41,000", Some("41000..- GBP Year")),
            ("£41,000 per annum minimum", Some("41000..- GBP Year")),
            ("from £41,000 to £45,000", Some("41000..45000 GBP Year")),
            ("£41,000+bonus", Some("41000..41000 GBP Year")),
            ("£41,000+ bonus", Some("41000..41000 GBP Year")),
            ("£41,000 + bonus", Some("41000..41000 GBP Year")),
            ("Turnover grew. £41,000", Some("41000..41000 GBP Year")),
            ("A starting salary of £41,000", Some("41000..41000 GBP Year")),
        ] {
            assert_eq!(money(text).as_deref(), wanted, "{text}");
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
            ("Sydney, OH\nPay: $30 an hour", "USD"),
            ("Perth Valley, NY. $30 an hour", "USD"),
            ("Ontario, CA: $30 an hour", "USD"),
            ("Wellington FL, $30 an hour", "USD"),
            ("Halifax, Virginia\nPay: $30 an hour", "USD"),
            ("Toronto, CA\nPay: $30 an hour", "CAD"),
            ("Perth, WA\nPay: $30 an hour", "AUD"),
            ("Toronto OR Montreal\nPay: $30 an hour", "CAD"),
            ("Toronto, New York\nPay: $30 an hour", "CAD"),
            ("Halifax, Nova Scotia\nPay: $30 an hour", "CAD"),
        ] {
            let at = text.find('$').unwrap_or_default();
            let found = read(text, &(at..text.len()), &[]).map(|(pay, _)| pay.currency.to_string());
            assert_eq!(found.as_deref(), Some(code), "{text}");
        }
    }

    #[test]
    fn a_place_of_the_work_comes_before_all_other_places() {
        for (line, code) in [("Vancouver, WA", "USD"), ("Vancouver, BC", "CAD"), ("Leeds", "AUD")] {
            let text = format!("Founded in Sydney.\n{line}\nPay: $31 an hour");
            let place = text.find(line).unwrap();
            let at = text.find('$').unwrap();
            let found = read(&text, &(at..text.len()), std::slice::from_ref(&(place..place + 5)));
            assert_eq!(found.unwrap().0.currency.code(), code, "{text}");
        }
    }

    #[test]
    fn the_span_is_the_words_of_it() {
        let text = "Base salary: $120,000 - $150,000 per year. Apply!";
        let (_, range) = read(text, &(0..text.len()), &[]).unwrap();
        assert_eq!(&text[range], "$120,000 - $150,000 per year");
    }
}
