//! Measures the sockets as people feel them, from one's frame to the other's screen.
//! Does so alone and under load, and into a large room. Also measures the cost.

mod bill;
mod crowd;
mod lines;
mod memory;
mod stand_in;
mod tables;

use std::{
    fmt::Write as _,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use inventure_demo::{self as demo, Demo};
use inventure_http_client::Api;
use inventure_stack::{local::Stack, logs, package::Build, project::Project, shell};
use serde_json::{Value, json};

use self::{
    bill::{Price, Work},
    lines::{Lines, Outcome},
    stand_in::{Driven, Function, Platform},
    tables::{Person, Tables},
};
use crate::{CLIENTS, quantile, sorted};

/// Deal rooms, each with a connection of both sides.
const ROOMS: usize = 48;
/// People of each side, who share the connections: at most ten each, and far from 300 frames in ten seconds.
const PEOPLE: usize = 8;
/// Messages a second, and for how many seconds.
const RATES: [(u64, u64); 4] = [(1, 60), (20, 30), (50, 30), (200, 20)];
/// The same beside people who ask the API for jobs, each again as soon as they are answered.
const BESIDE: [(u64, u64); 2] = [(1, 30), (20, 30)];
/// The route that is asked beside messages.
const ASKED_BESIDE: &str = "/jobs";
/// The warm-up before each of the rates: messages a second, and for how many seconds. It makes functions warm, and is no more than the
/// stack can do.
const WARM: (u64, u64) = (50, 5);
/// Frames that are handed straight to the function, from each of two connections. A connection may send 100 in ten seconds.
const STRAIGHT: usize = 40;
/// Calls of the emulator's, one after another.
const CALLS: usize = 200;
/// The time for which reads are measured beside others.
const READ_BESIDE: Duration = Duration::from_secs(10);
/// Sweeps that are handed straight to the function.
const SWEEPS: usize = 5;
/// The type of a frame that no client knows.
const PROBE: &str = "probe";
/// The time until others have been told of a person who left, and the stack is quiet.
const LEAVE: Duration = Duration::from_secs(30);
/// The time that the log takes to be complete.
const REST: Duration = Duration::from_secs(2);

/// Measures, and writes the section.
pub fn measure(project: &Project, stack: &Stack, demo: &Demo, build: Build, page: &mut String) -> Result<()> {
    writeln!(page, "\n## Talking\n")?;
    let driven = Driven {
        tables: Tables::of(stack)?,
        platform: Platform::start()?,
        build,
        target: project.target()?,
    };
    let rooms = shell::step("rooms", || rooms(stack, demo, &driven.tables))?;
    let url = socket_url(stack, demo)?;
    let mut lines = shell::step("connections", || Lines::open(&driven.tables, &url, &rooms))?;
    let (room, people) = rooms.first().context("there is no room")?;
    let alone = shell::step("frames straight to the function", || Alone::measure(&driven, room))?;
    let emulator = Emulator::measure(stack, &driven.tables, &lines, room, &people[1])?;
    shell::step("messages", || offer(project, stack, &mut lines, page))?;
    emulator.write(&alone, page)?;
    let (_, token) = crate::job(stack, demo)?;
    shell::step("messages beside others", || {
        beside(project, stack, &token, &driven.tables, &mut lines, page)
    })?;
    drop(lines);
    shell::step("everybody leaves", || {
        thread::sleep(LEAVE);
        Ok(())
    })?;
    shell::step("a large room", || crowd::measure(&driven, page))?;
    alone.write_bill(page)
}

/// Makes deals between two agencies, each with its room and the people who talk there.
fn rooms(stack: &Stack, demo: &Demo, tables: &Tables) -> Result<Vec<(String, [Person; 2])>> {
    let (one, other) = ("northbank", "harbour-hale");
    let id = |tenant| demo::tenant_id(stack, tenant);
    let sides = [id(one)?, id(other)?];
    let people: Vec<[Person; 2]> = (0..PEOPLE)
        .map(|number| [0, 1].map(|side| Person::new(&format!("{side}-{number}"), &sides[side])))
        .collect();
    let records: Vec<Value> = people.iter().flatten().map(Person::record).collect();
    tables.write(&tables.main, &records)?;
    let api = demo.sign_in(stack, one)?;
    let body = json!({ "title": "Welder", "description": "We look for a welder.\n\nLocation: Leeds." });
    let job = api.post("/jobs", "bench-talk-job", &body)?.ok()?;
    let parts = json!({
        "template": "even", "job": job["id"], "employer": id("orchid-robotics")?, "job_side": sides[0],
        "candidate_side": sides[1], "arbiter": id("fairway")?, "currency": "USD", "time_zone": "Europe/London",
    });
    (0..ROOMS)
        .map(|number| Ok((room(&api, number, &parts)?, people[number % PEOPLE].clone())))
        .collect()
}

/// Makes a deal's room and returns its id.
fn room(api: &Api, number: usize, parts: &Value) -> Result<String> {
    let key = |step: &str| format!("bench-talk-{number}-{step}");
    let terms = api.post("/deal-templates", &key("terms"), parts)?.ok()?;
    let deal = api.post("/deals", &key("deal"), &json!({ "terms": terms }))?.ok()?;
    let room = json!({ "kind": "deal", "deal_id": deal["id"] });
    let room = api.post("/rooms", &key("room"), &room)?.ok()?;
    Ok(room["id"].as_str().context("a room without an id")?.to_owned())
}

/// Returns the address at which sockets connect, as the stack tells its clients.
fn socket_url(stack: &Stack, demo: &Demo) -> Result<String> {
    let api = demo.sign_in(stack, "northbank")?;
    let ticket = api.post("/socket-tickets", "bench-talk-ticket", &json!({}))?.ok()?;
    Ok(ticket["url"]
        .as_str()
        .context("a ticket without an address")?
        .to_owned())
}

/// Messages at each rate, and the table of them.
fn offer(project: &Project, stack: &Stack, lines: &mut Lines, page: &mut String) -> Result<()> {
    writeln!(
        page,
        "From the moment a frame was due to be sent until the other person's socket had the entry, offered at a fixed rate whatever came of it, \
         between people of two agencies in {ROOMS} rooms of deals, {} connections of {} people. “In the function” is what `chat` says of itself \
         (`frame_duration`). Warm: {} s of the same before each.\n",
        2 * ROOMS,
        2 * PEOPLE,
        WARM.1
    )?;
    writeln!(page, "{COLUMNS}")?;
    let mut notes = Vec::new();
    for (rate, seconds) in RATES {
        lines.ping()?;
        notes.push(offer_at(project, stack, lines, (rate, seconds), page)?);
    }
    writeln!(page, "\nHanded to the network late by at most:{}.", notes.join(";"))?;
    Ok(())
}

/// The head of the tables of messages.
const COLUMNS: &str = "\
| offered a second | for s | offered | delivered | delivered a second | p50 ms | p95 ms | p99 ms | in the function, p50 ms | p95 ms |
|---|---|---|---|---|---|---|---|---|---|";

/// Offers messages at a rate for so many seconds, after a warm-up, and writes their row. Returns the note on them.
fn offer_at(
    project: &Project,
    stack: &Stack,
    lines: &mut Lines,
    (rate, seconds): (u64, u64),
    page: &mut String,
) -> Result<String> {
    lines.offer(rate.min(WARM.0), WARM.1)?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as u64;
    let outcome = lines.offer(rate, seconds)?;
    thread::sleep(REST);
    let inside = inside(project, stack, since)?;
    let at = |percent| quantile(&outcome.times, percent);
    writeln!(
        page,
        "| {rate} | {seconds} | {} | {} | {:.1} | {:.0} | {:.0} | {:.0} | {:.1} | {:.1} |",
        outcome.offered,
        outcome.delivered,
        outcome.rate,
        at(50),
        at(95),
        at(99),
        quantile(&inside, 50),
        quantile(&inside, 95)
    )?;
    Ok(note(rate, &outcome))
}

/// Messages while others ask the API without a pause, and the table of them.
fn beside(
    project: &Project,
    stack: &Stack,
    token: &str,
    tables: &Tables,
    lines: &mut Lines,
    page: &mut String,
) -> Result<()> {
    writeln!(
        page,
        "\nThe same beside {CLIENTS} clients who ask for `GET {ASKED_BESIDE}` without a pause:\n\n{COLUMNS}"
    )?;
    let mut notes = Vec::new();
    for (rate, seconds) in BESIDE {
        lines.ping()?;
        let asked = Duration::from_secs(WARM.1 + seconds) + 2 * REST;
        let others = || crate::ask(stack, token, ASKED_BESIDE, asked);
        thread::scope(|scope| {
            let others = scope.spawn(others);
            notes.push(offer_at(project, stack, lines, (rate, seconds), page)?);
            others.join().unwrap_or_else(|_| bail!("a client broke off"))
        })?;
    }
    writeln!(page, "\nHanded to the network late by at most:{}.", notes.join(";"))?;
    let mut reads = Vec::new();
    let answers = thread::scope(|scope| {
        let others = scope.spawn(|| crate::ask(stack, token, ASKED_BESIDE, READ_BESIDE));
        let until = Instant::now() + READ_BESIDE;
        while Instant::now() < until {
            let begun = Instant::now();
            tables.get(&tables.main, "ROOM#none", "ROOM")?;
            reads.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        others.join().unwrap_or_else(|_| bail!("a client broke off"))
    })?;
    let reads = sorted(reads);
    writeln!(
        page,
        "\nThose clients get {:.0} answers a second. One read of a record then takes the emulator p50 {:.1} ms, p95 {:.1} ms. It has one core \
         for everybody, which nothing on AWS has.",
        answers.len() as f64 / READ_BESIDE.as_secs_f64(),
        quantile(&reads, 50),
        quantile(&reads, 95)
    )?;
    Ok(())
}

/// Describes the results for which the table has no column.
fn note(rate: u64, outcome: &Outcome) -> String {
    let mut notes = vec![format!(" {:.1} ms at {rate} a second", outcome.late_ms)];
    if outcome.repeated > 0 {
        notes.push(format!("{} entries came twice", outcome.repeated));
    }
    let refused = outcome.refused.iter();
    notes.extend(refused.map(|(code, times)| format!("{times} frames were refused ({code})")));
    notes.join(", ")
}

/// The times of frames that sent something since then, as the function logged them, in milliseconds, sorted.
fn inside(project: &Project, stack: &Stack, since: u64) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    for line in logs::of_function(project, stack, "chat", since)? {
        let line: Value = serde_json::from_str(&line).unwrap_or_default();
        if line["message"] == "frame.done" && line["action"] == "send" {
            times.extend(line["duration_ms"].as_f64());
        }
    }
    Ok(sorted(times))
}

/// Two connections to one room, each with its owner.
type Pair = [(String, Person); 2];

/// Frames handed straight to the function, one at a time, with nothing of the emulator but its tables.
struct Alone {
    /// The times until the other's connection was posted to, in milliseconds, sorted.
    heard: Vec<f64>,
    /// The same with tables that answer at once.
    heard_at_once: Vec<f64>,
    send: Work,
    ping: Work,
    sweep: Work,
}

impl Alone {
    fn measure(driven: &Driven, room: &str) -> Result<Self> {
        let found = driven.tables.connections_of(room)?;
        let pair: Pair = found
            .try_into()
            .ok()
            .context("a room that not two connections receive")?;
        let mut chat = driven.start("chat")?;
        let heard = talk(driven, &mut chat, room, &pair)?;
        let send = warm(&chat.said(), "frame.done");
        let before = chat.said().len();
        for number in 0..2 * STRAIGHT {
            let (connection, person) = &pair[number % 2];
            driven.tables.age(connection, person)?;
            chat.invoke(&person.event(connection, &json!({ "v": 1, "id": "1", "action": "ping" })))?;
        }
        let ping = warm(&chat.said()[before..], "frame.done");
        let mut fanout = driven.start("fanout")?;
        for _ in 0..SWEEPS {
            let record = json!({ "messageId": "1", "body": r#"{"sweep":{}}"#, "attributes": {} });
            fanout.invoke(&json!({ "Records": [record] }))?;
        }
        Ok(Self {
            heard,
            heard_at_once: Self::at_once(&driven.with_own_tables()?)?,
            send,
            ping,
            sweep: warm(&fanout.said(), "message.handled"),
        })
    }

    /// Measures two colleagues in their agency's room, on tables that answer at once.
    fn at_once(driven: &Driven) -> Result<Vec<f64>> {
        let (room, tenant) = (tables::id("rom", "pair"), tables::id("ten", "pair"));
        let pair: Pair = ["one", "other"].map(|name| (name.to_owned(), Person::new(name, &tenant)));
        let tables = &driven.tables;
        let record = tables::room(&room, &tenant, &pair[0].1);
        tables.write(&tables.main, &[pair[0].1.record(), pair[1].1.record(), record])?;
        let receives = |(connection, person): &(String, Person)| person.subscription(&room, connection);
        tables.write(&tables.connections, &pair.each_ref().map(receives))?;
        talk(driven, &mut driven.start("chat")?, &room, &pair)
    }

    /// Writes the bill: calls and money.
    fn write_bill(&self, page: &mut String) -> Result<()> {
        let (message, hour) = (
            Price::of_message(&self.send),
            Price::of_idle_hour(&self.ping, &self.sweep),
        );
        writeln!(
            page,
            "\n| | calls of AWS | read units | write units | ms in the function | USD, gateway | functions and tables | log | together |\n\
             |---|---|---|---|---|---|---|---|---|"
        )?;
        let row = |what: &str, work: &Work, price: Option<&Price>| {
            let money = price.map_or_else(
                || " | | | |".to_owned(),
                |price| {
                    let million = |dollars: f64| format!("{:.2}", dollars * 1e6);
                    let (gateway, inside, log) = (million(price.gateway), million(price.inside), million(price.log));
                    format!(" {gateway} | {inside} | {log} | {} |", million(price.sum()))
                },
            );
            format!(
                "| {what} | {:.1} | {:.1} | {:.1} | {:.1} |{money}",
                work.calls, work.reads, work.writes, work.milliseconds
            )
        };
        writeln!(
            page,
            "{}",
            row(
                "a million messages in a deal's room with two connections",
                &self.send,
                Some(&message)
            )
        )?;
        writeln!(page, "{}", row("a `ping`", &self.ping, None))?;
        writeln!(page, "{}", row("a sweep", &self.sweep, None))?;
        writeln!(
            page,
            "\nCalls, units and times are of one piece of work, handed straight to the function; money is of a million messages. \
             A connection that is idle for an hour, with 15 pings, their writes into the index, its minutes and a {:.0}th of the sweeps: USD {:.6} \
             (gateway {:.6}, functions and tables {:.6}, log {:.6}). AWS's list prices, us-east-1, on demand, arm64, without the main table's stream and storage.",
            bill::SHARED_BY,
            hour.sum(),
            hour.gateway,
            hour.inside,
            hour.log
        )?;
        Ok(())
    }
}

/// Sends messages both ways, each when the one before is answered. Returns the times until the other's connection was posted to, in
/// milliseconds, sorted.
fn talk(driven: &Driven, chat: &mut Function, room: &str, pair: &Pair) -> Result<Vec<f64>> {
    let mut heard = Vec::new();
    for number in 0..2 * STRAIGHT {
        let ((connection, person), (other, _)) = (&pair[number % 2], &pair[1 - number % 2]);
        let message = tables::uuid(&format!("straight-{number}"));
        let frame =
            json!({ "v": 1, "id": "1", "action": "send", "room": room, "message": message, "text": lines::TEXT });
        let begun = Instant::now();
        chat.invoke(&person.event(connection, &frame))?;
        let posts = driven.platform.take();
        let post = posts.iter().find(|post| post.connection == *other);
        let post = post.context("a message that nobody got")?;
        heard.push(post.at.saturating_duration_since(begun).as_secs_f64() * 1e3);
    }
    // The first finds everything cold.
    Ok(sorted(heard.split_off(1)))
}

/// Returns the average work of a function, without its first time, which found everything cold.
fn warm(said: &[String], event: &str) -> Work {
    Work::mean(Work::read(said, event).get(1..).unwrap_or_default())
}

/// The time that the emulator itself takes, with nothing else to do. In milliseconds, sorted.
struct Emulator {
    /// One record read.
    read: Vec<f64>,
    /// A post to a connection, until the socket has it.
    post: Vec<f64>,
}

impl Emulator {
    /// Measures the emulator. `other` is the owner of the second connection of the first room.
    fn measure(stack: &Stack, tables: &Tables, lines: &Lines, room: &str, other: &Person) -> Result<Self> {
        let timed = |what: &dyn Fn() -> Result<()>| -> Result<Vec<f64>> {
            let mut times = Vec::new();
            for _ in 0..CALLS {
                let begun = Instant::now();
                what()?;
                times.push(begun.elapsed().as_secs_f64() * 1e3);
            }
            Ok(sorted(times))
        };
        let connections = tables.connections_of(room)?;
        let theirs = connections.iter().find(|(_, person)| person.member == other.member);
        let (theirs, _) = theirs.context("the other is not in the room")?;
        let stage = format!("/_aws/execute-api/{}/live", stack.output("SocketApiId")?);
        let key = format!("ROOM#{room}");
        Ok(Self {
            read: timed(&|| tables.get(&tables.main, &key, "ROOM").map(drop))?,
            post: timed(&|| {
                tables.post(&stage, theirs, &json!({ "type": PROBE }))?;
                lines.hear(0, PROBE)
            })?,
        })
    }

    fn write(&self, alone: &Alone, page: &mut String) -> Result<()> {
        writeln!(
            page,
            "\nWhat of it is the emulator's, with nothing else to do: one read of a record takes it p50 {:.1} ms, p95 {:.1} ms, a post until the \
             socket has it p50 {:.1} ms, p95 {:.1} ms. The same frame handed straight to the function's Runtime API, with the emulator's tables and a stand-in \
             for the connections, is posted to the other person after p50 {:.1} ms, p95 {:.1} ms, {:.1} calls of AWS in all, of which two are posts; with tables that answer \
             at once (colleagues in their agency's room, one call less) after p50 {:.1} ms, p95 {:.1} ms. What the table above has beyond that is the emulator's \
             gateway, its way of calling functions, and waiting for the one core that it runs on.",
            quantile(&self.read, 50),
            quantile(&self.read, 95),
            quantile(&self.post, 50),
            quantile(&self.post, 95),
            quantile(&alone.heard, 50),
            quantile(&alone.heard, 95),
            alone.send.calls,
            quantile(&alone.heard_at_once, 50),
            quantile(&alone.heard_at_once, 95),
        )?;
        Ok(())
    }
}
