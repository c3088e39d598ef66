//! The score: ten features, each in `[0, 1]` with a weight and a reason in words.
//!
//! A score is the sum of value × weight in the order of the table. Values are rounded to six decimals, so that a stored match
//! gives the same score again, bit for bit, wherever it was computed. An unknown value counts as [`NEUTRAL`] and is said to be
//! unknown; nothing is made up.

use inventure_core::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    document::{Document, Facts},
    feature::{Value, values},
    index::Index,
    search::{self, Filters, Hit},
};

/// The version of [`WEIGHTS`]. The weights were set by hand; there is no feedback yet to learn them from.
pub const WEIGHTS_VERSION: &str = "hand-set-1";

/// The value of a feature about which nothing is known.
pub const NEUTRAL: f64 = 0.5;

/// The most matches of one ranking.
pub const MAX_LIMIT: usize = 1_000;

/// The least number of documents that each way of finding them contributes.
const BREADTH: usize = 200;

/// One aspect of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeatureName {
    /// The nearness of the two texts in meaning.
    Meaning,
    /// The words that the two texts share, rare words counting more.
    Words,
    /// The share of the required skills that the candidate has, rare skills counting more.
    RequiredSkills,
    /// The share of the skills that would be nice to have, likewise.
    NiceSkills,
    /// The likeness of the titles and their occupations.
    Title,
    /// The nearness of the ranks.
    Seniority,
    /// Years of work against the years asked.
    Experience,
    /// The place of the work against the place of the candidate.
    Location,
    /// The pay asked against the pay offered.
    Pay,
    /// The time since the last change of the document; a shorter time counts more.
    Recency,
}

/// The weights of the features, summing to 1.
pub const WEIGHTS: [(FeatureName, f64); 10] = [
    (FeatureName::Meaning, 0.42),
    (FeatureName::Words, 0.14),
    (FeatureName::RequiredSkills, 0.14),
    (FeatureName::NiceSkills, 0.03),
    (FeatureName::Title, 0.16),
    (FeatureName::Seniority, 0.03),
    (FeatureName::Experience, 0.03),
    (FeatureName::Location, 0.03),
    (FeatureName::Pay, 0.01),
    (FeatureName::Recency, 0.01),
];

/// One feature of one match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Feature {
    /// The name of the feature.
    pub name: FeatureName,
    /// The value, from 0 to 1; six decimals.
    pub value: f64,
    /// Its weight in the score.
    pub weight: f64,
    /// `value × weight`.
    pub contribution: f64,
    /// Whether the documents say enough to tell; otherwise the value is 0.5.
    pub known: bool,
    /// The reason for the value, in words.
    pub reason: String,
}

/// A place in the resume or the job that speaks for a feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Evidence {
    /// The feature it speaks for.
    pub feature: FeatureName,
    /// The finding: a skill, a title, a number of months, words that are shared.
    pub what: String,
    /// The place in the resume that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// The text there, its spaces folded; at most 160 characters. For a stretch of time it is what that comes to ("Nurse, 107
    /// months").
    pub snippet: String,
}

/// One candidate for a job, or one job for a candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Match {
    /// The id of the candidate or the job.
    pub id: String,
    /// The tenant that owns the candidate or the job.
    pub tenant_id: String,
    /// The version of the document that was scored.
    pub version: u64,
    /// The score, from 0 to 1.
    pub score: f64,
    /// The version of the weights.
    pub weights_version: String,
    /// The model behind the vectors.
    pub model_version: String,
    /// The segments behind the rarity of words and skills.
    pub stats_version: String,
    /// Every feature, in the order of the weights.
    pub features: Vec<Feature>,
    /// The evidence for the match in the resume; empty until [`crate::explain::explain`] fills it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// A reason for which stored features do not give a score.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReproducible {
    /// The weights of that version are not in this program.
    #[error("weights {0} are not known here")]
    UnknownWeights(String),
    /// Features are missing or out of order.
    #[error("the features are not those of the weights")]
    OtherFeatures,
}

/// Returns the score that stored features give with the weights of `weights_version`. It has the same bits as when they were
/// made.
pub fn reproduce(features: &[Feature], weights_version: &str) -> Result<f64, NotReproducible> {
    if weights_version != WEIGHTS_VERSION {
        return Err(NotReproducible::UnknownWeights(weights_version.to_owned()));
    }
    if !features
        .iter()
        .map(|feature| feature.name)
        .eq(WEIGHTS.iter().map(|(name, _)| *name))
    {
        return Err(NotReproducible::OtherFeatures);
    }
    Ok(weighted(features.iter().map(|feature| feature.value)))
}

fn weighted(values: impl Iterator<Item = f64>) -> f64 {
    // A plain loop: an iterator's sum may be reordered one day, a loop may not.
    let mut sum = 0.0;
    for (value, (_, weight)) in values.zip(WEIGHTS) {
        sum += value * weight;
    }
    rounded(sum)
}

/// Rounds to six decimals, which any JSON reader gives back exactly.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Returns the best `limit` (at most [`MAX_LIMIT`]) documents of `index` for `query`. They are candidates if the query is a job,
/// jobs if it is a candidate; by falling score, equal scores by id. `today` is the day on which they are shown and that recency
/// is counted from, in days from 1970-01-01.
#[must_use]
pub fn rank(index: &Index, query: &Document, filters: &Filters, limit: usize, today: i32) -> Vec<Match> {
    let limit = limit.min(MAX_LIMIT);
    if limit == 0 {
        return Vec::new();
    }
    let mut scored: Vec<(f64, Hit, Facts, [Value; WEIGHTS.len()])> =
        search::retrieve(index, query, filters, today, BREADTH.max(limit))
            .into_iter()
            .filter_map(|hit| {
                let other = index.parts()[hit.part].segment.facts(hit.row)?;
                let (job, candidate) = search::sides((query.facts.kind, &query.facts), (other.kind, &other))?;
                let values = values(job, candidate, &hit, index.stats(), today - other.updated_day);
                Some((weighted(values.iter().map(|value| value.worth)), hit, other, values))
            })
            .collect();
    let segment = |hit: &Hit| &index.parts()[hit.part].segment;
    scored.sort_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then_with(|| segment(&a.1).id(a.1.row).cmp(segment(&b.1).id(b.1.row)))
    });
    scored.truncate(limit);
    let matched = |(score, hit, other, values): (f64, Hit, Facts, [Value; WEIGHTS.len()])| {
        let (segment, sides) = (
            segment(&hit),
            search::sides((query.facts.kind, &query.facts), (other.kind, &other)),
        );
        let row = &segment.rows()[hit.row];
        let features = WEIGHTS.iter().zip(values).map(|((name, weight), value)| Feature {
            name: *name,
            value: value.worth,
            weight: *weight,
            contribution: rounded(value.worth * weight),
            known: value.known,
            reason: sides.map_or_else(String::new, |(job, candidate)| value.why.in_words(job, candidate)),
        });
        Match {
            id: segment.id(hit.row).to_owned(),
            tenant_id: segment.name(row.tenant).to_owned(),
            version: row.version,
            score,
            weights_version: WEIGHTS_VERSION.to_owned(),
            model_version: index.model_version().to_owned(),
            stats_version: index.stats().version().to_owned(),
            features: features.collect(),
            evidence: Vec::new(),
        }
    };
    scored.into_iter().map(matched).collect()
}
