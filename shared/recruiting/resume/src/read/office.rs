//! Reads DOCX and ODT: zip archives of XML.

use std::{
    collections::{HashMap, HashSet},
    io::{Cursor, Read},
};

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};
use zip::ZipArchive;

use super::{
    Limits,
    flow::{self, Flow, Place},
    letters::{
        Colour, Ground, Look, NOWHERE, Role, SIDE_MAX, Style, WHITE, hex_colour, is_off_page, is_too_low, is_too_narrow,
    },
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

/// A relation of a part to another one.
struct Relation {
    id: String,
    kind: String,
    target: String,
}

/// Returns the relations of a part, and of the archive itself for the empty name. `None` where it has none at all.
fn relations(archive: &mut Archive<'_>, part: &str) -> Result<Option<Vec<Relation>>, Refusal> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let name = format!("{folder}/_rels/{file}.rels");
    let Some(xml) = archive.member(name.trim_start_matches('/'))? else {
        return Ok(None);
    };
    let mut relations = Vec::new();
    each_element(&xml, |name, element, step| {
        let value = |name| attribute(element, name).unwrap_or_default();
        if (name, step) == ("Relationship", Step::Start) && value("TargetMode") != "External" {
            relations.push(Relation {
                id: value("Id"),
                kind: value("Type").rsplit('/').next().unwrap_or_default().to_owned(),
                target: target_of(folder, &value("Target")),
            });
        }
    })?;
    Ok(Some(relations))
}

/// Returns the name of the member that a relation of a part in a folder points to.
fn target_of(folder: &str, target: &str) -> String {
    let mut path: Vec<&str> = if target.starts_with('/') {
        Vec::new()
    } else {
        folder.split('/').collect()
    };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.retain(|step| !step.is_empty());
    path.join("/")
}

/// The parts of a Word document, by its relations, or by their usual names where it has none.
struct Parts {
    main: String,
    headers: Vec<String>,
    footers: Vec<String>,
    styles: String,
    theme: String,
    settings: String,
}

/// The most headers, and the most footers, of a document.
const MARGINS_MAX: usize = 6;

impl Parts {
    fn of(archive: &mut Archive<'_>) -> Result<Self, Refusal> {
        let main = relations(archive, "")?.unwrap_or_default();
        let main = main
            .into_iter()
            .find(|relation| relation.kind == "officeDocument")
            .map(|relation| relation.target)
            .or_else(|| archive.names("word/document", 1).pop())
            .ok_or(Refusal::Corrupt)?;
        let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let Some(relations) = relations(archive, &main)? else {
            return Ok(Self {
                main,
                headers: archive.names("word/header", MARGINS_MAX),
                footers: archive.names("word/footer", MARGINS_MAX),
                styles: format!("{folder}/styles.xml"),
                theme: format!("{folder}/theme/theme1.xml"),
                settings: format!("{folder}/settings.xml"),
            });
        };
        let related = |kind: &str| {
            let found = relations.iter().find(|relation| relation.kind == kind);
            found.map(|relation| relation.target.clone()).unwrap_or_default()
        };
        Self {
            headers: Vec::new(),
            footers: Vec::new(),
            styles: related("styles"),
            theme: related("theme"),
            settings: related("settings"),
            main,
        }
        .with_margins(archive, &relations)
    }

    /// Adds the headers and footers that a section shows.
    fn with_margins(mut self, archive: &mut Archive<'_>, relations: &[Relation]) -> Result<Self, Refusal> {
        let settings = archive.member(&self.settings)?.unwrap_or_default();
        let main = archive.member(&self.main)?.ok_or(Refusal::Corrupt)?;
        let (mut has_first, mut has_even) = (false, false);
        each_element(&settings, |name, element, step| {
            has_even |= (name, step) == ("evenAndOddHeaders", Step::Start) && is_set(element);
        })?;
        let mut asked: Vec<(bool, String, String)> = Vec::new();
        each_element(&main, |name, element, step| match (name, step) {
            ("titlePg", Step::Start) => has_first |= is_set(element),
            ("headerReference" | "footerReference", Step::Start) => {
                let value = |name| attribute(element, name).unwrap_or_default();
                asked.push((name == "headerReference", value("type"), value("id")));
            }
            _ => {}
        })?;
        for (is_header, kind, id) in asked {
            let is_shown = match kind.as_str() {
                "first" => has_first,
                "even" => has_even,
                _ => true,
            };
            let related = relations.iter().find(|relation| relation.id == id);
            let names = if is_header {
                &mut self.headers
            } else {
                &mut self.footers
            };
            if let Some(related) = related.filter(|_| is_shown)
                && !names.contains(&related.target)
                && names.len() < MARGINS_MAX
            {
                names.push(related.target.clone());
            }
        }
        self.headers.sort();
        self.footers.sort();
        Ok(self)
    }
}

/// Returns the text of a Word document: its page headers, its body, its page footers. The targets of its links come with it.
pub(super) fn docx(bytes: &[u8], limits: &Limits) -> Result<(flow::Read, Vec<String>), Refusal> {
    let mut archive = Archive::open(bytes, limits)?;
    let parts = Parts::of(&mut archive)?;
    let colours = theme_colours(&archive.member(&parts.theme)?.unwrap_or_default())?;
    let sheet = archive.member(&parts.styles)?.unwrap_or_default();
    let mut walk = Walk::new(limits, word_styles(&sheet, &colours)?);
    walk.colours = colours;
    let settings = archive.member(&parts.settings)?.unwrap_or_default();
    let mut members = Vec::new();
    for name in parts.headers.iter().chain([&parts.main]).chain(&parts.footers) {
        let Some(xml) = archive.member(name)? else { continue };
        // What the pages' headers draw lies below the text of the body.
        walk.survey(&xml, settings.contains("displayBackgroundShape"))?;
        members.push((*name != parts.main, xml));
    }
    let (mut text, mut margins): (Vec<_>, Vec<String>) = (Vec::new(), Vec::new());
    for (is_margin, xml) in members {
        walk.margin = is_margin;
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
    let (folder, file) = parts.main.rsplit_once('/').unwrap_or(("", &parts.main));
    let relations = archive.member(format!("{folder}/_rels/{file}.rels").trim_start_matches('/'))?;
    Ok((
        (text, walk.flow.finish().1),
        link_targets(&relations.unwrap_or_default())?,
    ))
}

/// The colours that a theme names.
type Colours = HashMap<String, Colour>;

/// Reads the colours of a theme. Without one, its paper is white and its ink black.
fn theme_colours(xml: &str) -> Result<Colours, Refusal> {
    let mut colours = Colours::from([("lt1".to_owned(), WHITE), ("dk1".to_owned(), [0; 3])]);
    let (mut scheme, mut slot) = (false, String::new());
    each_element(xml, |name, element, step| match (name, step) {
        ("clrScheme", step) => scheme = step == Step::Start,
        ("srgbClr" | "sysClr", Step::Start) if scheme => {
            let digits = attribute(element, "lastClr").or_else(|| attribute(element, "val"));
            if let Some(colour) = digits.as_deref().and_then(hex_colour) {
                colours.insert(slot.clone(), colour);
            }
        }
        (name, Step::Start) if scheme => name.clone_into(&mut slot),
        _ => {}
    })?;
    Ok(colours)
}

/// Returns the colour that a theme gives a name.
fn theme_colour(colours: &Colours, name: &str) -> Option<Colour> {
    let slot = match name {
        "background1" | "light1" | "bg1" => "lt1",
        "background2" | "light2" | "bg2" => "lt2",
        "text1" | "dark1" | "tx1" => "dk1",
        "text2" | "dark2" | "tx2" => "dk2",
        "hyperlink" => "hlink",
        "followedHyperlink" => "folHlink",
        name => name,
    };
    colours.get(slot).copied()
}

/// Returns the colour that an element names, in an attribute or by the theme, which is stronger. `None` for the program's own.
fn colour_of(element: &BytesStart<'_>, colours: &Colours, plain: &str, theme: &str) -> Option<Colour> {
    let Some(name) = attribute(element, theme) else {
        return attribute(element, plain).as_deref().and_then(hex_colour);
    };
    let share = |of: &str| {
        let digits = attribute(element, &format!("{}{of}", theme.trim_end_matches("Color")))?;
        u8::from_str_radix(&digits, 16).ok()
    };
    let (tint, shade) = (share("Tint"), share("Shade"));
    let mixed = |part: u8, share: u8, with: u8| {
        let (part, share, with) = (u32::from(part), u32::from(share), u32::from(with));
        ((part * share + with * (255 - share)) / 255) as u8
    };
    let colour = theme_colour(colours, &name)?;
    Some(colour.map(|part| mixed(mixed(part, tint.unwrap_or(255), 255), shade.unwrap_or(255), 0)))
}

/// Returns the ground that a shading makes. `None` where it lets through what is below.
fn shading(element: &BytesStart<'_>, colours: &Colours) -> Option<Ground> {
    let fill = || {
        let is_auto = attribute(element, "themeFill").is_none()
            && attribute(element, "fill").is_none_or(|fill| fill.eq_ignore_ascii_case("auto"));
        (!is_auto).then(|| colour_of(element, colours, "fill", "themeFill"))
    };
    match attribute(element, "val").as_deref() {
        Some("nil") => None,
        None | Some("clear") => fill(),
        Some("solid") => Some(colour_of(element, colours, "color", "themeColor")),
        // A pattern of two colours.
        Some(_) => Some(None),
    }
}

/// Returns the ground that a highlighter makes, by the name of its colour.
fn highlight(name: &str) -> Option<Ground> {
    Some(match name {
        "none" => return None,
        "black" => Some([0, 0, 0]),
        "blue" => Some([0, 0, 255]),
        "cyan" => Some([0, 255, 255]),
        "green" => Some([0, 255, 0]),
        "magenta" => Some([255, 0, 255]),
        "red" => Some([255, 0, 0]),
        "yellow" => Some([255, 255, 0]),
        "white" => Some(WHITE),
        "darkBlue" => Some([0, 0, 128]),
        "darkCyan" => Some([0, 128, 128]),
        "darkGreen" => Some([0, 128, 0]),
        "darkMagenta" => Some([128, 0, 128]),
        "darkRed" => Some([128, 0, 0]),
        "darkYellow" => Some([128, 128, 0]),
        "darkGray" => Some([128, 128, 128]),
        "lightGray" => Some([192, 192, 192]),
        _ => None,
    })
}

/// Whether an element that stands for yes or no says yes.
fn is_set(element: &BytesStart<'_>) -> bool {
    attribute(element, "val").as_deref().is_none_or(is_on)
}

/// Returns a length of an attribute in twentieths of a point, as points.
fn twips(element: &BytesStart<'_>, name: &str) -> Option<f32> {
    length(&attribute(element, name)?, 1.0 / 20.0)
}

/// Returns a length in points. Without a unit it is of the one that is given.
fn length(text: &str, unit: f32) -> Option<f32> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" => unit,
        "pt" => 1.0,
        "in" => 72.0,
        "cm" => 72.0 / 2.54,
        "mm" => 72.0 / 25.4,
        "pc" | "pi" => 12.0,
        "px" => 0.75,
        _ => return None,
    };
    let number: f32 = digits.parse().ok()?;
    number.is_finite().then_some(number * unit)
}

