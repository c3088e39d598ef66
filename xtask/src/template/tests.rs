use serde_json::json;

use super::{
    queues::{queues, rules},
    routes::routes,
    *,
};

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
            "Timeout": 10, "Description": "code", "Role": { "Fn::GetAtt": ["Role", "Arn"] }, "LoggingConfig": { "LogGroup": { "Ref": "Log" } } } },
        "Version": { "Type": "AWS::Lambda::Version", "UpdateReplacePolicy": { "Fn::If": ["OnAws", "Retain", "Delete"] }, "Properties": { "FunctionName": { "Ref": "Work" }, "Description": "code" } },
        "Live": { "Type": "AWS::Lambda::Alias", "Properties": { "FunctionName": { "Ref": "Work" }, "Name": "live",
            "FunctionVersion": { "Fn::GetAtt": ["Version", "Version"] }, "Description": { "Ref": "Rollout" } },
            "UpdatePolicy": { "Fn::If": ["OnAws", { "CodeDeployLambdaAliasUpdate": { "DeploymentGroupName": { "Ref": "Rollout" } } }, "none"] } },
        "Canary": { "Type": "AWS::CloudWatch::Alarm", "Properties": { "Metrics": [
            { "MetricStat": { "Metric": { "MetricName": "Errors", "Dimensions": [{ "Value": { "Fn::GetAtt": ["Version", "Version"] } }] } } },
            { "MetricStat": { "Metric": { "MetricName": "failures", "Dimensions": [{ "Value": { "Fn::GetAtt": ["Version", "Version"] } }] } } },
        ] } },
        "Rollout": { "Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": {
            "AlarmConfiguration": { "Enabled": true, "Alarms": [{ "Name": { "Ref": "Canary" } }] },
            "AutoRollbackConfiguration": { "Enabled": true, "Events": ["DEPLOYMENT_STOP_ON_ALARM"] } } },
        "Errors": alarm("Errors", json!({ "Ref": "Work" })),
        "Throttles": alarm("Throttles", json!({ "Ref": "Work" })),
        "Duration": alarm("Duration", json!({ "Ref": "Work" })),
        "Mapping": { "Type": "AWS::Lambda::EventSourceMapping", "Properties": {
            "FunctionName": { "Ref": "Live" }, "EventSourceArn": { "Fn::GetAtt": ["Queue", "Arn"] },
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
fn a_new_version_takes_over_by_and_by_and_goes_where_it_fails() {
    check_broken(
        "/Version/Properties/Description",
        json!("other"),
        &["Work: a change makes no new version"],
    );
    let newest = [
        "Work: a change makes no new version",
        "Work: there is no version before",
        "Work: a new version that fails keeps its traffic",
    ];
    check_broken("/Live/Properties/FunctionVersion", json!("$LATEST"), &newest);
    check_broken(
        "/Version/UpdateReplacePolicy",
        Value::Null,
        &["Work: there is no version before"],
    );
    for (pointer, broken) in [
        ("/Live/UpdatePolicy", Value::Null),
        ("/Live/Properties/Description", Value::Null),
        (
            "/Canary/Properties/Metrics/1/MetricStat/Metric/MetricName",
            json!("other"),
        ),
        (
            "/Canary/Properties/Metrics/0/MetricStat/Metric/Dimensions/0/Value",
            json!("1"),
        ),
        ("/Rollout/Properties/AlarmConfiguration/Enabled", json!(false)),
        (
            "/Rollout/Properties/AlarmConfiguration/Alarms/0/Name",
            json!({ "Ref": "Errors" }),
        ),
        (
            "/Rollout/Properties/AutoRollbackConfiguration/Events",
            json!(["DEPLOYMENT_FAILURE"]),
        ),
    ] {
        check_broken(pointer, broken, &["Work: a new version that fails keeps its traffic"]);
    }
    check_broken("/Live/Properties/FunctionName", json!("other"), &["Work: has no alias"]);
    let direct = json!({ "Fn::GetAtt": ["Work", "Arn"] });
    let past = ["Mapping: starts Work past its alias", "Work: nothing starts its alias"];
    check_broken("/Mapping/Properties/FunctionName", direct, &past);
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
        &["Work: nothing starts its alias"],
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
    let schedule =
        json!({ "Type": "AWS::Scheduler::Schedule", "Properties": { "Target": { "Arn": { "Ref": "Live" } } } });
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
