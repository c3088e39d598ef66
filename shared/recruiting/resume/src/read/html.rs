//! Reads HTML as browsers show it, near enough. Tags are read as they come, whether or not they match.

use std::rc::Rc;

use super::{
    Limits,
    css::{self, Declaration, Element, Layers, Sheet},
    flow::{Flow, Read},
    letters::{Colour, Ground, Look, Role, Style, WHITE, is_too_low},
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

/// Elements that have no content and no closing tag.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
];

/// Elements whose content is shown only by programs that cannot show the element itself.
const REPLACED: [&str; 7] = ["audio", "canvas", "meter", "noembed", "noframes", "progress", "video"];

/// Elements whose closing tag does not close the blocks that were opened in them.
const INLINE: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

/// Elements beyond which no tag inside them closes anything.
const SCOPES: [&str; 6] = ["caption", "html", "object", "table", "td", "th"];

/// The most elements inside each other. As in browsers, deeper ones take each other's place.
const DEPTH_MAX: usize = 512;

/// The distance at which what is moved aside is off the screen, in points.
const OFF_MIN: f32 = 675.0;

/// The greatest share of its colour that text has where nobody sees it.
const CLEAR_MAX: f32 = 0.05;

/// The words of a ground that name no colour.
const NO_COLOURS: [&str; 24] = [
    "border-box",
    "bottom",
    "center",
    "contain",
    "content-box",
    "cover",
    "fixed",
    "inherit",
    "initial",
    "left",
    "local",
    "no-repeat",
    "none",
    "padding-box",
    "repeat",
    "repeat-x",
    "repeat-y",
    "revert",
    "right",
    "round",
    "scroll",
    "space",
    "top",
    "unset",
];

/// The size of text that nothing is said of, in points.
const SIZE: f32 = 12.0;

/// A piece of a page.
enum Piece<'a> {
    Text(&'a str),
    /// An opening tag, without its brackets.
    Open(&'a str, String),
    Close(String),
    /// An element whose content is no text of the page.
    Hidden(&'a str, String, &'a str),
}

/// Takes a page apart, and returns the piece that it begins with and the rest.
fn piece(html: &str) -> Option<(Piece<'_>, &str)> {
    let mut rest = html;
    while let Some(comment) = rest.strip_prefix("<!--") {
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    let Some(tag) = rest.strip_prefix('<') else {
        let end = rest.find('<').unwrap_or(rest.len());
        return (!rest.is_empty()).then(|| (Piece::Text(&rest[..end]), &rest[end..]));
    };
    let is_tag = tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
    if !is_tag {
        return Some((Piece::Text("<"), tag));
    }
    let end = tag_end(rest)?;
    let inside = &rest[1..end];
    rest = &rest[end + 1..];
    let name: String = inside
        .trim_start_matches('/')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let name = name.to_ascii_lowercase();
    if name.is_empty() {
        // A document type or an instruction.
        return Some((Piece::Hidden(inside, name, ""), rest));
    }
    if inside.starts_with('/') {
        return Some((Piece::Close(name), rest));
    }
    if !HIDDEN.contains(&name.as_str()) {
        return Some((Piece::Open(inside, name), rest));
    }
    let after = if inside.ends_with('/') {
        rest
    } else {
        after_closing(rest, &name)
    };
    Some((Piece::Hidden(inside, name, &rest[..rest.len() - after.len()]), after))
}

pub(super) fn read(html: &str, limits: &Limits) -> Result<Read, Refusal> {
    let mut page = Page::of(html);
    let mut flow = Flow::new(limits.characters_max);
    let mut rest = html;
    // White space collapses, and comes to stand only between words.
    let mut space = false;
    let mut cells = 0_usize;
    let mut dress = Dress::default();
    while let Some((piece, after)) = piece(rest) {
        rest = after;
        let (name, closes) = match piece {
            Piece::Text(raw) => {
                if !page.top().shut {
                    text(&mut flow, raw, &mut space)?;
                }
                continue;
            }
            Piece::Hidden(..) => continue,
            Piece::Open(tag, name) => {
                page.open(tag, &name);
                if page.sheet.is_exhausted() {
                    return Err(Refusal::Corrupt);
                }
                (name, false)
            }
            Piece::Close(name) => (name, true),
        };
        let is_shut = page.top().shut;
        if closes {
            page.close(&name);
        } else if VOID.contains(&name.as_str()) {
            page.pop();
        }
        if !is_shut {
            dress.change(&name, closes);
        }
        let open = page.top();
        flow.dress(&open.look(dress.style(), page.sheet.layers));
        if is_shut {
            continue;
        }
        space = element(&mut flow, &name, closes, &mut cells)? && space;
        // Parts that a style sheet sets apart have no space between them: `<span>2019 – Present</span>Acme`.
        let next = rest.chars().next().is_some_and(char::is_uppercase);
        if name == "span" && !space && next && flow.last().is_some_and(|c| c.is_lowercase() || c.is_ascii_digit()) {
            flow.set_apart("\t")?;
        }
    }
    Ok(flow.finish())
}

/// An element that is open, and what text in it looks like. Lengths in points.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a way of its own of not being seen"
)]
struct Open {
    element: Rc<Element>,
    size: f32,
    /// The share of its size that it is drawn at.
    scale: f32,
    /// The share of its colour that it is drawn in.
    opacity: f32,
    colour: Option<Colour>,
    /// Whether the colour lets everything through.
    is_clear: bool,
    ground: Ground,
    /// Whether the ground is the page's own.
    on_page: bool,
    /// Whether it is out of the flow, so that it may lie over something else.
    is_free: bool,
    /// Whether it takes up no room, with all that is in it.
    shut: bool,
    /// Whether nothing in it is seen.
    lost: bool,
    /// Whether it is not seen; an element in it may be.
    invisible: bool,
    /// Whether its text is moved aside.
    aside: bool,
    /// The number of elements in it so far, and the last of them.
    count: u32,
    last: Option<Rc<Element>>,
}

