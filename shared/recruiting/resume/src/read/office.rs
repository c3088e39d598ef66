//! Reads DOCX and ODT: zip archives of XML.

use std::{
    collections::HashMap,
    io::{Cursor, Read},
};

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};
use zip::ZipArchive;

use super::{
    Limits,
    flow::{self, Flow},
    letters::{NOWHERE, Role, Style},
};
use crate::refusal::Refusal;

/// The greatest depth of elements inside each other.
const DEPTH_MAX: usize = 512;

/// An archive of which a bounded number of bytes is unpacked.
struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    budget: u64,
}

impl<'a> Archive<'a> {
    fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Refusal> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Corrupt)?;
        // What the archive says of itself is enough to refuse it, never to trust it.
        let declared = zip.decompressed_size().unwrap_or(0);
        if declared > u128::from(limits.unpacked_bytes_max) {
            return Err(Refusal::ZipBomb);
        }
        for n in 0..zip.len() {
            let Ok(member) = zip.by_index_raw(n) else { continue };
            if member.encrypted() {
                return Err(Refusal::Encrypted);
            }
            // Deflate never makes much more of its input than it was. A member that is said to unpack to less than it takes up
            // lies about what is in it.
            if member.compressed_size() > member.size() + member.size() / 100 + 64 {
                return Err(Refusal::ZipBomb);
            }
        }
        Ok(Self {
            zip,
            budget: limits.unpacked_bytes_max,
        })
    }

    /// Returns one member as text, counted byte by byte against the budget while it is unpacked.
    fn member(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        if self.zip.index_for_name(name).is_none() {
            return Ok(None);
        }
        let member = self.zip.by_name(name).map_err(|_| Refusal::Corrupt)?;
        let mut content = Vec::new();
        member
            .take(self.budget + 1)
            .read_to_end(&mut content)
            .map_err(|_| Refusal::Corrupt)?;
        self.budget = self.budget.checked_sub(content.len() as u64).ok_or(Refusal::ZipBomb)?;
        super::plain::decode(&content).map(Some)
    }

    fn names(&self, prefix: &str, most: usize) -> Vec<String> {
        let is_xml = |name: &String| {
            let suffix = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(".xml"));
            suffix.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
        };
        let names = self
            .zip
            .file_names()
            .filter_map(Result::ok)
            .map(std::borrow::Cow::into_owned);
        let mut names: Vec<String> = names.filter(is_xml).collect();
        names.sort();
        names.truncate(most);
        names
    }
}

/// The most links of a document.
const LINKS_MAX: usize = 100;

/// Returns the text of a Word document: its page headers, its body, its page footers. The targets of its links come with it.
pub(super) fn docx(bytes: &[u8], limits: &Limits) -> Result<(flow::Read, Vec<String>), Refusal> {
    let mut archive = Archive::open(bytes, limits)?;
    let body = archive.names("word/document", 1).pop().ok_or(Refusal::Corrupt)?;
    let sheet = archive.member("word/styles.xml")?.unwrap_or_default();
    let mut walk = Walk::new(limits, word_styles(&sheet)?);
    let headers = archive.names("word/header", 6);
    let footers = archive.names("word/footer", 6);
    let (mut text, mut margins): (Vec<_>, Vec<String>) = (Vec::new(), Vec::new());
    for name in headers.iter().chain([&body]).chain(&footers) {
        let Some(xml) = archive.member(name)? else { continue };
        walk.margin = *name != body;
        walk.run(&xml, word)?;
        let part = walk.flow.take();
        // First, even and other pages have a header each, most often the same.
        let said = super::letters::plain(&part)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        if walk.margin && margins.contains(&said) {
            continue;
        }
        margins.push(said);
        if !text.is_empty() {
            text.extend([('\n', NOWHERE), ('\n', NOWHERE)]);
        }
        text.extend(part);
    }
    let relations = archive.member("word/_rels/document.xml.rels")?.unwrap_or_default();
    Ok(((text, walk.flow.finish().1), link_targets(&relations)?))
}

/// Returns the targets of the links that a part of a document names. Those of footnotes are named in a part of their own.
fn link_targets(relations: &str) -> Result<Vec<String>, Refusal> {
    let mut targets: Vec<String> = Vec::new();
    each_element(relations, |name, element, _| {
        let is_link =
            name == "Relationship" && attribute(element, "Type").is_some_and(|kind| kind.ends_with("/hyperlink"));
        let target = attribute(element, "Target").filter(|_| is_link);
        if let Some(target) = target.filter(|target| !targets.contains(target))
            && targets.len() < LINKS_MAX
        {
            targets.push(target.replace("&amp;", "&"));
        }
    })?;
    Ok(targets)
}

