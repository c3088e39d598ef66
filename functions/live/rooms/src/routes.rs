//! The routes that open, list and read rooms.

use axum::{Json, extract::State};
use futures_util::{StreamExt, TryStreamExt, stream};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Query as Params, Write},
    once::{Once, Written},
    problem::bad_cursor,
    text,
};
use inventure_core::{Cursor, DealId, MemberId, Principal, RoomId, TenantId, page::InvalidCursor};
use inventure_deal_store::records::{DealHead, DealOfTenant};
use inventure_people::{Caller, records::Member};
use inventure_realtime::Code;
use inventure_rooms::{
    History, RoomAccess, TALKERS, problem,
    records::{Room, RoomCursor, RoomKind, RoomMember},
};
use inventure_table::{Change, Key, Record, Store, StoreError, table::Query};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    App,
    views::{ListedRoom, PersonView, RoomList, RoomView, RoomWithPeople},
};

/// The most rooms of a kind in one part of a list.
const LISTED: usize = 50;

/// The number of rooms of a list that are looked at at once.
const AT_ONCE: usize = 8;

/// The most people shown of a room.
const PEOPLE: usize = 500;

/// A room to open.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum NewRoom {
    /// A room with one other person: of the caller's own tenant, or of a tenant that a deal is with.
    Direct {
        /// The other person's tenant.
        #[garde(skip)]
        tenant_id: TenantId,
        /// The other person.
        #[garde(skip)]
        member_id: MemberId,
        /// The deal that both tenants are parties of, where they are two. The other's must have signed or said something in it.
        #[garde(skip)]
        deal_id: Option<DealId>,
        /// Whether it takes only what the server cannot read (docs/live/e2ee.md). It is another room than the one that is not.
        #[garde(skip)]
        #[serde(default)]
        encrypted: bool,
    },
    /// A room of a deal, for its parties.
    Deal {
        /// The deal that the room is of.
        #[garde(skip)]
        deal_id: DealId,
        /// Whether it takes only what the server cannot read, as in `direct`.
        #[garde(skip)]
        #[serde(default)]
        encrypted: bool,
    },
    /// A room of the caller's tenant.
    Agency {
        /// Whether it takes only what the server cannot read, as in `direct`.
        #[garde(skip)]
        #[serde(default)]
        encrypted: bool,
    },
    /// A room for the people whom the caller lets in.
    Topic {
        /// The topic's title. The server reads it, in an encrypted room too.
        #[garde(length(chars, min = 1, max = 120), custom(text::line))]
        title: String,
        /// Whether it takes only what the server cannot read, as in `direct`.
        #[garde(skip)]
        #[serde(default)]
        encrypted: bool,
    },
}

/// Finds a member of a tenant by their id; `None` where the tenant has none of this id.
pub async fn person(store: &Store, tenant: TenantId, member: MemberId) -> Result<Option<Member>, StoreError> {
    let query = Query {
        prefix: member.to_string(),
        limit: 1,
        ..Query::index(Member::of_tenant(tenant))
    };
    let found: Vec<Member> = store.query(&query).await?;
    // The index lags behind: as the record is now.
    let Some(found) = found.into_iter().next() else {
        return Ok(None);
    };
    let now: Option<Member> = store.get(&Member::key_of(&found.subject)).await?;
    Ok(now.filter(|now| now.member_id == member && now.tenant_id == tenant))
}

/// Whether a tenant is a party of a deal.
async fn is_party(store: &Store, deal: DealId, tenant: TenantId) -> Result<bool, StoreError> {
    let head: Option<DealHead> = store.get(&DealHead::key_of(deal)).await?;
    Ok(head.is_some_and(|head| head.parties.contains(&tenant)))
}

/// Whether both tenants are parties of a deal and the other took part in it. It takes part by a word of its own: strangers
/// write to nobody by naming them.
pub async fn share(store: &Store, deal: DealId, own: TenantId, other: TenantId) -> Result<bool, StoreError> {
    let head: Option<DealHead> = store.get(&DealHead::key_of(deal)).await?;
    let both = |head: DealHead| head.parties.contains(&own) && head.taking_part().contains(&other);
    Ok(head.is_some_and(both))
}

