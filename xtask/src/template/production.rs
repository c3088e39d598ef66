//! Promises of a stage that holds people's money and data: alarms that somebody hears, copies, bounds of cost.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{many, of_type, target};

/// The buckets that hold personal data. Whoever reads or changes something there is noted.
const PERSONAL_BUCKETS: [&str; 3] = ["UploadsBucket", "DocumentsBucket", "ArtifactsBucket"];
/// The metrics of a table that somebody has to hear of.
const TABLE_METRICS: [&str; 2] = ["ReadThrottleEvents", "WriteThrottleEvents"];

/// Whether an alarm tells somebody on AWS, by itself or by a composite alarm that it is part of.
pub fn is_told(template: &Value, id: &str, alarm: &Value) -> bool {
    // Actions under a condition are the emulator's.
    let acts = |alarm: &Value| {
        alarm["AlarmActions"]
            .as_array()
            .is_some_and(|actions| !actions.is_empty())
    };
    let names = |rule: &Value| mentions(rule, id);
    acts(alarm)
        || of_type(template, "AWS::CloudWatch::CompositeAlarm")
            .any(|(_, composite)| acts(composite) && names(&composite["AlarmRule"]))
}

/// Whether a value refers to a resource anywhere in it.
fn mentions(value: &Value, id: &str) -> bool {
    match value {
        Value::Object(_) if target(value) == Some(id) => true,
        Value::Object(object) => object.values().any(|value| mentions(value, id)),
        Value::Array(list) => list.iter().any(|value| mentions(value, id)),
        Value::String(text) => text.contains(&format!("${{{id}}}")),
        _ => false,
    }
}

/// Checks one stack.
pub fn check(template: &Value, faults: &mut Vec<String>) {
    for (id, _) in of_type(template, "AWS::DynamoDB::Table") {
        let of_table = |alarm: &Value| {
            let own = many(&alarm["Dimensions"]).iter();
            own.filter(|dimension| dimension["Name"] == "TableName")
                .any(|dimension| target(&dimension["Value"]) == Some(id))
        };
        for metric in TABLE_METRICS {
            let heard = of_type(template, "AWS::CloudWatch::Alarm")
                .any(|(alarm, of)| of["MetricName"] == metric && of_table(of) && is_told(template, alarm, of));
            if !heard {
                faults.push(format!("{id}: nobody is told of {metric}"));
            }
        }
        let fails = of_type(template, "AWS::CloudWatch::Alarm").any(|(alarm, of)| {
            of["Metrics"].to_string().contains("SystemErrors")
                && mentions(&of["Metrics"], id)
                && is_told(template, alarm, of)
        });
        if !fails {
            faults.push(format!("{id}: nobody is told that DynamoDB fails"));
        }
    }
    for (id, bucket) in of_type(template, "AWS::S3::Bucket").filter(|(id, _)| PERSONAL_BUCKETS.contains(id)) {
        let logging = &bucket["LoggingConfiguration"];
        let on_aws = if logging["Fn::If"][0] == "OnAws" {
            &logging["Fn::If"][1]
        } else {
            logging
        };
        if on_aws["DestinationBucketName"].is_null() {
            faults.push(format!(
                "{id}: nobody knows who reads the personal data in it; set LoggingConfiguration"
            ));
        }
    }
    for (id, _) in of_type(template, "AWS::CloudFront::Distribution")
        .filter(|(_, front)| front["DistributionConfig"]["WebACLId"].is_null())
    {
        faults.push(format!("{id}: nothing stands in front of it; set WebACLId"));
    }
}

