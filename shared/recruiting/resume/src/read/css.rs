//! Reads style sheets of web pages, as far as they decide whether text is seen.

use std::{cell::Cell, collections::HashMap, rc::Rc};

use super::letters::{Colour, WHITE, hex_colour};

/// The greatest depth of blocks inside each other.
const DEPTH_MAX: usize = 16;

/// The most steps over the whole page. A selector compared with an element is one, and so is a declaration taken from a rule.
const STEPS_MAX: u32 = 10_000_000;

/// The steps that a selector counts for by being there, since it takes up memory.
const SELECTOR_STEPS: u32 = 100;

/// The most characters of a value that are looked at.
const VALUE_MAX: usize = 1_000;

/// The width and the height of the window, in pixels.
const WINDOW: (f32, f32) = (1_280.0, 800.0);

/// The properties that are read. Those behind `--` are read as well.
const PROPERTIES: [&str; 43] = [
    "animation",
    "animation-name",
    "background",
    "background-clip",
    "background-color",
    "background-image",
    "bottom",
    "clip",
    "clip-path",
    "color",
    "color-scheme",
    "content-visibility",
    "display",
    "filter",
    "font",
    "font-size",
    "height",
    "inset",
    "left",
    "margin",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "opacity",
    "overflow",
    "overflow-x",
    "overflow-y",
    "position",
    "right",
    "rotate",
    "scale",
    "text-indent",
    "top",
    "transform",
    "translate",
    "visibility",
    "-webkit-background-clip",
    "-webkit-text-fill-color",
    "width",
    "z-index",
    "zoom",
];

/// A property and its value, in small letters.
#[derive(Debug, Clone)]
pub(super) struct Declaration {
    pub property: String,
    pub value: String,
    important: bool,
}

/// An element, as far as selectors ask for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Element {
    pub name: String,
    pub id: String,
    pub classes: Vec<String>,
    pub attributes: Vec<(String, String)>,
    /// Its number among its parent's elements, from 1.
    pub number: u32,
    /// The element before it.
    pub previous: Option<Rc<Element>>,
}

/// The rules of a page.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    rules: Vec<Rule>,
    /// The rules by what their last part asks for: an id, a class, a name, or nothing.
    index: HashMap<String, Vec<usize>>,
    /// The values of variables that hold for the whole page.
    pub variables: HashMap<String, String>,
    /// The things that may lie below text that is not inside them.
    pub layers: Layers,
    steps: Cell<u32>,
}

/// Elements with a ground that lie over or below others that are not inside them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Layers {
    /// Whether there is something below text that is moved out of the flow itself.
    pub any: bool,
    /// Whether there is something below all text.
    pub low: bool,
}

impl Layers {
    /// Adds what declarations make.
    pub fn add(&mut self, declarations: &[Declaration]) {
        let has = |property: &str, test: &dyn Fn(&str) -> bool| {
            declarations
                .iter()
                .any(|one| one.property == property && test(&one.value))
        };
        let is_layer = has("position", &|value| matches!(value, "absolute" | "fixed")) && has_ground(declarations);
        self.any |= is_layer;
        self.low |= is_layer && has("z-index", &|value| value.starts_with('-'));
    }
}

#[derive(Debug)]
struct Rule {
    /// The parts of the selector from the last one on.
    parts: Vec<(Joint, Part)>,
    weight: u32,
    declarations: Rc<Vec<Declaration>>,
}

/// The way in which a part of a selector is joined to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    Inside,
    Child,
    Next,
    /// Behind an element somewhere before it, which is not looked for.
    After,
}

/// A part of a selector, which is about one element.
#[derive(Debug, Default)]
struct Part {
    name: Option<String>,
    ids: Vec<String>,
    classes: Vec<String>,
    attributes: Vec<(String, char, String)>,
    is_root: bool,
    /// Whether it asks for something that is so only while somebody does something, or for what no element is.
    never: bool,
    first: bool,
    /// The remainder of the element's number, halved.
    parity: Option<u32>,
    none_of: Vec<Part>,
    any_of: Vec<Vec<Part>>,
    weight: u32,
}

