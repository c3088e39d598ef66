//! The rules for what people may write into fields: checks for `garde`, beside those of length.

use unicode_normalization::UnicodeNormalization;

/// Characters that turn the direction of the text around them, and so make it look like another.
const DIRECTIONS: [char; 9] = [
    '\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

/// Characters that end a line without being control characters.
const LINE_ENDS: [char; 2] = ['\u{2028}', '\u{2029}'];

fn check(text: &str, allowed: &[char]) -> garde::Result {
    if text.trim().is_empty() {
        return Err(garde::Error::new("is blank"));
    }
    let strange = |c: char| (c.is_control() && !allowed.contains(&c)) || DIRECTIONS.contains(&c);
    if text.chars().any(strange) {
        return Err(garde::Error::new("has control characters in it"));
    }
    Ok(())
}

/// One line that is not blank: a name, a title.
pub fn line(text: &impl AsRef<str>, (): &()) -> garde::Result {
    if text.as_ref().contains(LINE_ENDS) {
        return Err(garde::Error::new("has more than one line"));
    }
    check(text.as_ref(), &[])
}

/// The name of a person or of a company, as others read it: one line of plain words. No link, which a mail program would make one to
/// click on, and no character that is not seen.
pub fn name(text: &impl AsRef<str>, (): &()) -> garde::Result {
    let text = text.as_ref();
    check(text, &[])?;
    // Persian and some languages of India write joiners inside words.
    let joins = |before: Option<char>, c: char| {
        matches!(c, '\u{200C}' | '\u{200D}') && before.is_some_and(|before| !before.is_ascii() && !is_unseen(before))
    };
    let mut before = None;
    for c in text.chars() {
        if is_unseen(c) && !joins(before, c) {
            return Err(garde::Error::new("has characters in it that are not seen"));
        }
        before = Some(c);
    }
    // As a mail program reads it: full-width letters and stops are letters and stops.
    let plain: String = text.nfkc().flat_map(char::to_lowercase).collect();
    if plain.contains(|c: char| "@\\<>[]{}|^=\"`".contains(c)) {
        return Err(garde::Error::new("is no plain name: leave out signs such as @ and <"));
    }
    if plain.contains("//") || plain.split_whitespace().any(is_address_of_a_site) {
        return Err(garde::Error::new(
            "looks like a link: leave it out, or put a space after the full stop",
        ));
    }
    Ok(())
}

/// Whether a mail program may take a word for the address of a site. Such an address is labels with full stops between them,
/// the last of letters.
fn is_address_of_a_site(word: &str) -> bool {
    let labels: Vec<&str> = word.split(['.', '\u{3002}']).collect();
    let letters = |label: &str| label.chars().take_while(|c| c.is_alphanumeric() || *c == '-').count();
    labels.windows(2).any(|pair| {
        let before = pair[0].chars().next_back().is_some_and(char::is_alphanumeric);
        before && letters(pair[1]) >= 2 && pair[1].chars().next().is_some_and(char::is_alphabetic)
    })
}

/// Characters that nobody sees: they join, part or turn what is around them, or fill in for nothing.
const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Text of several lines that is not blank.
pub fn prose(text: &impl AsRef<str>, (): &()) -> garde::Result {
    check(text.as_ref(), &['\n', '\r', '\t'])
}

/// One mail address and no name around it, near enough to send something to it and find out. ASCII, as SES takes it: a letter that only
/// looks like another makes no second address.
pub fn address(text: &impl AsRef<str>, (): &()) -> garde::Result {
    let text = text.as_ref();
    let strange = |c: char| !c.is_ascii_graphic() || ",:;<>\"()[]\\".contains(c);
    let sound = text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && !domain.contains('@') && domain.split('.').all(|label| !label.is_empty())
    });
    if sound && !text.contains(strange) {
        Ok(())
    } else {
        Err(garde::Error::new("is no mail address"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_words() {
        for good in [
            "Zoë Martínez-O’Brien",
            "J. R. R. Tolkien",
            "J.R. Smith",
            "Müller & Söhne GmbH & Co. KG",
            "A/B Talent (Zürich)",
            "Yahoo!",
            "C++ People",
            "U.S.A. Staffing",
            "Version 2.0",
            "李明",
            "می\u{200C}خواهم",
        ] {
            assert!(name(&good, &()).is_ok(), "{good:?}: {:?}", name(&good, &()));
        }
        for bad in [
            "Sign in at https://evil.example",
            "evil.example",
            "Your account: www.evil.example.",
            "evil\u{FF0E}example",
            "evil。example",
            "xn--e1afmkfd.xn--p1ai",
            "me@evil.example",
            "<b>Inventure</b>",
            "\"Inventure\"",
            "Invent\u{200B}ure",
            "Inventure\u{200D}",
            "Inventure\u{2028}Sign in",
            "a\u{202E}b",
            "Nor\u{AD}thbank",
            "\u{E0041}Ada",
        ] {
            assert!(name(&bad, &()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_people_write_is_told_from_what_they_do_not() {
        for good in ["Ada", "Zoë Martínez-O’Brien", "李", "שלום"] {
            assert!(line(&good, &()).is_ok(), "{good:?}");
        }
        for bad in ["", "  ", "a\0b", "a\nb", "user\u{202E}gnp.exe"] {
            assert!(line(&bad, &()).is_err(), "{bad:?}");
        }
        assert!(prose(&"one\r\n\ttwo", &()).is_ok());
        assert!(prose(&"one\u{8}", &()).is_err());
        for good in ["ada@example.com", "a.b+c@sub.example.org", "a@localhost"] {
            assert!(address(&good, &()).is_ok(), "{good}");
        }
        for bad in [
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a b@c",
            "a@b, c@d",
            "a\0@b",
            "a@b..c",
            "x<a@b.c>",
            "x:a@b.c",
            "a@[127.0.0.1]",
            "zoë@b.c",
            "a@b.\u{212A}om",
            " a@b.c",
        ] {
            assert!(address(&bad, &()).is_err(), "{bad:?}");
        }
    }
}
