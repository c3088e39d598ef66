//! The functions: built, and packed into zips that are named after what is in them.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
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

/// The age at which an unused zip is removed.
const KEEP: Duration = Duration::from_hours(1);

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
    pub fn parameter(&self) -> String {
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
    pub fn binary(self, target: &Path, function: &str) -> PathBuf {
        match self {
            Self::Local => target.join("debug").join(function),
            Self::Release => target.join("release").join(function),
            Self::Aws => target.join("lambda").join(function).join("bootstrap"),
        }
    }

    /// Returns the path of the command line tool, built beside the functions.
    pub fn cli(self, target: &Path) -> PathBuf {
        self.binary(target, "inventure")
    }

    /// Returns the path of the stand-in for the payment processor, likewise.
    pub fn processor(self, target: &Path) -> PathBuf {
        self.binary(target, "stripe-stand-in")
    }

    /// The folder of the zips, in `target/inventure`.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Local => "packages",
            Self::Release => "packages-release",
            Self::Aws => "packages-aws",
        }
    }
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
    for function in FUNCTIONS {
        cargo.args(["--package", function]);
    }
    if build != Build::Aws {
        // The demo verifies a statement with the one and is paid by the other. In the same go, so that what all use is compiled once.
        cargo.args(["--package", "inventure-cli", "--package", "stripe-stand-in"]);
    }
    shell::run(&mut cargo).context("the functions do not build")?;
    project.target()
}

/// Packs what `build` left in the target folder into `folder`, and removes old zips that are no longer of use.
pub fn pack(target: &Path, build: Build, folder: &Path) -> Result<Vec<Package>> {
    fs::create_dir_all(folder)?;
    let packages = FUNCTIONS
        .into_iter()
        .map(|function| {
            let binary = build.binary(target, function);
            let hash = tools::hash_file(&binary)?;
            let key = format!("{function}-{}.zip", &hash[..32]);
            let path = folder.join(&key);
            if !path.is_file() {
                write_zip(&binary, build, &path).with_context(|| format!("cannot pack {function}"))?;
            }
            Ok(Package { function, key, path })
        })
        .collect::<Result<Vec<_>>>()?;
    for entry in fs::read_dir(folder)?.flatten() {
        // Another run at this moment may be about to send what it has just packed.
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if age > KEEP && !packages.iter().any(|package| package.path == entry.path()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(packages)
}

fn write_zip(binary: &Path, build: Build, path: &Path) -> Result<()> {
    let work = path.with_extension("part");
    let mut bytes = fs::read(binary)?;
    if build == Build::Local {
        // Half of a development binary is line tables. Where there is no `strip`, the zip is larger and that is all.
        let stripped = Command::new("strip")
            .arg("--strip-debug")
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
        assert_eq!(
            fs::read_dir(&zips).unwrap().count(),
            FUNCTIONS.len() + 1,
            "the old zip may still be on its way"
        );
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
