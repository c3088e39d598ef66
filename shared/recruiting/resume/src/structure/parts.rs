//! The words of the lines that head something, and the attributes by which a tagger tells what each names.

use std::ops::Range;

use super::{
    LineKind, Run,
    lines::{Page, bit_length, sign},
};
use crate::{
    entities::{
        EntityKind, LEXICON,
        lexicon::{Counts, class_of_form, fold, hash_word, list, mix},
        token::{Token, TokenKind, tokenize},
        words::class,
    },
    places,
};

/// The most words of one line that are looked at.
const TOKENS_MAX: usize = 120;

/// A word, a sign, a date, or the end of a line.
#[derive(Debug, Clone, Default)]
struct Piece {
    /// The place of the piece, in bytes of the document.
    range: Range<usize>,
    word: u64,
    shape: u64,
    prefix: u64,
    suffix: u64,
    class: u32,
    counts: Counts,
    title: u8,
    place: u8,
    /// Whether the piece is one of the last words of its segment, which name a place.
    tail: bool,
    gap: u8,
    /// Whether the piece parts segments.
    parts: bool,
    style: u64,
    line: usize,
    segment: usize,
    entity: u64,
}

/// A stretch of pieces between separators.
#[derive(Debug, Clone, Default)]
struct Segment {
    pieces: Range<usize>,
    line: usize,
    /// The number of the segment in its line, and the number of those behind it.
    before: usize,
    after: usize,
    classes: u32,
    title: u64,
    /// The share of the segment that names a place. 0 none, 1 its last words, 2 all of it, 3 the code of a state.
    place: u64,
    is_date: bool,
    case: u64,
    style: u64,
    /// Whether it is a label: words of labels before a colon.
    label: bool,
    /// The separators before and behind it.
    opens: u64,
    closes: u64,
    first: u64,
    last: u64,
}

/// The words of a few lines that are tagged together.
pub struct Sequence {
    kind: LineKind,
    under_banner: bool,
    pieces: Vec<Piece>,
    segments: Vec<Segment>,
    lines: Vec<LineFacts>,
}

#[derive(Debug, Clone, Default)]
struct LineFacts {
    bullet: bool,
    dated: bool,
    segments: usize,
    style: u64,
}

const END_OF_LINE: u64 = 11;
const TAB: u64 = 12;
const DATE: u64 = 13;

impl Sequence {
    /// Cuts lines of a page into words.
    #[must_use]
    pub fn new(page: &Page<'_>, run: &Run) -> Self {
        let mut sequence = Self {
            kind: run.kind,
            under_banner: run.under_banner,
            pieces: Vec::new(),
            segments: Vec::new(),
            lines: Vec::new(),
        };
        for (n, at) in run.lines.clone().enumerate() {
            let Some(line) = page.lines.get(at) else { break };
            if n > 0 {
                sequence.put_sign(line.start..line.start, END_OF_LINE, n - 1);
            }
            sequence.put_line(page, at, n);
        }
        sequence.cut(page);
        sequence
    }

    fn put_sign(&mut self, range: Range<usize>, word: u64, line: usize) {
        self.pieces.push(Piece {
            range,
            word,
            shape: word,
            parts: true,
            line,
            ..Piece::default()
        });
    }

