//! Recognises text with the `tesseract` program, where it is installed.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use inventure_resume::{PageImage, ScannedWord};
use inventure_sandbox::{Contained, exchange};

/// The longest time for a page.
const PAGE_LONGEST: Duration = Duration::from_secs(30);
/// The longest answer about a page; one full of the smallest print takes some 200 kB.
const ANSWER_BYTES_MAX: usize = 8 << 20;
/// The level of a line of the answer that is about the whole page, and of one about a word.
const PAGE: &str = "1";
const WORD: &str = "5";

/// The program `tesseract`, which recognises text on this machine.
#[derive(Debug, Clone)]
pub struct Tesseract {
    program: PathBuf,
}

/// The error where the program gives no answer that can be made sense of.
#[derive(Debug, thiserror::Error)]
pub enum NotRecognised {
    /// The program could not be started, failed, or took too long.
    #[error("tesseract failed")]
    Program(#[from] Contained),
    /// The answer is not the table that was asked for.
    #[error("tesseract answered with something else than its table of words")]
    Answer,
}

impl Tesseract {
    /// Takes the program at a path.
    #[must_use]
    pub const fn at(program: PathBuf) -> Self {
        Self { program }
    }

    /// Finds the program in the folders of `PATH`.
    #[must_use]
    pub fn find() -> Option<Self> {
        let folders = env::var_os("PATH")?;
        let mut programs = env::split_paths(&folders).map(|folder| folder.join("tesseract"));
        programs.find(|program| program.is_file()).map(Self::at)
    }

    /// Describes the program: its path, size and time of change, and the folder of its data. What it answers depends on these.
    #[must_use]
    pub fn identity(&self) -> String {
        let known = self.program.metadata().ok();
        let changed = known.as_ref().and_then(|known| known.modified().ok());
        let data = env::var_os("TESSDATA_PREFIX");
        let size = known.map(|known| known.len());
        format!("{} {size:?} {changed:?} {data:?}", self.program.display())
    }

    /// Recognises the words of a page, in English. Blocks, for a second or more.
    ///
    /// # Errors
    /// [`NotRecognised`] where the program fails or takes longer than 30 seconds.
    pub fn words(&self, page: &PageImage) -> Result<Vec<ScannedWord>, NotRecognised> {
        let mut command = Command::new(&self.program);
        // One thread: the caller may have as many pages at once as it has cores.
        command
            .args(["stdin", "stdout", "-l", "eng", "--psm", "3", "tsv"])
            .env_clear()
            .envs(env::var_os("TESSDATA_PREFIX").map(|folder| ("TESSDATA_PREFIX", folder)))
            .env("OMP_THREAD_LIMIT", "1")
            .stderr(Stdio::null());
        let answer = exchange(&mut command, &page.png, PAGE_LONGEST, ANSWER_BYTES_MAX)?;
        words(&String::from_utf8_lossy(&answer)).ok_or(NotRecognised::Answer)
    }
}

/// Reads the program's table: level, page, block, paragraph, line, word, left, top, width, height, confidence of 100, text.
fn words(table: &str) -> Option<Vec<ScannedWord>> {
    let rows = || {
        table
            .lines()
            .skip(1)
            .map(|row| row.splitn(12, '\t').collect::<Vec<_>>())
    };
    let number = |row: &[&str], at: usize| row.get(at)?.parse::<f32>().ok();
    let page = rows().find(|row| row.first() == Some(&PAGE))?;
    let (width, height) = (number(&page, 8)?, number(&page, 9)?);
    if width < 1.0 || height < 1.0 {
        return None;
    }
    let mut words: Vec<ScannedWord> = Vec::new();
    let mut before: Option<[String; 3]> = None;
    let mut line = 0;
    for row in rows().filter(|row| row.first() == Some(&WORD)) {
        let text = row.get(11)?.trim();
        let place = [2, 3, 4].map(|at| row[at].to_owned());
        if before.as_ref().is_some_and(|before| *before != place) {
            line += 1;
        }
        before = Some(place);
        if text.is_empty() {
            continue;
        }
        let (left, top) = (number(&row, 6)?, number(&row, 7)?);
        words.push(ScannedWord {
            text: text.to_owned(),
            line,
            left: left / width,
            top: top / height,
            right: (left + number(&row, 8)?) / width,
            bottom: (top + number(&row, 9)?) / height,
            confidence: (number(&row, 10)? / 100.0).clamp(0.0, 1.0),
        });
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    const TABLE: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext
1\t1\t0\t0\t0\t0\t0\t0\t1000\t2000\t-1\t
2\t1\t1\t0\t0\t0\t100\t100\t300\t40\t-1\t
5\t1\t1\t1\t1\t1\t100\t200\t300\t40\t96.5\tJane
5\t1\t1\t1\t1\t2\t420\t200\t80\t40\t80\tDoe
5\t1\t1\t1\t2\t1\t100\t300\t80\t40\t95\t 
5\t1\t2\t1\t1\t1\t100\t400\t80\t40\t120\tNurse
";

    fn page() -> PageImage {
        PageImage {
            png: b"picture".to_vec(),
            width: 595.0,
            height: 842.0,
        }
    }

    #[test]
    fn words_stand_where_the_table_says() {
        let words = words(TABLE).unwrap();
        let texts: Vec<_> = words.iter().map(|word| (word.text.as_str(), word.line)).collect();
        assert_eq!(texts, [("Jane", 0), ("Doe", 0), ("Nurse", 2)]);
        let jane = &words[0];
        assert_eq!((jane.left, jane.top, jane.right, jane.bottom), (0.1, 0.1, 0.4, 0.12));
        assert!((jane.confidence - 0.965).abs() < 1e-6 && (words[2].confidence - 1.0).abs() < 1e-6);
    }

    #[test]
    fn what_is_no_table_is_no_answer() {
        for table in [
            "",
            "Error opening data file",
            "head\n5\t1\t1\t1\t1\t1\t1\t1\t1\t1\t9\tx",
            "head\n1\t1\t0\t0\t0\t0\t0\t0\t0\t0\t-1\t",
        ] {
            assert!(words(table).is_none(), "{table}");
        }
    }

    /// Any program that takes a picture and answers with the table will do; what it is given is seen here.
    #[test]
    fn the_program_gets_the_picture_and_nothing_of_our_environment() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("tesseract");
        let script = format!(
            "#!/bin/sh\nset -e\n[ \"$(/bin/cat)\" = picture ]\n[ \"$1 $2 $7\" = 'stdin stdout tsv' ]\n[ -z \"$HOME$AWS_SECRET_ACCESS_KEY\" ]\n/bin/cat <<'END'\n{TABLE}END\n"
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(Tesseract::at(program.clone()).words(&page()).unwrap().len(), 3);
        fs::write(&program, "#!/bin/sh\nexit 1\n").unwrap();
        assert!(matches!(
            Tesseract::at(program).words(&page()),
            Err(NotRecognised::Program(_))
        ));
        assert!(Tesseract::at("/nowhere/tesseract".into()).words(&page()).is_err());
    }
}
