//! Reads RTF, as much of it as text needs.

use super::{
    Limits,
    flow::{Flow, Read},
    letters::{Colour, Ground, Look, SIDE_MAX, Style, WHITE, is_off_page, is_too_low, is_too_narrow},
    plain::windows_1252,
};
use crate::refusal::Refusal;

/// The greatest depth of groups inside groups.
const DEPTH_MAX: usize = 512;

/// Groups that hold something other than the document's text.
const DESTINATIONS: [&str; 26] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "themedata",
    "colorschememapping",
    "datastore",
    "latentstyles",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "xmlnstbl",
    "generator",
    "fldinst",
    "bkmkstart",
    "bkmkend",
    "filetbl",
    "revtbl",
    "footnote",
    "annotation",
    "sp",
    "tc",
    "tcn",
    "xe",
];

/// Headers and footers that are shown only where the document has another word, and that word.
const MARGINS: [(&str, &[u8]); 4] = [
    ("headerf", br"\titlepg"),
    ("footerf", br"\titlepg"),
    ("headerl", br"\facingp"),
    ("footerl", br"\facingp"),
];

/// The height of a line of ordinary text, in points.
const LINE: f32 = 12.0;

#[derive(Debug, Clone, Copy)]
struct Group {
    skipped: bool,
    /// The number of bytes that stand in for a `\u` character.
    fallback: usize,
    character: Character,
    paragraph: Paragraph,
    /// Whether the group is of a shape that lies beside the page.
    off_page: bool,
}

/// The look of the letters to come.
#[derive(Debug, Clone, Copy, Default)]
struct Character {
    style: Style,
    colour: Option<Colour>,
    /// The ground of the letters alone.
    ground: Option<Ground>,
    hidden: bool,
    deleted: bool,
    narrow: bool,
}

/// The look and place of the paragraph to come. Lengths in points.
#[derive(Debug, Clone, Copy, Default)]
struct Paragraph {
    ground: Option<Ground>,
    in_table: bool,
    indent: f32,
    first_indent: f32,
    /// The height of a line, by `\sl`: below 0 it is exact.
    line: f32,
    /// Whether `line` counts lines of 12 points.
    is_multiple: bool,
    /// The place and the width of its frame.
    frame: (Option<f32>, Option<f32>, Option<f32>),
    /// Whether the place is from the edges of the page.
    from_edge: (bool, bool),
}

impl Paragraph {
    /// Whether nobody sees text of the paragraph on a page of this width and height.
    fn is_unseen(&self, (width, height): (f32, f32)) -> bool {
        let line = match self.line {
            exact if exact < 0.0 => -exact,
            line if line > 0.0 && self.is_multiple => line,
            _ => LINE,
        };
        let (x, y, frame_width) = self.frame;
        let indents = [self.indent, self.indent + self.first_indent];
        is_too_low(line)
            || indents.iter().any(|indent| is_off_page(*indent, None, width, false))
            || x.is_some_and(|x| is_off_page(x, frame_width, width, self.from_edge.0))
            || y.is_some_and(|y| is_off_page(y, None, height, self.from_edge.1))
    }
}

/// The state that holds for more than one group.
#[derive(Debug)]
struct Sheet {
    /// The colours that numbers name. The first is most often the program's own.
    colours: Vec<Option<Colour>>,
    ground: Ground,
    /// The width and the height of the page.
    page: (f32, f32),
    /// The grounds of the row's cells, and the number of the one at hand.
    cells: Vec<Option<Ground>>,
    cell: usize,
    /// The ground of the cell that is being defined.
    cell_ground: Option<Ground>,
    is_low_row: bool,
}

impl Sheet {
    fn colour(&self, number: Option<i32>) -> Option<Colour> {
        let number = usize::try_from(number?).ok()?;
        self.colours.get(number).copied().flatten()
    }

    /// Returns the ground that a number names; 0 stands for none.
    fn ground(&self, number: Option<i32>) -> Option<Ground> {
        number.filter(|number| *number > 0).map(|_| self.colour(number))
    }

    fn look(&self, group: &Group) -> Look {
        let (character, paragraph) = (&group.character, &group.paragraph);
        let cell = || {
            self.cells
                .get(self.cell)
                .copied()
                .flatten()
                .filter(|_| paragraph.in_table)
        };
        Look {
            style: character.style,
            colour: character.colour,
            ground: character
                .ground
                .or(paragraph.ground)
                .or_else(cell)
                .unwrap_or(self.ground),
            hidden: character.hidden
                || character.deleted
                || character.narrow
                || group.off_page
                || (paragraph.in_table && self.is_low_row)
                || paragraph.is_unseen(self.page),
        }
    }

