//! Every move, with ordinary and extreme values.

use inventure_core::ConsentId;
use inventure_deals::{
    Billed, Move, PartyRole, Source, Terms, What,
    fact::Consent,
    pipeline::Stage,
    terms::{ChangesUntil, NetworkShare},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    cast::{self, Actor},
    dice::Dice,
    world::{World, signature},
};

/// Terms that a cheat would like better.
fn better(world: &World, actor: Actor, dice: &mut Dice) -> Terms {
    let mut terms = world.deal.terms().unwrap_or(&world.terms).clone();
    terms.version = world.deal.last_version() + 1;
    let mine = terms.parties.iter().position(|party| party.tenant == actor.tenant());
    match dice.below(12) {
        0 => {}
        1 => terms.disputes.arbiter = Actor::Stranger.tenant(),
        2 => terms.changes = ChangesUntil::Never,
        // Another is made the judge, and so no party any more.
        3 => {
            let other = terms.parties.iter().position(|party| party.tenant != actor.tenant());
            if let Some(index) = other {
                let tenant = terms.parties[index].tenant;
                terms.parties[index].tenant = Actor::Stranger.tenant();
                terms.disputes.arbiter = tenant;
            }
        }
        4 => {
            let other = terms.parties.iter().position(|party| party.tenant != actor.tenant());
            if let Some(index) = other {
                terms.disputes.deputy = Some(terms.parties[index].tenant);
                terms.parties[index].tenant = Actor::Stranger.tenant();
            }
        }
        5 => terms.parties.iter_mut().for_each(|party| {
            party.role = match party.role {
                PartyRole::JobSide => PartyRole::CandidateSide,
                PartyRole::CandidateSide => PartyRole::JobSide,
                other => other,
            };
        }),
        6 => terms.answer_within_days = Some(1),
        7 => terms.claims.prior_claim = None,
        8 => {
            if let Some(index) = mine {
                terms.parties.swap(0, index);
            }
        }
        9 => {
            terms.network = NetworkShare::Flat {
                share: "0%".parse().unwrap(),
            };
        }
        10 => terms.employer = Actor::Stranger.tenant(),
        _ => {
            terms.version = u32::MAX;
            terms.parties.clear();
        }
    }
    terms
}

