//! Parts a resume by its headings.

use std::ops::Range;

/// The subject of a part of a resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Summary,
    Experience,
    Education,
    Skills,
    Languages,
    Certifications,
    /// Anything else that has a known heading.
    Other,
}

/// Headings, in lower case without signs.
const HEADINGS: [(&str, Section); 118] = [
    ("summary", Section::Summary),
    ("professional summary", Section::Summary),
    ("executive summary", Section::Summary),
    ("career summary", Section::Summary),
    ("summary of qualifications", Section::Summary),
    ("qualifications summary", Section::Summary),
    ("qualification summary", Section::Summary),
    ("professional profile", Section::Summary),
    ("career profile", Section::Summary),
    ("profile", Section::Summary),
    ("profile summary", Section::Summary),
    ("professional overview", Section::Summary),
    ("overview", Section::Summary),
    ("about me", Section::Summary),
    ("about", Section::Summary),
    ("objective", Section::Summary),
    ("career objective", Section::Summary),
    ("professional objective", Section::Summary),
    ("job objective", Section::Summary),
    ("career overview", Section::Summary),
    ("personal statement", Section::Summary),
    ("introduction", Section::Summary),
    ("experience", Section::Experience),
    ("work experience", Section::Experience),
    ("work experiences", Section::Experience),
    ("professional experience", Section::Experience),
    ("professional experiences", Section::Experience),
    ("relevant experience", Section::Experience),
    ("relevant professional experience", Section::Experience),
    ("related experience", Section::Experience),
    ("relevant work experience", Section::Experience),
    ("additional experience", Section::Experience),
    ("other experience", Section::Experience),
    ("industry experience", Section::Experience),
    ("job experience", Section::Experience),
    ("internship experience", Section::Experience),
    ("internships", Section::Experience),
    ("internship", Section::Experience),
    ("employment", Section::Experience),
    ("employment history", Section::Experience),
    ("employment experience", Section::Experience),
    ("work history", Section::Experience),
    ("professional history", Section::Experience),
    ("career history", Section::Experience),
    ("professional background", Section::Experience),
    ("organizational experience", Section::Experience),
    ("accomplishments and experience", Section::Experience),
    ("education", Section::Education),
    ("educations", Section::Education),
    ("education and training", Section::Education),
    ("education and qualifications", Section::Education),
    ("education and certifications", Section::Education),
    ("education background", Section::Education),
    ("educational background", Section::Education),
    ("educational qualification", Section::Education),
    ("educational qualifications", Section::Education),
    ("educational details", Section::Education),
    ("education details", Section::Education),
    ("academic background", Section::Education),
    ("academic qualification", Section::Education),
    ("academic qualifications", Section::Education),
    ("academic history", Section::Education),
    ("academic details", Section::Education),
    ("academics", Section::Education),
    ("qualifications", Section::Education),
    ("qualification", Section::Education),
    ("scholastics", Section::Education),
    ("skills", Section::Skills),
    ("skill", Section::Skills),
    ("skill set", Section::Skills),
    ("skillset", Section::Skills),
    ("skills summary", Section::Skills),
    ("skills and abilities", Section::Skills),
    ("skills and expertise", Section::Skills),
    ("skills and tools", Section::Skills),
    ("skills and interests", Section::Skills),
    ("summary of skills", Section::Skills),
    ("skill highlights", Section::Skills),
    ("key skills", Section::Skills),
    ("core skills", Section::Skills),
    ("technical skills", Section::Skills),
    ("technical skill", Section::Skills),
    ("technical proficiency", Section::Skills),
    ("technical proficiencies", Section::Skills),
    ("technical expertise", Section::Skills),
    ("technical summary", Section::Skills),
    ("professional skills", Section::Skills),
    ("personal skills", Section::Skills),
    ("soft skills", Section::Skills),
    ("it skills", Section::Skills),
    ("computer skills", Section::Skills),
    ("programming skills", Section::Skills),
    ("core competencies", Section::Skills),
    ("competencies", Section::Skills),
    ("areas of expertise", Section::Skills),
    ("area of expertise", Section::Skills),
    ("expertise", Section::Skills),
    ("technologies", Section::Skills),
    ("technology summary", Section::Skills),
    ("tools and technologies", Section::Skills),
    ("experience summary", Section::Skills),
    ("relevant experience summary", Section::Skills),
    ("other skills", Section::Skills),
    ("additional skills", Section::Skills),
    ("strengths", Section::Skills),
    ("highlights", Section::Skills),
    ("languages", Section::Languages),
    ("language", Section::Languages),
    ("language skills", Section::Languages),
    ("languages known", Section::Languages),
    ("known languages", Section::Languages),
    ("spoken languages", Section::Languages),
    ("certifications", Section::Certifications),
    ("certification", Section::Certifications),
    ("certificates", Section::Certifications),
    ("certifications and licenses", Section::Certifications),
    ("licenses and certifications", Section::Certifications),
    ("professional certifications", Section::Certifications),
];

