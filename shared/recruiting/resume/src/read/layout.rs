//! Puts the glyphs on a page into a text in reading order.
//!
//! A page is cut at its gutters. A gutter is a strip that no text crosses, with text of its own on both sides: it parts two
//! columns, and each is read whole. Text that crosses the strip (a heading over both columns) is read where it stands. Not
//! everything that stands beside something is a column: dates at the right margin and labels before their values belong to their
//! line.

use std::collections::HashMap;

use super::letters::{Letter, NOWHERE, lettered};

/// One glyph as drawn, with the page's `y` growing downwards. Lengths in points.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    /// The place on the baseline where the glyph begins.
    pub x: f64,
    /// The baseline of the glyph.
    pub y: f64,
    /// The direction in which the line of text runs.
    pub direction: (f64, f64),
    /// The distance to the next glyph, spacing aside.
    pub advance: f64,
    /// The height of the glyph's font.
    pub size: f64,
    /// The text of the glyph: a character, or several for a ligature.
    pub text: String,
    /// The number of the glyph's origin.
    pub origin: u32,
}

impl Glyph {
    /// Whether the glyph can be laid out at all.
    pub fn is_sound(&self) -> bool {
        let lengths = [
            self.x,
            self.y,
            self.direction.0,
            self.direction.1,
            self.advance,
            self.size,
        ];
        lengths.iter().all(|length| length.is_finite() && length.abs() < 1e6)
            && self.size > 0.1
            && !self.text.is_empty()
    }
}

/// Glyphs in a row on one baseline, close together.
#[derive(Debug, Clone)]
struct Run {
    x0: f64,
    x1: f64,
    y: f64,
    size: f64,
    text: String,
    /// The origin of each character of `text`.
    origins: Vec<u32>,
}

impl Run {
    fn push(&mut self, text: &str, origin: u32) {
        self.text.push_str(text);
        self.origins.extend(text.chars().map(|_| origin));
    }

    fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
        self.origins.extend_from_slice(&other.origins);
    }

    fn letters(&self) -> impl Iterator<Item = Letter> {
        self.text.chars().zip(self.origins.iter().copied())
    }
}

/// The greatest depth of columns inside columns.
const DEPTH_MAX: usize = 5;
/// The most places at which a gutter is looked for.
const GUTTERS_MAX: usize = 48;

/// Returns the text of a page.
pub(super) fn text(glyphs: Vec<Glyph>) -> Vec<Letter> {
    // Text that runs up or down the page is laid out by itself, as if the page were turned; most pages have none.
    let mut turned: [Vec<Glyph>; 4] = Default::default();
    for mut glyph in glyphs {
        let (dx, dy) = glyph.direction;
        let quarter = match () {
            () if dx.abs() >= dy.abs() && dx >= 0.0 => 0,
            () if dx.abs() < dy.abs() && dy > 0.0 => 1,
            () if dx.abs() >= dy.abs() => 2,
            () => 3,
        };
        (glyph.x, glyph.y) = match quarter {
            0 => (glyph.x, glyph.y),
            1 => (glyph.y, -glyph.x),
            2 => (-glyph.x, -glyph.y),
            _ => (-glyph.y, glyph.x),
        };
        turned[quarter].push(glyph);
    }
    turned.sort_by_key(|glyphs| std::cmp::Reverse(glyphs.len()));
    let mut out = Vec::new();
    for mut glyphs in turned.into_iter().filter(|glyphs| !glyphs.is_empty()) {
        mend_widths(&mut glyphs);
        tighten(&mut glyphs);
        for block in arrange(runs(&glyphs), 0) {
            if !out.is_empty() {
                out.extend(lettered("\n\n", NOWHERE));
            }
            write_block(block, &mut out);
        }
    }
    out
}

/// Gives a width to glyphs that come without one. Some fonts do not tell that of every character, and what is drawn after one
/// lands on top of it, up to a jump that makes up for all of them. The jump is shared out among them.
fn mend_widths(glyphs: &mut [Glyph]) {
    let mut without: Vec<usize> = Vec::new();
    for n in 1..glyphs.len() {
        let (last, glyph) = (&glyphs[n - 1], &glyphs[n]);
        let size = glyph.size.max(last.size);
        if (glyph.y - last.y).abs() > 0.25 * size {
            without.clear();
            continue;
        }
        if last.advance == 0.0 && last.text.starts_with(char::is_alphanumeric) {
            without.push(n - 1);
        }
        let gap = glyph.x - (last.x + last.advance);
        let Some(first) = without.first().copied().filter(|_| gap > 0.2 * size) else {
            continue;
        };
        let width = (gap / without.len() as f64).min(0.75 * size);
        let mut moved = 0.0;
        for (at, glyph) in glyphs.iter_mut().enumerate().take(n).skip(first) {
            glyph.x += moved;
            if without.contains(&at) {
                glyph.advance = width;
                moved += width;
            }
        }
        without.clear();
    }
}

