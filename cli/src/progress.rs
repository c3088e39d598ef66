//! Progress on standard error: a bar on a terminal, a line now and then elsewhere.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::output;

/// The number of files from one line to the next, where there is no terminal.
const LINE_EVERY: usize = 50;

/// The time from one drawing of the bar to the next.
const TICK: Duration = Duration::from_millis(200);

/// A count of files that are done, shown while it rises.
pub struct Progress {
    bar: ProgressBar,
    doing: &'static str,
    total: usize,
    done: AtomicUsize,
    in_lines: bool,
}

impl Progress {
    /// Begins to count; `doing` is what has been done to a file, such as `read`.
    pub fn new(doing: &'static str, total: usize, quiet: bool) -> Self {
        let bar = if quiet {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(total as u64)
        };
        let in_lines = !quiet && bar.is_hidden();
        if !bar.is_hidden() {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(doing);
            bar.enable_steady_tick(TICK);
        }
        Self {
            bar,
            doing,
            total,
            done: AtomicUsize::new(0),
            in_lines,
        }
    }

    /// Counts a file.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.bar.inc(1);
        if self.in_lines && done.is_multiple_of(LINE_EVERY) {
            output::tell(
                output::HEADING,
                format_args!("{} {done} of {} files", self.doing, self.total),
            );
        }
    }

    /// Writes something while the bar is out of the way.
    pub fn aside(&self, write: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        self.bar.suspend(write)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
