//! The files that were not read, and the reasons.

use std::{io, path::Path, process::ExitCode};

use inventure_resume::Refusal;

use crate::output;

/// The reason for which there is nothing to show of a file.
#[derive(Debug, Clone)]
pub struct Refused {
    /// A stable name for the reason.
    pub reason: String,
    /// Advice in words on what to do about it.
    pub detail: String,
    /// Whether the file itself could not be opened.
    pub unreadable: bool,
}

impl Refused {
    /// Makes a refusal of a file that could not be opened.
    pub fn unreadable(error: io::Error) -> Self {
        Self {
            reason: "unreadable".to_owned(),
            detail: match error.kind() {
                // Folders are looked into before; what is left of them is too deep.
                io::ErrorKind::IsADirectory => "The folder lies too deep inside the others.".to_owned(),
                _ => format!("The file cannot be opened: {error}."),
            },
            unreadable: true,
        }
    }
}

/// The exit code where files were refused and everything else is done.
const REFUSED: u8 = 3;

/// The worst that happened to any of the files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worst {
    /// Every file was read.
    #[default]
    Read,
    /// A file was refused.
    Refused,
    /// A file could not be opened.
    Unreadable,
}

impl Worst {
    /// Counts a refusal in, and says it on standard error.
    pub fn refused(&mut self, file: &Path, refused: &Refused) {
        let (file, reason) = (output::name(file), &refused.reason);
        let detail = output::printable(&refused.detail);
        output::tell(output::LEFT_OUT, format_args!("{file}: refused ({reason}): {detail}"));
        *self = (*self).max(if refused.unreadable {
            Self::Unreadable
        } else {
            Self::Refused
        });
    }
}

impl From<Worst> for ExitCode {
    fn from(worst: Worst) -> Self {
        match worst {
            Worst::Read => Self::SUCCESS,
            Worst::Unreadable => Self::FAILURE,
            Worst::Refused => Self::from(REFUSED),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            reason: refusal.code().to_owned(),
            detail: refusal.detail(),
            unreadable: false,
        }
    }
}
