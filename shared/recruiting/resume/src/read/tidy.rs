//! Gives one spelling to what typesetters spell in many ways.

use std::borrow::Cow;

use super::{
    letters::{Letter, NOWHERE, lettered, plain},
    plain::windows_1252,
};

/// The characters that stand for a bullet at the start of a line, those of symbol fonts among them.
const BULLETS: &str =
    "•●■▪▫◦‣⁃∙·◆◇❖➢➤►▶✓✔✦➔→⮚□○★☆*\u{F0B7}\u{F0A7}\u{F0D8}\u{F076}\u{F0FC}\u{F0A8}\u{F02D}\u{F06E}\u{F0E8}";

/// Tidies a text. Ligatures are taken apart and soft hyphens out, white space becomes plain, bullets become `•`, and at most one
/// empty line stays in a row.
pub(super) fn tidy(raw: &[Letter]) -> Vec<Letter> {
    let mut out: Vec<Letter> = Vec::with_capacity(raw.len());
    let (mut empty, mut bullet) = (0, None);
    let is_end = |c: char| matches!(c, '\n' | '\u{B}' | '\u{C}' | '\u{2028}' | '\u{2029}' | '\u{85}');
    for line in without_soft_hyphens(&repair(raw)).split(|letter| is_end(letter.0)) {
        let mut line = tidy_line(line);
        if let [mark @ ('•', _)] = line[..] {
            bullet = Some(mark);
            continue;
        }
        if line.is_empty() || is_page_number(&plain(&line)) {
            empty += usize::from(!out.is_empty());
            continue;
        }
        if !out.is_empty() {
            out.extend(lettered(if empty > 0 { "\n\n" } else { "\n" }, NOWHERE));
        }
        empty = 0;
        if let Some(mark) = bullet.take()
            && line[0].0 != '•'
        {
            line.splice(0..0, [mark, (' ', NOWHERE)]);
        }
        out.append(&mut line);
    }
    out
}

/// Takes out soft hyphens at the ends of lines. Some typesetters write a hyphen as three characters, one of them soft.
fn without_soft_hyphens(letters: &[Letter]) -> Vec<Letter> {
    let mut out = Vec::with_capacity(letters.len());
    let mut at = 0;
    let char_at = |at: usize| letters.get(at).map(|letter| letter.0);
    while let Some(letter) = letters.get(at) {
        at += match (letter.0, char_at(at + 1), char_at(at + 2)) {
            ('-', Some('\u{AD}'), Some('‐')) => {
                out.push(*letter);
                3
            }
            ('\u{AD}', Some('\r'), Some('\n')) => 3,
            ('\u{AD}', Some('\n'), _) => 2,
            _ => {
                out.push(*letter);
                1
            }
        };
    }
    out
}

/// Puts right what was written in UTF-8 and read as Windows-1252 somewhere on its way ("â€¢" for "•").
fn repair(raw: &[Letter]) -> Cow<'_, [Letter]> {
    if !raw.iter().any(|(c, _)| matches!(c, 'Â' | 'Ã' | 'â' | 'ï')) {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(((c, origin), after)) = rest.split_first() {
        rest = after;
        let length = match byte_of(*c) {
            Some(0xC2..=0xDF) => 1,
            Some(0xE0..=0xEF) => 2,
            _ => 0,
        };
        let tail: Option<Vec<u8>> =
            (length > 0).then(|| rest.iter().take(length).map_while(|(c, _)| byte_of(*c)).collect());
        let meant = tail.filter(|tail| tail.len() == length).and_then(|tail| {
            let bytes = [&[byte_of(*c)?], tail.as_slice()].concat();
            String::from_utf8(bytes).ok()
        });
        match meant {
            Some(meant) => {
                out.extend(lettered(&meant, *origin));
                rest = rest.get(length..).unwrap_or_default();
            }
            // Half of a no-break space whose other half has become a plain one.
            None if *c == 'Â' && rest.first().is_none_or(|(c, _)| c.is_whitespace()) => {}
            None => out.push((*c, *origin)),
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

fn tidy_line(line: &[Letter]) -> Vec<Letter> {
    let mut out = Vec::with_capacity(line.len());
    let (mut spaces, mut tab) = (0_usize, false);
    for (c, origin) in line.iter().copied() {
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
                out.push(('•', origin));
                spaces = 1;
                continue;
            }
            '\u{E000}'..='\u{F8FF}' => continue,
            c => {
                gap(&mut out, spaces, tab);
                (spaces, tab) = (0, false);
                out.push((c, origin));
                continue;
            }
        };
        gap(&mut out, spaces, tab);
        (spaces, tab) = (0, false);
        out.extend(lettered(piece, origin));
    }
    out
}

/// Writes the white space before the next character: a tab for a wide gap, else one space.
fn gap(out: &mut Vec<Letter>, spaces: usize, tab: bool) {
    if out.is_empty() {
        return;
    }
    let after_bullet = matches!(out[..], [('•', _)]);
    if (tab || spaces >= 4) && !after_bullet {
        out.push(('\t', NOWHERE));
    } else if tab || spaces > 0 {
        out.push((' ', NOWHERE));
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

/// The most letters of the first part of a broken word.
const WORD_MAX: usize = 40;

/// Puts words together that were broken at the ends of lines. The rest of the word comes up to the line on which it begins.
pub(super) fn unbreak(text: &[Letter]) -> Vec<Letter> {
    let mut out: Vec<Letter> = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|(c, _)| *c == '\n') {
        let goes_on = line.first().is_some_and(|(c, _)| c.is_lowercase());
        let begun = match &out[..] {
            [before @ .., ('-', _), ('\n', _)] if goes_on => {
                let before = &before[before.len().saturating_sub(WORD_MAX)..];
                let from = before
                    .iter()
                    .rposition(|(c, _)| !c.is_alphabetic())
                    .map_or(0, |at| at + 1);
                plain(&before[from..])
            }
            _ => String::new(),
        };
        if begun.is_empty() {
            out.extend_from_slice(line);
            continue;
        }
        let keeps_hyphen = FIRST_PARTS.contains(&begun.to_lowercase().as_str());
        out.truncate(out.len() - if keeps_hyphen { 1 } else { 2 });
        let end = line.iter().position(|(c, _)| c.is_whitespace()).unwrap_or(line.len());
        out.extend_from_slice(&line[..end]);
        let blanks = line[end..].iter().take_while(|(c, _)| matches!(c, ' ' | '\t')).count();
        let rest = &line[end + blanks..];
        if rest.first().is_some_and(|(c, _)| *c != '\n') {
            out.push(('\n', NOWHERE));
        }
        out.extend_from_slice(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(plain(&unbreak(&lettered(broken, 0))), whole, "{broken:?}");
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
            assert_eq!(plain(&tidy(&lettered(raw, 0))), tidied, "{raw:?}");
        }
    }
}
