//! Reports: what they say is what the ledger has, and nobody reads another's.

use inventure_books::{Ledger, records::SealRecord};
use inventure_core::{Currency, DealId, JobId, TenantId};
use inventure_deal_store::records::{DealHead, DealOfTenant};
use inventure_ledger::{Account, Kind, Posting, SealedDay, Transaction, TransactionKind, canonical, verify};
use inventure_table::{
    Change, Condition, Objects,
    table::{Table, Write},
};
use inventure_testing::{Person, World};
use jiff::ToSpan;
use serde_json::{Value, json};

use crate::money::{deals::Room, payouts::in_days};

/// Returns the period of 40 days before and after today, as a query.
fn span() -> String {
    let today = inventure_api::clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    format!("from={}&to={}", today - 40.days(), today + 40.days())
}

/// The minor units of a member of some rows, in order; `None` where there is none.
fn units(rows: &Value, member: &str) -> Vec<Option<i64>> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row[member]["minor_units"].as_i64()).collect()
}

fn one(row: &Value, member: &str) -> i64 {
    row[member]["minor_units"].as_i64().unwrap()
}

/// Sets up a deal that is paid by the client, released, and paid out to both agencies.
async fn paid_out() -> Room {
    let room = Box::pin(Room::payable()).await;
    room.onboard().await;
    room.settle_in(6).await;
    assert!(Box::pin(room.world.pay_out(in_days(6))).await.is_empty());
    room
}

async fn fall_off(room: &Room, day: i64) {
    let left = json!({ "kind": "fell_off", "last_day": Room::days(day), "reason": "resigned" });
    let _ = room.agreed(&room.job_side, left).await.expect(201);
    let _ = room
        .world
        .settler
        .settle(room.deal.parse().unwrap(), "test", in_days(7))
        .await;
}

/// Checks that a report's rows and its account statement say the same, for each account of the caller. Returns the report.
async fn ties(room: &Room, index: usize, who: &Person) -> Value {
    let path = format!("/reports/earnings?group=deal&{}", span());
    let report = room.world.get(who, &path).await.expect(200);
    for (at, kind) in [Kind::Reserved, Kind::Available, Kind::Debt].into_iter().enumerate() {
        let account = &report["accounts"][at];
        let (opening, change, closing) = (one(account, "opening"), one(account, "change"), one(account, "closing"));
        assert_eq!(opening + change, closing, "{account}");
        assert_eq!(closing, room.broker(index, kind).await, "as the head is: {account}");
        let column = ["reserved", "available", "owed"][at];
        let sum: i64 = units(&report["rows"], column).into_iter().flatten().sum();
        assert_eq!(
            (sum, one(&report["total"], column)),
            (change, change),
            "{column}: {report}"
        );
    }
    report
}

#[tokio::test]
async fn earnings_tie_to_the_accounts_also_after_a_fall_off() {
    let room = paid_out().await;
    let report = ties(&room, 0, &room.job_side).await;
    let row = &report["rows"][0];
    assert_eq!(row["group"], room.deal.as_str());
    assert_eq!(row["earned"]["text"], "USD 15,833.34");
    assert_eq!(
        ["earned", "released", "paid_out", "taken_back"].map(|name| one(row, name)),
        [1_583_334, 1_583_334, 1_583_334, 0]
    );
    fall_off(&room, 3).await;
    for (index, who) in [(0, &room.job_side), (1, &room.candidate_side)] {
        let report = ties(&room, index, who).await;
        let row = &report["rows"][0];
        assert!(
            one(row, "taken_back") > 1_400_000 && one(row, "taken_back") == one(row, "owed"),
            "{row}"
        );
        assert_eq!(
            one(row, "earned") - one(row, "taken_back") - one(row, "paid_out") + one(row, "other"),
            one(row, "reserved") + one(row, "available") - one(row, "owed")
        );
    }
    // By month it is the same in all.
    let path = format!("/reports/earnings?{}", span());
    let months = room.world.get(&room.job_side, &path).await.expect(200);
    let deals = ties(&room, 0, &room.job_side).await;
    assert_eq!(
        (&months["total"], &months["accounts"]),
        (&deals["total"], &deals["accounts"])
    );
    let yesterday = jiff::civil::Date::constant(2026, 1, 1);
    let before = format!("/reports/earnings?from={yesterday}&to={yesterday}");
    let before = room.world.get(&room.job_side, &before).await.expect(200);
    assert_eq!(
        (&before["rows"], one(&before["accounts"][0], "closing")),
        (&json!([]), 0)
    );
}

