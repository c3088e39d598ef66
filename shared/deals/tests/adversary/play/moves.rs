//! Every move, with ordinary and extreme values.

use inventure_core::{CandidateId, ConsentId, Currency, EventId, Money, PayPeriod};
use inventure_deals::{
    Billed, Move, PartyRole, Pay, Source, Terms, What,
    calendar::plus_days,
    dispute::{RuledShare, Ruling},
    fact::Consent,
    pipeline::Stage,
    terms::{ChangesUntil, NetworkShare},
};
use inventure_ledger::Hash;
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use super::{
    cast::{self, Actor},
    cheat::Strategy,
    setup::{Setup, TermsDraw, TruthDraw},
    world::{World, signature},
};

/// A number that chooses among values: 0 always takes the first, the most ordinary one.
#[derive(Clone, Copy)]
pub enum Dice {
    /// The first of everything: ordinary.
    First,
    /// The last of everything: extreme.
    Last,
    /// By the digits of a number.
    Digits(u32),
}

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        match self {
            Self::First => 0,
            Self::Last => count - 1,
            Self::Digits(number) => {
                let digit = *number % count as u32;
                *number /= count as u32;
                digit as usize
            }
        }
    }

    fn pick<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }

    fn text(&mut self) -> String {
        let long = "a".repeat(10_001);
        self.pick(&["a word", " ", "\u{202e}drow a", "\0", &long, ""])
            .to_owned()
    }

    fn units(&mut self, ordinary: i64) -> i64 {
        let most = (1_i64 << 53) - 1;
        self.pick(&[
            ordinary,
            ordinary / 2,
            1,
            ordinary.saturating_add(1),
            0,
            -1,
            most,
            i64::MIN,
            i64::MAX,
        ])
    }

    fn money(&mut self, ordinary: i64) -> Money {
        let currency = self.pick(&[Currency::USD, Currency::USD, Currency::USD, "JPY".parse().unwrap()]);
        Money {
            minor_units: self.units(ordinary),
            currency,
        }
    }

    fn day(&mut self, ordinary: Date, today: Date) -> Date {
        let near = |days| plus_days(today, days).unwrap_or(today);
        let far = ["1970-01-01", "2300-01-01", "-009999-01-01", "9999-12-31"];
        let mut days = vec![ordinary, today, near(-1), near(1), near(-30), near(400)];
        days.extend(far.iter().map(|day| day.parse::<Date>().unwrap()));
        self.pick(&days)
    }

    fn candidate(&mut self) -> CandidateId {
        cast::candidate(self.pick(&[1, 2, 3, 0]))
    }

    fn pay(&mut self, world: &World) -> Option<Pay> {
        let truth = world.setup.truth.pay();
        let other = |minor_units, period| {
            let currency = Currency::USD;
            Some(Pay {
                amount: Money { minor_units, currency },
                period,
            })
        };
        let year = truth.amount.minor_units.saturating_mul(truth.period.per_year());
        self.pick(&[
            Some(truth),
            other(year / 2 + year / 5, PayPeriod::Year),
            other(year + year / 5, PayPeriod::Year),
            other(5, PayPeriod::Year),
            None,
            other(0, PayPeriod::Month),
            other(-1, PayPeriod::Day),
            other(i64::MAX, PayPeriod::Hour),
            other((1 << 53) - 1, PayPeriod::Year),
        ])
    }

    fn stage(&mut self, ordinary: Stage) -> Stage {
        use Stage::{Accepted, Interviewing, Offered, Rejected, Screening, Started, Submitted, Withdrawn};
        self.pick(&[
            ordinary,
            Screening,
            Interviewing,
            Offered,
            Submitted,
            Rejected,
            Withdrawn,
            Accepted,
            Started,
        ])
    }

    fn report(&mut self, world: &World) -> EventId {
        let mut known: Vec<EventId> = world.deal.assertions().iter().rev().map(|known| known.fact).collect();
        known.truncate(3);
        known.extend(world.deal.facts().first().map(|fact| fact.id));
        known.push(cast::event(0));
        self.pick(&known)
    }

    fn bill(&mut self, world: &World) -> String {
        let mut known: Vec<String> = world.deal.invoices().iter().map(|bill| bill.number.clone()).collect();
        known.push("cheat".into());
        known.push(self.text());
        self.pick(&known)
    }

    fn hash(&mut self, actor: Actor) -> Hash {
        let (_, mine) = cast::document(100 + actor as u128);
        let (_, theirs) = cast::document(200);
        self.pick(&[mine, theirs, Hash::ZERO])
    }

    fn ruling(&mut self, world: &World) -> Ruling {
        let left = world
            .deal
            .invoices()
            .iter()
            .map(inventure_deals::deal::Invoice::left)
            .sum();
        let shares = |whole: &str| {
            let name = world.terms.parties[0].id.clone();
            vec![RuledShare {
                party: name,
                share: whole.parse().unwrap(),
            }]
        };
        match self.below(8) {
            0 => Ruling::Upheld,
            1 => Ruling::Stands,
            2 => Ruling::Reallocated { shares: shares("100%") },
            3 => Ruling::Refunded {
                amount: self.money(left),
            },
            4 => Ruling::Restored {
                amount: self.money(left),
            },
            5 => Ruling::Corrected {
                pay: self.pay(world),
                starts_on: self.day(world.today(), world.today()),
            },
            6 => Ruling::Reallocated { shares: shares("1/3") },
            _ => Ruling::Reallocated { shares: Vec::new() },
        }
    }
}

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

