//! Deals that are made up at random.
//! They have terms, three or two parties, a placement, payments in parts, and often a fall-off among them.

use inventure_core::{CandidateId, ConsentId, Currency, DealId, EventId, JobId, MemberId, PayPeriod, TenantId};
use inventure_deals::{
    Author, Billed, Deal, Fact, Party, PartyRole, Pay, Signature, Source, State, Template, Terms, What,
    amount::MinorUnits,
    calendar::{Calendar, plus_days},
    fact::Consent,
    templates::Parts,
    terms::{FeeBase, GuaranteeLevel, PaymentTiming, RefundCurve, RefundStep},
};
use inventure_ledger::Share;
use inventure_payments::unit;
use inventure_tests::mortal::Script;
use jiff::{
    Timestamp,
    civil::{Date, date},
};

/// Numbers that are the same for the same seed (splitmix64). Ids are not: they are new with every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.below((most - least + 1) as usize) as i64
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// The first day at work of every placement. So far ahead that no deployed function, whose clock is today's, finds anything due.
const START: Date = date(2090, 1, 16);

/// The time by which all guarantees are over, in days.
const END: i64 = 200;

fn share(basis_points: u64) -> Share {
    Share::from_basis_points(basis_points).unwrap()
}

fn terms(dice: &mut Dice, parts: &Parts, third: Option<TenantId>) -> Terms {
    let template = dice.one(&[Template::Even, Template::Replacement, Template::Platform]);
    let mut terms = template.terms(parts, dice.one(&["America/New_York", "Europe/London", "Asia/Tokyo"]));
    terms.fee = FeeBase::Flat {
        minor_units: MinorUnits(dice.between(1_001, 5_000_000)),
    };
    terms.guarantee.levels = vec![GuaranteeLevel {
        fee_from_minor_units: MinorUnits(0),
        days: 60,
    }];
    let half_until_day_30 = RefundStep {
        through_day: 30,
        refund: share(5_000),
    };
    terms.guarantee.refund = dice.one(&[
        RefundCurve::Full,
        RefundCurve::ProRata,
        RefundCurve::Steps(vec![half_until_day_30]),
    ]);
    terms.payment = dice.one(&[
        PaymentTiming::Hours(0),
        PaymentTiming::Hours(0),
        PaymentTiming::Hours(24),
        PaymentTiming::NextBusinessDay,
        PaymentTiming::AfterGuarantee,
    ]);
    if let Some(tenant) = third {
        let part = dice.between(1, 1_999) as u64;
        terms.parties[0].share = share(5_000 - part);
        terms.parties.push(Party {
            id: "referrer".parse().unwrap(),
            tenant,
            role: PartyRole::Referrer,
            title: None,
            counts: None,
            share: share(part),
        });
    }
    terms.check().unwrap();
    terms
}

struct Teller {
    deal: Deal,
    calendar: Calendar,
    steps: Vec<Vec<Fact>>,
}

impl Teller {
    fn on(&self, day: i64) -> Timestamp {
        self.calendar.noon_of(plus_days(START, day).unwrap()).unwrap()
    }

    /// Tells everything that is told at one moment.
    fn tell(&mut self, day: i64, all: Vec<(Author, What)>) {
        let at = self.on(day);
        let mut step = Vec::new();
        for told in all {
            let (mut next, mut report) = (Some(told), None);
            // Everybody who is asked says yes.
            while let Some((by, what)) = next.take() {
                let id = EventId::new();
                let fact = Fact { id, at, by, what };
                self.deal.apply(fact.clone()).unwrap();
                step.push(fact);
                next = self.deal.yes_to(*report.get_or_insert(id));
            }
        }
        self.steps.push(step);
    }

    fn outstanding(&self) -> i64 {
        self.deal.invoices()[0].outstanding()
    }
}

