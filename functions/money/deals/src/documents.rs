//! Documents of a deal: the upload form, the list, a download link, and the erasure. A document is added by a move.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Query, Write},
    once::{Once, Reply},
    problem::Kind,
    text,
};
use inventure_core::{CandidateId, DocumentId, Page, TenantId};
use inventure_deal_store::{
    LoadedDeal, erase_document,
    records::{DealDocument, DealHead},
};
use inventure_deals::{What, fact::Move};
use inventure_ledger::Hash;
use inventure_people::Caller;
use inventure_recruiting::records::{Candidate, ConsentScope};
use inventure_table::{Change, DownloadLink, UploadForm, files::MEDIA_TYPES, retry::Attempts, table};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    App,
    limits::FORMS,
    routes::{DealListing, WRITERS, find, find_seen},
};

/// The number of times that an erasure is tried while others move the deal.
const ATTEMPTS: u32 = 8;

/// The time for which an unused upload form is remembered.
const FORM_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A file to upload as a document of a deal.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    /// The file's name, to show it by.
    #[garde(length(chars, min = 1, max = 200), custom(text::line))]
    file_name: String,
    /// The file's media type; the bucket takes no other with this form.
    #[garde(length(max = 100))]
    media_type: String,
    /// The file's size in bytes. The bucket takes no larger file with this form.
    #[garde(range(min = 1))]
    size_bytes: u64,
    /// The deal's candidate whom the document is about. Such a document is shown only to tenants to whom the terms show this candidate's
    /// résumé by now, and only while the candidate consents.
    #[garde(skip)]
    candidate: Option<CandidateId>,
    /// Whether the client sees the document as well.
    #[garde(skip)]
    #[serde(default)]
    for_client: bool,
}

/// A signed upload form, and the document to add once the file is uploaded.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentForm {
    /// The document's id, as the move `document_added` names it.
    pub document_id: DocumentId,
    /// The form with which the file is posted.
    #[serde(flatten)]
    pub form: UploadForm,
}

/// A document of a deal.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentView {
    /// The document's id.
    pub id: DocumentId,
    /// The tenant that added the document.
    pub tenant_id: TenantId,
    /// The name of the file; absent once it is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// The file's media type, as its sender named it.
    pub media_type: String,
    /// The file's size in bytes.
    pub size_bytes: u64,
    /// The file's SHA-256, hexadecimal; the deal's fact says the same.
    pub sha256: String,
    /// The candidate whom the document is about, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate_id: Option<CandidateId>,
    /// Whether the client sees the document.
    pub for_client: bool,
    /// The time at which the document was added.
    #[schema(value_type = String, format = DateTime)]
    pub added_at: Timestamp,
    /// The time at which the document was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub erased_at: Option<Timestamp>,
}

/// A document with a link to download it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenDocument {
    /// The document itself.
    #[serde(flatten)]
    pub document: DocumentView,
    /// A download link for the caller alone.
    pub link: DownloadLink,
}

impl DocumentView {
    /// Returns the view of a document, if it was added to the deal.
    fn of(record: DealDocument) -> Option<Self> {
        let content = record.content?;
        Some(Self {
            id: record.document_id,
            tenant_id: record.tenant_id,
            file_name: record.file_name,
            media_type: record.media_type,
            size_bytes: content.bytes,
            sha256: content.sha256,
            candidate_id: record.candidate_id,
            for_client: record.for_client,
            added_at: record.at,
            erased_at: record.erased_at,
        })
    }
}

/// A document that was uploaded, to add to the deal.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddDocument {
    /// The kind of the move: `document_added`.
    #[expect(dead_code, reason = "read before, to tell what this is")]
    kind: String,
    /// The document's id, as its upload form named it.
    document: DocumentId,
    /// The file's SHA-256, as its sender computed it. The uploaded file must have the same.
    #[schema(value_type = String)]
    sha256: Hash,
}

