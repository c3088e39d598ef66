//! What the routes answer with.

use inventure_core::{CandidateId, JobId};
use inventure_ranking::{Evidence, Feature, Match};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Why a match is where it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explained {
    /// 0 to 1: the sum of the features' contributions.
    pub score: f64,
    /// Every feature, with its weight and what it contributes.
    pub features: Vec<Feature>,
    /// What in the résumé speaks for it; spans point into the text of `GET /candidates/{id}/resume`.
    pub evidence: Vec<Evidence>,
    /// The version of the record that was scored.
    pub indexed_version: u64,
    /// The weights behind the score.
    pub weights_version: String,
    /// The model behind the vectors.
    pub model_version: String,
    /// The corpus statistics behind the rarity of words and skills.
    pub stats_version: String,
}

impl From<Match> for Explained {
    fn from(found: Match) -> Self {
        Self {
            score: found.score,
            features: found.features,
            evidence: found.evidence,
            indexed_version: found.version,
            weights_version: found.weights_version,
            model_version: found.model_version,
            stats_version: found.stats_version,
        }
    }
}

/// A candidate for a job.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateMatch {
    /// The candidate.
    pub candidate_id: CandidateId,
    /// Their name. It is shown to people and never reaches the ranking.
    pub name: String,
    /// Why.
    #[serde(flatten)]
    pub explained: Explained,
}

/// Candidates for a job, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateMatches {
    /// The job.
    pub job_id: JobId,
    /// The version of the job that was scored; smaller than the job's own for the seconds that an edit takes to be indexed.
    pub job_indexed_version: u64,
    /// When the index was last asked for what is new: seconds ago, or up to a minute while the store does not answer.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Best first.
    pub items: Vec<CandidateMatch>,
}

/// A job for a candidate.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobMatch {
    /// The job.
    pub job_id: JobId,
    /// Its title.
    pub title: String,
    /// Why.
    #[serde(flatten)]
    pub explained: Explained,
}

/// Jobs for a candidate, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobMatches {
    /// The candidate.
    pub candidate_id: CandidateId,
    /// The version of the candidate that was scored.
    pub candidate_indexed_version: u64,
    /// When the index was last asked for what is new: seconds ago, or up to a minute while the store does not answer.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Best first.
    pub items: Vec<JobMatch>,
}