/// Gives glyphs no more room than the page gives them, where most reach into the next one. Some programs set letters closer than the widths that their
/// fonts name, and a blank behind such a letter would not be seen.
fn tighten(glyphs: &mut [Glyph]) {
    /// The fewest neighbours by which the room of a letter is told.
    const SEEN_MIN: usize = 4;
    let key = |glyph: &Glyph| (glyph.text.clone(), (glyph.size * 2.0).round() as u32);
    let mut steps: HashMap<(String, u32), Vec<f64>> = HashMap::new();
    let (mut shares, mut pairs) = (Vec::new(), 0);
    for pair in glyphs.windows(2) {
        let [glyph, next] = pair else { continue };
        let step = next.x - glyph.x;
        let apart = (next.y - glyph.y).abs() > 0.1 * glyph.size || step > 1.2 * glyph.advance;
        // What is drawn twice to look bold comes after half a letter or less.
        if apart || step < 0.5 * glyph.advance || next.text.starts_with(char::is_whitespace) {
            continue;
        }
        pairs += 1;
        if step < 0.99 * glyph.advance {
            steps.entry(key(glyph)).or_default().push(step);
            shares.push(step / glyph.advance);
        }
    }
    let Some(usual) = median(&shares).filter(|_| shares.len() * 2 > pairs) else {
        return;
    };
    steps.retain(|_, steps| steps.len() >= SEEN_MIN);
    let rooms: HashMap<_, f64> = steps
        .into_iter()
        .filter_map(|(key, steps)| Some((key, median(&steps)?)))
        .collect();
    for glyph in glyphs {
        glyph.advance = rooms.get(&key(glyph)).copied().unwrap_or(usual * glyph.advance);
    }
}

/// Puts glyphs together to runs.
fn runs(glyphs: &[Glyph]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut row: Vec<&Glyph> = Vec::new();
    for glyph in glyphs {
        if let Some(last) = row.last() {
            let gap = glyph.x - (last.x + last.advance);
            let size = glyph.size.max(last.size);
            let goes_on = (glyph.y - last.y).abs() <= 0.25 * size && gap > -0.5 * size && gap < 0.9 * size;
            if !goes_on {
                runs.extend(run(&row));
                row.clear();
            }
        }
        row.push(glyph);
    }
    runs.extend(run(&row));
    runs.sort_by(|a: &Run, b: &Run| a.y.total_cmp(&b.y).then(a.x0.total_cmp(&b.x0)));
    drop_overprints(&mut runs);
    attach_bullets(&runs)
}

/// Makes one run from a row of glyphs. `None` where there is nothing but space.
fn run(row: &[&Glyph]) -> Option<Run> {
    let is_space = |glyph: &Glyph| glyph.text.chars().all(char::is_whitespace);
    let first = row.iter().position(|glyph| !is_space(glyph))?;
    let last = row.iter().rposition(|glyph| !is_space(glyph))?;
    let row = &row[first..=last];
    let letters: Vec<&Glyph> = row.iter().copied().filter(|glyph| !is_space(glyph)).collect();
    // Spaced-out headings may have a blank behind every letter; only a wider gap than theirs is a space.
    let row = if is_spaced_out(row, is_space) {
        &letters[..]
    } else {
        row
    };
    let size = row.iter().map(|glyph| glyph.size).fold(0.0, f64::max);
    let gaps: Vec<f64> = row
        .windows(2)
        .map(|pair| pair[1].x - (pair[0].x + pair[0].advance))
        .collect();
    // Spaced-out headings have a gap after every letter; only a wider one is a space there.
    let usual = median(&gaps).unwrap_or(0.0);
    let threshold = if usual > 0.1 * size { usual * 1.6 } else { 0.18 * size };
    let end = row[row.len() - 1];
    let mut run = Run {
        x0: row[0].x,
        x1: end.x + end.advance,
        y: row[0].y,
        size,
        text: String::new(),
        origins: Vec::new(),
    };
    for (n, glyph) in row.iter().enumerate() {
        let blank = is_space(glyph) || (n > 0 && gaps[n - 1] > threshold);
        if blank && !run.text.ends_with(' ') {
            run.push(" ", NOWHERE);
        }
        if !is_space(glyph) {
            run.push(&glyph.text, glyph.origin);
        }
    }
    Some(run)
}

