//! Decodes plain text in the encodings it comes in.

use crate::refusal::Refusal;

/// Decodes UTF-8, UTF-16 with a byte order mark, or else Windows-1252, in which every byte is something.
pub(super) fn decode(bytes: &[u8]) -> Result<String, Refusal> {
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return utf16(rest, u16::from_be_bytes);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    Ok(std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(windows_1252).collect(), str::to_owned))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Refusal> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .map_err(|_| Refusal::Corrupt)
}

/// Gives a text its line breaks back that a form for one line took away. Such a form writes line breaks as two spaces, and
/// paragraphs as four or more. Anything with lines of a reasonable length is left as it is.
pub(super) fn unflatten(text: String) -> String {
    const LINE_MAX: usize = 1500;
    const BREAKS_MIN: usize = 10;
    let flat = |line: &str| line.len() > LINE_MAX && line.matches("  ").count() >= BREAKS_MIN;
    if !text.lines().any(flat) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if flat(line) {
            out.push_str(&line.replace("    ", "\n\n").replace("  ", "\n"));
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

/// Decodes one byte of Windows-1252, which is Latin-1 with printable characters in place of the second block of controls.
pub(super) fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}
