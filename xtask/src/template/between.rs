//! Promises between the stacks of a stage: imports come from stacks before, and functions are made alike.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

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

/// The loop over a stack's functions, but for their names and their environment.
fn function_loop(text: &str) -> Option<String> {
    let begin = text.find("  Fn::ForEach::Functions:\n")?;
    let mut kept = Vec::new();
    let mut environment = false;
    for (at, line) in text[begin..].lines().enumerate() {
        let depth = line.len() - line.trim_start().len();
        if at > 0 && depth <= 2 {
            break;
        }
        environment = line.trim() == "Environment:" || (environment && depth > 10);
        // The second line of a loop is its list.
        if !environment && at != 2 {
            kept.push(line);
        }
    }
    // What the platform has it need not import.
    let own = [
        ("!GetAtt DataKey.Arn", "DataKeyArn"),
        ("!Ref AlarmTopic", "AlarmTopicArn"),
        ("!GetAtt DataTroubleAlarm.Arn", "DataTroubleAlarmArn"),
    ];
    Some(own.into_iter().fold(kept.join("\n"), |kept, (at_home, export)| {
        let imported = format!("{{'Fn::ImportValue': !Sub '{EXPORT_PREFIX}{export}'}}");
        kept.replace(at_home, export).replace(&imported, export)
    }))
}

/// Checks that all stacks make their functions alike. CloudFormation has no way to write that down once.
fn loops(stacks: &[(String, Value, String)]) -> Vec<String> {
    let all = stacks
        .iter()
        .filter_map(|(stack, _, text)| Some((stack, function_loop(text)?)));
    let all: Vec<_> = all.collect();
    let Some((first, wanted)) = all.first() else {
        return Vec::new();
    };
    let others = all.iter().filter(|(_, own)| own != wanted);
    others
        .map(|(stack, own)| {
            let differs = own.lines().zip(wanted.lines()).find(|(own, wanted)| own != wanted);
            let (own, _) = differs.unwrap_or(("its length", ""));
            format!("{stack}: makes functions otherwise than {first}: {}", own.trim())
        })
        .collect()
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
            ["s: makes functions otherwise than s: Memory: 512"]
        );
    }
}