/// Returns the declarations of a block or an attribute.
pub(super) fn declarations(text: &str) -> Vec<Declaration> {
    let text = without_comments(text);
    let declarations = split(&text, ';').into_iter().filter_map(|declaration| {
        let (property, value) = declaration.split_once(':')?;
        let property = unescaped(property.trim()).to_ascii_lowercase();
        if !property.starts_with("--") && !PROPERTIES.contains(&property.as_str()) {
            return None;
        }
        let value = unescaped(value.trim()).to_ascii_lowercase();
        let (value, important) = match value.rsplit_once('!') {
            Some((value, mark)) if mark.trim() == "important" => (value.trim().to_owned(), true),
            _ => (value, false),
        };
        Some(Declaration {
            property,
            value: value.chars().take(VALUE_MAX).collect(),
            important,
        })
    });
    declarations.collect()
}

fn has_ground(declarations: &[Declaration]) -> bool {
    declarations.iter().any(|one| {
        let plain = colour(&one.value);
        let is_none = matches!(one.value.as_str(), "none" | "inherit" | "initial" | "unset" | "");
        one.property.starts_with("background")
            && !one.property.ends_with("clip")
            && !is_none
            && plain.is_none_or(|(colour, alpha)| colour != WHITE && alpha > 0.0)
    })
}

impl Sheet {
    /// Adds the rules of a style sheet.
    pub fn add(&mut self, css: &str) {
        self.add_block(&without_comments(css), 0);
    }

    fn add_block(&mut self, css: &str, depth: usize) {
        let mut rest = css;
        while let Some((prelude, end)) = until(rest, &['{', ';', '}']) {
            rest = &rest[end..];
            let opens = rest.starts_with('{');
            rest = &rest[1..];
            if !opens {
                continue;
            }
            let inner = block(rest);
            rest = rest.get(inner.len() + 1..).unwrap_or_default();
            let prelude = prelude
                .trim()
                .trim_start_matches("<!--")
                .trim_start_matches("-->")
                .trim();
            match prelude.strip_prefix('@') {
                None => self.add_rule(prelude, inner),
                Some(at) => {
                    let (word, condition) =
                        at.split_at(at.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(at.len()));
                    let holds = match word.to_ascii_lowercase().as_str() {
                        "media" => applies(condition),
                        "supports" | "layer" | "container" | "scope" => true,
                        _ => false,
                    };
                    if holds && depth < DEPTH_MAX {
                        self.add_block(inner, depth + 1);
                    }
                }
            }
        }
    }

    fn add_rule(&mut self, prelude: &str, inner: &str) {
        let declarations = declarations(inner);
        if declarations.is_empty() {
            return;
        }
        self.layers.add(&declarations);
        let declarations = Rc::new(declarations);
        for text in split(prelude, ',') {
            self.count(SELECTOR_STEPS);
            if self.is_exhausted() {
                return;
            }
            let parts = selector(&text);
            let Some((_, last)) = parts.first() else { continue };
            let is_page = last.is_root || matches!(last.name.as_deref(), Some("html" | "body"));
            if is_page && parts.len() == 1 {
                for one in declarations.iter().filter(|one| one.property.starts_with("--")) {
                    self.variables.insert(one.property.clone(), one.value.clone());
                }
            }
            let key = last
                .ids
                .first()
                .map(|id| format!("#{id}"))
                .or_else(|| last.classes.first().map(|class| format!(".{class}")))
                .or_else(|| last.name.clone())
                .unwrap_or_default();
            self.index.entry(key).or_default().push(self.rules.len());
            let weight = parts.iter().map(|(_, part)| part.weight).sum();
            self.rules.push(Rule {
                parts,
                weight,
                declarations: Rc::clone(&declarations),
            });
        }
    }

