//! Tells which words of a PDF page somebody sees, by drawing the page with its text and without it.
//!
//! Text can be hidden in more ways than anybody lists: under a shape, behind a clip, in a layer that is off, in the colour of a
//! picture. What makes no difference to the picture of the page is not seen, whatever the reason.

use std::collections::HashMap;

use pdfium_render::prelude::{PdfBitmapFormat, PdfPage, PdfPageObject, PdfPageObjectsCommon, PdfRenderConfig};

use super::{
    layout::Glyph,
    letters::{Area, Origin},
};

/// The pixels of a point, along a side.
const SCALE: f32 = 1.5;
/// The most pixels along a side of a page. A larger page is drawn smaller.
const SIDE_MAX: f32 = 2_400.0;
/// The least difference of a pixel that somebody notices, summed over red, green and blue of 255 each.
const NOTICED: u16 = 60;
/// The share of a word's letters that must be noticed.
const NOTICED_SHARE: f32 = 0.5;
/// The least side of a link that one can click on, in points.
const LINK_MIN: f32 = 4.0;
/// The deepest nesting of forms whose text is taken out.
const DEPTH_MAX: usize = 8;

fn is_blank(glyph: &Glyph) -> bool {
    glyph.text.chars().all(char::is_whitespace)
}

/// The colour of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    /// Blue, green and red.
    Plain([u8; 3]),
    /// A pattern, or what the library cannot tell.
    Unknown,
    /// No colour: the character is there and not drawn.
    Undrawn,
}

/// The places of the characters that are seen.
#[derive(Default)]
struct Places(HashMap<(i32, i32), Vec<Area>>);

impl Places {
    /// The side of a square in which places are kept together, in points.
    const SQUARE: f32 = 24.0;

    fn squares(area: &Area) -> impl Iterator<Item = (i32, i32)> + use<> {
        let at = |points: f32| (points / Self::SQUARE).clamp(-1e4, 1e4) as i32;
        let (left, right, top, bottom) = (at(area.left), at(area.right), at(area.top), at(area.bottom));
        (left..=right.min(left + 50)).flat_map(move |x| (top..=bottom.min(top + 50)).map(move |y| (x, y)))
    }

    fn add(&mut self, area: Area) {
        for square in Self::squares(&area) {
            self.0.entry(square).or_default().push(area);
        }
    }

    /// Whether an area lies in part under another. Lines that stand close do not count.
    fn touches(&self, area: &Area) -> bool {
        let shared = |other: &Area| {
            let across = area.right.min(other.right) - area.left.max(other.left);
            let down = area.bottom.min(other.bottom) - area.top.max(other.top);
            across > 0.2 * (area.right - area.left) && down > 0.4 * (area.bottom - area.top)
        };
        Self::squares(area).any(|square| self.0.get(&square).is_some_and(|others| others.iter().any(shared)))
    }
}

/// A page as it is drawn, with its text and without it.
pub(super) struct Picture {
    with_text: Vec<u8>,
    without_text: Vec<u8>,
    width: usize,
    height: usize,
    scale: f32,
}

/// The bytes of a pixel.
const PIXEL: usize = 4;

impl Picture {
    /// Draws a page, whose text is taken out by that; `None` where it cannot be drawn.
    pub fn of(page: &PdfPage<'_>) -> Option<Self> {
        let (width, height) = (page.width().value, page.height().value);
        let scale = SCALE.min(SIDE_MAX / width.max(height).max(1.0));
        let side = |points: f32| ((points * scale).ceil() as i32).max(1);
        let config = PdfRenderConfig::new()
            .set_target_size(side(width), side(height))
            .set_format(PdfBitmapFormat::BGRx)
            .limit_render_image_cache_size(true);
        let draw = || page.render_with_config(&config).ok();
        let first = draw()?;
        let (across, down) = (first.width(), first.height());
        let with_text = first.as_raw_bytes();
        for object in page.objects().iter() {
            take_out(object, 0);
        }
        let without_text = draw()?.as_raw_bytes();
        let picture = Self {
            with_text,
            without_text,
            width: usize::try_from(across).ok()?,
            height: usize::try_from(down).ok()?,
            scale: across as f32 / width.max(1.0),
        };
        let bytes = picture.width * picture.height * PIXEL;
        (picture.with_text.len() == bytes && picture.without_text.len() == bytes).then_some(picture)
    }

