//! Whether a job is done on site, remotely or both, sentence by sentence, as negations have it.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern;
use crate::document::RemotePolicy;

/// The phrases of each policy, from the one that decides most. What is ruled out makes the work on site.
static PATTERNS: LazyLock<[(Option<Regex>, RemotePolicy); 4]> = LazyLock::new(|| {
    [
        (
            pattern(
                r"(?i)\b(?:no|not|isn['’]t|is not|cannot be|can['’]t be|without)\b(?:\s+(?:a|an|fully|possible|done|suitable|for))*\s+(?:remote\b|(?:work(?:ing)?\s+)?from home\b|home[ -]?(?:working|office)\b)|\bremote(?:\s+work(?:ing)?)?\s+(?:is|are)\s+not\b|\bnot\s+(?:a job that can be |something (?:that )?(?:you|that) can (?:be )?)?(?:done |do )?from home\b|\b(?:can['’]?t|cannot|can not) be done (?:from home|remotely)\b",
            ),
            RemotePolicy::OnSite,
        ),
        (
            pattern(
                r"(?i)\bhybrid\b|\b(?:\d|one|two|three|four|a couple of|some|half the)\s+(?:days?|week)\s*(?:(?:a|per|each|/)\s*(?:week|fortnight))?(?:,)?\s+(?:in|at|from|on)\s+(?:(?:the|our|your)\s+)?(?:\p{Lu}\p{L}+\s+)?(?:office|home|site|studio|lab|hq|workshop|branch)\b|\b(?:days?|afternoons?|mornings?) (?:at|from) home\b|\bpartly (?:remote|from home)\b|\b(?:some|rest|other days|remaining days?|two|three|one|fridays?) (?:of it |days? )?from home\b|\bhome[ -]?office (?:days?|possible)\b|\boffice (?:\d|two|three|one|twice|once)(?: times)? a week\b|\b(?:in|into) (?:the|our) office (?:\d|two|three|one|twice|once|on)\b|\bwork(?:ing)? from home (?:up to )?(?:\d|one|two|three|four|on)\b",
            ),
            RemotePolicy::Hybrid,
        ),
        (
            pattern(
                r"(?i)\b(?:fully|100%|completely|entirely|permanently)[ -]remote\b|\bremote[ -]first\b|\bwork from (?:anywhere|wherever)\b|\b(?:work|working|works|done|job|role|based) (?:fully |entirely )?(?:from home|remotely)\b|\bremote (?:role|position|job|work|within|in|from|\(|ok\b|friendly|opportunity|working|team|across|anywhere|eu|uk|us|europe|[,.|·•–-])|\b(?:location|workplace|where)\s*:\s*remote\b|\bor remote\b|^\s*remote\b|\(remote\b|[,|·•–-]\s*remote\b|\bhome[ -]based\b|\b(?:you|we|everyone|all)(?:['’](?:re|ll be))? (?:are )?(?:all )?(?:work )?remote(?:ly)?\b|\bfrom home\b",
            ),
            RemotePolicy::Remote,
        ),
        (
            pattern(
                r"(?i)\bon[ -]?site (?:only|role|position|work|job|five)\b|\bin[ -](?:the[ -])?office\b|\boffice[ -]based\b|\b(?:location|work(?:place)?)\s*:\s*on[ -]?site\b|\bmust work on[ -]?site\b|\b100% on[ -]?site\b|\bon[ -]site (?:in|at|every|each)\b|\bin person\b|\b(?:is|are|work|works|working|fully|all|entirely|job|role) on[ -]?site\b|\b(?:five|5) days (?:a week )?in\b|\bat our site\b",
            ),
            RemotePolicy::OnSite,
        ),
    ]
});

/// A name of a place of work with a value behind it, as in a form: "Remote: no".
static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?P<remote>remote|home[ -]?office|home[ -]?working|work(?:ing)? from home|tele(?:work(?:ing)?|commut(?:e|ing))|wfh)|(?P<hybrid>hybrid)|on[ -]?site)(?: (?:work(?:ing)?|possible|options?|available|allowed)){0,2}\s*[:?=]\s*(?:(?P<no>no|none|never|not? (?:available|possible|offered|allowed|an option)|unavailable|n/a)|yes)\s*(?:$|[^\w\s]|\n)",
    )
});

