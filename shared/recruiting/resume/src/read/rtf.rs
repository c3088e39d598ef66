//! Reads RTF, as much of it as text needs.

use super::{
    Limits,
    flow::{Flow, Read},
    letters::Style,
    plain::windows_1252,
};
use crate::refusal::Refusal;

/// The greatest depth of groups inside groups.
const DEPTH_MAX: usize = 512;

/// Groups that hold something other than the document's text.
const DESTINATIONS: [&str; 22] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "themedata",
    "colorschememapping",
    "datastore",
    "latentstyles",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "xmlnstbl",
    "generator",
    "fldinst",
    "bkmkstart",
    "bkmkend",
    "filetbl",
    "revtbl",
    "footnote",
    "annotation",
];

#[derive(Debug, Clone, Copy)]
struct Group {
    skipped: bool,
    /// The number of bytes that stand in for a `\u` character.
    fallback: usize,
    style: Style,
    /// Whether the text is hidden.
    hidden: bool,
}

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Read, Refusal> {
    let mut flow = Flow::new(limits.characters_max);
    let mut groups = vec![Group {
        skipped: false,
        fallback: 1,
        style: Style::default(),
        hidden: false,
    }];
    let mut at = 0;
    let mut starred = false;
    let mut to_skip = 0_usize;
    let mut high_surrogate = None;
    while at < bytes.len() {
        let Some(group) = groups.last().copied() else {
            return Err(Refusal::Corrupt);
        };
        flow.dress(group.style);
        match bytes[at] {
            b'{' => {
                if groups.len() >= DEPTH_MAX {
                    return Err(Refusal::Corrupt);
                }
                groups.push(group);
                (starred, to_skip) = (false, 0);
                at += 1;
            }
            b'}' => {
                groups.pop();
                (starred, to_skip) = (false, 0);
                at += 1;
                // Whatever follows the end of the document is not of it.
                if groups.len() <= 1 {
                    break;
                }
            }
            b'\\' => {
                let (control, next) = control(bytes, at + 1);
                at = next;
                match control {
                    Control::Symbol(b'*') => starred = true,
                    Control::Hex(_) | Control::Symbol(_) if to_skip > 0 => to_skip -= 1,
                    _ if group.skipped => {}
                    Control::Word(word @ ("b" | "i" | "fs" | "plain" | "v"), number) => {
                        if let Some(group) = groups.last_mut() {
                            dress(group, word, number);
                        }
                    }
                    Control::Hex(_) | Control::Symbol(_) if group.hidden => {}
                    Control::Hex(byte) => flow.push(windows_1252(byte).encode_utf8(&mut [0; 4]))?,
                    Control::Symbol(symbol) => flow.push(symbol_text(symbol))?,
                    Control::Word("bin", Some(length)) => at = at.saturating_add(length.max(0) as usize),
                    Control::Word("uc", Some(count)) => {
                        if let Some(group) = groups.last_mut() {
                            group.fallback = count.clamp(0, 16) as usize;
                        }
                    }
                    Control::Word("u", Some(code)) => {
                        to_skip = group.fallback;
                        let unit = code as u16;
                        let decoded = match (high_surrogate.take(), unit) {
                            (_, 0xD800..=0xDBFF) => {
                                high_surrogate = Some(unit);
                                None
                            }
                            (Some(high), _) => char::decode_utf16([high, unit]).next().and_then(Result::ok),
                            (None, _) => char::from_u32(u32::from(unit)),
                        };
                        if let Some(c) = decoded.filter(|_| !group.hidden) {
                            flow.push(c.encode_utf8(&mut [0; 4]))?;
                        }
                    }
                    Control::Word("listtext" | "pntext", _) => {
                        flow.push("• ")?;
                        skip_group(&mut groups);
                    }
                    Control::Word(word, _) if starred || DESTINATIONS.contains(&word) => {
                        // Word wraps shapes' text in a starred group that is text all the same.
                        if !matches!(word, "shpinst" | "shptxt") {
                            skip_group(&mut groups);
                        }
                        starred = false;
                    }
                    Control::Word(word, _) => flow.push(word_text(word))?,
                    Control::End => break,
                }
                if !matches!(control, Control::Symbol(b'*')) {
                    starred = false;
                }
            }
            b'\r' | b'\n' => at += 1,
            byte => {
                at += 1;
                if to_skip > 0 {
                    to_skip -= 1;
                } else if !group.skipped && !group.hidden {
                    flow.push(windows_1252(byte).encode_utf8(&mut [0; 4]))?;
                }
            }
        }
    }
    Ok(flow.finish())
}

/// Changes the dress of the text that follows in a group.
fn dress(group: &mut Group, word: &str, number: Option<i32>) {
    let on = number != Some(0);
    match word {
        "b" => group.style.bold = on,
        "i" => group.style.italic = on,
        "v" => group.hidden = on,
        "fs" => group.style.size = number.unwrap_or_default().clamp(0, 400) as f32 / 2.0,
        _ => (group.style, group.hidden) = (Style::default(), false),
    }
}

fn skip_group(groups: &mut [Group]) {
    // The outermost group is the document: a file that asks to skip it would read as empty.
    if groups.len() > 1
        && let Some(group) = groups.last_mut()
    {
        group.skipped = true;
    }
}

#[derive(Clone, Copy)]
enum Control<'a> {
    Word(&'a str, Option<i32>),
    Symbol(u8),
    Hex(u8),
    End,
}

/// Returns the control that begins behind a backslash, and the place where the text after it begins.
fn control(bytes: &[u8], start: usize) -> (Control<'_>, usize) {
    let Some(&first) = bytes.get(start) else {
        return (Control::End, start);
    };
    if first == b'\'' {
        let digits = bytes
            .get(start + 1..start + 3)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        return (Control::Hex(byte.unwrap_or(b' ')), (start + 3).min(bytes.len()));
    }
    if !first.is_ascii_alphabetic() {
        return (Control::Symbol(first), start + 1);
    }
    let letters = bytes[start..]
        .iter()
        .take(32)
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let mut end = start + letters;
    let word = std::str::from_utf8(&bytes[start..end]).unwrap_or_default();
    let sign = usize::from(bytes.get(end) == Some(&b'-'));
    let digits = bytes[end + sign..]
        .iter()
        .take(10)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let mut number = None;
    if digits > 0 {
        number = std::str::from_utf8(&bytes[end..end + sign + digits])
            .ok()
            .and_then(|digits| digits.parse().ok());
        end += sign + digits;
    }
    if bytes.get(end) == Some(&b' ') {
        end += 1;
    }
    (Control::Word(word, number), end)
}

fn symbol_text(symbol: u8) -> &'static str {
    match symbol {
        b'~' => " ",
        b'_' => "-",
        b'\\' => "\\",
        b'{' => "{",
        b'}' => "}",
        b'\n' | b'\r' => "\n",
        _ => "",
    }
}

fn word_text(word: &str) -> &'static str {
    match word {
        "par" | "line" | "row" | "sect" | "page" | "column" => "\n",
        "tab" | "cell" => "\t",
        "bullet" => "•",
        "emdash" => "—",
        "endash" => "–",
        "lquote" => "‘",
        "rquote" => "’",
        "ldblquote" => "“",
        "rdblquote" => "”",
        "emspace" | "enspace" | "qmspace" => " ",
        _ => "",
    }
}
