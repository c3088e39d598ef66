//! Checks the promises that the templates must keep, beyond being templates.
//! The linter cfn-lint knows CloudFormation; this knows our promises.

mod between;
mod data;
mod functions;
mod production;
mod queues;
mod quotas;
mod rights;
mod routes;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::{package::FUNCTIONS, project::Project, shell, stack, tools::Venv};

/// The table from which nothing is ever taken away, by time or by anybody.
const LEDGER_TABLE: &str = "LedgerTable";

/// Lints all templates and checks what they promise.
pub fn check(project: &Project) -> Result<()> {
    Venv::Tools.ensure(project)?;
    let infra = project.root.join("infra");
    let bootstrap = infra.join("bootstrap.yaml");
    let templates: Vec<PathBuf> = stack::STACKS
        .iter()
        .map(|stack| stack::template(project, stack))
        .collect();
    shell::run(
        Command::new(Venv::Tools.program(project, "cfn-lint"))
            .arg("--template")
            .args(&templates)
            .arg(&bootstrap),
    )?;
    let mut faults = faults_of(&expand(project, &bootstrap)?);
    let page = fs::read_to_string(project.root.join("docs/ARCHITECTURE.md"))?;
    let mut stacks = Vec::new();
    for (stack, template) in stack::STACKS.into_iter().zip(&templates) {
        let expanded = expand(project, template)?;
        faults.extend(faults_of(&expanded));
        queues::rules(&expanded, &page, &mut faults);
        production::check(&expanded, &mut faults);
        own_functions(project, stack, &expanded, &mut faults);
        stacks.push((stack.to_owned(), expanded, fs::read_to_string(template)?));
    }
    faults.extend(between::check(&stacks));
    production::check_together(&stacks, &mut faults);
    let mut stages = Vec::new();
    for entry in fs::read_dir(infra.join("parameters"))? {
        let stage = entry?.path();
        let stage = stage.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let parameters = stack::parameters(project, &stage)?;
        production::check_stage(&stage, &parameters, &mut faults);
        stages.push((stage, parameters));
    }
    faults.extend(between::check_parameters(&stacks, &stages));
    faults.extend(quotas::check(&stacks));
    if !faults.is_empty() {
        bail!("the templates break their promises:\n  {}", faults.join("\n  "));
    }
    Ok(())
}

/// Checks that a domain's stack has the functions of the domain's folder, which are deployed.
fn own_functions(project: &Project, stack: &str, template: &Value, faults: &mut Vec<String>) {
    let found: BTreeSet<String> = of_type(template, "AWS::Lambda::Function")
        .map(|(id, _)| kebab(id.trim_end_matches("Function")))
        .collect();
    let folder = fs::read_dir(project.root.join("functions").join(stack));
    let wanted: BTreeSet<String> = folder
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    if found != wanted {
        faults.push(format!(
            "{stack}: its functions are {found:?}; functions/{stack} has {wanted:?}"
        ));
    }
    for function in found.iter().filter(|function| !FUNCTIONS.contains(&function.as_str())) {
        faults.push(format!(
            "{stack}: {function} is not built; name it in tools/stack/src/package.rs"
        ));
    }
}

/// A template with its loops written out, as JSON.
pub fn expand(project: &Project, template: &Path) -> Result<Value> {
    let mut expand = Command::new(Venv::Tools.program(project, "python"));
    shell::json(expand.arg(project.root.join("infra/expand.py")).arg(template))
}

/// Everything that is wrong with an expanded template.
fn faults_of(template: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    functions::functions(template, &mut faults);
    queues::queues(template, &mut faults);
    data::data(template, &mut faults);
    rights::rights(template, &mut faults);
    rights::resource_policies(template, &mut faults);
    routes::routes(template, &mut faults);
    routes::people(template, &mut faults);
    for (id, group) in of_type(template, "AWS::Logs::LogGroup") {
        if group["RetentionInDays"].is_null() {
            faults.push(format!("{id}: keeps its logs for ever; set RetentionInDays"));
        }
    }
    faults
}

fn of_type<'a>(template: &'a Value, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let resources = template["Resources"].as_object().into_iter().flatten();
    resources
        .filter(move |(_, resource)| resource["Type"] == kind)
        .map(|(id, resource)| (id.as_str(), &resource["Properties"]))
}

/// The ends of an export's name that say what it is of the resource in front of them.
const ASPECTS: [&str; 4] = ["IndexArn", "Arn", "Name", "Id"];

/// The logical id that a `Ref`, a `GetAtt` or an import names.
fn target(value: &Value) -> Option<&str> {
    let imported = || {
        let name = value["Fn::ImportValue"]["Fn::Sub"].as_str()?;
        let name = name.strip_prefix(between::EXPORT_PREFIX)?;
        ASPECTS.iter().find_map(|aspect| name.strip_suffix(aspect))
    };
    value["Ref"]
        .as_str()
        .or_else(|| value["Fn::GetAtt"][0].as_str())
        .or_else(|| value["Fn::GetAtt"].as_str()?.split('.').next())
        .or_else(imported)
}

fn refers(value: &Value, id: &str) -> bool {
    target(value) == Some(id)
}

/// A list, or the one thing in place of a list.
fn many(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(list) => list,
        one => std::slice::from_ref(one),
    }
}

fn has_alarm(template: &Value, metric: &str, id: &str) -> bool {
    of_type(template, "AWS::CloudWatch::Alarm").any(|(alarm_id, alarm)| {
        alarm["MetricName"] == metric
            && production::is_told(template, alarm_id, alarm)
            && many(&alarm["Dimensions"])
                .iter()
                .any(|dimension| refers(&dimension["Value"], id))
    })
}

/// Writes a logical id as names are written: `MatchFinder` is `match-finder`.
fn kebab(id: &str) -> String {
    let mut name = String::new();
    for letter in id.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests;
