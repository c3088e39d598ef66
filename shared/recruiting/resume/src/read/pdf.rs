//! Reads PDF: characters with their places from the pdfium library, reading order from [`super::layout`].
//!
//! What nobody sees on the page is not read: text off the page, too small or too narrow to read, and text without which the page
//! looks the same ([`super::drawing`]).
//! What is there without being drawn is read: answers in form fields, and the targets of links.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use pdfium_render::prelude::{
    PdfDocument, PdfFontWeight, PdfFormField, PdfMatrix, PdfPage, PdfPageAnnotationCommon, PdfPageObject,
    PdfPageObjectCommon, PdfPageObjectType, PdfPageObjectsCommon, PdfPageRenderRotation, PdfPageTextChar,
    PdfPageTextRenderMode, PdfRect, Pdfium, PdfiumError, PdfiumInternalError,
};

use super::{
    Limits,
    drawing::{Colour, Picture},
    layout::{self, Glyph},
    letters::{Area, Letter, NOWHERE, Origin, Role, SCALE_MIN, SIZE_MIN, Style},
    margins::{self, Laid},
};
use crate::refusal::Refusal;

/// The most characters on one page; a page of the smallest print has about 10,000.
const GLYPHS_MAX: usize = 60_000;
/// The most objects of a page that are looked at for pictures.
const SHAPES_MAX: usize = 2_000;
/// The most links of a document.
const LINKS_MAX: usize = 100;
/// The least letters of a text on all pages together, beside pictures. A file with fewer is a scan with a stamp on it.
const LETTERS_MIN: usize = 40;
/// The least weight of a font that counts as bold.
const BOLD_MIN: u32 = 600;
/// The share of a page that a scan covers.
const SCAN_SHARE: f32 = 0.6;

/// The SHA-256 of the pdfium library for each architecture. From `pypdfium2` 5.15.2; named as in [`std::env::consts::ARCH`].
pub const PDF_LIBRARIES: [(&str, &str); 2] = [
    (
        "x86_64",
        "c76dc0f7839644bfa7c3e3107a6068df714e339c861bb7d4519907b821d427f9",
    ),
    (
        "aarch64",
        "4378615ad9710397c96c112611be9018629bbfe38805d91a2663a534b99c28ca",
    ),
];

/// The pdfium library, which reads PDF files.
pub struct PdfLibrary {
    pdfium: Pdfium,
}

/// The error where the pdfium library cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[error("the PDF library {path} cannot be loaded")]
pub struct NoPdfLibrary {
    path: String,
    source: PdfiumError,
}

impl PdfLibrary {
    /// Loads the library, where there is a file and it is one.
    #[must_use]
    pub fn find(file: Option<&Path>) -> Option<Self> {
        file.and_then(|file| Self::open(file).ok())
    }

    /// Loads the library from its file. A process loads it once: a second call fails.
    ///
    /// # Errors
    /// [`NoPdfLibrary`] where there is none that fits, or one is loaded.
    pub fn open(file: &Path) -> Result<Self, NoPdfLibrary> {
        let bindings = Pdfium::bind_to_library(file).map_err(|source| NoPdfLibrary {
            path: file.display().to_string(),
            source,
        })?;
        Ok(Self {
            pdfium: Pdfium::new(bindings),
        })
    }
}

/// The text of a PDF file.
#[derive(Debug, Default)]
pub(super) struct PdfText {
    /// The text of each page.
    pub pages: Vec<Vec<Letter>>,
    /// The origins that the letters name.
    pub origins: Vec<Origin>,
    /// The targets of the links, each once.
    pub links: Vec<String>,
    /// Whether text was read that lies unseen over a picture: somebody's program recognised it there.
    pub recognised: bool,
}

pub(super) fn read(bytes: &[u8], limits: &Limits, library: &PdfLibrary) -> Result<PdfText, Refusal> {
    with_document(bytes, limits, library, |document| text_of(document, limits))
}