/// Returns the policy that values of a form state; `None` where there are none.
fn of_form(text: &str) -> Option<RemotePolicy> {
    let values: Vec<_> = FORM.as_ref()?.captures_iter(text).collect();
    let has = |name: &str, no: bool| {
        values
            .iter()
            .any(|value| value.name(name).is_some() && value.name("no").is_some() == no)
    };
    let on_site = || {
        values.iter().any(|value| {
            value
                .name("remote")
                .or(value.name("hybrid"))
                .or(value.name("no"))
                .is_none()
        })
    };
    match () {
        () if has("hybrid", false) => Some(RemotePolicy::Hybrid),
        () if has("remote", false) => Some(RemotePolicy::Remote),
        () if has("remote", true) || on_site() => Some(RemotePolicy::OnSite),
        () => None,
    }
}

/// A denial behind a name of work away from a workplace: "remote applicants will not be considered".
static DENIED_BEHIND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:remote|home[ -]?office|home[ -]?working|work(?:ing)? from home|telework(?:ing)?|telecommuting|wfh)(?: (?:work(?:ing|ers?)?|applica(?:nts?|tions?)|candidates?|roles?|positions?|options?|arrangements?|employees?)){0,2} (?:(?:is|are|was|were|will|can|would|do|does|be|currently|unfortunately|sadly|simply) ){0,3}(?:not|never|cannot|need not|(?:is|are|was|were|wo|ca|do|does)n['’]t|unavailable|impossible|excluded|ruled out|out of the question)\b",
    )
});

/// Words behind "not" by which it denies no place: "remote work is not only possible".
const NO_DENIALS: [&str; 8] = [
    "only",
    "just",
    "limited",
    "restricted",
    "a problem",
    "an issue",
    "unusual",
    "require",
];

/// Whether a text denies work away from a workplace behind its name.
fn is_denied_behind(text: &str) -> bool {
    DENIED_BEHIND.as_ref().is_some_and(|denied| {
        denied.find_iter(text).any(|hit| {
            let after = text[hit.end()..].trim_start().to_lowercase();
            NO_DENIALS.iter().all(|word| !after.starts_with(word))
        })
    })
}

/// Words before "remote team" by which it is another team: "you manage remote teams".
const OF_ANOTHER_TEAM: [&str; 10] = [
    "the",
    "their",
    "its",
    "manage",
    "managing",
    "lead",
    "leading",
    "with",
    "support",
    "supporting",
];

/// Words that deny what follows them in their clause.
static NOT: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"(?i)\b(?:not|cannot|never|no)\b|n['’]t\b"));

/// Words of working on site, as an item of its own.
static ON_SITE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|[,;:|(/·•–—-]|\b(?:and|is|are|work|works|working|fully|all))\s*on[ -]?site\s*(?:$|[,;.|)/·•–—-]|\bonly\b)",
    )
});

/// Words of any other place, and words that deny or share out.
static ELSEWHERE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:hybrid|remote(?:ly)?|home|wfh|tele\w+|anywhere|flexible|virtual(?:ly)?|choice|choose|prefer|wherever|or|not|no|never|once|twice|times|days? (?:a|per|each|in|on|at|weekly))\b|\bdays?\s*/|n['’]t\b|%",
    )
});

/// Whether a sentence says that the work is on site and speaks of no other place.
pub(super) fn is_only_on_site(sentence: &str) -> bool {
    let says = |pattern: &LazyLock<Option<Regex>>| pattern.as_ref().is_some_and(|pattern| pattern.is_match(sentence));
    says(&ON_SITE) && !says(&ELSEWHERE)
}

/// Things that are remote, hybrid or at home and no place of work.
const OTHER_THINGS: [&str; 22] = [
    "cloud",
    "app",
    "mobile",
    "framework",
    "infrastructure",
    "vehicle",
    "team of",
    "sensing",
    "monitoring",
    "control",
    "desktop",
    "support",
    "patient",
    "canteen",
    "parking",
    "gym",
    "creche",
    "cafe",
    "kitchen",
    "car",
    "seed",
    "procedure",
];

