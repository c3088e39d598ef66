//! Retrieval of the documents to score: filters first, then the nearest by meaning, words, skills and titles.

use std::{
    borrow::Cow,
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use inventure_core::Currency;

use crate::{
    document::{Document, Kind, RemotePolicy},
    index::{Index, Part, Stats},
    place::Place,
    segment::{NONE, Row, Segment, is_skill_term, skill_term},
    vector::{self, Vector},
};

/// The speed at which more of the same term stops counting (Robertson's usual value).
const BM25_K1: f64 = 1.2;

/// The degree to which a long document is held against it (the usual value).
const BM25_B: f64 = 0.75;

/// The speed at which repetition inside the query stops counting.
const BM25_K3: f64 = 8.0;

/// Each older title of a candidate counts this much of the one after it.
const OLDER_TITLE: f64 = 0.93;

/// The most titles of a query by which documents are found. All take part in the score of what is found.
const PROBES: usize = 3;

/// The most terms of a query that are looked up; the weightiest stay.
const MAX_QUERY_TERMS: usize = 128;

/// The conditions on which a document is considered at all. Nothing is visible unless `tenants` or `granted` says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// The tenants whose documents are visible.
    pub tenants: BTreeSet<String>,
    /// The ids of further documents that are visible, of any owner, where they may be shown to others.
    pub granted: BTreeSet<String>,
    /// The ids of documents that are left out, of any owner.
    pub hidden: BTreeSet<String>,
    /// Ids of skills that must all be there.
    pub skills: BTreeSet<String>,
    /// The place of the document. Every part that is given must agree.
    pub place: Place,
    /// Whether documents that are remote from anywhere pass as well, besides those at `place`.
    pub or_remote: bool,
    /// Whether only remote documents pass.
    pub remote_only: bool,
    /// The most that the pay asked (or the least pay offered) may be, in minor units a year.
    pub pay_ceiling: Option<(i64, Currency)>,
    /// The least that the highest pay offered (or the pay asked) may be, in minor units a year.
    pub pay_floor: Option<(i64, Currency)>,
    /// The last day on which a candidate may start, in days from 1970-01-01; earlier is fine.
    pub available_by_day: Option<i32>,
    /// The least months of experience.
    pub min_months: Option<u32>,
    /// Whether documents pass that do not say what a filter asks. A skill that is not there is missing, not unknown.
    pub keep_unknown: bool,
}

/// The filters in the terms of one segment.
struct Compiled<'a> {
    filters: &'a Filters,
    today: i32,
    tenants: BTreeSet<u32>,
    granted: BTreeSet<usize>,
    hidden: BTreeSet<usize>,
    place: [Option<u32>; 3],
}

impl<'a> Compiled<'a> {
    fn new(filters: &'a Filters, today: i32, segment: &Segment) -> Self {
        let rows = |ids: &BTreeSet<String>| ids.iter().filter_map(|id| segment.find_id(id)).collect();
        let name = |part: &Option<String>| part.as_deref().map(|name| segment.find_name(name));
        Self {
            filters,
            tenants: filters
                .tenants
                .iter()
                .map(|name| segment.find_name(name))
                .filter(|name| *name != NONE)
                .collect(),
            granted: rows(&filters.granted),
            hidden: rows(&filters.hidden),
            today,
            place: [
                name(&filters.place.city),
                name(&filters.place.region),
                name(&filters.place.country),
            ],
        }
    }

