//! Reads dates and spans of time as resumes write them.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::regex;
use crate::date::PartialDate;

/// A span of time in a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Period {
    /// The place of the whole span, in bytes of the line.
    pub range: Range<usize>,
    /// The beginning of the span, and the place where the line names it.
    pub start: Option<(PartialDate, Range<usize>)>,
    /// The end of the span, and the place where the line names it.
    pub end: Option<(PartialDate, Range<usize>)>,
    /// Whether the line says that the span goes on.
    pub current: bool,
}

/// The names of the months, and their short forms, in the languages that resumes mix.
const MONTHS: [&[&str]; 12] = [
    &[
        "january", "jan", "januar", "januari", "jänner", "janvier", "janv", "enero", "ene", "janeiro", "gennaio", "gen",
    ],
    &[
        "february",
        "feb",
        "febr",
        "febuary",
        "februar",
        "februari",
        "février",
        "févr",
        "fév",
        "febrero",
        "fevereiro",
        "fev",
        "febbraio",
    ],
    &[
        "march", "mar", "märz", "maerz", "mär", "mrz", "mars", "marzo", "março", "maart", "mrt",
    ],
    &["april", "apr", "avril", "avr", "abril", "abr", "aprile"],
    &["may", "mai", "mei", "mayo", "maio", "maggio", "mag"],
    &["june", "jun", "juni", "juin", "junio", "junho", "giugno", "giu"],
    &[
        "july", "jul", "juli", "juillet", "juil", "julio", "julho", "luglio", "lug",
    ],
    &["august", "aug", "augustus", "août", "aout", "agosto", "ago"],
    &[
        "september",
        "sept",
        "sep",
        "septembre",
        "septiembre",
        "setembro",
        "settembre",
        "set",
    ],
    &[
        "october", "oct", "oktober", "okt", "octobre", "octubre", "outubro", "out", "ottobre", "ott",
    ],
    &["november", "nov", "novembre", "noviembre", "novembro"],
    &[
        "december",
        "dec",
        "dezember",
        "dez",
        "décembre",
        "déc",
        "diciembre",
        "dic",
        "dezembro",
        "dicembre",
    ],
];
const SEASON: &str = r"(?:spring|summer|fall|autumn|winter|early|mid|late|beginning\s+of|end\s+of)";
const PRESENT: &str = r"(?:present(?:ly)?|current(?:ly)?|now|today|till\s+date|to\s+date|till\s+now|until\s+now|ongoing|on-going|date|heute|jetzt|aujourd['’]hui|présent|actuel(?:lement)?|actualidad|presente|actual|atual|heden|oggi|in\s+progress)";
/// The signs and words between two dates.
const UP_TO: &str = r"(?:-{1,3}|–|—|−|~|→|⟶|➔|➜|>|\bto\b|\btill\b|\buntil\b|\bthrough\b|\bthru\b|\bupto\b|\bup\sto\b|\bbis\b|\bhasta\b|\bjusqu['’]à\b|\bà\b|\btot\b|\baté\b)";

