//! The bodies of the routes' answers.

use inventure_core::{CandidateId, JobId};
use inventure_ranking::{Evidence, Feature, Match};
use inventure_resume::correct::ResumePart;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// The explanation of a match's score.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explained {
    /// The score, from 0 to 1: the share of people like this one that a broker would shortlist. The features' contributions and the
    /// 0.002 of somebody for whom nothing speaks add up to it.
    pub score: f64,
    /// The features of the match, each with its weight and what it contributes.
    pub features: Vec<Feature>,
    /// The passages of the résumé that speak for the match. Spans point into the text of `GET /candidates/{id}/resume`.
    pub evidence: Vec<Evidence>,
    /// The version of the record that was scored.
    pub indexed_version: u64,
    /// The version of the weights behind the score.
    pub weights_version: String,
    /// The version of the model behind the vectors.
    pub model_version: String,
    /// The version of the corpus statistics behind the rarity of words and skills.
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

/// A candidate who matches a job.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateMatch {
    /// The id of the candidate.
    pub candidate_id: CandidateId,
    /// The candidate's name. It is shown to people and never reaches the ranking.
    pub name: String,
    /// The parts of the résumé that the candidate's broker corrected. The score goes by what they said, and an employer is shown what
    /// the file says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrected: Vec<ResumePart>,
    /// The explanation of the score.
    #[serde(flatten)]
    pub explained: Explained,
}

/// Candidates for a job, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateMatches {
    /// The job that the candidates match.
    pub job_id: JobId,
    /// The version of the job that was scored. It is smaller than the job's own for the seconds that an edit takes to be indexed.
    pub job_indexed_version: u64,
    /// The time at which the index was last asked for what is new. It is seconds ago, or up to a minute while the store does not
    /// answer.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Whether nobody is a good match, so that `items` is empty. Of people like the best, brokers would shortlist fewer than one in
    /// twenty.
    pub no_good_match: bool,
    /// The matches, best first. Only good ones are in it: those with a score of at least 0.05.
    pub items: Vec<CandidateMatch>,
}

/// A job that matches a candidate.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobMatch {
    /// The id of the job.
    pub job_id: JobId,
    /// The title of the job.
    pub title: String,
    /// The explanation of the score.
    #[serde(flatten)]
    pub explained: Explained,
}

/// Jobs for a candidate, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobMatches {
    /// The candidate whom the jobs match.
    pub candidate_id: CandidateId,
    /// The version of the candidate that was scored.
    pub candidate_indexed_version: u64,
    /// The time at which the index was last asked for what is new. It is seconds ago, or up to a minute while the store does not
    /// answer.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Whether no job is a good match, so that `items` is empty. For the best of them, brokers would shortlist fewer than one in
    /// twenty people like this one.
    pub no_good_match: bool,
    /// The matches, best first. Only good ones are in it: those with a score of at least 0.05.
    pub items: Vec<JobMatch>,
}