    /// Returns the properties of an element, the strongest last. `path` are the elements that it is inside of, and itself.
    pub fn properties(&self, path: &[Rc<Element>], own: Vec<Declaration>) -> Vec<(String, String)> {
        let Some(element) = path.last() else {
            return Vec::new();
        };
        let mut keys = vec![String::new(), element.name.clone(), format!("#{}", element.id)];
        keys.extend(element.classes.iter().map(|class| format!(".{class}")));
        let numbers = keys.iter().filter_map(|key| self.index.get(key)).flatten();
        let mut found: Vec<(bool, u32, usize, Declaration)> = Vec::new();
        for number in numbers {
            let rule = &self.rules[*number];
            if self.matches(&rule.parts, path) {
                self.count(rule.declarations.len() as u32);
                let declarations = rule.declarations.iter().cloned();
                found.extend(declarations.map(|one| (one.important, rule.weight, *number, one)));
            }
        }
        found.extend(own.into_iter().map(|one| (one.important, u32::MAX, usize::MAX, one)));
        found.sort_by_key(|(important, weight, number, _)| (*important, *weight, *number));
        let resolved = found
            .into_iter()
            .map(|(_, _, _, one)| (one.property, self.resolved(one.value)));
        resolved.collect()
    }

    fn count(&self, steps: u32) {
        self.steps.set(self.steps.get().saturating_add(steps));
    }

    /// Whether there was more to compare than any page of a resume has.
    pub fn is_exhausted(&self) -> bool {
        self.steps.get() > STEPS_MAX
    }

    fn matches(&self, parts: &[(Joint, Part)], path: &[Rc<Element>]) -> bool {
        self.count(1);
        let (Some((joint, part)), Some((element, outer))) = (parts.first(), path.split_last()) else {
            return false;
        };
        if self.is_exhausted() || !part.fits(element) {
            return false;
        }
        let before = &parts[1..];
        if before.is_empty() {
            return true;
        }
        match joint {
            Joint::Child => self.matches(before, outer),
            Joint::Inside => (1..=outer.len())
                .rev()
                .any(|length| self.matches(before, &outer[..length])),
            Joint::Next => element
                .previous
                .as_ref()
                .is_some_and(|previous| before[0].1.fits(previous)),
            Joint::After => !before[0].1.never,
        }
    }

    /// Puts the values of variables into a value.
    fn resolved(&self, mut value: String) -> String {
        for _ in 0..8 {
            let Some(start) = value.find("var(") else { break };
            let inner = &value[start + 4..];
            let end = closing(inner).unwrap_or(inner.len());
            let (name, fallback) = inner[..end].split_once(',').unwrap_or((&inner[..end], ""));
            let known = self.variables.get(name.trim()).map_or(fallback.trim(), String::as_str);
            let after = inner.get(end + 1..).unwrap_or_default();
            let replaced = format!("{}{known}{after}", &value[..start]);
            if replaced.len() > VALUE_MAX {
                break;
            }
            value = replaced;
        }
        value
    }
}

impl Part {
    fn fits(&self, element: &Element) -> bool {
        let attribute = |name: &str| element.attributes.iter().find(|(known, _)| known == name);
        !self.never
            && self.name.as_ref().is_none_or(|name| *name == element.name)
            && self.ids.iter().all(|id| *id == element.id)
            && self.classes.iter().all(|class| element.classes.contains(class))
            && (!self.is_root || element.name == "html")
            && (!self.first || element.number == 1)
            && self.parity.is_none_or(|parity| element.number % 2 == parity)
            && self.attributes.iter().all(|(name, kind, value)| {
                attribute(name).is_some_and(|(_, found)| match kind {
                    '=' => found == value,
                    '^' => found.starts_with(value.as_str()),
                    '$' => found.ends_with(value.as_str()),
                    '*' => found.contains(value.as_str()),
                    '~' => found.split_whitespace().any(|word| word == value),
                    '|' => found.split('-').next() == Some(value),
                    _ => true,
                })
            })
            && !self.none_of.iter().any(|part| part.fits(element))
            && self
                .any_of
                .iter()
                .all(|parts| parts.iter().any(|part| part.fits(element)))
    }
}

