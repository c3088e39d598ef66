//! Finds jobs. A job is a heading of a few lines around a span of time, and the text under it.

use std::ops::Range;

use super::{Line, Section, Text, dates, dates::Period, overlap, person::place_in, trimmed};
use crate::{
    date::PartialDate,
    entities::EntityKind,
    resume::{Experience, Field, Resume},
};

/// The most jobs of one resume.
const JOBS_MAX: usize = 100;
/// The most lines above a date that may belong to its heading.
const HEAD_ABOVE: usize = 3;
/// The most lines below a date that may belong to its heading.
const HEAD_BELOW: usize = 2;

/// Words that titles are made of.
const TITLE_WORDS: [&str; 132] = [
    "engineer",
    "developer",
    "manager",
    "analyst",
    "consultant",
    "director",
    "assistant",
    "associate",
    "specialist",
    "coordinator",
    "administrator",
    "officer",
    "executive",
    "lead",
    "leader",
    "architect",
    "designer",
    "intern",
    "trainee",
    "programmer",
    "technician",
    "supervisor",
    "representative",
    "accountant",
    "nurse",
    "teacher",
    "tutor",
    "clerk",
    "cashier",
    "driver",
    "scientist",
    "researcher",
    "fellow",
    "president",
    "chef",
    "cook",
    "waiter",
    "waitress",
    "server",
    "bartender",
    "barista",
    "editor",
    "writer",
    "journalist",
    "lawyer",
    "attorney",
    "paralegal",
    "recruiter",
    "head",
    "chief",
    "cto",
    "ceo",
    "cfo",
    "coo",
    "vp",
    "owner",
    "founder",
    "cofounder",
    "advisor",
    "adviser",
    "agent",
    "buyer",
    "planner",
    "controller",
    "auditor",
    "bookkeeper",
    "receptionist",
    "secretary",
    "operator",
    "mechanic",
    "electrician",
    "plumber",
    "welder",
    "machinist",
    "foreman",
    "superintendent",
    "inspector",
    "pharmacist",
    "therapist",
    "physician",
    "doctor",
    "professor",
    "lecturer",
    "instructor",
    "trainer",
    "coach",
    "volunteer",
    "member",
    "captain",
    "sergeant",
    "producer",
    "photographer",
    "artist",
    "animator",
    "strategist",
    "tester",
    "sde",
    "dba",
    "admin",
    "freelancer",
    "contractor",
    "apprentice",
    "caregiver",
    "guard",
    "janitor",
    "housekeeper",
    "worker",
    "hostess",
    "host",
    "stylist",
    "merchandiser",
    "stocker",
    "handler",
    "packer",
    "loader",
    "generalist",
    "practitioner",
    "sysadmin",
    "webmaster",
    "copywriter",
    "marketer",
    "salesman",
    "salesperson",
    "underwriter",
    "teller",
    "broker",
    "dispatcher",
    "custodian",
    "librarian",
    "translator",
    "interpreter",
    "pilot",
];

/// Labels in headings of jobs that stand where a name could.
const LABELS: [&str; 8] = [
    "duration",
    "location",
    "role",
    "client",
    "project",
    "responsibilities",
    "period",
    "title",
];

/// Words that names of employers are made of.
const EMPLOYER_WORDS: [&str; 74] = [
    "inc",
    "ltd",
    "llc",
    "llp",
    "corp",
    "corporation",
    "company",
    "co",
    "plc",
    "gmbh",
    "pvt",
    "limited",
    "technologies",
    "technology",
    "solutions",
    "systems",
    "services",
    "group",
    "bank",
    "university",
    "college",
    "hospital",
    "school",
    "institute",
    "labs",
    "laboratories",
    "laboratory",
    "consulting",
    "consultancy",
    "consultants",
    "software",
    "industries",
    "international",
    "global",
    "enterprises",
    "enterprise",
    "partners",
    "associates",
    "agency",
    "department",
    "ministry",
    "foundation",
    "center",
    "centre",
    "studio",
    "studios",
    "media",
    "networks",
    "network",
    "stores",
    "restaurant",
    "hotel",
    "hotels",
    "airlines",
    "insurance",
    "organization",
    "organisation",
    "clinic",
    "church",
    "council",
    "county",
    "holdings",
    "motors",
    "pharmaceuticals",
    "energy",
    "telecom",
    "infotech",
    "infosystems",
    "ventures",
    "capital",
    "securities",
    "institution",
    "academy",
    "army",
];

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Whether a text has a word of a job title in it.
pub(super) fn has_title_word(text: &str) -> bool {
    words(text).any(|word| TITLE_WORDS.contains(&word.as_str()))
}