    /// Takes in what a word says of the page, the table or a group. Returns whether it is such a word.
    fn take(&mut self, group: &mut Group, word: &str, number: Option<i32>) -> bool {
        let on = number != Some(0);
        let points = number.unwrap_or_default() as f32 / 20.0;
        let (character, paragraph) = (&mut group.character, &mut group.paragraph);
        match word {
            "b" => character.style.bold = on,
            "i" => character.style.italic = on,
            "v" => character.hidden = on,
            "deleted" => character.deleted = on,
            "fs" => character.style.size = number.unwrap_or_default().clamp(0, 400) as f32 / 2.0,
            "charscalex" => character.narrow = is_too_narrow(number.unwrap_or(100) as f32 / 100.0),
            "cf" => character.colour = self.colour(number),
            "cb" | "chcbpat" | "highlight" => character.ground = self.ground(number),
            "plain" => *character = Character::default(),
            "pard" => *paragraph = Paragraph::default(),
            "cbpat" => paragraph.ground = self.ground(number),
            "intbl" => paragraph.in_table = on,
            "li" | "lin" => paragraph.indent = points,
            "fi" => paragraph.first_indent = points,
            "sl" => paragraph.line = points,
            "slmult" => paragraph.is_multiple = on && number.is_some(),
            "posx" | "posnegx" => paragraph.frame.0 = Some(points),
            "posy" | "posnegy" => paragraph.frame.1 = Some(points),
            "absw" => paragraph.frame.2 = Some(points).filter(|width| *width > 0.0),
            "phpg" => paragraph.from_edge.0 = true,
            "pvpg" => paragraph.from_edge.1 = true,
            "paperw" => self.page.0 = points,
            "paperh" => self.page.1 = points,
            "trowd" => {
                self.cells.clear();
                (self.cell_ground, self.is_low_row) = (None, false);
            }
            "trrh" => self.is_low_row = points < 0.0 && is_too_low(-points),
            "clcbpat" => self.cell_ground = self.ground(number),
            "cellx" if self.cells.len() < CELLS_MAX => self.cells.push(self.cell_ground.take()),
            "shpleft" | "shptop" => group.off_page |= is_off_page(points, None, SIDE_MAX, false),
            "shpright" | "shpbottom" => group.off_page |= is_off_page(points, Some(0.0), SIDE_MAX, false),
            // Nobody knows here where a shape below the text lies.
            "shpfblwtxt" if on => self.ground = None,
            _ => return false,
        }
        true
    }
}

/// The most cells of a row.
const CELLS_MAX: usize = 1_000;

/// Reads the colours of a table, which ends with its group.
fn colours(bytes: &[u8]) -> Vec<Option<Colour>> {
    let (mut colours, mut colour, mut at) = (Vec::new(), None, 0);
    while let Some(byte) = bytes.get(at).filter(|byte| **byte != b'}') {
        at += 1;
        match byte {
            b';' => colours.push(colour.take()),
            b'\\' => {
                let (control, next) = control(bytes, at);
                at = next;
                let Control::Word(word, number) = control else { continue };
                let channel = ["red", "green", "blue"].iter().position(|channel| *channel == word);
                if let Some(channel) = channel {
                    colour.get_or_insert([0; 3])[channel] = number.unwrap_or_default().clamp(0, 255) as u8;
                }
            }
            _ => {}
        }
    }
    colours
}

