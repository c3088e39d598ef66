//! The facts that a deal consists of. A deal is nothing but the list of these, in the order in which they were
//! recorded.

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

/// The author of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Author {
    /// A member of an agency: of a party, or of the arbiter.
    Member {
        /// The agency of the member.
        tenant: TenantId,
        /// The member who writes.
        member: MemberId,
    },
    /// The employer, through its link or its account.
    Employer,
    /// The candidate, through their link.
    Candidate,
    /// The network itself: a payment that arrived, a deadline that passed.
    Network,
}

/// An event that was recorded in a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Its id, by which decisions cite it.
    pub id: EventId,
    /// The time at which the fact was received, by the server's clock. The event itself may be older: a last day at
    /// work, a day of acceptance.
    #[schemars(with = "String", extend("format" = "date-time"))]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The author of the fact.
    pub by: Author,
    /// The event that the fact records.
    pub what: What,
}

/// A consent of a candidate to be submitted to this employer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The id of the consent.
    pub id: ConsentId,
    /// The time at which the consent was given.
    #[schemars(with = "String", extend("format" = "date-time"))]
    #[schema(value_type = String, format = DateTime)]
    pub given_at: Timestamp,
}

macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? })*) => {
        /// An event in a deal, with its particulars.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
        #[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
        pub enum What {
            $($(#[$doc])* $name { $($(#[$field_doc])* $field: $type),* },)*
        }

        /// The kind of an event, without its particulars: a move of the state machine.
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
        /// The terms that are proposed.
        terms: Box<Terms>,
    }
    /// The open proposal is taken back.
    TermsWithdrawn {}
    /// A party signs.
    Signed {
        /// The signature of the party.
        signature: Signature,
    }
    /// A candidate is given to the employer.
    Submitted {
        /// The candidate who is submitted.
        candidate: CandidateId,
        /// The candidate's consent to it.
        consent: Consent,
        /// The source that the candidate came from.
        source: Source,
    }
    /// The candidate says that this broker speaks for them.
    Confirmed {
        /// The candidate who confirms.
        candidate: CandidateId,
    }
    /// The employer says that it knew the candidate before.
    PriorClaimRaised {
        /// The candidate that the employer knew.
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
        /// The candidate that the contact was about.
        candidate: CandidateId,
    }
    /// The candidate takes the consent back.
    ConsentWithdrawn {
        /// The candidate who takes the consent back.
        candidate: CandidateId,
    }
    /// The network says who owns a candidate at this employer, from the claims of all deals.
    OwnershipDecided {
        /// The candidate whose owners are decided.
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
        /// The candidate who moves.
        candidate: CandidateId,
        /// The stage where the candidate stood, so that of two moves at once only one succeeds.
        from: Stage,
        /// The stage to which the candidate moves.
        to: Stage,
        /// The reason, in words.
        note: Option<String>,
    }
    /// A note that all parties read.
    Noted {
        /// The candidate that the note is about; absent where it is about the deal.
        candidate: Option<CandidateId>,
        /// The text of the note.
        text: String,
    }
    /// A document is added. Its name lies with the file, where it can be erased: a fact stays for ever, and names of
    /// files name people.
    DocumentAdded {
        /// The id of the document.
        document: DocumentId,
        /// The hash of the document.
        #[schemars(with = "String")]
        #[schema(value_type = String)]
        sha256: Hash,
        /// The candidate that the document is about; absent where it is about the deal. A party sees a document about a
        /// candidate only where the terms show it this candidate's résumé and, since rules 2, their contact.
        candidate: Option<CandidateId>,
        /// Whether the client sees it.
        for_client: bool,
    }
    /// A candidate accepted.
    Placed {
        /// The candidate who accepted.
        candidate: CandidateId,
        /// The pay that they will earn; may be left out where the fee does not depend on it.
        pay: Option<Pay>,
        /// The day of acceptance.
        #[schemars(with = "String", extend("format" = "date"))]
        #[schema(value_type = String, format = Date)]
        accepted_on: Date,
        /// The first day at work: day 0 of the guarantee.
        #[schemars(with = "String", extend("format" = "date"))]
        #[schema(value_type = String, format = Date)]
        starts_on: Date,
        /// A document of the deal that shows the hire. It is needed where the candidate was out of the pipeline, or the
        /// deal was closed.
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
        /// The reason, in words.
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
    /// A report ended without effect. Nobody answered it, or its reporter did not take the contest to a dispute in
    /// time.
    AssertionExpired {
        /// The fact that reported it.
        assertion: EventId,
    }
    /// The client was billed.
    Invoiced {
        /// The invoice's number, unique in the deal.
        invoice: String,
        /// The item that the invoice is for.
        billed: Billed,
        /// The amount, without tax.
        amount: Money,
    }
    /// The client's money arrived.
    PaymentReceived {
        /// The number of the invoice that was paid.
        invoice: String,
        /// The amount that arrived: the whole of the invoice or a part.
        amount: Money,
    }
    /// The client's bank took a payment back, as far as this.
    PaymentChargedBack {
        /// The number of the invoice that had been paid.
        invoice: String,
        /// The amount that was taken back: the whole of what was paid or a part.
        amount: Money,
    }
    /// A bill is past the day on which it was due.
    PaymentReminded {
        /// The number of the invoice that is late.
        invoice: String,
    }
    /// The guarantee ran out.
    GuaranteeEnded {}
    /// The person left, or never came.
    FellOff {
        /// The person's last day at work.
        #[schemars(with = "String", extend("format" = "date"))]
        #[schema(value_type = String, format = Date)]
        last_day: Date,
        /// The reason, in words.
        reason: String,
    }
    /// A replacement is looked for.
    ReplacementStarted {}
    /// The client takes the refund and not a replacement, or the search for one ended without.
    RefundChosen {}
    /// A party or the employer does not agree.
    DisputeOpened {
        /// The subject of the dispute, in words.
        about: String,
        /// The billed amount that is in dispute. It is left out where the dispute is about a report, whose stake
        /// counts. A side's first dispute holds it back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<Money>,
        /// The side's own report that the dispute is about. It is one that was contested, or for which silence does not
        /// count.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assertion: Option<EventId>,
        /// Whether the dispute is of the parties alone. The client is then no side, and no ruling changes what it owes.
        /// It is not about a report, nor by the client.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        among_parties: bool,
    }
    /// A side gives evidence.
    EvidenceGiven {
        /// The dispute, by the fact that opened it; may be left out where only one is open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dispute: Option<EventId>,
        /// The text that says what the evidence shows.
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
    /// The side that opened a dispute lets it rest. The report that it was about ends with it.
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
        /// The decision of the arbiter.
        ruling: Ruling,
        /// The reasons for the ruling.
        reasons: String,
    }
    /// The deal is over.
    Closed {
        /// The reason for closing.
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
