//! `inventure completions` and `inventure man`.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::{Outcome, args::Cli};

pub fn completions(shell: Shell) -> Outcome {
    // Into memory first: the generator panics where its output is closed.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "inventure", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}

pub fn man(name: Option<&str>) -> Outcome {
    let mut command = Cli::command().disable_help_subcommand(true);
    // Gives each subcommand its full name.
    command.build();
    let command = match name {
        None => command,
        Some(name) => command
            .find_subcommand(name)
            .ok_or_else(|| format!("man {name}: there is no such command"))?
            .clone(),
    };
    // Commands have no version of their own.
    let source = concat!("inventure ", env!("CARGO_PKG_VERSION"));
    Man::new(command).source(source).render(&mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}
