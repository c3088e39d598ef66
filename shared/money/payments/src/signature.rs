//! The processor's signature on an event: `t=<epoch seconds>,v1=<hmac>[,v1=<hmac>…]`, HMAC-SHA256 under the endpoint's secret over
//! `<t>.<body>`, in hexadecimal. While a secret is rolled over there are several; one that holds is enough.

use hmac::{Hmac, Mac, digest::KeyInit};
use sha2::Sha256;

/// The most that a signature may be old, or ahead, in seconds. It is what the processor's own libraries allow.
pub const TOLERANCE_SECONDS: i64 = 300;

/// The most signatures that are looked at.
const SIGNATURES_MAX: usize = 8;

/// The reason for which an event is not taken for the processor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// No header, or none of this form.
    #[error("the signature header is missing or not of the form t=…,v1=…")]
    Malformed,
    /// A replay, or a clock that is wrong.
    #[error("the signature is more than {TOLERANCE_SECONDS} seconds old or ahead")]
    OutOfTime,
    /// The signature was not made with the secret.
    #[error("no signature holds")]
    Wrong,
}

/// Whether a body was signed with the secret, about now.
pub fn verify(header: &str, body: &[u8], secret: &[u8], now_second: i64) -> Result<(), Forged> {
    let mut time = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) => time = Some(value),
            Some(("v1", value)) if signatures.len() < SIGNATURES_MAX => signatures.push(value),
            _ => {}
        }
    }
    let time = time.ok_or(Forged::Malformed)?;
    let second: i64 = time.parse().map_err(|_| Forged::Malformed)?;
    if signatures.is_empty() {
        return Err(Forged::Malformed);
    }
    let signed_by = |signature: &str| {
        let Ok(bytes) = hex::decode(signature) else {
            return false;
        };
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret) else {
            return false;
        };
        mac.update(time.as_bytes());
        mac.update(b".");
        mac.update(body);
        // Takes the same time wherever the first difference is.
        mac.verify_slice(&bytes).is_ok()
    };
    if !signatures.into_iter().any(signed_by) {
        return Err(Forged::Wrong);
    }
    // Only said to who has the secret: a forger learns nothing about the clock.
    if now_second.abs_diff(second) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(Forged::OutOfTime);
    }
    Ok(())
}

/// The header for a body, as the processor makes it.
#[must_use]
pub fn sign(body: &[u8], secret: &[u8], second: i64) -> String {
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(second.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("t={second},v1={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_body_its_secret_and_its_time() {
        let (body, secret) = (br#"{"id":"evt_1"}"#.as_slice(), b"whsec_test".as_slice());
        let header = sign(body, secret, 1_000);
        // Computed by another implementation of HMAC.
        assert_eq!(
            header,
            "t=1000,v1=387e46d34ab34bb0f3624adcaa371a0332240720155daad95713dfea27253ccd"
        );
        assert_eq!(verify(&header, body, secret, 1_300), Ok(()));
        assert_eq!(verify(&header, body, secret, 1_301), Err(Forged::OutOfTime));
        assert_eq!(verify(&header, body, secret, 699), Err(Forged::OutOfTime));
        assert_eq!(verify(&header, b"{}", secret, 1_000), Err(Forged::Wrong));
        assert_eq!(verify(&header, body, b"whsec_other", 1_000), Err(Forged::Wrong));
        let other = header.replace("t=1000", "t=1001");
        assert_eq!(verify(&other, body, secret, 1_000), Err(Forged::Wrong));
        for bad in ["", "t=1000", "v1=00", "t=x,v1=00", "t=1000;v1=00"] {
            assert_eq!(verify(bad, body, secret, 1_000), Err(Forged::Malformed), "{bad}");
        }
        for wrong in ["t=1000,v1=zz", "t=1000,v1=", "t=1000,v1=00"] {
            assert_eq!(verify(wrong, body, secret, 1_000), Err(Forged::Wrong), "{wrong}");
        }
    }

    #[test]
    fn one_of_several_is_enough() {
        let (body, secret) = (b"{}".as_slice(), b"new".as_slice());
        let good = sign(body, secret, 1_000);
        let both = good.replace("v1=", "v0=ab,v1=00ff,v1=");
        assert_eq!(verify(&both, body, secret, 1_000), Ok(()));
        let many = good.replace("v1=", &format!("{}v1=", "v1=00ff,".repeat(20)));
        assert_eq!(
            verify(&many, body, secret, 1_000),
            Err(Forged::Wrong),
            "a bounded number is looked at"
        );
    }
}