/// Returns the parts of a selector, from the last one on.
fn selector(text: &str) -> Vec<(Joint, Part)> {
    let mut parts: Vec<(Joint, Part)> = Vec::new();
    let mut joint = Joint::Inside;
    let mut rest = text.trim();
    while !rest.is_empty() && parts.len() < DEPTH_MAX {
        let (part, after) = part(rest, 0);
        if after.len() == rest.len() {
            // Not a selector.
            return Vec::new();
        }
        parts.push((joint, part));
        let next = after.trim_start();
        (joint, rest) = match next.chars().next() {
            Some('>') => (Joint::Child, next[1..].trim_start()),
            Some('+') => (Joint::Next, next[1..].trim_start()),
            Some('~') => (Joint::After, next[1..].trim_start()),
            _ => (Joint::Inside, next),
        };
    }
    parts.reverse();
    parts
}

/// Reads the part of a selector that a text begins with, and returns what follows.
fn part(text: &str, depth: usize) -> (Part, &str) {
    let mut part = Part::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '*' => rest = &rest[1..],
            '.' | '#' => {
                let (name, after) = identifier(&rest[1..]);
                if first == '.' {
                    part.classes.push(name);
                    part.weight += 100;
                } else {
                    part.ids.push(name);
                    part.weight += 10_000;
                }
                rest = after;
            }
            '[' => {
                let end = rest.find(']').unwrap_or(rest.len());
                let inner = rest.get(1..end).unwrap_or_default();
                let (name, value) = inner.split_once('=').unwrap_or((inner, ""));
                let kind = name.chars().last().filter(|c| "^$*~|".contains(*c));
                let kind = kind.unwrap_or(if inner.contains('=') { '=' } else { ' ' });
                let name = name
                    .trim_end_matches(['^', '$', '*', '~', '|'])
                    .trim()
                    .to_ascii_lowercase();
                let value = value.trim().trim_end_matches([' ', 'i', 's']).trim_matches(['"', '\'']);
                let value = if value.is_empty() { value } else { value.trim() };
                part.attributes.push((name, kind, value.to_owned()));
                part.weight += 100;
                rest = rest.get(end + 1..).unwrap_or_default();
            }
            ':' => rest = pseudo(&mut part, rest, depth),
            c if is_name(c) || c == '\\' => {
                let (name, after) = identifier(rest);
                part.name = Some(name.to_ascii_lowercase());
                part.weight += 1;
                rest = after;
            }
            _ => break,
        }
    }
    (part, rest)
}

/// Reads a pseudo-class or pseudo-element, and returns what follows.
fn pseudo<'a>(part: &mut Part, text: &'a str, depth: usize) -> &'a str {
    let is_element = text.starts_with("::");
    let (name, mut rest) = identifier(text.trim_start_matches(':'));
    let mut inner = "";
    if let Some(open) = rest.strip_prefix('(') {
        let end = closing(open).unwrap_or(open.len());
        inner = &open[..end];
        rest = open.get(end + 1..).unwrap_or_default();
    }
    part.weight += 100;
    let list = || -> Vec<Part> {
        let texts = if depth < DEPTH_MAX {
            split(inner, ',')
        } else {
            Vec::new()
        };
        texts.iter().map(|text| self::part(text.trim(), depth + 1).0).collect()
    };
    match name.to_ascii_lowercase().as_str() {
        _ if is_element => part.never = true,
        "before" | "after" | "first-line" | "first-letter" | "hover" | "active" | "focus" | "focus-within"
        | "focus-visible" | "visited" | "target" | "checked" | "disabled" | "empty" => part.never = true,
        "root" => part.is_root = true,
        "first-child" => part.first = true,
        "nth-child" => match inner.trim() {
            "1" => part.first = true,
            "odd" | "2n+1" => part.parity = Some(1),
            "even" | "2n" => part.parity = Some(0),
            _ => {}
        },
        "not" => part.none_of.extend(list()),
        "is" | "matches" | "-webkit-any" => part.any_of.push(list()),
        "where" => {
            part.weight -= 100;
            part.any_of.push(list());
        }
        // What else there is may be so.
        _ => {}
    }
    rest
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || !c.is_ascii()
}

