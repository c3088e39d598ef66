//! The AWS CLI, against the local stack or against AWS itself.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{emulator::Emulator, project::Project, shell, tools::Venv, up::Stack};

/// The region that the local stack plays.
pub const LOCAL_REGION: &str = "us-east-1";
/// The access key that the local stack takes for its administrator's.
pub const LOCAL_KEY: &str = "test";

/// The AWS that is called: the local stack, or an account.
pub struct Aws<'a> {
    project: &'a Project,
    endpoint: Option<String>,
}

impl<'a> Aws<'a> {
    /// The local stack.
    pub fn local(project: &'a Project, emulator: &Emulator) -> Self {
        Self {
            project,
            endpoint: Some(emulator.endpoint()),
        }
    }

    /// AWS, as the environment says: profile, region, credentials.
    pub const fn account(project: &'a Project) -> Self {
        Self {
            project,
            endpoint: None,
        }
    }

    /// Whether this is the local stack.
    pub const fn is_local(&self) -> bool {
        self.endpoint.is_some()
    }

    /// `aws`, ready for arguments.
    fn command(&self) -> Command {
        let mut aws = Command::new(Venv::Tools.program(self.project, "aws"));
        aws.env("AWS_PAGER", "");
        if let Some(endpoint) = &self.endpoint {
            // Said twice: for SQS the CLI does not look at the environment.
            aws.args(["--endpoint-url", endpoint]);
        }
        self.point(&mut aws);
        aws
    }

    /// Points a program that speaks to AWS to the one that we speak to.
    pub fn point(&self, program: &mut Command) {
        if let Some(endpoint) = &self.endpoint {
            // Nothing of the developer's own AWS may leak in, or a command meant for here might reach an account.
            for name in [
                "AWS_PROFILE",
                "AWS_DEFAULT_PROFILE",
                "AWS_SESSION_TOKEN",
                "AWS_CA_BUNDLE",
            ] {
                program.env_remove(name);
            }
            program
                .env("AWS_CONFIG_FILE", "/dev/null")
                .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
                .env("AWS_ENDPOINT_URL", endpoint)
                .env("AWS_ACCESS_KEY_ID", LOCAL_KEY)
                .env("AWS_SECRET_ACCESS_KEY", LOCAL_KEY)
                .env("AWS_REGION", LOCAL_REGION)
                .env("AWS_DEFAULT_REGION", LOCAL_REGION)
                .env("AWS_EC2_METADATA_DISABLED", "true")
                // A proxy would be asked for our own machine.
                .env("NO_PROXY", "127.0.0.1,localhost");
        }
    }

    /// Calls an operation and returns what it answers.
    pub fn call<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Result<Value> {
        shell::json(self.command().args(arguments).args(["--output", "json"]))
    }

    /// Sends files of a folder to a bucket, as far as they are not there. Their keys say what is in them, so size is enough.
    pub fn sync(&self, folder: &Path, names: &[&str], to: &str) -> Result<()> {
        let mut sync = self.command();
        sync.args(["s3", "sync", "--only-show-errors", "--size-only", "--exclude", "*"]);
        for name in names {
            sync.args(["--include", name]);
        }
        shell::output(sync.arg(folder).arg(to)).map(drop)
    }
}

/// The account, where a stage of it is named, and the local stack otherwise.
pub fn of_stage<'a>(project: &'a Project, stage: Option<&str>) -> Result<Aws<'a>> {
    if stage.is_some() {
        return Ok(Aws::account(project));
    }
    // The end-to-end tests name the stack that was brought up for them.
    let tests = std::env::var_os("INVENTURE_STACK").map(PathBuf::from);
    let folder = tests.as_deref().and_then(Path::parent).unwrap_or(&project.state);
    let running = Stack::find(folder).context("nothing runs here; start with cargo xtask up")?;
    Ok(Aws::local(project, &running.emulator))
}
