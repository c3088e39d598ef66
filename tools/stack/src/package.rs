//! The functions: built, and packed into zips that are named after what is in them.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, bail};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{project::Project, shell, tools};

/// Every function: the crate, its binary and the end of its physical name.
pub const FUNCTIONS: [&str; 23] = [
    "identity",
    "jobs",
    "candidates",
    "resume-parser",
    "indexer",
    "compactor",
    "ranking-api",
    "match-finder",
    "relay",
    "deals",
    "settlement",
    "statements",
    "sealer",
    "payment-webhook",
    "payouts",
    "payout-accounts",
    "rooms",
    "mls",
    "chat",
    "socket-authorizer",
    "fanout",
    "notifier",
    "inbox",
];

/// The packages that are built with the functions on one's own machine. The demo verifies a statement with the first and is paid by the
/// second; the third has nothing to build, but asks for the features that the tests ask for, so that both compile the same crates.
pub const BESIDE: [&str; 3] = ["inventure-cli", "stripe-stand-in", "inventure-testing"];

/// The age at which a half-written zip is that of a run that was killed.
const WRITING: Duration = Duration::from_mins(10);
/// The age at which an incremental cache is one that no build reads any more.
const KEEP_INCREMENTAL: Duration = Duration::from_hours(7 * 24);

/// A function ready to be deployed.
pub struct Package {
    /// The function's name.
    pub function: &'static str,
    /// The key of its zip in the code bucket. It changes with the binary and with nothing else.
    pub key: String,
    /// The path of the zip.
    pub path: PathBuf,
}

impl Package {
    /// The template's parameter that takes the key.
    pub(crate) fn parameter(&self) -> String {
        let words = self
            .function
            .split('-')
            .map(|word| word[..1].to_uppercase() + &word[1..]);
        format!("{}Code", words.collect::<String>())
    }
}

/// A way in which the functions' binaries are built.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Build {
    /// For this machine, with the profile that the tests use, so that nothing is compiled twice.
    Local,
    /// For this machine, optimised as for AWS: to measure.
    Release,
    /// For AWS: optimised, arm64, linked for Amazon Linux 2023.
    Aws,
}

impl Build {
    /// Returns the path at which cargo leaves the binary of a function.
    #[must_use]
    pub fn binary(self, target: &Path, function: &str) -> PathBuf {
        match self {
            Self::Local => target.join("debug").join(function),
            Self::Release => target.join("release").join(function),
            Self::Aws => target.join("lambda").join(function).join("bootstrap"),
        }
    }

    /// Returns the path of the command line tool, built beside the functions.
    #[must_use]
    pub fn cli(self, target: &Path) -> PathBuf {
        self.binary(target, "inventure")
    }

    /// Returns the path of the stand-in for the payment processor, likewise.
    pub(crate) fn processor(self, target: &Path) -> PathBuf {
        self.binary(target, "stripe-stand-in")
    }

    /// The folder of the zips, in `target/inventure`.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Local => "packages",
            Self::Release => "packages-release",
            Self::Aws => "packages-aws",
        }
    }
}

/// Tells whether a build for this machine is there.
#[must_use]
pub fn is_built(target: &Path) -> bool {
    FUNCTIONS
        .iter()
        .all(|function| Build::Local.binary(target, function).is_file())
}

/// Compiles all functions in one go.
pub fn build(project: &Project, build: Build) -> Result<PathBuf> {
    let metadata = project.metadata(false)?;
    let known = metadata["packages"]
        .as_array()
        .context("cargo metadata names no packages")?;
    let missing: Vec<_> = FUNCTIONS
        .into_iter()
        .filter(|name| !known.iter().any(|package| package["name"] == **name))
        .collect();
    if !missing.is_empty() {
        bail!("the workspace has no crate for {}", missing.join(", "));
    }
    let mut cargo = project.cargo();
    match build {
        Build::Local => cargo.args(["build", "--bins", "--quiet"]),
        Build::Release => cargo.args(["build", "--bins", "--quiet", "--release"]),
        Build::Aws => {
            let program = tools::Venv::Build.program(project, "cargo-lambda");
            let folder = program.parent().unwrap_or(Path::new("")).to_owned();
            let path = std::env::var_os("PATH").unwrap_or_default();
            let path = std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&path)))?;
            cargo
                .env("PATH", path)
                .args(["lambda", "build", "--release", "--arm64"])
        }
    };
    let mut packages = FUNCTIONS.to_vec();
    if build != Build::Aws {
        packages.extend(BESIDE);
    }
    for package in &packages {
        cargo.args(["--package", package]);
    }
    let target = project.target()?;
    remove_unread(&target.join("debug/incremental"));
    let built = if build == Build::Aws {
        shell::run(&mut cargo)
    } else {
        shell::compile(&mut cargo, || crates(project, &packages))
    };
    built.context("the functions do not build")?;
    Ok(target)
}