/// Reads a name, with its escapes, and returns what follows.
fn identifier(text: &str) -> (String, &str) {
    let mut end = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if c == '\\' {
            let is_hex = characters.peek().is_some_and(|(_, next)| next.is_ascii_hexdigit());
            let mut digits = 0;
            while let Some((_, next)) = characters.peek().copied() {
                if is_hex && digits < 6 && next.is_ascii_hexdigit() {
                    digits += 1;
                } else if is_hex && next == ' ' {
                    characters.next();
                    break;
                } else if is_hex {
                    break;
                } else {
                    characters.next();
                    break;
                }
                characters.next();
            }
            end = characters.peek().map_or(text.len(), |(at, _)| *at);
        } else if is_name(c) {
            end = at + c.len_utf8();
        } else {
            break;
        }
    }
    (unescaped(&text[..end]), &text[end..])
}

/// Resolves escapes: `\64 isplay` is `display`.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = rest.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        if digits > 0 {
            let code = u32::from_str_radix(&rest[..digits], 16).ok();
            out.push(code.and_then(char::from_u32).unwrap_or('\u{FFFD}'));
            rest = &rest[digits..];
            rest = rest.strip_prefix([' ', '\t', '\n']).unwrap_or(rest);
        } else if let Some(c) = rest.chars().next() {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out.push_str(rest);
    out
}

fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(at) = rest.find("/*") {
        out.push_str(&rest[..at]);
        out.push(' ');
        rest = rest[at + 2..].split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// Returns the text before the first of some characters outside quotes and brackets, and the place of it.
fn until<'a>(text: &'a str, ends: &[char]) -> Option<(&'a str, usize)> {
    let (mut quote, mut depth, mut escaped) = (None, 0_u32, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if std::mem::take(&mut escaped) => {}
            (_, '\\') => escaped = true,
            (Some(open), c) if open == c || c == '\n' => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, c) if depth == 0 && ends.contains(&c) => return Some((&text[..at], at)),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (Some(_) | None, _) => {}
        }
    }
    None
}

/// Returns what stands between separators outside quotes and brackets.
fn split(text: &str, separator: char) -> Vec<String> {
    let (mut all, mut rest) = (Vec::new(), text);
    while let Some((before, at)) = until(rest, &[separator]) {
        all.push(before.to_owned());
        rest = &rest[at + separator.len_utf8()..];
    }
    all.push(rest.to_owned());
    all
}

/// Returns the content of the block that a text is in, up to the brace that closes it.
fn block(text: &str) -> &str {
    let (mut depth, mut at) = (0_u32, 0);
    while let Some((_, next)) = until(&text[at..], &['{', '}']) {
        at += next;
        if text[at..].starts_with('{') {
            depth += 1;
        } else if depth == 0 {
            return &text[..at];
        } else {
            depth -= 1;
        }
        at += 1;
    }
    text
}

/// Returns the place of the bracket that closes the one before the text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    text.char_indices().find_map(|(at, c)| match c {
        ')' if depth == 0 => Some(at),
        ')' => {
            depth -= 1;
            None
        }
        '(' => {
            depth += 1;
            None
        }
        _ => None,
    })
}

