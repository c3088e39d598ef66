//! One mail for news that a person did not look at. The tests show to whom, when, how often, and what becomes of it when
//! something fails.

use std::iter;

use futures_util::future::join;
use inventure_api::clock;
use inventure_core::{CandidateId, DealId, EventId, JobId, MemberId, Role};
use inventure_events::{
    AnswerAsked, CandidateFlagged, DealShared, Envelope, Event, MatchTrigger, MatchesFound, PayoutSent,
};
use inventure_notices::records::{MailDue, NotificationRecord};
use inventure_people::records::Member;
use inventure_table::{Change, table::Query};
use inventure_testing::{Person, World};
use jiff::{SignedDuration, Timestamp};
use notifier::Message;
use serde_json::{Value, json};

use crate::{
    live::inbox::{kinds, staff, unread, wish},
    money::deals::Room as Deal,
};

/// An agency and its owner, at one moment.
struct Agency {
    world: World,
    owner: Person,
    tenant: String,
    start: Timestamp,
}

impl Agency {
    async fn new() -> Self {
        Self::of(Person::named("olga")).await
    }

    async fn of(owner: Person) -> Self {
        let world = World::new();
        let tenant = world.tenant(&owner, "agency", "Northbank").await;
        world.settle().await;
        let start = clock::now();
        Self {
            world,
            owner,
            tenant,
            start,
        }
    }

    fn at(&self, minutes: i64) -> Timestamp {
        self.start + SignedDuration::from_mins(minutes)
    }

    fn payout(&self) -> Envelope {
        self.event(PayoutSent {
            payout_id: "po_1".into(),
            deal_id: DealId::new(),
            tenant_id: self.tenant.parse().unwrap(),
            minor_units: 1,
            currency: "USD".into(),
        })
    }

    fn matches(&self) -> Envelope {
        self.event(MatchesFound {
            job_id: JobId::new(),
            tenant_id: self.tenant.parse().unwrap(),
            trigger: MatchTrigger::Job,
            matches: Vec::new(),
            model_version: "1".into(),
        })
    }

    fn event(&self, event: impl Into<Event>) -> Envelope {
        Envelope::new(event.into(), self.start, "test")
    }

    async fn tell(&self, event: &Envelope, minutes: i64) {
        let message = Message::Event(Box::new(event.clone()));
        let told = self.world.sockets.notifier.handle(&message, self.at(minutes)).await;
        assert!(told.is_ok(), "{told:?}");
    }

    /// Tells that money was sent, at this minute.
    async fn pay(&self, minutes: i64) {
        self.tell(&self.payout(), minutes).await;
    }

    /// Does a run at this minute and returns its mails, as address and text.
    async fn mails(&self, minutes: i64) -> Vec<(String, String)> {
        let run = self
            .world
            .sockets
            .notifier
            .handle(&Message::Mail, self.at(minutes))
            .await;
        assert!(
            run.is_ok(),
            "mails that are not taken are no failure of the run: {run:?}"
        );
        self.sent()
    }

    fn sent(&self) -> Vec<(String, String)> {
        let mails = self.world.sockets.post.empty();
        mails.into_iter().map(|mail| (mail.to, mail.text)).collect()
    }

    /// Adds people of this role, who are there without having signed up. Their mails are due in the shard of the owner's, after
    /// it.
    async fn crowd(&self, role: Role, count: usize) {
        let shard = |id: &MemberId| id.uuid().as_bytes()[15] % MailDue::SHARDS;
        let of_owner = shard(&member(&self.world, &self.owner).await);
        let mut ids = iter::repeat_with(MemberId::new).filter(|id| shard(id) == of_owner);
        let mut member = |number: usize| Member {
            subject: format!("https://issuer.example|crowd{number}"),
            member_id: ids.next().unwrap(),
            tenant_id: self.tenant.parse().unwrap(),
            role,
            name: "Somebody".into(),
            email: Some(format!("crowd{number}@example.com")),
            version: 1,
            joined_at: self.start,
        };
        let members: Vec<Member> = (0..count).map(&mut member).collect();
        for members in members.chunks(100) {
            let change = members.iter().fold(Change::new(), Change::insert);
            self.world.store.commit(change).await.unwrap();
        }
    }
}

