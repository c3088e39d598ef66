//! The feedback of people on matches: the material that a learned ranking will be made from.

use axum::extract::State;
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Write},
    once::{Once, Reply},
};
use inventure_core::{CandidateId, JobId, MemberId, Role};
use inventure_events::{Envelope, MatchRated, Rating};
use inventure_people::{Access, Caller, access};
use inventure_recruiting::records::{Candidate, ConsentScope, Feedback, Job};
use inventure_table::{Change, Condition, Store};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A judgement of a candidate for a job.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFeedback {
    /// The candidate who is judged for the job.
    #[garde(skip)]
    candidate_id: CandidateId,
    /// The rating that the caller gives the candidate for the job.
    #[garde(skip)]
    rating: Rating,
}

/// A judgement as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackView {
    /// The job of the match.
    job_id: JobId,
    /// The candidate of the match.
    candidate_id: CandidateId,
    /// The member who gave the judgement.
    member_id: MemberId,
    /// The rating that the member gave.
    rating: Rating,
    /// The time of the judgement.
    #[schema(value_type = String, format = DateTime)]
    rated_at: Timestamp,
}

/// Records the caller's judgement of a candidate for a job. It replaces an earlier one by the same person.
#[utoipa::path(
    post, path = "/jobs/{id}/feedback", tag = "matching", params(("id" = String, Path)), request_body = NewFeedback,
    responses((status = 201, body = FeedbackView))
)]
pub async fn create(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<NewFeedback>,
) -> Result<Answer, Problem> {
    caller.allow(&[Role::AgencyOwner, Role::Broker, Role::Employer])?;
    let job_id: JobId = id.parse().map_err(|_| Problem::not_found())?;
    let job: Option<Job> = store.get(&Job::key_of(job_id)).await?;
    access(&store, &caller.principal, job.map(|job| job.tenant_id), &id).await?;
    let candidate_id = write.body.candidate_id;
    let unknown = || {
        Problem::field(
            "candidate_id",
            "there is no such candidate, or you may not know of them",
        )
    };
    let candidate: Option<Candidate> = store.get(&Candidate::key_of(candidate_id)).await?;
    let broker = candidate.as_ref().map(|candidate| candidate.tenant_id);
    let access = access(&store, &caller.principal, broker, &candidate_id.to_string()).await;
    let (access, candidate) = (access.map_err(|_| unknown())?, candidate.ok_or_else(unknown)?);
    if access == Access::Granted && !candidate.consents(ConsentScope::ShareWithNetwork, clock::today()) {
        return Err(unknown());
    }
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let now = clock::now();
            let feedback = Feedback {
                job_id,
                candidate_id,
                member_id: caller.principal.member_id,
                tenant_id: caller.principal.tenant_id,
                rating: write.body.rating,
                rated_at: now,
            };
            let event = MatchRated {
                job_id,
                candidate_id,
                tenant_id: feedback.tenant_id,
                member_id: feedback.member_id,
                rating: feedback.rating,
            };
            let envelope = Envelope::new(event.into(), now, &caller.ids.correlation_id);
            let change = Change::new().put(&feedback, Condition::None).emit(job_id, &envelope);
            let answer = Answer::created(&FeedbackView {
                job_id,
                candidate_id,
                member_id: feedback.member_id,
                rating: feedback.rating,
                rated_at: now,
            })?;
            Ok(Reply::new(change, answer))
        })
        .await
}