/// Returns the pattern of a date, with the parts in named groups that end in `suffix`. `lone` is set where no second date stands
/// beside it, so that a year of two digits is more often a day or a number.
fn date(suffix: &str, lone: bool) -> String {
    let mut months = MONTHS.concat();
    months.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let month = months.join("|");
    let year = r"(?:19|20)\d{2}";
    let short = if lone { r"['’]\d{2}" } else { r"['’]?\d{2}" };
    let mut shapes = vec![
        format!(
            r"(?P<iy{suffix}>{year})(?:\s?/\s?|[-.])(?P<im{suffix}>0[1-9]|1[0-2])\b(?:[-/.][0-3]?\d\b)?|(?P<sy{suffix}>{year})/(?P<sm{suffix}>[1-9])\b"
        ),
        format!(
            r"(?:\d{{1,2}}(?:st|nd|rd|th)?[\s.-]+(?:of\s+|de\s+)?)?\b(?P<n{suffix}>{month})\b\.?(?:\s+\d{{1,2}}(?:st|nd|rd|th)?,)?(?:\s+of\s+|\s+de\s+|[\s,./'’–-]{{0,3}})(?P<y{suffix}>{year}|{short})\b"
        ),
        format!(r"(?P<ry{suffix}>{year})[\s,./-]{{1,2}}(?P<rn{suffix}>{month})\b\.?"),
        format!(r"(?P<d{suffix}>[0-3]?\d)(?P<sep{suffix}>[/.-])(?P<e{suffix}>[0-3]?\d)[/.-](?P<dy{suffix}>{year})"),
        format!(r"(?P<m{suffix}>0?[1-9]|1[0-2])\s?[/.-]\s?(?P<my{suffix}>{year})"),
        format!(r"q(?P<q{suffix}>[1-4])[\s,./'’-]{{0,2}}(?P<qy{suffix}>{year})"),
        format!(r"(?:{SEASON}[\s-]+(?:(?:of|semester|term|quarter)\s+)?)(?P<ay{suffix}>['’]\d{{2}})\b"),
        format!(r"(?:{SEASON}(?:[\s-]+(?:of|semester|term|quarter))?,?[\s-]+)?(?P<yy{suffix}>{year})(?:/\d{{2}}\b)?"),
    ];
    if lone {
        shapes.push(format!(r"(?P<wm{suffix}>0[1-9]|1[0-2])/(?P<wy{suffix}>\d{{2}})\b"));
    } else {
        shapes.push(format!(r"(?P<wm{suffix}>0?[1-9]|1[0-2])/(?P<wy{suffix}>\d{{2}})\b"));
    }
    shapes.join("|")
}

static PERIOD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let (from, to, month) = (date("a", false), date("b", false), MONTHS.concat().join("|"));
    // "Jan – Mar 2019" gives the year once; "2017-19" gives the century once.
    regex(&format!(
        r"(?ix)\b(?:from\s+|since\s+|von\s+)?(?:(?P<from>{from})|(?P<bare>{month})\b\.?)
          \s{{0,3}}{UP_TO}\s{{0,3}}(?:the\s+)?
          (?:(?P<to>{to})|(?P<present>{PRESENT})|(?P<short>\d{{2}}))\b"
    ))
});
static OPEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(&format!(
        r"(?ix)\b(?:(?P<since>since|from|seit|depuis|desde)\s+)?(?P<from>{})(?:\s*(?P<on>onwards?|{UP_TO}\s*(?:$|\)|\t)|\+))?",
        date("a", true)
    ))
});

/// Two years of which the second is given by its end: "2017/18".
static SHORT: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"\b(?P<from>(?:19|20)\d{2})\s?/\s?(?P<to>\d{2})\b"));
/// Two months with their years, apart by a comma alone.
static LISTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let month = MONTHS.concat().join("|");
    let date = |suffix: &str| format!(r"(?P<n{suffix}>{month})\b\.?\s(?P<y{suffix}>(?:19|20)\d{{2}})");
    regex(&format!(r"(?i)\b{},\s{}\b", date("a"), date("b")))
});
static BROKEN_END: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(&format!(r"(?i)^\s{{0,3}}{UP_TO}\s{{0,3}}\d{{4}}\b")));

static IS_PRESENT: LazyLock<Option<Regex>> = LazyLock::new(|| regex(&format!(r"(?i)^\s*{PRESENT}\s*$")));

/// Whether a text in place of a date says that something goes on.
pub(crate) fn is_present(text: &str) -> bool {
    IS_PRESENT.as_ref().is_some_and(|present| present.is_match(text))
}

