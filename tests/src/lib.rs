//! The deployed platform as the end-to-end tests see it.
//! It is an API, a bucket, and the AWS calls that an operator could make.
//!
//! `cargo xtask test e2e` brings a stack up, says where it is in `INVENTURE_STACK`, and takes it down again.
#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "a test that cannot ask has failed, and should say so"
)]

pub mod mortal;
pub mod queues;

use std::{
    fs,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use hmac::{Hmac, Mac, digest::KeyInit};
pub use inventure_http_client::Answer;
use inventure_http_client::Request;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The time that anything may take that happens by itself.
const PATIENCE: Duration = Duration::from_mins(2);

/// The running stack.
#[derive(Debug, Clone)]
pub struct Stack {
    endpoint: String,
    api: String,
    processor: String,
    outputs: Value,
}

/// A person with an account, signed in; or nobody.
#[derive(Debug, Clone)]
pub struct Person {
    stack: Stack,
    token: Option<String>,
    /// The mail address of the person.
    pub email: String,
}

/// The credentials by which AWS knows a caller.
#[derive(Debug, Clone)]
pub struct Credentials {
    key: String,
    secret: String,
    token: Option<String>,
}

impl Credentials {
    fn administrator() -> Self {
        Self {
            key: "test".to_owned(),
            secret: "test".to_owned(),
            token: None,
        }
    }

    /// Returns the environment of a program that shall be taken for their owner.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, &str)> {
        let named = [
            ("AWS_ACCESS_KEY_ID", Some(self.key.as_str())),
            ("AWS_SECRET_ACCESS_KEY", Some(self.secret.as_str())),
            ("AWS_SESSION_TOKEN", self.token.as_deref()),
        ];
        named
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// Returns the header for the administrator, at whose signature the emulator does not look.
    fn authorization(&self, service: &str) -> String {
        let scope = format!("{}/20260101/us-east-1/{service}/aws4_request", self.key);
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0")
    }

    /// Signs a call to a JSON protocol with signature version 4. Returns the moment and the header.
    #[expect(clippy::disallowed_methods, reason = "the tests' own clock")]
    fn sign(&self, service: &str, host: &str, target: &str, body: &str) -> (String, String) {
        let now = Timestamp::now();
        let (day, moment) = (
            now.strftime("%Y%m%d").to_string(),
            now.strftime("%Y%m%dT%H%M%SZ").to_string(),
        );
        let hash = |text: &str| hex::encode(Sha256::digest(text));
        let signed = "host;x-amz-date;x-amz-target";
        let canonical = format!(
            "POST\n/\n\nhost:{host}\nx-amz-date:{moment}\nx-amz-target:{target}\n\n{signed}\n{}",
            hash(body)
        );
        let scope = format!("{day}/us-east-1/{service}/aws4_request");
        let text = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{}", hash(&canonical));
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in [day.as_str(), "us-east-1", service, "aws4_request", &text] {
            key = mac(&key, part.as_bytes());
        }
        let key_id = &self.key;
        let signature = hex::encode(key);
        let header =
            format!("AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={signed}, Signature={signature}");
        (moment, header)
    }
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any key will do");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// Sends a request and reads its answer.
fn ask(request: Request) -> Answer {
    request.send(PATIENCE).expect("an answer")
}

/// Asks again where the emulator failed, as AWS's own clients do: its requests meet in its dictionaries now and then.
fn ask_again(ask: impl Fn() -> Answer) -> Answer {
    let mut answer = ask();
    for _ in 0..3 {
        if answer.status != 500 {
            break;
        }
        answer = ask();
    }
    answer
}

/// Returns the number of calls of AWS that an answer says it took. `None` where it does not say.
#[must_use]
pub fn aws_calls(answer: &Answer) -> Option<&str> {
    Some(answer.header("server-timing").split_once("aws-calls")?.1)
}

/// Waits until `ready` gives something.
///
/// # Panics
/// When it does not within two minutes.
pub fn wait<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(found) = ready() {
            return found;
        }
        thread::park_timeout(Duration::from_millis(100));
    }
    panic!("waited two minutes for {what}");
}

