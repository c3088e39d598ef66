//! Is this person already claimed here? Asked without saying who, answered without saying by whom.
//!
//! A person is known by fingerprints of their email and of their phone: HMAC-SHA256 under a key that only the server holds, over
//! the employer, the kind and the normalised value. Without the key nobody can try values out; with another employer the fingerprint
//! is another, so two employers' lists cannot be laid side by side. One fingerprint in common is the same person.
//!
//! **Email:** white space around it is cut off and everything is lower-cased. At providers where one mailbox has many spellings they are
//! made one: at Gmail dots are nothing and `googlemail.com` is `gmail.com`; there and at Outlook, iCloud and Proton what follows a `+` is
//! cut off. Elsewhere `+` and dots stay, since they may tell two people apart.
//!
//! **Phone:** digits of an international number, `+` or `00` in front; spaces, dots, strokes and brackets are left out,
//! and so is a trunk `(0)`. A number without a country is refused and not guessed at: the caller knows the region,
//! these rules do not.

use hmac::{Hmac, Mac, digest::KeyInit};
use inventure_core::TenantId;
use inventure_ledger::Hash;
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

/// Providers that ignore what follows a `+`.
const PLUS_IS_A_TAG: [&str; 10] = [
    "gmail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mac.com",
    "me.com",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
];

/// The reason for which a contact has no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// Not an address.
    #[error("an email is a name, an @ and a domain")]
    Email,
    /// Not an international number.
    #[error("a phone number needs its country: + and 8 to 15 digits")]
    Phone,
}

/// The secret key of the fingerprints. It is never shown, not even to a log.
pub struct Key([u8; 32]);

impl Key {
    /// The key from its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The fingerprint of an email at an employer.
    pub fn email(&self, employer: TenantId, email: &str) -> Result<Hash, ContactError> {
        Ok(self.keyed(employer, "email", &normal_email(email)?))
    }

    /// The fingerprint of a phone number at an employer.
    pub fn phone(&self, employer: TenantId, phone: &str) -> Result<Hash, ContactError> {
        Ok(self.keyed(employer, "phone", &normal_phone(phone)?))
    }

    fn keyed(&self, employer: TenantId, kind: &str, value: &str) -> Hash {
        // HMAC fills a short key up with zeros to a block of 64; doing it here leaves nothing that could fail.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.0);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        for piece in ["inventure/person/v1", &employer.to_string(), kind, value] {
            mac.update(piece.as_bytes());
            // No piece has a zero byte, so no two lists of pieces read the same.
            mac.update(&[0]);
        }
        let bytes: [u8; 32] = mac.finalize().into_bytes().into();
        Hash::from(bytes)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

/// One spelling of an email.
pub fn normal_email(email: &str) -> Result<String, ContactError> {
    let lower = email.trim().to_lowercase();
    let (name, domain) = lower.rsplit_once('@').ok_or(ContactError::Email)?;
    let sound = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    if !sound(name) || !sound(domain) || name.contains('@') {
        return Err(ContactError::Email);
    }
    let domain = if domain == "googlemail.com" {
        "gmail.com"
    } else {
        domain
    };
    let tagless = match name.split_once('+') {
        Some((before, _)) if PLUS_IS_A_TAG.contains(&domain) => before,
        _ => name,
    };
    let name = if domain == "gmail.com" {
        tagless.replace('.', "")
    } else {
        tagless.to_owned()
    };
    if name.is_empty() {
        return Err(ContactError::Email);
    }
    Ok(format!("{name}@{domain}"))
}

/// One spelling of a phone number: `+` and digits.
pub fn normal_phone(phone: &str) -> Result<String, ContactError> {
    let phone = phone.trim().replace("(0)", "");
    let number = phone
        .strip_prefix('+')
        .or_else(|| phone.strip_prefix("00"))
        .ok_or(ContactError::Phone)?;
    let mut digits = String::from("+");
    for character in number.chars() {
        match character {
            '0'..='9' => digits.push(character),
            ' ' | '\u{a0}' | '.' | '-' | '/' | '(' | ')' => {}
            _ => return Err(ContactError::Phone),
        }
    }
    // No country's code begins with zero.
    if (9..=16).contains(&digits.len()) && !digits.starts_with("+0") {
        Ok(digits)
    } else {
        Err(ContactError::Phone)
    }
}

/// The limit on a broker's questions. A broker that could ask about everybody would learn the list by asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskLimit {
    /// The most questions in the period.
    pub asks_max: usize,
    /// The length of the period.
    pub per: SignedDuration,
}

impl AskLimit {
    /// Whether one more question is allowed, given when the broker asked before. An answered question counts whatever the answer was.
    #[must_use]
    pub fn allows(self, asked_at: &[Timestamp], now: Timestamp) -> bool {
        let recent = asked_at.iter().filter(|at| now.duration_since(**at) < self.per);
        recent.count() < self.asks_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_has_one_spelling() {
        let normal = |email| normal_email(email).unwrap();
        assert_eq!(normal("  Ada.Love+jobs@GoogleMail.com "), "adalove@gmail.com");
        assert_eq!(normal("ada.love+jobs@outlook.com"), "ada.love@outlook.com");
        assert_eq!(normal("Ada.Love+jobs@Example.org"), "ada.love+jobs@example.org");
        for wrong in [
            "",
            "ada",
            "@x.org",
            "ada@",
            "a b@x.org",
            "a@b@x.org",
            "+jobs@gmail.com",
            "...@gmail.com",
        ] {
            assert_eq!(normal_email(wrong), Err(ContactError::Email), "{wrong}");
        }
    }

    #[test]
    fn one_number_has_one_spelling() {
        for spelling in [
            "+44 20 7946 0958",
            "0044-20-7946-0958",
            "+44 (0)20 7946.0958",
            "+44/2079460958",
        ] {
            assert_eq!(normal_phone(spelling).unwrap(), "+442079460958", "{spelling}");
        }
        for wrong in [
            "",
            "020 7946 0958",
            "+44",
            "+0123456789",
            "+44 20 7946 0958 ext 5",
            "+1234567890123456",
            "+٤٤٢٠٧٩٤٦٠٩",
        ] {
            assert_eq!(normal_phone(wrong), Err(ContactError::Phone), "{wrong}");
        }
    }

    #[test]
    fn a_fingerprint_depends_on_key_employer_and_kind() {
        let employer = TenantId::from_uuid(uuid::Uuid::from_u128(1));
        let key = Key::new([7; 32]);
        let one = key.email(employer, "ada@example.org").unwrap();
        assert_eq!(key.email(employer, " ADA@example.org"), Ok(one));
        // Computed by another implementation of HMAC over the pieces that the module names.
        let pinned = "0754d68133b3bc17b19c8a16763c47a29599ea7fe64371fed3dc53e8c1e6a0bc";
        assert_eq!(one.to_string(), pinned);
        assert_ne!(Key::new([8; 32]).email(employer, "ada@example.org").unwrap(), one);
        let other = TenantId::from_uuid(uuid::Uuid::from_u128(2));
        assert_ne!(key.email(other, "ada@example.org").unwrap(), one);
        assert_ne!(key.phone(employer, "+442079460958").unwrap(), one);
        assert_eq!(format!("{key:?}"), "Key(..)");
    }

    #[test]
    fn questions_are_limited() {
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let limit = AskLimit {
            asks_max: 2,
            per: SignedDuration::from_hours(1),
        };
        assert!(limit.allows(&[at(0)], at(1)));
        assert!(!limit.allows(&[at(0), at(1)], at(59)));
        assert!(limit.allows(&[at(0), at(1)], at(60)));
    }
}
