//! Routes to propose, list and read deals.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Query, Write},
    once::{Once, Reply},
    problem::Kind,
};
use inventure_core::{DealId, EventId, Page, Role, TenantId};
use inventure_deal_store::{
    LoadedDeal, load, load_for, new,
    records::{DealHead, DealOfTenant},
};
use inventure_deals::{Author, Fact, Settlement, Terms, What};
use inventure_people::{Caller, records::Tenant};
use inventure_table::{Store, table};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    limits::PROPOSALS,
    refusals::not_added,
    views::{DealSummary, DealView, FactsView},
};

/// The roles that may speak for a tenant in a deal.
pub const WRITERS: &[Role] = &[Role::AgencyOwner, Role::Broker, Role::Employer];

/// A deal to propose.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDeal {
    /// The proposed terms. The fields that the service sets may be left out: `format`, `deal` and `version`.
    #[garde(skip)]
    #[schema(value_type = Terms)]
    terms: Map<String, Value>,
}

/// The page of a list to return.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DealListing {
    /// The `next_cursor` of the page before.
    #[garde(skip)]
    pub cursor: Option<String>,
    /// The most items to return, 1 to 100; 50 if absent.
    #[garde(inner(range(min = 1, max = 100)))]
    pub limit: Option<usize>,
}

/// Returns the deal, if the caller's tenant takes part in it now. It serves to write to the deal, and to read of its people.
pub async fn find(store: &Store, caller: &Caller, id: &str) -> Result<LoadedDeal, Problem> {
    let id: DealId = id.parse().map_err(|_| Problem::not_found())?;
    let held = load_for(store, id, caller.principal.tenant_id).await?;
    held.filter(|held| held.includes(caller.principal.tenant_id))
        .ok_or_else(Problem::not_found)
}

/// Returns the deal as it is, and as the caller's tenant sees it. A tenant that was dropped from it sees what happened until then.
pub async fn find_seen(store: &Store, caller: &Caller, id: &str) -> Result<(LoadedDeal, LoadedDeal), Problem> {
    let id: DealId = id.parse().map_err(|_| Problem::not_found())?;
    let held = load_for(store, id, caller.principal.tenant_id).await?;
    let held = held.ok_or_else(Problem::not_found)?;
    let seen = held.seen_by(caller.principal.tenant_id)?;
    Ok((held, seen.ok_or_else(Problem::not_found)?))
}

/// Returns the same as [`find_seen`], if the caller's tenant sees what the brokers agreed among themselves.
async fn find_inside(store: &Store, caller: &Caller, id: &str) -> Result<(LoadedDeal, LoadedDeal), Problem> {
    let (held, seen) = find_seen(store, caller, id).await?;
    if seen.shows_terms_to(caller.principal.tenant_id) {
        Ok((held, seen))
    } else {
        Err(Problem::new(
            Kind::Forbidden,
            "What the brokers agreed among themselves is for the deal's parties and its arbiter.",
        ))
    }
}

/// Checks that all tenants that terms name exist.
pub async fn known(store: &Store, terms: &Terms) -> Result<(), Problem> {
    let mut named: Vec<TenantId> = terms.parties.iter().map(|party| party.tenant).collect();
    named.extend(std::iter::once(terms.employer).chain(terms.disputes.judges()));
    named.sort_unstable();
    named.dedup();
    let keys: Vec<table::Key> = named.iter().map(|id| Tenant::key_of(*id)).collect();
    let found: Vec<Tenant> = store.get_all(&keys).await?;
    let missing = named
        .iter()
        .find(|id| !found.iter().any(|tenant| tenant.tenant_id == **id));
    match missing {
        Some(id) => Err(Problem::field("terms", format!("there is no tenant {id}"))),
        None => Ok(()),
    }
}

/// Returns the caller as an author of facts.
pub const fn author(caller: &Caller) -> Author {
    Author::Member {
        tenant: caller.principal.tenant_id,
        member: caller.principal.member_id,
    }
}

