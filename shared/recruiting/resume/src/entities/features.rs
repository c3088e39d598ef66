//! The attributes of a token that the tagger sees. They tell its form, its neighbours, its place in line, segment, section and
//! document, and what the lexicon knows of it. Each observation is one attribute, a 32-bit hash; the model has a weight for it
//! per label.

use std::collections::HashSet;

use super::{
    lexicon::{Counts, HashedMap, Lexicon, class_of_form, fold, hash_text, hash_word, list, mix},
    token::{Gap, Token, TokenKind},
    words::{STATE_CODES, class},
};

/// A token with all that its attributes are made of.
#[derive(Debug, Clone, Default)]
struct Piece {
    word: u64,
    shape: u64,
    brief: u64,
    prefixes: [u64; 2],
    suffixes: [u64; 3],
    class: u32,
    counts: Counts,
    phrases: [u8; list::COUNT],
    gap: u8,
    segment: u32,
    section: u8,
    heading: u64,
    /// The last word before the last colon of the line: what a list is a list of.
    topic: u64,
    in_slug: bool,
    in_parentheses: bool,
    repeats: u8,
}

/// A stretch of tokens between line breaks, wide gaps and bullets.
#[derive(Debug, Clone, Default)]
struct Segment {
    start: usize,
    end: usize,
    class: u32,
}

/// A tokenized text, ready to give the attributes of each token.
#[derive(Debug)]
pub struct Document {
    pieces: Vec<Piece>,
    segments: Vec<Segment>,
}

/// The longest heading, in words.
const HEADING_MAX: usize = 5;

impl Document {
    /// Reads every token of `text` once. Linear in the number of tokens.
    #[must_use]
    pub fn new(text: &str, tokens: &[Token], lexicon: &Lexicon) -> Self {
        let mut pieces: Vec<Piece> = tokens.iter().map(|t| Piece::new(text, t, lexicon)).collect();
        mark_states(text, tokens, &mut pieces);
        let words: Vec<u64> = pieces.iter().map(|p| p.word).collect();
        for (piece, phrases) in pieces.iter_mut().zip(lexicon.phrase_positions(&words)) {
            piece.phrases = phrases;
        }
        let mut repeats: HashedMap<u8> = HashedMap::default();
        for word in &words {
            let count = repeats.entry(fold(*word)).or_default();
            *count = count.saturating_add(1);
        }
        let slugs = slug_words(text, tokens);
        let mut depth = 0u8;
        for (piece, token) in pieces.iter_mut().zip(tokens) {
            piece.repeats = repeats.get(&fold(piece.word)).copied().unwrap_or_default().min(4);
            piece.in_slug = token.kind == TokenKind::Word && token.end - token.start > 1 && slugs.contains(&piece.word);
            match &text[token.start..token.end] {
                "(" => depth = 1,
                ")" => depth = 0,
                _ if token.gap == Gap::Blank => depth = 0,
                _ => {}
            }
            piece.in_parentheses = depth > 0;
        }
        let mut document = Self {
            pieces,
            segments: Vec::new(),
        };
        document.cut_segments(tokens);
        document.find_sections(text, tokens, lexicon);
        document
    }

    /// Returns the number of tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Whether there is no token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Returns the number of the segment a token is in. Sequences may be cut where it changes.
    #[must_use]
    pub fn segment_of(&self, i: usize) -> u32 {
        self.pieces.get(i).map_or(0, |p| p.segment)
    }

    fn cut_segments(&mut self, tokens: &[Token]) {
        let mut after_bullet = false;
        for (i, (piece, token)) in self.pieces.iter_mut().zip(tokens).enumerate() {
            let bullet = piece.class & class::BULLET != 0;
            if i == 0 || token.gap >= Gap::Wide || (bullet && !after_bullet) {
                self.segments.push(Segment {
                    start: i,
                    end: i,
                    class: 0,
                });
            }
            after_bullet = bullet;
            piece.segment = self.segments.len() as u32 - 1;
            if let Some(segment) = self.segments.last_mut() {
                segment.end = i + 1;
                segment.class |= piece.class;
            }
        }
    }

