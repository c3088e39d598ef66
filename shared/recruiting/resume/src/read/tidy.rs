//! Gives one spelling to what typesetters spell in many ways.

use std::borrow::Cow;

use super::plain::windows_1252;

/// The characters that stand for a bullet at the start of a line, those of symbol fonts among them.
const BULLETS: &str =
    "•●■▪▫◦‣⁃∙·◆◇❖➢➤►▶✓✔✦➔→⮚□○★☆*\u{F0B7}\u{F0A7}\u{F0D8}\u{F076}\u{F0FC}\u{F0A8}\u{F02D}\u{F06E}\u{F0E8}";

/// Tidies a text. Ligatures are taken apart and soft hyphens out, white space becomes plain, bullets become `•`, and at most one
/// empty line stays in a row.
pub(super) fn tidy(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let (mut empty, mut bullet) = (0, false);
    // Some typesetters write a hyphen as three characters, one of them soft.
    let unbroken = repair(raw)
        .replace("-\u{AD}‐", "-")
        .replace("\u{AD}\r\n", "")
        .replace("\u{AD}\n", "");
    for line in unbroken.split(['\n', '\u{B}', '\u{C}', '\u{2028}', '\u{2029}', '\u{85}']) {
        let mut line = tidy_line(line);
        if line == "•" {
            bullet = true;
            continue;
        }
        if line.is_empty() || is_page_number(&line) {
            empty += usize::from(!out.is_empty());
            continue;
        }
        if !out.is_empty() {
            out.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        if std::mem::take(&mut bullet) && !line.starts_with('•') {
            line.insert_str(0, "• ");
        }
        out.push_str(&line);
    }
    out
}

/// Puts right what was written in UTF-8 and read as Windows-1252 somewhere on its way ("â€¢" for "•").
fn repair(raw: &str) -> Cow<'_, str> {
    if !raw.contains(['Â', 'Ã', 'â', 'ï']) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        let length = match byte_of(c) {
            Some(0xC2..=0xDF) => 1,
            Some(0xE0..=0xEF) => 2,
            _ => 0,
        };
        let tail: Option<Vec<u8>> = (length > 0).then(|| rest.chars().take(length).map_while(byte_of).collect());
        let meant = tail.filter(|tail| tail.len() == length).and_then(|tail| {
            let bytes = [&[byte_of(c)?], tail.as_slice()].concat();
            String::from_utf8(bytes).ok()
        });
        match meant {
            Some(meant) => {
                out.push_str(&meant);
                rest = rest.char_indices().nth(length).map_or("", |(at, _)| &rest[at..]);
            }
            // Half of a no-break space whose other half has become a plain one.
            None if c == 'Â' && rest.chars().next().is_none_or(char::is_whitespace) => {}
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Returns the byte that a character stands for in Windows-1252.
fn byte_of(c: char) -> Option<u8> {
    match c {
        '\u{A0}'..='\u{FF}' => Some(c as u8),
        _ => (0x80..=0x9F).find(|byte| windows_1252(*byte) == c),
    }
}

fn tidy_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let (mut spaces, mut tab) = (0_usize, false);
    for c in line.chars() {
        let piece = match c {
            '\t' => {
                tab = true;
                continue;
            }
            c if c.is_whitespace() => {
                spaces += 1;
                continue;
            }
            'ﬀ' => "ff",
            'ﬁ' => "fi",
            'ﬂ' => "fl",
            'ﬃ' => "ffi",
            'ﬄ' => "ffl",
            'ﬅ' | 'ﬆ' => "st",
            '‐' | '‑' => "-",
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{FFFD}' => continue,
            c if c.is_control() => continue,
            c if out.is_empty() && BULLETS.contains(c) => {
                // A star or a dash is a bullet only with something after it; all of them take one space.
                out.push('•');
                spaces = 1;
                continue;
            }
            '\u{E000}'..='\u{F8FF}' => continue,
            c => {
                gap(&mut out, spaces, tab);
                (spaces, tab) = (0, false);
                out.push(c);
                continue;
            }
        };
        gap(&mut out, spaces, tab);
        (spaces, tab) = (0, false);
        out.push_str(piece);
    }
    out
}

/// Writes the white space before the next character: a tab for a wide gap, else one space.
fn gap(out: &mut String, spaces: usize, tab: bool) {
    if out.is_empty() {
        return;
    }
    if (tab || spaces >= 4) && out != "•" {
        out.push('\t');
    } else if tab || spaces > 0 {
        out.push(' ');
    }
}

/// Whether a line is "Page 2" or "Page 2 of 3": furniture of the page, not text of the resume.
fn is_page_number(line: &str) -> bool {
    let Some(rest) = line
        .get(..4)
        .filter(|head| head.eq_ignore_ascii_case("page"))
        .map(|_| &line[4..])
    else {
        return false;
    };
    let mut words = rest.split_whitespace();
    let number =
        |word: Option<&str>| word.is_some_and(|word| word.len() <= 3 && word.bytes().all(|b| b.is_ascii_digit()));
    number(words.next())
        && match words.next() {
            None => true,
            Some("of" | "/" | "|") => number(words.next()) && words.next().is_none(),
            Some(_) => false,
        }
}

/// First parts of compounds, whose hyphen stays where a line ends with it. A hyphen behind any other beginning of a word is the
/// typesetter's.
const FIRST_PARTS: [&str; 44] = [
    "all", "back", "client", "close", "cloud", "co", "cost", "cross", "cutting", "data", "decision", "detail", "end",
    "ex", "fast", "first", "front", "full", "hands", "high", "in", "large", "long", "low", "multi", "non", "off", "on",
    "one", "open", "part", "post", "pre", "problem", "real", "results", "self", "short", "small", "state", "test",
    "time", "user", "well",
];

/// Puts words together that were broken at the ends of lines. The rest of the word comes up to the line on which it begins.
pub(super) fn unbreak(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let goes_on = line.starts_with(char::is_lowercase);
        let broken = out.strip_suffix("-\n").filter(|_| goes_on);
        let begun = broken.map(|before| {
            let from = before
                .rfind(|c: char| !c.is_alphabetic())
                .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
            before[from..].to_owned()
        });
        let Some(begun) = begun.filter(|begun| !begun.is_empty()) else {
            out.push_str(line);
            continue;
        };
        let keeps_hyphen = FIRST_PARTS.contains(&begun.to_lowercase().as_str());
        out.truncate(out.len() - if keeps_hyphen { 1 } else { 2 });
        let end = line.find(char::is_whitespace).unwrap_or(line.len());
        out.push_str(&line[..end]);
        let rest = line[end..].trim_start_matches([' ', '\t']);
        if !rest.starts_with('\n') && !rest.is_empty() {
            out.push('\n');
        }
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{tidy, unbreak};

    #[test]
    fn words_broken_at_the_ends_of_lines_are_put_together() {
        for (broken, whole) in [
            ("the of-\nfice manager", "the office\nmanager"),
            ("a cross-\nfunctional team", "a cross-functional\nteam"),
            ("Éco-\nle", "École"),
            ("Jan 2015 -\npresent", "Jan 2015 -\npresent"),
            ("IBM-\nCertified", "IBM-\nCertified"),
            ("office-\n\nnext", "office-\n\nnext"),
            (
                "trans-\nformation, and co-\nordination.\nend",
                "transformation,\nand co-ordination.\nend",
            ),
        ] {
            assert_eq!(unbreak(broken), whole, "{broken:?}");
        }
    }

    #[test]
    fn spellings_become_one() {
        for (raw, tidied) in [
            ("eﬃcient ﬁeld", "efficient field"),
            ("co\u{AD}operate, line\u{AD}\nbreak", "cooperate, linebreak"),
            ("a\u{A0}b\u{2009}c", "a b c"),
            ("\u{F0B7}\tPoint", "• Point"),
            ("  ●   Point\r\n * Other", "• Point\n• Other"),
            ("Acme      2019 - 2020", "Acme\t2019 - 2020"),
            ("a\n\n\n\n b \n", "a\n\nb"),
            ("text\nPage 2 of 3\nmore", "text\n\nmore"),
            ("Page turner", "Page turner"),
            ("â€¢Stock, cafÃ©, skillsÂ \nÂ 5 â€“ 6", "• Stock, café, skills\n5 – 6"),
            ("Ângela on\u{2D}\u{AD}\u{2010}campus", "Ângela on-campus"),
            ("•\nalone\n•\n• two\n•", "• alone\n• two"),
        ] {
            assert_eq!(tidy(raw), tidied, "{raw:?}");
        }
    }
}
