//! The processor as it is. It has money that is pending, fees, chargebacks, refunds that come back, accounts that are restricted,
//! and amounts that it does not move. The daily comparison finds nothing to say on such a day.

use std::collections::BTreeMap;

use inventure_ledger::Kind;
use inventure_testing::NURSE;
use serde_json::{Value, json};

use super::in_days;
use crate::money::deals::Room;

/// The fees that the processor keeps of a client's payment of 33,333.33, and of a dispute.
const FEE: i64 = 96_967;
const DISPUTE_FEE: i64 = 1_500;

impl Room {
    /// Places and bills; the client pays at the processor, which says so or not.
    async fn bill_and_pay(&self, more: Value) -> String {
        self.both_sign().await;
        let _ = self.submit().await.expect(201);
        let _ = self.place().await.expect(201);
        let _ = self.tell(&self.job_side, Self::bill(3_333_333)).await.expect(201);
        let metadata = json!({ "deal": self.deal, "invoice": "2026-001" });
        let mut paid = json!({ "amount": 3_333_333, "currency": "usd", "metadata": metadata });
        paid.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let paid = self.world.processor.tell("payments", &paid);
        paid["id"].as_str().unwrap().to_owned()
    }

    /// Hands the processor's events to the webhook, oldest first, each twice. Gives what became of them, by type.
    async fn hear(&self) -> BTreeMap<String, String> {
        let mut events = self.events();
        events.reverse();
        self.hear_these(&events).await
    }

    /// Returns the processor's events, newest first.
    fn events(&self) -> Vec<Value> {
        let all = self.world.processor.read("events?limit=100");
        all["data"].as_array().unwrap().clone()
    }

    async fn hear_these(&self, events: &[Value]) -> BTreeMap<String, String> {
        let mut outcomes = BTreeMap::new();
        for event in events {
            for _ in 0..2 {
                let heard = self.event(&event.to_string()).await.expect(200);
                let (kind, outcome) = (event["type"].as_str().unwrap(), heard["outcome"].as_str().unwrap());
                outcomes.insert(kind.to_owned(), outcome.to_owned());
            }
        }
        outcomes
    }

    /// Puts money of the network's own into the guarantee reserve.
    async fn fund(&self) {
        let form = [
            ("amount", "1000000"),
            ("currency", "usd"),
            ("metadata[for]", "guarantee-reserve"),
        ];
        let _ = self.world.processor.write("topups", None, &form);
        self.hear().await;
        self.world.settle().await;
    }

    /// Makes the client's bank take the payment back.
    fn dispute(&self, payment: &str) -> String {
        let body = json!({ "payment": payment, "fee": DISPUTE_FEE });
        let dispute = self.world.processor.tell("disputes", &body);
        dispute["id"].as_str().unwrap().to_owned()
    }

    fn decide(&self, dispute: &str, won: bool) {
        let body = json!({ "dispute": dispute, "won": won });
        self.world.processor.tell("decisions", &body);
    }

    /// Makes the newest refund come back.
    fn fail_refund(&self) {
        let refunds = self.world.processor.read("refunds?limit=1");
        let body = json!({ "refund": refunds["data"][0]["id"] });
        self.world.processor.tell("refund_failures", &body);
    }

    async fn invoice(&self) -> Value {
        self.view(&self.job_side).await["invoices"][0].clone()
    }

    async fn all_of(&self, kind: Kind) -> i64 {
        let ledger = inventure_books::Ledger::new(self.world.store.clone());
        let heads = ledger.all_heads().await.unwrap();
        let own = heads.iter().filter(|head| head.account.kind() == kind);
        own.map(|head| head.balance_minor_units).sum()
    }

    /// Checks that both sides have the same, and find nothing to say.
    async fn agree(&self, when: &str) {
        assert_eq!(self.differences().await, json!([]), "{when}");
    }

    /// Takes back from the brokers what was charged back, until the books have it.
    async fn book_chargeback(&self, day: i64) {
        let waits = self.settle(day).await.unwrap_err();
        assert!(waits.contains("cash"), "the brokers have it: {waits}");
        self.agree("the bank has the money, and the books wait for the brokers")
            .await;
        self.pay_out(day).await;
        assert_eq!(self.both(Kind::Debt).await, [0, 0]);
        self.settle(day).await.unwrap();
    }

