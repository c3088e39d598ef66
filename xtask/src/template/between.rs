//! Promises between the stacks of a stage: imports come from stacks before, and functions are made alike.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The beginning of every export's name.
pub const EXPORT_PREFIX: &str = "inventure-${Stage}-";

/// The names that a template imports.
fn imports<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(object) => {
            if let Some(import) = object.get("Fn::ImportValue") {
                let name = import["Fn::Sub"].as_str().or_else(|| import.as_str());
                found.insert(name.unwrap_or("a name that is put together"));
            }
            object.values().for_each(|value| imports(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| imports(value, found)),
        _ => {}
    }
}

/// Checks exports, imports and outputs of the stacks, given in the order of their deployment: name, expanded template, text.
pub fn check(stacks: &[(String, Value, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut exports: BTreeMap<String, &str> = BTreeMap::new();
    let mut used = BTreeSet::new();
    let mut outputs = BTreeMap::new();
    for (stack, template, _) in stacks {
        let mut own = BTreeSet::new();
        imports(template, &mut own);
        for import in own {
            if !exports.contains_key(import) {
                faults.push(format!("{stack}: imports {import}, which no stack before it exports"));
            }
            used.insert(import);
        }
        for (key, output) in template["Outputs"].as_object().into_iter().flatten() {
            if let Some(other) = outputs.insert(key.as_str(), stack.as_str()) {
                faults.push(format!("{stack}: {other} has an output {key} as well"));
            }
            let export = &output["Export"]["Name"];
            if export.is_null() {
                continue;
            }
            let name = format!("{EXPORT_PREFIX}{key}");
            if export["Fn::Sub"] != name.as_str() {
                faults.push(format!("{stack}: exports {key} as {export}; name it {name}"));
            }
            exports.insert(name, stack);
        }
    }
    for (export, stack) in exports.iter().filter(|(export, _)| !used.contains(export.as_str())) {
        faults.push(format!("{stack}: exports {export}, which nobody imports"));
    }
    faults.extend(loops(stacks));
    faults
}

/// The loops that stand in several templates, since CloudFormation has no way to write them once.
const SHARED_LOOPS: [&str; 8] = [
    "Functions",
    "Queues",
    "DeadLetterQueues",
    "RuleQueuePolicies",
    "QueuePolicies",
    "ReadQueues",
    "KeyUsers",
    "HttpFunctions",
];

/// A loop of a template, but for its list and its environment. Names of the platform stand for themselves, imported or not.
fn shared_loop(text: &str, name: &str) -> Option<String> {
    let begin = text.find(&format!("  Fn::ForEach::{name}:\n"))?;
    let mut kept = Vec::new();
    let mut environment = false;
    for (at, line) in text[begin..].lines().enumerate() {
        let depth = line.len() - line.trim_start().len();
        if at > 0 && depth <= 2 {
            break;
        }
        environment = line.trim() == "Environment:" || (environment && depth > 10);
        // The third line of a loop is its list. Comments may say what is so in one stack alone.
        if !environment && at != 2 && !line.trim_start().starts_with('#') {
            kept.push(line);
        }
    }
    let own = [
        ("!GetAtt DataKey.Arn", "DataKeyArn"),
        ("!GetAtt RolloutRole.Arn", "RolloutRoleArn"),
        ("!Ref AlarmTopic", "AlarmTopicArn"),
        ("!GetAtt DataTroubleAlarm.Arn", "DataTroubleAlarmArn"),
    ];
    Some(own.into_iter().fold(kept.join("\n"), |kept, (at_home, export)| {
        let imported = format!("{{'Fn::ImportValue': !Sub '{EXPORT_PREFIX}{export}'}}");
        kept.replace(at_home, export).replace(&imported, export)
    }))
}

/// Checks that all stacks have their shared loops alike.
fn loops(stacks: &[(String, Value, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    for name in SHARED_LOOPS {
        let all = stacks
            .iter()
            .filter_map(|(stack, _, text)| Some((stack, shared_loop(text, name)?)));
        let all: Vec<_> = all.collect();
        let Some((first, wanted)) = all.first() else {
            continue;
        };
        for (stack, own) in all.iter().filter(|(_, own)| own != wanted) {
            let differs = own.lines().zip(wanted.lines()).find(|(own, wanted)| own != wanted);
            let (own, _) = differs.unwrap_or(("its length", ""));
            faults.push(format!(
                "{stack}: its loop {name} differs from that of {first}: {}",
                own.trim()
            ));
        }
    }
    faults
}

/// Checks that a parameter of several templates is declared alike. A stage's file must name none that no template declares.
pub fn check_parameters(stacks: &[(String, Value, String)], stages: &[(String, Map<String, Value>)]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut declared: BTreeMap<&str, (&str, Value)> = BTreeMap::new();
    for (stack, template, _) in stacks {
        for (name, parameter) in template["Parameters"].as_object().into_iter().flatten() {
            let mut shape = parameter.clone();
            // What it is for may differ.
            let _ = shape.as_object_mut().and_then(|shape| shape.remove("Description"));
            let (first, known) = declared.entry(name).or_insert((stack, shape.clone()));
            if *known != shape {
                faults.push(format!("{stack}: declares {name} otherwise than {first}"));
            }
        }
    }
    for (stage, parameters) in stages {
        for name in parameters.keys().filter(|name| !declared.contains_key(name.as_str())) {
            faults.push(format!("stage {stage}: {name} is a parameter of no stack"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stack(name: &str, resources: Value, exports: &[&str]) -> (String, Value, String) {
        let outputs: serde_json::Map<_, _> = exports
            .iter()
            .map(|key| {
                let name = format!("{EXPORT_PREFIX}{key}");
                (
                    (*key).to_owned(),
                    json!({ "Value": 1, "Export": { "Name": { "Fn::Sub": name } } }),
                )
            })
            .collect();
        (
            name.to_owned(),
            json!({ "Resources": resources, "Outputs": outputs }),
            String::new(),
        )
    }

    fn import(key: &str) -> Value {
        json!({ "R": { "Properties": [{ "Fn::ImportValue": { "Fn::Sub": format!("{EXPORT_PREFIX}{key}") } }] } })
    }

    #[test]
    fn imports_come_from_stacks_before() {
        let (first, second) = (stack("first", json!({}), &["A"]), stack("second", import("A"), &[]));
        assert_eq!(check(&[first, second]), [""; 0]);
        let (late, early) = (stack("late", json!({}), &["A"]), stack("early", import("A"), &[]));
        assert!(check(&[early, late])[0].contains("early: imports"));
        assert!(check(&[stack("lonely", json!({}), &["A"])])[0].contains("which nobody imports"));
    }

    #[test]
    fn every_output_has_a_name_of_its_own() {
        let stacks = [stack("first", json!({}), &["A"]), stack("second", import("A"), &["A"])];
        assert!(check(&stacks)[0].contains("first has an output A as well"));
    }

    #[test]
    fn functions_are_made_alike() {
        let text = |list: &str, memory: &str, variable: &str| {
            format!(
                "Resources:\n  Fn::ForEach::Functions:\n    - Function\n    - [{list}]\n    - ${{Function}}Function:\n          \
                 Memory: {memory}\n          Environment:\n            {variable}\n          After: 1\n\n  Other:\n    Type: X\n"
            )
        };
        let with = |text: String| ("s".to_owned(), json!({}), text);
        let first = with(text("A", "256", "X: 1"));
        assert_eq!(loops(&[first.clone(), with(text("B, C", "256", "Y: 2"))]), [""; 0]);
        assert_eq!(
            loops(&[first, with(text("B", "512", "X: 1"))]),
            ["s: its loop Functions differs from that of s: Memory: 512"]
        );
    }

    #[test]
    fn a_parameter_is_one_thing() {
        let with = |name: &str, default: &str| {
            let parameters =
                json!({ "Parameters": { name: { "Type": "String", "Default": default, "Description": default } } });
            (name.to_owned(), parameters, String::new())
        };
        let stage = |name: &str| ("dev".to_owned(), Map::from_iter([(name.to_owned(), json!("x"))]));
        assert_eq!(
            check_parameters(&[with("A", "1"), with("B", "2")], &[stage("A")]),
            [""; 0]
        );
        assert_eq!(check_parameters(&[with("A", "1"), with("A", "2")], &[]).len(), 1);
        assert_eq!(check_parameters(&[with("A", "1")], &[stage("a")]).len(), 1);
    }
}
