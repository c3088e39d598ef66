//! Cases on an edge, through the routes. They are the last days of guarantees, the same second, currencies with other decimals,
//! three parties.

use inventure_testing::{Answer, Person};
use serde_json::{Value, json};

use crate::money::deals::Room;

impl Room {
    /// Opens a deal in this currency, with a third agency that brought the job. Returns the third's person.
    pub async fn with_referrer(&mut self, currency: &str) -> Person {
        let third = Person::named(&format!("third-{currency}"));
        let tenant = self.world.tenant(&third, "agency", "Third").await;
        let mut parts = self.template("even");
        parts["currency"] = json!(currency);
        let app = &self.world.app;
        let mut terms = self
            .job_side
            .write(app, "POST", "/deal-templates", parts)
            .await
            .expect(200);
        // Of the 95% that the network leaves: 40% of the fee, and 7.5%.
        terms["parties"][0]["share"] = json!("8/19");
        let referrer = json!({ "id": "referrer", "tenant": tenant, "role": "referrer", "share": "3/38" });
        terms["parties"].as_array_mut().unwrap().push(referrer);
        let made = self
            .job_side
            .write(app, "POST", "/deals", json!({ "terms": terms }))
            .await
            .expect(201);
        made["id"].as_str().unwrap().clone_into(&mut self.deal);
        for who in [&self.job_side, &self.candidate_side, &third] {
            let _ = self.sign(who).await.expect(201);
        }
        third
    }

    /// Makes the candidate leave, which is told on a day.
    async fn leaves(&self, last_day: i64, told_on: i64) -> Answer {
        // What was settled is past, so the deal's next fact is of that day.
        self.settle_in(told_on).await;
        let left = json!({ "kind": "fell_off", "last_day": Self::days(last_day), "reason": "resigned" });
        self.agreed(&self.job_side, left).await
    }
}

#[tokio::test]
async fn a_template_in_a_time_zone_that_is_none_is_refused_by_its_field() {
    let room = Room::signed("even").await;
    let mut parts = room.template("even");
    parts["time_zone"] = json!("Mars/Olympus");
    let refused = room
        .job_side
        .write(&room.world.app, "POST", "/deal-templates", parts)
        .await
        .expect(422);
    assert_eq!(refused["errors"][0]["field"], "time_zone");
}

#[tokio::test]
async fn a_guarantee_holds_through_its_last_day_and_not_a_day_longer() {
    // 20% of so much a year, and the days that the terms give for it: 90 from 25,000 on.
    for (pay, days) in [(12_499_995, 60), (16_666_665, 90)] {
        for (day, holds) in [(days - 1, true), (days, true), (days + 1, false)] {
            let room = Room::signed("even").await;
            let _ = room.submit().await.expect(201);
            let placed = json!({
                "kind": "placed", "candidate": room.candidate, "accepted_on": Room::days(0), "starts_on": Room::days(0),
                "pay": { "amount": { "minor_units": pay, "currency": "USD" }, "period": "year" },
            });
            let _ = room.agreed(&room.job_side, placed).await.expect(201);
            let _ = room.tell(&room.job_side, Room::bill(pay / 5)).await.expect(201);
            room.pay(pay / 5).await;
            let answer = room.leaves(day, day + 2).await;
            if holds {
                assert_eq!(answer.expect(201)["state"], "fallen_off", "day {day} of {days}");
            } else {
                assert_eq!(answer.problem(422), "refused-by-terms", "day {day} of {days}");
            }
        }
    }
}

#[tokio::test]
async fn what_nobody_answers_in_time_the_network_answers() {
    let room = Room::signed("replacement").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    room.pay(3_333_333).await;
    let fallen = room.leaves(10, 11).await.expect(201);
    assert_eq!(
        fallen["invoices"][0]["credited_minor_units"], 0,
        "a replacement comes first"
    );
    let state = async |day| {
        room.settle_in(day).await;
        let deal = room.world.get(&room.job_side, &format!("/deals/{}", room.deal)).await;
        deal.expect(200)["invoices"][0]["credited_minor_units"].clone()
    };
    // 60 days after the departure counted on day 11, to the end of the day; a day more for the hour at which this runs.
    assert_eq!(state(70).await, 0);
    assert_eq!(
        state(73).await,
        3_333_333,
        "nobody was found, so the client has it back"
    );
}

