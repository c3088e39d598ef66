//! `cargo xtask`: everything that is done to the project from outside. It drives cargo, the emulator and the AWS CLI, and
//! knows no product code.

#![allow(clippy::print_stdout, reason = "a command-line tool speaks through its output")]
#![allow(
    clippy::disallowed_methods,
    reason = "a command-line tool lives in the clock and the environment that rules must not know"
)]

// `println!` and `eprintln!`, which speak above the lines of the running steps.
#[macro_use]
extern crate inventure_stack;

mod architecture;
mod bench;
mod dependencies;
mod deploy;
mod invoke;
mod logs;
mod mends;
mod mutants;
mod operator;
mod replay;
mod restored;
mod stage;
mod status;
mod template;
mod test;
mod up;
mod words;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use inventure_stack::{package, project, shell, stack, tools};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Runs, tests and deploys Inventure",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Bring the whole platform up on this machine, with a demo in it.
    Up(up::Options),
    /// End the local stack and remove what it left.
    Down,
    /// Show what runs, and what waits in the queues.
    Status,
    /// Show what the functions say.
    Logs(logs::Options),
    /// Give a function its sample trigger, or an event of yours.
    Invoke(invoke::Options),
    /// Check everything, or only the parts named.
    Test(test::Options),
    /// Change the code in every place of a slice, and see whether a test fails.
    Mutants(mutants::Options),
    /// Measure, and write docs/benchmarks.md.
    Bench(bench::Options),
    /// Put the messages of a dead-letter queue back where they came from.
    Replay(replay::Options),
    /// Deploy to AWS, with the account and region of your AWS profile.
    Deploy(deploy::Options),
    /// Invite somebody to run the platform: to see whether the books agree, and the reports of the whole network.
    Operator(operator::Options),
    /// After the main table was set back, give rooms a new epoch and take away key packages used up since.
    Restored(restored::Options),
    /// Print a token of one of the demo's people, for use with curl.
    Token {
        /// The address of the person.
        email: String,
    },
    /// Fetch the pinned tools and the model, and say where they lie.
    Tools {
        /// Also what only a deployment to AWS needs.
        #[arg(long)]
        all: bool,
    },
}

fn run(task: Task) -> anyhow::Result<()> {
    let project = project::Project::find(env!("CARGO_MANIFEST_DIR"))?;
    if matches!(task, Task::Up(_) | Task::Test(_) | Task::Bench(_) | Task::Deploy(_)) {
        project.claim_target()?;
    }
    match task {
        Task::Up(options) => up::up(&project, &options),
        Task::Down => up::down(&project),
        Task::Status => status::status(&project),
        Task::Logs(options) => logs::logs(&project, &options),
        Task::Invoke(options) => invoke::invoke(&project, &options),
        Task::Test(options) => test::test(&project, &options),
        Task::Mutants(options) => mutants::mutants(&project, &options),
        Task::Bench(options) => bench::bench(&project, &options),
        Task::Replay(options) => replay::replay(&project, &options),
        Task::Deploy(options) => deploy::deploy(&project, &options),
        Task::Operator(options) => operator::operator(&project, &options),
        Task::Restored(options) => restored::restored(&project, &options),
        Task::Token { email } => inventure_demo::token(&project, &email),
        Task::Tools { all } => tools::fetch_all(&project, all),
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
