//! Tests of access to rooms: by kind, tenant, the parties of a deal, membership and role.

use std::{
    fmt::Debug,
    str::FromStr,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use inventure_core::DealId;
use inventure_realtime::Code;
use inventure_table::{
    Change, Commit, Condition, Record, Table, Write,
    memory::MemoryTable,
    table::{Item, Outcome},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::*;

const DIRECT: RoomKind = RoomKind::Direct {};
const TOPIC: RoomKind = RoomKind::Topic {};
/// The number of the tenant that is the employer of the deal, and none of its parties.
const EMPLOYER: u8 = 8;
/// The number of a tenant that may see the deal, and is none of its parties.
const ONLOOKER: u8 = 9;

fn id<T: FromStr<Err: Debug>>(prefix: &str, number: u8) -> T {
    format!("{prefix}_0198c7a2e0b07a31b2d4c6e8fa0c1e{number:02x}")
        .parse()
        .unwrap()
}

fn tenant(number: u8) -> TenantId {
    id("ten", number)
}

fn member(number: u8) -> MemberId {
    id("mem", number)
}

/// The number that an id of a member was made of.
fn number(id: MemberId) -> u8 {
    id.uuid().as_bytes()[15]
}

fn deal() -> DealId {
    id("dea", 1)
}

fn of_deal() -> RoomKind {
    RoomKind::Deal { deal_id: deal() }
}

fn of_agency(number: u8) -> RoomKind {
    RoomKind::Agency {
        tenant_id: tenant(number),
    }
}

fn made(number: u8, kind: RoomKind) -> Room {
    Room {
        room_id: id("rom", number),
        kind,
        title: None,
        encrypted: false,
        epoch: Uuid::nil(),
        created_by: member(1),
        created_at: Timestamp::UNIX_EPOCH,
        version: 1,
    }
}

/// The head of the deal with these parties, of which these said anything.
fn head(parties: &[u8], spoke: Option<&[u8]>) -> DealHead {
    let tenants = |numbers: &[u8]| -> Vec<TenantId> { numbers.iter().map(|number| tenant(*number)).collect() };
    let now = Timestamp::UNIX_EPOCH;
    DealHead {
        deal_id: deal(),
        job_id: id("job", 1),
        employer_id: tenant(EMPLOYER),
        tenants: tenants(&[EMPLOYER, ONLOOKER]),
        parties: tenants(parties),
        spoke: spoke.map(tenants),
        bound: None,
        present: None,
        state: "active".to_owned(),
        facts: 1,
        settled_until: now,
        booked_until: now,
        due_at: None,
        not_before: None,
        failures: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn subscription(room: &Room, person: &Member, connection_id: &str) -> Subscription {
    Subscription {
        room_id: room.room_id,
        connection_id: connection_id.to_owned(),
        member_id: person.member_id,
        tenant_id: person.tenant_id,
        subject: person.subject.clone(),
        expires_at: 0,
    }
}

fn is_unavailable<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unavailable(_)))
}

/// The numbers of people, sorted, each with whether they own the room.
fn numbered(people: Vec<(Member, bool)>) -> Vec<(u8, bool)> {
    let mut numbered: Vec<(u8, bool)> = people
        .into_iter()
        .map(|(person, owns)| (number(person.member_id), owns))
        .collect();
    numbered.sort_unstable();
    numbered
}

/// A table in memory that notes which ranges are read.
#[derive(Default)]
struct Noting {
    memory: MemoryTable,
    ranges: Mutex<Vec<Query>>,
}

#[async_trait]
impl Table for Noting {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.memory.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        self.memory.get_many(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Vec<Item>, StoreError> {
        self.ranges.lock().unwrap().push(query.clone());
        self.memory.query(query).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, StoreError> {
        self.memory.transact(writes).await
    }

    async fn count(&self, key: &Key, names: &[&str], expires_at: i64) -> Result<Vec<u64>, StoreError> {
        self.memory.count(key, names, expires_at).await
    }
}

struct World {
    table: Arc<Noting>,
    store: Store,
}

impl World {
    fn new() -> Self {
        let table = Arc::new(Noting::default());
        let store = Store::new(Arc::clone(&table) as Arc<dyn Table>, "test");
        Self { table, store }
    }

    fn memory(&self) -> &MemoryTable {
        &self.table.memory
    }

    /// The ranges that were read since they were last asked for.
    fn ranges(&self) -> Vec<Query> {
        std::mem::take(&mut *self.table.ranges.lock().unwrap())
    }

    async fn commit(&self, change: Change) {
        assert!(matches!(self.store.commit(change).await, Ok(Commit::Done)));
    }

    async fn write<R: Record>(&self, record: &R) {
        self.commit(Change::new().put(record, Condition::None)).await;
    }

    async fn remove(&self, key: Key) {
        self.commit(Change::new().delete(key, Condition::None)).await;
    }

    async fn room(&self, number: u8, kind: RoomKind) -> Room {
        let room = made(number, kind);
        self.write(&room).await;
        room
    }

    async fn person(&self, number: u8, of_tenant: u8, role: Role) -> Member {
        let person = Member {
            subject: format!("https://issuer.example#{number}"),
            member_id: member(number),
            tenant_id: tenant(of_tenant),
            role,
            name: format!("Person {number}"),
            email: None,
            version: 1,
            joined_at: Timestamp::UNIX_EPOCH,
        };
        self.write(&person).await;
        person
    }

    async fn broker(&self, number: u8, of_tenant: u8) -> Member {
        self.person(number, of_tenant, Role::Broker).await
    }

    async fn let_in(&self, room: &Room, person: &Member, owner: bool) {
        let record = RoomMember {
            room_id: room.room_id,
            member_id: person.member_id,
            tenant_id: person.tenant_id,
            name: person.name.clone(),
            owner,
            joined_at: Timestamp::UNIX_EPOCH,
        };
        self.write(&record).await;
    }

    /// Rooms of every kind that a person of tenant 1 is not in, and one that was never opened.
    async fn closed(&self) -> Vec<Room> {
        self.write(&head(&[2], None)).await;
        let mut rooms = Vec::new();
        for (kind, number) in [DIRECT, TOPIC, of_deal(), of_agency(2)].into_iter().zip(1..) {
            rooms.push(self.room(number, kind).await);
        }
        rooms.push(made(9, TOPIC));
        rooms
    }

    /// Whether a person enters a room. Whoever does not is told that there is no such room, and nothing else.
    async fn enters(&self, person: &Member, room: &Room) -> bool {
        match RoomAccess::take(&self.store, &person.principal(), room.room_id).await {
            Ok(access) => {
                assert_eq!(access.room, *room);
                true
            }
            Err(refusal) => {
                assert_eq!(refusal, Refusal::no_such_room());
                false
            }
        }
    }

    async fn of(&self, room: &Room) -> RoomAccess {
        RoomAccess::of(&self.store, room.clone()).await.unwrap()
    }

    async fn people(&self, access: &RoomAccess, most: usize) -> Vec<(u8, bool)> {
        numbered(access.people(&self.store, most).await.unwrap())
    }

    async fn everybody(&self, access: &RoomAccess, most: usize) -> Vec<(u8, bool)> {
        numbered(access.everybody(&self.store, most).await.unwrap())
    }

    async fn named(&self, access: &RoomAccess, numbers: &[u8]) -> Vec<u8> {
        let ids: Vec<MemberId> = numbers.iter().map(|number| member(*number)).collect();
        let found = access.named(&self.store, &ids).await.unwrap();
        let mut found: Vec<u8> = found.iter().map(|person| number(person.member_id)).collect();
        found.sort_unstable();
        found
    }

    async fn inside(&self, access: &RoomAccess, people: &[&Member]) -> Vec<u8> {
        let people: BTreeSet<(&str, MemberId)> = people
            .iter()
            .map(|person| (person.subject.as_str(), person.member_id))
            .collect();
        let inside = access.inside(&self.store, people).await.unwrap();
        let mut inside: Vec<u8> = inside.into_iter().map(number).collect();
        inside.sort_unstable();
        inside
    }
}

#[tokio::test]
async fn an_agencys_room_is_entered_by_its_own_people_and_by_no_others() {
    let world = World::new();
    let room = world.room(1, of_agency(1)).await;
    let (own, stranger) = (world.broker(1, 1).await, world.broker(2, 2).await);
    assert!(world.enters(&own, &room).await);
    assert!(!world.enters(&stranger, &room).await);
    // Letting people in by name is for other rooms.
    world.let_in(&room, &stranger, true).await;
    assert!(!world.enters(&stranger, &room).await);
}

#[tokio::test]
async fn a_deals_room_is_entered_by_its_parties_whether_or_not_they_took_part() {
    let world = World::new();
    let room = world.room(1, of_deal()).await;
    let (speaks, silent) = (world.broker(1, 1).await, world.broker(2, 2).await);
    let others = [
        world.broker(3, 3).await,
        world.person(EMPLOYER, EMPLOYER, Role::Employer).await,
        world.broker(ONLOOKER, ONLOOKER).await,
    ];
    assert!(
        !world.enters(&speaks, &room).await,
        "a deal that is not there has no parties"
    );
    world.write(&head(&[1, 2], Some(&[1]))).await;
    assert!(world.enters(&speaks, &room).await);
    assert!(world.enters(&silent, &room).await);
    for other in others {
        assert!(!world.enters(&other, &room).await, "{other:?}");
        world.let_in(&room, &other, true).await;
        assert!(!world.enters(&other, &room).await, "{other:?} was let in by name");
    }
}

#[tokio::test]
async fn the_parties_of_a_deal_say_who_is_in_its_room_at_every_stage() {
    let world = World::new();
    let room = world.room(1, of_deal()).await;
    let (one, other) = (world.broker(1, 1).await, world.broker(2, 2).await);
    for state in ["draft", "signing", "active", "disputed", "closed"] {
        for (party, is_one) in [(1, true), (2, false)] {
            let head = DealHead {
                state: state.to_owned(),
                ..head(&[party], None)
            };
            world.write(&head).await;
            assert_eq!(world.enters(&one, &room).await, is_one, "{state}");
            assert_eq!(world.enters(&other, &room).await, !is_one, "{state}");
        }
    }
}

#[tokio::test]
async fn a_direct_room_and_a_topic_are_entered_by_those_who_were_let_in_until_they_are_let_out() {
    for kind in [DIRECT, TOPIC] {
        let world = World::new();
        let (room, another) = (world.room(1, kind).await, world.room(2, kind).await);
        let (person, colleague) = (world.broker(1, 1).await, world.broker(2, 1).await);
        assert!(!world.enters(&person, &room).await);
        world.let_in(&room, &person, false).await;
        assert!(world.enters(&person, &room).await);
        assert!(!world.enters(&person, &another).await);
        assert!(!world.enters(&colleague, &room).await);
        world.remove(RoomMember::key_of(room.room_id, person.member_id)).await;
        assert!(!world.enters(&person, &room).await);
    }
}

#[tokio::test]
async fn owners_brokers_and_employers_enter_and_auditors_and_operators_never_do() {
    assert_eq!(TALKERS, [Role::AgencyOwner, Role::Broker, Role::Employer]);
    for kind in [DIRECT, of_deal(), of_agency(1), TOPIC] {
        let world = World::new();
        let room = world.room(1, kind).await;
        world.write(&head(&[1], Some(&[1]))).await;
        for (role, number) in Role::ALL.into_iter().zip(1..) {
            let person = world.person(number, 1, role).await;
            world.let_in(&room, &person, false).await;
            let talks = TALKERS.contains(&role);
            assert_eq!(world.enters(&person, &room).await, talks, "{kind:?} {role:?}");
        }
    }
}

#[tokio::test]
async fn a_room_that_was_looked_for_and_is_not_there_is_entered_by_nobody() {
    let world = World::new();
    let person = world.broker(1, 1).await.principal();
    let refused = RoomAccess::enter(&world.store, &person, None).await;
    assert_eq!(refused.unwrap_err(), Refusal::no_such_room());
}

#[tokio::test]
async fn a_no_takes_two_reads_whether_or_not_there_is_such_a_room() {
    let world = World::new();
    let person = world.broker(1, 1).await;
    for room in world.closed().await {
        let before = world.memory().calls();
        assert!(!world.enters(&person, &room).await);
        assert_eq!(world.memory().calls() - before, 2, "{room:?}");
    }
    let before = world.memory().calls();
    let spent = RoomAccess::as_if(&world.store, &person.principal(), id("rom", 1)).await;
    assert!(spent.is_ok());
    assert_eq!(world.memory().calls() - before, 1);
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_never_taken_for_a_no() {
    let world = World::new();
    let person = world.broker(1, 1).await.principal();
    for room in world.closed().await {
        for nth in 0..2 {
            world.memory().fail_nth(nth);
            let refused = RoomAccess::take(&world.store, &person, room.room_id).await;
            assert_eq!(refused.unwrap_err().code, Code::Unavailable, "{room:?}, read {nth}");
            assert!(!world.memory().fault_is_due(), "{room:?}, read {nth}");
        }
    }
    world.memory().fail_next(1);
    assert!(is_unavailable(
        &RoomAccess::as_if(&world.store, &person, id("rom", 1)).await
    ));
}

#[tokio::test]
async fn reads_of_a_rooms_people_fail_where_the_table_does_not_answer() {
    let world = World::new();
    let room = world.room(1, of_deal()).await;
    world.write(&head(&[1], None)).await;
    let person = world.broker(1, 1).await;
    let access = world.of(&room).await;
    let fail = || world.memory().fail_next(1);
    fail();
    assert!(is_unavailable(&RoomAccess::of(&world.store, room.clone()).await));
    fail();
    assert!(is_unavailable(&access.people(&world.store, 10).await));
    fail();
    assert!(is_unavailable(&access.everybody(&world.store, 10).await));
    fail();
    assert!(is_unavailable(&access.named(&world.store, &[person.member_id]).await));
    fail();
    let subscriptions = vec![subscription(&room, &person, "a")];
    assert!(is_unavailable(&access.audience(&world.store, subscriptions).await));
    fail();
    let people = BTreeSet::from([(person.subject.as_str(), person.member_id)]);
    assert!(is_unavailable(&access.inside(&world.store, people).await));
}

#[tokio::test]
async fn the_parties_of_a_room_are_those_of_its_deal_and_no_other_room_has_any() {
    let world = World::new();
    let room = world.room(1, of_deal()).await;
    assert!(world.of(&room).await.parties().is_empty());
    world.write(&head(&[2, 1], Some(&[1]))).await;
    assert_eq!(world.of(&room).await.parties(), [tenant(2), tenant(1)]);
    for kind in [DIRECT, TOPIC, of_agency(1)] {
        assert!(world.of(&made(2, kind)).await.parties().is_empty(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_deals_room_shows_the_agencies_that_took_part_and_another_room_shows_all() {
    let world = World::new();
    let room = world.room(1, of_deal()).await;
    assert!(!world.of(&room).await.shows(tenant(1)));
    world.write(&head(&[1, 2], Some(&[1]))).await;
    let access = world.of(&room).await;
    assert!(access.shows(tenant(1)));
    assert!(!access.shows(tenant(2)), "a party that said nothing");
    assert!(!access.shows(tenant(3)), "a stranger");
    // A head from before it was kept who spoke.
    world.write(&head(&[1, 2], None)).await;
    let access = world.of(&room).await;
    assert!(access.shows(tenant(1)) && access.shows(tenant(2)));
    assert!(!access.shows(tenant(3)));
    for kind in [DIRECT, TOPIC, of_agency(1)] {
        let access = world.of(&made(2, kind)).await;
        assert!(access.shows(tenant(1)) && access.shows(tenant(2)), "{kind:?}");
    }
}

#[tokio::test]
async fn the_people_of_a_deals_room_are_of_agencies_that_took_part_and_everybody_is_of_all_parties() {
    let world = World::new();
    let room = world.room(1, of_deal()).await;
    for number in [1, 2, 3, EMPLOYER, ONLOOKER] {
        world.broker(number, number).await;
    }
    world.write(&head(&[1, 2], Some(&[1]))).await;
    let access = world.of(&room).await;
    assert_eq!(world.people(&access, 10).await, [(1, false)]);
    assert_eq!(world.everybody(&access, 10).await, [(1, false), (2, false)]);
    // A head from before it was kept who spoke.
    world.write(&head(&[1, 2], None)).await;
    let access = world.of(&room).await;
    assert_eq!(world.people(&access, 10).await, [(1, false), (2, false)]);
}

#[tokio::test]
async fn the_people_of_an_agencys_room_are_those_of_its_people_who_talk() {
    let world = World::new();
    let room = world.room(1, of_agency(1)).await;
    for (role, number) in Role::ALL.into_iter().zip(1..) {
        world.person(number, 1, role).await;
    }
    world.broker(6, 2).await;
    let access = world.of(&room).await;
    let talkers = [(1, false), (2, false), (3, false)];
    assert_eq!(world.people(&access, 10).await, talkers);
    assert_eq!(world.everybody(&access, 10).await, talkers);
}

#[tokio::test]
async fn the_people_of_a_direct_room_and_a_topic_are_those_who_were_let_in_with_its_owner_marked() {
    for kind in [DIRECT, TOPIC] {
        let world = World::new();
        let (room, another) = (world.room(1, kind).await, world.room(2, kind).await);
        let (owner, guest) = (world.broker(1, 1).await, world.broker(2, 2).await);
        // Colleagues, who come before them in the index, were not let in.
        let colleague = world.broker(3, 1).await;
        world.broker(4, 2).await;
        world.let_in(&room, &owner, true).await;
        world.let_in(&room, &guest, false).await;
        world.let_in(&another, &colleague, true).await;
        let access = world.of(&room).await;
        let let_in = [(1, true), (2, false)];
        assert_eq!(world.people(&access, 10).await, let_in, "{kind:?}");
        assert_eq!(world.everybody(&access, 10).await, let_in, "{kind:?}");
    }
}

#[tokio::test]
async fn no_more_people_are_read_than_are_asked_for() {
    let world = World::new();
    let room = world.room(1, of_deal()).await;
    for (number, of_tenant) in [(1, 1), (2, 1), (3, 2), (4, 2)] {
        world.broker(number, of_tenant).await;
    }
    world.write(&head(&[1, 2], None)).await;
    let access = world.of(&room).await;
    for most in 1..=5 {
        assert_eq!(world.people(&access, most).await.len(), most.min(4), "{most}");
        let members = |of_tenant: &str| Query {
            limit: most,
            ..Query::index(of_tenant)
        };
        let let_in = Query {
            limit: most,
            ..Query::table("ROOM#rom_0198c7a2e0b07a31b2d4c6e8fa0c1e01", "MEMBER#")
        };
        let ranges = [
            members("MEMBERS#ten_0198c7a2e0b07a31b2d4c6e8fa0c1e01"),
            members("MEMBERS#ten_0198c7a2e0b07a31b2d4c6e8fa0c1e02"),
            let_in,
        ];
        assert_eq!(world.ranges(), ranges, "{most}");
    }
}

/// The range that finds one person of tenant 1.
fn only(person: &str) -> Query {
    Query {
        prefix: person.to_owned(),
        limit: 1,
        ..Query::index("MEMBERS#ten_0198c7a2e0b07a31b2d4c6e8fa0c1e01")
    }
}

#[tokio::test]
async fn each_person_who_was_let_in_is_looked_for_alone_and_no_more_than_are_asked_for() {
    let world = World::new();
    let room = world.room(1, TOPIC).await;
    for number in 1..=3 {
        let person = world.broker(number, 1).await;
        world.let_in(&room, &person, number == 2).await;
    }
    let access = world.of(&room).await;
    assert_eq!(world.people(&access, 2).await, [(1, false), (2, true)]);
    let let_in = Query {
        limit: 2,
        ..Query::table("ROOM#rom_0198c7a2e0b07a31b2d4c6e8fa0c1e01", "MEMBER#")
    };
    let ranges = [
        let_in,
        only("mem_0198c7a2e0b07a31b2d4c6e8fa0c1e01"),
        only("mem_0198c7a2e0b07a31b2d4c6e8fa0c1e02"),
    ];
    assert_eq!(world.ranges(), ranges);
}

#[tokio::test]
async fn each_person_who_is_named_is_looked_for_alone_and_once() {
    let world = World::new();
    let room = world.room(1, of_agency(1)).await;
    for number in 1..=3 {
        world.broker(number, 1).await;
    }
    let access = world.of(&room).await;
    assert_eq!(world.named(&access, &[2, 1, 2]).await, [1, 2]);
    let ranges = [
        only("mem_0198c7a2e0b07a31b2d4c6e8fa0c1e01"),
        only("mem_0198c7a2e0b07a31b2d4c6e8fa0c1e02"),
    ];
    assert_eq!(world.ranges(), ranges);
}

#[tokio::test]
async fn whoever_left_is_not_shown_where_the_index_still_has_them() {
    let world = World::new();
    let room = world.room(1, of_agency(1)).await;
    let topic = world.room(2, TOPIC).await;
    let mut people = Vec::new();
    for number in 1..=5 {
        let person = world.broker(number, 1).await;
        world.let_in(&topic, &person, false).await;
        people.push(person);
    }
    world.memory().hold_index(true);
    let renamed = Member {
        name: "Another name".to_owned(),
        ..people[0].clone()
    };
    world.write(&renamed).await;
    let elsewhere = Member {
        tenant_id: tenant(2),
        ..people[1].clone()
    };
    world.write(&elsewhere).await;
    let auditor = Member {
        role: Role::Auditor,
        ..people[2].clone()
    };
    world.write(&auditor).await;
    let back_as_another = Member {
        member_id: member(40),
        ..people[3].clone()
    };
    world.write(&back_as_another).await;
    world.remove(people[4].key()).await;
    for room in [&room, &topic] {
        let access = world.of(room).await;
        let shown = access.people(&world.store, 10).await.unwrap();
        assert_eq!(shown, [(renamed.clone(), false)], "{room:?}");
    }
    let access = world.of(&room).await;
    assert_eq!(world.named(&access, &[1, 2, 3, 4, 5, 40]).await, [1]);
}

#[tokio::test]
async fn people_are_named_where_the_room_shows_them() {
    let world = World::new();
    let (of_deal, of_agency) = (world.room(1, of_deal()).await, world.room(2, of_agency(1)).await);
    world.write(&head(&[1, 2], Some(&[1]))).await;
    let of_direct = [world.room(3, DIRECT).await, world.room(4, TOPIC).await];
    // Two of an agency that took part, two of one that said nothing, a stranger, and one who does not talk.
    for (number, of_tenant) in [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)] {
        let person = world.broker(number, of_tenant).await;
        for room in &of_direct {
            if number % 2 == 1 {
                world.let_in(room, &person, false).await;
            }
        }
    }
    world.person(6, 1, Role::Auditor).await;
    let all = [1, 2, 3, 4, 5, 6, 7];
    for room in [&of_deal, &of_agency] {
        let access = world.of(room).await;
        assert_eq!(world.named(&access, &all).await, [1, 2], "{room:?}");
        assert_eq!(world.named(&access, &[1]).await, [1], "{room:?}");
        assert!(world.named(&access, &[3, 5, 6, 7]).await.is_empty(), "{room:?}");
        assert!(world.named(&access, &[]).await.is_empty(), "{room:?}");
    }
    for room in &of_direct {
        let access = world.of(room).await;
        assert_eq!(world.named(&access, &all).await, [1, 3, 5], "{room:?}");
        assert_eq!(world.named(&access, &[1, 2]).await, [1], "{room:?}");
    }
}

#[tokio::test]
async fn an_audience_is_the_subscriptions_of_people_who_are_in_the_room_now() {
    let world = World::new();
    let room = world.room(1, of_agency(1)).await;
    let (own, stranger) = (world.broker(1, 1).await, world.broker(2, 2).await);
    let auditor = world.person(3, 1, Role::Auditor).await;
    let one = subscription(&room, &own, "a");
    let strangers = subscription(&room, &stranger, "b");
    let other = subscription(&room, &own, "c");
    let auditors = subscription(&room, &auditor, "d");
    let all = vec![one.clone(), strangers.clone(), other.clone(), auditors.clone()];
    let access = world.of(&room).await;
    assert_eq!(
        access.audience(&world.store, all).await.unwrap(),
        (vec![one, other], vec![strangers, auditors])
    );
    assert_eq!(
        access.audience(&world.store, Vec::new()).await.unwrap(),
        (Vec::new(), Vec::new())
    );
}

#[tokio::test]
async fn those_inside_an_agencys_room_are_its_own_people_who_talk() {
    let world = World::new();
    let room = world.room(1, of_agency(1)).await;
    let (own, stranger) = (world.broker(1, 1).await, world.broker(2, 2).await);
    let auditor = world.person(3, 1, Role::Auditor).await;
    let gone = world.broker(4, 1).await;
    world.remove(gone.key()).await;
    // A colleague of theirs of whom it is not asked.
    world.broker(5, 1).await;
    let access = world.of(&room).await;
    assert_eq!(world.inside(&access, &[&own, &stranger, &auditor, &gone]).await, [1]);
    assert!(world.inside(&access, &[]).await.is_empty());
}

#[tokio::test]
async fn a_person_is_inside_under_their_own_subject_and_id_together() {
    for kind in [DIRECT, of_deal(), of_agency(1), TOPIC] {
        let world = World::new();
        let room = world.room(1, kind).await;
        world.write(&head(&[1], None)).await;
        let (one, other) = (world.broker(1, 1).await, world.broker(2, 1).await);
        for person in [&one, &other] {
            world.let_in(&room, person, false).await;
        }
        let access = world.of(&room).await;
        assert_eq!(world.inside(&access, &[&one, &other]).await, [1, 2], "{kind:?}");
        let before = Member {
            member_id: member(7),
            ..one.clone()
        };
        let mixed = Member {
            member_id: one.member_id,
            ..other.clone()
        };
        assert!(world.inside(&access, &[&before]).await.is_empty(), "{kind:?}");
        assert!(world.inside(&access, &[&mixed]).await.is_empty(), "{kind:?}");
    }
}

#[tokio::test]
async fn those_inside_a_deals_room_are_of_its_parties_as_they_are_now() {
    let world = World::new();
    let room = world.room(1, of_deal()).await;
    world.write(&head(&[1, 2], Some(&[1]))).await;
    let people = [
        &world.broker(1, 1).await,
        &world.broker(2, 2).await,
        &world.broker(3, 3).await,
        &world.person(4, 1, Role::Auditor).await,
        &world.person(EMPLOYER, EMPLOYER, Role::Employer).await,
        &world.broker(ONLOOKER, ONLOOKER).await,
    ];
    let access = world.of(&room).await;
    assert_eq!(world.inside(&access, &people).await, [1, 2]);
    world.write(&head(&[2, 3], Some(&[2]))).await;
    assert_eq!(world.inside(&access, &people).await, [2, 3]);
    world.remove(DealHead::key_of(deal())).await;
    assert!(world.inside(&access, &people).await.is_empty());
}

#[tokio::test]
async fn those_inside_a_direct_room_and_a_topic_are_those_who_are_still_let_in() {
    for kind in [DIRECT, TOPIC] {
        let world = World::new();
        let (room, another) = (world.room(1, kind).await, world.room(2, kind).await);
        let (one, other) = (world.broker(1, 1).await, world.broker(2, 2).await);
        let (colleague, auditor) = (world.broker(3, 1).await, world.person(4, 1, Role::Auditor).await);
        for person in [&one, &other, &auditor] {
            world.let_in(&room, person, false).await;
        }
        world.let_in(&another, &colleague, false).await;
        let people = [&one, &other, &colleague, &auditor];
        let access = world.of(&room).await;
        assert_eq!(world.inside(&access, &people).await, [1, 2], "{kind:?}");
        world.remove(RoomMember::key_of(room.room_id, one.member_id)).await;
        assert_eq!(world.inside(&access, &people).await, [2], "{kind:?}");
    }
}
