//! Decides what each line of a resume is about, and what the words of its headings name.
//!
//! Two taggers of [`crate::entities::crf`] do it: one over lines, with their words, their dress and their neighbours; one over the
//! words of the lines that head a job or a school. They learn from made documents whose truth is known (`localstack/seed/corpus`);
//! `examples/train_structure` is the command.

pub mod lines;
pub mod parts;

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use crate::{
    entities::{
        crf::{TokenSpan, spans_of},
        model::Model,
    },
    read::Document,
};
use lines::Page;
use parts::Sequence;

static LINES: LazyLock<Option<Model>> = LazyLock::new(|| Model::from_bytes(include_bytes!("../../model/lines.bin")));
static PARTS: LazyLock<Option<Model>> = LazyLock::new(|| Model::from_bytes(include_bytes!("../../model/parts.bin")));

/// The subject of a line. The lines at the head of one job, one employer or one school are one span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// The person: name, headline, contact.
    Person,
    /// The person's summary of themselves.
    Summary,
    /// An employer over several jobs.
    Banner,
    /// The head of a job: title, employer, place, dates.
    Job,
    /// A point or a paragraph of a job.
    JobText,
    /// The head of a school: school, degree, field, dates.
    Study,
    /// A detail of a school: courses, grades, a thesis.
    StudyText,
    /// Skills.
    Skill,
    /// Languages that are spoken.
    Language,
    /// Certificates.
    Certificate,
    /// The head of a project.
    Project,
    /// A point or a paragraph of a project.
    ProjectText,
    /// A person who vouches for the candidate.
    Referee,
    /// A running header or footer.
    Margin,
    /// Anything else: awards, publications, interests.
    Other,
    /// A heading over the summary.
    HeadingSummary,
    /// A heading over jobs.
    HeadingExperience,
    /// A heading over schools.
    HeadingEducation,
    /// A heading over skills.
    HeadingSkills,
    /// A heading over languages.
    HeadingLanguages,
    /// A heading over certificates.
    HeadingCertificates,
    /// A heading over projects.
    HeadingProjects,
    /// A heading over referees.
    HeadingReferences,
    /// A heading over contact.
    HeadingContact,
    /// A heading over anything else.
    HeadingOther,
}

impl LineKind {
    /// All kinds, in the order of the model's numbers.
    pub const ALL: [Self; 25] = [
        Self::Person,
        Self::Summary,
        Self::Banner,
        Self::Job,
        Self::JobText,
        Self::Study,
        Self::StudyText,
        Self::Skill,
        Self::Language,
        Self::Certificate,
        Self::Project,
        Self::ProjectText,
        Self::Referee,
        Self::Margin,
        Self::Other,
        Self::HeadingSummary,
        Self::HeadingExperience,
        Self::HeadingEducation,
        Self::HeadingSkills,
        Self::HeadingLanguages,
        Self::HeadingCertificates,
        Self::HeadingProjects,
        Self::HeadingReferences,
        Self::HeadingContact,
        Self::HeadingOther,
    ];

    /// Whether the line is a heading of a part of the resume.
    #[must_use]
    pub const fn is_heading(self) -> bool {
        self as usize >= Self::HeadingSummary as usize
    }

    /// Whether several lines may be one head.
    #[must_use]
    pub const fn is_head(self) -> bool {
        matches!(self, Self::Banner | Self::Job | Self::Study | Self::Project)
    }

    /// Whether the words of the line are looked at one by one.
    #[must_use]
    pub const fn has_parts(self) -> bool {
        matches!(
            self,
            Self::Person | Self::Banner | Self::Job | Self::Study | Self::Certificate
        )
    }
}

/// The meaning of a stretch of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// The person's name.
    Name,
    /// The title under the name.
    Headline,
    /// A place: the person's, a job's, a school's.
    Place,
    /// An employer.
    Employer,
    /// A team or department of an employer.
    Team,
    /// A job title.
    Title,
    /// A remark on a job: "contract", "acquired by".
    Aside,
    /// A school.
    School,
    /// A degree.
    Degree,
    /// A field of study.
    Field,
    /// A grade or an honour.
    Grade,
    /// A certificate.
    Certificate,
    /// The issuer of a certificate.
    Issuer,
}

impl PartKind {
    /// All kinds, in the order of the model's numbers.
    pub const ALL: [Self; 13] = [
        Self::Name,
        Self::Headline,
        Self::Place,
        Self::Employer,
        Self::Team,
        Self::Title,
        Self::Aside,
        Self::School,
        Self::Degree,
        Self::Field,
        Self::Grade,
        Self::Certificate,
        Self::Issuer,
    ];
}