/// Returns the spans of time that a line names. Each has a beginning, and an end or the word that it goes on.
pub(crate) fn periods(line: &str, order: Order) -> Vec<Period> {
    let mut periods = Vec::new();
    let Some(pattern) = PERIOD.as_ref() else { return periods };
    for found in pattern.captures_iter(line).take(16) {
        let Some(whole) = found.get(0) else { continue };
        if touches_digit(line, whole.range()) {
            continue;
        }
        let end = found
            .name("to")
            .and_then(|to| Some((read(&found, "b", order)?, to.range())));
        let start = match (found.name("from"), found.name("bare")) {
            (Some(from), _) => read(&found, "a", order).map(|date| (date, from.range())),
            (None, Some(month)) => end.as_ref().and_then(|(end, _)| {
                Some((
                    PartialDate::year_month(end.year(), month_number(month.as_str())?).ok()?,
                    month.range(),
                ))
            }),
            _ => None,
        };
        let Some(start) = start else { continue };
        let end = match found.name("short") {
            // Two digits are a year only behind a bare year: "2017-19", not "03/2017-19".
            Some(short) if start.0.month().is_none() => short.as_str().parse().ok().and_then(|digits: u16| {
                let year = start.0.year() / 100 * 100 + digits;
                (year > start.0.year())
                    .then(|| PartialDate::year_only(year).ok())
                    .flatten()
                    .map(|date| (date, short.range()))
            }),
            _ => end,
        };
        let current = found.name("present").is_some();
        let in_order = end.as_ref().is_none_or(|(end, _)| end.months(12) >= start.0.months(1));
        if in_order && (current || end.is_some()) {
            periods.push(Period {
                range: whole.range(),
                start: Some(start),
                end,
                current,
            });
        }
    }
    periods
}

/// Returns the spans of [`periods`], or where there is none a lone date. It is a beginning where the line says "since" or
/// "onwards", else an end.
pub(crate) fn periods_or_date(line: &str, order: Order) -> Vec<Period> {
    let found = periods(line, order);
    if !found.is_empty() {
        return found;
    }
    if let Some(period) = pair_of_years(line).or_else(|| pair_of_months(line)) {
        return vec![period];
    }
    let Some(pattern) = OPEN.as_ref() else { return found };
    let single = pattern.captures_iter(line).take(16).find_map(|found| {
        let whole = found.get(0)?;
        let date = (read(&found, "a", order)?, found.name("from")?.range());
        if touches_digit(line, whole.range()) {
            return None;
        }
        // "09/17" alone is a month and a year only where nothing goes on behind it.
        let after = line[whole.end()..].chars().next();
        if found.name("wma").is_some() && !matches!(after, None | Some('\t' | ')' | ',' | '|')) {
            return None;
        }
        let open = found.name("since").is_some() || found.name("on").is_some();
        // A second date that cannot be one leaves the end unknown.
        let goes_on = BROKEN_END
            .as_ref()
            .is_some_and(|end| end.is_match(&line[whole.end()..]));
        let (start, end) = if open || goes_on {
            (Some(date), None)
        } else {
            (None, Some(date))
        };
        Some(Period {
            range: whole.range(),
            start,
            end,
            current: open,
        })
    });
    single.into_iter().collect()
}

/// Reads "2017/18". What could be a month is one, unless it is the next year: "2011/12" is a year of school.
fn pair_of_years(line: &str) -> Option<Period> {
    let found = SHORT.as_ref()?.captures(line)?;
    let (from, to) = (found.name("from")?, found.name("to")?);
    let start: u16 = from.as_str().parse().ok()?;
    let end = start / 100 * 100 + to.as_str().parse::<u16>().ok()?;
    let end = if end < start { end + 100 } else { end };
    let is_month = (1..=12).contains(&(end % 100)) && end != start + 1;
    let seasons = ["winter", "spring", "summer", "fall", "autumn"];
    let season = seasons
        .iter()
        .any(|season| line[..from.start()].trim_end().to_lowercase().ends_with(season));
    if is_month || season || end <= start || end > start + 30 || touches_digit(line, from.start()..to.end()) {
        return None;
    }
    Some(Period {
        range: from.start()..to.end(),
        start: Some((PartialDate::year_only(start).ok()?, from.range())),
        end: Some((PartialDate::year_only(end).ok()?, to.range())),
        current: false,
    })
}

