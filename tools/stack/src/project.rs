//! The places of the project's files.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::shell;

/// The repository, and what we keep beside it.
pub struct Project {
    /// The root of the repository.
    pub root: PathBuf,
    /// `.inventure/`: what belongs to the running stack, gone after `down`.
    pub state: PathBuf,
    /// Tools and models, shared by every checkout on this machine.
    pub cache: PathBuf,
}

impl Project {
    /// Finds the repository that cargo runs this binary for. Not the one it was built from: in a target directory that several
    /// checkouts share, that may be another. `built` is the folder of the binary's package when it was built, for where cargo does not say.
    pub fn find(built: &str) -> Result<Self> {
        let package = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| built.into(), PathBuf::from);
        let root = package
            .ancestors()
            .find(|folder| folder.join("infra/platform.yaml").is_file());
        let Some(root) = root.map(Path::to_owned) else {
            bail!("{} lies in no checkout; run cargo xtask from one", package.display());
        };
        let state = root.join(".inventure");
        Ok(Self {
            root,
            state,
            cache: cache()?,
        })
    }

    /// Returns the folder into which cargo puts what it builds.
    pub fn target(&self) -> Result<PathBuf> {
        let metadata = self.metadata(false)?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo metadata names no target directory")?;
        Ok(PathBuf::from(target))
    }

    /// Makes sure that what cargo builds next is this checkout's. Several checkouts in one target directory have the same names for the
    /// same crates, and cargo tells by the age of a file alone whether it must compile; so a checkout that is older than the last one
    /// built there would silently be given the other's code. A checkout that comes anew makes its own sources the newest.
    pub fn claim_target(&self) -> Result<()> {
        let owner = self.target()?.join("inventure/checkout");
        let ours = self.root.to_string_lossy();
        if fs::read_to_string(&owner).is_ok_and(|last| last == ours) {
            return Ok(());
        }
        let mut git = std::process::Command::new("git");
        let listed = git
            .current_dir(&self.root)
            .args(["ls-files", "-z"])
            .output()
            .context("cannot run git")?;
        #[expect(clippy::disallowed_methods, reason = "the age of a file is what this is about")]
        let now = SystemTime::now();
        for name in listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            let path = self.root.join(String::from_utf8_lossy(name).as_ref());
            // What is listed but deleted cannot be older than anything.
            if let Ok(file) = fs::File::options().append(true).open(&path) {
                file.set_modified(now)
                    .with_context(|| format!("cannot touch {}", path.display()))?;
            }
        }
        write_private(&owner, ours.as_bytes())
    }

    /// Returns what cargo knows of the workspace: with its dependencies, or its members alone.
    pub fn metadata(&self, dependencies: bool) -> Result<Value> {
        let mut cargo = self.cargo();
        cargo.args(["metadata", "--format-version", "1", "--quiet"]);
        if !dependencies {
            cargo.arg("--no-deps");
        }
        shell::json(&mut cargo)
    }

    /// Copies what git knows, or would, of the work tree. A file that has not changed keeps its age, so that little is built again.
    pub fn copy_to(&self, tree: &Path) -> Result<()> {
        let mut git = std::process::Command::new("git");
        git.current_dir(&self.root);
        let listed = shell::output(git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
        let names: BTreeSet<&str> = listed.split('\0').filter(|name| !name.is_empty()).collect();
        for name in &names {
            let (from, to) = (self.root.join(name), tree.join(name));
            // Listed and deleted.
            if !from.is_file() {
                let _ = fs::remove_file(&to);
                continue;
            }
            write_changed(&to, &fs::read(&from).with_context(|| format!("cannot read {name}"))?)?;
        }
        remove_others(tree, tree, &names)
    }

    /// The `cargo` that runs us.
    #[must_use]
    pub fn cargo(&self) -> std::process::Command {
        let mut cargo = std::process::Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root);
        // Set by `cargo run` for our own package; it would mark other packages as changed.
        cargo.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_PKG_VERSION");
        cargo
    }
}

/// Writes a file unless it is so already, in which case it keeps its age.
pub fn write_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Removes what an earlier copy had and the work tree has not.
fn remove_others(tree: &Path, folder: &Path, names: &BTreeSet<&str>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(tree, &path, names)?;
        } else if let Ok(name) = path.strip_prefix(tree)
            && !names.contains(name.to_string_lossy().as_ref())
            && name != Path::new("Cargo.lock")
        {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Writes a file that others on the machine cannot read.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};

    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let mut file = fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(file.write_all(bytes)?)
}

/// Returns the path that a relative path of the user's means: cargo runs us in the directory they called from.
#[must_use]
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn cache() -> Result<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(cache) = set("INVENTURE_CACHE") {
        return Ok(absolute(&cache));
    }
    if let Some(cache) = set("XDG_CACHE_HOME") {
        return Ok(cache.join("inventure"));
    }
    let home = set("HOME").context("set INVENTURE_CACHE or HOME, so that tools can be kept somewhere")?;
    Ok(home.join(".cache/inventure"))
}
