//! A candidate's own word: who is asked, where, how often, and what a yes or a no decides.

use inventure_deal_store::records::{CandidateAsk, MailedPerson, SubmittedPerson};
use inventure_events::Envelope;
use inventure_people::records::{Tenant, TenantCount};
use inventure_recruiting::records::ReadResume;
use inventure_resume::SURE;
use inventure_table::{
    Change, Condition,
    table::{Item, from_item},
};
use inventure_testing::{Answer, ENGINEER, PAGES, Person};
use jiff::SignedDuration;
use notifier::Message;
use serde_json::{Value, json};

use crate::money::{deals::Room, owners::placed};

/// The number of orders in which two workers are tried.
const SCHEDULES: u64 = 12;

/// The engineer's résumé with these addresses.
fn engineer_at(addresses: &str) -> String {
    ENGINEER.replace("mara.lindqvist@example.com", addresses)
}

impl Room {
    async fn ask(&self, who: &Person) -> Answer {
        let links = format!("/deals/{}/candidates/{}/links", self.deal, self.candidate);
        who.write(&self.world.app, "POST", &links, json!({})).await
    }

    /// The mails that candidates got, as address and text.
    async fn mails(&self) -> Vec<(String, String)> {
        self.world.settle().await;
        let mails = self.world.sockets.post.empty();
        mails.into_iter().map(|mail| (mail.to, mail.text)).collect()
    }

    /// Has the candidate asked and returns the secret of the link that they get.
    pub async fn asked_token(&self) -> String {
        self.asked().await.1
    }

    /// Has the candidate asked. Returns the address that the mail went to, and the secret of its link.
    async fn asked(&self) -> (String, String) {
        let _ = self.mails().await;
        let _ = self.ask(&self.candidate_side).await.expect(201);
        self.only_mail().await
    }

    async fn only_mail(&self) -> (String, String) {
        let mails = self.mails().await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        (mails[0].0.clone(), token(&mails[0].1))
    }

    /// Records that the person was asked for so many other brokers today.
    async fn asked_for_others(&self, others: u32) {
        for item in self.world.table.items() {
            if item["pk"].as_s().is_ok_and(|pk| pk.starts_with("MAILED#")) {
                let mut mailed: MailedPerson = from_item(item).unwrap();
                mailed.by = (0..others).map(|_| inventure_core::TenantId::new()).collect();
                mailed.mails = others;
                let change = Change::new().put(&mailed, Condition::None);
                self.world.store.commit(change).await.unwrap();
            }
        }
    }

    /// Lets a day go by since candidates were last asked.
    async fn wait_a_day(&self) {
        for item in self.world.table.items() {
            let is = |prefix: &str| item["pk"].as_s().is_ok_and(|pk| pk.starts_with(prefix));
            if is("MAILED#") {
                let mut mailed: MailedPerson = from_item(item).unwrap();
                mailed.day = mailed.day.yesterday().unwrap();
                let change = Change::new().put(&mailed, Condition::None);
                self.world.store.commit(change).await.unwrap();
                continue;
            }
            if !is("ASKS#") {
                continue;
            }
            let mut ask: CandidateAsk = from_item(item).unwrap();
            ask.again_at -= SignedDuration::from_hours(24);
            let change = Change::new().put(&ask, Condition::None);
            self.world.store.commit(change).await.unwrap();
        }
    }

    /// Submits the same person, in another record, to the same employer in another deal of the same two agencies.
    async fn once_more(&mut self, template: &str, resume: &str) {
        self.open(template, resume).await;
        self.both_sign().await;
        let _ = self.submit().await.expect(201);
        let _ = self.mails().await;
    }

    /// Checks that the person of this résumé is not submitted in another deal, since they said no.
    async fn is_refused_in_another_deal(&mut self, resume: &str) {
        self.open("even", resume).await;
        self.both_sign().await;
        let refused = self.submit().await;
        assert_eq!(refused.clone().problem(403), "consent-missing", "{}", refused.body);
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.starts_with("The candidate said no"), "{detail}");
    }

    pub async fn answer(&self, token: &str, answer: &str) -> Answer {
        let body = json!({ "token": token, "answer": answer });
        let nobody = Person::nobody();
        nobody
            .write(&self.world.app, "POST", "/candidate-links/answers", body)
            .await
    }
}