/// Reads "Sep 2005, Jun 2009", where the later date stands behind.
fn pair_of_months(line: &str) -> Option<Period> {
    let found = LISTED.as_ref()?.captures(line)?;
    let date = |suffix: &str| {
        let group = |name: &str| found.name(&format!("{name}{suffix}"));
        let (month, year) = (group("n")?, group("y")?);
        let date = PartialDate::year_month(year.as_str().parse().ok()?, month_number(month.as_str())?).ok()?;
        Some((date, month.start()..year.end()))
    };
    let (start, end) = (date("a")?, date("b")?);
    (start.0 < end.0).then_some(Period {
        range: start.1.start..end.1.end,
        start: Some(start),
        end: Some(end),
        current: false,
    })
}

/// Whether a match is cut out of a longer number, an amount or a telephone number.
fn touches_digit(line: &str, range: Range<usize>) -> bool {
    let before = line[..range.start].chars().next_back();
    let mut after = line[range.end..].chars();
    let (next, second) = (after.next(), after.next());
    before.is_some_and(|c| c.is_ascii_digit() || matches!(c, '$' | '€' | '£' | '#'))
        || next.is_some_and(|c| c.is_ascii_digit() || c == '%')
        || (matches!(next, Some('.' | ',')) && second.is_some_and(|c| c.is_ascii_digit()))
}

fn read(found: &regex::Captures<'_>, suffix: &str, order: Order) -> Option<PartialDate> {
    let group = |name: &str| found.name(&format!("{name}{suffix}")).map(|group| group.as_str());
    if let (Some(year), Some(month)) = (group("iy"), group("im")) {
        return PartialDate::year_month(year.parse().ok()?, month.parse().ok()?).ok();
    }
    if let (Some(year), Some(month)) = (group("sy"), group("sm")) {
        return PartialDate::year_month(year.parse().ok()?, month.parse().ok()?).ok();
    }
    if let Some(year) = group("ay") {
        return PartialDate::year_only(full_year(year)?).ok();
    }
    if let (Some(month), Some(year)) = (group("n"), group("y")) {
        return PartialDate::year_month(full_year(year)?, month_number(month)?).ok();
    }
    if let (Some(year), Some(month)) = (group("ry"), group("rn")) {
        return PartialDate::year_month(year.parse().ok()?, month_number(month)?).ok();
    }
    if let Some(year) = group("dy") {
        // Whether the day or the month comes first is told by a number that is no month, or by points between them.
        let (first, second): (u8, u8) = (group("d")?.parse().ok()?, group("e")?.parse().ok()?);
        let year = year.parse().ok()?;
        return match (first, second) {
            _ if group("sep") == Some(".") => PartialDate::year_month(year, second).ok(),
            (1..=12, 13..=31) => PartialDate::year_month(year, first).ok(),
            (13..=31, 1..=12) => PartialDate::year_month(year, second).ok(),
            (1..=12, 1..=12) if order == Order::MonthFirst => PartialDate::year_month(year, first).ok(),
            (1..=12, 1..=12) if order == Order::DayFirst => PartialDate::year_month(year, second).ok(),
            _ if first == second => PartialDate::year_month(year, first).ok(),
            _ => PartialDate::year_only(year).ok(),
        };
    }
    if let (Some(month), Some(year)) = (group("m"), group("my")) {
        return PartialDate::year_month(year.parse().ok()?, month.parse().ok()?).ok();
    }
    if let (Some(quarter), Some(year)) = (group("q"), group("qy")) {
        let quarter: u8 = quarter.parse().ok()?;
        // A quarter begins with its first month and ends with its last.
        let month = if suffix == "a" { quarter * 3 - 2 } else { quarter * 3 };
        return PartialDate::year_month(year.parse().ok()?, month).ok();
    }
    if let (Some(month), Some(year)) = (group("wm"), group("wy")) {
        return PartialDate::year_month(full_year(year)?, month.parse().ok()?).ok();
    }
    PartialDate::year_only(group("yy")?.parse().ok()?).ok()
}

/// The order of day and month in dates such as "3/4/2019".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// Nothing tells: such a date is a year.
    #[default]
    Unknown,
    MonthFirst,
    DayFirst,
}

static DAYS: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"\b([0-3]?\d)[/-]([0-3]?\d)[/-](?:19|20)\d{2}\b"));

