//! The local AWS: starting it, finding it again, ending it.

use std::{
    env, fs,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use inventure_http_client::Request;
use serde_json::json;

use crate::{
    aws::LOCAL_REGION,
    project::{Project, write_private},
    shell,
    tools::Venv,
};

/// The port that `up` uses, LocalStack's own.
pub const DEFAULT_PORT: u16 = 4566;
const START_LIMIT: Duration = Duration::from_mins(1);
/// The time in which a healthy emulator says so.
const HEALTH_LIMIT: Duration = Duration::from_secs(2);
const STOP_LIMIT: Duration = Duration::from_secs(10);
/// The pause before it is asked again whether something has happened.
const PAUSE: Duration = Duration::from_millis(100);

/// A running emulator.
#[derive(Clone, Debug)]
pub struct Emulator {
    /// Its process, which leads a process group with the Lambdas in it.
    pub pid: u32,
    /// The port on 127.0.0.1 where all of AWS answers.
    pub port: u16,
    folder: PathBuf,
}

impl Emulator {
    /// The emulator that was started with this state folder, if it still runs.
    #[must_use]
    pub fn find(folder: &Path) -> Option<Self> {
        let state: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("emulator.json")).ok()?).ok()?;
        let pid = u32::try_from(state["pid"].as_u64()?).ok()?;
        let port = u16::try_from(state["port"].as_u64()?).ok()?;
        // The system may have given the number to another process since.
        is_emulator(pid).then(|| Self {
            pid,
            port,
            folder: folder.to_owned(),
        })
    }

    /// Starts one and waits until it answers. Its state goes into the folder, its output into `emulator.log` there.
    pub(crate) fn start(project: &Project, folder: &Path, port: u16) -> Result<Self> {
        if TcpListener::bind(("127.0.0.1", port)).is_err() {
            let holder = if is_healthy(port) {
                "another emulator"
            } else {
                "another program"
            };
            bail!("port {port} is taken by {holder}; end it, or choose another with --port");
        }
        let scratch = folder.join("tmp");
        fs::create_dir_all(&scratch)?;
        let log = folder.join("emulator.log");
        let voice = fs::File::create(&log)?;
        let child = Command::new(Venv::Emulator.program(project, "python"))
            .arg(project.root.join("localstack/run_ministack.py"))
            // The functions inherit this environment, and must see nothing of the developer's.
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", &scratch)
            .env("TMPDIR", &scratch)
            .env("STATE_DIR", scratch.join("state"))
            .env("LANG", "C.UTF-8")
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("AUTH", "true")
            .env("AWS_ENDPOINT_URL", endpoint(port))
            .env("AWS_DEFAULT_REGION", LOCAL_REGION)
            // It would start a process for each of a thousand requests at once.
            .env("LAMBDA_ACCOUNT_CONCURRENCY", "64")
            // Another listener, on a port of its own, that nothing here speaks to.
            .env("IOT_MTLS_ENABLED", "0")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(voice.try_clone()?)
            .stderr(voice)
            // Ctrl-C in the terminal must not end what `up` leaves running.
            .process_group(0)
            .spawn()
            .context("cannot start the emulator")?;
        let emulator = Self {
            pid: child.id(),
            port,
            folder: folder.to_owned(),
        };
        let state = json!({ "pid": emulator.pid, "port": port });
        write_private(&folder.join("emulator.json"), &serde_json::to_vec(&state)?)?;

        let start = Instant::now();
        while !is_healthy(port) {
            if !is_emulator(emulator.pid) || start.elapsed() > START_LIMIT {
                let said = fs::read_to_string(&log).unwrap_or_default();
                let last = said
                    .lines()
                    .rev()
                    .find(|line| !line.trim().is_empty())
                    .unwrap_or("nothing")
                    .to_owned();
                emulator.stop();
                bail!("the emulator did not start; the last it said: {last}");
            }
            thread::sleep(PAUSE);
        }
        Ok(emulator)
    }

    /// Ends it with all its functions, and removes what it kept.
    pub fn stop(&self) {
        signal("TERM", self.pid);
        let start = Instant::now();
        while is_emulator(self.pid) && start.elapsed() < STOP_LIMIT {
            thread::sleep(PAUSE);
        }
        // Functions that did not hear of it, and the emulator itself should it hang.
        signal("KILL", self.pid);
        let _ = fs::remove_file(self.folder.join("emulator.json"));
        let _ = fs::remove_dir_all(self.folder.join("tmp"));
    }

    /// The address of AWS.
    #[must_use]
    pub fn endpoint(&self) -> String {
        endpoint(self.port)
    }
}

fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Signals the process group. An error means that nobody is left in it.
fn signal(name: &str, group: u32) {
    let _ = Command::new("kill")
        .args([format!("-{name}"), "--".to_owned(), format!("-{group}")])
        .stderr(Stdio::null())
        .status();
}

/// Whether the process lives and is an emulator, and not a zombie or another program with its old number.
fn is_emulator(pid: u32) -> bool {
    let command = shell::output(Command::new("ps").args(["-o", "stat=,command=", "-p", &pid.to_string()]));
    command.is_ok_and(|line| line.contains("ministack") && !line.trim_start().starts_with('Z'))
}

/// Tells whether an emulator (or LocalStack) answers on the port.
#[must_use]
pub fn is_healthy(port: u16) -> bool {
    let answer = Request::get(format!("{}/_localstack/health", endpoint(port))).send(HEALTH_LIMIT);
    answer.is_ok_and(|answer| answer.is_success())
}

/// A port that nobody uses.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
