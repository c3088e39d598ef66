//! The arguments of each command, and its help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use inventure_ledger::Hash;

/// Read and rank resumes, split fees and verify statements on your own machine. Nothing leaves it.
#[derive(Debug, Parser)]
#[command(name = "inventure", version, about, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "Examples:
  inventure parse cvs/                            what each resume of a folder says, in short
  inventure parse *.pdf *.docx --json             one JSON line a file that was read: the structured resume
  inventure job job.txt                           what a job ad was understood to ask, and from which words
  inventure rank --job job.txt --resumes cvs/     the ten best resumes of a folder for a job, with reasons
  inventure entities cv.txt --json                names, employers, titles, skills and where they stand
  inventure split --amount 33333.33 --currency USD --share job=47.5% --share candidate=47.5% --share network=5%
  inventure simulate --pay 166666.65 --paid 30 --falls-off 59       who gets what when, if these terms are signed
  inventure verify statement.json                 whether a statement holds, and if not, what does not

Readable: PDF, DOCX, ODT, RTF, HTML, plain text, JSON Resume, and what `inventure parse --json` wrote.
`-` in place of a file is standard input. Results go to standard output, everything else to standard error.

Exit codes:
  0  All is done. `verify`: the statement holds.
  1  Something could not be opened, written or made sense of, or arguments do not go together. `verify`: the statement does not hold.
  2  An argument is missing or unknown. `verify`: there is no statement that could be checked.
  3  A file was refused, for the reason on standard error. The other files are done.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make structured resumes of files, or say why not.
    Parse(ParseArgs),
    /// Say what a job ad was understood to ask, and from which words.
    Job(JobArgs),
    /// Rank the resumes of a folder for one or more jobs, and say why.
    Rank(RankArgs),
    /// List names, employers, titles, skills and the like in a file, with their places.
    Entities(EntitiesArgs),
    /// Split an amount among the parties of a deal, to the last unit.
    Split(SplitArgs),
    /// Say who gets what when, if terms are signed and this happens.
    Simulate(SimulateArgs),
    /// Check a statement of account: balances, chain and seal. Exit code 0: it holds, 1: it does not, 2: there is no
    /// statement that could be checked.
    Verify(VerifyArgs),
    /// Manage what `rank` keeps of the resumes that it read.
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Print a script that completes commands and options in a shell.
    Completions {
        /// The shell that reads the script.
        shell: Shell,
    },
    /// Print a manual page, for `man -l -`.
    Man {
        /// The command to describe; without one, the whole program.
        command: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct ParseArgs {
    /// The files to read, and folders with files to read; `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// One JSON line a file that was read: {"file", "status": "parsed", "resume"}. Refusals go to standard error.
    #[arg(long)]
    pub json: bool,
    /// Read scans and photographs of pages too, with the program tesseract. What they say is less sure, and contacts are suggestions.
    #[arg(long)]
    pub ocr: bool,
    /// Show no progress. Refusals are still told.
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct RankArgs {
    /// The job: plain text whose first line is the title, or JSON with "title" and "description". `-` for standard input.
    /// May be given more than once; the resumes are then ranked for each job.
    #[arg(long = "job", value_name = "FILE", required = true)]
    pub jobs: Vec<PathBuf>,
    /// The folder with the resumes; folders inside it are read as well. Or a single resume, `-` for standard input.
    #[arg(long, value_name = "PATH")]
    pub resumes: PathBuf,
    /// The number of resumes to show for a job.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub top: u16,
    /// A JSON array of {"file", "score", "reasons", "features", "evidence"}, best first. With several jobs, one JSON line
    /// a job: {"job", "title", "matches": [as above]}.
    #[arg(long)]
    pub json: bool,
    /// The folder with model.safetensors and tokenizer.json of all-MiniLM-L6-v2; otherwise `INVENTURE_MODEL_DIR` or
    /// inventure/models/all-MiniLM-L6-v2 in the user's cache.
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// Do without the model: words, skills, titles and facts, not meaning.
    #[arg(long, conflicts_with = "model")]
    pub lexical_only: bool,
    /// Keep nothing of the resumes on this machine, and use nothing that was kept.
    #[arg(long)]
    pub no_cache: bool,
    /// Read scans and photographs of pages too, with the program tesseract.
    #[arg(long)]
    pub ocr: bool,
    /// Show no progress. Refusals are still told.
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct JobArgs {
    /// The job: plain text whose first line is the title, or JSON with "title" and "description". `-` for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// One JSON line: {"understood", "hints"}, each finding with its place in the description.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct EntitiesArgs {
    /// The file to read, `-` for standard input. Offsets into plain text count the text's own characters.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A JSON array of {"kind", "text", "start", "end", "confidence"}.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SplitArgs {
    /// The amount, with a point before the decimals and no separators: 33333.33
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub amount: String,
    /// The ISO 4217 code of its currency.
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// A party and its share, a percentage or a fraction: job=47.5%, network=1/3.
    /// The shares add up to the whole. Units that are left over go to the parties in the order given.
    #[arg(long = "share", required = true, value_name = "PARTY=SHARE")]
    pub shares: Vec<String>,
    /// One JSON line: the currency, and the parts with their party and minor units, in the order given.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// Terms as JSON, `-` for standard input; `--show-terms` prints some to begin with.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["template", "currency", "time_zone"])]
    pub terms: Option<PathBuf>,
    /// Ready-made terms: even, replacement, platform or by-source.
    #[arg(long, default_value = "even")]
    pub template: String,
    /// The ISO 4217 code of the template's currency.
    #[arg(long, value_name = "CODE", default_value = "USD")]
    pub currency: String,
    /// The IANA time zone in which the template counts days.
    #[arg(long, value_name = "ZONE", default_value = "America/New_York")]
    pub time_zone: String,
    /// Print the terms and stop.
    #[arg(long)]
    pub show_terms: bool,
    /// The first year's pay.
    #[arg(long, value_name = "AMOUNT")]
    pub pay: Option<String>,
    /// The first day at work, which is day 0.
    #[arg(long, value_name = "DATE", default_value = "2026-01-15")]
    pub starts_on: jiff::civil::Date,
    /// The day on which the client pays all that is open.
    #[arg(long, value_name = "DAY")]
    pub paid: Option<u16>,
    /// The last day at work, where the person leaves.
    #[arg(long, value_name = "DAY")]
    pub falls_off: Option<u16>,
    /// The day on which the client takes the refund instead of a replacement.
    #[arg(long, value_name = "DAY")]
    pub refund_chosen: Option<u16>,
    /// The day on which the guarantee is found to have ended.
    #[arg(long, value_name = "DAY")]
    pub guarantee_ends: Option<u16>,
    /// Print the state, every movement, the totals and what is held as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The statement, byte for byte as it was sent; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The root that was published for the day of the seal, to compare with.
    #[arg(long, value_name = "HEX")]
    pub root: Option<Hash>,
    /// {"file", "verified": true, "account", "balance", "sealed", …} or {"file", "verified": false, "where", "problem"}.
    #[arg(long)]
    pub json: bool,
    /// The entries of a statement that holds, for a spreadsheet or a program.
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "json")]
    pub entries: Option<EntriesAs>,
}

/// A format in which entries are shown.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum EntriesAs {
    /// RFC 4180, with a header.
    Csv,
    /// An array of rows.
    Json,
}

#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Delete everything that was kept.
    Clear,
}