/// What somebody says, of this kind. A new kind of move does not compile here until it is tried.
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
            }
        }
        Move::EvidenceGiven => What::EvidenceGiven {
            sha256: dice.hash(actor),
            text: dice.text(),
        },
        Move::DisputeEscalated => What::DisputeEscalated {},
        Move::DisputeWithdrawn => What::DisputeWithdrawn {},
        Move::Ruled => What::Ruled {
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

/// Deals at each stage of their life, honest so far.
pub fn stages() -> Vec<fn() -> World> {
    fn at(days: i64, left_after: Option<u8>, template: u8, fee: u8) -> World {
        let mut world = World::begin(Setup {
            terms: TermsDraw {
                template,
                timing: 1,
                fee,
                parties: 5,
                bits: 0b10_0001,
            },
            truth: TruthDraw {
                hired: true,
                accepted: 10,
                start_after: 5,
                left_after,
                pay: 0,
                knew: None,
                pays: true,
            },
            cheats: (Actor::Stranger, Actor::Stranger),
            way: Strategy::Random,
            asleep: 0,
        });
        world.wait(24 * days);
        world
    }
    vec![
        || at(0, None, 0, 0),
        || at(5, None, 0, 2),
        || at(20, None, 0, 0),
        || at(20, None, 1, 3),
        || at(60, Some(20), 1, 0),
        || at(60, Some(20), 2, 1),
        || at(200, None, 3, 0),
        // A report that the client contested, and a dispute about it.
        || {
            let mut world = at(5, None, 0, 0);
            let told = say(Move::FellOff, &world, Actor::JobSide, Dice::First);
            let _ = world.say(Actor::JobSide.author(), told);
            let asked = say(Move::PlacementCorrected, &world, Actor::Employer, Dice::First);
            let _ = world.say(Actor::Employer.author(), asked);
            let placed = What::Placed {
                candidate: cast::candidate(2),
                pay: Some(world.setup.truth.pay()),
                accepted_on: world.today(),
                starts_on: world.today(),
                evidence: None,
            };
            let report = world.must(Actor::JobSide.author(), placed);
            world.wait(1);
            let about = What::DisputeOpened {
                about: "they work there".into(),
                amount: None,
                assertion: Some(report),
            };
            world.must(Actor::JobSide.author(), about);
            world
        },
    ]
}