impl Open {
    fn look(&self, style: Style, layers: Layers) -> Look {
        let mixed = |colour: Colour, ground: Colour| {
            let mut parts = colour.into_iter().zip(ground);
            [(); 3].map(|()| parts.next().map_or(0, |(part, below)| blend(part, below, self.opacity)))
        };
        // What lies below text that is not inside it is not known.
        let ground = self
            .ground
            .filter(|_| !(self.on_page && (layers.low || (layers.any && self.is_free))));
        let drawn = self.size * self.scale;
        Look {
            style: Style {
                // Models of pages know no sizes, so only one that nobody can read is told.
                size: if is_too_low(drawn) {
                    drawn.max(f32::MIN_POSITIVE)
                } else {
                    0.0
                },
                ..style
            },
            colour: match (self.colour, ground) {
                (Some(colour), Some(ground)) => Some(mixed(colour, ground)),
                _ => None,
            },
            ground,
            hidden: self.shut || self.lost || self.invisible || self.aside || self.is_clear || self.opacity < CLEAR_MAX,
        }
    }

    /// Takes in the properties of the element, of which later ones are stronger.
    fn take(&mut self, properties: &[(String, String)], outer: &Self) {
        let last = |names: &[&str]| {
            let found = properties.iter().rev().find(|(name, _)| names.contains(&name.as_str()));
            found.map(|(name, value)| (name.as_str(), value.as_str()))
        };
        let value = |name: &str| last(&[name]).map(|(_, value)| value);
        if let Some((name, size)) = last(&["font-size", "font"]) {
            let size = if name == "font" {
                font_size(size, outer.size)
            } else {
                size_of(size, outer.size)
            };
            self.size = size.unwrap_or(self.size);
        }
        let size = self.size;
        let points = |text: &str| css::length(text, size);
        self.shut |= value("display").is_some_and(|display| display.starts_with("none"));
        self.invisible = match value("visibility") {
            Some("hidden" | "collapse") => true,
            Some("visible" | "initial") => false,
            _ => self.invisible,
        };
        let is_animated = last(&["animation", "animation-name"]).is_some_and(|(_, value)| value != "none");
        if !is_animated {
            let opacity = value("opacity").and_then(css::share).unwrap_or(1.0);
            let filtered = function(value("filter").unwrap_or_default(), "opacity").and_then(css::share);
            self.opacity *= opacity.clamp(0.0, 1.0) * filtered.unwrap_or(1.0).clamp(0.0, 1.0);
            self.take_transform(value("transform").unwrap_or_default());
            let scale = value("scale").and_then(|scale| css::share(scale.split(' ').next()?));
            self.scale *= scale.unwrap_or(1.0).abs();
        }
        self.scale *= value("zoom")
            .and_then(css::share)
            .filter(|zoom| *zoom > 0.0)
            .unwrap_or(1.0);
        self.take_ground(properties, outer);
        let colour = last(&["-webkit-text-fill-color", "color"]).map(|(_, colour)| colour);
        match colour {
            None | Some("inherit" | "unset" | "currentcolor") => {}
            Some("initial") => (self.colour, self.is_clear) = (Some([0; 3]), false),
            Some(text) => {
                let known = css::colour(text);
                self.is_clear = known.is_some_and(|(_, alpha)| alpha < CLEAR_MAX);
                self.colour = known.and_then(|(colour, alpha)| over(colour, alpha, self.ground));
            }
        }
        // The ground shows through the letters.
        if last(&["background-clip", "-webkit-background-clip"]).is_some_and(|(_, clip)| clip == "text") {
            (self.colour, self.is_clear) = (None, false);
        }
        let clips = last(&["overflow", "overflow-x", "overflow-y"])
            .is_some_and(|(_, overflow)| overflow.contains("hidden") || overflow.contains("clip"));
        let is_free = matches!(value("position"), Some("absolute" | "fixed"));
        let is_moved = is_free || matches!(value("position"), Some("relative" | "sticky"));
        self.is_free |= is_moved;
        let is_small = |name: &str| value(name).and_then(points).is_some_and(is_too_low);
        let far_before = |text: &str| points(text).is_some_and(|points| points <= -OFF_MIN);
        let before = |text: &str| {
            far_before(text) || (text.ends_with('%') && css::share(text).is_some_and(|share| share <= -1.0))
        };
        let beyond = |text: &str| points(text).is_some_and(|points| points >= 5.0 * OFF_MIN);
        let any = |names: &[&str], test: &dyn Fn(&str) -> bool| {
            names
                .iter()
                .filter_map(|name| value(name))
                .any(|value| words(value).iter().any(|word| test(word)))
        };
        self.lost |= (clips
            && ["height", "width", "max-height", "max-width"]
                .iter()
                .any(|side| is_small(side)))
            || (is_free && value("clip").is_some_and(is_empty_rectangle))
            || value("clip-path").is_some_and(is_empty_path)
            || value("content-visibility") == Some("hidden")
            || (is_moved && any(&["left", "right", "top", "bottom", "inset"], &before))
            || (is_moved && any(&["left", "right", "top"], &beyond))
            || any(
                &["margin", "margin-left", "margin-right", "margin-top", "translate"],
                &far_before,
            );
        if let Some(indent) = value("text-indent") {
            let is_whole = clips && indent.ends_with('%') && css::share(indent).is_some_and(|share| share >= 1.0);
            self.aside = before(indent) || beyond(indent) || is_whole;
        }
    }

