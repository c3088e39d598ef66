//! A mail: what it says, as plain text and as HTML, and the port that sends it.

use async_trait::async_trait;
use html_escape::{encode_double_quoted_attribute as attribute, encode_text};

/// A mail to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address that it goes to.
    pub to: String,
    /// The subject, in the platform's own words: no name that somebody has typed stands in it.
    pub subject: String,
    /// The plain text of the mail.
    pub text: String,
    /// The same text as HTML.
    pub html: String,
    /// The address at which one click ends mails of this kind (RFC 8058). There is none where the mail is no optional one.
    pub unsubscribe: Option<String>,
}

/// The reason for which a mail did not go out. It has the error's code and never its message, which may hold the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// This mail to this address is never taken.
    #[error("the mail is refused: {0}")]
    Refused(String),
    /// The mail was not taken this time.
    #[error("the mail was not taken: {0}")]
    NotTaken(String),
    /// No answer came: the mail may have gone out.
    #[error("nobody knows whether the mail was taken")]
    NoAnswer,
}

/// The port to the mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends a mail.
    ///
    /// # Errors
    /// [`NotSent::Refused`] where it is of no use to try again, because of the mail or its receiver; [`NotSent::NotTaken`] for everything
    /// else, also for what is wrong with the sender; [`NotSent::NoAnswer`] where it may have been taken.
    async fn send(&self, mail: &Mail) -> Result<(), NotSent>;
}

/// Builds a mail in both formats.
#[derive(Debug, Default)]
pub struct Letter {
    text: String,
    html: String,
}

impl Letter {
    /// Adds a paragraph of plain text.
    #[must_use]
    pub fn says(mut self, paragraph: &str) -> Self {
        self.text.extend([paragraph, "\n\n"]);
        self.html.extend(["<p>", &encode_text(paragraph), "</p>\n"]);
        self
    }

    /// Adds a list of plain lines.
    #[must_use]
    pub fn lists(mut self, lines: &[String]) -> Self {
        self.text.extend([&lines.join("\n"), "\n\n"]);
        self.html.push_str("<ul>");
        for line in lines {
            self.html.extend(["<li>", &encode_text(line), "</li>"]);
        }
        self.html.push_str("</ul>\n");
        self
    }

    /// Adds a link that is shown as these words; plain text has its address below them.
    #[must_use]
    pub fn links(mut self, words: &str, url: &str) -> Self {
        self.text.extend([words, ":\n", url, "\n\n"]);
        let (address, shown) = (attribute(url), encode_text(words));
        self.html
            .extend(["<p><a href=\"", &address, "\">", &shown, "</a></p>\n"]);
        self
    }

    /// Returns the mail with this text.
    #[must_use]
    pub fn mail(self, to: String, subject: &str) -> Mail {
        let (title, body) = (encode_text(subject), self.html);
        Mail {
            to,
            subject: subject.to_owned(),
            text: format!("{}\n", self.text.trim_end()),
            html: format!(
                "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
                 <body style=\"font-family: sans-serif; line-height: 1.5; max-width: 36em\">\n{body}</body></html>\n"
            ),
            unsubscribe: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same_and_no_word_becomes_markup() {
        let letter = Letter::default()
            .says("“A & <b>B</b>” says:")
            .lists(&["1 × <i>".into()])
            .links("Answer <here>", "https://x.example/?a=1&b=\"#s");
        let mail = letter.mail("ada@example.com".into(), "Inventure: <news>");
        assert_eq!(
            mail.text,
            "“A & <b>B</b>” says:\n\n1 × <i>\n\nAnswer <here>:\nhttps://x.example/?a=1&b=\"#s\n"
        );
        for escaped in [
            "<title>Inventure: &lt;news&gt;</title>",
            "<p>“A &amp; &lt;b&gt;B&lt;/b&gt;” says:</p>",
            "<li>1 × &lt;i&gt;</li>",
            "<a href=\"https://x.example/?a=1&amp;b=&quot;#s\">Answer &lt;here&gt;</a>",
        ] {
            assert!(mail.html.contains(escaped), "{escaped} in {}", mail.html);
        }
    }
}