/// Whether blanks stand between nearly all letters of a row.
fn is_spaced_out(row: &[&Glyph], is_space: impl Fn(&Glyph) -> bool) -> bool {
    let mut words = Vec::new();
    for word in row.split(|glyph| is_space(glyph)).filter(|word| !word.is_empty()) {
        words.push(word.iter().map(|glyph| glyph.text.chars().count()).sum::<usize>());
    }
    let single = words.iter().filter(|length| **length == 1).count();
    words.len() >= 4 && single * 10 >= words.len() * 9
}

/// Drops what is drawn twice to look bold.
fn drop_overprints(runs: &mut Vec<Run>) {
    let mut kept: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs.drain(..) {
        let twin = kept.iter().rev().take(8).any(|other| {
            other.text == run.text
                && (other.x0 - run.x0).abs() < 0.15 * run.size
                && (other.y - run.y).abs() < 0.15 * run.size
        });
        if !twin {
            kept.push(run);
        }
    }
    *runs = kept;
}

/// Joins a bullet or a number to the text behind it. The bullets of a list would otherwise look like a column.
fn attach_bullets(runs: &[Run]) -> Vec<Run> {
    let is_marker = |text: &str| {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => !c.is_alphanumeric() || c == 'o',
            _ => text.len() <= 3 && text.ends_with(['.', ')']) && text.starts_with(|c: char| c.is_ascii_digit()),
        }
    };
    let mut out: Vec<Run> = Vec::with_capacity(runs.len());
    let mut taken = vec![false; runs.len()];
    for n in 0..runs.len() {
        if taken[n] {
            continue;
        }
        let mut run = runs[n].clone();
        if is_marker(&run.text) {
            let next = (n.saturating_sub(8)..(n + 24).min(runs.len()))
                .filter(|m| *m != n && !taken[*m])
                .filter(|m| (runs[*m].y - run.y).abs() <= 0.5 * run.size.max(runs[*m].size))
                .filter(|m| runs[*m].x0 >= run.x1 - 0.1 * run.size && runs[*m].x0 - run.x1 < 4.0 * runs[*m].size)
                .min_by(|a, b| runs[*a].x0.total_cmp(&runs[*b].x0));
            // A marker whose text was put out before it stays alone; sorting by line keeps that rare.
            if let Some(m) = next.filter(|m| *m > n) {
                taken[m] = true;
                let text = &runs[m];
                (run.x1, run.y, run.size) = (text.x1, text.y, text.size);
                run.push(" ", NOWHERE);
                run.append(text);
            }
        }
        out.push(run);
    }
    out
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// Cuts runs into blocks that are each read line by line, in reading order.
fn arrange(runs: Vec<Run>, depth: usize) -> Vec<Vec<Run>> {
    let cut = if depth < DEPTH_MAX && runs.len() >= 6 {
        best_gutter(&runs)
    } else {
        None
    };
    let Some(Gutter { x, bands, .. }) = cut else {
        return vec![runs];
    };
    let mut blocks = Vec::new();
    let mut rest = runs;
    for (top, bottom) in bands {
        let (above, below): (Vec<Run>, Vec<Run>) = rest.into_iter().partition(|run| run.y < top);
        let (band, below): (Vec<Run>, Vec<Run>) = below.into_iter().partition(|run| run.y <= bottom);
        let (left, right): (Vec<Run>, Vec<Run>) = band.into_iter().partition(|run| run.x0 < x);
        for part in [above, left, right].into_iter().filter(|part| !part.is_empty()) {
            blocks.extend(arrange(part, depth + 1));
        }
        rest = below;
    }
    if !rest.is_empty() {
        blocks.extend(arrange(rest, depth + 1));
    }
    blocks
}

/// A strip between columns.
struct Gutter {
    /// The right edge of the strip.
    x: f64,
    /// The stretches where the strip parts columns, from top to bottom: first and last baseline.
    bands: Vec<(f64, f64)>,
    score: f64,
}

