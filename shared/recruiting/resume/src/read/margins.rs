//! Takes out what stands in the margin of every page: running headers and footers.

use std::collections::BTreeMap;

use super::layout::Glyph;

/// The share of a page's height that is its upper margin, and its lower one.
const MARGIN: f64 = 0.09;
/// The greatest distance of a line from its place on another page, in points.
const STRAY: f64 = 2.0;
/// The least distance of a running header from the body, in heights of its font.
const APART: f64 = 1.8;
/// The most lines of a page's margins that are looked at.
const LINES_MAX: usize = 24;

/// The glyphs of a page, and its upper and lower edge where the glyphs' `y` grows downwards.
#[derive(Default)]
pub(super) struct Laid {
    pub glyphs: Vec<Glyph>,
    pub top: f64,
    pub bottom: f64,
}

/// A line in the margin of a page.
struct Line {
    /// The characters, with the page's own number made one sign.
    said: String,
    y: f64,
    /// The numbers of its glyphs.
    glyphs: Vec<usize>,
}

impl Laid {
    /// Returns the lines of the margins that stand apart from the body. `number` is that of the page.
    fn margin_lines(&self, number: usize) -> Vec<Line> {
        let height = MARGIN * (self.bottom - self.top);
        let is_upper = |y: f64| y < self.top + height;
        let is_margin = |y: f64| is_upper(y) || y > self.bottom - height;
        let mut lines: Vec<Line> = Vec::new();
        for (at, glyph) in self.glyphs.iter().enumerate().filter(|(_, glyph)| is_margin(glyph.y)) {
            match lines.iter().position(|line| (line.y - glyph.y).abs() < STRAY) {
                Some(line) => lines[line].glyphs.push(at),
                None if lines.len() < LINES_MAX => lines.push(Line {
                    said: String::new(),
                    y: glyph.y,
                    glyphs: vec![at],
                }),
                None => {}
            }
        }
        lines.retain(|line| {
            let size = self.glyphs[line.glyphs[0]].size;
            // The next line towards the body, wherever it is.
            let inner = |glyph: &&Glyph| {
                if is_upper(line.y) {
                    glyph.y > line.y + STRAY
                } else {
                    glyph.y < line.y - STRAY
                }
            };
            let next = self.glyphs.iter().filter(inner).map(|glyph| (glyph.y - line.y).abs());
            next.reduce(f64::min).is_none_or(|gap| gap > APART * size)
        });
        for line in &mut lines {
            line.glyphs
                .sort_by(|a, b| self.glyphs[*a].x.total_cmp(&self.glyphs[*b].x));
            let text: String = line.glyphs.iter().map(|at| self.glyphs[*at].text.as_str()).collect();
            line.said = with_sign(&text, number);
        }
        lines.retain(|line| !line.said.is_empty());
        lines
    }
}

/// Returns the characters of a line without blanks, with the first number that is the page's own made one sign.
fn with_sign(text: &str, number: usize) -> String {
    let own = number.to_string();
    let is_own = |(at, _): &(usize, &str)| {
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        !is_digit(text[..*at].chars().next_back()) && !is_digit(text[at + own.len()..].chars().next())
    };
    let mut said = text.to_owned();
    if let Some((at, found)) = text.match_indices(&own).find(is_own) {
        said.replace_range(at..at + found.len(), "#");
    }
    said.retain(|c| !c.is_whitespace());
    said
}

/// Drops lines that say the same in the same place of the margin on two pages and half of all.
/// The first page that has such a line keeps it, since a name or an address may stand there alone.
pub(super) fn drop_repeated(pages: &mut [Laid]) {
    let lines: Vec<_> = (1..)
        .zip(pages.iter())
        .map(|(number, page)| page.margin_lines(number))
        .collect();
    let mut places: BTreeMap<&str, Vec<(usize, f64)>> = BTreeMap::new();
    for (page, lines) in lines.iter().enumerate() {
        for line in lines {
            places
                .entry(&line.said)
                .or_default()
                .push((page, line.y - pages[page].top));
        }
    }
    let mut kept: Vec<Vec<bool>> = pages.iter().map(|page| vec![true; page.glyphs.len()]).collect();
    for (page, lines) in lines.iter().enumerate() {
        for line in lines {
            let y = line.y - pages[page].top;
            let alike = places[line.said.as_str()]
                .iter()
                .filter(|(_, other)| (other - y).abs() < STRAY);
            let mut alike: Vec<usize> = alike.map(|(page, _)| *page).collect();
            alike.dedup();
            if alike.len() > 1 && alike.len() * 2 >= pages.len() && alike[0] < page {
                for at in &line.glyphs {
                    kept[page][*at] = false;
                }
            }
        }
    }
    for (page, kept) in pages.iter_mut().zip(kept) {
        let mut kept = kept.into_iter();
        page.glyphs.retain(|_| kept.next().unwrap_or(true));
    }
}
