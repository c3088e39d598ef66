//! The refusals by the rules of a deal, as problems of the API.

use inventure_api::{
    Problem,
    problem::{FieldError, Kind},
};
use inventure_deal_store::AddError;
use inventure_deals::{Problem as Unsound, Refused, Why, signature::SignatureError};

/// Returns the problem for a refused move.
#[must_use]
pub fn refused(refused: &Refused) -> Problem {
    let legal: Vec<String> = refused.legal.iter().map(ToString::to_string).collect();
    let legal = if legal.is_empty() {
        "There is nothing more that you can do in this deal.".to_owned()
    } else {
        format!("What you may do now: {}.", legal.join(", "))
    };
    let why = &refused.why;
    match why {
        Why::Problems(problems) => unsound(problems),
        Why::ConsentWithdrawn => Problem::new(Kind::ConsentMissing, format!("{} is refused: {why}.", refused.kind)),
        Why::NotYours | Why::NotAwaited => Problem::new(Kind::Forbidden, format!("By the deal's terms {why}. {legal}")),
        Why::Signature(SignatureError::OtherVersion { .. } | SignatureError::OtherHash) | Why::WrongVersion { .. } => {
            Problem::new(Kind::StaleVersion, format!("Read the deal again: {why}."))
        }
        Why::NotASplit(grounds) => {
            let rules: Vec<String> = grounds.iter().map(|ground| ground.rule.name().to_owned()).collect();
            Problem::new(Kind::RefusedByTerms, format!("{why}: {}. {legal}", rules.join(", ")))
        }
        Why::NotInThisState
        | Why::Repeated
        | Why::WrongStage { .. }
        | Why::AlreadySubmitted(_)
        | Why::DocumentTwice
        | Why::InvoiceTwice
        | Why::BilledTwice
        | Why::RefundMade
        | Why::Full
        | Why::MoneyOpen
        | Why::UnknownAssertion
        | Why::AssertionEnded
        | Why::AssertionOpen
        | Why::Overtaken
        | Why::TooOften
        | Why::DisputeOpen
        | Why::WhichDispute
        | Why::OnlyReports
        | Why::AlreadyPlaced
        | Why::NotOwed
        | Why::Signature(SignatureError::Twice) => {
            Problem::new(Kind::WrongState, format!("{} is refused: {why}. {legal}", refused.kind))
        }
        _ => Problem::new(Kind::RefusedByTerms, format!("{} is refused: {why}.", refused.kind)),
    }
}

/// Returns the problem for terms that cannot be signed.
#[must_use]
pub fn unsound(problems: &[Unsound]) -> Problem {
    Problem {
        errors: problems
            .iter()
            .map(|problem| FieldError {
                field: format!("terms.{}", problem.field),
                message: problem.detail.clone(),
            })
            .collect(),
        ..Problem::field("", "")
    }
}

/// Returns the problem for a fact that could not be added.
#[must_use]
pub fn not_added(error: AddError) -> Problem {
    match error {
        AddError::Refused(why) => refused(&why),
        AddError::Settle(error) => Problem::internal(error),
        AddError::Store(error) => error.into(),
    }
}
