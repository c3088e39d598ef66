//! What the network itself does once nobody else did it in time, so that no deal stands still for ever.

use jiff::Timestamp;

use crate::{calendar::plus_days, deal::Deal, fact::What, state::State};

/// What happens by itself, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Deadline {
    /// From this moment on.
    pub at: Timestamp,
    /// What the network says then.
    pub then: What,
}

impl Deal {
    /// The next thing that happens by itself, as the deal stands now.
    ///
    /// | the deal | when | then |
    /// |---|---|---|
    /// | is paid | the guarantee has ended | it is settled |
    /// | waits for a replacement, or for the choice | the days for a replacement are over | the client is refunded |
    /// | is disputed, not on the last step | the step takes no more evidence | the next step begins |
    ///
    /// On the last step of a dispute it is the arbiter who rules; nobody can do that for them.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        let terms = self.terms()?;
        let calendar = terms.calendar().ok()?;
        match self.state() {
            State::Paid => Some(Deadline {
                at: self.guarantee_end()?,
                then: What::GuaranteeEnded {},
            }),
            State::FallenOff | State::Replacing => {
                let fall_off = self.fall_off().filter(|fall_off| fall_off.refunded_by.is_none())?;
                let rule = terms.guarantee.replacement?;
                let last_day = plus_days(fall_off.last_day, i64::from(rule.within_days)).ok()?;
                Some(Deadline {
                    at: calendar.end_of(last_day).ok()?,
                    then: What::RefundChosen {},
                })
            }
            State::Disputed => {
                let dispute = self.dispute().filter(|dispute| !dispute.is_last(&terms.disputes))?;
                Some(Deadline {
                    at: calendar.end_of(dispute.evidence_until).ok()?,
                    then: What::DisputeEscalated {},
                })
            }
            _ => None,
        }
    }
}
