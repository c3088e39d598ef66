//! The refusal of a move: its reason, and the moves that would be legal instead.

use inventure_core::{CandidateId, Currency, DealId};
use jiff::civil::Date;

use crate::{
    calendar::CalendarError, check::Problem, claims::Ground, dispute::DisputeError, fact::Move, fee::FeeError,
    pipeline::Stage, signature::SignatureError, state::State,
};

/// A refused move.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?} is refused while the deal is {state:?}: {why}")]
pub struct Refused {
    /// The move that is refused.
    pub kind: Move,
    /// The state of the deal.
    pub state: State,
    /// The reason for the refusal.
    pub why: Why,
    /// The moves that the deal takes now from this author.
    pub legal: Vec<Move>,
}

/// The reason for which a move is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The state does not know it.
    #[error("the state does not allow it")]
    NotInThisState,
    /// The fact is in the deal already; a caller that tries again is done.
    #[error("the deal has this fact already")]
    Repeated,
    /// Facts are recorded in order; a caller with a slow clock takes the last fact's time.
    #[error("it is dated before the last fact of the deal")]
    OutOfOrder,
    /// Nobody reads that many notes.
    #[error("the deal is full; only what moves it on is taken")]
    Full,
    /// Terms of another deal.
    #[error("the terms are those of {0}")]
    OtherDeal(DealId),
    /// This author may not say this.
    #[error("it is for somebody else to say")]
    NotYours,
    /// Terms that cannot be signed.
    #[error("the terms have {} problems", .0.len())]
    Problems(Vec<Problem>),
    /// Versions count up one by one.
    #[error("the next version is {expected}")]
    WrongVersion {
        /// The next version.
        expected: u32,
    },
    /// The terms in force say until when.
    #[error("the terms in force may no longer be changed")]
    ChangesOver,
    /// The network is no party to the negotiation.
    #[error("the network's share stays as it is")]
    NetworkShareChanged,
    /// The currency, the time zone, the job and the employer stay as they are.
    #[error("the currency, the time zone, the job and the employer stay as they are")]
    FrameChanged,
    /// A signature that does not count.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The consent comes before the submittal.
    #[error("the consent was given after the submittal")]
    NoConsent,
    /// It stays taken back.
    #[error("the candidate took their consent back")]
    ConsentWithdrawn,
    /// A candidate is submitted once.
    #[error("{0} is submitted already")]
    AlreadySubmitted(CandidateId),
    /// Not in this deal.
    #[error("{0} is not submitted in this deal")]
    NotSubmitted(CandidateId),
    /// A document is added once; another version of it is another document.
    #[error("the document is in the deal already")]
    DocumentTwice,
    /// Another author moved the candidate first, or the pipeline does not go there.
    #[error("{}", wrong_stage(*at, next))]
    WrongStage {
        /// The stage of the candidate now.
        at: Stage,
        /// The stages to which they may be moved by hand.
        next: Vec<Stage>,
    },
    /// The candidate is the other side's, another agency has the claim, or the employer knew them.
    #[error("the placement is no split under the terms")]
    NotASplit(Vec<Ground>),
    /// Dates that cannot be.
    #[error("the dates are not in order: {0}")]
    Dates(&'static str),
    /// The deadline is over.
    #[error("it had to happen by {0}")]
    TooLate(Date),
    /// The time has not come.
    #[error("it cannot be before {0}")]
    TooEarly(Date),
    /// The fee cannot be computed.
    #[error(transparent)]
    Fee(#[from] FeeError),
    /// A number is used once.
    #[error("the deal has an invoice of this number")]
    InvoiceTwice,
    /// The placement, or the stage, is billed already.
    #[error("this is billed already")]
    BilledTwice,
    /// A stage for after the placement.
    #[error("this is due only once somebody is placed")]
    NotPlaced,
    /// Another amount than the terms give.
    #[error("by the terms it is {expected_minor_units} minor units")]
    WrongAmount {
        /// The amount that the terms give, in minor units.
        expected_minor_units: i64,
    },
    /// Another currency than the terms'.
    #[error("the terms are in {0}")]
    WrongCurrency(Currency),
    /// Zero or less.
    #[error("the amount must be more than zero")]
    NotPositive,
    /// No invoice of this number.
    #[error("the deal has no invoice of this number")]
    UnknownInvoice,
    /// More than is owed.
    #[error("{outstanding_minor_units} minor units are owed, not more")]
    TooMuch {
        /// The amount that is owed, in minor units.
        outstanding_minor_units: i64,
    },
    /// More is taken back than was paid.
    #[error("{received_minor_units} minor units were paid, not more")]
    NotPaid {
        /// The part of the bill that is paid.
        received_minor_units: i64,
    },
    /// After the guarantee's last day.
    #[error("the last day at work is day {day}, and the guarantee covered {days} days, until {last_day}")]
    NotCovered {
        /// The day's number.
        day: u16,
        /// The guarantee's days.
        days: u16,
        /// Its last date.
        last_day: Date,
    },
    /// The terms offer none, or no more.
    #[error("the terms offer no replacement here")]
    NoReplacement,
    /// The refund has been made.
    #[error("the client has had the refund")]
    RefundMade,
    /// Money is still owed to a side.
    #[error("money is still open: a bill, a refund or a guarantee")]
    MoneyOpen,
    /// A ruling that names a stranger, or shares that do not add up.
    #[error("the ruling's shares must name parties of the deal once each and add up to the whole")]
    RulingShares,
    /// A move in a dispute.
    #[error(transparent)]
    Dispute(#[from] DisputeError),
    /// One dispute about the same matter is open at a time.
    #[error("there is an open dispute about this already")]
    DisputeOpen,
    /// A matter that the client reported, or is asked about, is not the parties' alone.
    #[error("a dispute by the client, or about a report, is not of the parties alone")]
    NotOfTheParties,
    /// Several are open, or none by this id.
    #[error("say which open dispute is meant, by the fact that opened it")]
    WhichDispute,
    /// No fact of this id reported anything.
    #[error("no report of this id is in the deal")]
    UnknownAssertion,
    /// It took effect, was taken back or contested, or lapsed.
    #[error("the report is not open any more")]
    AssertionEnded,
    /// The event that it reports can no longer take effect.
    #[error("the deal has moved on since this was reported; its reporter can take it back")]
    Overtaken,
    /// One report of the same event waits at a time.
    #[error("the same is reported already, and waits for the others' answer")]
    AssertionOpen,
    /// Its own reporter, or a side that it does not touch.
    #[error("the report does not wait for this side's answer")]
    NotAwaited,
    /// Silence is no yes here.
    #[error("this needs the word of every side that it touches; silence does not count")]
    WordMissing,
    /// Repeating it does not make it truer.
    #[error("this side has done that too often in this deal; what is left is a dispute, or the arbiter")]
    TooOften,
    /// Evidence is a document that everybody concerned can look at.
    #[error(
        "evidence is a document of the deal that every party, the arbiter and, where it is concerned, the client can see"
    )]
    NoSuchDocument,
    /// Somebody out of the pipeline, or a deal that was closed.
    #[error("a hire from outside the pipeline needs a document that shows it")]
    NeedsEvidence,
    /// A deal that is closed opens again only with evidence.
    #[error("a closed deal is opened again only by a contested report of a hire")]
    OnlyReports,
    /// One deal fills one job.
    #[error("somebody is placed in this deal already")]
    AlreadyPlaced,
    /// The terms give the client no objection.
    #[error("the terms know no objection by the client")]
    NoObjection,
    /// The amount in dispute is needed, since the rest is paid.
    #[error("say how much is in dispute; the rest is paid")]
    AmountMissing,
    /// A ruling needs something that was shown for it.
    #[error("nothing was shown for this: a side that stands behind it gives evidence, in the dispute's days")]
    NothingShown,
    /// A ruling about a report that the dispute is not about.
    #[error("the dispute is not about anything that this ruling could change")]
    RulingWithout,
    /// The network does not judge; it applies the rules.
    #[error("the network may only make the default ruling")]
    NotTheDefault,
    /// The operator's schedule is quoted by the service.
    #[error("the terms quote no schedule of the network's shares")]
    NoSchedule,
    /// Paid, not due yet for anything, or reminded often enough.
    #[error("the client is not to be reminded of this bill")]
    NotOwed,
    /// A day beyond the calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A text that says nothing or too much.
    #[error("a text must have 1 to 10,000 characters, a reason or a subject 1 to 1,000")]
    Text,
}

fn wrong_stage(at: Stage, next: &[Stage]) -> String {
    let next: Vec<String> = next.iter().map(ToString::to_string).collect();
    if next.is_empty() {
        format!("the candidate is at {at}, and is moved from there by no hand")
    } else {
        format!("the candidate is at {at}; from there they go to {}", next.join(", "))
    }
}
