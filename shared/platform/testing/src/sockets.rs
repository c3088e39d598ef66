use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use chat::{Chat, SocketEvent};
use fanout::Fanout;
use inventure_api::{batch::Failure, clock};
use inventure_rooms::{Connections, Delivery, Gateway, Job, PostError, Queue};
use inventure_table::{Objects, Store, memory::MemoryTable};
use jiff::Timestamp;
use notifier::{Mail, Mailer, NotSent, Notifier};
use serde_json::{Value, json};
use socket_authorizer::Authorizer;

use crate::{
    Answer, Person, World,
    rights::{self, Guarded},
    world::store_of,
};

/// The origin whose pages may connect.
pub const ORIGIN: &str = "https://app.example";

/// The address of the pages that mails lead to.
pub const PAGES: &str = "https://api.example";

fn body_of(answer: &Value) -> Value {
    let body = answer["body"].as_str().unwrap_or_default();
    serde_json::from_str(body).unwrap_or(Value::Null)
}

#[derive(Default)]
struct Inner {
    /// The frames that each open connection has received and its holder has not looked at.
    open: BTreeMap<String, Vec<Value>>,
    /// The same frames of the connections that the platform has closed.
    closed: BTreeMap<String, Vec<Value>>,
    /// Connections that take nothing for long.
    slow: BTreeSet<String>,
    posted_to: BTreeMap<String, u32>,
    jobs: Vec<(Job, u32)>,
    busy: u32,
    posts: u64,
}

/// The other ends of all connections, and the queue of jobs.
#[derive(Default)]
pub struct Lines(Mutex<Inner>);

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the platform take none of the next `count` frames.
    pub fn busy(&self, count: u32) {
        self.lock().busy = count;
    }

    /// Breaks a connection, of which nobody is told.
    pub fn cut(&self, device: &Device) {
        self.lock().open.remove(&device.connection_id);
    }

    /// Whether a connection is open.
    #[must_use]
    pub fn is_open(&self, device: &Device) -> bool {
        self.lock().open.contains_key(&device.connection_id)
    }

    /// Returns the number of frames that were posted.
    #[must_use]
    pub fn posts(&self) -> u64 {
        self.lock().posts
    }

    /// Returns the number of frames that were posted to each connection.
    #[must_use]
    pub fn posted_to(&self) -> BTreeMap<String, u32> {
        self.lock().posted_to.clone()
    }

    /// Makes a connection take nothing for long, or take things as usual again.
    pub fn slow(&self, device: &Device, slow: bool) {
        let mut inner = self.lock();
        inner.slow.remove(&device.connection_id);
        if slow {
            inner.slow.insert(device.connection_id.clone());
        }
    }

    /// Returns the frames that a device has received since the last call.
    #[must_use]
    pub fn heard(&self, device: &Device) -> Vec<Value> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let inbox = inner.open.get_mut(&device.connection_id);
        let inbox = inbox.or_else(|| inner.closed.get_mut(&device.connection_id));
        inbox.map(std::mem::take).unwrap_or_default()
    }

    /// Takes the jobs that were handed out, each with the seconds after which it is to be done.
    #[must_use]
    pub fn jobs(&self) -> Vec<(Job, u32)> {
        std::mem::take(&mut self.lock().jobs)
    }
}

#[async_trait]
impl Gateway for Lines {
    async fn post(&self, connection_id: &str, frame: &str) -> Result<(), PostError> {
        if self.lock().slow.contains(connection_id) {
            // Slower than anybody waits for: whoever posts gives up.
            std::future::pending::<()>().await;
        }
        let mut inner = self.lock();
        inner.posts += 1;
        *inner.posted_to.entry(connection_id.to_owned()).or_default() += 1;
        if inner.busy > 0 {
            inner.busy -= 1;
            return Err(PostError::Busy);
        }
        let inbox = inner.open.get_mut(connection_id).ok_or(PostError::Gone)?;
        inbox.push(serde_json::from_str(frame).map_err(|error| PostError::Failed(error.into()))?);
        Ok(())
    }

    async fn close(&self, connection_id: &str) -> Result<(), PostError> {
        let mut inner = self.lock();
        let inbox = inner.open.remove(connection_id).ok_or(PostError::Gone)?;
        inner.closed.insert(connection_id.to_owned(), inbox);
        Ok(())
    }
}

#[async_trait]
impl Queue for Lines {
    async fn send(&self, jobs: &[Job], delay_seconds: u32) -> Result<(), Failure> {
        let jobs = jobs.iter().map(|job| (job.clone(), delay_seconds));
        self.lock().jobs.extend(jobs);
        Ok(())
    }
}