    fn lets_in(&self, segment: &Segment, index: usize, row: &Row) -> bool {
        let Filters {
            or_remote,
            remote_only,
            pay_ceiling,
            pay_floor,
            available_by_day,
            min_months,
            keep_unknown,
            ..
        } = self.filters;
        let shown = segment.shown(index);
        let granted = || shown.to_others && self.granted.contains(&index);
        let visible = (self.tenants.contains(&row.tenant) || granted())
            && self.today <= shown.until_day
            && !self.hidden.contains(&index);
        let pass = |known: Option<bool>| known.unwrap_or(*keep_unknown);
        let at_place = || {
            self.place
                .iter()
                .zip([row.city, row.region, row.country])
                .all(|(wanted, found)| {
                    wanted.is_none_or(|wanted| pass((found != NONE).then_some(found == wanted && wanted != NONE)))
                })
        };
        let remote = || row.remote.map(|policy| policy == RemotePolicy::Remote);
        let pay = |end: Option<i64>, currency: Currency| {
            end.filter(|_| row.currency != NONE && segment.name(row.currency) == currency.code())
        };
        visible
            && (at_place() || (*or_remote && remote() == Some(true)))
            && (!remote_only || pass(remote()))
            && pay_ceiling.is_none_or(|(ceiling, currency)| {
                pass(pay(row.pay_min.or(row.pay_max), currency).map(|asked| asked <= ceiling))
            })
            && pay_floor.is_none_or(|(floor, currency)| {
                pass(pay(row.pay_max.or(row.pay_min), currency).map(|paid| paid >= floor))
            })
            && available_by_day.is_none_or(|day| pass(row.available_from_day.map(|from| from <= day)))
            && min_months.is_none_or(|least| pass(row.months.map(|months| months >= least)))
    }
}

/// For every row of `part`, whether the filters let it in.
fn allowed(part: &Part, filters: &Filters, today: i32) -> Vec<bool> {
    let compiled = Compiled::new(filters, today, &part.segment);
    let rows = part.segment.rows().iter().enumerate().zip(&part.live);
    let mut allowed: Vec<bool> = rows
        .map(|((index, row), live)| *live && compiled.lets_in(&part.segment, index, row))
        .collect();
    for skill in &filters.skills {
        let mut with = vec![false; allowed.len()];
        if let Some(term) = part.segment.find_term(&skill_term(skill)) {
            part.segment.postings(term).for_each(|(row, _)| with[row] = true);
        }
        allowed
            .iter_mut()
            .zip(with)
            .for_each(|(allowed, with)| *allowed &= with);
    }
    allowed
}

/// One document that is worth a full score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hit {
    pub part: usize,
    pub row: usize,
    /// The cosine of the two texts' vectors; absent where one of them has none.
    pub cosine: Option<f64>,
    /// BM25 of the candidate for the job, as a share of the most that the job's words could reach.
    pub lexical: f64,
    /// The likeness of the titles; absent where one of the two has no vector of a title.
    pub title: Option<TitleHit>,
}

/// The title of a candidate that is most like one that the job goes by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TitleHit {
    /// The cosine of the two titles, times [`OLDER_TITLE`] for each newer title that the candidate has.
    pub score: f64,
    /// The place of the candidate's title among theirs, from 0 for the newest.
    pub place: usize,
    /// The place of the job's title among those that it goes by.
    pub wanted: usize,
}

impl TitleHit {
    /// Returns the better of two; of two equal ones the newer.
    fn better(best: Option<Self>, other: Self) -> Self {
        best.filter(|best| best.score >= other.score).unwrap_or(other)
    }
}

/// The best `limit` of what is pushed, by score and then by id.
struct Top<'a> {
    parts: &'a [Part],
    limit: usize,
    floor: f64,
    kept: Vec<(f64, usize, usize)>,
}

impl<'a> Top<'a> {
    fn new(parts: &'a [Part], limit: usize) -> Self {
        Self {
            parts,
            limit,
            floor: f64::NEG_INFINITY,
            kept: Vec::with_capacity(2 * limit),
        }
    }

    fn order(&self, a: &(f64, usize, usize), b: &(f64, usize, usize)) -> Ordering {
        let id = |hit: &(f64, usize, usize)| self.parts[hit.1].segment.id(hit.2);
        b.0.total_cmp(&a.0).then_with(|| id(a).cmp(id(b)))
    }

    fn push(&mut self, score: f64, part: usize, row: usize) {
        if score >= self.floor {
            self.kept.push((score, part, row));
            if self.kept.len() >= 2 * self.limit {
                self.prune();
            }
        }
    }

