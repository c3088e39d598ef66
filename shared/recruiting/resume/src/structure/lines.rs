//! The lines of a resume, and the attributes by which a tagger tells what each is about.

use std::collections::{HashMap, HashSet};

use crate::{
    entities::{
        EntityKind, LEXICON, entities,
        lexicon::{Lexicon, class_of_form, fold, hash_text, hash_word, list, mix},
        token::{Token, TokenKind, tokenize},
        words::class,
    },
    parse::{dates, dates::Period, sections},
    places,
    read::{Document, Role, Style, Word},
};

/// The most lines of a resume. What stands behind them is not looked at.
const LINES_MAX: usize = 20_000;
/// The most lines of a head that are looked back on.
const HEAD_LINES: usize = 6;
/// The longest label of a form, in characters.
const LABEL_CHARS_MAX: usize = 40;
/// The most words of a line that are looked at.
const TOKENS_MAX: usize = 80;

/// A find of the tagger of entities.
#[derive(Debug, Clone)]
pub struct Tagged {
    /// The kind of the find.
    pub kind: EntityKind,
    /// The place of the find, in bytes of the document.
    pub range: std::ops::Range<usize>,
    /// The tagger's probability.
    pub confidence: f32,
}

/// A document cut into lines.
pub struct Page<'a> {
    /// The document itself.
    pub document: &'a Document,
    /// The lines with something on them.
    pub lines: Vec<Line<'a>>,
    /// The finds of the tagger of entities, in order.
    pub tagged: Vec<Tagged>,
    /// The number of the character at each byte.
    pub characters: Vec<u32>,
    /// The words of the document's that carry a dress, by their first byte.
    dressed: Vec<(usize, Style)>,
    /// The usual size of the text, in points; 0 where it is not known.
    pub(super) size: f32,
}

/// A line with something on it.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// The text of the line without the bullet.
    pub text: &'a str,
    /// The place where `text` begins, in bytes of the document.
    pub start: usize,
    /// Whether an empty line stands before it.
    pub set_off: bool,
    /// Whether the line begins with a bullet.
    pub bullet: bool,
    /// The spans of time that the line names.
    pub(crate) periods: Vec<Period>,
    pub(super) dress: Dress,
    facts: Facts,
}

impl Line<'_> {
    /// Returns the stretch of the line, in bytes of the document.
    #[must_use]
    pub const fn range(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// Returns the label of a form, in lower case. It stands before the first colon or tab of a line that has more.
    fn label(&self) -> Option<String> {
        let (label, rest) = self.text.split_once([':', '\t'])?;
        let label = label.trim();
        let plain = |c: char| c.is_alphabetic() || " /&()-–.'’".contains(c);
        let is_label = !label.is_empty() && label.chars().count() <= LABEL_CHARS_MAX && label.chars().all(plain);
        (is_label && !rest.trim().is_empty()).then(|| label.to_lowercase())
    }
}

/// The dress of a line as a whole.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Dress {
    size: f32,
    /// The shares of the words that are bold and italic.
    bold: f32,
    italic: f32,
    role: Role,
    /// The left and right edge and the page, where the line has a place.
    place: Option<(f32, f32, f32, u32)>,
}

/// Observations of a line, each a number of few values.
#[derive(Debug, Clone, Default)]
struct Facts {
    words: Vec<u64>,
    /// Bits of the word classes that occur.
    classes: u32,
    heading: u64,
    length: u64,
    end: u64,
    case: u64,
    date: u64,
    contact: u64,
    separators: u64,
    title: u64,
    place: u64,
    style: u64,
    /// The step from the line before it: indent, gap, bullet.
    step: u64,
    entities: [u8; 6],
    list_like: u64,
    signature: u64,
    /// The words of the last line above that is set as headings are.
    under: Vec<u64>,
    /// The likeness in dress and dates to the first line under that heading, where an entry begins.
    like_first: u64,
}