/// A connection, as its holder knows it.
#[derive(Debug, Clone)]
pub struct Device {
    /// The platform's id of the connection.
    pub connection_id: String,
    authorizer: Value,
}

/// Everything around the sockets, in memory.
pub struct Sockets {
    /// The connections table.
    pub connections: Arc<MemoryTable>,
    main: Arc<MemoryTable>,
    /// The other ends of the connections.
    pub lines: Arc<Lines>,
    /// The delivery to the other ends.
    pub delivery: Delivery,
    authorizer: Authorizer,
    chat: Chat,
    fanout: Fanout,
    /// The consumer of what people want to know.
    pub notifier: Notifier,
    /// The mails that went out.
    pub post: Arc<PostBox>,
    made: AtomicU64,
}

/// The stand-in for the mail service.
#[derive(Default)]
pub struct PostBox(Mutex<Post>);

#[derive(Default)]
struct Post {
    mails: Vec<Mail>,
    not_taken: u32,
    refused: Option<String>,
    tries: u32,
}

impl PostBox {
    fn lock(&self) -> MutexGuard<'_, Post> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the mails that came since the last call.
    #[must_use]
    pub fn empty(&self) -> Vec<Mail> {
        std::mem::take(&mut self.lock().mails)
    }

    /// Makes the post box refuse the next `count` mails.
    pub fn refuse(&self, count: u32) {
        self.lock().not_taken = count;
    }

    /// Makes the post box refuse all mails to this address from now on.
    pub fn refuse_address(&self, address: String) {
        self.lock().refused = Some(address);
    }

    /// Returns the number of mails that it was given, taken or not.
    #[must_use]
    pub fn tries(&self) -> u32 {
        self.lock().tries
    }
}

#[async_trait]
impl Mailer for PostBox {
    async fn send(&self, mail: &Mail) -> Result<(), NotSent> {
        // Others go on meanwhile, as they do with a real one.
        tokio::task::yield_now().await;
        let mut post = self.lock();
        post.tries += 1;
        if post.refused.as_ref() == Some(&mail.to) {
            return Err(NotSent::Refused("MessageRejected".to_owned()));
        }
        if post.not_taken > 0 {
            post.not_taken -= 1;
            return Err(NotSent::NotTaken("SendingPausedException".to_owned()));
        }
        post.mails.push(mail.clone());
        Ok(())
    }
}

/// The dependencies of a function of the sockets, each under the function's own rights.
struct Parts {
    store: Store,
    connections: Store,
    delivery: Delivery,
}

impl Parts {
    fn new(main: &Arc<MemoryTable>, table: &Arc<MemoryTable>, lines: &Arc<Lines>, function: &'static str) -> Self {
        let store = store_of(main, function);
        let table = Arc::clone(table) as Arc<dyn inventure_table::Table>;
        let connections = Store::new(Arc::new(Guarded::new(table, function, rights::CONNECTIONS)), function);
        let delivery = Delivery::new(
            store.clone(),
            connections.clone(),
            Arc::clone(lines) as Arc<dyn Gateway>,
            Arc::clone(lines) as Arc<dyn Queue>,
        );
        Self {
            store,
            connections,
            delivery,
        }
    }

    fn presence(&self, lines: &Arc<Lines>) -> Connections {
        Connections::new(
            self.store.clone(),
            self.connections.clone(),
            self.delivery.clone(),
            Arc::clone(lines) as Arc<dyn Queue>,
        )
    }
}

impl Sockets {
    pub(crate) fn new(main: &Arc<MemoryTable>, files: Arc<dyn Objects>) -> Self {
        let table = Arc::new(MemoryTable::default());
        let lines = Arc::new(Lines::default());
        let post = Arc::new(PostBox::default());
        let parts = |function| Parts::new(main, &table, &lines, function);
        let (chat, fanout, notifier) = (parts("chat"), parts("fanout"), parts("notifier"));
        Self {
            delivery: parts("chat").delivery,
            authorizer: Authorizer::new(parts("socket-authorizer").connections, ORIGIN),
            chat: Chat::new(
                chat.store.clone(),
                chat.connections.clone(),
                chat.delivery.clone(),
                chat.presence(&lines),
                Arc::clone(&lines) as Arc<dyn Gateway>,
            ),
            fanout: Fanout::new(
                fanout.store.clone(),
                fanout.delivery.clone(),
                fanout.presence(&lines),
                files,
            ),
            notifier: Notifier::new(
                notifier.store,
                notifier.delivery,
                Arc::clone(&post) as Arc<dyn Mailer>,
                PAGES.to_owned(),
            ),
            main: Arc::clone(main),
            connections: table,
            lines,
            post,
            made: AtomicU64::new(0),
        }
    }

