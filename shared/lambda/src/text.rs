//! What people may write into fields: checks for `garde`, beside those of length.

/// Characters that turn the direction of the text around them, and so make it look like another.
const DIRECTIONS: [char; 9] = [
    '\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

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
    check(text.as_ref(), &[])
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