/// Calls `visit` at the start and the end of each element.
fn each_element(xml: &str, mut visit: impl FnMut(&str, &BytesStart<'_>, Step)) -> Result<(), Refusal> {
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<BytesStart<'_>> = Vec::new();
    loop {
        match reader.read_event().map_err(|_| Refusal::Corrupt)? {
            Event::Start(element) => {
                if open.len() >= DEPTH_MAX {
                    return Err(Refusal::Corrupt);
                }
                visit(&local_name(&element), &element, Step::Start);
                open.push(element);
            }
            Event::Empty(element) => {
                visit(&local_name(&element), &element, Step::Start);
                visit(&local_name(&element), &element, Step::End);
            }
            Event::End(_) => {
                let element = open.pop().ok_or(Refusal::Corrupt)?;
                visit(&local_name(&element), &element, Step::End);
            }
            Event::Eof => return Ok(()),
            Event::DocType(_) => return Err(Refusal::Corrupt),
            _ => {}
        }
    }
}

/// A named style of a document.
#[derive(Debug, Clone, Copy, Default)]
struct Named {
    style: Style,
    /// Whether paragraphs of the style are items of a list.
    item: bool,
    /// Whether text of the style is not shown.
    hidden: bool,
}

/// The named styles of a document, by id. The empty id is that of a paragraph without one.
type Styles = HashMap<String, Named>;

/// Reads the style sheet of a Word document. A style begins as the one that it is based on, which stands before it.
fn word_styles(xml: &str) -> Result<Styles, Refusal> {
    let mut styles = Styles::new();
    let (mut id, mut named, mut default) = (String::new(), Named::default(), false);
    each_element(xml, |name, element, step| match (name, step) {
        ("docDefaults", Step::Start) => named = Named::default(),
        ("docDefaults", Step::End) => {
            styles.insert(String::new(), named);
        }
        ("style", Step::Start) => {
            id = attribute(element, "styleId").unwrap_or_default();
            default = attribute(element, "default").is_some_and(|value| is_on(&value))
                && attribute(element, "type").is_some_and(|kind| kind == "paragraph");
            named = styles.get("").copied().unwrap_or_default();
        }
        ("style", Step::End) => {
            if default {
                styles.insert(String::new(), named);
            }
            styles.insert(std::mem::take(&mut id), named);
        }
        ("basedOn", Step::Start) => {
            let base = attribute(element, "val").and_then(|base| styles.get(&base));
            named = base.copied().unwrap_or(named);
        }
        ("name", Step::Start) => {
            let (role, item) = role_of(&attribute(element, "val").unwrap_or_default());
            if role != Role::Body {
                named.style.role = role;
            }
            named.item |= item;
        }
        ("outlineLvl", Step::Start) if named.style.role == Role::Body => {
            named.style.role = match attribute(element, "val").as_deref() {
                Some("0") => Role::Heading,
                Some("9") | None => Role::Body,
                Some(_) => Role::Subheading,
            };
        }
        ("vanish", Step::Start) => named.hidden = attribute(element, "val").as_deref().is_none_or(is_on),
        ("numId", Step::Start) => named.item = attribute(element, "val").is_some_and(|number| number != "0"),
        (_, Step::Start) => dress(&mut named.style, name, element),
        (_, Step::End) => {}
    })?;
    Ok(styles)
}

/// Returns the role that the name of a style gives its paragraphs, and whether they are items of a list.
fn role_of(name: &str) -> (Role, bool) {
    let name: String = name
        .to_lowercase()
        .chars()
        .filter(|c| !matches!(c, ' ' | '_'))
        .collect();
    let role = match name.as_str() {
        "title" => Role::Title,
        "heading1" => Role::Heading,
        name if name.starts_with("heading") && name.len() > "heading".len() => Role::Subheading,
        _ => Role::Body,
    };
    (role, name.starts_with("listbullet") || name.starts_with("listnumber"))
}

fn is_on(value: &str) -> bool {
    !matches!(value, "0" | "false" | "off" | "none")
}

/// Changes a style as a property of a run asks for.
fn dress(style: &mut Style, name: &str, element: &BytesStart<'_>) {
    let value = attribute(element, "val");
    let on = value.as_deref().is_none_or(is_on);
    match name {
        "b" => style.bold = on,
        "i" => style.italic = on,
        // Half points.
        "sz" => {
            let half_points: Option<f32> = value.and_then(|value| value.parse().ok());
            let half_points = half_points.filter(|size| size.is_finite()).unwrap_or_default();
            style.size = half_points.clamp(0.0, 400.0) / 2.0;
        }
        _ => {}
    }
}

/// Returns the text of an `OpenDocument` text.
pub(super) fn odt(bytes: &[u8], limits: &Limits) -> Result<flow::Read, Refusal> {
    let mut archive = Archive::open(bytes, limits)?;
    let manifest = archive.member("META-INF/manifest.xml")?.unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(Refusal::Encrypted);
    }
    // Spreadsheets and slides have the same container.
    if let Some(mimetype) = archive.member("mimetype")?
        && !mimetype.starts_with("application/vnd.oasis.opendocument.text")
    {
        return Err(Refusal::UnsupportedFormat);
    }
    let xml = archive.member("content.xml")?.ok_or(Refusal::Corrupt)?;
    let mut styles = Styles::new();
    for sheet in [&archive.member("styles.xml")?.unwrap_or_default(), &xml] {
        open_document_styles(sheet, &mut styles)?;
    }
    let mut walk = Walk::new(limits, styles);
    walk.run(&xml, open_document)?;
    Ok(walk.flow.finish())
}

