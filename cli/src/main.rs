//! `inventure`: read, rank and explain resumes on your own machine, with the same code as the service. Nothing leaves the
//! machine.

mod entities;
mod parse;
mod ranking;
mod reader;

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

/// Read and rank resumes on your own machine. Nothing leaves it.
#[derive(Debug, Parser)]
#[command(name = "inventure", version, about, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  inventure parse cv.pdf                          what a resume says, in short
  inventure parse *.pdf *.docx --json             one JSON line a file: the structured resume, or why it was refused
  inventure rank --job job.txt --resumes cvs/     the ten best resumes of a folder for a job, with reasons
  inventure entities cv.txt --json                names, employers, titles, skills and where they stand

Readable: PDF, DOCX, ODT, RTF, HTML, plain text, JSON Resume, and what `inventure parse --json` wrote.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Make structured resumes of files, or say why not.
    Parse(ParseArgs),
    /// Rank the resumes of a folder for a job, and say why.
    Rank(RankArgs),
    /// List names, employers, titles, skills and the like in a file, with their places.
    Entities(EntitiesArgs),
}

#[derive(Debug, Args)]
struct ParseArgs {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One JSON line a file: {"file", "status": "parsed", "resume"} or {"file", "status": "refused", "reason", "detail"}.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct RankArgs {
    /// The job: plain text whose first line is the title, or JSON with "title" and "description".
    #[arg(long, value_name = "FILE")]
    job: PathBuf,
    /// The folder with the resumes; folders inside it are read as well.
    #[arg(long, value_name = "DIR")]
    resumes: PathBuf,
    /// How many to show.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    top: u16,
    /// A JSON array of {"file", "score", "reasons", "features", "evidence"}, best first.
    #[arg(long)]
    json: bool,
    /// The folder with model.safetensors and tokenizer.json of all-MiniLM-L6-v2; otherwise `INVENTURE_MODEL_DIR` or
    /// inventure/models/all-MiniLM-L6-v2 in the user's cache.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Do without the model: words, skills, titles and facts, not meaning.
    #[arg(long, conflicts_with = "model")]
    lexical_only: bool,
}

#[derive(Debug, Args)]
struct EntitiesArgs {
    /// The file. Offsets into a .txt file count the file's own characters.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A JSON array of {"kind", "text", "start", "end", "confidence"}.
    #[arg(long)]
    json: bool,
}

/// What commands end with: done, or done but not for every file.
type Outcome = Result<ExitCode, Box<dyn Error>>;

fn main() -> ExitCode {
    // In the child process this reads one file and does not return.
    inventure_contain::worker_main(reader::WORKER, |input| reader::work(&input));
    let outcome = match Cli::parse().command {
        Command::Parse(args) => parse::run(&args),
        Command::Rank(args) => ranking::run(&args),
        Command::Entities(args) => entities::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        // A reader that has seen enough (`inventure … | head`) is no failure.
        let closed = error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        if !closed {
            writeln!(io::stderr(), "inventure: {error}").ok();
        }
        ExitCode::from(u8::from(!closed))
    })
}
