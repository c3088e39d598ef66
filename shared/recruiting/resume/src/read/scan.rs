//! Makes pictures of pages for a program that recognises text, and a document of the words it found.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader, imageops::FilterType};
use pdfium_render::prelude::{PdfDocument, PdfRenderConfig};

use super::{
    Document, Hint, Limits, MediaType, PdfLibrary,
    detect::{self, Format},
    finish,
    layout::{self, Glyph},
    letters::{Area, NOWHERE, Origin, Role, Style},
    pdf,
};
use crate::refusal::Refusal;

/// The most pages of a scan. Recognition takes a second a page or more, and is paid by the page.
const PAGES_MAX: u32 = 10;
/// The most pixels along the longer side of a page, about 280 to the inch of A4.
const SIDE_MAX: u32 = 3_300;
/// The most pixels along a side of a picture that is decoded.
const DECODED_SIDE_MAX: u32 = 20_000;
/// The most memory for a picture that is decoded.
const DECODED_BYTES_MAX: u64 = 256 << 20;
/// The height of a page of A4 in points, which a picture is taken for.
const PAGE_HEIGHT: f32 = 842.0;
/// The most words of a page; one of the smallest print has about 2,000.
const WORDS_MAX: usize = 10_000;
/// The least mean confidence of a page's words. Below it the picture is no text that can be read.
const CONFIDENCE_MIN: f32 = 0.5;
/// The share of a line's height that lies under its baseline.
const DESCENT: f32 = 0.22;

/// The picture of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct PageImage {
    /// The picture as PNG, in shades of grey.
    pub png: Vec<u8>,
    /// The width of the page in points.
    pub width: f32,
    /// The height of the page in points.
    pub height: f32,
}

/// A page with the words that were recognised on its picture.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ScannedPage {
    /// The width of the page in points.
    pub width: f32,
    /// The height of the page in points.
    pub height: f32,
    /// The words, line by line.
    pub words: Vec<ScannedWord>,
}

/// A word that was recognised. Its place is in shares of the page, from 0 at the upper left corner to 1.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ScannedWord {
    /// The word.
    pub text: String,
    /// The number of its line; words of one line follow each other.
    pub line: u32,
    /// The left edge.
    pub left: f32,
    /// The upper edge.
    pub top: f32,
    /// The right edge.
    pub right: f32,
    /// The lower edge.
    pub bottom: f32,
    /// The confidence of the recognition, from 0 to 1.
    pub confidence: f32,
}

/// Makes pictures of the pages of a PDF file, or of the picture that a PNG or JPEG file is.
///
/// # Errors
/// A [`Refusal`]: the file is damaged, has too many pages, or is of a format that has no pictures.
pub fn page_images(
    bytes: &[u8],
    limits: &Limits,
    pdf: Option<&PdfLibrary>,
) -> Result<(MediaType, Vec<PageImage>), Refusal> {
    if bytes.len() as u64 > limits.bytes_max {
        return Err(Refusal::TooLarge {
            limit_bytes: limits.bytes_max,
        });
    }
    let format = image::guess_format(bytes).ok();
    let media_type = match format {
        Some(ImageFormat::Png) => MediaType::Png,
        Some(ImageFormat::Jpeg) => MediaType::Jpeg,
        _ if matches!(detect::detect(bytes, Hint::default()), Ok(Format::Pdf)) => {
            let library = pdf.ok_or(Refusal::UnsupportedFormat)?;
            let pages = PAGES_MAX.min(limits.pages_max);
            let limits = Limits {
                pages_max: pages,
                ..*limits
            };
            return Ok((MediaType::Pdf, pdf::with_document(bytes, &limits, library, drawn)?));
        }
        _ => return Err(Refusal::NeedsOcr),
    };
    Ok((media_type, vec![photographed(bytes)?]))
}

/// Draws the pages of a PDF file.
fn drawn(document: &PdfDocument<'_>) -> Result<Vec<PageImage>, Refusal> {
    let mut images = Vec::new();
    for page in document.pages().iter() {
        let (width, height) = (page.width().value, page.height().value);
        let scale = SIDE_MAX as f32 / width.max(height).max(1.0);
        let side = |points: f32| ((points * scale) as i32).clamp(1, SIDE_MAX as i32);
        let config = PdfRenderConfig::new().set_target_size(side(width), side(height));
        let bitmap = page.render_with_config(&config).map_err(|_| Refusal::Corrupt)?;
        let (across, down) = (bitmap.width().unsigned_abs(), bitmap.height().unsigned_abs());
        let picture = image::RgbaImage::from_raw(across, down, bitmap.as_rgba_bytes()).ok_or(Refusal::Corrupt)?;
        images.push(PageImage {
            png: png(&DynamicImage::from(picture).into_luma8())?,
            width,
            height,
        });
    }
    Ok(images)
}

