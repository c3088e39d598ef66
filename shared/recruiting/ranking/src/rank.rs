//! The score: the share of people like this one that a broker would shortlist.
//!
//! It comes of ten features with a reason in words each. Their values lie in `[0, 1]`. The score is the logistic function of
//! [`BIAS`] and the sum of value × weight, in the order of the table. Each feature can only add: a value that is unknown is 0, as of
//! the worst, and is said to be unknown. So what is unknown never counts for more than what is known, and no score depends on who
//! else is ranked, but for how rare words are.
//!
//! Values and scores are rounded to six decimals, so that a stored match gives the same score again, wherever it was computed.

use inventure_core::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    document::{Document, Facts, Kind},
    feature::{Value, values},
    index::Index,
    search::{self, Filters, Hit},
};

/// The version of [`WEIGHTS`] and [`BIAS`].
pub const WEIGHTS_VERSION: &str = "fitted-1";

/// The score below which a match is no good match: fewer than one in twenty would be shortlisted.
pub const GOOD_MATCH: f64 = 0.05;

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
    /// The likeness of a title that was held to one that the work goes by.
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

/// The logarithm of the odds of somebody for whom nothing speaks.
pub const BIAS: f64 = -6.14;

/// The weights of the features, in logarithms of the odds.
///
/// Those of meaning, words and title are fitted to what two judges would shortlist (`measure_ranking`), with [`BIAS`]. Those judges
/// saw no skills, ranks, places and pay asked for: the other weights are set by hand until brokers' feedback is there to fit them.
/// For a job that asks for such things the score is an order more than a share.
pub const WEIGHTS: [(FeatureName, f64); 10] = [
    (FeatureName::Meaning, 4.69),
    (FeatureName::Words, 4.55),
    (FeatureName::RequiredSkills, 1.2),
    (FeatureName::NiceSkills, 0.2),
    (FeatureName::Title, 2.19),
    (FeatureName::Seniority, 0.2),
    (FeatureName::Experience, 0.2),
    (FeatureName::Location, 0.3),
    (FeatureName::Pay, 0.1),
    (FeatureName::Recency, 0.1),
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
    /// The part of the score that it brings. All of them, and the score of somebody for whom nothing speaks (0.002), add up to the
    /// score.
    pub contribution: f64,
    /// Whether the documents say enough to tell; otherwise the value is 0.
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
    /// The score, from 0 to 1: the share of people like this one that a broker would shortlist.
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
    /// The candidate's title that is most like the job's, normalised; for [`crate::explain::explain`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
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
    Ok(rounded(share(evidence(features.iter().map(|feature| feature.value)))))
}

/// Returns the sum of value × weight.
fn evidence(values: impl Iterator<Item = f64>) -> f64 {
    // A plain loop: an iterator's sum may be reordered one day, a loop may not.
    let mut sum = 0.0;
    for (value, (_, weight)) in values.zip(WEIGHTS) {
        sum += value * weight;
    }
    sum
}

/// Returns the share of people that would be shortlisted with so much evidence for them.
fn share(evidence: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-(BIAS + evidence)))
}

/// Returns the part of the score that one unit of evidence brings. It is the mean slope from nothing to all of it.
fn slope(evidence: f64) -> f64 {
    if evidence > 0.0 {
        (share(evidence) - share(0.0)) / evidence
    } else {
        0.0
    }
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
                let score = rounded(share(evidence(values.iter().map(|value| value.worth))));
                Some((score, hit, other, values))
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
        let slope = slope(evidence(values.iter().map(|value| value.worth)));
        let alike = values.iter().find_map(|value| value.why.title());
        let title = alike.and_then(|alike| Some(sides?.1.titles.get(alike.place)?.normal.clone()));
        let wanted = alike.and_then(|alike| match query.facts.kind {
            Kind::Job => Some(query.titles.get(alike.wanted)?.normal.as_str()),
            Kind::Candidate => Some(segment.title_name(*segment.titles(hit.row).get(alike.wanted)?)),
        });
        let features = WEIGHTS.iter().zip(values).map(|((name, weight), value)| Feature {
            name: *name,
            value: value.worth,
            weight: *weight,
            contribution: rounded(value.worth * weight * slope),
            known: value.known,
            reason: sides.map_or_else(String::new, |(job, candidate)| {
                value.why.in_words(job, candidate, wanted.unwrap_or_default())
            }),
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
            title,
        }
    };
    scored.into_iter().map(matched).collect()
}
