//! Documents about candidates go with their consent.

use inventure_core::DealId;
use inventure_deal_store::{erase_document, load};
use inventure_lambda::batch::Failure;
use inventure_store::{
    pause,
    records::{DealDocument, DealHead},
    table::Query,
};
use jiff::Timestamp;

use crate::Settler;

/// How often a document is tried while others move its deal.
const ATTEMPTS: u32 = 12;

impl Settler {
    /// Erases the documents of a deal that are about candidates who took their consent back, or whose consent ended. Evidence stays, since
    /// others may have to look at it. One that cannot be erased keeps no other, and the message comes again.
    pub(crate) async fn erase_withdrawn(&self, deal: DealId, now: Timestamp) -> Result<(), Failure> {
        let mut pages = self
            .store
            .pages(Query::table(DealHead::key_of(deal).pk, DealDocument::PREFIX));
        let mut erased = Ok(());
        while let Some(page) = pages.next::<DealDocument>().await? {
            for record in page.into_iter().filter(|record| record.candidate_id.is_some()) {
                let document = record.document_id;
                if let Err(error) = self.erase(record, now).await {
                    tracing::error!(%deal, %document, error = &*error, "settlement.document_not_erased");
                    erased = erased.and(Err(error));
                }
            }
        }
        erased
    }

    async fn erase(&self, mut record: DealDocument, now: Timestamp) -> Result<(), Failure> {
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                pause(attempt).await;
            }
            let (deal, document) = (record.deal_id, record.document_id);
            let Some(held) = load(&self.store, deal).await? else {
                return Ok(());
            };
            let about = record.candidate_id.and_then(|id| held.deal.candidates().get(&id));
            let withdrawn = about.is_some_and(|submittal| submittal.withdrawn.is_some());
            if !withdrawn || held.deal.is_evidence(document) {
                return Ok(());
            }
            if erase_document(&self.store, &*self.documents, &held, &mut record, now).await? {
                tracing::info!(%deal, %document, "settlement.document_erased");
                return Ok(());
            }
            let now: Option<DealDocument> = self.store.get(&DealDocument::key_of(deal, document)).await?;
            let Some(now) = now else { return Ok(()) };
            record = now;
        }
        Err(format!("{} moves faster than its documents can be erased", record.deal_id).into())
    }
}
