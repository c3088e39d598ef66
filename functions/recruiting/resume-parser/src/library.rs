//! The file of the PDF library, from the artifacts bucket.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::Arc,
};

use inventure_api::batch::Failure;
use inventure_resume::PDF_LIBRARIES;
use inventure_table::Objects;
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

/// The largest library that is loaded.
const MAX_BYTES: u64 = 64 << 20;

/// The PDF library, fetched when the first PDF file comes. It is code, so its hash decides and not where it came from.
pub struct LibraryFile {
    artifacts: Arc<dyn Objects>,
    path: OnceCell<PathBuf>,
}

impl LibraryFile {
    /// Creates the library whose file lies in this bucket.
    #[must_use]
    pub fn new(artifacts: Arc<dyn Objects>) -> Self {
        Self {
            artifacts,
            path: OnceCell::new(),
        }
    }

    /// Returns the file on this machine.
    ///
    /// # Errors
    /// Fails when the bucket has none, or another than this program was made for.
    pub async fn path(&self) -> Result<PathBuf, Failure> {
        Ok(self.path.get_or_try_init(|| self.fetch()).await?.clone())
    }

    async fn fetch(&self) -> Result<PathBuf, Failure> {
        let known = PDF_LIBRARIES
            .iter()
            .find(|(architecture, _)| *architecture == env::consts::ARCH);
        let (_, wanted) = known.ok_or("there is no PDF library for this architecture")?;
        let path = env::temp_dir().join(format!("pdfium-{wanted}.so"));
        if fs::read(&path).is_ok_and(|bytes| is(&bytes, wanted)) {
            return Ok(path);
        }
        let key = format!("pdfium/{wanted}.so");
        let bytes = self.artifacts.get(&key, MAX_BYTES).await?;
        let bytes = bytes.ok_or_else(|| format!("{key} is not in the artifacts bucket; deploy puts it there"))?;
        if !is(&bytes, wanted) {
            return Err(format!("{key} is another file than it should be").into());
        }
        put(&bytes, &path)?;
        Ok(path)
    }
}

fn is(bytes: &[u8], wanted: &str) -> bool {
    hex::encode(Sha256::digest(bytes)) == wanted
}

/// Writes a file whole or not at all: another process may read it at this moment.
fn put(bytes: &[u8], path: &Path) -> std::io::Result<()> {
    let work = path.with_extension(format!("{}.part", process::id()));
    fs::write(&work, bytes)?;
    fs::rename(work, path)
}