/// Returns the number of payouts that these mails tell of.
fn payouts(mails: &[(String, String)]) -> usize {
    let lines = mails.iter().flat_map(|(_, text)| text.lines());
    let counts = lines.filter_map(|line| line.strip_suffix(" × money sent to you"));
    counts.map(|count| count.parse::<usize>().unwrap()).sum()
}

#[tokio::test]
async fn a_mail_that_is_not_taken_waits_longer_each_time_and_is_given_up() {
    let agency = Agency::new().await;
    let post = &agency.world.sockets.post;
    agency.pay(0).await;
    post.refuse(u32::MAX);
    let mut tried_at = Vec::new();
    for minute in 0..24 * 60 {
        let before = post.tries();
        assert_eq!(agency.mails(minute).await, []);
        tried_at.extend(iter::repeat_n(minute, (post.tries() - before) as usize));
    }
    assert_eq!(tried_at, [5, 10, 20, 40, 80, 160, 320, 560]);
    assert_eq!(unread(&agency.world, &agency.owner).await, 1, "it stays in the inbox");
    post.refuse(0);
    agency.pay(24 * 60).await;
    let mails = agency.mails(24 * 60 + 5).await;
    assert_eq!(payouts(&mails), 1, "what was given up is not told of later: {mails:?}");
}

#[tokio::test]
async fn what_comes_in_does_not_hasten_a_mail_that_is_not_taken() {
    let agency = Agency::new().await;
    let post = &agency.world.sockets.post;
    post.refuse(u32::MAX);
    for minute in 0..60 {
        agency.pay(minute).await;
        let _ = agency.mails(minute).await;
    }
    assert_eq!(post.tries(), 4, "after 5, 10, 20 and 40 minutes");
}

#[tokio::test]
async fn what_an_address_refuses_is_not_tried_again_and_holds_up_nobody() {
    let agency = Agency::new().await;
    agency.crowd(Role::AgencyOwner, 1).await;
    let post = &agency.world.sockets.post;
    post.refuse_address(agency.owner.email());
    agency.pay(0).await;
    let mails = agency.mails(5).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].0, "crowd0@example.com");
    assert_eq!(post.tries(), 2);
    for minute in 6..24 * 60 {
        assert_eq!(agency.mails(minute).await, []);
    }
    assert_eq!(post.tries(), 2);
}

