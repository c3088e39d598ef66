//! Values for the particulars of a move, ordinary ones first.

use inventure_core::{CandidateId, Currency, EventId, Money, PayPeriod};
use inventure_deals::{
    Pay,
    calendar::plus_days,
    dispute::{RuledShare, Ruling},
    pipeline::Stage,
};
use inventure_ledger::Hash;
use jiff::civil::Date;

use super::{
    cast::{self, Actor},
    world::World,
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
    /// The first of everything but of one: so many choices from here, by a number.
    Nearly(u32, u32),
}

impl Dice {
    /// Mostly ordinary values, of which one is not; what is extreme in everything is refused for one thing.
    pub const fn of(number: u32) -> Self {
        match number % 8 {
            0 | 1 => Self::First,
            2..=5 => Self::Nearly(number / 8 % 6, number / 48),
            _ => Self::Digits(number / 8),
        }
    }

    /// A number below another.
    pub fn below(&mut self, count: usize) -> usize {
        match self {
            Self::First => 0,
            Self::Last => count - 1,
            Self::Nearly(0, number) => {
                let digit = *number % count as u32;
                *self = Self::First;
                digit as usize
            }
            Self::Nearly(left, _) => {
                *left -= 1;
                0
            }
            Self::Digits(number) => {
                let digit = *number % count as u32;
                *number /= count as u32;
                digit as usize
            }
        }
    }

    /// One of these.
    pub fn pick<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }

    /// Draws a text, ordinary or extreme.
    pub fn text(&mut self) -> String {
        let long = "a".repeat(10_001);
        self.pick(&["a word", " ", "\u{202e}drow a", "\0", &long, ""])
            .to_owned()
    }

    /// Draws an amount in minor units, ordinary or extreme.
    pub fn units(&mut self, ordinary: i64) -> i64 {
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

    /// An amount of money.
    pub fn money(&mut self, ordinary: i64) -> Money {
        let currency = self.pick(&[Currency::USD, Currency::USD, Currency::USD, "JPY".parse().unwrap()]);
        Money {
            minor_units: self.units(ordinary),
            currency,
        }
    }

    /// Draws a day, ordinary or extreme.
    pub fn day(&mut self, ordinary: Date, today: Date) -> Date {
        let near = |days| plus_days(today, days).unwrap_or(today);
        let far = ["1970-01-01", "2300-01-01", "-009999-01-01", "9999-12-31"];
        let mut days = vec![ordinary, today, near(-1), near(1), near(-30), near(400)];
        days.extend(far.iter().map(|day| day.parse::<Date>().unwrap()));
        self.pick(&days)
    }

    /// Draws a candidate, who may be unknown to the deal.
    pub fn candidate(&mut self) -> CandidateId {
        cast::candidate(self.pick(&[1, 2, 3, 0]))
    }

    /// A pay; the real one first.
    pub fn pay(&mut self, world: &World) -> Option<Pay> {
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

    /// Draws a stage; the ordinary one first.
    pub fn stage(&mut self, ordinary: Stage) -> Stage {
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

    /// An open dispute, or none named.
    pub fn dispute(&mut self, world: &World) -> Option<EventId> {
        let opened = world.deal.disputes().iter().map(|dispute| Some(dispute.opened));
        let all: Vec<_> = opened.chain([None, Some(cast::event(1))]).collect();
        self.pick(&all)
    }

    /// A report, the newest first.
    pub fn report(&mut self, world: &World) -> EventId {
        let mut known: Vec<EventId> = world.deal.assertions().iter().rev().map(|known| known.fact).collect();
        known.truncate(3);
        known.extend(world.deal.facts().first().map(|fact| fact.id));
        known.push(cast::event(0));
        self.pick(&known)
    }

    /// The number of a bill.
    pub fn bill(&mut self, world: &World) -> String {
        let mut known: Vec<String> = world.deal.invoices().iter().map(|bill| bill.number.clone()).collect();
        known.push("cheat".into());
        known.push(self.text());
        self.pick(&known)
    }

    /// The hash of a document, one's own first.
    pub fn hash(&mut self, actor: Actor) -> Hash {
        let (_, mine) = cast::document(100 + actor as u128);
        let (_, theirs) = cast::document(200);
        self.pick(&[mine, theirs, Hash::ZERO])
    }

    /// Draws a ruling of any kind.
    pub fn ruling(&mut self, world: &World) -> Ruling {
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
