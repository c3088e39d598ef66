//! The particulars that are drawn before a play: the terms, what really happens, and who cheats and how.

use inventure_core::{Currency, Money, PayPeriod};
use inventure_deals::{
    MinorUnits, Party, PartyRole, Pay, Template, Terms,
    party::Counts,
    templates::Parts,
    terms::{ChangesUntil, FeeBase, GuaranteeLevel, NetworkShare, PaymentTiming, RetainedStage, SharesOf, StatedPay},
};
use proptest::prelude::*;

use super::{
    cast::{self, Actor},
    cheat::Strategy as Way,
};

/// One step of the cheats: how long they wait first, which move, and a number for its particulars.
pub type Step = (u8, u8, u32);

/// Everything that makes a play.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The terms' particulars, one digit each.
    pub terms: TermsDraw,
    /// The events that really happen.
    pub truth: TruthDraw,
    /// The actors who cheat; twice the same is one alone.
    pub cheats: (Actor, Actor),
    /// The way in which they cheat.
    pub way: Way,
    /// The actors who never say anything, as bits of [`Actor::ALL`].
    pub asleep: u16,
}

/// The terms' particulars.
#[derive(Clone, Copy, Debug)]
pub struct TermsDraw {
    /// The template of the terms.
    pub template: u8,
    /// The time at which the parties are paid.
    pub timing: u8,
    /// The fee that the client pays.
    pub fee: u8,
    /// The parties beside the two.
    pub parties: u8,
    /// The rest, as bits.
    pub bits: u16,
}

/// The events that really happen. Days count from the submittal.
#[derive(Clone, Copy, Debug)]
pub struct TruthDraw {
    /// Whether somebody is hired.
    pub hired: bool,
    /// The day of acceptance.
    pub accepted: u8,
    /// The days from there to the start.
    pub start_after: u8,
    /// The days from the start to the last day at work; nothing where they stay.
    pub left_after: Option<u8>,
    /// The pay, by number.
    pub pay: u8,
    /// The days before the submittal of a contact that the client had; nothing where it had none.
    pub knew: Option<u8>,
    /// Whether the client pays its bills.
    pub pays: bool,
    /// Whether the client's bank takes a payment back once.
    pub charged_back: bool,
}

/// Draws a play's setup.
pub fn setups() -> impl Strategy<Value = Setup> {
    let terms = (0..4_u8, 0..3_u8, 0..4_u8, 0..7_u8, any::<u16>());
    let terms = terms.prop_map(|(template, timing, fee, parties, bits)| TermsDraw {
        template,
        timing,
        fee,
        parties,
        bits,
    });
    let truth = (
        prop::bool::weighted(0.8),
        0..40_u8,
        0..20_u8,
        prop::option::of(0..120_u8),
        0..4_u8,
        prop::option::weighted(0.3, 0..60_u8),
        prop::bool::weighted(0.9),
        prop::bool::weighted(0.2),
    );
    let truth = truth.prop_map(
        |(hired, accepted, start_after, left_after, pay, knew, pays, charged_back)| TruthDraw {
            hired,
            accepted,
            start_after,
            left_after,
            pay,
            knew,
            pays,
            charged_back,
        },
    );
    let actor = || prop::sample::select(Actor::ALL.to_vec());
    // Mostly nobody sleeps, or nothing could be held against what they said.
    let asleep = prop_oneof![2 => Just(0_u16), 1 => 0..1_024_u16];
    let way = prop::sample::select(Way::ALL.to_vec());
    (terms, truth, (actor(), actor()), way, asleep).prop_map(|(terms, truth, cheats, way, asleep)| Setup {
        terms,
        truth,
        cheats,
        way,
        asleep,
    })
}

/// Draws a play: its setup and the steps of the cheats.
pub fn plays(steps: usize) -> impl Strategy<Value = (Setup, Vec<Step>)> {
    (setups(), prop::collection::vec(any::<Step>(), 1..=steps))
}

impl Setup {
    /// Whether an actor cheats.
    pub fn cheats(&self, actor: Actor) -> bool {
        self.cheats.0 == actor || self.cheats.1 == actor
    }

    /// Whether an actor answers, honestly.
    pub fn is_awake(&self, actor: Actor) -> bool {
        !self.cheats(actor) && self.asleep & (1 << actor as u16) == 0
    }
}

impl TermsDraw {
    const fn bit(self, number: u16) -> bool {
        self.bits & (1 << number) != 0
    }

    /// Whether a party is left out by terms that all sign, also the one left out.
    pub const fn drops_one(self) -> bool {
        self.bit(8)
    }

    /// Whether the deal was signed under the first rules and takes over the second.
    pub const fn is_old(self) -> bool {
        self.bit(9) && self.bit(10)
    }