/// A deal between some of these brokers, who have many with each other.
pub fn script(dice: &mut Dice, brokers: &[TenantId], currency: Currency) -> Script {
    let first = dice.below(brokers.len());
    let broker = |n: usize| brokers[(first + n) % brokers.len()];
    let parts = Parts {
        deal: DealId::new(),
        job: JobId::new(),
        employer: TenantId::new(),
        job_side: broker(0),
        candidate_side: broker(1),
        arbiter: TenantId::new(),
        currency,
    };
    let third = (dice.below(2) == 0).then(|| broker(2));
    let terms = terms(dice, &parts, third);
    let mut teller = Teller {
        deal: Deal::new(parts.deal),
        calendar: terms.calendar().unwrap(),
        steps: Vec::new(),
    };
    teller.tell(0, placed(&terms, &parts, teller.on(0)));
    pay_and_leave(dice, &mut teller, &terms);
    Script {
        deal: parts.deal,
        job: parts.job,
        employer: parts.employer,
        parties: terms.parties.iter().map(|party| party.tenant).collect(),
        end: teller.on(END),
        steps: teller.steps,
    }
}

/// Returns the facts from the proposal to the bill, each with its author.
fn placed(terms: &Terms, parts: &Parts, at: Timestamp) -> Vec<(Author, What)> {
    // One person in each agency.
    let person = |tenant: TenantId| MemberId::from_uuid(tenant.uuid());
    let member = |tenant| Author::Member {
        tenant,
        member: person(tenant),
    };
    let boxed = Box::new(terms.clone());
    let mut all = vec![(member(parts.job_side), What::TermsProposed { terms: boxed })];
    for party in &terms.parties {
        let signature = Signature {
            deal: parts.deal,
            party: party.id.clone(),
            tenant: party.tenant,
            member: person(party.tenant),
            terms_version: terms.version,
            terms_hash: terms.hash().unwrap(),
            signed_at: at,
            from: "192.0.2.1".to_owned(),
        };
        all.push((member(party.tenant), What::Signed { signature }));
    }
    let candidate = CandidateId::new();
    let consent = Consent {
        id: ConsentId::new(),
        given_at: at,
    };
    let source = Source::Member;
    let submitted = What::Submitted {
        candidate,
        consent,
        source,
    };
    all.push((member(parts.candidate_side), submitted));
    let FeeBase::Flat { minor_units: fee } = terms.fee else {
        panic!("the fees are flat")
    };
    let pay = Pay {
        amount: terms.money(fee.0 * 5),
        period: PayPeriod::Year,
    };
    let placed = What::Placed {
        candidate,
        pay: Some(pay),
        accepted_on: START,
        starts_on: START,
        evidence: None,
    };
    all.push((member(parts.job_side), placed));
    let invoiced = What::Invoiced {
        invoice: "1".to_owned(),
        billed: Billed::Placement,
        amount: terms.money(fee.0),
    };
    all.push((member(parts.job_side), invoiced));
    all
}

/// Up to three payments, and somewhere among or behind them perhaps a fall-off.
fn pay_and_leave(dice: &mut Dice, teller: &mut Teller, terms: &Terms) {
    let payments = dice.between(1, 3);
    let leaves_after = (dice.below(3) < 2).then(|| dice.between(1, payments));
    let mut day = 0;
    for number in 1..=payments {
        day += dice.between(1, 9);
        let open = teller.outstanding();
        // The processor charges no part of what it moves at least.
        let step = unit::step(terms.currency);
        if open >= step {
            let all = number == payments && dice.below(4) > 0;
            let minor_units = if all { open } else { dice.between(step, open) };
            let minor_units = unit::movable(minor_units, terms.currency);
            let paid = What::PaymentReceived {
                invoice: "1".to_owned(),
                amount: terms.money(minor_units),
            };
            teller.tell(day, vec![(Author::Network, paid)]);
        }
        if leaves_after == Some(number) {
            day += dice.between(1, 9);
            let left = What::FellOff {
                last_day: plus_days(START, day - 1).unwrap(),
                reason: "resigned".to_owned(),
            };
            teller.tell(day, vec![(Author::Employer, left)]);
            // Where a replacement could be looked for, the client does not want one.
            if teller.deal.is_frozen() && teller.deal.state() == State::FallenOff {
                day += 1;
                teller.tell(day, vec![(Author::Employer, What::RefundChosen {})]);
            }
        }
    }
}