fn best_gutter(runs: &[Run]) -> Option<Gutter> {
    let leftmost = runs.iter().map(|run| run.x0).fold(f64::INFINITY, f64::min);
    let mut starts: Vec<f64> = runs.iter().map(|run| run.x0).filter(|x| *x > leftmost + 40.0).collect();
    starts.sort_by(f64::total_cmp);
    // Places where at least three runs begin one below the other.
    let mut places: Vec<(usize, f64)> = Vec::new();
    for x in starts {
        match places.last_mut() {
            Some((count, first)) if x - *first < 3.0 => *count += 1,
            _ => places.push((1, x)),
        }
    }
    places.retain(|(count, _)| *count >= 3);
    places.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    places.truncate(GUTTERS_MAX);
    places
        .into_iter()
        .filter_map(|(_, start)| gutter_at(runs, start - 0.5))
        .max_by(|a, b| a.score.total_cmp(&b.score).then(b.x.total_cmp(&a.x)))
}

fn gutter_at(runs: &[Run], x: f64) -> Option<Gutter> {
    let size = median(&runs.iter().map(|run| run.size).collect::<Vec<_>>())?;
    let width = (0.7 * size).max(6.0);
    let margin = at_margin(runs, x);
    let crosses = |run: &Run| {
        let reach = 0.3 * run.size;
        let next = margin.partition_point(|y| *y < run.y - reach);
        let on_line = margin.get(next).is_some_and(|y| *y <= run.y + reach);
        (run.x0 < x && run.x1 > x - width) || on_line
    };
    let mut gutter = Gutter {
        x,
        bands: Vec::new(),
        score: 0.0,
    };
    // Runs are sorted by baseline: every stretch without a crossing run is a band.
    for band in runs.split(crosses) {
        let Some(sides) = Sides::of(band, x) else { continue };
        if sides.are_columns() {
            gutter.bands.push((sides.top(band), band[band.len() - 1].y));
            // Lines set apart count; a wider strip breaks ties.
            gutter.score += sides.left.len().min(sides.right.len()) as f64 + (sides.strip(x) / 1000.0).min(0.5);
        }
    }
    (gutter.score > 0.0).then_some(gutter)
}

/// Returns the baselines of lines with something at the right margin and nothing else right of the strip. It is a date or a
/// place, not a column.
fn at_margin(runs: &[Run], x: f64) -> Vec<f64> {
    let edge = runs.iter().map(|run| run.x1).fold(f64::NEG_INFINITY, f64::max);
    let mut margin = Vec::new();
    for (n, run) in runs.iter().enumerate() {
        if run.x0 < x + 20.0 || run.x1 < edge - 4.0 {
            continue;
        }
        // Runs are sorted by baseline: those of one line are near each other.
        let near = &runs[n.saturating_sub(12)..(n + 13).min(runs.len())];
        let beside = |other: &&Run| (other.y - run.y).abs() <= 0.3 * run.size.min(other.size) && other.x0 < run.x0;
        let mut left = near.iter().filter(beside);
        if left.clone().next().is_some() && left.all(|other| other.x1 < x) {
            margin.push(run.y);
        }
    }
    margin
}

/// The lines on both sides of a strip.
struct Sides {
    left: Vec<Run>,
    right: Vec<Run>,
}

impl Sides {
    fn of(band: &[Run], x: f64) -> Option<Self> {
        let (left, right): (Vec<Run>, Vec<Run>) = band.iter().cloned().partition(|run| run.x0 < x);
        let sides = Self {
            left: lines(left),
            right: lines(right),
        };
        (sides.left.len() >= 2 && sides.right.len() >= 2).then_some(sides)
    }

    /// Returns the width of the strip without text.
    fn strip(&self, x: f64) -> f64 {
        x - self.left.iter().map(|line| line.x1).fold(f64::NEG_INFINITY, f64::max)
    }

    /// Returns the first baseline of the columns. Text above the beginning of the later side, set off by its size or by space, is
    /// a heading over both.
    fn top(&self, band: &[Run]) -> f64 {
        let (early, late) = if self.left[0].y < self.right[0].y {
            (&self.left, &self.right)
        } else {
            (&self.right, &self.left)
        };
        let size = median(&band.iter().map(|run| run.size).collect::<Vec<_>>()).unwrap_or(10.0);
        let heading = early.iter().take_while(|line| line.y < late[0].y - 0.8 * size).count();
        if heading == 0 || heading == early.len() {
            return band[0].y;
        }
        let set_off = early[heading].y - early[heading - 1].y > 2.2 * size;
        let large = early[..heading].iter().any(|line| line.size > 1.35 * size);
        if set_off || large {
            late[0].y.min(early[heading].y)
        } else {
            band[0].y
        }
    }