fn has_employer_word(text: &str) -> bool {
    words(text).any(|word| EMPLOYER_WORDS.contains(&word.as_str()))
}

pub(super) fn read(text: &Text<'_>) -> Vec<Experience> {
    let mut jobs: Vec<Experience> = Vec::new();
    for lines in text.of_section(Section::Experience) {
        jobs.extend(section(text, lines, false));
    }
    // Some resumes have no headings at all.
    if jobs.is_empty() && !text.lines.iter().any(|line| line.section == Section::Experience) {
        for lines in text.of_section(Section::Header).chain(text.of_section(Section::Other)) {
            jobs.extend(section(text, lines, true));
        }
    }
    jobs.truncate(JOBS_MAX);
    jobs
}

/// The heading of a job, in lines.
struct Head {
    lines: Range<usize>,
    period: Option<(usize, Period)>,
}

/// Finds the jobs of one section. `strict` is set where nothing says that the lines are about jobs: a job then needs a title
/// beside its dates.
fn section(text: &Text<'_>, lines: &[Line<'_>], strict: bool) -> Vec<Experience> {
    let mut heads = heads(text, lines);
    if heads.is_empty() && !strict {
        heads = undated_heads(text, lines);
    }
    let mut jobs = Vec::new();
    for (n, head) in heads.iter().enumerate() {
        let end = heads.get(n + 1).map_or(lines.len(), |next| next.lines.start);
        let mut job = job(text, lines, head);
        if strict && (job.title.is_none() || head.period.is_none()) {
            continue;
        }
        body(text, &lines[head.lines.end..end], &mut job);
        if job.title.is_some() || job.employer.is_some() || job.description.is_some() || !job.highlights.is_empty() {
            jobs.push(job);
        }
    }
    jobs
}

/// Whether a line could stand in a heading: short, no sentence, no bullet.
fn is_head_like(line: &Line<'_>) -> bool {
    let text = line.text;
    let sentence = text.ends_with(['.', ';', ',']) && text.split_whitespace().count() > 5;
    let lower = text.to_lowercase();
    let label = lower.starts_with("environment") || lower.starts_with("tools");
    !(line.bullet || text.len() > 110 || sentence || label || text.starts_with(char::is_lowercase))
}

/// Whether a line names a title or an employer.
fn has_cue(text: &Text<'_>, line: &Line<'_>) -> bool {
    let range = line.whole();
    has_title_word(line.text)
        || has_employer_word(line.text)
        || text.says(EntityKind::Designation, &range) > 0.3
        || text.says(EntityKind::Company, &range) > 0.3
}

/// Finds the date that makes a line the middle of a heading. It stands at the line's beginning or end, or set apart, and not in a
/// sentence.
fn head_period(line: &Line<'_>) -> Option<Period> {
    if line.text.len() > 160 {
        return None;
    }
    let period = dates::periods_or_date(line.text).into_iter().next()?;
    let (before, after) = (&line.text[..period.range.start], &line.text[period.range.end..]);
    let rest = before.split_whitespace().count() + after.split_whitespace().count();
    let is_range = period.start.is_some() && (period.end.is_some() || period.current);
    let at_edge = !before.contains(char::is_alphanumeric) || !after.contains(char::is_alphanumeric);
    let set_apart = before.ends_with(['\t', '(', '|']) || after.starts_with(['\t', ')', '|', ':']);
    let sentence = rest > 14 || (line.text.ends_with('.') && rest > 8);
    let accepted = if is_range {
        (at_edge || set_apart || rest <= 8) && !sentence && (!line.bullet || at_edge)
    } else {
        // A lone year is a date of a job only where it stands by itself or at the margin.
        !line.bullet && (rest == 0 || before.ends_with('\t')) && rest <= 8
    };
    accepted.then_some(period)
}

