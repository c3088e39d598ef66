//! Money on its way, as plain data: who, how much, from where to where, when, why, and on which facts.
//!
//! [`crate::booking`] says how the ledger books them: a broker's reserved and payable pots are its accounts `reserved` and `available`,
//! and what cannot be covered of a `taken_back_payable` becomes a debt there. The network's own share is revenue from the moment it is
//! earned.

use inventure_core::{EventId, Money};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::party::Who;

/// A place where money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pot {
    /// Money with the client, outside.
    Client,
    /// Money that the client owes: billed and not paid.
    Receivable,
    /// Money with the processor, paid by the client.
    Cash,
    /// Money earned by a party or the network, and not theirs to take yet.
    Reserved,
    /// Money that is theirs to take.
    Payable,
}

/// The reason for which money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The client was billed, and this is one side's share of it.
    Earned,
    /// The client paid.
    Received,
    /// The money has come and the time to pay has too.
    Released,
    /// The client does not owe it, or gets it back, and it had not been released.
    TakenBackReserved,
    /// The client does not owe it, or gets it back, and it had been released. A party that has been paid owes it.
    TakenBackPayable,
    /// The client gets it back.
    Refunded,
    /// The client's bank took it back, and the client owes it again.
    ChargedBack,
}

impl Reason {
    /// Returns the place from which the money moves, and the place to which it moves.
    #[must_use]
    pub const fn pots(self) -> (Pot, Pot) {
        match self {
            Self::Earned => (Pot::Receivable, Pot::Reserved),
            Self::Received => (Pot::Client, Pot::Cash),
            Self::Released => (Pot::Reserved, Pot::Payable),
            Self::TakenBackReserved => (Pot::Reserved, Pot::Receivable),
            Self::TakenBackPayable => (Pot::Payable, Pot::Receivable),
            Self::Refunded | Self::ChargedBack => (Pot::Cash, Pot::Client),
        }
    }
}

/// An amount that moves. Never zero and never negative: the direction is in the pots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Movement {
    /// The time of the movement.
    #[schemars(with = "String", extend("format" = "date-time"))]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The party, the network or the client that the money belongs to.
    pub who: Who,
    /// The amount that moves.
    pub amount: Money,
    /// The reason for the movement.
    pub why: Reason,
    /// The place from which the money moves.
    pub from: Pot,
    /// The place to which the money moves.
    pub to: Pot,
    /// The number of the invoice.
    pub invoice: String,
    /// The facts that it rests on.
    pub facts: Vec<EventId>,
}