/// The secret of the link in a mail.
fn token(mail: &str) -> String {
    let (_, rest) = mail.split_once(&format!("{PAGES}/candidate-links#")).unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_candidate_answers_by_the_link_that_only_they_were_sent() {
    let room = Room::signed("by_source").await;
    let _ = room.submit().await.expect(201);
    let refused = room.place().await;
    assert_eq!(
        refused.problem(422),
        "refused-by-terms",
        "these terms wait for the candidate's word"
    );
    assert_eq!(room.ask(&room.job_side).await.problem(403), "forbidden");
    let _ = room.mails().await;
    let asked = room.ask(&room.candidate_side).await.expect(201);
    let events = room.world.settle().await;
    let mails = room.mails().await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].0, "mara.lindqvist@example.com");
    let token = token(&mails[0].1);
    assert!(!asked.to_string().contains(&token), "the broker is not shown it");
    let spread = format!("{events:?}") + &format!("{:?}", room.world.table.items());
    assert!(!spread.contains(&token), "nor anybody who reads events or the table");
    for event in &events {
        room.world.deliver(event).await.unwrap();
    }
    assert_eq!(room.mails().await, [], "delivered twice, sent once");
    let made_up = "0123456789012345678901234567890123456789";
    assert_eq!(room.answer(made_up, "confirm").await.problem(404), "not-found");
    let first = room.answer(&token, "confirm").await.expect(200);
    assert_eq!(
        room.answer(&token, "confirm").await.expect(200),
        first,
        "once is enough"
    );
    let _ = room.place().await.expect(201);
    let _ = room.answer(&token, "withdraw").await.expect(200);
    let _ = room.answer(&token, "withdraw").await.expect(200);
    let late = room.answer(&token, "confirm").await;
    assert_eq!(late.problem(403), "consent-missing", "what is taken back is over");
    let path = format!("/deals/{}/candidates/{}", room.deal, room.candidate);
    for who in [&room.job_side, &room.employer, &room.candidate_side] {
        let hidden = room.world.get(who, &path).await;
        assert_eq!(hidden.problem(403), "consent-missing", "and nobody is shown them");
    }
    let again = room.ask(&room.candidate_side).await;
    assert_eq!(again.problem(403), "consent-missing", "nor are they asked again");
}

/// Another agency that has submitted the same person to the same employer.
struct Rival {
    person: Person,
    deal: String,
    candidate: String,
}

impl Rival {
    async fn new(room: &Room, resume: &str) -> Self {
        let person = Person::named("rival");
        let tenant = room.world.tenant(&person, "agency", "Rival").await;
        let candidate = room.world.candidate(&person, "M. Lindqvist").await;
        room.world.read(&person, &candidate, resume.as_bytes()).await;
        room.world.settle().await;
        let mut terms = room.terms("by_source").await;
        terms["parties"][1]["tenant"] = json!(tenant);
        let deals = room
            .job_side
            .write(&room.world.app, "POST", "/deals", json!({ "terms": terms }));
        let made = deals.await.expect(201);
        let rival = Self {
            person,
            deal: made["id"].as_str().unwrap().to_owned(),
            candidate,
        };
        let open = &made["proposed"];
        let sign = json!({ "kind": "signed", "terms_version": open["terms"]["version"], "terms_hash": open["hash"] });
        for who in [&rival.person, &room.job_side] {
            let _ = rival.tell(room, who, sign.clone()).await.expect(201);
        }
        let submitted = json!({ "kind": "submitted", "candidate": rival.candidate, "source": "member" });
        let _ = rival.tell(room, &rival.person, submitted).await.expect(201);
        rival
    }

    async fn tell(&self, room: &Room, who: &Person, what: Value) -> Answer {
        let path = format!("/deals/{}/moves", self.deal);
        who.write(&room.world.app, "POST", &path, what).await
    }

    async fn asked(&self, room: &Room) -> (String, String) {
        let _ = room.mails().await;
        let links = format!("/deals/{}/candidates/{}/links", self.deal, self.candidate);
        let asked = self.person.write(&room.world.app, "POST", &links, json!({}));
        let _ = asked.await.expect(201);
        room.only_mail().await
    }

