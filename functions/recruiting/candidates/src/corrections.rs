//! Corrections of a résumé by the broker who speaks for the candidate.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Write},
    once::{Once, Reply},
    problem::{Kind, stale},
    text,
};
use inventure_core::UploadId;
use inventure_events::{CandidateUpdated, Envelope};
use inventure_people::{Caller, access::Access};
use inventure_recruiting::records::{ResumeCorrection, ResumeCorrections};
use inventure_resume::correct::{ResumePart, StatedPart};
use inventure_table::{Change, Condition, Store, pages::size};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    resumes::corrected_resume,
    routes::{WRITERS, find_own},
    views::CandidateView,
};

/// The most characters of one text of a correction.
const TEXT_MAX: usize = 5_000;

/// The most entries of one list of a correction.
const LIST_MAX: usize = 200;

/// A correction of a résumé. Each part that is named is replaced as a whole, and stays so when another file is read.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The version of the candidate that the correction is based on.
    #[garde(skip)]
    version: u64,
    /// The file whose reading is corrected: `upload_id` of the résumé.
    #[garde(skip)]
    upload_id: UploadId,
    /// The parts as they should be, each once.
    #[serde(default)]
    #[garde(length(max = 12), inner(custom(sound)))]
    parts: Vec<StatedPart>,
    /// The parts whose correction is taken back, so that the reading counts again.
    #[serde(default)]
    #[garde(length(max = 12))]
    take_back: Vec<ResumePart>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that garde calls")]
fn sound(part: &StatedPart, (): &()) -> garde::Result {
    sound_value(&json!(part))
}

/// Checks each text and each list in a part.
fn sound_value(value: &Value) -> garde::Result {
    match value {
        Value::String(said) if said.chars().count() > TEXT_MAX => {
            Err(garde::Error::new(format!("a text has more than {TEXT_MAX} characters")))
        }
        Value::String(said) => text::prose(said, &()),
        Value::Array(items) if items.len() > LIST_MAX => {
            Err(garde::Error::new(format!("a list has more than {LIST_MAX} entries")))
        }
        Value::Array(items) => items.iter().try_for_each(sound_value),
        Value::Object(members) => members.values().try_for_each(sound_value),
        _ => Ok(()),
    }
}

/// The corrections of a résumé, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectionHistory {
    /// Every correction, with what was shown before.
    pub items: Vec<ResumeCorrection>,
}

/// Corrects a candidate's résumé. The correction stands over the reading in what is shown and in rankings. Claims, mail to the candidate
/// and what an employer is shown go by the file alone: there a broker's word about an address would prove nothing.
#[utoipa::path(
    patch, path = "/candidates/{id}/resume", tag = "candidates", params(("id" = String, Path)), request_body = Correction,
    responses((status = 200, body = CandidateView), (status = 409, description = "Stale version, or another file was read since"))
)]
pub async fn correct(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<Correction>,
) -> Result<Answer, Problem> {
    caller.allow(WRITERS)?;
    let mut candidate = find_own(&store, &caller, &id).await?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let Correction {
                version,
                upload_id,
                parts,
                take_back,
            } = write.body;
            let (read, mut corrections) = corrected_resume(&store, &candidate, Access::Own).await?;
            if version != candidate.version || upload_id != read.upload_id {
                return Err(stale());
            }
            let now = clock::now();
            let taken_back = take_back.into_iter().map(|part| (part, None));
            let stated = parts.into_iter().map(|stated| (stated.part(), Some(stated)));
            let mut named = Vec::new();
            for (part, after) in taken_back.chain(stated) {
                if named.contains(&part) {
                    return Err(Problem::field("parts", "names a part twice"));
                }
                named.push(part);
                corrections.history.push(ResumeCorrection {
                    part,
                    before: StatedPart::of(&read.resume, part),
                    after,
                    upload_id,
                    by: caller.principal.member_id,
                    at: now,
                });
            }
            if named.is_empty() {
                return Err(Problem::field("parts", "names nothing to correct"));
            }
            let too_many = corrections.history.len() > ResumeCorrections::MAX;
            if too_many || size(&corrections.history).map_err(Problem::internal)? > ResumeCorrections::MAX_BYTES {
                let detail = "The résumé was corrected too often to keep one more; upload a corrected file.";
                return Err(Problem::new(Kind::WrongState, detail));
            }
            candidate.version += 1;
            candidate.updated_at = now;
            let event = CandidateUpdated {
                candidate_id: candidate.candidate_id,
                tenant_id: candidate.tenant_id,
                candidate_version: candidate.version,
            };
            let envelope = Envelope::new(event.into(), now, &caller.ids.correlation_id);
            let change = Change::new()
                .update(&candidate, version)
                .put(&corrections, Condition::None)
                .emit(candidate.candidate_id, &envelope);
            let answer = Answer::ok(&CandidateView::from(candidate))?;
            Ok(Reply::new(change, answer))
        })
        .await
}

/// The corrections of a candidate's résumé, with what was shown before each.
#[utoipa::path(
    get, path = "/candidates/{id}/resume/corrections", tag = "candidates", params(("id" = String, Path)),
    responses((status = 200, body = CorrectionHistory))
)]
pub async fn history(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<CorrectionHistory>, Problem> {
    // To the own agency alone: to others it would show what was wrong, and who put it right.
    let candidate = find_own(&store, &caller, &id).await?;
    let (_, corrections) = corrected_resume(&store, &candidate, Access::Own).await?;
    Ok(Json(CorrectionHistory {
        items: corrections.history,
    }))
}
