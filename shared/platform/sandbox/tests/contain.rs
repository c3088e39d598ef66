//! Tests that the acts of a contained program stay contained.

#![expect(clippy::unwrap_used, reason = "a test that meets what it did not expect has failed")]

use std::{
    net::TcpListener,
    os::unix::net::UnixListener,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use inventure_sandbox::{Contained, Limits, Worker, run, sandbox};

fn worker(limits: Limits) -> Worker {
    Worker {
        exe: PathBuf::from(env!("CARGO_BIN_EXE_contain-probe")),
        name: "probe",
        file: None,
        limits,
    }
}

fn limits() -> Limits {
    Limits {
        wall: Duration::from_secs(20),
        cpu: Duration::from_secs(20),
        address_space_bytes: 256 << 20,
        reply_bytes_max: 1 << 20,
    }
}

#[test]
fn a_request_is_served() {
    assert_eq!(run(&worker(limits()), b"abc").unwrap(), b"cba");
    assert_eq!(run(&worker(limits()), b"").unwrap(), b"");
}

#[test]
fn a_worker_has_its_file_from_before_it_was_closed_off() {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let worker = Worker {
        file: Some(own.clone()),
        ..worker(limits())
    };
    assert_eq!(run(&worker, b"file").unwrap(), std::fs::read(own).unwrap());
}

#[test]
fn a_request_and_a_reply_longer_than_a_pipe_are_served() {
    let request: Vec<u8> = (0..1 << 20).map(|n| n as u8).collect();
    let reply = run(&worker(limits()), &request).unwrap();
    assert!(reply.iter().rev().eq(&request));
}

#[test]
fn a_busy_loop_is_killed_on_the_clock() {
    let started = Instant::now();
    let end = run(
        &worker(Limits {
            wall: Duration::from_millis(300),
            ..limits()
        }),
        b"loop",
    );
    assert!(matches!(end, Err(Contained::TimedOut)), "{end:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_busy_loop_is_killed_on_the_processor() {
    let end = run(
        &worker(Limits {
            cpu: Duration::from_millis(500),
            ..limits()
        }),
        b"loop",
    );
    assert!(matches!(end, Err(Contained::TimedOut)), "{end:?}");
}

#[test]
fn a_worker_that_waits_is_killed_on_the_clock() {
    let end = run(
        &worker(Limits {
            wall: Duration::from_millis(300),
            ..limits()
        }),
        b"wait",
    );
    assert!(matches!(end, Err(Contained::TimedOut)), "{end:?}");
}

#[test]
fn crashes_of_every_kind_are_clean() {
    for misdeed in ["allocate", "panic", "overflow", "abort", "exit"] {
        let end = run(&worker(limits()), misdeed.as_bytes());
        assert!(matches!(end, Err(Contained::Crashed)), "{misdeed}: {end:?}");
    }
}

#[test]
fn a_reply_without_end_is_cut_off() {
    let end = run(&worker(limits()), b"long");
    assert!(matches!(end, Err(Contained::ReplyTooLong)), "{end:?}");
}

#[test]
fn a_worker_has_no_environment() {
    assert_eq!(run(&worker(limits()), b"environment").unwrap(), b"0");
}

/// Does a misdeed freely, where it must work or the test shows nothing, and then contained, where it must not.
fn refused(misdeed: &str, to: &str) {
    let request = format!("{misdeed} {to}");
    let free = Command::new(worker(limits()).exe)
        .args(["free", &request])
        .output()
        .unwrap();
    assert_eq!(free.stdout, b"yes", "{request} does not even work freely");
    assert_eq!(run(&worker(limits()), request.as_bytes()).unwrap(), b"no", "{request}");
}

#[test]
fn a_stranger_s_file_reads_what_lies_on_the_disk() {
    refused("open", env!("CARGO_MANIFEST_PATH"));
    refused("list", "/");
    refused("open", "/proc/self/maps");
}

#[test]
fn a_stranger_s_file_takes_the_credentials_from_the_parent_s_environment() {
    refused("parent", "environ");
    refused("parent", "cmdline");
}

#[test]
fn a_stranger_s_file_leaves_something_behind() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (new, known) = (folder.join("contain-new"), folder.join("contain-known"));
    std::fs::remove_file(&new).ok();
    refused("write", new.to_str().unwrap());
    std::fs::write(&known, "x").unwrap();
    let request = format!("unlink {}", known.display());
    assert_eq!(run(&worker(limits()), request.as_bytes()).unwrap(), b"no");
    assert!(known.exists());
}

#[test]
fn a_stranger_s_file_calls_home() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    refused("connect", &listener.local_addr().unwrap().to_string());
    refused("datagram", "-");
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("contain-socket");
    std::fs::remove_file(&path).ok();
    let _listener = UnixListener::bind(&path).unwrap();
    refused("socket", path.to_str().unwrap());
}

#[test]
fn a_stranger_s_file_acts_on_its_parent() {
    refused("signal", "-");
    refused("limit", "-");
    // Whether tracing a parent works freely depends on the machine.
    assert_eq!(run(&worker(limits()), b"trace -").unwrap(), b"no");
}

#[test]
fn a_stranger_s_file_starts_programs_without_end() {
    refused("program", "/bin/true");
    refused("thread", "-");
}

#[test]
fn a_program_can_say_how_its_workers_are_held() {
    // How much of Landlock there is depends on the kernel. The filter of system calls holds in any case, as the tests above show.
    let held = sandbox(&worker(limits()));
    assert!(held.is_ok(), "{held:?}");
    let nobody = Worker {
        name: "other",
        ..worker(limits())
    };
    assert!(
        sandbox(&nobody).is_err(),
        "nobody answers for a worker that there is not"
    );
}

#[test]
fn another_name_is_not_served() {
    let end = run(
        &Worker {
            name: "other",
            ..worker(limits())
        },
        b"abc",
    );
    assert!(matches!(end, Err(Contained::Crashed)), "{end:?}");
}

#[test]
fn a_program_that_is_not_there_is_told_apart() {
    let end = run(
        &Worker {
            exe: "/nonexistent/program".into(),
            ..worker(limits())
        },
        b"abc",
    );
    assert!(matches!(end, Err(Contained::Start(_))), "{end:?}");
}
