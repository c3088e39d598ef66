//! The acts of honest people: they say what is so, answer what they are asked, bill and pay. They also show evidence
//! and rule by what is so.

use inventure_core::{DocumentId, EventId};
use inventure_deals::{
    Author, Billed, Deal, State, What,
    deal::Invoice,
    dispute::{Dispute, Ruling},
    pipeline::Stage,
    terms::FeeBase,
};
use inventure_ledger::Hash;
use jiff::civil::Date;

use super::{
    cast::{self, Actor},
    money,
    world::World,
};

/// The actors who may have reports of their own, in the order in which they think of it.
const SIDES: [Actor; 5] = [
    Actor::CandidateSide,
    Actor::JobSide,
    Actor::Employer,
    Actor::Rival,
    Actor::Extra,
];

/// Whether something is so, as it was on a day.
pub fn believes(world: &World, what: &What, on: Date) -> bool {
    let truth = world.setup.truth;
    match what {
        What::Placed {
            candidate,
            pay,
            accepted_on,
            starts_on,
            ..
        } => {
            let hired = world.hired().is_some_and(|days| days == (*accepted_on, *starts_on));
            *candidate == cast::candidate(1) && hired && *pay == Some(truth.pay())
        }
        What::PlacementCorrected { pay, starts_on } => {
            world.hired().is_some_and(|(_, starts)| starts == *starts_on) && *pay == Some(truth.pay())
        }
        What::FellOff { last_day, .. } => world.left() == Some(*last_day) && *last_day <= on,
        What::PriorClaimRaised {
            candidate,
            last_contact_on,
            ..
        } => *candidate == cast::candidate(1) && world.knew() == Some(*last_contact_on),
        // Whoever hires somebody has met them; nobody else was asked for.
        What::StageMoved { candidate, to, .. } => {
            truth.hired && *candidate == cast::candidate(1) && *to <= Stage::Interviewing
        }
        What::Closed { .. } => !truth.hired,
        What::Invoiced { billed, .. } => *billed == Billed::Minutes(HOURS),
        _ => true,
    }
}

/// The number of times that everybody looks again at one moment.
const ROUNDS: usize = 4;

/// The minutes that a contractor really works.
const HOURS: u32 = 2_400;

/// Everybody honest does what they have to do now, and what comes of it.
pub fn act(world: &mut World) {
    if world.deal.terms().is_none() {
        return;
    }
    for _ in 0..ROUNDS {
        let before = world.deal.facts().len();
        act_once(world);
        if world.deal.facts().len() == before {
            break;
        }
    }
}

fn act_once(world: &mut World) {
    for actor in SIDES {
        answer(world, actor);
    }
    for actor in SIDES {
        if world.setup.is_awake(actor) && actor.who(world.deal.terms().unwrap_or(&world.terms)).is_some() {
            report(world, actor);
            argue(world, actor);
            bill(world, actor);
        }
    }
    for actor in SIDES {
        answer(world, actor);
    }
    for judge in [Actor::Arbiter, Actor::Deputy] {
        rule(world, judge);
    }
    pay(world);
}

/// Says yes or no to what waits for one's word.
fn answer(world: &mut World, actor: Actor) {
    let Some(who) = actor.who(world.deal.terms().unwrap_or(&world.terms)) else {
        return;
    };
    if !world.setup.is_awake(actor) {
        return;
    }
    let open: Vec<EventId> = world
        .deal
        .assertions()
        .iter()
        .filter(|known| known.is_open() && known.by != who)
        .map(|known| known.fact)
        .collect();
    for assertion in open {
        let Some(report) = world.words.reports.get(&assertion) else {
            continue;
        };
        let waits = world
            .deal
            .assertion(assertion)
            .is_some_and(inventure_deals::Assertion::is_open);
        if !waits || !report.needs.contains(&who) || report.yes.contains(&who) {
            continue;
        }
        if believes(world, &report.what, report.on) {
            // What the deal no longer allows cannot be confirmed, and needs no answer.
            let _ = world.say(actor.author(), What::AssertionConfirmed { assertion });
        } else {
            let reason = "it is not so".to_owned();
            world.must(actor.author(), What::AssertionContested { assertion, reason });
        }
    }
}

/// Whether the same is reported and may still take effect.
fn is_told(world: &World, what: &What) -> bool {
    world.deal.assertions().iter().any(|known| {
        let same = known.what.kind() == what.kind() && believes(world, &known.what, world.today());
        same && known.ended.is_none()
    })
}

