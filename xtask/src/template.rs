//! Checks the promises that the templates must keep, beyond being templates.
//! The linter cfn-lint knows CloudFormation; this knows our promises.

mod between;
mod production;
mod quotas;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::{package::FUNCTIONS, project::Project, shell, stack, tools::Venv};

/// Actions that IAM can tie to no resource.
const NAMELESS_ACTIONS: [&str; 2] = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
/// Routes that anybody may call.
const PUBLIC_ROUTES: [&str; 8] = [
    "GET /candidate-links",
    "GET /feed/jobs",
    "GET /health",
    "GET /seals/{proxy+}",
    "GET /unsubscribe",
    "POST /candidate-links/answers",
    "POST /payment-events",
    "POST /unsubscribe",
];
/// The table from which nothing is ever taken away, by time or by anybody.
const LEDGER_TABLE: &str = "LedgerTable";
/// The actions that are all a role may do with it.
const LEDGER_ACTIONS: [&str; 4] = [
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:PutItem",
];
/// The tables that several functions write to, each to partitions of its own.
const SHARED_TABLES: [&str; 2] = ["MainTable", "ConnectionsTable"];
/// The table whose items go by themselves, so that nothing in it is worth recovering.
const PASSING_TABLE: &str = "ConnectionsTable";
/// Queues that people wait for: what lies in them for long must be seen before anybody complains.
const AWAITED_QUEUES: [&str; 2] = ["FanoutQueue", "NotifierQueue"];
/// The policies that AWS keeps for its backups, whose many steps are its own. No other policy of AWS's is taken.
const BACKUP_POLICIES: [&str; 2] = [
    ":policy/service-role/AWSBackupServiceRolePolicyForBackup",
    ":policy/AWSBackupServiceRolePolicyForS3Backup",
];
/// The number of timeouts that a queue gives its reader before it shows a message to another.
const VISIBILITY_TIMEOUTS: u64 = 6;

/// The attributes that the pool says of a person because it has verified them.
const VERIFIED_ATTRIBUTES: [&str; 4] = ["email", "email_verified", "phone_number", "phone_number_verified"];

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
        rules(&expanded, &page, &mut faults);
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
            "{stack}: {function} is not built; name it in xtask/src/package.rs"
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
    functions(template, &mut faults);
    queues(template, &mut faults);
    data(template, &mut faults);
    rights(template, &mut faults);
    resource_policies(template, &mut faults);
    routes(template, &mut faults);
    people(template, &mut faults);
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

fn functions(template: &Value, faults: &mut Vec<String>) {
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
        failure_destination(template, id, function, faults);
    }
}

