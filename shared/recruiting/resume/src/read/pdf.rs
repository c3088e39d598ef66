//! Reads PDF: glyphs with their places from `pdf-extract`, reading order from [`super::layout`].
//!
//! The extractor stops with a panic at what it does not know. So it is handed the text operators of a page and nothing else,
//! in the forms it understands, and is run under `catch_unwind`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{
    Dictionary, Document, MediaBox, Object, ObjectId, OutputDev, OutputError, Stream, Transform,
    content::{Content, Operation},
    dictionary, output_doc_page,
};

use super::{
    Limits,
    layout::{self, Glyph},
};
use crate::refusal::Refusal;

/// The greatest depth of forms inside forms.
const FORM_DEPTH_MAX: usize = 8;
/// The most operations of one page with all the forms it draws.
const OPERATIONS_MAX: usize = 300_000;
/// The most glyphs on one page; a page of the smallest print has about 10,000.
const GLYPHS_MAX: usize = 60_000;
/// The least letters of a text on all pages together, beside pictures. A file with fewer is a scan with a stamp on it.
const LETTERS_MIN: usize = 40;

/// Returns the text of each page.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Vec<String>, Refusal> {
    check_streams(bytes, limits)?;
    catch_unwind(AssertUnwindSafe(|| read_unguarded(bytes, limits))).unwrap_or(Err(Refusal::Corrupt))
}

fn read_unguarded(bytes: &[u8], limits: &Limits) -> Result<Vec<String>, Refusal> {
    let mut document = Document::load_mem(bytes).map_err(|error| match error {
        pdf_extract::Error::Decryption(_) | pdf_extract::Error::InvalidPassword => Refusal::Encrypted,
        _ => Refusal::Corrupt,
    })?;
    // A document with an empty user password has been opened by now.
    if document.is_encrypted() {
        return Err(Refusal::Encrypted);
    }
    let pages: Vec<ObjectId> = document.page_iter().take(limits.pages_max as usize + 1).collect();
    if pages.is_empty() {
        return Err(Refusal::Corrupt);
    }
    if pages.len() > limits.pages_max as usize {
        let declared = document.page_iter().count();
        return Err(Refusal::TooManyPages {
            pages: declared as u32,
            limit: limits.pages_max,
        });
    }
    let mut has_pictures = false;
    let mut texts = Vec::with_capacity(pages.len());
    let mut characters = 0;
    let mut broken = 0;
    for (number, page) in (1..).zip(pages) {
        let content = document.get_page_content(page).unwrap_or_default();
        has_pictures |= simplify_page(&mut document, page, &content);
        let mut glyphs = Glyphs::default();
        let drawn = catch_unwind(AssertUnwindSafe(|| output_doc_page(&document, &mut glyphs, number)));
        let text = if matches!(drawn, Ok(Ok(()))) {
            layout::text(glyphs.list)
        } else {
            // What the one extractor cannot draw, the other may still spell, if without places.
            broken += 1;
            catch_unwind(AssertUnwindSafe(|| document.extract_text(&[number]).ok()))
                .ok()
                .flatten()
                .unwrap_or_default()
        };
        characters += text.chars().count();
        if characters > limits.characters_max as usize {
            return Err(Refusal::TooLong {
                limit_characters: limits.characters_max,
            });
        }
        texts.push(text);
    }
    let letters: usize = texts
        .iter()
        .map(|text| text.chars().filter(|c| c.is_alphanumeric()).count())
        .sum();
    let strange = texts
        .iter()
        .flat_map(|text| text.chars())
        .filter(|c| is_nameless(*c))
        .count();
    match () {
        () if letters < LETTERS_MIN && has_pictures => Err(Refusal::NeedsOcr),
        // Glyphs without names: the page can be looked at, not read.
        () if strange * 2 > letters + strange => Err(Refusal::NeedsOcr),
        () if letters == 0 && broken > 0 => Err(Refusal::Corrupt),
        () if letters == 0 => Err(Refusal::Empty),
        () => Ok(texts),
    }
}