    /// Makes the terms that were drawn.
    pub fn terms(self) -> Terms {
        let parts = Parts {
            deal: cast::deal(),
            job: cast::job(),
            employer: Actor::Employer.tenant(),
            job_side: Actor::JobSide.tenant(),
            candidate_side: Actor::CandidateSide.tenant(),
            arbiter: Actor::Arbiter.tenant(),
            currency: Currency::USD,
        };
        let template = Template::ALL[usize::from(self.template)];
        let mut terms = template.terms(&parts, ["UTC", "America/New_York"][usize::from(self.bit(11))]);
        terms.payment = [
            PaymentTiming::Hours(24),
            PaymentTiming::NextBusinessDay,
            PaymentTiming::AfterGuarantee,
        ][usize::from(self.timing)];
        self.set_fee(&mut terms);
        self.set_parties(&mut terms);
        if self.bit(0) {
            terms.changes = ChangesUntil::Placement;
        }
        if self.bit(1) {
            terms.disputes.steps.truncate(1);
        }
        if self.bit(2) {
            terms.claims.prior_claim = None;
        }
        if self.bit(3) {
            terms.claims.lapses_after_days = Some(30);
        }
        if self.bit(4) {
            let share = terms.network.at(inventure_deals::Source::SelfRegistered);
            terms.network = NetworkShare::Flat { share };
        }
        if self.is_old() {
            terms.format = 1;
            (terms.schedule, terms.answer_within_days, terms.bills) = (None, None, None);
            terms.disputes.ruling_within_days = None;
            return terms;
        }
        if self.bit(5) {
            terms.disputes.deputy = Some(Actor::Deputy.tenant());
        }
        if self.bit(6) {
            terms.stated_pay = Some(StatedPay {
                from_minor_units_a_year: MinorUnits(10_000_000),
                to_minor_units_a_year: MinorUnits(20_000_000),
            });
        }
        if let Some(bills) = terms.bills.as_mut().filter(|_| self.bit(7)) {
            bills.late_fee = "1%".parse().ok();
        }
        terms
    }

    fn set_fee(self, terms: &mut Terms) {
        let stage = |name: &str, share: &str, after_placement| RetainedStage {
            name: name.into(),
            share: share.parse().unwrap(),
            after_placement,
        };
        match self.fee {
            0 => {}
            1 => {
                terms.fee = FeeBase::Flat {
                    minor_units: MinorUnits(2_500_001),
                };
            }
            2 => {
                terms.fee = FeeBase::Retained {
                    minor_units: MinorUnits(3_000_000),
                    stages: vec![stage("engagement", "1/3", false), stage("placement", "2/3", true)],
                };
            }
            _ => {
                terms.fee = FeeBase::Hourly {
                    minor_units_per_hour: MinorUnits(1_250),
                };
                terms.guarantee.levels = vec![GuaranteeLevel {
                    fee_from_minor_units: MinorUnits(0),
                    days: 0,
                }];
                terms.guarantee.replacement = None;
            }
        }
    }

    fn set_parties(self, terms: &mut Terms) {
        let party = |id: &str, actor: Actor, role, share: &str| Party {
            id: id.parse().unwrap(),
            tenant: actor.tenant(),
            role,
            title: (role == PartyRole::Other).then(|| "adviser".into()),
            counts: None,
            share: share.parse().unwrap(),
        };
        let role = match self.parties {
            0 | 1 => return,
            2 => PartyRole::Referrer,
            3 => PartyRole::Researcher,
            4 => PartyRole::Other,
            _ => PartyRole::CandidateSide,
        };
        terms.shares_of = SharesOf::Pool;
        terms.parties = vec![
            party("job", Actor::JobSide, PartyRole::JobSide, "1/2"),
            party("candidate", Actor::CandidateSide, PartyRole::CandidateSide, "30%"),
        ];
        terms.parties.push(match role {
            PartyRole::CandidateSide => party("rival", Actor::Rival, role, "20%"),
            _ => party("extra", Actor::Extra, role, "20%"),
        });
        if self.parties == 6 {
            for party in &mut terms.parties {
                party.counts = (party.role == PartyRole::CandidateSide).then_some(Counts::Owned);
            }
        }
    }
}

impl TruthDraw {
    /// Returns the pay that the person really earns.
    pub fn pay(self) -> Pay {
        let (minor_units, period) = [
            (16_666_665, PayPeriod::Year),
            (1_000_000, PayPeriod::Month),
            (60_000, PayPeriod::Day),
            (15_000_001, PayPeriod::Year),
        ][usize::from(self.pay)];
        Pay {
            amount: Money {
                minor_units,
                currency: Currency::USD,
            },
            period,
        }
    }
}