/// Headings of parts that hold nothing a resume is asked for, but that end the part before them.
const OTHER: [&str; 52] = [
    "certifications and awards",
    "projects",
    "project",
    "project experience",
    "academic projects",
    "personal projects",
    "project details",
    "key projects",
    "awards",
    "awards and honors",
    "honors and awards",
    "honors",
    "honors awards",
    "achievements",
    "accomplishments",
    "key achievements",
    "awards and achievements",
    "interests",
    "hobbies",
    "hobbies and interests",
    "interests and hobbies",
    "activities",
    "extracurricular activities",
    "extra curricular activities",
    "volunteer experience",
    "volunteering",
    "volunteer",
    "volunteer work",
    "community service",
    "publications",
    "patents",
    "presentations",
    "references",
    "reference",
    "personal details",
    "personal information",
    "personal profile",
    "personal data",
    "contact",
    "contact details",
    "contact information",
    "contact info",
    "contact me",
    "links",
    "additional information",
    "other information",
    "other",
    "declaration",
    "training",
    "trainings",
    "courses",
    "on campus involvement",
];

/// Returns the section that a heading opens. A heading may be spaced out, in capitals, end in a colon or be followed by its
/// content.
pub(crate) fn heading(whole: &str) -> Option<(Section, Range<usize>)> {
    let line = whole.strip_prefix("• ").unwrap_or(whole);
    let cut = whole.len() - line.len();
    if let Some(section) = known(line) {
        return Some((section, whole.len()..whole.len()));
    }
    // "Skills: Java, Python" is a heading and its content. Fewer headings are told from labels that way.
    let (head, content) = line.split_once(':')?;
    let section = known(head).filter(|section| *section != Section::Other)?;
    let content_start = line.len() - content.len();
    // In bytes of the whole line, bullet and all.
    (!content.trim().is_empty()).then_some((section, cut + content_start..whole.len()))
}

fn known(line: &str) -> Option<Section> {
    if line.len() > 60 {
        return None;
    }
    let mut words: Vec<String> = line
        .replace('&', " and ")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    // A heading is set off as one: not a word in a sentence.
    if line.ends_with(['.', ',', ';']) || words.is_empty() {
        return None;
    }
    let spaced_out = words.len() > 4 && words.iter().all(|word| word.chars().count() == 1);
    if spaced_out {
        // Words stand further apart than letters, if at all.
        words = line
            .split(['\t'])
            .flat_map(|part| part.split("  "))
            .map(|part| part.replace(' ', "").to_lowercase())
            .collect();
    }
    let text = words.join(" ");
    let is = |heading: &str| heading == text || (spaced_out && heading.replace(' ', "") == text.replace(' ', ""));
    HEADINGS
        .iter()
        .find(|(heading, _)| is(heading))
        .map(|(_, section)| *section)
        .or_else(|| OTHER.iter().any(|heading| is(heading)).then_some(Section::Other))
        .or_else(|| composed(line, &words))
}

/// Returns the section of a heading put together from words that headings are made of. Examples are "Education and Coursework"
/// and "Certifications, Licenses & Training". The first word that names a part decides.
fn composed(line: &str, words: &[String]) -> Option<Section> {
    const PARTS: [(&str, Section); 22] = [
        ("experience", Section::Experience),
        ("experiences", Section::Experience),
        ("employment", Section::Experience),
        ("internships", Section::Experience),
        ("education", Section::Education),
        ("academics", Section::Education),
        ("coursework", Section::Education),
        ("skills", Section::Skills),
        ("skillset", Section::Skills),
        ("expertise", Section::Skills),
        ("competencies", Section::Skills),
        ("proficiencies", Section::Skills),
        ("certifications", Section::Certifications),
        ("certificates", Section::Certifications),
        ("licenses", Section::Certifications),
        ("licensure", Section::Certifications),
        ("languages", Section::Languages),
        ("projects", Section::Other),
        ("awards", Section::Other),
        ("honors", Section::Other),
        ("publications", Section::Other),
        ("memberships", Section::Other),
    ];
    const FILLERS: [&str; 36] = [
        "and",
        "of",
        "the",
        "my",
        "other",
        "additional",
        "relevant",
        "related",
        "professional",
        "personal",
        "technical",
        "academic",
        "key",
        "core",
        "work",
        "career",
        "career",
        "selected",
        "recent",
        "previous",
        "past",
        "further",
        "training",
        "trainings",
        "courses",
        "background",
        "history",
        "details",
        "development",
        "affiliations",
        "activities",
        "achievements",
        "accomplishments",
        "leadership",
        "research",
        "teaching",
    ];
    let set_as_heading = line.chars().next().is_some_and(char::is_uppercase) && (2..=6).contains(&words.len());
    let all_known = words
        .iter()
        .all(|word| FILLERS.contains(&word.as_str()) || PARTS.iter().any(|(part, _)| part == word));
    if !set_as_heading || !all_known {
        return None;
    }
    words
        .iter()
        .find_map(|word| PARTS.iter().find(|(part, _)| part == word))
        .map(|(_, section)| *section)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_in_many_dresses() {
        for (line, section) in [
            ("WORK EXPERIENCE", Some(Section::Experience)),
            ("Employment History:", Some(Section::Experience)),
            ("E X P E R I E N C E", Some(Section::Experience)),
            ("Skills & Expertise", Some(Section::Skills)),
            ("— Education —", Some(Section::Education)),
            ("Skills: Java, Python", Some(Section::Skills)),
            ("Hobbies and Interests", Some(Section::Other)),
            ("Education and Coursework", Some(Section::Education)),
            ("Certifications, Licenses & Training", Some(Section::Certifications)),
            ("experience in Java,", None),
            ("Gained experience.", None),
            ("Acme Corporation", None),
        ] {
            assert_eq!(heading(line).map(|(section, _)| section), section, "{line}");
        }
    }
}
