//! Documents: which there are, and who sees them.

use inventure_core::{CandidateId, DocumentId, TenantId};

use crate::{
    author::Standing,
    deal::Deal,
    fact::{Author, Fact, What},
    pipeline::CandidateField,
    refusal::Why,
};

impl Deal {
    pub(super) fn add_document(&mut self, document: DocumentId, about: Option<CandidateId>) -> Result<(), Why> {
        if self.document(document).is_some() {
            return Err(Why::DocumentTwice);
        }
        about.map_or(Ok(()), |candidate| self.submittal(candidate).map(|_| ()))
    }

    /// The fact that added a document.
    #[must_use]
    pub fn document(&self, wanted: DocumentId) -> Option<&Fact> {
        let adds = |fact: &&Fact| matches!(&fact.what, What::DocumentAdded { document, .. } if *document == wanted);
        self.facts().iter().find(adds)
    }

    /// Whether a document was given as evidence: it stays, so that the others can look at it.
    #[must_use]
    pub fn is_evidence(&self, wanted: DocumentId) -> bool {
        let hash = self.document(wanted).and_then(|fact| match fact.what {
            What::DocumentAdded { sha256, .. } => Some(sha256),
            _ => None,
        });
        self.facts().iter().any(|fact| match fact.what {
            What::PriorClaimRaised { proof, .. } => Some(proof) == hash,
            What::EvidenceGiven { sha256, .. } => Some(sha256) == hash,
            What::Placed { evidence, .. } => evidence == Some(wanted),
            _ => false,
        })
    }

    /// Whether a tenant sees a document. It always sees its own. The client sees what is meant for it; a party and the
    /// arbiter see what is about the deal. A party sees one about a candidate only where the terms show it the
    /// candidate's whole résumé and contact by now, since nobody knows how much a file gives away. Where the candidate
    /// took their consent back, only the tenant that added it sees it.
    #[must_use]
    pub fn shows_document(&self, document: DocumentId, tenant: TenantId) -> bool {
        let Some(fact) = self.document(document) else {
            return false;
        };
        let What::DocumentAdded {
            candidate, for_client, ..
        } = &fact.what
        else {
            return false;
        };
        if matches!(fact.by, Author::Member { tenant: own, .. } if own == tenant) {
            return true;
        }
        match self.standing_of(tenant) {
            Some(Standing::Employer) => {
                let withdrawn = |candidate| {
                    self.candidates
                        .get(&candidate)
                        .is_some_and(|known| known.withdrawn.is_some())
                };
                *for_client && !candidate.is_some_and(withdrawn)
            }
            Some(Standing::Party(_) | Standing::Arbiter) => {
                candidate.is_none_or(|candidate| {
                    let seen = self.disclosed(candidate, tenant);
                    // A file may say how to reach the person, and nobody can take that out of it.
                    let contact = self.rules() < 2 || seen.contains(&CandidateField::Contact);
                    contact && seen.contains(&CandidateField::Resume)
                })
            }
            _ => false,
        }
    }
}
