//! Queues, and what writes to them: nothing is lost, and nobody waits unseen.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{data::denies_plain_http, has_alarm, kebab, many, of_type, refers, rights::statements, target};

/// Queues that people wait for: what lies in them for long must be seen before anybody complains.
const AWAITED_QUEUES: [&str; 2] = ["FanoutQueue", "NotifierQueue"];

pub fn queues(template: &Value, faults: &mut Vec<String>) {
    for (id, queue) in of_type(template, "AWS::SQS::Queue") {
        if queue["SqsManagedSseEnabled"] != true && queue["KmsMasterKeyId"].is_null() {
            faults.push(format!("{id}: is not encrypted"));
        }
        let redrive = &queue["RedrivePolicy"];
        if redrive.is_null() {
            if !has_alarm(template, "ApproximateNumberOfMessagesVisible", id) {
                faults.push(format!("{id}: a queue of last resort without an alarm"));
            }
        } else if redrive["maxReceiveCount"].as_u64().is_none_or(|count| count < 5) {
            // Lambda throttles count as receives, so fewer lose messages under load.
            faults.push(format!("{id}: maxReceiveCount below 5"));
        }
        if AWAITED_QUEUES.contains(&id) && !has_alarm(template, "ApproximateAgeOfOldestMessage", id) {
            faults.push(format!("{id}: people wait for it, and no alarm says that it is late"));
        }
        if !denies_plain_http(template, "AWS::SQS::QueuePolicy", |policy| {
            many(&policy["Queues"]).iter().any(|queue| refers(queue, id))
        }) {
            faults.push(format!("{id}: accepts plain HTTP"));
        }
    }
    for (id, rule) in of_type(template, "AWS::Events::Rule") {
        if many(&rule["Targets"])
            .iter()
            .any(|target| target["DeadLetterConfig"]["Arn"].is_null())
        {
            faults.push(format!("{id}: loses what it cannot deliver; set DeadLetterConfig"));
        }
        let wanted = many(&rule["Targets"])
            .iter()
            .flat_map(|target| [&target["Arn"], &target["DeadLetterConfig"]["Arn"]]);
        for queue in wanted.filter_map(target) {
            if !lets_in(template, queue, id) {
                faults.push(format!(
                    "{id}: may not write to {queue}; name the rule in the queue's policy"
                ));
            }
        }
    }
    for (id, schedule) in of_type(template, "AWS::Scheduler::Schedule") {
        if schedule["Target"]["DeadLetterConfig"]["Arn"].is_null() {
            faults.push(format!("{id}: loses what it cannot deliver; set DeadLetterConfig"));
        }
    }
}

/// Whether a queue's policy lets a rule write to it.
fn lets_in(template: &Value, queue: &str, rule: &str) -> bool {
    of_type(template, "AWS::SQS::QueuePolicy")
        .filter(|(_, policy)| many(&policy["Queues"]).iter().any(|of| refers(of, queue)))
        .any(|(_, policy)| {
            statements(&policy["PolicyDocument"]).iter().any(|statement| {
                let from = many(&statement["Condition"]["ArnEquals"]["aws:SourceArn"]);
                statement["Effect"] == "Allow" && from.iter().any(|from| refers(from, rule))
            })
        })
}

/// Checks that the rules of the bus are those of docs/ARCHITECTURE.md: rows of `| indexer queue | types |`.
pub fn rules(template: &Value, page: &str, faults: &mut Vec<String>) {
    // A rule without a bus of its own is of the account's default one, where no event of ours is.
    let of_ours = |rule: &Value| !rule["EventBusName"].is_null();
    for (id, rule) in of_type(template, "AWS::Events::Rule").filter(|(_, rule)| of_ours(rule)) {
        if rule["EventPattern"]["source"] != serde_json::json!(["inventure"]) {
            faults.push(format!("{id}: takes events of others; name the source"));
        }
        let queue = kebab(id.trim_end_matches("Rule"));
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| {queue} queue |")))
            .unwrap_or_default();
        let written: BTreeSet<&str> = row.split('`').skip(1).step_by(2).collect();
        let found: BTreeSet<&str> = many(&rule["EventPattern"]["detail-type"])
            .iter()
            .filter_map(Value::as_str)
            .collect();
        if written != found {
            faults.push(format!("{id}: takes {found:?}; docs/ARCHITECTURE.md says {written:?}"));
        }
    }
}