    /// Returns the characters of a page that somebody sees, of those that may be.
    ///
    /// Over a scan, what a program recognised is not drawn. It counts where the picture under it has something to read, and is noted.
    pub fn seen(
        &self,
        glyphs: Vec<(Glyph, Colour)>,
        origins: &[Origin],
        is_scan: bool,
        recognised: &mut bool,
    ) -> Vec<Glyph> {
        let area = |glyph: &Glyph| origins.get(glyph.origin as usize)?.area;
        let words: Vec<&[(Glyph, Colour)]> = glyphs
            .chunk_by(|(a, _), (b, _)| !is_blank(a) && !is_blank(b) && (a.y - b.y).abs() < 0.5 * a.size)
            .collect();
        let mut places = Places::default();
        let mut seen = vec![true; glyphs.len()];
        let mut end = glyphs.len();
        // From the last that is drawn, which lies on top.
        for word in words.iter().rev() {
            let begin = end - word.len();
            if !is_blank(&word[0].0) {
                let undrawn = word.iter().all(|(_, colour)| *colour == Colour::Undrawn);
                let crowded = word
                    .iter()
                    .filter_map(|(glyph, _)| area(glyph))
                    .any(|area| places.touches(&area));
                let noticed = word.iter().filter(|(glyph, colour)| {
                    area(glyph).is_none_or(|area| match colour {
                        Colour::Undrawn => is_scan && self.has_something(&area),
                        Colour::Plain(colour) if crowded => self.differs(&area, Some(colour)),
                        Colour::Plain(_) | Colour::Unknown => self.differs(&area, None),
                    })
                });
                let is_seen = noticed.count() as f32 >= NOTICED_SHARE * word.len() as f32;
                *recognised |= is_seen && undrawn;
                seen[begin..end].fill(is_seen);
                if is_seen {
                    word.iter()
                        .filter_map(|(glyph, _)| area(glyph))
                        .for_each(|area| places.add(area));
                }
            }
            end = begin;
        }
        drop(words);
        let kept = glyphs.into_iter().zip(seen).filter(|(_, seen)| *seen);
        kept.map(|((glyph, _), _)| glyph).collect()
    }

    /// Whether the answer in a form's field is drawn where the field lies.
    pub fn shows(&self, answer: &Glyph, origins: &[Origin]) -> bool {
        let area = origins.get(answer.origin as usize).and_then(|origin| origin.area);
        area.is_none_or(|area| self.has_something(&area))
    }

    /// Whether a link lies over something that one sees and may click on.
    pub fn invites(&self, area: &Area) -> bool {
        let large = area.right - area.left >= LINK_MIN && area.bottom - area.top >= LINK_MIN;
        large && (self.has_something(area) || self.differs(area, None))
    }

    /// Whether the text in an area changes what one sees there; with a colour, towards that colour.
    fn differs(&self, area: &Area, colour: Option<&[u8; 3]>) -> bool {
        self.rows(area).any(|row| {
            let pixels = self.with_text[row.clone()].chunks_exact(PIXEL);
            let others = self.without_text[row].chunks_exact(PIXEL);
            pixels.zip(others).any(|(with, without)| {
                let towards = colour.is_none_or(|colour| difference(with, colour) < difference(without, colour));
                towards && difference(with, without) >= NOTICED
            })
        })
    }

    /// Whether anything stands out from its ground in an area of the page without its text.
    fn has_something(&self, area: &Area) -> bool {
        let pixels = || {
            self.rows(area)
                .flat_map(|row| self.without_text[row].chunks_exact(PIXEL))
        };
        let Some(first) = pixels().next() else { return false };
        pixels().any(|pixel| difference(pixel, first) >= NOTICED)
    }

    /// Returns the bytes of each row of pixels in an area.
    fn rows(&self, area: &Area) -> impl Iterator<Item = std::ops::Range<usize>> {
        let at = |points: f32, most: usize| ((points * self.scale).max(0.0) as usize).min(most);
        let (left, right) = (at(area.left, self.width), at(area.right + 1.0 / self.scale, self.width));
        let (top, bottom) = (
            at(area.top, self.height),
            at(area.bottom + 1.0 / self.scale, self.height),
        );
        let width = self.width;
        (top..bottom).map(move |row| (row * width + left) * PIXEL..(row * width + right.max(left)) * PIXEL)
    }
}

fn difference(a: &[u8], b: &[u8]) -> u16 {
    a.iter().zip(b).take(3).map(|(a, b)| u16::from(a.abs_diff(*b))).sum()
}

/// Takes the text out of an object. It stays out for as long as the page is open.
fn take_out(mut object: PdfPageObject<'_>, depth: usize) {
    if object.as_text_object().is_some() {
        let _ = object.set_inactive();
    } else if let Some(form) = object.as_x_object_form_object().filter(|_| depth < DEPTH_MAX) {
        for inner in form.iter() {
            take_out(inner, depth + 1);
        }
    }
}