impl Stack {
    /// The address of the API.
    #[must_use]
    pub fn api(&self) -> &str {
        &self.api
    }

    /// The stack that the environment names.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the tests' own way to find the stack")]
    pub fn running() -> Self {
        let file = std::env::var("INVENTURE_STACK").expect("run these with `cargo xtask test e2e`");
        let stack: Value = serde_json::from_str(&fs::read_to_string(file).expect("a stack file")).expect("JSON");
        let text = |name: &str| stack[name].as_str().expect("a text").to_owned();
        Self {
            endpoint: text("endpoint"),
            api: text("api"),
            processor: text("processor"),
            outputs: stack["outputs"].clone(),
        }
    }

    /// Returns the address of AWS.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// An output of the deployment.
    ///
    /// # Panics
    /// When there is none of this name: what is looked for at no place is never found.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        let output = self.outputs[name].as_str();
        output.unwrap_or_else(|| panic!("the deployment has no output {name}"))
    }

    /// A call to AWS's JSON protocol as the stack's administrator.
    #[must_use]
    pub fn aws(&self, service: &str, target: &str, body: &Value) -> Answer {
        self.aws_as(&Credentials::administrator(), service, target, body)
    }

    /// The same with somebody's credentials, signed.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn aws_as(&self, who: &Credentials, service: &str, target: &str, body: &Value) -> Answer {
        ask_again(|| self.aws_once(who, service, target, body))
    }

    fn aws_once(&self, who: &Credentials, service: &str, target: &str, body: &Value) -> Answer {
        let body = body.to_string();
        let host = self.endpoint.trim_start_matches("http://");
        let (moment, authorization) = who.sign(service, host, target, &body);
        let mut request = Request::post(&self.endpoint)
            .header("authorization", authorization)
            .header("x-amz-date", moment)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", target)
            .body(body);
        if let Some(token) = &who.token {
            request = request.header("x-amz-security-token", token);
        }
        ask(request)
    }

    /// The names of all functions that are deployed.
    #[must_use]
    pub fn functions(&self) -> Vec<String> {
        let administrator = Credentials::administrator();
        let list = Request::get(format!("{}/2015-03-31/functions?MaxItems=1000", self.endpoint))
            .header("authorization", administrator.authorization("lambda"));
        let list = ask(list).expect(200);
        let names = list["Functions"].as_array().into_iter().flatten();
        names
            .filter_map(|function| function["FunctionName"].as_str()?.strip_prefix("inventure-local-"))
            .map(str::to_owned)
            .collect()
    }

    /// The full name of a function.
    #[must_use]
    pub fn function(&self, name: &str) -> String {
        format!("inventure-local-{name}")
    }

    /// The credentials of a function's own role.
    ///
    /// # Panics
    /// When there is no such function, or its role cannot be assumed.
    #[must_use]
    pub fn role_of(&self, function: &str) -> Credentials {
        let administrator = Credentials::administrator();
        let path = format!("/2015-03-31/functions/inventure-local-{function}/configuration");
        let configuration = Request::get(format!("{}{path}", self.endpoint))
            .header("authorization", administrator.authorization("lambda"));
        let role = ask(configuration).expect(200)["Role"].clone();
        let form = [
            ("Action", "AssumeRole"),
            ("Version", "2011-06-15"),
            ("RoleArn", role.as_str().expect("a role")),
            ("RoleSessionName", "tests"),
        ];
        let request = Request::post(&self.endpoint)
            .header("authorization", administrator.authorization("sts"))
            .form(&form);
        let Value::String(answer) = ask(request).expect(200) else {
            panic!("STS answers in XML")
        };
        let between = |name: &str| {
            let (_, rest) = answer.split_once(&format!("<{name}>")).expect(name);
            rest.split_once('<').expect(name).0.to_owned()
        };
        Credentials {
            key: between("AccessKeyId"),
            secret: between("SecretAccessKey"),
            token: Some(between("SessionToken")),
        }
    }

    /// Tells the stand-in for the payment processor what happens, or asks it.
    #[must_use]
    pub fn processor(&self, path: &str, body: &Value) -> Answer {
        self.post(&format!("{}{path}", self.processor), body)
    }

    /// Posts a body to any address.
    #[must_use]
    pub fn post(&self, url: &str, body: &Value) -> Answer {
        ask(Request::post(url).json(body))
    }

    /// Returns the state of the stand-in for the payment processor.
    #[must_use]
    pub fn processor_state(&self) -> Value {
        ask(Request::get(format!("{}/_test/state", self.processor))).expect(200)
    }

    /// Opens a page, as a person would.
    #[must_use]
    pub fn visit(&self, url: &str) -> Answer {
        ask(Request::get(url))
    }

    /// The text of a secret.
    #[must_use]
    pub fn secret(&self, output: &str) -> String {
        let ask = json!({ "SecretId": self.output(output) });
        let answer = self
            .aws("secretsmanager", "secretsmanager.GetSecretValue", &ask)
            .expect(200);
        answer["SecretString"].as_str().unwrap_or_default().to_owned()
    }

    /// Everything that the functions have logged: the log's name and the line.
    ///
    /// # Panics
    /// When the logs cannot be read.
    #[must_use]
    pub fn log_lines(&self) -> Vec<(String, String)> {
        let logs = |target: &str, body| self.aws("logs", &format!("Logs_20140328.{target}"), &body).expect(200);
        let groups = logs("DescribeLogGroups", json!({ "logGroupNamePrefix": "/aws/lambda/" }));
        let mut lines = Vec::new();
        for group in groups["logGroups"].as_array().into_iter().flatten() {
            let name = group["logGroupName"].as_str().unwrap_or_default();
            let mut ask = json!({ "logGroupName": name });
            // Every page: a name on the second one is a name in the logs.
            for _ in 0..1_000 {
                let page = logs("FilterLogEvents", ask.clone());
                for event in page["events"].as_array().into_iter().flatten() {
                    lines.push((
                        name.to_owned(),
                        event["message"].as_str().unwrap_or_default().to_owned(),
                    ));
                }
                if page["nextToken"].is_null() || page["nextToken"] == ask["nextToken"] {
                    break;
                }
                ask["nextToken"] = page["nextToken"].clone();
            }
        }
        lines
    }

    /// The items of a table, as the table answers them.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn items(&self, output: &str) -> Vec<Value> {
        let (mut items, mut ask) = (Vec::new(), json!({ "TableName": self.output(output) }));
        loop {
            let page = self.aws("dynamodb", "DynamoDB_20120810.Scan", &ask).expect(200);
            items.extend(page["Items"].as_array().into_iter().flatten().cloned());
            if page["LastEvaluatedKey"].is_null() {
                return items;
            }
            ask["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
        }
    }

    /// Everything in a table, as the table answers it.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn table_text(&self, output: &str) -> String {
        let items = self.items(output).into_iter();
        items.map(|item| item.to_string()).collect()
    }

    /// Every version of every object of a bucket: its key and its bytes.
    ///
    /// # Panics
    /// When the bucket does not answer.
    #[must_use]
    pub fn objects(&self, output: &str) -> Vec<(String, Vec<u8>)> {
        let bucket = format!("{}/{}", self.endpoint, self.output(output));
        let get = |path: &str| {
            let request = Request::get(format!("{bucket}{path}"))
                .header("authorization", Credentials::administrator().authorization("s3"));
            let answer = ask(request);
            (answer.status == 200).then_some(answer.bytes)
        };
        let (mut found, mut next) = (Vec::new(), "?versions".to_owned());
        loop {
            let list = get(&next).expect("a list");
            let list = String::from_utf8(list).expect("XML");
            let inside = |text: &str, name: &str| {
                let (_, rest) = text.split_once(&format!("<{name}>"))?;
                Some(rest.split_once('<')?.0.to_owned())
            };
            // Marks of deletion hold nothing.
            for version in list.split("<Version>").skip(1) {
                let (key, id) = (inside(version, "Key"), inside(version, "VersionId"));
                let (key, id) = (key.expect("a key"), id.expect("a version"));
                // Erased since it was listed.
                let bytes = get(&format!("/{key}?versionId={id}"));
                found.extend(bytes.map(|bytes| (key, bytes)));
            }
            if inside(&list, "IsTruncated").as_deref() != Some("true") {
                return found;
            }
            let marker = |name: &str| inside(&list, name).unwrap_or_default();
            let (key, version) = (marker("NextKeyMarker"), marker("NextVersionIdMarker"));
            next = format!("?versions&key-marker={key}&version-id-marker={version}");
        }
    }

    /// The text of a mail to this address, if one went out.
    ///
    /// # Panics
    /// When the emulator does not say.
    #[must_use]
    pub fn mail_to(&self, address: &str) -> Option<String> {
        let sent = ask(Request::get(format!("{}/_ministack/ses/messages", self.endpoint))).expect(200);
        let accounts = sent["messages"].as_object()?;
        let mut mails = accounts.values().filter_map(Value::as_array).flatten();
        let to = |mail: &&Value| {
            mail["To"]
                .as_array()
                .is_some_and(|to| to.iter().any(|to| to == address))
        };
        Some(mails.find(to)?["BodyText"].as_str()?.to_owned())
    }

    /// Runs `cargo xtask` on this stack: what it says, or what it complains of.
    ///
    /// # Panics
    /// When it cannot be run.
    #[expect(clippy::disallowed_methods, reason = "the tests' own way to find the program")]
    pub fn xtask(&self, arguments: &[&str]) -> Result<String, String> {
        let program = std::env::var("INVENTURE_XTASK").expect("run these with `cargo xtask test e2e`");
        let ran = Command::new(program).args(arguments).output().expect("a program");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if ran.status.success() {
            Ok(text(&ran.stdout))
        } else {
            Err(text(&ran.stderr))
        }
    }

    /// Somebody new with an account of their own, signed in.
    ///
    /// # Panics
    /// When the account cannot be made.
    #[must_use]
    pub fn person(&self, name: &str) -> Person {
        let email = format!("{name}-{}@example.com", Uuid::new_v4().simple());
        let password = format!("Aa1!{}", Uuid::new_v4().simple());
        let of = json!({ "UserPoolId": self.output("UserPoolId"), "Username": email });
        let with = |more: Value| {
            let mut body = of.clone();
            if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
                body.extend(more.clone());
            }
            body
        };
        let attributes = json!([
            { "Name": "email", "Value": email }, { "Name": "email_verified", "Value": "true" },
        ]);
        let create = with(json!({
            "UserAttributes": attributes, "MessageAction": "SUPPRESS", "TemporaryPassword": password,
        }));
        let permanent = with(json!({ "Password": password, "Permanent": true }));
        let _ = self.cognito("AdminCreateUser", &create).expect(200);
        let _ = self.cognito("AdminSetUserPassword", &permanent).expect(200);
        let token = self.tokens(&email, &password)["IdToken"].as_str().map(str::to_owned);
        assert!(token.is_some(), "{email} was given no token");
        Person {
            stack: self.clone(),
            token,
            email,
        }
    }

    /// A call to the pool of people.
    #[must_use]
    pub fn cognito(&self, target: &str, body: &Value) -> Answer {
        self.aws(
            "cognito-idp",
            &format!("AWSCognitoIdentityProviderService.{target}"),
            body,
        )
    }

    /// The tokens of somebody who signs in with a password.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn tokens(&self, email: &str, password: &str) -> Value {
        let client = self.output("UserPoolClientId");
        let tokens = || inventure_http_client::tokens(&self.endpoint, client, email, password).expect("an answer");
        ask_again(tokens).expect(200)["AuthenticationResult"].clone()
    }

    /// Somebody with this token, which may be wrong or none.
    #[must_use]
    pub fn bearer(&self, token: Option<&str>) -> Person {
        Person {
            stack: self.clone(),
            token: token.map(str::to_owned),
            email: String::new(),
        }
    }

    /// Somebody new who owns a new agency; with the agency's id.
    #[must_use]
    pub fn agency(&self, name: &str) -> (Person, String) {
        self.tenant(name, "agency")
    }

    /// Somebody new who owns a new tenant of this kind; with its id.
    #[must_use]
    pub fn tenant(&self, name: &str, kind: &str) -> (Person, String) {
        let owner = self.person(name);
        // No two tenants have one name, and tests run often on one stack.
        let unique = format!("{name} {}", Uuid::new_v4().simple());
        let body = json!({ "kind": kind, "name": unique, "owner_name": name });
        let tenant = owner.write("POST", "/tenants", &body).expect(201);
        (owner, id(&tenant))
    }
}

