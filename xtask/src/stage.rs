//! The AWS that a command is about.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use inventure_stack::{aws::Aws, local::Stack, project::Project};

/// Returns the account, where a stage of it is named, and the local stack otherwise.
pub fn aws<'a>(project: &'a Project, stage: Option<&str>) -> Result<Aws<'a>> {
    if stage.is_some() {
        return Ok(Aws::account(project));
    }
    // The end-to-end tests name the stack that was brought up for them.
    let tests = std::env::var_os("INVENTURE_STACK").map(PathBuf::from);
    let folder = tests.as_deref().and_then(Path::parent).unwrap_or(&project.state);
    let running = Stack::find(folder).context("nothing runs here; start with cargo xtask up")?;
    Ok(Aws::local(project, &running.emulator))
}