/// Returns the order of day and month in a text, by the dates that are read in one way only.
pub(crate) fn order_of(text: &str) -> Order {
    let (mut month_first, mut day_first) = (0, 0);
    for found in DAYS.iter().flat_map(|days| days.captures_iter(text)).take(200) {
        let number = |n: usize| {
            found
                .get(n)
                .and_then(|part| part.as_str().parse::<u8>().ok())
                .unwrap_or_default()
        };
        match (number(1), number(2)) {
            (1..=12, 13..=31) => month_first += 1,
            (13..=31, 1..=12) => day_first += 1,
            _ => {}
        }
    }
    match month_first.cmp(&day_first) {
        std::cmp::Ordering::Greater => Order::MonthFirst,
        std::cmp::Ordering::Less => Order::DayFirst,
        std::cmp::Ordering::Equal => Order::Unknown,
    }
}

/// Returns a year of four digits, or of two: '68 and before are of this century, as POSIX has it.
fn full_year(text: &str) -> Option<u16> {
    let year: u16 = text.trim_start_matches(['\'', '’']).parse().ok()?;
    Some(match year {
        0..=68 => 2000 + year,
        69..=99 => 1900 + year,
        _ => year,
    })
}

fn month_number(name: &str) -> Option<u8> {
    let name = name.to_lowercase();
    (1..)
        .zip(MONTHS)
        .find_map(|(number, names)| names.contains(&name.as_str()).then_some(number))
}

/// Returns the first and last month of a job, as [`PartialDate::months`] counts. `None` where the dates do not tell. A bare year
/// counts as its middle, so that "2016 – 2019" is three years.
pub(crate) fn months(
    start: Option<PartialDate>,
    end: Option<PartialDate>,
    current: bool,
    today: PartialDate,
) -> Option<(i32, i32)> {
    let now = today.months(1);
    let first = start?.months(7);
    let last = match end {
        Some(end) => end.months(6).min(now),
        None if current => now,
        None => return None,
    };
    (first <= last).then_some((first, last))
}

