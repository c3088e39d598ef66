//! `bench`: the numbers, measured with optimised binaries on a stack of its own, and written to `docs/benchmarks.md`.

use anyhow::Result;
use clap::{Args, ValueEnum};
use inventure_stack::project::Project;

#[derive(Args)]
pub struct Options {
    /// The time for which each route is asked, in seconds.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// With the binaries of `up`: quick, and good only to try the task itself. Writes nothing.
    #[arg(long)]
    dev: bool,
    /// Only this part. Prints it and writes nothing.
    part: Option<Part>,
}

/// A part of the benchmark that can be measured by itself.
#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
enum Part {
    /// The sockets: the time that messages take, and their cost.
    Talk,
    /// Placements: the time until they are booked and shared, and what they cost.
    Money,
    /// Résumés and job ads: how much of them is read right, and in what time.
    Reading,
    /// Rankings: how good they are, and how fast. Needs `INVENTURE_DATA`.
    Ranking,
}

/// `cargo xtask bench`.
pub fn bench(project: &Project, options: &Options) -> Result<()> {
    let only = options.part.map(|part| match part {
        Part::Talk => inventure_bench::Part::Talk,
        Part::Money => inventure_bench::Part::Money,
        Part::Reading => inventure_bench::Part::Reading,
        Part::Ranking => inventure_bench::Part::Ranking,
    });
    let options = inventure_bench::Options {
        seconds: options.seconds,
        dev: options.dev,
        only,
    };
    inventure_bench::bench(project, &options)
}
