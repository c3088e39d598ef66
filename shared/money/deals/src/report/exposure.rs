//! The cost that a deal would have if the person left now.
//!
//! The departure is recorded on a copy of the deal, and settled by the same code as if it had happened.

use std::collections::BTreeMap;

use inventure_core::{EventId, TenantId};
use inventure_ledger::Share;
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use crate::{
    booking::{released, tenant},
    deal::Deal,
    fact::{Author, Fact, What},
    movement::{Movement, Reason},
    party::Who,
    settle::SettleError,
};

/// A guarantee that runs, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// The last date that it covers.
    pub last_day: Date,
    /// The number of the present day in the guarantee, from day 0. Where the person has left and the client may still
    /// choose, it is that of the day on which they left.
    pub day: u16,
    /// The number of days in the guarantee after day 0.
    pub days: u16,
    /// The part of the fee that the client would get back.
    pub refund: Share,
    /// The amount that would be taken off the bills.
    pub credited: i64,
    /// The part of that amount that the client has paid, and would get back.
    pub refunded: i64,
    /// The amounts that each side would give back, in the order of the terms, the network last. Together they are what
    /// is taken off the bills.
    pub parts: Vec<ExposedPart>,
}

/// The amount that one side would give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedPart {
    /// The party, or the network, that gives back.
    pub who: Who,
    /// The agency that is the party; `None` for the network.
    pub tenant: Option<TenantId>,
    /// The amount that it would give back.
    pub gives_back: i64,
    /// The part of it that has been paid to the agency already, so that the agency would owe it.
    pub paid_out: i64,
}

/// Computes the amounts that would move if the person left now. Where the person has left, it takes the case that the
/// client takes the refund now. `None` where no guarantee runs. `paid` is the amount that each agency has been paid out
/// of this deal.
pub fn exposure(deal: &Deal, now: Timestamp, paid: &BTreeMap<TenantId, i64>) -> Result<Option<Exposure>, SettleError> {
    let Some(terms) = deal.terms() else { return Ok(None) };
    let (after, told) = left_now(deal, now);
    let Some(cover) = after
        .fall_off()
        .filter(|_| !told.is_empty())
        .map(|fall_off| fall_off.cover)
    else {
        return Ok(None);
    };
    let settlement = after.settle()?;
    let caused = |movement: &&Movement| movement.facts.iter().any(|fact| told.contains(fact));
    let caused: Vec<&Movement> = settlement.movements.iter().filter(caused).collect();
    let sum = |who: &Who, whys: &[Reason]| -> i64 {
        let wanted = caused
            .iter()
            .filter(|movement| movement.who == *who && whys.contains(&movement.why));
        wanted.map(|movement| movement.amount.minor_units).sum()
    };
    // What each may have been paid in all, once that has happened.
    let released = released(&after, after.facts().last().map_or(now, |last| last.at))?;
    let parties = terms.parties.iter().map(|party| Who::Party(party.id.clone()));
    let part = |who: Who| {
        let tenant = tenant(terms, &who);
        let of = |units: &BTreeMap<TenantId, i64>| tenant.and_then(|tenant| units.get(&tenant)).copied().unwrap_or(0);
        let payable = sum(&who, &[Reason::TakenBackPayable]);
        // Paid beyond what is left, less what had been paid beyond what there was.
        let beyond = |released: i64| (of(paid) - released).max(0);
        let paid_out = beyond(of(&released)) - beyond(of(&released) + payable);
        ExposedPart {
            tenant,
            gives_back: payable + sum(&who, &[Reason::TakenBackReserved]),
            paid_out,
            who,
        }
    };
    let parts: Vec<ExposedPart> = parties.chain([Who::Network]).map(part).collect();
    Ok(Some(Exposure {
        last_day: cover.last_day,
        day: cover.day,
        days: cover.days,
        refund: cover.refund,
        credited: parts.iter().map(|part| part.gives_back).sum(),
        refunded: sum(&Who::Client, &[Reason::Refunded]),
        parts,
    }))
}

/// Returns the deal after the person left today and the client took the refund. With it come the facts that were made
/// up for it; none of these where the rules would not take it.
fn left_now(deal: &Deal, now: Timestamp) -> (Deal, Vec<EventId>) {
    let mut after = deal.clone();
    let mut told = Vec::new();
    let at = deal.facts().last().map_or(now, |last| last.at.max(now));
    let mut tell = |after: &mut Deal, by: Author, what: What| {
        let mut next = Some((by, what));
        let mut reported = None;
        // Everybody who is asked says yes.
        while let Some((by, what)) = next.take() {
            let id = EventId::from_uuid(Uuid::from_u128(told.len() as u128 + 1));
            if after.apply(Fact { id, at, by, what }).is_err() {
                break;
            }
            told.push(id);
            let assertion = *reported.get_or_insert(id);
            next = after.yes_to(assertion);
        }
    };
    // Under the first rules an open dispute took no such news.
    let first_rules = deal.rules() < 2;
    if let Some(by) = deal
        .disputes()
        .first()
        .filter(|_| first_rules)
        .map(|dispute| dispute.by)
    {
        tell(&mut after, by, What::DisputeWithdrawn { dispute: None });
    }
    // Somebody's leaving that is reported already, and not believed yet, is told anew.
    let waiting = deal.assertions().iter().filter(|known| known.ended.is_none());
    let departures = waiting.filter(|known| matches!(known.what, What::FellOff { .. }));
    for (by, assertion) in departures.filter_map(|known| Some((deal.speaker(&known.by)?, known.fact))) {
        tell(&mut after, by, What::AssertionWithdrawn { assertion });
    }
    if after.fall_off().is_none()
        && let Some(calendar) = after.terms().and_then(|terms| terms.calendar().ok())
    {
        let what = What::FellOff {
            last_day: calendar.date(at),
            reason: "exposure".to_owned(),
        };
        tell(&mut after, Author::Employer, what);
    }
    if after.fall_off().is_some_and(|fall_off| fall_off.refunded_by.is_none()) {
        tell(&mut after, Author::Employer, What::RefundChosen {});
    }
    if first_rules && !deal.disputes().is_empty() && told.len() == 1 {
        told.clear();
    }
    (after, told)
}
