//! The quotas of AWS that a stack may run into, and how near it is. A stack that meets one cannot be deployed, so there is room left.

use serde_json::Value;

use super::{many, of_type, rights::statements, target};

/// The part of a quota, in percent, from which on the check fails. There is time then to move something.
const FULL_PERCENT: usize = 80;
/// The length of what only a deployment knows, such as a name or an ARN, in characters. A generous guess.
const UNKNOWN_LENGTH: usize = 90;

/// A quota of AWS, and what a stack uses of it.
pub struct Quota {
    /// The name of what is counted.
    what: &'static str,
    /// The greatest number that AWS takes.
    limit: usize,
    /// Counts what a template uses, and names what uses it.
    used: fn(&Value, &str) -> Option<(usize, String)>,
}

/// The quotas, as documented for CloudFormation, API Gateway, IAM, Lambda and EventBridge.
pub const QUOTAS: [Quota; 9] = [
    Quota {
        what: "resources",
        limit: 500,
        used: |template, _| section(template, "Resources"),
    },
    Quota {
        what: "parameters",
        limit: 200,
        used: |template, _| section(template, "Parameters"),
    },
    Quota {
        what: "outputs",
        limit: 200,
        used: |template, _| section(template, "Outputs"),
    },
    Quota {
        what: "mappings",
        limit: 200,
        used: |template, _| section(template, "Mappings"),
    },
    Quota {
        what: "template bytes",
        limit: 1_000_000,
        used: |template, text| Some((text.len().max(template.to_string().len()), String::new())),
    },
    Quota {
        what: "policy characters of a role",
        limit: 10_240,
        used: |template, _| {
            let roles = of_type(template, "AWS::IAM::Role").map(|(id, _)| id);
            roles.map(|role| (policies_of(template, role), role.to_owned())).max()
        },
    },
    Quota {
        what: "trust policy characters of a role",
        limit: 2_048,
        used: |template, _| {
            let roles = of_type(template, "AWS::IAM::Role");
            roles
                .map(|(id, role)| (length(&role["AssumeRolePolicyDocument"]), id.to_owned()))
                .max()
        },
    },
    Quota {
        what: "environment bytes of a function",
        limit: 4_096,
        used: |template, _| {
            let functions = of_type(template, "AWS::Lambda::Function");
            functions
                .map(|(id, function)| (length(&function["Environment"]["Variables"]), id.to_owned()))
                .max()
        },
    },
    Quota {
        what: "targets of a rule",
        limit: 5,
        used: |template, _| {
            let rules = of_type(template, "AWS::Events::Rule");
            rules
                .map(|(id, rule)| (many(&rule["Targets"]).len(), id.to_owned()))
                .max()
        },
    },
];
/// The most routes that an API takes, over all stacks.
const ROUTES_MAX: usize = 300;

fn section(template: &Value, name: &str) -> Option<(usize, String)> {
    Some((template[name].as_object()?.len(), String::new()))
}

/// The characters of a role's inline policies together. White space is none of them.
fn policies_of(template: &Value, role: &str) -> usize {
    let inline = of_type(template, "AWS::IAM::Role")
        .filter(|(id, _)| *id == role)
        .flat_map(|(_, role)| many(&role["Policies"]));
    let attached = of_type(template, "AWS::IAM::Policy")
        .map(|(_, policy)| policy)
        .filter(|policy| many(&policy["Roles"]).iter().any(|of| target(of) == Some(role)));
    inline
        .chain(attached)
        .flat_map(|policy| statements(&policy["PolicyDocument"]))
        .map(length)
        .sum()
}

/// The length of a value as AWS gets it. A value that the template computes counts as an ARN.
fn length(value: &Value) -> usize {
    match value {
        Value::Object(object) => {
            let computed = object.keys().any(|key| key == "Ref" || key.starts_with("Fn::"));
            if object.len() == 1 && computed {
                return UNKNOWN_LENGTH;
            }
            object
                .iter()
                .map(|(key, value)| key.len() + 4 + length(value))
                .sum::<usize>()
                + 2
        }
        Value::Array(list) => list.iter().map(|value| length(value) + 1).sum::<usize>() + 2,
        other => other.to_string().len(),
    }
}

/// Compares the stacks' templates with the quotas: prints what comes nearest to each, and returns the faults. Of each stack: its name,
/// its expanded template, and its text.
pub fn check(stacks: &[(String, Value, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    println!("quota                                       most used by  used      of");
    let mut report = |what: &str, limit: usize, (used, by): (usize, String)| {
        let percent = used * 100 / limit;
        println!("{what:<36} {by:>20}  {used:>8} {limit:>8}  {percent:>3} %");
        if percent >= FULL_PERCENT {
            faults.push(format!(
                "{by}: {used} of {limit} {what}; from {FULL_PERCENT}% on there is no room"
            ));
        }
    };
    for quota in &QUOTAS {
        let used = stacks.iter().filter_map(|(name, template, text)| {
            let (used, by) = (quota.used)(template, text)?;
            Some((used, format!("{name} {by}").trim_end().to_owned()))
        });
        if let Some(most) = used.max() {
            report(quota.what, quota.limit, most);
        }
    }
    let routes = |socket: bool| {
        let all = stacks
            .iter()
            .flat_map(|(_, template, _)| of_type(template, "AWS::ApiGatewayV2::Route"));
        all.filter(|(_, route)| (target(&route["ApiId"]) == Some("SocketApi")) == socket)
            .count()
    };
    report("routes of an API", ROUTES_MAX, (routes(false), "API".to_owned()));
    report("routes of an API", ROUTES_MAX, (routes(true), "sockets".to_owned()));
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stack(resources: usize) -> (String, Value, String) {
        let all = (0..resources)
            .map(|at| (format!("R{at}"), json!({ "Type": "X" })))
            .collect::<serde_json::Map<_, _>>();
        ("money".to_owned(), json!({ "Resources": all }), String::new())
    }

    #[test]
    fn four_fifths_of_a_quota_are_too_many() {
        assert_eq!(check(&[stack(399), stack(1)]), [""; 0]);
        assert_eq!(check(&[stack(1), stack(400)]).len(), 1);
    }

    #[test]
    fn a_role_s_policies_count_together() {
        let statement =
            json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": { "Fn::GetAtt": ["Bucket", "Arn"] } });
        let document = json!({ "Statement": vec![statement; 40] });
        let role = json!({ "Type": "AWS::IAM::Role", "Properties": { "Policies": [{ "PolicyDocument": document }] } });
        let policy = json!({ "Type": "AWS::IAM::Policy", "Properties": { "Roles": [{ "Ref": "Role" }], "PolicyDocument": document } });
        let one = json!({ "Resources": { "Role": role } });
        let both = json!({ "Resources": { "Role": role, "Policy": policy } });
        let faults = |template: Value| check(&[("money".to_owned(), template, String::new())]).len();
        assert_eq!((faults(one), faults(both)), (0, 1));
    }
}
