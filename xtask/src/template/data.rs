//! Tables, buckets and keys.

use serde_json::Value;

use super::{LEDGER_TABLE, of_type, refers, rights::statements};

/// The table whose items go by themselves, so that nothing in it is worth recovering.
const PASSING_TABLE: &str = "ConnectionsTable";

pub fn denies_plain_http(template: &Value, kind: &str, concerns: impl Fn(&Value) -> bool) -> bool {
    of_type(template, kind)
        .filter(|(_, policy)| concerns(policy))
        .any(|(_, policy)| {
            statements(&policy["PolicyDocument"]).iter().any(|statement| {
                statement["Effect"] == "Deny" && statement["Condition"]["Bool"]["aws:SecureTransport"] == "false"
            })
        })
}

pub fn data(template: &Value, faults: &mut Vec<String>) {
    for (id, table) in of_type(template, "AWS::DynamoDB::Table") {
        let recovers = table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] == true;
        if !recovers && id != PASSING_TABLE {
            faults.push(format!("{id}: no point-in-time recovery"));
        }
        if table["SSESpecification"]["KMSMasterKeyId"].is_null() {
            faults.push(format!("{id}: not encrypted with our key"));
        }
        let expires = table["TimeToLiveSpecification"]["Enabled"] == true;
        if id == LEDGER_TABLE && expires {
            faults.push(format!("{id}: the ledger expires"));
        } else if id != LEDGER_TABLE && !expires {
            faults.push(format!("{id}: no time to live"));
        }
    }
    for (id, bucket) in of_type(template, "AWS::S3::Bucket") {
        let block = &bucket["PublicAccessBlockConfiguration"];
        if [
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        ]
        .iter()
        .any(|name| block[*name] != true)
        {
            faults.push(format!("{id}: can be made public"));
        }
        if bucket["BucketEncryption"].is_null() {
            faults.push(format!("{id}: names no encryption"));
        }
        if bucket["LifecycleConfiguration"].is_null() {
            faults.push(format!("{id}: keeps everything for ever; give it a lifecycle"));
        }
        if !denies_plain_http(template, "AWS::S3::BucketPolicy", |policy| {
            refers(&policy["Bucket"], id)
        }) {
            faults.push(format!("{id}: accepts plain HTTP"));
        }
    }
    for (id, key) in of_type(template, "AWS::KMS::Key") {
        if key["EnableKeyRotation"] != true {
            faults.push(format!("{id}: is never rotated"));
        }
    }
}
