//! People's connections to the stack, and messages that go over them at a fixed rate.
//! The rate is kept whether or not the messages are answered.

use std::{
    collections::HashMap,
    net::TcpStream,
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, protocol::Role, stream::MaybeTlsStream};

use super::{
    stand_in::lock,
    tables::{Person, Tables},
};
use crate::sorted;

/// The text of every message.
pub const TEXT: &str = "Can you start on Monday, at nine?";
/// The time that one answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The time without a new entry after which nothing more will come.
const QUIET: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// An entry that reached a connection: which message, which line, when.
type Heard = Arc<Mutex<Vec<(u64, usize, Instant)>>>;

/// A person's connection, which receives one room.
struct Line {
    writer: WebSocket<TcpStream>,
    /// The server's frames that are no entries.
    answers: Receiver<Value>,
    room: String,
}

/// All connections of the measurement. Two that follow each other, the first at an even place, are of two people in one room.
pub struct Lines {
    lines: Vec<Line>,
    heard: Heard,
    /// Messages sent so far; each has its number in its id.
    sent: u64,
}

/// The outcome of messages that were offered at a fixed rate.
pub struct Outcome {
    pub offered: usize,
    /// Messages that reached the other person, once.
    pub delivered: usize,
    /// Entries that came to somebody for a second time.
    pub repeated: usize,
    /// Frames that were refused, by code.
    pub refused: HashMap<String, usize>,
    /// Messages delivered a second, from the first that was due to the last that arrived.
    pub rate: f64,
    /// The most that a frame was handed to the network late, in milliseconds.
    pub late_ms: f64,
    /// From the moment a frame was due until the other person's socket had it, in milliseconds, sorted.
    pub times: Vec<f64>,
}

impl Lines {
    /// Connects everybody: for each room the two people who talk there.
    pub fn open(tables: &Tables, url: &str, rooms: &[(String, [Person; 2])]) -> Result<Self> {
        let mut this = Self {
            lines: Vec::new(),
            heard: Heard::default(),
            sent: 0,
        };
        for (room, people) in rooms {
            for person in people {
                let place = this.lines.len();
                let line = Line::open(tables, url, person, room, place, &this.heard)
                    .with_context(|| format!("connection {place}"))?;
                this.lines.push(line);
            }
        }
        Ok(this)
    }

    /// Sends a sign of life on each connection, one after another: without it the sweep would end them.
    pub fn ping(&mut self) -> Result<()> {
        self.lines
            .iter_mut()
            .try_for_each(|line| line.ask(json!({ "action": "ping" })).map(drop))
    }

    /// Offers so many messages a second for so many seconds, spread over all connections.
    pub fn offer(&mut self, rate: u64, seconds: u64) -> Result<Outcome> {
        let (count, first) = (rate * seconds, self.sent);
        self.sent += count;
        lock(&self.heard).clear();
        self.lines
            .iter()
            .for_each(|line| line.answers.try_iter().for_each(drop));
        let begun = Instant::now() + PAUSE;
        let due = |at: u64| begun + Duration::from_secs_f64((at - first) as f64 / rate as f64);
        let mut late = Duration::ZERO;
        for number in first..first + count {
            let line = self.sender(number);
            let line = &mut self.lines[line];
            thread::sleep(due(number).saturating_duration_since(Instant::now()));
            late = late.max(due(number).elapsed());
            line.send(
                &number.to_string(),
                json!({
                    "action": "send", "room": line.room, "message": message(number), "text": TEXT,
                }),
            )?;
        }
        self.settle(2 * count as usize);
        Ok(self.outcome(first..first + count, begun, due, late))
    }

    /// Waits until so many entries have come, or no more do. Each message has two: the sender's own connection gets it as well.
    fn settle(&self, entries: usize) {
        let (mut known, mut since) = (0, Instant::now());
        while known < entries && since.elapsed() < QUIET {
            thread::sleep(PAUSE);
            let now = lock(&self.heard).len();
            if now > known {
                (known, since) = (now, Instant::now());
            }
        }
    }

    /// Returns the line that sends a message. One side of each room sends first and then the other, so that two who share a room are
    /// far apart.
    fn sender(&self, number: u64) -> usize {
        let (place, rooms) = (number as usize % self.lines.len(), self.lines.len() / 2);
        if place < rooms {
            2 * place
        } else {
            2 * (place - rooms) + 1
        }
    }