    fn take_transform(&mut self, transform: &str) {
        for name in ["scale", "scalex", "scaley", "scale3d", "matrix"] {
            // The first two numbers of a matrix are both of the width, of which one is 0 where nothing is turned.
            let count = if name == "matrix" { 2 } else { 1 };
            let numbers = function(transform, name).unwrap_or_default().split(',').take(count);
            let numbers = numbers.filter_map(css::share).map(f32::abs);
            self.scale *= numbers.reduce(f32::max).unwrap_or(1.0);
        }
        for name in ["translate", "translatex", "translatey", "translate3d"] {
            let inner = function(transform, name).unwrap_or_default();
            let far = |text: &str| css::length(text, self.size).is_some_and(|points| points.abs() >= OFF_MIN);
            self.lost |= inner.split(',').any(far);
        }
    }

    fn take_ground(&mut self, properties: &[(String, String)], outer: &Self) {
        let last = |names: &[&str]| {
            let found = properties.iter().rev().find(|(name, _)| names.contains(&name.as_str()));
            found.map(|(_, value)| value.as_str())
        };
        let is_picture = |value: &str| ["url(", "gradient(", "image"].iter().any(|word| value.contains(word));
        let ground = match last(&["background", "background-color"]) {
            _ if last(&["background", "background-image"]).is_some_and(is_picture) => Some(None),
            None => None,
            Some(value) => words(value).iter().find_map(|word| match css::colour(word) {
                Some((colour, alpha)) => (alpha > 0.0).then(|| over(colour, alpha, outer.ground)),
                None if word == "currentcolor" => {
                    let own = last(&["color"]).and_then(css::colour).map(|(colour, _)| colour);
                    Some(own.or(self.colour))
                }
                // A colour that is not known.
                None => (word.starts_with(|c: char| c.is_ascii_alphabetic()) && !NO_COLOURS.contains(&word.as_str()))
                    .then_some(None),
            }),
        };
        if let Some(ground) = ground {
            (self.ground, self.on_page) = (ground, false);
        }
        if properties
            .iter()
            .any(|(name, value)| name == "color-scheme" && value.contains("dark"))
            && self.on_page
        {
            self.ground = None;
        }
    }
}