/// Returns a share as one of a few steps.
fn steps(share: f32) -> u64 {
    match share {
        share if share <= 0.0 => 0,
        share if share < 0.35 => 1,
        share if share < 0.75 => 2,
        _ => 3,
    }
}

impl<'a> Page<'a> {
    /// Cuts a document into lines, and looks at each.
    #[must_use]
    pub fn new(document: &'a Document) -> Self {
        let text = document.text.as_str();
        let mut characters = vec![0; text.len() + 1];
        let mut bytes = Vec::with_capacity(text.len() + 1);
        for (at, c) in text.char_indices() {
            characters[at..at + c.len_utf8()].fill(bytes.len() as u32);
            bytes.push(at);
        }
        characters[text.len()] = bytes.len() as u32;
        bytes.push(text.len());
        let tagged = entities(text)
            .into_iter()
            .filter_map(|entity| {
                let range = *bytes.get(entity.start as usize)?..*bytes.get(entity.end as usize)?;
                Some(Tagged {
                    kind: entity.kind,
                    range,
                    confidence: entity.confidence,
                })
            })
            .collect();
        let style = |word: &Word| {
            document
                .styles
                .get(usize::from(word.style))
                .copied()
                .unwrap_or_default()
        };
        let dressed = document
            .words
            .iter()
            .filter_map(|word| Some((*bytes.get(word.start as usize)?, style(word))))
            .collect();
        let mut page = Self {
            document,
            lines: lines(text, dates::order_of(text)),
            tagged,
            characters,
            dressed,
            size: usual_size(document),
        };
        page.dress();
        page.look();
        page
    }

    /// Returns the share of a stretch that the tagger of entities marked as `kind`, times its confidence.
    #[must_use]
    pub fn says(&self, kind: EntityKind, range: &std::ops::Range<usize>) -> f32 {
        let first = self.tagged.partition_point(|tagged| tagged.range.end <= range.start);
        let marked = self.tagged[first..]
            .iter()
            .take_while(|tagged| tagged.range.start < range.end)
            .filter(|tagged| tagged.kind == kind);
        let sum: f32 = marked
            .map(|tagged| {
                let shared = tagged.range.end.min(range.end) - tagged.range.start.max(range.start);
                shared as f32 * tagged.confidence
            })
            .sum();
        sum / range.len().max(1) as f32
    }

    /// Returns the dress of the word that holds a byte of the document.
    pub(super) fn style_at(&self, byte: usize) -> Option<Style> {
        let after = self.dressed.partition_point(|(start, _)| *start <= byte);
        self.dressed[..after].last().map(|(_, style)| *style)
    }

    fn dress(&mut self) {
        let (mut at, words) = (0, &self.document.words);
        for line in &mut self.lines {
            let (start, end) = (
                self.characters[line.start],
                self.characters[line.start + line.text.len()],
            );
            while words.get(at).is_some_and(|word| word.end <= start) {
                at += 1;
            }
            let own: Vec<&Word> = words[at..].iter().take_while(|word| word.start < end).collect();
            let styles: Vec<Style> = own
                .iter()
                .map(|word| {
                    self.document
                        .styles
                        .get(usize::from(word.style))
                        .copied()
                        .unwrap_or_default()
                })
                .collect();
            let share = |test: fn(&Style) -> bool| {
                styles.iter().filter(|style| test(style)).count() as f32 / styles.len().max(1) as f32
            };
            let mut sizes: Vec<f32> = styles.iter().map(|style| style.size).collect();
            sizes.sort_by(f32::total_cmp);
            let areas = || own.iter().filter_map(|word| word.area);
            line.dress = Dress {
                size: sizes.get(sizes.len() / 2).copied().unwrap_or_default(),
                bold: share(|style| style.bold),
                italic: share(|style| style.italic),
                role: styles.first().map_or(Role::Body, |style| style.role),
                place: areas().next().map(|first| {
                    let right = areas().map(|area| area.right).fold(first.right, f32::max);
                    (first.left, right, first.bottom, first.page)
                }),
            };
        }
    }