/// Returns a share of an attribute in percent, with or without its sign.
fn percent(element: &BytesStart<'_>, name: &str) -> Option<f32> {
    let number: f32 = attribute(element, name)?.trim_end_matches('%').parse().ok()?;
    number.is_finite().then_some(number / 100.0)
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
    paint: Paint,
    /// The ground of paragraphs, cells, rows, tables or boxes of the style.
    block_ground: Option<Ground>,
    /// Whether nothing in paragraphs or rows of the style is seen, for want of height or beside the page.
    lost: bool,
}

/// The look of letters, by a style or a run. `None` for what it does not say.
#[derive(Debug, Clone, Copy, Default)]
struct Paint {
    /// The colour that is stated.
    colour: Option<Ink>,
    ground: Option<Ground>,
    hidden: Option<bool>,
    narrow: Option<bool>,
}

/// A stated colour of letters.
#[derive(Debug, Clone, Copy)]
enum Ink {
    Plain(Colour),
    /// The program's own, which is seen on any ground.
    Automatic,
}

impl Ink {
    /// Returns the stated colour; the program's own where it is none.
    fn of(colour: Option<Colour>) -> Self {
        colour.map_or(Self::Automatic, Self::Plain)
    }

    const fn plain(self) -> Option<Colour> {
        match self {
            Self::Plain(colour) => Some(colour),
            Self::Automatic => None,
        }
    }
}

