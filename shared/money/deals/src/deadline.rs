//! The acts of the network once nobody else acted in time, so that no deal stands still for ever.

use jiff::Timestamp;

use crate::{deal::Deal, dispute::Dispute, fact::What, state::State};

/// An event that happens by itself, with its time.
#[derive(Debug, Clone, PartialEq)]
pub struct Deadline {
    /// The moment from which it happens.
    pub at: Timestamp,
    /// The event that the network records then.
    pub then: What,
}

impl Deal {
    /// The next thing that happens by itself, as the deal stands now.
    ///
    /// | the deal | when | then |
    /// |---|---|---|
    /// | has an open report for which silence counts | the days to answer are over | it is accepted |
    /// | has an open report for which silence does not count | 30 days after it | it expires |
    /// | has a contested report that is in no dispute | the days to open one are over | it expires |
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
        let expired = self.assertions().iter().filter_map(|known| {
            Some(Deadline {
                at: self.expires_at(known)?,
                then: What::AssertionExpired { assertion: known.fact },
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
            .chain(expired)
            .chain(late)
            .chain(
                self.disputes()
                    .iter()
                    .filter_map(|dispute| self.dispute_deadline(dispute)),
            )
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
                self.fall_off().filter(|fall_off| fall_off.refunded_by.is_none())?;
                let over = calendar.end_of(self.replaced_until().ok()?).ok()?;
                // A replacement that was reported in time is waited for: otherwise a client that says nothing keeps both.
                let reported = self
                    .assertions()
                    .iter()
                    .any(|known| known.ended.is_none() && known.at < over && matches!(known.what, What::Placed { .. }));
                (!reported).then_some(Deadline {
                    at: over,
                    then: What::RefundChosen {},
                })
            }
            _ => None,
        }
    }

    fn dispute_deadline(&self, dispute: &Dispute) -> Option<Deadline> {
        let terms = self.terms()?;
        let (calendar, ladder) = (terms.calendar().ok()?, &terms.disputes);
        let opened = Some(dispute.opened);
        if !dispute.is_last(ladder) {
            return Some(Deadline {
                at: calendar.end_of(dispute.evidence_until).ok()?,
                then: What::DisputeEscalated { dispute: opened },
            });
        }
        // Before rules 2 nobody could stand in for the arbiter; the deal adopts them with its next fact.
        Some(Deadline {
            at: self.default_from(dispute)?,
            then: What::Ruled {
                dispute: opened,
                ruling: self.default_ruling(dispute),
                reasons: "Nobody ruled in time; the default of the rules applies.".to_owned(),
            },
        })
    }
}
