//! `logs`: what the functions say.

use std::{
    collections::HashSet,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use inventure_stack::{
    aws::Aws,
    local::{STAGE, Stack},
    logs::lines,
    package::FUNCTIONS,
    project::Project,
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
