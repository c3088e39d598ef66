//! A program that misbehaves as it is told, for the tests of containment.

use std::{hint::black_box, thread, time::Duration};

use inventure_contain::worker_main;

fn main() {
    worker_main("probe", |request| serve(&request));
    // Not started as a worker: nothing to do.
    std::process::exit(3);
}

fn serve(request: &[u8]) -> Vec<u8> {
    match request {
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
        b"write" => {
            std::fs::write(std::env::temp_dir().join("contain-probe"), "x").map_or(b"no".into(), |()| b"yes".into())
        }
        _ => request.iter().rev().copied().collect(),
    }
}

fn overflow(n: u8) -> u8 {
    if n == 0 {
        return 0;
    }
    let frame = black_box([n; 4096]);
    overflow(frame[0]).wrapping_add(frame[1])
}
