//! `replay`: what failed for good is given another try, once its cause is mended.

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::{
    aws::Aws,
    project::Project,
    stack,
    up::{STAGE, Stack},
};

/// Queues that can be put back, with the outputs of their dead letters.
const QUEUES: [(&str, &str); 4] = [
    ("resume-parser", "ResumeParserDlqUrl"),
    ("indexer", "IndexerDlqUrl"),
    ("matcher", "MatcherDlqUrl"),
    ("rules", "RulesDlqUrl"),
];
/// More rounds than this of ten messages mean that they come back as fast as they are sent.
const ROUNDS_LIMIT: usize = 10_000;

#[derive(Args)]
pub struct Options {
    /// resume-parser, indexer, matcher, or rules (what a rule of the bus could not deliver).
    queue: String,
    /// The stage on AWS, in place of the local stack.
    #[arg(long)]
    stage: Option<String>,
}

/// `cargo xtask replay`.
pub fn replay(project: &Project, options: &Options) -> Result<()> {
    let Some((queue, output)) = QUEUES.iter().find(|(queue, _)| *queue == options.queue) else {
        let known = QUEUES.map(|(queue, _)| queue).join(", ");
        bail!("there is no queue {} to replay; there are {known}", options.queue);
    };
    let (aws, outputs) = if let Some(stage) = &options.stage {
        let aws = Aws::account(project);
        let outputs = stack::outputs(&aws, &stack::name(stage))?;
        (aws, outputs)
    } else {
        let running = Stack::find(&project.state).context("nothing runs here; start with cargo xtask up")?;
        let aws = Aws::local(project, &running.emulator);
        let outputs = stack::outputs(&aws, &stack::name(STAGE))?;
        (aws, outputs)
    };
    let dead = outputs[output]
        .as_str()
        .with_context(|| format!("the stack has no output {output}"))?;
    let home = outputs[output.replace("Dlq", "Queue")].as_str().map(str::to_owned);
    let mut moved = 0;
    for _ in 0..ROUNDS_LIMIT {
        let batch = aws.call([
            "sqs",
            "receive-message",
            "--queue-url",
            dead,
            "--max-number-of-messages",
            "10",
            "--message-attribute-names",
            "All",
        ])?;
        let messages = batch["Messages"].as_array().cloned().unwrap_or_default();
        if messages.is_empty() {
            println!("{moved} messages of {queue} put back");
            return Ok(());
        }
        for message in &messages {
            let to = match &home {
                Some(home) => home.clone(),
                None => target(&aws, message)?,
            };
            // Sent before it is deleted: a break between the two repeats it, and every consumer bears that.
            aws.call([
                "sqs",
                "send-message",
                "--queue-url",
                &to,
                "--message-body",
                body(message)?,
            ])?;
            let receipt = message["ReceiptHandle"].as_str().unwrap_or_default();
            aws.call([
                "sqs",
                "delete-message",
                "--queue-url",
                dead,
                "--receipt-handle",
                receipt,
            ])?;
            moved += 1;
        }
    }
    bail!("{moved} messages of {queue} were put back and there are more; do they fail again at once?")
}

fn body(message: &Value) -> Result<&str> {
    message["Body"].as_str().context("a message without a body")
}

/// The queue that a rule meant an event for, as the bus notes it beside the event.
fn target(aws: &Aws, message: &Value) -> Result<String> {
    let arn = message["MessageAttributes"]["TARGET_ARN"]["StringValue"].as_str();
    let name = arn
        .and_then(|arn| arn.rsplit(':').next())
        .context("a message that does not say where it was meant to go")?;
    let answer = aws.call(["sqs", "get-queue-url", "--queue-name", name])?;
    Ok(answer["QueueUrl"].as_str().context("its queue is gone")?.to_owned())
}