/// Returns the number of months in the union of intervals.
pub(crate) fn union(mut intervals: Vec<(i32, i32)>) -> u32 {
    intervals.sort_unstable();
    let mut total = 0;
    let mut reached = i32::MIN;
    for (first, last) in intervals {
        let first = first.max(reached);
        if last >= first {
            total += last - first + 1;
            reached = last + 1;
        }
    }
    total as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns `start..end` of the first period, `*` for one that goes on.
    fn first(line: &str) -> String {
        periods_or_date(line, order_of(line))
            .first()
            .map_or_else(String::new, |period| {
                let show = |date: &Option<(PartialDate, Range<usize>)>| {
                    date.as_ref().map_or_else(String::new, |(date, _)| date.to_string())
                };
                format!(
                    "{}..{}{}",
                    show(&period.start),
                    show(&period.end),
                    if period.current { "*" } else { "" }
                )
            })
    }

    #[test]
    fn the_usual_shapes_are_read() {
        for (line, expected) in [
            ("Jan 2019 – Present", "2019-01..*"),
            ("January 2019 to March 2021", "2019-01..2021-03"),
            ("03/2018-05/2020", "2018-03..2020-05"),
            ("2018-03 - 2020-05", "2018-03..2020-05"),
            ("2016 to 2019", "2016..2019"),
            ("2017-19", "2017..2019"),
            ("(2020-present)", "2020..*"),
            ("Sept. 2015 - Dec. 2016", "2015-09..2016-12"),
            ("Jan'15 – Mar’18", "2015-01..2018-03"),
            ("May – Aug 2018", "2018-05..2018-08"),
            ("1st June 2014 to 31st May 2016", "2014-06..2016-05"),
            ("June 1, 2014 - May 31, 2016", "2014-06..2016-05"),
            ("12/03/2015 - 11/04/2016", "2015..2016"),
            ("12/03/2015 - 25/04/2016", "2015-03..2016-04"),
            ("12/1/2019 - 3/15/2021", "2019-12..2021-03"),
            ("12.03.2015 - 11.04.2016", "2015-03..2016-04"),
            ("2019-03-15 to 2021-06-30", "2019-03..2021-06"),
            ("Sep 2019 –", "2019-09..*"),
            ("05/18 - 06/20", "2018-05..2020-06"),
            ("May 18 - Jun 20", "2018-05..2020-06"),
            ("2018/05 - 2020/06", "2018-05..2020-06"),
            ("2018.05 – 2020.06", "2018-05..2020-06"),
            ("05-2018 - 06-2020", "2018-05..2020-06"),
            ("1/2018 to 12/2019", "2018-01..2019-12"),
            ("2011 / 11", "..2011-11"),
            ("Winter 2014/15 – Spring 2016", "2014..2016"),
            ("Q3 2017 – Q4 2018", "2017-07..2018-12"),
            ("Mid 2015 → early 2016", "2015..2016"),
            ("Summer ’15", "..2015"),
            ("Jan 2020 ~ Feb 2021", "2020-01..2021-02"),
            ("from 01/2020 until 02/2021", "2020-01..2021-02"),
            ("January, 2020 – February, 2021", "2020-01..2021-02"),
            ("Okt. 2018 – Dez. 2020", "2018-10..2020-12"),
            ("février 2018 à aujourd'hui", "2018-02..*"),
            ("Jan-Mar 2020", "2020-01..2020-03"),
            ("2018--2022", "2018..2022"),
            ("Jan. 2020 - Feb. 2021 (1 yr 2 mos)", "2020-01..2021-02"),
            ("Jan 2020 -Feb 2021", "2020-01..2021-02"),
            ("2015 - 1016", "2015.."),
            ("2017/18", "2017..2018"),
            ("2018/22", "2018..2022"),
            ("2011/12", "2011..2012"),
            ("2007/11", "..2007-11"),
            ("Sep 2005, Jun 2009", "2005-09..2009-06"),
            ("2021 Sep → 2022 Aug", "2021-09..2022-08"),
            ("2023 Jul to date", "2023-07..*"),
            ("1999 Sep", "..1999-09"),
            ("set 15 targets", ""),
            ("grew 2015 - 6 stores", "..2015"),
            ("Summer 2015", "..2015"),
            ("Fall 2013 – Spring 2014", "2013..2014"),
            ("September 2017 onwards", "2017-09..*"),
            ("Since May 2019", "2019-05..*"),
            ("June 2018 till date", "2018-06..*"),
            ("2019 - now: Backend developer", "2019..*"),
            ("January 2010 to Current", "2010-01..*"),
            ("Expected Graduation: June 2016", "..2016-06"),
            ("Company, Dec 2010 -- Oct 2012", "2010-12..2012-10"),
            ("Call 2015 2019 times", "..2015"),
            ("revenue of $2015", ""),
            ("2019.5 points", ""),
            ("+1 408 555 2019-2020 1", "2019..2020"),
            ("May be used", ""),
            ("2021 to 2018", "2021.."),
        ] {
            assert_eq!(first(line), expected, "{line}");
        }
    }

    #[test]
    fn overlapping_jobs_count_once() {
        assert_eq!(union(vec![(0, 11), (6, 17), (24, 24)]), 19);
        assert_eq!(union(vec![(0, 11), (2, 3)]), 12);
        assert_eq!(union(vec![]), 0);
    }

    #[test]
    fn bare_years_count_from_middle_to_middle() {
        let year = |year| PartialDate::year_only(year).ok();
        let today = PartialDate::year_month(2026, 11).unwrap();
        let length = |range: Option<(i32, i32)>| range.map(|(first, last)| last - first + 1);
        assert_eq!(length(months(year(2016), year(2019), false, today)), Some(36));
        assert_eq!(length(months(year(2019), year(2019), false, today)), None);
        assert_eq!(
            length(months(PartialDate::year_month(2026, 9).ok(), None, true, today)),
            Some(3)
        );
        assert_eq!(length(months(year(2030), year(2031), false, today)), None);
    }
}