/// Checks what only all stacks together have.
pub fn check_together(stacks: &[(String, Value, String)], faults: &mut Vec<String>) {
    let all = |kind: &'static str| {
        let stacks = stacks.iter();
        stacks.flat_map(move |(_, template, _)| of_type(template, kind))
    };
    for kind in [
        "AWS::Backup::BackupPlan",
        "AWS::Budgets::Budget",
        "AWS::CloudFront::Distribution",
    ] {
        if all(kind).next().is_none() {
            faults.push(format!("no stack has a {kind}"));
        }
    }
    let backed_up: Vec<&Value> = all("AWS::Backup::BackupSelection")
        .map(|(_, selection)| &selection["BackupSelection"]["Resources"])
        .collect();
    for table in ["MainTable", "LedgerTable"] {
        if !backed_up.iter().any(|resources| mentions(resources, table)) {
            faults.push(format!("{table}: is not backed up"));
        }
    }
    let copied = all("AWS::Backup::BackupPlan").all(|(_, plan)| {
        let rules = many(&plan["BackupPlan"]["BackupPlanRule"]);
        rules.iter().all(|rule| !many(&rule["CopyActions"]).is_empty())
    });
    if !copied {
        faults.push("a backup stays where the data is; set CopyActions".to_owned());
    }
    // A throttle that names no route is refused by API Gateway.
    let stages = all("AWS::ApiGatewayV2::Stage");
    let throttled: BTreeSet<&str> = stages
        .filter_map(|(_, stage)| stage["RouteSettings"].as_object())
        .flat_map(|settings| settings.keys().map(String::as_str))
        .collect();
    let open: BTreeSet<&str> = all("AWS::ApiGatewayV2::Route")
        .filter(|(_, route)| target(&route["ApiId"]) == Some("Api") && route["AuthorizationType"].is_null())
        .filter_map(|(_, route)| route["RouteKey"].as_str())
        .collect();
    if throttled != open {
        faults.push(format!(
            "throttles of their own have {throttled:?}; anybody may call {open:?}"
        ));
    }
    for (id, dashboard) in all("AWS::CloudWatch::Dashboard") {
        let body = &dashboard["DashboardBody"]["Fn::Sub"];
        let text = body.as_str().or_else(|| body[0].as_str()).unwrap_or_default();
        if let Err(error) = serde_json::from_str::<Value>(text) {
            faults.push(format!("{id}: its body is no JSON: {error}"));
        }
    }
}

