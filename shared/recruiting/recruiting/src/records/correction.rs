use inventure_core::{CandidateId, MemberId, TenantId, UploadId};
use inventure_resume::{
    PartialDate, Resume,
    correct::{ResumePart, StatedPart, corrected},
};
use inventure_table::{Change, Condition, Key, Record};
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
    /// Every correction, oldest first.
    #[serde(with = "inventure_table::json")]
    pub history: Vec<ResumeCorrection>,
}

impl ResumeCorrections {
    /// The most corrections of one résumé.
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

    /// Returns the parts that are corrected now: the last word on each.
    #[must_use]
    pub fn in_force(&self) -> Vec<&StatedPart> {
        let is_last = |at: usize, part| self.history[at + 1..].iter().all(|later| later.part != part);
        let history = self.history.iter().enumerate();
        let last = history.filter(|(at, correction)| is_last(*at, correction.part));
        last.filter_map(|(_, correction)| correction.after.as_ref()).collect()
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
    /// Erases what was read of a candidate, and what was said of it.
    #[must_use]
    pub fn erase(change: Change, id: CandidateId) -> Change {
        change
            .delete(Self::key_of(id), Condition::None)
            .delete(ResumeCorrections::key_of(id), Condition::None)
    }
}
