//! The value of each feature of a score, and the reason for it.

use crate::{
    document::{Facts, Need, RemotePolicy, Skill},
    index::Stats,
    rank::{WEIGHTS, rounded},
    search::{Hit, TitleHit},
};

/// Cosines of a resume and a job lie between these nearly always; the values stretch that range over `[0, 1]`.
const COSINE_RANGE: (f64, f64) = (0.1, 0.7);

/// The share of what a job's words could bring that counts as full. A resume reaches no more at best; more counts as all.
const WORDS_FULL: f64 = 0.5;

/// Cosines of two titles below the first are those of unlike work; the values stretch the range over `[0, 1]`.
const TITLE_RANGE: (f64, f64) = (0.5, 1.0);

/// With this many skills named, the share of them counts half.
const FEW_SKILLS: f64 = 2.0;

/// A document unchanged for this long counts as stale.
const STALE_DAYS: i32 = 365;

/// One feature before it is put into words.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub worth: f64,
    pub known: bool,
    pub why: Why,
}

/// The ground on which a value rests. It is put into words only for the matches that are returned.
#[derive(Debug, Clone)]
pub(crate) enum Why {
    Cosine(f64),
    Words(f64),
    Skills(Need),
    Title(TitleHit),
    Seniority,
    Experience,
    Location(&'static str),
    Pay(&'static str),
    Recency(i32),
    Unknown(&'static str),
}

impl Value {
    fn known(value: f64, why: Why) -> Self {
        Self {
            worth: rounded(value.clamp(0.0, 1.0)),
            known: true,
            why,
        }
    }

    const fn unknown(why: &'static str) -> Self {
        Self {
            worth: 0.0,
            known: false,
            why: Why::Unknown(why),
        }
    }
}

/// Returns the value of every feature, in the order of [`WEIGHTS`]. `age_days` is the number of days for which the document found
/// has not changed.
pub(crate) fn values(
    job: &Facts,
    candidate: &Facts,
    hit: &Hit,
    stats: &Stats,
    age_days: i32,
) -> [Value; WEIGHTS.len()] {
    let (low, high) = COSINE_RANGE;
    [
        hit.cosine
            .map_or(Value::unknown("there is no vector to compare"), |cosine| {
                Value::known((cosine - low) / (high - low), Why::Cosine(cosine))
            }),
        Value::known(hit.lexical / WORDS_FULL, Why::Words(hit.lexical)),
        skills(job, candidate, Need::Required, stats),
        skills(job, candidate, Need::Nice, stats),
        title(job, candidate, hit),
        seniority(job, candidate),
        experience(job, candidate),
        location(job, candidate),
        pay(job, candidate),
        Value::known(
            1.0 - f64::from(age_days.clamp(0, STALE_DAYS)) / f64::from(STALE_DAYS),
            Why::Recency(age_days.max(0)),
        ),
    ]
}

fn has(candidate: &Facts, skill: &Skill) -> bool {
    candidate
        .skills
        .binary_search_by(|known| known.id.cmp(&skill.id))
        .is_ok()
}

/// Returns the share of the job's skills that the candidate has. The fewer skills the job names, the less it counts: one skill of
/// one is luck, eight of eight are not.
fn skills(job: &Facts, candidate: &Facts, need: Need, stats: &Stats) -> Value {
    let (mut there, mut all, mut count) = (0.0, 0.0, 0.0);
    for skill in job.skills.iter().filter(|skill| skill.need == need) {
        let idf = stats.skill_idf(&skill.id);
        all += idf;
        count += 1.0;
        if has(candidate, skill) {
            there += idf;
        }
    }
    match need {
        _ if all > 0.0 => {
            let trust = count / (count + FEW_SKILLS);
            Value::known(there / all * trust, Why::Skills(need))
        }
        Need::Required => Value::unknown("the job requires no skill that people can be compared by"),
        Need::Nice => Value::unknown("the job names no skill as nice to have that people can be compared by"),
    }
}

fn title(job: &Facts, candidate: &Facts, hit: &Hit) -> Value {
    let (low, high) = TITLE_RANGE;
    match hit.title {
        _ if job.titles.is_empty() => Value::unknown("the job has no title"),
        _ if candidate.titles.is_empty() => Value::unknown("the resume names no title"),
        None => Value::unknown("there is no vector of a title to compare"),
        Some(hit) => Value::known((hit.score - low) / (high - low), Why::Title(hit)),
    }
}

fn seniority(job: &Facts, candidate: &Facts) -> Value {
    match (job.seniority, candidate.seniority) {
        (None, _) => Value::unknown("the job states no rank"),
        (_, None) => Value::unknown("the newest title states no rank"),
        (Some(wanted), Some(held)) => {
            let value = match held.above(wanted) {
                0 => 1.0,
                1 => 0.8,
                -1 => 0.5,
                2 => 0.4,
                -2 => 0.2,
                _ => 0.0,
            };
            Value::known(value, Why::Seniority)
        }
    }
}

/// Compares years of work with the years asked. More than asked are not held against anybody: they would stand for age.
fn experience(job: &Facts, candidate: &Facts) -> Value {
    match (job.months, candidate.months) {
        (None | Some(0), _) => Value::unknown("the job asks for no number of years"),
        (_, None) => Value::unknown("the resume does not tell the years of work"),
        (Some(asked), Some(months)) => Value::known(f64::from(months) / f64::from(asked), Why::Experience),
    }
}

fn location(job: &Facts, candidate: &Facts) -> Value {
    let ((there, here), (policy, wish)) = ((&job.place, &candidate.place), (job.remote, candidate.remote));
    let compare = |a: &Option<String>, b: &Option<String>| a.as_ref().zip(b.as_ref()).map(|(a, b)| a == b);
    let (city, region) = (compare(&there.city, &here.city), compare(&there.region, &here.region));
    let country = compare(&there.country, &here.country);
    let known = |value, why| Value::known(value, Why::Location(why));
    if policy == Some(RemotePolicy::Remote) {
        return match country {
            Some(true) => known(1.0, "remote work"),
            Some(false) => known(0.6, "remote work, but in another country"),
            None => known(0.6, "remote work, and no country to compare"),
        };
    }
    if wish == Some(RemotePolicy::Remote) && policy.is_some() {
        return known(0.2, "looks for remote work, the job is not");
    }
    match (city, region, country) {
        (_, _, Some(false)) => known(0.1, "another country"),
        (Some(true), _, _) => known(1.0, "the same city"),
        (_, Some(true), _) => known(0.8, "the same region"),
        (_, _, Some(true)) => known(0.5, "the same country"),
        (Some(false), _, _) | (_, Some(false), _) => known(0.1, "another place, the country is not stated"),
        _ if there.is_unknown() => Value::unknown("the job states no place"),
        _ => Value::unknown("the resume states no place that can be compared"),
    }
}

fn pay(job: &Facts, candidate: &Facts) -> Value {
    let (Some(paid), Some(asked)) = (job.pay, candidate.pay) else {
        return Value::unknown(match job.pay {
            None => "the job states no pay",
            Some(_) => "the candidate states no pay",
        });
    };
    if paid.currency != asked.currency {
        return Value::unknown("the pay is in another currency");
    }
    let (Some(paid), Some(asked)) = (paid.max.or(paid.min), asked.min.or(asked.max)) else {
        return Value::unknown("the pay is not stated");
    };
    if asked <= paid {
        return Value::known(1.0, Why::Pay("what is asked is within what is paid"));
    }
    // A tenth above is a matter of talking, a third above is another job.
    let above = asked.saturating_sub(paid) as f64 / paid.max(1) as f64;
    Value::known(1.0 - 3.0 * above, Why::Pay("more is asked than is paid"))
}

fn years(months: u32) -> String {
    match (months / 12, months % 12) {
        (0, months) => format!("{months} months"),
        (1, 0) => "1 year".to_owned(),
        (years, 0..=5) => format!("{years} years"),
        (years, _) => format!("{years}½ years"),
    }
}

/// Returns a word for the cosine of a resume and a job.
fn nearness(cosine: f64) -> &'static str {
    match cosine {
        0.55.. => "very near",
        0.4.. => "near",
        0.25.. => "somewhat near",
        _ => "far apart",
    }
}

impl Why {
    /// Returns the titles that the value rests on.
    pub(crate) const fn title(&self) -> Option<TitleHit> {
        match self {
            Self::Title(hit) => Some(*hit),
            _ => None,
        }
    }

    /// Puts the ground into words. `wanted` is the job's title that a title was found like.
    pub(crate) fn in_words(&self, job: &Facts, candidate: &Facts, wanted: &str) -> String {
        match self {
            Self::Cosine(cosine) => format!(
                "What the two texts are about is {} (cosine {cosine:.2})",
                nearness(*cosine)
            ),
            Self::Words(share) => format!("Has {:.0}% of the job's words, rare ones counting more", share * 100.0),
            Self::Skills(need) => skills_in_words(job, candidate, *need),
            Self::Title(hit) => {
                let held = candidate
                    .titles
                    .get(hit.place)
                    .map_or("", |title| title.normal.as_str());
                let stated = job.titles.first().map_or("", |title| title.normal.as_str());
                let when = if hit.place == 0 {
                    "Newest title"
                } else {
                    "Earlier title"
                };
                let also = if wanted == stated {
                    ""
                } else {
                    ", as the work is also called"
                };
                format!("{when} \u{201c}{held}\u{201d} against \u{201c}{wanted}\u{201d}{also}")
            }
            Self::Seniority => {
                let label = |facts: &Facts| facts.seniority.map_or("", crate::seniority::Seniority::label);
                format!("Is {}, the job is {}", label(candidate), label(job))
            }
            Self::Experience => {
                let [has, asked] = [candidate, job].map(|facts| years(facts.months.unwrap_or_default()));
                format!("Has worked {has}, the job asks for {asked}")
            }
            Self::Location(why) => {
                let places = [&candidate.place, &job.place].map(ToString::to_string);
                let places: Vec<&str> = places
                    .iter()
                    .map(String::as_str)
                    .filter(|place| !place.is_empty())
                    .collect();
                if places.is_empty() {
                    sentence(why)
                } else {
                    format!("{} ({})", sentence(why), places.join("; "))
                }
            }
            Self::Pay(why) => sentence(why),
            Self::Recency(0) => "Changed today".to_owned(),
            Self::Recency(1) => "Changed yesterday".to_owned(),
            Self::Recency(days) => format!("Changed {days} days ago"),
            Self::Unknown(why) => format!("Not known: {why}; adds nothing"),
        }
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn skills_in_words(job: &Facts, candidate: &Facts, need: Need) -> String {
    let wanted = job.skills.iter().filter(|skill| skill.need == need);
    let (there, missing): (Vec<&Skill>, Vec<&Skill>) = wanted.partition(|skill| has(candidate, skill));
    let list = |skills: &[&Skill]| {
        skills
            .iter()
            .take(12)
            .map(|skill| skill.label.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let kind = match need {
        Need::Required => "required skills",
        Need::Nice => "skills that would be nice",
    };
    let mut words = format!("Has {} of {} {kind}", there.len(), there.len() + missing.len());
    for (label, skills) in [("has", &there), ("lacks", &missing)] {
        if !skills.is_empty() {
            words.extend(["; ", label, " ", &list(skills)]);
        }
    }
    words
}
