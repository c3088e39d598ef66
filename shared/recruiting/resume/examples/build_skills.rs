//! Makes `data/skills.tsv` from `data/aliases.txt`, O*NET technology skills and ESCO skill labels.
//!
//! ```text
//! cargo run -p inventure-resume --example build_skills -- "$INVENTURE_DATA/taxonomy" > /tmp/skills.tsv
//! mv /tmp/skills.tsv shared/recruiting/resume/data/skills.tsv
//! ```
//!
//! The table is part of the program that makes it (its tokenizer decides the normal forms), hence the detour over a file.
//! The folder holds `onet-technology-skills.tsv` (tab-separated, the name in the second column), `esco-skills.txt` (label,
//! tab, class) and, with `onet-task-statements.tsv`, `onet-occupations.tsv` and `esco-occupations.csv`, texts whose sentences tell which names
//! are also ordinary words.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    error::Error,
    fs,
    io::Write,
    path::Path,
};

use inventure_resume::skills::{key, slug};

/// Makers whose name people leave out: "Photoshop" for "Adobe Photoshop".
const MAKERS: &[&str] = &[
    "Adobe Systems Adobe",
    "Adobe",
    "Amazon Web Services AWS",
    "Amazon",
    "Apache",
    "Apple",
    "Atlassian",
    "Autodesk",
    "Bentley Systems",
    "Bentley",
    "Cisco Systems",
    "Cisco",
    "Citrix",
    "Corel",
    "Dassault Systemes",
    "Dassault Systèmes",
    "ESRI",
    "Eclipse",
    "Epic Systems",
    "Google",
    "Hewlett Packard HP",
    "Hewlett-Packard HP",
    "HP",
    "IBM",
    "Intuit",
    "Microsoft",
    "National Instruments",
    "Oracle",
    "Progress",
    "Red Hat",
    "SAP",
    "Siemens",
    "StataCorp",
    "Symantec",
    "The MathWorks",
    "Trimble",
    "VMware",
    "Wolfram Research",
];

/// Names and labels that are no skill of a person, or too wide to tell anything.
const DROPPED: &[&str] = &[
    "project",
    "office",
    "windows software",
    "teams",
    "publisher",
    "web browser",
    "email",
    "media",
    "tools",
    "work",
    "general",
    "standards",
    "principles",
    "the web",
    "source",
    "shiva",
    "rage",
    "ml",
    "energy",
    "electricity",
    "dies",
    "exchange",
    "one",
    "pages",
    "programming languages",
    "programming language",
    "operating systems",
    "operating system",
    "databases",
    "frameworks",
    "office equipment",
    "cleaning products",
    "analyze",
    "analyse",
    "computer",
    "computers",
    "internet",
    "linkedin",
    "facebook",
    "twitter",
    "youtube",
    "google",
    "numbers",
    "forms",
    "drive",
    "contacts",
    "calendar",
    "time",
    "groups",
    "people",
    "photos",
    "maps",
    "home",
    "mail",
    "music",
    "store",
    "edge",
    "flow",
    "fusion",
    "process",
    "design",
    "studio",
    "security",
    "server",
    "media player",
    "analysis",
    "analytics",
    "health",
];

/// Texts in sentences, whose words in lower case are ordinary ones.
const ORDINARY_TEXTS: [&str; 4] = [
    "onet-task-statements.tsv",
    "onet-occupations.tsv",
    "esco-occupations.csv",
    "esco-skills.txt",
];

/// The least number of occupations that use a product for its acronym to count. Acronyms of products with fewer are left out:
/// three letters stand for many things.
const OCCUPATIONS_MIN: usize = 4;

struct Table {
    /// The label of each normal form.
    labels: HashMap<String, String>,
    /// The forms of each label, with their marks.
    skills: BTreeMap<String, BTreeSet<String>>,
    slugs: HashMap<String, String>,
    ordinary: HashSet<String>,
}

impl Table {
    /// Adds forms of one skill. Where one of them is known already, all of them are names of that skill.
    fn add(&mut self, label: &str, forms: &[String]) {
        let keys: Vec<String> = forms.iter().map(|form| key(form)).collect();
        if keys.iter().any(|key| DROPPED.contains(&key.as_str())) {
            return;
        }
        let known = keys
            .iter()
            .find_map(|key| self.labels.get(key))
            .or_else(|| self.slugs.get(&slug(label)));
        let label = known.cloned().unwrap_or_else(|| capitalised(label));
        for (form, key) in forms.iter().zip(keys) {
            if self.labels.contains_key(&key) || key.len() < 2 || key.len() > 80 {
                continue;
            }
            let mark = match () {
                () if !key.contains(' ') && self.ordinary.contains(&key) => "~",
                () if key.len() <= 4 && form.chars().all(char::is_uppercase) => "^",
                () if key.len() <= 3 || key.bytes().all(|b| b.is_ascii_digit()) => "~",
                () => "",
            };
            self.insert(&label, key, mark);
        }
    }

    fn insert(&mut self, label: &str, key: String, mark: &str) {
        self.skills
            .entry(label.to_owned())
            .or_default()
            .insert(format!("{mark}{key}"));
        self.slugs.insert(slug(label), label.to_owned());
        self.labels.insert(key, label.to_owned());
    }
}

fn capitalised(label: &str) -> String {
    let mut chars = label.chars();
    match chars.next() {
        Some(first) if !label.contains(char::is_uppercase) => first.to_uppercase().chain(chars).collect(),
        _ => label.to_owned(),
    }
}

