//! Runs untrusted work in a child process with bounded time and memory, that can open, reach and start nothing.
//!
//! Libraries that read strangers' files can loop, eat memory, overflow the stack or abort. None of that can be caught inside
//! a process, so the work is done in another one: the same program, started again with a hidden first argument. The request
//! goes in on its standard input and the reply comes out on its standard output; what it says on standard error is thrown away,
//! since it may quote a person's file. The child has no environment, so it holds no credentials either, and before it reads a byte of
//! the request it gives up files, sockets, other processes and new ones for good ([`sandbox`]). It needs no privilege for that, so it works
//! inside a Lambda.
//!
//! ```no_run
//! use inventure_sandbox::{Limits, Worker, run, worker_main};
//!
//! // First thing in `main`: in a child this serves one request and does not come back.
//! worker_main("shout", |_| (), |(), request| request.to_ascii_uppercase());
//!
//! let exe = std::env::current_exe()?;
//! let reply = run(&Worker { exe, name: "shout", file: None, limits: Limits::default() }, b"hello");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! **Architecture Invariant:** knows no other crate of the workspace.

mod sandbox;

use std::{
    env, io,
    io::{Read, Write},
    os::unix::process::ExitStatusExt,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    process::{self, Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use rlimit::Resource;

pub use sandbox::Landlock;

/// The first argument of a child.
const WORKER_WORD: &str = "--inventure-contained-worker";
/// The last argument of a child that only says how it is held.
const REPORT_WORD: &str = "--report";
/// Exit code of a child whose work panicked.
const PANICKED: i32 = 101;
/// Exit code of a child that could not set itself up.
const NOT_SET_UP: i32 = 102;
/// The signal of a process that has used up its processor time, on every Linux.
const SIGXCPU: i32 = 24;

/// The limits on what a child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time from start to reply. A child that takes longer is killed.
    pub wall: Duration,
    /// Processor time, rounded up to seconds.
    pub cpu: Duration,
    /// Address space in bytes, the program itself included (some tens of MB).
    pub address_space_bytes: u64,
    /// The longest reply.
    pub reply_bytes_max: usize,
}

impl Default for Limits {
    /// Returns the usual limits: 10 s, 10 s of processor time, 1 GB, 16 MB.
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(10),
            cpu: Duration::from_secs(10),
            address_space_bytes: 1 << 30,
            reply_bytes_max: 16 << 20,
        }
    }
}

/// A kind of work and where it is done.
#[derive(Debug, Clone)]
pub struct Worker {
    /// The program whose `main` calls [`worker_main`] with `name`; most often the running one, `std::env::current_exe`.
    pub exe: PathBuf,
    /// The name of the work.
    pub name: &'static str,
    /// A file that the child may open before it is closed off, such as a library to load.
    pub file: Option<PathBuf>,
    /// The limits of each child.
    pub limits: Limits,
}

/// The reasons for which there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum Contained {
    /// The work took too long, on the clock or on the processor.
    #[error("the work took too long")]
    TimedOut,
    /// The work panicked, overflowed its stack, ran out of memory or was killed. These are not told apart: out of memory, a
    /// program aborts like any other.
    #[error("the work crashed")]
    Crashed,
    /// The reply is longer than allowed.
    #[error("the reply is too long")]
    ReplyTooLong,
    /// The child could not be started.
    #[error("the worker could not be started")]
    Start(#[source] io::Error),
}

/// Serves one request and exits, in a child that was started for work of this name. Does nothing in any other process. Called
/// first thing in `main`, once for each name.
///
/// `prepare` gets the worker's file and runs before the child is closed off and reads a byte of the request; it must not look at
/// anything that a stranger wrote.
pub fn worker_main<T>(name: &str, prepare: impl FnOnce(Option<&Path>) -> T, work: impl FnOnce(T, Vec<u8>) -> Vec<u8>) {
    let mut arguments = env::args().skip(1);
    if arguments.next().as_deref() != Some(WORKER_WORD) || arguments.next().as_deref() != Some(name) {
        return;
    }
    // Nothing that a panic says may reach a log.
    panic::set_hook(Box::new(|_| {}));
    let mut number = || arguments.next().and_then(|number| number.parse::<u64>().ok());
    let (Some(address_space_bytes), Some(cpu_seconds)) = (number(), number()) else {
        process::exit(NOT_SET_UP)
    };
    let (file, reports) = (arguments.next(), arguments.next().as_deref() == Some(REPORT_WORD));
    let file = file.filter(|file| !file.is_empty());
    let limits = [
        (Resource::AS, address_space_bytes, address_space_bytes),
        // The signal at the soft limit tells the parent why; the hard one is for a child that ignores it.
        (Resource::CPU, cpu_seconds, cpu_seconds + 1),
        (Resource::CORE, 0, 0),
        (Resource::FSIZE, 0, 0),
    ];
    if limits
        .iter()
        .any(|(resource, soft, hard)| resource.set(*soft, *hard).is_err())
    {
        process::exit(NOT_SET_UP);
    }
    let Ok(prepared) = panic::catch_unwind(AssertUnwindSafe(|| prepare(file.as_deref().map(Path::new)))) else {
        process::exit(PANICKED)
    };
    let Ok(landlock) = sandbox::enter() else {
        process::exit(NOT_SET_UP)
    };
    let served = panic::catch_unwind(AssertUnwindSafe(|| {
        let mut request = Vec::new();
        io::stdin().lock().read_to_end(&mut request)?;
        let reply = if reports {
            landlock.to_string().into_bytes()
        } else {
            work(prepared, request)
        };
        let mut out = io::stdout().lock();
        out.write_all(&reply)?;
        out.flush()
    }));
    process::exit(match served {
        Ok(Ok(())) => 0,
        Ok(Err(_)) => NOT_SET_UP,
        Err(_) => PANICKED,
    });
}

