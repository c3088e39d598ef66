//! Colour and progress on a terminal, and neither elsewhere.

use std::{
    fs::{self, File},
    io::Read,
    process::{Command, Stdio},
};

use nix::pty::{Winsize, openpty};

use super::{command, folder};

const PARSE: [&str; 2] = ["parse", "cvs"];

/// Runs a command on a terminal of its own and returns what came out there.
fn on_terminal(mut command: Command) -> String {
    let size = Winsize {
        ws_row: 24,
        ws_col: 100,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let terminal = openpty(&size, None).unwrap();
    let mut child = command
        .env("TERM", "xterm-256color")
        .stdin(Stdio::null())
        .stdout(terminal.slave.try_clone().unwrap())
        .stderr(terminal.slave)
        .spawn()
        .unwrap();
    // The terminal ends when nobody has its other end any more.
    drop(command);
    let mut shown = Vec::new();
    // On Linux that end is an error, after everything was read.
    File::from(terminal.master).read_to_end(&mut shown).ok();
    assert!(child.wait().unwrap().success());
    String::from_utf8(shown).unwrap()
}

#[test]
fn a_terminal_shows_a_bar_unless_it_is_to_be_quiet() {
    let folder = folder("bar");
    let shown = on_terminal(command(&folder, &PARSE));
    assert!(shown.contains("read ") && shown.contains("/2, "), "{shown:?}");
    let quiet = on_terminal(command(&folder, &[&PARSE[..], &["--quiet"]].concat()));
    assert!(quiet.contains("Jane Roe") && !quiet.contains("/2, "), "{quiet:?}");
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let folder = folder("colour");
    let quiet = [&PARSE[..], &["--quiet"]].concat();
    let bold = "\u{1b}[1mcvs/a-nurse.txt";
    let shown = on_terminal(command(&folder, &quiet));
    assert!(shown.contains(bold), "{shown:?}");
    let mut plain = command(&folder, &quiet);
    plain.env("NO_COLOR", "1");
    let shown = on_terminal(plain);
    assert!(
        shown.contains("cvs/a-nurse.txt") && !shown.contains('\u{1b}'),
        "{shown:?}"
    );
    let piped = command(&folder, &quiet).output().unwrap().stdout;
    assert!(!piped.contains(&0x1b));
}

#[test]
fn the_name_of_a_file_gives_the_terminal_no_orders() {
    let folder = folder("orders");
    let name = "cvs/\u{1b}]0;owned\u{7}.txt";
    fs::rename(folder.join("cvs/a-nurse.txt"), folder.join(name)).unwrap();
    let rank = [
        "rank",
        "--job",
        "job.txt",
        "--resumes",
        "cvs",
        "--lexical-only",
        "--quiet",
    ];
    for arguments in [&["parse", "cvs", "--quiet"][..], &rank] {
        let shown = on_terminal(command(&folder, arguments));
        assert!(shown.contains("cvs/]0;owned.txt"), "{shown:?}");
        assert!(!shown.contains("\u{1b}]") && !shown.contains('\u{7}'), "{shown:?}");
    }
}