fn heads(text: &Text<'_>, lines: &[Line<'_>]) -> Vec<Head> {
    let anchors: Vec<(usize, Period)> = lines
        .iter()
        .enumerate()
        .filter_map(|(n, line)| Some((n, head_period(line)?)))
        .take(JOBS_MAX)
        .collect();
    let mut heads: Vec<Head> = Vec::new();
    for (at, period) in anchors {
        let floor = heads.last().map_or(0, |head| head.lines.end);
        if at < floor {
            continue;
        }
        let own = without(lines[at].text, &period.range);
        let mut known = Known::of(text, &lines[at], &own);
        let mut start = at;
        while start > floor && at - start < HEAD_ABOVE && !known.both() {
            let line = &lines[start - 1];
            // An empty line ends a heading, unless the heading is still missing something that the line names.
            let apart = lines[start].set_off && known.any();
            if !is_head_like(line) || !(has_cue(text, line) || (line.set_off && !apart)) {
                break;
            }
            known.add(text, line);
            start -= 1;
        }
        let mut end = at + 1;
        while end < lines.len() && end - at <= HEAD_BELOW && !known.both() {
            let line = &lines[end];
            let cue = has_cue(text, line) || (known.title && is_name_and_place(line.text));
            if !is_head_like(line) || !cue || head_period(line).is_some() {
                break;
            }
            known.add(text, line);
            end += 1;
        }
        heads.push(Head {
            lines: start..end,
            period: Some((at, period)),
        });
    }
    heads
}

/// Whether a line is a name with a place behind it and nothing else. Employers stand so below titles, as "Larkspur Payments,
/// Seattle, WA".
fn is_name_and_place(line: &str) -> bool {
    let line = line.trim_end();
    let Some(place) = place_in(line, |_| false).filter(|place| place.end == line.len()) else {
        return false;
    };
    let name = line[..place.start].trim_end_matches(|c: char| !c.is_alphanumeric());
    let loose = |word: &str| word.len() > 3 && !word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    !name.is_empty() && name.split_whitespace().count() <= 6 && !name.split_whitespace().any(loose)
}

/// Finds headings of jobs without dates: set-off lines that name a title.
fn undated_heads(text: &Text<'_>, lines: &[Line<'_>]) -> Vec<Head> {
    let mut heads: Vec<Head> = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let free = heads.last().is_none_or(|head| head.lines.end <= n);
        let titled = has_title_word(line.text) || text.says(EntityKind::Designation, &line.whole()) > 0.5;
        if free && line.set_off && is_head_like(line) && titled && heads.len() < JOBS_MAX {
            let more = lines
                .get(n + 1)
                .is_some_and(|next| is_head_like(next) && has_cue(text, next));
            heads.push(Head {
                lines: n..n + 1 + usize::from(more),
                period: None,
            });
        }
    }
    heads
}

/// The parts of a job that a heading names so far.
struct Known {
    title: bool,
    employer: bool,
}

impl Known {
    fn of(text: &Text<'_>, line: &Line<'_>, parts: &[Range<usize>]) -> Self {
        let mut known = Self {
            title: false,
            employer: false,
        };
        for part in parts {
            known.part(
                text,
                line.text.get(part.clone()).unwrap_or_default(),
                &line.at(part.clone()),
            );
        }
        known
    }

    fn add(&mut self, text: &Text<'_>, line: &Line<'_>) {
        let before = (self.title, self.employer);
        self.part(text, line.text, &line.whole());
        // A line that names neither in so many words is most likely what is still missing.
        if before == (self.title, self.employer) {
            self.employer |= self.title;
        }
    }

    fn part(&mut self, text: &Text<'_>, part: &str, range: &Range<usize>) {
        self.title |= has_title_word(part) || text.says(EntityKind::Designation, range) > 0.3;
        // "Software" and "Systems" are words of titles as well.
        let named = has_employer_word(part) && !has_title_word(part);
        self.employer |= named || text.says(EntityKind::Company, range) > 0.3;
    }

    fn both(&self) -> bool {
        self.title && self.employer
    }

    fn any(&self) -> bool {
        self.title || self.employer
    }
}

/// Returns the parts of a line beside a stretch of it.
fn without(line: &str, cut: &Range<usize>) -> Vec<Range<usize>> {
    [0..cut.start, cut.end..line.len()]
        .into_iter()
        .filter(|part| !line[part.clone()].trim().is_empty())
        .collect()
}

