//! A small stateful stand-in of the payment processor Stripe (Connect: separate charges and transfers), for tests and the local stack.
//! Everything is in memory and ends with the process. README.md says what of Stripe it has and what it leaves out.

mod api;
mod control;
mod delivery;
mod error;
mod objects;
mod params;
mod world;

use std::{
    fmt, io,
    net::{Ipv4Addr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

use axum::{
    Router,
    routing::{any, get, post},
};
use world::World;

/// The options with which the stand-in is started.
#[derive(Clone)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The key that may do everything. Begins with `sk_test_`.
    pub key: String,
    /// A restricted key that may make accounts and links to their pages, and nothing else. Begins with `rk_test_`.
    pub accounts_key: Option<String>,
    /// The webhook to which events go. `None` if they go nowhere.
    pub webhook: Option<Webhook>,
}

/// An endpoint to which events are posted.
#[derive(Clone)]
pub struct Webhook {
    /// The endpoint, `http://…`: no TLS is linked in.
    pub url: String,
    /// The secret with which the signature is made.
    pub secret: String,
}

/// The reason for which the stand-in does not start.
#[derive(Debug)]
pub enum StartError {
    /// A live key was given, as key or as secret.
    LiveKey,
    /// The key is no secret test key.
    NotATestKey,
    /// The webhook is not plain HTTP.
    WebhookNotHttp,
    /// The port cannot be had.
    Io(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key itself is never said: it may be a real one.
        match self {
            Self::LiveKey => {
                f.write_str("a live key (sk_live…) has no place in a stand-in; give a test key, sk_test_…")
            }
            Self::NotATestKey => {
                f.write_str("the key must be a secret test key, sk_test_…, and a restricted one rk_test_…")
            }
            Self::WebhookNotHttp => f.write_str("the webhook's URL must begin with http://"),
            Self::Io(error) => write!(f, "cannot listen on 127.0.0.1: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A stand-in that listens. Dropping it does not end it; the end of the process does.
pub struct Server {
    url: String,
    thread: JoinHandle<()>,
}

impl Server {
    /// Returns the address at which it listens, `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until it ends, which only an error brings about.
    pub fn wait(self) {
        // A panic of the thread has been reported where it happened.
        let _ = self.thread.join();
    }
}

/// The state that every route works on.
struct App {
    options: Options,
    url: String,
    world: Mutex<World>,
}

impl App {
    fn world(&self) -> MutexGuard<'_, World> {
        // A panic in one request must not end the others' test.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on the world, and sends the events that this caused.
    fn work<T>(self: &Arc<Self>, work: impl FnOnce(&mut World) -> T) -> T {
        let (done, deliveries) = {
            let mut world = self.world();
            (work(&mut world), world.take_deliveries())
        };
        for delivery in deliveries {
            delivery::send(self, delivery);
        }
        done
    }
}

/// Listens on 127.0.0.1, in a thread of its own, and answers at once.
pub fn start(options: Options) -> Result<Server, StartError> {
    let secret = options.webhook.as_ref().map_or("", |webhook| &webhook.secret);
    let restricted = options.accounts_key.as_deref().unwrap_or("rk_test_");
    if [options.key.as_str(), restricted, secret]
        .iter()
        .any(|key| key.starts_with("sk_live") || key.starts_with("rk_live"))
    {
        return Err(StartError::LiveKey);
    }
    if !options.key.starts_with("sk_test_") || !restricted.starts_with("rk_test_") {
        return Err(StartError::NotATestKey);
    }
    if options
        .webhook
        .as_ref()
        .is_some_and(|webhook| !webhook.url.starts_with("http://"))
    {
        return Err(StartError::WebhookNotHttp);
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    let app = Arc::new(App {
        options,
        url: url.clone(),
        world: Mutex::new(World::default()),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let thread = std::thread::Builder::new()
        .name("stripe-stand-in".to_owned())
        .spawn(move || {
            let served = runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                axum::serve(listener, router(app)).await
            });
            if let Err(error) = served {
                eprintln!("error: {error}");
            }
        })?;
    Ok(Server { url, thread })
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/v1/{*path}", any(api::api))
        .route("/onboarding/{link}", get(control::onboarding))
        .route("/_test/payments", post(control::payments))
        .route("/_test/ripen", post(control::ripen))
        .route("/_test/disputes", post(control::disputes))
        .route("/_test/decisions", post(control::decisions))
        .route("/_test/refund_failures", post(control::refund_failures))
        .route("/_test/restrictions", post(control::restrictions))
        .route("/_test/faults", post(control::faults))
        .route("/_test/forget", post(control::forget))
        .route("/_test/reset", post(control::reset))
        .route("/_test/state", get(control::state))
        .with_state(app)
}

/// The second since the epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "a process of its own, which stands where the outside world does"
)]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
