//! What can happen to a deal. A deal is nothing but the list of these, in the order in which they were recorded.

use inventure_core::{CandidateId, ConsentId, DocumentId, EventId, MemberId, Money, TenantId};
use inventure_ledger::Hash;
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    dispute::Ruling,
    fee::{Billed, Pay},
    pipeline::Stage,
    signature::Signature,
    terms::{Source, Terms},
};

/// Who says that something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Author {
    /// A member of an agency: of a party, or of the arbiter.
    Member {
        /// The agency.
        tenant: TenantId,
        /// The person.
        member: MemberId,
    },
    /// The employer, through its link or its account.
    Employer,
    /// The candidate, through their link.
    Candidate,
    /// The network itself: a payment that arrived, a deadline that passed.
    Network,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Its id, by which decisions cite it.
    pub id: EventId,
    /// When it was received, by the server's clock. What it says may be older: a last day at work, a day of acceptance.
    #[schemars(with = "String", extend("format" = "date-time"))]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who says so.
    pub by: Author,
    /// What.
    pub what: What,
}

/// A consent of a candidate to be submitted to this employer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The consent.
    pub id: ConsentId,
    /// When it was given.
    #[schemars(with = "String", extend("format" = "date-time"))]
    #[schema(value_type = String, format = DateTime)]
    pub given_at: Timestamp,
}

macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? })*) => {
        /// What happened.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
        #[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
        pub enum What {
            $($(#[$doc])* $name { $($(#[$field_doc])* $field: $type),* },)*
        }

        /// What happened, without its particulars: a move of the state machine.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Move {
            $($(#[$doc])* $name,)*
        }

        impl Move {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }

        /// As on the wire: `fell_off`.
        impl std::fmt::Display for Move {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let name = match self {
                    $(Self::$name => stringify!($name),)*
                };
                for (index, letter) in name.char_indices() {
                    if letter.is_ascii_uppercase() && index > 0 {
                        f.write_str("_")?;
                    }
                    write!(f, "{}", letter.to_ascii_lowercase())?;
                }
                Ok(())
            }
        }

        impl What {
            /// The move that this is.
            #[must_use]
            pub const fn kind(&self) -> Move {
                match self {
                    $(Self::$name { .. } => Move::$name,)*
                }
            }
        }
    };
}

facts! {
    /// A party proposes terms, the first or new ones.
    TermsProposed {
        /// The terms.
        terms: Box<Terms>,
    }
    /// The open proposal is taken back.
    TermsWithdrawn {}
    /// A party signs.
    Signed {
        /// The signature.
        signature: Signature,
    }
    /// A candidate is given to the employer.
    Submitted {
        /// Who.
        candidate: CandidateId,
        /// Their consent.
        consent: Consent,
        /// Where they came from.
        source: Source,
    }
    /// The candidate says that this broker speaks for them.
    Confirmed {
        /// Who.
        candidate: CandidateId,
    }
    /// The employer says that it knew the candidate before.
    PriorClaimRaised {
        /// Who.
        candidate: CandidateId,
        /// The last contact before the submittal that it can prove.
        #[schemars(with = "String", extend("format" = "date"))]
        #[schema(value_type = String, format = Date)]
        last_contact_on: Date,
        /// The hash of the proof.
        #[schemars(with = "String")]
        #[schema(value_type = String)]
        proof: Hash,
    }
    /// The broker was in contact with the candidate or the employer about this submittal.
    Contacted {
        /// About whom.
        candidate: CandidateId,
    }
    /// The candidate takes the consent back.
    ConsentWithdrawn {
        /// Who.
        candidate: CandidateId,
    }
    /// The network says who owns a candidate at this employer, from the claims of all deals.
    OwnershipDecided {
        /// Who.
        candidate: CandidateId,
        /// The owners; nobody where the employer knew them.
        owners: Vec<TenantId>,
        /// The day of acceptance for which they are; absent where they are for any day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        #[schema(value_type = Option<String>, format = Date)]
        on: Option<Date>,
        /// The facts that the decision rests on, those of other deals among them.
        grounds: Vec<EventId>,
    }
    /// A candidate moves in the pipeline.
    StageMoved {
        /// Who.
        candidate: CandidateId,
        /// Where they stood, so that two who move at once do not both win.
        from: Stage,
        /// Where they go.
        to: Stage,
        /// Why, in words.
        note: Option<String>,
    }
    /// A note that all parties read.
    Noted {
        /// About whom; about the deal where it is nobody.
        candidate: Option<CandidateId>,
        /// The note.
        text: String,
    }
    /// A document. What it is called lies with the file, where it can be erased: a fact stays for ever, and names of files name people.
    DocumentAdded {
        /// Which.
        document: DocumentId,
        /// Its hash.
        #[schemars(with = "String")]
        #[schema(value_type = String)]
        sha256: Hash,
        /// About whom; about the deal where it is nobody. Such a document is shown to whom the terms show this candidate's résumé.
        candidate: Option<CandidateId>,
        /// Whether the client sees it.
        for_client: bool,
    }
    /// A candidate accepted.
    Placed {
        /// Who.
        candidate: CandidateId,
        /// What they will earn; may be left out where the fee does not depend on it.
        pay: Option<Pay>,
        /// The day of acceptance.
        #[schemars(with = "String", extend("format" = "date"))]
        #[schema(value_type = String, format = Date)]
        accepted_on: Date,
        /// The first day at work: day 0 of the guarantee.
        #[schemars(with = "String", extend("format" = "date"))]
        #[schema(value_type = String, format = Date)]
        starts_on: Date,
        /// A document of the deal that shows the hire; needed where the candidate was out of the pipeline, or the deal was closed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<DocumentId>,
    }
    /// The pay or the dates of the placement were other than recorded.
    PlacementCorrected {
        /// The pay; may be left out where the fee does not depend on it.
        pay: Option<Pay>,
        /// The first day at work.
        #[schemars(with = "String", extend("format" = "date"))]
        #[schema(value_type = String, format = Date)]
        starts_on: Date,
    }
    /// Another side says yes to what one side reported.
    AssertionConfirmed {
        /// The fact that reported it.
        assertion: EventId,
    }
    /// Another side says no to what one side reported.
    AssertionContested {
        /// The fact that reported it.
        assertion: EventId,
        /// Why, in words.
        reason: String,
    }
    /// The side that reported something takes it back.
    AssertionWithdrawn {
        /// The fact that reported it.
        assertion: EventId,
    }
    /// The time to answer is over, and nobody said no.
    AssertionAccepted {
        /// The fact that reported it.
        assertion: EventId,
    }
    /// A report ended without effect: nobody answered it, or its reporter did not take the contest to a dispute in time.
    AssertionExpired {
        /// The fact that reported it.
        assertion: EventId,
    }
    /// The client was billed.
    Invoiced {
        /// The invoice's number, unique in the deal.
        invoice: String,
        /// What for.
        billed: Billed,
        /// How much, without tax.
        amount: Money,
    }
    /// The client's money arrived.
    PaymentReceived {
        /// For which invoice.
        invoice: String,
        /// How much; the whole of it or a part.
        amount: Money,
    }
    /// The client's bank took a payment back, as far as this.
    PaymentChargedBack {
        /// For which invoice it had come.
        invoice: String,
        /// How much; the whole of what was paid or a part.
        amount: Money,
    }
    /// A bill is past the day on which it was due.
    PaymentReminded {
        /// Which invoice.
        invoice: String,
    }
    /// The guarantee ran out.
    GuaranteeEnded {}
    /// The person left, or never came.
    FellOff {
        /// Their last day at work.
        #[schemars(with = "String", extend("format" = "date"))]
        #[schema(value_type = String, format = Date)]
        last_day: Date,
        /// Why, in words.
        reason: String,
    }
    /// A replacement is looked for.
    ReplacementStarted {}
    /// The client takes the refund and not a replacement, or the search for one ended without.
    RefundChosen {}
    /// A party or the employer does not agree.
    DisputeOpened {
        /// About what.
        about: String,
        /// How much of what is billed is in dispute; left out where it is about a report, whose stake counts. A side's first dispute holds it back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
        /// The report of one's own that it is about: one that somebody contested, or for which silence does not count.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assertion: Option<EventId>,
        /// Whether it is of the parties alone: the client is no side, and no ruling changes what it owes. Not about a report, nor by the client.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        among_parties: bool,
    }
    /// Somebody gives evidence.
    EvidenceGiven {
        /// The dispute, by the fact that opened it; may be left out where only one is open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dispute: Option<EventId>,
        /// What it shows.
        text: String,
        /// The hash of the document.
        #[schemars(with = "String")]
        #[schema(value_type = String)]
        sha256: Hash,
    }
    /// The step brought nothing; on to the next.
    DisputeEscalated {
        /// The dispute, by the fact that opened it; may be left out where only one is open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dispute: Option<EventId>,
    }
    /// Who opened it lets it rest. The report that it was about ends with it.
    DisputeWithdrawn {
        /// The dispute, by the fact that opened it; may be left out where only one is open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dispute: Option<EventId>,
    }
    /// The arbiter rules.
    Ruled {
        /// The dispute, by the fact that opened it; may be left out where only one is open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dispute: Option<EventId>,
        /// What.
        ruling: Ruling,
        /// Why.
        reasons: String,
    }
    /// The deal is over.
    Closed {
        /// Why.
        reason: String,
    }
    /// The network's rules of conduct change for a deal that was signed under older ones.
    RulesAdopted {
        /// The version of the rules from here on.
        rules: u32,
    }
}

impl What {
    /// The words of its author, where it has any.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Noted { text, .. }
            | Self::FellOff { reason: text, .. }
            | Self::DisputeOpened { about: text, .. }
            | Self::AssertionContested { reason: text, .. }
            | Self::EvidenceGiven { text, .. }
            | Self::Ruled { reasons: text, .. }
            | Self::Closed { reason: text }
            | Self::Invoiced { invoice: text, .. } => Some(text),
            Self::StageMoved { note, .. } => note.as_deref(),
            _ => None,
        }
    }

    /// The candidate that it is about, where it is about one.
    #[must_use]
    pub const fn candidate(&self) -> Option<CandidateId> {
        match self {
            Self::Submitted { candidate, .. }
            | Self::Confirmed { candidate }
            | Self::PriorClaimRaised { candidate, .. }
            | Self::Contacted { candidate }
            | Self::ConsentWithdrawn { candidate }
            | Self::OwnershipDecided { candidate, .. }
            | Self::StageMoved { candidate, .. }
            | Self::Placed { candidate, .. } => Some(*candidate),
            Self::Noted { candidate, .. } | Self::DocumentAdded { candidate, .. } => *candidate,
            _ => None,
        }
    }
}