    /// Whether the sides are read one after the other.
    fn are_columns(&self) -> bool {
        let (left, right) = (&self.left, &self.right);
        if left.len() + right.len() < 6 || !self.overlap() {
            return false;
        }
        let share = |lines: &[Run], test: &dyn Fn(&Run) -> bool| {
            lines.iter().filter(|line| test(line)).count() as f64 / lines.len() as f64
        };
        // Dates at the margin, on either side.
        if share(left, &is_dated) > 0.4 || share(right, &is_dated) > 0.4 {
            return false;
        }
        // Set flush right and ragged left: places and dates at the right margin.
        if aligned(right.iter().map(|line| line.x1)) > 0.75 && aligned(right.iter().map(|line| line.x0)) < 0.6 {
            return false;
        }
        // Labels and values.
        let labels =
            share(left, &|line| line.text.ends_with(':')).max(share(right, &|line| line.text.starts_with(':')));
        if labels > 0.4 {
            return false;
        }
        let (small, large) = if left.len() <= right.len() {
            (left, right)
        } else {
            (right, left)
        };
        let partner = |line: &Run| {
            large
                .iter()
                .any(|other| (other.y - line.y).abs() <= 0.25 * line.size.min(other.size))
        };
        let paired = share(small, &partner);
        let short =
            |lines: &[Run]| median(&lines.iter().map(|line| line.text.len() as f64).collect::<Vec<_>>()).unwrap_or(0.0);
        // A few lines that all stand on a line of the other side are a table, and so is a sparse column of short labels.
        let sparse = small.len() * 2 < large.len() && short(small) <= 24.0;
        let table = paired > 0.85 && (small.len() < 6 || sparse);
        !table && short(left) >= 3.0 && short(right) >= 3.0
    }

    /// Whether the sides stand beside each other and not one below the other.
    fn overlap(&self) -> bool {
        let range = |lines: &[Run]| (lines[0].y, lines[lines.len() - 1].y);
        let ((a0, a1), (b0, b1)) = (range(&self.left), range(&self.right));
        let shared = a1.min(b1) - a0.max(b0);
        shared > 0.5 * (a1 - a0).min(b1 - b0)
    }
}

/// Returns the largest share of values that are the same, within two points.
fn aligned(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let most = (0..values.len())
        .map(|n| values[n..].partition_point(|value| value - values[n] <= 2.0))
        .max()
        .unwrap_or(0);
    most as f64 / values.len().max(1) as f64
}

/// Whether a line is short and has a year in it, or "Present".
fn is_dated(line: &Run) -> bool {
    let text = &line.text;
    let year = text
        .as_bytes()
        .windows(4)
        .any(|w| (w.starts_with(b"19") || w.starts_with(b"20")) && w.iter().all(u8::is_ascii_digit));
    text.len() <= 32 && (year || text.to_lowercase().contains("present"))
}

/// Joins runs on one baseline to lines, from top to bottom.
fn lines(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut rows: Vec<Vec<Run>> = Vec::new();
    for run in runs {
        match rows.last_mut() {
            Some(row) if run.y - row[0].y <= 0.55 * row[0].size.min(run.size) => row.push(run),
            _ => rows.push(vec![run]),
        }
    }
    rows.into_iter().filter_map(line).collect()
}

fn line(mut row: Vec<Run>) -> Option<Run> {
    row.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    let mut runs = row.into_iter();
    let mut line = runs.next()?;
    for run in runs {
        let gap = run.x0 - line.x1;
        let size = line.size.min(run.size);
        if gap > 1.8 * size {
            line.push("\t", NOWHERE);
        } else if gap > 0.12 * size {
            line.push(" ", NOWHERE);
        }
        line.append(&run);
        line.x1 = line.x1.max(run.x1);
        line.size = line.size.max(run.size);
    }
    Some(line)
}

/// Writes the lines of a block, with an empty line where there is more space than usual.
fn write_block(block: Vec<Run>, out: &mut Vec<Letter>) {
    let lines = lines(block);
    let steps: Vec<f64> = lines.windows(2).map(|pair| pair[1].y - pair[0].y).collect();
    let usual = median(&steps.iter().copied().filter(|step| *step > 0.0).collect::<Vec<_>>()).unwrap_or(0.0);
    for (n, line) in lines.iter().enumerate() {
        if n > 0 {
            let step = steps[n - 1];
            let leading = usual.min(1.6 * line.size.max(lines[n - 1].size));
            out.extend(lettered(if step > 1.35 * leading { "\n\n" } else { "\n" }, NOWHERE));
        }
        out.extend(line.letters());
    }
}
