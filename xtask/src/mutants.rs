//! `mutants`: mutation testing, by the tool that does it.

use anyhow::Result;
use clap::Args;
use inventure_stack::{project::Project, shell};

#[derive(Args)]
#[command(disable_help_flag = true)]
pub struct Options {
    /// Arguments of the tool: `--help` tells.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the tool, which is built only when it is asked for: it is large, and few need it.
pub fn mutants(project: &Project, options: &Options) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.args(["run", "--quiet", "--package", "inventure-mutants", "--"]);
    shell::run(cargo.args(&options.arguments))
}