/// Reads the styles of an `OpenDocument` part.
fn open_document_styles(xml: &str, styles: &mut Styles) -> Result<(), Refusal> {
    let (mut id, mut named) = (String::new(), Named::default());
    each_element(xml, |name, element, step| match (name, step) {
        ("style", Step::Start) => {
            id = attribute(element, "name").unwrap_or_default();
            let parent = attribute(element, "parent-style-name").and_then(|parent| styles.get(&parent));
            named = parent.copied().unwrap_or_default();
            let (role, _) = role_of(&attribute(element, "display-name").unwrap_or_else(|| id.replace("_20_", " ")));
            if role != Role::Body {
                named.style.role = role;
            }
        }
        ("style", Step::End) if !id.is_empty() => {
            styles.insert(std::mem::take(&mut id), named);
        }
        ("text-properties", Step::Start) => {
            if let Some(weight) = attribute(element, "font-weight") {
                named.style.bold = weight == "bold" || weight.parse::<u32>().is_ok_and(|weight| weight >= 600);
            }
            if let Some(posture) = attribute(element, "font-style") {
                named.style.italic = posture != "normal";
            }
            let size = attribute(element, "font-size").and_then(|size| size.strip_suffix("pt")?.parse().ok());
            named.style.size = size.filter(|size: &f32| size.is_finite()).unwrap_or(named.style.size);
            named.hidden |= attribute(element, "display").is_some_and(|display| display == "none");
        }
        _ => {}
    })
}

/// A step of the walk over an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Start,
    End,
}