/// A piece of a heading, in bytes of the document. It holds what speaks for its being a title or an employer.
struct Piece {
    range: Range<usize>,
    title: f32,
    employer: f32,
    place: bool,
}

fn job(text: &Text<'_>, lines: &[Line<'_>], head: &Head) -> Experience {
    let mut job = Experience::default();
    let mut pieces: Vec<Piece> = Vec::new();
    for n in head.lines.clone() {
        let line = &lines[n];
        let whole = std::iter::once(0..line.text.len());
        let parts: Vec<Range<usize>> = match &head.period {
            Some((at, period)) if *at == n => {
                let date = |date: &Option<(PartialDate, Range<usize>)>| {
                    let (date, range) = date.as_ref()?;
                    Some(Field::new(*date, text.span(line.at(range.clone())), 0.9))
                };
                (job.start, job.end, job.current) = (date(&period.start), date(&period.end), period.current);
                without(line.text, &period.range)
            }
            _ => whole.collect(),
        };
        for part in parts {
            pieces.extend(cut(text, line, part));
        }
    }
    if let Some(n) = best(&pieces, |piece| piece.title) {
        let piece = pieces.remove(n);
        job.title = text.field(piece.range, piece.title.min(0.97));
    }
    if let Some(n) = best(&pieces, |piece| piece.employer) {
        let piece = pieces.remove(n);
        job.employer = text.field(piece.range, piece.employer.min(0.97));
    }
    if let Some(n) = pieces.iter().position(|piece| piece.place) {
        let piece = pieces.remove(n);
        job.location = text.field(piece.range, 0.8);
    }
    // Beside a title a name of something is most likely the employer. The other way round it is more often a place or a
    // department, so a title is never guessed.
    let is_name = |piece: &Piece| {
        let words: Vec<&str> = text.slice(piece.range.clone()).split_whitespace().collect();
        let capital = |word: &&&str| word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        let loose = words
            .iter()
            .filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 3 && !capital(word))
            .count();
        (1..=7).contains(&words.len())
            && loose == 0
            && words.first().is_some_and(|word| word.starts_with(char::is_uppercase))
    };
    let is_label = |piece: &Piece| LABELS.contains(&text.slice(piece.range.clone()).to_lowercase().as_str());
    if job.title.is_some()
        && job.employer.is_none()
        && let Some(piece) = pieces
            .into_iter()
            .find(|piece| is_name(piece) && !piece.place && !is_label(piece))
    {
        job.employer = text.field(piece.range, 0.5);
    }
    job
}

fn best(pieces: &[Piece], score: fn(&Piece) -> f32) -> Option<usize> {
    let (n, piece) = pieces
        .iter()
        .enumerate()
        .max_by(|(a, x), (b, y)| score(x).total_cmp(&score(y)).then(b.cmp(a)))?;
    (score(piece) > 0.0).then_some(n)
}

/// Cuts a part of a line into pieces and weighs each. It cuts at tabs, bars, dashes between spaces, commas, " at " and brackets.
fn cut(text: &Text<'_>, line: &Line<'_>, part: Range<usize>) -> Vec<Piece> {
    let content = &line.text[part.clone()];
    let mut cuts: Vec<Range<usize>> = Vec::new();
    let mut rest = content;
    // A place is one piece, comma and all.
    let tagged = |found: Range<usize>| {
        text.says(
            EntityKind::Location,
            &line.at(part.start + found.start..part.start + found.end),
        ) > 0.4
    };
    let place = place_in(rest, tagged).filter(|place| {
        // Of the city alone: the code of Colorado is a word of companies.
        let city = rest[place.clone()].split(',').next().unwrap_or_default();
        tagged(place.clone()) || (!has_title_word(city) && !has_employer_word(city))
    });
    if let Some(place) = &place {
        cuts.push(place.clone());
        rest = &content[..place.start];
    }
    for (offset, stretch) in [
        (0, rest),
        (
            place.as_ref().map_or(content.len(), |place| place.end),
            place.as_ref().map_or("", |place| &content[place.end..]),
        ),
    ] {
        let mut from = 0;
        for (at, c) in stretch.char_indices() {
            let after = &stretch[at + c.len_utf8()..];
            let spaced = stretch[..at].ends_with(' ') && after.starts_with(' ');
            let separates = match c {
                '\t' | '|' | '•' | '@' | '(' | ')' | ';' | ':' => true,
                '-' | '–' | '—' => spaced,
                ',' => ![
                    "inc", "ltd", "llc", "l.l.c", "corp", "pvt", "co.", "plc", "gmbh", "jr", "sr",
                ]
                .iter()
                .any(|suffix| after.trim_start().to_lowercase().starts_with(suffix)),
                ' ' => after.starts_with("at ") && stretch[at + 4..].starts_with(char::is_uppercase),
                _ => false,
            };
            if separates {
                cuts.push(offset + from..offset + at);
                from = at + c.len_utf8() + if c == ' ' { 3 } else { 0 };
            }
        }
        cuts.push(offset + from..offset + stretch.len());
    }
    cuts.sort_by_key(|cut| cut.start);
    cuts.into_iter()
        .filter_map(|cut| {
            let is_place = place.as_ref() == Some(&cut);
            let range = trimmed(content.get(cut.clone())?, line.start + part.start + cut.start)?;
            Some(weigh(text, range, is_place))
        })
        .collect()
}