    /// Finds the sections by their headings. A heading is a short segment, a run of capitals at the start of one, or a few words
    /// before a colon, that holds a word of a section; the section lasts until the next.
    fn find_sections(&mut self, text: &str, tokens: &[Token], lexicon: &Lexicon) {
        let (mut section, mut heading) = (0, 0);
        for segment in &self.segments {
            let range = segment.start..segment.end;
            let is_word = |i: &usize| tokens[*i].kind == TokenKind::Word;
            let is_upper = |i: usize| !text[tokens[i].start..tokens[i].end].chars().any(char::is_lowercase);
            let first: Vec<usize> = range.clone().take(2 * HEADING_MAX).collect();
            let colon = first
                .iter()
                .position(|i| &text[tokens[*i].start..tokens[*i].end] == ":");
            let capitals = first.iter().take_while(|i| is_upper(**i)).count();
            let reach = if range.len() <= HEADING_MAX + 1 {
                range.len()
            } else {
                colon.unwrap_or(0).max(capitals)
            };
            if reach <= 2 * HEADING_MAX {
                let named = first.iter().take(reach).filter(|i| is_word(i)).find_map(|i| {
                    let found = lexicon.section(self.pieces[*i].word);
                    let capital = text[tokens[*i].start..].starts_with(char::is_uppercase);
                    (found > 0 && capital).then_some((found, self.pieces[*i].word))
                });
                (section, heading) = named.unwrap_or((section, heading));
            }
            let mut topic = 0;
            for i in range {
                if &text[tokens[i].start..tokens[i].end] == ":" && i > segment.start {
                    topic = self.pieces[i - 1].word;
                }
                let piece = &mut self.pieces[i];
                (piece.section, piece.heading, piece.topic) = (section, heading, topic);
            }
        }
    }

    /// Replaces `out` by the attributes of token `i`.
    pub fn attributes(&self, i: usize, out: &mut Vec<u32>) {
        out.clear();
        let Some(piece) = self.pieces.get(i) else { return };
        let mut sink = Sink { out, template: 0 };
        sink.put(0);
        self.put_window(i, piece, &mut sink);
        self.put_form(i, piece, &mut sink);
        self.put_lexicon(i, piece, &mut sink);
        self.put_layout(i, piece, &mut sink);
    }

    fn at(&self, i: usize, offset: isize) -> Option<&Piece> {
        i.checked_add_signed(offset).and_then(|j| self.pieces.get(j))
    }

    fn put_window(&self, i: usize, piece: &Piece, sink: &mut Sink) {
        let word = |offset| self.at(i, offset).map_or(1, |p| p.word);
        for offset in -3..=3 {
            sink.put(word(offset));
        }
        sink.put(mix(word(-1), piece.word));
        sink.put(mix(piece.word, word(1)));
        sink.put(mix(word(-1), word(1)));
        sink.put(mix(word(-2), word(-1)));
        sink.put(mix(word(1), word(2)));
    }

    fn put_form(&self, i: usize, piece: &Piece, sink: &mut Sink) {
        let brief = |offset| self.at(i, offset).map_or(1, |p| p.brief);
        let gap = |offset| self.at(i, offset).map_or(4, |p| u64::from(p.gap));
        sink.put(piece.shape);
        for offset in -2..=2 {
            sink.put(brief(offset));
        }
        sink.put(mix(brief(-1), piece.brief));
        sink.put(mix(piece.brief, brief(1)));
        sink.put(mix(mix(brief(-1), piece.brief), brief(1)));
        for part in piece.prefixes.iter().chain(&piece.suffixes) {
            sink.put(*part);
        }
        for offset in [-1, 1] {
            sink.put(self.at(i, offset).map_or(1, |p| p.suffixes[1]));
        }
        sink.put(gap(0));
        sink.put(gap(1));
        sink.put(gap(0) * 8 + gap(1));
        sink.put(mix(gap(0) * 8 + gap(1), piece.brief));
        sink.put(mix(gap(0), mix(brief(-1), piece.brief)));
        sink.put(mix(gap(1), mix(piece.brief, brief(1))));
        sink.put(u64::from(piece.repeats));
        sink.put(mix(u64::from(piece.in_slug), piece.brief));
        sink.put(
            self.at(i, -1).map_or(2, |p| u64::from(p.in_slug)) * 4 + self.at(i, 1).map_or(2, |p| u64::from(p.in_slug)),
        );
        sink.put(u64::from(piece.in_parentheses));
    }

