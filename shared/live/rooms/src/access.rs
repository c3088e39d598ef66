use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::records::{Room, RoomKind, RoomMember, Subscription};
use inventure_core::{MemberId, Principal, Role, RoomId, TenantId};
use inventure_deal_store::records::DealHead;
use inventure_people::records::Member;
use inventure_realtime::Refusal;
use inventure_table::{Key, Store, StoreError, table::Query};

use crate::unanswered;

/// The roles that may talk at all. An auditor reads what was engaged for, and an operator how things run; conversations are neither.
pub const TALKERS: &[Role] = &[Role::AgencyOwner, Role::Broker, Role::Employer];

/// A room, as seen by a person who is in it now.
#[derive(Debug, Clone)]
pub struct RoomAccess {
    /// The record of the room.
    pub room: Room,
    /// The agencies of a deal's room. Empty for another room.
    parties: Vec<TenantId>,
    /// The agencies that took part in the deal by a word of their own. The others enter, and are shown and addressed by nobody.
    taking_part: Vec<TenantId>,
}

impl RoomAccess {
    /// Reads the room, if the person is in it.
    ///
    /// # Errors
    /// Refuses with [`Refusal::no_such_room`] if the person is not in it, whether or not there is such a room.
    pub async fn take(store: &Store, person: &Principal, id: RoomId) -> Result<Self, Refusal> {
        let room: Option<Room> = store.get(&Room::key_of(id)).await.map_err(unanswered)?;
        if room.is_none() {
            Self::as_if(store, person, id).await.map_err(unanswered)?;
        }
        Self::enter(store, person, room).await
    }

    /// Spends as much time on a room that is not there as on one of other people. The ids of deals' rooms follow from the deals', so
    /// a quicker no would say which deals are talked about.
    pub async fn as_if(store: &Store, person: &Principal, id: RoomId) -> Result<(), StoreError> {
        let key = RoomMember::key_of(id, person.member_id);
        store.get::<RoomMember>(&key).await.map(|_| ())
    }

    /// Checks that the person is in a room that was looked for, as [`Self::take`] does.
    pub async fn enter(store: &Store, person: &Principal, room: Option<Room>) -> Result<Self, Refusal> {
        let room = room.ok_or_else(Refusal::no_such_room)?;
        let id = room.room_id;
        let access = Self::of(store, room).await.map_err(unanswered)?;
        let inside = match access.room.kind {
            RoomKind::Deal { .. } => access.parties.contains(&person.tenant_id),
            RoomKind::Agency { tenant_id } if tenant_id == person.tenant_id => true,
            RoomKind::Agency { .. } => {
                Self::as_if(store, person, id).await.map_err(unanswered)?;
                false
            }
            RoomKind::Direct {} | RoomKind::Topic {} => {
                let key = RoomMember::key_of(id, person.member_id);
                store.get::<RoomMember>(&key).await.map_err(unanswered)?.is_some()
            }
        };
        if inside && TALKERS.contains(&person.role) {
            Ok(access)
        } else {
            Err(Refusal::no_such_room())
        }
    }

    /// Returns the agencies of a deal's room; none for another room.
    #[must_use]
    pub fn parties(&self) -> &[TenantId] {
        &self.parties
    }

    /// Whether the people of a tenant are shown in the room. A stranger's proposal alone shows nobody's people.
    #[must_use]
    pub fn shows(&self, tenant: TenantId) -> bool {
        !matches!(self.room.kind, RoomKind::Deal { .. }) || self.taking_part.contains(&tenant)
    }

    /// Reads the room as it is now, for code that works on the room's behalf.
    pub async fn of(store: &Store, room: Room) -> Result<Self, StoreError> {
        let head: Option<DealHead> = match room.kind {
            RoomKind::Deal { deal_id } => store.get(&DealHead::key_of(deal_id)).await?,
            _ => None,
        };
        let taking_part = head
            .as_ref()
            .map(|head| head.taking_part().to_vec())
            .unwrap_or_default();
        let parties = head.map(|head| head.parties).unwrap_or_default();
        Ok(Self {
            room,
            parties,
            taking_part,
        })
    }

    /// Reads the people whom the room shows, at most so many, as their records are now. Each comes with whether they own the room.
    pub async fn people(&self, store: &Store, most: usize) -> Result<Vec<(Member, bool)>, StoreError> {
        self.of_tenants(store, &self.taking_part, most).await
    }

    /// Reads everybody who may be in the room, at most so many. Their devices are let into an encrypted one; nobody is shown their
    /// names by that.
    pub async fn everybody(&self, store: &Store, most: usize) -> Result<Vec<(Member, bool)>, StoreError> {
        self.of_tenants(store, &self.parties, most).await
    }

