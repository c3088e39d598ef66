//! HTTP to the local stack, for tools and tests: requests, their answers, signing in, the product's own API.
//!
//! A status is never an error here, an answer that does not come is.

use std::{fmt, fmt::Write as _, time::Duration};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
pub use ureq::Error;
use ureq::{Agent, http};

/// The time that an answer of the local stack may take.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A client that keeps its connections for the next request.
#[derive(Clone)]
pub struct Client(Agent);

impl Client {
    /// Returns a client whose answers may take this long.
    #[must_use]
    pub fn new(patience: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(patience))
            .http_status_as_error(false)
            // What answers is on this machine.
            .proxy(None);
        Self(config.build().into())
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// No answer came, not all of it, or not in time (`Error::Timeout`).
    pub fn send(&self, request: Request) -> Result<Answer, Error> {
        let mut answer = match request.body {
            None => self.0.run(request.head.body(())?)?,
            Some(body) => self.0.run(request.head.body(body)?)?,
        };
        let bytes = answer.body_mut().read_to_vec()?;
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        Ok(Answer {
            status: answer.status().as_u16(),
            body: serde_json::from_slice(&bytes).unwrap_or_else(|_| text()),
            headers: answer.headers().clone(),
            bytes,
        })
    }
}

/// A request that is put together.
pub struct Request {
    head: http::request::Builder,
    body: Option<Vec<u8>>,
}

impl Request {
    /// Begins a request of this method.
    #[must_use]
    pub fn new(method: &str, url: impl AsRef<str>) -> Self {
        Self {
            head: http::Request::builder().method(method).uri(url.as_ref()),
            body: None,
        }
    }

    /// Begins a GET.
    #[must_use]
    pub fn get(url: impl AsRef<str>) -> Self {
        Self::new("GET", url)
    }

    /// Begins a POST.
    #[must_use]
    pub fn post(url: impl AsRef<str>) -> Self {
        Self::new("POST", url)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.head = self.head.header(name, value.as_ref());
        self
    }

    /// Adds the bearer's token. `None` is nobody.
    #[must_use]
    pub fn bearer(self, token: Option<&str>) -> Self {
        match token {
            Some(token) => self.header("authorization", format!("Bearer {token}")),
            None => self,
        }
    }

    /// Adds the idempotency key: the same key twice is answered as once.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Sets the body, whose type a header says.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sets a body of JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// Sets the fields of a form.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let pairs = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        self.header("content-type", "application/x-www-form-urlencoded")
            .body(pairs.collect::<Vec<_>>().join("&"))
    }

    /// Sets a form with a file as a presigned form asks: its fields first, the file last.
    #[must_use]
    pub fn file(self, fields: &Value, file_name: &str, bytes: &[u8]) -> Self {
        const BOUNDARY: &str = "inventure-form-boundary-7f1c2a";
        let mut body = Vec::with_capacity(bytes.len() + 4096);
        for (name, value) in fields.as_object().into_iter().flatten() {
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
        self.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
            .body(body)
    }

    /// Sends the request on a connection of its own, and reads its answer.
    ///
    /// # Errors
    /// Those of [`Client::send`].
    pub fn send(self, patience: Duration) -> Result<Answer, Error> {
        Client::new(patience).send(self)
    }
}

/// Writes a text as a form has it: percent-encoded, apart from what RFC 3986 leaves alone.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// The answer to a request.
#[derive(Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body: JSON, or text as a JSON string.
    pub body: Value,
    /// The body, byte for byte.
    pub bytes: Vec<u8>,
    headers: http::HeaderMap,
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let mut answer = formatter.debug_struct("Answer");
        answer.field("status", &self.status).field("body", &self.body);
        answer.finish_non_exhaustive()
    }
}

impl Answer {
    /// Returns a header; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    /// Tells whether the status is one of success.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..300)
    }

    /// Returns the body of a successful answer.
    ///
    /// # Errors
    /// The answer is another; its status and the problem's own words.
    pub fn ok(self) -> Result<Value> {
        if !self.is_success() {
            let said = self.body["detail"].as_str().or(self.body["message"].as_str());
            bail!(
                "{}: {}",
                self.status,
                said.map_or_else(|| self.body.to_string(), str::to_owned)
            );
        }
        Ok(self.body)
    }

    /// Returns the body, if the status is this. For tests.
    ///
    /// # Panics
    /// When it is another.
    #[must_use]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}

/// The product's API, as one signed-in person or as nobody.
pub struct Api {
    client: Client,
    base: String,
    token: Option<String>,
}

impl Api {
    /// Returns the API at this address.
    #[must_use]
    pub fn new(base: &str, token: Option<String>) -> Self {
        Self {
            client: Client::new(PATIENCE),
            base: base.to_owned(),
            token,
        }
    }

    fn send(&self, method: &str, path: &str, add: impl FnOnce(Request) -> Request) -> Result<Answer> {
        let request = Request::new(method, format!("{}{path}", self.base));
        let request = add(request.bearer(self.token.as_deref()));
        self.client.send(request).with_context(|| format!("{method} {path}"))
    }

