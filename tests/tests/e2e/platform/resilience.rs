//! Tests repeats, poison, and what is kept out of the logs.

use inventure_core::EventId;
use inventure_tests::{Stack, id, wait};
use serde_json::{Value, json};
use uuid::Uuid;

const RESUME: &str = "Petronella Quillfeather\nSenior Backend Engineer\npetronella.quillfeather@example.com | +1 512 555 0142\n\
Austin, TX\n\nEXPERIENCE\nSenior Backend Engineer, Copperfield Systems\nMarch 2019 - Present\n\
- Built payment services in Rust on AWS Lambda and DynamoDB\n\nEDUCATION\nBSc Computer Science, University of Leeds, 2015\n\n\
SKILLS\nRust, Go, PostgreSQL, Kafka, Kubernetes\n";

#[test]
fn a_stream_record_that_cannot_be_read_is_set_aside_and_the_stream_goes_on() {
    let stack = Stack::running();
    let mark = Uuid::new_v4().to_string();
    let item = json!({
        "TableName": stack.output("MainTableName"),
        "Item": { "pk": { "S": format!("OUTBOX#jobs#{mark}") }, "sk": { "S": "evt_broken" }, "event": { "S": "no event" } },
    });
    let _ = stack.aws("dynamodb", "DynamoDB_20120810.PutItem", &item).expect(200);
    wait("the record to be set aside", || {
        let poison = stack.take("RelayPoisonUrl", |message| message.contains(&mark));
        (!poison.is_empty()).then_some(())
    });
    // As a function would that was taken over: another one's word moves money.
    let event = json!({
        "id": EventId::new(), "type": "ReserveFunded", "version": 1, "occurred_at": "2026-01-15T09:30:00Z", "correlation_id": mark,
        "data": { "topup_id": "tu_forged", "currency": "EUR", "minor_units": 10_000_000 },
    });
    let item = json!({
        "TableName": stack.output("MainTableName"),
        "Item": {
            "pk": { "S": format!("OUTBOX#jobs#forged-{mark}") }, "sk": { "S": event["id"] }, "event": { "S": event.to_string() },
            "expires_at": { "N": "4000000000" },
        },
    });
    let _ = stack.aws("dynamodb", "DynamoDB_20120810.PutItem", &item).expect(200);
    wait("the forged event to be set aside", || {
        let poison = stack.take("RelayPoisonUrl", |message| message.contains(&format!("forged-{mark}")));
        (!poison.is_empty()).then_some(())
    });
    let (broker, _) = stack.agency("after-broken");
    let job = json!({ "title": "Rust engineer", "description": "Rust and PostgreSQL in production, five years." });
    let job = id(&broker.write("POST", "/jobs", &job).expect(201));
    wait("the next event", || {
        (broker.get(&format!("/jobs/{job}/matches")).status == 200).then_some(())
    });
}