#[tokio::test]
async fn a_deal_is_reported_as_it_is_booked() {
    let room = paid_out().await;
    let path = format!("/reports/deals/{}", room.deal);
    let report = room.world.get(&room.candidate_side, &path).await.expect(200);
    let rows = &report["rows"];
    let who: Vec<&str> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["who"].as_str().unwrap())
        .collect();
    assert_eq!(who, ["client", "job", "candidate", "network"]);
    assert_eq!(
        units(rows, "earned"),
        [None, Some(1_583_334), Some(1_583_333), Some(166_666)]
    );
    assert_eq!(units(rows, "paid_out"), [None, Some(1_583_334), Some(1_583_333), None]);
    let client =
        |rows: &Value| ["billed", "credited", "received", "refunded", "outstanding"].map(|name| one(&rows[0], name));
    assert_eq!(client(rows), [3_333_333, 0, 3_333_333, 0, 0]);
    fall_off(&room, 3).await;
    let rows = room.world.get(&room.arbiter, &path).await.expect(200)["rows"].clone();
    let [billed, credited, received, refunded, outstanding] = client(&rows);
    // The brokers have the cash, so the client's refund waits and is owed.
    assert_eq!(
        (billed, received, refunded, outstanding),
        (3_333_333, 3_333_333, 0, -credited)
    );
    let back: i64 = units(&rows, "taken_back").into_iter().flatten().sum();
    assert_eq!(back, credited, "{rows}");
    assert_eq!(one(&rows[1], "owed"), room.broker(0, Kind::Debt).await);
    let stranger = Person::named("stranger");
    room.world.tenant(&stranger, "agency", "Elsewhere").await;
    for who in [&stranger, &room.employer, &room.world.operator("olaf").await] {
        assert_eq!(room.world.get(who, &path).await.problem(404), "not-found");
    }
    let csv = room.world.get(&room.job_side, &format!("{path}?format=csv")).await;
    let lines: Vec<&str> = csv.text.lines().collect();
    assert!(
        lines[0].starts_with("who,tenant,currency,billed,billed_minor_units,credited,"),
        "{}",
        lines[0]
    );
    assert!(lines[1].starts_with("client,,USD,33333.33,3333333,"), "{}", lines[1]);
    assert_eq!(
        (lines.len(), csv.headers["content-type"].to_str().unwrap()),
        (5, "text/csv; charset=utf-8")
    );
}

#[tokio::test]
async fn what_is_not_paid_grows_old() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let mut bill = Room::bill(3_333_333);
    bill["invoice"] = json!("=HYPERLINK(\"http://a\"), 1");
    let _ = room.tell(&room.job_side, bill).await.expect(201);
    room.world.settle().await;
    let ageing = async |who: &Person, query: &str| {
        let path = format!("/reports/ageing?{query}");
        room.world.get(who, &path).await.expect(200)
    };
    let today = ageing(&room.job_side, "").await;
    assert_eq!(today["rows"][0]["bucket"], "not_yet_due");
    assert_eq!(
        (one(&today, "total"), &today["totals"][0]["invoices"]),
        (3_333_333, &json!(1))
    );
    let later = ageing(&room.candidate_side, &format!("as_of={}", Room::days(45))).await;
    assert_eq!(
        (&later["rows"][0]["days"], &later["rows"][0]["bucket"]),
        (&json!(15), &json!("1-30")),
        "30 days to pay, and 15 more"
    );
    assert_eq!(later["totals"][1]["outstanding"]["text"], "USD 33,333.33");
    assert_eq!(
        ageing(&room.job_side, &format!("as_of={}", Room::days(-1))).await["rows"],
        json!([])
    );
    assert_eq!(ageing(&room.job_side, "currency=JPY").await["rows"], json!([]));
    let csv = room.world.get(&room.job_side, "/reports/ageing?format=csv").await.text;
    let row = csv.lines().nth(1).unwrap();
    let quoted = "\"'=HYPERLINK(\"\"http://a\"\"), 1\"";
    assert_eq!(
        row,
        format!(
            "{},1,{quoted},{},0,not_yet_due,USD,33333.33,3333333,33333.33,3333333",
            room.deal,
            Room::days(0)
        )
    );
    let all = ageing(&room.world.operator("olaf").await, "").await;
    assert_eq!(
        (&all["rows"][0]["deal_id"], &all["rows"][0]["invoice"]),
        (&json!(room.deal), &json!(""))
    );
    // Who rules over a deal has no part in its money, and who takes no part knows of nothing.
    let stranger = Person::named("stranger");
    room.world.tenant(&stranger, "agency", "Elsewhere").await;
    for who in [&room.arbiter, &stranger] {
        assert_eq!(ageing(who, "").await["rows"], json!([]));
    }
}

