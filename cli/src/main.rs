//! `inventure` reads and ranks resumes, splits fees and verifies statements on your own machine.
//! It runs the same code as the service. Nothing leaves the machine.

mod args;
mod cache;
mod entities;
mod input;
mod job;
mod output;
mod pages;
mod parse;
mod progress;
mod ranking;
mod reader;
mod refused;
mod simulate;
mod split;
mod vectors;
mod verify;

use std::{error::Error, io, process::ExitCode};

use args::{CacheCommand, Cli, Command};
use clap::Parser;
use inventure_resume::PdfLibrary;

/// The outcome of a command: an exit code of those that the help lists, or a fault that ended it.
type Outcome = Result<ExitCode, Box<dyn Error>>;

fn main() -> ExitCode {
    // In a child process one of these reads one file and does not return.
    inventure_sandbox::worker_main(reader::WORKER, PdfLibrary::find, |pdf, input| {
        reader::work(pdf.as_ref(), &input)
    });
    inventure_ocr::serve_scans();
    let outcome = match Cli::parse().command {
        Command::Parse(args) => parse::run(&args),
        Command::Job(args) => job::run(&args),
        Command::Rank(args) => ranking::run(&args),
        Command::Entities(args) => entities::run(&args),
        Command::Split(args) => split::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Cache(CacheCommand::Clear) => cache::clear(),
        Command::Completions { shell } => pages::completions(shell),
        Command::Man { command } => pages::man(command.as_deref()),
    };
    outcome.unwrap_or_else(|error| {
        // A reader that has seen enough (`inventure … | head`) is no failure.
        let closed = error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        if closed {
            return ExitCode::SUCCESS;
        }
        output::tell(output::BAD, error);
        ExitCode::FAILURE
    })
}