/// Reports what is so and not in the deal yet.
fn report(world: &mut World, actor: Actor) {
    let Some((accepted_on, starts_on)) = world.hired() else {
        return;
    };
    let pay = Some(world.setup.truth.pay());
    let mut placed = What::Placed {
        candidate: cast::candidate(1),
        pay,
        accepted_on,
        starts_on,
        evidence: None,
    };
    if world.deal.placements().is_empty() && !is_told(world, &placed) {
        // What lapsed once is reported with a document that shows it.
        let again = world
            .deal
            .assertions()
            .iter()
            .any(|known| known.what.kind() == placed.kind());
        if again || world.say(actor.author(), placed.clone()).is_err() {
            let document = show(world, actor).map(|(document, _)| document);
            if let What::Placed { evidence, .. } = &mut placed {
                *evidence = document;
            }
            let _ = world.say(actor.author(), placed);
        }
        return;
    }
    let Some(placement) = world.deal.placements().last().cloned() else {
        return;
    };
    let corrected = What::PlacementCorrected { pay, starts_on };
    let wrong = placement.pay != pay || placement.starts_on != starts_on;
    if wrong && placement.candidate == cast::candidate(1) && !is_told(world, &corrected) {
        let _ = world.say(actor.author(), corrected);
    }
    if let Some(last_day) = world.left() {
        let reason = "resigned".to_owned();
        let left = What::FellOff { last_day, reason };
        if placement.fall_off.is_none() && !is_told(world, &left) {
            let _ = world.say(actor.author(), left);
        }
    }
}

/// A document that everybody sees, one for each side.
fn show(world: &mut World, actor: Actor) -> Option<(DocumentId, Hash)> {
    let (document, sha256) = cast::document(200 + actor as u128);
    let added = What::DocumentAdded {
        document,
        sha256,
        candidate: None,
        for_client: true,
    };
    let known = world.deal.document(document).is_some();
    (known || world.say(actor.author(), added).is_ok()).then_some((document, sha256))
}

/// Takes what is so and was contested to the judge, and shows evidence there.
fn argue(world: &mut World, actor: Actor) {
    let who = actor.who(world.deal.terms().unwrap_or(&world.terms));
    let own = world
        .deal
        .assertions()
        .iter()
        .filter(|known| Some(&known.by) == who.as_ref());
    let true_ones = own.filter(|known| known.is_disputable() && believes(world, &known.what, world.today()));
    let true_ones: Vec<EventId> = true_ones.map(|known| known.fact).collect();
    for assertion in true_ones {
        let about = What::DisputeOpened {
            about: "it is so".into(),
            amount: None,
            assertion: Some(assertion),
            among_parties: false,
        };
        let _ = world.say(actor.author(), about);
    }
    for dispute in world.deal.disputes().to_vec() {
        give_evidence(world, actor, &dispute);
    }
}

/// Shows what is so, where nothing was shown by them yet.
fn give_evidence(world: &mut World, actor: Actor, dispute: &Dispute) {
    let who = actor.who(world.deal.terms().unwrap_or(&world.terms));
    let mine = dispute.evidence.iter().any(|evidence| evidence.by == actor.author());
    let report = dispute.assertion.and_then(|id| world.words.reports.get(&id));
    let stands_behind = report.is_some_and(|report| {
        let so = believes(world, &report.what, report.on);
        who.as_ref().is_some_and(|who| {
            if so {
                report.by == *who || report.yes.contains(who)
            } else {
                report.by != *who
            }
        })
    });
    if !mine
        && stands_behind
        && let Some((_, sha256)) = show(world, actor)
    {
        let text = "what happened".to_owned();
        let _ = world.say(
            actor.author(),
            What::EvidenceGiven {
                dispute: Some(dispute.opened),
                text,
                sha256,
            },
        );
    }
}

/// Bills what the terms give.
fn bill(world: &mut World, actor: Actor) {
    let terms = world.deal.terms().unwrap_or(&world.terms).clone();
    if !matches!(actor, Actor::JobSide | Actor::CandidateSide)
        || !world.deal.legal().contains(&inventure_deals::Move::Invoiced)
    {
        return;
    }
    let placement = world.deal.placements().last().cloned();
    let number = format!("honest-{}", world.deal.invoices().len());
    let amount = |minor_units: i128| terms.money(i64::try_from(minor_units).unwrap());
    let owed = |deal: &Deal, billed: Billed| -> i128 {
        let bills = deal.invoices().iter().filter(|bill| bill.billed == billed);
        bills
            .map(|bill| i128::from(bill.amount_minor_units - bill.corrected_minor_units))
            .sum()
    };
    match (&terms.fee, placement) {
        (FeeBase::Percent { .. } | FeeBase::Flat { .. }, Some(placement)) => {
            let due = money::fee(&terms, placement.pay) - owed(&world.deal, Billed::Placement);
            if due > 0 && world.deal.placements().len() == 1 {
                let bill = What::Invoiced {
                    invoice: number,
                    billed: Billed::Placement,
                    amount: amount(due),
                };
                world.must(actor.author(), bill);
            }
        }
        (FeeBase::Retained { .. }, placement) => {
            for (index, part) in [(0, 1_000_000), (1, 2_000_000)] {
                let billed = Billed::Stage(index);
                let due = index == 0 || placement.is_some();
                if due && owed(&world.deal, billed) == 0 {
                    let invoice = format!("{number}-{index}");
                    let amount = amount(part);
                    world.must(
                        actor.author(),
                        What::Invoiced {
                            invoice,
                            billed,
                            amount,
                        },
                    );
                }
            }
        }
        (FeeBase::Hourly { .. }, Some(placement)) => {
            let billed = Billed::Minutes(HOURS);
            let asked = What::Invoiced {
                invoice: number,
                billed,
                amount: amount(50_000),
            };
            if owed(&world.deal, billed) == 0 && placement.starts_on < world.today() && !is_told(world, &asked) {
                let _ = world.say(actor.author(), asked);
            }
        }
        _ => {}
    }
}