#[tokio::test]
async fn what_was_paid_since_was_open_then() {
    let room = Room::signed("even").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    // Settled six days on, so that is when the client pays.
    room.settle_in(6).await;
    room.pay(3_333_333).await;
    room.settle_in(20).await;
    let open = async |day: i64| {
        let path = format!("/reports/ageing?as_of={}", Room::days(day));
        one(&room.world.get(&room.job_side, &path).await.expect(200), "total")
    };
    assert_eq!([open(0).await, open(5).await, open(7).await], [3_333_333, 3_333_333, 0]);
}

#[tokio::test]
async fn revenue_is_the_operators_and_net_of_refunds() {
    let room = paid_out().await;
    let operator = room.world.operator("olaf").await;
    let path = format!("/reports/revenue?group=deal&{}", span());
    let report = room.world.get(&operator, &path).await.expect(200);
    assert_eq!(
        (&report["rows"][0]["group"], one(&report["total"], "net")),
        (&json!(room.deal), 166_666)
    );
    fall_off(&room, 3).await;
    let report = room.world.get(&operator, &path).await.expect(200);
    let total = &report["total"];
    assert_eq!(one(total, "earned") - one(total, "taken_back"), one(total, "net"));
    assert!(one(total, "taken_back") > 150_000, "{total}");
    let closing: i64 = units(&report["accounts"], "closing").into_iter().flatten().sum();
    let deal = room.deal.parse().unwrap();
    let revenue = Account::network(Kind::Revenue, Currency::USD, &deal).unwrap();
    assert_eq!(
        (closing, one(total, "net")),
        (room.balance(revenue.clone()).await, room.balance(revenue).await)
    );
    let csv = room.world.get(&operator, &format!("{path}&format=csv")).await.text;
    let header = "group,currency,earned,earned_minor_units,taken_back,taken_back_minor_units,other,other_minor_units,net,net_minor_units";
    assert_eq!(csv.lines().next(), Some(header));
}

#[tokio::test]
async fn what_a_fall_off_would_cost_now() {
    let room = paid_out().await;
    let operator = room.world.operator("olaf").await;
    let own = room.world.get(&room.job_side, "/reports/exposure").await.expect(200);
    // Settled and paid six days on, so that is when the next thing happens: 84 of 90 days are left.
    let row = &own["rows"][0];
    assert_eq!(
        (&row["who"], &row["refund"], &row["day"]),
        (&json!("job"), &json!("14/15"), &json!(6))
    );
    assert_eq!(row["guarantee_ends_on"], Room::days(90).as_str());
    assert_eq!((one(row, "gives_back"), one(row, "paid_out")), (1_477_779, 1_477_779));
    assert_eq!(
        (own["rows"].as_array().unwrap().len(), &own["cover"]),
        (1, &Value::Null)
    );
    let all = room.world.get(&operator, "/reports/exposure").await.expect(200);
    let rows = &all["rows"];
    assert_eq!(
        units(rows, "gives_back"),
        [None, Some(1_477_779), Some(1_477_778), Some(155_554)]
    );
    assert_eq!(
        (one(&all["total"], "gets_back"), one(&all["total"], "paid_out")),
        (3_111_111, 2_955_557)
    );
    assert_eq!(
        (one(&all["cover"], "cash"), one(&all["cover"], "cash_left")),
        (166_666, 166_666 - 3_111_111)
    );
    assert_eq!(
        (
            one(&all["cover"], "guarantee_reserve"),
            one(&all["cover"], "reserve_left")
        ),
        (0, -2_955_557)
    );
    assert_eq!(
        room.world.get(&room.arbiter, "/reports/exposure").await.expect(200)["rows"],
        json!([])
    );
    fall_off(&room, 3).await;
    let over = room.world.get(&operator, "/reports/exposure").await.expect(200);
    assert_eq!(
        (&over["rows"], &over["total"]["deals"]),
        (&json!([]), &json!(0)),
        "the refund is made"
    );
}

