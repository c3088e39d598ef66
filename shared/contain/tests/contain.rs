//! What a contained program does stays contained, whatever it does.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use inventure_contain::{Contained, Limits, Worker, run};

fn worker(limits: Limits) -> Worker {
    Worker {
        exe: PathBuf::from(env!("CARGO_BIN_EXE_contain-probe")),
        name: "probe",
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
fn a_worker_has_no_environment_and_writes_no_files() {
    assert_eq!(run(&worker(limits()), b"environment").unwrap(), b"0");
    assert!(!matches!(run(&worker(limits()), b"write"), Ok(reply) if reply == b"yes"));
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
