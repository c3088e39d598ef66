//! The most that anybody may have, in plain arithmetic from the terms, what was confirmed and what was paid.

use std::collections::BTreeMap;

use inventure_deals::{
    Billed, Deal, MinorUnits, Pay, Reason, Source, Terms, What, Who,
    assertion::Ended,
    calendar::plus_days,
    deal::{Invoice, Placement},
    terms::{FeeBase, PaymentTiming, RefundCurve, SharesOf},
};
use jiff::{SignedDuration, Timestamp};

use super::words::Words;

/// A fraction: the numerator and the denominator.
type Part = (i128, i128);

fn part(share: inventure_ledger::Share) -> Part {
    (i128::from(share.numerator()), i128::from(share.denominator()))
}

/// A part of an amount, to the nearest unit, half a unit up.
fn nearest(amount: i128, (numerator, denominator): Part) -> i128 {
    (amount * numerator * 2 + denominator) / (denominator * 2)
}

/// The fee of a whole placement.
pub fn fee(terms: &Terms, pay: Option<Pay>) -> i128 {
    match &terms.fee {
        FeeBase::Percent {
            of_first_year_pay,
            minimum_minor_units,
        } => {
            let yearly = pay.map_or(0, |pay| {
                i128::from(pay.amount.minor_units) * i128::from(pay.period.per_year())
            });
            let least = minimum_minor_units.map_or(0, |MinorUnits(least)| i128::from(least));
            nearest(yearly, part(*of_first_year_pay)).max(least)
        }
        FeeBase::Flat { minor_units } | FeeBase::Retained { minor_units, .. } => i128::from(minor_units.0),
        FeeBase::Hourly { minor_units_per_hour } => i128::from(minor_units_per_hour.0),
    }
}

/// The part of the fee that goes back for a person who left on a day of the guarantee.
pub fn refund(terms: &Terms, day: i64, days: i64) -> Part {
    if day > days || days == 0 {
        return (0, 1);
    }
    match &terms.guarantee.refund {
        RefundCurve::None => (0, 1),
        RefundCurve::Full => (1, 1),
        RefundCurve::ProRata => (i128::from(days - day.max(0)), i128::from(days)),
        RefundCurve::Steps(steps) => {
            let step = steps.iter().find(|step| day <= i64::from(step.through_day));
            step.map_or((0, 1), |step| part(step.refund))
        }
    }
}

/// Returns the part of a bill that one side gets.
fn share(terms: &Terms, who: &Who, source: Source, owner: Option<inventure_core::TenantId>) -> Part {
    let network = part(terms.network.at(source));
    let Who::Party(id) = who else {
        return if *who == Who::Network { network } else { (0, 1) };
    };
    let Some(party) = terms.party(id) else { return (0, 1) };
    let owned = || terms.parties.iter().filter(|party| party.counts.is_some());
    let owner = owner.filter(|owner| owned().any(|party| party.tenant == *owner));
    let (numerator, denominator) = match (party.counts, owner) {
        (Some(_), Some(owner)) if party.tenant != owner => (0, 1),
        // All that the sides have together goes to the one who owns.
        (Some(_), Some(_)) => owned()
            .map(|party| part(party.share))
            .fold((0, 1), |(a, b), (c, d)| (a * d + c * b, b * d)),
        _ => part(party.share),
    };
    match terms.shares_of {
        SharesOf::Fee => (numerator, denominator),
        SharesOf::Pool => (numerator * (network.1 - network.0), denominator * network.1),
    }
}

/// The amounts that one side has by the movements up to a moment.
#[derive(Default)]
pub struct Has {
    /// Earned and not taken back.
    pub earned: i128,
    /// Theirs to take.
    pub payable: i128,
}

