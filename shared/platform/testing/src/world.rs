use std::{
    collections::HashSet,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use axum::{Router, extract::Request, response::IntoResponse};
use indexer::{Indexer, model::Model};
use inventure_api::{batch::Failure, clock, http};
use inventure_core::Role;
use inventure_events::{Envelope, Event};
use inventure_payments::Processor;
use inventure_people::records::{Invitation, Tenant, TenantKind, secret_hash};
use inventure_resume::{PDF_LIBRARIES, PdfLibrary, Refusal};
use inventure_table::{
    Change, Files, FormSigner, LinkSigner, Objects, Secrets, Store,
    change::{OUTBOX_PREFIX, OutboxItem},
    memory::{MemoryObjects, MemoryTable},
    table,
};
use jiff::Timestamp;
use match_finder::MatchFinder;
use payouts::{Payer, Queue};
use resume_parser::{
    Parser,
    reader::{Read, Reader, work},
};
use serde_json::{Value, json};
use settlement::{Message, Settler};
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    people::{Answer, Person},
    processor::StandIn,
    rights::{self, Guarded},
    sockets::Sockets,
};

/// The value of every secret of the world.
pub const SECRET: &str = "for tests";

/// A stand-in for the language model: words, hashed into the dimensions. Texts that share words are near.
pub struct HashModel;

#[async_trait]
impl Model for HashModel {
    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Option<Vec<f32>>>, Failure> {
        Ok(texts.iter().map(|text| hashed(text)).collect())
    }
}

fn hashed(text: &str) -> Option<Vec<f32>> {
    let mut vector = vec![0_f32; 384];
    for word in text
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 2)
    {
        let hash = word
            .bytes()
            .fold(5381_u64, |hash, byte| hash.wrapping_mul(33) ^ u64::from(byte));
        vector[(hash % 384) as usize] += 1.0;
    }
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    (length > 0.0).then(|| vector.into_iter().map(|value| value / length).collect())
}

#[path = "../../../recruiting/resume/tests/library/mod.rs"]
mod library;

/// The PDF library, which a process loads once. `cargo xtask test` fetches it.
static PDF: LazyLock<Option<PdfLibrary>> = LazyLock::new(|| {
    let known = PDF_LIBRARIES.iter();
    let mut known = known.filter(|(architecture, _)| *architecture == std::env::consts::ARCH);
    PdfLibrary::open(&library::path(known.next()?.1)).ok()
});

/// The real reader, without the child process around it.
#[derive(Clone)]
struct DirectReader {
    recognises: Arc<AtomicBool>,
}

/// The text that stands on every picture here.
const SCANNED: &[u8] = b"Jane Roe\n\nEXPERIENCE\nRegistered Nurse, Leeds General Hospital\nJanuary 2015 - March 2020\n";

#[async_trait]
impl Reader for DirectReader {
    async fn read(&self, bytes: &[u8], file_name: String, now: Timestamp) -> Result<Result<Read, Refusal>, Failure> {
        let request = resume_parser::reader::request(bytes, file_name, now)?;
        Ok(serde_json::from_slice(&work(PDF.as_ref(), &request))?)
    }

    fn reads_scans(&self) -> bool {
        self.recognises.load(Ordering::Relaxed)
    }

    async fn read_scan(&self, _: &[u8], now: Timestamp) -> Result<Result<Read, Refusal>, Failure> {
        self.read(SCANNED, String::new(), now).await
    }
}

/// The whole platform, in memory.
pub struct World {
    /// The main table.
    pub table: Arc<MemoryTable>,
    /// Whether text on pictures is recognised.
    pub recognises: Arc<AtomicBool>,
    /// The bucket of uploaded files.
    pub uploads: Arc<MemoryObjects>,
    /// The bucket of deals' documents.
    pub documents: Arc<MemoryObjects>,
    /// The bucket of segments.
    pub artifacts: Arc<MemoryObjects>,
    /// The table, typed.
    pub store: Store,
    /// The bucket of seals.
    pub seals: Arc<MemoryObjects>,
    /// Every HTTP route of every function.
    pub app: Router,
    /// The consumer of uploads.
    pub parser: Parser,
    /// The consumer of what changes the index.
    pub indexer: Indexer,
    /// The consumer of what was indexed.
    pub match_finder: MatchFinder,
    /// The consumer of what happens to deals.
    pub settler: Settler,
    /// The consumer of what is to be paid.
    pub payer: Payer,
    /// The dependencies of the routes of deals.
    pub deals: deals::App,
    /// Everything around the sockets.
    pub sockets: Sockets,
    /// The payment processor, and the queue of payouts.
    pub processor: Arc<StandIn>,
    delivered: Mutex<HashSet<String>>,
    names: Mutex<Vec<String>>,
}