/// A run of lines of one kind that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The subject of the lines.
    pub kind: LineKind,
    /// The lines, by their numbers in [`Page::lines`].
    pub lines: Range<usize>,
    /// The model's probability, 0 to 1, of the least sure line.
    pub confidence: f32,
}

/// A stretch of words with its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The meaning of the words.
    pub kind: PartKind,
    /// The stretch, in bytes of the document's text.
    pub range: Range<usize>,
    /// The model's probability that exactly this stretch has this meaning, 0 to 1.
    pub confidence: f32,
}

/// Returns the lines of a document in blocks, in order. Each line is in one block.
#[must_use]
pub fn blocks(page: &Page<'_>) -> Vec<Block> {
    let Some(model) = &*LINES else { return Vec::new() };
    blocks_by(page, model)
}

/// Returns the blocks of a document by a given model.
#[must_use]
pub fn blocks_by(page: &Page<'_>, model: &Model) -> Vec<Block> {
    let rows = page.attributes();
    let scores = model.scores_of(&rows);
    let labels = model.transitions().viterbi(&scores);
    let lattice = model.transitions().lattice(&scores);
    let sure = |at: usize| {
        let kind = labels.get(at).map_or(0, |label| label.saturating_sub(1) / 4);
        (1..=4)
            .map(|position| lattice.marginal(at, 4 * kind + position))
            .sum::<f32>()
    };
    let mut blocks: Vec<Block> = Vec::new();
    for (at, label) in labels.iter().enumerate() {
        let kind = match label.checked_sub(1) {
            Some(number) => LineKind::ALL.get(number / 4).copied().unwrap_or(LineKind::Other),
            None => LineKind::Other,
        };
        let goes_on = label.checked_sub(1).is_some_and(|number| matches!(number % 4, 1 | 2));
        match blocks.last_mut() {
            Some(block) if goes_on && block.kind == kind && !page.begins_again(block.lines.clone(), at) => {
                block.lines.end = at + 1;
                block.confidence = block.confidence.min(sure(at));
            }
            _ => blocks.push(Block {
                kind,
                lines: at..at + 1,
                confidence: sure(at),
            }),
        }
    }
    blocks
}

/// Returns the parts that each of some runs of lines names, in order; they do not overlap.
#[must_use]
pub fn parts(page: &Page<'_>, runs: &[Run]) -> Vec<Vec<Part>> {
    let Some(model) = &*PARTS else {
        return vec![Vec::new(); runs.len()];
    };
    let sequences: Vec<Sequence> = runs.iter().map(|run| Sequence::new(page, run)).collect();
    spans(&sequences, model)
        .into_iter()
        .zip(&sequences)
        .map(|(spans, sequence)| {
            let part = |(span, confidence): (TokenSpan, f32)| {
                Some(Part {
                    kind: *PartKind::ALL.get(span.kind)?,
                    range: sequence.range(span.start..span.end)?,
                    confidence,
                })
            };
            spans.into_iter().filter_map(part).collect()
        })
        .collect()
}

/// The weight of what the other heads of a document say about words that stand where these stand.
const AGREEMENT: f32 = 0.8;
/// The least probability that the other heads leave to a kind.
const AGREEMENT_MIN: f32 = 0.02;
/// The least number of other heads that have something in the same place.
const HEADS_MIN: u32 = 2;

/// Returns the spans that each sequence of a document names, with their probabilities. A document writes all its heads in one way:
/// each is read by itself first, then again by what stands in the same place of the others.
#[must_use]
pub fn spans(sequences: &[Sequence], model: &Model) -> Vec<Vec<(TokenSpan, f32)>> {
    let mut scores: Vec<Vec<f32>> = sequences
        .iter()
        .map(|sequence| model.scores_of(&sequence.attributes()))
        .collect();
    let slots: Vec<Vec<Option<u64>>> = sequences.iter().map(Sequence::slots).collect();
    let agreement = Agreement::new(&slots, &scores, model);
    for (head, (slots, scores)) in slots.iter().zip(&mut scores).enumerate() {
        let width = scores.len() / slots.len().max(1);
        for (slot, row) in slots.iter().zip(scores.chunks_exact_mut(width.max(1))) {
            let Some(others) = slot.and_then(|slot| agreement.of_others(slot, head)) else {
                continue;
            };
            let bias = |share: f32| AGREEMENT * share.max(AGREEMENT_MIN).ln();
            row[0] += bias(1.0 - others.iter().sum::<f32>());
            for (kind, share) in others.iter().enumerate() {
                row[4 * kind + 1..4 * kind + 5]
                    .iter_mut()
                    .for_each(|score| *score += bias(*share));
            }
        }
    }
    scores
        .iter()
        .map(|scores| {
            let lattice = model.transitions().lattice(scores);
            spans_of(&model.transitions().viterbi(scores))
                .into_iter()
                .map(|span| (span, lattice.span_probability(span)))
                .collect()
        })
        .collect()
}

