//! Builds text out of paragraphs, tables and text boxes, for the formats that have them.

use crate::refusal::Refusal;

/// The greatest depth of boxes and cells inside each other.
const DEPTH_MAX: usize = 64;

/// A text under construction.
#[derive(Debug)]
pub(super) struct Flow {
    frames: Vec<Frame>,
    bytes: usize,
    bytes_max: usize,
}

#[derive(Debug, Default)]
struct Frame {
    text: String,
    /// The texts of boxes anchored in the paragraph at hand, which follow it.
    boxes: String,
    /// The finished cells of the table row at hand.
    cells: Vec<String>,
}

impl Flow {
    /// Creates a text of at most `characters_max` characters.
    pub fn new(characters_max: u32) -> Self {
        Self {
            frames: vec![Frame::default()],
            bytes: 0,
            bytes_max: characters_max as usize * 4,
        }
    }

    fn top(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    /// Adds text to the paragraph at hand.
    pub fn push(&mut self, text: &str) -> Result<(), Refusal> {
        self.bytes += text.len();
        if self.bytes > self.bytes_max {
            return Err(Refusal::TooLong {
                limit_characters: (self.bytes_max / 4) as u32,
            });
        }
        if let Some(top) = self.top() {
            top.text.push_str(text);
        }
        Ok(())
    }

    /// Returns the last character.
    pub fn last(&self) -> Option<char> {
        self.frames.last()?.text.chars().next_back()
    }

    /// Begins a new line unless the text is at the start of one.
    pub fn line(&mut self) {
        if let Some(top) = self.top() {
            if !top.text.is_empty() && !top.text.ends_with('\n') {
                top.text.push('\n');
            }
            let boxes = std::mem::take(&mut top.boxes);
            if !boxes.is_empty() {
                top.text.push('\n');
                top.text.push_str(&boxes);
                top.text.push('\n');
            }
        }
    }

    /// Leaves an empty line.
    pub fn gap(&mut self) {
        self.line();
        if let Some(top) = self.top() {
            top.text.push('\n');
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

    fn leave(&mut self) -> String {
        if self.frames.len() < 2 {
            return String::new();
        }
        self.line();
        self.frames.pop().map(|frame| frame.text).unwrap_or_default()
    }

    /// Leaves a text box; its text follows the paragraph it is anchored in.
    pub fn leave_box(&mut self) {
        let text = self.leave();
        if let Some(top) = self.top() {
            top.boxes.push_str(&text);
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
        let cells: Vec<&str> = cells
            .iter()
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty())
            .collect();
        let layout = cells.iter().filter(|cell| cell.lines().count() > 2).count() > 1
            || cells.iter().any(|cell| cell.lines().count() > 4);
        for (n, cell) in cells.iter().enumerate() {
            if layout {
                top.text.push('\n');
                top.text.push_str(cell);
                top.text.push('\n');
            } else {
                top.text.push_str(if n > 0 { "\t" } else { "" });
                top.text.push_str(cell);
            }
        }
        top.text.push('\n');
    }

    /// Returns the finished text.
    pub fn finish(mut self) -> String {
        while self.frames.len() > 1 {
            self.leave_box();
        }
        self.line();
        self.frames.pop().map(|frame| frame.text).unwrap_or_default()
    }
}