fn blend(part: u8, below: u8, share: f32) -> u8 {
    (f32::from(part) * share + f32::from(below) * (1.0 - share)).round() as u8
}

/// Returns the colour that one makes over a ground, covering a share of it.
fn over(colour: Colour, alpha: f32, ground: Ground) -> Option<Colour> {
    if alpha >= 1.0 {
        return Some(colour);
    }
    let ground = ground?;
    Some(std::array::from_fn(|n| blend(colour[n], ground[n], alpha)))
}

/// Returns the words of a value; what stands in brackets is of one word.
fn words(value: &str) -> Vec<String> {
    let mut depth = 0_u32;
    let mut words = vec![String::new()];
    for c in value.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match words.last_mut() {
            Some(word) if !c.is_whitespace() || depth > 0 => word.push(c),
            _ => words.push(String::new()),
        }
    }
    words
}

/// Returns what stands in the brackets of a function.
fn function<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = value.split_once(&format!("{name}("))?;
    after.split_once(')').map(|(inner, _)| inner.trim())
}

/// Returns a size of a font in points.
fn size_of(text: &str, outer: f32) -> Option<f32> {
    let size = match text {
        "xx-small" => 6.75,
        "x-small" => 7.5,
        "small" => 9.75,
        "medium" | "initial" => SIZE,
        "large" => 13.5,
        "x-large" => 18.0,
        "xx-large" => 24.0,
        "smaller" => outer / 1.2,
        "larger" => outer * 1.2,
        text if text.ends_with('%') => outer * css::share(text)?,
        text => css::length(text, outer)?,
    };
    Some(size.max(0.0))
}

/// Returns the size that a font of several words names.
fn font_size(text: &str, outer: f32) -> Option<f32> {
    let mut words = text.split_whitespace();
    words.find_map(|word| {
        let size = word.split('/').next().unwrap_or_default();
        // The weight is a number without a unit.
        size_of(size, outer)
            .filter(|_| size.parse::<f32>().is_ok_and(|size| size == 0.0) || size.parse::<f32>().is_err())
    })
}

/// Whether a clip lets through nothing: `rect(0, 0, 0, 0)`.
fn is_empty_rectangle(clip: &str) -> bool {
    let sides: Vec<Option<f32>> = function(clip, "rect")
        .unwrap_or_default()
        .split([',', ' '])
        .filter(|side| !side.is_empty())
        .map(|side| css::length(side, SIZE))
        .collect();
    let [Some(top), Some(right), Some(bottom), Some(left)] = sides[..] else {
        return false;
    };
    is_too_low(bottom - top) || is_too_low(right - left)
}

/// Whether a path lets through nothing.
fn is_empty_path(path: &str) -> bool {
    let numbers = |inner: &str| -> Vec<Option<f32>> {
        let all = inner.split([',', ' ']).filter(|side| !side.is_empty());
        all.map(css::share).collect()
    };
    if let Some(inner) = function(path, "inset") {
        let sides = numbers(inner.split("round").next().unwrap_or_default());
        let side = |n: usize| {
            let n = if n < sides.len() {
                n
            } else {
                n.saturating_sub(2).min(sides.len().saturating_sub(1))
            };
            sides.get(n).copied().flatten().unwrap_or(0.0)
        };
        return inner.contains('%') && (side(0) + side(2) >= 1.0 || side(1) + side(3) >= 1.0);
    }
    if let Some(inner) = function(path, "circle").or_else(|| function(path, "ellipse")) {
        return inner.split_whitespace().next().is_some_and(|radius| {
            css::length(radius, SIZE).is_some_and(is_too_low)
                || css::share(radius).is_some_and(|share| share < CLEAR_MAX)
        });
    }
    function(path, "polygon").is_some_and(|inner| {
        let corners: Vec<&str> = inner.split(',').map(str::trim).collect();
        corners.iter().all(|corner| *corner == corners[0])
    })
}