/// Checks the parameters of a stage, by its name.
pub fn check_stage(stage: &str, parameters: &Map<String, Value>, faults: &mut Vec<String>) {
    let value = |name: &str| parameters.get(name).and_then(Value::as_str).unwrap_or_default();
    if value("Emulated") == "true" {
        return;
    }
    if value("AlarmEmail").is_empty() {
        faults.push(format!("stage {stage}: its alarms tell nobody; set AlarmEmail"));
    }
    if value("KeepData") == "false" {
        return;
    }
    if value("BackupCopyVaultArn").is_empty() {
        faults.push(format!(
            "stage {stage}: its backups stay where the data is; set BackupCopyVaultArn"
        ));
    }
    if value("Rollout") == "AllAtOnce" {
        faults.push(format!(
            "stage {stage}: a bad version gets all traffic at once; set Rollout"
        ));
    }
    if value("ReserveConcurrency") != "true" {
        faults.push(format!(
            "stage {stage}: one function can use up all there is; set ReserveConcurrency"
        ));
    }
    if !["", "ON"].contains(&value("Mfa")) {
        faults.push(format!("stage {stage}: a password is enough to sign in; leave Mfa ON"));
    }
    if value("PasswordSignIn") == "true" {
        faults.push(format!(
            "stage {stage}: PasswordSignIn is for scripts on one's own machine"
        ));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn alarm(metric: &str, actions: Value) -> Value {
        json!({ "Type": "AWS::CloudWatch::Alarm", "Properties": {
            "MetricName": metric, "AlarmActions": actions, "Dimensions": [{ "Name": "TableName", "Value": { "Ref": "Table" } }],
        } })
    }

    #[test]
    fn an_alarm_that_acts_on_the_emulator_alone_tells_nobody() {
        let metric = &alarm(
            "Errors",
            json!({ "Fn::If": ["OnAws", { "Ref": "AWS::NoValue" }, ["topic"]] }),
        )["Properties"];
        let composite = |rule: Value, actions: Value| {
            json!({ "Resources": { "All": { "Type": "AWS::CloudWatch::CompositeAlarm",
                "Properties": { "AlarmRule": rule, "AlarmActions": actions } } } })
        };
        let rule = json!({ "Fn::Join": ["", ["ALARM(\"", { "Ref": "Metric" }, "\")"]] });
        assert!(is_told(&composite(rule.clone(), json!(["topic"])), "Metric", metric));
        assert!(!is_told(&composite(rule, json!([])), "Metric", metric));
        assert!(!is_told(
            &composite(json!("ALARM(x)"), json!(["topic"])),
            "Metric",
            metric
        ));
        assert!(!is_told(&json!({}), "Metric", metric));
    }

    #[test]
    fn somebody_hears_of_every_table() {
        let mut sound = json!({ "Resources": {
            "Table": { "Type": "AWS::DynamoDB::Table", "Properties": {} },
            "Reads": alarm("ReadThrottleEvents", json!(["topic"])),
            "Writes": alarm("WriteThrottleEvents", json!(["topic"])),
            "Fails": { "Type": "AWS::CloudWatch::Alarm", "Properties": { "AlarmActions": ["topic"],
                "Metrics": [{ "MetricName": "SystemErrors", "Value": { "Ref": "Table" } }] } },
        } });
        let faults = |template: &Value| {
            let mut faults = Vec::new();
            check(template, &mut faults);
            faults
        };
        assert_eq!(faults(&sound), [""; 0]);
        for gone in ["Reads", "Writes", "Fails"] {
            let kept = sound["Resources"][gone].take();
            assert_eq!(faults(&sound).len(), 1, "{gone}");
            sound["Resources"][gone] = kept;
        }
    }

    #[test]
    fn what_anybody_may_call_has_a_throttle_of_its_own_and_data_is_copied() {
        let sound = || {
            json!({ "Resources": {
                "Plan": { "Type": "AWS::Backup::BackupPlan", "Properties": { "BackupPlan": { "BackupPlanRule": [{ "CopyActions": ["x"] }] } } },
                "Selection": { "Type": "AWS::Backup::BackupSelection", "Properties": { "BackupSelection": { "Resources": [
                    { "Fn::GetAtt": ["MainTable", "Arn"] }, { "Fn::GetAtt": ["LedgerTable", "Arn"] }] } } },
                "Budget": { "Type": "AWS::Budgets::Budget", "Properties": {} },
                "Front": { "Type": "AWS::CloudFront::Distribution", "Properties": {} },
                "Stage": { "Type": "AWS::ApiGatewayV2::Stage", "Properties": { "RouteSettings": { "GET /feed/jobs": {} } } },
                "Feed": { "Type": "AWS::ApiGatewayV2::Route", "Properties": { "ApiId": { "Ref": "Api" }, "RouteKey": "GET /feed/jobs" } },
                "Dashboard": { "Type": "AWS::CloudWatch::Dashboard", "Properties": { "DashboardBody": { "Fn::Sub": "{\"a\": \"${X}\"}" } } },
            } })
        };
        let faults = |template: Value| {
            let mut faults = Vec::new();
            check_together(&[("all".to_owned(), template, String::new())], &mut faults);
            faults.len()
        };
        assert_eq!(faults(sound()), 0);
        for (pointer, broken) in [
            (
                "/Resources/Plan/Properties/BackupPlan/BackupPlanRule/0/CopyActions",
                json!([]),
            ),
            (
                "/Resources/Selection/Properties/BackupSelection/Resources/1",
                json!("x"),
            ),
            ("/Resources/Budget/Type", json!("x")),
            ("/Resources/Front/Type", json!("x")),
            ("/Resources/Feed/Properties/RouteKey", json!("GET /feed")),
            ("/Resources/Stage/Properties/RouteSettings", json!({})),
            (
                "/Resources/Dashboard/Properties/DashboardBody/Fn::Sub",
                json!("{\"a\": \"b\" \"c\"}"),
            ),
        ] {
            let mut template = sound();
            *template.pointer_mut(pointer).unwrap() = broken;
            assert_eq!(faults(template), 1, "{pointer}");
        }
    }

    #[test]
    fn a_stage_that_keeps_data_is_guarded() {
        let sound = json!({ "AlarmEmail": "a@b", "BackupCopyVaultArn": "arn", "ReserveConcurrency": "true" });
        let faults = |change: Value| {
            let mut parameters = sound.as_object().unwrap().clone();
            parameters.extend(change.as_object().unwrap().clone());
            let mut faults = Vec::new();
            check_stage("prod", &parameters, &mut faults);
            faults.len()
        };
        assert_eq!(faults(json!({})), 0);
        for broken in [
            json!({ "AlarmEmail": "" }),
            json!({ "BackupCopyVaultArn": "" }),
            json!({ "ReserveConcurrency": "false" }),
            json!({ "Rollout": "AllAtOnce" }),
            json!({ "Mfa": "OPTIONAL" }),
            json!({ "PasswordSignIn": "true" }),
        ] {
            assert_eq!(faults(broken.clone()), 1, "{broken}");
        }
        assert_eq!(faults(json!({ "Emulated": "true", "AlarmEmail": "" })), 0);
    }
}
