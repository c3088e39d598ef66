//! The demo: agencies and an employer with their people, real documents, jobs, and the matches that come of them. All of it
//! goes through the product's own API, as a browser would.

#![allow(
    clippy::disallowed_methods,
    reason = "a command-line tool lives in the clock and the environment that rules must not know"
)]

// `println!`, which speaks above the lines of the running steps.
#[macro_use]
extern crate inventure_stack;

mod story;
mod talk;

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use inventure_http_client::{self as http, Api, PATIENCE, Request};
use inventure_stack::{
    aws::Aws,
    local::Stack,
    operator,
    package::Build,
    project::{Project, write_private},
    tools,
};
use serde_json::{Map, Value, json};

const DEMO_FILE: &str = "demo.json";
const READING_LIMIT: Duration = Duration::from_mins(5);
const MATCHING_LIMIT: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(250);
/// Matches printed for a job; the API has them all.
const SHOWN: usize = 5;
/// The most documents that `--with` takes.
const DOCUMENTS_LIMIT: usize = 500;
/// The number of the seed's jobs that are posted, the first ones.
const JOBS: usize = 2;
/// The tenant that gets the documents of `--with`, and its jobs.
const OWN_TENANT: &str = "northbank";
/// Endings of documents, with the media type that the API takes them as.
const MEDIA_TYPES: [(&str, &str); 10] = [
    ("pdf", "application/pdf"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("rtf", "application/rtf"),
    ("html", "text/html"),
    ("htm", "text/html"),
    ("txt", "text/plain"),
    ("md", "text/plain"),
    ("text", "text/plain"),
    ("json", "application/json"),
];

fn media_type(path: &Path) -> Option<&'static str> {
    let ending = path.extension()?.to_str()?.to_lowercase();
    MEDIA_TYPES
        .iter()
        .find(|(known, _)| *known == ending)
        .map(|(_, media_type)| *media_type)
}

/// The documents in a folder that look like résumés, in order of their names.
pub fn documents_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut found: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && media_type(path).is_some())
        .collect();
    found.sort();
    if found.is_empty() {
        bail!(
            "{} holds no document of a known kind (pdf, docx, odt, rtf, html, txt, json)",
            folder.display()
        );
    }
    if found.len() > DOCUMENTS_LIMIT {
        bail!(
            "{} holds {} documents; the demo takes at most {DOCUMENTS_LIMIT}",
            folder.display(),
            found.len()
        );
    }
    Ok(found)
}

/// A document to upload, for a tenant.
struct Document {
    tenant: String,
    person: String,
    path: PathBuf,
}

/// Everything that the demo made, and found.
pub struct Demo {
    /// The password of all the demo's people.
    pub password: String,
    people: Vec<Value>,
    refused: Vec<String>,
    read: usize,
    /// The jobs, each with its matches.
    pub jobs: Vec<Ranking>,
    story: story::Story,
}

/// A job and its matches.
pub struct Ranking {
    title: String,
    /// Address of the person who posted it.
    pub owner: String,
    /// The job's id.
    pub id: String,
    matches: Vec<Value>,
}

impl Demo {
    /// The API as the person who does a tenant's work.
    pub fn sign_in(&self, stack: &Stack, tenant: &str) -> Result<Api> {
        let email = text(worker(tenant, &self.people)?, "email")?;
        let client = stack.output("UserPoolClientId")?;
        let token = http::sign_in(&stack.emulator.endpoint(), client, email, &self.password)?;
        Ok(Api::new(&stack.api, Some(token)))
    }
}

/// The id of one of the demo's tenants.
pub fn tenant_id(stack: &Stack, tenant: &str) -> Result<String> {
    let made = read_state(&stack.folder).context("the demo is not set up")?;
    Ok(text(&made["ids"], &format!("tenant/{tenant}"))?.to_owned())
}

struct Work<'a> {
    stack: &'a Stack,
    /// Ids of what was made, so that a second run makes nothing twice.
    made: Value,
    password: String,
}

fn read_state(folder: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(folder.join(DEMO_FILE)).ok()?).ok()
}

/// For the user's eyes only: it holds a password.
fn write_state(folder: &Path, made: &Value) -> Result<()> {
    write_private(&folder.join(DEMO_FILE), &serde_json::to_vec_pretty(made)?)
}