    fn put_line(&mut self, page: &Page<'_>, at: usize, n: usize) {
        let line = &page.lines[at];
        let tokens = tokenize(line.text, TOKENS_MAX);
        let (Some(lexicon), mut dates) = (&*LEXICON, line.periods.iter().peekable()) else {
            return;
        };
        let form = |token: &Token| &line.text[token.start..token.end];
        let words: Vec<u64> = tokens.iter().map(|token| hash_word(form(token))).collect();
        let phrases = lexicon.phrase_positions(&words);
        let mut end = 0;
        for (i, token) in tokens.iter().enumerate() {
            while dates.peek().is_some_and(|period| period.range.end <= token.start) {
                dates.next();
            }
            let blank = &line.text[end..token.start.max(end)];
            if blank.contains('\t') {
                self.put_sign(line.start + end..line.start + token.start, TAB, n);
            }
            end = token.end;
            if let Some(period) = dates.peek().filter(|period| period.range.contains(&token.start)) {
                let range = line.start + period.range.start..line.start + period.range.end;
                if self.pieces.last().is_none_or(|last| last.range != range) {
                    self.put_sign(range, DATE, n);
                }
                continue;
            }
            let range = line.start + token.start..line.start + token.end;
            let text = form(token);
            let spaced =
                token.start > 0 && line.text[..token.start].ends_with(' ') && line.text[token.end..].starts_with(' ');
            let parts = match text {
                "," | "|" | "•" | "·" | ";" | ":" | "(" | ")" | "–" | "—" | "@" | "→" => true,
                "-" | "/" | "~" | "at" | "At" | "AT" => spaced,
                // A full stop ends an abbreviation more often than a part, but not behind a long word.
                "." => {
                    let before = line.text[..token.start]
                        .chars()
                        .rev()
                        .take_while(|c| c.is_alphabetic())
                        .count();
                    before > 3 && line.text[token.end..].starts_with(' ')
                }
                _ => false,
            };
            self.pieces.push(Piece {
                word: match token.kind {
                    TokenKind::Email => 2,
                    TokenKind::Url => 3,
                    TokenKind::Number => 5 + (text.len() as u64).min(5) * 16,
                    _ => words[i],
                },
                shape: shape(text),
                prefix: edge(text, true),
                suffix: edge(text, false),
                class: lexicon.class(words[i]) | class_of_form(text, token),
                counts: lexicon.counts(words[i]),
                title: phrases[i][list::TITLE],
                place: phrases[i][list::PLACE],
                tail: false,
                gap: token.gap as u8,
                parts,
                style: page.style_at(range.start).map_or(0, |style| {
                    1 + u64::from(style.bold) + 2 * u64::from(style.italic) + 4 * size_step(style.size, page.size)
                }),
                line: n,
                segment: 0,
                entity: entity(page, &range),
                range,
            });
        }
        self.lines.push(LineFacts {
            bullet: line.bullet,
            dated: !line.periods.is_empty(),
            segments: 0,
            style: 0,
        });
    }

    /// Cuts the pieces into segments, and looks at each.
    fn cut(&mut self, page: &Page<'_>) {
        let mut start = 0;
        for at in 0..=self.pieces.len() {
            let parts = self.pieces.get(at).is_none_or(|piece| piece.parts);
            if !parts {
                continue;
            }
            let is_date = self.pieces.get(at).is_some_and(|piece| piece.word == DATE);
            self.put_segment(page, start..at);
            if is_date {
                self.put_segment(page, at..at + 1);
            }
            start = at + 1;
        }
        for line in 0..self.lines.len() {
            let own: Vec<usize> = (0..self.segments.len())
                .filter(|segment| self.segments[*segment].line == line)
                .collect();
            for (n, segment) in own.iter().enumerate() {
                (self.segments[*segment].before, self.segments[*segment].after) = (n, own.len() - 1 - n);
            }
            self.lines[line].segments = own.len();
            self.lines[line].style = own.first().map_or(0, |segment| self.segments[*segment].style);
        }
    }