/// Whether one of several conditions holds for a screen of an ordinary size.
pub(super) fn applies(media: &str) -> bool {
    media.trim().is_empty() || media.to_ascii_lowercase().split(',').any(applies_one)
}

fn applies_one(query: &str) -> bool {
    let within = |feature: &str, side: f32, least: bool| {
        let value = query
            .split(feature)
            .nth(1)
            .map(|after| after.trim_start_matches([':', ' ']));
        let value = value.and_then(|value| length(value.split([')', ' ']).next()?, 12.0));
        value.is_none_or(|points| (points / 0.75 <= side) == least || (points / 0.75 - side).abs() < 0.5)
    };
    let is_other = ["print", "speech", "not ", "prefers", "portrait"]
        .iter()
        .any(|word| query.contains(word));
    !is_other
        && within("min-width", WINDOW.0, true)
        && within("max-width", WINDOW.0, false)
        && within("min-height", WINDOW.1, true)
        && within("max-height", WINDOW.1, false)
}

/// Returns a length in points, where it has no share of anything but the size of the font.
pub(super) fn length(text: &str, size: f32) -> Option<f32> {
    let text = text.trim();
    if let Some(sum) = text.strip_prefix("calc(").and_then(|sum| sum.strip_suffix(')')) {
        let mut sign = 1.0;
        let mut total = 0.0;
        for word in sum.split_whitespace() {
            match word {
                "+" => sign = 1.0,
                "-" => sign = -1.0,
                word => total += sign * length(word, size)?,
            }
        }
        return Some(total);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: f32 = digits.parse().ok().filter(|number: &f32| number.is_finite())?;
    let unit = match &text[digits.len()..] {
        "" if number == 0.0 => 0.0,
        "px" => 0.75,
        "pt" => 1.0,
        "pc" | "rem" => 12.0,
        "in" => 72.0,
        "cm" => 72.0 / 2.54,
        "mm" => 72.0 / 25.4,
        "q" => 72.0 / 101.6,
        "em" => size,
        "ex" | "ch" => size / 2.0,
        "vw" | "vmax" => WINDOW.0 / 100.0 * 0.75,
        "vh" | "vmin" => WINDOW.1 / 100.0 * 0.75,
        _ => return None,
    };
    Some(number * unit)
}

/// Returns a share: a number, or one in percent.
pub(super) fn share(text: &str) -> Option<f32> {
    let text = text.trim();
    let number: Option<f32> = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse().ok().map(|percent: f32| percent / 100.0),
        None => text.parse().ok(),
    };
    number.filter(|number| number.is_finite())
}

/// Returns a colour and how much of what is below it covers. `None` for what is no colour, or none that is known.
pub(super) fn colour(text: &str) -> Option<(Colour, f32)> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix('#') {
        let long: String = match digits.len() {
            3 | 4 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            _ => digits.to_owned(),
        };
        let alpha = match long.get(6..) {
            Some("") => 255,
            Some(alpha) => u8::from_str_radix(alpha, 16).ok()?,
            None => return None,
        };
        return Some((hex_colour(long.get(..6)?)?, f32::from(alpha) / 255.0));
    }
    if let Some((function, inner)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        let parts: Vec<&str> = inner.split([',', '/', ' ']).filter(|part| !part.is_empty()).collect();
        let [first, second, third, rest @ ..] = parts.as_slice() else {
            return None;
        };
        let alpha = rest.first().map_or(Some(1.0), |alpha| share(alpha))?.clamp(0.0, 1.0);
        let colour = match function {
            "rgb" | "rgba" => {
                let channel = |text: &str| {
                    let number = if text.ends_with('%') {
                        share(text)? * 255.0
                    } else {
                        share(text)?
                    };
                    Some(number.round().clamp(0.0, 255.0) as u8)
                };
                [channel(first)?, channel(second)?, channel(third)?]
            }
            "hsl" | "hsla" => {
                let hue = share(first.trim_end_matches("deg"))?.rem_euclid(360.0);
                let (saturation, lightness) = (share(second)?.clamp(0.0, 1.0), share(third)?.clamp(0.0, 1.0));
                [0.0, 8.0, 4.0].map(|n: f32| {
                    let k = (n + hue / 30.0) % 12.0;
                    let range = saturation * lightness.min(1.0 - lightness);
                    let part = lightness - range * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
                    (part * 255.0).round() as u8
                })
            }
            _ => return None,
        };
        return Some((colour, alpha));
    }
    if text == "transparent" {
        return Some((WHITE, 0.0));
    }
    let number = NAMED.iter().find(|(name, _)| *name == text)?.1;
    let [_, red, green, blue] = u32::to_be_bytes(number);
    Some(([red, green, blue], 1.0))
}

