//! Statements: an account's entries with the proof that they are what was sealed. Anybody can check one offline, and trusts nobody
//! but the place where the roots are published.
//!
//! A statement is one JSON document in canonical form ([`crate::canonical`]), to the byte and without a line break at the end:
//!
//! - `format`: `inventure-statement/1`;
//! - `opening`: where the account stood before the first entry of the statement (sequence 0, balance 0 and a hash of zeros where the
//!   statement begins with the account);
//! - `entries`, oldest first, without gaps;
//! - `head`: where the account stands after the last of them;
//! - `inclusion`: the seal of a day, which covers the account up to the entry `sequence` (or the opening), with its proof. What
//!   was booked after that seal is chained and not yet sealed. Absent for an account that is younger than the last seal.

use inventure_core::Money;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    account::Account,
    amount, canonical,
    canonical::{CanonicalError, Hash},
    chain::{Entry, EntryFault, Head},
    merkle,
    seal::{self, Inclusion},
};

/// The text of the member `format`.
pub const FORMAT: &str = "inventure-statement/1";

/// An account's entries and their proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The format of the document: [`FORMAT`].
    pub format: String,
    /// The head of the account before the first entry.
    pub opening: Head,
    /// The entries since the opening, oldest first.
    pub entries: Vec<Entry>,
    /// The head of the account after the last entry.
    pub head: Head,
    /// Proof that it is in a seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inclusion: Option<Inclusion>,
}

impl Statement {
    /// A statement over entries that follow on `opening`.
    #[must_use]
    pub fn new(opening: Head, entries: Vec<Entry>, inclusion: Option<Inclusion>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            head: entries.last().map_or_else(|| opening.clone(), Entry::head),
            opening,
            entries,
            inclusion,
        }
    }

    /// The document: what is stored, sent and verified.
    pub fn encode(&self) -> Result<String, CanonicalError> {
        canonical::encode(self)
    }

    /// Reads a document and checks all of it, in order, up to the first thing that does not hold.
    pub fn verified(document: &[u8]) -> Result<(Self, Summary), Broken> {
        let statement: Self = serde_json::from_slice(document).map_err(|error| Broken::NotAStatement {
            line: error.line(),
            column: error.column(),
            problem: plain(&error),
        })?;
        let form = statement.encode().map_err(|error| Broken::NotAStatement {
            line: 1,
            column: 1,
            problem: error.to_string(),
        })?;
        if form.as_bytes() != document {
            let same = form.bytes().zip(document).take_while(|(due, found)| due == *found);
            return Err(Broken::NotCanonical { offset: same.count() });
        }
        let summary = statement.check()?;
        Ok((statement, summary))
    }

    fn check(&self) -> Result<Summary, Broken> {
        if self.format != FORMAT {
            return Err(Broken::Format);
        }
        let opening = &self.opening;
        let genesis = opening.sequence == 0 && *opening != Head::genesis(opening.account.clone());
        let negative = opening.balance_minor_units < 0 && !opening.account.kind().may_be_negative();
        if genesis || negative {
            return Err(Broken::Opening);
        }
        let mut head = opening.clone();
        for entry in &self.entries {
            head = entry.check_after(&head).map_err(|fault| Broken::Entry {
                sequence: head.sequence.saturating_add(1),
                fault,
            })?;
        }
        if self.head != head {
            return Err(Broken::Head);
        }
        let sealed = self
            .inclusion
            .as_ref()
            .map(|inclusion| self.check_sealed(inclusion))
            .transpose()?;
        Ok(Summary {
            account: head.account.clone(),
            opening_sequence: opening.sequence,
            sequence: head.sequence,
            entries: self.entries.len(),
            balance: Money {
                minor_units: head.balance_minor_units,
                currency: head.account.currency(),
            },
            head_hash: head.hash,
            sealed,
        })
    }

    fn check_sealed(&self, inclusion: &Inclusion) -> Result<Sealed, Broken> {
        let Inclusion {
            seal,
            sequence,
            leaf_index,
            proof,
        } = inclusion;
        if !seal.is_whole() {
            return Err(Broken::Seal);
        }
        let sealed = sequence
            .checked_sub(self.opening.sequence)
            .and_then(|steps| match usize::try_from(steps).ok()? {
                0 => Some(self.opening.clone()),
                n => self.entries.get(n - 1).map(Entry::head),
            })
            // An account has no head before its first entry.
            .filter(|head| head.sequence > 0)
            .ok_or(Broken::SealedElsewhere { sequence: *sequence })?;
        let leaf = seal::leaf(&sealed).map_err(|_| Broken::Proof)?;
        if !merkle::verify(leaf, *leaf_index, seal.tree_size, proof, seal.root) {
            return Err(Broken::Proof);
        }
        Ok(Sealed {
            sequence: *sequence,
            date: seal.date,
            root: seal.root,
            seal_hash: seal.hash,
        })
    }
}

