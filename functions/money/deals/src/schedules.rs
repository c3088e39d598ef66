//! The operator's schedule of the network's least shares.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Query, Write},
    once::{Once, Reply},
};
use inventure_core::{Page, Role};
use inventure_deal_store::records::FeeSchedule;
use inventure_deals::Schedule;
use inventure_ledger::Share;
use inventure_people::Caller;
use inventure_table::{Change, Record, StoreError, table};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{App, routes::DealListing};

/// The longest time ahead that a schedule is published for.
const AHEAD_DAYS_MAX: i32 = 366;

/// The network's least share of a fee, by the source of the candidate.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSchedule {
    /// The share of the fee for a candidate whom a member brought, as `5%`.
    #[garde(skip)]
    #[schema(value_type = String)]
    member: Share,
    /// The share for a candidate from the job board.
    #[garde(skip)]
    #[schema(value_type = String)]
    job_board: Share,
    /// The share for a candidate who registered themselves.
    #[garde(skip)]
    #[schema(value_type = String)]
    self_registered: Share,
    /// The first day, UTC, on which new terms quote the schedule: today or later.
    #[garde(skip)]
    #[schema(value_type = String, format = Date)]
    from: Date,
}

/// A published schedule of the network's least shares.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleView {
    /// The schedule's version: from 1, without gaps.
    pub version: u32,
    /// The first day, UTC, on which new terms quote the schedule.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The share of the fee for a candidate whom a member brought, as `5%`.
    pub member: String,
    /// The share for a candidate from the job board.
    pub job_board: String,
    /// The share for a candidate who registered themselves.
    pub self_registered: String,
    /// The time at which the schedule was published.
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Timestamp,
}

impl From<FeeSchedule> for ScheduleView {
    fn from(record: FeeSchedule) -> Self {
        Self {
            version: record.version,
            from: record.from,
            member: record.member,
            job_board: record.job_board,
            self_registered: record.self_registered,
            published_at: record.published_at,
        }
    }
}

fn newest_first() -> table::Query {
    table::Query {
        descending: true,
        ..table::Query::table(FeeSchedule::PARTITION, "")
    }
}

/// Publishes the network's least shares from a day on. Terms that are proposed from that day quote it; signed terms stay as they are.
#[utoipa::path(
    post, path = "/fee-schedules", tag = "deals", request_body = NewSchedule,
    responses(
        (status = 201, body = ScheduleView),
        (status = 403, description = "Only the operator of the network publishes its shares"),
        (status = 422, description = "A day in the past, or before that of the schedule before")
    )
)]
pub async fn publish(State(app): State<App>, caller: Caller, write: Write<NewSchedule>) -> Result<Answer, Problem> {
    caller.allow(&[Role::Operator])?;
    Once::new(&app.store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let today = clock::today();
            let ahead = write.body.from.since(today).map_or(i32::MAX, |span| span.get_days());
            if !(0..=AHEAD_DAYS_MAX).contains(&ahead) {
                return Err(Problem::field("from", "today, or a day in the year that follows"));
            }
            let newest: Vec<FeeSchedule> = app
                .store
                .query(&table::Query {
                    limit: 1,
                    ..newest_first()
                })
                .await?;
            let newest = newest.first();
            if newest.is_some_and(|newest| write.body.from < newest.from) {
                return Err(Problem::field(
                    "from",
                    "not before the first day of the schedule before",
                ));
            }
            let record = FeeSchedule {
                version: newest.map_or(0, |newest| newest.version) + 1,
                from: write.body.from,
                member: write.body.member.to_string(),
                job_board: write.body.job_board.to_string(),
                self_registered: write.body.self_registered.to_string(),
                member_id: caller.principal.member_id,
                published_at: clock::now(),
            };
            let change = Change::new().insert(&record);
            let answer = Answer::created(&ScheduleView::from(record))?;
            Ok(Reply::new(change, answer))
        })
        .await
}

/// Lists the schedules that were published, newest first. Before the first, 5%, 12% and 17% apply.
#[utoipa::path(
    get, path = "/fee-schedules", tag = "deals", params(DealListing), responses((status = 200, body = Page<ScheduleView>))
)]
pub async fn list(
    State(app): State<App>,
    _caller: Caller,
    Query(listing): Query<DealListing>,
) -> Result<Json<Page<ScheduleView>>, Problem> {
    let limit = listing.limit.unwrap_or(50);
    let page: Page<FeeSchedule> = app
        .store
        .page(newest_first(), listing.cursor.as_deref(), limit, |_| true)
        .await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next_cursor,
    }))
}

impl App {
    /// Returns the schedule that terms proposed today quote.
    pub async fn schedule(&self) -> Result<Schedule, Problem> {
        let today = clock::today();
        let mut pages = self.store.pages(newest_first());
        while let Some(rows) = pages.next::<FeeSchedule>().await? {
            if let Some(current) = rows.iter().find(|row| row.from <= today) {
                let share = |text: &str| {
                    text.parse()
                        .map_err(|error| Problem::from(StoreError::Corrupt(Box::new(error))))
                };
                return Ok(Schedule {
                    version: current.version,
                    member: share(&current.member)?,
                    job_board: share(&current.job_board)?,
                    self_registered: share(&current.self_registered)?,
                });
            }
        }
        Ok(Schedule::default())
    }
}
