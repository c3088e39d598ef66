//! The place of the PDF library for tests. `cargo xtask test` and `cargo xtask tools` fetch it.

use std::path::PathBuf;

/// Returns the file of the PDF library, the one that was named or where it usually lies.
#[expect(
    clippy::disallowed_methods,
    reason = "a test is told by the environment where the library lies"
)]
pub fn path(hash: &str) -> PathBuf {
    if let Ok(file) = std::env::var("INVENTURE_PDF_LIBRARY") {
        return file.into();
    }
    let cache = std::env::var("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|_| PathBuf::from(std::env::var("HOME").unwrap_or_default()).join(".cache"));
    cache.join(format!("inventure/pdfium/{hash}.so"))
}