    fn put_segment(&mut self, page: &Page<'_>, range: Range<usize>) {
        let Some(first) = self.pieces.get(range.start).filter(|_| !range.is_empty()) else {
            return;
        };
        let pieces = &self.pieces[range.clone()];
        let last = &pieces[pieces.len() - 1];
        let separator = |at: Option<usize>| at.and_then(|at| self.pieces.get(at)).map_or(1, |piece| piece.word);
        let share = |test: fn(&Piece) -> bool| {
            let count = pieces.iter().filter(|piece| test(piece)).count();
            (count * 3).div_ceil(pieces.len()) as u64
        };
        let number = self.segments.len();
        let segment = Segment {
            line: first.line,
            classes: pieces.iter().fold(0, |all, piece| all | piece.class),
            title: share(|piece| piece.title > 0) * 2
                + u64::from(pieces.iter().any(|piece| piece.class & class::TITLE != 0)),
            place: place_of(page, pieces),
            is_date: first.word == DATE,
            case: share(|piece| piece.counts == [0; 6]),
            style: first.style,
            opens: separator(range.start.checked_sub(1)),
            closes: separator(Some(range.end)),
            label: is_label(page, pieces) && self.pieces.get(range.end).is_some_and(|next| next.word == sign(":")),
            first: first.word,
            last: last.word,
            before: 0,
            after: 0,
            pieces: range.clone(),
        };
        self.segments.push(segment);
        let tail = tail_of(page, &self.pieces[range.clone()]);
        for piece in &mut self.pieces[range.end - tail..range.end] {
            piece.tail = true;
        }
        for piece in &mut self.pieces[range] {
            piece.segment = number + 1;
        }
    }

    /// Returns the number of words.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Whether there is no word.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Returns the stretch of a run of words, in bytes of the document.
    #[must_use]
    pub fn range(&self, pieces: Range<usize>) -> Option<Range<usize>> {
        let own = self.pieces.get(pieces)?;
        Some(own.first()?.range.start..own.last()?.range.end)
    }

    /// Returns the place of each word, in bytes of the document. Signs and dates are none.
    #[must_use]
    pub fn places(&self) -> Vec<Option<Range<usize>>> {
        let is_word = |piece: &&Piece| !matches!(piece.word, END_OF_LINE | TAB | DATE);
        self.pieces
            .iter()
            .map(|piece| Some(piece).filter(is_word).map(|piece| piece.range.clone()))
            .collect()
    }

    /// Returns for each word its place in the pattern of the head: line, segment, dress, separator. Signs and dates have none.
    #[must_use]
    pub fn slots(&self) -> Vec<Option<u64>> {
        let slot = |piece: &Piece| {
            let segment = self.segments.get(piece.segment.checked_sub(1)?)?;
            let line = self.lines.get(piece.line)?;
            let place = piece.line as u64 * 16 + segment.before.min(15) as u64;
            let dress = mix(segment.style, segment.opens);
            Some(mix(mix(self.kind as u64, place), mix(dress, u64::from(line.dated))))
        };
        let headed = matches!(self.kind, LineKind::Job | LineKind::Study | LineKind::Banner);
        self.pieces
            .iter()
            .map(|piece| slot(piece).filter(|_| headed && !piece.parts))
            .collect()
    }

    /// Returns the attributes of each word.
    #[must_use]
    pub fn attributes(&self) -> Vec<Vec<u32>> {
        let empty = Piece::default();
        let none = Segment::default();
        (0..self.pieces.len())
            .map(|at| {
                let near = |offset: isize| {
                    at.checked_add_signed(offset)
                        .and_then(|at| self.pieces.get(at))
                        .unwrap_or(&empty)
                };
                let own = self.pieces[at].segment.checked_sub(1);
                // A sign stands between the segment before it and the one behind it.
                let number = own.unwrap_or_else(|| {
                    self.segments
                        .partition_point(|segment| segment.pieces.start <= at)
                        .saturating_sub(1)
                });
                let segment = |offset: isize| {
                    number
                        .checked_add_signed(offset)
                        .and_then(|number| self.segments.get(number))
                        .unwrap_or(&none)
                };
                self.put(at, &near, &segment)
            })
            .collect()
    }

