//! The states of a deal and the moves that each allows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fact::Move;

/// The state of a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// No terms yet.
    Draft,
    /// Terms lie open for signature.
    Signing,
    /// All have signed; candidates may be submitted.
    Active,
    /// Somebody accepted; not all is billed.
    Placed,
    /// The client was billed and has not paid all.
    Invoiced,
    /// The client has paid; the guarantee runs.
    Paid,
    /// The guarantee is over.
    Settled,
    /// The person left inside the guarantee.
    FallenOff,
    /// A replacement is looked for.
    Replacing,
    /// A dispute is open. Under rules 1 nothing is paid out; since rules 2 only what is held back is not.
    Disputed,
    /// The deal is over.
    Closed,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Draft,
        Self::Signing,
        Self::Active,
        Self::Placed,
        Self::Invoiced,
        Self::Paid,
        Self::Settled,
        Self::FallenOff,
        Self::Replacing,
        Self::Disputed,
        Self::Closed,
    ];

    /// Whether this state allows a move; [`crate::Deal::legal`] knows more.
    #[must_use]
    pub const fn allows(self, kind: Move) -> bool {
        use State::{Active, Closed, Disputed, Draft, FallenOff, Invoiced, Paid, Placed, Replacing, Settled, Signing};
        match kind {
            Move::TermsProposed => matches!(self, Draft | Signing | Active),
            // What is signed stays in force while something new lies open.
            Move::TermsWithdrawn | Move::Signed => matches!(self, Signing | Active),
            Move::Submitted => matches!(self, Active | Replacing),
            // Somebody may be found to have been hired behind a deal that was closed, after a refund, or besides somebody who stays.
            Move::Placed => !matches!(self, Draft | Signing | Disputed),
            Move::PlacementCorrected => matches!(self, Placed | Invoiced | Paid | Settled | FallenOff | Replacing),
            // What the outside world does to a submittal does not wait for the parties' signatures.
            // A claim may still be needed after a refund, or after the deal was closed.
            Move::Confirmed
            | Move::Contacted
            // An objection that is raised in time counts whatever has happened since; so does what the network decides.
            | Move::PriorClaimRaised
            | Move::OwnershipDecided
            | Move::AssertionConfirmed
            | Move::AssertionContested
            | Move::AssertionWithdrawn
            | Move::AssertionAccepted
            | Move::AssertionExpired
            // A person may take their consent back whatever becomes of the deal.
            | Move::ConsentWithdrawn
            // A client's bank has months, and does not ask how the deal stands.
            | Move::PaymentChargedBack => !matches!(self, Draft),
            Move::StageMoved => matches!(self, Active | Placed | Invoiced | Paid | Replacing),
            Move::Noted => !matches!(self, Closed),
            Move::DocumentAdded | Move::RulesAdopted => true,
            // A retainer is billed before anybody is placed, hours after the client has paid for others, and what stays of a fee also
            // where the person left before there was a bill.
            Move::Invoiced => matches!(self, Active | Placed | Invoiced | Paid | Settled | FallenOff),
            Move::PaymentReminded => !matches!(self, Draft | Closed),
            // Money that arrives has arrived, whatever else goes on.
            Move::PaymentReceived => !matches!(self, Draft | Closed),
            Move::GuaranteeEnded => matches!(self, Paid),
            // A fall-off may be reported for some days after the guarantee's end, if it happened inside.
            Move::FellOff => matches!(self, Placed | Invoiced | Paid | Settled),
            Move::ReplacementStarted => matches!(self, FallenOff),
            Move::RefundChosen => matches!(self, FallenOff | Replacing),
            Move::DisputeOpened => {
                matches!(
                    self,
                    Active | Placed | Invoiced | Paid | Settled | FallenOff | Replacing | Closed
                )
            }
            Move::EvidenceGiven | Move::DisputeEscalated | Move::DisputeWithdrawn | Move::Ruled => {
                matches!(self, Disputed)
            }
            Move::Closed => matches!(self, Draft | Signing | Active | Placed | Settled | FallenOff),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn every_state_and_every_move() {
        let mut table = format!("{:20}", "");
        for state in State::ALL {
            let _ = write!(table, " {:9}", format!("{state:?}"));
        }
        for kind in Move::ALL {
            let _ = write!(table, "\n{:20}", format!("{kind:?}"));
            for state in State::ALL {
                let _ = write!(table, " {:9}", if state.allows(*kind) { "yes" } else { "." });
            }
        }
        let trimmed: Vec<&str> = table.lines().map(str::trim_end).collect();
        insta::assert_snapshot!(trimmed.join("\n"));
    }
}
