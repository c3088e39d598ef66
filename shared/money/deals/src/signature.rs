//! Signatures: who signed which terms, when and from where, and who still has to.

use std::collections::BTreeSet;

use inventure_core::{DealId, MemberId, TenantId};
use inventure_ledger::Hash;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{party::PartyId, terms::Terms};

/// A party's signature. It is worth something for one hash only, and the hash covers the deal and the version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The deal that the terms are for.
    pub deal: DealId,
    /// The party that signs.
    pub party: PartyId,
    /// The agency of the party.
    pub tenant: TenantId,
    /// The person who signed for it.
    pub member: MemberId,
    /// The version that was signed.
    pub terms_version: u32,
    /// The hash that was signed, as it was shown to the person.
    #[schemars(with = "String")]
    #[schema(value_type = String)]
    pub terms_hash: Hash,
    /// The time of the signature.
    #[schemars(with = "String", extend("format" = "date-time"))]
    #[schema(value_type = String, format = DateTime)]
    pub signed_at: Timestamp,
    /// The network address and the program of the signer, as the server saw them. Personal data; never in a log.
    pub from: String,
}

/// The reason for which a signature does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// For another deal.
    #[error("the signature is for another deal")]
    OtherDeal,
    /// For terms that have been replaced, or are not there yet.
    #[error("the version to sign is {current}, not {signed}")]
    OtherVersion {
        /// The version that is open.
        current: u32,
        /// The version that was signed.
        signed: u32,
    },
    /// The document that was shown is not the document that is open.
    #[error("the signed hash is not that of the terms; read them again")]
    OtherHash,
    /// No party, old or new.
    #[error("who signs is no party of the deal")]
    NotAParty,
    /// A party signs the same terms once.
    #[error("the party has signed these terms already")]
    Twice,
    /// A signature from the future.
    #[error("the signature is dated after it arrived")]
    FromTheFuture,
    /// Terms that cannot be hashed; [`Terms::check`] lets none through.
    #[error("the terms have no canonical form")]
    NoHash,
}

/// Returns the agencies that have to sign. They are every party of the new terms and, where they replace others, every
/// party of those. Nobody is written out of a deal without their own signature.
#[must_use]
pub fn signers(open: &Terms, in_force: Option<&Terms>) -> BTreeSet<TenantId> {
    let old = in_force.map(|terms| terms.parties.as_slice()).unwrap_or_default();
    open.parties.iter().chain(old).map(|party| party.tenant).collect()
}

/// Returns the agencies that still have to sign.
#[must_use]
pub fn missing(open: &Terms, in_force: Option<&Terms>, signed: &[Signature]) -> BTreeSet<TenantId> {
    let mut left = signers(open, in_force);
    for signature in signed
        .iter()
        .filter(|signature| signature.terms_version == open.version)
    {
        left.remove(&signature.tenant);
    }
    left
}

/// Whether a signature counts for the open terms, when it arrived at `at`.
pub fn check(
    signature: &Signature,
    at: Timestamp,
    open: &Terms,
    in_force: Option<&Terms>,
    signed: &[Signature],
) -> Result<(), SignatureError> {
    if signature.deal != open.deal {
        return Err(SignatureError::OtherDeal);
    }
    if signature.terms_version != open.version {
        return Err(SignatureError::OtherVersion {
            current: open.version,
            signed: signature.terms_version,
        });
    }
    if open.hash().map_err(|_| SignatureError::NoHash)? != signature.terms_hash {
        return Err(SignatureError::OtherHash);
    }
    let names = |terms: &Terms| {
        terms
            .party(&signature.party)
            .is_some_and(|party| party.tenant == signature.tenant)
    };
    if !names(open) && !in_force.is_some_and(names) {
        return Err(SignatureError::NotAParty);
    }
    if signature.signed_at > at {
        return Err(SignatureError::FromTheFuture);
    }
    if !missing(open, in_force, signed).contains(&signature.tenant) {
        return Err(SignatureError::Twice);
    }
    Ok(())
}
