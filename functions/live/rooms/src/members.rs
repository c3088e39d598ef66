//! The routes that let people into a topic and out of it.

use axum::{extract::State, http::StatusCode};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Write},
    once::{Once, Reply},
    problem::Kind,
};
use inventure_core::{DealId, MemberId, TenantId};
use inventure_people::{Caller, records::Member};
use inventure_rooms::{
    TALKERS,
    records::{Room, RoomKind, RoomMember},
};
use inventure_table::{Change, Condition, Store, table::Query};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    App,
    routes::{person, share, take},
    views::PersonView,
};

/// The most people of a topic.
const PEOPLE_MAX: usize = 10_000;

/// A person to let in.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoomMember {
    /// The person's tenant: the caller's own, or one that a deal is with.
    #[garde(skip)]
    tenant_id: TenantId,
    /// The person to let in.
    #[garde(skip)]
    member_id: MemberId,
    /// The deal that both tenants are parties of, where they are two. The other's must have signed or said something in it.
    #[garde(skip)]
    deal_id: Option<DealId>,
}

/// The topic, if it is one, and whether the caller lets others in.
async fn topic(store: &Store, caller: &Caller, id: &str) -> Result<(Room, bool), Problem> {
    let access = take(store, caller, id).await?;
    if access.room.kind != (RoomKind::Topic {}) {
        let detail = "Who is in this room follows from what it is; only topics have people let in.";
        return Err(Problem::new(Kind::WrongState, detail));
    }
    let key = RoomMember::key_of(access.room.room_id, caller.principal.member_id);
    let own: Option<RoomMember> = store.get(&key).await?;
    Ok((access.room, own.is_some_and(|own| own.owner)))
}

/// Lets a person into a topic. They read everything from its beginning.
#[utoipa::path(
    post, path = "/rooms/{id}/members", tag = "rooms", params(("id" = String, Path)), request_body = NewRoomMember,
    responses((status = 201, body = PersonView), (status = 403, description = "The caller does not own the topic"))
)]
pub async fn add(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<NewRoomMember>,
) -> Result<Answer, Problem> {
    let store = &app.store;
    let (room, owns) = topic(store, &caller, &id).await?;
    if !owns {
        return Err(Problem::new(Kind::Forbidden, "The topic's owner lets people in."));
    }
    Once::new(store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let body = write.body;
            let near = match body.deal_id {
                _ if body.tenant_id == caller.principal.tenant_id => true,
                Some(deal) => share(store, deal, caller.principal.tenant_id, body.tenant_id).await?,
                None => false,
            };
            let found = person(store, body.tenant_id, body.member_id).await?;
            let talks = |found: &Member| near && TALKERS.contains(&found.role);
            let found = found.filter(talks).ok_or_else(|| {
                let detail = "there is no such person in your tenant, or in one that the deal is with";
                Problem::field("member_id", detail)
            })?;
            let query = Query {
                limit: PEOPLE_MAX,
                ..Query::table(Room::partition(room.room_id), RoomMember::PREFIX)
            };
            let people: Vec<RoomMember> = store.query(&query).await?;
            if let Some(known) = people.iter().find(|known| known.member_id == found.member_id) {
                let answer = Answer::created(&PersonView::from(known.clone()))?;
                return Ok(Reply::kept(answer));
            }
            if people.len() >= PEOPLE_MAX {
                let detail = format!("A topic has at most {PEOPLE_MAX} people.");
                return Err(Problem::new(Kind::WrongState, detail));
            }
            let member = RoomMember {
                room_id: room.room_id,
                member_id: found.member_id,
                tenant_id: found.tenant_id,
                name: found.name,
                owner: false,
                joined_at: clock::now(),
            };
            let change = Change::new().put(&member, Condition::None);
            let answer = Answer::created(&PersonView::from(member))?;
            Ok(Reply::new(change, answer))
        })
        .await
}

/// Removes a person from a topic, at once. The owner may remove anybody else; others only themselves.
#[utoipa::path(
    delete, path = "/rooms/{id}/members/{member_id}", tag = "rooms",
    params(("id" = String, Path), ("member_id" = String, Path)), responses((status = 204))
)]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path((id, member_id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (room, owns) = topic(&app.store, &caller, &id).await?;
    let member: MemberId = member_id.parse().map_err(|_| Problem::not_found())?;
    let themselves = member == caller.principal.member_id;
    if owns == themselves {
        return Err(Problem::new(
            Kind::Forbidden,
            "The owner lets others out, and anybody else themselves.",
        ));
    }
    let change = Change::new().delete(RoomMember::key_of(room.room_id, member), Condition::None);
    app.store.commit(change).await?;
    Ok(StatusCode::NO_CONTENT)
}
