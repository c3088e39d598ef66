//! The demo's talk of two brokers in their deal's room.
//! One of them also hears of a match the moment it is found.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use inventure_http_client::Api;
use inventure_stack::tools;
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

use crate::{MATCHING_LIMIT, Work, text};

/// A job that nobody has posted yet.
const JOB: (&str, &str) = (
    "Robotics software engineer",
    "We build robots for warehouses.\n\nRequirements:\n- three years of C++ or Rust\n- ROS, Linux, Python\n\nLocation: Boston, MA. Full-time.",
);

/// The time that one frame may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A broker's connection.
struct Line {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    asked: u32,
    /// The frames that came while an answer was waited for.
    heard: Vec<Value>,
}

impl Line {
    fn open(api: &Api, key: &str) -> Result<Self> {
        let ticket = api.post("/socket-tickets", key, &json!({}))?.ok()?;
        let url = format!("{}?ticket={}", text(&ticket, "url")?, text(&ticket, "ticket")?);
        let (mut socket, _) = tungstenite::connect(url).context("the socket does not open")?;
        if let MaybeTlsStream::Plain(stream) = socket.get_mut() {
            stream.set_read_timeout(Some(PATIENCE))?;
        }
        Ok(Self {
            socket,
            asked: 0,
            heard: Vec::new(),
        })
    }

    fn read(&mut self) -> Result<Value> {
        loop {
            if let Message::Text(frame) = self.socket.read().context("the socket is silent")? {
                return Ok(serde_json::from_str(&frame)?);
            }
        }
    }

    /// Sends a frame and waits for its answer.
    fn ask(&mut self, mut action: Value) -> Result<Value> {
        self.asked += 1;
        let id = self.asked.to_string();
        action["v"] = json!(1);
        action["id"] = json!(id);
        self.socket.send(Message::text(action.to_string()))?;
        loop {
            let frame = self.read()?;
            if frame["id"] != id.as_str() {
                self.heard.push(frame);
                continue;
            }
            if frame["type"] != "ack" {
                bail!("{action} was refused: {frame}");
            }
            return Ok(frame);
        }
    }

    /// Waits for a frame.
    fn hear(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let begun = Instant::now();
        loop {
            if let Some(at) = self.heard.iter().position(&wanted) {
                return Ok(self.heard.swap_remove(at));
            }
            if begun.elapsed() > MATCHING_LIMIT {
                bail!("a frame did not come; see cargo xtask logs chat and notifier");
            }
            let frame = self.read()?;
            self.heard.push(frame);
        }
    }

    /// Receives a room. Gives its epoch and the offset of its last entry.
    fn resume(&mut self, room: &str) -> Result<u64> {
        let answer = self.ask(json!({ "action": "resume", "rooms": [{ "room": room }] }))?;
        answer["rooms"][0]["last"].as_u64().context("the room is not ours")
    }
}

/// An id that is the same in every run: what was said before is not said again.
fn message(name: &str) -> String {
    let hash = tools::hash(name.as_bytes());
    format!(
        "{}-{}-4{}-8{}-{}",
        &hash[..8],
        &hash[8..12],
        &hash[13..16],
        &hash[17..20],
        &hash[20..32]
    )
}

/// Two brokers talk, and one hears of a match. Gives the lines of the story.
pub fn tell(work: &mut Work, deal: &str, brokers: [&Api; 2], names: [&str; 2], person: &str) -> Result<Vec<String>> {
    let key = |name: &str| format!("demo-{name}-{}", std::process::id());
    let open = json!({ "kind": "deal", "deal_id": deal });
    let room = brokers[0].post("/rooms", &key("room"), &open)?.ok()?;
    let room = text(&room, "id")?.to_owned();
    let mut lines = vec![format!("They talk in the deal's room   ({room})")];
    let mut line = [
        Line::open(brokers[0], &key("ticket-0"))?,
        Line::open(brokers[1], &key("ticket-1"))?,
    ];
    let before = line[0].resume(&room)?;
    line[1].resume(&room)?;
    let said = [
        (0, format!("Orchid wants {person} on Monday. Can they?")),
        (1, "Yes, at nine. Thank you!".to_owned()),
    ];
    for (who, words) in &said {
        let id = message(&format!("{deal}/{words}"));
        let begun = Instant::now();
        let action = json!({ "action": "send", "room": room, "message": id, "text": words });
        line[*who].ask(action)?;
        let heard = line[1 - who].hear(|frame| frame["type"] == "entry" && frame["message"] == id.as_str())?;
        let ms = begun.elapsed().as_millis();
        let times = if heard["offset"].as_u64() <= Some(before) {
            ", said before and counted once"
        } else {
            ""
        };
        lines.push(format!(
            "  {:<28} “{words}”   (heard after {ms} ms{times})",
            names[*who]
        ));
    }
    let found = work.once("talk/match", |_, key| {
        let begun = Instant::now();
        let job = json!({ "title": JOB.0, "description": JOB.1 });
        let job = brokers[0].post("/jobs", key, &job)?.ok()?;
        let about = |frame: &Value| frame["kind"] == "matches_found" && frame["about"]["job_id"] == job["id"];
        line[0].hear(about)?;
        Ok(json!(format!("{:.1} s", begun.elapsed().as_secs_f64())))
    })?;
    lines.push(format!(
        "  {} posts “{}” and hears {found} later, without asking, that candidates match",
        names[0], JOB.0
    ));
    Ok(lines)
}
