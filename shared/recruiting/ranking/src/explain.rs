//! The places in the resume where a match's reasons stand.

use std::collections::BTreeSet;

use inventure_core::Span;
use inventure_resume::Resume;

use crate::{
    document::{Document, Need},
    occupation,
    rank::{Evidence, Feature, FeatureName, Match},
    text,
};

/// The most characters of one snippet.
pub const SNIPPET_MAX_CHARS: usize = 160;

/// The most pieces of evidence for one feature.
const MOST_PER_FEATURE: usize = 12;

/// Fills `found.evidence` with what the candidate's `resume` says for the match. This is its skills, the title most like the
/// job's, its months of work and the sentence that shares most words with the job. `job` is the document of the job, whichever
/// side was searched for.
pub fn explain(resume: &Resume, job: &Document, found: &mut Match) {
    let mut evidence = skills(resume, job);
    evidence.extend(title(resume, found));
    evidence.extend(experience(resume));
    evidence.extend(words(resume, job));
    found.evidence = evidence;
}

fn piece(feature: FeatureName, what: &str, span: Option<Span>, text: &str) -> Evidence {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Evidence {
        feature,
        what: what.to_owned(),
        span,
        snippet: text::clip(&text, SNIPPET_MAX_CHARS).to_owned(),
    }
}

/// The skills that the job asks for, each where the resume names it; required ones first.
fn skills(resume: &Resume, job: &Document) -> Vec<Evidence> {
    let mut all = Vec::new();
    for (need, feature) in [
        (Need::Required, FeatureName::RequiredSkills),
        (Need::Nice, FeatureName::NiceSkills),
    ] {
        let asked = job.facts.skills.iter().filter(|skill| skill.need == need);
        let held = asked.filter_map(|asked| {
            let held = resume
                .skills
                .iter()
                .find(|held| held.id.as_deref() == Some(asked.id.as_str()))?;
            Some(piece(feature, &asked.label, held.name.span, &held.name.value))
        });
        all.extend(held.take(MOST_PER_FEATURE));
    }
    all
}

/// The title that is most like the job's, if it is at all.
fn title(resume: &Resume, found: &Match) -> Option<Evidence> {
    let is_alike = |feature: &Feature| feature.name == FeatureName::Title && feature.value > 0.0;
    let most_alike = found.title.as_ref().filter(|_| found.features.iter().any(is_alike))?;
    let mut held = resume
        .experience
        .iter()
        .filter_map(|job| job.title.as_ref())
        .chain(&resume.headline);
    let title = held.find(|title| occupation::normalise(&title.value) == *most_alike)?;
    Some(piece(FeatureName::Title, &title.value, title.span, &title.value))
}

/// The longest job held, as the place where the months come from.
fn experience(resume: &Resume) -> Option<Evidence> {
    let longest = resume.experience.iter().max_by_key(|job| job.months)?;
    let months = longest.months?;
    let (start, end) = (longest.start.as_ref(), longest.end.as_ref());
    let span = match (start.and_then(|date| date.span), end.and_then(|date| date.span)) {
        (Some(start), Some(end)) if end.end > start.start => Some(Span { end: end.end, ..start }),
        (start, _) => start,
    };
    let title = longest.title.as_ref().map_or("a job", |title| title.value.as_str());
    Some(piece(
        FeatureName::Experience,
        &format!("{months} months"),
        span,
        &format!("{title}, {months} months"),
    ))
}

/// The point of the resume that shares most of the job's terms.
fn words(resume: &Resume, job: &Document) -> Option<Evidence> {
    let asked = |term: &String| job.terms.binary_search_by(|(known, _)| known.cmp(term)).is_ok();
    let points = resume
        .experience
        .iter()
        .flat_map(|job| job.highlights.iter().chain(&job.description))
        .chain(&resume.summary);
    let mut best: Option<(usize, Evidence)> = None;
    for point in points {
        let shared: BTreeSet<String> = text::terms(&point.value).filter(asked).collect();
        if shared.len() > best.as_ref().map_or(0, |(most, _)| *most) {
            let what = shared.iter().take(8).map(String::as_str).collect::<Vec<_>>().join(", ");
            best = Some((shared.len(), piece(FeatureName::Words, &what, point.span, &point.value)));
        }
    }
    best.map(|(_, evidence)| evidence)
}
