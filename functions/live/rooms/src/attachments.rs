//! Files of a room. A form uploads one, a route takes it once it is there, and a link fetches one that came with a message.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Write},
    once::{Once, Reply},
    problem::{Kind, stale},
    text,
};
use inventure_core::{AttachmentId, MemberId};
use inventure_people::Caller;
use inventure_realtime::FILE_NAME_CHARS_MAX;
use inventure_rooms::{RoomAccess, records::Attachment};
use inventure_table::{Change, DownloadLink, UploadForm, files::MEDIA_TYPES};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{App, routes::take};

/// The media type of a sealed file, which is all that the server knows of it.
const SEALED: &str = "application/octet-stream";

/// A file to upload.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAttachment {
    /// The name of the file, to show it by; none in an encrypted room.
    #[garde(inner(length(chars, min = 1, max = FILE_NAME_CHARS_MAX), custom(text::line)))]
    file_name: Option<String>,
    /// The media type of the file; the bucket takes no other with this form. In an encrypted room it is
    /// `application/octet-stream`.
    #[garde(length(max = 100))]
    media_type: String,
    /// The size of the file in bytes, sealed where the room is encrypted. The bucket takes no larger one with this form.
    #[garde(range(min = 1))]
    size_bytes: u64,
}

/// A signed form, and the attachment to take once the file is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentForm {
    /// The id of the attachment.
    pub attachment_id: AttachmentId,
    /// The form to post the file with.
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
    /// The id of the attachment.
    pub id: AttachmentId,
    /// The member who uploaded it.
    pub member_id: MemberId,
    /// The name of the file; absent in an encrypted room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// The media type, as its sender named it.
    pub media_type: String,
    /// The size in bytes.
    pub bytes: u64,
    /// The SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// The offset of the message that it came with, once it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

/// An attachment, and where to fetch it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenAttachment {
    /// The attachment to fetch.
    #[serde(flatten)]
    pub attachment: AttachmentView,
    /// The link to fetch it by, for the caller alone.
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
    async fn attachment(&self, access: &RoomAccess, caller: &Caller, id: &str) -> Result<Attachment, Problem> {
        let id: AttachmentId = id.parse().map_err(|_| Problem::not_found())?;
        let record: Option<Attachment> = self.store.get(&Attachment::key_of(access.room.room_id, id)).await?;
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
    let access = take(&app.store, &caller, &id).await?;
    Once::new(&app.store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let (body, now) = (write.body, clock::now());
            if body.file_name.is_some() == access.room.encrypted {
                let detail = "every file has one, but for those of an encrypted room";
                return Err(Problem::field("file_name", detail));
            }
            let known: &[&str] = if access.room.encrypted { &[SEALED] } else { &MEDIA_TYPES };
            let record = Attachment {
                room_id: access.room.room_id,
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
            Ok(Reply::new(Change::new().insert(&record), answer))
        })
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
    let access = take(&app.store, &caller, &id).await?;
    Once::new(&app.store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let mut record = app.attachment(&access, &caller, &attachment_id).await?;
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
            Ok(Reply::kept(answer))
        })
        .await
}

/// Reads a file that came with a message, or one of the caller's own that was taken. The link to fetch it by is good for five
/// minutes.
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
    let access = take(&app.store, &caller, &id).await?;
    let record = app.attachment(&access, &caller, &attachment_id).await?;
    let (object, media_type) = (record.object(), record.media_type.clone());
    let attachment = AttachmentView::of(record).ok_or_else(Problem::not_found)?;
    let sealed = attachment.id.to_string();
    let name = attachment.file_name.as_deref().unwrap_or(&sealed);
    let link = app.files.links.sign(&object, name, &media_type, clock::now()).await?;
    Ok(Json(OpenAttachment { attachment, link }))
}
