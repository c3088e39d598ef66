//! The notifications that a member got.

use inventure_api::once::{Once, Reply};
use std::collections::BTreeSet;

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Query, Write},
};
use inventure_core::{EventId, Page};
use inventure_notices::records::NotificationRecord;
use inventure_people::Caller;
use inventure_realtime::Notification;
use inventure_table::{Change, Commit, Condition, Key, Record, Store, table};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The most that is counted and marked at once.
const MOST: usize = 100;

/// The part of the inbox to return.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The `next_cursor` of the page before.
    #[garde(skip)]
    cursor: Option<String>,
    /// The most notifications on a page, 1 to 100; 50 without it.
    #[garde(inner(range(min = 1, max = 100)))]
    limit: Option<usize>,
    /// Whether to return only what is not read.
    #[garde(skip)]
    #[serde(default)]
    unread: bool,
}

/// A notification that a member got.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationView {
    /// The notification, as the sockets' `notification` frames have it.
    #[serde(flatten)]
    pub notification: Notification,
    /// The time at which it was read; absent while it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub read_at: Option<Timestamp>,
}

impl From<NotificationRecord> for NotificationView {
    fn from(record: NotificationRecord) -> Self {
        Self {
            notification: record.notification,
            read_at: record.read_at,
        }
    }
}

/// The caller's inbox, newest first.
#[utoipa::path(
    get, path = "/notifications", tag = "inbox", params(Listing),
    responses((status = 200, body = Page<NotificationView>))
)]
pub async fn list(
    State(store): State<Store>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<NotificationView>>, Problem> {
    let member = caller.principal.member_id;
    let query = if listing.unread {
        table::Query::index(NotificationRecord::unread(member))
    } else {
        table::Query {
            descending: true,
            ..table::Query::table(NotificationRecord::inbox(member), "")
        }
    };
    let limit = listing.limit.unwrap_or(50);
    let page: Page<NotificationRecord> = store.page(query, listing.cursor.as_deref(), limit, |_| true).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: page.next_cursor,
    }))
}

/// The number of notifications that are not read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unread {
    /// The number; 100 stands for 100 or more.
    pub count: usize,
}

/// Counts the notifications that the caller has not read.
#[utoipa::path(get, path = "/notifications/unread", tag = "inbox", responses((status = 200, body = Unread)))]
pub async fn unread(State(store): State<Store>, caller: Caller) -> Result<Json<Unread>, Problem> {
    let query = table::Query {
        limit: MOST,
        ..table::Query::index(NotificationRecord::unread(caller.principal.member_id))
    };
    let found: Vec<NotificationRecord> = store.query(&query).await?;
    Ok(Json(Unread { count: found.len() }))
}

/// The notifications that were read, said in one of the two ways.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// The moment up to which everything was read. A hundred are marked at a time: ask again while the answer says `more`.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// The notifications of this list, at most 100.
    #[garde(length(max = 100), dive)]
    #[serde(default)]
    these: Vec<Named>,
}

/// A notification, named by what its frame says.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The notification's id.
    #[garde(skip)]
    id: EventId,
    /// The time at which it happened.
    #[garde(skip)]
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// The number of notifications that were marked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Marked {
    /// The number that this request marked. It is fewer than there were, where another device was quicker.
    pub marked: usize,
    /// Whether there may be more to mark: ask the same again.
    pub more: bool,
}

/// Marks notifications as read. One that is read already stays as it is.
#[utoipa::path(
    post, path = "/notifications/read", tag = "inbox", request_body = Read, responses((status = 200, body = Marked))
)]
pub async fn mark(State(store): State<Store>, caller: Caller, write: Write<Read>) -> Result<Answer, Problem> {
    let member = caller.principal.member_id;
    Once::new(&store, member, write.idempotency.as_ref())
        .answer(async {
            let Read { until, these } = write.body;
            if until.is_some() != these.is_empty() {
                return Err(Problem::field("until", "say either `until` or `these`"));
            }
            let keys: BTreeSet<Key> = if let Some(until) = until {
                let query = table::Query {
                    limit: MOST,
                    descending: false,
                    ..table::Query::index(NotificationRecord::unread(member))
                };
                let found: Vec<NotificationRecord> = store.query(&query).await?;
                let meant = found.iter().filter(|record| record.at <= until);
                meant.map(Record::key).collect()
            } else {
                let key = |named: &Named| NotificationRecord::key_of(member, named.at, named.id);
                these.iter().map(key).collect()
            };
            // How many were really marked says nothing of what is left: the index lags behind and shows what is read.
            let mut more = until.is_some() && keys.len() == MOST;
            let keys: Vec<Key> = keys.into_iter().collect();
            let records: Vec<NotificationRecord> = store.get_many(&keys).await?;
            let mut marked = 0;
            for record in records.into_iter().filter(|record| record.read_at.is_none()) {
                let read = NotificationRecord {
                    read_at: Some(clock::now()),
                    version: record.version + 1,
                    ..record
                };
                let change = Change::new().put(&read, Condition::Version(read.version - 1));
                if let Commit::Done = store.commit(change).await? {
                    marked += 1;
                } else {
                    // Read by another device, or a mail told of it just now.
                    more = true;
                }
            }
            let answer = Answer::ok(&Marked { marked, more })?;
            Ok(Reply::kept(answer))
        })
        .await
}