impl Paint {
    /// Returns what holds where another one has the first say.
    fn below(self, over: Self) -> Self {
        Self {
            colour: over.colour.or(self.colour),
            ground: over.ground.or(self.ground),
            hidden: over.hidden.or(self.hidden),
            narrow: over.narrow.or(self.narrow),
        }
    }

    /// Takes in a property of a run.
    fn take(&mut self, name: &str, element: &BytesStart<'_>, colours: &Colours) {
        match name {
            "color" => self.colour = Some(Ink::of(colour_of(element, colours, "val", "themeColor"))),
            "shd" => self.ground = shading(element, colours).or(self.ground),
            "highlight" => {
                self.ground = attribute(element, "val")
                    .and_then(|name| highlight(&name))
                    .or(self.ground);
            }
            "vanish" => self.hidden = Some(is_set(element)),
            "w" => self.narrow = percent(element, "val").map(is_too_narrow),
            _ => {}
        }
    }
}

/// The named styles of a document, by id. The empty id is that of a paragraph without one.
type Styles = HashMap<String, Named>;

/// Reads the style sheet of a Word document. A style begins as the one that it is based on, which stands before it.
fn word_styles(xml: &str, colours: &Colours) -> Result<Styles, Refusal> {
    let mut styles = Styles::new();
    let (mut id, mut named, mut default) = (String::new(), Named::default(), false);
    let (mut in_run, mut in_part) = (false, false);
    each_element(xml, |name, element, step| match (name, step) {
        ("docDefaults", Step::Start) => named = Named::default(),
        ("docDefaults", Step::End) => {
            styles.insert(String::new(), named);
        }
        ("style", Step::Start) => {
            id = attribute(element, "styleId").unwrap_or_default();
            let kind = attribute(element, "type").unwrap_or_default();
            default = attribute(element, "default").is_some_and(|value| is_on(&value)) && kind == "paragraph";
            named = styles.get("").copied().unwrap_or_default();
            if kind == "character" || kind == "table" {
                (named.paint, named.block_ground, named.lost) = (Paint::default(), None, false);
            }
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
        // Of the rows and columns of a table only some are of a part of its style; which, nobody works out here.
        ("tblStylePr", step) => in_part = step == Step::Start,
        ("shd", Step::Start) if in_part => {
            if shading(element, colours).is_some_and(|ground| ground != Some(WHITE)) {
                named.block_ground = Some(None);
            }
        }
        ("rPr", step) => in_run = step == Step::Start,
        ("color" | "shd" | "highlight" | "vanish" | "w", Step::Start) if in_run => {
            if !in_part {
                named.paint.take(name, element, colours);
            }
        }
        ("shd", Step::Start) => named.block_ground = shading(element, colours).or(named.block_ground),
        ("spacing" | "ind" | "framePr", Step::Start) if !in_run => {
            named.lost |= is_lost(name, element, (SIDE_MAX, SIDE_MAX));
        }
        ("numId", Step::Start) => named.item = attribute(element, "val").is_some_and(|number| number != "0"),
        (_, Step::Start) => dress(&mut named.style, name, element),
        (_, Step::End) => {}
    })?;
    Ok(styles)
}

/// The width and the height of a page that says nothing of them, in points.
const PAGE: (f32, f32) = (612.0, 792.0);

/// The height of a line of ordinary text, in points.
const LINE: f32 = 12.0;

/// Whether a property of a Word paragraph leaves nothing of it to see on a page of this size.
fn is_lost(name: &str, element: &BytesStart<'_>, (width, height): (f32, f32)) -> bool {
    let points = |names: [&str; 2]| names.into_iter().find_map(|name| twips(element, name));
    match name {
        "spacing" => {
            let line = twips(element, "line").filter(|_| attribute(element, "lineRule").as_deref() != Some("atLeast"));
            // Without a rule it counts lines of 12 points: 240 twentieths of a point are one.
            line.is_some_and(is_too_low)
        }
        "ind" => {
            let indent = points(["left", "start"]).unwrap_or_default();
            let first = points(["firstLine", "firstLine"]).unwrap_or_default()
                - points(["hanging", "hanging"]).unwrap_or_default();
            [indent, indent + first]
                .iter()
                .any(|indent| is_off_page(*indent, None, width, false))
        }
        "framePr" => {
            let from_edge = |name| attribute(element, name).as_deref() == Some("page");
            let beside = |at, length, side, anchor| {
                twips(element, at).is_some_and(|at| is_off_page(at, twips(element, length), side, from_edge(anchor)))
            };
            let is_exact = attribute(element, "hRule").as_deref() == Some("exact");
            beside("x", "w", width, "hAnchor")
                || beside("y", "h", height, "vAnchor")
                || (is_exact && twips(element, "h").is_some_and(is_too_low))
        }
        _ => false,
    }
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
    let mut ground = Some(WHITE);
    for sheet in [&archive.member("styles.xml")?.unwrap_or_default(), &xml] {
        open_document_styles(sheet, &mut styles, &mut ground)?;
    }
    let mut walk = Walk::new(limits, styles);
    walk.page_ground = ground;
    walk.run(&xml, open_document)?;
    Ok(walk.flow.finish())
}

/// Returns the key of an `OpenDocument` style: those of paragraphs and text share their names.
fn style_key(family: &str, name: &str) -> String {
    match family {
        "paragraph" | "text" => name.to_owned(),
        family => format!("{family}:{name}"),
    }
}

/// Reads the styles of an `OpenDocument` part, and what its pages and drawings do to the ground of the text.
fn open_document_styles(xml: &str, styles: &mut Styles, page_ground: &mut Ground) -> Result<(), Refusal> {
    let (mut id, mut named) = (None, Named::default());
    each_element(xml, |name, element, step| match (name, step) {
        ("default-style" | "style", Step::Start) => {
            let family = attribute(element, "family").unwrap_or_default();
            let own = attribute(element, "name").filter(|_| name == "style");
            let parent =
                attribute(element, "parent-style-name").and_then(|parent| styles.get(&style_key(&family, &parent)));
            named = parent.copied().unwrap_or_else(|| Named {
                paint: styles
                    .get("")
                    .filter(|_| family == "paragraph")
                    .map_or_else(Paint::default, |named| named.paint),
                ..Named::default()
            });
            let display_name = attribute(element, "display-name");
            let shown = display_name.or_else(|| own.as_ref().map(|own| own.replace("_20_", " ")));
            let (role, _) = role_of(&shown.unwrap_or_default());
            if role != Role::Body {
                named.style.role = role;
            }
            id = own
                .map(|own| style_key(&family, &own))
                .or((name == "default-style" && family == "paragraph").then(String::new));
        }
        ("style" | "default-style", Step::End) => {
            if let Some(id) = id.take() {
                let paint = named.paint;
                let default = Named {
                    paint,
                    ..Named::default()
                };
                styles.insert(id.clone(), if id.is_empty() { default } else { named });
            }
        }
        ("text-properties", Step::Start) => text_properties(&mut named, element),
        ("page-layout-properties", Step::Start) => {
            if let Some(ground) = background(element).filter(|ground| *ground != Some(WHITE)) {
                // Nobody works out here which pages are laid out so.
                *page_ground = ground.and(None);
            }
        }
        (name, Step::Start) if name.ends_with("-properties") => block_properties(&mut named, name, element),
        ("image" | "custom-shape" | "rect" | "ellipse" | "path" | "polygon", Step::Start) => *page_ground = None,
        _ => {}
    })
}

/// Takes in what `OpenDocument` says of the letters of a style.
fn text_properties(named: &mut Named, element: &BytesStart<'_>) {
    if let Some(weight) = attribute(element, "font-weight") {
        named.style.bold = weight == "bold" || weight.parse::<u32>().is_ok_and(|weight| weight >= 600);
    }
    if let Some(posture) = attribute(element, "font-style") {
        named.style.italic = posture != "normal";
    }
    if let Some(size) = attribute(element, "font-size") {
        let of_parent = if named.style.size > 0.0 { named.style.size } else { LINE };
        named.style.size = relative(&size, of_parent).unwrap_or(named.style.size);
    }
    let paint = &mut named.paint;
    if let Some(display) = attribute(element, "display") {
        paint.hidden = Some(display == "none");
    }
    if let Some(scale) = percent(element, "text-scale") {
        paint.narrow = Some(is_too_narrow(scale));
    }
    // The height stands behind the place: "super 58%".
    let height = attribute(element, "text-position").and_then(|position| relative(position.split(' ').nth(1)?, 1.0));
    paint.narrow = height.map(is_too_narrow).or(paint.narrow);
    if let Some(colour) = attribute(element, "color") {
        paint.colour = Some(Ink::of(colour.strip_prefix('#').and_then(hex_colour)));
    }
    if attribute(element, "use-window-font-color").is_some_and(|own| own == "true") {
        paint.colour = Some(Ink::Automatic);
    } else if percent(element, "opacity").is_some_and(|share| share < CLEAR_MAX) {
        // Of the program's own colour LibreOffice says the same.
        paint.hidden = Some(true);
    }
    paint.ground = background(element).or(paint.ground);
}

/// The greatest opacity of text that nobody sees.
const CLEAR_MAX: f32 = 0.05;

/// Takes in what `OpenDocument` says of the paragraphs, rows, cells or boxes of a style.
fn block_properties(named: &mut Named, name: &str, element: &BytesStart<'_>) {
    let points = |name| attribute(element, name).and_then(|text| length(&text, 1.0));
    named.block_ground = match attribute(element, "fill").as_deref() {
        Some("solid") => {
            Some(attribute(element, "fill-color").and_then(|colour| hex_colour(colour.strip_prefix('#')?)))
        }
        Some("gradient" | "bitmap" | "hatch") => Some(None),
        _ => background(element).or(named.block_ground),
    };
    if name == "paragraph-properties" {
        let line = attribute(element, "line-height").and_then(|line| relative(&line, LINE));
        let indent = points("margin-left").unwrap_or_default();
        let first = indent + points("text-indent").unwrap_or_default();
        named.lost |= line.is_some_and(is_too_low)
            || [indent, first]
                .iter()
                .any(|indent| is_off_page(*indent, None, SIDE_MAX, false));
    }
    named.lost |= points("row-height").is_some_and(is_too_low);
}

/// Returns a length in points, or a share in percent of another one.
fn relative(text: &str, whole: f32) -> Option<f32> {
    match text.trim().strip_suffix('%') {
        Some(share) => length(share, whole / 100.0),
        None => length(text, 1.0),
    }
}

/// Returns the ground that an `OpenDocument` element names. `None` where it lets through what is below.
fn background(element: &BytesStart<'_>) -> Option<Ground> {
    let colour = attribute(element, "background-color").filter(|colour| colour != "transparent")?;
    Some(colour.strip_prefix('#').and_then(hex_colour))
}

/// A step of the walk over an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Start,
    End,
}