/// Whether a character stands for a glyph of which nobody knows what it means.
fn is_nameless(c: char) -> bool {
    matches!(c, '\u{FFFD}' | '\u{E000}'..='\u{F8FF}') || (c.is_control() && !c.is_whitespace())
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
        let after = bytes[at..].strip_prefix(b"\r").unwrap_or(&bytes[at..]);
        let content = after.strip_prefix(b"\n").unwrap_or(after);
        // The first byte of a zlib stream with the usual window.
        if !matches!(content.first(), Some(0x78 | 0x68 | 0x58 | 0x48)) {
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

/// Replaces a page's content by its text operators. Returns whether the page shows pictures.
fn simplify_page(document: &mut Document, page: ObjectId, content: &[u8]) -> bool {
    let resources = page_resources(document, page);
    let mut writer = TextWriter::new(document);
    writer.write(content, &resources, 0);
    let TextWriter {
        operations,
        fonts,
        pictures,
        ..
    } = writer;
    let encoded = Content { operations }.encode().unwrap_or_default();
    let stream = document.add_object(Stream::new(Dictionary::new(), encoded).with_compression(false));
    let media_box: Vec<Object> = vec![0.into(), 0.into(), 612.into(), 792.into()];
    if let Ok(page) = document.get_object_mut(page).and_then(Object::as_dict_mut) {
        page.set("Contents", Object::Reference(stream));
        page.set("Resources", dictionary! { "Font" => fonts });
        // Places are compared with each other only, so any box will do; a missing one is a panic.
        page.set("MediaBox", media_box);
        page.remove(b"ArtBox");
    }
    pictures
}

/// Returns the resources of a page, its own or inherited.
fn page_resources(document: &Document, page: ObjectId) -> Dictionary {
    let mut node = document.get_dictionary(page).ok();
    for _ in 0..32 {
        let Some(dictionary) = node else { break };
        if let Ok(resources) = dictionary.get_deref(b"Resources", document).and_then(Object::as_dict) {
            return resources.clone();
        }
        node = dictionary.get_deref(b"Parent", document).and_then(Object::as_dict).ok();
    }
    Dictionary::new()
}

/// Writes a page and the forms it draws as one list of text operators.
struct TextWriter<'a> {
    document: &'a Document,
    operations: Vec<Operation>,
    /// The fonts that are used, each under a name of its own: forms have names of their own for theirs.
    fonts: Dictionary,
    scopes: usize,
    pictures: bool,
}

const NO_FONT: &str = "none";

impl<'a> TextWriter<'a> {
    fn new(document: &'a Document) -> Self {
        let fonts = dictionary! {
            NO_FONT => dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" },
        };
        // Text before any font is a panic.
        let operations = vec![Operation::new("Tf", vec![NO_FONT.into(), 10.into()])];
        Self {
            document,
            operations,
            fonts,
            scopes: 0,
            pictures: false,
        }
    }

    fn push(&mut self, operator: &str, operands: Vec<Object>) {
        self.operations.push(Operation::new(operator, operands));
    }

    fn write(&mut self, content: &[u8], resources: &Dictionary, depth: usize) {
        self.scopes += 1;
        let scope = self.scopes;
        let Ok(content) = Content::decode(content) else { return };
        for operation in content.operations {
            if self.operations.len() >= OPERATIONS_MAX {
                return;
            }
            let Operation { operator, operands } = operation;
            match (operator.as_str(), operands.as_slice()) {
                ("BT" | "ET" | "T*" | "q" | "Q", _) => self.push(&operator, Vec::new()),
                ("Tc" | "Tw" | "Tz" | "TL" | "Ts", [n]) if is_number(n) => self.push(&operator, operands),
                ("Td" | "TD", [x, y]) if is_number(x) && is_number(y) => self.push(&operator, operands),
                ("Tm" | "cm", numbers) if numbers.len() == 6 && numbers.iter().all(is_number) => {
                    self.push(&operator, operands);
                }
                ("Tj", [Object::String(..)]) | ("TJ", [Object::Array(_)]) => self.push(&operator, operands),
                ("'", [text @ Object::String(..)]) => {
                    self.push("T*", Vec::new());
                    self.push("Tj", vec![text.clone()]);
                }
                ("\"", [word, character, text @ Object::String(..)]) if is_number(word) && is_number(character) => {
                    self.push("Tw", vec![word.clone()]);
                    self.push("Tc", vec![character.clone()]);
                    self.push("T*", Vec::new());
                    self.push("Tj", vec![text.clone()]);
                }
                ("Tf", [Object::Name(name), size]) if is_number(size) => {
                    let name = self.font(scope, name, resources);
                    self.push("Tf", vec![Object::Name(name), size.clone()]);
                }
                ("Do", [Object::Name(name)]) => self.draw(name, resources, depth),
                ("BI", _) => self.pictures = true,
                _ => {}
            }
        }
    }

    /// Returns the name under which a scope's font goes in the page.
    fn font(&mut self, scope: usize, name: &[u8], resources: &Dictionary) -> Vec<u8> {
        let known = [format!("s{scope}-").as_bytes(), name].concat();
        if !self.fonts.has(&known) {
            let fonts = resources.get_deref(b"Font", self.document).and_then(Object::as_dict);
            let font = fonts
                .and_then(|fonts| fonts.get_deref(name, self.document))
                .and_then(Object::as_dict);
            let Ok(font) = font else { return NO_FONT.into() };
            let mut font = font.clone();
            // The extractor unpacks TrueType programs, most of the bytes of a document, and makes nothing of them.
            let descriptor = font
                .get_deref(b"FontDescriptor", self.document)
                .and_then(Object::as_dict);
            if let Ok(descriptor) = descriptor {
                let mut descriptor = descriptor.clone();
                descriptor.remove(b"FontFile2");
                font.set("FontDescriptor", descriptor);
            }
            self.fonts.set(known.clone(), font);
        }
        known
    }

    /// Draws a form as if its operators stood here. Takes note of a picture.
    fn draw(&mut self, name: &[u8], resources: &Dictionary, depth: usize) {
        let objects = resources.get_deref(b"XObject", self.document).and_then(Object::as_dict);
        let object = objects
            .and_then(|objects| objects.get_deref(name, self.document))
            .and_then(Object::as_stream);
        let Ok(stream) = object else { return };
        match stream.dict.get(b"Subtype").and_then(Object::as_name) {
            Ok(b"Image") => self.pictures = true,
            Ok(b"Form") if depth < FORM_DEPTH_MAX => {
                let own = stream
                    .dict
                    .get_deref(b"Resources", self.document)
                    .and_then(Object::as_dict);
                let content = stream.get_plain_content().unwrap_or_default();
                self.push("q", Vec::new());
                let matrix = stream
                    .dict
                    .get_deref(b"Matrix", self.document)
                    .and_then(Object::as_array);
                if let Ok(matrix) = matrix
                    && matrix.len() == 6
                    && matrix.iter().all(is_number)
                {
                    self.push("cm", matrix.clone());
                }
                self.write(&content, own.unwrap_or(resources), depth + 1);
                self.push("Q", Vec::new());
            }
            _ => {}
        }
    }
}

fn is_number(object: &Object) -> bool {
    object.as_float().is_ok_and(f32::is_finite)
}

/// Collects the glyphs of a page.
#[derive(Default)]
struct Glyphs {
    list: Vec<Glyph>,
}

impl OutputDev for Glyphs {
    fn begin_page(&mut self, _: u32, _: &MediaBox, _: Option<(f64, f64, f64, f64)>) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        place: &Transform,
        width: f64,
        _: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        let glyph = Glyph {
            x: place.m31,
            y: -place.m32,
            direction: (place.m11, -place.m12),
            advance: place.m11.hypot(place.m12) * font_size.abs() * width,
            size: place.m21.hypot(place.m22) * font_size.abs(),
            text: text.to_owned(),
        };
        if glyph.is_sound() && self.list.len() < GLYPHS_MAX {
            self.list.push(glyph);
        }
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}
