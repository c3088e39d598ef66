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
use inventure_rooms::{Connections, Delivery, Gateway, Job, PostError, Queue};
use inventure_api::{batch::Failure, clock};
use inventure_table::{Objects, Store, memory::MemoryTable};
use jiff::Timestamp;
use notifier::{Mail, Mailer, NotSent, Notifier};
use serde_json::{Value, json};
use socket_authorizer::Authorizer;

use crate::{Answer, Person, World};

/// The origin whose pages may connect.
pub const ORIGIN: &str = "https://app.example";

/// What the pages are under that mails lead to.
pub const PAGES: &str = "https://api.example";

fn body_of(answer: &Value) -> Value {
    let body = answer["body"].as_str().unwrap_or_default();
    serde_json::from_str(body).unwrap_or(Value::Null)
}

#[derive(Default)]
struct Inner {
    /// What each open connection has received and its holder has not looked at.
    open: BTreeMap<String, Vec<Value>>,
    /// The same of those that the platform has closed.
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

    /// The platform takes none of the next `count` frames.
    pub fn busy(&self, count: u32) {
        self.lock().busy = count;
    }

    /// A connection breaks, and nobody is told.
    pub fn cut(&self, device: &Device) {
        self.lock().open.remove(&device.connection_id);
    }

    /// Whether a connection is open.
    #[must_use]
    pub fn is_open(&self, device: &Device) -> bool {
        self.lock().open.contains_key(&device.connection_id)
    }

    /// How many frames were posted.
    #[must_use]
    pub fn posts(&self) -> u64 {
        self.lock().posts
    }

    /// How many frames were posted to each connection.
    #[must_use]
    pub fn posted_to(&self) -> BTreeMap<String, u32> {
        self.lock().posted_to.clone()
    }

    /// A connection takes nothing for long, or takes things as usual again.
    pub fn slow(&self, device: &Device, slow: bool) {
        let mut inner = self.lock();
        inner.slow.remove(&device.connection_id);
        if slow {
            inner.slow.insert(device.connection_id.clone());
        }
    }

    /// What a device has received since it was asked last.
    #[must_use]
    pub fn heard(&self, device: &Device) -> Vec<Value> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let inbox = inner.open.get_mut(&device.connection_id);
        let inbox = inbox.or_else(|| inner.closed.get_mut(&device.connection_id));
        inbox.map(std::mem::take).unwrap_or_default()
    }

    /// The jobs that were handed out, and after how many seconds they are to be done.
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
    /// The platform's id of it.
    pub connection_id: String,
    authorizer: Value,
}

/// Everything around the sockets, in memory.
pub struct Sockets {
    /// The connections table.
    pub connections: Arc<MemoryTable>,
    /// The other ends.
    pub lines: Arc<Lines>,
    /// Delivery to them.
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

/// Where mails go.
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

    /// The mails since it was emptied last.
    #[must_use]
    pub fn empty(&self) -> Vec<Mail> {
        std::mem::take(&mut self.lock().mails)
    }

    /// The next `count` mails are not taken.
    pub fn refuse(&self, count: u32) {
        self.lock().not_taken = count;
    }

    /// From now on mails to this address are never taken.
    pub fn refuse_address(&self, address: String) {
        self.lock().refused = Some(address);
    }

    /// How many mails it was given, taken or not.
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

impl Sockets {
    pub(crate) fn new(store: &Store, files: Arc<dyn Objects>) -> Self {
        let table = Arc::new(MemoryTable::default());
        let connections = Store::new(Arc::clone(&table) as Arc<dyn inventure_table::Table>);
        let lines = Arc::new(Lines::default());
        let gateway = Arc::clone(&lines) as Arc<dyn Gateway>;
        let queue = Arc::clone(&lines) as Arc<dyn Queue>;
        let post = Arc::new(PostBox::default());
        let delivery = Delivery::new(
            store.clone(),
            connections.clone(),
            Arc::clone(&gateway),
            Arc::clone(&queue),
        );
        let presence = Connections::new(store.clone(), connections.clone(), delivery.clone(), queue);
        Self {
            connections: table,
            lines,
            delivery: delivery.clone(),
            authorizer: Authorizer::new(connections.clone(), ORIGIN),
            chat: Chat::new(store.clone(), connections, delivery.clone(), presence.clone(), gateway),
            fanout: Fanout::new(store.clone(), delivery.clone(), presence, files),
            notifier: Notifier::new(
                store.clone(),
                delivery,
                Arc::clone(&post) as Arc<dyn Mailer>,
                PAGES.to_owned(),
            ),
            post,
            made: AtomicU64::new(0),
        }
    }

    /// The connections table, typed.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::new(Arc::clone(&self.connections) as Arc<dyn inventure_table::Table>)
    }

    /// A handshake with this ticket, from a page of this origin or from no page.
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

    /// Sends a text and gives what comes back; null where nothing does.
    pub async fn say(&self, device: &Device, text: &str, now: Timestamp) -> Value {
        body_of(&self.event(device, "MESSAGE", Some(text), false, now).await)
    }

    /// The same as a binary frame.
    pub async fn say_binary(&self, device: &Device, text: &str, now: Timestamp) -> Value {
        body_of(&self.event(device, "MESSAGE", Some(text), true, now).await)
    }

    /// Sends a frame and gives the answer.
    pub async fn ask(&self, device: &Device, action: Value) -> Value {
        self.ask_at(device, action, clock::now()).await
    }

    /// The same at another time.
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

    /// A connection closes as it should.
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
    /// A ticket of this person's.
    pub async fn ticket(&self, who: &Person) -> Answer {
        who.write(&self.app, "POST", "/socket-tickets", json!({})).await
    }

    /// A connection of this person's.
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