/// The kinds that the words of each place have in the heads of a document.
struct Agreement {
    /// The sum of the probabilities of each kind, the number of words, and the number of heads, for each place.
    all: HashMap<u64, (Vec<f32>, f32, u32)>,
    /// The sum and the number of words that one head has in a place.
    own: HashMap<(u64, usize), (Vec<f32>, f32)>,
}

impl Agreement {
    fn new(slots: &[Vec<Option<u64>>], scores: &[Vec<f32>], model: &Model) -> Self {
        let kinds = model.kinds();
        let mut own: HashMap<(u64, usize), (Vec<f32>, f32)> = HashMap::new();
        for (head, (slots, scores)) in slots.iter().zip(scores).enumerate() {
            let lattice = model.transitions().lattice(scores);
            for (at, slot) in slots.iter().enumerate().filter_map(|(at, slot)| Some((at, (*slot)?))) {
                let (sums, count) = own.entry((slot, head)).or_insert_with(|| (vec![0.0; kinds], 0.0));
                for (kind, sum) in sums.iter_mut().enumerate() {
                    *sum += (1..=4)
                        .map(|position| lattice.marginal(at, 4 * kind + position))
                        .sum::<f32>();
                }
                *count += 1.0;
            }
        }
        let mut all: HashMap<u64, (Vec<f32>, f32, u32)> = HashMap::new();
        // In order, so that sums of fractions come out the same each time.
        let mut heads: Vec<_> = own.iter().collect();
        heads.sort_unstable_by_key(|(place, _)| **place);
        for ((slot, _), (sums, count)) in heads {
            let entry = all.entry(*slot).or_insert_with(|| (vec![0.0; kinds], 0.0, 0));
            entry.0.iter_mut().zip(sums).for_each(|(all, own)| *all += own);
            entry.1 += count;
            entry.2 += 1;
        }
        Self { all, own }
    }

    /// Returns the shares of the kinds among the words that the other heads have in a place. `None` where they are too few.
    fn of_others(&self, slot: u64, head: usize) -> Option<Vec<f32>> {
        let (all, words, heads) = self.all.get(&slot)?;
        let (own, own_words) = self.own.get(&(slot, head))?;
        let count = words - own_words;
        (heads.saturating_sub(1) >= HEADS_MIN && count > 0.0).then(|| {
            all.iter()
                .zip(own)
                .map(|(all, own)| ((all - own) / count).clamp(0.0, 1.0))
                .collect()
        })
    }
}

/// Makes the lines of a document ready to be tagged.
#[must_use]
pub fn page(document: &Document) -> Page<'_> {
    Page::new(document)
}

/// The most lines whose words are tagged together. Each word is compared with all segments of its run.
const RUN_LINES_MAX: usize = 40;

/// Lines whose words are tagged together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The subject of the lines.
    pub kind: LineKind,
    /// The lines, by their numbers in [`Page::lines`].
    pub lines: Range<usize>,
    /// Whether an employer over several jobs stands above.
    pub under_banner: bool,
}

/// Returns the runs of lines whose words are tagged together: each head by itself, the lines about the person, certificates.
#[must_use]
pub fn runs(blocks: &[Block]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut banner = false;
    for block in blocks {
        match block.kind {
            LineKind::Banner => banner = true,
            LineKind::Job | LineKind::JobText | LineKind::Margin => {}
            _ => banner = false,
        }
        if !block.kind.has_parts() {
            continue;
        }
        match runs.last_mut() {
            Some(run)
                if run.kind == block.kind
                    && !run.kind.is_head()
                    && run.lines.end == block.lines.start
                    && run.lines.len() < RUN_LINES_MAX =>
            {
                run.lines.end = block.lines.end;
            }
            _ => runs.push(Run {
                kind: block.kind,
                lines: block.lines.start..block.lines.end.min(block.lines.start + RUN_LINES_MAX),
                under_banner: banner && block.kind == LineKind::Job,
            }),
        }
    }
    runs
}
