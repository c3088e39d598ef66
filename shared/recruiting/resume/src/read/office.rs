//! Reads DOCX and ODT: zip archives of XML.

use std::io::{Cursor, Read};

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};
use zip::ZipArchive;

use super::{Limits, flow::Flow};
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

/// Returns the text of a Word document: its page headers, its body, its page footers.
pub(super) fn docx(bytes: &[u8], limits: &Limits) -> Result<String, Refusal> {
    let mut archive = Archive::open(bytes, limits)?;
    let body = archive.names("word/document", 1).pop().ok_or(Refusal::Corrupt)?;
    let mut parts: Vec<String> = Vec::new();
    let headers = archive.names("word/header", 6);
    let footers = archive.names("word/footer", 6);
    for name in headers.iter().chain([&body]).chain(&footers) {
        let Some(xml) = archive.member(name)? else { continue };
        let text = walk(&xml, limits, word)?;
        // First, even and other pages have a header each, most often the same.
        if !parts.iter().any(|part| part.trim() == text.trim()) {
            parts.push(text);
        }
    }
    Ok(parts.join("\n\n"))
}

/// Returns the text of an `OpenDocument` text.
pub(super) fn odt(bytes: &[u8], limits: &Limits) -> Result<String, Refusal> {
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
    walk(&xml, limits, open_document)
}

/// A step of the walk over an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Start,
    End,
}

/// The way in which a format's elements build text. Returns whether the element's content is read; asked at its start only.
type Grammar = fn(&mut Walk, &str, &BytesStart<'_>, Step) -> Result<bool, Refusal>;

struct Walk {
    flow: Flow,
    /// The number of open elements whose character data is text of the document. At 0, character data is left out.
    in_text: usize,
    /// Whether a list item is open for the paragraph to come.
    bullet: bool,
}

/// Reads XML as a stream of events. It builds no tree, reads no DTD, and knows no entities but the five of XML and character
/// references.
fn walk(xml: &str, limits: &Limits, grammar: Grammar) -> Result<String, Refusal> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut walk = Walk {
        flow: Flow::new(limits.characters_max),
        in_text: 0,
        bullet: false,
    };
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
                    if !grammar(&mut walk, &name, &element, Step::Start)? {
                        skipping = Some(open.len());
                    }
                }
                open.push(element);
            }
            Event::Empty(element) if skipping.is_none() => {
                let name = local_name(&element);
                if grammar(&mut walk, &name, &element, Step::Start)? {
                    grammar(&mut walk, &name, &element, Step::End)?;
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
                        grammar(&mut walk, &name, &element, Step::End)?;
                    }
                }
            }
            Event::Text(text) if skipping.is_none() && walk.in_text > 0 => {
                walk.flow.push(&text)?;
            }
            Event::CData(text) if skipping.is_none() && walk.in_text > 0 => {
                walk.flow.push(&text)?;
            }
            Event::GeneralRef(reference) if skipping.is_none() && walk.in_text > 0 => {
                walk.flow.push(&resolve(&reference)?)?;
            }
            Event::Eof if open.is_empty() => return Ok(walk.flow.finish()),
            // A document type could define entities; neither format has one.
            Event::DocType(_) | Event::Eof => return Err(Refusal::Corrupt),
            _ => {}
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
        ("Fallback" | "del" | "moveFrom", Step::Start) => return Ok(false),
        ("t", Step::Start) => walk.in_text += 1,
        ("t", Step::End) => walk.in_text = walk.in_text.saturating_sub(1),
        // Tab stops in a paragraph's properties have the same name as tabs in its text, but a position.
        ("tab" | "ptab", Step::Start) if attribute(element, "pos").is_none() => walk.flow.push("\t")?,
        ("br" | "cr", Step::Start) => walk.flow.push("\n")?,
        ("noBreakHyphen", Step::Start) => walk.flow.push("-")?,
        ("pStyle", Step::Start) => {
            let style = attribute(element, "val").unwrap_or_default().to_lowercase();
            if style.starts_with("heading") || style == "title" {
                walk.flow.gap();
            }
            walk.bullet |= style.starts_with("listbullet");
        }
        ("numId", Step::Start) => walk.bullet |= attribute(element, "val").is_some_and(|id| id != "0"),
        ("pPr", Step::End) if walk.bullet => {
            walk.bullet = false;
            walk.flow.push("• ")?;
        }
        ("p", Step::Start) => walk.bullet = false,
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
        ("note" | "annotation" | "tracked-changes" | "sequence-decls" | "automatic-styles", Step::Start) => {
            return Ok(false);
        }
        ("h", Step::Start) => {
            walk.flow.gap();
            walk.in_text += 1;
        }
        ("p", Step::Start) => {
            if std::mem::take(&mut walk.bullet) {
                walk.flow.push("• ")?;
            }
            walk.in_text += 1;
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

/// Ends a paragraph. An empty paragraph is an empty line.
fn end_paragraph(walk: &mut Walk) -> Result<(), Refusal> {
    walk.flow.push("\n")
}
