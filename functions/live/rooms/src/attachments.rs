//! Files of a room: a form to upload one with, taking it once it is there, and a link to one that came with a message.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_rooms::Seat;
use inventure_core::{AttachmentId, MemberId};
use inventure_api::{
    Problem, clock,
    http::{Answer, Caller, Path, Write},
    problem::Kind,
    text,
};
use inventure_realtime::FILE_NAME_CHARS_MAX;
use inventure_table::{Change, DownloadLink, UploadForm, files::MEDIA_TYPES, records::Attachment, stale};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{App, routes::take};

/// What a sealed file is to the server.
const SEALED: &str = "application/octet-stream";

/// A file to upload.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAttachment {
    /// Its name, to show it by; none in an encrypted room.
    #[garde(inner(length(chars, min = 1, max = FILE_NAME_CHARS_MAX), custom(text::line)))]
    file_name: Option<String>,
    /// Its media type; the bucket takes no other with this form. In an encrypted room `application/octet-stream`.
    #[garde(length(max = 100))]
    media_type: String,
    /// Its size, to refuse early what is too large.
    #[garde(range(min = 1))]
    size_bytes: u64,
}

/// A signed form, and the attachment to take once the file is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentForm {
    /// The attachment.
    pub attachment_id: AttachmentId,
    /// Post the file with this.
    #[serde(flatten)]
    pub form: UploadForm,
}

/// A file that was posted.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Posted {
    /// The file's SHA-256, hexadecimal in lower case: what was posted must have it.
    #[garde(length(min = 64, max = 64))]
    sha256: String,
}

/// An attachment that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentView {
    /// Its id.
    pub id: AttachmentId,
    /// Whose it is.
    pub member_id: MemberId,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Its media type, as its sender named it.
    pub media_type: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// The offset of the message that it came with, once it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

/// An attachment, and where to fetch it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenAttachment {
    /// The attachment.
    #[serde(flatten)]
    pub attachment: AttachmentView,
    /// A link for the caller alone.
    pub link: DownloadLink,
}

impl AttachmentView {
    /// The attachment, if it was taken.
    fn of(record: Attachment) -> Option<Self> {
        let content = record.content?;
        Some(Self {
            id: record.attachment_id,
            member_id: record.member_id,
            file_name: record.file_name,
            media_type: record.media_type,
            bytes: content.bytes,
            sha256: content.sha256,
            offset: record.offset,
        })
    }
}

impl App {
    /// An attachment of the room that is not erased, if it is the caller's or came with a message.
    async fn attachment(&self, seat: &Seat, caller: &Caller, id: &str) -> Result<Attachment, Problem> {
        let id: AttachmentId = id.parse().map_err(|_| Problem::not_found())?;
        let record: Option<Attachment> = self.store.get(&Attachment::key_of(seat.room.room_id, id)).await?;
        let own = |record: &Attachment| record.member_id == caller.principal.member_id;
        record
            .filter(|record| record.erased_at.is_none() && (own(record) || record.offset.is_some()))
            .ok_or_else(Problem::not_found)
    }
}

/// Signs a form for one file. Once it is posted, `POST /rooms/{id}/attachments/{attachment_id}` takes it, and a message brings it to the
/// room. One that no message brings within a day is erased.
#[utoipa::path(
    post, path = "/rooms/{id}/attachments", tag = "rooms", params(("id" = String, Path)), request_body = NewAttachment,
    responses(
        (status = 201, body = AttachmentForm), (status = 422, description = "Too large, or not a media type that rooms take")
    )
)]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<NewAttachment>,
) -> Result<Answer, Problem> {
    let seat = take(&app.store, &caller, &id).await?;
    let (me, key) = (caller.principal.member_id.to_string(), write.idempotency.as_ref());
    if let Some(answer) = app.store.remembered(&me, key).await? {
        return Ok(answer);
    }
    let (body, now) = (write.body, clock::now());
    if body.file_name.is_some() == seat.room.encrypted {
        let detail = "every file has one, but for those of an encrypted room";
        return Err(Problem::field("file_name", detail));
    }
    let known: &[&str] = if seat.room.encrypted { &[SEALED] } else { &MEDIA_TYPES };
    let record = Attachment {
        room_id: seat.room.room_id,
        attachment_id: AttachmentId::new(),
        member_id: caller.principal.member_id,
        file_name: body.file_name,
        media_type: body.media_type,
        content: None,
        offset: None,
        at: now,
        erased_at: None,
        version: 1,
    };
    let media_type = (record.media_type.as_str(), known);
    let form = app
        .files
        .form(&record.posted(), body.size_bytes, media_type, now)
        .await?;
    let answer = Answer::created(&AttachmentForm {
        attachment_id: record.attachment_id,
        form,
    })?;
    app.store
        .finish(Change::new().insert(&record), &me, key, answer, stale())
        .await
}