/// Decodes a picture, turns it as its camera was held, and makes it no larger than it has to be.
fn photographed(bytes: &[u8]) -> Result<PageImage, Refusal> {
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(DECODED_SIDE_MAX);
    limits.max_image_height = Some(DECODED_SIDE_MAX);
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| Refusal::Corrupt)?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Refusal::Corrupt)?;
    let orientation = decoder.orientation().map_err(|_| Refusal::Corrupt)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| Refusal::Corrupt)?;
    picture.apply_orientation(orientation);
    if picture.width().max(picture.height()) > SIDE_MAX {
        picture = picture.resize(SIDE_MAX, SIDE_MAX, FilterType::Triangle);
    }
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let points = PAGE_HEIGHT / width.max(height);
    Ok(PageImage {
        png: png(&on_white(picture))?,
        width: width * points,
        height: height * points,
    })
}

/// Returns the shades of grey of a picture on white paper.
fn on_white(picture: DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.into_luma8();
    }
    let picture = picture.into_luma_alpha8();
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [shade, alpha] = picture.get_pixel(x, y).0.map(u16::from);
        image::Luma([((shade * alpha + 255 * (255 - alpha)) / 255) as u8])
    })
}

fn png(picture: &GrayImage) -> Result<Vec<u8>, Refusal> {
    let mut out = Cursor::new(Vec::new());
    picture
        .write_to(&mut out, ImageFormat::Png)
        .map_err(|_| Refusal::Crashed)?;
    Ok(out.into_inner())
}

/// Makes a document of recognised pages, and says of each character of its text how sure the recognition is. White space is not
/// recognised, so nothing is said of it.
///
/// # Errors
/// [`Refusal::NeedsOcr`] where the recognition is unsure of most words; others as [`super::read`].
pub fn read_scan(
    media_type: MediaType,
    pages: &[ScannedPage],
    limits: &Limits,
) -> Result<(Document, Vec<Option<f32>>), Refusal> {
    let words = || pages.iter().flat_map(|page| &page.words);
    let sum: f32 = words().map(|word| word.confidence.clamp(0.0, 1.0)).sum();
    if sum < CONFIDENCE_MIN * words().count() as f32 {
        return Err(Refusal::NeedsOcr);
    }
    let mut origins = Vec::new();
    let mut confidences = Vec::new();
    let mut texts = Vec::new();
    for (number, page) in (1..).zip(pages) {
        let mut glyphs = Vec::new();
        let words = &page.words[..page.words.len().min(WORDS_MAX)];
        for line in words.chunk_by(|a, b| a.line == b.line) {
            let top = line.iter().map(|word| word.top).fold(f32::INFINITY, f32::min) * page.height;
            let bottom = line.iter().map(|word| word.bottom).fold(0.0, f32::max) * page.height;
            let size = bottom - top;
            for word in line {
                let area = Area {
                    page: number,
                    left: word.left * page.width,
                    top: word.top * page.height,
                    right: word.right * page.width,
                    bottom: word.bottom * page.height,
                };
                let glyph = Glyph {
                    x: f64::from(area.left),
                    y: f64::from(bottom - DESCENT * size),
                    direction: (1.0, 0.0),
                    advance: f64::from(area.right - area.left),
                    size: f64::from(size),
                    text: word.text.clone(),
                    origin: origins.len() as u32,
                };
                if !glyph.is_sound() {
                    continue;
                }
                let blank = Glyph {
                    x: glyph.x + glyph.advance,
                    advance: 0.0,
                    text: " ".to_owned(),
                    origin: NOWHERE,
                    ..glyph
                };
                glyphs.extend([glyph, blank]);
                origins.push(Origin {
                    style: Style {
                        size: (size * 2.0).round() / 2.0,
                        bold: false,
                        italic: false,
                        role: Role::Body,
                    },
                    area: Some(area),
                });
                confidences.push(word.confidence.clamp(0.0, 1.0));
            }
        }
        texts.push(layout::text(glyphs));
    }
    let (document, letters) = finish(media_type, &texts, &origins, Vec::new(), None, limits)?;
    let sure = |origin: u32| confidences.get(origin as usize).copied();
    let of_letters = letters.iter().map(|(_, origin)| sure(*origin)).collect();
    Ok((document, of_letters))
}