    /// Looks at each line by itself, then at what the lines have in common.
    fn look(&mut self) {
        let Some(lexicon) = &*LEXICON else { return };
        let longest = self.lines.iter().map(|line| line.text.len()).max().unwrap_or_default();
        for at in 0..self.lines.len() {
            let facts = self.facts(at, lexicon, longest);
            self.lines[at].facts = facts;
        }
        // Lines that are set alike do alike: how many there are of this dress, and how many of them have dates.
        let mut alike: HashMap<u64, (u32, u32)> = HashMap::new();
        for line in &self.lines {
            let entry = alike.entry(line.facts.style).or_default();
            entry.0 += 1;
            entry.1 += u32::from(!line.periods.is_empty());
        }
        self.look_for_headings();
        for line in &mut self.lines {
            let (count, dated) = alike.get(&line.facts.style).copied().unwrap_or_default();
            let count_step = u64::from(32 - count.leading_zeros()).min(7);
            line.facts.signature = count_step * 4 + steps(dated as f32 / count.max(1) as f32);
        }
    }

    /// Tells each line which heading it stands under. Headings are set as those are whose words are known.
    fn look_for_headings(&mut self) {
        let dress = |facts: &Facts| (facts.style, facts.case == 3, facts.step % 2);
        let known: HashSet<_> = self
            .lines
            .iter()
            .filter(|line| line.facts.heading % 2 == 1)
            .map(|line| dress(&line.facts))
            .collect();
        let mut under = Vec::new();
        let mut first: Option<(u64, u64, bool)> = None;
        for line in &mut self.lines {
            let is_short = line.facts.words.len() <= 6 && line.periods.is_empty() && line.facts.contact == 0;
            if line.facts.heading % 2 == 1 || (is_short && known.contains(&dress(&line.facts))) {
                under = line.facts.words.iter().copied().take(6).collect();
                first = None;
            } else {
                line.facts.under.clone_from(&under);
                let own = (line.facts.style, line.facts.date, line.bullet);
                let (style, date, bullet) = *first.get_or_insert(own);
                let alike = [style == own.0, date == own.1, date > 0, bullet == own.2, bullet];
                line.facts.like_first = alike.iter().fold(1, |bits, bit| bits * 2 + u64::from(*bit));
            }
        }
    }

