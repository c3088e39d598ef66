//! The readings and vectors that `rank` keeps.

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use super::{command, folder, inventure, json, text};

const RANK: [&str; 7] = [
    "rank",
    "--job",
    "job.txt",
    "--resumes",
    "cvs",
    "--lexical-only",
    "--json",
];

/// The files that are kept, in the order of their names.
fn kept(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder.join("cache/inventure/read")) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Lets each of two entries say what the other says.
fn swap(one: &Path, other: &Path) {
    let (of_one, of_other) = (fs::read(one).unwrap(), fs::read(other).unwrap());
    fs::write(one, of_other).unwrap();
    fs::write(other, of_one).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_second_ranking_uses_what_the_first_one_read() {
    let folder = folder("kept");
    let first = inventure(&folder, &RANK);
    assert_eq!(json(&first)[0]["file"], "cvs/more/engineer.txt");
    let files = kept(&folder);
    assert_eq!(files.len(), 2);
    assert_eq!(mode(files[0].parent().unwrap()), 0o700);
    assert!(files.iter().all(|file| mode(file) == 0o600));
    assert_eq!(inventure(&folder, &RANK).stdout, first.stdout);

    // Whoever reads the files again is not fooled by this.
    swap(&files[0], &files[1]);
    assert_eq!(json(&inventure(&folder, &RANK))[0]["file"], "cvs/a-nurse.txt");
    let without = inventure(&folder, &[&RANK[..], &["--no-cache"]].concat());
    assert_eq!(without.stdout, first.stdout);
    assert_eq!(kept(&folder), files);
}

#[test]
fn without_a_cache_nothing_is_kept() {
    let folder = folder("not-kept");
    json(&inventure(&folder, &[&RANK[..], &["--no-cache"]].concat()));
    assert!(inventure(&folder, &["parse", "cvs"]).status.success());
    assert!(kept(&folder).is_empty());
    // Where there is no place for one, all works without.
    let mut nowhere = command(&folder, &RANK);
    assert!(
        nowhere
            .env("XDG_CACHE_HOME", "/dev/null")
            .output()
            .unwrap()
            .status
            .success()
    );
}

#[test]
fn a_spoilt_entry_is_read_again_and_written_anew() {
    let folder = folder("spoilt");
    let first = inventure(&folder, &RANK);
    let files = kept(&folder);
    let whole: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    for spoil in [
        |bytes: &mut Vec<u8>| *bytes.last_mut().unwrap() ^= 1,
        |bytes: &mut Vec<u8>| bytes[0] ^= 1,
        |bytes: &mut Vec<u8>| bytes.truncate(40),
        |bytes: &mut Vec<u8>| bytes.clear(),
    ] {
        for (file, bytes) in files.iter().zip(&whole) {
            let mut bytes = bytes.clone();
            spoil(&mut bytes);
            fs::write(file, bytes).unwrap();
        }
        assert_eq!(inventure(&folder, &RANK).stdout, first.stdout);
        assert_eq!(kept(&folder), files);
        for (file, bytes) in files.iter().zip(&whole) {
            assert_eq!(&fs::read(file).unwrap(), bytes);
        }
    }
}

#[test]
fn the_oldest_goes_when_there_is_too_much() {
    let folder = folder("bounded");
    let first = inventure(&folder, &RANK);
    let files = kept(&folder);
    let old = files[0].with_file_name("old");
    let file = File::create(&old).unwrap();
    // A hole takes no room on the disk.
    file.set_len(300 << 20).unwrap();
    file.set_modified(UNIX_EPOCH).unwrap();
    assert_eq!(inventure(&folder, &RANK).stdout, first.stdout);
    assert_eq!(kept(&folder), files);
}

#[test]
fn a_file_is_known_by_its_bytes() {
    let folder = folder("known");
    inventure(&folder, &RANK);
    fs::rename(folder.join("cvs/a-nurse.txt"), folder.join("cvs/renamed.txt")).unwrap();
    inventure(&folder, &RANK);
    assert_eq!(kept(&folder).len(), 2);
    fs::write(
        folder.join("cvs/renamed.txt"),
        super::ENGINEER.replace("Acme", "Orchid"),
    )
    .unwrap();
    inventure(&folder, &RANK);
    assert_eq!(kept(&folder).len(), 3);
}

#[test]
fn what_was_kept_can_be_deleted() {
    let folder = folder("cleared");
    inventure(&folder, &RANK);
    assert_eq!(kept(&folder).len(), 2);
    for _ in 0..2 {
        let output = inventure(&folder, &["cache", "clear"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains("cache/inventure/read"));
        assert!(!folder.join("cache/inventure/read").exists());
    }
}

#[test]
fn vectors_are_kept_to_the_last_bit() {
    let folder = folder("vectors");
    let model = model_dir();
    let arguments: Vec<&str> = RANK
        .into_iter()
        .filter(|argument| *argument != "--lexical-only")
        .chain(["--model", model.to_str().unwrap()])
        .collect();
    // The readings are there before; what comes to them is the vectors.
    inventure(&folder, &RANK);
    let readings = kept(&folder);
    let first = inventure(&folder, &arguments);
    let rows = json(&first);
    assert_eq!(rows[0]["file"], "cvs/more/engineer.txt");
    let cosine = |row: usize| {
        let reasons = rows[row]["reasons"].as_array().unwrap();
        let of_vectors = |reason: &&serde_json::Value| reason.as_str().unwrap().contains("cosine");
        reasons.iter().find(of_vectors).unwrap()
    };
    assert_ne!(cosine(0), cosine(1), "each has its own vector");
    let vectors: Vec<PathBuf> = kept(&folder)
        .into_iter()
        .filter(|file| !readings.contains(file))
        .collect();
    assert!(vectors.len() > 2, "of the texts, and of the titles");
    assert_eq!(inventure(&folder, &arguments).stdout, first.stdout);
    let without = inventure(&folder, &[&arguments[..], &["--no-cache"]].concat());
    assert_eq!(without.stdout, first.stdout);
    for pair in vectors.chunks_exact(2) {
        swap(&pair[0], &pair[1]);
    }
    assert_ne!(inventure(&folder, &arguments).stdout, first.stdout);
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told by the environment where the weights lie"
)]
fn model_dir() -> PathBuf {
    if let Ok(dir) = std::env::var("INVENTURE_MODEL_DIR") {
        return dir.into();
    }
    let cache = std::env::var("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|_| PathBuf::from(std::env::var("HOME").unwrap_or_default()).join(".cache"));
    cache.join("inventure/models/all-MiniLM-L6-v2")
}