/// Returns the amounts that each side has by the movements, and the amount that the client got back.
pub fn has(deal: &Deal) -> (BTreeMap<Who, Has>, i128) {
    let mut all: BTreeMap<Who, Has> = BTreeMap::new();
    let mut refunded = 0;
    for movement in deal.settle().unwrap().movements {
        let amount = i128::from(movement.amount.minor_units);
        let has = all.entry(movement.who).or_default();
        match movement.why {
            Reason::Earned => has.earned += amount,
            Reason::TakenBackReserved => has.earned -= amount,
            Reason::TakenBackPayable => {
                has.earned -= amount;
                has.payable -= amount;
            }
            Reason::Released => has.payable += amount,
            Reason::Refunded => refunded += amount,
            Reason::Received | Reason::ChargedBack => {}
        }
    }
    (all, refunded)
}

/// The most that may have been taken off the bills.
fn most_credited(deal: &Deal, words: &Words, terms: &Terms) -> i128 {
    let billed: i128 = deal
        .invoices()
        .iter()
        .map(|bill| i128::from(bill.amount_minor_units))
        .sum();
    let mut most = 0;
    let effective = deal
        .assertions()
        .iter()
        .filter(|known| known.ended == Some(Ended::Effective));
    for known in effective.filter(|known| words.reports.get(&known.fact).is_some_and(|report| report.backed)) {
        most += match &known.what {
            // Whoever was known before: nothing was ever earned.
            What::PriorClaimRaised { .. } => billed,
            // By how much the fee is less is looked at where the bills are.
            What::PlacementCorrected { pay, .. } => (billed - fee(terms, *pay)).max(0),
            _ => 0,
        };
    }
    for placement in deal.placements() {
        if let Some(left) = &placement.fall_off {
            let day = i64::from((left.last_day - placement.guarantee_from).get_days());
            let (numerator, denominator) = refund(terms, day.max(0), i64::from(placement.guarantee_days));
            most += (billed * numerator).div_ceil_of(denominator);
        }
    }
    (most + deal.invoices().len() as i128).min(billed)
}

trait DivCeil {
    fn div_ceil_of(self, by: Self) -> Self;
}

impl DivCeil for i128 {
    fn div_ceil_of(self, by: Self) -> Self {
        (self + by - 1) / by
    }
}

/// Holds the money of a deal to the terms and to what was said. Nobody's part may be off by more than a unit for each time that
/// something was shared out.
pub fn check(deal: &Deal, words: &Words) -> Result<(), String> {
    let Some(terms) = &words.terms else { return Ok(()) };
    let sum = |of: fn(&Invoice) -> i64| -> i128 { deal.invoices().iter().map(|bill| i128::from(of(bill))).sum() };
    let left = sum(Invoice::left);
    let (has, refunded) = has(deal);
    let paid: i128 = deal
        .facts()
        .iter()
        .map(|fact| match &fact.what {
            What::PaymentReceived { amount, .. } => i128::from(amount.minor_units),
            What::PaymentChargedBack { amount, .. } => -i128::from(amount.minor_units),
            _ => 0,
        })
        .sum();
    let held = i128::from(deal.settle().unwrap().held_minor_units);
    let payable: i128 = has.values().map(|has| has.payable).sum();
    if payable + held != paid - refunded {
        return Err(format!(
            "{payable} to take and {held} held are not {paid} paid less {refunded} refunded"
        ));
    }
    check_bills(deal, terms)?;
    if !words.judged {
        let credited = sum(|bill| bill.credited_minor_units);
        let most = most_credited(deal, words, terms);
        if credited > most {
            return Err(format!("{credited} was taken off the bills, and at most {most} may be"));
        }
        if refunded > most {
            return Err(format!("{refunded} went back to the client, and at most {most} may"));
        }
    }
    let parties = terms.parties.iter().map(|party| Who::Party(party.id.clone()));
    let slack = 2 * deal.facts().len() as i128;
    let mut kept = 0;
    for who in parties.chain([Who::Network]) {
        let mine = has.get(&who).map_or(0, |has| has.earned);
        kept += mine;
        if words.judged && who != Who::Network {
            continue;
        }
        let owner = |bill: &Invoice| {
            let facts = deal.facts();
            let before = facts.iter().position(|fact| fact.id == bill.fact);
            let placed = |placement: &Placement| words.effective_after.get(&placement.fact).copied() <= before;
            let placement = deal.placements().iter().rev().find(|placement| placed(placement));
            placement.and_then(|placement| placement.owners.first().copied())
        };
        let due: i128 = deal
            .invoices()
            .iter()
            .map(|bill| {
                let (numerator, denominator) = share(terms, &who, bill.source, owner(bill));
                i128::from(bill.left()) * numerator / denominator
            })
            .sum();
        if (mine - due).abs() > slack {
            return Err(format!("{who} has {mine} of {left}, and the terms give {due}"));
        }
        let payable = has.get(&who).map_or(0, |has| has.payable);
        if payable > due.min(mine) + slack || payable < 0 {
            return Err(format!("{who} may take {payable}, and the terms give {due}"));
        }
    }
    if kept != left
        || has
            .keys()
            .any(|who| matches!(who, Who::Party(id) if terms.party(id).is_none()))
    {
        return Err(format!("{kept} of {left} is with the parties and the network"));
    }
    check_times(deal, terms)
}