    async fn place(&self, room: &Room) -> Answer {
        let placed = json!({
            "kind": "placed", "candidate": self.candidate, "accepted_on": Room::days(0), "starts_on": Room::days(3),
            "pay": { "amount": { "minor_units": 16_666_665, "currency": "USD" }, "period": "year" },
        });
        room.agreed_in(&self.deal, &room.job_side, placed, &[&self.person])
            .await
    }
}

/// Returns the newest event by which a candidate is to be asked.
fn asking(room: &Room) -> Envelope {
    let news = room.world.news().into_iter();
    let mut asks = news.filter(|event| event.event.kind() == "CandidateAsked");
    asks.next_back().unwrap()
}

#[tokio::test]
async fn mails_that_two_brokers_asked_for_and_nobody_sent_are_both_uncounted() {
    for seed in 0..SCHEDULES {
        let room = Room::signed("even").await;
        let _ = room.submit().await.expect(201);
        let rival = Rival::new(&room, ENGINEER).await;
        let _ = room.mails().await;
        room.world
            .sockets
            .post
            .refuse_address("mara.lindqvist@example.com".to_owned());
        let _ = room.ask(&room.candidate_side).await.expect(201);
        let links = format!("/deals/{}/candidates/{}/links", rival.deal, rival.candidate);
        let asked = rival.person.write(&room.world.app, "POST", &links, json!({}));
        let _ = asked.await.expect(201);
        let mut asks = room.world.news();
        asks.retain(|event| event.event.kind() == "CandidateAsked");
        room.world.table.interleave(seed);
        let (one, other) = tokio::join!(room.world.deliver(&asks[0]), room.world.deliver(&asks[1]));
        assert!(one.is_ok() && other.is_ok(), "seed {seed}: {one:?}, {other:?}");
        let items = room.world.table.items();
        let counts = items
            .iter()
            .filter_map(|item| from_item::<MailedPerson>(item.clone()).ok());
        assert_eq!(counts.map(|count| count.mails).sum::<u32>(), 0, "seed {seed}");
    }
}

#[tokio::test]
async fn a_candidate_is_not_asked_in_place_of_themselves_nor_all_the_time() {
    let mut room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.mails().await;
    room.world.sockets.post.refuse(1);
    let _ = room.ask(&room.candidate_side).await.expect(201);
    let asked = asking(&room);
    assert!(room.world.deliver(&asked).await.is_err(), "the mail was not taken");
    room.world.deliver(&asked).await.unwrap();
    assert_eq!(room.mails().await.len(), 1, "so it is sent with the next delivery");
    let refused = room.ask(&room.candidate_side).await;
    assert_eq!(refused.problem(409), "wrong-state", "not again on the same day");

    room.open("even", ENGINEER).await;
    room.both_sign().await;
    let _ = room.submit().await.expect(201);
    let refused = room.ask(&room.candidate_side).await;
    assert_eq!(
        refused.problem(409),
        "wrong-state",
        "nor under another record or about another job"
    );

    let own = room.candidate_side.email();
    for address in [own.clone(), own.replace('@', "+mara@")] {
        let resume = format!("Mara Lindqvist\nSenior Backend Engineer\n{address}\n\nSKILLS\nRust\n");
        room.open("even", &resume).await;
        room.both_sign().await;
        let _ = room.submit().await.expect(201);
        let refused = room.ask(&room.candidate_side).await;
        assert_eq!(refused.problem(409), "wrong-state", "the broker would answer for them");
    }

    let other = ENGINEER.replace("mara.lindqvist@", "m.lindqvist@");
    room.open("even", &other).await;
    room.both_sign().await;
    let _ = room.submit().await.expect(201);
    let swapped = ENGINEER.replace("mara.lindqvist@", "somebody.else@");
    room.world
        .read(&room.candidate_side, &room.candidate, swapped.as_bytes())
        .await;
    let refused = room.ask(&room.candidate_side).await;
    assert_eq!(
        refused.problem(409),
        "wrong-state",
        "not the address that the claim was made with"
    );
}

