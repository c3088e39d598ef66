//! The shares of a placement, where the terms let parties count for their own candidates alone.

use inventure_core::{CandidateId, TenantId};
use inventure_ledger::Share;
use jiff::civil::Date;

use crate::{
    check::Report,
    deal::Deal,
    fact::What,
    part,
    party::{Counts, Party, PartyRole, Who},
    state::State,
    terms::{SharesOf, Source, Terms},
};

/// The parts of the whole that shares among owners are counted in: hundredths of a percent.
const PARTS: u64 = 10_000;

/// A share in hundredths of a percent; nothing where it is finer.
fn parts(share: Share) -> Option<u64> {
    let exact = PARTS.is_multiple_of(share.denominator());
    exact.then(|| share.numerator() * (PARTS / share.denominator()))
}

impl Party {
    /// Whether it counts for its own candidates alone.
    const fn owns_its_share(&self) -> bool {
        matches!(self.counts, Some(Counts::Owned))
    }
}

impl Terms {
    /// Returns the shares of the fee for a candidate with these owners, the earlier first. They are those of
    /// [`Terms::split`] where all parties count for all candidates, and where nobody owns yet.
    #[must_use]
    pub fn split_among(&self, source: Source, owners: &[TenantId]) -> Option<Vec<(Who, Share)>> {
        let place = |party: &Party| owners.iter().position(|owner| *owner == party.tenant);
        let mut counting: Vec<&Party> = self.parties.iter().filter(|party| party.owns_its_share()).collect();
        counting.sort_by_key(|party| place(party).unwrap_or(usize::MAX));
        let all: u64 = counting.iter().map(|party| parts(party.share)).sum::<Option<u64>>()?;
        let owning = counting.iter().filter(|party| place(party).is_some());
        let theirs: u64 = owning.map(|party| parts(party.share)).sum::<Option<u64>>()?;
        if theirs == 0 {
            return self.split(source);
        }
        let network = self.network.at(source);
        let of_fee = |share: Share| match self.shares_of {
            SharesOf::Fee => Some(share),
            SharesOf::Pool => part::product(share, part::rest(network)),
        };
        // The places of those who count by ownership go to the owners first, in the order of their submittals, and then to those who own nothing.
        let mut ordered = counting.into_iter();
        let mut split = Vec::new();
        for party in &self.parties {
            let (who, share) = if party.owns_its_share() {
                let next = ordered.next()?;
                let share = match place(next) {
                    Some(_) => Share::new(all * parts(next.share)?, PARTS * theirs).ok()?,
                    None => Share::NONE,
                };
                (next, share)
            } else {
                (party, party.share)
            };
            split.push((Who::Party(who.id.clone()), of_fee(share)?));
        }
        split.push((Who::Network, network));
        Some(split)
    }

    /// Whether parties that count for their own candidates can be told apart by ownership, and their shares be counted exactly.
    pub(crate) fn check_counts(&self, report: &mut Report) {
        if !self.parties.iter().any(Party::owns_its_share) {
            return;
        }
        for (index, party) in self.parties.iter().enumerate() {
            let field = format!("parties[{index}].counts");
            let is_side = party.role == PartyRole::CandidateSide;
            report.unless(
                party.owns_its_share() == is_side,
                &field,
                "either every party with the role candidate_side counts for its own candidates, or none does; others count for all",
            );
            report.unless(
                !is_side || parts(party.share).is_some_and(|parts| parts > 0),
                &field,
                "whoever counts for their own candidates has a share in hundredths of a percent, and more than none",
            );
        }
        let exact = Source::ALL
            .iter()
            .all(|source| parts(self.network.at(*source)).is_some());
        report.unless(
            exact || self.shares_of == SharesOf::Fee,
            "network",
            "where parties count for their own candidates, the network's share is in hundredths of a percent",
        );
    }
}

impl Deal {
    /// Whether this deal's placement of a candidate keeps others from placing them with the same employer on a day.
    ///
    /// It does until they left inside the guarantee, the deal was closed without a fee, or the deal is over and so is the time for which a
    /// claim counts. A report of it keeps them while it may take effect any day, and not once somebody said no.
    #[must_use]
    pub fn employs(&self, candidate: CandidateId, on: Date) -> bool {
        let reported = self.assertions.iter().any(|known| {
            let placed = matches!(known.what, What::Placed { .. });
            placed && known.is_open() && known.candidate() == Some(candidate)
        });
        if reported {
            return true;
        }
        let mut placements = self.placements.iter().rev();
        let Some(placement) = placements.find(|placement| placement.candidate == candidate) else {
            return false;
        };
        if placement.fall_off.is_some() {
            return false;
        }
        let is_last = self.placements.last() == Some(placement);
        let earned = self
            .invoices
            .iter()
            .any(|invoice| invoice.amount_minor_units > invoice.credited_minor_units);
        let over = || {
            let window = self.in_force.as_ref().map(|terms| terms.claims.window);
            let last = window.and_then(|window| window.last_day(placement.starts_on).ok());
            last.is_none_or(|last| on > last)
        };
        match self.state {
            State::Closed => earned && !over(),
            State::Settled => !over(),
            _ if !is_last => !over(),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests;