    fn facts(&self, at: usize, lexicon: &Lexicon, longest: usize) -> Facts {
        let line = &self.lines[at];
        let text = line.text;
        let tokens = tokenize(text, TOKENS_MAX);
        let form = |token: &Token| &text[token.start..token.end];
        let words: Vec<u64> = tokens.iter().map(|token| hash_word(form(token))).collect();
        let mut classes = 0;
        for (token, word) in tokens.iter().zip(&words) {
            classes |= lexicon.class(*word) | class_of_form(form(token), token);
        }
        let covered = lexicon.phrase_positions(&words);
        let named: Vec<&Token> = tokens.iter().filter(|token| token.kind == TokenKind::Word).collect();
        let count = named.len().max(1) as f32;
        let titled = covered.iter().filter(|lists| lists[list::TITLE] > 0).count() as f32;
        let capital = named
            .iter()
            .filter(|token| form(token).starts_with(char::is_uppercase))
            .count() as f32;
        let has_lower = text.chars().any(char::is_lowercase);
        let first = text.chars().next().unwrap_or(' ');
        let range = line.range();
        let says = |kind| steps(self.says(kind, &range)) as u8;
        let commas = text.matches([',', ';', '|', '•', '·', '\t']).count();
        let placed = text
            .split(['\t', '|', '•', '·', ',', '(', ')'])
            .filter(|part| (3..=40).contains(&part.len()) && places::is_place(part.trim()))
            .count();
        Facts {
            classes,
            heading: sections::heading(text)
                .map_or(0, |(section, rest)| 2 + section as u64 * 2 + u64::from(rest.is_empty())),
            length: bit_length(named.len()) * 8 + (text.len() * 7 / longest.max(1)) as u64,
            end: match text.chars().next_back().unwrap_or(' ') {
                '.' => 1,
                ':' => 2,
                ',' | ';' => 3,
                ')' => 4,
                c if c.is_ascii_digit() => 5,
                c if c.is_alphabetic() => 6,
                _ => 7,
            },
            case: match () {
                () if first.is_ascii_digit() => 1,
                () if first.is_lowercase() => 2,
                () if !has_lower && !named.is_empty() => 3,
                () if capital / count > 0.7 => 4,
                () if first.is_uppercase() => 5,
                () => 6,
            },
            date: date_fact(line),
            contact: u64::from(tokens.iter().any(|token| token.kind == TokenKind::Email))
                + 2 * u64::from(tokens.iter().any(|token| token.kind == TokenKind::Url))
                + 4 * u64::from(classes & class::LONG_NUMBER != 0)
                + 8 * u64::from(digits(text) >= 9 && line.periods.is_empty()),
            separators: separators(text),
            title: steps(titled / tokens.len().max(1) as f32) * 2 + u64::from(classes & class::TITLE != 0),
            place: (placed as u64).min(3),
            style: self.style_fact(&line.dress),
            step: self.step_fact(at),
            entities: [
                says(EntityKind::Designation),
                says(EntityKind::Company),
                says(EntityKind::College),
                says(EntityKind::Degree),
                says(EntityKind::Location),
                says(EntityKind::TechTool).max(says(EntityKind::JobSkill)),
            ],
            list_like: bit_length(commas) * 4 + steps(commas as f32 / count),
            signature: 0,
            under: Vec::new(),
            like_first: 0,
            words,
        }
    }

    fn style_fact(&self, dress: &Dress) -> u64 {
        let ratio = if self.size > 0.0 && dress.size > 0.0 {
            dress.size / self.size
        } else {
            1.0
        };
        let size = match ratio {
            ratio if ratio < 0.93 => 0,
            ratio if ratio < 1.06 => 1,
            ratio if ratio < 1.25 => 2,
            ratio if ratio < 1.6 => 3,
            _ => 4,
        };
        ((size * 4 + steps(dress.bold)) * 4 + steps(dress.italic)) * 8 + dress.role as u64
    }

    /// Returns how a line stands to the one before it: further in or out, apart or close, on another page.
    fn step_fact(&self, at: usize) -> u64 {
        let before = at.checked_sub(1).map(|before| &self.lines[before]);
        let line = &self.lines[at];
        let (indent, gap) = match (before.and_then(|before| before.dress.place), line.dress.place) {
            (Some((left, right, bottom, page)), Some((own, _, own_bottom, own_page))) => {
                let indent = match own - left {
                    _ if own > right || own_page != page => 4,
                    step if step > 4.0 => 2,
                    step if step < -4.0 => 3,
                    _ => 1,
                };
                let gap = match (own_bottom - bottom) / line.dress.size.max(4.0) {
                    _ if own_page != page => 5,
                    step if step < 0.0 => 4,
                    step if step < 1.35 => 1,
                    step if step < 1.75 => 2,
                    _ => 3,
                };
                (indent, gap)
            }
            _ => (0, 0),
        };
        (indent * 8 + gap) * 4 + u64::from(line.set_off) * 2 + u64::from(line.bullet)
    }