/// Nobody is billed more than the terms give for what was confirmed.
fn check_bills(deal: &Deal, terms: &Terms) -> Result<(), String> {
    let mut fees: i128 = deal
        .placements()
        .iter()
        .map(|placement| fee(terms, placement.pay))
        .sum();
    if matches!(terms.fee, FeeBase::Retained { .. }) {
        // A retainer is owed before anybody is placed.
        fees = fees.max(fee(terms, None));
    }
    let mut placements = 0;
    for (index, bill) in deal.invoices().iter().enumerate() {
        let amount = i128::from(bill.amount_minor_units);
        match bill.billed {
            Billed::Placement | Billed::Stage(_) => placements += amount - i128::from(bill.corrected_minor_units),
            Billed::Minutes(minutes) => {
                let whole = i128::from(minutes) * fee(terms, None);
                if (amount * 60 - whole).abs() > 60 {
                    return Err(format!("{minutes} minutes cost {amount}"));
                }
            }
            Billed::LateFee(of) => {
                let late = deal.invoices()[..index].get(usize::from(of));
                let all = deal.invoices().iter().filter(|bill| bill.billed == Billed::LateFee(of));
                let all: i128 = all.map(|bill| i128::from(bill.amount_minor_units)).sum();
                if late.is_none_or(|late| all > i128::from(late.amount_minor_units)) {
                    return Err(format!("{all} of late fees for one bill"));
                }
            }
        }
    }
    // A ruling may have corrected the pay down after the bill; then what was too much is taken off, which the bills show.
    if placements > fees + deal.invoices().len() as i128 {
        return Err(format!("{placements} was billed, and the terms give {fees}"));
    }
    Ok(())
}

/// Nothing is released before the terms' time.
fn check_times(deal: &Deal, terms: &Terms) -> Result<(), String> {
    let calendar = terms.calendar().unwrap();
    let payments = deal
        .facts()
        .iter()
        .filter(|fact| matches!(fact.what, What::PaymentReceived { .. }));
    let first = payments.map(|fact| fact.at).min();
    let earliest: Option<Timestamp> = first.map(|at| match terms.payment {
        PaymentTiming::Hours(hours) => at + SignedDuration::from_hours(i64::from(hours)),
        PaymentTiming::NextBusinessDay => calendar.end_of(calendar.date(at)).unwrap(),
        PaymentTiming::AfterGuarantee => match deal.placements() {
            [only] if only.fall_off.is_none() => {
                let last = plus_days(only.guarantee_from, i64::from(only.guarantee_days)).unwrap();
                at.max(if only.guarantee_days == 0 {
                    at
                } else {
                    calendar.end_of(last).unwrap()
                })
            }
            _ => at,
        },
    });
    let settlement = deal.settle().unwrap();
    let mut released = settlement
        .movements
        .iter()
        .filter(|movement| movement.why == Reason::Released);
    match released.find(|movement| earliest.is_none_or(|earliest| movement.at < earliest)) {
        Some(early) => Err(format!("released before its time: {early:?}")),
        None => Ok(()),
    }
}
