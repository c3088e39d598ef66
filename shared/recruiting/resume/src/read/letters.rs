//! Text with an origin for each character, so that places and styles outlive everything that tidies it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// A character and the number of its origin; [`NOWHERE`] for what no part of the file says.
pub(super) type Letter = (char, u32);

/// The origin of a character that was put in between, such as the end of a line.
pub(super) const NOWHERE: u32 = u32::MAX;

/// The place and the dress of a character in the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Origin {
    pub style: Style,
    pub area: Option<Area>,
}

/// A rectangle on a page. Lengths in points from the page's top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// The page, from 1.
    pub page: u32,
    /// The distance of the left edge.
    pub left: f32,
    /// The distance of the upper edge.
    pub top: f32,
    /// The distance of the right edge.
    pub right: f32,
    /// The distance of the lower edge.
    pub bottom: f32,
}

impl Area {
    /// Returns the least rectangle around both. Where they stand on two pages it is the first.
    #[must_use]
    pub const fn around(self, other: Self) -> Self {
        if self.page != other.page {
            return self;
        }
        Self {
            page: self.page,
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// The dress of a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Style {
    /// The size of the font in points; 0 where the format does not say.
    pub size: f32,
    /// Whether the font is bold.
    pub bold: bool,
    /// Whether the font is italic.
    pub italic: bool,
    /// The part that the paragraph plays, by the file's own word.
    pub role: Role,
}

/// Red, green and blue.
pub(super) type Colour = [u8; 3];

/// The colour behind text; `None` where it is not known.
pub(super) type Ground = Option<Colour>;

/// The colour of a page that says nothing of it.
pub(super) const WHITE: Colour = [u8::MAX; 3];

/// The least size of a font that somebody can read, in points. Small letters are half as high, and PDF takes 2 points for them.
pub(super) const SIZE_MIN: f32 = 4.0;

/// The least width of letters that somebody can read, of what their font says.
pub(super) const SCALE_MIN: f32 = 0.2;

/// The least difference of text from its ground that somebody can see. Summed over red, green and blue, of 255 each.
const CONTRAST_MIN: u16 = 40;

/// The greatest side of a page in points, where the file does not say: the greatest that word processors make.
pub(super) const SIDE_MAX: f32 = 1_584.0;

/// The look of text, which decides whether somebody sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    pub style: Style,
    /// The colour of the letters. `None` where it is not known, or the program chooses one that can be read.
    pub colour: Option<Colour>,
    /// The colour behind the letters.
    pub ground: Ground,
    /// Whether the file says that the text is not shown.
    pub hidden: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            style: Style::default(),
            colour: None,
            ground: Some(WHITE),
            hidden: false,
        }
    }
}

impl Look {
    /// Whether somebody who opens the file sees the text. What is not known counts as seen.
    pub fn is_seen(&self) -> bool {
        let contrast = |(a, b): (Colour, Colour)| a.into_iter().zip(b).map(|(a, b)| u16::from(a.abs_diff(b))).sum();
        let contrast: Option<u16> = self.colour.zip(self.ground).map(contrast);
        let has_no_size = self.style.size > 0.0 && is_too_low(self.style.size);
        !self.hidden && !has_no_size && contrast.is_none_or(|contrast| contrast >= CONTRAST_MIN)
    }
}

/// Whether nobody can read text of a height, in points, or in a line, row or box of it.
pub(super) fn is_too_low(points: f32) -> bool {
    points < SIZE_MIN
}

/// Whether nobody can read letters that are drawn at a share of their width.
pub(super) fn is_too_narrow(scale: f32) -> bool {
    scale < SCALE_MIN
}

/// Whether a stretch lies beside a page. In points, from the page's edge or from a margin of at most a quarter of it.
pub(super) fn is_off_page(start: f32, length: Option<f32>, side: f32, from_edge: bool) -> bool {
    let margin = if from_edge { 0.0 } else { side / 4.0 };
    start >= side || start + length.unwrap_or(side) <= -margin
}

/// Returns the colour of six hexadecimal digits.
pub(super) fn hex_colour(digits: &str) -> Option<Colour> {
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6)?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some([red, green, blue])
}

/// The part that a paragraph plays in its document, by its style.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A paragraph of no special style.
    #[default]
    Body,
    /// The title of the document.
    Title,
    /// A heading of the highest level.
    Heading,
    /// A heading of a lower level.
    Subheading,
    /// An item of a list.
    Item,
    /// A header or footer of the page.
    Margin,
}

/// A word of a text, with its place and its dress.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The first character, in characters of the text.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
    /// The number of its [`Style`] in the document.
    pub style: u16,
    /// The place on the page. Absent for formats without pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<Area>,
}

/// Returns the words of a text, and the styles that they name. Beyond 65,535 styles a word has the last one.
pub(super) fn words(letters: &[Letter], origins: &[Origin]) -> (Vec<Word>, Vec<Style>) {
    let (mut words, mut styles): (Vec<Word>, Vec<Style>) = (Vec::new(), Vec::new());
    let mut numbers: HashMap<_, usize> = HashMap::new();
    let mut at = 0_usize;
    for run in letters.chunk_by(|a, b| a.0.is_whitespace() == b.0.is_whitespace()) {
        let start = at;
        at += run.len();
        if run[0].0.is_whitespace() {
            continue;
        }
        let mut known = run.iter().filter_map(|(_, origin)| origins.get(*origin as usize));
        let Some(first) = known.next() else { continue };
        let area = known.fold(first.area, |area, next| match (area, next.area) {
            (Some(area), Some(next)) => Some(area.around(next)),
            (area, next) => area.or(next),
        });
        // A word is dressed as most of it is; its first letter may be a small or a large capital.
        let middle = run
            .get(run.len() / 2)
            .and_then(|(_, origin)| origins.get(*origin as usize));
        let style = middle.unwrap_or(first).style;
        let number = *numbers
            .entry((style.size.to_bits(), style.bold, style.italic, style.role))
            .or_insert_with(|| {
                styles.push(style);
                styles.len() - 1
            });
        words.push(Word {
            start: start as u32,
            end: at as u32,
            style: number.min(usize::from(u16::MAX)) as u16,
            area,
        });
    }
    styles.truncate(usize::from(u16::MAX) + 1);
    (words, styles)
}

/// Returns text of one origin.
pub(super) fn lettered(text: &str, origin: u32) -> Vec<Letter> {
    text.chars().map(|c| (c, origin)).collect()
}

/// Returns the plain text.
pub(super) fn plain(letters: &[Letter]) -> String {
    letters.iter().map(|(c, _)| c).collect()
}