    /// Whether a line begins another head. It has a span of time where the head above it has one, or the label that the head begins
    /// with.
    pub(super) fn begins_again(&self, head: std::ops::Range<usize>, at: usize) -> bool {
        let whole = |line: &Line<'_>| {
            let period = line.periods.first()?;
            (period.start.is_some() && (period.end.is_some() || period.current)).then_some(line.facts.date)
        };
        let own = whole(&self.lines[at]);
        let near = &self.lines[head.start.max(head.end.saturating_sub(HEAD_LINES))..head.end];
        let label = self.lines[at].label();
        own.is_some() && near.iter().any(|line| whole(line) == own)
            || label.is_some() && self.lines[head.start].label() == label
    }

    /// Returns the attributes of each line.
    #[must_use]
    pub fn attributes(&self) -> Vec<Vec<u32>> {
        let empty = Facts::default();
        let mut section = (0, 0_usize);
        (0..self.lines.len())
            .map(|at| {
                let facts = &self.lines[at].facts;
                if facts.heading > 0 {
                    section = (facts.heading, at);
                }
                let near = |offset: isize| {
                    at.checked_add_signed(offset)
                        .and_then(|at| self.lines.get(at))
                        .map_or(&empty, |line| &line.facts)
                };
                let position = (
                    at.min(12) as u64,
                    (self.lines.len() - 1 - at).min(4) as u64,
                    section.0,
                    bit_length(at - section.1),
                );
                attributes(&near, position)
            })
            .collect()
    }
}

fn attributes<'a>(near: &impl Fn(isize) -> &'a Facts, position: (u64, u64, u64, u64)) -> Vec<u32> {
    let mut out = Vec::with_capacity(200);
    put_window(near, &mut out);
    put_words(near(0), &mut out);
    put_pairs(near, position, &mut out);
    out
}

/// Adds an observation of a line. Equal values of different templates stay apart.
fn put_to(out: &mut Vec<u32>, template: u64, value: u64) {
    out.push(fold(mix(template + 0x51_0000, value)));
}

/// Puts what is seen of the line and of the two before and behind it.
fn put_window<'a>(near: &impl Fn(isize) -> &'a Facts, out: &mut Vec<u32>) {
    let mut put = |template: u64, value: u64| put_to(out, template, value);
    put(0, 0);
    for offset in -2..=2 {
        let facts = near(offset);
        let base = 100 * (offset + 3) as u64;
        let numbers = [
            facts.heading,
            facts.length,
            facts.end,
            facts.case,
            facts.date,
            facts.contact,
            facts.separators,
            facts.title,
            facts.place,
            facts.style,
            facts.step,
            facts.list_like,
            facts.signature,
        ];
        for (n, value) in (1..).zip(numbers) {
            put(base + n, value);
        }
        for (n, value) in (20..).zip(facts.entities) {
            put(base + n, u64::from(value));
        }
        for bit in (0..class::COUNT).filter(|bit| facts.classes & (1 << bit) != 0) {
            put(base + 30, u64::from(bit));
        }
        let first = facts.words.first().copied().unwrap_or(1);
        let last = facts.words.last().copied().unwrap_or(1);
        put(base + 31, first);
        put(base + 32, last);
    }
}

/// Puts the line's own words and those of the heading that it stands under.
fn put_words(own: &Facts, out: &mut Vec<u32>) {
    let mut put = |template: u64, value: u64| put_to(out, template, value);
    for word in own.words.iter().take(12) {
        put(1, *word);
    }
    for pair in own.words.windows(2).take(6) {
        put(2, mix(pair[0], pair[1]));
    }
    if own.words.len() <= 5 {
        put(3, own.words.iter().fold(0, |all, word| mix(all, *word)));
        for word in &own.words {
            put(4, mix(*word, own.style));
            put(5, *word);
        }
    }
    for word in &own.under {
        put(50, *word);
        put(51, mix(*word, own.date));
        put(52, mix(*word, own.step % 4));
    }
    put(53, own.under.iter().fold(0, |all, word| mix(all, *word)));
}

