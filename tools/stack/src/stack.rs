//! CloudFormation: the stacks of a stage, each changed by a change set of its own, in order.

use std::{
    fs,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::{aws::Aws, package::Package, project::Project, tools::hash};

/// The longest that a change of a stack may take. A canary and its way back are half of it.
const DEPLOY_LIMIT: Duration = Duration::from_hours(1);

/// The stacks of a stage, `infra/<name>.yaml`, in the order in which they are deployed. Each imports from those before it.
pub const STACKS: [&str; 6] = [PLATFORM, "people", "recruiting", "money", "live", "edge"];
/// The stack of what all others share. It has the name that the whole had when it was one stack, which becomes this one.
const PLATFORM: &str = "platform";

/// The alias of each function that gets the traffic.
pub const LIVE: &str = "live";

/// The question that a deployment asks before it changes a stack.
pub type Confirm<'a> = &'a dyn Fn(&str, &[Value]) -> Result<bool>;

/// The beginning of every physical name of a stage.
#[must_use]
pub fn prefix(stage: &str) -> String {
    format!("inventure-{stage}")
}

/// The name of one of a stage's stacks.
#[must_use]
pub fn name(stage: &str, stack: &str) -> String {
    if stack == PLATFORM {
        prefix(stage)
    } else {
        format!("{}-{stack}", prefix(stage))
    }
}

/// The path of a stack's template.
#[must_use]
pub fn template(project: &Project, stack: &str) -> PathBuf {
    project.root.join("infra").join(format!("{stack}.yaml"))
}

/// The names under the key `Parameters` of a template, which is written as ours are: two spaces deep.
fn declared(template: &str) -> impl Iterator<Item = &str> {
    let lines = template.lines().skip_while(|line| *line != "Parameters:").skip(1);
    let section = lines.take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    let names = section.filter_map(|line| line.strip_prefix("  "));
    let names = names.filter(|line| line.starts_with(char::is_alphabetic));
    names.filter_map(|line| line.split(':').next())
}

/// The parameters of a stage, from its file.
pub fn parameters(project: &Project, stage: &str) -> Result<Map<String, Value>> {
    let path = project.root.join("infra/parameters").join(format!("{stage}.json"));
    let text = fs::read_to_string(&path).with_context(|| format!("no such stage: {} is missing", path.display()))?;
    let file: Value = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    let parameters = file["Parameters"].as_object();
    Ok(parameters
        .with_context(|| format!("{} has no Parameters", path.display()))?
        .clone())
}

/// Brings a stage to what the packages and the templates say, with `more` parameters than its file has. Returns the outputs of all
/// stacks, and the resources that were changed.
pub fn deploy(
    project: &Project,
    aws: &Aws,
    stage: &str,
    packages: &[Package],
    more: &[(&str, String)],
    confirm: Confirm,
) -> Result<(Value, Vec<String>)> {
    let mut parameters = parameters(project, stage)?;
    parameters.extend(more.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
    let mut first = Map::from_iter([("Stage".to_owned(), json!(stage))]);
    if let Some(emulated) = parameters.get("Emulated") {
        first.insert("Emulated".to_owned(), emulated.clone());
    }
    let infra = project.root.join("infra");
    let code_stack = name(stage, "code");
    // Asked only where there is something to lose: the bucket alone holds nothing yet.
    let bootstrap = format!("file://{}", infra.join("bootstrap.yaml").display());
    apply(aws, &code_stack, ["--template-body", &bootstrap], &first, &|_, _| {
        Ok(true)
    })?;
    let code = outputs_of(aws, &code_stack)?;
    let bucket = code["CodeBucket"].clone();
    let folder = packages
        .first()
        .and_then(|package| package.path.parent())
        .context("nothing to deploy")?;
    // The templates go the same way: what is sent along with a request may have 51,200 bytes.
    let mut templates = Vec::new();
    for stack in STACKS {
        let text = fs::read_to_string(template(project, stack))?;
        let key = format!("{stack}-{}.yaml", &hash(text.as_bytes())[..16]);
        fs::write(folder.join(&key), &text)?;
        templates.push((stack, text, key));
    }
    let mut keys: Vec<&str> = packages.iter().map(|package| package.key.as_str()).collect();
    keys.extend(templates.iter().map(|(.., key)| key.as_str()));
    aws.sync(folder, &keys, &format!("s3://{}/", bucket.as_str().unwrap_or_default()))?;

    let mut settings = parameters.clone();
    // How versions take over makes none.
    settings.remove("Rollout");
    let settings = Value::from(settings).to_string();
    parameters.insert("CodeBucket".to_owned(), bucket);
    for package in packages {
        parameters.insert(package.parameter(), json!(package.key));
    }
    let mut changed = Vec::new();
    for (stack, text, key) in &templates {
        let url = format!("{}/{key}", code["CodeUrl"].as_str().unwrap_or_default());
        parameters.insert("Release".to_owned(), json!(release(text, &settings)));
        let own = declared(text).filter_map(|name| Some((name.to_owned(), parameters.get(name)?.clone())));
        changed.extend(apply(
            aws,
            &name(stage, stack),
            ["--template-url", &url],
            &own.collect(),
            confirm,
        )?);
    }
    Ok((outputs(aws, stage)?, changed))
}

/// The part of a version's name that changes with its settings. They are a stack's template, and what the stage fills in.
fn release(template: &str, settings: &str) -> String {
    hash(format!("{template}\0{settings}").as_bytes())[..12].to_owned()
}

/// Creates or updates one stack. Returns the logical ids that changed.
fn apply(
    aws: &Aws,
    stack: &str,
    template: [&str; 2],
    parameters: &Map<String, Value>,
    confirm: Confirm,
) -> Result<Vec<String>> {
    let status = status(aws, stack)?;
    if status.as_deref() == Some("ROLLBACK_COMPLETE") {
        // What a failed first creation leaves can only be deleted.
        aws.call(["cloudformation", "delete-stack", "--stack-name", stack])?;
        wait(aws, stack)?;
    }
    let exists = status.is_some_and(|status| !matches!(&*status, "REVIEW_IN_PROGRESS" | "ROLLBACK_COMPLETE"));
    let parameters: Vec<Value> = parameters
        .iter()
        .map(|(name, value)| json!({ "ParameterKey": name, "ParameterValue": value }))
        .collect();
    let change_set = format!("xtask-{}", std::process::id());
    let on_stack = ["--stack-name", stack, "--change-set-name", &change_set];
    aws.call(
        [
            "cloudformation",
            "create-change-set",
            "--change-set-type",
            if exists { "UPDATE" } else { "CREATE" },
        ]
        .into_iter()
        .chain(on_stack)
        .chain(["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
        .chain(template)
        .chain(["--parameters", &Value::from(parameters).to_string()]),
    )?;
    let described = poll(aws, || {
        let described = aws.call(["cloudformation", "describe-change-set"].into_iter().chain(on_stack))?;
        let status = described["Status"].as_str().unwrap_or_default();
        Ok((!status.ends_with("_PENDING") && !status.ends_with("_IN_PROGRESS")).then_some(described))
    })?;
    let changes = described["Changes"].as_array().cloned().unwrap_or_default();
    if let Some(refused) = unusable(&described) {
        aws.call(["cloudformation", "delete-change-set"].into_iter().chain(on_stack))?;
        return match refused {
            Unusable::Nothing => Ok(Vec::new()),
            Unusable::Refused(reason) => bail!("CloudFormation refuses {stack}: {reason}"),
        };
    }
    if !confirm(stack, &changes)? {
        aws.call(["cloudformation", "delete-change-set"].into_iter().chain(on_stack))?;
        bail!("not deployed");
    }
    aws.call(["cloudformation", "execute-change-set"].into_iter().chain(on_stack))?;
    match wait(aws, stack)?.as_deref() {
        Some("CREATE_COMPLETE" | "UPDATE_COMPLETE") => Ok(changes
            .iter()
            .filter_map(|change| Some(change["ResourceChange"]["LogicalResourceId"].as_str()?.to_owned()))
            .collect()),
        end => bail!(
            "{stack} ended as {}: {}",
            end.unwrap_or("deleted"),
            first_failure(aws, stack)
        ),
    }
}

/// A reason for which a change set is not executed.
#[derive(Debug, Eq, PartialEq)]
enum Unusable {
    /// The stack is as the template says.
    Nothing,
    /// CloudFormation refuses the change.
    Refused(String),
}

/// Tells why a change set cannot be executed. One that lists no changes may still bring outputs that other stacks are to import.
fn unusable(described: &Value) -> Option<Unusable> {
    if described["Status"] == "CREATE_COMPLETE" {
        return None;
    }
    let reason = described["StatusReason"].as_str().unwrap_or_default();
    let nothing = ["didn't contain changes", "No updates"];
    Some(if nothing.iter().any(|words| reason.contains(words)) {
        Unusable::Nothing
    } else {
        Unusable::Refused(reason.to_owned())
    })
}

/// Returns the state that a stack is in. `None` where there is none.
pub fn status(aws: &Aws, stack: &str) -> Result<Option<String>> {
    match aws.call(["cloudformation", "describe-stacks", "--stack-name", stack]) {
        Ok(answer) => Ok(answer["Stacks"][0]["StackStatus"].as_str().map(str::to_owned)),
        Err(error) if error.to_string().contains("does not exist") => Ok(None),
        Err(error) => Err(error),
    }
}

fn wait(aws: &Aws, stack: &str) -> Result<Option<String>> {
    poll(aws, || {
        let status = status(aws, stack)?;
        Ok((!status.as_ref().is_some_and(|status| status.ends_with("_IN_PROGRESS"))).then_some(status))
    })
}

/// Asks until there is an answer.
fn poll<T>(aws: &Aws, ask: impl Fn() -> Result<Option<T>>) -> Result<T> {
    let pause = Duration::from_millis(if aws.is_local() { 100 } else { 3_000 });
    let start = Instant::now();
    while start.elapsed() < DEPLOY_LIMIT {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        thread::sleep(pause);
    }
    bail!(
        "CloudFormation did not finish within {} minutes",
        DEPLOY_LIMIT.as_secs() / 60
    )
}

fn first_failure(aws: &Aws, stack: &str) -> String {
    let events = aws
        .call(["cloudformation", "describe-stack-events", "--stack-name", stack])
        .unwrap_or_default();
    let events = events["StackEvents"].as_array().cloned().unwrap_or_default();
    // The newest come first. What failed first is the cause, the rest was cancelled because of it.
    let failed = |event: &&Value| {
        event["ResourceStatus"]
            .as_str()
            .is_some_and(|status| status.ends_with("_FAILED"))
    };
    events.iter().rfind(failed).map_or_else(
        || "no reason given".to_owned(),
        |event| format!("{}: {}", event["LogicalResourceId"], event["ResourceStatusReason"]),
    )
}

/// The outputs of all stacks of a stage, by name. No two stacks have one of the same name, and a stack that is not there yet has none.
pub fn outputs(aws: &Aws, stage: &str) -> Result<Value> {
    let mut all = Map::new();
    for stack in STACKS {
        let name = name(stage, stack);
        if status(aws, &name)?.is_some()
            && let Value::Object(own) = outputs_of(aws, &name)?
        {
            all.extend(own);
        }
    }
    Ok(Value::Object(all))
}

fn outputs_of(aws: &Aws, stack: &str) -> Result<Value> {
    let answer = aws.call(["cloudformation", "describe-stacks", "--stack-name", stack])?;
    let outputs = answer["Stacks"][0]["Outputs"].as_array().cloned().unwrap_or_default();
    Ok(outputs
        .iter()
        .filter_map(|output| Some((output["OutputKey"].as_str()?.to_owned(), output["OutputValue"].clone())))
        .collect())
}

/// Mends what the emulator's CloudFormation leaves out, through the API that does it.
pub(crate) fn mend_local(aws: &Aws, stage: &str, project: &Project, api: &str) -> Result<()> {
    // It keeps the CORS settings of an API in a spelling that it does not read again.
    let answer = aws.call([
        "cloudformation",
        "get-template",
        "--template-stage",
        "Processed",
        "--stack-name",
        &name(stage, PLATFORM),
    ])?;
    let template = match &answer["TemplateBody"] {
        Value::String(text) => serde_json::from_str(text)?,
        template => template.clone(),
    };
    let mut cors = template["Resources"]["Api"]["Properties"]["CorsConfiguration"].clone();
    let origins = parameters(project, stage)?;
    let origins = origins["CorsAllowOrigins"].as_str().unwrap_or_default();
    cors["AllowOrigins"] = origins.split(',').collect();
    aws.call([
        "apigatewayv2",
        "update-api",
        "--api-id",
        api,
        "--cors-configuration",
        &cors.to_string(),
    ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_declares_its_parameters_and_nothing_else() {
        let text = "Parameters:\n  # A note.\n  Stage:\n    Type: String\n\n  Emulated: {Type: String}\nRules:\n  Stage2:\n    A: 1\n";
        assert_eq!(declared(text).collect::<Vec<_>>(), ["Stage", "Emulated"]);
        assert_eq!(declared("Resources:\n  A: 1\n").count(), 0);
    }

    #[test]
    fn outputs_alone_are_a_change() {
        let described =
            |status: &str, reason: &str| unusable(&json!({ "Status": status, "StatusReason": reason, "Changes": [] }));
        assert_eq!(described("CREATE_COMPLETE", ""), None);
        let nothing =
            "The submitted information didn't contain changes. Submit different information to create a change set.";
        assert_eq!(described("FAILED", nothing), Some(Unusable::Nothing));
        assert_eq!(
            described("FAILED", "No updates are to be performed."),
            Some(Unusable::Nothing)
        );
        assert_eq!(described("FAILED", "no"), Some(Unusable::Refused("no".to_owned())));
        assert_eq!(described("FAILED", ""), Some(Unusable::Refused(String::new())));
    }
}