fn weigh(text: &Text<'_>, range: Range<usize>, is_place: bool) -> Piece {
    let content = text.slice(range.clone());
    let long = content.split_whitespace().count() > 9;
    let said_title = text.says(EntityKind::Designation, &range);
    let said_employer = text.says(EntityKind::Company, &range);
    let said_place = text.says(EntityKind::Location, &range);
    let rule = |yes: bool| if yes && !long && !is_place { 0.55 } else { 0.0 };
    // Where rule and tagger agree, both count.
    let weight = |rule: f32, said: f32| {
        if said > 0.3 {
            (rule * 0.6 + said * 0.9).min(0.98)
        } else {
            rule
        }
    };
    Piece {
        title: weight(rule(has_title_word(content)), said_title),
        employer: weight(
            rule(has_employer_word(content) && !has_title_word(content)),
            said_employer,
        ),
        place: is_place || said_place > 0.5,
        range,
    }
}

/// Reads the text under a heading. The lines before the first bullet describe the job, and every bullet with the lines it runs on
/// is a point.
fn body(text: &Text<'_>, lines: &[Line<'_>], job: &mut Experience) {
    let first_bullet = lines.iter().position(|line| line.bullet).unwrap_or(lines.len());
    if first_bullet > 0 {
        job.description = text.field(lines[0].start..lines[first_bullet - 1].whole().end, 0.8);
    }
    let mut points: Vec<Range<usize>> = Vec::new();
    for line in &lines[first_bullet..] {
        match points.last_mut() {
            Some(point) if !line.bullet && !line.set_off => point.end = line.whole().end,
            _ => points.push(line.whole()),
        }
    }
    job.highlights = points
        .into_iter()
        .take(200)
        .filter_map(|point| text.field(point, 0.85))
        .collect();
}

/// Sets the months of every job. Returns their intervals.
pub(super) fn count_months(resume: &mut Resume, today: PartialDate) -> Vec<(i32, i32)> {
    let mut intervals = Vec::new();
    for job in &mut resume.experience {
        let date = |field: &Option<Field<PartialDate>>| field.as_ref().map(|field| field.value);
        let interval = dates::months(date(&job.start), date(&job.end), job.current, today);
        job.months = interval.map(|(first, last)| (last - first + 1) as u32);
        intervals.extend(interval);
    }
    intervals
}

/// Returns the stretch of a job's text, in characters: from its first field to its last.
pub(super) fn stretch(job: &Experience) -> Option<Range<u32>> {
    let texts = [&job.employer, &job.title, &job.location, &job.description]
        .into_iter()
        .flatten();
    let spans = texts.chain(&job.highlights).filter_map(|field| field.span);
    let spans = spans.chain(
        [&job.start, &job.end]
            .into_iter()
            .flatten()
            .filter_map(|field| field.span),
    );
    spans
        .map(|span| span.start..span.end)
        .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
}

/// Whether two stretches of text overlap.
pub(super) fn inside(inner: Range<u32>, outer: &Range<u32>) -> bool {
    overlap(
        &(inner.start as usize..inner.end as usize),
        &(outer.start as usize..outer.end as usize),
    ) > 0
}