/// Sets up the demo as far as it is not there yet, and waits for its matches.
pub fn run(project: &Project, stack: &Stack, build: Build, with: Option<&Path>) -> Result<Demo> {
    let seed = |name: &str| -> Result<Value> {
        let path = project.root.join("localstack/seed").join(name);
        let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", path.display()))
    };
    let (tenants, jobs, truth) = (seed("tenants.json")?, seed("jobs.json")?, seed("truth.json")?);
    // The ids of another emulator's demo mean nothing here.
    let made = read_state(&stack.folder).filter(|made| made["pid"] == stack.emulator.pid);
    let password = match made.as_ref().and_then(|made| made["password"].as_str()) {
        Some(password) => password.to_owned(),
        None => new_password()?,
    };
    let made = made.unwrap_or_else(|| json!({ "pid": stack.emulator.pid, "password": password, "ids": {} }));
    let mut work = Work { stack, made, password };

    let people = tenants["people"].as_array().cloned().unwrap_or_default();
    work.accounts(project, &people)?;
    write_state(&stack.folder, &work.made)?;
    let everyone = tenants["tenants"].as_array().cloned().unwrap_or_default();
    for tenant in &everyone {
        work.tenant(tenant, &people)?;
        write_state(&stack.folder, &work.made)?;
    }

    for person in people.iter().filter(|person| person["role"] == "operator") {
        work.operator(project, person)?;
    }

    let documents = match with {
        Some(folder) => own_documents(folder)?,
        None => seed_documents(project, &tenants, &truth)?,
    };
    for document in &documents {
        work.document(document, &people)?;
        write_state(&stack.folder, &work.made)?;
    }
    let jobs = jobs["jobs"].as_array().cloned().unwrap_or_default();
    let mut posted = Vec::new();
    for job in jobs.iter().take(JOBS) {
        let tenant = if with.is_some() {
            OWN_TENANT
        } else {
            text(job, "tenant")?
        };
        let id = work.once(&format!("job/{tenant}/{}", text(job, "key")?), |work, key| {
            let body = json!({ "title": job["title"], "description": job["description"], "public": true });
            Ok(work.as_worker(tenant, &people)?.post("/jobs", key, &body)?.ok()?["id"].clone())
        })?;
        posted.push((text(job, "title")?, tenant, id));
        write_state(&stack.folder, &work.made)?;
    }

    let (mut refused, mut read) = (Vec::new(), Map::new());
    for document in &documents {
        match work.reading(document, &people)? {
            (id, None) => drop(read.insert(id, json!({ "name": document.person, "tenant": document.tenant }))),
            (_, Some(reason)) => refused.push(format!("{}: {reason}", file_name(&document.path))),
        }
    }
    let rankings = posted
        .into_iter()
        .map(|(title, tenant, id)| {
            let own = read.iter().filter(|(_, candidate)| candidate["tenant"] == tenant);
            let own: Vec<&str> = own.map(|(id, _)| id.as_str()).collect();
            let matches = work.matches(tenant, &people, &id, &own)?;
            let owner = worker(tenant, &people)?["email"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            Ok(Ranking {
                title: title.to_owned(),
                owner,
                id,
                matches,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let first = rankings.first().map(|ranking: &Ranking| ranking.id.clone());
    let first = first.context("the seed has no job")?;
    let story = story::Teller::new(&mut work, project, build, &people, &tenants["tenants"])?.tell(&first);
    write_state(&stack.folder, &work.made)?;
    Ok(Demo {
        story: story.context("the demo's deal")?,
        password: work.password,
        people,
        refused,
        read: read.len(),
        jobs: rankings,
    })
}

fn own_documents(folder: &Path) -> Result<Vec<Document>> {
    let name = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        stem.replace(['-', '_', '.'], " ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let paths = documents_of(folder)?;
    Ok(paths
        .into_iter()
        .map(|path| Document {
            tenant: OWN_TENANT.to_owned(),
            person: name(&path),
            path,
        })
        .collect())
}

fn seed_documents(project: &Project, tenants: &Value, truth: &Value) -> Result<Vec<Document>> {
    let mut documents = Vec::new();
    for (tenant, names) in tenants["resumes"].as_object().context("tenants.json has no resumes")? {
        for name in names.as_array().into_iter().flatten().filter_map(Value::as_str) {
            documents.push(Document {
                tenant: tenant.clone(),
                person: truth["resumes"][name]["name"].as_str().unwrap_or(name).to_owned(),
                path: project.root.join("localstack/seed/resumes").join(name),
            });
        }
    }
    Ok(documents)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name]
        .as_str()
        .with_context(|| format!("the seed lacks {name} in {value}"))
}

/// The person who runs a tenant.
fn owner<'a>(tenant: &str, people: &'a [Value]) -> Result<&'a Value> {
    let owns = |person: &&Value| {
        person["tenant"] == tenant && matches!(person["role"].as_str(), Some("agency_owner" | "employer"))
    };
    people
        .iter()
        .find(owns)
        .with_context(|| format!("nobody runs {tenant}"))
}

/// The person who does a tenant's work: a broker where there is one.
fn worker<'a>(tenant: &str, people: &'a [Value]) -> Result<&'a Value> {
    let works = |person: &&Value| person["tenant"] == tenant && person["role"] == "broker";
    people.iter().find(works).map_or_else(|| owner(tenant, people), Ok)
}

/// A password that satisfies the pool's policy and is this machine's own.
fn new_password() -> Result<String> {
    let mut random = [0; 12];
    fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    Ok(format!("Demo-{}", tools::hex(&random)))
}

/// Records a candidate who consents to everything. Returns their id.
pub fn candidate(api: &Api, key: &str, name: &str) -> Result<String> {
    let consent = json!({
        "scopes": ["store_resume", "matching", "share_with_network"],
        "evidence": "Demo data: nobody real.",
        "until": "2035-12-31",
    });
    let candidate = api
        .post("/candidates", key, &json!({ "name": name, "consent": consent }))?
        .ok()?;
    Ok(text(&candidate, "id")?.to_owned())
}

/// Uploads a document of a candidate. Returns the upload's id; the reading begins by itself.
pub fn upload(api: &Api, key: &str, candidate: &str, path: &Path) -> Result<String> {
    let (name, bytes) = (file_name(path), fs::read(path)?);
    let body = json!({ "file_name": name, "media_type": media_type(path), "size_bytes": bytes.len() });
    let form = api
        .post(&format!("/candidates/{candidate}/uploads"), key, &body)?
        .ok()?;
    let file = Request::post(text(&form, "url")?).file(&form["fields"], &name, &bytes);
    file.send(PATIENCE).context("upload")?.ok()?;
    Ok(text(&form, "upload_id")?.to_owned())
}

impl Work<'_> {
    /// Does what makes something, unless it was done before, and returns its id. The name serves as idempotency key, too.
    fn once(&mut self, name: &str, make: impl FnOnce(&mut Self, &str) -> Result<Value>) -> Result<String> {
        if let Some(id) = self.made["ids"][name].as_str() {
            return Ok(id.to_owned());
        }
        // File names may hold what a header may not.
        let key = format!("demo-{}", &tools::hash(name.as_bytes())[..32]);
        let id = make(self, &key).with_context(|| name.to_owned())?;
        let id = id
            .as_str()
            .with_context(|| format!("{name} was given no id"))?
            .to_owned();
        self.made["ids"][name] = json!(id);
        Ok(id)
    }

    /// Accounts at the identity provider.
    fn accounts(&mut self, project: &Project, people: &[Value]) -> Result<()> {
        if self.made["accounts"] == people.len() {
            return Ok(());
        }
        let aws = Aws::local(project, &self.stack.emulator);
        let pool = self.stack.output("UserPoolId")?;
        let account = |person: &Value| -> Result<()> {
            let email = text(person, "email")?;
            let of = ["--user-pool-id", pool, "--username", email];
            let attributes = [
                format!("Name=email,Value={email}"),
                "Name=email_verified,Value=true".to_owned(),
                format!("Name=name,Value={}", text(person, "name")?),
            ];
            let mut create = vec!["cognito-idp", "admin-create-user", "--message-action", "SUPPRESS"];
            create.extend(of);
            // The emulator's own choice of a first password is shorter than the pool's policy allows.
            create.extend(["--temporary-password", &self.password, "--user-attributes"]);
            create.extend(attributes.iter().map(String::as_str));
            match aws.call(create) {
                Err(error) if !error.to_string().contains("UsernameExists") => return Err(error),
                _ => {}
            }
            let set = [
                "cognito-idp",
                "admin-set-user-password",
                "--permanent",
                "--password",
                &self.password,
            ];
            aws.call(set.into_iter().chain(of)).map(drop)
        };
        thread::scope(|scope| {
            let accounts: Vec<_> = people.iter().map(|person| scope.spawn(|| account(person))).collect();
            accounts
                .into_iter()
                .try_for_each(|done| done.join().unwrap_or_else(|_| bail!("an account was not made")))
        })?;
        self.made["accounts"] = json!(people.len());
        Ok(())
    }

    /// The API as this person. Each signs in once.
    fn sign_in(&mut self, person: &Value) -> Result<Api> {
        let email = text(person, "email")?;
        if self.made["tokens"][email].is_null() {
            let token = http::sign_in(
                &self.stack.emulator.endpoint(),
                self.stack.output("UserPoolClientId")?,
                email,
                &self.password,
            )?;
            self.made["tokens"][email] = json!(token);
        }
        Ok(Api::new(
            &self.stack.api,
            self.made["tokens"][email].as_str().map(str::to_owned),
        ))
    }

    fn as_worker(&mut self, tenant: &str, people: &[Value]) -> Result<Api> {
        self.sign_in(worker(tenant, people)?)
    }

    /// Makes a tenant, set up by its owner, who then invites the others.
    fn tenant(&mut self, tenant: &Value, people: &[Value]) -> Result<()> {
        let key = text(tenant, "key")?;
        let owner = owner(key, people)?;
        let id = self.once(&format!("tenant/{key}"), |work, idempotency| {
            let body = json!({ "kind": tenant["kind"], "name": tenant["name"], "owner_name": owner["name"] });
            Ok(work.sign_in(owner)?.post("/tenants", idempotency, &body)?.ok()?["id"].clone())
        })?;
        for person in people
            .iter()
            .filter(|person| person["tenant"] == key && *person != owner)
        {
            self.once(&format!("member/{}", text(person, "key")?), |work, idempotency| {
                let body = json!({ "email": person["email"], "role": person["role"] });
                // A repeated answer holds no token, so this key is never used twice.
                let fresh = format!("{idempotency}-{}", std::process::id());
                let invitation = work
                    .sign_in(owner)?
                    .post(&format!("/tenants/{id}/invitations"), &fresh, &body)?
                    .ok()?;
                let body = json!({ "token": invitation["token"], "name": person["name"] });
                work.sign_in(person)?
                    .post("/invitations/accept", idempotency, &body)?
                    .ok()?;
                Ok(person["key"].clone())
            })?;
        }
        Ok(())
    }

    /// Makes a person an operator of the platform: no route invites them.
    fn operator(&mut self, project: &Project, person: &Value) -> Result<()> {
        self.once(&format!("member/{}", text(person, "key")?), |work, idempotency| {
            let aws = Aws::local(project, &work.stack.emulator);
            let token = operator::invite(&aws, work.stack.output("MainTableName")?, text(person, "email")?)?;
            let body = json!({ "token": token, "name": person["name"] });
            work.sign_in(person)?
                .post("/invitations/accept", idempotency, &body)?
                .ok()?;
            Ok(person["key"].clone())
        })?;
        Ok(())
    }

    /// Makes a candidate with their document, which is then read by itself.
    fn document(&mut self, document: &Document, people: &[Value]) -> Result<()> {
        let of = format!("{}/{}", document.tenant, file_name(&document.path));
        let id = self.once(&format!("candidate/{of}"), |work, key| {
            candidate(&work.as_worker(&document.tenant, people)?, key, &document.person).map(Value::from)
        })?;
        self.once(&format!("upload/{of}"), |work, key| {
            // A form from an earlier run may have expired, so each run asks for its own.
            let key = format!("{key}-{}", std::process::id());
            upload(&work.as_worker(&document.tenant, people)?, &key, &id, &document.path).map(Value::from)
        })?;
        Ok(())
    }

    /// Waits until a document is read. Returns the candidate's id, and the reason of a refusal.
    fn reading(&mut self, document: &Document, people: &[Value]) -> Result<(String, Option<String>)> {
        let of = format!("candidate/{}/{}", document.tenant, file_name(&document.path));
        let id = self.made["ids"][&of].as_str().unwrap_or_default().to_owned();
        let api = self.as_worker(&document.tenant, people)?;
        let start = Instant::now();
        loop {
            let reading = api.get(&format!("/candidates/{id}"))?.ok()?["reading"].clone();
            match reading["status"].as_str() {
                Some("parsed") => return Ok((id, None)),
                Some("refused") => return Ok((id, Some(reading["reason"].as_str().unwrap_or_default().to_owned()))),
                status if start.elapsed() > READING_LIMIT => {
                    bail!(
                        "{of} is still {}; see cargo xtask logs resume-parser",
                        status.unwrap_or("unread")
                    )
                }
                _ => thread::sleep(PAUSE),
            }
        }
    }

    /// The matches of a job, once it and all these candidates are in the index.
    fn matches(&mut self, tenant: &str, people: &[Value], job: &str, candidates: &[&str]) -> Result<Vec<Value>> {
        let api = self.as_worker(tenant, people)?;
        let start = Instant::now();
        // Whether somebody is a good match cannot be waited for, whether they are indexed can.
        let others = candidates.iter().map(|id| format!("/candidates/{id}/matches?limit=1"));
        for path in others {
            while api.get(&path)?.ok().is_err() && start.elapsed() < MATCHING_LIMIT {
                thread::sleep(PAUSE);
            }
        }
        let path = format!("/jobs/{job}/matches?limit=10");
        while api.get(&path)?.ok().is_err() && start.elapsed() < MATCHING_LIMIT {
            thread::sleep(PAUSE);
        }
        let answer = api.get(&path)?.ok().with_context(|| format!("matches of {job}"))?;
        Ok(answer["items"].as_array().cloned().unwrap_or_default())
    }
}

