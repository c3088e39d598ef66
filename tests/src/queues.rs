//! The queues of the stack: what is sent, what waits, and consumers that are stopped for a while.

use inventure_http_client::Request;
use serde_json::{Value, json};

use crate::{Credentials, Stack, ask};

/// The functions that queues call, by the names that the template's outputs begin with, and as they are deployed.
pub const CONSUMERS: [(&str, &str); 7] = [
    ("ResumeParser", "resume-parser"),
    ("Indexer", "indexer"),
    ("MatchFinder", "match-finder"),
    ("Settlement", "settlement"),
    ("Payouts", "payouts"),
    ("Fanout", "fanout"),
    ("Notifier", "notifier"),
];

/// All consumers, stopped; they go on when this is dropped.
#[derive(Debug)]
pub struct Stopped<'a> {
    stack: &'a Stack,
    mappings: Vec<String>,
}

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        for mapping in &self.mappings {
            self.stack.enable(mapping, true);
        }
    }
}

/// The queues of all consumers with another visibility timeout; the one before is set again when this is dropped.
#[derive(Debug)]
#[must_use = "the queues go back when it is dropped"]
pub struct Hurried<'a> {
    stack: &'a Stack,
    before: Vec<(String, String)>,
}

impl Drop for Hurried<'_> {
    fn drop(&mut self) {
        for (queue, seconds) in &self.before {
            let _ = self.stack.hide_for(queue, seconds);
        }
    }
}

/// The most batches of ten that a test reads from a queue before it gives up. Others' messages come back while it reads.
const BATCHES_MAX: usize = 100;

impl Stack {
    /// Sends a message to a queue.
    pub fn send(&self, queue: &str, body: &str) {
        let message = json!({ "QueueUrl": self.output(queue), "MessageBody": body });
        let _ = self.aws("sqs", "AmazonSQS.SendMessage", &message).expect(200);
    }

    fn receive(&self, queue: &str, seconds: u16) -> Vec<Value> {
        let ask = json!({ "QueueUrl": self.output(queue), "MaxNumberOfMessages": 10, "VisibilityTimeout": seconds });
        let answer = self.aws("sqs", "AmazonSQS.ReceiveMessage", &ask).expect(200);
        answer["Messages"].as_array().cloned().unwrap_or_default()
    }

    /// Takes messages out of a queue, all that `which` names of those that wait in it.
    ///
    /// # Panics
    /// When there are more of others than a test looks through.
    pub fn take(&self, queue: &str, which: impl Fn(&str) -> bool) -> Vec<String> {
        let mut taken = Vec::new();
        for _ in 0..BATCHES_MAX {
            // Those that are left stay hidden until everything was looked at.
            let batch = self.receive(queue, 5);
            if batch.is_empty() {
                return taken;
            }
            for message in batch.iter().filter(|message| which(&body(message))) {
                let delete = json!({ "QueueUrl": self.output(queue), "ReceiptHandle": message["ReceiptHandle"] });
                let _ = self.aws("sqs", "AmazonSQS.DeleteMessage", &delete).expect(200);
                taken.push(body(message));
            }
        }
        panic!("{queue} has more than {BATCHES_MAX} batches of messages");
    }

    /// Messages that wait in a queue or are being handled.
    ///
    /// # Panics
    /// When the queue does not say.
    #[must_use]
    pub fn pending(&self, queue: &str) -> usize {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let ask = json!({ "QueueUrl": self.output(queue), "AttributeNames": names });
        let answer = self.aws("sqs", "AmazonSQS.GetQueueAttributes", &ask).expect(200);
        let counts = names.map(|name| answer["Attributes"][name].as_str().and_then(|count| count.parse().ok()));
        counts
            .into_iter()
            .map(|count: Option<usize>| count.expect("a count"))
            .sum()
    }

    /// Sets the seconds for which the messages of every consumer are hidden from the moment when they are received.
    pub fn hurry_consumers(&self, seconds: &str) -> Hurried<'_> {
        let mut hurried = Hurried {
            stack: self,
            before: Vec::new(),
        };
        for (name, _) in CONSUMERS {
            let queue = format!("{name}QueueUrl");
            let before = self.hide_for(&queue, seconds);
            hurried.before.push((queue, before));
        }
        hurried
    }

    /// Sets the seconds for which a message of a queue is hidden. Returns those until now.
    fn hide_for(&self, queue: &str, seconds: &str) -> String {
        let url = self.output(queue);
        let ask = json!({ "QueueUrl": url, "AttributeNames": ["VisibilityTimeout"] });
        let before = self.aws("sqs", "AmazonSQS.GetQueueAttributes", &ask).expect(200);
        let set = json!({ "QueueUrl": url, "Attributes": { "VisibilityTimeout": seconds } });
        let _ = self.aws("sqs", "AmazonSQS.SetQueueAttributes", &set).expect(200);
        before["Attributes"]["VisibilityTimeout"]
            .as_str()
            .unwrap_or("30")
            .to_owned()
    }

    /// Empties the queues of every consumer, also of what is hidden. A message that failed in a test before hides for minutes.
    pub fn purge_queues(&self) {
        for (name, _) in CONSUMERS {
            for queue in [format!("{name}QueueUrl"), format!("{name}DlqUrl")] {
                eprintln!("{queue}: {} messages of others thrown away", self.pending(&queue));
                let queue = json!({ "QueueUrl": self.output(&queue) });
                let _ = self.aws("sqs", "AmazonSQS.PurgeQueue", &queue).expect(200);
            }
        }
    }

    /// Stops every consumer of a queue.
    ///
    /// # Panics
    /// When there is another number of them than is known.
    #[must_use]
    pub fn stop_consumers(&self) -> Stopped<'_> {
        let list = Request::get(format!("{}/2015-03-31/event-source-mappings", self.endpoint))
            .header("authorization", Credentials::administrator().authorization("lambda"));
        let list = ask(list).expect(200);
        let of_queue = |mapping: &&Value| {
            let source = mapping["EventSourceArn"].as_str().unwrap_or_default();
            source.contains(":sqs:")
        };
        let mappings = list["EventSourceMappings"].as_array().into_iter().flatten();
        let mappings: Vec<String> = mappings
            .filter(of_queue)
            .filter_map(|mapping| Some(mapping["UUID"].as_str()?.to_owned()))
            .collect();
        assert_eq!(mappings.len(), CONSUMERS.len(), "{list}");
        for mapping in &mappings {
            self.enable(mapping, false);
        }
        Stopped { stack: self, mappings }
    }

    fn enable(&self, mapping: &str, enabled: bool) {
        let url = format!("{}/2015-03-31/event-source-mappings/{mapping}", self.endpoint);
        let request = Request::new("PUT", url)
            .header("authorization", Credentials::administrator().authorization("lambda"))
            .json(&json!({ "Enabled": enabled }));
        let answer = ask(request);
        assert!(answer.status < 300, "{answer:?}");
    }
}

fn body(message: &Value) -> String {
    message["Body"].as_str().unwrap_or_default().to_owned()
}