#[tokio::test]
async fn who_has_nothing_reads_nothing() {
    let world = World::new();
    let (owner, auditor, employer) = (Person::named("ada"), Person::named("ann"), Person::named("eva"));
    let tenant = world.tenant(&owner, "agency", "Northbank").await;
    world.join(&owner, &tenant, &auditor, "auditor").await;
    world.tenant(&employer, "employer", "Orchid").await;
    let operator = world.operator("olaf").await;
    for (report, readers, refused) in [
        ("earnings", [&owner, &auditor], [&employer, &operator]),
        ("ageing", [&auditor, &operator], [&employer, &employer]),
        ("exposure", [&auditor, &operator], [&employer, &employer]),
        ("revenue", [&operator, &operator], [&owner, &auditor]),
    ] {
        for who in readers {
            let answer = world
                .get(who, &format!("/reports/{report}?currency=KWD"))
                .await
                .expect(200);
            assert_eq!(answer["rows"], json!([]), "{report}");
            let csv = world.get(who, &format!("/reports/{report}?format=csv")).await.text;
            assert_eq!(csv.lines().count(), 1, "{report}: {csv}");
        }
        for who in refused {
            let answer = world.get(who, &format!("/reports/{report}")).await;
            assert_eq!(answer.problem(403), "forbidden", "{report}");
        }
    }
}

/// A share of a bill, earned on a day.
fn reserve(world_tenant: &str, id: usize, day: &str, units: i64, currency: &str) -> Transaction {
    let posting = |account: String, minor_units| Posting {
        account: account.parse().unwrap(),
        minor_units,
    };
    Transaction {
        id: format!("reserve:{id}").parse().unwrap(),
        kind: TransactionKind::Reserve,
        occurred_at: format!("{day}T12:00:00Z").parse().unwrap(),
        deal: "deal-1".parse().ok(),
        reason: None,
        corrects: None,
        resolves: None,
        postings: vec![
            posting(format!("client/deal-1/receivable/{currency}"), units),
            posting(format!("broker/{world_tenant}/reserved/{currency}"), -units),
        ],
    }
}

async fn book(world: &World, transaction: &Transaction) {
    let booked = Ledger::new(world.store.clone())
        .book(transaction, |_| Change::new())
        .await;
    assert!(booked.is_ok(), "{booked:?}");
}

#[tokio::test]
async fn amounts_have_the_decimals_of_their_currency() {
    let world = World::new();
    let owner = Person::named("ada");
    let tenant = world.tenant(&owner, "agency", "Northbank").await;
    for (id, (currency, cells, display)) in [
        ("JPY", "1234567,1234567", "JPY 1,234,567"),
        ("KWD", "1234.567,1234567", "KWD 1,234.567"),
        ("EUR", "12345.67,1234567", "EUR 12,345.67"),
    ]
    .into_iter()
    .enumerate()
    {
        book(&world, &reserve(&tenant, id, "2026-03-05", 1_234_567, currency)).await;
        let path = format!("/reports/earnings?currency={currency}&from=2026-03-01&to=2026-03-31");
        let report = world.get(&owner, &path).await.expect(200);
        assert_eq!(report["rows"][0]["earned"]["text"], display);
        let csv = world.get(&owner, &format!("{path}&format=csv")).await.text;
        let row = csv.lines().nth(1).unwrap().to_owned();
        assert!(row.starts_with(&format!("2026-03,{currency},{cells},")), "{row}");
    }
}

#[tokio::test]
async fn of_two_who_seal_a_day_at_once_both_give_the_one_seal() {
    let world = World::new();
    let (day, sealed_at) = ("2026-01-05".parse().unwrap(), "2026-01-06T00:10:00Z".parse().unwrap());
    world.table.interleave(7);
    let store = world.store_of("sealer");
    let seal = || sealer::run(&store, &*world.seals, day, sealed_at);
    let (one, other) = futures_util::future::join(seal(), seal()).await;
    assert_eq!(one.unwrap(), other.unwrap());
}

