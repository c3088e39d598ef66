//! Writes the canonical form. A serializer of its own, since verifying a statement writes every entry twice: going through
//! `serde_json::Value` took most of the time.

use std::{borrow::Cow, fmt, fmt::Write, ops::Range};

use serde::{
    Serialize, Serializer,
    ser::{
        Error, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};

use super::{CanonicalError, INTEGER_MAX};

/// Arrays and objects inside each other.
pub const DEPTH_MAX: usize = 64;

/// The canonical form of a value, without the member `left_out` of the outermost object.
pub fn to_text<T: Serialize + ?Sized>(value: &T, left_out: Option<&'static str>) -> Result<String, CanonicalError> {
    let mut writer = Writer {
        text: String::with_capacity(512),
        depth: 0,
        left_out,
    };
    value.serialize(&mut writer)?;
    Ok(writer.text)
}

impl Error for CanonicalError {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self::NotJson(problem.to_string())
    }
}

struct Writer {
    text: String,
    depth: usize,
    left_out: Option<&'static str>,
}

impl Writer {
    fn string(&mut self, string: &str) {
        self.text.push('"');
        let mut plain = 0;
        // What is escaped is ASCII, so bytes can be looked at one by one.
        for (at, byte) in string
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte < b' ' || matches!(byte, b'"' | b'\\'))
        {
            self.text.push_str(&string[plain..at]);
            plain = at + 1;
            match byte {
                b'"' => self.text.push_str("\\\""),
                b'\\' => self.text.push_str("\\\\"),
                0x08 => self.text.push_str("\\b"),
                b'\t' => self.text.push_str("\\t"),
                b'\n' => self.text.push_str("\\n"),
                0x0c => self.text.push_str("\\f"),
                b'\r' => self.text.push_str("\\r"),
                control => write!(self.text, "\\u{control:04x}").unwrap_or_default(),
            }
        }
        self.text.push_str(&string[plain..]);
        self.text.push('"');
    }

    fn open(&mut self) -> Result<(), CanonicalError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            Err(CanonicalError::TooDeep)
        } else {
            Ok(())
        }
    }

    fn list(&mut self, tagged: bool) -> Result<List<'_>, CanonicalError> {
        self.open()?;
        self.text.push('[');
        Ok(List {
            writer: self,
            empty: true,
            tagged,
        })
    }

    fn members(&mut self, tagged: bool) -> Result<Members<'_>, CanonicalError> {
        self.open()?;
        Ok(Members {
            left_out: self.left_out.filter(|_| self.depth == 1),
            start: self.text.len(),
            writer: self,
            members: Vec::with_capacity(12),
            key: None,
            tagged,
        })
    }

    /// A variant that holds something is an object of one member.
    fn tag(&mut self, variant: &str) -> Result<(), CanonicalError> {
        self.open()?;
        self.text.push('{');
        self.string(variant);
        self.text.push(':');
        Ok(())
    }

    fn close(&mut self, bracket: char, tagged: bool) {
        self.text.push(bracket);
        self.depth -= 1;
        if tagged {
            self.text.push('}');
            self.depth -= 1;
        }
    }
}

/// An array that is being written.
struct List<'a> {
    writer: &'a mut Writer,
    empty: bool,
    tagged: bool,
}

impl List<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
        if !std::mem::take(&mut self.empty) {
            self.writer.text.push(',');
        }
        value.serialize(&mut *self.writer)
    }

    fn finish(self) {
        self.writer.close(']', self.tagged);
    }
}

/// An object that is being written: members as they come, sorted at the end.
struct Members<'a> {
    writer: &'a mut Writer,
    start: usize,
    members: Vec<(Cow<'static, str>, Range<usize>)>,
    key: Option<String>,
    left_out: Option<&'static str>,
    tagged: bool,
}

