//! The shared pipeline: where each candidate stands, who moved them, and what the other side sees of them.

use std::{collections::BTreeSet, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::party::PartyRole;

/// A stage of a candidate, in order. The two last are ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The candidate was given to the employer.
    Submitted,
    /// The employer looks closer.
    Screening,
    /// The employer interviews the candidate.
    Interviewing,
    /// An offer was made.
    Offered,
    /// The candidate accepted.
    Accepted,
    /// The candidate is at work.
    Started,
    /// The employer said no.
    Rejected,
    /// The candidate said no.
    Withdrawn,
}

impl Stage {
    /// All stages, in their order.
    pub const ALL: [Self; 8] = [
        Self::Submitted,
        Self::Screening,
        Self::Interviewing,
        Self::Offered,
        Self::Accepted,
        Self::Started,
        Self::Rejected,
        Self::Withdrawn,
    ];

    /// Whether nothing comes after it.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Rejected | Self::Withdrawn)
    }

    /// Whether a candidate may be moved from here to there. Forward and back as life goes, out of an end only to where the person
    /// began, and never to the same place. `Accepted` and `Started` follow from the placement and are not moved to by hand.
    #[must_use]
    pub fn may_move_to(self, to: Self) -> bool {
        let by_hand = !matches!(to, Self::Accepted | Self::Started);
        self != to && by_hand && (!self.is_end() || to == Self::Submitted)
    }

    /// Whether a move forward leaves a stage out. Each stage may disclose something, so each is asked for.
    #[must_use]
    pub const fn skips_to(self, to: Self) -> bool {
        !self.is_end() && !to.is_end() && to as u8 > self as u8 + 1
    }

    /// Returns the stages to which a candidate is moved from here by hand. None lies behind a placement.
    #[must_use]
    pub fn next(self, step_by_step: bool) -> Vec<Self> {
        let placed = matches!(self, Self::Accepted | Self::Started);
        let allowed = |to: &Self| !placed && self.may_move_to(*to) && !(step_by_step && self.skips_to(*to));
        Self::ALL.into_iter().filter(allowed).collect()
    }
}

impl fmt::Display for Stage {
    /// Writes the stage as the API does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Submitted => "submitted",
            Self::Screening => "screening",
            Self::Interviewing => "interviewing",
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Started => "started",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        })
    }
}

/// A thing about a candidate that is shown or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CandidateField {
    /// The candidate's skills.
    Skills,
    /// The candidate's places of work and the time at each, without names of people.
    Experience,
    /// The candidate's name.
    Name,
    /// The candidate's whole résumé.
    Resume,
    /// The candidate's email and phone.
    Contact,
    /// The candidate's present pay and the pay that they want.
    Pay,
}

impl CandidateField {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Skills,
        Self::Experience,
        Self::Name,
        Self::Resume,
        Self::Contact,
        Self::Pay,
    ];
}

/// A field of a candidate, and the stage from which it is shown to the other parties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reveal {
    /// The field that is shown.
    pub field: CandidateField,
    /// The stage from which it is shown.
    pub from: Stage,
}

/// The fields that the other parties see of a candidate. A field that is not listed is never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Disclosure(pub Vec<Reveal>);

impl Disclosure {
    /// The fields that a party sees of a candidate who has been at `reached`, the furthest stage so far. The
    /// candidate's own side sees everything. Fields that were seen stay seen: a step back hides nothing, since nobody
    /// can forget them. An end shows what was shown before.
    #[must_use]
    pub fn visible(&self, reached: Stage, role: PartyRole) -> BTreeSet<CandidateField> {
        if matches!(role, PartyRole::CandidateSide | PartyRole::Researcher) {
            return CandidateField::ALL.into();
        }
        let Self(reveals) = self;
        reveals
            .iter()
            .filter(|reveal| !reveal.from.is_end() && !reached.is_end() && reveal.from <= reached)
            .map(|reveal| reveal.field)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_side_sees_a_name_only_from_the_stage_that_the_terms_name() {
        let disclosure = Disclosure(vec![
            Reveal {
                field: CandidateField::Skills,
                from: Stage::Submitted,
            },
            Reveal {
                field: CandidateField::Name,
                from: Stage::Interviewing,
            },
        ]);
        let seen = |stage, role| disclosure.visible(stage, role).into_iter().collect::<Vec<_>>();
        assert_eq!(seen(Stage::Screening, PartyRole::JobSide), [CandidateField::Skills]);
        assert_eq!(
            seen(Stage::Interviewing, PartyRole::JobSide),
            [CandidateField::Skills, CandidateField::Name]
        );
        assert_eq!(
            seen(Stage::Started, PartyRole::Referrer),
            [CandidateField::Skills, CandidateField::Name]
        );
        assert_eq!(seen(Stage::Submitted, PartyRole::CandidateSide), CandidateField::ALL);
    }

    #[test]
    fn moves_are_by_hand_except_for_what_a_placement_does() {
        use Stage::{Accepted, Interviewing, Offered, Rejected, Started, Submitted};
        assert!(Submitted.may_move_to(Offered));
        assert!(Offered.may_move_to(Interviewing));
        assert!(Rejected.may_move_to(Submitted));
        assert!(!Rejected.may_move_to(Offered));
        assert!(!Offered.may_move_to(Accepted));
        assert!(!Offered.may_move_to(Started));
        assert!(!Offered.may_move_to(Offered));
    }

    #[test]
    fn an_end_shows_nothing_of_its_own() {
        let reveal = |field, from| Reveal { field, from };
        let disclosure = Disclosure(vec![
            reveal(CandidateField::Skills, Stage::Submitted),
            reveal(CandidateField::Name, Stage::Rejected),
            reveal(CandidateField::Contact, Stage::Withdrawn),
        ]);
        let seen = |stage| disclosure.visible(stage, PartyRole::JobSide);
        assert!(seen(Stage::Rejected).is_empty() && seen(Stage::Withdrawn).is_empty());
        assert_eq!(seen(Stage::Started), [CandidateField::Skills].into());
    }
}