#[tokio::test]
async fn a_long_account_is_read_from_the_last_seal() {
    let world = World::new();
    let owner = Person::named("ada");
    let tenant = world.tenant(&owner, "agency", "Northbank").await;
    for id in 0..1_001 {
        book(&world, &reserve(&tenant, id, "2026-01-05", 1, "USD")).await;
    }
    let sealed_at = "2026-01-06T00:10:00Z".parse().unwrap();
    let day = "2026-01-05".parse().unwrap();
    sealer::run(&world.store_of("sealer"), &*world.seals, day, sealed_at)
        .await
        .unwrap();
    // Booked after the seal: one of the period, and one that had waited.
    book(&world, &reserve(&tenant, 1_002, "2026-02-01", 300, "USD")).await;
    book(&world, &reserve(&tenant, 1_001, "2026-01-05", 20, "USD")).await;
    let spans = async |from: &str| {
        let path = format!("/reports/earnings?from={from}&to=2026-12-31");
        let report = world.get(&owner, &path).await;
        let account = report.expect(200)["accounts"][0].clone();
        ["opening", "change", "closing"].map(|name| one(&account, name))
    };
    for from in ["2026-01-05", "2026-01-06", "2026-01-07", "2026-02-01"] {
        let due = match from {
            "2026-01-05" => [0, 1_321, 1_321],
            _ => [1_021, 300, 1_321],
        };
        assert_eq!(spans(from).await, due, "{from}");
    }
    // More entries than a report reads, of which those behind the seal do not count.
    let account = format!("broker/{tenant}/reserved/USD");
    let head = |item: &inventure_table::table::Item| {
        let text = |name: &str| {
            item.get(name)
                .and_then(|value| value.as_s().ok())
                .cloned()
                .unwrap_or_default()
        };
        text("pk").starts_with("HEADS#") && text("sk") == account
    };
    let mut item = world.table.items().into_iter().find(|item| head(item)).unwrap();
    let sequence = serde_dynamo::to_attribute_value(20_500).unwrap();
    item.insert("sequence".to_owned(), sequence);
    world
        .table
        .transact(vec![Write::Put(item, Condition::None)])
        .await
        .unwrap();
    let too_many = world
        .get(&owner, "/reports/earnings?from=2026-01-05&to=2026-12-31")
        .await;
    assert_eq!(too_many.body["errors"][0]["field"], "from", "{}", too_many.body);
    assert_eq!(too_many.problem(400), "bad-query");
    assert_eq!(
        spans("2026-01-07").await,
        [1_021, 300, 1_321],
        "from the seal on there are fewer"
    );
}

#[tokio::test]
async fn the_heads_of_an_old_seal_are_read_once_for_a_report_and_can_be_missing() {
    let world = World::new();
    let owner = Person::named("ada");
    let tenant = world.tenant(&owner, "agency", "Northbank").await;
    for id in 0..1_001 {
        book(&world, &reserve(&tenant, id, "2026-01-05", 1, "USD")).await;
    }
    // As it was sealed before there were pieces.
    let heads = Ledger::new(world.store.clone()).all_heads().await.unwrap();
    let (date, sealed_at) = ("2026-01-05".parse().unwrap(), "2026-01-06T00:10:00Z".parse().unwrap());
    let day = SealedDay::new(date, sealed_at, heads.clone(), None).unwrap();
    let key = "seals/2026-01-05/heads.json";
    let bytes = serde_json::to_vec(&heads).unwrap();
    world.seals.put(key, bytes).await.unwrap();
    let record = json!({ "date": date, "seal": serde_json::to_string(day.seal()).unwrap(), "heads_key": key });
    let record: SealRecord = serde_json::from_value(record).unwrap();
    world.store.commit(Change::new().insert(&record)).await.unwrap();
    book(&world, &reserve(&tenant, 1_001, "2026-02-01", 300, "USD")).await;

    let opening = async || {
        let path = "/reports/earnings?currency=USD&from=2026-01-07&to=2026-12-31";
        let report = world.get(&owner, path).await.expect(200);
        let account = &report["accounts"][0];
        (one(account, "opening"), one(account, "change"))
    };
    let before = world.seals.calls();
    assert_eq!(opening().await, (1_001, 300));
    assert_eq!(world.seals.calls() - before, 1, "once, and not for each account");
    let path = format!("/statements/broker/{tenant}/reserved/USD?after=1");
    let statement = world.get(&owner, &path).await.expect(200);
    let summary = verify(canonical::encode(&statement).unwrap().as_bytes()).unwrap();
    assert_eq!(summary.sealed.map(|sealed| sealed.root), Some(day.seal().root));

    world.seals.delete(key).await.unwrap();
    assert_eq!(opening().await, (1_001, 300), "read from the first entry");
}

