//! Documents that a move cites as evidence. They are there for the others to look at, and are kept from then on.

use inventure_api::{Problem, problem::Kind};
use inventure_deal_store::{LoadedDeal, records::DealDocument};
use inventure_deals::What;
use inventure_table::{Change, Key};

use crate::App;

impl App {
    /// Checks the document that a move cites: its file is there, and is not erased at the same moment. The rules of the deal say whether
    /// it is evidence.
    pub async fn cited(&self, held: &LoadedDeal, what: &What) -> Result<Change, Problem> {
        let documents = held.deal.evidence_of(what);
        if documents.is_empty() {
            // The move cites nothing, or the rules know of no such document and refuse it.
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
