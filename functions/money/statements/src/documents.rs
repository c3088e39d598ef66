//! Statements: entries, chain and proof in one document.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use garde::Validate;
use inventure_api::{
    Problem,
    http::{Path, Query},
};
use inventure_core::DealId;
use inventure_deal_store::load_for;
use inventure_ledger::{Account, Entry, Head, Owner, Statement, report};
use inventure_people::Caller;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{App, shapes::StatementShape};

/// The form of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The document that `inventure verify` takes.
    Json,
    /// Rows for a spreadsheet, without the proof.
    Csv,
}

/// The part of an account that a statement covers, and its form.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct StatementPart {
    /// The number of an entry: only later entries are returned. From the first entry if absent.
    #[garde(skip)]
    after: Option<u64>,
    /// The most entries to return, 1 to 5,000; 1,000 if absent.
    #[garde(inner(range(min = 1, max = 5000)))]
    limit: Option<usize>,
    /// The form of the statement: `json`, which can be verified, or `csv`.
    #[garde(skip)]
    format: Option<Format>,
}

/// Returns a statement of an account whose slashes are not encoded: `/statements/broker/ten_…/available/USD`.
#[utoipa::path(
    get, path = "/statements/{owner}/{id}/{kind}/{currency}", tag = "statements",
    params(
        ("owner" = String, Path), ("id" = String, Path), ("kind" = String, Path), ("currency" = String, Path), StatementPart
    ),
    responses((status = 200, description = "The statement", content((StatementShape = "application/json"), (String = "text/csv"))))
)]
pub async fn read_parts(
    app: State<App>,
    caller: Caller,
    Path((owner, id, kind, currency)): Path<(String, String, String, String)>,
    part: Query<StatementPart>,
) -> Result<Response, Problem> {
    read(app, caller, Path([owner, id, kind, currency].join("/")), part).await
}

/// Returns a statement of an account, with a proof of it. It says where the account stood, what happened, where it stands, and proves
/// that it is in the newest seal. Keep it byte for byte: `inventure verify` checks it offline.
#[utoipa::path(
    get, path = "/statements/{account}", tag = "statements",
    params(("account" = String, Path, description = "As in `GET /accounts`, its strokes written as `%2F`"), StatementPart),
    responses((status = 200, description = "The statement", content((StatementShape = "application/json"), (String = "text/csv"))))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(account): Path<String>,
    Query(part): Query<StatementPart>,
) -> Result<Response, Problem> {
    let account: Account = account.parse().map_err(|_| Problem::not_found())?;
    let visible = match account.owner() {
        Owner::Broker(tenant) => *tenant == caller.principal.tenant_id,
        Owner::Client(deal) => {
            let deal: Option<DealId> = deal.as_str().parse().ok();
            let held = match deal {
                Some(deal) => load_for(&app.store, deal, caller.principal.tenant_id).await?,
                None => None,
            };
            held.is_some_and(|held| held.includes(caller.principal.tenant_id))
        }
        Owner::Network(_) => false,
    };
    if !visible {
        return Err(Problem::not_found());
    }
    let after = part.after.unwrap_or(0);
    let opening = app.opening(&account, after).await?;
    let entries = app.ledger.entries(&account, after, part.limit.unwrap_or(1_000)).await?;
    if part.format == Some(Format::Csv) {
        let rows: Vec<report::Row> = entries.iter().map(report::Row::from).collect();
        return Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], report::csv(&rows)).into_response());
    }
    let last = entries.last().map_or(after, |entry| entry.sequence);
    let inclusion = match app.newest_seal().await? {
        Some(record) => app.sealed(&record, std::slice::from_ref(&account)).await?.pop(),
        None => None,
    };
    let inclusion = inclusion.map(|(_, inclusion)| inclusion);
    let inclusion = inclusion.filter(|inclusion| (after.max(1)..=last).contains(&inclusion.sequence));
    let document = Statement::new(opening, entries, inclusion)
        .encode()
        .map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document).into_response())
}

impl App {
    /// Returns the head of the account after an entry. Entry 0 is before the first.
    pub(crate) async fn opening(&self, account: &Account, after: u64) -> Result<Head, Problem> {
        if after == 0 {
            return Ok(Head::genesis(account.clone()));
        }
        let before: Vec<Entry> = self.ledger.entries(account, after - 1, 1).await?;
        let entry = before.first().filter(|entry| entry.sequence == after);
        entry
            .map(Entry::head)
            .ok_or_else(|| Problem::field("after", "the account has no such entry"))
    }
}
