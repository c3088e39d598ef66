//! `replay`: what failed for good is given another try, once its cause is mended.

use std::fs;

use anyhow::{Context, Result, bail};
use clap::Args;
use inventure_stack::{
    aws::Aws,
    local::STAGE,
    project::{Project, write_private},
    stack,
};
use serde_json::{Value, json};

use crate::stage;

/// A way in which a dead letter is brought back.
#[derive(Clone, Copy)]
enum Way {
    /// Into the queue it came from, the one of this output.
    Queue(&'static str),
    /// The stream record in it goes to the relay once more.
    Record,
    /// The relay gets the outbox of the time when the batch was written. The stream itself may have forgotten it by now.
    Outbox,
    /// The function of this name runs again; what it was called with says nothing.
    Run(&'static str),
}

/// The dead letters that can be brought back: name, output with the URL of their queue, and way.
const QUEUES: [(&str, &str, Way); 11] = [
    (
        "resume-parser",
        "ResumeParserDlqUrl",
        Way::Queue("ResumeParserQueueUrl"),
    ),
    ("indexer", "IndexerDlqUrl", Way::Queue("IndexerQueueUrl")),
    ("match-finder", "MatchFinderDlqUrl", Way::Queue("MatchFinderQueueUrl")),
    ("settlement", "SettlementDlqUrl", Way::Queue("SettlementQueueUrl")),
    ("payouts", "PayoutsDlqUrl", Way::Queue("PayoutsQueueUrl")),
    ("fanout", "FanoutDlqUrl", Way::Queue("FanoutQueueUrl")),
    ("notifier", "NotifierDlqUrl", Way::Queue("NotifierQueueUrl")),
    ("relay-poison", "RelayPoisonUrl", Way::Record),
    ("relay", "RelayDlqUrl", Way::Outbox),
    ("compactor", "CompactorDlqUrl", Way::Run("compactor")),
    ("sealer", "SealerDlqUrl", Way::Run("sealer")),
];
/// The most rounds of ten messages. More than this are left for another run.
const ROUNDS_LIMIT: usize = 10_000;
/// Events given to the relay at once, as many as the stream gives it.
const RELAYED_AT_ONCE: usize = 100;
/// The seconds by which two clocks may differ. An event is written a little before the stream has it, by another clock.
const CLOCKS_DIFFER_SECONDS: i64 = 300;

#[derive(Args)]
pub struct Options {
    /// The dead letters to bring back. These are resume-parser, indexer, match-finder, settlement, payouts, fanout, notifier (messages that
    /// failed, and events that a rule of the bus could not deliver), relay-poison (stream records that could not be read), relay (batches
    /// of the stream that were given up), compactor, or sealer.
    queue: String,
    /// The stage on AWS, in place of the local stack.
    #[arg(long)]
    stage: Option<String>,
}

/// `cargo xtask replay`.
pub fn replay(project: &Project, options: &Options) -> Result<()> {
    let Some((queue, output, way)) = QUEUES.iter().find(|(queue, ..)| *queue == options.queue) else {
        let known = QUEUES.map(|(queue, ..)| queue).join(", ");
        bail!("there is no queue {} to replay; there are {known}", options.queue);
    };
    let stage = options.stage.as_deref().unwrap_or(STAGE);
    let aws = stage::aws(project, options.stage.as_deref())?;
    let outputs = stack::outputs(&aws, stage)?;
    let replayer = Replayer {
        project,
        aws: &aws,
        outputs: &outputs,
        prefix: stack::prefix(stage),
    };
    let moved = replayer.drain(replayer.output(output)?, *way)?;
    println!("{moved} messages of {queue} brought back");
    Ok(())
}

struct Replayer<'a> {
    project: &'a Project,
    aws: &'a Aws<'a>,
    outputs: &'a Value,
    prefix: String,
}

impl Replayer<'_> {
    fn output(&self, name: &str) -> Result<&str> {
        let value = self.outputs[name].as_str();
        value.with_context(|| format!("the stack has no output {name}"))
    }

    fn drain(&self, dead: &str, way: Way) -> Result<usize> {
        #[expect(clippy::disallowed_methods, reason = "a person's tool, beside the queue's own clock")]
        let begun = jiff::Timestamp::now().as_millisecond();
        let (mut moved, mut again) = (0, 0);
        for _ in 0..ROUNDS_LIMIT {
            let mut receive = vec!["sqs", "receive-message", "--queue-url", dead];
            receive.extend(["--max-number-of-messages", "10"]);
            receive.extend(["--attribute-names", "SentTimestamp"]);
            let batch = self.aws.call(receive)?;
            let messages = batch["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() && again > 0 {
                bail!("{moved} messages were brought back, and {again} are here again: their cause is not mended");
            }
            if messages.is_empty() {
                return Ok(moved);
            }
            for message in &messages {
                let sent = message["Attributes"]["SentTimestamp"].as_str().unwrap_or_default();
                if sent.parse::<i64>().is_ok_and(|sent| sent > begun) {
                    // It stays: bringing it back over and over would never end.
                    again += 1;
                    continue;
                }
                self.bring_back(message, way)?;
                // Deleted after it was sent: a break between the two repeats it, and every consumer bears that.
                let receipt = message["ReceiptHandle"].as_str().unwrap_or_default();
                let delete = [
                    "sqs",
                    "delete-message",
                    "--queue-url",
                    dead,
                    "--receipt-handle",
                    receipt,
                ];
                self.aws.call(delete)?;
                moved += 1;
            }
        }
        bail!("{moved} messages were brought back and there are more; run it again")
    }