/// Puts what is seen together: of a line and its neighbours, its section, and its place in the document.
fn put_pairs<'a>(near: &impl Fn(isize) -> &'a Facts, position: (u64, u64, u64, u64), out: &mut Vec<u32>) {
    let mut put = |template: u64, value: u64| put_to(out, template, value);
    let own = near(0);
    let (from_top, from_end, section, since) = position;
    put(54, own.like_first);
    put(55, mix(own.like_first, own.date));
    put(56, mix(own.like_first, near(1).like_first));
    put(57, mix(own.like_first, near(-1).like_first));
    put(58, mix(own.like_first, section));
    put(59, mix(own.like_first, own.style));
    put(6, from_top);
    put(7, from_end);
    put(8, section);
    put(9, mix(section, since));
    put(10, mix(section, own.date));
    put(11, mix(section, own.step));
    put(12, mix(section, own.case * 8 + own.end));
    put(13, mix(section, own.title));
    put(14, mix(section, own.style));
    put(15, mix(own.date, near(1).date));
    put(16, mix(own.date, near(-1).date));
    put(17, mix(own.step, near(1).step));
    put(18, mix(own.style, near(1).style));
    put(19, mix(own.style, near(-1).style));
    put(20, mix(own.date, own.style));
    put(21, mix(own.title, own.date));
    put(22, mix(own.title, near(1).date));
    put(23, mix(own.title, near(1).title));
    put(24, mix(own.title, near(-1).title));
    put(25, mix(own.length, own.end));
    put(26, mix(near(-1).length, own.case));
    put(27, mix(mix(near(-1).step % 2, own.step % 2), near(1).step % 2));
    put(
        28,
        mix(mix(own.date, near(1).date), mix(own.step % 2, near(1).step % 2)),
    );
    put(
        29,
        mix(mix(near(-1).date, own.date), mix(near(-1).step % 2, own.step % 2)),
    );
    put(30, mix(section, mix(own.signature, own.date)));
    put(31, mix(section, mix(near(1).signature, near(1).date)));
    put(32, mix(own.heading, own.style));
    put(33, mix(own.heading, from_top.min(3)));
    put(34, mix(own.step, own.date));
    put(35, mix(own.case, own.style));
    put(36, mix(own.length / 8, mix(own.case, own.step % 4)));
    put(37, mix(section, mix(own.length / 8, own.step % 4)));
    put(38, mix(own.separators, section));
    put(39, mix(near(2).date, mix(near(1).date, own.date)));
    put(40, mix(near(-2).date, mix(near(-1).date, own.date)));
    put(41, mix(near(1).heading.min(1), own.length / 8));
    put(42, mix(section, mix(near(1).step % 4, own.step % 4)));
    put(
        43,
        mix(
            own.entities.iter().fold(0, |all, step| all * 4 + u64::from(*step)),
            section,
        ),
    );
}

