//! `operator`: invites the people that run the platform.

use anyhow::{Context, Result};
use clap::Args;
use inventure_stack::{local::STAGE, operator, project::Project, stack};

use crate::stage;

#[derive(Args)]
pub struct Options {
    /// The person's mail address, as the identity provider knows and has verified it.
    email: String,
    /// The stage on AWS, in place of the local stack.
    #[arg(long)]
    stage: Option<String>,
}

/// `cargo xtask operator`.
pub fn operator(project: &Project, options: &Options) -> Result<()> {
    let aws = stage::aws(project, options.stage.as_deref())?;
    let outputs = stack::outputs(&aws, options.stage.as_deref().unwrap_or(STAGE))?;
    let table = outputs["MainTableName"]
        .as_str()
        .context("the stack has no output MainTableName")?;
    let token = operator::invite(&aws, table, &options.email)?;
    println!("Within a day, signed in as {}:", options.email);
    println!("POST /invitations/accept {{\"token\":\"{token}\"}}");
    Ok(())
}