/// Opens a file of no more pages than the limits allow, and does something with it.
pub(super) fn with_document<T>(
    bytes: &[u8],
    limits: &Limits,
    library: &PdfLibrary,
    work: impl FnOnce(&PdfDocument<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    check_streams(bytes, limits)?;
    let unguarded = || work(&opened(bytes, limits, library)?);
    catch_unwind(AssertUnwindSafe(unguarded)).unwrap_or(Err(Refusal::Corrupt))
}

fn opened<'a>(bytes: &'a [u8], limits: &Limits, library: &'a PdfLibrary) -> Result<PdfDocument<'a>, Refusal> {
    // A document with an empty user password opens without one.
    let document = library
        .pdfium
        .load_pdf_from_byte_slice(bytes, None)
        .map_err(|error| match error {
            PdfiumError::PdfiumLibraryInternalError(
                PdfiumInternalError::PasswordError | PdfiumInternalError::SecurityError,
            ) => Refusal::Encrypted,
            _ => Refusal::Corrupt,
        })?;
    let count = u32::try_from(document.pages().len()).unwrap_or_default();
    if count == 0 {
        return Err(Refusal::Corrupt);
    }
    if count > limits.pages_max {
        return Err(Refusal::TooManyPages {
            pages: count,
            limit: limits.pages_max,
        });
    }
    Ok(document)
}

fn text_of(document: &PdfDocument<'_>, limits: &Limits) -> Result<PdfText, Refusal> {
    let (mut text, mut has_pictures, mut characters) = (PdfText::default(), false, 0);
    let (mut pages, mut broken) = (Vec::new(), 0);
    for index in document.pages().as_range() {
        let Ok(page) = document.pages().get(index) else {
            broken += 1;
            pages.push(Laid::default());
            continue;
        };
        let drawn = Drawn::of(&page);
        has_pictures |= drawn.has_pictures;
        let mut sheet = Sheet {
            number: index.unsigned_abs() + 1,
            drawn: &drawn,
            origins: &mut text.origins,
        };
        let glyphs = sheet.glyphs(&page);
        let answers = sheet.answers(document, &page);
        let picture = Picture::of(&page);
        let mut glyphs = match &picture {
            Some(picture) => picture.seen(glyphs, &text.origins, drawn.is_scan, &mut text.recognised),
            None => glyphs.into_iter().map(|(glyph, _)| glyph).collect(),
        };
        let is_shown = |glyph: &Glyph| {
            picture
                .as_ref()
                .is_none_or(|picture| picture.shows(glyph, &text.origins))
        };
        glyphs.extend(answers.into_iter().filter(is_shown));
        characters += glyphs.iter().filter(|glyph| !glyph.text.trim().is_empty()).count();
        if characters > limits.characters_max as usize {
            return Err(Refusal::TooLong {
                limit_characters: limits.characters_max,
            });
        }
        pages.push(Laid {
            glyphs,
            top: -f64::from(drawn.visible.top().value),
            bottom: -f64::from(drawn.visible.bottom().value),
        });
        for link in page.links().iter().take(LINKS_MAX) {
            let target = link.action().and_then(|action| action.as_uri_action()?.uri().ok());
            let area = link
                .rect()
                .ok()
                .map(|bounds| drawn.area(index.unsigned_abs() + 1, bounds));
            let lies = area.is_none_or(|area| picture.as_ref().is_none_or(|picture| picture.invites(&area)));
            if let Some(target) = target.filter(|_| lies).filter(|target| !text.links.contains(target))
                && text.links.len() < LINKS_MAX
            {
                text.links.push(target);
            }
        }
    }
    margins::drop_repeated(&mut pages);
    text.pages = pages.into_iter().map(|page| layout::text(page.glyphs)).collect();
    let all = || text.pages.iter().flatten().map(|letter| letter.0);
    let letters = all().filter(|c| c.is_alphanumeric()).count();
    let strange = all().filter(|c| is_nameless(*c)).count();
    match () {
        () if letters < LETTERS_MIN && has_pictures => Err(Refusal::NeedsOcr),
        // Glyphs without names: the page can be looked at, not read.
        () if strange * 2 > letters + strange => Err(Refusal::NeedsOcr),
        () if letters == 0 && broken > 0 => Err(Refusal::Corrupt),
        () if letters == 0 => Err(Refusal::Empty),
        () => Ok(text),
    }
}

/// Whether a character stands for a glyph of which nobody knows what it means.
fn is_nameless(c: char) -> bool {
    matches!(c, '\u{FFFD}' | '\u{E000}'..='\u{F8FF}') || (c.is_control() && !c.is_whitespace())
}

/// The part of a page that is shown, and whether it has pictures.
struct Drawn {
    /// The part of the page that is shown.
    visible: PdfRect,
    /// The quarter turns, clockwise, by which the page is shown.
    rotation: PdfPageRenderRotation,
    has_pictures: bool,
    /// Whether a picture covers the page, so that invisible text is what was read from it.
    is_scan: bool,
}

impl Drawn {
    fn of(page: &PdfPage<'_>) -> Self {
        let bounding = page.boundaries().bounding().map(|bounding| bounding.bounds);
        let visible = bounding.unwrap_or_else(|_| page.page_size());
        let mut drawn = Self {
            visible,
            rotation: page.rotation().unwrap_or(PdfPageRenderRotation::None),
            has_pictures: false,
            is_scan: false,
        };
        let page_area = visible.width().value * visible.height().value;
        for object in page.objects().iter().take(SHAPES_MAX) {
            drawn.has_pictures |= has_picture(&object, 0);
            if object.object_type() == PdfPageObjectType::Image
                && let Ok(bounds) = object.bounds()
            {
                drawn.is_scan |= bounds.width().value * bounds.height().value > SCAN_SHARE * page_area;
            }
        }
        drawn
    }

    /// Returns the place of bounds on the page as it is shown.
    fn area(&self, page: u32, bounds: PdfRect) -> Area {
        let shown = self.visible;
        let area = Area {
            page,
            left: bounds.left().value - shown.left().value,
            top: shown.top().value - bounds.top().value,
            right: bounds.right().value - shown.left().value,
            bottom: shown.top().value - bounds.bottom().value,
        };
        turned(area, self)
    }

    /// Whether a character may be seen: it is on the page, and of a size that can be read.
    fn may_show(&self, character: &PdfPageTextChar<'_>, bounds: &PdfRect, size: f64) -> bool {
        let (x, y) = (
            (bounds.left() + bounds.right()) / 2.0,
            (bounds.bottom() + bounds.top()) / 2.0,
        );
        let matrix = character.matrix().unwrap_or(PdfMatrix::IDENTITY);
        let side = |x: f32, y: f32| f64::from(x).hypot(f64::from(y));
        let (across, up) = (side(matrix.a(), matrix.b()), side(matrix.c(), matrix.d()));
        self.visible.contains(x, y) && size >= f64::from(SIZE_MIN) && across >= f64::from(SCALE_MIN) * up
    }
}

fn has_picture(object: &PdfPageObject<'_>, depth: usize) -> bool {
    let Some(form) = object.as_x_object_form_object().filter(|_| depth < 4) else {
        return object.object_type() == PdfPageObjectType::Image;
    };
    form.iter().take(SHAPES_MAX).any(|inner| has_picture(&inner, depth + 1))
}

/// A page that is being read.
struct Sheet<'a> {
    /// The number of the page, from 1.
    number: u32,
    drawn: &'a Drawn,
    origins: &'a mut Vec<Origin>,
}