/// The way in which a format's elements build text. Returns whether the element's content is read; asked at its start only.
type Grammar = fn(&mut Walk, &str, &BytesStart<'_>, Step) -> Result<bool, Refusal>;

#[derive(Default)]
struct Run {
    style: Style,
    paint: Paint,
}

/// A table, row, cell, drawing or box that is open.
#[derive(Debug, Clone, Copy)]
struct Block {
    ground: Ground,
    /// Whether nothing in it is seen.
    lost: bool,
    /// The look of letters, by the style of the table.
    paint: Paint,
    /// The paragraph around it.
    paragraph: Named,
}

/// A field that is open.
struct Field {
    /// The place where it begins.
    place: Place,
    /// Whether its code goes on, which is not shown, and its result is still to come.
    in_code: bool,
}

/// The extensions of the format whose drawings are read. Others are passed over as a program that does not know them does.
const UNDERSTOOD: [&str; 17] = [
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingInk",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing",
    "http://schemas.microsoft.com/office/word/2010/wordml",
    "http://schemas.microsoft.com/office/word/2012/wordml",
    "http://schemas.microsoft.com/office/word/2015/wordml/symex",
    "http://schemas.microsoft.com/office/word/2016/wordml/cid",
    "http://schemas.microsoft.com/office/word/2018/wordml",
    "http://schemas.microsoft.com/office/word/2018/wordml/cex",
    "http://schemas.microsoft.com/office/drawing/2010/main",
    "http://schemas.microsoft.com/office/drawing/2014/main",
    "http://schemas.microsoft.com/office/drawing/2014/chartex",
    "http://schemas.microsoft.com/office/drawing/2016/ink",
    "http://schemas.microsoft.com/office/drawing/2017/model3d",
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
];

#[expect(clippy::struct_excessive_bools, reason = "each is a place that the walk is in")]
struct Walk {
    flow: Flow,
    styles: Styles,
    colours: Colours,
    page_ground: Ground,
    /// The width and the height of the pages.
    page: (f32, f32),
    /// The number of open elements whose character data is text of the document. At 0, character data is left out.
    in_text: usize,
    /// Whether a list item is open for the paragraph to come.
    bullet: bool,
    /// Whether the part at hand is a page header or footer.
    margin: bool,
    /// Whether the properties at hand are a paragraph's.
    in_paragraph_properties: bool,
    /// Whether the properties at hand are a run's.
    in_run_properties: bool,
    /// Whether the properties at hand are a shape's.
    in_shape_properties: bool,
    /// Whether the properties at hand fill the letters.
    in_text_fill: bool,
    /// The style of the paragraph at hand.
    paragraph: Named,
    /// The runs inside each other that are open.
    runs: Vec<Run>,
    /// The tables, rows, cells and drawings that are open.
    blocks: Vec<Block>,
    fields: Vec<Field>,
    /// The place of the drawing at hand across and down, and whether it is from the edge of the page.
    offsets: [(f32, bool); 2],
    /// The number of the offset that is being read.
    axis: usize,
    /// For each choice of drawings that is open, whether one was taken.
    choices: Vec<bool>,
    /// The prefixes that are bound, with the depth of the element that binds them and what they stand for.
    prefixes: Vec<(usize, String, String)>,
    /// The prefixes of elements that may be passed over, and the elements of them whose content may not.
    ignorable: HashSet<String>,
    processed: HashSet<String>,
}

impl Walk {
    fn new(limits: &Limits, styles: Styles) -> Self {
        Self {
            flow: Flow::new(limits.characters_max),
            styles,
            colours: Colours::new(),
            page_ground: Some(WHITE),
            page: PAGE,
            in_text: 0,
            bullet: false,
            margin: false,
            in_paragraph_properties: false,
            in_run_properties: false,
            in_shape_properties: false,
            in_text_fill: false,
            paragraph: Named::default(),
            runs: Vec::new(),
            blocks: Vec::new(),
            fields: Vec::new(),
            offsets: [(0.0, false); 2],
            axis: 0,
            choices: Vec::new(),
            prefixes: Vec::new(),
            ignorable: HashSet::new(),
            processed: HashSet::new(),
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

    /// Returns the block that is open, or what a page is without one.
    fn block(&self) -> Block {
        self.blocks.last().copied().unwrap_or(Block {
            ground: self.page_ground,
            lost: false,
            paint: Paint::default(),
            paragraph: Named::default(),
        })
    }

    /// Enters a block, which begins as the one around it.
    fn enter(&mut self) {
        let paragraph = self.paragraph;
        self.blocks.push(Block {
            paragraph,
            ..self.block()
        });
    }

    fn leave(&mut self) {
        if let Some(block) = self.blocks.pop() {
            self.paragraph = block.paragraph;
        }
    }

    /// Changes the block that is open.
    fn with_block(&mut self, change: impl FnOnce(&mut Block)) {
        if let Some(block) = self.blocks.last_mut() {
            change(block);
        }
    }

    /// Changes what the run at hand says of its letters.
    fn with_paint(&mut self, change: impl FnOnce(&mut Paint)) {
        if let Some(run) = self.runs.last_mut() {
            change(&mut run.paint);
        }
    }

    /// Enters a block of an `OpenDocument` style.
    fn enter_styled(&mut self, family: &str, element: &BytesStart<'_>) {
        self.enter();
        let named = attribute(element, "style-name").and_then(|id| self.styles.get(&style_key(family, &id)).copied());
        let named = named.unwrap_or_default();
        let is_shut = attribute(element, "visibility").is_some_and(|shown| shown != "visible")
            || attribute(element, "display").is_some_and(|display| display == "none");
        self.with_block(|block| {
            block.ground = named.block_ground.unwrap_or(block.ground);
            block.lost |= named.lost || is_shut;
        });
    }

    /// Sets the look of the text to come.
    fn dress(&mut self) {
        let run = self.runs.last();
        let mut style = run.map_or(self.paragraph.style, |run| run.style);
        style.role = match self.paragraph.style.role {
            _ if self.margin => Role::Margin,
            Role::Body if self.paragraph.item => Role::Item,
            role => role,
        };
        let block = self.block();
        let paint = block.paint.below(self.paragraph.paint);
        let paint = run.map_or(paint, |run| paint.below(run.paint));
        self.flow.dress(&Look {
            style,
            colour: paint.colour.and_then(Ink::plain),
            ground: paint.ground.or(self.paragraph.block_ground).unwrap_or(block.ground),
            hidden: paint.hidden.unwrap_or(false) || paint.narrow.unwrap_or(false) || self.paragraph.lost || block.lost,
        });
    }

    /// Reads from a part of a Word document how large its pages are, and what lies below their text.
    fn survey(&mut self, xml: &str, shows_background: bool) -> Result<(), Refusal> {
        let (mut page, mut in_line, mut in_shape) = (None, false, false);
        // Whether the drawing at hand is large enough for text to stand on it, and has a filling.
        let (mut is_large, mut is_filled) = (false, false);
        each_element(xml, |name, element, step| match (name, step) {
            ("pgSz", Step::Start) => {
                let (width, height) = page.unwrap_or((0.0_f32, 0.0_f32));
                let side = |name, least: f32| twips(element, name).unwrap_or_default().max(least);
                page = Some((side("w", width), side("h", height)));
            }
            ("background", Step::Start) if shows_background => {
                self.page_ground = colour_of(element, &self.colours, "color", "themeColor");
            }
            ("anchor", Step::Start) => (is_large, is_filled) = (false, false),
            ("extent", Step::Start) => {
                is_large = emus(element, "cx") >= GROUND_MIN.0 && emus(element, "cy") >= GROUND_MIN.1;
            }
            ("ln", step) => in_line = step == Step::Start,
            ("spPr" | "grpSpPr", step) => in_shape = step == Step::Start,
            ("srgbClr", Step::Start) if in_shape && !in_line => {
                is_filled |= attribute(element, "val").and_then(|digits| hex_colour(&digits)) != Some(WHITE);
            }
            ("schemeClr", Step::Start) if in_shape && !in_line => is_filled = true,
            ("fillRef", Step::Start) => is_filled |= attribute(element, "idx").is_some_and(|index| index != "0"),
            ("blip" | "gradFill" | "pattFill", Step::Start) => is_filled |= !in_line,
            ("anchor", Step::End) if is_large && is_filled => self.page_ground = None,
            ("shape" | "rect" | "roundrect" | "oval", Step::Start)
                if vml_ground(element).is_none_or(|ground| ground != WHITE) =>
            {
                let is_free = attribute(element, "style").is_some_and(|style| style.contains("position:absolute"));
                if is_free && attribute(element, "filled").is_none_or(|filled| !filled.starts_with('f')) {
                    self.page_ground = None;
                }
            }
            _ => {}
        })?;
        self.page = page
            .filter(|(width, height)| *width > 0.0 && *height > 0.0)
            .unwrap_or(self.page);
        Ok(())
    }

    /// Notes the prefixes that an element binds, and those that it lets programs pass over.
    fn note_prefixes(&mut self, element: &BytesStart<'_>, depth: usize) {
        for attribute in element.attributes().with_checks(false).filter_map(Result::ok) {
            let value = || attribute.value.split_whitespace().map(str::to_owned);
            if let Some(prefix) = attribute.key.as_ref().strip_prefix("xmlns:") {
                self.prefixes
                    .push((depth, prefix.to_owned(), attribute.value.to_string()));
            } else {
                match attribute.key.local_name().as_ref() {
                    "Ignorable" => self.ignorable.extend(value()),
                    "ProcessContent" => self.processed.extend(value()),
                    _ => {}
                }
            }
        }
    }

    /// Whether a prefix stands for an extension that is read.
    fn understands(&self, prefix: &str) -> bool {
        let bound = self.prefixes.iter().rev().find(|(_, bound, _)| bound == prefix);
        bound.is_some_and(|(_, _, name)| UNDERSTOOD.contains(&name.as_str()))
    }

    /// Whether an element is of an extension that is not read and may be passed over.
    fn passes_over(&self, element: &BytesStart<'_>) -> bool {
        let name = element.name();
        let Some((prefix, _)) = name.as_ref().split_once(':') else {
            return false;
        };
        self.ignorable.contains(prefix)
            && !self.understands(prefix)
            && !self.processed.contains(name.as_ref())
            && !self.processed.contains(&format!("{prefix}:*"))
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
                        self.note_prefixes(&element, open.len());
                        let name = local_name(&element);
                        if self.passes_over(&element) || !grammar(self, &name, &element, Step::Start)? {
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
                    let depth = open.len();
                    self.prefixes
                        .truncate(self.prefixes.partition_point(|(bound, _, _)| *bound < depth));
                    match skipping {
                        Some(skipped) if skipped == depth => skipping = None,
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
                Event::Text(text)
                    if skipping.is_none() && open.last().is_some_and(|last| local_name(last) == "posOffset") =>
                {
                    self.offsets[self.axis].0 = length(&text, EMU).unwrap_or_default();
                }
                Event::Eof if open.is_empty() => {
                    self.fields.clear();
                    return Ok(());
                }
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

/// The length of an EMU, the unit of drawings, in points.
const EMU: f32 = 1.0 / 12_700.0;

/// The least width and height of a drawing on which text can stand, in points.
const GROUND_MIN: (f32, f32) = (36.0, 10.0);

fn emus(element: &BytesStart<'_>, name: &str) -> f32 {
    attribute(element, name)
        .and_then(|text| length(&text, EMU))
        .unwrap_or_default()
}

/// Returns the colour that fills a shape of the older kind. It is white without a word of it.
fn vml_ground(element: &BytesStart<'_>) -> Ground {
    let Some(colour) = attribute(element, "fillcolor") else {
        return Some(WHITE);
    };
    let colour = colour.split_whitespace().next().unwrap_or_default();
    match colour.strip_prefix('#') {
        Some(digits) => hex_colour(digits),
        None if colour == "white" || colour == "window" => Some(WHITE),
        None if colour == "black" => Some([0; 3]),
        None => None,
    }
}

/// Reads what a Word document says of the way in which text is seen. Returns whether the element's content is read, or `None`
/// for other elements.
#[expect(clippy::too_many_lines, reason = "an arm for each element")]
fn word_looks(walk: &mut Walk, name: &str, element: &BytesStart<'_>, step: Step) -> Option<bool> {
    let value = |name: &str| attribute(element, name);
    match (name, step) {
        ("AlternateContent", Step::Start) => walk.choices.push(false),
        ("AlternateContent", Step::End) => {
            walk.choices.pop();
        }
        ("Choice", Step::Start) => {
            let asked = value("Requires").unwrap_or_default();
            let is_understood = asked.split_whitespace().all(|prefix| walk.understands(prefix));
            let taken = walk.choices.last_mut()?;
            return Some(is_understood && !std::mem::replace(taken, *taken || is_understood));
        }
        ("Fallback", Step::Start) => return Some(walk.choices.last() == Some(&false)),
        // The mark at the end of a paragraph has a look of its own.
        ("rPr", Step::Start) if walk.in_paragraph_properties => return Some(false),
        ("rPr", step) => walk.in_run_properties = step == Step::Start,
        ("textFill", step) => walk.in_text_fill = step == Step::Start,
        ("noFill", Step::Start) if walk.in_text_fill => walk.with_paint(|paint| paint.hidden = Some(true)),
        ("alpha", Step::Start) if walk.in_text_fill => {
            let transparency = value("val").and_then(|text| length(&text, 1.0 / 100_000.0));
            if transparency.is_some_and(|share| share > 1.0 - CLEAR_MAX) {
                walk.with_paint(|paint| paint.hidden = Some(true));
            }
        }
        ("srgbClr" | "schemeClr", Step::Start) if walk.in_text_fill || walk.in_shape_properties => {
            let named = value("val").unwrap_or_default();
            let colour = if name == "srgbClr" {
                hex_colour(&named)
            } else {
                theme_colour(&walk.colours, &named)
            };
            if walk.in_text_fill {
                walk.with_paint(|paint| paint.colour = Some(Ink::of(colour)));
            } else {
                walk.with_block(|block| block.ground = colour);
            }
        }
        // Nobody works out here what these make of a colour.
        ("lumMod" | "lumOff" | "tint" | "shade" | "alpha" | "gradFill" | "blipFill" | "pattFill" | "grpFill", _)
            if walk.in_shape_properties =>
        {
            walk.with_block(|block| block.ground = None);
        }
        ("lumMod" | "lumOff" | "tint" | "shade" | "gradFill", _) if walk.in_text_fill => {
            walk.with_paint(|paint| paint.colour = Some(Ink::Automatic));
        }
        ("spPr", step) => walk.in_shape_properties = step == Step::Start,
        ("ln", Step::Start) if walk.in_shape_properties => return Some(false),
        ("fillRef", Step::Start) if value("idx").is_some_and(|index| index != "0") => {
            walk.with_block(|block| block.ground = None);
        }
        // Shapes of a group lie over each other.
        ("wgp" | "wpc", Step::Start) => walk.with_block(|block| block.ground = None),
        ("positionH" | "positionV", Step::Start) => {
            walk.axis = usize::from(name == "positionV");
            walk.offsets[walk.axis] = (0.0, value("relativeFrom").as_deref() == Some("page"));
        }
        ("extent", Step::Start) => {
            let sides = [(emus(element, "cx"), walk.page.0), (emus(element, "cy"), walk.page.1)];
            let is_lost = sides
                .iter()
                .zip(walk.offsets)
                .any(|((length, side), (offset, from_edge))| {
                    is_too_low(*length) || is_off_page(offset, Some(*length), *side, from_edge)
                });
            walk.with_block(|block| block.lost |= is_lost);
        }
        ("docPr", Step::Start) if value("hidden").as_deref().is_some_and(is_on) => {
            walk.with_block(|block| block.lost = true);
        }
        ("tblStyle", Step::Start) => {
            let named = value("val")
                .and_then(|id| walk.styles.get(&id).copied())
                .unwrap_or_default();
            walk.with_block(|block| {
                block.ground = named.block_ground.unwrap_or(block.ground);
                block.paint = named.paint;
                block.lost |= named.lost;
            });
        }
        ("trHeight", Step::Start) => {
            let is_exact = value("hRule").as_deref() == Some("exact");
            let is_low = is_exact && twips(element, "val").is_some_and(is_too_low);
            walk.with_block(|block| block.lost |= is_low);
        }
        ("hidden", Step::Start) if is_set(element) => walk.with_block(|block| block.lost = true),
        ("spacing" | "ind" | "framePr", Step::Start) if walk.in_paragraph_properties => {
            walk.paragraph.lost |= is_lost(name, element, walk.page);
        }
        ("shd", Step::Start) if !walk.in_run_properties => {
            let ground = shading(element, &walk.colours);
            if walk.in_paragraph_properties {
                walk.paragraph.block_ground = ground.or(walk.paragraph.block_ground);
            } else {
                walk.with_block(|block| block.ground = ground.unwrap_or(block.ground));
            }
        }
        ("color" | "shd" | "highlight" | "vanish" | "w", Step::Start) if walk.in_run_properties => {
            if let Some(run) = walk.runs.last_mut() {
                run.paint.take(name, element, &walk.colours);
            }
        }
        ("shape" | "rect" | "roundrect" | "oval", Step::Start) => {
            walk.enter();
            let style = value("style").unwrap_or_default().replace(' ', "");
            let of = |name: &str| {
                let mut properties = style.split(';').filter_map(|property| property.split_once(':'));
                properties.find(|(found, _)| *found == name).map(|(_, value)| value)
            };
            let is_free = of("position") == Some("absolute");
            let beside = |name, side| {
                let offset = of(name).and_then(|offset| length(offset, 1.0)).filter(|_| is_free);
                offset.is_some_and(|offset| is_off_page(offset, None, side, false))
            };
            let is_lost = of("visibility") == Some("hidden")
                || of("display") == Some("none")
                || beside("margin-left", walk.page.0)
                || beside("margin-top", walk.page.1);
            let is_filled = value("filled").is_none_or(|filled| !filled.starts_with('f'));
            walk.with_block(|block| {
                block.lost |= is_lost;
                if is_filled {
                    block.ground = vml_ground(element);
                }
            });
        }
        ("fill", Step::Start) if value("type").is_some_and(|kind| kind != "solid") => {
            walk.with_block(|block| block.ground = None);
        }
        ("drawing" | "wsp" | "tbl", Step::Start) => walk.enter(),
        ("drawing" | "wsp" | "tbl" | "shape" | "rect" | "roundrect" | "oval", Step::End) => walk.leave(),
        ("fldChar", Step::Start) => field(walk, &value("fldCharType").unwrap_or_default()),
        _ => return None,
    }
    Some(true)
}

/// Begins a field, or ends its code or the whole of it. The code is taken out.
fn field(walk: &mut Walk, kind: &str) {
    let place = walk.flow.place();
    match kind {
        "begin" if walk.fields.len() < DEPTH_MAX => walk.fields.push(Field { place, in_code: true }),
        "separate" => {
            if let Some(field) = walk.fields.last_mut()
                && std::mem::take(&mut field.in_code)
            {
                walk.flow.erase_from(field.place);
            }
        }
        "end" => {
            if let Some(field) = walk.fields.pop().filter(|field| field.in_code) {
                walk.flow.erase_from(field.place);
            }
        }
        _ => {}
    }
}

fn word(walk: &mut Walk, name: &str, element: &BytesStart<'_>, step: Step) -> Result<bool, Refusal> {
    if let Some(is_read) = word_looks(walk, name, element, step) {
        return Ok(is_read);
    }
    match (name, step) {
        ("del" | "moveFrom" | "rPrChange" | "pPrChange", Step::Start) => return Ok(false),
        ("t", Step::Start) => {
            walk.dress();
            walk.in_text += 1;
        }
        ("t", Step::End) => walk.in_text = walk.in_text.saturating_sub(1),
        // Tab stops in a paragraph's properties have the same name as tabs in its text, but a position.
        ("tab" | "ptab", Step::Start) if attribute(element, "pos").is_none() => walk.flow.set_apart("\t")?,
        ("br" | "cr", Step::Start) => walk.flow.set_apart("\n")?,
        ("noBreakHyphen", Step::Start) => {
            walk.dress();
            walk.flow.push("-")?;
        }
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
            paint: Paint::default(),
        }),
        ("r", Step::End) => {
            walk.runs.pop();
        }
        ("rStyle", Step::Start) if !walk.in_paragraph_properties => {
            let named = attribute(element, "val").and_then(|id| walk.styles.get(&id));
            if let (Some(named), Some(run)) = (named, walk.runs.last_mut()) {
                run.style.bold |= named.style.bold;
                run.style.italic |= named.style.italic;
                run.paint = named.paint.below(run.paint);
                if is_too_low(named.style.size) {
                    run.style.size = named.style.size;
                }
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
        ("tr", Step::Start) => walk.enter(),
        ("txbxContent" | "tc", Step::Start) => {
            walk.enter();
            walk.flow.enter()?;
        }
        ("txbxContent", Step::End) => {
            walk.leave();
            walk.flow.leave_box();
        }
        ("tc", Step::End) => {
            walk.leave();
            walk.flow.leave_cell();
        }
        ("tr", Step::End) => {
            walk.leave();
            walk.flow.end_row();
        }
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
        ("h" | "p", Step::Start) => {
            walk.begin(&attribute(element, "style-name").unwrap_or_default());
            if name == "h" {
                let first = attribute(element, "outline-level").is_none_or(|level| level == "1");
                walk.paragraph.style.role = if first { Role::Heading } else { Role::Subheading };
                walk.flow.gap();
            }
            walk.paragraph.item = walk.bullet;
            walk.runs.push(Run {
                style: walk.paragraph.style,
                paint: walk.paragraph.paint,
            });
            walk.dress();
            if std::mem::take(&mut walk.bullet) {
                walk.flow.push("• ")?;
            }
            walk.in_text += 1;
        }
        ("span", Step::Start) => {
            let (mut style, mut paint) = walk.runs.last().map(|run| (run.style, run.paint)).unwrap_or_default();
            if let Some(named) = attribute(element, "style-name").and_then(|id| walk.styles.get(&id)) {
                style.size = if named.style.size > 0.0 {
                    named.style.size
                } else {
                    style.size
                };
                style.bold |= named.style.bold;
                style.italic |= named.style.italic;
                paint = paint.below(named.paint);
            }
            walk.runs.push(Run { style, paint });
            walk.dress();
        }
        ("span", Step::End) => {
            walk.runs.pop();
            walk.dress();
        }
        ("p" | "h", Step::End) => {
            walk.in_text = walk.in_text.saturating_sub(1);
            walk.runs.pop();
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
        ("tab", Step::Start) => walk.flow.set_apart("\t")?,
        ("line-break", Step::Start) => walk.flow.set_apart("\n")?,
        ("section" | "table" | "table-row" | "frame" | "custom-shape", Step::Start) => {
            let family = if matches!(name, "frame" | "custom-shape") {
                "graphic"
            } else {
                name
            };
            walk.enter_styled(family, element);
            if family == "graphic" {
                let points = |name| attribute(element, name).and_then(|text| length(&text, 1.0));
                let beside = |at, of| points(at).is_some_and(|at| is_off_page(at, points(of), SIDE_MAX, false));
                let is_low = ["width", "height"]
                    .iter()
                    .any(|side| points(side).is_some_and(is_too_low));
                let is_lost = is_low || beside("x", "width") || beside("y", "height");
                walk.with_block(|block| block.lost |= is_lost);
            }
        }
        ("section" | "table" | "frame" | "custom-shape", Step::End) => {
            walk.leave();
            walk.dress();
        }
        ("table-cell", Step::Start) => {
            walk.enter_styled(name, element);
            walk.flow.enter()?;
        }
        ("text-box", Step::Start) => walk.flow.enter()?,
        ("text-box", Step::End) => walk.flow.leave_box(),
        ("table-cell", Step::End) => {
            walk.leave();
            walk.flow.leave_cell();
        }
        ("table-row", Step::End) => {
            walk.leave();
            walk.flow.end_row();
        }
        _ => {}
    }
    Ok(true)
}

/// Ends a paragraph. An empty paragraph is an empty line.
fn end_paragraph(walk: &mut Walk) -> Result<(), Refusal> {
    walk.flow.set_apart("\n")
}