    fn put<'a>(
        &'a self,
        at: usize,
        near: &impl Fn(isize) -> &'a Piece,
        segment: &impl Fn(isize) -> &'a Segment,
    ) -> Vec<u32> {
        let mut out = Vec::with_capacity(180);
        self.put_words(near, &mut out);
        self.put_segment_facts(at, near(0), segment, &mut out);
        self.put_places(near, segment, &mut out);
        self.put_rivals(near(0), segment(0), &mut out);
        out
    }

    /// Puts the word, its form, and the words around it.
    fn put_words<'a>(&self, near: &impl Fn(isize) -> &'a Piece, out: &mut Vec<u32>) {
        let mut put = |template: u64, value: u64| put_to(out, template, value);
        let own = near(0);
        let kind = self.kind as u64;
        put(0, kind);
        for offset in -2..=2 {
            let piece = near(offset);
            let base = 100 * (offset + 3) as u64;
            put(base, piece.word);
            put(base + 1, piece.shape);
            put(base + 2, mix(kind, piece.entity));
            if offset.abs() <= 1 {
                put(base + 3, piece.suffix);
                put(base + 4, piece.style);
                put(base + 5, u64::from(piece.title) * 8 + u64::from(piece.place));
                for (n, count) in (10..).zip(piece.counts) {
                    if count > 0 {
                        put(base + n, u64::from(count));
                    }
                }
                for bit in (0..class::COUNT).filter(|bit| piece.class & (1 << bit) != 0) {
                    put(base + 20, mix(kind, u64::from(bit)));
                }
            }
        }
        put(1, own.prefix);
        put(2, mix(kind, own.word));
        put(3, mix(near(-1).word, own.word));
        put(4, mix(own.word, near(1).word));
        put(5, mix(kind, own.shape));
        put(6, u64::from(own.gap));
        put(7, mix(own.style, near(-1).style));
        put(8, mix(own.style, near(1).style));
        put(46, mix(kind, mix(own.style, mix(near(-1).style, near(1).style))));
    }

    /// Puts the segment that the word is in, the separators around it, and its place in the head.
    fn put_segment_facts<'a>(
        &self,
        at: usize,
        own: &Piece,
        segment: &impl Fn(isize) -> &'a Segment,
        out: &mut Vec<u32>,
    ) {
        let mut put = |template: u64, value: u64| put_to(out, template, value);
        let kind = self.kind as u64;
        let (this, before, after) = (segment(0), segment(-1), segment(1));
        let line = self.lines.get(own.line).cloned().unwrap_or_default();
        let from_start = (at.saturating_sub(this.pieces.start)).min(6) as u64;
        let from_end = (this.pieces.end.saturating_sub(at)).min(6) as u64;
        let length = bit_length(this.pieces.len());
        let place = place_in_head(own, this);
        let heads = self.lines.len().min(4) as u64;
        put(10, from_start);
        put(11, from_end);
        put(12, mix(kind, length));
        put(13, mix(kind, mix(own.line.min(3) as u64, heads)));
        put(14, mix(kind, mix(place, heads)));
        put(15, mix(kind, this.title));
        put(16, mix(kind, mix(this.title, mix(before.title, after.title))));
        put(18, mix(kind, mix(this.opens, this.closes)));
        put(19, mix(kind, this.opens));
        put(20, mix(kind, this.closes));
        put(21, mix(kind, mix(u64::from(before.is_date), u64::from(after.is_date))));
        put(22, mix(kind, this.first));
        put(23, mix(kind, this.last));
        put(24, mix(this.first, from_start));
        put(25, mix(this.last, from_end));
        put(26, mix(kind, this.case));
        put(27, mix(kind, mix(u64::from(line.bullet), u64::from(line.dated))));
        put(28, mix(kind, mix(u64::from(line.dated), mix(place, this.title))));
        put(29, mix(kind, mix(this.style, line.style)));
        put(30, mix(kind, mix(this.title, length)));
        put(44, mix(kind, mix(this.place, from_end)));
        for (n, other) in [(40, this), (41, before), (42, after)] {
            for bit in (0..class::COUNT).filter(|bit| other.classes & (1 << bit) != 0) {
                put(n, mix(kind, u64::from(bit)));
            }
        }
        let dated = mix(u64::from(line.dated), line.segments.min(5) as u64);
        put(36, mix(kind, mix(place, dated)));
        let first = self.lines.first().map_or(0, |first| first.style);
        put(37, mix(kind, mix(own.style, first)));
        put(38, mix(kind, mix(this.title, mix(this.opens, this.closes))));
        put(39, mix(own.shape, mix(this.title, kind)));
        let label = u64::from(this.label) * 4 + u64::from(before.label) * 2 + u64::from(this.before == 0);
        let labelled = if before.label {
            mix(before.first, before.last)
        } else {
            0
        };
        put(62, mix(kind, label));
        put(63, mix(label, labelled));
    }

    /// Puts how much of a place the segment and its last words are.
    fn put_places<'a>(
        &self,
        near: &impl Fn(isize) -> &'a Piece,
        segment: &impl Fn(isize) -> &'a Segment,
        out: &mut Vec<u32>,
    ) {
        let mut put = |template: u64, value: u64| put_to(out, template, value);
        let kind = self.kind as u64;
        let (own, this, before, after) = (near(0), segment(0), segment(-1), segment(1));
        put(17, mix(kind, this.place));
        put(43, mix(kind, mix(this.place, mix(before.place, after.place))));
        let set = mix(this.opens, this.closes);
        put(45, mix(kind, mix(mix(this.place, this.title), set)));
        put(47, mix(this.place, own.shape));
        let tails = u64::from(near(-1).tail) * 4 + u64::from(own.tail) * 2 + u64::from(near(1).tail);
        put(48, mix(kind, tails));
        put(49, mix(kind, mix(tails, after.place)));
        put(60, mix(kind, mix(tails, mix(near(-1).style, own.style))));
        put(61, mix(tails, near(-1).word));
    }

    /// Puts how much of a title other segments are. Where another one is more of it, this one is less.
    fn put_rivals(&self, own: &Piece, this: &Segment, out: &mut Vec<u32>) {
        let mut put = |template: u64, value: u64| put_to(out, template, value);
        let kind = self.kind as u64;
        let most = |of: &dyn Fn(&&Segment) -> bool| self.segments.iter().filter(of).map(|other| other.title).max();
        let rival = rival_of(&self.segments, this);
        let place = place_in_head(own, this);
        put(31, mix(kind, mix(rival, this.title)));
        put(32, mix(kind, mix(rival, place)));
        let same_line = most(&|other| other.line == own.line && other.pieces != this.pieces).unwrap_or_default();
        put(33, mix(kind, mix(same_line, mix(rival, this.title))));
        let other_line = |offset: isize| {
            let line = own.line.checked_add_signed(offset);
            line.and_then(|line| most(&|other| other.line == line)).unwrap_or(99)
        };
        put(34, mix(kind, mix(other_line(-1), this.title)));
        put(35, mix(kind, mix(other_line(1), this.title)));
        let over = mix(kind, u64::from(self.under_banner));
        put(70, over);
        put(71, mix(over, this.title));
        let before = self
            .segments
            .iter()
            .rev()
            .find(|other| other.pieces.end <= this.pieces.start);
        let before_title = before.map_or(0, |before| before.title);
        put(72, mix(over, mix(this.title, mix(this.opens, before_title))));
        put(73, mix(over, place));
        put(74, mix(over, own.shape));
        put(75, mix(over, mix(rival, this.title)));
    }
}