    fn prune(&mut self) {
        if self.kept.len() > self.limit {
            let mut kept = std::mem::take(&mut self.kept);
            kept.select_nth_unstable_by(self.limit - 1, |a, b| self.order(a, b));
            kept.truncate(self.limit);
            self.floor = kept.iter().map(|hit| hit.0).fold(f64::INFINITY, f64::min);
            self.kept = kept;
        }
    }

    fn into_rows(mut self) -> impl Iterator<Item = (usize, usize)> {
        self.prune();
        self.kept.into_iter().map(|(_, part, row)| (part, row))
    }
}

/// The query's terms with what one occurrence can bring, and the most that all of them together could.
fn query_terms(query: &Document, stats: &Stats) -> (Vec<(String, f64)>, f64) {
    let mut terms: Vec<(String, f64)> = query
        .terms
        .iter()
        .map(|(term, count)| (term.clone(), stats.idf(term) * asked(*count)))
        .collect();
    terms.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    terms.truncate(MAX_QUERY_TERMS);
    // Summed in one order everywhere, or the last bits of a score would depend on the segment.
    terms.sort_by(|a, b| a.0.cmp(&b.0));
    let most = terms.iter().map(|(_, weight)| weight * (BM25_K1 + 1.0)).sum();
    (terms, most)
}

fn bm25(part: &Part, terms: &[(String, f64)], stats: &Stats) -> Vec<f32> {
    let rows = part.segment.rows();
    let norms: Vec<f64> = rows
        .iter()
        .map(|row| BM25_K1 * (1.0 - BM25_B + BM25_B * f64::from(row.length) / stats.mean_length()))
        .collect();
    let mut scores = vec![0_f32; rows.len()];
    for (term, weight) in terms {
        let Some(term) = part.segment.find_term(term) else {
            continue;
        };
        for (row, count) in part.segment.postings(term) {
            let count = f64::from(count);
            scores[row] += (weight * count * (BM25_K1 + 1.0) / (count + norms[row])) as f32;
        }
    }
    scores
}

/// Returns how much a word counts that a job has so often.
fn asked(count: u8) -> f64 {
    let count = f64::from(count);
    count * (BM25_K3 + 1.0) / (BM25_K3 + count)
}

/// Returns for each job of a segment the most that its words could bring.
pub(crate) fn reach(segment: &Segment, stats: &Stats) -> Vec<f32> {
    let mut most = vec![0_f32; segment.len()];
    for (index, term) in segment.terms().enumerate().filter(|(_, term)| !is_skill_term(term)) {
        let most_of_one = stats.idf(term) * (BM25_K1 + 1.0);
        for (row, count) in segment.postings(index) {
            most[row] += (asked(count) * most_of_one) as f32;
        }
    }
    most
}

/// Returns for each job the share of what its words could reach that a candidate's words do. It is BM25 with the job as the query, as
/// when candidates are ranked for a job, but for the rarity of words, which is that among jobs, and the candidate's length.
fn covered(part: &Part, candidate: &Document, stats: &Stats) -> Vec<f32> {
    let most = part.reach(stats);
    let mut scores = vec![0_f32; most.len()];
    for (term, held) in &candidate.terms {
        let Some(index) = part.segment.find_term(term) else {
            continue;
        };
        let held = f64::from(*held);
        let held = stats.idf(term) * held * (BM25_K1 + 1.0) / (held + BM25_K1);
        for (row, count) in part.segment.postings(index) {
            scores[row] += (asked(count) * held) as f32;
        }
    }
    for (score, most) in scores.iter_mut().zip(most) {
        *score = if *most > 0.0 { *score / most } else { 0.0 };
    }
    scores
}