impl Demo {
    /// Shows the matches and how to go on.
    pub fn print(&self, stack: &Stack) {
        println!("\n{} résumés read", self.read);
        for refused in &self.refused {
            println!("  refused  {refused}");
        }
        for job in &self.jobs {
            println!("\n{}   ({}, as {})", job.title, job.id, job.owner);
            for (rank, found) in job.matches.iter().enumerate().take(SHOWN) {
                let name = found["name"].as_str().unwrap_or("?");
                println!(
                    "  {:>2}  {:.3}  {name}",
                    rank + 1,
                    found["score"].as_f64().unwrap_or_default()
                );
                for reason in reasons(found) {
                    println!("             {reason}");
                }
            }
        }
        self.story.print();
        println!("\nAPI       {}", stack.api);
        println!("AWS       {} (keys test/test)", stack.emulator.endpoint());
        println!("Sign in   password {}", self.password);
        for person in &self.people {
            println!(
                "          {:<34} {}",
                person["email"].as_str().unwrap_or_default(),
                person["role"].as_str().unwrap_or_default()
            );
        }
        let first = self
            .people
            .first()
            .and_then(|person| person["email"].as_str())
            .unwrap_or_default();
        println!(
            "Try       curl -H \"authorization: Bearer $(cargo xtask token {first})\" '{}/me'",
            stack.api
        );
    }
}

