//! An immutable part of the index: vectors, filter columns, postings and facts of many documents, in one block of bytes.
//!
//! ```text
//! magic 8 | format u32 | CRC-32 of the rest u32 | section lengths 9 × u64 | sections
//! head      postcard: counts, tables of names, tombstones, the model's version
//! ids       postcard: every document's id, sorted
//! rows      postcard: what filters read, one row a document; where its facts end; how long and to whom it may be shown
//! terms     postcard: the vocabulary, sorted, and where each term's postings end
//! vectors   384 signed bytes a document
//! postings  for each term: (documents since the last one: varint, count: one byte)…
//! facts     postcard blobs, one a document, read only for the few that are scored in full
//! titles    postcard: every distinct title with its vector's scale; which of them each document has
//! title vectors  384 signed bytes a distinct title
//! ```
//!
//! Vectors, postings and facts are read where they lie; nothing is copied out of the block. Integers are little-endian.
//!
//! Format 2 has no vectors of titles (7 sections). Format 1 also does not say how long and to whom a document may be shown; what it
//! holds is shown without an end. Both are read as long as there is such a segment, and compaction writes them anew in the format of
//! today.

use std::{collections::BTreeMap, ops::Range};

use serde::{Deserialize, Serialize};

use crate::{
    document::{Document, Facts, Kind, RemotePolicy, Shown},
    packed::PackedStrings,
    vector::{DIMENSIONS, Vector},
};

const MAGIC: &[u8; 8] = b"INVINDEX";
const FORMAT: u32 = 3;
const FORMAT_WITHOUT_TITLES: u32 = 2;
const FORMAT_WITHOUT_SHOWN: u32 = 1;
const SECTIONS: usize = 9;
const SECTIONS_WITHOUT_TITLES: usize = 7;

/// Returns the bytes in front of the sections.
const fn header_bytes(sections: usize) -> usize {
    8 + 4 + 4 + 8 * sections
}

/// The mark in front of a skill's id in the vocabulary. By it skills share the postings with words and meet none of them.
const SKILL_MARK: char = '\u{1}';

/// The value of an absent number in a column.
pub(crate) const NONE: u32 = u32::MAX;