/// Returns the number of bits a number takes: a scale that grows with its logarithm.
pub(super) const fn bit_length(n: usize) -> u64 {
    (usize::BITS - n.leading_zeros()) as u64
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Returns where in its line the first span of time stands, and of what sort it is.
fn date_fact(line: &Line<'_>) -> u64 {
    let Some(period) = line.periods.first() else { return 0 };
    let (before, after) = (&line.text[..period.range.start], &line.text[period.range.end..]);
    let is_range = period.start.is_some() && (period.end.is_some() || period.current);
    let words = |text: &str| {
        text.split_whitespace()
            .filter(|word| word.contains(char::is_alphanumeric))
            .count()
    };
    let place = match (words(before), words(after)) {
        (0, 0) => 1,
        (_, 0) => 2,
        (0, _) => 3,
        _ => 4,
    };
    let rest = bit_length(words(before) + words(after)).min(4);
    let apart = before.ends_with(['\t', '(', '|']) || after.starts_with(['\t', ')', '|']);
    ((place * 2 + u64::from(is_range)) * 8 + rest) * 2 + u64::from(apart)
}

fn separators(text: &str) -> u64 {
    let signs = ["\t", "|", "·", " – ", " — ", " - ", ", ", "(", " at ", ": ", " / "];
    signs
        .iter()
        .fold(0, |bits, sign| bits * 2 + u64::from(text.contains(sign)))
}

fn usual_size(document: &Document) -> f32 {
    let mut letters: HashMap<u32, u32> = HashMap::new();
    for word in &document.words {
        let size = document
            .styles
            .get(usize::from(word.style))
            .map_or(0.0, |style| style.size);
        *letters.entry(size.to_bits()).or_default() += word.end - word.start;
    }
    let most = letters.into_iter().max_by_key(|(size, count)| (*count, *size));
    most.map_or(0.0, |(size, _)| f32::from_bits(size))
}

/// Returns the lines of a text.
fn lines(text: &str, order: dates::Order) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut set_off = true;
    let mut start = 0;
    for raw in text.split('\n').take(LINES_MAX) {
        let line_start = start;
        start += raw.len() + 1;
        let dashed = ["• ", "– ", "- ", "— ", "» "]
            .iter()
            .find_map(|sign| raw.strip_prefix(*sign));
        let (bullet, content) = dashed.map_or((false, raw), |rest| (true, rest));
        let text = content.trim();
        if text.is_empty() {
            set_off = true;
            continue;
        }
        lines.push(Line {
            text,
            start: line_start + (raw.len() - content.trim_start().len()),
            set_off,
            bullet,
            periods: dates::periods_or_date(text, order),
            dress: Dress::default(),
            facts: Facts::default(),
        });
        set_off = false;
    }
    join_dates(&mut lines);
    lines
}

/// Whether a span of time goes on at the end of the next line: "Sep 2009 –", then "Oct 2010".
fn is_wrapped(before: &Line<'_>, line: &Line<'_>) -> bool {
    let (Some(open), Some(lone)) = (before.periods.first(), line.periods.first()) else {
        return false;
    };
    let dashed = before.text.ends_with(['-', '–', '—', '−']) && open.range.end + 4 > before.text.len();
    let later = open
        .start
        .as_ref()
        .zip(lone.end.as_ref())
        .is_some_and(|((start, _), (end, _))| start <= end);
    dashed && open.current && lone.start.is_none() && !lone.current && later && lone.range.end == line.text.len()
}

/// Makes one span of the two dates that forms ask for on two lines: "From: March 2020", "To: Present".
fn join_dates(lines: &mut [Line<'_>]) {
    let labelled = |line: &Line<'_>, labels: &[&str]| {
        let label = line
            .text
            .split([':', '\t'])
            .next()
            .unwrap_or_default()
            .trim()
            .to_lowercase();
        labels.contains(&label.as_str())
    };
    for at in 1..lines.len() {
        let (before, line) = (&lines[at - 1], &lines[at]);
        let labels = labelled(
            before,
            &["from", "start", "start date", "started", "begin", "date from"],
        ) && labelled(line, &["to", "end", "end date", "ended", "until", "date to"]);
        if !labels && !is_wrapped(before, line) {
            continue;
        }
        let lone = |line: &Line<'_>| {
            let period = line.periods.first()?;
            period.end.clone().or_else(|| period.start.clone())
        };
        let value = line.text.split([':', '\t']).next_back().unwrap_or_default();
        let current = dates::is_present(value);
        let shift = line.start - before.start;
        let end = lone(line).map(|(date, range)| (date, range.start + shift..range.end + shift));
        let Some(start) = lone(before).filter(|_| current || end.is_some()) else {
            continue;
        };
        let range = before.periods.first().map_or(0..0, |period| period.range.clone());
        lines[at - 1].periods = vec![Period {
            range,
            start: Some(start),
            end: end.filter(|_| !current),
            current,
        }];
        lines[at].periods.clear();
    }
}

/// Returns the hash of a short text of signs, as words are hashed.
pub(super) fn sign(text: &str) -> u64 {
    hash_text(text)
}
