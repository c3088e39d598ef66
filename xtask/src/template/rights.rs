//! Rights: named actions on named things.

use serde_json::Value;

use super::{LEDGER_TABLE, many, of_type, target};

/// Actions that IAM can tie to no resource.
const NAMELESS_ACTIONS: [&str; 4] = [
    "cloudwatch:DescribeAlarms",
    "textract:DetectDocumentText",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
];
/// The actions that are all a role may do with it.
const LEDGER_ACTIONS: [&str; 4] = [
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:PutItem",
];
/// The tables that several functions write to, each to partitions of its own.
const SHARED_TABLES: [&str; 2] = ["MainTable", "ConnectionsTable"];
/// The policies that AWS keeps for its backups, whose many steps are its own. No other policy of AWS's is taken.
const BACKUP_POLICIES: [&str; 2] = [
    ":policy/service-role/AWSBackupServiceRolePolicyForBackup",
    ":policy/AWSBackupServiceRolePolicyForS3Backup",
];

/// The statements of a document, on AWS and locally alike.
pub fn statements(document: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    for statement in many(&document["Statement"]) {
        match statement["Fn::If"].as_array() {
            Some(branches) => found.extend(branches.iter().skip(1).filter(|branch| branch["Ref"] != "AWS::NoValue")),
            None => found.push(statement),
        }
    }
    found
}

/// Whether a statement holds every request to partitions that it names. A request that names none is none of those it allows.
fn names_partitions(statement: &Value) -> bool {
    let condition = &statement["Condition"];
    let patterns = many(&condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]);
    let named = |pattern: &Value| {
        pattern
            .as_str()
            .is_some_and(|pattern| pattern.trim_matches('*').len() > 1)
    };
    condition["Null"]["dynamodb:LeadingKeys"] == "false" && !patterns.is_empty() && patterns.iter().all(named)
}

/// Checks what the roles may do: named actions on named things.
pub fn rights(template: &Value, faults: &mut Vec<String>) {
    let mut documents = Vec::new();
    for (id, role) in of_type(template, "AWS::IAM::Role") {
        let managed = many(&role["ManagedPolicyArns"]);
        if !managed
            .iter()
            .all(|policy| BACKUP_POLICIES.iter().any(|known| policy.to_string().contains(known)))
        {
            faults.push(format!(
                "{id}: a managed policy gives more than is needed; write the statements out"
            ));
        }
        documents.extend(
            many(&role["Policies"])
                .iter()
                .map(|policy| (id, &policy["PolicyDocument"])),
        );
    }
    for kind in ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"] {
        documents.extend(of_type(template, kind).map(|(id, policy)| (id, &policy["PolicyDocument"])));
    }
    for (id, document) in documents {
        for statement in statements(document)
            .into_iter()
            .filter(|statement| statement["Effect"] == "Allow")
        {
            let actions: Vec<_> = many(&statement["Action"]).iter().filter_map(Value::as_str).collect();
            if actions.is_empty() || actions.iter().any(|action| action.contains('*')) {
                faults.push(format!("{id}: allows {actions:?}; name the actions"));
            }
            let nameless = actions.iter().all(|action| NAMELESS_ACTIONS.contains(action));
            let resources = many(&statement["Resource"]);
            if resources.is_empty() || (!nameless && !resources.iter().all(names_something)) {
                faults.push(format!(
                    "{id}: allows {actions:?} on more than it names: {}",
                    statement["Resource"]
                ));
            }
            let books = resources
                .iter()
                .any(|resource| resource.to_string().contains(LEDGER_TABLE));
            if books && !actions.iter().all(|action| LEDGER_ACTIONS.contains(action)) {
                faults.push(format!(
                    "{id}: allows {actions:?} on the ledger, which is only added to"
                ));
            }
            let shared = |resource: &Value| {
                let resource = resource.to_string();
                SHARED_TABLES.iter().any(|table| resource.contains(table)) && !resource.contains("StreamArn")
            };
            if resources.iter().any(shared) && !names_partitions(statement) {
                faults.push(format!(
                    "{id}: allows {actions:?} on all of a table; name the partitions"
                ));
            }
            let key = actions.iter().any(|action| action.starts_with("kms:"));
            if key && statement["Condition"]["StringEquals"]["kms:ViaService"].is_null() {
                faults.push(format!("{id}: uses the key without kms:ViaService"));
            }
        }
    }
}

/// Whether a resource is one thing, or what lies under one prefix of one bucket.
pub fn names_something(resource: &Value) -> bool {
    // What is given on AWS counts; the emulator may have to be given more.
    if let [condition, on_aws, _] = many(&resource["Fn::If"])
        && condition == "OnAws"
    {
        return names_something(on_aws);
    }
    let text = match resource {
        Value::String(text) => text,
        Value::Object(_) if resource["Fn::Sub"].is_string() => resource["Fn::Sub"].as_str().unwrap_or_default(),
        // `['${Bucket}/prefix/*', {Bucket: …}]`, where what stands in front is a bucket of another stack.
        Value::Object(_) if resource["Fn::Sub"].is_array() => {
            let (text, named) = (&resource["Fn::Sub"][0], &resource["Fn::Sub"][1]["Bucket"]);
            let prefix = text
                .as_str()
                .and_then(|text| text.strip_prefix("${Bucket}/")?.strip_suffix("/*"));
            let of_bucket = target(named).is_some_and(|id| id.ends_with("Bucket"));
            return of_bucket && prefix.is_some_and(|prefix| !prefix.is_empty() && !prefix.contains(['*', '$']));
        }
        Value::Object(_) => return target(resource).is_some(),
        _ => return false,
    };
    match text.split_once('*') {
        None => true,
        // `${Bucket.Arn}/prefix/*`: the star ends it, and a prefix stands between it and the bucket.
        Some((before, after)) => {
            // The functions of one stage.
            if before.ends_with(":function:inventure-${Stage}-") {
                return after.is_empty();
            }
            // The connections of one stage of one API, by one method.
            if let Some((_, path)) = before.split_once("}:execute-api:") {
                return after.is_empty() && path.contains("Api}/") && path.ends_with("/@connections/");
            }
            let path = before.rsplit_once(".Arn}").map_or("", |(_, path)| path);
            after.is_empty() && path.len() > 2 && path.starts_with('/') && path.ends_with('/')
        }
    }
}

/// Checks what others may do with our queues, buckets and topics. Only services may, and only on behalf of something named.
pub fn resource_policies(template: &Value, faults: &mut Vec<String>) {
    for kind in [
        "AWS::SQS::QueuePolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::S3::BucketPolicy",
    ] {
        for (id, policy) in of_type(template, kind) {
            for statement in statements(&policy["PolicyDocument"])
                .into_iter()
                .filter(|statement| statement["Effect"] == "Allow")
            {
                let condition = &statement["Condition"];
                let bound = !condition["ArnEquals"]["aws:SourceArn"].is_null()
                    || !condition["StringEquals"]["aws:SourceAccount"].is_null();
                if statement["Principal"]["Service"].is_null() || !bound {
                    faults.push(format!(
                        "{id}: allows whom it does not name by aws:SourceArn or aws:SourceAccount"
                    ));
                }
            }
        }
    }
    for (id, permission) in of_type(template, "AWS::Lambda::Permission") {
        if permission["SourceArn"].is_null() {
            faults.push(format!("{id}: any {} may call; set SourceArn", permission["Principal"]));
        }
    }
}
