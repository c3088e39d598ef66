//! The functions' logs, as CloudWatch has them.

use std::thread;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::{
    aws::Aws,
    local::{STAGE, Stack},
    package::FUNCTIONS,
    project::Project,
    stack,
};

/// A line of a log: time in milliseconds, function, text.
pub type Line = (u64, &'static str, String);

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
pub fn lines(aws: &Aws, stage: &str, functions: &[&'static str], since: u64) -> Result<Vec<Line>> {
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