/// The way in which a format's elements build text. Returns whether the element's content is read; asked at its start only.
type Grammar = fn(&mut Walk, &str, &BytesStart<'_>, Step) -> Result<bool, Refusal>;

struct Run {
    style: Style,
    hidden: bool,
}

impl Run {
    /// Whether nobody sees text of the run.
    fn is_unseen(&self) -> bool {
        self.hidden || is_tiny(self.style.size)
    }
}

/// Whether nobody can read text of a size, in points. Of size 0 nothing is known.
fn is_tiny(size: f32) -> bool {
    size > 0.0 && size <= 2.0
}

struct Walk {
    flow: Flow,
    styles: Styles,
    /// The number of open elements whose character data is text of the document. At 0, character data is left out.
    in_text: usize,
    /// Whether a list item is open for the paragraph to come.
    bullet: bool,
    /// Whether the part at hand is a page header or footer.
    margin: bool,
    /// Whether the properties at hand are a paragraph's.
    in_paragraph_properties: bool,
    /// The style of the paragraph at hand.
    paragraph: Named,
    /// The runs inside each other that are open.
    runs: Vec<Run>,
}

impl Walk {
    fn new(limits: &Limits, styles: Styles) -> Self {
        Self {
            flow: Flow::new(limits.characters_max),
            styles,
            in_text: 0,
            bullet: false,
            margin: false,
            in_paragraph_properties: false,
            paragraph: Named::default(),
            runs: Vec::new(),
        }
    }

    /// Begins a paragraph of a named style.
    fn begin(&mut self, style: &str) {
        self.paragraph = self
            .styles
            .get(style)
            .or_else(|| self.styles.get(""))
            .copied()
            .unwrap_or_default();
    }

    /// Sets the style of the text to come.
    fn dress(&mut self) {
        let mut style = self.runs.last().map_or(self.paragraph.style, |run| run.style);
        style.role = match self.paragraph.style.role {
            _ if self.margin => Role::Margin,
            Role::Body if self.paragraph.item => Role::Item,
            role => role,
        };
        self.flow.dress(style);
    }

    /// Reads XML as a stream of events. It builds no tree, reads no DTD, and knows no entities but the five of XML and character
    /// references.
    fn run(&mut self, xml: &str, grammar: Grammar) -> Result<(), Refusal> {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = true;
        let mut open: Vec<BytesStart<'_>> = Vec::new();
        let mut skipping: Option<usize> = None;
        loop {
            match reader.read_event().map_err(|_| Refusal::Corrupt)? {
                Event::Start(element) => {
                    if open.len() >= DEPTH_MAX {
                        return Err(Refusal::Corrupt);
                    }
                    if skipping.is_none() {
                        let name = local_name(&element);
                        if !grammar(self, &name, &element, Step::Start)? {
                            skipping = Some(open.len());
                        }
                    }
                    open.push(element);
                }
                Event::Empty(element) if skipping.is_none() => {
                    let name = local_name(&element);
                    if grammar(self, &name, &element, Step::Start)? {
                        grammar(self, &name, &element, Step::End)?;
                    }
                }
                Event::End(_) => {
                    let Some(element) = open.pop() else {
                        return Err(Refusal::Corrupt);
                    };
                    match skipping {
                        Some(depth) if depth == open.len() => skipping = None,
                        Some(_) => {}
                        None => {
                            let name = local_name(&element);
                            grammar(self, &name, &element, Step::End)?;
                        }
                    }
                }
                Event::Text(text) if skipping.is_none() && self.in_text > 0 => {
                    self.flow.push(&text)?;
                }
                Event::CData(text) if skipping.is_none() && self.in_text > 0 => {
                    self.flow.push(&text)?;
                }
                Event::GeneralRef(reference) if skipping.is_none() && self.in_text > 0 => {
                    self.flow.push(&resolve(&reference)?)?;
                }
                Event::Eof if open.is_empty() => return Ok(()),
                // A document type could define entities; neither format has one.
                Event::DocType(_) | Event::Eof => return Err(Refusal::Corrupt),
                _ => {}
            }
        }
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, Refusal> {
    if let Some(c) = reference.resolve_char_ref().map_err(|_| Refusal::Corrupt)? {
        return Ok(c.to_string());
    }
    let text = match reference.as_ref() {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return Err(Refusal::Corrupt),
    };
    Ok(text.to_owned())
}

fn local_name(element: &BytesStart<'_>) -> String {
    element.local_name().as_ref().to_owned()
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .filter_map(Result::ok)
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .map(|attribute| attribute.value.into_owned())
}

fn word(walk: &mut Walk, name: &str, element: &BytesStart<'_>, step: Step) -> Result<bool, Refusal> {
    match (name, step) {
        // The older drawing of a text box stands beside the newer one and says the same.
        ("Fallback" | "del" | "moveFrom" | "rPrChange" | "pPrChange", Step::Start) => return Ok(false),
        ("t", Step::Start) if walk.runs.last().is_some_and(Run::is_unseen) => return Ok(false),
        ("t", Step::Start) => {
            walk.dress();
            walk.in_text += 1;
        }
        ("t", Step::End) => walk.in_text = walk.in_text.saturating_sub(1),
        // Tab stops in a paragraph's properties have the same name as tabs in its text, but a position.
        ("tab" | "ptab", Step::Start) if attribute(element, "pos").is_none() => walk.flow.push("\t")?,
        ("br" | "cr", Step::Start) => walk.flow.push("\n")?,
        ("noBreakHyphen", Step::Start) => walk.flow.push("-")?,
        ("pStyle", Step::Start) => {
            walk.begin(&attribute(element, "val").unwrap_or_default());
            if matches!(
                walk.paragraph.style.role,
                Role::Title | Role::Heading | Role::Subheading
            ) {
                walk.flow.gap();
            }
            walk.bullet |= walk.paragraph.item;
        }
        ("numId", Step::Start) => {
            walk.bullet = attribute(element, "val").is_some_and(|id| id != "0");
            walk.paragraph.item = walk.bullet;
        }
        ("pPr", Step::Start) => walk.in_paragraph_properties = true,
        ("pPr", Step::End) => {
            walk.in_paragraph_properties = false;
            if std::mem::take(&mut walk.bullet) {
                walk.dress();
                walk.flow.push("• ")?;
            }
        }
        ("r", Step::Start) => walk.runs.push(Run {
            style: walk.paragraph.style,
            hidden: walk.paragraph.hidden,
        }),
        ("r", Step::End) => {
            walk.runs.pop();
        }
        ("rStyle", Step::Start) if !walk.in_paragraph_properties => {
            let named = attribute(element, "val").and_then(|id| walk.styles.get(&id));
            if let (Some(named), Some(run)) = (named, walk.runs.last_mut()) {
                run.style.bold |= named.style.bold;
                run.style.italic |= named.style.italic;
                run.hidden |= named.hidden;
                if is_tiny(named.style.size) {
                    run.style.size = named.style.size;
                }
            }
        }
        ("vanish", Step::Start) if !walk.in_paragraph_properties => {
            if let Some(run) = walk.runs.last_mut() {
                run.hidden = attribute(element, "val").as_deref().is_none_or(is_on);
            }
        }
        ("b" | "i" | "sz", Step::Start) if !walk.in_paragraph_properties => {
            if let Some(run) = walk.runs.last_mut() {
                dress(&mut run.style, name, element);
            }
        }
        ("p", Step::Start) => {
            walk.bullet = false;
            walk.begin("");
        }
        ("p", Step::End) => end_paragraph(walk)?,
        ("txbxContent" | "tc", Step::Start) => walk.flow.enter()?,
        ("txbxContent", Step::End) => walk.flow.leave_box(),
        ("tc", Step::End) => walk.flow.leave_cell(),
        ("tr", Step::End) => walk.flow.end_row(),
        _ => {}
    }
    Ok(true)
}

fn open_document(walk: &mut Walk, name: &str, element: &BytesStart<'_>, step: Step) -> Result<bool, Refusal> {
    match (name, step) {
        (
            "note" | "annotation" | "tracked-changes" | "sequence-decls" | "automatic-styles" | "hidden-text"
            | "hidden-paragraph",
            Step::Start,
        ) => return Ok(false),
        ("h" | "p" | "span", Step::Start) if is_hidden(walk, element) => return Ok(false),
        ("h" | "p", Step::Start) => {
            walk.begin(&attribute(element, "style-name").unwrap_or_default());
            if name == "h" {
                let first = attribute(element, "outline-level").is_none_or(|level| level == "1");
                walk.paragraph.style.role = if first { Role::Heading } else { Role::Subheading };
                walk.flow.gap();
            }
            walk.paragraph.item = walk.bullet;
            walk.dress();
            if std::mem::take(&mut walk.bullet) {
                walk.flow.push("• ")?;
            }
            walk.in_text += 1;
        }
        ("span", Step::Start) => {
            let mut style = walk.runs.last().map_or(walk.paragraph.style, |run| run.style);
            if let Some(named) = attribute(element, "style-name").and_then(|id| walk.styles.get(&id)) {
                style.size = if named.style.size > 0.0 {
                    named.style.size
                } else {
                    style.size
                };
                style.bold |= named.style.bold;
                style.italic |= named.style.italic;
            }
            walk.runs.push(Run { style, hidden: false });
            walk.dress();
        }
        ("span", Step::End) => {
            walk.runs.pop();
            walk.dress();
        }
        ("p" | "h", Step::End) => {
            walk.in_text = walk.in_text.saturating_sub(1);
            end_paragraph(walk)?;
        }
        ("list-item", Step::Start) => walk.bullet = true,
        ("list-item", Step::End) => walk.bullet = false,
        ("s", Step::Start) => {
            let count = attribute(element, "c")
                .and_then(|count| count.parse().ok())
                .unwrap_or(1);
            walk.flow.push(&" ".repeat(usize::min(count, 8)))?;
        }
        ("tab", Step::Start) => walk.flow.push("\t")?,
        ("line-break", Step::Start) => walk.flow.push("\n")?,
        ("text-box" | "table-cell", Step::Start) => walk.flow.enter()?,
        ("text-box", Step::End) => walk.flow.leave_box(),
        ("table-cell", Step::End) => walk.flow.leave_cell(),
        ("table-row", Step::End) => walk.flow.end_row(),
        _ => {}
    }
    Ok(true)
}

/// Whether the named style of an element hides its text.
fn is_hidden(walk: &Walk, element: &BytesStart<'_>) -> bool {
    let named = attribute(element, "style-name").and_then(|id| walk.styles.get(&id));
    named.is_some_and(|named| named.hidden || is_tiny(named.style.size))
}

/// Ends a paragraph. An empty paragraph is an empty line.
fn end_paragraph(walk: &mut Walk) -> Result<(), Refusal> {
    walk.flow.push("\n")
}
