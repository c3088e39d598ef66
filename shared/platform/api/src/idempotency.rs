//! `Idempotency-Key`: a client that does not know whether its write arrived sends it again and gets the first answer.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::problem::{Kind, Problem};

/// A key and what it was sent with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The client's key: 1 to 128 visible ASCII characters.
    pub key: String,
    /// SHA-256 over method, path and body, in hexadecimal.
    pub fingerprint: String,
}

impl Idempotency {
    /// Reads a key, and takes the fingerprint of the request it came with.
    pub fn new(key: &str, method: &str, path: &str, body: &[u8]) -> Result<Self, Problem> {
        if key.is_empty() || key.len() > 128 || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Problem::new(
                Kind::BadIdempotencyKey,
                "Send 1 to 128 visible ASCII characters, a UUID for example.",
            ));
        }
        let mut hash = Sha256::new();
        for part in [method.as_bytes(), path.as_bytes(), body] {
            // The length in front keeps two different requests from running together into one text.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Ok(Self {
            key: key.to_owned(),
            fingerprint: hex::encode(hash.finalize()),
        })
    }
}

/// The first answer, as it is kept for repeats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The request it answered.
    pub fingerprint: String,
    /// The HTTP status.
    pub status: u16,
    /// The body, JSON.
    pub body: String,
}

impl Remembered {
    /// The first answer again, if this is the same request.
    pub fn replay(&self, idempotency: &Idempotency) -> Result<(StatusCode, serde_json::Value), Problem> {
        if self.fingerprint != idempotency.fingerprint {
            return Err(Problem::new(
                Kind::IdempotencyKeyReused,
                "Use a new key for a new request.",
            ));
        }
        let status = StatusCode::from_u16(self.status).map_err(Problem::internal)?;
        let body = serde_json::from_str(&self.body).map_err(Problem::internal)?;
        Ok((status, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_keeps_its_parts_apart() {
        let print = |path: &str, body: &[u8]| Idempotency::new("k", "POST", path, body).unwrap().fingerprint;
        assert_eq!(print("/a", b"b"), print("/a", b"b"));
        assert_ne!(print("/a", b"b"), print("/ab", b""));
    }

    #[test]
    fn a_bad_key_is_refused() {
        for key in ["", "a b", "ä", &"x".repeat(129)] {
            assert_eq!(
                Idempotency::new(key, "POST", "/", b"").unwrap_err().kind,
                Kind::BadIdempotencyKey
            );
        }
    }

    #[test]
    fn another_request_under_the_same_key_is_refused() {
        let first = Idempotency::new("k", "POST", "/a", b"1").unwrap();
        let kept = Remembered {
            fingerprint: first.fingerprint.clone(),
            status: 201,
            body: "{}".into(),
        };
        assert_eq!(kept.replay(&first).unwrap().0, StatusCode::CREATED);
        let second = Idempotency::new("k", "POST", "/a", b"2").unwrap();
        assert_eq!(kept.replay(&second).unwrap_err().kind, Kind::IdempotencyKeyReused);
    }
}
