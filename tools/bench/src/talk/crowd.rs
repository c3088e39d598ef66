//! Measures one message to a room of ten thousand.
//! The functions' own binaries run around tables of the emulator, with everything else stood in for.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::{
    bill::Work,
    stand_in::{Driven, Function, lock},
    tables::{self, Person, Tables},
    warm,
};
use crate::{quantile, sorted};

/// People in the room, each with one connection.
const CROWD: usize = 10_000;
/// Processes of `fanout`, as many as the template lets read the queue at once on AWS.
const WORKERS: usize = 5;
/// A room that has not heard by then never will.
const LIMIT: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(5);

/// The times that one message to the room took.
struct Round {
    /// The time until the sender was answered, in milliseconds.
    answered_ms: f64,
    /// The times until each post arrived, in milliseconds, sorted.
    times: Vec<f64>,
}

impl Round {
    fn text(&self) -> String {
        let at = |percent| quantile(&self.times, percent);
        let (p50, p95, last) = (at(50), at(95), at(100));
        format!(
            "p50 {p50:.0} ms, p95 {p95:.0} ms, the last {last:.0} ms; the sender was answered after {:.0} ms",
            self.answered_ms
        )
    }
}

/// The times that two messages took, and the use that the second made of AWS. The first of them found everything cold.
struct Rounds {
    first: Round,
    second: Round,
    send: Work,
    part: Work,
    parts: usize,
    chat_kb: u64,
    fanout_kb: u64,
}

/// Fills the room in both kinds of tables, sends, and writes the paragraph.
pub fn measure(emulated: &Driven, page: &mut String) -> Result<()> {
    let own = Rounds::of(&emulated.with_own_tables()?)?;
    let slow = Rounds::of(emulated)?;
    writeln!(
        page,
        "\nOne message to a room of {CROWD} people with a connection each, from the frame's hand-over to `chat` until each post arrived at a stand-in \
         for the connections; {WORKERS} processes of `fanout`, as the template lets read the queue at once. All of it ran on the same cores, the stand-ins included. \
         In every run every connection had the message exactly once.\n\n\
         - Tables that answer at once: {}. With everything cold: {}.\n\
         - The emulator's tables, which need {:.0} ms for a page of a room this large: {}.\n\
         - `chat` made {:.0} calls of AWS and read {:.0} units, each of {} parts {:.0} calls (200 of them posts) and {:.0} units.\n\
         - Peak memory: `chat` {:.1} MB, `fanout` at most {:.1} MB.",
        own.second.text(),
        own.first.text(),
        slow.send.milliseconds / slow.send.calls,
        slow.second.text(),
        own.send.calls,
        own.send.reads,
        own.parts,
        own.part.calls,
        own.part.reads,
        own.chat_kb as f64 / 1e3,
        own.fanout_kb as f64 / 1e3,
    )?;
    Ok(())
}

impl Rounds {
    fn of(stack: &Driven) -> Result<Self> {
        let people = fill(&stack.tables)?;
        let mut chat = stack.start("chat")?;
        let mut workers = (0..WORKERS)
            .map(|_| stack.start("fanout"))
            .collect::<Result<Vec<_>>>()?;
        let first = round(stack, &mut chat, &mut workers, &people, "first")?;
        let before: Vec<usize> = workers.iter().map(|worker| worker.said().len()).collect();
        let second = round(stack, &mut chat, &mut workers, &people, "second")?;
        let said = workers
            .iter()
            .zip(before)
            .map(|(worker, before)| worker.said().split_off(before));
        let parts: Vec<Work> = said.flat_map(|said| Work::read(&said, "message.handled")).collect();
        let peaks = workers.iter().map(Function::peak_kb).collect::<Result<Vec<_>>>()?;
        Ok(Self {
            first,
            second,
            send: warm(&chat.said(), "frame.done"),
            part: Work::mean(&parts),
            parts: parts.len(),
            chat_kb: chat.peak_kb()?,
            fanout_kb: peaks.into_iter().max().unwrap_or_default(),
        })
    }
}

fn room() -> String {
    tables::id("rom", "crowd")
}