/// Returns the place of a segment in its head, as one number: line, segments before it, segments behind it.
fn place_in_head(own: &Piece, this: &Segment) -> u64 {
    own.line.min(3) as u64 * 64 + this.before.min(4) as u64 * 8 + this.after.min(4) as u64
}

/// Adds an observation of a word. Equal values of different templates stay apart.
fn put_to(out: &mut Vec<u32>, template: u64, value: u64) {
    out.push(fold(mix(template + 0x93_0000, value)));
}

/// Words that labels of forms are made of.
const LABEL_WORDS: [&str; 56] = [
    "name",
    "of",
    "the",
    "and",
    "employer",
    "company",
    "organisation",
    "organization",
    "firm",
    "client",
    "customer",
    "position",
    "title",
    "role",
    "post",
    "designation",
    "job",
    "held",
    "occupation",
    "duration",
    "period",
    "dates",
    "date",
    "from",
    "to",
    "location",
    "place",
    "city",
    "degree",
    "qualification",
    "course",
    "institution",
    "institute",
    "school",
    "college",
    "university",
    "field",
    "study",
    "major",
    "subject",
    "specialization",
    "year",
    "passing",
    "grade",
    "result",
    "project",
    "department",
    "team",
    "industry",
    "sector",
    "type",
    "business",
    "address",
    "certificate",
    "issuer",
    "level",
];