/// The colours with names that grounds and text have.
const NAMED: [(&str, u32); 62] = [
    ("aliceblue", 0x00F0_F8FF),
    ("antiquewhite", 0x00FA_EBD7),
    ("azure", 0x00F0_FFFF),
    ("beige", 0x00F5_F5DC),
    ("black", 0x0000_0000),
    ("blue", 0x0000_00FF),
    ("brown", 0x00A5_2A2A),
    ("canvas", 0x00FF_FFFF),
    ("canvastext", 0x0000_0000),
    ("cornsilk", 0x00FF_F8DC),
    ("cyan", 0x0000_FFFF),
    ("darkblue", 0x0000_008B),
    ("darkgray", 0x00A9_A9A9),
    ("darkgreen", 0x0000_6400),
    ("darkgrey", 0x00A9_A9A9),
    ("darkred", 0x008B_0000),
    ("darkslateblue", 0x0048_3D8B),
    ("darkslategray", 0x002F_4F4F),
    ("darkslategrey", 0x002F_4F4F),
    ("dimgray", 0x0069_6969),
    ("dimgrey", 0x0069_6969),
    ("floralwhite", 0x00FF_FAF0),
    ("gainsboro", 0x00DC_DCDC),
    ("ghostwhite", 0x00F8_F8FF),
    ("gold", 0x00FF_D700),
    ("gray", 0x0080_8080),
    ("green", 0x0000_8000),
    ("grey", 0x0080_8080),
    ("honeydew", 0x00F0_FFF0),
    ("indigo", 0x004B_0082),
    ("ivory", 0x00FF_FFF0),
    ("khaki", 0x00F0_E68C),
    ("lavender", 0x00E6_E6FA),
    ("lavenderblush", 0x00FF_F0F5),
    ("lightblue", 0x00AD_D8E6),
    ("lightcyan", 0x00E0_FFFF),
    ("lightgray", 0x00D3_D3D3),
    ("lightgrey", 0x00D3_D3D3),
    ("lightyellow", 0x00FF_FFE0),
    ("linen", 0x00FA_F0E6),
    ("magenta", 0x00FF_00FF),
    ("maroon", 0x0080_0000),
    ("midnightblue", 0x0019_1970),
    ("mintcream", 0x00F5_FFFA),
    ("navy", 0x0000_0080),
    ("oldlace", 0x00FD_F5E6),
    ("olive", 0x0080_8000),
    ("orange", 0x00FF_A500),
    ("purple", 0x0080_0080),
    ("red", 0x00FF_0000),
    ("royalblue", 0x0041_69E1),
    ("seashell", 0x00FF_F5EE),
    ("silver", 0x00C0_C0C0),
    ("slateblue", 0x006A_5ACD),
    ("slategray", 0x0070_8090),
    ("slategrey", 0x0070_8090),
    ("snow", 0x00FF_FAFA),
    ("steelblue", 0x0046_82B4),
    ("teal", 0x0000_8080),
    ("white", 0x00FF_FFFF),
    ("whitesmoke", 0x00F5_F5F5),
    ("yellow", 0x00FF_FF00),
];
