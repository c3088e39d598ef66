//! One spelling for a value, and the hash of it.
//!
//! Everything that is signed or chained is hashed in the canonical form of RFC 8785 (JSON Canonicalization Scheme). The form is held to
//! what every JSON library agrees on. To do the same in another language:
//!
//! 1. The value is null, true, false, an integer of at most 53 bits (±9,007,199,254,740,991), a string, an array or an object.
//!    There are no other numbers. **Amounts are strings**: the decimal digits of the minor units, with a `-` where negative
//!    and no leading zeros.
//! 2. No white space. Members of an object are sorted by their names as UTF-16 code units. A name occurs once.
//! 3. In strings, `"` and `\` are escaped with `\`; U+0008, U+0009, U+000A, U+000C and U+000D are `\b`, `\t`, `\n`, `\f` and `\r`; other
//!    characters below U+0020 are `\u00` and two lower-case hexadecimal digits. All else stands for itself, in UTF-8. Nothing is
//!    normalised.
//! 4. The hash is SHA-256 over a domain tag in ASCII, one zero byte, and the canonical form. The tag says what is hashed and in which
//!    version, so that the hash of a thing of one kind is never that of another.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

mod write;

/// The largest integer that every JSON library holds exactly.
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// The reason for which a value has no canonical form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A fraction, an exponent, or an integer beyond 53 bits.
    #[error("{0} is no integer of at most 53 bits; amounts are written as strings")]
    Number(String),
    /// Arrays and objects too deep inside each other.
    #[error("the value is nested more than {} deep", write::DEPTH_MAX)]
    TooDeep,
    /// The type cannot be written as JSON at all.
    #[error("the value cannot be written as JSON: {0}")]
    NotJson(String),
}

/// The canonical form of a value.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<String, CanonicalError> {
    write::to_text(value, None)
}

/// The hash of a thing that carries its hash in the member `hash`: that of everything else in it.
pub(crate) fn hash_of_rest<T: Serialize>(domain_tag: &str, value: &T) -> Result<Hash, CanonicalError> {
    Ok(hash_text(domain_tag, &write::to_text(value, Some("hash"))?))
}

/// The hash of a value under a domain tag, as the module says. The tag is short ASCII such as `inventure/entry/v1`.
pub fn hash<T: Serialize + ?Sized>(domain_tag: &str, value: &T) -> Result<Hash, CanonicalError> {
    Ok(hash_text(domain_tag, &encode(value)?))
}

/// The hash of a text that is already canonical.
#[must_use]
pub fn hash_text(domain_tag: &str, canonical: &str) -> Hash {
    // A zero byte inside a tag would let one tag be the beginning of another.
    debug_assert!(domain_tag.bytes().all(|byte| byte.is_ascii_graphic()), "{domain_tag}");
    Hash::of(&[domain_tag.as_bytes(), &[0], canonical.as_bytes()])
}

/// A SHA-256 hash. Its text is 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

/// A text that is no [`struct@Hash`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 lower-case hexadecimal digits")]
pub struct InvalidHash;

impl Hash {
    /// All zeros: what stands where there is nothing before.
    pub const ZERO: Self = Self([0; 32]);

