use inventure_core::{JobId, MemberId, TenantId};
use inventure_table::{Key, Record};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An agency's engagement by an employer. The employer alone writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Engagement {
    /// The employer that engaged the agency.
    pub employer_id: TenantId,
    /// The agency that is engaged.
    pub agency_id: TenantId,
    /// The job that it is for; every job where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// The times for which the engagement was in force, the oldest first. Only the last can be without an end.
    pub periods: Vec<EngagementPeriod>,
    /// Grows by one with every write.
    pub version: u64,
}

/// A time for which an agency is engaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngagementPeriod {
    /// The first moment of the time.
    pub from: Timestamp,
    /// The moment after the last, once the time has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The member who began the engagement.
    pub by: MemberId,
}

impl Engagement {
    /// The partition of an employer's engagements.
    #[must_use]
    pub fn of_employer(employer: TenantId) -> String {
        format!("{}{employer}", Self::PARTITION)
    }

    /// Returns the key that an agency's engagement is stored under, for one job or for every job.
    #[must_use]
    pub fn key_of(employer: TenantId, agency: TenantId, job: Option<JobId>) -> Key {
        let job = job.map_or_else(|| "*".to_owned(), |job| job.to_string());
        Key::new(Self::of_employer(employer), format!("{agency}#{job}"))
    }

    /// Returns the first moment from this one on at which the engagement was in force.
    #[must_use]
    pub fn since(&self, at: Timestamp) -> Option<Timestamp> {
        let after = |period: &&EngagementPeriod| period.until.is_none_or(|until| until > at);
        self.periods.iter().find(after).map(|period| period.from.max(at))
    }

    /// Whether the engagement is in force.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.periods.last().is_some_and(|period| period.until.is_none())
    }
}

impl Record for Engagement {
    const ENTITY: &'static str = "engagement";
    const PARTITION: &'static str = "ENGAGEMENTS#";

    fn key(&self) -> Key {
        Self::key_of(self.employer_id, self.agency_id, self.job_id)
    }
}