impl Sheet<'_> {
    /// Returns the characters of a page that may be seen, each with its colour.
    fn glyphs(&mut self, page: &PdfPage<'_>) -> Vec<(Glyph, Colour)> {
        let Ok(text) = page.text() else { return Vec::new() };
        let characters = text.chars();
        let mut glyphs: Vec<(Glyph, Colour)> = Vec::new();
        let mut face = None;
        for character in characters.iter().take(GLYPHS_MAX) {
            let Some((glyph, bounds)) = glyph(&character, self.drawn) else {
                continue;
            };
            // A ligature comes as several characters in one place.
            if let Some((last, _)) = glyphs.last_mut()
                && is_ligature(last, &glyph)
            {
                last.text.push_str(&glyph.text);
                last.advance += glyph.advance;
                continue;
            }
            // A word is of one face, or near enough: asking for each letter's takes longer than all the rest.
            let begins = glyphs.last().is_none_or(|(before, _)| {
                before.text.ends_with(char::is_whitespace) || (before.y - glyph.y).abs() > 0.1
            });
            let (bold, italic) = match face {
                Some(face) if !begins => face,
                _ => *face.insert(face_of(&character)),
            };
            let origin = self.origin(bounds, glyph.size, (bold, italic));
            glyphs.push((Glyph { origin, ..glyph }, colour_of(&character)));
        }
        glyphs
    }

    fn origin(&mut self, bounds: PdfRect, size: f64, (bold, italic): (bool, bool)) -> u32 {
        self.origins.push(Origin {
            style: Style {
                // Half a point is told apart, what comes of scaling is not.
                size: (size as f32 * 2.0).round() / 2.0,
                bold,
                italic,
                role: Role::Body,
            },
            area: Some(self.drawn.area(self.number, bounds)),
        });
        self.origins.len() as u32 - 1
    }

    /// Returns the answers in the form fields of a page, each as one piece of text where its field stands.
    fn answers(&mut self, document: &PdfDocument<'_>, page: &PdfPage<'_>) -> Vec<Glyph> {
        if document.form().is_none() {
            return Vec::new();
        }
        let mut answers = Vec::new();
        for annotation in page.annotations().iter().take(GLYPHS_MAX) {
            let Some(value) = annotation.as_form_field().and_then(answer) else {
                continue;
            };
            let Ok(bounds) = annotation.bounds() else { continue };
            let (width, height) = (f64::from(bounds.width().value), f64::from(bounds.height().value));
            let lines: Vec<&str> = value.lines().filter(|line| !line.trim().is_empty()).collect();
            let leading = height / lines.len().max(1) as f64;
            let size = (leading * 0.6).clamp(6.0, 11.0);
            for (n, line) in (1..).zip(&lines) {
                let glyph = Glyph {
                    x: f64::from(bounds.left().value),
                    y: -(f64::from(bounds.top().value) - leading * f64::from(n) + 0.3 * leading),
                    direction: (1.0, 0.0),
                    advance: (line.chars().count() as f64 * 0.5 * size).min(width),
                    size,
                    text: (*line).to_owned(),
                    origin: self.origin(bounds, size, (false, false)),
                };
                answers.extend(glyph.is_sound().then_some(glyph));
            }
        }
        answers
    }
}