    fn outcome(
        &self,
        numbers: std::ops::Range<u64>,
        begun: Instant,
        due: impl Fn(u64) -> Instant,
        late: Duration,
    ) -> Outcome {
        let mut arrived: HashMap<(u64, usize), Instant> = HashMap::new();
        let (mut repeated, mut last) = (0, begun);
        for (number, line, at) in lock(&self.heard).iter().filter(|(number, ..)| numbers.contains(number)) {
            let known = arrived.insert((*number, *line), *at);
            repeated += usize::from(known.is_some());
        }
        let mut times = Vec::new();
        for number in numbers.clone() {
            // Of the two places of a room the other one.
            if let Some(at) = arrived.get(&(number, self.sender(number) ^ 1)) {
                last = last.max(*at);
                times.push(at.saturating_duration_since(due(number)).as_secs_f64() * 1e3);
            }
        }
        let mut refused = HashMap::new();
        for answer in self.lines.iter().flat_map(|line| line.answers.try_iter()) {
            // What has no type is the emulator's own word.
            if answer["type"] == "error" || answer["type"].is_null() {
                let said = answer["code"]
                    .as_str()
                    .or(answer["message"].as_str())
                    .unwrap_or("no answer of ours");
                *refused.entry(said.to_owned()).or_insert(0) += 1;
            }
        }
        Outcome {
            offered: (numbers.end - numbers.start) as usize,
            delivered: times.len(),
            repeated,
            refused,
            rate: times.len() as f64 / last.saturating_duration_since(begun).as_secs_f64(),
            late_ms: late.as_secs_f64() * 1e3,
            times: sorted(times),
        }
    }

    /// Waits until a frame of this type comes to a room's second connection.
    pub fn hear(&self, room: usize, wanted: &str) -> Result<()> {
        let line = self.lines.get(2 * room + 1).context("no such room")?;
        while line.answers.recv_timeout(PATIENCE).context("nothing came")?["type"] != wanted {}
        Ok(())
    }
}

/// A message's id, with its number in it.
fn message(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// The number of a message.
fn number(message: &str) -> Option<u64> {
    let digits = message.strip_prefix("00000000-0000-4000-8000-")?;
    u64::from_str_radix(digits, 16).ok()
}

impl Line {
    fn open(tables: &Tables, url: &str, person: &Person, room: &str, place: usize, heard: &Heard) -> Result<Self> {
        let secret = format!("bench-{place}");
        tables.write(&tables.connections, &[person.ticket(&secret)])?;
        let (reader, _) = tungstenite::connect(format!("{url}?ticket={secret}")).context("the socket does not open")?;
        let MaybeTlsStream::Plain(stream) = reader.get_ref() else {
            bail!("the local stack speaks plain HTTP");
        };
        stream.set_nodelay(true)?;
        // What is read and what is written must not wait for each other, so each has the stream for itself.
        let writer = WebSocket::from_raw_socket(stream.try_clone()?, Role::Client, None);
        let (told, answers) = mpsc::channel();
        let heard = Arc::clone(heard);
        thread::spawn(move || listen(reader, place, &heard, &told));
        let room = room.to_owned();
        let mut line = Self { writer, answers, room };
        let resume = json!({ "action": "resume", "rooms": [{ "room": line.room }] });
        let answer = line.ask(resume)?;
        if answer["rooms"][0].is_null() {
            bail!("the room is not theirs: {answer}");
        }
        Ok(line)
    }

    fn send(&mut self, id: &str, mut action: Value) -> Result<()> {
        action["v"] = json!(1);
        action["id"] = json!(id);
        Ok(self.writer.send(Message::text(action.to_string()))?)
    }

    /// Sends a frame and waits for its answer.
    fn ask(&mut self, action: Value) -> Result<Value> {
        self.send("ask", action)?;
        loop {
            let answer = self.answers.recv_timeout(PATIENCE).context("no answer")?;
            match answer["type"].as_str() {
                Some("ack") if answer["id"] == "ask" => return Ok(answer),
                Some("error") => bail!("refused: {answer}"),
                _ => {}
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // The reader's thread ends with it.
        let _ = self.writer.get_ref().shutdown(std::net::Shutdown::Both);
    }
}

/// Notes when entries come, and passes on every other frame.
fn listen(mut socket: WebSocket<MaybeTlsStream<TcpStream>>, place: usize, heard: &Heard, told: &Sender<Value>) {
    while let Ok(frame) = socket.read() {
        let at = Instant::now();
        let Message::Text(text) = frame else { continue };
        let frame: Value = serde_json::from_str(&text).unwrap_or_default();
        let of = frame["message"].as_str().and_then(number);
        match of.filter(|_| frame["type"] == "entry") {
            Some(number) => lock(heard).push((number, place, at)),
            // Who listened is gone when the task is over.
            None => drop(told.send(frame)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_carries_its_number() {
        for sent in [0, 1, 4_660] {
            assert_eq!(number(&message(sent)), Some(sent));
        }
        assert_eq!(number("0b9c1f7e-0000-4000-8000-000000000001"), None, "somebody else's");
    }
}
