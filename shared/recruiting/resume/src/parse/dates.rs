//! Reads dates and spans of time as resumes write them.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::regex;
use crate::date::PartialDate;

/// A span of time in a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Period {
    /// The place of the whole span, in bytes of the line.
    pub range: Range<usize>,
    /// The beginning of the span, and the place where the line names it.
    pub start: Option<(PartialDate, Range<usize>)>,
    /// The end of the span, and the place where the line names it.
    pub end: Option<(PartialDate, Range<usize>)>,
    /// Whether the line says that the span goes on.
    pub current: bool,
}

const MONTH: &str = r"(?:jan(?:uary)?|feb(?:r?uary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
const SEASON: &str = r"(?:spring|summer|fall|autumn|winter)";
const PRESENT: &str =
    r"(?:present(?:ly)?|current(?:ly)?|now|today|till\s+date|to\s+date|till\s+now|until\s+now|ongoing|on-going|date)";

/// Returns the pattern of a date, with the parts in named groups that end in `suffix`.
fn date(suffix: &str) -> String {
    [
        format!(r"(?P<iy{suffix}>(?:19|20)\d{{2}})-(?P<im{suffix}>0[1-9]|1[0-2])(?:-[0-3]\d)?"),
        format!(
            r"(?:\d{{1,2}}(?:st|nd|rd|th)?[\s.-]+(?:of\s+)?)?(?P<n{suffix}>{MONTH})\.?(?:\s+\d{{1,2}}(?:st|nd|rd|th)?,)?[\s,./'’–-]{{0,3}}(?P<y{suffix}>(?:19|20)\d{{2}}|['’]?\d{{2}})"
        ),
        format!(r"(?:[0-3]?\d[/.-])?(?P<m{suffix}>0?[1-9]|1[0-2])\s?[/.-]\s?(?P<my{suffix}>(?:19|20)\d{{2}})"),
        format!(r"(?:{SEASON}(?:\s+(?:of|semester))?,?\s+)?(?P<yy{suffix}>(?:19|20)\d{{2}})"),
    ]
    .join("|")
}

static PERIOD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let (from, to) = (date("a"), date("b"));
    // "Jan – Mar 2019" gives the year once; "2017-19" gives the century once.
    regex(&format!(
        r"(?ix)\b(?:from\s+|since\s+)?(?:(?P<from>{from})|(?P<bare>{MONTH})\.?)
          \s{{0,3}}(?:-{{1,2}}|–|—|−|~|\bto\b|\btill\b|\buntil\b|\bthrough\b|\bthru\b|\bupto\b|\bup\sto\b)\s{{0,3}}(?:the\s+)?
          (?:(?P<to>{to})|(?P<present>{PRESENT})|(?P<short>\d{{2}}))\b"
    ))
});
static OPEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(&format!(
        r"(?ix)\b(?:(?P<since>since|from)\s+)?(?P<from>{})(?:\s*(?P<on>onwards?|[-–—]\s*$|\+))?",
        date("a")
    ))
});

/// Returns the spans of time that a line names. Each has a beginning, and an end or the word that it goes on.
pub(super) fn periods(line: &str) -> Vec<Period> {
    let mut periods = Vec::new();
    let Some(pattern) = PERIOD.as_ref() else { return periods };
    for found in pattern.captures_iter(line).take(16) {
        let Some(whole) = found.get(0) else { continue };
        if touches_digit(line, whole.range()) {
            continue;
        }
        let end = found.name("to").and_then(|to| Some((read(&found, "b")?, to.range())));
        let start = match (found.name("from"), found.name("bare")) {
            (Some(from), _) => read(&found, "a").map(|date| (date, from.range())),
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
pub(super) fn periods_or_date(line: &str) -> Vec<Period> {
    let found = periods(line);
    if !found.is_empty() {
        return found;
    }
    let Some(pattern) = OPEN.as_ref() else { return found };
    let single = pattern.captures_iter(line).take(16).find_map(|found| {
        let whole = found.get(0)?;
        let date = (read(&found, "a")?, found.name("from")?.range());
        if touches_digit(line, whole.range()) {
            return None;
        }
        let open = found.name("since").is_some() || found.name("on").is_some();
        let (start, end) = if open { (Some(date), None) } else { (None, Some(date)) };
        Some(Period {
            range: whole.range(),
            start,
            end,
            current: open,
        })
    });
    single.into_iter().collect()
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

fn read(found: &regex::Captures<'_>, suffix: &str) -> Option<PartialDate> {
    let group = |name: &str| found.name(&format!("{name}{suffix}")).map(|group| group.as_str());
    if let (Some(year), Some(month)) = (group("iy"), group("im")) {
        return PartialDate::year_month(year.parse().ok()?, month.parse().ok()?).ok();
    }
    if let (Some(month), Some(year)) = (group("n"), group("y")) {
        return PartialDate::year_month(full_year(year)?, month_number(month)?).ok();
    }
    if let (Some(month), Some(year)) = (group("m"), group("my")) {
        return PartialDate::year_month(year.parse().ok()?, month.parse().ok()?).ok();
    }
    PartialDate::year_only(group("yy")?.parse().ok()?).ok()
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
    const NAMES: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let name = name.get(..3)?.to_ascii_lowercase();
    NAMES.iter().position(|month| *month == name).map(|at| at as u8 + 1)
}

/// Returns the first and last month of a job, as [`PartialDate::months`] counts. `None` where the dates do not tell. A bare year
/// counts as its middle, so that "2016 – 2019" is three years.
pub(super) fn months(
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
pub(super) fn union(mut intervals: Vec<(i32, i32)>) -> u32 {
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
        periods_or_date(line).first().map_or_else(String::new, |period| {
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
            ("12/03/2015 - 11/04/2016", "2015-03..2016-04"),
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
            ("2021 to 2018", "..2021"),
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