#[tokio::test]
async fn nobody_is_asked_without_consent_without_a_sender_or_without_end() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let mut mute = room.world.deals.clone();
    mute.mails = false;
    let mute = inventure_api::http::app(deals::routes(), mute);
    let links = format!("/deals/{}/candidates/{}/links", room.deal, room.candidate);
    let refused = room.candidate_side.write(&mute, "POST", &links, json!({})).await;
    assert_eq!(refused.problem(503), "unavailable");

    let of = format!("candidate-mails#{}", inventure_api::clock::now().strftime("%Y-%m-%d"));
    let many = |version| TenantCount {
        tenant_id: room.tenant(1),
        of: of.clone(),
        version,
        expires_at: i64::MAX,
    };
    let count = async |version| {
        let change = Change::new().put(&many(version), Condition::None);
        room.world.store.commit(change).await.unwrap();
    };
    count(100).await;
    let refused = room.ask(&room.candidate_side).await;
    assert_eq!(refused.problem(429), "too-many-requests");
    count(99).await;
    let _ = room.ask(&room.candidate_side).await.expect(201);
    let asked = asking(&room);
    let consent = format!("/candidates/{}/consent", room.candidate);
    let _ = room
        .candidate_side
        .write(&room.world.app, "DELETE", &consent, json!({}))
        .await
        .expect(200);
    let refused = room.ask(&room.candidate_side).await;
    assert_eq!(refused.problem(403), "consent-missing");
    room.world.deliver(&asked).await.unwrap();
    assert_eq!(room.mails().await, [], "consent ended before the mail went out");
}

#[tokio::test]
async fn a_yes_has_its_time_and_a_no_always() {
    let mut room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.mails().await;
    let _ = room.ask(&room.candidate_side).await.expect(201);
    let asked = Message::Event(Box::new(asking(&room)));
    let days = |days: i64| inventure_api::clock::now() - SignedDuration::from_hours(24 * days);
    let notifier = &room.world.sockets.notifier;
    notifier.handle(&asked, days(31)).await.unwrap();
    let old = token(&room.mails().await[0].1);
    assert_eq!(room.answer(&old, "confirm").await.problem(409), "wrong-state");
    let said = room.answer(&old, "withdraw").await.expect(200);
    assert!(said["recorded_at"].is_string(), "{said}");

    // Also when the deal was closed: the claim goes on for its window, and the person is its witness.
    let resume = ENGINEER.replace("mara.lindqvist@", "mara@");
    room.open("even", &resume).await;
    room.both_sign().await;
    let _ = room.submit().await.expect(201);
    let _ = room.mails().await;
    let _ = room.ask(&room.candidate_side).await.expect(201);
    let token = token(&room.mails().await[0].1);
    let closed = json!({ "kind": "closed", "reason": "the job is gone" });
    let _ = room.agreed(&room.job_side, closed).await.expect(201);
    let _ = room.answer(&token, "confirm").await.expect(200);
    let _ = room.answer(&token, "withdraw").await.expect(200);

    let resume = ENGINEER.replace("mara.lindqvist@", "m.lindqvist@");
    room.open("even", &resume).await;
    room.both_sign().await;
    let _ = room.submit().await.expect(201);
    let _ = room.ask(&room.candidate_side).await.expect(201);
    let asked = Message::Event(Box::new(asking(&room)));
    let notifier = &room.world.sockets.notifier;
    notifier.handle(&asked, days(731)).await.unwrap();
    let gone = self::token(&room.mails().await[0].1);
    for answer in ["confirm", "withdraw"] {
        assert_eq!(room.answer(&gone, answer).await.problem(404), "not-found");
    }
}

#[tokio::test]
async fn no_mail_goes_where_another_resume_was_read_since_and_it_does_not_count() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.mails().await;
    let read = async |resume: &str| {
        room.world
            .read(&room.candidate_side, &room.candidate, resume.as_bytes())
            .await;
    };
    for _ in 0..6 {
        let _ = room.ask(&room.candidate_side).await.expect(201);
        read(&ENGINEER.replace("mara.lindqvist@", "somebody.else@")).await;
        assert_eq!(room.mails().await, [], "neither to the old address nor to the new one");
        read(ENGINEER).await;
    }
    let _ = room.ask(&room.candidate_side).await.expect(201);
    assert_eq!(room.mails().await.len(), 1);
}