/// Opens a room. A room that is there already is answered as it is; only topics are new each time.
#[utoipa::path(
    post, path = "/rooms", tag = "rooms", request_body = NewRoom,
    responses((status = 201, body = RoomView), (status = 404, description = "The deal is not there, or not the caller's to talk about"))
)]
pub async fn open(State(app): State<App>, caller: Caller, write: Write<NewRoom>) -> Result<Answer, Problem> {
    caller.allow(TALKERS)?;
    let store = &app.store;
    let me = &caller.principal;
    let once = Once::new(store, me.member_id, write.idempotency.as_ref());
    if let Some(first) = once.first().await? {
        return Ok(first);
    }
    let now = clock::now();
    let member = |id, person: PersonView| RoomMember {
        room_id: id,
        member_id: person.member_id,
        tenant_id: person.tenant_id,
        name: person.name,
        owner: person.owner,
        joined_at: now,
    };
    // As the request found them: a list of the tenant's members lags behind for those who have just joined.
    let myself = || PersonView {
        member_id: me.member_id,
        tenant_id: me.tenant_id,
        name: caller.name.clone(),
        owner: false,
    };
    let mut members = Vec::new();
    let (id, kind, title, encrypted) = match write.body {
        NewRoom::Direct {
            tenant_id,
            member_id,
            deal_id,
            encrypted,
        } => {
            let near = match deal_id {
                _ if tenant_id == me.tenant_id => true,
                Some(deal) => share(store, deal, me.tenant_id, tenant_id).await?,
                None => false,
            };
            let other = person(store, tenant_id, member_id).await?;
            let talks = |other: &Member| near && member_id != me.member_id && TALKERS.contains(&other.role);
            let other = other.filter(talks).ok_or_else(|| {
                Problem::field(
                    "member_id",
                    "there is no such person in your tenant, or in one that the deal is with",
                )
            })?;
            let id = Room::of_two(me.member_id, member_id, encrypted);
            members = vec![member(id, myself()), member(id, other.into())];
            (id, RoomKind::Direct {}, None, encrypted)
        }
        NewRoom::Deal { deal_id, encrypted } => {
            if !is_party(store, deal_id, me.tenant_id).await? {
                return Err(Problem::not_found());
            }
            let id = Room::of_deal(deal_id, encrypted);
            (id, RoomKind::Deal { deal_id }, None, encrypted)
        }
        NewRoom::Agency { encrypted } => {
            let tenant_id = me.tenant_id;
            let id = Room::of_agency(tenant_id, encrypted);
            (id, RoomKind::Agency { tenant_id }, None, encrypted)
        }
        NewRoom::Topic { title, encrypted } => {
            let id = RoomId::new();
            let owner = PersonView {
                owner: true,
                ..myself()
            };
            members = vec![member(id, owner)];
            (id, RoomKind::Topic {}, Some(title), encrypted)
        }
    };
    let room = Room {
        room_id: id,
        kind,
        title,
        encrypted,
        epoch: Uuid::new_v4(),
        created_by: me.member_id,
        created_at: now,
        version: 1,
    };
    let answer = Answer::created(&RoomView::from(room.clone()))?;
    let change = members.iter().fold(Change::new().insert(&room), Change::insert);
    match once.commit(change, &answer).await? {
        Written::Now => return Ok(answer),
        Written::Before(first) => return Ok(first),
        Written::Conflict => {}
    }
    // Somebody opened it before.
    let access = RoomAccess::take(store, me, id).await.map_err(problem)?;
    Answer::created(&RoomView::from(access.room))
}

/// The part of the list to return.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The `next_cursor` of the part before.
    #[garde(skip)]
    cursor: Option<String>,
}

/// The place at which a part of the list begins. It is in the rooms that the caller was let into, or, when these are through,
/// in the deals of their tenant.
enum Part {
    LetIn(Option<String>),
    Deals(Option<String>),
}

impl Part {
    fn read(cursor: Option<&str>) -> Result<Self, InvalidCursor> {
        let Some(cursor) = cursor else {
            return Ok(Self::LetIn(None));
        };
        let Cursor(key) = Cursor::decode(cursor)?;
        match key.split_once('#') {
            Some(("in", after)) => Ok(Self::LetIn(Some(after.to_owned()))),
            Some(("deals", after)) => Ok(Self::Deals(Some(after.to_owned()))),
            _ => Err(InvalidCursor),
        }
    }
}

