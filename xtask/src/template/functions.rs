//! Functions: their triggers, the alarms on their failures, and the way in which a new version takes over.

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
        past_alias(template, id, faults);
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

/// Gives what a kind of trigger starts.
type Started = fn(&Value) -> Vec<&Value>;

/// Checks that nothing starts a function but by its alias.
fn past_alias(template: &Value, id: &str, faults: &mut Vec<String>) {
    let arn = format!("${{{id}.Arn}}");
    let direct = |value: &Value| refers(value, id) || value["Fn::Sub"].as_str().is_some_and(|text| text.contains(&arn));
    let starts: [(&str, Started); 6] = [
        ("AWS::Lambda::EventSourceMapping", |of| vec![&of["FunctionName"]]),
        ("AWS::Lambda::Permission", |of| vec![&of["FunctionName"]]),
        ("AWS::ApiGatewayV2::Integration", |of| vec![&of["IntegrationUri"]]),
        ("AWS::ApiGatewayV2::Authorizer", |of| vec![&of["AuthorizerUri"]]),
        ("AWS::Scheduler::Schedule", |of| vec![&of["Target"]["Arn"]]),
        ("AWS::Events::Rule", |of| {
            many(&of["Targets"]).iter().map(|target| &target["Arn"]).collect()
        }),
    ];
    for (kind, started) in starts {
        for (trigger, of) in of_type(template, kind) {
            if started(of).into_iter().any(direct) {
                faults.push(format!("{trigger}: starts {id} past its alias"));
            }
        }
    }
}

/// Checks that a change of a function makes a version. It gets its traffic by and by, and loses it again where it fails.
fn rollout(template: &Value, (id, function): (&str, &Value), live: &str, faults: &mut Vec<String>) {
    let alias = &template["Resources"][live];
    let version = target(&alias["Properties"]["FunctionVersion"]);
    let is_version = |(version_id, of): (&str, &Value)| {
        Some(version_id) == version && refers(&of["FunctionName"], id) && of["Description"] == function["Description"]
    };
    if function["Description"].is_null() || !of_type(template, "AWS::Lambda::Version").any(is_version) {
        faults.push(format!("{id}: a change makes no new version; describe both alike"));
    }
    let kept =
        version.is_some_and(|id| *where_true(&template["Resources"][id]["UpdateReplacePolicy"], "OnAws") == "Retain");
    if !kept {
        faults.push(format!("{id}: there is no version before to go back to; retain it"));
    }
    let policy = where_true(&alias["UpdatePolicy"], "OnAws");
    let group = target(&policy["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]);
    let watches = |group: &Value| {
        let mut alarms = many(&group["AlarmConfiguration"]["Alarms"]).iter();
        *where_true(&group["AlarmConfiguration"]["Enabled"], "Watched") == true
            && alarms.any(|alarm| watches_version(template, &alarm["Name"], version))
    };
    let goes_back = |group: &Value| {
        let mut events = many(&group["AutoRollbackConfiguration"]["Events"]).iter();
        group["AutoRollbackConfiguration"]["Enabled"] == true && events.any(|event| event == "DEPLOYMENT_STOP_ON_ALARM")
    };
    let guarded = of_type(template, "AWS::CodeDeploy::DeploymentGroup")
        .any(|(of, properties)| Some(of) == group && watches(properties) && goes_back(properties));
    // CloudFormation may change the alarm and the alias in any order that no reference forbids.
    let ordered = target(where_true(&alias["Properties"]["Description"], "OnAws")) == group;
    if !guarded || !ordered {
        faults.push(format!("{id}: a new version that fails keeps its traffic"));
    }
}

/// A value where a condition holds.
fn where_true<'a>(value: &'a Value, condition: &str) -> &'a Value {
    if value["Fn::If"][0] == condition {
        &value["Fn::If"][1]
    } else {
        value
    }
}

/// Whether an alarm is on the errors and the failures of a version, and of no other.
fn watches_version(template: &Value, alarm: &Value, version: Option<&str>) -> bool {
    let of_version = |metric: &Value| {
        let mut dimensions = many(&metric["MetricStat"]["Metric"]["Dimensions"]).iter();
        dimensions.any(|dimension| version.is_some_and(|version| refers(&dimension["Value"], version)))
    };
    of_type(template, "AWS::CloudWatch::Alarm").any(|(id, of)| {
        let counts = |name: &str| {
            let mut metrics = many(&of["Metrics"]).iter();
            metrics.any(|metric| metric["MetricStat"]["Metric"]["MetricName"] == name && of_version(metric))
        };
        refers(alarm, id) && counts("Errors") && counts("failures")
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
        faults.push(format!("{id}: nothing starts its alias"));
    }
}

/// Whether an address that API Gateway calls is that of a function's alias.
fn invokes(uri: &Value, live: &str) -> bool {
    let uri = uri["Fn::Sub"].as_str().unwrap_or_default();
    uri.ends_with(&format!("/functions/${{{live}}}/invocations"))
}
