//! A consent as a request gives it, beside its candidate or alone.

use garde::Validate;
use inventure_api::{Problem, text};
use inventure_core::{CandidateId, ConsentId, TenantId};
use inventure_people::Caller;
use inventure_recruiting::records::{Consent, ConsentRecord, ConsentScope};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;
use utoipa::ToSchema;

/// A consent to record.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsent {
    /// The uses of the candidate's data that the consent allows.
    #[garde(length(min = 1, max = 3))]
    scopes: Vec<ConsentScope>,
    /// The employers that the consent names, to whom the candidate may be submitted. A claim counts beyond its deal at these, or
    /// once the candidate confirmed it.
    #[garde(length(max = 50))]
    #[serde(default)]
    employers: Vec<TenantId>,
    /// The way in which the consent was given: a signed form, a mail, a call. It must be enough to find the evidence again.
    #[garde(length(chars, min = 3, max = 500), custom(text::prose))]
    evidence: String,
    /// The last day on which the consent holds, in UTC.
    #[garde(custom(is_day))]
    #[schema(value_type = String, format = Date)]
    until: Date,
}

/// Checks that a day is one that a person can mean. Dates beyond cannot be counted with.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as garde calls it")]
pub fn is_day(day: &Date, (): &()) -> garde::Result {
    if (2000..=2100).contains(&day.year()) {
        Ok(())
    } else {
        Err(garde::Error::new("a day between 2000 and 2100"))
    }
}

/// Makes the record of a consent given now.
pub fn recorded(
    new: NewConsent,
    candidate_id: CandidateId,
    caller: &Caller,
    now: Timestamp,
    field: &str,
) -> Result<ConsentRecord, Problem> {
    if new.until < now.to_zoned(TimeZone::UTC).date() {
        return Err(Problem::field(field, "this day is past"));
    }
    let mut scopes = new.scopes;
    scopes.sort();
    scopes.dedup();
    let mut employers = new.employers;
    employers.sort_unstable();
    employers.dedup();
    let consent = Consent {
        consent_id: ConsentId::new(),
        scopes,
        employers,
        evidence: new.evidence,
        recorded_by: caller.principal.member_id,
        given_at: now,
        until: new.until,
    };
    Ok(ConsentRecord {
        candidate_id,
        consent,
        withdrawn_at: None,
        ended_at: None,
    })
}