/// Returns the place of an area on its page as it is shown, which may be turned.
fn turned(area: Area, drawn: &Drawn) -> Area {
    let (width, height) = (drawn.visible.width().value, drawn.visible.height().value);
    let (left, top, right, bottom) = match drawn.rotation {
        PdfPageRenderRotation::None => return area,
        PdfPageRenderRotation::Degrees90 => (height - area.bottom, area.left, height - area.top, area.right),
        PdfPageRenderRotation::Degrees180 => (
            width - area.right,
            height - area.bottom,
            width - area.left,
            height - area.top,
        ),
        PdfPageRenderRotation::Degrees270 => (area.top, width - area.right, area.bottom, width - area.left),
    };
    Area {
        page: area.page,
        left,
        top,
        right,
        bottom,
    }
}

/// Whether a character is a further letter of the glyph before it.
fn is_ligature(last: &Glyph, next: &Glyph) -> bool {
    let same = |a: f64, b: f64| (a - b).abs() < 0.01;
    let count = last.text.chars().count();
    let letters = count < 4 && last.text.chars().chain(next.text.chars()).all(char::is_alphabetic);
    letters
        && same(last.x, next.x)
        && same(last.y, next.y)
        && same(last.advance / count as f64, next.advance)
        && last.advance > 0.0
}

/// Returns whether the font of a character is bold and whether it is italic, by its weight and its name.
fn face_of(character: &PdfPageTextChar<'_>) -> (bool, bool) {
    let name = character.font_name().to_ascii_lowercase();
    // LaTeX's families write it short: "CMBX10", "LMRoman10-Bold", "SFTI1095".
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let heavy = character
        .font_weight()
        .is_some_and(|weight| weight_of(weight) >= BOLD_MIN);
    let bold = heavy || says(&["bold", "black", "heavy", "cmbx", "sfbx", "cmb10", "ssbx"]);
    let italic = character.font_is_italic() || says(&["italic", "oblique", "cmti", "cmsl", "sfti", "sfsl", "ssi"]);
    (bold, italic)
}

const fn weight_of(weight: PdfFontWeight) -> u32 {
    match weight {
        PdfFontWeight::Weight100 => 100,
        PdfFontWeight::Weight200 => 200,
        PdfFontWeight::Weight300 => 300,
        PdfFontWeight::Weight400Normal => 400,
        PdfFontWeight::Weight500 => 500,
        PdfFontWeight::Weight600 => 600,
        PdfFontWeight::Weight700Bold => 700,
        PdfFontWeight::Weight800 => 800,
        PdfFontWeight::Weight900 => 900,
        PdfFontWeight::Custom(weight) => weight,
    }
}

