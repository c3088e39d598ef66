//! Ranks that titles state.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::text;

/// A rank, lowest first. `manager` is not one: a product manager manages a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Seniority {
    /// Intern, trainee, apprentice.
    Intern,
    /// Junior, graduate, entry level.
    Junior,
    /// Said to be in the middle.
    Mid,
    /// Senior.
    Senior,
    /// Lead, staff, principal, architects by that name left out.
    Lead,
    /// Head of, director, vice president.
    Director,
    /// Chief and partner.
    Executive,
}

/// Words of rank in titles, with the rank. Of two in one title the higher counts ("associate director").
const RANKS: [(&str, Seniority); 38] = [
    ("intern", Seniority::Intern),
    ("internship", Seniority::Intern),
    ("trainee", Seniority::Intern),
    ("apprentice", Seniority::Intern),
    ("student", Seniority::Intern),
    ("junior", Seniority::Junior),
    ("jr", Seniority::Junior),
    ("jnr", Seniority::Junior),
    ("entry", Seniority::Junior),
    ("graduate", Seniority::Junior),
    ("fresher", Seniority::Junior),
    ("associate", Seniority::Junior),
    ("mid", Seniority::Mid),
    ("middle", Seniority::Mid),
    ("midlevel", Seniority::Mid),
    ("intermediate", Seniority::Mid),
    ("experienced", Seniority::Mid),
    ("ii", Seniority::Mid),
    ("senior", Seniority::Senior),
    ("sr", Seniority::Senior),
    ("snr", Seniority::Senior),
    ("iii", Seniority::Senior),
    ("lead", Seniority::Lead),
    ("principal", Seniority::Lead),
    ("staff", Seniority::Lead),
    ("iv", Seniority::Lead),
    ("head", Seniority::Director),
    ("director", Seniority::Director),
    ("vp", Seniority::Director),
    ("svp", Seniority::Director),
    ("evp", Seniority::Director),
    ("chief", Seniority::Executive),
    ("ceo", Seniority::Executive),
    ("cto", Seniority::Executive),
    ("cfo", Seniority::Executive),
    ("coo", Seniority::Executive),
    ("cio", Seniority::Executive),
    ("ciso", Seniority::Executive),
];

/// Words of rank that say nothing about the occupation, and so are left out when titles are compared.
#[must_use]
pub(crate) fn is_rank_only(word: &str) -> bool {
    let rank = RANKS.iter().find(|(known, _)| *known == word);
    matches!(word, "level" | "i") || rank.is_some_and(|(_, rank)| *rank <= Seniority::Lead)
}

impl Seniority {
    /// The rank that `title` states. A staff nurse is not the staff of an engineering ladder; where the word makes the
    /// occupation it states no rank.
    #[must_use]
    pub fn of_title(title: &str) -> Option<Self> {
        let lower = title.to_lowercase();
        if lower.contains("vice president") {
            return Some(Self::Director);
        }
        let words: Vec<&str> = text::words(&lower).map(|(_, word)| word).collect();
        let makes_the_occupation = |index: usize| match words[index] {
            "staff" => matches!(
                words.get(index + 1),
                Some(&("nurse" | "accountant" | "writer" | "assistant"))
            ),
            "head" => matches!(
                words.get(index + 1),
                Some(&("chef" | "cook" | "teacher" | "nurse" | "waiter"))
            ),
            "chief" => matches!(words.get(index + 1), Some(&("of" | "engineer"))),
            "principal" => index + 1 == words.len(),
            "lead" => matches!(words.get(index + 1), Some(&("generation" | "gen"))),
            "entry" => matches!(words.get(index.wrapping_sub(1)), Some(&"data")),
            "student" => matches!(
                words.get(index + 1),
                Some(&("services" | "affairs" | "advisor" | "counselor"))
            ),
            _ => false,
        };
        let ranks = words
            .iter()
            .enumerate()
            .filter(|(index, _)| !makes_the_occupation(*index));
        ranks
            .filter_map(|(_, word)| RANKS.iter().find(|(known, _)| known == word))
            .map(|(_, rank)| *rank)
            .max()
    }

    /// The name of the rank for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Intern => "intern",
            Self::Junior => "junior",
            Self::Mid => "mid level",
            Self::Senior => "senior",
            Self::Lead => "lead",
            Self::Director => "director",
            Self::Executive => "executive",
        }
    }

    /// Returns the number of ranks by which `self` stands above `other`; negative below.
    #[must_use]
    pub const fn above(self, other: Self) -> i32 {
        self as i32 - other as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_state_ranks() {
        for (title, rank) in [
            ("Senior Rust Engineer", Some(Seniority::Senior)),
            ("Sr. Accountant", Some(Seniority::Senior)),
            ("Associate Director, Clinical Operations", Some(Seniority::Director)),
            ("Data Entry Clerk", None),
            ("Staff Nurse", None),
            ("Staff Software Engineer", Some(Seniority::Lead)),
            ("Lead Generation Specialist", None),
            ("Head Chef", None),
            ("School Principal", None),
            ("Product Manager", None),
            ("Vice President of Sales", Some(Seniority::Director)),
            ("CTO", Some(Seniority::Executive)),
            ("Internship in Marketing", Some(Seniority::Intern)),
        ] {
            assert_eq!(Seniority::of_title(title), rank, "{title}");
        }
    }
}
