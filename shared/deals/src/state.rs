//! The states of a deal and the moves that each allows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fact::Kind;

/// Where a deal stands.
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
    /// A dispute is open; nothing is paid out.
    Disputed,
    /// Over.
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

    /// The moves that this state allows. A move may still be refused for what it says.
    #[must_use]
    pub fn legal(self) -> Vec<Kind> {
        Kind::ALL.iter().copied().filter(|kind| self.allows(*kind)).collect()
    }

    /// Whether this state allows a move.
    #[must_use]
    pub const fn allows(self, kind: Kind) -> bool {
        use State::{Active, Closed, Disputed, Draft, FallenOff, Invoiced, Paid, Placed, Replacing, Settled, Signing};
        match kind {
            Kind::TermsProposed => matches!(self, Draft | Signing | Active),
            Kind::TermsWithdrawn | Kind::Signed => matches!(self, Signing),
            Kind::Submitted | Kind::Placed => matches!(self, Active | Replacing),
            // What the outside world does to a submittal does not wait for the parties' signatures.
            Kind::Confirmed
            | Kind::PriorClaimRaised
            | Kind::Contacted
            | Kind::ConsentWithdrawn
            | Kind::OwnershipDecided => {
                matches!(self, Signing | Active | Placed | Invoiced | Paid | Replacing | Disputed)
            }
            Kind::StageMoved => matches!(self, Active | Placed | Invoiced | Paid | Replacing),
            Kind::Noted | Kind::DocumentAdded => !matches!(self, Closed),
            // A retainer is billed before anybody is placed, hours after the client has paid for others, and what stays of a fee also
            // where the person left before there was a bill.
            Kind::Invoiced => matches!(self, Active | Placed | Invoiced | Paid | FallenOff),
            // Money that arrives has arrived, whatever else goes on.
            Kind::PaymentReceived => !matches!(self, Draft | Closed),
            Kind::GuaranteeEnded => matches!(self, Paid),
            // A fall-off may be reported for some days after the guarantee's end, if it happened inside.
            Kind::FellOff => matches!(self, Placed | Invoiced | Paid | Settled),
            Kind::ReplacementStarted => matches!(self, FallenOff),
            Kind::RefundChosen => matches!(self, FallenOff | Replacing),
            Kind::DisputeOpened => {
                matches!(
                    self,
                    Active | Placed | Invoiced | Paid | Settled | FallenOff | Replacing
                )
            }
            Kind::EvidenceGiven | Kind::DisputeEscalated | Kind::DisputeWithdrawn | Kind::Ruled => {
                matches!(self, Disputed)
            }
            Kind::Closed => matches!(self, Draft | Signing | Active | Settled | FallenOff),
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
        for kind in Kind::ALL {
            let _ = write!(table, "\n{:20}", format!("{kind:?}"));
            for state in State::ALL {
                let _ = write!(table, " {:9}", if state.allows(*kind) { "yes" } else { "." });
            }
        }
        let trimmed: Vec<&str> = table.lines().map(str::trim_end).collect();
        insta::assert_snapshot!(trimmed.join("\n"));
        assert!(State::Closed.legal().is_empty());
    }
}