#[expect(clippy::too_many_lines, reason = "an arm for each control word")]
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Read, Refusal> {
    let mut flow = Flow::new(limits.characters_max);
    let mut groups = vec![Group {
        skipped: false,
        fallback: 1,
        character: Character::default(),
        paragraph: Paragraph::default(),
        off_page: false,
    }];
    let mut sheet = Sheet {
        colours: Vec::new(),
        ground: Some(WHITE),
        page: (612.0, 792.0),
        cells: Vec::new(),
        cell: 0,
        cell_ground: None,
        is_low_row: false,
    };
    let has = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    let unseen_margins = MARGINS.map(|(margin, word)| (margin, !has(word)));
    let mut at = 0;
    let mut starred = false;
    let mut to_skip = 0_usize;
    let mut high_surrogate = None;
    while at < bytes.len() {
        let Some(group) = groups.last().copied() else {
            return Err(Refusal::Corrupt);
        };
        flow.dress(&sheet.look(&group));
        match bytes[at] {
            b'{' => {
                if groups.len() >= DEPTH_MAX {
                    return Err(Refusal::Corrupt);
                }
                groups.push(group);
                (starred, to_skip) = (false, 0);
                at += 1;
            }
            b'}' => {
                groups.pop();
                (starred, to_skip) = (false, 0);
                at += 1;
                // Whatever follows the end of the document is not of it.
                if groups.len() <= 1 {
                    break;
                }
            }
            b'\\' => {
                let (control, next) = control(bytes, at + 1);
                at = next;
                match control {
                    Control::Symbol(b'*') => starred = true,
                    Control::Hex(_) | Control::Symbol(_) if to_skip > 0 => to_skip -= 1,
                    _ if group.skipped => {}
                    Control::Word(word, number)
                        if groups.last_mut().is_some_and(|group| sheet.take(group, word, number)) => {}
                    Control::Hex(byte) => flow.push(windows_1252(byte).encode_utf8(&mut [0; 4]))?,
                    Control::Symbol(symbol) => push(&mut flow, symbol_text(symbol))?,
                    Control::Word("bin", Some(length)) => at = at.saturating_add(length.max(0) as usize),
                    Control::Word("uc", Some(count)) => {
                        if let Some(group) = groups.last_mut() {
                            group.fallback = count.clamp(0, 16) as usize;
                        }
                    }
                    Control::Word("u", Some(code)) => {
                        to_skip = group.fallback;
                        let unit = code as u16;
                        let decoded = match (high_surrogate.take(), unit) {
                            (_, 0xD800..=0xDBFF) => {
                                high_surrogate = Some(unit);
                                None
                            }
                            (Some(high), _) => char::decode_utf16([high, unit]).next().and_then(Result::ok),
                            (None, _) => char::from_u32(u32::from(unit)),
                        };
                        if let Some(c) = decoded {
                            flow.push(c.encode_utf8(&mut [0; 4]))?;
                        }
                    }
                    Control::Word("listtext" | "pntext", _) => {
                        flow.push("• ")?;
                        skip_group(&mut groups);
                    }
                    Control::Word(word, _) if unseen_margins.contains(&(word, true)) => skip_group(&mut groups),
                    Control::Word(word, _) if starred || DESTINATIONS.contains(&word) => {
                        match word {
                            "colortbl" => sheet.colours = colours(&bytes[at..]),
                            "background" => sheet.ground = None,
                            _ => {}
                        }
                        // Word wraps shapes' text in a starred group that is text all the same.
                        if !matches!(word, "shpinst" | "shptxt") {
                            skip_group(&mut groups);
                        }
                        starred = false;
                    }
                    Control::Word(word, _) => {
                        sheet.cell = match word {
                            "cell" => sheet.cell + 1,
                            "row" => 0,
                            _ => sheet.cell,
                        };
                        push(&mut flow, word_text(word))?;
                    }
                    Control::End => break,
                }
                if !matches!(control, Control::Symbol(b'*')) {
                    starred = false;
                }
            }
            b'\r' | b'\n' => at += 1,
            byte => {
                at += 1;
                if to_skip > 0 {
                    to_skip -= 1;
                } else if !group.skipped {
                    flow.push(windows_1252(byte).encode_utf8(&mut [0; 4]))?;
                }
            }
        }
    }
    Ok(flow.finish())
}

/// Adds text, of which ends of lines and tabs stay where nobody sees them.
fn push(flow: &mut Flow, text: &str) -> Result<(), Refusal> {
    if matches!(text, "\n" | "\t") {
        flow.set_apart(text)
    } else {
        flow.push(text)
    }
}

fn skip_group(groups: &mut [Group]) {
    // The outermost group is the document: a file that asks to skip it would read as empty.
    if groups.len() > 1
        && let Some(group) = groups.last_mut()
    {
        group.skipped = true;
    }
}

#[derive(Clone, Copy)]
enum Control<'a> {
    Word(&'a str, Option<i32>),
    Symbol(u8),
    Hex(u8),
    End,
}

/// Returns the control that begins behind a backslash, and the place where the text after it begins.
fn control(bytes: &[u8], start: usize) -> (Control<'_>, usize) {
    let Some(&first) = bytes.get(start) else {
        return (Control::End, start);
    };
    if first == b'\'' {
        let digits = bytes
            .get(start + 1..start + 3)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        return (Control::Hex(byte.unwrap_or(b' ')), (start + 3).min(bytes.len()));
    }
    if !first.is_ascii_alphabetic() {
        return (Control::Symbol(first), start + 1);
    }
    let letters = bytes[start..]
        .iter()
        .take(32)
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let mut end = start + letters;
    let word = std::str::from_utf8(&bytes[start..end]).unwrap_or_default();
    let sign = usize::from(bytes.get(end) == Some(&b'-'));
    let digits = bytes[end + sign..]
        .iter()
        .take(10)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let mut number = None;
    if digits > 0 {
        number = std::str::from_utf8(&bytes[end..end + sign + digits])
            .ok()
            .and_then(|digits| digits.parse().ok());
        end += sign + digits;
    }
    if bytes.get(end) == Some(&b' ') {
        end += 1;
    }
    (Control::Word(word, number), end)
}

fn symbol_text(symbol: u8) -> &'static str {
    match symbol {
        b'~' => " ",
        b'_' => "-",
        b'\\' => "\\",
        b'{' => "{",
        b'}' => "}",
        b'\n' | b'\r' => "\n",
        _ => "",
    }
}

fn word_text(word: &str) -> &'static str {
    match word {
        "par" | "line" | "row" | "sect" | "page" | "column" => "\n",
        "tab" | "cell" => "\t",
        "bullet" => "•",
        "emdash" => "—",
        "endash" => "–",
        "lquote" => "‘",
        "rquote" => "’",
        "ldblquote" => "“",
        "rdblquote" => "”",
        "emspace" | "enspace" | "qmspace" => " ",
        _ => "",
    }
}
