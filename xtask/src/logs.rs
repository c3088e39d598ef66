//! `logs`: what the functions say.

use std::{
    collections::HashSet,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::{
    aws::Aws,
    package::FUNCTIONS,
    project::Project,
    stack,
    up::{STAGE, Stack},
};

#[derive(Args)]
pub struct Options {
    /// The function whose log is shown. Without it, all of them.
    function: Option<String>,
    /// The time to look back, in minutes.
    #[arg(long, default_value_t = 15)]
    minutes: u64,
    /// Stay, and show what comes.
    #[arg(long, short)]
    follow: bool,
    /// The stage on AWS, in place of the local stack.
    #[arg(long)]
    stage: Option<String>,
}

/// `cargo xtask logs`.
pub fn logs(project: &Project, options: &Options) -> Result<()> {
    let functions: Vec<&'static str> = match options.function.as_deref() {
        None => FUNCTIONS.to_vec(),
        Some(function) => match FUNCTIONS.iter().find(|known| **known == function) {
            Some(known) => vec![*known],
            None => bail!("there is no function {function}; there are {}", FUNCTIONS.join(", ")),
        },
    };
    let (aws, stage) = if let Some(stage) = &options.stage {
        (Aws::account(project), stage.as_str())
    } else {
        let running = Stack::find(&project.state).context("nothing runs here; start with cargo xtask up")?;
        (Aws::local(project, &running.emulator), STAGE)
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as u64;
    let since = now.saturating_sub(options.minutes.saturating_mul(60_000));
    let mut shown = HashSet::new();
    loop {
        for (_, function, line) in lines(&aws, stage, &functions, since)? {
            let line = line.trim_end();
            if shown.insert((function, line.to_owned())) {
                println!("{function:<14} {line}");
            }
        }
        if !options.follow {
            return Ok(());
        }
        thread::sleep(Duration::from_secs(1));
    }
}

/// A line of a log: time in milliseconds, function, text.
type Line = (u64, &'static str, String);

/// Everything that the functions of a running stack have said.
pub fn of_stack(project: &Project, stack: &Stack) -> Result<Vec<Line>> {
    lines(&Aws::local(project, &stack.emulator), STAGE, &FUNCTIONS, 0)
}

/// Returns the lines that one function of a running stack has logged since then. `since` is in milliseconds of the epoch.
pub fn of_function(project: &Project, stack: &Stack, function: &'static str, since: u64) -> Result<Vec<String>> {
    let said = lines(&Aws::local(project, &stack.emulator), STAGE, &[function], since)?;
    Ok(said.into_iter().map(|(.., line)| line).collect())
}

/// All lines of the functions since then, oldest first: time in milliseconds, function, line.
fn lines(aws: &Aws, stage: &str, functions: &[&'static str], since: u64) -> Result<Vec<Line>> {
    let of = |function: &str| -> Result<Value> {
        let group = format!("/aws/lambda/{}-{function}", stack::prefix(stage));
        aws.call([
            "logs",
            "filter-log-events",
            "--log-group-name",
            &group,
            "--start-time",
            &since.to_string(),
        ])
    };
    let answers = thread::scope(|scope| {
        let asked: Vec<_> = functions.iter().map(|function| scope.spawn(|| of(function))).collect();
        asked
            .into_iter()
            .map(|answer| answer.join().unwrap_or_else(|_| bail!("a log could not be read")))
            .collect::<Vec<_>>()
    });
    let mut lines = Vec::new();
    for (function, answer) in functions.iter().zip(answers) {
        for event in answer?["events"].as_array().into_iter().flatten() {
            let time = event["timestamp"].as_u64().unwrap_or_default();
            for line in event["message"]
                .as_str()
                .unwrap_or_default()
                .lines()
                .filter(|line| !line.trim().is_empty())
            {
                lines.push((time, *function, line.to_owned()));
            }
        }
    }
    lines.sort_by_key(|(time, ..)| *time);
    Ok(lines)
}
