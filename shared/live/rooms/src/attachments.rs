//! Files that come with messages.

use std::collections::BTreeSet;

use crate::records::{Attachment, Room};
use inventure_api::batch::Failure;
use inventure_core::{AttachmentId, MemberId};
use inventure_realtime::{Attached, Code, Content, Refusal};
use inventure_table::{Change, Condition, Key, Objects, Record, Store, table::Query};
use jiff::Timestamp;

use crate::unanswered;

/// The number of files that the sweep looks at at once.
const SWEPT: usize = 100;

/// Returns the ids of the files that a message names.
#[must_use]
pub fn attached(content: &Content) -> Vec<AttachmentId> {
    match content {
        Content::Text { attachments, .. } => attachments.iter().map(|attached| attached.id).collect(),
        Content::Sealed { attachments, .. } => attachments.clone(),
        Content::Edited { .. } | Content::Deleted { .. } | Content::Erased {} | Content::Commit { .. } => Vec::new(),
    }
}

/// Returns the records of the files that a message is sent with.
///
/// # Errors
/// Refuses with [`Code::NoSuchEntry`] unless the files are the sender's, were taken as the message says, and came with no message
/// before.
pub async fn sendable(
    store: &Store,
    room: &Room,
    sender: MemberId,
    content: &Content,
) -> Result<Vec<Attachment>, Refusal> {
    let ids = attached(content);
    let once: BTreeSet<AttachmentId> = ids.iter().copied().collect();
    let keys: Vec<Key> = once.iter().map(|id| Attachment::key_of(room.room_id, *id)).collect();
    let found: Vec<Attachment> = store.get_all(&keys).await.map_err(unanswered)?;
    let described = |attachment: &Attachment| match content {
        Content::Text { attachments, .. } => attachments.iter().any(|attached| is(attachment, attached)),
        _ => attachment.content.is_some(),
    };
    let free = |attachment: &Attachment| {
        attachment.member_id == sender && attachment.offset.is_none() && attachment.erased_at.is_none()
    };
    if found.len() == ids.len() && found.iter().all(|one| free(one) && described(one)) {
        return Ok(found);
    }
    let detail = "An attachment is named twice, is not there, is not as it was taken, or came with another message.";
    Err(Refusal::new(Code::NoSuchEntry, detail))
}

/// Whether an attachment is as a message describes it.
fn is(attachment: &Attachment, said: &Attached) -> bool {
    attachment.attachment_id == said.id
        && attachment.file_name.as_ref() == Some(&said.file_name)
        && attachment.media_type == said.media_type
        && attachment
            .content
            .as_ref()
            .is_some_and(|content| content.bytes == said.bytes && content.sha256 == said.sha256)
}

/// Makes the change by which files become those of the message at this offset.
#[must_use]
pub fn sent(attachments: &[Attachment], offset: u64) -> Change {
    attachments.iter().fold(Change::new(), |change, attachment| {
        let after = Attachment {
            offset: Some(offset),
            version: attachment.version + 1,
            ..attachment.clone()
        };
        change.update(&after, attachment.version)
    })
}

/// Makes the change that erases the files of a message that is removed. Nobody gets them from this moment on, and the sweep takes
/// them away.
pub(crate) async fn erased(
    store: &Store,
    room: &Room,
    ids: &[AttachmentId],
    now: Timestamp,
) -> Result<Change, Refusal> {
    let keys: Vec<Key> = ids.iter().map(|id| Attachment::key_of(room.room_id, *id)).collect();
    let found: Vec<Attachment> = store.get_all(&keys).await.map_err(unanswered)?;
    Ok(found.iter().fold(Change::new(), |change, attachment| {
        change.update(&gone(attachment, now), attachment.version)
    }))
}

fn gone(attachment: &Attachment, now: Timestamp) -> Attachment {
    Attachment {
        file_name: None,
        erased_at: Some(now),
        version: attachment.version + 1,
        ..attachment.clone()
    }
}

/// Takes away the files whose messages were removed, and those that were not sent in time. A file that does not go keeps no other
/// from going, however many of them there are, and the first such error is returned at the end.
pub async fn sweep(store: &Store, objects: &dyn Objects, now: Timestamp) -> Result<(), Failure> {
    let mut pages = store.pages(Query {
        descending: false,
        limit: SWEPT,
        ..Query::index(Attachment::TO_ERASE)
    });
    let mut failed = None;
    while let Some(found) = pages.next::<Attachment>().await? {
        // What is not due yet stands behind what is.
        let due = |attachment: &Attachment| attachment.to_erase_at().is_some_and(|at| at <= now);
        let more = found.last().is_some_and(due);
        for attachment in found.into_iter().filter(due) {
            if let Err(error) = erase(store, objects, &attachment, now).await {
                failed.get_or_insert(error);
            }
        }
        if !more {
            break;
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Erases a file, if its record says now that it is due. The index lags behind.
async fn erase(store: &Store, objects: &dyn Objects, due: &Attachment, now: Timestamp) -> Result<(), Failure> {
    let Some(mut attachment) = store.get::<Attachment>(&due.key()).await? else {
        return Ok(());
    };
    if attachment.to_erase_at().is_none_or(|at| at > now) {
        return Ok(());
    }
    if attachment.erased_at.is_none() {
        // First so that it cannot be sent any more, or a message could have come with what is gone.
        let after = gone(&attachment, now);
        let change = Change::new().update(&after, attachment.version);
        if !matches!(store.commit(change).await?, inventure_table::Commit::Done) {
            return Ok(());
        }
        attachment = after;
    }
    objects.delete(&attachment.posted()).await?;
    objects.delete(&attachment.object()).await?;
    // Last, or who dies in between would leave a file that nobody knows of.
    let forgotten = Change::new().delete(attachment.key(), Condition::Version(attachment.version));
    store.commit(forgotten).await?;
    tracing::info!(room = %attachment.room_id, "attachment.erased");
    Ok(())
}
