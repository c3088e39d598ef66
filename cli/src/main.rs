//! `inventure` reads and ranks resumes, splits fees and verifies statements on your own machine.
//! It runs the same code as the service. Nothing leaves the machine.

mod entities;
mod parse;
mod ranking;
mod reader;
mod simulate;
mod split;
mod verify;

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Read and rank resumes, split fees and verify statements on your own machine. Nothing leaves it.
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
  inventure split --amount 33333.33 --currency USD --share job=47.5% --share candidate=47.5% --share network=5%
  inventure simulate --pay 166666.65 --paid 30 --falls-off 59       who gets what when, if these terms are signed
  inventure verify statement.json                 whether a statement holds, and if not, what does not

Readable: PDF, DOCX, ODT, RTF, HTML, plain text, JSON Resume, and what `inventure parse --json` wrote.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Make structured resumes of files, or say why not.
    Parse(ParseArgs),
    /// Rank the resumes of a folder for a job, and say why.
    Rank(RankArgs),
    /// List names, employers, titles, skills and the like in a file, with their places.
    Entities(EntitiesArgs),
    /// Split an amount among the parties of a deal, to the last unit.
    Split(SplitArgs),
    /// Say who gets what when, if terms are signed and this happens.
    Simulate(SimulateArgs),
    /// Check a statement of account: balances, chain and seal. Exit code 0: it holds, 1: it does not, 2: it could not be read.
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
struct ParseArgs {
    /// The files to read.
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
    /// The number of resumes to show.
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
    /// The file to read. Offsets into a .txt file count the file's own characters.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A JSON array of {"kind", "text", "start", "end", "confidence"}.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct SplitArgs {
    /// The amount, with a point before the decimals and no separators: 33333.33
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    amount: String,
    /// The ISO 4217 code of its currency.
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// A party and its share, a percentage or a fraction: job=47.5%, network=1/3.
    /// The shares add up to the whole. Units that are left over go to the parties in the order given.
    #[arg(long = "share", required = true, value_name = "PARTY=SHARE")]
    shares: Vec<String>,
    /// One JSON line: the currency, and the parts with their party and minor units, in the order given.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct SimulateArgs {
    /// Terms as JSON; `--show-terms` prints some to begin with.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["template", "currency", "time_zone"])]
    terms: Option<PathBuf>,
    /// Ready-made terms: even, replacement, platform or by-source.
    #[arg(long, default_value = "even")]
    template: String,
    /// The ISO 4217 code of the template's currency.
    #[arg(long, value_name = "CODE", default_value = "USD")]
    currency: String,
    /// The IANA time zone in which the template counts days.
    #[arg(long, value_name = "ZONE", default_value = "America/New_York")]
    time_zone: String,
    /// Print the terms and stop.
    #[arg(long)]
    show_terms: bool,
    /// The first year's pay.
    #[arg(long, value_name = "AMOUNT")]
    pay: Option<String>,
    /// The first day at work, which is day 0.
    #[arg(long, value_name = "DATE", default_value = "2026-01-15")]
    starts_on: jiff::civil::Date,
    /// The day on which the client pays all that is open.
    #[arg(long, value_name = "DAY")]
    paid: Option<u16>,
    /// The last day at work, where the person leaves.
    #[arg(long, value_name = "DAY")]
    falls_off: Option<u16>,
    /// The day on which the client takes the refund instead of a replacement.
    #[arg(long, value_name = "DAY")]
    refund_chosen: Option<u16>,
    /// The day on which the guarantee is found to have ended.
    #[arg(long, value_name = "DAY")]
    guarantee_ends: Option<u16>,
    /// Print the state, every movement, the totals and what is held as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// The statement, byte for byte as it was sent.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The root that was published for the day of the seal, to compare with.
    #[arg(long, value_name = "HEX")]
    root: Option<String>,
    /// {"file", "verified": true, "account", "balance", "sealed", …} or {"file", "verified": false, "where", "problem"}.
    #[arg(long)]
    json: bool,
    /// The entries of a statement that holds, for a spreadsheet or a program.
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "json")]
    entries: Option<EntriesAs>,
}

/// A format in which entries are shown.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum EntriesAs {
    /// RFC 4180, with a header.
    Csv,
    /// An array of rows.
    Json,
}

/// The outcome of a command: done, or done but not for every file.
type Outcome = Result<ExitCode, Box<dyn Error>>;

fn main() -> ExitCode {
    // In the child process this reads one file and does not return.
    inventure_sandbox::worker_main(reader::WORKER, |input| reader::work(&input));
    let outcome = match Cli::parse().command {
        Command::Parse(args) => parse::run(&args),
        Command::Rank(args) => ranking::run(&args),
        Command::Entities(args) => entities::run(&args),
        Command::Split(args) => split::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Verify(args) => verify::run(&args),
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