    /// The table of connections as the role of a function sees it.
    #[must_use]
    pub fn store_of(&self, function: &'static str) -> Store {
        Parts::new(&self.main, &self.connections, &self.lines, function).connections
    }

    /// Returns the delivery with the rights of a function.
    #[must_use]
    pub fn delivery_of(&self, function: &'static str) -> Delivery {
        Parts::new(&self.main, &self.connections, &self.lines, function).delivery
    }

    /// Returns the connections table, typed.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::new(Arc::clone(&self.connections) as Arc<dyn inventure_table::Table>, "test")
    }

    /// Does a handshake with this ticket, from a page of this origin or from no page.
    ///
    /// # Errors
    /// The status that refuses it.
    pub async fn handshake(&self, ticket: &str, origin: Option<&str>, now: Timestamp) -> Result<Device, u64> {
        let mut event = json!({
            "type": "REQUEST", "methodArn": "arn:aws:execute-api:us-east-1:1:api/live/$connect",
            "queryStringParameters": { "ticket": ticket }, "headers": {},
        });
        if let Some(origin) = origin {
            event["headers"]["Origin"] = origin.into();
        }
        let policy = self.authorizer.handle(&event, now).await.map_err(|_| 500_u64)?;
        if policy["policyDocument"]["Statement"][0]["Effect"] != "Allow" {
            return Err(403);
        }
        let device = Device {
            connection_id: format!("c{:06}=", self.made.fetch_add(1, Ordering::Relaxed)),
            authorizer: policy["context"].clone(),
        };
        self.lines.lock().open.insert(device.connection_id.clone(), Vec::new());
        let answer = self.event(&device, "CONNECT", None, false, now).await;
        match answer["statusCode"].as_u64() {
            Some(200) => Ok(device),
            status => {
                self.lines.cut(&device);
                Err(status.unwrap_or(500))
            }
        }
    }

    async fn event(&self, device: &Device, what: &str, body: Option<&str>, binary: bool, now: Timestamp) -> Value {
        let event = json!({
            "requestContext": {
                "eventType": what, "connectionId": device.connection_id, "requestId": "r", "authorizer": device.authorizer,
            },
            "body": body, "isBase64Encoded": binary,
        });
        let Ok(event) = serde_json::from_value::<SocketEvent>(event) else {
            unreachable!("an event of ours")
        };
        self.chat.handle(&event, now).await
    }

    /// Sends a text and returns the answer; null where there is none.
    pub async fn say(&self, device: &Device, text: &str, now: Timestamp) -> Value {
        body_of(&self.event(device, "MESSAGE", Some(text), false, now).await)
    }

    /// Sends a text as a binary frame and returns the answer.
    pub async fn say_binary(&self, device: &Device, text: &str, now: Timestamp) -> Value {
        body_of(&self.event(device, "MESSAGE", Some(text), true, now).await)
    }

    /// Sends a frame and returns the answer.
    pub async fn ask(&self, device: &Device, action: Value) -> Value {
        self.ask_at(device, action, clock::now()).await
    }

    /// Sends a frame at another time and returns the answer.
    ///
    /// # Panics
    /// When the answer is to something else.
    pub async fn ask_at(&self, device: &Device, mut action: Value, now: Timestamp) -> Value {
        action["v"] = 1.into();
        action["id"] = "ask".into();
        let answer = self.say(device, &action.to_string(), now).await;
        assert!(answer.is_null() || answer["id"] == "ask", "{answer}");
        answer
    }

    /// Closes a connection as it should.
    pub async fn hang_up(&self, device: &Device, now: Timestamp) {
        self.lines.cut(device);
        let _ = self.event(device, "DISCONNECT", None, false, now).await;
    }

    /// Does a job.
    pub async fn work(&self, job: Job, now: Timestamp) -> Result<(), Failure> {
        self.fanout.handle(job, now).await
    }
}

impl World {
    /// Asks for a ticket of this person.
    pub async fn ticket(&self, who: &Person) -> Answer {
        who.write(&self.app, "POST", "/socket-tickets", json!({})).await
    }

    /// Opens a connection of this person.
    ///
    /// # Panics
    /// When they may not connect.
    #[expect(clippy::expect_used, reason = "a test that cannot connect has failed")]
    pub async fn connect(&self, who: &Person) -> Device {
        let ticket = self.ticket(who).await.expect(201);
        let ticket = ticket["ticket"].as_str().unwrap_or_default();
        let device = self.sockets.handshake(ticket, Some(ORIGIN), clock::now()).await;
        device.expect("a connection")
    }
}