/// Returns the documents worth a full score, in no order. Of those that the filters let in and that may be shown on the day
/// `today`, these are the best `breadth` by meaning, by words, by shared skills and by titles each.
pub(crate) fn retrieve(index: &Index, query: &Document, filters: &Filters, today: i32, breadth: usize) -> Vec<Hit> {
    let parts = index.parts();
    let stats = index.stats();
    let allowed: Vec<Vec<bool>> = parts.iter().map(|part| allowed(part, filters, today)).collect();
    let lexical: Vec<Vec<f32>> = match query.facts.kind {
        Kind::Job => {
            let (terms, most) = query_terms(query, stats);
            let share = |score: f32| {
                if most > 0.0 {
                    (f64::from(score) / most) as f32
                } else {
                    0.0
                }
            };
            let shares = |part| bm25(part, &terms, stats).into_iter().map(share).collect();
            parts.iter().map(shares).collect()
        }
        Kind::Candidate => parts.iter().map(|part| covered(part, query, stats)).collect(),
    };
    let dots: Vec<Vec<i32>> = match &query.vector {
        Some(vector) => parts
            .iter()
            .map(|part| vector::scan(vector, part.segment.vectors()))
            .collect(),
        None => vec![Vec::new(); parts.len()],
    };
    let cosine = |part: usize, row: usize| {
        let scale = f64::from(parts[part].segment.rows()[row].vector_scale);
        let query_scale = f64::from(query.vector.as_ref()?.scale);
        (scale > 0.0).then(|| f64::from(dots[part][row]) * scale * query_scale)
    };

    let mut hits: BTreeSet<(usize, usize)> = BTreeSet::new();
    let (mut nearest, mut wordiest) = (Top::new(parts, breadth), Top::new(parts, breadth));
    for (part, allowed) in allowed.iter().enumerate() {
        for row in (0..allowed.len()).filter(|row| allowed[*row]) {
            if let Some(cosine) = cosine(part, row) {
                nearest.push(cosine, part, row);
            }
            // Rows without a shared word take part as well: ranking a handful of documents must rank them all.
            wordiest.push(f64::from(lexical[part][row]), part, row);
        }
    }
    hits.extend(nearest.into_rows());
    hits.extend(wordiest.into_rows());

    let mut overlap: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for skill in &query.facts.skills {
        let (term, idf) = (skill_term(&skill.id), stats.skill_idf(&skill.id));
        for (part, allowed) in allowed.iter().enumerate() {
            let segment = &parts[part].segment;
            let Some(term) = segment.find_term(&term) else { continue };
            for (row, _) in segment.postings(term).filter(|(row, _)| allowed[*row]) {
                *overlap.entry((part, row)).or_default() += idf;
            }
        }
    }
    let mut skilled = Top::new(parts, breadth);
    for ((part, row), score) in overlap {
        skilled.push(score, part, row);
    }
    hits.extend(skilled.into_rows());

    let mut titled = Top::new(parts, breadth);
    for (part, allowed) in allowed.iter().enumerate() {
        let near = near_titles(query, &parts[part].segment);
        for row in (0..allowed.len()).filter(|row| allowed[*row]) {
            let held = parts[part].segment.titles(row).iter();
            let scores = held
                .enumerate()
                .map(|(place, title)| near[*title as usize] * aged(query, place));
            if let Some(best) = scores.max_by(f64::total_cmp).filter(|best| best.is_finite()) {
                titled.push(best, part, row);
            }
        }
    }
    hits.extend(titled.into_rows());

    let mut titles = Titles::new(query);
    let mut hit = |(part, row): (usize, usize)| Hit {
        part,
        row,
        cosine: cosine(part, row),
        lexical: f64::from(lexical[part][row]),
        title: titles.best(part, &parts[part].segment, row),
    };
    hits.into_iter().map(&mut hit).collect()
}

/// Returns the part that a candidate's title keeps by its place, from 0 for the newest.
fn age(place: usize) -> f64 {
    // A plain loop: the standard library's own power may differ from one machine to another.
    (0..place).fold(1.0, |worth, _| worth * OLDER_TITLE)
}