    /// SHA-256 over pieces, one after the other.
    #[must_use]
    pub fn of(pieces: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        for piece in pieces {
            digest.update(piece);
        }
        Self(digest.finalize().into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FromStr for Hash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        // One spelling per hash.
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(InvalidHash);
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidHash)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_form_is_that_of_rfc_8785() {
        let value = json!({
            "literals": [null, true, false],
            "string": "\u{20ac}$\u{f}\nA'B\"\\\\\"/",
            "integers": [0, -1, 9_007_199_254_740_991_u64],
            "empty": [{}, [], ""],
        });
        let form = "{\"empty\":[{},[],\"\"],\"integers\":[0,-1,9007199254740991],\"literals\":[null,true,false],\
            \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(encode(&value).unwrap(), form);
    }

    #[test]
    fn members_are_sorted_by_utf_16() {
        // The example of RFC 8785, section 3.2.3.
        let value = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh", "1": "One",
            "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis",
        });
        let form = encode(&value).unwrap();
        let order = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"];
        let places: Vec<usize> = order.iter().map(|word| form.find(word).unwrap()).collect();
        assert!(places.is_sorted(), "{form}");
    }

    #[test]
    fn numbers_that_libraries_disagree_on_are_refused() {
        for value in [
            json!(1.0),
            json!(0.5),
            json!(9_007_199_254_740_992_u64),
            json!(i64::MIN),
        ] {
            assert!(matches!(encode(&value), Err(CanonicalError::Number(_))), "{value}");
        }
        assert_eq!(encode(&0.5_f32), Err(CanonicalError::Number("0.5".to_owned())));
    }

    #[test]
    fn things_are_64_deep_inside_each_other_and_no_deeper() {
        let nested = |depth| (0..depth).fold(json!(0), |inner, _| json!([inner]));
        assert!(encode(&nested(write::DEPTH_MAX)).is_ok());
        assert_eq!(encode(&nested(write::DEPTH_MAX + 1)), Err(CanonicalError::TooDeep));
    }

    #[test]
    fn what_stands_beside_each_other_is_no_deeper() {
        #[derive(Clone, Serialize)]
        enum Tagged {
            Newtype(u8),
            Tuple(u8, u8),
            Struct { a: u8 },
        }
        let many = write::DEPTH_MAX + 1;
        assert!(encode(&vec![json!([{}]); many]).is_ok());
        for tagged in [Tagged::Newtype(1), Tagged::Tuple(1, 2), Tagged::Struct { a: 1 }] {
            assert!(encode(&vec![tagged; many]).is_ok());
        }
    }

    #[test]
    fn a_hash_is_pinned_and_depends_on_the_tag() {
        let value = json!({ "b": "2", "a": 1 });
        // printf 'inventure/test/v1\0{"a":1,"b":"2"}' | sha256sum
        let expected = "a1d3aac1a6ddea329d3f31fb397075fac2ddc934b8a64e8089f57f295ecf8de6";
        assert_eq!(hash("inventure/test/v1", &value).unwrap().to_string(), expected);
        assert_ne!(hash("inventure/test/v2", &value).unwrap().to_string(), expected);
    }

    #[test]
    fn one_spelling_is_a_hash() {
        let text = "0123456789abcdef".repeat(4);
        assert_eq!(text.parse::<Hash>().unwrap().to_string(), text);
        for wrong in [&text[1..], &text.to_uppercase(), &format!("{text}0"), ""] {
            assert_eq!(wrong.parse::<Hash>(), Err(InvalidHash));
        }
    }

    #[test]
    fn every_shape_is_written_as_serde_json_writes_it() {
        #[derive(Serialize)]
        enum Shape {
            Unit,
            Newtype(u8),
            Tuple(u8, char),
            Struct { b: Option<bool>, a: () },
        }
        #[derive(Serialize)]
        struct Nothing;
        #[derive(Serialize)]
        struct Wrapped(u8);
        let shapes = [
            Shape::Unit,
            Shape::Newtype(1),
            Shape::Tuple(1, '"'),
            Shape::Struct { b: None, a: () },
        ];
        let form = r#"["Unit",{"Newtype":1},{"Tuple":[1,"\""]},{"Struct":{"a":null,"b":null}}]"#;
        assert_eq!(encode(&shapes).unwrap(), form);
        assert_eq!(encode(&serde_json::to_value(&shapes).unwrap()).unwrap(), form);
        assert_eq!(encode(&(Nothing, Wrapped(1))).unwrap(), "[null,1]");
        assert!(matches!(encode(c"bytes"), Err(CanonicalError::NotJson(_))));
        let numbered = std::collections::BTreeMap::from([(1, 2)]);
        assert!(matches!(encode(&numbered), Err(CanonicalError::NotJson(_))));
    }

    #[test]
    fn only_the_outermost_hash_is_left_out_of_a_hash() {
        let value = json!({ "hash": 1, "a": { "hash": 2 } });
        assert_eq!(
            hash_of_rest("t", &value).unwrap(),
            hash_text("t", r#"{"a":{"hash":2}}"#)
        );
    }

    /// Values of all kinds that have a form, with any characters in names and texts.
    fn values() -> impl Strategy<Value = Value> {
        let text = || prop::collection::vec(any::<char>(), 0..6).prop_map(|text| text.into_iter().collect::<String>());
        let largest = INTEGER_MAX as i64;
        let one = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-largest..=largest).prop_map(Value::from),
            text().prop_map(Value::from),
        ];
        one.prop_recursive(4, 32, 5, move |inner| {
            let members = prop::collection::btree_map(text(), inner.clone(), 0..5);
            prop_oneof![
                prop::collection::vec(inner, 0..5).prop_map(Value::from),
                members.prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn another_writer_of_rfc_8785_writes_the_same(value in values()) {
            prop_assert_eq!(encode(&value).unwrap(), serde_json_canonicalizer::to_string(&value).unwrap());
        }

        #[test]
        fn a_form_reads_back_as_the_value(pairs in prop::collection::btree_map(".{0,8}", ".{0,8}", 0..6)) {
            let form = encode(&pairs).unwrap();
            let back: std::collections::BTreeMap<String, String> = serde_json::from_str(&form).unwrap();
            prop_assert_eq!(&back, &pairs);
            prop_assert_eq!(encode(&back).unwrap(), form);
        }
    }
}