/// Returns the three reasons that count most. An unknown feature says nothing of the candidate, and everybody here came in just now.
fn reasons(found: &Value) -> Vec<&str> {
    let known = found["features"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|feature| feature["known"] == true && feature["name"] != "recency");
    let mut features: Vec<_> = known.collect();
    let weight = |feature: &Value| feature["contribution"].as_f64().unwrap_or_default().abs();
    features.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    features
        .into_iter()
        .filter_map(|feature| feature["reason"].as_str())
        .take(3)
        .collect()
}

/// `cargo xtask token`: signs one of the demo's people in and prints the token.
pub fn token(project: &Project, email: &str) -> Result<()> {
    let stack = Stack::find(&project.state).context("nothing runs here; start with cargo xtask up")?;
    let made = read_state(&stack.folder).context("the demo is not set up; run cargo xtask up")?;
    let password = made["password"].as_str().unwrap_or_default();
    let token = http::sign_in(
        &stack.emulator.endpoint(),
        stack.output("UserPoolClientId")?,
        email,
        password,
    );
    let token = token.with_context(|| format!("{email} cannot sign in; `cargo xtask up` prints who can"))?;
    println!("{token}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_go_by_the_ending() {
        assert_eq!(media_type(Path::new("a/B.PDF")), Some("application/pdf"));
        assert_eq!(media_type(Path::new("picture.png")), None);
        assert_eq!(media_type(Path::new("noending")), None);
    }

    #[test]
    fn the_strongest_reasons_come_first() {
        let found = json!({ "features": [
            { "known": true, "contribution": 0.1, "reason": "little" },
            { "known": true, "contribution": -0.5, "reason": "against" },
            { "known": false, "contribution": 0.7, "reason": "assumed" },
            { "known": true, "contribution": 0.9, "reason": "much" },
            { "known": true, "contribution": 0.2, "reason": "some" },
        ] });
        assert_eq!(reasons(&found), ["much", "against", "some"]);
    }

    #[test]
    fn every_password_satisfies_the_policy() {
        let password = new_password().unwrap();
        assert!(password.len() >= 14 && password.contains('-') && password.contains('D'));
        assert!(password.chars().any(|letter| letter.is_ascii_digit()) && password.contains('e'));
        assert_ne!(password, new_password().unwrap());
    }
}
