//! Documents that a move cites: there for the others to look at, and kept from then on.

use inventure_core::{DocumentId, TenantId};
use inventure_deal_store::Held;
use inventure_deals::What;
use inventure_lambda::{Problem, problem::Kind};
use inventure_ledger::Hash;
use inventure_store::{Change, Key, records::DealDocument};

use crate::App;

/// How a move names its evidence.
enum Cited {
    Document(DocumentId),
    File(Hash),
}

/// The evidence of a move.
const fn cited(what: &What) -> Option<Cited> {
    match what {
        What::Placed {
            evidence: Some(document),
            ..
        } => Some(Cited::Document(*document)),
        What::PriorClaimRaised { proof: sha256, .. } | What::EvidenceGiven { sha256, .. } => Some(Cited::File(*sha256)),
        _ => None,
    }
}

/// Every document of the deal that is meant, and that its parties and judges see; of these only what the client sees, where it sees any.
fn meant(held: &Held, cited: &Cited) -> Vec<DocumentId> {
    let (deal, Some(terms)) = (&held.deal, held.deal.terms()) else {
        return Vec::new();
    };
    let readers = terms.parties.iter().map(|party| party.tenant);
    let readers: Vec<TenantId> = readers.chain(terms.disputes.judges()).collect();
    let added = deal.facts().iter().filter_map(|fact| match (&fact.what, cited) {
        (What::DocumentAdded { document, .. }, Cited::Document(wanted)) if document == wanted => Some(*document),
        (What::DocumentAdded { document, sha256, .. }, Cited::File(wanted)) if sha256 == wanted => Some(*document),
        _ => None,
    });
    let shown = |document: &DocumentId| readers.iter().all(|reader| deal.shows_document(*document, *reader));
    let to_brokers: Vec<DocumentId> = added.filter(shown).collect();
    let to_client = to_brokers.iter().copied();
    let to_client: Vec<DocumentId> = to_client
        .filter(|document| deal.shows_document(*document, held.head.employer_id))
        .collect();
    if to_client.is_empty() { to_brokers } else { to_client }
}

impl App {
    /// Holds a move to the file that it cites: it is there, and is not erased at the same moment. The rules say whether it is evidence.
    pub async fn cited(&self, held: &Held, what: &What) -> Result<Change, Problem> {
        let Some(cited) = cited(what) else {
            return Ok(Change::new());
        };
        let documents = meant(held, &cited);
        if documents.is_empty() {
            // The rules know of no such document and refuse it.
            return Ok(Change::new());
        }
        let keys: Vec<Key> = documents
            .iter()
            .map(|document| DealDocument::key_of(held.deal.id(), *document))
            .collect();
        let records: Vec<DealDocument> = self.store.get_all(&keys).await?;
        let kept = records.into_iter().find(DealDocument::is_kept).ok_or_else(|| {
            let detail =
                "The file of this document was erased, so nobody could look at it. Add it again, then cite it.";
            Problem::new(Kind::RefusedByTerms, detail)
        })?;
        Ok(Change::new().unchanged(&kept, kept.version))
    }
}
