//! HTTP to the local stack: its health, signing in, the product's own API.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use ureq::Agent;

const TIMEOUT: Duration = Duration::from_mins(1);

fn agent(timeout: Duration) -> Agent {
    Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .build()
        .into()
}

/// Whether an emulator (or LocalStack) answers on the port.
pub fn is_healthy(port: u16) -> bool {
    let answer = agent(Duration::from_secs(2))
        .get(format!("http://127.0.0.1:{port}/_localstack/health"))
        .call();
    answer.is_ok_and(|answer| answer.status().is_success())
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body: JSON, or text as a JSON string.
    pub body: Value,
}

impl Answer {
    /// The body of a successful answer; otherwise the problem's own words.
    pub fn ok(self) -> Result<Value> {
        if !(200..300).contains(&self.status) {
            let said = self.body["detail"].as_str().or(self.body["message"].as_str());
            bail!(
                "{}: {}",
                self.status,
                said.map_or_else(|| self.body.to_string(), str::to_owned)
            );
        }
        Ok(self.body)
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>, what: &str) -> Result<Answer> {
    let mut answer = answer.with_context(|| what.to_owned())?;
    let status = answer.status().as_u16();
    let text = answer.body_mut().read_to_string().with_context(|| what.to_owned())?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer { status, body })
}

/// The product's API, as one signed-in person or as nobody.
pub struct Api {
    agent: Agent,
    base: String,
    token: Option<String>,
}

impl Api {
    /// The API at this address.
    pub fn new(base: &str, token: Option<String>) -> Self {
        Self {
            agent: agent(TIMEOUT),
            base: base.to_owned(),
            token,
        }
    }

    /// Sends a GET and reads its answer.
    pub fn get(&self, path: &str) -> Result<Answer> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        read(request.call(), &format!("GET {path}"))
    }

    /// Reads a text that has to stay as it is, to the byte.
    pub fn get_text(&self, path: &str) -> Result<String> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut answer = request.call().with_context(|| format!("GET {path}"))?;
        let text = answer.body_mut().read_to_string()?;
        if !answer.status().is_success() {
            bail!("GET {path}: {text}");
        }
        Ok(text)
    }

    /// Sends a POST and reads its answer. The same key twice is answered as once.
    pub fn post(&self, path: &str, key: &str, body: &Value) -> Result<Answer> {
        let mut request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .header("idempotency-key", key);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        read(request.send(body.to_string()), &format!("POST {path}"))
    }
}

/// Signs in with a password and returns the id token, which carries the e-mail address that invitations go to.
pub fn sign_in(endpoint: &str, client: &str, email: &str, password: &str) -> Result<String> {
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": client,
        "AuthParameters": { "USERNAME": email, "PASSWORD": password },
    });
    let request = agent(TIMEOUT)
        .post(endpoint)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth");
    let answer = read(request.send(body.to_string()), "sign in")?.ok()?;
    let token = answer["AuthenticationResult"]["IdToken"].as_str();
    Ok(token
        .with_context(|| format!("{email} was not given a token"))?
        .to_owned())
}

/// Opens a page.
pub fn visit(url: &str) -> Result<()> {
    read(agent(TIMEOUT).get(url).call(), "a page")?.ok().map(drop)
}

/// Sends a file as the presigned form asks: its fields first, the file last.
pub fn send_form(url: &str, fields: &Value, file_name: &str, bytes: &[u8]) -> Result<Answer> {
    const BOUNDARY: &str = "inventure-form-boundary-7f1c2a";
    let mut body = Vec::with_capacity(bytes.len() + 4096);
    for (name, value) in fields.as_object().context("the upload form has no fields")? {
        let value = value.as_str().unwrap_or_default();
        let part = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let file_name = file_name.replace(['"', '\r', '\n'], "_");
    let part =
        format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\r\n");
    body.extend_from_slice(part.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let request = agent(TIMEOUT)
        .post(url)
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
    read(request.send(&body[..]), "upload")
}
