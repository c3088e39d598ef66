//! The end of a deal's documents.

use crate::records::DealDocument;
use inventure_table::{Change, Commit, Objects, Store, StoreError};
use jiff::Timestamp;

use crate::LoadedDeal;

/// Erases a document of a deal: its name, and its file with all versions. The fact that there was one, and its hash, stays.
///
/// Evidence is kept, which is the caller's to see to. Says whether it is done: not where the deal or the document changed meanwhile. Done again,
/// it deletes the file again unless that is known to have worked.
pub async fn erase_document(
    store: &Store,
    objects: &dyn Objects,
    held: &LoadedDeal,
    record: &mut DealDocument,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if record.is_gone {
        return Ok(true);
    }
    if record.erased_at.is_none() {
        let read_at = record.version;
        record.file_name = None;
        record.erased_at = Some(now);
        record.version += 1;
        // Nobody has cited it meanwhile: whoever cites a document moves the deal.
        let change = Change::new()
            .update(record, read_at)
            .unchanged(&held.head, held.head.version);
        if !matches!(store.commit(change).await?, Commit::Done) {
            return Ok(false);
        }
    }
    // The file last, so that nothing that is cited has lost it.
    objects.erase(&record.incoming()).await?;
    objects.erase(&record.object()).await?;
    let read_at = record.version;
    record.is_gone = true;
    record.version += 1;
    // Where somebody else was quicker, it is gone as well.
    store.commit(Change::new().update(record, read_at)).await?;
    Ok(true)
}
