//! Builds text out of paragraphs, tables and text boxes, for the formats that have them.

use super::letters::{Letter, Look, NOWHERE, Origin, Style, lettered};
use crate::refusal::Refusal;

/// The greatest depth of boxes and cells inside each other.
const DEPTH_MAX: usize = 64;

/// A text under construction.
#[derive(Debug)]
pub(super) struct Flow {
    frames: Vec<Frame>,
    bytes: usize,
    bytes_max: usize,
    /// The styles that occur, as origins without a place.
    origins: Vec<Origin>,
    /// The origin of the text that is added.
    origin: u32,
    /// Whether somebody sees the text that is added.
    seen: bool,
}

/// The most styles of a document that are told apart.
const STYLES_MAX: usize = 1_000;

#[derive(Debug, Default)]
struct Frame {
    text: Vec<Letter>,
    /// The texts of boxes anchored in the paragraph at hand, which follow it.
    boxes: Vec<Letter>,
    /// The finished cells of the table row at hand.
    cells: Vec<Vec<Letter>>,
}

/// A place in a text under construction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    depth: usize,
    length: usize,
    boxes_length: usize,
}

/// Text and the origins that its letters name.
pub(super) type Read = (Vec<Letter>, Vec<Origin>);

fn trimmed(letters: &[Letter]) -> &[Letter] {
    let is_word = |letter: &Letter| !letter.0.is_whitespace();
    let Some(first) = letters.iter().position(is_word) else {
        return &[];
    };
    let last = letters.iter().rposition(is_word).unwrap_or(first);
    &letters[first..=last]
}

fn line_count(letters: &[Letter]) -> usize {
    letters.split(|letter| letter.0 == '\n').count()
}

impl Flow {
    /// Creates a text of at most `characters_max` characters.
    pub fn new(characters_max: u32) -> Self {
        Self {
            frames: vec![Frame::default()],
            bytes: 0,
            bytes_max: characters_max as usize * 4,
            origins: vec![Origin {
                style: Style::default(),
                area: None,
            }],
            origin: 0,
            seen: true,
        }
    }

    fn top(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    /// Sets the look of the text that is added from now on.
    pub fn dress(&mut self, look: &Look) {
        let style = look.style;
        self.seen = look.is_seen();
        // Most often it is the one that was asked for last.
        let last = self.origins.get(self.origin as usize);
        if last.is_some_and(|origin| origin.style == style) {
            return;
        }
        let known = self.origins.iter().position(|origin| origin.style == style);
        self.origin = known.map_or_else(
            || {
                if self.origins.len() < STYLES_MAX {
                    self.origins.push(Origin { style, area: None });
                }
                self.origins.len() as u32 - 1
            },
            |known| known as u32,
        );
    }

    /// Adds text to the paragraph at hand, unless nobody sees it.
    pub fn push(&mut self, text: &str) -> Result<(), Refusal> {
        if self.seen { self.set_apart(text) } else { Ok(()) }
    }

    /// Adds a tab or the end of a line, which sets apart its neighbours even where it is not seen.
    pub fn set_apart(&mut self, text: &str) -> Result<(), Refusal> {
        self.bytes += text.len();
        if self.bytes > self.bytes_max {
            return Err(Refusal::TooLong {
                limit_characters: (self.bytes_max / 4) as u32,
            });
        }
        let origin = self.origin;
        if let Some(top) = self.top() {
            top.text.extend(lettered(text, origin));
        }
        Ok(())
    }

    /// Returns the place where text is added.
    pub fn place(&self) -> Place {
        Place {
            depth: self.frames.len(),
            length: self.frames.last().map_or(0, |top| top.text.len()),
            boxes_length: self.frames.last().map_or(0, |top| top.boxes.len()),
        }
    }

    /// Takes out the text from a place on, unless it lies in another box or cell.
    pub fn erase_from(&mut self, place: Place) {
        if place.depth == self.frames.len()
            && let Some(top) = self.top()
        {
            top.text.truncate(place.length);
            top.boxes.truncate(place.boxes_length);
        }
    }

    /// Whether somebody sees the text that is added.
    pub const fn is_seen(&self) -> bool {
        self.seen
    }

    /// Returns the last character.
    pub fn last(&self) -> Option<char> {
        self.frames.last()?.text.last().map(|letter| letter.0)
    }

    /// Begins a new line unless the text is at the start of one.
    pub fn line(&mut self) {
        if let Some(top) = self.top() {
            if top.text.last().is_some_and(|letter| letter.0 != '\n') {
                top.text.push(('\n', NOWHERE));
            }
            let mut boxes = std::mem::take(&mut top.boxes);
            if !boxes.is_empty() {
                top.text.push(('\n', NOWHERE));
                top.text.append(&mut boxes);
                top.text.push(('\n', NOWHERE));
            }
        }
    }

    /// Leaves an empty line.
    pub fn gap(&mut self) {
        self.line();
        if let Some(top) = self.top() {
            top.text.push(('\n', NOWHERE));
        }
    }

    /// Enters a text box or a table cell.
    pub fn enter(&mut self) -> Result<(), Refusal> {
        if self.frames.len() >= DEPTH_MAX {
            return Err(Refusal::Corrupt);
        }
        self.frames.push(Frame::default());
        Ok(())
    }

    fn leave(&mut self) -> Vec<Letter> {
        if self.frames.len() < 2 {
            return Vec::new();
        }
        self.line();
        self.frames.pop().map(|frame| frame.text).unwrap_or_default()
    }

    /// Leaves a text box; its text follows the paragraph it is anchored in.
    pub fn leave_box(&mut self) {
        let mut text = self.leave();
        if let Some(top) = self.top() {
            top.boxes.append(&mut text);
        }
    }

    /// Leaves a table cell.
    pub fn leave_cell(&mut self) {
        let text = self.leave();
        if let Some(top) = self.top() {
            top.cells.push(text);
        }
    }

    /// Ends a table row. Cells of one line each are a row of data and stay on one line; cells of several lines are columns of
    /// a layout, and each is read whole.
    pub fn end_row(&mut self) {
        self.line();
        let Some(top) = self.top() else { return };
        let cells = std::mem::take(&mut top.cells);
        let cells: Vec<&[Letter]> = cells
            .iter()
            .map(|cell| trimmed(cell))
            .filter(|cell| !cell.is_empty())
            .collect();
        let layout = cells.iter().filter(|cell| line_count(cell) > 2).count() > 1
            || cells.iter().any(|cell| line_count(cell) > 4);
        for (n, cell) in cells.iter().enumerate() {
            if layout {
                top.text.push(('\n', NOWHERE));
                top.text.extend_from_slice(cell);
                top.text.push(('\n', NOWHERE));
            } else {
                top.text.extend(lettered(if n > 0 { "\t" } else { "" }, NOWHERE));
                top.text.extend_from_slice(cell);
            }
        }
        top.text.push(('\n', NOWHERE));
    }

    /// Returns the text so far, and begins again with the same styles.
    pub fn take(&mut self) -> Vec<Letter> {
        while self.frames.len() > 1 {
            self.leave_box();
        }
        self.line();
        self.top().map(|top| std::mem::take(&mut top.text)).unwrap_or_default()
    }

    /// Returns the finished text.
    pub fn finish(mut self) -> Read {
        (self.take(), self.origins)
    }
}