fn sdk() -> SdkConfig {
    let credentials = Credentials::for_tests();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// The main table as the role of a function sees it.
pub(crate) fn store_of(table: &Arc<MemoryTable>, function: &'static str) -> Store {
    let table = Arc::clone(table) as Arc<dyn table::Table>;
    Store::new(Arc::new(Guarded::new(table, function, rights::MAIN)), function)
}

impl World {
    /// An empty world.
    #[must_use]
    pub fn new() -> Self {
        let (table, uploads, artifacts) = (
            Arc::new(MemoryTable::default().with_growing(inventure_books::LEDGER_PREFIX)),
            Arc::new(MemoryObjects::default()),
            Arc::new(MemoryObjects::default()),
        );
        let store = Store::new(Arc::clone(&table) as Arc<dyn table::Table>, "test");
        let of = |function| store_of(&table, function);
        let forms = FormSigner::new(&sdk(), "uploads".to_owned());
        let candidates = candidates::App {
            store: of("candidates"),
            forms,
            max_upload_bytes: 10_000_000,
        };
        let segments = Arc::clone(&artifacts) as Arc<dyn Objects>;
        let ranking_api = ranking_api::App::new(of("ranking-api"), Arc::clone(&segments));
        let secret = Arc::new(inventure_table::secrets::Known(SECRET.to_owned()));
        let documents = Arc::new(MemoryObjects::default());
        let files = Files {
            objects: Arc::clone(&documents) as Arc<dyn Objects>,
            forms: FormSigner::new(&sdk(), "documents".to_owned()),
            links: LinkSigner::new(&sdk(), "documents".to_owned()),
            max_bytes: 10_000_000,
        };
        let deals = deals::App::new(
            of("deals"),
            Arc::clone(&secret) as Arc<dyn Secrets>,
            files.clone(),
            true,
        );
        let seals = Arc::new(MemoryObjects::default());
        let statements = statements::App::new(of("statements"), Arc::clone(&seals) as Arc<dyn Objects>);
        let payments = payment_webhook::App::new(of("payment-webhook"), secret, false);
        let processor = Arc::new(StandIn::new());
        let stripe = processor.client();
        let accounts = payout_accounts::App::new(of("payout-accounts"), Arc::clone(&stripe) as Arc<dyn Processor>);
        let payer = Payer::new(of("payouts"), stripe, Arc::clone(&processor) as Arc<dyn Queue>);
        let sockets = Sockets::new(&table, Arc::clone(&documents) as Arc<dyn Objects>);
        let rooms = rooms::App {
            store: of("rooms"),
            connections: sockets.store_of("rooms"),
            socket_url: "wss://sockets.example/live".to_owned(),
            files: files.clone(),
        };
        let mls = mls::App {
            store: of("mls"),
            connections: sockets.store_of("mls"),
            delivery: sockets.delivery_of("mls"),
        };
        let app = [
            app(rooms::routes(), rooms),
            app(mls::routes(), mls),
            app(inbox::routes(), of("inbox")),
            app(identity::routes(), of("identity")),
            app(jobs::routes(), of("jobs")),
            app(candidates::routes(), candidates),
            app(ranking_api::routes(), ranking_api),
            app(deals::routes(), deals.clone()),
            app(statements::routes(), statements),
            app(payment_webhook::routes(), payments),
            app(payout_accounts::routes(), accounts),
        ];
        let reader = DirectReader {
            recognises: Arc::default(),
        };
        Self {
            app: dispatcher(app),
            recognises: Arc::clone(&reader.recognises),
            parser: Parser::new(
                of("resume-parser"),
                Arc::clone(&uploads) as Arc<dyn Objects>,
                Arc::new(reader.clone()),
            ),
            indexer: Indexer::new(of("indexer"), Arc::new(HashModel)),
            match_finder: MatchFinder::new(of("match-finder"), segments),
            settler: Settler::new(of("settlement"), Arc::clone(&documents) as Arc<dyn Objects>),
            payer,
            deals,
            sockets,
            processor,
            delivered: Mutex::default(),
            names: Mutex::default(),
            table,
            uploads,
            documents,
            artifacts,
            seals,
            store,
        }
    }

    /// The main table as the role of a function sees it.
    #[must_use]
    pub fn store_of(&self, function: &'static str) -> Store {
        store_of(&self.table, function)
    }

    /// The events in the outbox that have not been handed out yet, oldest first.
    ///
    /// # Panics
    /// When the outbox holds something else.
    #[expect(clippy::expect_used, reason = "a test on a broken outbox has failed")]
    pub fn news(&self) -> Vec<Envelope> {
        let mut delivered = self.delivered.lock().unwrap_or_else(PoisonError::into_inner);
        let outbox = |item: &table::Item| {
            item.get("pk")
                .and_then(|pk| pk.as_s().ok())
                .is_some_and(|pk| pk.starts_with(OUTBOX_PREFIX))
        };
        let mut news: Vec<Envelope> = self
            .table
            .items()
            .into_iter()
            .filter(outbox)
            .map(|item| table::from_item::<OutboxItem>(item).expect("an outbox item"))
            .filter(|item| delivered.insert(item.sk.clone()))
            .map(|item| Envelope::read(serde_json::from_str(&item.event).expect("JSON")).expect("an event"))
            .collect();
        news.sort_by_key(|event| (event.occurred_at, event.id));
        news
    }

    /// Hands an event to the consumers that the bus's rules name.
    pub async fn deliver(&self, event: &Envelope) -> Result<(), Failure> {
        // Its rule names what it knows; it passes over the rest.
        let message = notifier::Message::Event(Box::new(event.clone()));
        self.sockets.notifier.handle(&message, clock::now()).await?;
        match &event.event {
            Event::CandidateIndexed(_)
            | Event::JobIndexed(_)
            | Event::SharedRecordIndexed(_)
            | Event::AccessGranted(_) => self.match_finder.handle(event, clock::now()).await,
            Event::ConsentGiven(_) | Event::CandidateErased(_) => {
                self.indexer.handle(event, clock::now()).await?;
                self.parser.event(event, clock::now()).await
            }
            Event::ResumeParsed(_)
            | Event::CandidateUpdated(_)
            | Event::JobPosted(_)
            | Event::JobUpdated(_)
            | Event::JobClosed(_) => self.indexer.handle(event, clock::now()).await,
            Event::ConsentWithdrawn(_) | Event::ConsentExpired(_) => {
                self.indexer.handle(event, clock::now()).await?;
                self.parser.event(event, clock::now()).await?;
                let message = Message::Event(Box::new(event.clone()));
                self.settler.handle(&message, clock::now()).await
            }
            Event::DealMoved(_) | Event::ReserveFunded(_) => {
                let message = Message::Event(Box::new(event.clone()));
                self.settler.handle(&message, clock::now()).await
            }
            _ => Ok(()),
        }
    }

    /// Hands out all events, and those that come of them, until nothing comes any more. Gives all events in order.
    ///
    /// # Panics
    /// When a consumer fails, or events never end.
    pub async fn settle(&self) -> Vec<Envelope> {
        let mut all = Vec::new();
        for _ in 0..20 {
            let news = self.news();
            if news.is_empty() {
                return all;
            }
            for event in news {
                // What all consumers need at once is more than a test's stack is for.
                let delivered = Box::pin(self.deliver(&event)).await;
                assert!(delivered.is_ok(), "{}: {delivered:?}", event.event.kind());
                all.push(event);
            }
        }
        unreachable!("events without end")
    }

    /// The message that the bus sends for an upload.
    #[must_use]
    pub fn created(key: &str) -> String {
        json!({
            "version": "0", "id": "x", "detail-type": "Object Created", "source": "aws.s3", "account": "000000000000",
            "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": ["arn:aws:s3:::uploads"],
            "detail": {
                "version": "0", "bucket": { "name": "uploads" }, "request-id": "x", "requester": "x", "reason": "PostObject",
                "source-ip-address": "127.0.0.1", "object": { "key": key, "size": 1, "etag": "x", "sequencer": "0" },
            },
        })
        .to_string()
    }

    /// Puts a file where the form for it says, as a browser would.
    ///
    /// # Panics
    /// When no form is given out or the bucket fails.
    pub async fn upload(&self, who: &Person, candidate: &str, file_name: &str, bytes: &[u8]) -> String {
        let body = json!({ "file_name": file_name, "media_type": "text/plain", "size_bytes": bytes.len().max(1) });
        let form = who
            .write(&self.app, "POST", &format!("/candidates/{candidate}/uploads"), body)
            .await
            .expect(201);
        let key = form["fields"]["key"].as_str().unwrap_or_default().to_owned();
        assert!(self.uploads.put(&key, bytes.to_vec()).await.is_ok());
        key
    }

    /// Uploads a file and reads it.
    ///
    /// # Panics
    /// When the parser fails.
    pub async fn read(&self, who: &Person, candidate: &str, bytes: &[u8]) {
        let key = self.upload(who, candidate, "resume.txt", bytes).await;
        let read = self.parser.handle(&Self::created(&key), clock::now()).await;
        assert!(read.is_ok(), "{read:?}");
    }

    /// Sets up a tenant with an owner. If another has the name, its number stands behind it.
    pub async fn tenant(&self, owner: &Person, kind: &str, name: &str) -> String {
        let known = {
            let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            names.push(name.to_owned());
            names.iter().filter(|known| *known == name).count()
        };
        let name = if known == 1 {
            name.to_owned()
        } else {
            format!("{name} {known}")
        };
        let body = json!({ "kind": kind, "name": name, "owner_name": name });
        id(&owner.write(&self.app, "POST", "/tenants", body).await.expect(201))
    }

    /// Brings a person into a tenant.
    pub async fn join(&self, owner: &Person, tenant: &str, person: &Person, role: &str) {
        let body = json!({ "email": person.email(), "role": role });
        let path = format!("/tenants/{tenant}/invitations");
        let invitation = owner.write(&self.app, "POST", &path, body).await.expect(201);
        let body = json!({ "token": invitation["token"] });
        let _ = person
            .write(&self.app, "POST", "/invitations/accept", body)
            .await
            .expect(201);
    }

    /// Records a candidate who consents to everything.
    pub async fn candidate(&self, who: &Person, name: &str) -> String {
        let consent = json!({
            "scopes": ["store_resume", "matching", "share_with_network"], "evidence": "signed form", "until": "2099-12-31",
        });
        let body = json!({ "name": name, "consent": consent });
        id(&who.write(&self.app, "POST", "/candidates", body).await.expect(201))
    }

    /// Returns a person who runs the platform: invited past the routes, as `cargo xtask operator` does it.
    ///
    /// # Panics
    /// When the invitation does not work.
    #[expect(clippy::expect_used, reason = "a test that cannot set up its people has failed")]
    pub async fn operator(&self, name: &str) -> Person {
        let (person, now) = (Person::named(name), clock::now());
        let tenant = Tenant {
            tenant_id: Tenant::NETWORK.parse().expect("an id"),
            kind: TenantKind::Network,
            name: "Network".to_owned(),
            version: 1,
            created_at: now,
            name_skeleton: None,
        };
        let invitation = Invitation {
            invitation_id: secret_hash("for an operator"),
            tenant_id: tenant.tenant_id,
            email: person.email(),
            role: Role::Operator,
            invited_by: Invitation::BY_THE_TABLE.parse().expect("an id"),
            created_at: now,
            expires_at: now.as_second() + 60,
            version: 1,
        };
        let change = Change::new().insert(&tenant).insert(&invitation);
        self.store.commit(change).await.expect("a write");
        let token = json!({ "token": "for an operator" });
        let _ = person
            .write(&self.app, "POST", "/invitations/accept", token)
            .await
            .expect(201);
        person
    }

    /// Posts a job.
    pub async fn job(&self, who: &Person, (title, description): (&str, &str)) -> String {
        let body = json!({ "title": title, "description": description });
        id(&who.write(&self.app, "POST", "/jobs", body).await.expect(201))
    }

    /// Pays what is due, as the schedule and the queue would: everything that fails comes back once more.
    pub async fn pay_out(&self, now: Timestamp) -> Vec<Failure> {
        self.pay_out_in(2, now).await
    }

    /// Pays what is due, with so many tries for each message.
    ///
    /// # Panics
    /// When the queue holds what is no message.
    #[expect(clippy::expect_used, reason = "a test on a broken queue has failed")]
    pub async fn pay_out_in(&self, tries: usize, now: Timestamp) -> Vec<Failure> {
        let mut failures = Vec::new();
        let plan = payouts::Message::Plan {};
        failures.extend(self.payer.handle(&plan, now).await.err());
        while let Some(message) = self.processor.message() {
            let message: payouts::Message = serde_json::from_str(&message).expect("a message");
            for _ in 0..tries {
                match self.payer.handle(&message, now).await {
                    Ok(()) => break,
                    Err(error) => failures.push(error),
                }
            }
        }
        failures
    }

    /// Reads a path.
    pub async fn get(&self, who: &Person, path: &str) -> Answer {
        who.get(&self.app, path).await
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

fn id(body: &Value) -> String {
    body["id"].as_str().unwrap_or_default().to_owned()
}

fn app<S: Clone + Send + Sync + 'static>(routes: OpenApiRouter<S>, state: S) -> (Vec<String>, Router) {
    let (_, description) = routes.clone().split_for_parts();
    (description.paths.paths.into_keys().collect(), http::app(routes, state))
}

/// Hands each path to the function that has it, as API Gateway does.
fn dispatcher(apps: [(Vec<String>, Router); 11]) -> Router {
    let apps = Arc::new(apps);
    Router::new().fallback(move |request: Request| {
        let path = request.uri().path().to_owned();
        let matches = |template: &String| {
            let (template, path) = (template.split('/'), path.split('/'));
            let same =
                |(wanted, found): (&str, &str)| wanted == found || (wanted.starts_with('{') && !found.is_empty());
            template.clone().count() == path.clone().count() && template.zip(path).all(same)
        };
        // The first function answers for what none has, as each of them would.
        let app = apps
            .iter()
            .find(|(paths, _)| paths.iter().any(matches))
            .unwrap_or(&apps[0])
            .1
            .clone();
        async move { app.oneshot(request).await.into_response() }
    })
}