/// Bytes that are not a segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an index segment: {0}")]
pub struct InvalidSegment(&'static str);

/// The term under which a skill stands in the vocabulary.
pub(crate) fn skill_term(id: &str) -> String {
    format!("{SKILL_MARK}{id}")
}

/// Whether a term of the vocabulary stands for a skill.
pub(crate) fn is_skill_term(term: &str) -> bool {
    term.starts_with(SKILL_MARK)
}

/// The columns of one document that filters read. Names are indices into the head's tables, [`NONE`] where unknown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    pub version: u64,
    pub tenant: u32,
    pub city: u32,
    pub region: u32,
    pub country: u32,
    pub remote: Option<RemotePolicy>,
    pub currency: u32,
    pub pay_min: Option<i64>,
    pub pay_max: Option<i64>,
    pub available_from_day: Option<i32>,
    pub months: Option<u32>,
    /// Terms with their counts, for the length norm of BM25.
    pub length: u32,
    /// The scale of the vector; 0 without a vector.
    pub vector_scale: f32,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Head {
    model_version: String,
    names: PackedStrings,
    total_length: u64,
    tombstones: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Terms {
    names: PackedStrings,
    /// The end of each term's postings.
    ends: Vec<u64>,
    /// The number of documents that have each term.
    documents: Vec<u32>,
}

/// The distinct titles of all documents. Each stands once, so that it is compared once however many people hold it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Titles {
    names: PackedStrings,
    /// The scale of each title's vector.
    scales: Vec<f32>,
    /// The end of each document's titles in `held`.
    ends: Vec<u64>,
    /// Indices of titles, in the order in which the documents state them.
    held: Vec<u32>,
}

/// Many documents, searchable. Made by [`Segment::build`] and [`crate::index::compact`].
#[derive(Debug, Clone)]
pub struct Segment {
    bytes: Vec<u8>,
    checksum: u32,
    head: Head,
    ids: PackedStrings,
    rows: Vec<Row>,
    shown: Vec<Shown>,
    terms: Terms,
    fact_ends: Vec<u64>,
    vectors: Range<usize>,
    postings: Range<usize>,
    facts: Range<usize>,
    titles: Titles,
    title_vectors: Range<usize>,
}

impl Segment {
    /// A segment of `documents`, whose vectors come from the model of `model_version`. Of two documents of one id the later
    /// in the list stays. `tombstones` are ids that are gone, with the version that removed them.
    #[must_use]
    pub fn build(documents: &[Document], tombstones: BTreeMap<String, u64>, model_version: &str) -> Self {
        let by_id: BTreeMap<&str, &Document> = documents
            .iter()
            .map(|document| (document.id.as_str(), document))
            .collect();
        let mut writer = Writer::new(model_version, tombstones);
        let mut postings: BTreeMap<String, Vec<(u32, u8)>> = BTreeMap::new();
        for document in by_id.values() {
            let row = writer.push_document(document);
            for (term, count) in &document.terms {
                postings.entry(term.clone()).or_default().push((row, *count));
            }
            for skill in &document.facts.skills {
                postings.entry(skill_term(&skill.id)).or_default().push((row, 1));
            }
        }
        for (term, list) in &postings {
            writer.push_term(term, list);
        }
        writer.finish()
    }

    /// The whole segment, as [`Segment::from_bytes`] reads it.
    #[must_use]
    pub fn to_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads a segment. Whatever is not one is an error, never a panic, also where the checksum was forged.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, InvalidSegment> {
        let word = |at: usize| {
            bytes
                .get(at..at + 4)
                .and_then(|b| b.try_into().ok())
                .map(u32::from_le_bytes)
        };
        if !bytes.starts_with(MAGIC) {
            return Err(InvalidSegment("wrong magic"));
        }
        let known = [FORMAT, FORMAT_WITHOUT_TITLES, FORMAT_WITHOUT_SHOWN];
        let format = word(8).filter(|format| known.contains(format));
        let format = format.ok_or(InvalidSegment("unknown format"))?;
        let count = if format == FORMAT {
            SECTIONS
        } else {
            SECTIONS_WITHOUT_TITLES
        };
        if bytes.len() < header_bytes(count) {
            return Err(InvalidSegment("a section is cut off"));
        }
        let checksum = crc32fast::hash(&bytes[16..]);
        if word(12) != Some(checksum) {
            return Err(InvalidSegment("checksum does not match"));
        }
        let mut sections: [Range<usize>; SECTIONS] = Default::default();
        let mut start = header_bytes(count);
        for (index, section) in sections.iter_mut().enumerate().take(count) {
            let at = 16 + 8 * index;
            let length = bytes[at..at + 8].try_into().map_or(u64::MAX, u64::from_le_bytes);
            let end = usize::try_from(length)
                .ok()
                .and_then(|length| start.checked_add(length));
            let end = end
                .filter(|end| *end <= bytes.len())
                .ok_or(InvalidSegment("a section is cut off"))?;
            *section = start..end;
            start = end;
        }
        let [head, ids, rows, terms, vectors, postings, facts, titles, title_vectors] = sections;
        let segment = Self {
            titles: if format == FORMAT {
                decode(&bytes[titles])?
            } else {
                Titles::default()
            },
            title_vectors,
            checksum,
            head: decode(&bytes[head])?,
            ids: decode(&bytes[ids])?,
            terms: decode(&bytes[terms])?,
            vectors,
            postings,
            facts,
            fact_ends: Vec::new(),
            rows: Vec::new(),
            shown: Vec::new(),
            bytes,
        };
        let rows = &segment.bytes[rows];
        let (rows, fact_ends, shown): (Vec<Row>, Vec<u64>, Vec<Shown>) = if format == FORMAT_WITHOUT_SHOWN {
            let (rows, fact_ends): (Vec<Row>, Vec<u64>) = decode(rows)?;
            let shown = vec![Shown::ALWAYS; rows.len()];
            (rows, fact_ends, shown)
        } else {
            decode(rows)?
        };
        let mut segment = Self {
            rows,
            shown,
            fact_ends,
            ..segment
        };
        if format != FORMAT {
            segment.titles.ends = vec![0; segment.rows.len()];
        }
        segment.check().map(|()| segment)
    }

    /// Checks what lookups rely on. Postings and facts are checked where they are read.
    fn check(&self) -> Result<(), InvalidSegment> {
        let count = self.rows.len();
        let rising =
            |ends: &[u64], limit: usize| ends.is_sorted() && ends.last().is_none_or(|end| *end <= limit as u64);
        let lengths = [self.ids.len(), self.fact_ends.len(), self.shown.len()];
        if lengths != [count; 3] || self.vectors.len() != count * DIMENSIONS {
            return Err(InvalidSegment("sections disagree about the number of documents"));
        }
        if !self.ids.is_sorted() || !self.terms.names.is_sorted() {
            return Err(InvalidSegment("ids or terms are out of order"));
        }
        let terms = self.terms.names.len();
        if self.terms.ends.len() != terms || self.terms.documents.len() != terms {
            return Err(InvalidSegment("sections disagree about the number of terms"));
        }
        let (titles, held) = (self.titles.names.len(), &self.titles.held);
        if self.titles.scales.len() != titles || self.title_vectors.len() != titles * DIMENSIONS {
            return Err(InvalidSegment("sections disagree about the number of titles"));
        }
        if !self.titles.scales.iter().all(|scale| scale.is_finite() && *scale > 0.0) {
            return Err(InvalidSegment("a vector of a title is no direction"));
        }
        let no_title = |title: &u32| *title as usize >= titles;
        if self.titles.ends.len() != count || !rising(&self.titles.ends, held.len()) || held.iter().any(no_title) {
            return Err(InvalidSegment("a document has a title that is not there"));
        }
        if !rising(&self.terms.ends, self.postings.len()) || !rising(&self.fact_ends, self.facts.len()) {
            return Err(InvalidSegment("offsets are out of order"));
        }
        Ok(())
    }

    /// Returns the number of documents in the segment.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the segment holds no documents.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The model that made the vectors.
    #[must_use]
    pub fn model_version(&self) -> &str {
        &self.head.model_version
    }

    /// CRC-32 of the content, which names it.
    #[must_use]
    pub const fn checksum(&self) -> u32 {
        self.checksum
    }

    /// Ids that are gone, with the version that removed them.
    #[must_use]
    pub const fn tombstones(&self) -> &BTreeMap<String, u64> {
        &self.head.tombstones
    }

    pub(crate) fn id(&self, row: usize) -> &str {
        self.ids.get(row)
    }

    pub(crate) fn find_id(&self, id: &str) -> Option<usize> {
        self.ids.find(id)
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(crate) fn shown(&self, row: usize) -> Shown {
        self.shown[row]
    }

    pub(crate) fn name(&self, index: u32) -> &str {
        self.head.names.get(index as usize)
    }

    /// The index of `name` in the table of names; [`NONE`] where no document has it.
    pub(crate) fn find_name(&self, name: &str) -> u32 {
        self.head
            .names
            .iter()
            .position(|known| known == name)
            .map_or(NONE, |index| index as u32)
    }

    pub(crate) const fn total_length(&self) -> u64 {
        self.head.total_length
    }

    pub(crate) fn vectors(&self) -> &[u8] {
        &self.bytes[self.vectors.clone()]
    }

    /// The titles of a document, in the order in which it states them.
    pub(crate) fn titles(&self, row: usize) -> &[u32] {
        part(&self.titles.held, &self.titles.ends, row)
    }

    /// The text of one distinct title.
    pub(crate) fn title_name(&self, title: u32) -> &str {
        self.titles.names.get(title as usize)
    }

    /// The scales of the distinct titles' vectors.
    pub(crate) fn title_scales(&self) -> &[f32] {
        &self.titles.scales
    }

    /// The vectors of the distinct titles, one after another.
    pub(crate) fn title_vectors(&self) -> &[u8] {
        &self.bytes[self.title_vectors.clone()]
    }

    /// The vector of one distinct title.
    pub(crate) fn title_vector(&self, title: u32) -> Vector {
        let at = title as usize * DIMENSIONS;
        let bytes = &self.title_vectors()[at..at + DIMENSIONS];
        Vector {
            scale: self.titles.scales[title as usize],
            bytes: bytes.iter().map(|byte| *byte as i8).collect(),
        }
    }

    pub(crate) fn find_term(&self, term: &str) -> Option<usize> {
        self.terms.names.find(term)
    }

    pub(crate) fn terms(&self) -> impl Iterator<Item = &str> {
        self.terms.names.iter()
    }

    pub(crate) fn documents_with(&self, term: usize) -> u32 {
        self.terms.documents.get(term).copied().unwrap_or(0)
    }

    /// The (row, count) pairs of a term, rows rising. Ends early at bytes that make no sense.
    pub(crate) fn postings(&self, term: usize) -> impl Iterator<Item = (usize, u8)> {
        let mut bytes = part(&self.bytes[self.postings.clone()], &self.terms.ends, term);
        let count = self.rows.len();
        let mut next = 0_usize;
        std::iter::from_fn(move || {
            let (gap, rest) = varint(bytes)?;
            let (&occurrences, rest) = rest.split_first()?;
            bytes = rest;
            let row = next.checked_add(gap as usize).filter(|row| *row < count)?;
            next = row + 1;
            Some((row, occurrences))
        })
    }

    /// The facts of one document.
    pub(crate) fn facts(&self, row: usize) -> Option<Facts> {
        postcard::from_bytes(self.facts_bytes(row)).ok()
    }

    fn facts_bytes(&self, row: usize) -> &[u8] {
        part(&self.bytes[self.facts.clone()], &self.fact_ends, row)
    }
}

/// The stretch of `bytes`, or of other values, that ends at `ends[index]` and begins where the one before ends.
fn part<'a, T>(bytes: &'a [T], ends: &[u64], index: usize) -> &'a [T] {
    let start = index
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .map_or(0, |end| *end as usize);
    ends.get(index)
        .and_then(|end| bytes.get(start..*end as usize))
        .unwrap_or_default()
}

fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, InvalidSegment> {
    postcard::from_bytes(bytes).map_err(|_| InvalidSegment("a section is malformed"))
}

fn varint(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= u32::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Puts a segment together: documents in the order of their ids, then terms in the order of the alphabet.
pub(crate) struct Writer {
    head: Head,
    names: BTreeMap<String, u32>,
    ids: PackedStrings,
    rows: Vec<Row>,
    shown: Vec<Shown>,
    terms: Terms,
    vectors: Vec<u8>,
    postings: Vec<u8>,
    facts: Vec<u8>,
    fact_ends: Vec<u64>,
    titles: Titles,
    title_names: BTreeMap<String, u32>,
    title_vectors: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(model_version: &str, tombstones: BTreeMap<String, u64>) -> Self {
        Self {
            head: Head {
                model_version: model_version.to_owned(),
                tombstones,
                ..Head::default()
            },
            names: BTreeMap::new(),
            ids: PackedStrings::default(),
            rows: Vec::new(),
            shown: Vec::new(),
            terms: Terms::default(),
            vectors: Vec::new(),
            postings: Vec::new(),
            facts: Vec::new(),
            fact_ends: Vec::new(),
            titles: Titles::default(),
            title_names: BTreeMap::new(),
            title_vectors: Vec::new(),
        }
    }

    /// Notes a title of the document that is pushed next.
    fn title(&mut self, normal: &str, vector: &Vector) {
        let index = if let Some(index) = self.title_names.get(normal) {
            *index
        } else {
            let index = self.title_names.len() as u32;
            self.title_names.insert(normal.to_owned(), index);
            self.titles.names.push(normal);
            self.titles.scales.push(vector.scale);
            self.title_vectors.extend(vector.to_row());
            index
        };
        self.titles.held.push(index);
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(index) = self.names.get(name) {
            return *index;
        }
        let index = self.names.len() as u32;
        self.names.insert(name.to_owned(), index);
        self.head.names.push(name);
        index
    }

    fn optional_name(&mut self, name: Option<&str>) -> u32 {
        name.map_or(NONE, |name| self.name(name))
    }

    fn push_document(&mut self, document: &Document) -> u32 {
        let Facts {
            place,
            pay,
            remote,
            months,
            available_from_day,
            ..
        } = &document.facts;
        // A job says from which day on somebody may start in other words; the column is about candidates.
        let available_from_day = available_from_day.filter(|_| document.facts.kind == Kind::Candidate);
        let row = Row {
            version: document.version,
            tenant: self.name(&document.tenant_id),
            city: self.optional_name(place.city.as_deref()),
            region: self.optional_name(place.region.as_deref()),
            country: self.optional_name(place.country.as_deref()),
            remote: *remote,
            currency: self.optional_name(pay.as_ref().map(|pay| pay.currency.code())),
            pay_min: pay.and_then(|pay| pay.min),
            pay_max: pay.and_then(|pay| pay.max),
            available_from_day,
            months: *months,
            length: document.terms.iter().map(|(_, count)| u32::from(*count)).sum(),
            vector_scale: document.vector.as_ref().map_or(0.0, |vector| vector.scale),
        };
        // Serialising plain data into memory has no way to fail.
        let facts = postcard::to_stdvec(&document.facts).unwrap_or_default();
        let vector = document.vector.as_ref().filter(|vector| vector.is_sound());
        match vector {
            Some(vector) => self.vectors.extend(vector.to_row()),
            None => self.vectors.resize(self.vectors.len() + DIMENSIONS, 0),
        }
        for title in document.titles.iter().filter(|title| title.vector.is_sound()) {
            self.title(&title.normal, &title.vector);
        }
        self.push(&document.id, row, document.shown, &facts)
    }

    /// Takes one document over from another segment.
    pub(crate) fn push_row(&mut self, source: &Segment, row: usize) -> u32 {
        let old = &source.rows[row];
        let mut rename = |index: u32| {
            if index == NONE {
                NONE
            } else {
                self.name(source.name(index))
            }
        };
        let mut new = Row {
            tenant: rename(old.tenant),
            city: rename(old.city),
            region: rename(old.region),
            country: rename(old.country),
            currency: rename(old.currency),
            ..old.clone()
        };
        if source.model_version() == self.head.model_version {
            self.vectors
                .extend_from_slice(&source.vectors()[row * DIMENSIONS..(row + 1) * DIMENSIONS]);
            for title in source.titles(row) {
                self.title(source.title_name(*title), &source.title_vector(*title));
            }
        } else {
            // A vector of another model compares with nothing.
            new.vector_scale = 0.0;
            self.vectors.resize(self.vectors.len() + DIMENSIONS, 0);
        }
        self.push(source.id(row), new, source.shown(row), source.facts_bytes(row))
    }

    fn push(&mut self, id: &str, row: Row, shown: Shown, facts: &[u8]) -> u32 {
        self.head.total_length += u64::from(row.length);
        self.ids.push(id);
        self.rows.push(row);
        self.shown.push(shown);
        self.facts.extend_from_slice(facts);
        self.fact_ends.push(self.facts.len() as u64);
        self.titles.ends.push(self.titles.held.len() as u64);
        self.rows.len() as u32 - 1
    }

    /// The postings of the next term, rows rising.
    pub(crate) fn push_term(&mut self, term: &str, list: &[(u32, u8)]) {
        let mut next = 0;
        for (row, count) in list {
            push_varint(&mut self.postings, row - next);
            self.postings.push(*count);
            next = row + 1;
        }
        self.terms.names.push(term);
        self.terms.documents.push(list.len() as u32);
        self.terms.ends.push(self.postings.len() as u64);
    }

    pub(crate) fn finish(self) -> Segment {
        // Serialising plain data into memory has no way to fail.
        let head = postcard::to_stdvec(&self.head).unwrap_or_default();
        let ids = postcard::to_stdvec(&self.ids).unwrap_or_default();
        let rows = postcard::to_stdvec(&(&self.rows, &self.fact_ends, &self.shown)).unwrap_or_default();
        let terms = postcard::to_stdvec(&self.terms).unwrap_or_default();
        let titles = postcard::to_stdvec(&self.titles).unwrap_or_default();
        let sections = [
            &head,
            &ids,
            &rows,
            &terms,
            &self.vectors,
            &self.postings,
            &self.facts,
            &titles,
            &self.title_vectors,
        ];

        let mut bytes =
            Vec::with_capacity(header_bytes(SECTIONS) + sections.iter().map(|section| section.len()).sum::<usize>());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        for section in sections {
            bytes.extend_from_slice(&(section.len() as u64).to_le_bytes());
        }
        let mut ranges: [Range<usize>; SECTIONS] = Default::default();
        for (section, range) in sections.into_iter().zip(&mut ranges) {
            let start = bytes.len();
            bytes.extend_from_slice(section);
            *range = start..bytes.len();
        }
        let checksum = crc32fast::hash(&bytes[16..]);
        bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
        let [_, _, _, _, vectors, postings, facts, _, title_vectors] = ranges;
        Segment {
            bytes,
            checksum,
            head: self.head,
            ids: self.ids,
            rows: self.rows,
            shown: self.shown,
            terms: self.terms,
            fact_ends: self.fact_ends,
            vectors,
            postings,
            facts,
            titles: self.titles,
            title_vectors,
        }
    }
}