/// Words that stand in lower case in texts about work at least `FLOOR` times.
fn ordinary_words(sentences: &str) -> HashSet<String> {
    const FLOOR: usize = 4;
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in sentences
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        if word.chars().all(char::is_lowercase) {
            *counts.entry(word).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count >= FLOOR)
        .map(|(word, _)| word.to_owned())
        .collect()
}

/// The ways people write an O*NET name: without "software", without the maker, the long form and the acronym apart.
fn onet_forms(name: &str, occupations: usize, ordinary: &HashSet<String>) -> (String, Vec<String>) {
    let mut label = name.to_owned();
    let mut forms = vec![name.to_owned()];
    let is_ordinary = |form: &str| {
        let key = key(form);
        !key.contains(' ') && ordinary.contains(&key)
    };
    if let Some(stem) = name
        .strip_suffix(" software")
        .or_else(|| name.strip_suffix(" programming language"))
    {
        let all_ordinary = key(stem).split(' ').all(|word| ordinary.contains(word));
        if !all_ordinary {
            forms.push(stem.to_owned());
        }
    }
    for form in forms.clone() {
        if let Some(rest) = MAKERS
            .iter()
            .find_map(|maker| form.strip_prefix(maker)?.strip_prefix(' '))
            && rest.len() >= 3
            && !is_ordinary(rest)
        {
            forms.push(rest.to_owned());
        }
    }
    for form in forms.clone() {
        let Some((long, acronym)) = form.rsplit_once(' ') else {
            continue;
        };
        let acronym = acronym.trim_matches(['(', ')']);
        let initials: String = long
            .split([' ', '-'])
            .filter_map(|word| word.chars().next())
            .collect::<String>()
            .to_uppercase();
        let stands_for = acronym.len() >= 2
            && acronym.chars().all(|c| c.is_ascii_uppercase())
            && long.contains(' ')
            && is_subsequence(acronym, &initials);
        if stands_for {
            label = format!("{long} ({acronym})");
            forms.push(long.to_owned());
            if !is_ordinary(acronym) && acronym.len() >= 3 && occupations >= OCCUPATIONS_MIN {
                forms.push(acronym.to_owned());
            }
        }
    }
    let is_rare_acronym =
        |form: &String| occupations < OCCUPATIONS_MIN && form.len() <= 4 && !form.contains(char::is_lowercase);
    forms.retain(|form| !is_rare_acronym(form));
    (label, forms)
}

/// Whether at least the letters of `acronym` but one come in this order among `initials`.
fn is_subsequence(acronym: &str, initials: &str) -> bool {
    let mut rest = initials.chars();
    let hits = acronym
        .chars()
        .filter(|wanted| rest.clone().any(|c| c == *wanted) && rest.by_ref().any(|c| c == *wanted))
        .count();
    hits + usize::from(acronym.len() > 3) >= acronym.len()
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: build_skills <taxonomy folder>")?;
    let read =
        |name: &str| fs::read_to_string(Path::new(&folder).join(name)).map_err(|error| format!("{name}: {error}"));
    let aliases = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/aliases.txt"))?;
    let mut table = Table {
        labels: HashMap::new(),
        skills: BTreeMap::new(),
        slugs: HashMap::new(),
        ordinary: ordinary_words(
            &ORDINARY_TEXTS
                .map(&read)
                .into_iter()
                .collect::<Result<Vec<_>, _>>()?
                .join("\n"),
        ),
    };

    for line in aliases
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (label, forms) = line.split_once(": ").ok_or_else(|| format!("no aliases: {line}"))?;
        let own = key(label);
        let forms: Vec<(&str, String)> = forms
            .split(';')
            .map(|form| match form.trim() {
                form if form.starts_with(['~', '^']) => (&form[..1], key(&form[1..])),
                form => ("", key(form)),
            })
            .collect();
        if !forms.iter().any(|(_, form)| *form == own) {
            table.insert(label, own, "");
        }
        for (mark, form) in forms {
            if !table.labels.contains_key(&form) {
                table.insert(label, form, mark);
            }
        }
    }

    let onet = read("onet-technology-skills.tsv")?;
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for name in onet.lines().skip(1).filter_map(|line| line.split('\t').nth(1)) {
        *names.entry(name).or_default() += 1;
    }
    for (name, occupations) in names {
        let (label, forms) = onet_forms(name, occupations, &table.ordinary);
        table.add(&label, &forms);
    }

    // Languages (class L) are read by a room of their own.
    for line in read("esco-skills.txt")?.lines() {
        let Some((label, class)) = line.split_once('\t') else {
            continue;
        };
        let label = label.split(" (").next().unwrap_or(label);
        if !class.starts_with('L') && !label.starts_with("understand ") && !label.starts_with("write ") {
            table.add(label, &[label.to_owned()]);
        }
    }

    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "# Derived from O*NET technology skills (CC BY 4.0), ESCO skill labels (CC BY 4.0) and data/aliases.txt;"
    )?;
    writeln!(
        out,
        "# made by examples/build_skills.rs, see NOTICE. label, tab, normal forms parted by |; ~ and ^ as in aliases.txt."
    )?;
    for (label, forms) in &table.skills {
        writeln!(
            out,
            "{label}\t{}",
            forms.iter().map(String::as_str).collect::<Vec<_>>().join("|")
        )?;
    }
    Ok(())
}