    fn put_lexicon(&self, i: usize, piece: &Piece, sink: &mut Sink) {
        for offset in -2..=2 {
            sink.bits(self.at(i, offset).map_or(0, |p| p.class));
        }
        let class = |offset| self.at(i, offset).map_or(1 << 31, |p| u64::from(p.class));
        sink.put(mix(class(-1), class(0)));
        sink.put(mix(class(0), class(1)));
        sink.put(mix(mix(class(-1), class(0)), class(1)));
        for offset in -1..=1 {
            let phrases = self.at(i, offset).map_or([0; list::COUNT], |p| p.phrases);
            for position in phrases {
                sink.some(u64::from(position));
            }
        }
        let all = |p: &Piece| p.phrases.iter().fold(0, |all, position| all * 8 + u64::from(*position));
        sink.put(all(piece));
        sink.put(mix(all(piece), piece.brief));
        sink.put(mix(all(piece), u64::from(piece.section)));
        for offset in -1..=1 {
            let counts = self.at(i, offset).map_or([0; 6], |p| p.counts);
            for count in counts {
                sink.some(u64::from(count));
            }
        }
        sink.put(mix(u64::from(piece.counts[0]), u64::from(piece.counts[1])));
        sink.put(mix(u64::from(piece.counts[2]), u64::from(piece.counts[5])));
        sink.put(mix(u64::from(piece.counts[3]), u64::from(piece.counts[4])));
    }

    fn put_layout(&self, i: usize, piece: &Piece, sink: &mut Sink) {
        let section = u64::from(piece.section);
        sink.put(section);
        sink.put(piece.heading);
        sink.put(mix(section, piece.brief));
        sink.put(mix(section, piece.word));
        sink.put(mix(section, u64::from(piece.class)));
        sink.some(piece.topic);
        let number = piece.segment as usize;
        let Some(segment) = self.segments.get(number) else {
            return;
        };
        let from_start = (i - segment.start).min(5) as u64;
        let from_end = (segment.end - 1 - i).min(5) as u64;
        let length = bit_length(segment.end - segment.start);
        let first = self.pieces[segment.start].word;
        sink.put(from_start);
        sink.put(from_end);
        sink.put(mix(from_start, from_end));
        sink.put(mix(length, section));
        sink.put(mix(mix(from_start, from_end), mix(length, section)));
        sink.put(mix(mix(from_start, from_end), piece.brief));
        sink.put(first);
        sink.put(mix(first, from_start));
        sink.put(self.pieces[segment.end - 1].word);
        sink.bits(segment.class);
        for neighbour in [number.checked_sub(1), number.checked_add(1)] {
            let other = neighbour.and_then(|n| self.segments.get(n));
            sink.put(other.map_or(1, |s| self.pieces[s.start].word));
            sink.put(other.map_or(0, |s| bit_length(s.end - s.start)));
            sink.bits(other.map_or(0, |s| s.class));
        }
        sink.put(mix(number.min(12) as u64, mix(from_start, from_end)));
        sink.put(mix(number.min(4) as u64, piece.brief));
        sink.put(mix(bit_length(i), piece.brief));
        sink.put(mix(bit_length(self.pieces.len() - i), piece.brief));
    }
}

/// Returns the number of bits a number takes: a scale that grows with its logarithm.
const fn bit_length(n: usize) -> u64 {
    (usize::BITS - n.leading_zeros()) as u64
}

/// Gathers attributes. Each call is another template, so equal values of different templates stay apart.
struct Sink<'a> {
    out: &'a mut Vec<u32>,
    template: u64,
}

