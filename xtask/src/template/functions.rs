//! What starts a function, what tells of its failures, and how a new version of it takes over.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{has_alarm, many, of_type, refers, target};

/// The number of timeouts that a queue gives its reader before it shows a message to another.
const VISIBILITY_TIMEOUTS: u64 = 6;

pub fn functions(template: &Value, faults: &mut Vec<String>) {
    let mut roles = BTreeSet::new();
    for (id, function) in of_type(template, "AWS::Lambda::Function") {
        let group = target(&function["LoggingConfig"]["LogGroup"]);
        if !group.is_some_and(|group| of_type(template, "AWS::Logs::LogGroup").any(|(id, _)| id == group)) {
            faults.push(format!(
                "{id}: has no log group of the template, so nothing bounds how long its logs stay"
            ));
        }
        for metric in ["Errors", "Throttles", "Duration"] {
            if !has_alarm(template, metric, id) {
                faults.push(format!("{id}: no alarm with an action on {metric}"));
            }
        }
        match target(&function["Role"]) {
            Some(role) if roles.insert(role) => {}
            _ => faults.push(format!("{id}: must have a role of its own")),
        }
        match alias(template, id) {
            Some(live) => {
                rollout(template, (id, function), live, faults);
                failure_destination(template, (id, function), live, faults);
            }
            None => faults.push(format!("{id}: has no alias, so a new version gets all traffic at once")),
        }
    }
}

/// The alias of a function. What starts the function starts that, and never the function itself.
fn alias<'a>(template: &'a Value, function: &str) -> Option<&'a str> {
    let mut aliases = of_type(template, "AWS::Lambda::Alias");
    aliases.find_map(|(id, alias)| refers(&alias["FunctionName"], function).then_some(id))
}

/// Checks that a change of a function makes a version, which gets its traffic by and by and loses it again where it fails.
fn rollout(template: &Value, (id, function): (&str, &Value), live: &str, faults: &mut Vec<String>) {
    let alias = &template["Resources"][live];
    let version = target(&alias["Properties"]["FunctionVersion"]);
    let is_version = |(version_id, of): (&str, &Value)| {
        Some(version_id) == version && refers(&of["FunctionName"], id) && of["Description"] == function["Description"]
    };
    if function["Description"].is_null() || !of_type(template, "AWS::Lambda::Version").any(is_version) {
        faults.push(format!("{id}: a change makes no new version; describe both alike"));
    }
    let policy = &alias["UpdatePolicy"];
    let policy = if policy["Fn::If"][0] == "OnAws" {
        &policy["Fn::If"][1]
    } else {
        policy
    };
    let group = target(&policy["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]);
    let watches = |group: &Value| {
        let mut alarms = many(&group["AlarmConfiguration"]["Alarms"]).iter();
        group["AlarmConfiguration"]["Enabled"] == true
            && alarms.any(|alarm| counts_errors(template, &alarm["Name"], id))
    };
    let goes_back = |group: &Value| {
        let mut events = many(&group["AutoRollbackConfiguration"]["Events"]).iter();
        group["AutoRollbackConfiguration"]["Enabled"] == true && events.any(|event| event == "DEPLOYMENT_STOP_ON_ALARM")
    };
    let guarded = of_type(template, "AWS::CodeDeploy::DeploymentGroup")
        .any(|(of, properties)| Some(of) == group && watches(properties) && goes_back(properties));
    if !guarded {
        faults.push(format!("{id}: a new version that fails keeps its traffic"));
    }
}

/// Whether a name is that of the alarm on a function's errors.
fn counts_errors(template: &Value, alarm: &Value, function: &str) -> bool {
    of_type(template, "AWS::CloudWatch::Alarm").any(|(id, of)| {
        let mut dimensions = many(&of["Dimensions"]).iter();
        refers(alarm, id)
            && of["MetricName"] == "Errors"
            && dimensions.any(|dimension| refers(&dimension["Value"], function))
    })
}

/// Checks that everything that starts a function leaves somewhere what failed.
fn failure_destination(template: &Value, (id, function): (&str, &Value), live: &str, faults: &mut Vec<String>) {
    let mut triggers = 0;
    for (mapping_id, mapping) in of_type(template, "AWS::Lambda::EventSourceMapping") {
        if !refers(&mapping["FunctionName"], live) {
            continue;
        }
        triggers += 1;
        if !many(&mapping["FunctionResponseTypes"])
            .iter()
            .any(|kind| kind == "ReportBatchItemFailures")
        {
            faults.push(format!(
                "{mapping_id}: one bad record fails its whole batch; set ReportBatchItemFailures"
            ));
        }
        let source = target(&mapping["EventSourceArn"]).unwrap_or_default();
        if let Some((_, queue)) = of_type(template, "AWS::SQS::Queue").find(|(queue, _)| *queue == source) {
            if queue["RedrivePolicy"].is_null() {
                faults.push(format!(
                    "{id}: no failure destination; {source} has no dead-letter queue"
                ));
            }
            let visibility = queue["VisibilityTimeout"].as_u64().unwrap_or(30);
            if visibility < VISIBILITY_TIMEOUTS * function["Timeout"].as_u64().unwrap_or(3) {
                faults.push(format!(
                    "{source}: visibility is below {VISIBILITY_TIMEOUTS} timeouts of {id}"
                ));
            }
        } else {
            if mapping["DestinationConfig"]["OnFailure"]["Destination"].is_null() {
                faults.push(format!("{id}: no failure destination; {mapping_id} has no OnFailure"));
            }
            if mapping["MaximumRetryAttempts"]
                .as_i64()
                .is_none_or(|attempts| attempts < 0)
            {
                faults.push(format!(
                    "{mapping_id}: a poisoned record blocks its shard; bound MaximumRetryAttempts"
                ));
            }
        }
    }
    let http = of_type(template, "AWS::ApiGatewayV2::Integration").any(|(_, integration)| {
        refers(&integration["IntegrationUri"], live) || invokes(&integration["IntegrationUri"], live)
    });
    let authorizes = of_type(template, "AWS::ApiGatewayV2::Authorizer")
        .any(|(_, authorizer)| invokes(&authorizer["AuthorizerUri"], live));
    triggers += usize::from(http) + usize::from(authorizes);
    let schedules = of_type(template, "AWS::Scheduler::Schedule")
        .filter(|(_, schedule)| refers(&schedule["Target"]["Arn"], live))
        .count();
    let rules = of_type(template, "AWS::Events::Rule")
        .filter(|(_, rule)| many(&rule["Targets"]).iter().any(|target| refers(&target["Arn"], live)))
        .count();
    if schedules + rules > 0 {
        triggers += schedules + rules;
        let reports = of_type(template, "AWS::Lambda::EventInvokeConfig").any(|(_, config)| {
            refers(&config["FunctionName"], id)
                && config["Qualifier"] == template["Resources"][live]["Properties"]["Name"]
                && !config["DestinationConfig"]["OnFailure"]["Destination"].is_null()
        });
        if !reports {
            faults.push(format!(
                "{id}: no failure destination; it is started without anyone waiting"
            ));
        }
    }
    if triggers == 0 {
        faults.push(format!("{id}: nothing starts it"));
    }
}

/// Whether an address that API Gateway calls is that of a function's alias.
fn invokes(uri: &Value, live: &str) -> bool {
    let uri = uri["Fn::Sub"].as_str().unwrap_or_default();
    uri.ends_with(&format!("/functions/${{{live}}}/invocations"))
}