/// The elements of a page that are open, and its style sheets.
struct Page {
    sheet: Sheet,
    open: Vec<Open>,
    path: Vec<Rc<Element>>,
}

impl Page {
    /// Reads the style sheets of a page, which may stand anywhere in it.
    fn of(html: &str) -> Self {
        let mut sheet = Sheet::default();
        let (mut rest, mut has_other_sheets) = (html, false);
        while let Some((piece, after)) = piece(rest) {
            rest = after;
            match piece {
                Piece::Hidden(tag, name, content) if name == "style" => {
                    let media = attributes(tag).into_iter().find(|(name, _)| name == "media");
                    if media.is_none_or(|(_, media)| css::applies(&media)) {
                        let end = content.rfind("</").unwrap_or(content.len());
                        sheet.add(&content[..end]);
                    }
                }
                Piece::Open(tag, name) if name == "link" => {
                    let attributes = attributes(tag);
                    let has = |known: &str, test: fn(&str) -> bool| {
                        attributes
                            .iter()
                            .any(|(name, value)| name == known && test(&value.to_ascii_lowercase()))
                    };
                    has_other_sheets |= has("rel", |rel| rel.contains("stylesheet"))
                        && has("href", |link| link.starts_with("http") || link.starts_with("//"));
                }
                Piece::Open(tag, _) if tag.contains("position") => {
                    let style = attributes(tag).into_iter().find(|(name, _)| name == "style");
                    sheet
                        .layers
                        .add(&style.map(|(_, style)| css::declarations(&style)).unwrap_or_default());
                }
                _ => {}
            }
        }
        // What style sheets of the web say of colours is not known.
        let known = |colour| Some(colour).filter(|_| !has_other_sheets);
        let root = Open {
            element: Rc::default(),
            size: SIZE,
            scale: 1.0,
            opacity: 1.0,
            colour: known([0; 3]),
            is_clear: false,
            ground: known(WHITE),
            on_page: true,
            is_free: false,
            shut: false,
            lost: false,
            invisible: false,
            aside: false,
            count: 0,
            last: None,
        };
        Self {
            sheet,
            open: vec![root],
            path: Vec::new(),
        }
    }

    fn top(&self) -> &Open {
        &self.open[self.open.len() - 1]
    }

    fn pop(&mut self) {
        if self.open.len() > 1 {
            self.open.pop();
            self.path.pop();
        }
    }