/// The id of what was made.
#[must_use]
pub fn id(made: &Value) -> String {
    made["id"].as_str().unwrap_or_default().to_owned()
}

impl Person {
    /// Their token, as a client sends it.
    ///
    /// # Panics
    /// Where they are not signed in.
    #[must_use]
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("somebody who is signed in")
    }

    /// Sends a GET and reads its answer.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        ask(self.request("GET", path))
    }

    /// Sends a request that writes, and reads its answer.
    #[must_use]
    pub fn write(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.write_once(method, path, &Uuid::new_v4().to_string(), body)
    }

    /// Writes under an idempotency key.
    #[must_use]
    pub fn write_once(&self, method: &str, path: &str, key: &str, body: &Value) -> Answer {
        ask(self.request(method, path).key(key).json(body))
    }

    fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, format!("{}{path}", self.stack.api)).bearer(self.token.as_deref())
    }

    /// Records a candidate who consents to everything.
    #[must_use]
    pub fn candidate(&self, name: &str) -> String {
        let consent = json!({
            "scopes": ["store_resume", "matching", "share_with_network"], "evidence": "signed form", "until": "2099-12-31",
        });
        id(&self
            .write("POST", "/candidates", &json!({ "name": name, "consent": consent }))
            .expect(201))
    }

    /// A signed form for a candidate's file of at most so many bytes.
    #[must_use]
    pub fn form(&self, candidate: &str, file_name: &str, media_type: &str, size_bytes: usize) -> Value {
        let body = json!({ "file_name": file_name, "media_type": media_type, "size_bytes": size_bytes });
        self.write("POST", &format!("/candidates/{candidate}/uploads"), &body)
            .expect(201)
    }

    /// Uploads a candidate's file as a browser would.
    ///
    /// # Panics
    /// When the bucket refuses it.
    pub fn upload(&self, candidate: &str, file_name: &str, bytes: &[u8]) {
        let form = self.form(candidate, file_name, "application/pdf", bytes.len().max(1));
        let answer = post_form(&form, bytes);
        assert!(matches!(answer.status, 200 | 204), "{file_name}: {answer:?}");
    }

    /// The outcome of the reading of a candidate's newest file, once there is one.
    #[must_use]
    pub fn reading(&self, candidate: &str) -> Value {
        wait("a file to be read", || {
            let candidate = self.get(&format!("/candidates/{candidate}")).expect(200);
            candidate["awaited"].is_null().then(|| candidate["reading"].clone())
        })
    }
}

/// Fetches a file from its full address, as a browser gets it.
#[must_use]
pub fn fetch(url: &str) -> Answer {
    ask(Request::get(url))
}

/// Sends an event as the payment processor does, signed with this secret now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the tests' own clock")]
pub fn payment_event(stack: &Stack, secret: &str, body: &Value) -> Answer {
    let (body, now) = (body.to_string(), Timestamp::now().as_second());
    let hex = hex::encode(mac(secret.as_bytes(), format!("{now}.{body}").as_bytes()));
    let request = Request::post(format!("{}/payment-events", stack.api))
        .header("content-type", "application/json")
        .header("stripe-signature", format!("t={now},v1={hex}"));
    ask(request.body(body))
}

/// Posts a file with a signed form.
#[must_use]
pub fn post_form(form: &Value, bytes: &[u8]) -> Answer {
    let url = form["url"].as_str().unwrap_or_default();
    ask(Request::post(url).file(&form["fields"], "file", bytes))
}
