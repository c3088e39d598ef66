//! Where things lie.

use std::{
    env, fs,
    path::{Path, PathBuf},
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
    /// Finds the repository that this binary was built from.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in the repository's root")?
            .to_owned();
        if !root.join("infra/template.yaml").is_file() {
            bail!("{} is gone; run cargo xtask from a checkout", root.display());
        }
        let state = root.join(".inventure");
        Ok(Self {
            root,
            state,
            cache: cache()?,
        })
    }

    /// Where cargo puts what it builds.
    pub fn target(&self) -> Result<PathBuf> {
        let metadata = self.metadata(false)?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo metadata names no target directory")?;
        Ok(PathBuf::from(target))
    }

    /// What cargo knows of the workspace; with its dependencies, or its members alone.
    pub fn metadata(&self, dependencies: bool) -> Result<Value> {
        let mut cargo = self.cargo();
        cargo.args(["metadata", "--format-version", "1", "--quiet"]);
        if !dependencies {
            cargo.arg("--no-deps");
        }
        shell::json(&mut cargo)
    }

    /// `cargo`, the one that runs us.
    pub fn cargo(&self) -> std::process::Command {
        let mut cargo = std::process::Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root);
        // Set by `cargo run` for our own package; it would mark other packages as changed.
        cargo.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_PKG_VERSION");
        cargo
    }
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

fn cache() -> Result<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(cache) = set("INVENTURE_CACHE") {
        return Ok(crate::absolute(&cache));
    }
    if let Some(cache) = set("XDG_CACHE_HOME") {
        return Ok(cache.join("inventure"));
    }
    let home = set("HOME").context("set INVENTURE_CACHE or HOME, so that tools can be kept somewhere")?;
    Ok(home.join(".cache/inventure"))
}