/// Counts the crates that a build of packages compiles.
fn crates(project: &Project, packages: &[&str]) -> Result<usize> {
    let mut cargo = project.cargo();
    cargo.args([
        "tree",
        "--quiet",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    for package in packages {
        cargo.args(["--package", package]);
    }
    Ok(crates_of(&shell::output(&mut cargo)?))
}

/// Counts the crates of a tree without its shape. A line is a name, a version and remarks; a crate has as many lines as users.
fn crates_of(tree: &str) -> usize {
    let crates = tree
        .lines()
        .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>());
    crates.filter(|words| words.len() == 2).collect::<BTreeSet<_>>().len()
}

/// Removes incremental caches that were not written for long. Each change of features or of the compiler leaves some, and cargo never
/// removes any.
fn remove_unread(incremental: &Path) {
    for entry in fs::read_dir(incremental).into_iter().flatten().flatten() {
        if age(&entry.path()) > KEEP_INCREMENTAL {
            // Should a build want it after all, it compiles that crate once as a whole.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The time since a file was last written; none for one that is gone.
fn age(path: &Path) -> Duration {
    let changed = fs::metadata(path).and_then(|data| data.modified()).ok();
    changed.and_then(|changed| changed.elapsed().ok()).unwrap_or_default()
}

/// Packs what `build` left in the target folder into `folder`, and removes zips that are no longer of use.
pub fn pack(target: &Path, build: Build, folder: &Path) -> Result<Vec<Package>> {
    fs::create_dir_all(folder)?;
    let packages = FUNCTIONS
        .into_iter()
        .map(|function| {
            let binary = build.binary(target, function);
            let hash = tools::hash_file(&binary)?;
            let key = format!("{function}-{}.zip", &hash[..32]);
            let path = folder.join(&key);
            if path.is_file() {
                // Its age is that of its last use.
                fs::File::options()
                    .append(true)
                    .open(&path)?
                    .set_modified(SystemTime::now())?;
            } else {
                write_zip(&binary, build, &path).with_context(|| format!("cannot pack {function}"))?;
            }
            Ok(Package { function, key, path })
        })
        .collect::<Result<Vec<_>>>()?;
    remove_old(folder, &packages)?;
    Ok(packages)
}

/// Removes all but the packages and, of each function, the last other one. Another run at this moment may be about to send it.
fn remove_old(folder: &Path, packages: &[Package]) -> Result<()> {
    let mut others: Vec<PathBuf> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    others.retain(|path| !packages.iter().any(|package| package.path == *path));
    others.sort_by_cached_key(|path| age(path));
    let mut kept = BTreeSet::new();
    for path in others {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_of_use = if path.extension().is_some_and(|kind| kind == "zip") {
            kept.insert(name.rsplit_once('-').map(|(function, _)| function.to_owned()))
        } else {
            age(&path) < WRITING
        };
        if !is_of_use {
            // That other run may have removed it first.
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}

fn write_zip(binary: &Path, build: Build, path: &Path) -> Result<()> {
    let work = path.with_extension("part");
    let mut bytes = fs::read(binary)?;
    if build == Build::Local {
        // Half of a development binary is line tables and names. Where there is no `strip`, the zip is larger and that is all.
        let stripped = Command::new("strip")
            .arg("--strip-all")
            .arg("-o")
            .arg(&work)
            .arg(binary)
            .output();
        if stripped.is_ok_and(|output| output.status.success()) {
            bytes = fs::read(&work)?;
        }
    }
    // Compression would take longer than copying a local file ever will.
    let method = if build == Build::Local {
        CompressionMethod::Stored
    } else {
        CompressionMethod::Deflated
    };
    let mut zip = ZipWriter::new(fs::File::create(&work)?);
    zip.start_file(
        "bootstrap",
        SimpleFileOptions::default()
            .compression_method(method)
            .unix_permissions(0o755),
    )?;
    zip.write_all(&bytes)?;
    zip.finish()?;
    Ok(fs::rename(work, path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_after_its_content() {
        let folder = std::env::temp_dir().join(format!("xtask-package-{}", std::process::id()));
        let (target, zips) = (folder.join("target"), folder.join("zips"));
        fs::create_dir_all(target.join("debug")).unwrap();
        for function in FUNCTIONS {
            fs::write(target.join("debug").join(function), function).unwrap();
        }
        let keys = || {
            pack(&target, Build::Local, &zips)
                .unwrap()
                .into_iter()
                .map(|package| package.key)
                .collect::<Vec<_>>()
        };
        let (first, again) = (keys(), keys());
        assert_eq!(first, again, "unchanged binaries keep their keys");

        fs::write(target.join("debug/relay"), "changed").unwrap();
        let changed = keys();
        let differ: Vec<_> = FUNCTIONS
            .iter()
            .zip(first.iter().zip(&changed))
            .filter(|(_, (a, b))| a != b)
            .collect();
        assert_eq!(differ.len(), 1, "one binary changed, one key changes");
        assert_eq!(*differ[0].0, "relay");
        let count = || fs::read_dir(&zips).unwrap().count();
        assert_eq!(count(), FUNCTIONS.len() + 1, "the old zip may still be on its way");

        let long_ago = SystemTime::now() - 2 * WRITING;
        let half = fs::File::create(zips.join("relay-0.part")).unwrap();
        half.set_modified(long_ago).unwrap();
        fs::write(zips.join("deals-0.part"), "").unwrap();
        let relay = FUNCTIONS.iter().position(|name| *name == "relay").unwrap();
        let old = zips.join(&first[relay]);
        fs::File::options()
            .append(true)
            .open(&old)
            .unwrap()
            .set_modified(long_ago)
            .unwrap();
        fs::write(target.join("debug/relay"), "changed again").unwrap();
        let changed_again = keys();
        assert!(
            !old.exists() && zips.join(&changed[relay]).is_file(),
            "of two others, the last is kept"
        );
        assert!(!zips.join("relay-0.part").exists(), "what a killed run left goes");
        assert!(zips.join("deals-0.part").exists(), "what another run is writing stays");
        assert_eq!(count(), FUNCTIONS.len() + 2);
        assert_ne!(changed_again, changed);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_crate_is_counted_once_for_each_version() {
        let tree = "relay v0.1.0 (/inventure/functions/relay)\nserde v1.0.229\nserde_derive v1.0.229 (proc-macro)\n\n\
                    deals v0.1.0 (/inventure/functions/deals)\nserde v1.0.229 (*)\nserde v0.9.0\n";
        assert_eq!(crates_of(tree), 5);
    }

    #[test]
    fn incremental_caches_go_when_no_build_reads_them() {
        let folder = std::env::temp_dir().join(format!("xtask-incremental-{}", std::process::id()));
        for name in ["old", "new"] {
            fs::create_dir_all(folder.join(name)).unwrap();
        }
        let old = fs::File::open(folder.join("old")).unwrap();
        old.set_modified(SystemTime::now() - 2 * KEEP_INCREMENTAL).unwrap();
        remove_unread(&folder);
        assert!(!folder.join("old").exists() && folder.join("new").exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn parameters_are_named_as_in_the_template() {
        let package = Package {
            function: "resume-parser",
            key: String::new(),
            path: PathBuf::new(),
        };
        assert_eq!(package.parameter(), "ResumeParserCode");
    }
}