/// Whether each word of a segment is one that labels are made of.
fn is_label(page: &Page<'_>, pieces: &[Piece]) -> bool {
    pieces.len() <= 6
        && pieces.iter().all(|piece| {
            let word = page
                .document
                .text
                .get(piece.range.clone())
                .unwrap_or_default()
                .to_lowercase();
            LABEL_WORDS.contains(&word.as_str()) || word == "/" || word == "&"
        })
}

/// Returns how much of a title the other segments of a head are, at most.
fn rival_of(segments: &[Segment], this: &Segment) -> u64 {
    let others = segments.iter().filter(|other| other.pieces != this.pieces);
    others.map(|other| other.title).max().unwrap_or_default()
}

/// Returns how much of a place a segment is.
fn place_of(page: &Page<'_>, pieces: &[Piece]) -> u64 {
    let text = |from: usize| {
        let range = pieces[from].range.start..pieces[pieces.len() - 1].range.end;
        page.document.text.get(range).unwrap_or_default()
    };
    if pieces.iter().any(|piece| piece.class & class::STATE != 0) {
        return 3;
    }
    if pieces.len() <= 5 && places::is_place(text(0)) {
        return 2;
    }
    u64::from(tail_of(page, pieces) > 0)
}

/// Returns how many of the last words of a segment name a place.
fn tail_of(page: &Page<'_>, pieces: &[Piece]) -> usize {
    let named = |length: &usize| {
        let range = pieces[pieces.len() - length].range.start..pieces[pieces.len() - 1].range.end;
        places::is_place(page.document.text.get(range).unwrap_or_default())
    };
    (1..=pieces.len().min(4)).rev().find(named).unwrap_or_default()
}

fn size_step(size: f32, usual: f32) -> u64 {
    if size <= 0.0 || usual <= 0.0 {
        return 1;
    }
    match size / usual {
        ratio if ratio < 0.93 => 0,
        ratio if ratio < 1.06 => 1,
        ratio if ratio < 1.3 => 2,
        _ => 3,
    }
}

/// Returns the shape of a word: upper, lower, digit and other characters, runs of them as one.
fn shape(text: &str) -> u64 {
    let mut shape = String::new();
    for c in text.chars().take(16) {
        let class = match c {
            c if c.is_uppercase() => 'X',
            c if c.is_alphabetic() => 'x',
            c if c.is_numeric() => 'd',
            c => c,
        };
        if !shape.ends_with(class) {
            shape.push(class);
        }
    }
    let short = text.chars().count().min(3);
    mix(sign(&shape), short as u64)
}

/// Returns the hash of the first or last three letters.
fn edge(text: &str, front: bool) -> u64 {
    let lower: Vec<char> = text.chars().take(24).flat_map(char::to_lowercase).collect();
    let part = if front {
        &lower[..lower.len().min(3)]
    } else {
        &lower[lower.len().saturating_sub(3)..]
    };
    sign(&part.iter().collect::<String>())
}

/// Returns what the tagger of entities says of a word: the kind and how sure it is.
fn entity(page: &Page<'_>, range: &Range<usize>) -> u64 {
    let first = page.tagged.partition_point(|tagged| tagged.range.end <= range.start);
    page.tagged
        .get(first)
        .filter(|tagged| tagged.range.start < range.end)
        .map_or(0, |tagged| {
            let sure = if tagged.confidence > 0.7 {
                2
            } else {
                u64::from(tagged.confidence > 0.4)
            };
            1 + EntityKind::ALL
                .iter()
                .position(|kind| *kind == tagged.kind)
                .unwrap_or_default() as u64
                * 3
                + sure
        })
}