impl Sink<'_> {
    fn put(&mut self, value: u64) {
        self.template += 1;
        self.out.push(fold(mix(self.template, value)));
    }

    /// Adds a value like `put`, but 0 is the absence of anything to say.
    fn some(&mut self, value: u64) {
        self.template += 1;
        if value > 0 {
            self.out.push(fold(mix(self.template, value)));
        }
    }

    fn bits(&mut self, bits: u32) {
        self.template += 1;
        for bit in (0..class::COUNT).filter(|bit| bits & (1 << bit) != 0) {
            self.out.push(fold(mix(self.template, u64::from(bit) + 7)));
        }
    }
}

impl Piece {
    fn new(text: &str, token: &Token, lexicon: &Lexicon) -> Self {
        let form = &text[token.start..token.end];
        let word = match token.kind {
            TokenKind::Email => 2,
            TokenKind::Url => 3,
            _ => hash_word(form),
        };
        let (shape, brief) = shapes(form, token.kind);
        let lower: String = form.chars().take(24).flat_map(char::to_lowercase).collect();
        Self {
            word,
            shape,
            brief,
            prefixes: [3, 4].map(|n| hash_text(lower.char_indices().nth(n).map_or(&lower, |(at, _)| &lower[..at]))),
            suffixes: [2, 3, 4].map(|n| {
                hash_text(
                    lower
                        .char_indices()
                        .rev()
                        .nth(n - 1)
                        .map_or(&lower, |(at, _)| &lower[at..]),
                )
            }),
            class: lexicon.class(word) | class_of_form(form, token),
            counts: lexicon.counts(word),
            gap: token.gap as u8,
            ..Self::default()
        }
    }
}

/// Returns hashes of a word's shape: upper, lower, digit and other characters as `X`, `x`, `d` and themselves. The first has all
/// of the first ten characters, the second runs of them as one.
fn shapes(form: &str, kind: TokenKind) -> (u64, u64) {
    match kind {
        TokenKind::Email => return (2, 2),
        TokenKind::Url => return (3, 3),
        TokenKind::Escape => return (5, 5),
        _ => {}
    }
    let (mut shape, mut brief, mut last) = (0, 0, ' ');
    for c in form.chars().take(10) {
        let class = if c.is_uppercase() {
            'X'
        } else if c.is_alphabetic() {
            'x'
        } else if c.is_numeric() {
            'd'
        } else {
            c
        };
        shape = mix(shape, u64::from(u32::from(class)));
        if class != last {
            brief = mix(brief, u64::from(u32::from(class)));
        }
        last = class;
    }
    let lone = form.chars().nth(1).is_none();
    (shape, mix(brief, u64::from(lone)))
}

/// Marks the codes of states. `IN` is Indiana behind a comma, and a shouted preposition elsewhere.
fn mark_states(text: &str, tokens: &[Token], pieces: &mut [Piece]) {
    for i in 1..tokens.len() {
        let (before, token) = (&tokens[i - 1], &tokens[i]);
        let form = &text[token.start..token.end];
        let comma = &text[before.start..before.end] == ",";
        let postcode = tokens
            .get(i + 1)
            .is_some_and(|t| t.kind == TokenKind::Number && t.end - t.start == 5);
        if form.len() == 2 && (comma || postcode) && STATE_CODES.split(' ').any(|code| code == form) {
            pieces[i].class |= class::STATE;
        }
    }
}

/// Returns the words of the last part of web addresses (`/in/ada-lovelace`) and of the local parts of email addresses.
fn slug_words(text: &str, tokens: &[Token]) -> HashSet<u64> {
    let mut words = HashSet::new();
    for token in tokens
        .iter()
        .filter(|t| matches!(t.kind, TokenKind::Url | TokenKind::Email))
    {
        let form = &text[token.start..token.end];
        let part = match token.kind {
            TokenKind::Email => form.split('@').next(),
            _ => form.rsplit('/').find(|part| !part.is_empty()),
        };
        for word in part
            .unwrap_or_default()
            .split(|c: char| !c.is_alphabetic())
            .filter(|w| w.len() > 1)
        {
            words.insert(hash_word(word));
        }
    }
    words
}
