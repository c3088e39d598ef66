//! The rules of a split deal. They say who agreed to what, who owns a candidate, who gets how much when, and why.
//!
//! | question | answer |
//! |---|---|
//! | can these terms be signed? | [`Terms::check`]; ready-made ones: [`Template`] |
//! | what is signed? | [`Terms::hash`], [`Signature`] |
//! | may this happen now, and what may? | [`Deal::apply`] → [`Refused`] with the legal moves; [`Deal::legal`] |
//! | is this a split, and whose? | [`Deal::decide`]; across deals [`claims::owner`] |
//! | is this person claimed here already? | [`fingerprint::Key`], [`claims::is_claimed`] |
//! | what does the other side see? | [`Deal::disclosed`] |
//! | who gets what when? | [`Deal::settle`] → [`Movement`]s |
//! | what is booked for it? | [`booking::bookings`] |
//! | and if …? | [`simulate()`] |
//! | what do reports say of a deal? | [`report`] |
//!
//! **Architecture Invariant:** knows `inventure-core` and `inventure-ledger` and nothing else of the workspace: no AWS type, no clock, no
//! environment; time zones come with the code. A deal is a fold over its [`Fact`]s and nothing else, and every decision cites them.

mod allowance;
pub mod amount;
pub mod assertion;
mod author;
pub mod booking;
mod books;
pub mod calendar;
mod check;
pub mod claims;
pub mod deadline;
pub mod deal;
pub mod dispute;
pub mod fact;
pub mod fee;
pub mod fingerprint;
pub mod guarantee;
pub mod movement;
mod moves;
mod owned;
mod part;
pub mod party;
pub mod pipeline;
mod refusal;
pub mod report;
pub mod settle;
pub mod signature;
pub mod simulate;
mod state;
pub mod templates;
pub mod terms;

#[cfg(test)]
mod sample;

pub use amount::MinorUnits;
pub use assertion::Assertion;
pub use books::Unbalanced;
pub use check::Problem;
pub use claims::{Decision, Ground, Rule, SplitDecision};
pub use deal::Deal;
pub use fact::{Author, Fact, Move, What};
pub use fee::{Billed, FeeError, Pay};
pub use movement::{Movement, Pot, Reason};
pub use party::{Party, PartyId, PartyRole, Who};
pub use refusal::{Refused, Why};
pub use settle::Settlement;
pub use signature::Signature;
pub use simulate::{Outcome, Scenario, simulate};
pub use state::State;
pub use templates::Template;
pub use terms::{Schedule, Source, Terms};