#[expect(clippy::too_many_lines, reason = "an arm for each move")]
/// Makes a move of this kind for an actor. A new kind of move does not compile here until it is tried.
pub fn say(kind: Move, world: &World, actor: Actor, mut dice: Dice) -> What {
    let dice = &mut dice;
    let today = world.today();
    let (accepted, starts) = world.hired().unwrap_or((today, today));
    let outstanding = world
        .deal
        .invoices()
        .last()
        .map_or(3_333_333, inventure_deals::deal::Invoice::outstanding);
    match kind {
        Move::TermsProposed => What::TermsProposed {
            terms: Box::new(better(world, actor, dice)),
        },
        Move::TermsWithdrawn => What::TermsWithdrawn {},
        Move::Signed => {
            let open = world
                .deal
                .proposed()
                .or_else(|| world.deal.terms())
                .unwrap_or(&world.terms);
            let signer = dice.pick(&[actor, actor, Actor::JobSide, Actor::CandidateSide]);
            let mut signature = signature(&world.deal, open, signer, world.now);
            signature.terms_version = dice.pick(&[open.version, 0, u32::MAX]);
            What::Signed { signature }
        }
        Move::Submitted => What::Submitted {
            candidate: cast::candidate(dice.pick(&[3, 4, 1, 2])),
            consent: Consent {
                id: ConsentId::from_uuid(Uuid::from_u128(9)),
                given_at: dice.pick(&[world.now, Timestamp::UNIX_EPOCH, Timestamp::MAX]),
            },
            source: dice.pick(&Source::ALL),
        },
        Move::Confirmed => What::Confirmed {
            candidate: dice.candidate(),
        },
        Move::PriorClaimRaised => {
            let known = world.knew().unwrap_or(today);
            What::PriorClaimRaised {
                proof: dice.hash(actor),
                candidate: dice.candidate(),
                last_contact_on: dice.day(known, "2025-12-20".parse().unwrap()),
            }
        }
        Move::Contacted => What::Contacted {
            candidate: dice.candidate(),
        },
        Move::ConsentWithdrawn => What::ConsentWithdrawn {
            candidate: dice.candidate(),
        },
        Move::OwnershipDecided => What::OwnershipDecided {
            candidate: dice.candidate(),
            owners: dice.pick(&[vec![actor.tenant()], Vec::new()]),
            on: None,
            grounds: Vec::new(),
        },
        Move::StageMoved => {
            let candidate = dice.candidate();
            let from = world
                .deal
                .candidates()
                .get(&candidate)
                .map_or(Stage::Submitted, |known| known.stage);
            let next = match from {
                Stage::Submitted => Stage::Screening,
                Stage::Screening => Stage::Interviewing,
                Stage::Interviewing => Stage::Offered,
                _ => Stage::Submitted,
            };
            let to = dice.stage(next);
            let from = dice.stage(from);
            let note = dice.pick(&[None, Some(String::new())]);
            What::StageMoved {
                candidate,
                from,
                to,
                note,
            }
        }
        Move::Noted => What::Noted {
            text: dice.text(),
            candidate: dice.pick(&[None, Some(cast::candidate(1)), Some(cast::candidate(0))]),
        },
        Move::DocumentAdded => {
            let (document, sha256) = cast::document(100 + actor as u128 + dice.pick(&[0, 20, 100]));
            What::DocumentAdded {
                document,
                sha256,
                candidate: dice.pick(&[None, Some(cast::candidate(1)), Some(cast::candidate(0))]),
                for_client: dice.below(2) == 0,
            }
        }
        Move::Placed => {
            let evidence = dice.pick(&[
                None,
                Some(cast::document(100 + actor as u128).0),
                Some(cast::document(0).0),
            ]);
            What::Placed {
                pay: dice.pay(world),
                candidate: dice.candidate(),
                accepted_on: dice.day(accepted, today),
                starts_on: dice.day(starts, today),
                evidence,
            }
        }
        Move::PlacementCorrected => What::PlacementCorrected {
            pay: dice.pay(world),
            starts_on: dice.day(starts, today),
        },
        Move::AssertionConfirmed => What::AssertionConfirmed {
            assertion: dice.report(world),
        },
        Move::AssertionContested => What::AssertionContested {
            assertion: dice.report(world),
            reason: dice.text(),
        },
        Move::AssertionWithdrawn => What::AssertionWithdrawn {
            assertion: dice.report(world),
        },
        Move::AssertionExpired => What::AssertionExpired {
            assertion: dice.report(world),
        },
        Move::AssertionAccepted => What::AssertionAccepted {
            assertion: dice.report(world),
        },
        Move::Invoiced => invoiced(world, dice),
        Move::PaymentReceived => What::PaymentReceived {
            invoice: dice.bill(world),
            amount: dice.money(outstanding),
        },
        Move::PaymentChargedBack => What::PaymentChargedBack {
            invoice: dice.bill(world),
            amount: dice.money(outstanding),
        },
        Move::PaymentReminded => What::PaymentReminded {
            invoice: dice.bill(world),
        },
        Move::GuaranteeEnded => What::GuaranteeEnded {},
        Move::FellOff => What::FellOff {
            last_day: dice.day(world.left().unwrap_or(starts), today),
            reason: dice.text(),
        },
        Move::ReplacementStarted => What::ReplacementStarted {},
        Move::RefundChosen => What::RefundChosen {},
        Move::DisputeOpened => {
            let report = Some(dice.report(world));
            What::DisputeOpened {
                assertion: dice.pick(&[report, None]),
                amount: dice.pick(&[
                    None,
                    Some(world.terms.money(outstanding)),
                    Some(world.terms.money(i64::MAX)),
                ]),
                about: dice.text(),
                among_parties: dice.pick(&[false, true]),
            }
        }
        Move::EvidenceGiven => What::EvidenceGiven {
            dispute: dice.dispute(world),
            sha256: dice.hash(actor),
            text: dice.text(),
        },
        Move::DisputeEscalated => What::DisputeEscalated {
            dispute: dice.dispute(world),
        },
        Move::DisputeWithdrawn => What::DisputeWithdrawn {
            dispute: dice.dispute(world),
        },
        Move::Ruled => What::Ruled {
            dispute: dice.dispute(world),
            ruling: dice.ruling(world),
            reasons: dice.text(),
        },
        Move::Closed => What::Closed { reason: dice.text() },
        Move::RulesAdopted => What::RulesAdopted {
            rules: dice.pick(&[2, 1, 0, u32::MAX]),
        },
    }
}

fn invoiced(world: &World, dice: &mut Dice) -> What {
    let terms = world.deal.terms().unwrap_or(&world.terms);
    let pay = world.deal.placements().last().and_then(|placement| placement.pay);
    let billed = dice.pick(&[
        Billed::Placement,
        Billed::Stage(0),
        Billed::Stage(1),
        Billed::Minutes(60),
        Billed::LateFee(0),
        Billed::Minutes(u32::MAX),
        Billed::LateFee(1),
        Billed::Stage(u16::MAX),
        Billed::LateFee(u16::MAX),
    ]);
    let fee = match billed {
        Billed::LateFee(index) => {
            let late = world.deal.invoices().get(usize::from(index));
            late.map_or(1, |bill| bill.outstanding() / 100)
        }
        billed => terms.fee_for(billed, pay).unwrap_or(3_333_333),
    };
    let number = format!("cheat-{}", world.deal.facts().len());
    What::Invoiced {
        amount: dice.money(fee),
        invoice: dice.pick(&[
            number.clone(),
            number,
            "honest-0".into(),
            String::new(),
            "a".repeat(10_001),
        ]),
        billed,
    }
}