#[tokio::test]
async fn who_confirms_at_an_address_that_only_their_broker_knows_takes_nobody_from_another() {
    let room = Room::signed("by_source").await;
    // The rival writes a mailbox of their own above the person's, which sounds like theirs: any other would be a suggestion.
    let resume = engineer_at("lindqvist.mara@example.net | mara.lindqvist@example.com");
    let rival = Rival::new(&room, &resume).await;
    let _ = room.submit().await.expect(201);
    let (address, token) = rival.asked(&room).await;
    assert_eq!(address, "lindqvist.mara@example.net");
    let _ = room.answer(&token, "confirm").await.expect(200);
    assert_eq!(
        room.place().await.problem(422),
        "refused-by-terms",
        "the person has not spoken yet"
    );
    let (address, token) = room.asked().await;
    assert_eq!(address, "mara.lindqvist@example.com");
    let _ = room.answer(&token, "confirm").await.expect(200);
    // The rival's came first; it does not count.
    assert_eq!(rival.place(&room).await.problem(422), "refused-by-terms");
    let _ = room.place().await.expect(201);
}

#[tokio::test]
async fn a_confirmation_that_is_over_contradicts_nobody() {
    let room = Room::signed("by_source").await;
    // The rival knows the person by their phone number and by a mailbox of its own.
    let rival = Rival::new(&room, &engineer_at("throwaway@example.com")).await;
    let _ = room.submit().await.expect(201);
    let (_, theirs) = rival.asked(&room).await;
    let _ = room.answer(&theirs, "confirm").await.expect(200);
    let (_, ours) = room.asked().await;
    let _ = room.answer(&ours, "confirm").await.expect(200);
    for refused in [room.place().await, rival.place(&room).await] {
        assert_eq!(
            refused.problem(422),
            "refused-by-terms",
            "two yeses from addresses that the other does not know"
        );
    }
    let _ = room.answer(&theirs, "withdraw").await.expect(200);
    assert_eq!(rival.place(&room).await.problem(403), "consent-missing");
    let _ = room.place().await.expect(201);
}

#[tokio::test]
async fn a_yes_from_another_address_of_the_same_person_counts_too() {
    let mut room = Room::new("by_source").await;
    let both = "mara.lindqvist@example.com | mara@example.org";
    room.once_more("by_source", &engineer_at(both)).await;
    let rival = Rival::new(&room, &engineer_at("throwaway@example.com | mara@example.org")).await;
    let (_, theirs) = rival.asked(&room).await;
    let _ = room.answer(&theirs, "confirm").await.expect(200);
    let (address, first) = room.asked().await;
    assert_eq!(address, "mara.lindqvist@example.com");
    let said = room.answer(&first, "confirm").await.expect(200);
    assert_eq!(
        room.place().await.problem(422),
        "refused-by-terms",
        "the rival does not know this address"
    );
    let turned = engineer_at("mara@example.org | mara.lindqvist@example.com");
    let (who, candidate) = (&room.candidate_side, &room.candidate);
    room.world.read(who, candidate, turned.as_bytes()).await;
    room.wait_a_day().await;
    let (address, second) = room.asked().await;
    assert_eq!(address, "mara@example.org");
    let added = room.answer(&second, "confirm").await.expect(200);
    assert_ne!(added, said, "it is a yes of its own");
    assert_eq!(room.answer(&second, "confirm").await.expect(200), added);
    assert_eq!(room.answer(&first, "confirm").await.expect(200), said);
    assert_eq!(rival.place(&room).await.problem(422), "refused-by-terms");
    let _ = room.place().await.expect(201);
}

#[tokio::test]
async fn one_mailbox_is_one_person_however_its_address_is_written() {
    let mut room = Room::new("even").await;
    room.once_more("even", &engineer_at("mara+1@example.org")).await;
    let (address, _) = room.asked().await;
    assert_eq!(address, "mara+1@example.org");
    room.once_more("even", &engineer_at("mara+2@example.org")).await;
    let refused = room.ask(&room.candidate_side).await;
    assert_eq!(refused.problem(409), "wrong-state", "not again on the same day");

    let own = room.candidate_side.email();
    for address in [format!("mara<{own}>"), format!("mara:{own}"), format!("\u{212A}{own}")] {
        let basics = json!({ "name": "Mara Lindqvist", "email": address, "phone": "+1 512 555 0142" });
        room.once_more("even", &json!({ "basics": basics }).to_string()).await;
        let refused = room.ask(&room.candidate_side).await;
        assert_eq!(refused.clone().problem(409), "wrong-state", "{address}");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.starts_with("The résumé has no mail address"), "{detail}");
    }
}