#[tokio::test]
async fn a_run_is_bounded_and_the_next_goes_on() {
    let agency = Agency::new().await;
    agency.crowd(Role::AgencyOwner, 120).await;
    agency.pay(0).await;
    let first = agency.mails(5).await;
    assert_eq!(first.len(), 20);
    let mut all = first;
    for minute in 6..12 {
        all.extend(agency.mails(minute).await);
    }
    let mut addresses: Vec<&str> = all.iter().map(|(to, _)| to.as_str()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!((all.len(), addresses.len()), (121, 121));
}

#[tokio::test]
async fn a_mail_tells_of_everything_however_much_lies_above_it() {
    let agency = Agency::new().await;
    let never = json!({ "matches_found": { "socket": true, "inbox": true, "mail": "never" } });
    let _ = wish(&agency.world, &agency.owner, json!({ "kinds": never })).await;
    agency.pay(0).await;
    for _ in 0..120 {
        agency.tell(&agency.matches(), 0).await;
    }
    let mails = agency.mails(5).await;
    assert_eq!(payouts(&mails), 1, "{mails:?}");
    for _ in 0..130 {
        agency.pay(60).await;
    }
    let mails = agency.mails(65).await;
    assert_eq!(payouts(&mails), 130, "{mails:?}");
    assert_eq!(agency.mails(24 * 60).await, [], "once");
}

#[tokio::test]
async fn whoever_floods_the_inbox_keeps_no_question_out_of_the_mail() {
    let agency = Agency::new().await;
    let asked = agency.event(AnswerAsked {
        deal_id: DealId::new(),
        fact_id: EventId::new(),
        kind: "fell_off".into(),
        tenants: vec![agency.tenant.parse().unwrap()],
        accepted_from: Some("2026-12-03T23:00:00Z".into()),
        expires_at: None,
    });
    agency.tell(&asked, 0).await;
    let member_id = member(&agency.world, &agency.owner).await;
    // As the notifier keeps what a flood of mentions makes.
    let newer = (0..1_200).map(|number| NotificationRecord {
        member_id,
        event_id: EventId::new(),
        at: agency.start + SignedDuration::from_millis(number + 1),
        notification: serde_json::from_value(
            json!({ "id": EventId::new(), "kind": "addressed", "at": agency.start, "about": {} }),
        )
        .unwrap(),
        read_at: None,
        mail_at: Some((agency.start + SignedDuration::from_mins(5)).as_second()),
        version: 1,
        expires_at: i64::MAX,
    });
    let newer: Vec<NotificationRecord> = newer.collect();
    for part in newer.chunks(100) {
        let change = part.iter().fold(Change::new(), Change::insert);
        agency.world.store.commit(change).await.unwrap();
    }
    let mut mails = agency.mails(5).await;
    for minute in [66, 127] {
        mails.extend(agency.mails(minute).await);
    }
    let told = |what: &str| mails.iter().filter(|(_, text)| text.contains(what)).count();
    let question = "1 × a report that waits for your answer: fell off, act before 3 December 2026, 23:00 UTC";
    assert_eq!(told(question), 1, "{mails:?}");
    assert_eq!(told("1200 × somebody wrote to you"), 1, "{mails:?}");
    assert_eq!(mails.len(), 1, "{mails:?}");
}

#[tokio::test]
async fn nobody_gets_more_than_one_mail_an_hour() {
    let agency = Agency::new().await;
    let (mut sent_at, mut told) = (Vec::new(), 0);
    for minute in 0..180 {
        if minute < 100 {
            agency.pay(minute).await;
        }
        let mails = agency.mails(minute).await;
        sent_at.extend(iter::repeat_n(minute, mails.len()));
        told += payouts(&mails);
    }
    assert_eq!(sent_at, [5, 65, 125]);
    assert_eq!(told, 100);
}

#[tokio::test]
async fn wishes_are_looked_at_again_when_a_mail_goes_out() {
    let agency = Agency::new().await;
    let (world, owner) = (&agency.world, &agency.owner);
    agency.pay(0).await;
    agency.tell(&agency.matches(), 0).await;
    let never = json!({ "payout_sent": { "socket": true, "inbox": true, "mail": "never" } });
    let _ = wish(world, owner, json!({ "kinds": never })).await;
    assert_eq!(agency.mails(5).await, []);
    let _ = wish(world, owner, json!({})).await;
    let day = agency.mails(24 * 60).await;
    assert_eq!((day.len(), payouts(&day)), (1, 0), "the other kind is told of: {day:?}");
    assert!(day[0].1.contains("1 × new matches"), "{day:?}");

    // Quiet hours that were set after it was due.
    let later = |minutes: i64| {
        let time = agency.at(2 * 24 * 60 + minutes).to_zoned(jiff::tz::TimeZone::UTC);
        time.strftime("%H:%M").to_string()
    };
    agency.pay(2 * 24 * 60).await;
    let quiet = json!({ "quiet_hours": { "from": later(-1), "to": later(60) } });
    let _ = wish(world, owner, quiet).await;
    for minute in [5, 30, 58] {
        assert_eq!(agency.mails(2 * 24 * 60 + minute).await, []);
    }
    assert_eq!(payouts(&agency.mails(2 * 24 * 60 + 60).await), 1);
}

/// Lets other tasks go on so many times.
async fn pause(turns: i64) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_comes_in_while_a_mail_goes_out_is_mailed_as_well() {
    for lead in -8..8_i64 {
        let agency = Agency::new().await;
        agency.pay(0).await;
        let run = async {
            pause(-lead).await;
            agency.mails(6).await
        };
        let other = async {
            pause(lead).await;
            agency.pay(6).await;
        };
        let (mut mails, ()) = join(run, other).await;
        for minute in 7..120 {
            mails.extend(agency.mails(minute).await);
        }
        assert_eq!(payouts(&mails), 2, "{lead} turns: {mails:?}");
    }
}

#[tokio::test]
async fn what_is_read_while_a_mail_goes_out_leaves_nothing_to_tell_of_twice() {
    for lead in -8..8_i64 {
        let agency = Agency::new().await;
        let (world, owner) = (&agency.world, &agency.owner);
        agency.pay(0).await;
        agency.pay(0).await;
        let listed = world.get(owner, "/notifications").await.expect(200);
        let item = &listed["items"][0];
        let one = json!({ "these": [{ "id": item["id"], "at": item["at"] }] });
        let run = async {
            pause(-lead).await;
            agency.mails(6).await
        };
        let read = async {
            pause(lead).await;
            owner.write(&world.app, "POST", "/notifications/read", one).await
        };
        let (first, _) = join(run, read).await;
        assert_eq!(first.len(), 1);
        agency.pay(70).await;
        assert_eq!(payouts(&agency.mails(75).await), 1, "{lead} turns: the new one alone");
    }
}

#[tokio::test]
async fn of_two_runs_at_once_one_mails() {
    let agency = Agency::new().await;
    agency.pay(0).await;
    let (one, other) = join(agency.mails(6), agency.mails(6)).await;
    assert_eq!(payouts(&one) + payouts(&other), 1);
}

#[tokio::test]
async fn a_run_that_dies_loses_nothing_and_sends_at_most_twice() {
    let mut twice = 0;
    for nth in 0.. {
        let agency = Agency::new().await;
        agency.pay(0).await;
        agency.world.table.fail_nth(nth);
        let _ = agency.world.sockets.notifier.handle(&Message::Mail, agency.at(6)).await;
        let died = !agency.world.table.fault_is_due();
        agency.world.table.fail_nth(u32::MAX);
        let mut mails = agency.sent();
        for minute in 7..180 {
            mails.extend(agency.mails(minute).await);
        }
        let told = payouts(&mails);
        assert!(told == 1 || (died && told == 2), "call {nth}: {mails:?}");
        twice += usize::from(told == 2);
        if !died {
            break;
        }
    }
    assert!(twice > 0, "between sending and noting it there is no way to know");
}

#[tokio::test]
async fn an_event_that_comes_again_after_its_mail_is_not_mailed_again() {
    let agency = Agency::new().await;
    let event = agency.payout();
    agency.tell(&event, 0).await;
    assert_eq!(payouts(&agency.mails(5).await), 1);
    agency.tell(&event, 70).await;
    for minute in 70..24 * 60 {
        assert_eq!(agency.mails(minute).await, []);
    }
    let member: MemberId = member(&agency.world, &agency.owner).await;
    let due: Option<MailDue> = agency.world.store.get(&MailDue::key_of(member)).await.unwrap();
    assert_eq!(due.unwrap().due_at, None);
}

async fn member(world: &World, who: &Person) -> MemberId {
    let me = world.get(who, "/me").await.expect(200);
    me["member"]["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn who_was_removed_is_told_of_nothing_more() {
    let agency = Agency::new().await;
    let (world, broker) = (&agency.world, Person::named("bea"));
    world.join(&agency.owner, &agency.tenant, &broker, "broker").await;
    let device = world.connect(&broker).await;
    let shared = || {
        let tenant = agency.tenant.parse().unwrap();
        agency.event(DealShared {
            deal_id: DealId::new(),
            job_id: JobId::new(),
            tenant_id: "ten_00000000000070008000000000000009".parse().unwrap(),
            terms_version: 1,
            parties: vec![tenant],
        })
    };
    // They do not sit at it, so a mail is due.
    let away = json!({ "action": "presence", "state": "away" });
    assert_eq!(world.sockets.ask(&device, away).await["type"], "ack");
    agency.tell(&shared(), 0).await;
    let kept = async |member: MemberId| {
        let query = Query::table(NotificationRecord::inbox(member), "");
        let kept: Vec<NotificationRecord> = world.store.query(&query).await.unwrap();
        kept.len()
    };
    let removed = member(world, &broker).await;
    assert_eq!((kept(removed).await, world.sockets.lines.heard(&device).len()), (1, 1));

    let path = format!("/tenants/{}/members/{removed}", agency.tenant);
    let gone = agency.owner.send(&world.app, "DELETE", &path, &[], String::new()).await;
    assert_eq!(gone.status.as_u16(), 204);
    agency.tell(&shared(), 1).await;
    assert_eq!(kept(removed).await, 1);
    assert_eq!(world.sockets.lines.heard(&device), [] as [Value; 0]);
    assert_eq!(world.get(&broker, "/notifications").await.problem(403), "no-membership");
    // Who comes back is another member, and begins anew.
    world.join(&agency.owner, &agency.tenant, &broker, "broker").await;
    assert_eq!(kinds(world, &broker).await, [""; 0]);
    let to: Vec<String> = agency.mails(6).await.into_iter().map(|(to, _)| to).collect();
    assert_eq!(to, [agency.owner.email()]);
    let due: Option<MailDue> = world.store.get(&MailDue::key_of(removed)).await.unwrap();
    assert_eq!(due, None);
}

#[tokio::test]
async fn money_is_the_owners_and_a_flag_the_parties() {
    let deal = Deal::new("even").await;
    let world = &deal.world;
    world.settle().await;
    let [broker, auditor] = staff(&deal).await;
    let deal_id: DealId = deal.deal.parse().unwrap();
    let sent = PayoutSent {
        payout_id: "po_1".into(),
        deal_id,
        tenant_id: deal.tenant(1),
        minor_units: 1_520_000,
        currency: "USD".into(),
    };
    let flagged = CandidateFlagged {
        deal_id,
        candidate_id: CandidateId::new(),
        employer_id: deal.tenant(2),
        tenants: vec![deal.tenant(0), deal.tenant(1)],
    };
    for event in [Event::from(sent), flagged.into()] {
        let event = Envelope::new(event, clock::now(), "test");
        world.deliver(&event).await.unwrap();
    }
    let of = async |who: &Person| {
        let told = kinds(world, who).await.into_iter();
        told.filter(|kind| ["payout_sent", "candidate_flagged"].contains(&kind.as_str()))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&deal.candidate_side).await, ["candidate_flagged", "payout_sent"]);
    assert_eq!(of(&broker).await, ["candidate_flagged"]);
    assert_eq!(of(&deal.job_side).await, ["candidate_flagged"]);
    for nobody in [&auditor, &deal.employer, &deal.arbiter] {
        assert_eq!(of(nobody).await, [""; 0]);
    }
}

#[tokio::test]
async fn who_is_meant_is_found_among_however_many() {
    let agency = Agency::new().await;
    let (world, broker) = (&agency.world, Person::named("bea"));
    // The index has the newest first: the owner is the last of all.
    agency.crowd(Role::Broker, 1_001).await;
    world.join(&agency.owner, &agency.tenant, &broker, "broker").await;
    agency.pay(0).await;
    assert_eq!(kinds(world, &agency.owner).await, ["payout_sent"]);

    let room = json!({ "kind": "agency" });
    let room = broker.write(&world.app, "POST", "/rooms", room).await.expect(201);
    let device = world.connect(&broker).await;
    let action = json!({
        "action": "send", "room": room["id"], "message": uuid::Uuid::new_v4(), "text": "please look",
        "mentions": [member(world, &agency.owner).await, MemberId::new()],
    });
    assert_eq!(world.sockets.ask(&device, action).await["type"], "ack");
    world.settle().await;
    assert_eq!(kinds(world, &agency.owner).await, ["addressed", "payout_sent"]);
}

#[tokio::test]
async fn an_address_that_nobody_verified_gets_no_mail() {
    let agency = Agency::of(Person::unverified("olga")).await;
    let me = agency.world.get(&agency.owner, "/me").await.expect(200);
    assert_eq!(me["member"]["email"], Value::Null);
    agency.pay(0).await;
    assert_eq!(kinds(&agency.world, &agency.owner).await, ["payout_sent"]);
    assert_eq!(agency.mails(5).await, []);
    assert_eq!(agency.world.sockets.post.tries(), 0);
}

#[tokio::test]
async fn mail_goes_to_the_address_that_is_verified_by_now() {
    let agency = Agency::of(Person::unverified("olga")).await;
    let known = async |who: Person| agency.world.get(&who, "/me").await.expect(200)["member"]["email"].clone();
    let olga = Person::named("olga");
    assert_eq!(
        known(olga.clone()).await,
        json!(olga.email()),
        "confirmed after signing up"
    );
    agency.pay(0).await;
    assert_eq!(agency.mails(5).await.len(), 1);
    assert_eq!(
        known(Person::unverified("olga")).await,
        Value::Null,
        "another address, not confirmed"
    );
    agency.pay(100).await;
    assert_eq!(agency.mails(105).await, []);
}

/// Returns the path of a mail's unsubscribe link, with the member and the secret as its query.
fn ends(mail: &notifier::Mail) -> String {
    let url = mail.unsubscribe.as_deref().unwrap();
    url.strip_prefix(inventure_testing::PAGES).unwrap().to_owned()
}

#[tokio::test]
async fn one_click_ends_the_mails_and_nothing_else() {
    let agency = Agency::new().await;
    let (world, nobody) = (&agency.world, Person::nobody());
    let quiet = json!({ "quiet_hours": { "from": "00:00", "to": "00:00" } });
    let _ = wish(world, &agency.owner, quiet.clone()).await;
    agency.pay(0).await;
    let run = world.sockets.notifier.handle(&Message::Mail, agency.at(6)).await;
    assert!(run.is_ok(), "{run:?}");
    let mails = world.sockets.post.empty();
    let [mail] = mails.as_slice() else {
        unreachable!("{mails:?}")
    };
    let link = ends(mail);
    assert!(mail.text.contains(&link), "people find it in the text");
    let shown = mail.html.replace("&amp;", "&");
    assert!(shown.contains(&link), "and in the HTML");

    // A program that looks at every link of a mail ends nothing.
    let page = nobody.get(&world.app, &link).await;
    assert_eq!(page.status.as_u16(), 200);
    assert!(page.text.contains("<form method=\"post\">"), "{}", page.text);
    agency.pay(70).await;
    assert_eq!(agency.mails(80).await.len(), 1);

    let form = [("content-type", "application/x-www-form-urlencoded")];
    let click = async |link: &str| {
        let body = "List-Unsubscribe=One-Click".to_owned();
        nobody.send(&world.app, "POST", link, &form, body).await
    };
    let other = member(world, &agency.owner).await.to_string();
    let guessed = link.replace(&other, &MemberId::new().to_string());
    for wrong in [guessed, format!("{link}0"), "/unsubscribe?member=x&secret=".to_owned()] {
        assert_eq!(click(&wrong).await.problem(404), "not-found");
    }
    for _ in 0..2 {
        assert_eq!(click(&link).await.status.as_u16(), 200, "twice is once");
    }
    agency.pay(150).await;
    for minute in [160, 26 * 60, 50 * 60] {
        assert_eq!(agency.mails(minute).await, []);
    }
    assert_eq!(unread(world, &agency.owner).await, 3, "the inbox has everything");
    let now = world.get(&agency.owner, "/notification-preferences").await.expect(200);
    assert_eq!(
        now["quiet_hours"],
        json!({ "from": "00:00:00", "to": "00:00:00" }),
        "{now}"
    );
    let kind = &now["kinds"]["payout_sent"];
    assert_eq!(kind, &json!({ "socket": true, "inbox": true, "mail": "never" }));
    // And they may have mails again.
    let _ = wish(world, &agency.owner, quiet).await;
    agency.pay(60 * 60).await;
    assert_eq!(agency.mails(60 * 60 + 10).await.len(), 1);
}
