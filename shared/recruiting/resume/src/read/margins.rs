//! Takes out what stands in the margin of every page: running headers and footers.

use std::collections::BTreeMap;

use super::layout::Glyph;

/// The share of a page's height that is its upper margin, and its lower one.
const MARGIN: f64 = 0.09;
/// The greatest distance of a line from its place on another page, in points.
const STRAY: f64 = 2.0;
/// The most lines of a page's margins that are looked at.
const LINES_MAX: usize = 24;

/// The glyphs of a page, and its upper and lower edge where the glyphs' `y` grows downwards.
#[derive(Default)]
pub(super) struct Laid {
    pub glyphs: Vec<Glyph>,
    pub top: f64,
    pub bottom: f64,
}

impl Laid {
    fn is_margin(&self, glyph: &Glyph) -> bool {
        let height = MARGIN * (self.bottom - self.top);
        glyph.y < self.top + height || glyph.y > self.bottom - height
    }

    /// Returns the lines of the margins: the letters, with every number made one sign, the baseline, and the glyphs.
    fn margin_lines(&self) -> Vec<(String, f64, Vec<usize>)> {
        let mut lines: Vec<(f64, Vec<usize>)> = Vec::new();
        for (at, glyph) in self
            .glyphs
            .iter()
            .enumerate()
            .filter(|(_, glyph)| self.is_margin(glyph))
        {
            match lines.iter().position(|(y, _)| (*y - glyph.y).abs() < STRAY) {
                Some(line) => lines[line].1.push(at),
                None if lines.len() < LINES_MAX => lines.push((glyph.y, vec![at])),
                None => {}
            }
        }
        let of = |(y, mut glyphs): (f64, Vec<usize>)| {
            glyphs.sort_by(|a, b| self.glyphs[*a].x.total_cmp(&self.glyphs[*b].x));
            let letters = glyphs.iter().flat_map(|at| self.glyphs[*at].text.chars());
            let mut said = String::new();
            for letter in letters.filter(|letter| letter.is_alphanumeric()) {
                if !letter.is_numeric() {
                    said.extend(letter.to_lowercase());
                } else if !said.ends_with('#') {
                    said.push('#');
                }
            }
            (said, y, glyphs)
        };
        lines
            .into_iter()
            .map(of)
            .filter(|(said, ..)| !said.is_empty())
            .collect()
    }
}

/// Drops lines that stand in the same place of the margin on at least half of the pages. The first page keeps its own, since a name or an address
/// may stand there alone.
pub(super) fn drop_repeated(sheets: &mut [Laid]) {
    let lines: Vec<_> = sheets.iter().map(Laid::margin_lines).collect();
    let mut places: BTreeMap<&str, Vec<(usize, f64)>> = BTreeMap::new();
    for (page, lines) in lines.iter().enumerate() {
        for (said, y, _) in lines {
            places.entry(said).or_default().push((page, y - sheets[page].top));
        }
    }
    let mut kept: Vec<Vec<bool>> = sheets.iter().map(|sheet| vec![true; sheet.glyphs.len()]).collect();
    for (page, lines) in lines.iter().enumerate() {
        for (said, y, glyphs) in lines {
            let y = y - sheets[page].top;
            let mut alike: Vec<usize> = places[said.as_str()]
                .iter()
                .filter(|(_, other)| (other - y).abs() < STRAY)
                .map(|(page, _)| *page)
                .collect();
            alike.dedup();
            let repeats = alike.len() > 1 && alike.len() * 2 >= sheets.len();
            if repeats && alike[0] < page {
                for at in glyphs {
                    kept[page][*at] = false;
                }
            }
        }
    }
    for (sheet, kept) in sheets.iter_mut().zip(kept) {
        let mut kept = kept.into_iter();
        sheet.glyphs.retain(|_| kept.next().unwrap_or(true));
    }
}
