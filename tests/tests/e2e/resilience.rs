//! Repeats, poison and what is kept out of the logs.

use inventure_tests::{Stack, id, wait};
use serde_json::json;
use uuid::Uuid;

const RESUME: &str = "Petronella Quillfeather\nSenior Backend Engineer\npetronella.quillfeather@example.com | +1 512 555 0142\n\
Austin, TX\n\nEXPERIENCE\nSenior Backend Engineer, Copperfield Systems\nMarch 2019 - Present\n\
- Built payment services in Rust on AWS Lambda and DynamoDB\n\nEDUCATION\nBSc Computer Science, University of Leeds, 2015\n\n\
SKILLS\nRust, Go, PostgreSQL, Kafka, Kubernetes\n";

#[test]
fn a_message_that_nobody_can_read_ends_in_the_dead_letter_queue_alone() {
    let stack = Stack::running();
    let attributes = json!({ "QueueUrl": stack.output("MatcherQueueUrl"), "Attributes": { "VisibilityTimeout": "1" } });
    let _ = stack
        .aws("sqs", "AmazonSQS.SetQueueAttributes", &attributes)
        .expect(200);
    let poison = format!("poison {}", Uuid::new_v4());
    stack.send("MatcherQueueUrl", &poison);
    wait("the dead letter", || {
        stack.messages("MatcherDlqUrl").contains(&poison).then_some(())
    });

    // Everybody else's matches are still found.
    let (broker, _) = stack.agency("after-poison");
    let job =
        json!({ "title": "Rust engineer", "description": "Rust and PostgreSQL in production, five years. Remote." });
    let job = id(&broker.write("POST", "/jobs", &job).expect(201));
    let candidate = broker.candidate("Petronella");
    broker.upload(&candidate, "resume.txt", RESUME.as_bytes());
    let table = json!({
        "TableName": stack.output("TableName"),
        "Key": { "pk": { "S": format!("JOB#{job}") }, "sk": { "S": format!("MATCH#{candidate}") } },
    });
    wait("the match", || {
        stack
            .aws("dynamodb", "DynamoDB_20120810.GetItem", &table)
            .expect(200)
            .get("Item")
            .cloned()
    });
}

#[test]
fn a_stream_record_that_cannot_be_read_is_set_aside_and_the_stream_goes_on() {
    let stack = Stack::running();
    let mark = Uuid::new_v4().to_string();
    let item = json!({
        "TableName": stack.output("TableName"),
        "Item": { "pk": { "S": format!("OUTBOX#{mark}") }, "sk": { "S": "evt_broken" }, "event": { "S": "no event" } },
    });
    let _ = stack.aws("dynamodb", "DynamoDB_20120810.PutItem", &item).expect(200);
    wait("the record to be set aside", || {
        stack
            .messages("RelayPoisonUrl")
            .iter()
            .any(|message| message.contains(&mark))
            .then_some(())
    });
    let (broker, _) = stack.agency("after-broken");
    let job = json!({ "title": "Rust engineer", "description": "Rust and PostgreSQL in production, five years." });
    let job = id(&broker.write("POST", "/jobs", &job).expect(201));
    wait("the next event", || {
        (broker.get(&format!("/jobs/{job}/matches")).status == 200).then_some(())
    });
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
    let logs = |target: &str, body| stack.aws("logs", &format!("Logs_20140328.{target}"), &body).expect(200);
    let groups = logs("DescribeLogGroups", json!({ "logGroupNamePrefix": "/aws/lambda/" }));
    let mut heard = Vec::new();
    for group in groups["logGroups"].as_array().unwrap() {
        let name = group["logGroupName"].as_str().unwrap();
        let mut ask = json!({ "logGroupName": name });
        // Every page: a name on the second one is a name in the logs.
        for _ in 0..1_000 {
            let page = logs("FilterLogEvents", ask.clone());
            for event in page["events"].as_array().into_iter().flatten() {
                let line = event["message"].as_str().unwrap().to_lowercase();
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
                heard.push(name.to_owned());
            }
            if page["nextToken"].is_null() || page["nextToken"] == ask["nextToken"] {
                break;
            }
            ask["nextToken"] = page["nextToken"].clone();
        }
    }
    for function in [
        "identity",
        "jobs",
        "candidates",
        "resume-parser",
        "indexer",
        "matcher",
        "matching",
        "relay",
    ] {
        assert!(
            heard.iter().any(|name| name.ends_with(&format!("-{function}"))),
            "{function} says nothing at all"
        );
    }
}