#[tokio::test]
async fn no_report_names_a_person() {
    let room = paid_out().await;
    let operator = room.world.operator("olaf").await;
    let _ = room
        .tell(
            &room.job_side,
            json!({ "kind": "noted", "candidate": null, "text": "Call Mara Lindqvist" }),
        )
        .await;
    let deal = format!("deals/{}", room.deal);
    for report in ["earnings", "ageing", "exposure", "revenue", deal.as_str()] {
        for who in [&room.job_side, &operator] {
            let said = room.world.get(who, &format!("/reports/{report}")).await.text;
            for name in [
                "Mara",
                "Lindqvist",
                "dana",
                "emil",
                "@example.com",
                room.candidate.as_str(),
            ] {
                assert!(!said.contains(name), "{report}: {said}");
            }
        }
    }
}

/// The example of docs/money/deals.md: gone on day 59 of 90.
#[tokio::test]
async fn what_is_exposed_is_what_then_happens() {
    let room = Room::signed("even").await;
    let operator = room.world.operator("olaf").await;
    let _ = room.submit().await.expect(201);
    let _ = room.place().await.expect(201);
    let _ = room.tell(&room.job_side, Room::bill(3_333_333)).await.expect(201);
    room.settle_in(30).await;
    room.pay(3_333_333).await;
    room.settle_in(59).await;
    let csv = room.world.get(&operator, "/reports/exposure?format=csv").await.text;
    let rows: Vec<(&str, &str)> = csv
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(",59,90,31/90,"))
        .collect();
    let cells: Vec<&str> = rows.iter().map(|(_, cells)| *cells).collect();
    let [job, candidate] = [0, 1].map(|index| &room.tenants[index]);
    assert_eq!(
        cells,
        [
            "client,,USD,11481.48,1148148,11481.48,1148148,,,,".to_owned(),
            format!("job,{job},USD,,,,,5453.71,545371,0.00,0"),
            format!("candidate,{candidate},USD,,,,,5453.70,545370,0.00,0"),
            "network,,USD,,,,,574.07,57407,,".to_owned(),
        ]
    );
    let left = json!({ "kind": "fell_off", "last_day": Room::days(59), "reason": "resigned" });
    let _ = room.agreed(&room.job_side, left).await.expect(201);
    room.settle_in(60).await;
    let report = room
        .world
        .get(&room.job_side, &format!("/reports/deals/{}", room.deal))
        .await
        .expect(200);
    let rows = &report["rows"];
    assert_eq!(
        units(rows, "taken_back"),
        [None, Some(545_371), Some(545_370), Some(57_407)]
    );
    let client = |rows: &Value| ["refunded", "refund_waiting", "outstanding"].map(|name| one(&rows[0], name));
    assert_eq!(client(rows), [1_148_148, 1_148_148, 0], "booked, and not sent yet");
    assert!(Box::pin(room.world.pay_out(in_days(60))).await.is_empty());
    let path = format!("/reports/deals/{}", room.deal);
    let report = room.world.get(&room.job_side, &path).await.expect(200);
    assert_eq!(client(&report["rows"]), [1_148_148, 0, 0]);
}

#[tokio::test]
async fn more_deals_than_one_report_reads_are_refused_and_not_left_out() {
    let world = World::new();
    let owner = Person::named("ada");
    let tenant: TenantId = world.tenant(&owner, "agency", "Northbank").await.parse().unwrap();
    let now = inventure_api::clock::now();
    let add = async |count: usize| {
        for _ in 0..count {
            let deal_id = DealId::new();
            let head = DealHead {
                parties: Vec::new(),
                spoke: None,
                bound: Some(vec![tenant]),
                present: Some(vec![tenant]),
                deal_id,
                job_id: JobId::new(),
                employer_id: TenantId::new(),
                tenants: vec![tenant],
                state: "paid".to_owned(),
                facts: 0,
                settled_until: now,
                booked_until: now,
                due_at: None,
                not_before: None,
                failures: 0,
                version: 1,
                created_at: now,
                updated_at: now,
            };
            let of_tenant = DealOfTenant {
                tenant_id: tenant,
                deal_id,
                left: None,
            };
            let change = Change::new().insert(&head).insert(&of_tenant);
            assert!(world.store.commit(change).await.is_ok());
        }
    };
    let exposure = async || world.get(&owner, "/reports/exposure").await;
    add(1_000).await;
    assert_eq!(
        exposure().await.expect(200)["rows"],
        json!([]),
        "these deals have no terms"
    );
    add(1).await;
    let refused = exposure().await;
    assert!(
        refused.body["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("1001")),
        "{}",
        refused.body
    );
    assert_eq!(refused.problem(400), "bad-query");
}