fn connection(number: usize) -> String {
    format!("crowd-{number:05}")
}

/// Puts everybody into an agency of their own, and each with a connection into its room.
fn fill(tables: &Tables) -> Result<Vec<Person>> {
    let tenant = tables::id("ten", "crowd");
    let people: Vec<Person> = (0..CROWD)
        .map(|number| Person::new(&connection(number), &tenant))
        .collect();
    let by = people.first().context("nobody is in the crowd")?;
    let mut main: Vec<Value> = people.iter().map(Person::record).collect();
    main.push(tables::room(&room(), &tenant, by));
    tables.write(&tables.main, &main)?;
    let subscriptions = people.iter().enumerate();
    let subscriptions: Vec<Value> = subscriptions
        .map(|(number, person)| person.subscription(&room(), &connection(number)))
        .collect();
    tables.write(&tables.connections, &subscriptions)?;
    Ok(people)
}

/// Sends one message, and lets the workers do what follows from it until everybody has it.
fn round(
    stack: &Driven,
    chat: &mut Function,
    workers: &mut [Function],
    people: &[Person],
    name: &str,
) -> Result<Round> {
    stack.platform.take();
    let message = tables::uuid(name);
    let frame = json!({ "v": 1, "id": "1", "action": "send", "room": room(), "message": message, "text": "The fair is on Monday, at nine." });
    let event = people
        .first()
        .context("nobody is in the crowd")?
        .event(&connection(0), &frame);
    let done = AtomicBool::new(false);
    let begun = Instant::now();
    let answered_ms = thread::scope(|scope| -> Result<f64> {
        let working: Vec<_> = workers
            .iter_mut()
            .map(|worker| scope.spawn(|| work(stack, worker, &done)))
            .collect();
        let answer = chat.invoke(&event);
        let answered = begun.elapsed();
        let fine = answer.as_ref().is_ok_and(|answer| {
            answer["body"]
                .as_str()
                .is_some_and(|body| body.contains(r#""type":"ack""#))
        });
        while fine && stack.platform.posted() < people.len() && begun.elapsed() < LIMIT {
            thread::sleep(PAUSE);
        }
        // A post too many comes at the end if at all: the part that brings it is still at work.
        done.store(true, Ordering::Relaxed);
        for worker in working {
            worker.join().unwrap_or_else(|_| bail!("a worker broke off"))?;
        }
        if !fine {
            bail!("the message was not taken: {}", answer?);
        }
        Ok(answered.as_secs_f64() * 1e3)
    })?;
    let posts = stack.platform.take();
    let ours = posts.iter().filter(|post| post.frame.contains(&message));
    let connections: HashSet<&str> = ours.clone().map(|post| post.connection.as_str()).collect();
    if posts.len() != people.len() || connections.len() != people.len() {
        let mut times: HashMap<&str, usize> = HashMap::new();
        ours.for_each(|post| *times.entry(&post.connection).or_default() += 1);
        let twice = times.values().filter(|times| **times > 1).count();
        bail!(
            "of {} connections {} have the message, {twice} of them more than once",
            people.len(),
            times.len()
        );
    }
    let times = ours.map(|post| post.at.saturating_duration_since(begun).as_secs_f64() * 1e3);
    Ok(Round {
        answered_ms,
        times: sorted(times.collect()),
    })
}

/// Gives a worker the messages in the queue until there is no more to do. It gets one message at a time, as the template says.
fn work(stack: &Driven, worker: &mut Function, done: &AtomicBool) -> Result<()> {
    while !done.load(Ordering::Relaxed) {
        let job = lock(&stack.platform.jobs).recv_timeout(PAUSE);
        let Ok(job) = job else { continue };
        let record = json!({ "messageId": "1", "body": job, "attributes": { "ApproximateReceiveCount": "1" } });
        let answer = worker.invoke(&json!({ "Records": [record] }))?;
        if answer["batchItemFailures"]
            .as_array()
            .is_some_and(|failed| !failed.is_empty())
        {
            bail!(
                "a part was not delivered: {}",
                worker.said().last().map_or("", String::as_str)
            );
        }
    }
    Ok(())
}
