//! `up` and `down`: the whole platform on this machine.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context, Result};
use clap::Args;
use inventure_demo as demo;
use inventure_stack::{
    emulator::{DEFAULT_PORT, Emulator},
    local::{self, Stack},
    package::{self, Build},
    project::{self, Project},
    shell, tools,
};

/// The pause after which `--watch` looks for changes again.
const WATCH_PAUSE: Duration = Duration::from_secs(1);

#[derive(Args)]
pub struct Options {
    /// Bring in the résumés of a folder of your own, in place of the demo's.
    #[arg(long, value_name = "DIR")]
    with: Option<PathBuf>,
    /// Stay, and redeploy what changes.
    #[arg(long)]
    watch: bool,
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = DEFAULT_PORT)]
    port: u16,
}

/// `cargo xtask up`.
pub fn up(project: &Project, options: &Options) -> Result<()> {
    let start = Instant::now();
    let with = options.with.as_deref().map(project::absolute);
    if let Some(folder) = &with {
        // Before the long part.
        demo::documents_of(folder)?;
    }
    println!("Inventure on this machine");
    tools::check_machine(project)?;
    let run = shell::Run::begin(&project.cache, package::is_built(&project.target()?));
    let stack = local::bring_up(project, &project.state, Some(options.port), Build::Local)?;
    let demo = shell::step("demo: people, résumés, jobs", || {
        demo::run(project, &stack, Build::Local, with.as_deref())
    })?;
    demo.print(&stack);
    run.keep();
    println!("\nUp in {}. It stays until `cargo xtask down`.", shell::seconds(start));
    if options.watch { watch(project, &stack) } else { Ok(()) }
}

/// Redeploys what changes, until the user has enough.
fn watch(project: &Project, stack: &Stack) -> Result<()> {
    println!("Watching functions/, shared/ and infra/. Ctrl-C ends the watching, not the stack.");
    let mut seen = newest(project);
    loop {
        thread::sleep(WATCH_PAUSE);
        let now = newest(project);
        if now <= seen {
            continue;
        }
        seen = now;
        let start = Instant::now();
        match local::redeploy(project, stack, Build::Local) {
            Ok(_) => println!("  done: {}", shell::seconds(start)),
            // The next save may mend it.
            Err(error) => println!("  {error:#}"),
        }
    }
}

/// Returns the time at which anything that goes into the deployment last changed.
fn newest(project: &Project) -> Option<SystemTime> {
    fn visit(folder: &Path, newest: &mut Option<SystemTime>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                visit(&path, newest);
            } else if let Ok(changed) = entry.metadata().and_then(|data| data.modified()) {
                *newest = (*newest).max(Some(changed));
            }
        }
    }
    let mut newest = None;
    for folder in ["functions", "shared", "infra"] {
        visit(&project.root.join(folder), &mut newest);
    }
    newest
}

/// `cargo xtask down`.
pub fn down(project: &Project) -> Result<()> {
    let emulator = Emulator::find(&project.state);
    if let Some(emulator) = &emulator {
        emulator.stop();
    }
    if project.state.exists() {
        fs::remove_dir_all(&project.state).context("cannot remove .inventure")?;
    }
    println!(
        "{}",
        if emulator.is_some() {
            "Down."
        } else {
            "Nothing was running."
        }
    );
    Ok(())
}