    /// Opens an element, after closing those that it ends.
    fn open(&mut self, tag: &str, name: &str) {
        self.close_ended(name);
        if self.open.len() > DEPTH_MAX {
            self.pop();
        }
        let attributes = attributes(tag);
        let of = |name: &str| {
            attributes
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        let outer = self.open.len() - 1;
        let outer = &mut self.open[outer];
        outer.count += 1;
        let element = Element {
            name: name.to_owned(),
            id: of("id").unwrap_or_default().to_owned(),
            classes: of("class")
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            attributes: attributes.clone(),
            number: outer.count,
            previous: None,
        };
        let previous = outer.last.replace(Rc::new(element.clone()));
        let element = Rc::new(Element { previous, ..element });
        let outer = outer.clone();
        let mut properties: Vec<(String, String)> = Vec::new();
        let mut give = |name: &str, value: &str| {
            let hex = if css::colour(&format!("#{value}")).is_some() {
                "#"
            } else {
                ""
            };
            properties.push((name.to_owned(), format!("{hex}{}", value.to_ascii_lowercase())));
        };
        let is_shut = of("hidden").is_some() || name == "datalist" || (name == "dialog" && of("open").is_none());
        if is_shut {
            give("display", "none");
        }
        match name {
            "a" if of("href").is_some() && outer.colour.is_some() => give("color", "blue"),
            "font" => give("color", of("color").unwrap_or("inherit")),
            "body" => give("color", of("text").unwrap_or("inherit")),
            _ => {}
        }
        if let Some(ground) = of("bgcolor") {
            give("background-color", ground);
        }
        if of("background").is_some() {
            give("background-image", "url()");
        }
        let own: Vec<Declaration> = of("style").map(css::declarations).unwrap_or_default();
        for one in own.iter().filter(|one| one.property.starts_with("--")) {
            self.sheet.variables.insert(one.property.clone(), one.value.clone());
        }
        self.path.push(Rc::clone(&element));
        properties.extend(self.sheet.properties(&self.path, own));
        let mut open = Open {
            element,
            count: 0,
            last: None,
            ..outer.clone()
        };
        open.take(&properties, &outer);
        open.lost |= REPLACED.contains(&name) || (name == "object" && of("data").is_some());
        self.open.push(open);
    }

    /// Returns the place of the last open element of these names, unless one that bounds it stands between.
    fn find(&self, names: &[&str], bounds: &[&str]) -> Option<usize> {
        let name = |at: &usize| self.open[*at].element.name.as_str();
        let mut inner = (1..self.open.len()).rev();
        let found = inner.find(|at| names.contains(&name(at)) || bounds.contains(&name(at)))?;
        Some(found).filter(|at| names.contains(&name(at)))
    }

    fn close_from(&mut self, at: Option<usize>) {
        if let Some(at) = at {
            self.open.truncate(at);
            self.path.truncate(at - 1);
        }
    }

    /// Closes the elements that the opening tag of another one ends.
    fn close_ended(&mut self, name: &str) {
        let (names, bounds): (&[&str], &[&str]) = match name {
            "li" => (&["li"], &["ol", "ul", "table", "td", "th"]),
            "dd" | "dt" => (&["dd", "dt"], &["dl", "table", "td", "th"]),
            "td" | "th" => (&["td", "th"], &["tr", "table"]),
            "tr" => (&["tr"], &["table"]),
            "tbody" | "thead" | "tfoot" => (&["tbody", "thead", "tfoot"], &["table"]),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "br" => (&[], &[]),
            name if BLOCKS.contains(&name) => (&[], &[]),
            _ => return,
        };
        if !names.is_empty() {
            self.close_from(self.find(names, bounds));
        }
        if !matches!(name, "br" | "td" | "th" | "tr") {
            self.close_from(self.find(&["p"], &SCOPES));
        }
    }

    /// Closes the last open element of a name, as browsers do where tags do not match.
    fn close(&mut self, name: &str) {
        if matches!(name, "body" | "html") {
            return;
        }
        let is_block = |name: &str| {
            BLOCKS.contains(&name)
                || matches!(
                    name,
                    "p" | "li" | "td" | "th" | "tr" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
                )
        };
        if INLINE.contains(&name) {
            let Some(at) = self.find(&[name], &SCOPES) else { return };
            if self.open[at..].iter().any(|open| is_block(&open.element.name)) {
                // The blocks in it stay open.
                self.open.remove(at);
                self.path.remove(at - 1);
            } else {
                self.close_from(Some(at));
            }
        } else if is_block(name) {
            let bounds: &[&str] = if matches!(name, "td" | "th" | "tr" | "table" | "tbody" | "thead") {
                &["html"]
            } else {
                &SCOPES
            };
            self.close_from(self.find(&[name], bounds));
        } else {
            let at = (1..self.open.len()).rev().find(|at| {
                let found = self.open[*at].element.name.as_str();
                found == name || is_block(found)
            });
            self.close_from(at.filter(|at| self.open[*at].element.name == name));
        }
    }
}

/// Returns the attributes of a tag, with their names in small letters. Of two of a name the first counts.
fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    let mut rest = tag.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let end = rest
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '/'))
            .unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let inner = if quote.is_some() { &after[1..] } else { after };
            let is_end = |c: char| quote.map_or_else(|| c.is_ascii_whitespace(), |quote| c == quote);
            let end = inner.find(is_end).unwrap_or(inner.len());
            value = &inner[..end];
            rest = inner.get(end + usize::from(quote.is_some())..).unwrap_or_default();
        } else if name.is_empty() {
            return attributes;
        }
        attributes.push((name, entities(value)));
    }
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
                flow.set_apart("\t")?;
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
    if !flow.is_seen() {
        return Ok(());
    }
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
