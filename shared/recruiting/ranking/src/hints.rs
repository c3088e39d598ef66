//! Hints that make a job description better: more people feel addressed, and the right ones find it.

use std::{collections::BTreeSet, sync::LazyLock};

use inventure_core::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    document::Need,
    job::{JobSkill, ParsedJob},
    text,
};

/// More required skills than this keep people away who could do the work.
const MANY_SKILLS: usize = 12;

/// A description of fewer words says too little to match by.
const FEW_WORDS: usize = 60;

/// The most hints about single words.
const MOST_WORDS: usize = 20;

/// The subject of a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HintCode {
    /// A word that research found to sound masculine in job ads.
    MasculineCoded,
    /// A word that research found to sound feminine in job ads.
    FeminineCoded,
    /// No pay is stated.
    NoPay,
    /// No place and no word about remote work.
    NoLocation,
    /// The title states no rank and the text no years.
    NoSeniority,
    /// Too many skills are required.
    ManyRequiredSkills,
    /// No skill is named.
    NoSkills,
    /// The description is very short.
    TooShort,
}

/// A hint on how to make a job description better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Hint {
    /// The subject of the hint.
    pub code: HintCode,
    /// The advice, in words.
    pub message: String,
    /// The word that the hint is about, in characters of the description; absent for a hint about no single word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
}

/// Stems of gender-coded words: Gaucher, Friesen & Kay 2011, as listed by gender-decoder (MIT).
#[derive(Deserialize)]
struct Stems {
    feminine_coded_words: Vec<String>,
    masculine_coded_words: Vec<String>,
    non_coded_exceptions: Vec<String>,
}

static STEMS: LazyLock<Option<Stems>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/gender-coded-stems.json")).ok());

/// The hints for a job, in the order of [`HintCode`], words in the order of the text.
#[must_use]
pub fn hints(description: &str, job: &ParsedJob) -> Vec<Hint> {
    let mut hints = coded_words(description, job);
    let is_required = |skill: &&JobSkill| skill.is_ranked() && skill.need == Need::Required;
    let required = job.skills.iter().filter(is_required).count();
    let mut add = |holds: bool, code, message: &str| {
        if holds {
            hints.push(Hint {
                code,
                message: message.to_owned(),
                span: None,
            });
        }
    };
    add(
        job.pay.is_none(),
        HintCode::NoPay,
        "State the pay: ads with a range get more, and better fitting, applications.",
    );
    add(
        job.places.is_empty() && job.remote_policy.is_none(),
        HintCode::NoLocation,
        "Say where the work is, and whether it can be done from elsewhere.",
    );
    add(
        job.seniority.is_none() && job.min_years.is_none(),
        HintCode::NoSeniority,
        "Say how senior the person should be, in the title or as years of experience.",
    );
    add(
        required > MANY_SKILLS,
        HintCode::ManyRequiredSkills,
        &format!(
            "{required} skills are required. Keep those that the work cannot do without and call the rest nice to have."
        ),
    );
    add(
        job.skills.is_empty(),
        HintCode::NoSkills,
        "Name the skills that the work needs, one by one.",
    );
    add(
        text::words(description).count() < FEW_WORDS,
        HintCode::TooShort,
        "Say more about the work: a few lines on what the person will do and what they need for it.",
    );
    hints.sort_by_key(|hint| hint.code);
    hints
}

/// Words with a gender-coded stem, each once. Names of skills are left alone: "data analysis" is a trade.
fn coded_words(description: &str, job: &ParsedJob) -> Vec<Hint> {
    let Some(stems) = STEMS.as_ref() else { return Vec::new() };
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut hints = Vec::new();
    let (mut chars, mut counted) = (0_u32, 0);
    for (at, word) in text::words(description) {
        chars += description[counted..at].chars().count() as u32;
        counted = at;
        let span = Span {
            page: None,
            start: chars,
            end: chars + word.chars().count() as u32,
        };
        let in_skill = |other: &Span| other.start <= span.start && span.end <= other.end;
        let known = job.skills.iter().filter(|skill| skill.is_ranked());
        if known.filter_map(|skill| skill.span.as_ref()).any(in_skill) {
            continue;
        }
        let lower = word.to_lowercase();
        let begins = |stems: &[String]| stems.iter().any(|stem| lower.starts_with(stem.as_str()));
        let coded = |coded: &[String]| begins(coded) && !begins(&stems.non_coded_exceptions);
        let (code, sound) = match () {
            () if coded(&stems.masculine_coded_words) => (HintCode::MasculineCoded, "masculine"),
            () if coded(&stems.feminine_coded_words) => (HintCode::FeminineCoded, "feminine"),
            () => continue,
        };
        if hints.len() < MOST_WORDS && seen.insert(lower) {
            let message =
                format!("\u{201c}{word}\u{201d} is read as {sound} in job ads; a plainer word addresses everybody.");
            hints.push(Hint {
                code,
                message,
                span: Some(span),
            });
        }
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::parse_job;

    fn codes(title: &str, description: &str) -> Vec<HintCode> {
        hints(description, &parse_job(title, description))
            .into_iter()
            .map(|hint| hint.code)
            .collect()
    }

    #[test]
    fn words_are_shown_where_they_stand() {
        let text = "Für Zoë: we want an aggressive, supportive person. Aggressive again.";
        let hints = hints(text, &parse_job("Clerk", text));
        let words: Vec<_> = hints
            .iter()
            .filter_map(|hint| Some((hint.code, hint.span?.of(text))))
            .collect();
        assert_eq!(
            words,
            [
                (HintCode::MasculineCoded, "aggressive"),
                (HintCode::FeminineCoded, "supportive")
            ]
        );
    }

    #[test]
    fn a_bare_job_gets_every_hint_and_a_good_one_none() {
        use HintCode::{NoLocation, NoPay, NoSeniority, NoSkills, TooShort};
        assert_eq!(
            codes("Clerk", "We need a clerk."),
            [NoPay, NoLocation, NoSeniority, NoSkills, TooShort]
        );
        let good = format!(
            "Location: Leeds, UK\nSalary: £30,000 - £35,000 per year\nYou keep ledgers in Microsoft Excel. {}",
            "You check what comes in and write down what goes out. ".repeat(6)
        );
        assert_eq!(codes("Senior Clerk", &good), []);
    }
}