/// Signs an upload form for one file. Once the file is posted, the move `document_added` adds it to the deal.
#[utoipa::path(
    post, path = "/deals/{id}/documents", tag = "deals", params(("id" = String, Path)), request_body = NewDocument,
    responses(
        (status = 201, body = DocumentForm),
        (status = 403, description = "The candidate it is about does not consent"),
        (status = 422, description = "Too large, not a media type of a document, or not a candidate of the deal"),
        (status = 429, description = "The tenant has asked for too many forms today")
    )
)]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<NewDocument>,
) -> Result<Answer, Problem> {
    let held = find(&app.store, &caller, &id).await?;
    caller.allow(WRITERS)?;
    let body = write.body;
    let consented = app.consented(&held, body.candidate).await?;
    Once::new(&app.store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            if !held.deal.legal().contains(&Move::DocumentAdded) {
                return Err(Problem::new(Kind::WrongState, "The deal takes no documents any more."));
            }
            app.count(caller.principal.tenant_id, &FORMS).await?;
            let now = clock::now();
            let record = DealDocument {
                deal_id: held.deal.id(),
                document_id: DocumentId::new(),
                tenant_id: caller.principal.tenant_id,
                member_id: caller.principal.member_id,
                file_name: Some(body.file_name),
                media_type: body.media_type,
                candidate_id: body.candidate,
                for_client: body.for_client,
                content: None,
                at: now,
                erased_at: None,
                is_gone: false,
                version: 1,
                expires_at: Some((now + FORM_KEPT).as_second()),
            };
            let media_type = (record.media_type.as_str(), MEDIA_TYPES.as_slice());
            let form = app
                .files
                .form(&record.incoming(), body.size_bytes, media_type, now)
                .await?;
            let answer = Answer::created(&DocumentForm {
                document_id: record.document_id,
                form,
            })?;
            let change = consented.insert(&record);
            Ok(Reply::new(change, answer))
        })
        .await
}

/// Lists the documents that the caller's tenant sees, oldest first.
#[utoipa::path(
    get, path = "/deals/{id}/documents", tag = "deals", params(("id" = String, Path), DealListing),
    responses((status = 200, body = Page<DocumentView>))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(listing): Query<DealListing>,
) -> Result<Json<Page<DocumentView>>, Problem> {
    let (held, seen) = find_seen(&app.store, &caller, &id).await?;
    let tenant = caller.principal.tenant_id;
    let people = held.includes(tenant);
    let shown = |record: &DealDocument| {
        let about_nobody = record.candidate_id.is_none();
        record.content.is_some() && seen.deal.shows_document(record.document_id, tenant) && (people || about_nobody)
    };
    let query = table::Query::table(DealHead::key_of(held.deal.id()).pk, DealDocument::PREFIX);
    let limit = listing.limit.unwrap_or(50);
    let page = app.store.page(query, listing.cursor.as_deref(), limit, shown).await?;
    Ok(Json(Page {
        items: page.items.into_iter().filter_map(DocumentView::of).collect(),
        next_cursor: page.next_cursor,
    }))
}

/// Returns a document and a link to download it, good for five minutes.
#[utoipa::path(
    get, path = "/deals/{id}/documents/{document_id}", tag = "deals",
    params(("id" = String, Path), ("document_id" = String, Path)),
    responses(
        (status = 200, body = OpenDocument),
        (status = 403, description = "The candidate it is about does not consent any more"),
        (status = 404, description = "Not there, not shown to the caller, or erased")
    )
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path((id, document_id)): Path<(String, String)>,
) -> Result<Json<OpenDocument>, Problem> {
    let (held, seen) = find_seen(&app.store, &caller, &id).await?;
    let record = app.shown(&seen, &caller, &document_id).await?;
    // Who is not in the deal any more is shown nothing of its people.
    if record.candidate_id.is_some() && !held.includes(caller.principal.tenant_id) {
        return Err(Problem::not_found());
    }
    let _ = app.consented(&held, record.candidate_id).await?;
    let name = record.file_name.as_deref().ok_or_else(Problem::not_found)?;
    let links = &app.files.links;
    let link = links
        .sign(&record.object(), name, &record.media_type, clock::now())
        .await?;
    let document = DocumentView::of(record).ok_or_else(Problem::not_found)?;
    Ok(Json(OpenDocument { document, link }))
}

