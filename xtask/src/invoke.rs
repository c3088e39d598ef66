//! `invoke`: gives a function of the local stack an event, its sample trigger unless another is named.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};
use clap::Args;
use inventure_stack::{
    aws::Aws,
    local::{STAGE, Stack},
    package::FUNCTIONS,
    project::{self, Project},
    shell, stack,
    tools::Venv,
};

#[derive(Args)]
pub struct Options {
    /// The function, as in functions/.
    function: String,
    /// The event, JSON; events/samples/FUNCTION.json without it.
    file: Option<PathBuf>,
}

/// `cargo xtask invoke`, through `cargo lambda invoke`.
pub fn invoke(project: &Project, options: &Options) -> Result<()> {
    let function = options.function.as_str();
    if !FUNCTIONS.contains(&function) {
        bail!("there is no function {function}; there are {}", FUNCTIONS.join(", "));
    }
    let running = Stack::find(&project.state).context("nothing runs here; start with cargo xtask up")?;
    Venv::Build.ensure(project)?;
    let sample = project.root.join("events/samples").join(format!("{function}.json"));
    let file = options.file.as_deref().map_or(sample, project::absolute);
    let mut lambda = Command::new(Venv::Build.program(project, "cargo-lambda"));
    Aws::local(project, &running.emulator).point(&mut lambda);
    lambda.args(["lambda", "invoke", "--remote"]);
    lambda.arg(format!("{}-{function}", stack::prefix(STAGE)));
    lambda.args(["--alias", stack::LIVE]);
    shell::run(lambda.arg("--data-file").arg(file))?;
    println!();
    Ok(())
}