    /// Sends a GET and reads its answer.
    ///
    /// # Errors
    /// No answer came.
    pub fn get(&self, path: &str) -> Result<Answer> {
        self.send("GET", path, |request| request)
    }

    /// Reads a text that has to stay as it is, to the byte.
    ///
    /// # Errors
    /// No answer came, one without success, or one that is no text.
    pub fn get_text(&self, path: &str) -> Result<String> {
        let answer = self.get(path)?;
        let is_success = answer.is_success();
        let text = String::from_utf8(answer.bytes).with_context(|| format!("GET {path}"))?;
        if !is_success {
            bail!("GET {path}: {text}");
        }
        Ok(text)
    }

    /// Sends a POST and reads its answer. The same key twice is answered as once.
    ///
    /// # Errors
    /// No answer came.
    pub fn post(&self, path: &str, key: &str, body: &Value) -> Result<Answer> {
        self.send("POST", path, |request| request.key(key).json(body))
    }
}

/// Asks the identity provider for the tokens of somebody with a password. `client` is the pool's client.
///
/// # Errors
/// No answer came.
pub fn tokens(endpoint: &str, client: &str, email: &str, password: &str) -> Result<Answer, Error> {
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": client,
        "AuthParameters": { "USERNAME": email, "PASSWORD": password },
    });
    Request::post(endpoint)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth")
        .body(body.to_string())
        .send(PATIENCE)
}

/// Signs in with a password and returns the id token, which carries the e-mail address that invitations go to.
///
/// # Errors
/// No answer came, or one without a token.
pub fn sign_in(endpoint: &str, client: &str, email: &str, password: &str) -> Result<String> {
    let answer = tokens(endpoint, client, email, password).context("sign in")?.ok()?;
    let token = answer["AuthenticationResult"]["IdToken"].as_str();
    Ok(token
        .with_context(|| format!("{email} was not given a token"))?
        .to_owned())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    /// Answers one request. Gives its address, and then the request's head and body.
    fn server(answer: &'static str) -> (String, thread::JoinHandle<(String, String)>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                reader.read_line(&mut head).unwrap();
            }
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
            reader.read_exact(&mut body).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            (head, String::from_utf8(body).unwrap())
        });
        (url, served)
    }

    #[test]
    fn a_status_is_no_error_and_a_problem_has_its_own_words() {
        let (url, served) =
            server("HTTP/1.1 422 x\r\nserver-timing: a\r\ncontent-length: 15\r\n\r\n{\"detail\":\"no\"}");
        let api = Api::new(&url, Some("secret".to_owned()));
        let answer = api.post("/deals", "once", &json!({ "a": 1 })).unwrap();
        let (head, body) = served.join().unwrap();
        assert!(head.starts_with("POST /deals HTTP/1.1\r\n"), "{head}");
        for line in [
            "authorization: Bearer secret",
            "idempotency-key: once",
            "content-type: application/json",
        ] {
            assert!(head.contains(line), "{line} in {head}");
        }
        assert_eq!(body, r#"{"a":1}"#);
        assert_eq!((answer.status, answer.header("server-timing")), (422, "a"));
        assert_eq!(answer.header("etag"), "");
        assert_eq!(answer.ok().unwrap_err().to_string(), "422: no");
    }

    #[test]
    fn a_form_is_encoded() {
        let (url, served) = server("HTTP/1.1 200 x\r\ncontent-length: 4\r\n\r\ntext");
        let request = Request::post(url).form(&[("a", "A share & more = 50 %"), ("b[c]", "é")]);
        let answer = request.send(PATIENCE).unwrap();
        let (_, body) = served.join().unwrap();
        assert_eq!(body, "a=A%20share%20%26%20more%20%3D%2050%20%25&b%5Bc%5D=%C3%A9");
        assert_eq!(answer.expect(200), json!("text"));
    }

    #[test]
    fn a_file_comes_after_the_fields() {
        let (url, served) = server("HTTP/1.1 204 x\r\ncontent-length: 0\r\n\r\n");
        let request = Request::post(url).file(&json!({ "key": "a/b" }), "a\"b.pdf", b"bytes");
        assert!(request.send(PATIENCE).unwrap().is_success());
        let (head, body) = served.join().unwrap();
        assert!(head.contains("multipart/form-data; boundary="), "{head}");
        let (field, file) = (body.find("name=\"key\"\r\n\r\na/b\r\n"), body.find("bytes\r\n--"));
        assert!(field.is_some() && field < file, "{body}");
        assert!(body.contains("filename=\"a_b.pdf\""), "{body}");
    }

    #[test]
    fn an_answer_that_does_not_come_is_an_error() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let late = Request::get(url).send(Duration::from_millis(20));
        assert!(matches!(late, Err(Error::Timeout(_))), "{late:?}");
    }
}
