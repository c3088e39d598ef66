//! A program that misbehaves as it is told, for the tests of containment.

use std::{
    fs,
    hint::black_box,
    io::Write,
    net::{TcpStream, UdpSocket},
    os::unix::{net::UnixStream, process::parent_id},
    process::Command,
    thread,
    time::Duration,
};

use inventure_sandbox::worker_main;

fn main() {
    worker_main(
        "probe",
        |file| file.map(fs::read),
        |file, request| serve(file, &request),
    );
    // Not started as a worker. With nothing around it, it does a misdeed all the same, so that the tests know it for one.
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("free"), Some(misdeed)) => drop(std::io::stdout().write_all(&serve(None, misdeed.as_bytes()))),
        _ => std::process::exit(3),
    }
}

/// Tries what a contained program may not do, by its name and what it is done to. Whether it could.
fn tried(misdeed: &str, to: &str) -> bool {
    let parent = nix::unistd::Pid::from_raw(parent_id() as i32);
    match misdeed {
        "open" => fs::read(to).is_ok(),
        "list" => fs::read_dir(to).is_ok(),
        "parent" => fs::read(format!("/proc/{}/{to}", parent_id())).is_ok(),
        "write" => fs::write(to, "x").is_ok(),
        "unlink" => fs::remove_file(to).is_ok(),
        "connect" => TcpStream::connect(to).is_ok(),
        "datagram" => UdpSocket::bind("127.0.0.1:0").is_ok(),
        "socket" => UnixStream::connect(to).is_ok(),
        "signal" => nix::sys::signal::kill(parent, None).is_ok(),
        "trace" => nix::sys::ptrace::seize(parent, nix::sys::ptrace::Options::empty()).is_ok(),
        "limit" => rlimit::prlimit(parent.as_raw(), rlimit::Resource::CORE, None, None).is_ok(),
        "program" => Command::new(to).spawn().is_ok_and(|mut child| child.wait().is_ok()),
        "thread" => thread::Builder::new().spawn(|| ()).is_ok(),
        _ => false,
    }
}

fn serve(file: Option<std::io::Result<Vec<u8>>>, request: &[u8]) -> Vec<u8> {
    match request {
        b"file" => file.and_then(Result::ok).unwrap_or_default(),
        b"loop" => loop {
            black_box(());
        },
        b"wait" => loop {
            thread::park_timeout(Duration::from_mins(1));
        },
        b"allocate" => {
            let mut hoard: Vec<Vec<u8>> = Vec::new();
            loop {
                hoard.push(black_box(vec![1; 1 << 20]));
            }
        }
        #[expect(clippy::panic, reason = "misbehaviour is the point")]
        b"panic" => panic!("the secret of the file"),
        b"overflow" => vec![overflow(1)],
        b"abort" => std::process::abort(),
        b"exit" => std::process::exit(7),
        b"long" => vec![b'x'; 2 << 20],
        b"environment" => std::env::vars_os().count().to_string().into_bytes(),
        _ => match std::str::from_utf8(request)
            .ok()
            .and_then(|request| request.split_once(' '))
        {
            Some((misdeed, to)) => if tried(misdeed, to) { "yes" } else { "no" }.into(),
            None => request.iter().rev().copied().collect(),
        },
    }
}

fn overflow(n: u8) -> u8 {
    if n == 0 {
        return 0;
    }
    let frame = black_box([n; 4096]);
    overflow(frame[0]).wrapping_add(frame[1])
}
