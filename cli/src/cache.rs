//! Keeps what was read of files in the user's cache folder. Whatever is wrong with it, the files are read again.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::{Outcome, output};

/// The most bytes that are kept. Above them the oldest go, until a quarter is free.
const BYTES_MAX: u64 = 256 << 20;

/// The largest entry: the longest reply of the reader, and its checksum.
const ENTRY_BYTES_MAX: u64 = (8 << 20) + CHECKSUM_BYTES as u64;

const CHECKSUM_BYTES: usize = 32;

/// Values in files of their own, each under a digest of everything that the value follows from.
pub struct Cache {
    folder: PathBuf,
    /// The program's version and build: another one may read a file differently.
    maker: String,
    /// The bytes in the folder, as far as this process knows.
    bytes: Mutex<u64>,
}

impl Cache {
    /// Opens the user's cache. `None` where there is no place for one; everything works without.
    pub fn open() -> Option<Self> {
        let folder = folder()?;
        // It holds personal data, so it is for nobody else's eyes.
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).ok()?;
        let program = fs::metadata(std::env::current_exe().ok()?).ok()?;
        let built = program.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        let bytes = Mutex::new(trim(&folder).ok()?);
        Some(Self {
            folder,
            maker: format!("{} {} {}", env!("CARGO_PKG_VERSION"), program.len(), built.as_nanos()),
            bytes,
        })
    }

    /// Returns the key of what `kind` of work makes of `input`.
    pub fn key(&self, kind: &str, input: &[u8]) -> String {
        let digest = Sha256::new()
            .chain_update(format!("{kind}\n{}\n", self.maker))
            .chain_update(input);
        hex::encode(digest.finalize())
    }

    /// Returns the value that was kept. `None` where there is none, and where the file is not as it was written.
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        let mut entry = Vec::new();
        let file = File::open(self.folder.join(key)).ok()?;
        file.take(ENTRY_BYTES_MAX).read_to_end(&mut entry).ok()?;
        let (checksum, value) = entry.split_at_checked(CHECKSUM_BYTES)?;
        (Sha256::digest(value)[..] == *checksum).then(|| value.to_vec())
    }

    /// Keeps a value. A failure, such as a full disk, costs only the time to make the value again.
    pub fn put(&self, key: &str, value: &[u8]) {
        if self.write(key, value).is_err() {
            return;
        }
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        *bytes += (CHECKSUM_BYTES + value.len()) as u64;
        if *bytes > BYTES_MAX {
            *bytes = trim(&self.folder).unwrap_or(*bytes);
        }
    }

    fn write(&self, key: &str, value: &[u8]) -> io::Result<()> {
        // Made with mode 0600, and given its name only when it is whole.
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(&Sha256::digest(value))?;
        file.write_all(value)?;
        file.persist(self.folder.join(key))?;
        Ok(())
    }
}

/// Removes the oldest files of a folder that has too many bytes, and returns how many bytes are left.
fn trim(folder: &Path) -> io::Result<u64> {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Another process may have removed it meanwhile.
        if let Ok(metadata) = entry.metadata()
            && metadata.is_file()
        {
            files.push((metadata.modified()?, metadata.len(), entry.path()));
        }
    }
    let mut left: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
    if left <= BYTES_MAX {
        return Ok(left);
    }
    files.sort();
    for (_, bytes, path) in files {
        if left <= BYTES_MAX / 4 * 3 {
            break;
        }
        fs::remove_file(path).ok();
        left -= bytes;
    }
    Ok(left)
}

/// Returns the folder for what belongs to this program in the user's cache. `None` where the user has no home.
pub fn users_cache() -> Option<PathBuf> {
    let given = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            // As the XDG specification has it: anything else is ignored.
            .filter(|folder| folder.is_absolute())
    };
    let cache = given("XDG_CACHE_HOME").or_else(|| Some(given("HOME")?.join(".cache")))?;
    Some(cache.join("inventure"))
}

fn folder() -> Option<PathBuf> {
    Some(users_cache()?.join("read"))
}

/// Does `inventure cache clear`.
pub fn clear() -> Outcome {
    let folder = folder().ok_or("there is no home folder, so nothing was kept")?;
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(format!("{}: {error}", folder.display()).into());
        }
        _ => writeln!(output::results(false), "{}: nothing is kept", folder.display())?,
    }
    Ok(ExitCode::SUCCESS)
}