    /// Reads the people of a room. Of a deal's room they are those of the tenants `of_deal`.
    async fn of_tenants(
        &self,
        store: &Store,
        of_deal: &[TenantId],
        most: usize,
    ) -> Result<Vec<(Member, bool)>, StoreError> {
        let tenants = match self.room.kind {
            RoomKind::Deal { .. } => of_deal.to_vec(),
            RoomKind::Agency { tenant_id } => vec![tenant_id],
            RoomKind::Direct {} | RoomKind::Topic {} => Vec::new(),
        };
        let mut found: Vec<Member> = Vec::new();
        for tenant in tenants {
            let query = Query {
                limit: most,
                ..Query::index(Member::of_tenant(tenant))
            };
            found.extend(store.query::<Member>(&query).await?);
        }
        let query = Query {
            limit: most,
            ..Query::table(Room::partition(self.room.room_id), RoomMember::PREFIX)
        };
        let mut owners = HashSet::new();
        for let_in in store.query::<RoomMember>(&query).await? {
            if let_in.owner {
                owners.insert(let_in.member_id);
            }
            let query = Query {
                prefix: let_in.member_id.to_string(),
                limit: 1,
                ..Query::index(Member::of_tenant(let_in.tenant_id))
            };
            found.extend(store.query::<Member>(&query).await?);
        }
        found.truncate(most);
        // The index lags behind: as the records are now.
        let keys: Vec<Key> = found.iter().map(|member| Member::key_of(&member.subject)).collect();
        let now: Vec<Member> = store.get_all(&keys).await?;
        let known: BTreeMap<MemberId, TenantId> = found
            .into_iter()
            .map(|member| (member.member_id, member.tenant_id))
            .collect();
        let still =
            |member: &Member| known.get(&member.member_id) == Some(&member.tenant_id) && TALKERS.contains(&member.role);
        let with_owner = |member: Member| {
            let owns = owners.contains(&member.member_id);
            (member, owns)
        };
        Ok(now.into_iter().filter(still).map(with_owner).collect())
    }

    /// Reads those of these people whom the room shows now, by their ids.
    pub async fn named(&self, store: &Store, ids: &[MemberId]) -> Result<Vec<Member>, StoreError> {
        let ids: BTreeSet<MemberId> = ids.iter().copied().collect();
        let places: Vec<(MemberId, TenantId)> = match self.room.kind {
            RoomKind::Deal { .. } => {
                let of_parties = |id| self.taking_part.iter().map(move |tenant| (id, *tenant));
                ids.into_iter().flat_map(of_parties).collect()
            }
            RoomKind::Agency { tenant_id } => ids.into_iter().map(|id| (id, tenant_id)).collect(),
            RoomKind::Direct {} | RoomKind::Topic {} => {
                let keys: Vec<Key> = ids
                    .iter()
                    .map(|id| RoomMember::key_of(self.room.room_id, *id))
                    .collect();
                let let_in: Vec<RoomMember> = store.get_all(&keys).await?;
                let_in
                    .iter()
                    .map(|record| (record.member_id, record.tenant_id))
                    .collect()
            }
        };
        let mut found: Vec<Member> = Vec::new();
        for (id, tenant) in places {
            let query = Query {
                prefix: id.to_string(),
                limit: 1,
                ..Query::index(Member::of_tenant(tenant))
            };
            found.extend(store.query::<Member>(&query).await?);
        }
        // The index lags behind: as the records are now.
        let people = found.iter().map(|member| (member.subject.as_str(), member.member_id));
        let inside = self.inside(store, people.collect()).await?;
        found.retain(|member| inside.contains(&member.member_id));
        Ok(found)
    }

    /// Splits these subscriptions into those whose people are in the room now, and the others.
    pub async fn audience(
        &self,
        store: &Store,
        subscriptions: Vec<Subscription>,
    ) -> Result<(Vec<Subscription>, Vec<Subscription>), StoreError> {
        let people = subscriptions
            .iter()
            .map(|subscription| (subscription.subject.as_str(), subscription.member_id))
            .collect();
        let inside = self.inside(store, people).await?;
        let inside = |subscription: &Subscription| inside.contains(&subscription.member_id);
        Ok(subscriptions.into_iter().partition(inside))
    }

    /// Returns those of these people who are in the room now. People are given by the subject of their tokens and their id. Parties
    /// of a deal change while a message is on its way.
    pub async fn inside(
        &self,
        store: &Store,
        people: BTreeSet<(&str, MemberId)>,
    ) -> Result<HashSet<MemberId>, StoreError> {
        let subjects: BTreeSet<&str> = people.iter().map(|(subject, _)| *subject).collect();
        let keys: Vec<Key> = subjects.into_iter().map(Member::key_of).collect();
        let (members, access): (Vec<Member>, Self) =
            futures_util::try_join!(store.get_all(&keys), Self::of(store, self.room.clone()))?;
        // Who came back is another member, of the same subject.
        let asked = |member: &Member| people.contains(&(member.subject.as_str(), member.member_id));
        let mut inside: HashSet<MemberId> = members
            .iter()
            .filter(|member| asked(member) && TALKERS.contains(&member.role))
            .filter(|member| match self.room.kind {
                RoomKind::Deal { .. } => access.parties.contains(&member.tenant_id),
                RoomKind::Agency { tenant_id } => tenant_id == member.tenant_id,
                RoomKind::Direct {} | RoomKind::Topic {} => true,
            })
            .map(|member| member.member_id)
            .collect();
        if matches!(self.room.kind, RoomKind::Direct {} | RoomKind::Topic {}) {
            let keys: Vec<Key> = inside
                .iter()
                .map(|id| RoomMember::key_of(self.room.room_id, *id))
                .collect();
            let let_in: Vec<RoomMember> = store.get_all(&keys).await?;
            inside = let_in.into_iter().map(|record| record.member_id).collect();
        }
        Ok(inside)
    }
}

#[cfg(test)]
mod tests;
