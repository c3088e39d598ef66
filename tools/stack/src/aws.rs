//! The AWS CLI, against the local stack or against AWS itself.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{emulator::Emulator, project::Project, tools::Venv};

/// The region that the local stack plays.
pub const LOCAL_REGION: &str = "us-east-1";
/// The access key that the local stack takes for its administrator's.
pub const LOCAL_KEY: &str = "test";

/// The AWS CLI as one process that answers many calls: see aws.py.
struct Cli {
    /// The endpoint that it is pointed to. `None` is AWS.
    endpoint: Option<String>,
    calls: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// The processes of the CLI that run. A call takes the first that is free; each costs a second to start,
/// so there are few. They end with this program, as their input does.
static RUNNING: [Mutex<Option<Cli>>; 4] = [const { Mutex::new(None) }; 4];

impl Cli {
    fn ask(&mut self, arguments: &[String]) -> Result<(i64, String, String)> {
        writeln!(self.calls, "{}", json!(arguments))?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        if answer.is_empty() {
            bail!("the AWS CLI ended");
        }
        serde_json::from_str(&answer).with_context(|| format!("the AWS CLI said {answer}"))
    }
}

/// The AWS that is called: the local stack, or an account.
pub struct Aws<'a> {
    project: &'a Project,
    endpoint: Option<String>,
}

impl<'a> Aws<'a> {
    /// The local stack.
    #[must_use]
    pub fn local(project: &'a Project, emulator: &Emulator) -> Self {
        Self {
            project,
            endpoint: Some(emulator.endpoint()),
        }
    }

    /// AWS, as the environment says: profile, region, credentials.
    #[must_use]
    pub const fn account(project: &'a Project) -> Self {
        Self {
            project,
            endpoint: None,
        }
    }

    /// Whether this is the local stack.
    pub(crate) const fn is_local(&self) -> bool {
        self.endpoint.is_some()
    }

    fn start(&self) -> Result<Cli> {
        let mut python = Command::new(Venv::Tools.program(self.project, "python"));
        python.args(["-c", include_str!("aws.py")]);
        python.stdin(Stdio::piped()).stdout(Stdio::piped()).env("AWS_PAGER", "");
        self.point(&mut python);
        let mut process = python.spawn().context("cannot start the AWS CLI")?;
        let (calls, answers) = (process.stdin.take(), process.stdout.take());
        Ok(Cli {
            endpoint: self.endpoint.clone(),
            calls: calls.context("no way to ask")?,
            answers: BufReader::new(answers.context("no way to hear")?),
        })
    }

    /// Runs a command of the CLI and returns what it printed.
    fn run(&self, mut arguments: Vec<String>) -> Result<String> {
        if let Some(endpoint) = &self.endpoint {
            // Said twice: for SQS the CLI does not look at the environment.
            arguments.extend(["--endpoint-url".to_owned(), endpoint.clone()]);
        }
        let free = RUNNING.iter().find_map(|slot| slot.try_lock().ok());
        let mut slot = free.unwrap_or_else(|| RUNNING[0].lock().unwrap_or_else(PoisonError::into_inner));
        let known = slot.take().filter(|cli| cli.endpoint == self.endpoint);
        let mut cli = known.map_or_else(|| self.start(), Ok)?;
        let (code, output, errors) = cli.ask(&arguments)?;
        *slot = Some(cli);
        drop(slot);
        if code != 0 {
            let said = format!("{errors}{output}");
            bail!(
                "`aws {}` failed: {}",
                arguments.get(..2).unwrap_or_default().join(" "),
                said.trim()
            );
        }
        Ok(output)
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
    pub fn call<S: Into<String>>(&self, arguments: impl IntoIterator<Item = S>) -> Result<Value> {
        let json = ["--output", "json"].map(str::to_owned);
        let text = self.run(arguments.into_iter().map(Into::into).chain(json).collect())?;
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).context("the AWS CLI printed no JSON")
    }

    /// Sends files of a folder to a bucket, as far as they are not there. Their keys say what is in them, so size is enough.
    pub fn sync(&self, folder: &Path, names: &[&str], to: &str) -> Result<()> {
        let mut sync = ["s3", "sync", "--only-show-errors", "--size-only", "--exclude", "*"]
            .map(str::to_owned)
            .to_vec();
        for name in names {
            sync.extend(["--include".to_owned(), (*name).to_owned()]);
        }
        sync.extend([folder.to_string_lossy().into_owned(), to.to_owned()]);
        self.run(sync).map(drop)
    }
}