fn glyph(character: &PdfPageTextChar<'_>, drawn: &Drawn) -> Option<(Glyph, PdfRect)> {
    // The library makes up blanks where it sees a gap, and ends of lines. The layout finds the lines itself.
    if character.is_generated().unwrap_or(false) && character.unicode_value() != u32::from(' ') {
        return None;
    }
    let text = match character.unicode_value() {
        // The library's mark for the hyphen of a line's end, and a hyphen that is drawn: both are seen.
        0x2 | 0xAD => '-'.to_string(),
        value => char::from_u32(value)?.to_string(),
    };
    let (bounds, (x, y)) = (character.loose_bounds().ok()?, character.origin().ok()?);
    let is_blank = text.chars().all(char::is_whitespace);
    let matrix = character.matrix().unwrap_or(PdfMatrix::IDENTITY);
    let (a, b) = (f64::from(matrix.a()), f64::from(matrix.b()));
    let upright = a.abs() >= b.abs();
    let advance = if upright { bounds.width() } else { bounds.height() };
    let scale = f64::from(matrix.c()).hypot(f64::from(matrix.d()));
    let height = if upright { bounds.height() } else { bounds.width() };
    let size = f64::from(character.unscaled_font_size().value) * scale;
    let glyph = Glyph {
        x: f64::from(x.value),
        y: -f64::from(y.value),
        direction: (a, -b),
        advance: f64::from(advance.value),
        size: if size > 0.1 { size } else { f64::from(height.value) },
        text,
        origin: NOWHERE,
    };
    let may_show = is_blank || drawn.may_show(character, &bounds, glyph.size);
    (may_show && glyph.is_sound()).then_some((glyph, bounds))
}

/// Returns the colour that a character is drawn in.
fn colour_of(character: &PdfPageTextChar<'_>) -> Colour {
    let mode = character
        .render_mode()
        .unwrap_or(PdfPageTextRenderMode::FilledUnstroked);
    let colour = match mode {
        PdfPageTextRenderMode::Invisible | PdfPageTextRenderMode::InvisibleClipping => return Colour::Undrawn,
        PdfPageTextRenderMode::StrokedUnfilled | PdfPageTextRenderMode::StrokedUnfilledClipping => {
            character.stroke_color()
        }
        _ => character.fill_color(),
    };
    colour.map_or(Colour::Unknown, |colour| {
        Colour::Plain([colour.blue(), colour.green(), colour.red()])
    })
}

fn answer(field: &PdfFormField<'_>) -> Option<String> {
    let value = match field {
        PdfFormField::Text(field) if !field.is_password() => field.value(),
        PdfFormField::ComboBox(field) => field.value(),
        PdfFormField::ListBox(field) => field.value(),
        _ => None,
    };
    value.filter(|value| !value.trim().is_empty())
}

/// Inflates every stream that could be one without keeping what comes out. It refuses bombs before the library, which knows no
/// bound, unpacks them.
fn check_streams(bytes: &[u8], limits: &Limits) -> Result<(), Refusal> {
    const KEYWORD: &[u8] = b"stream";
    let mut sink = vec![0_u8; 64 * 1024];
    let mut unpacked = 0_u64;
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(KEYWORD.len()).position(|window| window == KEYWORD) {
        at += found + KEYWORD.len();
        let blanks = bytes[at..]
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\0' | 0x0c))
            .count();
        let after = &bytes[at + blanks..];
        let after = after.strip_prefix(b"\r").unwrap_or(after);
        let content = after.strip_prefix(b"\n").unwrap_or(after);
        // The two bytes that a zlib stream begins with, RFC 1950.
        let head = content
            .first()
            .zip(content.get(1))
            .map(|(a, b)| (*a, u16::from_be_bytes([*a, *b])));
        if head.is_none_or(|(method, check)| method & 0x0f != 8 || check % 31 != 0) {
            continue;
        }
        let mut inflater = flate2::Decompress::new(true);
        loop {
            let consumed = inflater.total_in() as usize;
            let produced = inflater.total_out();
            let status = inflater.decompress(&content[consumed..], &mut sink, flate2::FlushDecompress::None);
            unpacked += inflater.total_out() - produced;
            if unpacked > limits.unpacked_bytes_max {
                return Err(Refusal::ZipBomb);
            }
            let moved = inflater.total_out() > produced || inflater.total_in() as usize > consumed;
            if !matches!(status, Ok(flate2::Status::Ok)) || !moved {
                break;
            }
        }
        at = (bytes.len() - content.len()) + inflater.total_in() as usize;
    }
    Ok(())
}