#[tokio::test]
async fn nothing_goes_to_more_than_one_plain_address() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.mails().await;
    let _ = room.ask(&room.candidate_side).await.expect(201);
    let key = ReadResume::key_of(room.candidate.parse().unwrap());
    let mut read: ReadResume = room.world.store.get(&key).await.unwrap().unwrap();
    for email in &mut read.resume.emails {
        email.value = format!("a@example.org,{}", email.value);
    }
    let change = Change::new().put(&read, Condition::None);
    room.world.store.commit(change).await.unwrap();
    assert_eq!(room.mails().await, []);
}

#[tokio::test]
async fn a_contact_that_is_a_suggestion_claims_nobody_and_gets_no_mail() {
    let room = Room::signed("even").await;
    let key = ReadResume::key_of(room.candidate.parse().unwrap());
    let mut read: ReadResume = room.world.store.get(&key).await.unwrap().unwrap();
    let resume = &mut read.resume;
    for contact in resume.emails.iter_mut().chain(&mut resume.phones) {
        contact.confidence = SURE - 0.01;
    }
    let change = Change::new().put(&read, Condition::None);
    room.world.store.commit(change).await.unwrap();
    let contact = json!({ "email": "mara.lindqvist@example.com" });
    let what = json!({ "kind": "submitted", "candidate": room.candidate, "source": "member", "contact": contact });
    let _ = room.tell(&room.candidate_side, what).await.expect(201);
    let key = SubmittedPerson::key_of(room.deal.parse().unwrap(), room.candidate.parse().unwrap());
    let person: SubmittedPerson = room.world.store.get(&key).await.unwrap().unwrap();
    assert_eq!(person.in_resume, Some(Vec::new()));
    assert!(person.fingerprints.len() > 1, "but another's claim is found by it");
    let refused = room.ask(&room.candidate_side).await;
    assert_eq!(refused.problem(409), "wrong-state");
    assert_eq!(room.mails().await, []);
}

#[tokio::test]
async fn a_name_that_is_a_suggestion_is_taken_out_of_what_others_see() {
    let room = Room::signed("even").await;
    let key = ReadResume::key_of(room.candidate.parse().unwrap());
    let mut read: ReadResume = room.world.store.get(&key).await.unwrap().unwrap();
    let resume = &mut read.resume;
    resume.name.as_mut().unwrap().confidence = 0.5;
    resume.experience[0].title.as_mut().unwrap().value = "Engineer and founder of Lindqvist".to_owned();
    resume.experience[1].title.as_mut().unwrap().confidence = 0.5;
    let doubted = resume.experience[1].title.as_ref().unwrap().value.clone();
    let change = Change::new().put(&read, Condition::None);
    room.world.store.commit(change).await.unwrap();
    let _ = room.submit().await.expect(201);
    let path = format!("/deals/{}/candidates/{}", room.deal, room.candidate);
    let seen = room.world.get(&room.job_side, &path).await.expect(200);
    let jobs = seen["experience"].to_string();
    assert!(
        jobs.contains("Engineer and founder of") && !jobs.contains("Lindqvist"),
        "{seen}"
    );
    assert!(
        !jobs.contains(&format!("{doubted},")),
        "a title that is a suggestion is not shown: {seen}"
    );
}

#[tokio::test]
async fn who_said_no_is_not_asked_about_another_deal_or_on_another_day() {
    let mut room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let (_, first) = room.asked().await;
    room.wait_a_day().await;
    // Asked about another deal, and the no comes before the mail goes out.
    room.once_more("even", ENGINEER).await;
    let _ = room.ask(&room.candidate_side).await.expect(201);
    let _ = room.answer(&first, "withdraw").await.expect(200);
    assert_eq!(room.mails().await, []);
    for addresses in [
        "mara.lindqvist@example.com",
        "mara.lindqvist+new@example.com",
        "mara@example.org | mara.lindqvist@example.com",
    ] {
        room.wait_a_day().await;
        room.is_refused_in_another_deal(&engineer_at(addresses)).await;
    }
    // What one broker was told is not another's.
    let rival = Rival::new(&room, ENGINEER).await;
    let _ = rival.asked(&room).await;
}

