//! Detects the format of a file by its bytes.

use serde::de::IgnoredAny;
use serde_json::Value;

use super::Hint;
use crate::refusal::Refusal;

pub(super) enum Format {
    Pdf,
    Docx,
    Odt,
    Rtf,
    Html,
    Text,
    JsonResume(Value),
}

/// The first bytes of formats that hold pictures and no text.
const PICTURES: [&[u8]; 8] = [
    b"\x89PNG",
    b"\xFF\xD8\xFF",
    b"GIF8",
    b"II*\0",
    b"MM\0*",
    b"BM\x00",
    b"\0\0\x00\x18ftyphei",
    b"\0\0\x00\x1Cftyphei",
];

/// The container of Word before 2007, and of Word files that are locked with a password.
const COMPOUND_FILE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

pub(super) fn detect(bytes: &[u8], hint: Hint<'_>) -> Result<Format, Refusal> {
    let head = &bytes[..bytes.len().min(1024)];
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Refusal::Empty);
    }
    // Others' files may quote the mark of a PDF, which may itself stand behind some junk.
    let is_json = || bytes.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    let is_other = || bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"{\\rtf") || is_json();
    if contains(head, b"%PDF-") && (bytes.starts_with(b"%PDF-") || !is_other()) {
        return Ok(Format::Pdf);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return zipped(bytes);
    }
    if bytes.starts_with(b"{\\rtf") {
        return Ok(Format::Rtf);
    }
    if bytes.starts_with(COMPOUND_FILE) {
        let package: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        return Err(if contains(bytes, &package) {
            Refusal::Encrypted
        } else {
            Refusal::UnsupportedFormat
        });
    }
    if PICTURES.iter().any(|magic| bytes.starts_with(magic)) || (bytes.starts_with(b"RIFF") && contains(head, b"WEBP"))
    {
        return Err(Refusal::NeedsOcr);
    }
    text(bytes, hint)
}

fn zipped(bytes: &[u8]) -> Result<Format, Refusal> {
    let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(|_| Refusal::Corrupt)?;
    if archive
        .file_names()
        .filter_map(Result::ok)
        .any(|name| name.starts_with("word/document"))
    {
        return Ok(Format::Docx);
    }
    if archive.index_for_name("content.xml").is_some() {
        return Ok(Format::Odt);
    }
    Err(Refusal::UnsupportedFormat)
}

fn text(bytes: &[u8], hint: Hint<'_>) -> Result<Format, Refusal> {
    let wide = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    let odd = bytes
        .iter()
        .filter(|b| b.is_ascii_control() && !matches!(b, b'\t' | b'\n' | b'\r' | b'\x0C' | b'\x1B'))
        .count();
    // Text may hold a stray control character; what is full of them is a format nobody knows.
    if !wide && (bytes.contains(&0) || odd * 200 > bytes.len()) {
        return Err(Refusal::UnsupportedFormat);
    }
    let content = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let named = |extension: &str, media_type: &str| {
        let by_name = hint.file_name.is_some_and(|name| {
            name.rsplit_once('.')
                .is_some_and(|(_, suffix)| suffix.eq_ignore_ascii_case(extension))
        });
        by_name || hint.media_type.is_some_and(|declared| declared.starts_with(media_type))
    };
    if content.starts_with(b"{") || content.starts_with(b"[") {
        match serde_json::from_slice::<Value>(content) {
            Ok(value @ Value::Object(_)) => return Ok(Format::JsonResume(value)),
            Ok(_) => return Err(Refusal::UnsupportedFormat),
            Err(_) if named("json", "application/json") => return Err(Refusal::Corrupt),
            Err(_) => {}
        }
    }
    let head = String::from_utf8_lossy(&content[..content.len().min(1024)]).to_lowercase();
    let tags = ["<!doctype html", "<html", "<body", "<head>"];
    if tags.iter().any(|tag| head.contains(tag)) || (head.starts_with('<') && named("html", "text/html")) {
        return Ok(Format::Html);
    }
    // Other markup would be read as prose, tags and all.
    if head.starts_with("<?xml") || head.starts_with("<svg") || head.starts_with("%!ps") {
        return Err(Refusal::UnsupportedFormat);
    }
    Ok(Format::Text)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
