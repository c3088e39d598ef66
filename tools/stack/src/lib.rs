//! The project and its stacks, as `cargo xtask`, the demo and the benchmarks drive them.
//!
//! Here are cargo, the pinned tools, the functions' packages, the AWS CLI, the emulator, and bringing all of it up.

#![allow(clippy::print_stdout, reason = "a command-line tool speaks through its output")]
#![allow(
    clippy::disallowed_methods,
    reason = "a command-line tool lives in the clock and the environment that rules must not know"
)]

/// Prints a line as the standard library does, above those of the running steps, which it would tear otherwise.
#[macro_export]
macro_rules! println {
    () => { $crate::shell::say("") };
    ($($text:tt)+) => { $crate::shell::say(&format!($($text)+)) };
}
/// Prints a line to the error output, likewise.
#[macro_export]
macro_rules! eprintln {
    ($($text:tt)+) => { $crate::shell::complain(&format!($($text)+)) };
}

pub mod aws;
pub mod emulator;
pub mod local;
pub mod logs;
pub mod operator;
pub mod package;
mod processor;
pub mod project;
pub mod shell;
pub mod stack;
pub mod tools;