/// Tells how a worker's children are held, by starting one that only says so. For a program to say in its log when it starts.
///
/// # Errors
/// As [`run`]; [`Contained::Crashed`] where the kernel takes no filter of system calls, so that no work is done at all.
pub fn sandbox(worker: &Worker) -> Result<Landlock, Contained> {
    let reply = serve(worker, &[], &[REPORT_WORD])?;
    Landlock::read(&reply).ok_or(Contained::Crashed)
}

/// Has a request served in a child process and waits for the reply, no longer than the limits allow. Blocks: inside a runtime,
/// call it where blocking is fine.
///
/// # Errors
/// [`Contained`]: the child took too long, crashed, said too much or could not be started. It is dead in every case.
pub fn run(worker: &Worker, request: &[u8]) -> Result<Vec<u8>, Contained> {
    serve(worker, request, &[])
}

fn serve(worker: &Worker, request: &[u8], more_arguments: &[&str]) -> Result<Vec<u8>, Contained> {
    let limits = worker.limits;
    let cpu_seconds = limits.cpu.as_secs() + u64::from(limits.cpu.subsec_nanos() > 0);
    let mut command = Command::new(&worker.exe);
    command
        .arg(WORKER_WORD)
        .arg(worker.name)
        .arg(limits.address_space_bytes.to_string())
        .arg(cpu_seconds.to_string())
        .arg(worker.file.as_deref().unwrap_or(Path::new("")))
        .args(more_arguments)
        .env_clear()
        .stderr(Stdio::null());
    exchange(&mut command, request, limits.wall, limits.reply_bytes_max)
}

/// Starts a program, gives it a request on its standard input and returns what it writes, in bounded time. Blocks.
///
/// The program itself is not closed off, so it is one that is trusted with the request.
///
/// # Errors
/// [`Contained`]: it took too long, failed, said too much or could not be started. It is dead in every case.
pub fn exchange(
    command: &mut Command,
    request: &[u8],
    wall: Duration,
    reply_bytes_max: usize,
) -> Result<Vec<u8>, Contained> {
    let deadline = Instant::now() + wall;
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(Contained::Start)?;
    let mut child = Reaped(child);
    let (Some(mut input), Some(output)) = (child.0.stdin.take(), child.0.stdout.take()) else {
        return Err(Contained::Start(io::Error::other("no pipes")));
    };
    // Both ends are served at once, or a child that writes before it has read all would wait for us while we wait for it.
    // The threads end with the pipes, and the pipes with the child.
    let request = request.to_vec();
    thread::spawn(move || {
        // A child that dies early does not read on; its exit tells why.
        input.write_all(&request).ok();
    });
    let (sender, receiver) = mpsc::channel();
    let most = reply_bytes_max as u64;
    thread::spawn(move || {
        let mut reply = Vec::new();
        let read = output
            .take(most.saturating_add(1))
            .read_to_end(&mut reply)
            .map(|_| reply);
        sender.send(read).ok();
    });
    let reply = match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Err(_) => return Err(Contained::TimedOut),
        Ok(Err(_)) => return Err(Contained::Crashed),
        Ok(Ok(reply)) if reply.len() > reply_bytes_max => return Err(Contained::ReplyTooLong),
        Ok(Ok(reply)) => reply,
    };
    let status = child.end(deadline).map_err(Contained::Start)?;
    match (status.success(), status.signal()) {
        (true, _) => Ok(reply),
        (false, Some(SIGXCPU)) => Err(Contained::TimedOut),
        (false, _) => Err(Contained::Crashed),
    }
}

/// A child that does not outlive its owner.
struct Reaped(Child);

impl Reaped {
    /// Waits for a child that has closed its output, which it does by exiting.
    fn end(&mut self, deadline: Instant) -> io::Result<ExitStatus> {
        // One that has closed it and goes on has broken the contract and is killed when its time is up.
        while Instant::now() < deadline {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_micros(200));
        }
        self.0.kill()?;
        self.0.wait()
    }
}

impl Drop for Reaped {
    fn drop(&mut self) {
        // Killing a child that has ended is no error, and waiting for it again is none either.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
