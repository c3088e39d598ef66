//! Documents of a deal: a form to upload one with, the list, a link to one, and its erasure. That one is added is a move.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_core::{CandidateId, DocumentId, Page, TenantId};
use inventure_deal_store::{Held, erase_document};
use inventure_deals::{What, fact::Move};
use inventure_api::{
    Problem, clock,
    http::{Answer, Caller, Path, Query, Write},
    problem::Kind,
    text,
};
use inventure_ledger::Hash;
use inventure_table::{
    Change, DownloadLink, UploadForm,
    files::MEDIA_TYPES,
    pause,
    records::{Candidate, ConsentScope, DealDocument, DealHead},
    stale, table,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    App,
    limits::FORMS,
    routes::{DealListing, WRITERS, find, find_seen},
};

/// How often an erasure is tried while others move the deal.
const ATTEMPTS: u32 = 8;

/// How long a form that nobody used is remembered.
const FORM_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A file to upload.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    /// Its name, to show it by.
    #[garde(length(chars, min = 1, max = 200), custom(text::line))]
    file_name: String,
    /// Its media type; the bucket takes no other with this form.
    #[garde(length(max = 100))]
    media_type: String,
    /// Its size, to refuse early what is too large.
    #[garde(range(min = 1))]
    size_bytes: u64,
    /// About which of the deal's candidates. Such a document is shown only to whom the terms show this candidate's résumé by now, and
    /// only while the candidate consents.
    #[garde(skip)]
    candidate: Option<CandidateId>,
    /// Whether the client sees it as well.
    #[garde(skip)]
    #[serde(default)]
    for_client: bool,
}

/// A signed form, and the document to add once the file is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentForm {
    /// The document, as the move `document_added` names it.
    pub document_id: DocumentId,
    /// Post the file with this.
    #[serde(flatten)]
    pub form: UploadForm,
}

/// A document.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentView {
    /// Its id.
    pub id: DocumentId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// What it is called; nothing once it is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Its media type, as its sender named it.
    pub media_type: String,
    /// Its size.
    pub size_bytes: u64,
    /// Its SHA-256, hexadecimal; the deal's fact says the same.
    pub sha256: String,
    /// About whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate_id: Option<CandidateId>,
    /// Whether the client sees it.
    pub for_client: bool,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    pub added_at: Timestamp,
    /// When it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub erased_at: Option<Timestamp>,
}

/// A document, and where to fetch it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenDocument {
    /// The document.
    #[serde(flatten)]
    pub document: DocumentView,
    /// A link for the caller alone.
    pub link: DownloadLink,
}

impl DocumentView {
    /// The document, if it is in the deal.
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
    /// `document_added`.
    #[expect(dead_code, reason = "read before, to tell what this is")]
    kind: String,
    /// The document, as its form named it.
    document: DocumentId,
    /// The file's hash, as its sender computed it: what was uploaded must have it.
    #[schema(value_type = String)]
    sha256: Hash,
}

/// Signs a form for one file. Once it is posted, the move `document_added` adds it to the deal.
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
    let (member, key) = (caller.principal.member_id.to_string(), write.idempotency.as_ref());
    if let Some(answer) = app.store.remembered(&member, key).await? {
        return Ok(answer);
    }
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
    app.store.finish(change, &member, key, answer, stale()).await
}

/// The documents that the caller's tenant sees, oldest first.
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

/// A document and a link to fetch it by, good for five minutes.
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

/// Erases a document of the caller's tenant: the file and its name. That there was one, and its hash, stays a fact. Evidence is not erased.
/// The file goes with all its versions; where it could not be deleted the same call deletes it.
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
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            pause(attempt).await;
        }
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
    /// Refuses a document about a candidate who is not in the deal, or who does not consent to be shown to others. What is written with the
    /// change is bound to the candidate as they are.
    async fn consented(&self, held: &Held, candidate: Option<CandidateId>) -> Result<Change, Problem> {
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

    /// A document of the deal that the caller's tenant sees.
    async fn shown(&self, held: &Held, caller: &Caller, id: &str) -> Result<DealDocument, Problem> {
        let id: DocumentId = id.parse().map_err(|_| Problem::not_found())?;
        if !held.deal.shows_document(id, caller.principal.tenant_id) {
            return Err(Problem::not_found());
        }
        let record: Option<DealDocument> = self.store.get(&DealDocument::key_of(held.deal.id(), id)).await?;
        record.ok_or_else(Problem::not_found)
    }

    /// Takes a file that was uploaded into the deal.
    pub async fn added(
        &self,
        held: &Held,
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