/// Proposes a deal on a job that the caller may see. Its parties find the deal among theirs, and sign it or propose other terms.
#[utoipa::path(
    post, path = "/deals", tag = "deals", request_body = NewDeal,
    responses((status = 201, body = DealView), (status = 422, description = "The terms cannot be signed"))
)]
pub async fn create(State(app): State<App>, caller: Caller, write: Write<NewDeal>) -> Result<Answer, Problem> {
    let store = &app.store;
    caller.allow(WRITERS)?;
    Once::new(store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let id = DealId::new();
            let completed = app.terms_of(&caller, write.body.terms, (id, 1), None).await?;
            completed.check_job()?;
            let terms = completed.terms;
            known(store, &terms).await?;
            app.count(caller.principal.tenant_id, &PROPOSALS).await?;
            let held = new(id, terms.job, terms.employer, clock::now());
            let fact = Fact {
                id: EventId::new(),
                at: held.moment(clock::now()),
                by: author(&caller),
                what: What::TermsProposed { terms: Box::new(terms) },
            };
            let (change, next) = held.add(vec![fact], &caller.ids.correlation_id).map_err(not_added)?;
            let answer = Answer::created(&DealView::of(&next, &caller.principal))?;
            Ok(Reply::new(change, answer))
        })
        .await
}

/// Lists the deals that the caller's tenant takes part in, newest first.
#[utoipa::path(
    get, path = "/deals", tag = "deals", params(DealListing), responses((status = 200, body = Page<DealSummary>))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(listing): Query<DealListing>,
) -> Result<Json<Page<DealSummary>>, Problem> {
    let query = table::Query {
        descending: true,
        ..table::Query::table(DealOfTenant::of_tenant(caller.principal.tenant_id), "")
    };
    let page: Page<DealOfTenant> = app
        .store
        .page(query, listing.cursor.as_deref(), listing.limit.unwrap_or(50), |_| true)
        .await?;
    let keys: Vec<table::Key> = page.items.iter().map(|item| DealHead::key_of(item.deal_id)).collect();
    let tenant = caller.principal.tenant_id;
    let mut heads: Vec<DealHead> = app.store.get_many(&keys).await?;
    for head in &mut heads {
        if head.has(tenant) {
            continue;
        }
        let left = page.items.iter().find(|row| row.deal_id == head.deal_id);
        if let Some(left) = left.and_then(|row| row.left.as_ref()) {
            left.show_in(head);
            continue;
        }
        // Written before the head said who is in the deal, and the row how the deal stood for who was dropped.
        if let Some(held) = load(&app.store, head.deal_id).await? {
            *head = held.seen_by(tenant)?.map_or(held.head, |seen| seen.head);
        }
    }
    Ok(Json(Page {
        items: heads.into_iter().map(Into::into).collect(),
        next_cursor: page.next_cursor,
    }))
}

/// Returns a deal that the caller's tenant takes part in.
#[utoipa::path(
    get, path = "/deals/{id}", tag = "deals", params(("id" = String, Path)),
    responses((status = 200, body = DealView), (status = 404, description = "Not there, or not the caller's to know of"))
)]
pub async fn read(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<DealView>, Problem> {
    let (held, seen) = find_seen(&app.store, &caller, &id).await?;
    let mut view = DealView::of(&seen, &caller.principal);
    if !held.includes(caller.principal.tenant_id) {
        view.hide_people();
    }
    Ok(Json(view))
}

/// Returns everything that happened to a deal.
#[utoipa::path(
    get, path = "/deals/{id}/facts", tag = "deals", params(("id" = String, Path)),
    responses((status = 200, body = FactsView))
)]
pub async fn facts(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<FactsView>, Problem> {
    let (_, seen) = find_inside(&app.store, &caller, &id).await?;
    Ok(Json(FactsView {
        facts: seen.facts_for(&caller.principal),
    }))
}

/// Returns the settlement of a deal on the facts so far. It says who gets what and when: what has moved, and what will if nothing else
/// happens.
#[utoipa::path(
    get, path = "/deals/{id}/settlement", tag = "deals", params(("id" = String, Path)),
    responses((status = 200, body = Settlement))
)]
pub async fn settlement(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Settlement>, Problem> {
    let (held, seen) = find_inside(&app.store, &caller, &id).await?;
    let settlement = held.settlement_for(caller.principal.tenant_id, &seen);
    Ok(Json(settlement.map_err(Problem::internal)?))
}
