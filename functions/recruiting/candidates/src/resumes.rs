//! The structured résumé, in this API's own form and as JSON Resume.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Path, Query},
    problem::Kind,
};
use inventure_core::UploadId;
use inventure_people::{Caller, access::Access};
use inventure_recruiting::records::{Candidate, ConsentScope, ReadResume, ResumeCorrections};
use inventure_resume::{
    Resume,
    boxes::{self, WordBox},
    correct::{ResumePart, StatedPart},
    json_resume,
};
use inventure_table::Store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::routes::find;

/// A structured résumé, and the text its spans point into.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResumeView {
    /// The file from which the résumé was read.
    pub upload_id: UploadId,
    /// The time at which the file was read.
    #[schema(value_type = String, format = DateTime)]
    pub read_at: Timestamp,
    /// The structured résumé, each field with the span it came from, and with what was corrected.
    pub resume: Resume,
    /// The parts that a broker corrected.
    pub corrected: Vec<ResumePart>,
    /// The file's text. Spans count its characters.
    pub text: String,
    /// The places of the text's words on their pages, where they were asked for. Empty for formats without pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boxes: Option<Vec<WordBox>>,
}

/// The parts of a résumé to return.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// Whether the places of the words come along. By them a page can light up what a field was read from. `false` where left out.
    #[garde(skip)]
    boxes: Option<bool>,
}

/// Returns the reading of a candidate's file, and what was corrected in it.
async fn find_resume(store: &Store, caller: &Caller, id: &str) -> Result<(ReadResume, ResumeCorrections), Problem> {
    let (candidate, access) = find(store, caller, id).await?;
    corrected_resume(store, &candidate, access).await
}

pub(crate) async fn corrected_resume(
    store: &Store,
    candidate: &Candidate,
    access: Access,
) -> Result<(ReadResume, ResumeCorrections), Problem> {
    let id = candidate.candidate_id;
    let needed = match access {
        Access::Own => ConsentScope::StoreResume,
        Access::Granted => ConsentScope::ShareWithNetwork,
    };
    if !candidate.consents(needed, clock::today()) {
        return Err(Problem::new(
            Kind::ConsentMissing,
            "The candidate's consent does not cover this, or has ended.",
        ));
    }
    let read: Option<ReadResume> = store.get(&ReadResume::key_of(id)).await?;
    let none = || Problem::new(Kind::WrongState, "No résumé of the candidate has been read.");
    let mut read = read.ok_or_else(none)?;
    let corrections: Option<ResumeCorrections> = store.get(&ResumeCorrections::key_of(id)).await?;
    let corrections = corrections.unwrap_or_else(|| ResumeCorrections::none(id, candidate.tenant_id));
    read.resume = corrections.over(read.resume, clock::now());
    Ok((read, corrections))
}

/// The structured résumé of a candidate.
#[utoipa::path(
    get, path = "/candidates/{id}/resume", tag = "candidates", params(("id" = String, Path), Parts),
    responses((status = 200, body = ResumeView), (status = 409, description = "No file of theirs has been read"))
)]
pub async fn read(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    Query(parts): Query<Parts>,
) -> Result<Json<ResumeView>, Problem> {
    let (read, corrections) = find_resume(&store, &caller, &id).await?;
    Ok(Json(ResumeView {
        corrected: corrections.in_force().into_iter().map(StatedPart::part).collect(),
        upload_id: read.upload_id,
        read_at: read.read_at,
        resume: read.resume,
        text: read.text,
        boxes: parts.boxes.unwrap_or(false).then(|| boxes::unpack(&read.boxes)),
    }))
}

/// The structured résumé of a candidate as JSON Resume (jsonresume.org), to take elsewhere.
#[utoipa::path(
    get, path = "/candidates/{id}/resume/json-resume", tag = "candidates", params(("id" = String, Path)),
    responses((status = 200, description = "The résumé in the form that the standard has", body = std::collections::BTreeMap<String, serde_json::Value>))
)]
pub async fn json_resume(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<serde_json::Value>, Problem> {
    let (read, _) = find_resume(&store, &caller, &id).await?;
    Ok(Json(json_resume::export(&read.resume)))
}