/// Checks a document; see [`Statement::verified`].
pub fn verify(document: &[u8]) -> Result<Summary, Broken> {
    Statement::verified(document).map(|(_, summary)| summary)
}

/// The parser's words without its place, which is told apart.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text[..end].to_owned()
}

/// The facts that a sound statement proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The account of the statement.
    pub account: Account,
    /// The number of the entry before the statement's first.
    pub opening_sequence: u64,
    /// The number of the last entry.
    pub sequence: u64,
    /// The number of entries that the statement shows.
    pub entries: usize,
    /// The balance of the account after the last entry.
    pub balance: Money,
    /// The hash of the last entry.
    pub head_hash: Hash,
    /// The extent to which it is sealed; `None` where it is not.
    pub sealed: Option<Sealed>,
}

/// The extent to which a statement is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sealed {
    /// The last entry that is sealed.
    pub sequence: u64,
    /// The day of the seal.
    pub date: Date,
    /// The root, to be compared with the one that was published for the day.
    pub root: Hash,
    /// The hash of the seal, which the next seal names.
    pub seal_hash: Hash,
}

impl Summary {
    /// The balance for people.
    #[must_use]
    pub fn balance_text(&self) -> String {
        amount::display(self.balance)
    }
}

/// The first thing of a document that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It cannot be read as one.
    #[error("line {line}, column {column}: this is no statement: {problem}")]
    NotAStatement {
        /// The line of the problem, from 1.
        line: usize,
        /// The column of the problem, from 1, in bytes.
        column: usize,
        /// The problem, in the parser's words.
        problem: String,
    },
    /// It says what a statement says, in other bytes.
    #[error("byte {offset}: the document is not in canonical form from here on")]
    NotCanonical {
        /// The first byte that differs, from 0.
        offset: usize,
    },
    /// Another format, or another version.
    #[error("format: this program reads {FORMAT}")]
    Format,
    /// The head before the first entry cannot be.
    #[error("opening: an account begins with sequence 0, balance 0 and a hash of zeros, and must not be below zero")]
    Opening,
    /// An entry is not whole, or does not follow on the one before.
    #[error("entry {sequence}: {fault}")]
    Entry {
        /// The number that was due there.
        sequence: u64,
        /// The fault of the entry.
        fault: EntryFault,
    },
    /// The head is not where the entries end.
    #[error("head: it is not where the entries end")]
    Head,
    /// The seal was changed.
    #[error("seal: its hash is not that of its contents")]
    Seal,
    /// The seal covers an entry that is not here.
    #[error("seal: it covers the account up to entry {sequence}, which this statement does not show")]
    SealedElsewhere {
        /// The number of the entry that the seal covers.
        sequence: u64,
    },
    /// The seal covers something else.
    #[error("proof: it does not lead from this account's sealed entry to the seal's root")]
    Proof,
    /// The seal is not the one that was published.
    #[error("root: the seal's root is {found}, and {published} was published")]
    OtherRoot {
        /// The root that the statement's seal has.
        found: Hash,
        /// The root that was published.
        published: Hash,
    },
    /// There is nothing to compare the published root with.
    #[error("root: the statement is not sealed yet, so it cannot be compared with a root")]
    NotSealed,
}

impl Broken {
    /// The place of the fault: `entry 17`, `byte 4096`, `head`.
    #[must_use]
    pub fn place(&self) -> String {
        let text = self.to_string();
        text.split_once(": ")
            .map_or(text.clone(), |(place, _)| place.to_owned())
    }

    /// The fault at that place, in words.
    #[must_use]
    pub fn problem(&self) -> String {
        let text = self.to_string();
        text.split_once(": ")
            .map_or(text.clone(), |(_, problem)| problem.to_owned())
    }
}

impl Summary {
    /// Holds the seal against a root that was published.
    pub fn check_root(&self, published: Hash) -> Result<(), Broken> {
        let found = self.sealed.as_ref().ok_or(Broken::NotSealed)?.root;
        if found == published {
            Ok(())
        } else {
            Err(Broken::OtherRoot { found, published })
        }
    }
}
