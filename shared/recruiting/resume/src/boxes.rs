//! The places of words on their pages, packed small enough to be kept beside a resume.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::read::Word;

/// The steps of a packed length in one point.
const STEPS: f32 = 10.0;

/// The place of a word on its page. Lengths in points (a 72nd of an inch) from the page's top left corner, to a tenth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct WordBox {
    /// The first character of the word, in characters of the text.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
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

/// A word as it is packed: each number is small, and a small number takes one byte or two.
#[derive(Serialize, Deserialize)]
struct Packed {
    /// The characters since the word before.
    gap: u32,
    length: u32,
    page: u32,
    left: u32,
    top: u32,
    width: u32,
    height: u32,
}

/// Packs the places of words, in the order of the text; about 10 bytes a word. Words without a place are left out.
#[must_use]
pub fn pack(words: &[Word]) -> Vec<u8> {
    let mut reached = 0;
    let steps = |length: f32| (length * STEPS).round().max(0.0) as u32;
    let packed: Vec<Packed> = words
        .iter()
        .filter_map(|word| {
            let area = word.area?;
            let gap = word.start.checked_sub(reached)?;
            reached = word.end;
            Some(Packed {
                gap,
                length: word.end.saturating_sub(word.start),
                page: area.page,
                left: steps(area.left),
                top: steps(area.top),
                width: steps(area.right - area.left),
                height: steps(area.bottom - area.top),
            })
        })
        .collect();
    if packed.is_empty() {
        return Vec::new();
    }
    // Serialising plain data into memory has no way to fail.
    postcard::to_stdvec(&packed).unwrap_or_default()
}

/// Reads what [`pack`] wrote; nothing of other bytes.
#[must_use]
pub fn unpack(bytes: &[u8]) -> Vec<WordBox> {
    let packed: Vec<Packed> = postcard::from_bytes(bytes).unwrap_or_default();
    let mut reached = 0_u32;
    let points = |steps: u32| steps as f32 / STEPS;
    let word = |word: Packed| {
        let start = reached.saturating_add(word.gap);
        reached = start.saturating_add(word.length);
        WordBox {
            start,
            end: reached,
            page: word.page,
            left: points(word.left),
            top: points(word.top),
            right: points(word.left.saturating_add(word.width)),
            bottom: points(word.top.saturating_add(word.height)),
        }
    };
    packed.into_iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Area;

    #[test]
    fn places_come_back_to_a_tenth_of_a_point() {
        let area = |page, left| Area {
            page,
            left,
            top: 72.04,
            right: left + 33.3,
            bottom: 84.0,
        };
        let word = |start, end, area| Word {
            start,
            end,
            style: 0,
            area,
        };
        let words = [
            word(0, 4, Some(area(1, 56.7))),
            word(5, 9, None),
            word(10, 20, Some(area(2, 300.0))),
        ];
        let bytes = pack(&words);
        assert!(bytes.len() < 30, "{}", bytes.len());
        let boxes = unpack(&bytes);
        assert_eq!(boxes.len(), 2);
        assert_eq!((boxes[1].start, boxes[1].end, boxes[1].page), (10, 20, 2));
        let first = boxes[0];
        for (found, exact) in [
            (first.left, 56.7),
            (first.top, 72.0),
            (first.right, 90.0),
            (first.bottom, 84.0),
        ] {
            assert!((found - exact).abs() < 0.051, "{found} {exact}");
        }
        assert!(pack(&words[1..2]).is_empty() && unpack(&[]).is_empty() && unpack(&[0xff; 9]).is_empty());
    }
}
