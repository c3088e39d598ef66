//! Puts jobs together from their heads and the text under them.

use std::ops::Range;

use super::{Block, Line, Text, dates, overlap};
use crate::{
    date::PartialDate,
    places,
    resume::{Experience, Field, Resume, UNSURE},
    structure::{LineKind, PartKind},
};

/// The most jobs of one resume.
const JOBS_MAX: usize = 100;

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

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Whether a text has a word of a job title in it.
pub(super) fn has_title_word(text: &str) -> bool {
    words(text).any(|word| TITLE_WORDS.contains(&word.as_str()))
}

/// Puts jobs together: each head with the text under it. An employer over several jobs is that of each.
pub(super) fn read(text: &Text<'_>) -> Vec<Experience> {
    let mut jobs: Vec<Experience> = Vec::new();
    let mut banner: Option<Experience> = None;
    let behind = employers_behind(text);
    // Other parts of the resume may stand between a job and what comes next.
    let mut last_end = 0;
    for (n, block) in text.blocks.iter().enumerate() {
        if !matches!(block.kind, LineKind::Banner | LineKind::Job) {
            banner = None;
            continue;
        }
        // Another part of the resume between them ends what an employer stands over.
        let since = n.checked_sub(1).map_or(0, |before| text.blocks[before].lines.end);
        let parted = |line: &Line<'_>| line.kind.is_heading() || line.kind == LineKind::Skill;
        if text.lines[since..block.lines.start].iter().any(parted) {
            banner = None;
        }
        let mut job = head(text, block);
        // Forms have a line for each part, and space between them.
        if let Some(whole) = jobs.last_mut().filter(|last| {
            let above = n.checked_sub(1).map(|above| &text.blocks[above]);
            above.is_some_and(|above| above.kind == block.kind && above.lines.end == block.lines.start)
                && completes(last, &job)
        }) {
            complete(whole, job);
            body(text, &below(text, n), whole);
            continue;
        }
        // Some forms name the employer behind what was done.
        let apart = text.lines[last_end.min(block.lines.start)..block.lines.start]
            .iter()
            .any(|line| line.kind.is_heading());
        let open = |last: &&mut Experience| {
            last.employer.is_none()
                && job.title.is_none()
                && job.employer.is_some()
                && !(is_dated(last) && is_dated(&job))
        };
        if let Some(whole) = jobs
            .last_mut()
            .filter(|last| behind && block.kind == LineKind::Job && !apart && open(last))
        {
            if !is_labelled(text, block) {
                // The order of the lines alone says it, and an employer whose title is missing looks the same.
                let texts = [&mut job.employer, &mut job.team, &mut job.location];
                for field in texts.into_iter().flatten() {
                    field.confidence = field.confidence.min(UNSURE);
                }
            }
            complete(whole, job);
            let mut rest = Experience::default();
            body(text, &below(text, n), &mut rest);
            whole.description = whole.description.take().or(rest.description);
            whole.highlights.append(&mut rest.highlights);
            continue;
        }
        let own = below(text, n);
        // Some employers stand over their jobs and look like a job of their own.
        let next = text.blocks.get(n + 1).filter(|next| next.kind == LineKind::Job);
        let stands_over = job.title.is_none()
            && job.employer.is_some()
            && next.is_some_and(|next| next.part(PartKind::Title).is_some() && next.part(PartKind::Employer).is_none());
        if block.kind == LineKind::Banner || stands_over {
            banner = Some(job);
            continue;
        }
        match &mut banner {
            Some(over) if job.employer.is_none() => {
                inherit(&mut job, over);
                // The dates of the employer are those of one job at most.
                (over.start, over.end, over.current) = (None, None, false);
            }
            // An employer on a line of its own may stand over the jobs after this one as well.
            _ => {
                banner = stands_above(block).then(|| Experience {
                    employer: job.employer.clone(),
                    location: job.location.clone(),
                    ..Experience::default()
                });
            }
        }
        // A team of no employer is the employer, unless that is still to come.
        if job.employer.is_none() && !behind {
            job.employer = job.team.take();
        }
        body(text, &own, &mut job);
        if job.title.is_some() || job.employer.is_some() || job.team.is_some() {
            jobs.push(job);
            last_end = block.lines.end;
        }
    }
    for job in jobs.iter_mut().filter(|job| job.employer.is_none()) {
        job.employer = job.team.take();
    }
    jobs.truncate(JOBS_MAX);
    jobs
}

/// Whether employers stand behind what was done for them. A head with a title alone and one with an employer alone take turns then.
fn employers_behind(text: &Text<'_>) -> bool {
    let heads = text.blocks.iter().filter(|block| block.kind == LineKind::Job);
    let (mut turns, mut open) = (0, false);
    for block in heads {
        match (block.part(PartKind::Title), block.part(PartKind::Employer)) {
            (Some(_), None) if !open => open = true,
            (None, Some(_)) if open => (turns, open) = (turns + 1, false),
            // An entry without a word on what was done has its parts together.
            (Some(_), Some(_)) if !open => {}
            (None, None) => {}
            _ => return false,
        }
    }
    // A title that is left alone may as well stand under the employer before it.
    turns > 0 && !open
}

