//! Engagements: an employer says which agencies it lets fill its jobs, for one job or for all.
//!
//! A claim on a candidate counts beyond its own deal only where the employer has said so of the deal's job side. A claim that
//! was made while an engagement was in force stays when it ends.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Query, Write},
    once::{Once, Reply},
    problem::{self, stale},
};
use inventure_core::{JobId, MemberId, Page, Role, TenantId};
use inventure_people::{
    Caller,
    records::{Engagement, EngagementPeriod, Tenant, TenantKind},
};
use inventure_table::{Change, Commit, Condition, Store, table};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::tenants::own;

/// The most times for which one engagement may be in force: a year of changing one's mind every week.
const PERIODS_MAX: usize = 50;

/// The job or jobs that an agency is engaged for.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EngagedWith {
    /// The one job; every job of the employer where it is left out.
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    job_id: Option<JobId>,
}

/// The engagement to end.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct EngagedFrom {
    /// The engagement for this job; the one for every job where it is left out.
    #[garde(skip)]
    #[param(value_type = Option<String>)]
    job_id: Option<JobId>,
}

/// The part of the list to return.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct EngagementListing {
    /// The `next_cursor` of the page before.
    #[garde(skip)]
    cursor: Option<String>,
    /// The most engagements on a page, 1 to 100; 50 without it.
    #[garde(inner(range(min = 1, max = 100)))]
    limit: Option<usize>,
}

/// An engagement of an agency by the caller's tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct EngagementView {
    /// The agency that is engaged.
    pub agency_id: TenantId,
    /// The job that it is for; every job where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// Whether the engagement is in force.
    pub open: bool,
    /// The times for which the engagement was in force, the oldest first.
    pub periods: Vec<EngagementPeriodView>,
}

/// A time for which an agency is engaged.
#[derive(Debug, Serialize, ToSchema)]
pub struct EngagementPeriodView {
    /// The first moment of the time.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The moment after the last, once the time has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// The member who began the engagement.
    pub by: MemberId,
}

impl From<Engagement> for EngagementView {
    fn from(engagement: Engagement) -> Self {
        let open = engagement.is_open();
        let view = |period: EngagementPeriod| EngagementPeriodView {
            from: period.from,
            until: period.until,
            by: period.by,
        };
        Self {
            agency_id: engagement.agency_id,
            job_id: engagement.job_id,
            open,
            periods: engagement.periods.into_iter().map(view).collect(),
        }
    }
}

/// Engages an agency. Claims on candidates in its deals count beyond the deal from now on. Engaging it again changes nothing.
#[utoipa::path(
    put, path = "/tenants/{id}/engagements/{agency_id}", tag = "identity", params(("id" = String, Path), ("agency_id" = String, Path)),
    request_body = EngagedWith,
    responses(
        (status = 200, body = EngagementView),
        (status = 403, description = "Not an employer"),
        (status = 409, description = "Begun and ended too often")
    )
)]
pub async fn begin(
    State(store): State<Store>,
    caller: Caller,
    Path((id, agency_id)): Path<(String, String)>,
    write: Write<EngagedWith>,
) -> Result<Answer, Problem> {
    let employer = own(&store, &caller, &id).await?.tenant_id;
    caller.allow(&[Role::Employer])?;
    let member = caller.principal.member_id;
    Once::new(&store, member, write.idempotency.as_ref())
        .answer(async {
            let unknown = || Problem::field("agency_id", "there is no such agency");
            let agency: TenantId = agency_id.parse().map_err(|_| unknown())?;
            let tenant: Option<Tenant> = store.get(&Tenant::key_of(agency)).await?;
            if tenant.is_none_or(|tenant| tenant.kind != TenantKind::Agency) {
                return Err(unknown());
            }
            let at = Engagement::key_of(employer, agency, write.body.job_id);
            let known: Option<Engagement> = store.get(&at).await?;
            let mut engagement = known.unwrap_or_else(|| Engagement {
                employer_id: employer,
                agency_id: agency,
                job_id: write.body.job_id,
                periods: Vec::new(),
                version: 0,
            });
            if engagement.is_open() {
                // Kept as well, or the same key would engage anew an agency that was let go since.
                let answer = Answer::ok(&EngagementView::from(engagement))?;
                return Ok(Reply::kept(answer));
            }
            if engagement.periods.len() >= PERIODS_MAX {
                let detail = "This agency was engaged and let go too often for this; engage it for single jobs.";
                return Err(Problem::new(problem::Kind::WrongState, detail));
            }
            engagement.periods.push(EngagementPeriod {
                from: clock::now(),
                until: None,
                by: member,
            });
            let condition = Condition::at(engagement.version);
            engagement.version += 1;
            let change = Change::new().put(&engagement, condition);
            let answer = Answer::ok(&EngagementView::from(engagement))?;
            Ok(Reply::new(change, answer))
        })
        .await
}

/// Ends an engagement, for one job or for all. A candidate that was claimed while it was in force stays claimed for as long
/// as the deals' terms say. Ending it again changes nothing.
#[utoipa::path(
    delete, path = "/tenants/{id}/engagements/{agency_id}", tag = "identity",
    params(("id" = String, Path), ("agency_id" = String, Path), EngagedFrom),
    responses((status = 200, body = EngagementView), (status = 404, description = "Not engaged"))
)]
pub async fn end(
    State(store): State<Store>,
    caller: Caller,
    Path((id, agency_id)): Path<(String, String)>,
    Query(from): Query<EngagedFrom>,
) -> Result<Json<EngagementView>, Problem> {
    let employer = own(&store, &caller, &id).await?.tenant_id;
    caller.allow(&[Role::Employer])?;
    let agency: TenantId = agency_id.parse().map_err(|_| Problem::not_found())?;
    let at = Engagement::key_of(employer, agency, from.job_id);
    let known: Option<Engagement> = store.get(&at).await?;
    let mut engagement = known.ok_or_else(Problem::not_found)?;
    let open = engagement.periods.last_mut().filter(|last| last.until.is_none());
    if let Some(last) = open {
        last.until = Some(clock::now().max(last.from));
        let read_at = engagement.version;
        engagement.version += 1;
        let change = Change::new().update(&engagement, read_at);
        if !matches!(store.commit(change).await?, Commit::Done) {
            return Err(stale());
        }
    }
    Ok(Json(engagement.into()))
}

/// Lists the agencies that the caller's tenant engaged, with every time for which they were.
#[utoipa::path(
    get, path = "/tenants/{id}/engagements", tag = "identity", params(("id" = String, Path), EngagementListing),
    responses((status = 200, body = Page<EngagementView>))
)]
pub async fn list(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    Query(listing): Query<EngagementListing>,
) -> Result<Json<Page<EngagementView>>, Problem> {
    let employer = own(&store, &caller, &id).await?.tenant_id;
    let query = table::Query::table(Engagement::of_employer(employer), "");
    let page: Page<Engagement> = store
        .page(query, listing.cursor.as_deref(), listing.limit.unwrap_or(50), |_| true)
        .await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next_cursor,
    }))
}
