//! Forms to upload a candidate's file with, straight to the bucket.

use axum::extract::State;
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Write},
    once::{Once, Written},
    problem::Kind,
    text,
};
use inventure_core::UploadId;
use inventure_people::Caller;
use inventure_recruiting::records::{AwaitedFile, Candidate, ConsentScope};
use inventure_table::{Change, UploadForm, retry::Attempts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{App, routes::find_own};

/// The media types a résumé may come in. Pictures are read where the platform recognises text.
const MEDIA_TYPES: [&str; 10] = [
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.oasis.opendocument.text",
    "application/rtf",
    "text/rtf",
    "text/plain",
    "text/html",
    "application/json",
    "image/png",
    "image/jpeg",
];

/// The number of times that a form is tried while others write the candidate's record.
const ATTEMPTS: u32 = 8;

/// A file to upload.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// The file's name, to show it by. Its ending is not believed.
    #[garde(length(chars, min = 1, max = 200), custom(text::line))]
    file_name: String,
    /// The file's media type. The bucket takes no other with this form.
    #[garde(length(max = 100))]
    media_type: String,
    /// The file's size in bytes. The bucket takes no larger file with this form.
    #[garde(range(min = 1))]
    size_bytes: u64,
}

/// A signed upload form.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadView {
    /// The id of the upload. It is the candidate's `awaited.upload_id`, and `reading.upload_id` once the file was read.
    pub upload_id: UploadId,
    /// The form to post the file with.
    #[serde(flatten)]
    pub form: UploadForm,
}

/// Signs a form that is good for one file. The file is read once it is there; `GET /candidates/{id}` shows how it went.
#[utoipa::path(
    post, path = "/candidates/{id}/uploads", tag = "candidates", params(("id" = String, Path)), request_body = NewUpload,
    responses(
        (status = 201, body = UploadView),
        (status = 403, description = "The candidate has not consented"),
        (status = 422, description = "Too large, or not a media type of a résumé")
    )
)]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<NewUpload>,
) -> Result<Answer, Problem> {
    let mut candidate = find_own(&app.store, &caller, &id).await?;
    // Asked before an answer is repeated: a form that was signed under a consent is not handed out again without it.
    check_consent(&candidate)?;
    let once = Once::new(&app.store, caller.principal.member_id, write.idempotency.as_ref());
    if let Some(first) = once.first().await? {
        return Ok(first);
    }
    let body = write.body;
    if body.size_bytes > app.max_upload_bytes {
        let most = format!("at most {} bytes", app.max_upload_bytes);
        return Err(Problem::field("size_bytes", most));
    }
    if !MEDIA_TYPES.contains(&body.media_type.as_str()) {
        let some = format!("one of {}", MEDIA_TYPES.join(", "));
        return Err(Problem::field("media_type", some));
    }
    let mut attempts = Attempts::new(ATTEMPTS);
    while attempts.begin().await {
        if !attempts.is_first() {
            candidate = find_own(&app.store, &caller, &id).await?;
            check_consent(&candidate)?;
        }
        let now = clock::now();
        let upload_id = candidate.next_upload();
        let object = format!("resumes/{}/{}/{upload_id}", candidate.tenant_id, candidate.candidate_id);
        let form = app.forms.sign(&object, &body.media_type, body.size_bytes, now).await?;
        let read_at = candidate.version;
        candidate.awaited = Some(AwaitedFile {
            upload_id,
            file_name: body.file_name.clone(),
            at: now,
        });
        candidate.version += 1;
        candidate.updated_at = now;
        let answer = Answer::created(&UploadView { upload_id, form })?;
        match once.commit(Change::new().update(&candidate, read_at), &answer).await? {
            Written::Now => return Ok(answer),
            Written::Before(first) => return Ok(first),
            // The caller named no version: that a reading came in between is nothing to bother them with.
            Written::Conflict => {}
        }
    }
    let detail = "Many others write to this candidate at the same moment; try again.";
    Err(Problem::new(Kind::TooManyRequests, detail))
}

fn check_consent(candidate: &Candidate) -> Result<(), Problem> {
    if candidate.consents(ConsentScope::StoreResume, clock::today()) {
        return Ok(());
    }
    let detail = "Record the candidate's consent to `store_resume` first: `PUT /candidates/{id}/consent`.";
    Err(Problem::new(Kind::ConsentMissing, detail))
}
