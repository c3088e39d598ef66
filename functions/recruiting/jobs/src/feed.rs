//! The public feed: open jobs whose owners want them seen by everybody.

use axum::{
    Json,
    extract::State,
    http::header::{CACHE_CONTROL, HeaderName},
};
use inventure_api::{Problem, http::Query, problem::Kind};
use inventure_core::{Cursor, Page};
use inventure_recruiting::records::FeedJob;
use inventure_table::{
    Store,
    pages::{MAX_PAGE_BYTES, size},
    table,
};

use crate::{routes::Listing, views::FeedJobView};

/// The open public jobs, newest first. Needs no token.
#[utoipa::path(
    get, path = "/feed/jobs", tag = "jobs", security(()), params(Listing),
    responses((status = 200, body = Page<FeedJobView>))
)]
pub async fn read(
    State(store): State<Store>,
    Query(listing): Query<Listing>,
) -> Result<([(HeaderName, &'static str); 1], Json<Page<FeedJobView>>), Problem> {
    let bad = |_| Problem::new(Kind::BadCursor, "Send the `next_cursor` of the page before, unchanged.");
    let after = listing.cursor.as_deref().map(Cursor::decode).transpose().map_err(bad)?;
    let after = after.map(|Cursor(key)| key);
    let limit = listing.limit.unwrap_or(50);
    let mut jobs: Vec<FeedJob> = Vec::new();
    // The feed is spread over partitions, each in order; the newest of all are among the newest of each.
    for shard in 0..FeedJob::SHARDS {
        let query = table::Query {
            after: after.clone(),
            descending: true,
            limit,
            ..table::Query::table(FeedJob::partition(shard), "job_")
        };
        jobs.extend(store.query::<FeedJob>(&query).await?);
    }
    jobs.sort_by_key(|job| std::cmp::Reverse(job.job_id));
    let (mut fitting, mut bytes) = (0, 0);
    for job in jobs.iter().take(limit) {
        fitting += 1;
        bytes += size(job)?;
        if bytes >= MAX_PAGE_BYTES {
            break;
        }
    }
    let more = jobs.len() > fitting;
    jobs.truncate(fitting);
    let next_cursor = jobs
        .last()
        .filter(|_| more)
        .map(|job| Cursor(job.job_id.to_string()).encode());
    let page = Page {
        items: jobs.into_iter().map(Into::into).collect(),
        next_cursor,
    };
    Ok(([(CACHE_CONTROL, "public, max-age=60")], Json(page)))
}