/// Takes a file that was posted, to be sent with a message.
#[utoipa::path(
    post, path = "/rooms/{id}/attachments/{attachment_id}", tag = "rooms",
    params(("id" = String, Path), ("attachment_id" = String, Path)), request_body = Posted,
    responses((status = 201, body = AttachmentView), (status = 422, description = "Not posted yet, or another file"))
)]
pub async fn posted(
    State(app): State<App>,
    caller: Caller,
    Path((id, attachment_id)): Path<(String, String)>,
    write: Write<Posted>,
) -> Result<Answer, Problem> {
    let seat = take(&app.store, &caller, &id).await?;
    let (me, key) = (caller.principal.member_id.to_string(), write.idempotency.as_ref());
    if let Some(answer) = app.store.remembered(&me, key).await? {
        return Ok(answer);
    }
    let mut record = app.attachment(&seat, &caller, &attachment_id).await?;
    if record.member_id != caller.principal.member_id {
        return Err(Problem::new(Kind::Forbidden, "Whoever has the form takes its file."));
    }
    let sha256 = write.body.sha256;
    match &record.content {
        Some(content) if content.sha256 == sha256 => {}
        Some(_) => {
            return Err(Problem::new(
                Kind::AlreadyExists,
                "Another file was taken; ask for another form.",
            ));
        }
        None if clock::now() > record.at.saturating_add(Attachment::TAKEN).unwrap_or(record.at) => {
            return Err(Problem::not_found());
        }
        None => {
            let (from, to) = (record.posted(), record.object());
            record.content = Some(app.files.take(&from, &to, &sha256, "attachment_id").await?);
            let read_at = record.version;
            record.version += 1;
            match app.store.commit(Change::new().update(&record, read_at)).await? {
                inventure_table::Commit::Done => {}
                _ => return Err(stale()),
            }
        }
    }
    let answer = Answer::created(&AttachmentView::of(record).ok_or_else(Problem::not_found)?)?;
    app.store.keep(&me, key, &answer).await?;
    Ok(answer)
}

/// A file that came with a message, and a link to fetch it by, good for five minutes.
#[utoipa::path(
    get, path = "/rooms/{id}/attachments/{attachment_id}", tag = "rooms",
    params(("id" = String, Path), ("attachment_id" = String, Path)),
    responses(
        (status = 200, body = OpenAttachment),
        (status = 404, description = "Not there, not sent yet, or erased with its message")
    )
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path((id, attachment_id)): Path<(String, String)>,
) -> Result<Json<OpenAttachment>, Problem> {
    let seat = take(&app.store, &caller, &id).await?;
    let record = app.attachment(&seat, &caller, &attachment_id).await?;
    let (object, media_type) = (record.object(), record.media_type.clone());
    let attachment = AttachmentView::of(record).ok_or_else(Problem::not_found)?;
    let sealed = attachment.id.to_string();
    let name = attachment.file_name.as_deref().unwrap_or(&sealed);
    let link = app.files.links.sign(&object, name, &media_type, clock::now()).await?;
    Ok(Json(OpenAttachment { attachment, link }))
}
