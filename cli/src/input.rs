//! The files that the arguments name: standard input, single files, and those of folders.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use walkdir::WalkDir;

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// The most files of one folder.
const MOST_FILES: usize = 20_000;

/// The most levels of folders inside folders.
const DEEPEST: usize = 8;

/// Tells whether a path stands for standard input.
pub fn is_standard_input(path: &Path) -> bool {
    path == Path::new(STANDARD_INPUT)
}

/// Reads a file or standard input.
///
/// # Errors
/// As opening and reading; [`io::ErrorKind::FileTooLarge`] for more than `most` bytes.
pub fn bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let source: Box<dyn Read> = if is_standard_input(path) {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path)?)
    };
    let mut bytes = Vec::new();
    // Bounded while reading and not by the size that is stated: a pipe states none.
    source.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let problem = format!("larger than {most} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(bytes)
}

/// Checks that standard input, which can be read only once, is named only once.
pub fn standard_input_once<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Result<(), String> {
    if paths.into_iter().filter(|path| is_standard_input(path)).count() > 1 {
        return Err("standard input can be read once, and `-` was given more than once".to_owned());
    }
    Ok(())
}

/// Returns every file that the paths name: those of folders in the order of their names, without hidden ones.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for path in paths {
        if !is_standard_input(path) && path.is_dir() {
            files.extend(files_of(path)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let hidden = |path: &Path| {
        path.file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    };
    let entries = WalkDir::new(folder)
        .follow_links(true)
        .max_depth(DEEPEST + 1)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !hidden(entry.path()));
    let mut files = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => {
                // A folder that is too deep stands among the files, so that it is told with those that cannot be read.
                let too_deep = entry.file_type().is_dir() && entry.depth() > DEEPEST;
                if entry.file_type().is_file() || too_deep {
                    files.push(entry.into_path());
                }
            }
            // A link back to a folder that it lies in leads to nothing new.
            Err(error) if error.loop_ancestor().is_some() => {}
            // The same for what cannot be looked at.
            Err(error) => files.extend(error.path().filter(|path| !hidden(path)).map(Path::to_owned)),
        }
        if files.len() > MOST_FILES {
            return Err(format!("{} holds more than {MOST_FILES} files", folder.display()));
        }
    }
    Ok(files)
}