impl Members<'_> {
    fn member<T: Serialize + ?Sized>(&mut self, name: Cow<'static, str>, value: &T) -> Result<(), CanonicalError> {
        if self.left_out == Some(&*name) {
            return Ok(());
        }
        let from = self.writer.text.len() - self.start;
        self.writer.string(&name);
        self.writer.text.push(':');
        value.serialize(&mut *self.writer)?;
        self.members.push((name, from..self.writer.text.len() - self.start));
        Ok(())
    }

    fn finish(mut self) -> Result<(), CanonicalError> {
        self.members
            .sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        if let Some(pair) = self.members.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(CanonicalError::NotJson(format!(
                "the member {} is there twice",
                pair[0].0
            )));
        }
        let written = self.writer.text.split_off(self.start);
        self.writer.text.push('{');
        for (index, (_, range)) in self.members.into_iter().enumerate() {
            if index > 0 {
                self.writer.text.push(',');
            }
            self.writer.text.push_str(&written[range]);
        }
        self.writer.close('}', self.tagged);
        Ok(())
    }
}

macro_rules! integers {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, number: $type) -> Result<(), CanonicalError> {
            // Numbers of 8 to 64 bits, so the magnitude fits.
            if i128::from(number).unsigned_abs() > u128::from(INTEGER_MAX) {
                return Err(CanonicalError::Number(number.to_string()));
            }
            write!(self.text, "{number}").map_err(Error::custom)
        })*
    };
}

impl<'a> Serializer for &'a mut Writer {
    type Error = CanonicalError;
    type Ok = ();
    type SerializeMap = Members<'a>;
    type SerializeSeq = List<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Members<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    );

    fn serialize_bool(self, value: bool) -> Result<(), CanonicalError> {
        self.text.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Result<(), CanonicalError> {
        Err(CanonicalError::Number(number.to_string()))
    }

    fn serialize_f64(self, number: f64) -> Result<(), CanonicalError> {
        Err(CanonicalError::Number(number.to_string()))
    }

    fn serialize_char(self, value: char) -> Result<(), CanonicalError> {
        self.string(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), CanonicalError> {
        self.string(value);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), CanonicalError> {
        Err(CanonicalError::NotJson("bytes have no form of their own".to_owned()))
    }

    fn serialize_none(self) -> Result<(), CanonicalError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), CanonicalError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), CanonicalError> {
        self.text.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), CanonicalError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), CanonicalError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), CanonicalError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), CanonicalError> {
        self.tag(variant)?;
        value.serialize(&mut *self)?;
        self.close('}', false);
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, CanonicalError> {
        self.list(false)
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>, CanonicalError> {
        self.list(false)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, CanonicalError> {
        self.list(false)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>, CanonicalError> {
        self.tag(variant)?;
        self.list(true)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a>, CanonicalError> {
        self.members(false)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, CanonicalError> {
        self.members(false)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'a>, CanonicalError> {
        self.tag(variant)?;
        self.members(true)
    }
}

macro_rules! lists {
    ($($trait:ident: $method:ident),*) => {
        $(impl $trait for List<'_> {
            type Error = CanonicalError;
            type Ok = ();

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
                self.item(value)
            }

            fn end(self) -> Result<(), CanonicalError> {
                self.finish();
                Ok(())
            }
        })*
    };
}

lists!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
);

macro_rules! objects {
    ($($trait:ident),*) => {
        $(impl $trait for Members<'_> {
            type Error = CanonicalError;
            type Ok = ();

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), CanonicalError> {
                self.member(Cow::Borrowed(name), value)
            }

            fn end(self) -> Result<(), CanonicalError> {
                self.finish()
            }
        })*
    };
}

objects!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Members<'_> {
    type Error = CanonicalError;
    type Ok = ();

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), CanonicalError> {
        match serde_json::to_value(key).map_err(Error::custom)? {
            serde_json::Value::String(name) => self.key = Some(name),
            other => return Err(CanonicalError::NotJson(format!("{other} is no name of a member"))),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
        let name = self.key.take().unwrap_or_default();
        self.member(Cow::Owned(name), value)
    }

    fn end(self) -> Result<(), CanonicalError> {
        self.finish()
    }
}