/// Whether the employer of a head stands behind the label of a form: "Employer: ".
fn is_labelled(text: &Text<'_>, block: &Block) -> bool {
    let Some(employer) = block.part(PartKind::Employer) else {
        return false;
    };
    let line = text.page.lines[block.lines.clone()]
        .iter()
        .rfind(|line| line.start <= employer.range.start);
    let before = line.map_or("", |line| text.slice(line.start..employer.range.start));
    let label = before
        .trim_end_matches(' ')
        .strip_suffix([':', '\t'])
        .unwrap_or_default()
        .trim();
    let is_plain = label.contains(char::is_alphabetic) && !label.contains(|c: char| c.is_numeric());
    is_plain && !places::is_place(label)
}

/// Whether a head names its employer first, and its title on a line below.
fn stands_above(block: &Block) -> bool {
    let start = |kind| block.part(kind).map(|part| part.range.start);
    block.lines.len() > 1
        && start(PartKind::Employer)
            .zip(start(PartKind::Title))
            .is_some_and(|(employer, title)| employer < title)
}

/// Returns the lines of text under a head, up to the next.
fn below<'a>(text: &Text<'a>, block: usize) -> Vec<Line<'a>> {
    let next = text
        .blocks
        .get(block + 1)
        .map_or(text.lines.len(), |next| next.lines.start);
    text.lines[text.blocks[block].lines.end..next]
        .iter()
        .filter(|line| line.kind != LineKind::Margin)
        .take_while(|line| line.kind == LineKind::JobText)
        .cloned()
        .collect()
}

const fn is_dated(job: &Experience) -> bool {
    job.start.is_some() || job.end.is_some() || job.current
}

/// Whether a head is the rest of the one above it: what it says is missing there.
fn completes(job: &Experience, rest: &Experience) -> bool {
    let employer = job.title.is_some() && job.employer.is_none() && rest.title.is_none() && rest.employer.is_some();
    let dates = rest.title.is_none() && rest.employer.is_none() && is_dated(rest);
    (employer || dates) && !(is_dated(job) && is_dated(rest)) && job.highlights.is_empty() && job.description.is_none()
}

fn complete(job: &mut Experience, rest: Experience) {
    job.employer = job.employer.take().or(rest.employer);
    job.team = job.team.take().or(rest.team);
    job.location = job.location.take().or(rest.location);
    if rest.start.is_some() || rest.end.is_some() || rest.current {
        (job.start, job.end, job.current) = (rest.start, rest.end, rest.current);
    }
}

/// Gives a job what only its employer's line says. The dates are the employer's as long as no other job stands under it.
fn inherit(job: &mut Experience, over: &Experience) {
    job.employer.clone_from(&over.employer);
    if job.location.is_none() {
        job.location.clone_from(&over.location);
    }
    if job.start.is_none() && job.end.is_none() && !job.current {
        (job.start, job.end, job.current) = (over.start.clone(), over.end.clone(), over.current);
    }
}

/// Reads the lines at the head of a job.
fn head(text: &Text<'_>, block: &Block) -> Experience {
    let mut job = Experience {
        employer: text.part(block, PartKind::Employer),
        team: text.part(block, PartKind::Team),
        title: text.part(block, PartKind::Title),
        location: text.part(block, PartKind::Place),
        ..Experience::default()
    };
    if let Some((start, end, current)) = text.period(block) {
        // A lone date is when the job was held.
        let start = start.or_else(|| end.clone());
        (job.start, job.end, job.current) = (start, end, current);
    }
    job
}

/// Reads the text under a heading. The lines before the first bullet describe the job, and every bullet with the lines it runs on
/// is a point.
fn body(text: &Text<'_>, lines: &[Line<'_>], job: &mut Experience) {
    let first_bullet = lines.iter().position(|line| line.bullet).unwrap_or(lines.len());
    if first_bullet > 0 && !lines.is_empty() {
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

/// The most years for which a job that goes on was held.
const YEARS_MAX: i32 = 60;

/// Sets the months of every job. Returns their intervals. A date on which nobody of today began a job, or that lies more than a year
/// ahead, is a suggestion.
pub(super) fn count_months(resume: &mut Resume, today: PartialDate) -> Vec<(i32, i32)> {
    let mut intervals = Vec::new();
    let possible = today.months(1) - YEARS_MAX * 12..=today.months(12) + 12;
    for job in &mut resume.experience {
        for date in [&mut job.start, &mut job.end].into_iter().flatten() {
            if !possible.contains(&date.value.months(12)) && !possible.contains(&date.value.months(1)) {
                date.confidence = date.confidence.min(UNSURE);
            }
        }
        let interval = interval(job, today);
        job.months = interval.map(|(first, last)| (last - first + 1) as u32);
        intervals.extend(interval);
    }
    intervals
}

/// Returns the months that a job lasted, as far as its dates tell. Years of work are acted on: a date that is a suggestion tells none.
pub(super) fn interval(job: &Experience, today: PartialDate) -> Option<(i32, i32)> {
    let date = |field: &Option<Field<PartialDate>>| field.as_ref().map(|field| field.value);
    let sure = [&job.start, &job.end].into_iter().flatten().all(Field::is_sure);
    sure.then(|| dates::months(date(&job.start), date(&job.end), job.current, today))?
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