/// Rules by what is so, once it may.
fn rule(world: &mut World, judge: Actor) {
    if !world.setup.is_awake(judge) {
        return;
    }
    for dispute in world.deal.disputes().to_vec() {
        rule_one(world, judge, &dispute);
    }
}

fn rule_one(world: &mut World, judge: Actor, dispute: &Dispute) {
    let opened = Some(dispute.opened);
    let report = dispute.assertion.and_then(|id| world.words.reports.get(&id));
    let so = report.is_some_and(|report| believes(world, &report.what, report.on));
    let ruling = if so { Ruling::Upheld } else { Ruling::Stands };
    let reasons = "what was shown".to_owned();
    let stands = What::Ruled {
        dispute: opened,
        ruling: Ruling::Stands,
        reasons: reasons.clone(),
    };
    if world
        .say(
            judge.author(),
            What::Ruled {
                dispute: opened,
                ruling,
                reasons,
            },
        )
        .is_err()
    {
        let _ = world.say(judge.author(), stands);
    }
}

/// The client pays what is open: half of a bill at first, and then the rest.
fn pay(world: &mut World) {
    if !world.setup.truth.pays {
        return;
    }
    for bill in world.deal.invoices().to_vec() {
        take_back(world, &bill);
        let Some(bill) = world
            .deal
            .invoices()
            .iter()
            .find(|known| known.number == bill.number)
            .cloned()
        else {
            continue;
        };
        let open = bill.outstanding();
        let part = if bill.received_minor_units == 0 && open > 1 {
            open / 2
        } else {
            open
        };
        if open > 0 {
            let amount = world.terms.money(part);
            let invoice = bill.number;
            let _ = world.say(Author::Network, What::PaymentReceived { invoice, amount });
        }
    }
}

/// The client's bank takes a payment back, once, where that was drawn.
fn take_back(world: &mut World, bill: &Invoice) {
    let facts = world.deal.facts();
    let before = facts
        .iter()
        .any(|fact| matches!(fact.what, What::PaymentChargedBack { .. }));
    if world.setup.truth.charged_back && !before && bill.outstanding() == 0 && bill.received_minor_units > 1 {
        let amount = world.terms.money(bill.received_minor_units / 2);
        let invoice = bill.number.clone();
        world.must(Author::Network, What::PaymentChargedBack { invoice, amount });
    }
}

/// Checks that what is so stands in the deal.
pub fn check_outcome(world: &World) -> Result<(), String> {
    let Some((_, starts_on)) = world.hired() else {
        return Ok(());
    };
    let pay = Some(world.setup.truth.pay());
    let Some(placement) = world.deal.placements().last() else {
        let ended: Vec<_> = world
            .deal
            .assertions()
            .iter()
            .map(|known| (known.what.kind(), known.ended))
            .collect();
        return Err(format!("somebody works there and nobody is paid for it: {ended:?}"));
    };
    if placement.candidate != cast::candidate(1) || placement.pay != pay || placement.starts_on != starts_on {
        return Err(format!("it is recorded otherwise than it is: {placement:?}"));
    }
    let covered = world.left().is_some_and(|left| {
        let day = i64::from((left - placement.guarantee_from).get_days());
        placement.guarantee_days > 0 && day <= i64::from(placement.guarantee_days)
    });
    if covered != placement.fall_off.is_some() {
        return Err(format!(
            "they left, or did not, otherwise than it is recorded: {placement:?}"
        ));
    }
    let placed = |bill: &&Invoice| matches!(bill.billed, Billed::Placement | Billed::Stage(_));
    let kept: i128 = world
        .deal
        .invoices()
        .iter()
        .filter(placed)
        .map(|bill| i128::from(bill.left()))
        .sum();
    let terms = &world.terms;
    let back = placement
        .fall_off
        .as_ref()
        .filter(|left| left.refunded_by.is_some())
        .map_or((0, 1), |left| {
            let day = i64::from((left.last_day - placement.guarantee_from).get_days());
            money::refund(terms, day.max(0), i64::from(placement.guarantee_days))
        });
    let due = money::fee(terms, pay) * (back.1 - back.0) / back.1;
    let hourly = matches!(terms.fee, FeeBase::Hourly { .. });
    if !hourly && !world.words.judged && (kept - due).abs() > 4 {
        return Err(format!("the client owes {kept} in the end, and by what is so {due}"));
    }
    let owed = world.deal.invoices().iter().any(|bill| bill.outstanding() > 0);
    if world.setup.truth.pays && owed && world.deal.state() != State::Closed {
        return Err("a bill that the client pays is open".into());
    }
    Ok(())
}