    async fn both_onboard(&self) {
        for who in [&self.job_side, &self.candidate_side] {
            let _ = self.account_link(who).await;
        }
        self.onboard().await;
    }
}

#[tokio::test]
async fn what_a_bank_took_and_gave_back_stays_with_the_broker() {
    let room = Room::new("even").await;
    // The reserve can stand in for all of it, so that nothing waits for the brokers' cash.
    for _ in 0..4 {
        room.fund().await;
    }
    let payment = room.bill_and_pay(json!({ "fee": FEE })).await;
    room.hear().await;
    room.both_onboard().await;
    room.settle(0).await.unwrap();
    room.settle_in(6).await;
    room.pay_out(6).await;
    let paid = room.paid_both().await;
    assert_eq!(paid, [1_583_334, 1_583_333]);
    // The bank takes the payment and gives it back before a broker is asked for anything.
    let dispute = room.dispute(&payment);
    room.hear().await;
    let _ = room.settle(7).await;
    assert!(room.broker(0, Kind::Debt).await > 1_000_000);
    room.decide(&dispute, true);
    room.hear().await;
    room.settle_in(14).await;
    for day in 14..17 {
        room.pay_out(day).await;
    }
    assert_eq!(room.paid_both().await, paid);
    assert_eq!(room.both(Kind::Debt).await, [0, 0]);
    assert_eq!(room.both(Kind::Available).await, [0, 0]);
    room.counted_once(&[&room.deal], "given back").await;
    let taken = room.world.processor.read("transfers?limit=100");
    let reversed = |transfer: &Value| transfer["amount_reversed"].as_i64();
    assert!(
        taken["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| reversed(one) == Some(0)),
        "{taken}"
    );
    room.agree("given back").await;
}

#[tokio::test]
async fn an_ordinary_day_with_fees_chargebacks_and_a_refund_that_fails_leaves_no_difference() {
    let mut room = Room::new("even").await;
    room.fund().await;
    let first = room.bill_and_pay(json!({ "fee": FEE })).await;
    room.hear().await;
    room.both_onboard().await;
    room.settle(0).await.unwrap();
    room.agree("paid").await;
    room.settle_in(6).await;
    room.pay_out(6).await;
    room.agree("paid out").await;

    // The bank takes it back, and gives it back.
    let dispute = room.dispute(&first);
    room.hear().await;
    let invoice = room.invoice().await;
    assert_eq!(
        invoice["received_minor_units"], 0,
        "the client owes it again: {invoice}"
    );
    assert_eq!(room.view(&room.job_side).await["state"], "invoiced");
    room.book_chargeback(7).await;
    assert_eq!(room.paid_both().await, [0, 0]);
    room.agree("charged back").await;
    room.decide(&dispute, true);
    room.hear().await;
    room.settle(8).await.unwrap();
    room.agree("won").await;
    room.settle_in(14).await;
    room.pay_out(14).await;
    assert_eq!(room.paid_both().await, [1_583_334, 1_583_333]);
    room.agree("paid out once more").await;

    // Another client's bank keeps it.
    let won = room.deal.clone();
    room.open("even", NURSE).await;
    let second = room.bill_and_pay(json!({ "fee": FEE })).await;
    room.hear().await;
    room.settle_in(20).await;
    room.pay_out(20).await;
    let dispute = room.dispute(&second);
    room.hear().await;
    room.book_chargeback(21).await;
    room.decide(&dispute, false);
    room.hear().await;
    assert_eq!(room.paid_both().await, [1_583_334, 1_583_333], "of the first deal");
    assert_eq!(room.invoice().await["received_minor_units"], 0);
    room.agree("lost").await;

    // The first client's person leaves, and the refund comes back before it arrives.
    room.deal = won;
    room.day_comes(14).await;
    room.fall_off_on(12).await;
    let _ = room.settle(22).await;
    room.pay_out(22).await;
    room.settle(22).await.unwrap();
    room.pay_out(23).await;
    assert_eq!(room.refunds_left().await, 0);
    room.agree("refunded").await;
    room.fail_refund();
    room.hear().await;
    assert_eq!(room.refunds_left().await, 1, "it is due again");
    room.agree("the refund failed").await;
    room.pay_out(24).await;
    assert_eq!(room.refunds_left().await, 0);
    room.agree("refunded after all").await;

    assert_eq!(room.world.processor.balance("usd"), room.all_cash().await);
    assert_eq!(room.all_of(Kind::Fees).await, 2 * FEE + 2 * DISPUTE_FEE);
}

#[tokio::test]
async fn money_that_is_pending_is_waited_for_and_nothing_is_declined() {
    let room = Room::new("even").await;
    let _ = room.bill_and_pay(json!({ "pending": true })).await;
    room.hear().await;
    room.both_onboard().await;
    room.settle_in(6).await;
    for day in 6..8 {
        room.pay_out(day).await;
        assert_eq!(room.paid_both().await, [0, 0]);
        assert_eq!(room.both(Kind::Available).await, [1_583_334, 1_583_333]);
        let shown = room.world.get(&room.job_side, "/payouts").await.expect(200);
        assert_eq!(shown, json!([]), "nothing was asked for that can only be declined");
        room.agree("pending").await;
    }
    room.world.processor.tell("ripen", &json!({}));
    room.pay_out(8).await;
    assert_eq!(room.paid_both().await, [1_583_334, 1_583_333]);
    room.agree("paid out").await;
}

#[tokio::test]
async fn an_account_that_is_restricted_is_declined_once_and_asked_about_until_it_is_not() {
    let mut room = Room::paid_out().await;
    let account = room.account(0).await;
    let restrict = |restricted: bool| json!({ "account": account, "restricted": restricted });
    room.world.processor.tell("restrictions", &restrict(true));
    room.open("even", NURSE).await;
    room.place_and_pay(3_333_333).await;
    room.settle_in(14).await;
    let declined = async || {
        let shown = room.world.get(&room.job_side, "/payouts").await.expect(200);
        let all = shown.as_array().unwrap().iter();
        all.filter(|payout| payout["status"] == "returned").count()
    };
    for day in 14..17 {
        room.pay_out(day).await;
        assert_eq!(declined().await, 1, "on day {day}");
    }
    let shown = room.world.get(&room.job_side, "/payout-account").await.expect(200);
    assert_eq!(shown["is_ready"], false);
    room.world.processor.tell("restrictions", &restrict(false));
    room.pay_out(17).await;
    assert_eq!(room.paid_both().await, [2 * 1_583_334, 2 * 1_583_333]);
    room.agree("paid out").await;
}

#[tokio::test]
async fn whatever_order_the_banks_events_come_in_the_money_is_where_it_is() {
    // Of each event's type the place in which it comes: the payment, the withdrawal, the giving back.
    const KINDS: [&str; 3] = [
        "payment_intent.succeeded",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    ];
    for (order, won) in [
        ([0, 1, 2], true),
        ([0, 2, 1], true),
        ([1, 0, 2], true),
        ([1, 2, 0], true),
        ([2, 0, 1], true),
        ([2, 1, 0], true),
        ([1, 0, 0], false),
    ] {
        let room = Room::new("even").await;
        room.fund().await;
        let payment = room.bill_and_pay(json!({ "fee": FEE })).await;
        let dispute = room.dispute(&payment);
        if won {
            room.decide(&dispute, true);
        }
        let events = room.events();
        for kind in order.map(|index| KINDS[index]) {
            let own: Vec<Value> = events.iter().filter(|event| event["type"] == kind).cloned().collect();
            room.hear_these(&own).await;
        }
        // And all of it once more.
        room.hear().await;
        let left = if won { 3_333_333 } else { 0 };
        assert_eq!(room.invoice().await["received_minor_units"], left, "{order:?}");
        room.settle(1).await.unwrap();
        room.agree("heard").await;
        assert_eq!(room.all_cash().await, room.world.processor.balance("usd"), "{order:?}");
    }
}

#[tokio::test]
async fn a_refund_that_fails_before_anybody_heard_that_it_was_made_is_due_once() {
    for event_first in [true, false] {
        let room = Room::paid_out().await;
        room.fall_off().await;
        let _ = room.settle(7).await;
        room.pay_out(7).await;
        room.settle(7).await.unwrap();
        room.world.processor.fail(&[super::lost_after_effect()]);
        let _ = room.world.pay_out_in(1, in_days(8)).await;
        assert_eq!(room.refunds_left().await, 1, "no answer that could be relied on");
        room.fail_refund();
        if event_first {
            room.hear().await;
        }
        let _ = room.world.processor.tell("forget", &json!({}));
        for day in 9..11 {
            room.pay_out(day).await;
        }
        let outcomes = room.hear().await;
        let due = if event_first { "booked" } else { "ignored" };
        assert_eq!(outcomes["refund.failed"], due);
        assert_eq!(room.refunds_left().await, 0, "event first: {event_first}");
        let refunds = room.world.processor.read("refunds?limit=100");
        let all = refunds["data"].as_array().unwrap().iter();
        let stands: Vec<&Value> = all.filter(|refund| refund["status"] == "succeeded").collect();
        assert_eq!(stands.len(), 1, "{refunds}");
        assert_eq!(room.world.processor.balance("usd"), room.all_cash().await);
        room.agree("refunded").await;
    }
}

#[tokio::test]
async fn what_the_processor_does_not_move_of_a_dinar_stays_available() {
    let mut room = Room::new("even").await;
    let third = room.with_referrer("KWD").await;
    let _ = room.submit().await.expect(201);
    let money = |units: i64| json!({ "minor_units": units, "currency": "KWD" });
    let placed = json!({
        "kind": "placed", "candidate": room.candidate, "accepted_on": Room::days(0), "starts_on": Room::days(0),
        "pay": { "amount": money(16_666_665), "period": "year" },
    });
    let placed = room.agreed_in(&room.deal, &room.job_side, placed, &[&third]).await;
    let _ = placed.expect(201);
    let bill = json!({ "kind": "invoiced", "invoice": "2026-001", "billed": "placement", "amount": money(3_333_333) });
    let _ = room.tell(&room.job_side, bill).await.expect(201);
    // A card pays tens of fils; the rest comes by bank.
    for units in [3_333_330, 3] {
        let metadata = json!({ "deal": room.deal, "invoice": "2026-001" });
        let paid = json!({ "amount": units, "currency": "kwd", "metadata": metadata, "by_bank": units % 10 != 0 });
        room.world.processor.tell("payments", &paid);
    }
    room.hear().await;
    for who in [&room.job_side, &room.candidate_side, &third] {
        room.world.processor.onboard(&room.account_link(who).await);
    }
    room.settle_in(6).await;
    room.pay_out(6).await;
    let transfers = room.world.processor.read("transfers?limit=100");
    let all = transfers["data"].as_array().unwrap().iter();
    let mut paid: Vec<i64> = all.map(|transfer| transfer["amount"].as_i64().unwrap()).collect();
    paid.sort_unstable();
    assert_eq!(paid, [249_990, 1_333_330, 1_583_330]);
    assert_eq!(room.all_of(Kind::Available).await, 4 + 4 + 9, "no fils is lost");
    assert_eq!(room.world.processor.balance("kwd"), room.all_cash().await);
    room.agree("paid out").await;
    // Nothing is left that would be tried for ever.
    room.pay_out(7).await;
    assert_eq!(room.world.processor.read("transfers?limit=100"), transfers);
}

#[tokio::test]
async fn a_part_of_a_krona_is_kept_and_placed_nowhere() {
    let room = Room::new("even").await;
    let event = room.payment("evt_isk", 50_050).replace("\"usd\"", "\"isk\"");
    for _ in 0..2 {
        let said = room.event(&event).await.expect(200);
        assert_eq!(said["outcome"], "the payment's amount cannot be read");
    }
}