/// Erases a document of the caller's tenant: the file and its name. The fact that there was a document, and its hash, stay in the deal.
/// Evidence is not erased. The file goes with all its versions; where it could not be deleted, the same call, made again, deletes it.
#[utoipa::path(
    delete, path = "/deals/{id}/documents/{document_id}", tag = "deals",
    params(("id" = String, Path), ("document_id" = String, Path)),
    responses(
        (status = 200, body = DocumentView),
        (status = 403, description = "Another tenant's document"),
        (status = 409, description = "It is evidence")
    )
)]
pub async fn erase(
    State(app): State<App>,
    caller: Caller,
    Path((id, document_id)): Path<(String, String)>,
) -> Result<Json<DocumentView>, Problem> {
    let mut attempts = Attempts::new(ATTEMPTS);
    while attempts.begin().await {
        let held = find(&app.store, &caller, &id).await?;
        caller.allow(WRITERS)?;
        let mut record = app.shown(&held, &caller, &document_id).await?;
        if record.tenant_id != caller.principal.tenant_id {
            return Err(Problem::new(Kind::Forbidden, "Whoever added a document erases it."));
        }
        if record.erased_at.is_none() && held.deal.is_evidence(record.document_id) {
            let detail = "The document is evidence in this deal, so that the others can look at it.";
            return Err(Problem::new(Kind::WrongState, detail));
        }
        if !erase_document(&app.store, &*app.files.objects, &held, &mut record, clock::now()).await? {
            continue;
        }
        return DocumentView::of(record).map(Json).ok_or_else(Problem::not_found);
    }
    Err(Problem::new(
        Kind::TooManyRequests,
        "Many others write to this deal at the same moment; try again.",
    ))
}

impl App {
    /// Refuses a document about a candidate who is not in the deal or does not consent to be shown. The returned change holds only while
    /// the candidate's record stays as it is.
    async fn consented(&self, held: &LoadedDeal, candidate: Option<CandidateId>) -> Result<Change, Problem> {
        let Some(id) = candidate else { return Ok(Change::new()) };
        let submittal = held.deal.candidates().get(&id);
        let submittal = submittal.ok_or_else(|| Problem::field("candidate", "is not submitted in this deal"))?;
        let candidate: Option<Candidate> = self.store.get(&Candidate::key_of(id)).await?;
        let consents = |candidate: &Candidate| candidate.consents(ConsentScope::ShareWithNetwork, clock::today());
        let unrefused = self.not_refused(held, id, None).await?;
        let candidate = candidate.filter(consents).filter(|_| submittal.withdrawn.is_none());
        let candidate = candidate.ok_or_else(|| {
            let detail =
                "The candidate's consent to be shown to others (`share_with_network`) is missing, or has ended.";
            Problem::new(Kind::ConsentMissing, detail)
        })?;
        Ok(unrefused.unchanged(&candidate, candidate.version))
    }

    /// Returns a document of the deal that the caller's tenant sees.
    async fn shown(&self, held: &LoadedDeal, caller: &Caller, id: &str) -> Result<DealDocument, Problem> {
        let id: DocumentId = id.parse().map_err(|_| Problem::not_found())?;
        if !held.deal.shows_document(id, caller.principal.tenant_id) {
            return Err(Problem::not_found());
        }
        let record: Option<DealDocument> = self.store.get(&DealDocument::key_of(held.deal.id(), id)).await?;
        record.ok_or_else(Problem::not_found)
    }

    /// Takes an uploaded file into the deal.
    pub async fn added(
        &self,
        held: &LoadedDeal,
        caller: &Caller,
        add: &AddDocument,
        now: Timestamp,
    ) -> Result<(What, Change), Problem> {
        let key = DealDocument::key_of(held.deal.id(), add.document);
        let record: Option<DealDocument> = self.store.get(&key).await?;
        let record = record.filter(|record| record.tenant_id == caller.principal.tenant_id);
        let mut record = record.ok_or_else(|| Problem::field("document", "there is no such document of yours"))?;
        let what = What::DocumentAdded {
            document: add.document,
            sha256: add.sha256,
            candidate: record.candidate_id,
            for_client: record.for_client,
        };
        // The rules say that it is there already; the file is not needed to know.
        if held.deal.document(add.document).is_some() {
            return Ok((what, Change::new()));
        }
        let consented = self.consented(held, record.candidate_id).await?;
        let (posted, object, sha256) = (record.incoming(), record.object(), add.sha256.to_string());
        let content = self.files.take(&posted, &object, &sha256, "document").await?;
        let read_at = record.version;
        record.content = Some(content);
        record.at = now;
        record.expires_at = None;
        record.version += 1;
        Ok((what, consented.update(&record, read_at)))
    }
}