#[tokio::test]
async fn who_submits_in_the_same_second_is_told_apart() {
    let room = Room::signed("even").await;
    let rival = Person::named("rival");
    let rival_tenant = room.world.tenant(&rival, "agency", "Rival").await;
    let theirs = room.world.candidate(&rival, "M. Lindqvist").await;
    let mut terms = room.terms("even").await;
    terms["parties"][1]["tenant"] = json!(rival_tenant);
    let app = &room.world.app;
    let made = room
        .job_side
        .write(app, "POST", "/deals", json!({ "terms": terms }))
        .await;
    let made = made.expect(201);
    let moves = format!("/deals/{}/moves", made["id"].as_str().unwrap());
    for who in [&rival, &room.job_side] {
        let sign = json!({ "kind": "signed", "terms_version": 1, "terms_hash": made["proposed"]["hash"] });
        let _ = who.write(app, "POST", &moves, sign).await.expect(201);
    }
    let submitted = |candidate: &str| {
        json!({
            "kind": "submitted", "candidate": candidate, "source": "member",
            "contact": { "email": "mara.lindqvist@example.com" },
        })
    };
    let (one, other) = futures_util::join!(
        room.tell(&room.candidate_side, submitted(&room.candidate)),
        rival.write(app, "POST", &moves, submitted(&theirs)),
    );
    let _ = (one.expect(201), other.expect(201));
    // Both were in time. Whoever it is, it is one of them, and the same one whoever asks.
    let placed = |candidate: &str| {
        json!({
            "kind": "placed", "candidate": candidate, "accepted_on": Room::days(0), "starts_on": Room::days(0),
            "pay": { "amount": { "minor_units": 16_666_665, "currency": "USD" }, "period": "year" },
        })
    };
    let answers = [
        room.tell(&room.job_side, placed(&room.candidate)).await,
        room.job_side.write(app, "POST", &moves, placed(&theirs)).await,
    ];
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1, "{answers:?}");
    let refused = answers.into_iter().find(|answer| answer.status != 201).unwrap();
    assert_eq!(refused.problem(422), "refused-by-terms");
}

#[tokio::test]
async fn yen_and_dinars_are_split_among_three_to_the_last_unit() {
    for (currency, texts) in [
        ("JPY", ["JPY 1,333,334", "JPY 1,583,334", "JPY 249,999"]),
        ("KWD", ["KWD 1,333.334", "KWD 1,583.334", "KWD 249.999"]),
    ] {
        let mut room = Room::new("even").await;
        let third = room.with_referrer(currency).await;
        let _ = room.submit().await.expect(201);
        let money = |units: i64| json!({ "minor_units": units, "currency": currency });
        let placed = json!({
            "kind": "placed", "candidate": room.candidate, "accepted_on": Room::days(0), "starts_on": Room::days(0),
            "pay": { "amount": money(16_666_665), "period": "year" },
        });
        let _ = room
            .agreed_in(&room.deal, &room.job_side, placed, &[&third])
            .await
            .expect(201);
        let bill = |amount: Value| json!({ "kind": "invoiced", "invoice": "2026-001", "billed": "placement", "amount": amount });
        let mixed = json!({ "minor_units": 3_333_333, "currency": "USD" });
        let refused = room.tell(&room.job_side, bill(mixed)).await;
        assert_eq!(
            refused.problem(422),
            "refused-by-terms",
            "another currency than the terms'"
        );
        let _ = room.tell(&room.job_side, bill(money(3_333_333))).await.expect(201);
        let paid = room
            .payment("evt_other", 3_333_333)
            .replace("\"usd\"", &format!("\"{}\"", currency.to_lowercase()));
        assert_eq!(room.event(&paid).await.expect(200)["outcome"], "booked");
        room.settle_in(6).await;
        for (who, text) in [&room.job_side, &room.candidate_side, &third].into_iter().zip(texts) {
            let accounts = room
                .world
                .get(who, &format!("/accounts?currency={currency}"))
                .await
                .expect(200);
            assert_eq!(accounts[1]["balance_text"], text, "{accounts}");
        }
    }
}
