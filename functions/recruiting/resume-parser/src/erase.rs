//! Erases what may no longer be kept. Consents that ran out are ended, and files and matches go with the consent.

use inventure_api::batch::Failure;
use inventure_core::{CandidateId, UploadId};
use inventure_events::{ConsentExpired, Envelope};
use inventure_recruiting::records::{Candidate, ConsentRecord, ConsentScope, Match, ReadResume};
use inventure_table::{Change, Commit, Condition, Record, table::Query};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{Parser, folder};

/// The most consents of one shard that a sweep ends. The next sweep goes on.
pub const SWEPT_MAX: usize = 100;

/// The number of records that one request for a list brings.
const PAGE: usize = 100;

/// The outcome of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// The number of consents that were ended.
    pub ended: usize,
    /// The number of consents that could not be ended now. They stay due.
    pub failed: usize,
}

impl Parser {
    /// Ends the consents whose last day is over. A consent that cannot be ended is passed over, so that it holds up no other.
    pub async fn sweep(&self, now: Timestamp) -> Result<Swept, Failure> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let mut swept = Swept::default();
        for shard in 0..ConsentRecord::SHARDS {
            let part = self.sweep_shard(shard, today, now).await?;
            swept.ended += part.ended;
            swept.failed += part.failed;
        }
        tracing::info!(ended = swept.ended, failed = swept.failed, "consents.swept");
        Ok(swept)
    }

    async fn sweep_shard(&self, shard: u8, today: Date, now: Timestamp) -> Result<Swept, Failure> {
        let mut swept = Swept::default();
        let mut pages = self.store.pages(Query {
            descending: false,
            limit: PAGE,
            ..Query::index(ConsentRecord::due(shard))
        });
        while let Some(page) = pages.next::<ConsentRecord>().await? {
            for record in page {
                if record.consent.until >= today || swept.ended == SWEPT_MAX {
                    return Ok(swept);
                }
                let (candidate, consent) = (record.candidate_id, record.consent.consent_id);
                match self.expire(record, now).await {
                    Ok(()) => swept.ended += 1,
                    Err(error) => {
                        swept.failed += 1;
                        tracing::error!(%candidate, %consent, error = &*error, "consent.not_ended");
                    }
                }
            }
        }
        Ok(swept)
    }

    /// Ends one consent. A second run changes nothing more.
    async fn expire(&self, record: ConsentRecord, now: Timestamp) -> Result<(), Failure> {
        let id = record.candidate_id;
        let candidate: Option<Candidate> = self.store.get(&Candidate::key_of(id)).await?;
        let consent_id = record.consent.consent_id;
        let in_force = candidate.filter(|candidate| {
            let consent = candidate.consent.as_ref();
            consent.is_some_and(|consent| consent.consent_id == consent_id)
        });
        let change = if let Some(mut candidate) = in_force {
            let read_at = candidate.version;
            let ended = candidate.end_consent(now).unwrap_or(record);
            candidate.version += 1;
            candidate.updated_at = now;
            let event = ConsentExpired {
                candidate_id: id,
                tenant_id: candidate.tenant_id,
                consent_id,
                candidate_version: candidate.version,
            };
            ReadResume::erase(Change::new(), id)
                .put(&ended, Condition::None)
                .update(&candidate, read_at)
                .emit(id, &Envelope::due(event.into(), &consent_id.to_string(), now))
        } else {
            // Another consent took its place. The index lags behind: as the record is now.
            let known: Option<ConsentRecord> = self.store.get(&record.key()).await?;
            let Some(mut record) = known.filter(|known| known.withdrawn_at.or(known.ended_at).is_none()) else {
                return Ok(());
            };
            record.ended_at = Some(now);
            Change::new().put(&record, Condition::None)
        };
        self.commit(change).await
    }

    /// Commits a change, and fails where a record in it has changed since it was read.
    async fn commit(&self, change: Change) -> Result<(), Failure> {
        match self.store.commit(change).await? {
            Commit::Done => Ok(()),
            _ => Err("a record changed meanwhile".into()),
        }
    }

    /// Erases what the candidate's consent no longer covers, as of now.
    pub(crate) async fn erase(&self, id: CandidateId, now: Timestamp) -> Result<(), Failure> {
        let candidate: Option<Candidate> = self.store.get(&Candidate::key_of(id)).await?;
        let Some(mut candidate) = candidate else {
            return Ok(());
        };
        let today = now.to_zoned(TimeZone::UTC).date();
        if !candidate.consents(ConsentScope::StoreResume, today) && candidate.keeps_resume() {
            // Ended before its end took the résumé along, or on a day that began just now.
            let read_at = candidate.version;
            candidate.forget_resume();
            candidate.version += 1;
            let change = ReadResume::erase(Change::new(), id).update(&candidate, read_at);
            self.commit(change).await?;
        }
        if let Some(void) = candidate.forms_void_until {
            self.erase_files(&candidate, void).await?;
        }
        if !candidate.may_be_matched(today) {
            self.erase_matches(id).await?;
        }
        Ok(())
    }

    /// Erases the files of forms that are void, and leaves those of forms from after that.
    async fn erase_files(&self, candidate: &Candidate, void: UploadId) -> Result<(), Failure> {
        let folder = folder(candidate.tenant_id, candidate.candidate_id);
        let is_void = |key: &String| {
            let upload = key.strip_prefix(&folder).and_then(|name| name.parse().ok());
            upload.is_none_or(|upload: UploadId| upload <= void)
        };
        for key in self.uploads.keys(&folder).await?.iter().filter(|key| is_void(key)) {
            self.uploads.erase(key).await?;
            tracing::info!(candidate_id = %candidate.candidate_id, "upload.erased");
        }
        Ok(())
    }

    /// Clears the evidence of a candidate's consents, which the broker may have told with their name. The records of the consents
    /// stay.
    pub(crate) async fn erase_evidence(&self, id: CandidateId) -> Result<(), Failure> {
        let query = Query::table(Candidate::key_of(id).pk, ConsentRecord::PREFIX);
        let mut pages = self.store.pages(query);
        while let Some(page) = pages.next::<ConsentRecord>().await? {
            for mut record in page.into_iter().filter(|record| !record.consent.evidence.is_empty()) {
                record.consent.evidence.clear();
                self.store.commit(Change::new().put(&record, Condition::None)).await?;
            }
        }
        Ok(())
    }

    async fn erase_matches(&self, id: CandidateId) -> Result<(), Failure> {
        let found: Vec<Match> = self.store.query_all(&Query::table(Match::of_candidate(id), "")).await?;
        for found in found.chunks(PAGE) {
            let change = found.iter().fold(Change::new(), |change, found| {
                change.delete(found.key(), Condition::None)
            });
            self.store.commit(change).await?;
        }
        Ok(())
    }
}
