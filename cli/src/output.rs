//! Results on standard output, words about them on standard error, both in colour on a terminal that wants it.

use std::{
    fmt::Display,
    io::{self, Write},
    path::Path,
};

use anstyle::{AnsiColor, Style};

/// The style of a failure.
pub const BAD: Style = AnsiColor::Red.on_default().bold();

/// The style of what was left out.
pub const LEFT_OUT: Style = AnsiColor::Yellow.on_default();

/// The style of what holds.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();

/// The style of a heading.
pub const HEADING: Style = Style::new().bold();

/// Returns standard output. For programs its bytes are not touched; for people styles are taken out where they do not belong.
pub fn results(for_programs: bool) -> Box<dyn Write> {
    if for_programs {
        Box::new(io::stdout().lock())
    } else {
        Box::new(anstream::stdout().lock())
    }
}

/// Says a line on standard error, after the program's name in a style.
pub fn tell(style: Style, line: impl Display) {
    // If nobody hears it, there is nobody to tell that either.
    writeln!(anstream::stderr().lock(), "{style}inventure:{style:#} {line}").ok();
}

/// Returns a stranger's text without what would move the cursor, or tell the terminal anything else.
pub fn printable(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

/// Returns the name of a file for people.
pub fn name(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