/// Returns the part that a found document's title keeps by its place: only a candidate's titles age.
fn aged(query: &Document, place: usize) -> f64 {
    match query.facts.kind {
        Kind::Job => age(place),
        Kind::Candidate => 1.0,
    }
}

/// Returns the nearness of each distinct title of a segment to the query. A job is compared by its own title and the mean of those
/// that it goes by, a candidate by the newest [`PROBES`].
fn near_titles(query: &Document, segment: &Segment) -> Vec<f64> {
    let titles = query.titles.iter().map(|title| &title.vector);
    let probes: Vec<(f64, Cow<'_, Vector>)> = match query.facts.kind {
        Kind::Job => {
            let own = titles.clone().next().map(Cow::Borrowed);
            let others = Vector::mean(titles.skip(1)).map(Cow::Owned);
            own.into_iter().chain(others).map(|probe| (1.0, probe)).collect()
        }
        Kind::Candidate => {
            let newest = titles.take(PROBES).enumerate();
            newest
                .map(|(place, title)| (age(place), Cow::Borrowed(title)))
                .collect()
        }
    };
    let mut near = vec![f64::NEG_INFINITY; segment.title_scales().len()];
    for (worth, probe) in &probes {
        let dots = vector::scan(probe, segment.title_vectors());
        for ((near, dot), scale) in near.iter_mut().zip(dots).zip(segment.title_scales()) {
            *near = near.max(worth * f64::from(dot) * f64::from(*scale) * f64::from(probe.scale));
        }
    }
    near
}

/// The titles of a query, ready to be compared in full with those of a segment. Each distinct title is compared once.
struct Titles<'a> {
    query: &'a Document,
    rows: Vec<u8>,
    /// For each title of a part, its score and the place of the query's title that is nearest.
    known: BTreeMap<(usize, u32), (f64, usize)>,
}

impl<'a> Titles<'a> {
    fn new(query: &'a Document) -> Self {
        Self {
            query,
            rows: query.titles.iter().flat_map(|title| title.vector.to_row()).collect(),
            known: BTreeMap::new(),
        }
    }

    /// Returns the best pair of a title of the query and one of the document in `row`.
    fn best(&mut self, part: usize, segment: &Segment, row: usize) -> Option<TitleHit> {
        let mut best = None;
        for (place, title) in segment.titles(row).iter().enumerate() {
            let (score, near) = if let Some(near) = self.known.get(&(part, *title)) {
                *near
            } else {
                let near = self.nearest(&segment.title_vector(*title))?;
                self.known.insert((part, *title), near);
                near
            };
            let (held, wanted) = match self.query.facts.kind {
                Kind::Job => (place, near),
                Kind::Candidate => (near, place),
            };
            let hit = TitleHit {
                score: score * aged(self.query, place),
                place: held,
                wanted,
            };
            best = Some(TitleHit::better(best, hit));
        }
        best
    }

    /// Returns the place of the query's title that is nearest to another, with its score. A candidate's titles count less with age.
    fn nearest(&self, other: &Vector) -> Option<(f64, usize)> {
        let dots = vector::scan(other, &self.rows).into_iter().zip(&self.query.titles);
        let scores = dots.enumerate().map(|(place, (dot, title))| {
            let worth = match self.query.facts.kind {
                Kind::Job => 1.0,
                Kind::Candidate => age(place),
            };
            let cosine = f64::from(dot) * f64::from(other.scale) * f64::from(title.vector.scale);
            (cosine * worth, place)
        });
        scores.reduce(|best, other| if other.0 > best.0 { other } else { best })
    }
}

/// Returns the job and the candidate of two documents, in this order; `None` where they are of one kind.
pub(crate) fn sides<T>(query: (Kind, T), other: (Kind, T)) -> Option<(T, T)> {
    match (query.0, other.0) {
        (Kind::Job, Kind::Candidate) => Some((query.1, other.1)),
        (Kind::Candidate, Kind::Job) => Some((other.1, query.1)),
        _ => None,
    }
}
