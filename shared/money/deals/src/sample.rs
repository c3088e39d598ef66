//! Terms, stories and what must hold of all of them, for tests.

use std::collections::BTreeMap;

use inventure_core::{
    CandidateId, ConsentId, Currency, DealId, DocumentId, EventId, JobId, MemberId, PayPeriod, TenantId,
};
use inventure_ledger::Hash;
use jiff::{Timestamp, civil::date};
use uuid::Uuid;

use crate::{
    MinorUnits,
    calendar::{Calendar, plus_days},
    deal::Deal,
    fact::{Author, Consent, Fact, What},
    fee::Pay,
    movement::{Movement, Pot},
    party::Who,
    pipeline::Stage,
    refusal::{Refused, Why},
    signature::Signature,
    simulate::{Scenario, ScenarioEvent, ScenarioStep},
    templates::{Parts, Template},
    terms::{FeeBase, GuaranteeLevel, Source, Terms},
};

/// The author who speaks for the client.
pub const CLIENT: Author = Author::Employer;
pub const JOB_SIDE: u128 = 11;
pub const CANDIDATE_SIDE: u128 = 12;
pub const EMPLOYER: u128 = 13;
pub const ARBITER: u128 = 14;
pub const STRANGER: u128 = 15;

pub fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

pub fn member(number: u128) -> Author {
    Author::Member {
        tenant: tenant(number),
        member: MemberId::from_uuid(Uuid::from_u128(number)),
    }
}

pub fn event(number: u128) -> EventId {
    EventId::from_uuid(Uuid::from_u128(number))
}

