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
    /// | has an open report for which silence counts | the days to answer are over | it is accepted |
    /// | has a report that was contested, or that silence never makes effective | nobody took it further for 30 days | it lapses |
    /// | is paid | the guarantee has ended | it is settled |
    /// | waits for a replacement, or for the choice | the days for a replacement are over | the client is refunded |
    /// | is disputed, not on the last step | the step takes no more evidence | the next step begins |
    /// | is disputed, on the last step | the days of the arbiter and the deputy are over | the default ruling ends it |
    /// | has a bill that is late | it was due, and each 30 days later, three times | the client is reminded |
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        let terms = self.terms()?;
        let calendar = terms.calendar().ok()?;
        let reports = self.assertions().iter().filter(|known| known.is_open());
        let accepted = reports.filter_map(|known| {
            Some(Deadline {
                at: known.accepted_from?,
                then: What::AssertionAccepted { assertion: known.fact },
            })
        });
        let lapsing = self.assertions().iter().filter_map(|known| {
            Some(Deadline {
                at: self.lapses_from(known)?,
                then: What::AssertionWithdrawn { assertion: known.fact },
            })
        });
        let late = self.invoices().iter().filter_map(|invoice| {
            Some(Deadline {
                at: calendar.start_of(invoice.next_reminder_on()?).ok()?,
                then: What::PaymentReminded {
                    invoice: invoice.number.clone(),
                },
            })
        });
        let late = late.filter(|late| self.rules() >= 2 && self.allows(late.then.kind()));
        let all = accepted
            .chain(lapsing)
            .chain(late)
            .chain(self.disputes_deadline())
            .chain(self.states_deadline());
        all.min_by_key(|deadline| deadline.at)
    }

    fn states_deadline(&self) -> Option<Deadline> {
        let terms = self.terms()?;
        let calendar = terms.calendar().ok()?;
        match self.state {
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
            _ => None,
        }
    }

    fn disputes_deadline(&self) -> Option<Deadline> {
        let terms = self.terms()?;
        let calendar = terms.calendar().ok()?;
        let (dispute, ladder) = (self.dispute()?, &terms.disputes);
        if !dispute.is_last(ladder) {
            return Some(Deadline {
                at: calendar.end_of(dispute.evidence_until).ok()?,
                then: What::DisputeEscalated {},
            });
        }
        // Before rules 2 nobody could stand in for the arbiter; the deal adopts them with its next fact.
        Some(Deadline {
            at: calendar.end_of(dispute.ruling_days_end(ladder).ok()?).ok()?,
            then: What::Ruled {
                ruling: self.default_ruling(),
                reasons: "Nobody ruled in time; the default of the rules applies.".to_owned(),
            },
        })
    }
}
