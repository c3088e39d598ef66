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
    #[arg(long)]
    only: Option<Part>,
}

/// A part of the benchmark that can be measured by itself.
#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
enum Part {
    /// The sockets: the time that messages take, and their cost.
    Talk,
    /// Placements: the time until they are booked and shared, and what they cost.
    Money,
}

/// `cargo xtask bench`.
pub fn bench(project: &Project, options: &Options) -> Result<()> {
    let only = options.only.map(|part| match part {
        Part::Talk => inventure_bench::Part::Talk,
        Part::Money => inventure_bench::Part::Money,
    });
    let options = inventure_bench::Options {
        seconds: options.seconds,
        dev: options.dev,
        only,
    };
    inventure_bench::bench(project, &options)
}