/// Returns the policy that a text states.
pub(super) fn find(text: &str) -> Option<RemotePolicy> {
    if let Some(policy) = of_form(text) {
        return Some(policy);
    }
    if is_denied_behind(text) {
        return Some(RemotePolicy::OnSite);
    }
    PATTERNS.iter().find_map(|(regex, policy)| {
        let hit = regex.as_ref()?.find_iter(text).find(|hit| {
            let after: String = text[hit.end()..]
                .trim_start()
                .chars()
                .take(24)
                .flat_map(char::to_lowercase)
                .collect();
            let next = after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            let whole = ["fully", "100%", "completely", "entirely"]
                .iter()
                .any(|word| hit.as_str().to_lowercase().starts_with(word));
            // A town may be called Remote: "Remote, OR".
            let rest = text[hit.end()..].trim_start_matches([',', ' ']);
            let town = rest.starts_with("OR") && !rest[2..].starts_with(char::is_alphabetic);
            let rare = [
                "occasional",
                "now and then",
                "exception",
                "emergenc",
                "once a month",
                "from time to time",
            ];
            let range = super::sections::sentence(text, hit.start());
            let sentence = text[range].to_lowercase();
            let rarely = *policy != RemotePolicy::OnSite && rare.iter().any(|word| sentence.contains(word));
            let other = OTHER_THINGS
                .iter()
                .any(|thing| next == *thing || after.starts_with(thing) && thing.contains(' '));
            let before = text[..hit.start()].to_lowercase();
            let word = before.split_whitespace().next_back().unwrap_or_default();
            let another = hit.as_str().to_lowercase().ends_with("remote team") && OF_ANOTHER_TEAM.contains(&word);
            let no_denial = *policy == RemotePolicy::OnSite
                && hit.as_str().ends_with("not")
                && NO_DENIALS.iter().any(|word| after.starts_with(word));
            !town && !rarely && !another && !no_denial && (whole || !other)
        })?;
        let start = super::sections::sentence(text, hit.start()).start;
        let clause = text[start..hit.start()]
            .rsplit([',', ':', '–'])
            .next()
            .unwrap_or_default();
        let clause = clause.rsplit(" and ").next().unwrap_or_default();
        let denied = *policy != RemotePolicy::OnSite && NOT.as_ref().is_some_and(|not| not.is_match(clause));
        Some(if denied { RemotePolicy::OnSite } else { *policy })
    })
}

#[cfg(test)]
mod tests {
    use super::{
        RemotePolicy::{Hybrid, OnSite, Remote},
        find, is_only_on_site,
    };

    #[test]
    fn on_site_counts_where_nothing_speaks_of_another_place() {
        for text in [
            "Pittsburgh, on site, 40 hours a week",
            "Work is on-site.",
            "Onsite only (Leeds)",
            "On site",
        ] {
            assert!(is_only_on_site(text), "{text}");
        }
        for text in [
            "On site or remote",
            "Not on site",
            "On site, two days a week",
            "On site canteen and parking",
            "Leeds, on site, Fridays from home",
            "Boston (on-site), 3 days/week, WFH otherwise",
            "Boston, on site, twice a week",
            "Virtual, on-site, as you prefer",
        ] {
            assert!(!is_only_on_site(text), "{text}");
        }
    }

    #[test]
    fn the_place_of_work_is_read_with_its_negations() {
        for (text, policy) in [
            (
                "Office-based, Monday to Friday. Occasional work from home possible.",
                Some(OnSite),
            ),
            ("This role is not remote.", Some(OnSite)),
            ("Location: New York, NY or Remote (US)", Some(Remote)),
            ("Location: Remote, OR\n\nWork in our Oregon plant.", None),
            ("Experience with remote sensing and remote monitoring.", None),
            ("Three days per week in office, two from home.", Some(Hybrid)),
            ("Location: London", None),
            ("Remote work is not available for this position.", Some(OnSite)),
            ("It isn't a job that can be done from home, I'm afraid.", Some(OnSite)),
            ("Work from anywhere in Europe.", Some(Remote)),
            ("Two days a week in our Leeds office, the rest from home.", Some(Hybrid)),
            ("We are a hybrid cloud provider.", None),
            ("We have no office and are fully remote.", Some(Remote)),
            ("Fully remote support engineer.", Some(Remote)),
            ("Remote: none", Some(OnSite)),
            ("Remote work: not possible.", Some(OnSite)),
            ("Telework: no", Some(OnSite)),
            ("Home office possible: no", Some(OnSite)),
            ("On-site: no, remote: yes", Some(Remote)),
            ("Remote: no, hybrid: yes", Some(Hybrid)),
            ("On site: yes", Some(OnSite)),
            ("On site: no", None),
            ("Fully remote: no commute", Some(Remote)),
            ("Remote applications are not accepted", Some(OnSite)),
            ("Please note that remote candidates cannot be taken.", Some(OnSite)),
            ("Home working is out of the question here.", Some(OnSite)),
            ("Remote work isn't an option.", Some(OnSite)),
            ("Remote work is not only allowed, it is the rule.", Some(Remote)),
            ("A remote role that does not need travel", Some(Remote)),
            ("The remote team in Spain writes the code; you sit in York.", None),
            ("Join our remote team.", Some(Remote)),
        ] {
            assert_eq!(find(text), policy, "{text}");
        }
    }
}