/// Lists the caller's rooms. First comes that of their tenant, then direct ones and topics from the newest on, then those of
/// its deals, as far as they were opened.
#[utoipa::path(get, path = "/rooms", tag = "rooms", params(Listing), responses((status = 200, body = RoomList)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Params(listing): Params<Listing>,
) -> Result<Json<RoomList>, Problem> {
    caller.allow(TALKERS)?;
    let (store, me) = (&app.store, &caller.principal);
    let mut from = Part::read(listing.cursor.as_deref()).map_err(|InvalidCursor| bad_cursor())?;
    let (mut ids, mut next) = (Vec::new(), None);
    if let Part::LetIn(after) = from {
        if after.is_none() {
            ids.extend([false, true].map(|encrypted| Room::of_agency(me.tenant_id, encrypted)));
        }
        let query = Query {
            after,
            descending: true,
            limit: LISTED,
            ..Query::index(RoomMember::rooms_of(me.member_id))
        };
        let found: Vec<RoomMember> = store.query(&query).await?;
        ids.extend(found.iter().map(|member| member.room_id));
        next = more(&found, |member| format!("in#{}", member.listed()));
        from = Part::Deals(None);
    }
    if let (Part::Deals(after), None) = (from, &next) {
        let query = Query {
            after,
            descending: true,
            limit: LISTED,
            ..Query::table(DealOfTenant::of_tenant(me.tenant_id), "")
        };
        let found: Vec<DealOfTenant> = store.query(&query).await?;
        for encrypted in [false, true] {
            ids.extend(found.iter().map(|deal| Room::of_deal(deal.deal_id, encrypted)));
        }
        next = more(&found, |deal| format!("deals#{}", deal.key().sk));
    }
    let keys: Vec<Key> = ids.iter().map(|id| Room::key_of(*id)).collect();
    let found: Vec<Room> = store.get_all(&keys).await?;
    let listed: Vec<_> = found.into_iter().map(|room| listed(store, me, room)).collect();
    let rooms: Vec<Option<ListedRoom>> = stream::iter(listed).buffered(AT_ONCE).try_collect().await?;
    Ok(Json(RoomList {
        rooms: rooms.into_iter().flatten().collect(),
        next_cursor: next.map(|key| Cursor(key).encode()),
    }))
}

/// Returns the place at which the part after a full one begins.
fn more<R>(found: &[R], place: impl Fn(&R) -> String) -> Option<String> {
    found.last().filter(|_| found.len() == LISTED).map(place)
}

/// Returns a room for the list; none where it is not the caller's any more. Parties change, and people are let out.
async fn listed(store: &Store, me: &Principal, room: Room) -> Result<Option<ListedRoom>, Problem> {
    let room = match RoomAccess::enter(store, me, Some(room)).await {
        Ok(access) => access.room,
        Err(refusal) if refusal.code == Code::NoSuchRoom => return Ok(None),
        Err(refusal) => return Err(problem(refusal)),
    };
    let cursor = RoomCursor::key_of(room.room_id, me.member_id);
    let (last, cursor) =
        futures_util::try_join!(History::last_of(store, room.room_id), store.get::<RoomCursor>(&cursor))?;
    Ok(Some(ListedRoom {
        last: last.map_or(0, |last| last.offset),
        read: cursor.map_or(0, |cursor| cursor.read),
        room: room.into(),
    }))
}

/// Reads a room and the people in it.
#[utoipa::path(
    get, path = "/rooms/{id}", tag = "rooms", params(("id" = String, Path)),
    responses((status = 200, body = RoomWithPeople), (status = 404, description = "Not there, or not the caller's to know of"))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<RoomWithPeople>, Problem> {
    let access = take(&app.store, &caller, &id).await?;
    let people = access.people(&app.store, PEOPLE).await?;
    let people = people
        .into_iter()
        .map(|(member, owner)| PersonView { owner, ..member.into() });
    let people = people.collect();
    Ok(Json(RoomWithPeople {
        room: access.room.into(),
        people,
    }))
}

/// Returns the room, if the caller is in it.
pub async fn take(store: &Store, caller: &Caller, id: &str) -> Result<RoomAccess, Problem> {
    let id: RoomId = id.parse().map_err(|_| Problem::not_found())?;
    RoomAccess::take(store, &caller.principal, id).await.map_err(problem)
}