#[tokio::test]
async fn a_no_counts_at_each_address_that_it_came_from() {
    let mut room = Room::new("even").await;
    room.once_more("even", &engineer_at("mara@example.org | mara.lindqvist@example.com"))
        .await;
    let (_, first) = room.asked().await;
    let turned = engineer_at("mara.lindqvist@example.com | mara@example.org");
    let (who, candidate) = (&room.candidate_side, &room.candidate);
    room.world.read(who, candidate, turned.as_bytes()).await;
    let (_, second) = room.asked().await;
    let said = room.answer(&first, "withdraw").await.expect(200);
    assert_eq!(room.answer(&second, "withdraw").await.expect(200), said);
    room.is_refused_in_another_deal(&engineer_at("mara.lindqvist@example.com"))
        .await;
}

#[tokio::test]
async fn who_said_no_is_not_shown_or_placed_in_any_deal_of_that_broker_with_the_employer() {
    let mut room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let (_, link) = room.asked().await;
    // Deals beside it, each by another record of the same person: one stands, in one a hire is reported.
    room.once_more("even", ENGINEER).await;
    let beside = (room.deal.clone(), room.candidate.clone());
    room.once_more("even", ENGINEER).await;
    let _ = room.tell(&room.job_side, placed(&room.candidate)).await.expect(201);
    let report = room.view(&room.candidate_side).await["assertions"][0]["fact"].clone();
    let _ = room.answer(&link, "withdraw").await.expect(200);

    let confirm = json!({ "kind": "assertion_confirmed", "assertion": report });
    let confirmed = room.tell(&room.candidate_side, confirm).await;
    assert_eq!(confirmed.clone().problem(403), "consent-missing", "{}", confirmed.body);
    room.settle_in(8).await;
    let view = room.view(&room.job_side).await;
    assert_ne!(view["state"], "placed", "silence places nobody either: {view}");

    (room.deal, room.candidate) = beside;
    let moved = json!({ "kind": "stage_moved", "candidate": room.candidate, "from": "submitted", "to": "screening", "note": null });
    for what in [moved, placed(&room.candidate)] {
        let refused = room.tell(&room.job_side, what.clone()).await;
        assert_eq!(
            refused.clone().problem(403),
            "consent-missing",
            "{what}: {}",
            refused.body
        );
    }
    let path = format!("/deals/{}/candidates/{}", room.deal, room.candidate);
    for who in [&room.job_side, &room.candidate_side] {
        assert_eq!(room.world.get(who, &path).await.problem(403), "consent-missing");
    }
    room.is_refused_in_another_deal(ENGINEER).await;
}

#[tokio::test]
async fn a_no_is_not_that_of_everybody_whose_resume_has_the_agency_s_address() {
    let mut room = Room::new("even").await;
    let resume = engineer_at("mara.lindqvist@example.com | desk@agency.example");
    room.once_more("even", &resume).await;
    let (_, link) = room.asked().await;
    let _ = room.answer(&link, "withdraw").await.expect(200);
    room.is_refused_in_another_deal(&resume).await;
    let other = resume
        .replace("mara.lindqvist@", "ines.moreau@")
        .replace("0142", "0199");
    room.open("even", &other).await;
    room.both_sign().await;
    let contact = json!({ "email": "ines.moreau@example.com" });
    let what = json!({ "kind": "submitted", "candidate": room.candidate, "source": "member", "contact": contact });
    let _ = room.tell(&room.candidate_side, what).await.expect(201);
}

#[tokio::test]
async fn of_a_no_and_a_submittal_at_once_the_no_is_not_passed_over() {
    for seed in 0..SCHEDULES {
        let mut room = Room::signed("even").await;
        let _ = room.submit().await.expect(201);
        let (_, link) = room.asked().await;
        room.open("even", ENGINEER).await;
        room.both_sign().await;
        room.world.table.interleave(seed);
        let (said, _) = tokio::join!(room.answer(&link, "withdraw"), room.submit());
        let _ = said.expect(200);
        let path = format!("/deals/{}/candidates/{}", room.deal, room.candidate);
        let seen = room.world.get(&room.job_side, &path).await;
        assert!(seen.status == 403 || seen.status == 404, "seed {seed}: {}", seen.body);
    }
}

/// Returns the number of links in the table by which a candidate could answer.
fn links(room: &Room) -> usize {
    let is_link = |item: &Item| {
        item.get("entity")
            .is_some_and(|entity| entity.as_s().is_ok_and(|entity| entity == "candidate_link"))
    };
    room.world.table.items().iter().filter(|item| is_link(item)).count()
}