    fn bring_back(&self, message: &Value, way: Way) -> Result<()> {
        let body = message["Body"].as_str().context("a message without a body")?;
        let read = || serde_json::from_str::<Value>(body).context("a message that is no JSON");
        match way {
            Way::Queue(home) => self.send(self.output(home)?, body),
            Way::Record => self.relay(vec![read()?["record"].clone()]),
            Way::Outbox => {
                let batch = &read()?["DDBStreamBatchInfo"];
                let (first, last) = (
                    second(&batch["approximateArrivalOfFirstRecord"])?,
                    second(&batch["approximateArrivalOfLastRecord"])?,
                );
                let records = self.outbox(first - CLOCKS_DIFFER_SECONDS, last + CLOCKS_DIFFER_SECONDS)?;
                for chunk in records.chunks(RELAYED_AT_ONCE) {
                    self.relay(chunk.to_vec())?;
                }
                Ok(())
            }
            Way::Run(function) => self.invoke(function, &json!({})).map(drop),
        }
    }

    fn send(&self, queue: &str, body: &str) -> Result<()> {
        let send = ["sqs", "send-message", "--queue-url", queue, "--message-body", body];
        self.aws.call(send).map(drop)
    }

    /// The events written between two moments, as the stream would bring them, oldest first.
    fn outbox(&self, from: i64, to: i64) -> Result<Vec<Value>> {
        let table = self.output("MainTableName")?;
        let values = json!({ ":outbox": { "S": "OUTBOX#" } }).to_string();
        let mut scan = vec!["dynamodb", "scan", "--table-name", table];
        scan.extend(["--filter-expression", "begins_with(pk, :outbox)"]);
        scan.extend(["--expression-attribute-values", &values]);
        let found = self.aws.call(scan)?;
        let mut events = Vec::new();
        for item in found["Items"].as_array().into_iter().flatten() {
            let text = item["event"]["S"].as_str().unwrap_or_default();
            let Ok(event) = serde_json::from_str::<Value>(text) else {
                continue;
            };
            let Ok(at) = second(&event["occurred_at"]) else {
                continue;
            };
            if (from..=to).contains(&at) {
                events.push((at, item.clone()));
            }
        }
        // Ids grow with time, also within a second.
        events.sort_by_key(|(at, item)| (*at, item["sk"]["S"].to_string()));
        Ok(events.into_iter().map(|(_, item)| record(&item)).collect())
    }

    fn relay(&self, records: Vec<Value>) -> Result<()> {
        let answer = self.invoke("relay", &json!({ "Records": records }))?;
        match answer["batchItemFailures"].as_array() {
            Some(failures) if !failures.is_empty() => bail!("the bus does not take them; its log says why"),
            _ => Ok(()),
        }
    }

    fn invoke(&self, function: &str, payload: &Value) -> Result<Value> {
        let folder = self.project.target()?.join("inventure");
        fs::create_dir_all(&folder)?;
        let (asked, said) = (folder.join("replay.json"), folder.join("replay-answer.json"));
        write_private(&asked, payload.to_string().as_bytes())?;
        let name = format!("{}-{function}", self.prefix);
        let payload = format!("fileb://{}", asked.display());
        let path = said.to_string_lossy();
        let outcome = self.aws.call([
            "lambda",
            "invoke",
            "--function-name",
            &name,
            "--qualifier",
            stack::LIVE,
            "--payload",
            &payload,
            &path,
        ]);
        let answer = fs::read(&said).unwrap_or_default();
        // They hold what the dead letter held.
        let _ = (fs::remove_file(&asked), fs::remove_file(&said));
        if let Some(error) = outcome?["FunctionError"].as_str() {
            bail!("{name} failed ({error}): {}", String::from_utf8_lossy(&answer));
        }
        Ok(serde_json::from_slice(&answer).unwrap_or_default())
    }
}

/// Reads a time of a message, RFC 3339, as a second since the epoch.
fn second(time: &Value) -> Result<i64> {
    let time = time.as_str().context("a message without its time")?;
    let time: jiff::Timestamp = time.parse().with_context(|| format!("{time} is no time"))?;
    Ok(time.as_second())
}

/// An item of the table as the stream brings a new one.
fn record(item: &Value) -> Value {
    json!({
        "eventID": item["sk"]["S"], "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "replay",
        "dynamodb": {
            "Keys": { "pk": item["pk"], "sk": item["sk"] }, "NewImage": item,
            "SequenceNumber": item["sk"]["S"], "SizeBytes": 1, "StreamViewType": "NEW_IMAGE",
        },
    })
}
