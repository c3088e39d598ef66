//! Handles a request under `/v1`: its key, its parameters, its repeats, and the faults that meet it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Form,
    body::{Body, to_bytes},
    extract::{FromRequest, Request, State},
    http::{HeaderMap, Method, header::AUTHORIZATION, request::Parts},
};
use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    App, Options,
    error::{ApiError, Reply},
    now,
    params::Params,
    world::{Fault, World},
};

const BODY_MAX_BYTES: usize = 1024 * 1024;

/// A request that may be answered.
pub struct Call {
    pub method: Method,
    pub path: String,
    /// The account on whose behalf the request is made, of the header `Stripe-Account`.
    pub account: Option<String>,
    /// The idempotency key, of the header `Idempotency-Key`.
    pub key: Option<String>,
    pub params: Params,
    /// The time of the request, in seconds since the epoch.
    pub at: i64,
}

impl Call {
    /// The path below `/v1`.
    pub fn segments(&self) -> Vec<&str> {
        self.path.trim_matches('/').split('/').skip(1).collect()
    }

    /// Returns the error that there is nothing at this path.
    pub fn no_route(&self) -> ApiError {
        ApiError::no_route(self.method.as_str(), &self.path)
    }
}

/// Everything under `/v1`.
pub async fn api(State(app): State<Arc<App>>, request: Request) -> Result<Reply, ApiError> {
    // In a task of its own: a client that goes away does not stop what it asked for.
    let task = tokio::spawn(async move { answer(&app, request).await });
    task.await.unwrap_or_else(|_| Err(ApiError::server()))
}

async fn answer(app: &Arc<App>, request: Request) -> Result<Reply, ApiError> {
    let (parts, body) = request.into_parts();
    authenticate(&parts.headers, parts.uri.path(), &app.options)?;
    let call = call(parts, body).await?;
    match call.method {
        Method::GET => app.work(|world| world.read(&call)).map(|body| Reply::new(200, &body)),
        Method::POST => write(app, &call).await,
        _ => Err(call.no_route()),
    }
}

fn authenticate(headers: &HeaderMap, path: &str, options: &Options) -> Result<(), ApiError> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = match header.and_then(|value| value.split_once(' ')) {
        Some(("Bearer", key)) => Some(key.to_owned()),
        Some(("Basic", pair)) => BASE64_STANDARD
            .decode(pair)
            .ok()
            .and_then(|pair| String::from_utf8(pair).ok())
            .and_then(|pair| pair.split(':').next().map(str::to_owned)),
        _ => None,
    };
    match given {
        None => Err(ApiError::unauthenticated(
            "You did not provide an API key. Give it as a Bearer token or as the user of HTTP Basic authentication.",
        )),
        Some(given) if given == options.key => Ok(()),
        Some(given) if options.accounts_key.as_ref() == Some(&given) => {
            let of_accounts = ["/v1/accounts", "/v1/account_links"];
            if of_accounts.iter().any(|own| {
                path.strip_prefix(own)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }) {
                Ok(())
            } else {
                Err(ApiError::forbidden(
                    "The provided key does not have the required permissions for this endpoint.",
                ))
            }
        }
        Some(_) => Err(ApiError::unauthenticated("Invalid API Key provided.")),
    }
}

async fn call(parts: Parts, body: Body) -> Result<Call, ApiError> {
    let text = |name: &str| Some(parts.headers.get(name)?.to_str().ok()?.to_owned());
    let (method, path, at) = (parts.method.clone(), parts.uri.path().to_owned(), now());
    let (account, key) = (text("stripe-account"), text("idempotency-key"));
    let unread = |error: String| ApiError::invalid(format!("The parameters cannot be read: {error}"));
    let bytes = to_bytes(body, BODY_MAX_BYTES)
        .await
        .map_err(|error| unread(error.to_string()))?;
    let pairs = if method != Method::GET && bytes.is_empty() {
        // A client that has nothing to say sends no content type either.
        Vec::new()
    } else {
        let request = Request::from_parts(parts, Body::from(bytes));
        let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
        form.map_err(|error| unread(error.body_text()))?.0
    };
    let params = Params(numbered(pairs));
    Ok(Call {
        method,
        path,
        account,
        key,
        params,
        at,
    })
}

/// Parameters by name. Lists that are written `name[]=a&name[]=b` become `name[0]` and `name[1]`, as other clients write them.
fn numbered(pairs: Vec<(String, String)>) -> BTreeMap<String, String> {
    let mut params = BTreeMap::new();
    let mut counts = BTreeMap::<String, usize>::new();
    for (name, value) in pairs {
        let name = match name.strip_suffix("[]") {
            Some(stem) => {
                let next = counts.entry(stem.to_owned()).or_default();
                *next += 1;
                format!("{stem}[{}]", *next - 1)
            }
            None => name,
        };
        params.insert(name, value);
    }
    params
}

/// A POST that is done up to its answer.
struct Done {
    reply: Result<Reply, ApiError>,
    /// The time by which the answer is late.
    late: Duration,
    /// Whether the idempotency key is held until then.
    held: bool,
}

async fn write(app: &Arc<App>, call: &Call) -> Result<Reply, ApiError> {
    let (done, generation) = app.work(|world| (perform(world, call, &app.url), world.generation()));
    if !done.late.is_zero() {
        tokio::time::sleep(done.late).await;
    }
    if done.held {
        app.work(|world| {
            // After a reset the key may be another request's.
            if world.generation() == generation {
                world.release(call);
            }
        });
    }
    done.reply
}

fn perform(world: &mut World, call: &Call, own_url: &str) -> Done {
    let (mut late, mut held) = (Duration::ZERO, false);
    let reply = match world.kept(call) {
        Err(error) => Err(error),
        Ok(Some(reply)) => Ok(reply),
        Ok(None) => match world.request_fault() {
            Some(Fault::RateLimit) => Err(ApiError::rate_limit()),
            Some(Fault::ServerError { after_effect }) => {
                if after_effect {
                    // What it comes to is what the client is not told.
                    let _ = world.write(call, own_url);
                }
                let reply = ApiError::server().reply();
                world.keep(call, Some(reply.clone()));
                Ok(reply)
            }
            Some(Fault::Timeout {
                after_effect: false,
                seconds,
            }) => {
                world.keep(call, None);
                (late, held) = (Duration::from_secs(seconds), true);
                Err(ApiError::gateway_timeout())
            }
            Some(Fault::Timeout {
                after_effect: true,
                seconds,
            }) => {
                late = Duration::from_secs(seconds);
                execute(world, call, own_url)
            }
            _ => execute(world, call, own_url),
        },
    };
    Done { reply, late, held }
}

fn execute(world: &mut World, call: &Call, own_url: &str) -> Result<Reply, ApiError> {
    let reply = match world.write(call, own_url) {
        Ok(body) => Reply::new(200, &body),
        Err(error) if error.begun => error.reply(),
        Err(error) => return Err(error),
    };
    world.keep(call, Some(reply.clone()));
    Ok(reply)
}