#[test]
fn what_failed_for_good_is_brought_back() {
    let stack = Stack::running();
    let (broker, _) = stack.agency("replay");
    let job =
        json!({ "title": "Rust engineer", "description": "Rust and PostgreSQL in production, five years. Remote." });
    let job = id(&broker.write("POST", "/jobs", &job).expect(201));
    wait("the job in the index", || {
        (broker.get(&format!("/jobs/{job}/matches")).status == 200).then_some(())
    });
    let table = stack.output("MainTableName");
    let dynamodb = |operation: &str, body: Value| {
        stack
            .aws("dynamodb", &format!("DynamoDB_20120810.{operation}"), &body)
            .expect(200)
    };
    let outbox = || -> Vec<(Value, Value)> {
        // What the job's events and those that follow from them are written by.
        let parts = ["jobs", "indexer", "match-finder"].map(|function| format!("OUTBOX#{function}#{job}"));
        let found = parts.map(|part| {
            dynamodb(
                "Query",
                json!({
                    "TableName": table, "KeyConditionExpression": "pk = :pk",
                    "ExpressionAttributeValues": { ":pk": { "S": part } },
                }),
            )
        });
        let items = found
            .iter()
            .flat_map(|found| found["Items"].as_array().into_iter().flatten());
        items
            .map(|item| {
                (
                    item.clone(),
                    serde_json::from_str(item["event"]["S"].as_str().unwrap()).unwrap(),
                )
            })
            .collect()
    };
    let (item, event) = outbox()
        .into_iter()
        .find(|(_, event)| event["type"] == "JobPosted")
        .expect("the job's event");
    // As if the event had never been handled: what it led to is gone. Then the dead letter, as AWS writes it, comes back.
    let indexed_again = |what: &str, act: &dyn Fn()| {
        let delete = |pk: &Value, sk: &Value| {
            dynamodb(
                "DeleteItem",
                json!({ "TableName": table, "Key": { "pk": pk, "sk": sk } }),
            );
        };
        delete(&json!({ "S": format!("INDEXED#{job}") }), &json!({ "S": "INDEXED" }));
        for (item, _) in outbox().iter().filter(|(_, event)| event["type"] != "JobPosted") {
            delete(&item["pk"], &item["sk"]);
        }
        assert_eq!(broker.get(&format!("/jobs/{job}/matches")).status, 409, "{what}");
        act();
        wait(what, || {
            (broker.get(&format!("/jobs/{job}/matches")).status == 200).then_some(())
        });
    };

    indexed_again("a message of the indexer", &|| {
        let of_the_bus = json!({ "detail-type": "JobPosted", "source": "inventure", "detail": event });
        stack.send("IndexerDlqUrl", &of_the_bus.to_string());
        stack.xtask(&["replay", "indexer"]).unwrap();
    });
    indexed_again("a record that could not be read", &|| {
        let record = json!({
            "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
            "dynamodb": { "NewImage": item, "SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_IMAGE" },
        });
        stack.send(
            "RelayPoisonUrl",
            &json!({ "reason": "mended since", "record": record }).to_string(),
        );
        // Another test has set a record aside that stays unreadable; that it comes back is said, and holds up nothing.
        if let Err(said) = stack.xtask(&["replay", "relay-poison"]) {
            assert!(said.contains("here again"), "{said}");
        }
    });
    indexed_again("a batch of the stream that was given up", &|| {
        let at = &event["occurred_at"];
        let batch = json!({ "DDBStreamBatchInfo": {
            "shardId": "shardId-1", "approximateArrivalOfFirstRecord": at, "approximateArrivalOfLastRecord": at, "batchSize": 1,
        } });
        stack.send("RelayDlqUrl", &batch.to_string());
        stack.xtask(&["replay", "relay"]).unwrap();
    });
    stack.send("CompactorDlqUrl", "{}");
    stack.xtask(&["replay", "compactor"]).unwrap();
    for queue in ["IndexerDlqUrl", "RelayDlqUrl", "CompactorDlqUrl"] {
        assert_eq!(stack.take(queue, |_| true), Vec::<String>::new(), "{queue} is empty");
    }
}

#[test]
fn logs_hold_no_personal_data() {
    let stack = Stack::running();
    let (broker, _) = stack.agency("logs");
    let candidate = broker.candidate("Petronella Quillfeather");
    broker.upload(&candidate, "petronella.txt", RESUME.as_bytes());
    assert_eq!(broker.reading(&candidate)["status"], "parsed");
    let job = json!({ "title": "Rust engineer", "description": "Rust and PostgreSQL in production, five years." });
    let job = id(&broker.write("POST", "/jobs", &job).expect(201));
    wait("the ranking", || {
        let found = broker.get(&format!("/jobs/{job}/matches"));
        (!found.body["items"].as_array()?.is_empty()).then_some(())
    });
    let mut heard = Vec::new();
    for (name, line) in stack.log_lines() {
        let line = line.to_lowercase();
        for secret in [
            "petronella",
            "quillfeather",
            "copperfield",
            "@example.com",
            "5550142",
            "bearer ",
        ] {
            assert!(!line.contains(secret), "{name} says: {line}");
        }
        heard.push(name);
    }
    for function in [
        "identity",
        "jobs",
        "candidates",
        "resume-parser",
        "indexer",
        "match-finder",
        "ranking-api",
        "relay",
    ] {
        assert!(
            heard.iter().any(|name| name.ends_with(&format!("-{function}"))),
            "{function} says nothing at all"
        );
    }
}