pub fn candidate(number: u128) -> CandidateId {
    CandidateId::from_uuid(Uuid::from_u128(number))
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn parts(currency: &str) -> Parts {
    Parts {
        deal: DealId::from_uuid(Uuid::from_u128(1)),
        job: JobId::from_uuid(Uuid::from_u128(2)),
        employer: tenant(EMPLOYER),
        job_side: tenant(JOB_SIDE),
        candidate_side: tenant(CANDIDATE_SIDE),
        arbiter: tenant(ARBITER),
        currency: currency.parse().unwrap(),
    }
}

pub fn template(template: Template) -> Terms {
    template.terms(&parts("USD"), "America/New_York")
}

pub fn terms() -> Terms {
    template(Template::Even)
}

/// Terms by the hour, without a guarantee: a contractor.
pub fn hourly(minor_units_per_hour: i64) -> Terms {
    let mut terms = terms();
    terms.fee = FeeBase::Hourly {
        minor_units_per_hour: MinorUnits(minor_units_per_hour),
    };
    terms.guarantee.levels = vec![GuaranteeLevel {
        fee_from_minor_units: MinorUnits(0),
        days: 0,
    }];
    terms
}

pub fn yearly(minor_units: i64, currency: Currency) -> Pay {
    Pay {
        amount: inventure_core::Money { minor_units, currency },
        period: PayPeriod::Year,
    }
}

/// Starts on 15 January 2026 with 166,666.65 a year, 20% of which is 33,333.33.
pub fn story(steps: &[(u16, ScenarioEvent)]) -> Scenario {
    let step = |(day, event): &(u16, ScenarioEvent)| ScenarioStep {
        day: *day,
        event: event.clone(),
    };
    Scenario {
        source: Source::Member,
        pay: Some(yearly(16_666_665, Currency::USD)),
        starts_on: date(2026, 1, 15),
        steps: steps.iter().map(step).collect(),
    }
}

/// A deal under way, for tests that need its every step.
#[derive(Clone)]
pub struct Play {
    pub deal: Deal,
    pub now: Timestamp,
    next: u128,
}

impl Play {
    pub fn new() -> Self {
        Self {
            deal: Deal::new(parts("USD").deal),
            now: at("2026-01-05T17:00:00Z"),
            next: 100,
        }
    }

    /// A deal whose terms all have signed.
    pub fn signed(terms: &Terms) -> Self {
        let mut play = Self::new();
        play.must(
            member(JOB_SIDE),
            What::TermsProposed {
                terms: Box::new(terms.clone()),
            },
        );
        for number in [JOB_SIDE, CANDIDATE_SIDE] {
            play.must(member(number), signature(terms, number));
        }
        play
    }

    pub fn on(&mut self, year: i16, month: i8, day: i8) -> &mut Self {
        let calendar = Calendar::new("America/New_York", &[]).unwrap();
        self.now = calendar.noon_of(date(year, month, day)).unwrap();
        self
    }

    /// Moves to noon so many days after 15 January 2026.
    pub fn on_day(&mut self, day: i64) -> &mut Self {
        let calendar = Calendar::new("America/New_York", &[]).unwrap();
        self.now = calendar.noon_of(plus_days(date(2026, 1, 15), day).unwrap()).unwrap();
        self
    }

    pub fn try_to(&mut self, by: Author, what: What) -> Result<EventId, Box<Refused>> {
        let id = event(self.next);
        let (before, at) = (self.deal.clone(), self.now);
        match self.deal.apply(Fact { id, at, by, what }) {
            Ok(()) => {
                self.next += 1;
                Ok(id)
            }
            Err(refused) => {
                assert_eq!(self.deal, before, "a refused move leaves no trace");
                assert_eq!(refused.legal, self.deal.legal_for(by));
                Err(refused)
            }
        }
    }

    #[track_caller]
    pub fn must(&mut self, by: Author, what: What) -> EventId {
        self.try_to(by, what).unwrap()
    }

    /// A report that everybody who is asked confirms at once.
    #[track_caller]
    pub fn agreed(&mut self, by: Author, what: What) -> EventId {
        let id = self.must(by, what);
        self.agreed_to(id);
        id
    }

    /// Confirms a report for everybody who is asked.
    #[track_caller]
    pub fn agreed_to(&mut self, id: EventId) {
        while let Some(who) = self.awaits(id) {
            let by = self.author(&who);
            self.must(by, confirmed(id));
        }
    }

    /// The first side whose answer to a report is missing.
    pub fn awaits(&self, assertion: EventId) -> Option<Who> {
        let known = self.deal.assertion(assertion).filter(|known| known.is_open())?;
        known.awaits.first().cloned()
    }

    /// An author who speaks for a side.
    pub fn author(&self, who: &Who) -> Author {
        match who {
            Who::Client => Author::Employer,
            Who::Network => Author::Network,
            Who::Party(party) => {
                let terms = self.deal.terms().unwrap();
                let tenant = terms.party(party).unwrap().tenant;
                let member = MemberId::from_uuid(tenant.uuid());
                Author::Member { tenant, member }
            }
        }
    }

    /// Lets everything happen that happens by itself until a moment.
    pub fn until(&mut self, now: Timestamp) {
        while let Some(deadline) = self.deal.deadline().filter(|deadline| deadline.at <= now) {
            self.now = self.now.max(deadline.at);
            self.must(Author::Network, deadline.then);
        }
        self.now = self.now.max(now);
    }

    /// A document of the deal, and its hash.
    #[track_caller]
    pub fn document(&mut self, by: Author, number: u128, for_client: bool) -> (DocumentId, Hash) {
        let (document, sha256) = (
            DocumentId::from_uuid(Uuid::from_u128(number)),
            Hash::from([number as u8; 32]),
        );
        let what = What::DocumentAdded {
            document,
            sha256,
            candidate: None,
            for_client,
        };
        self.must(by, what);
        (document, sha256)
    }

    /// Shows a document in the only dispute.
    pub fn show(&mut self, by: Author, number: u128) {
        let (_, sha256) = self.document(by, number, true);
        self.must(by, evidence(sha256));
    }

    /// Returns the amount that is paid out by now.
    pub fn released(&self) -> i64 {
        let settlement = self.deal.settle().unwrap();
        let due = settlement.due(self.now);
        let released = due.filter(|movement| movement.why == crate::movement::Reason::Released);
        released.map(|movement| movement.amount.minor_units).sum()
    }

    #[track_caller]
    pub fn refused(&mut self, by: Author, what: What) -> Why {
        self.try_to(by, what).unwrap_err().why
    }

    pub fn submit(&mut self, number: u128) -> EventId {
        let what = submitted(number, self.now);
        self.must(member(CANDIDATE_SIDE), what)
    }

    /// Candidate 1 submitted, accepted on 14 January, starting on the 15th, billed.
    pub fn billed(terms: &Terms) -> Self {
        let mut play = Self::signed(terms);
        play.submit(1);
        play.on_day(-1);
        play.agreed(member(JOB_SIDE), placed(1, -1, 0));
        play.on_day(0);
        play.must(member(JOB_SIDE), invoiced(terms, "1", 3_333_333));
        play
    }
}

pub fn signature(terms: &Terms, number: u128) -> What {
    let party = if number == JOB_SIDE { "job" } else { "candidate" };
    What::Signed {
        signature: Signature {
            deal: terms.deal,
            party: party.parse().unwrap(),
            tenant: tenant(number),
            member: MemberId::from_uuid(Uuid::from_u128(number)),
            terms_version: terms.version,
            terms_hash: terms.hash().unwrap(),
            signed_at: at("2026-01-05T16:59:59Z"),
            from: "192.0.2.1".into(),
        },
    }
}

pub fn submitted(number: u128, given_at: Timestamp) -> What {
    What::Submitted {
        candidate: candidate(number),
        consent: Consent {
            id: ConsentId::from_uuid(Uuid::from_u128(number)),
            given_at,
        },
        source: Source::Member,
    }
}

pub fn placed(number: u128, accepted_day: i64, start_day: i64) -> What {
    let day = |day| plus_days(date(2026, 1, 15), day).unwrap();
    What::Placed {
        candidate: candidate(number),
        pay: Some(yearly(16_666_665, Currency::USD)),
        accepted_on: day(accepted_day),
        starts_on: day(start_day),
        evidence: None,
    }
}

/// A hire on the day that it was accepted, with what shows it.
pub fn hired(number: u128, day: i64, shown_by: Option<DocumentId>) -> What {
    let mut hire = placed(number, day, day);
    if let What::Placed { evidence, .. } = &mut hire {
        *evidence = shown_by;
    }
    hire
}

pub fn moved(number: u128, from: Stage, to: Stage) -> What {
    What::StageMoved {
        candidate: candidate(number),
        from,
        to,
        note: None,
    }
}

pub fn confirmed(assertion: EventId) -> What {
    What::AssertionConfirmed { assertion }
}

pub fn contested(assertion: EventId) -> What {
    What::AssertionContested {
        assertion,
        reason: "it is not so".into(),
    }
}

/// A dispute about a report.
pub fn disputed_report(assertion: EventId) -> What {
    What::DisputeOpened {
        about: "it is so".into(),
        amount: None,
        assertion: Some(assertion),
        among_parties: false,
    }
}

pub fn evidence(sha256: Hash) -> What {
    What::EvidenceGiven {
        dispute: None,
        text: "what happened".into(),
        sha256,
    }
}

pub fn closed() -> What {
    What::Closed { reason: "done".into() }
}

pub fn invoiced(terms: &Terms, number: &str, minor_units: i64) -> What {
    What::Invoiced {
        invoice: number.into(),
        billed: crate::fee::Billed::Placement,
        amount: terms.money(minor_units),
    }
}

pub fn paid(terms: &Terms, number: &str, minor_units: i64) -> What {
    What::PaymentReceived {
        invoice: number.into(),
        amount: terms.money(minor_units),
    }
}

pub fn charged_back(terms: &Terms, number: &str, minor_units: i64) -> What {
    What::PaymentChargedBack {
        invoice: number.into(),
        amount: terms.money(minor_units),
    }
}

pub fn fell_off(day: i64) -> What {
    What::FellOff {
        last_day: plus_days(date(2026, 1, 15), day).unwrap(),
        reason: "resigned".into(),
    }
}

/// A dispute about an amount.
pub fn disputed(terms: &Terms, minor_units: i64) -> What {
    What::DisputeOpened {
        about: "the fee".into(),
        amount: (minor_units > 0).then(|| terms.money(minor_units)),
        assertion: None,
        among_parties: false,
    }
}

pub fn sample_ruling(ruling: crate::dispute::Ruling) -> What {
    What::Ruled {
        dispute: None,
        ruling,
        reasons: "the mails of 3 March".into(),
    }
}

/// Checks what holds of the money of every deal, whatever happened to it.
#[track_caller]
pub fn check_money(deal: &Deal) {
    let settlement = deal.settle().unwrap();
    let all = |part: fn(&crate::deal::Invoice) -> i64| -> i64 { deal.invoices().iter().map(part).sum() };
    let fee = all(|invoice| invoice.amount_minor_units);
    let credited = all(|invoice| invoice.credited_minor_units);
    let received = all(|invoice| invoice.received_minor_units);
    assert!(deal.invoices().iter().all(|invoice| invoice.outstanding() >= 0));
    let mut pots: BTreeMap<(Pot, Who), i64> = BTreeMap::new();
    let mut last = None;
    for movement in &settlement.movements {
        assert!(movement.amount.minor_units > 0 && !movement.facts.is_empty());
        assert!(last <= Some(movement.at), "in order of time");
        last = Some(movement.at);
        let whose = |pot| match pot {
            Pot::Reserved | Pot::Payable => movement.who.clone(),
            _ => Who::Client,
        };
        *pots.entry((movement.from, whose(movement.from))).or_default() -= movement.amount.minor_units;
        *pots.entry((movement.to, whose(movement.to))).or_default() += movement.amount.minor_units;
        for ((pot, who), balance) in &pots {
            let outside = matches!(pot, Pot::Client | Pot::Receivable);
            assert!(outside || *balance >= 0, "{pot:?} of {who} is {balance}");
        }
    }
    let sum = |wanted| -> i64 {
        let balances = pots.iter().filter(|((pot, _), _)| *pot == wanted);
        balances.map(|(_, units)| units).sum()
    };
    let (reserved, payable) = (sum(Pot::Reserved), sum(Pot::Payable));
    assert_eq!(reserved + payable + credited, fee, "kept and refunded are the fee");
    assert_eq!(sum(Pot::Cash), received);
    assert_eq!(payable + settlement.held_minor_units, received);
    check_past(deal, &settlement.movements);
    crate::booking::tests::check(deal);
}

/// Checks that later facts do not change past movements.
#[track_caller]
fn check_past(deal: &Deal, movements: &[Movement]) {
    for known in 1..deal.facts().len() {
        let next = deal.facts()[known].at;
        let facts = deal.facts()[..known].to_vec();
        let earlier = Deal::replay(deal.id(), facts).unwrap().settle().unwrap();
        let before = |movements: &[Movement]| -> Vec<Movement> {
            let before = movements.iter().filter(|movement| movement.at < next);
            before.cloned().collect()
        };
        assert_eq!(before(&earlier.movements), before(movements));
    }
}

/// Terms of format 1: a deal that begins with them follows the first rules.
pub fn of_rules_1(mut terms: Terms) -> Terms {
    terms.format = 1;
    (terms.schedule, terms.stated_pay, terms.answer_within_days, terms.bills) = (None, None, None, None);
    (terms.disputes.ruling_within_days, terms.disputes.deputy) = (None, None);
    terms
}

/// The date so many days after 15 January 2026.
pub fn day(number: i64) -> jiff::civil::Date {
    plus_days(date(2026, 1, 15), number).unwrap()
}