#[tokio::test]
async fn a_mail_that_is_refused_leaves_no_link_and_is_not_tried_again() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.mails().await;
    let post = &room.world.sockets.post;
    // Not taken twice, then taken: one link is good, the one that was sent.
    post.refuse(2);
    let _ = room.ask(&room.candidate_side).await.expect(201);
    let asked = asking(&room);
    for _ in 0..2 {
        assert!(room.world.deliver(&asked).await.is_err(), "it is tried again");
        assert_eq!(links(&room), 0);
    }
    room.world.deliver(&asked).await.unwrap();
    assert_eq!((links(&room), room.mails().await.len()), (1, 1));

    let refused = Room::signed("even").await;
    let _ = refused.submit().await.expect(201);
    let _ = refused.mails().await;
    let post = &refused.world.sockets.post;
    post.refuse_address("mara.lindqvist@example.com".to_owned());
    let before = post.tries();
    let _ = refused.ask(&refused.candidate_side).await.expect(201);
    let asked = asking(&refused);
    for _ in 0..3 {
        refused.world.deliver(&asked).await.unwrap();
    }
    assert_eq!(post.tries() - before, 1, "a refusal is for good");
    assert_eq!(links(&refused), 0);
    let again = refused.ask(&refused.candidate_side).await;
    assert_eq!(
        again.status.as_u16(),
        201,
        "nobody was asked, so it does not count: {}",
        again.body
    );
}

#[tokio::test]
async fn a_phisher_s_name_stands_in_a_mail_of_ours() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.mails().await;
    let lure = "Your account is locked. Sign in at https://evil.example";
    for tenant in &room.tenants {
        let key = Tenant::key_of(tenant.parse().unwrap());
        let tenant: Tenant = room.world.store.get(&key).await.unwrap().unwrap();
        // As one could set it up before names had to be plain.
        let old = Tenant {
            name: lure.to_owned(),
            ..tenant
        };
        room.world
            .store
            .commit(Change::new().put(&old, Condition::None))
            .await
            .unwrap();
    }
    let _ = room.ask(&room.candidate_side).await.expect(201);
    room.world.settle().await;
    let mails = room.world.sockets.post.empty();
    let [mail] = mails.as_slice() else {
        unreachable!("{mails:?}")
    };
    assert_eq!(mail.subject, "Inventure: may a recruiter put you forward?");
    for form in [&mail.text, &mail.html] {
        assert!(!form.contains("evil.example") && !form.contains("locked"), "{form}");
        assert!(form.contains(&format!("{PAGES}/candidate-links#")), "{form}");
    }
    assert_eq!(mail.unsubscribe, None, "it is asked for once and not optional");
}

#[tokio::test]
async fn a_broker_has_somebody_mailed_about_a_hundred_employers() {
    let mut room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let mut tokens = vec![room.asked_token().await];
    // Another employer each time: anybody's id will do, since the client signs nothing.
    for round in 0..2 {
        let owner = Person::named(&format!("employer-{round}"));
        room.tenants[2] = room.world.tenant(&owner, "employer", "Elsewhere").await;
        room.once_more("even", ENGINEER).await;
        let asked = room.ask(&room.candidate_side).await;
        assert_eq!(asked.problem(409), "wrong-state", "once on a day");
        if round == 0 {
            room.asked_for_others(2).await;
            let asked = room.ask(&room.candidate_side).await;
            assert_eq!(asked.problem(409), "wrong-state", "for two others on this day");
            room.asked_for_others(1).await;
            let _ = room.ask(&room.candidate_side).await.expect(201);
            tokens.push(room.only_mail().await.1);
        }
    }
    room.wait_a_day().await;
    let _ = room.ask(&room.candidate_side).await.expect(201);
    // While that mail is on its way they say by another link that nobody is to write to them.
    let never = room.answer(&tokens[0], "never").await;
    assert_eq!(never.status, 200, "{}", never.body);
    assert_eq!(room.mails().await, [], "nor does the mail that was on its way");
    room.wait_a_day().await;
    assert_eq!(room.ask(&room.candidate_side).await.problem(403), "consent-missing");
    let again = room.answer(&tokens[1], "never").await;
    assert_eq!(again.status, 200, "{}", again.body);
}
