//! Erases documents about candidates when their consent ends.

use inventure_api::batch::Failure;
use inventure_core::{CandidateId, DealId};
use inventure_deal_store::{
    LoadedDeal, erase_document, load,
    records::{DealDocument, DealHead, ErasureDue},
};
use inventure_table::{Change, Condition, Record, retry::Attempts, table::Query};
use jiff::{SignedDuration, Timestamp};

use crate::Settler;

/// The number of times that a document is tried while others move its deal.
const ATTEMPTS: u32 = 12;

/// The number of documents that are read at once.
const PAGE: usize = 50;

/// The most pages that one run reads. One in which a document was erased is its last.
const PAGES_MAX: u32 = 20;

/// The most deals of one sweep in which documents are to be erased.
const DEALS_MAX: usize = 3;

/// The time for which a deal waits whose documents could not be erased.
const WAIT: SignedDuration = SignedDuration::from_hours(1);

/// The time for which a deal waits in which a placement stands.
const PLACED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The outcome for a document.
enum Fate {
    /// The document stays: it is evidence, about nobody, about a candidate who consents, or gone.
    Stays,
    /// The document waits for the end of a placement.
    Waits,
    Erased,
}

impl Settler {
    /// Erases the documents of a deal about candidates who took their consent back, or whose consent ended. Evidence stays, since others
    /// may have to look at it. A document about a candidate whose placement stands waits until that and its claim are over.
    ///
    /// A document that cannot be erased keeps no other, and the message comes again. A run is bounded: the next sweep goes on where it
    /// ended.
    pub(crate) async fn erase_withdrawn(
        &self,
        deal: DealId,
        after: Option<String>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let Some(mut held) = load(&self.store, deal).await? else {
            return Ok(());
        };
        let mut pages = self.store.pages(Query {
            after,
            limit: PAGE,
            ..Query::table(DealHead::key_of(deal).pk, DealDocument::PREFIX)
        });
        let (mut done, mut waits, mut read) = (Ok(()), false, 0);
        while let Some(page) = pages.next::<DealDocument>().await? {
            let last = page.last().map(|record| record.key().sk);
            let mut is_enough = false;
            for record in page {
                let document = record.document_id;
                match self.erase(&mut held, record, now).await {
                    Ok(fate) => {
                        waits |= matches!(fate, Fate::Waits);
                        is_enough |= matches!(fate, Fate::Erased);
                    }
                    Err(error) => {
                        tracing::error!(%deal, %document, error = &*error, "settlement.document_not_erased");
                        done = done.and(Err(error));
                    }
                }
            }
            read += 1;
            if (is_enough || read == PAGES_MAX) && pages.has_more() {
                self.look_again(deal, now, last).await?;
                break;
            }
        }
        if waits {
            self.look_again(deal, now + PLACED, None).await?;
        }
        done
    }

    /// Erases the documents that earlier runs left, of a few deals.
    pub(crate) async fn erase_due(&self, now: Timestamp) -> Result<(), Failure> {
        let query = Query {
            limit: DEALS_MAX,
            ..Query::table(ErasureDue::PARTITION, "")
        };
        let due: Vec<ErasureDue> = self.store.query(&query).await?;
        for due in due.into_iter().filter(|due| due.due_at <= now) {
            let deal = due.deal_id;
            // Put off before it is tried: one that makes the function die comes behind the others.
            let later = ErasureDue {
                due_at: now + WAIT,
                ..due.clone()
            };
            let put_off = Change::new().delete(due.key(), Condition::None);
            self.store.commit(put_off.put(&later, Condition::None)).await?;
            match self.erase_withdrawn(deal, later.after.clone(), now).await {
                // What is left has a place of its own by now.
                Ok(()) => {
                    let done = Change::new().delete(later.key(), Condition::None);
                    self.store.commit(done).await?;
                }
                Err(error) => tracing::error!(%deal, error = &*error, "settlement.documents_not_erased"),
            }
        }
        Ok(())
    }

    /// Makes a later sweep look at a deal's documents.
    async fn look_again(&self, deal_id: DealId, due_at: Timestamp, after: Option<String>) -> Result<(), Failure> {
        let due = ErasureDue { deal_id, due_at, after };
        self.store.commit(Change::new().put(&due, Condition::None)).await?;
        Ok(())
    }

    async fn erase(&self, held: &mut LoadedDeal, mut record: DealDocument, now: Timestamp) -> Result<Fate, Failure> {
        let mut attempts = Attempts::new(ATTEMPTS);
        while attempts.begin().await {
            let (deal, document) = (record.deal_id, record.document_id);
            if !attempts.is_first() {
                let Some(newer) = load(&self.store, deal).await? else {
                    return Ok(Fate::Stays);
                };
                *held = newer;
                let Some(newer) = self.store.get(&DealDocument::key_of(deal, document)).await? else {
                    return Ok(Fate::Stays);
                };
                record = newer;
            }
            // A form that ran out goes by itself, and so does what was posted with it.
            let ran_out = record.content.is_none() && record.expires_at.is_some_and(|at| at <= now.as_second());
            let Some(candidate) = record.candidate_id.filter(|_| !record.is_gone && !ran_out) else {
                return Ok(Fate::Stays);
            };
            let about = held.deal.candidates().get(&candidate);
            let withdrawn = about.is_some_and(|submittal| submittal.withdrawn.is_some());
            if !withdrawn || held.deal.is_evidence(document) {
                return Ok(Fate::Stays);
            }
            if is_needed(held, candidate, now) {
                return Ok(Fate::Waits);
            }
            if erase_document(&self.store, &*self.documents, held, &mut record, now).await? {
                tracing::info!(%deal, %document, "settlement.document_erased");
                return Ok(Fate::Erased);
            }
        }
        Err(format!("{} moves faster than its documents can be erased", record.deal_id).into())
    }
}

/// Whether a placement of the candidate stands, or a side may still have to prove something about them.
fn is_needed(held: &LoadedDeal, candidate: CandidateId, now: Timestamp) -> bool {
    let mut reports = held.deal.assertions().iter();
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    reports.any(|known| known.ended.is_none() && known.candidate() == Some(candidate))
        || held.deal.employs(candidate, today)
}
