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
/// The most bytes of a page's picture; services take 5 MB.
const PNG_BYTES_MAX: usize = 4_500_000;
/// The fewest pixels along the shorter side of a page; services take no thinner ones.
const SIDE_MIN: i32 = 64;
/// The height of a page of A4 in points, which a picture is taken for.
const PAGE_HEIGHT: f32 = 842.0;
/// The most words of a page; one of the smallest print has about 2,000.
const WORDS_MAX: usize = 10_000;
/// The least mean confidence of a page's words. Below it the page is no text that can be read, and the file is refused.
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

impl PageImage {
    /// Returns the page with the words that were recognised on it.
    #[must_use]
    pub fn with_words(&self, words: Vec<ScannedWord>) -> ScannedPage {
        ScannedPage {
            width: self.width,
            height: self.height,
            words,
        }
    }
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
    for index in document.pages().as_range() {
        let page = document.pages().get(index).map_err(|_| Refusal::Corrupt)?;
        let (width, height) = (page.width().value, page.height().value);
        let scale = SIDE_MAX as f32 / width.max(height).max(1.0);
        let side = |points: f32| ((points * scale) as i32).clamp(SIDE_MIN, SIDE_MAX as i32);
        let config = PdfRenderConfig::new().set_target_size(side(width), side(height));
        let bitmap = page.render_with_config(&config).map_err(|_| Refusal::Corrupt)?;
        let (across, down) = (bitmap.width().unsigned_abs(), bitmap.height().unsigned_abs());
        let picture = image::RgbaImage::from_raw(across, down, bitmap.as_rgba_bytes()).ok_or(Refusal::Corrupt)?;
        images.push(PageImage {
            png: png(DynamicImage::from(picture).into_luma8())?,
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
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| Refusal::Corrupt)?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Refusal::Corrupt)?;
    let orientation = decoder.orientation().map_err(|_| Refusal::Corrupt)?;
    // The decoders hold themselves to the lengths alone.
    if decoder.total_bytes() > DECODED_BYTES_MAX {
        return Err(Refusal::TooLarge {
            limit_bytes: DECODED_BYTES_MAX,
        });
    }
    let picture = DynamicImage::from_decoder(decoder).map_err(|_| Refusal::Corrupt)?;
    let mut picture = DynamicImage::from(on_white(picture));
    picture.apply_orientation(orientation);
    if picture.width().max(picture.height()) > SIDE_MAX {
        picture = picture.resize(SIDE_MAX, SIDE_MAX, FilterType::Triangle);
    }
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let points = PAGE_HEIGHT / width.max(height);
    Ok(PageImage {
        png: png(picture.into_luma8())?,
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

/// Packs a picture, made smaller until it is not too large; pictures of text are a tenth of that.
fn png(picture: GrayImage) -> Result<Vec<u8>, Refusal> {
    let mut picture = DynamicImage::from(picture);
    loop {
        let mut out = Cursor::new(Vec::new());
        picture
            .write_to(&mut out, ImageFormat::Png)
            .map_err(|_| Refusal::Crashed)?;
        let out = out.into_inner();
        if out.len() <= PNG_BYTES_MAX {
            return Ok(out);
        }
        picture = picture.resize(picture.width() * 3 / 4, picture.height() * 3 / 4, FilterType::Triangle);
    }
}

/// Returns how far the lines of a page fall from left to right, as a share of their length. A photograph is never quite straight.
fn slope(page: &ScannedPage, words: &[ScannedWord]) -> f32 {
    let middle = |word: &ScannedWord| {
        (
            f32::midpoint(word.left, word.right) * page.width,
            f32::midpoint(word.top, word.bottom) * page.height,
        )
    };
    let mut slopes: Vec<f32> = words
        .chunk_by(|a, b| a.line == b.line)
        .filter_map(|line| {
            let (first, last) = (middle(line.first()?), middle(line.last()?));
            // A short line says little.
            (last.0 - first.0 > 0.2 * page.width).then(|| (last.1 - first.1) / (last.0 - first.0))
        })
        .filter(|slope| slope.abs() < 0.2)
        .collect();
    slopes.sort_by(f32::total_cmp);
    slopes.get(slopes.len() / 2).copied().unwrap_or_default()
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
    let mut origins = Vec::new();
    let mut confidences = Vec::new();
    let mut texts = Vec::new();
    for (number, page) in (1..).zip(pages) {
        let mut glyphs = Vec::new();
        let words = &page.words[..page.words.len().min(WORDS_MAX)];
        let sum: f32 = words.iter().map(|word| word.confidence.clamp(0.0, 1.0)).sum();
        if sum < CONFIDENCE_MIN * words.len() as f32 {
            return Err(Refusal::NeedsOcr);
        }
        let slope = slope(page, words);
        for line in words.chunk_by(|a, b| a.line == b.line) {
            // As if the page lay straight.
            let fall = |word: &ScannedWord| slope * f32::midpoint(word.left, word.right) * page.width;
            let tops = line.iter().map(|word| word.top * page.height - fall(word));
            let bottoms = line.iter().map(|word| word.bottom * page.height - fall(word));
            let bottom = bottoms.fold(f32::NEG_INFINITY, f32::max);
            let size = bottom - tops.fold(f32::INFINITY, f32::min);
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
    let (mut document, letters) = finish(media_type, &texts, &origins, limits)?;
    document.recognised = true;
    let sure = |origin: u32| confidences.get(origin as usize).copied();
    let of_letters = letters.iter().map(|(_, origin)| sure(*origin)).collect();
    Ok((document, of_letters))
}

#[cfg(test)]
mod tests {
    use image::{ImageEncoder as _, Rgb, RgbImage, Rgba, RgbaImage, codecs::jpeg::JpegEncoder};

    use super::*;

    fn decoded(image: &PageImage) -> GrayImage {
        image::load_from_memory(&image.png).unwrap().into_luma8()
    }

    fn only(bytes: &[u8]) -> PageImage {
        let (_, mut images) = page_images(bytes, &Limits::default(), None).unwrap();
        assert_eq!(images.len(), 1);
        images.remove(0)
    }

    /// A wide photograph that is dark on its left, with a note of how the camera was held.
    fn photograph(orientation: u8) -> Vec<u8> {
        let picture = RgbImage::from_fn(400, 200, |x, _| Rgb(if x < 200 { [0; 3] } else { [255; 3] }));
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new(&mut bytes);
        // One entry: tag 0x0112, a short.
        let exif = [
            b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(),
            &[orientation, 0, 0, 0, 0, 0, 0, 0],
        ]
        .concat();
        encoder.set_exif_metadata(exif).unwrap();
        encoder.encode_image(&picture).unwrap();
        bytes
    }

    #[test]
    fn a_photograph_is_turned_as_its_camera_was_held() {
        let flat = decoded(&only(&photograph(1)));
        assert_eq!(flat.dimensions(), (400, 200));
        // 6: the right side of the picture is the lower side of the page.
        let image = only(&photograph(6));
        assert!((image.height - PAGE_HEIGHT).abs() < 0.01 && (image.width - PAGE_HEIGHT / 2.0).abs() < 0.01);
        let turned = decoded(&image);
        assert_eq!(turned.dimensions(), (200, 400));
        assert!(turned.get_pixel(100, 50).0[0] < 50 && turned.get_pixel(100, 350).0[0] > 200);
    }

    #[test]
    fn pictures_lie_on_white_paper_and_are_no_larger_than_they_have_to_be() {
        let clear = RgbaImage::from_pixel(5_000, 100, Rgba([0, 0, 0, 0]));
        let mut bytes = Cursor::new(Vec::new());
        clear.write_to(&mut bytes, ImageFormat::Png).unwrap();
        let picture = decoded(&only(bytes.get_ref()));
        assert_eq!(picture.dimensions(), (SIDE_MAX, 66));
        assert_eq!(picture.get_pixel(9, 9).0, [255]);
    }

    #[test]
    fn noise_is_made_small_and_a_picture_beyond_all_bounds_is_not_unpacked() {
        let mut seed = 7_u32;
        let noise = GrayImage::from_fn(2_600, 2_600, |_, _| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            image::Luma([(seed >> 24) as u8])
        });
        assert!(png(noise).unwrap().len() <= PNG_BYTES_MAX);

        let mut bytes = Vec::new();
        let line = vec![0_u8; 19_000 * 19_000];
        let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder
            .write_image(&line, 19_000, 19_000, image::ExtendedColorType::L8)
            .unwrap();
        let refusal = page_images(&bytes, &Limits::default(), None).unwrap_err();
        assert_eq!(refusal.code(), "too_large");
    }

    fn word(text: &str, line: u32, left: f32, top: f32, confidence: f32) -> ScannedWord {
        ScannedWord {
            text: text.to_owned(),
            line,
            left,
            top,
            right: left + 0.02 * text.len() as f32,
            bottom: top + 0.015,
            confidence,
        }
    }

    fn page(words: Vec<ScannedWord>) -> ScannedPage {
        ScannedPage {
            width: 600.0,
            height: 800.0,
            words,
        }
    }

    #[test]
    fn a_page_that_lies_askew_is_read_along_its_lines() {
        let fall = |left: f32| 0.05 * left * 600.0 / 800.0;
        let lines = [
            ("Engineer", "Acme", "2019"),
            ("Clerk", "Birch", "2016"),
            ("Cook", "Cedar", "2012"),
        ];
        let mut words = Vec::new();
        for (line, (title, employer, year)) in (0..).zip(lines) {
            let top = 0.1 + 0.02 * line as f32;
            // What stands at the right margin is a line of its own to whoever recognises it.
            words.push(word(title, line, 0.1, top + fall(0.1), 0.9));
            words.push(word(employer, line, 0.4, top + fall(0.4), 0.9));
            words.push(word(year, 10 + line, 0.85, top + fall(0.85), 0.9));
        }
        let (document, _) = read_scan(MediaType::Jpeg, &[page(words)], &Limits::default()).unwrap();
        let rows: Vec<Vec<&str>> = document
            .text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        let wanted: Vec<Vec<&str>> = lines.iter().map(|(a, b, c)| vec![*a, *b, *c]).collect();
        assert_eq!(rows, wanted, "{}", document.text);
    }

    #[test]
    fn one_page_that_cannot_be_recognised_refuses_the_file() {
        let good = page(vec![word("Engineer", 0, 0.1, 0.1, 0.95)]);
        let bad = page(vec![word("~:;", 0, 0.1, 0.1, 0.2)]);
        let code = |pages: &[ScannedPage]| match read_scan(MediaType::Pdf, pages, &Limits::default()) {
            Ok(_) => "read",
            Err(refusal) => refusal.code(),
        };
        assert_eq!(code(&[good.clone(), good.clone()]), "read");
        assert_eq!(code(&[good.clone(), good, bad]), "needs_ocr");
    }
}
