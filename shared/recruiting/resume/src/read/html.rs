//! Reads HTML as browsers show it, near enough. Tags are read as they come, whether or not they match.

use super::{
    Limits,
    flow::{Flow, Read},
    letters::{Look, Role, Style},
};
use crate::refusal::Refusal;

/// Elements whose content is not shown.
const HIDDEN: [&str; 9] = [
    "script", "style", "template", "noscript", "svg", "title", "textarea", "select", "iframe",
];

/// Elements that begin a line of their own.
const BLOCKS: [&str; 30] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hr",
    "html",
    "legend",
    "main",
    "nav",
    "ol",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "thead",
    "ul",
];

pub(super) fn read(html: &str, limits: &Limits) -> Result<Read, Refusal> {
    let mut flow = Flow::new(limits.characters_max);
    let mut rest = html;
    // White space collapses, and comes to stand only between words.
    let mut space = false;
    let mut cells = 0_usize;
    let mut dress = Dress::default();
    while let Some(at) = rest.find('<') {
        text(&mut flow, &rest[..at], &mut space)?;
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let is_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        if !is_tag {
            text(&mut flow, "<", &mut space)?;
            rest = &rest[1..];
            continue;
        }
        let Some(end) = tag_end(rest) else { break };
        let inside = &rest[1..end];
        rest = &rest[end + 1..];
        let closes = inside.starts_with('/');
        let name: String = inside
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let name = name.to_ascii_lowercase();
        if !closes && !inside.ends_with('/') && is_unseen(inside) {
            rest = after_nested(rest, &name);
            continue;
        }
        if HIDDEN.contains(&name.as_str()) {
            if !closes && !inside.ends_with('/') {
                rest = after_closing(rest, &name);
            }
            continue;
        }
        dress.change(&name, closes);
        flow.dress(&Look {
            style: dress.style(),
            ..Look::default()
        });
        space = element(&mut flow, &name, closes, &mut cells)? && space;
        // Parts that a style sheet sets apart have no space between them: `<span>2019 – Present</span>Acme`.
        let next = rest.chars().next().is_some_and(char::is_uppercase);
        if name == "span" && !space && next && flow.last().is_some_and(|c| c.is_lowercase() || c.is_ascii_digit()) {
            flow.push("\t")?;
        }
    }
    text(&mut flow, if rest.starts_with('<') { "" } else { rest }, &mut space)?;
    Ok(flow.finish())
}

/// The open elements that dress text.
#[derive(Default)]
struct Dress {
    bold: u32,
    italic: u32,
    item: u32,
    role: Role,
}

impl Dress {
    fn change(&mut self, name: &str, closes: bool) {
        let count = match name {
            "b" | "strong" => &mut self.bold,
            "i" | "em" => &mut self.italic,
            "li" => &mut self.item,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.role = match name {
                    _ if closes => Role::Body,
                    "h1" => Role::Title,
                    "h2" => Role::Heading,
                    _ => Role::Subheading,
                };
                return;
            }
            _ => return,
        };
        *count = if closes { count.saturating_sub(1) } else { *count + 1 };
    }

    fn style(&self) -> Style {
        Style {
            size: 0.0,
            bold: self.bold > 0 || self.role != Role::Body,
            italic: self.italic > 0,
            role: if self.role == Role::Body && self.item > 0 {
                Role::Item
            } else {
                self.role
            },
        }
    }
}

/// Does to the text what a tag asks for. Returns whether a pending space survives the tag.
fn element(flow: &mut Flow, name: &str, closes: bool, cells: &mut usize) -> Result<bool, Refusal> {
    match (name, closes) {
        ("p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6", _) => flow.gap(),
        ("li", false) => {
            flow.line();
            flow.push("• ")?;
        }
        ("td" | "th", false) => {
            if *cells > 0 {
                flow.push("\t")?;
            }
            *cells += 1;
        }
        ("tr", _) => {
            *cells = 0;
            flow.line();
        }
        ("li", true) => flow.line(),
        _ if BLOCKS.contains(&name) => flow.line(),
        _ => return Ok(true),
    }
    Ok(false)
}

/// Returns the place where a tag ends, over quoted attributes.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, b) in tag.bytes().enumerate() {
        match (quote, b) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(open), b) if open == b => quote = None,
            _ => {}
        }
    }
    // An unclosed quote: the tag ends where it would without quotes.
    tag.find('>')
}

/// Whether a tag says that nobody sees its element.
fn is_unseen(tag: &str) -> bool {
    let tag: String = tag
        .to_ascii_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace() || *c == ' ')
        .collect();
    let style = tag.split_once("style=").map_or("", |(_, style)| style).replace(' ', "");
    let unseen = [
        "display:none",
        "visibility:hidden",
        "font-size:0;",
        "font-size:0p",
        "font-size:0\"",
        "font-size:1px",
    ];
    let flagged = tag
        .split(' ')
        .skip(1)
        .any(|attribute| attribute == "hidden" || attribute.starts_with("hidden="));
    flagged || unseen.iter().any(|rule| style.contains(rule))
}

/// Returns the text behind an element that may hold others of its name. An element without a content has no closing tag.
fn after_nested<'a>(html: &'a str, name: &str) -> &'a str {
    if ["br", "hr", "img", "input", "meta", "link", "wbr", "col"].contains(&name) {
        return html;
    }
    let (mut rest, mut depth) = (html, 1_u32);
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let (closes, tag) = rest.strip_prefix('/').map_or((false, rest), |tag| (true, tag));
        let named = tag
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name))
            && !tag[name.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
        if named {
            depth = if closes { depth - 1 } else { depth + 1 };
        }
        if depth == 0 {
            return rest.split_once('>').map_or("", |(_, after)| after);
        }
    }
    ""
}

/// Returns the text behind the closing tag of an element.
fn after_closing<'a>(html: &'a str, name: &str) -> &'a str {
    let mut rest = html;
    while let Some(at) = rest.find("</") {
        rest = &rest[at + 2..];
        if rest
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name))
        {
            return rest.split_once('>').map_or("", |(_, after)| after);
        }
    }
    ""
}

fn text(flow: &mut Flow, raw: &str, space: &mut bool) -> Result<(), Refusal> {
    let decoded = entities(raw);
    for (n, word) in decoded.split(|c: char| c.is_ascii_whitespace()).enumerate() {
        *space |= n > 0;
        if word.is_empty() {
            continue;
        }
        if std::mem::take(space) {
            flow.push(" ")?;
        }
        flow.push(word)?;
    }
    Ok(())
}

/// Resolves character references, the numbered ones and those that resumes use.
fn entities(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest[1..]
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '#'))
            .next()
            .unwrap_or_default();
        if let Some(c) = (name.len() <= 10).then(|| entity(name)).flatten() {
            out.push(c);
            rest = &rest[1 + name.len()..];
            rest = rest.strip_prefix(';').unwrap_or(rest);
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        // Browsers read the second block of controls as Windows-1252.
        return if (0x80..0xA0).contains(&code) {
            Some(super::plain::windows_1252(code as u8))
        } else {
            char::from_u32(code)
        };
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "bull" | "middot" => '•',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "hellip" => '…',
        "shy" => '\u{AD}',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "deg" => '°',
        "euro" => '€',
        "pound" => '£',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "aacute" => 'á',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "ccedil" => 'ç',
        "ntilde" => 'ñ',
        "oacute" => 'ó',
        "iacute" => 'í',
        "uacute" => 'ú',
        "oslash" => 'ø',
        "aring" => 'å',
        _ => return None,
    })
}
