//! Checks what roles may do to tables, by the deployed policies.

use inventure_testing::RIGHTS;
use inventure_tests::Stack;
use serde_json::{Value, json};

/// The partitions of all domains in the main table.
fn partitions() -> Vec<&'static str> {
    let platform = [inventure_table::change::OUTBOX_PREFIX, inventure_api::once::PARTITION];
    [
        &platform,
        inventure_people::records::PARTITIONS,
        inventure_recruiting::records::PARTITIONS,
        inventure_live_index::records::PARTITIONS,
        inventure_deal_store::records::PARTITIONS,
        inventure_books::records::PARTITIONS,
        inventure_rooms::records::PARTITIONS,
        inventure_notices::records::PARTITIONS,
    ]
    .concat()
}

#[test]
fn a_role_writes_to_the_partitions_of_its_function_and_to_no_other() {
    let stack = Stack::running();
    let table = stack.output("MainTableName").to_owned();
    let never = json!({ "ConditionExpression": "attribute_exists(#n)", "ExpressionAttributeNames": { "#n": "never" } });
    let with = |more: Value| {
        let mut all = never.clone();
        all["TableName"] = json!(table);
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let mut denied = 0;
    for function in stack.functions() {
        let role = stack.role_of(&function);
        // Within the outbox and the kept answers each function has a part of its own, and so have those who grant access.
        let parts = [
            format!("{}{function}#", inventure_table::change::OUTBOX_PREFIX),
            format!("{}{function}#", inventure_api::once::PARTITION),
            "GRANTS#job#".to_owned(),
            "GRANTS#can#".to_owned(),
        ];
        let may = |action: &str, partition: &str| {
            let deed = (format!("dynamodb:{action}"), "MainTable".to_owned());
            let patterns = RIGHTS.get(&function).and_then(|own| own.get(&deed));
            patterns.is_some_and(|patterns| {
                patterns
                    .iter()
                    .any(|pattern| pattern.trim_end_matches('*') == partition)
            })
        };
        let ask = |operation: &str, body: &Value| {
            let answer = stack.aws_as(&role, "dynamodb", &format!("DynamoDB_20120810.{operation}"), body);
            let kind = answer.body["__type"].as_str().unwrap_or_default().to_owned();
            !kind.ends_with("AccessDeniedException")
        };
        let partitions: Vec<&str> = partitions()
            .into_iter()
            .chain(parts.iter().map(String::as_str))
            .collect();
        for partition in partitions.iter().copied() {
            let key = json!({ "pk": { "S": format!("{partition}of-a-test") }, "sk": { "S": "x" } });
            // What is one partition has no more behind its name.
            let key = if partition.ends_with('#') {
                key
            } else {
                json!({ "pk": { "S": partition }, "sk": { "S": "x" } })
            };
            let (put, delete) = (with(json!({ "Item": key })), with(json!({ "Key": key })));
            let attempts = [
                ("PutItem", "PutItem", put.clone()),
                ("DeleteItem", "DeleteItem", delete.clone()),
                (
                    "PutItem",
                    "TransactWriteItems",
                    json!({ "TransactItems": [{ "Put": put }] }),
                ),
                (
                    "DeleteItem",
                    "TransactWriteItems",
                    json!({ "TransactItems": [{ "Delete": delete }] }),
                ),
                ("UpdateItem", "UpdateItem", delete),
            ];
            for (action, operation, body) in attempts {
                let allowed = may(action, partition);
                assert_eq!(ask(operation, &body), allowed, "{function}: {operation} to {partition}");
                denied += usize::from(!allowed);
            }
        }
        // Nor beside a write that it may do, and nor by a request that names no partition.
        let own = partitions.iter().copied().find(|partition| may("PutItem", partition));
        if let Some(own) = own.filter(|_| function != "identity") {
            let item = |partition: &str| {
                with(json!({ "Item": { "pk": { "S": format!("{partition}x") }, "sk": { "S": "x" } } }))
            };
            let both = json!({ "TransactItems": [{ "Put": item(own) }, { "Put": item("SUBJECT#") }] });
            assert!(!ask("TransactWriteItems", &both), "{function}");
        }
        assert!(!ask("Scan", &json!({ "TableName": table })), "{function}");
        let many = json!({ "RequestItems": { &table: [{ "PutRequest": { "Item": { "pk": { "S": "SUBJECT#x" }, "sk": { "S": "x" } } } }] } });
        assert!(!ask("BatchWriteItem", &many), "{function}");
    }
    assert!(denied > 3_000, "{denied}");
}