/// Checks that everything that starts a function leaves somewhere what failed.
fn failure_destination(template: &Value, id: &str, function: &Value, faults: &mut Vec<String>) {
    let mut triggers = 0;
    for (mapping_id, mapping) in of_type(template, "AWS::Lambda::EventSourceMapping") {
        if !refers(&mapping["FunctionName"], id) {
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
        refers(&integration["IntegrationUri"], id) || invokes(&integration["IntegrationUri"], id)
    });
    let authorizes = of_type(template, "AWS::ApiGatewayV2::Authorizer")
        .any(|(_, authorizer)| invokes(&authorizer["AuthorizerUri"], id));
    triggers += usize::from(http) + usize::from(authorizes);
    let schedules = of_type(template, "AWS::Scheduler::Schedule")
        .filter(|(_, schedule)| refers(&schedule["Target"]["Arn"], id))
        .count();
    let rules = of_type(template, "AWS::Events::Rule")
        .filter(|(_, rule)| many(&rule["Targets"]).iter().any(|target| refers(&target["Arn"], id)))
        .count();
    if schedules + rules > 0 {
        triggers += schedules + rules;
        let reports = of_type(template, "AWS::Lambda::EventInvokeConfig").any(|(_, config)| {
            refers(&config["FunctionName"], id) && !config["DestinationConfig"]["OnFailure"]["Destination"].is_null()
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

fn queues(template: &Value, faults: &mut Vec<String>) {
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

/// Checks that the rules of the bus are those of docs/ARCHITECTURE.md: rows of `| indexer queue | types |`.
fn rules(template: &Value, page: &str, faults: &mut Vec<String>) {
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

fn denies_plain_http(template: &Value, kind: &str, concerns: impl Fn(&Value) -> bool) -> bool {
    of_type(template, kind)
        .filter(|(_, policy)| concerns(policy))
        .any(|(_, policy)| {
            statements(&policy["PolicyDocument"]).iter().any(|statement| {
                statement["Effect"] == "Deny" && statement["Condition"]["Bool"]["aws:SecureTransport"] == "false"
            })
        })
}

fn data(template: &Value, faults: &mut Vec<String>) {
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

/// The statements of a document, on AWS and locally alike.
fn statements(document: &Value) -> Vec<&Value> {
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
fn rights(template: &Value, faults: &mut Vec<String>) {
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
fn names_something(resource: &Value) -> bool {
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
fn resource_policies(template: &Value, faults: &mut Vec<String>) {
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

/// Whether an address that API Gateway calls is that of a function.
fn invokes(uri: &Value, function: &str) -> bool {
    let uri = uri["Fn::Sub"].as_str().unwrap_or_default();
    uri.ends_with(&format!("/functions/${{{function}.Arn}}/invocations"))
}

/// The APIs whose connections are authorized once, at the handshake; every frame after it carries what the authorizer said.
fn sockets(template: &Value) -> BTreeSet<String> {
    of_type(template, "AWS::ApiGatewayV2::Api")
        .filter(|(_, api)| api["ProtocolType"] == "WEBSOCKET")
        .map(|(id, _)| id.to_owned())
        .collect()
}

fn routes(template: &Value, faults: &mut Vec<String>) {
    let sockets = sockets(template);
    for (id, route) in of_type(template, "AWS::ApiGatewayV2::Route") {
        let of_socket = route["ApiId"]["Ref"].as_str().is_some_and(|api| sockets.contains(api));
        if of_socket {
            if route["RouteKey"] == "$connect" && route["AuthorizationType"] != "CUSTOM" {
                faults.push(format!("{id}: anybody may connect"));
            }
            continue;
        }
        let key = route["RouteKey"]
            .as_str()
            .or_else(|| route["RouteKey"]["Fn::Sub"].as_str())
            .unwrap_or_default();
        if route["AuthorizationType"] != "JWT" && !PUBLIC_ROUTES.contains(&key) {
            faults.push(format!("{id}: {key} is open to all"));
        }
    }
}

/// Checks that an address is a person's once the pool has verified it; no client writes it past the pool.
fn people(template: &Value, faults: &mut Vec<String>) {
    let has = |list: &Value, name: &str| many(list).iter().any(|attribute| attribute == name);
    for (id, pool) in of_type(template, "AWS::Cognito::UserPool") {
        let before = &pool["UserAttributeUpdateSettings"]["AttributesRequireVerificationBeforeUpdate"];
        if !has(&pool["AutoVerifiedAttributes"], "email") || !has(before, "email") {
            faults.push(format!("{id}: takes an address that nobody has verified"));
        }
    }
    for (id, client) in of_type(template, "AWS::Cognito::UserPoolClient") {
        let writes = &client["WriteAttributes"];
        if many(writes).is_empty() || VERIFIED_ATTRIBUTES.iter().any(|name| has(writes, name)) {
            faults.push(format!(
                "{id}: lets people write what the pool is to verify; name its WriteAttributes"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A template that keeps every promise: a worker behind a queue, a bucket, a table, a route.
    fn sound() -> Value {
        let deny = |resource: &str| {
            json!({ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": { "Ref": resource },
            "Condition": { "Bool": { "aws:SecureTransport": "false" } } })
        };
        let alarm = |metric: &str, of: Value| {
            json!({ "Type": "AWS::CloudWatch::Alarm", "Properties": {
            "MetricName": metric, "AlarmActions": ["topic"], "Dimensions": [{ "Name": "N", "Value": of }] } })
        };
        json!({ "Resources": {
            "Log": { "Type": "AWS::Logs::LogGroup", "Properties": { "RetentionInDays": 7 } },
            "Role": { "Type": "AWS::IAM::Role", "Properties": { "Policies": [{ "PolicyDocument": { "Statement": [
                { "Effect": "Allow", "Action": "xray:PutTraceSegments", "Resource": "*" },
                { "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": { "Fn::Sub": "${Bucket.Arn}/in/*" } },
                { "Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": { "Fn::GetAtt": ["Key", "Arn"] },
                  "Condition": { "StringEquals": { "kms:ViaService": "s3" } } },
            ] } }] } },
            "Work": { "Type": "AWS::Lambda::Function", "Properties": {
                "Timeout": 10, "Role": { "Fn::GetAtt": ["Role", "Arn"] }, "LoggingConfig": { "LogGroup": { "Ref": "Log" } } } },
            "Errors": alarm("Errors", json!({ "Ref": "Work" })),
            "Throttles": alarm("Throttles", json!({ "Ref": "Work" })),
            "Duration": alarm("Duration", json!({ "Ref": "Work" })),
            "Mapping": { "Type": "AWS::Lambda::EventSourceMapping", "Properties": {
                "FunctionName": { "Fn::GetAtt": ["Work", "Arn"] }, "EventSourceArn": { "Fn::GetAtt": ["Queue", "Arn"] },
                "FunctionResponseTypes": ["ReportBatchItemFailures"] } },
            "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "SqsManagedSseEnabled": true, "VisibilityTimeout": 60,
                "RedrivePolicy": { "deadLetterTargetArn": { "Fn::GetAtt": ["Dead", "Arn"] }, "maxReceiveCount": 5 } } },
            "Dead": { "Type": "AWS::SQS::Queue", "Properties": { "SqsManagedSseEnabled": true } },
            "DeadWaits": alarm("ApproximateNumberOfMessagesVisible", json!({ "Fn::GetAtt": ["Dead", "QueueName"] })),
            "QueuePolicy": { "Type": "AWS::SQS::QueuePolicy", "Properties": { "Queues": [{ "Ref": "Queue" }, { "Ref": "Dead" }],
                "PolicyDocument": { "Statement": [
                    { "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" }, "Action": "sqs:SendMessage",
                      "Condition": { "ArnEquals": { "aws:SourceArn": ["bucket", { "Fn::GetAtt": ["Rule", "Arn"] }] } } },
                    { "Fn::If": ["OnAws", deny("Queue"), { "Ref": "AWS::NoValue" }] },
                ] } } },
 "Rule": { "Type": "AWS::Events::Rule", "Properties": { "Targets": { "Arn": { "Fn::GetAtt": ["Queue", "Arn"] },
                "DeadLetterConfig": { "Arn": { "Fn::GetAtt": ["Dead", "Arn"] } } } } },
            "Key": { "Type": "AWS::KMS::Key", "Properties": { "EnableKeyRotation": true } },
            "Bucket": { "Type": "AWS::S3::Bucket", "Properties": { "BucketEncryption": {}, "LifecycleConfiguration": {},
                "PublicAccessBlockConfiguration": { "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true } } },
            "BucketPolicy": { "Type": "AWS::S3::BucketPolicy", "Properties": { "Bucket": { "Ref": "Bucket" },
                "PolicyDocument": { "Statement": [deny("Bucket")] } } },
            "Table": { "Type": "AWS::DynamoDB::Table", "Properties": {
                "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
                "SSESpecification": { "KMSMasterKeyId": "key" }, "TimeToLiveSpecification": { "Enabled": true } } },
            "Route": { "Type": "AWS::ApiGatewayV2::Route", "Properties": { "RouteKey": "GET /me", "AuthorizationType": "JWT" } },
            "Open": { "Type": "AWS::ApiGatewayV2::Route", "Properties": { "RouteKey": "GET /health" } },
            "Pool": { "Type": "AWS::Cognito::UserPool", "Properties": { "AutoVerifiedAttributes": ["email"],
                "UserAttributeUpdateSettings": { "AttributesRequireVerificationBeforeUpdate": ["email"] } } },
            "Client": { "Type": "AWS::Cognito::UserPoolClient", "Properties": { "WriteAttributes": ["name"] } },
        } })
    }

    /// Breaks one thing at a JSON pointer under Resources; exactly the expected faults must be found.
    fn check_broken(pointer: &str, value: Value, expected: &[&str]) {
        let mut template = sound();
        *template.pointer_mut(&format!("/Resources{pointer}")).expect(pointer) = value;
        let faults = faults_of(&template);
        assert_eq!(faults.len(), expected.len(), "{pointer}: {faults:#?}");
        for (fault, expected) in faults.iter().zip(expected) {
            assert!(
                fault.contains(expected),
                "{pointer}: expected {expected:?} in {fault:?}"
            );
        }
    }

    #[test]
    fn a_sound_template_has_no_faults() {
        assert_eq!(faults_of(&sound()), Vec::<String>::new());
    }

    #[test]
    fn a_function_keeps_bounded_logs_and_alarms() {
        check_broken(
            "/Log/Properties/RetentionInDays",
            Value::Null,
            &["Log: keeps its logs for ever"],
        );
        check_broken(
            "/Work/Properties/LoggingConfig",
            Value::Null,
            &["Work: has no log group"],
        );
        check_broken(
            "/Errors/Properties/AlarmActions",
            json!([]),
            &["Work: no alarm with an action on Errors"],
        );
        check_broken(
            "/Duration/Properties/MetricName",
            json!("Other"),
            &["Work: no alarm with an action on Duration"],
        );
        check_broken("/Work/Properties/Role", json!("arn:shared"), &["role of its own"]);
    }

    #[test]
    fn what_fails_lands_somewhere() {
        check_broken(
            "/Mapping/Properties/FunctionResponseTypes",
            json!([]),
            &["one bad record fails"],
        );
        check_broken(
            "/Mapping/Properties/FunctionName",
            json!("other"),
            &["Work: nothing starts it"],
        );
        check_broken(
            "/Queue/Properties/VisibilityTimeout",
            json!(59),
            &["visibility is below"],
        );
        check_broken(
            "/Queue/Properties/RedrivePolicy/maxReceiveCount",
            json!(4),
            &["maxReceiveCount"],
        );
        check_broken(
            "/DeadWaits/Properties/MetricName",
            json!("Other"),
            &["Dead: a queue of last resort"],
        );
        let no_dead_letters = ["Work: no failure destination", "Queue: a queue of last resort"];
        check_broken("/Queue/Properties/RedrivePolicy", Value::Null, &no_dead_letters);
        let stream = json!({ "Fn::GetAtt": ["Table", "StreamArn"] });
        check_broken(
            "/Mapping/Properties/EventSourceArn",
            stream,
            &["Mapping has no OnFailure", "poisoned record"],
        );
        let schedule = json!({ "Type": "AWS::Scheduler::Schedule", "Properties": { "Target": { "Arn": { "Fn::GetAtt": ["Work", "Arn"] } } } });
        check_broken(
            "/Open",
            schedule,
            &["without anyone waiting", "loses what it cannot deliver"],
        );
        check_broken(
            "/Rule/Properties/Targets/DeadLetterConfig",
            json!({}),
            &["Rule: loses what it cannot deliver"],
        );
        check_broken(
            "/QueuePolicy/Properties/PolicyDocument/Statement/0/Condition/ArnEquals/aws:SourceArn",
            json!({ "Fn::GetAtt": ["Bucket", "Arn"] }),
            &["Rule: may not write to Queue", "Rule: may not write to Dead"],
        );
    }

    #[test]
    fn a_queue_that_people_wait_for_says_that_it_is_late() {
        let late = |metric: &str| {
            let template = json!({ "Resources": {
                "NotifierQueue": { "Type": "AWS::SQS::Queue", "Properties": { "SqsManagedSseEnabled": true, "RedrivePolicy": { "maxReceiveCount": 5 } } },
                "Age": { "Type": "AWS::CloudWatch::Alarm", "Properties": { "MetricName": metric, "AlarmActions": ["topic"],
                    "Dimensions": [{ "Name": "QueueName", "Value": { "Fn::GetAtt": ["NotifierQueue", "QueueName"] } }] } },
            } });
            let mut faults = Vec::new();
            queues(&template, &mut faults);
            faults.iter().any(|fault| fault.contains("people wait for it"))
        };
        assert!(!late("ApproximateAgeOfOldestMessage"));
        assert!(late("ApproximateNumberOfMessagesVisible"));
    }

    #[test]
    fn rules_are_those_of_the_page() {
        let template = json!({ "Resources": { "IndexerRule": { "Type": "AWS::Events::Rule", "Properties": {
            "EventBusName": "bus", "EventPattern": { "source": ["inventure"], "detail-type": ["JobPosted", "JobClosed"] } } } } });
        let faults_with = |page: &str| {
            let mut faults = Vec::new();
            rules(&template, page, &mut faults);
            faults.len()
        };
        assert_eq!(faults_with("| indexer queue | `JobClosed`, `JobPosted` |"), 0);
        assert_eq!(faults_with("| indexer queue | `JobPosted` |"), 1);
        assert_eq!(faults_with("nothing"), 1);
    }

    #[test]
    fn a_socket_is_authorized_at_its_handshake() {
        let with = |authorization: &str| {
            let template = json!({ "Resources": {
                "Socket": { "Type": "AWS::ApiGatewayV2::Api", "Properties": { "ProtocolType": "WEBSOCKET" } },
                "Connect": { "Type": "AWS::ApiGatewayV2::Route", "Properties": {
                    "ApiId": { "Ref": "Socket" }, "RouteKey": "$connect", "AuthorizationType": authorization } },
                "Send": { "Type": "AWS::ApiGatewayV2::Route", "Properties": { "ApiId": { "Ref": "Socket" }, "RouteKey": "send" } },
            } });
            let mut faults = Vec::new();
            routes(&template, &mut faults);
            faults
        };
        assert_eq!(with("CUSTOM"), [""; 0]);
        assert_eq!(with("NONE"), ["Connect: anybody may connect"]);
    }

    fn imported_bucket() -> Value {
        json!({ "Fn::ImportValue": { "Fn::Sub": "inventure-${Stage}-UploadsBucketArn" } })
    }

    #[test]
    fn rights_on_what_is_imported_are_named() {
        let resource = "/Role/Properties/Policies/0/PolicyDocument/Statement/1/Resource";
        let named = json!({ "Fn::Sub": ["${Bucket}/in/*", { "Bucket": imported_bucket() }] });
        check_broken(resource, named, &[]);
        check_broken(resource, imported_bucket(), &[]);
        let ledger = json!({ "Fn::ImportValue": { "Fn::Sub": "inventure-${Stage}-LedgerTableArn" } });
        check_broken(resource, ledger, &["on the ledger, which is only added to"]);
        for shared in ["MainTableArn", "MainTableIndexArn"] {
            let name = format!("inventure-${{Stage}}-{shared}");
            check_broken(
                resource,
                json!({ "Fn::ImportValue": { "Fn::Sub": name } }),
                &["on all of a table"],
            );
        }
    }

    #[test]
    fn rights_are_named() {
        let statement = "/Role/Properties/Policies/0/PolicyDocument/Statement/1";
        check_broken(
            statement,
            json!({ "Effect": "Allow", "Action": ["dynamodb:DeleteItem"], "Resource": { "Fn::GetAtt": ["LedgerTable", "Arn"] } }),
            &["on the ledger, which is only added to"],
        );
        check_broken(
            &format!("{statement}/Action"),
            json!(["s3:Get*"]),
            &["name the actions"],
        );
        check_broken(&format!("{statement}/Action"), Value::Null, &["name the actions"]);
        for wide in [
            json!("*"),
            json!({ "Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${SocketApi}/*" }),
            json!({ "Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*/live/POST/@connections/*" }),
            json!({ "Fn::If": ["OnAws", "*", "arn:aws:s3:::one"] }),
            json!({ "Fn::If": ["Sometimes", "arn:aws:s3:::one", "*"] }),
            json!({ "Fn::Sub": "${Bucket.Arn}/*" }),
            json!("arn:aws:s3:::*"),
            json!({ "Fn::Sub": "${Bucket.Arn}/in/*/x" }),
            json!({ "Fn::Sub": ["${Bucket}/*", { "Bucket": imported_bucket() }] }),
            json!({ "Fn::Sub": ["${Bucket}/in/*", { "Bucket": "arn:aws:s3:::any" }] }),
            json!({ "Fn::Sub": ["${Bucket}/${Prefix}/*", { "Bucket": imported_bucket(), "Prefix": "*" }] }),
            Value::Null,
        ] {
            check_broken(&format!("{statement}/Resource"), wide, &["on more than it names"]);
        }
        let table = |condition: Value| {
            json!({
                "Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": { "Fn::GetAtt": ["MainTable", "Arn"] }, "Condition": condition,
            })
        };
        let (own, given) = (
            json!({ "dynamodb:LeadingKeys": ["JOB#*", "OUTBOX#*"] }),
            json!({ "dynamodb:LeadingKeys": "false" }),
        );
        check_broken(
            statement,
            table(json!({ "Null": given, "ForAllValues:StringLike": own })),
            &[],
        );
        for open in [
            Value::Null,
            // A request without a key would meet it.
            json!({ "ForAllValues:StringLike": own }),
            json!({ "Null": given }),
            json!({ "Null": given, "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["JOB#*", "*"] } }),
        ] {
            check_broken(statement, table(open), &["on all of a table"]);
        }
        check_broken(
            "/Role/Properties/Policies/0/PolicyDocument/Statement/2/Condition",
            Value::Null,
            &["without kms:ViaService"],
        );
        check_broken(
            "/QueuePolicy/Properties/PolicyDocument/Statement/0/Condition",
            Value::Null,
            &["to Queue", "to Dead", "allows whom it does not name"],
        );
        check_broken(
            "/QueuePolicy/Properties/PolicyDocument/Statement/0/Principal",
            json!("*"),
            &["allows whom it does not name"],
        );
    }

    #[test]
    fn data_is_kept_safe() {
        check_broken(
            "/Table/Properties/PointInTimeRecoverySpecification",
            Value::Null,
            &["point-in-time"],
        );
        check_broken("/Table/Properties/SSESpecification", Value::Null, &["our key"]);
        check_broken(
            "/Bucket/Properties/PublicAccessBlockConfiguration/BlockPublicAcls",
            json!(false),
            &["made public"],
        );
        check_broken(
            "/BucketPolicy/Properties/PolicyDocument/Statement",
            json!([]),
            &["Bucket: accepts plain HTTP"],
        );
        check_broken(
            "/QueuePolicy/Properties/PolicyDocument/Statement/1",
            json!({}),
            &["Dead: accepts plain HTTP", "Queue: accepts plain HTTP"],
        );
        check_broken(
            "/Queue/Properties/SqsManagedSseEnabled",
            json!(false),
            &["Queue: is not encrypted"],
        );
        check_broken("/Key/Properties/EnableKeyRotation", json!(false), &["never rotated"]);
    }

    #[test]
    fn people_do_not_write_what_the_pool_verifies() {
        let writes = "/Client/Properties/WriteAttributes";
        for open in [
            json!(["name", "email"]),
            json!(["email_verified"]),
            json!([]),
            Value::Null,
        ] {
            check_broken(writes, open, &["Client: lets people write what the pool is to verify"]);
        }
        for pointer in ["AutoVerifiedAttributes", "UserAttributeUpdateSettings"] {
            let pointer = format!("/Pool/Properties/{pointer}");
            check_broken(
                &pointer,
                Value::Null,
                &["Pool: takes an address that nobody has verified"],
            );
        }
    }

    #[test]
    fn routes_are_closed_by_default() {
        check_broken(
            "/Route/Properties/AuthorizationType",
            json!("NONE"),
            &["GET /me is open to all"],
        );
    }
}
