use inventure_core::{CandidateId, MemberId, TenantId, UploadId};
use inventure_resume::{
    PartialDate, Resume,
    correct::{ResumePart, StatedPart, corrected},
};
use inventure_table::{Change, Condition, Key, Record, StoreError, pages::size};
use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Candidate, ReadResume};

/// One correction of one part of a candidate's résumé.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct ResumeCorrection {
    /// The part that was corrected.
    pub part: ResumePart,
    /// The part as it was shown before.
    pub before: StatedPart,
    /// The part as it should be. Absent where a correction was taken back and the reading counts again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<StatedPart>,
    /// The file whose reading was corrected.
    pub upload_id: UploadId,
    /// The member who corrected it.
    pub by: MemberId,
    /// The time of the correction.
    #[schema(value_type = String, format = DateTime)]
    #[schemars(with = "String")]
    pub at: Timestamp,
}

/// The corrections of a candidate's résumé. They stand over every reading, of this file and of later ones, until they are taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResumeCorrections {
    /// The candidate of the résumé.
    pub candidate_id: CandidateId,
    /// The tenant that owns the candidate's record.
    pub tenant_id: TenantId,
    /// The corrections, oldest first. Where there are too many, the oldest go that a later one replaced.
    #[serde(with = "inventure_table::json")]
    pub history: Vec<ResumeCorrection>,
}

impl ResumeCorrections {
    /// The most corrections of one résumé that are kept.
    pub const MAX: usize = 200;

    /// The most bytes of all corrections together. A table item holds 400 KB.
    pub const MAX_BYTES: usize = 350_000;

    /// Returns the key of a candidate's corrections.
    #[must_use]
    pub fn key_of(id: CandidateId) -> Key {
        Key::new(format!("{}{id}", Self::PARTITION), "CORRECTIONS")
    }

    /// Returns the corrections of a résumé that was never corrected.
    #[must_use]
    pub const fn none(candidate_id: CandidateId, tenant_id: TenantId) -> Self {
        Self {
            candidate_id,
            tenant_id,
            history: Vec::new(),
        }
    }

    /// Whether a correction is the last word on its part.
    fn is_last(&self, at: usize) -> bool {
        let (correction, later) = (&self.history[at], &self.history[at + 1..]);
        later.iter().all(|later| later.part != correction.part)
    }

    /// Returns the parts that are corrected now: the last word on each.
    #[must_use]
    pub fn in_force(&self) -> Vec<&StatedPart> {
        let last = (0..self.history.len()).filter(|at| self.is_last(*at));
        last.filter_map(|at| self.history[at].after.as_ref()).collect()
    }

    /// Drops the oldest corrections that a later one replaced, until the rest can be kept. Returns whether it can.
    ///
    /// # Errors
    /// Fails where a correction cannot be written at all.
    pub fn make_room(&mut self) -> Result<bool, StoreError> {
        let mut sizes = self.history.iter().map(size).collect::<Result<Vec<usize>, _>>()?;
        while self.history.len() > Self::MAX || sizes.iter().sum::<usize>() > Self::MAX_BYTES {
            let Some(at) = (0..self.history.len()).find(|at| !self.is_last(*at)) else {
                return Ok(false);
            };
            self.history.remove(at);
            sizes.remove(at);
        }
        Ok(true)
    }

    /// Puts the corrections over a reading, as of `now`.
    #[must_use]
    pub fn over(&self, resume: Resume, now: Timestamp) -> Resume {
        let today = now.to_zoned(TimeZone::UTC).date();
        let today = PartialDate::year_month(today.year().unsigned_abs(), today.month().unsigned_abs());
        match today {
            Ok(today) => corrected(resume, self.in_force(), today),
            // A clock of another millennium: nothing is counted by it.
            Err(_) => resume,
        }
    }
}

impl Record for ResumeCorrections {
    const ENTITY: &'static str = "resume_corrections";
    const PARTITION: &'static str = Candidate::PARTITION;

    fn key(&self) -> Key {
        Self::key_of(self.candidate_id)
    }
}

impl ReadResume {
    /// Returns the résumé with what was corrected, as rankings and their reasons go by it.
    #[must_use]
    pub fn corrected(self, corrections: Option<&ResumeCorrections>, now: Timestamp) -> Resume {
        match corrections {
            Some(corrections) => corrections.over(self.resume, now),
            None => self.resume,
        }
    }

    /// Erases what was read of a candidate, and what was said of it.
    #[must_use]
    pub fn erase(change: Change, id: CandidateId) -> Change {
        change
            .delete(Self::key_of(id), Condition::None)
            .delete(ResumeCorrections::key_of(id), Condition::None)
    }
}
