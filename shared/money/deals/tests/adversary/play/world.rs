//! The deal, the clock, and what the network does by itself.

use inventure_core::{ConsentId, EventId, MemberId};
use inventure_deals::{
    Author, Deal, Fact, Party, PartyRole, Refused, Signature, Source, State, Terms, What, Who, calendar::plus_days,
    deal::RULES, fact::Consent,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use uuid::Uuid;

use super::{
    cast::{self, Actor},
    honest, money,
    setup::Setup,
    words::Words,
};

/// The deal with all that is known about it.
#[derive(Clone)]
pub struct World {
    /// The setup that was drawn.
    pub setup: Setup,
    /// The deal that is played.
    pub deal: Deal,
    /// The words that were said.
    pub words: Words,
    /// The time in the play.
    pub now: Timestamp,
    /// The terms that were signed first by all.
    pub terms: Terms,
    /// The number of moves that were tried.
    pub tried: u64,
    /// The number of moves that the deal took.
    pub taken: u64,
    next: u128,
}

/// The day of the submittals.
fn day_zero(terms: &Terms) -> Date {
    terms.calendar().unwrap().date(begin())
}

fn begin() -> Timestamp {
    "2026-01-05T17:00:00Z".parse().unwrap()
}

impl World {
    /// A deal that all have signed, with two candidates.
    pub fn begin(setup: Setup) -> Self {
        let terms = setup.terms.terms();
        let mut world = Self {
            deal: Deal::new(terms.deal),
            words: Words::default(),
            now: begin(),
            tried: 0,
            taken: 0,
            next: 1_000,
            terms,
            setup,
        };
        world.sign();
        if world.setup.terms.is_old() {
            world.must(Author::Network, What::RulesAdopted { rules: RULES });
        }
        let has_rival = world.terms.is_candidate_side(Actor::Rival.tenant());
        let second = if has_rival { Actor::Rival } else { Actor::CandidateSide };
        for (number, by) in [(1, Actor::CandidateSide), (2, second)] {
            let consent = Consent {
                id: ConsentId::from_uuid(Uuid::from_u128(number)),
                given_at: world.now,
            };
            let candidate = cast::candidate(number);
            let source = Source::Member;
            world.must(
                by.author(),
                What::Submitted {
                    candidate,
                    consent,
                    source,
                },
            );
            if world.setup.is_awake(Actor::Person) {
                world.must(Author::Candidate, What::Confirmed { candidate });
            }
        }
        world
    }

    fn sign(&mut self) {
        let mut terms = self.terms.clone();
        if self.setup.terms.drops_one() {
            let mut first = terms.clone();
            first.parties.truncate(2);
            for party in &mut first.parties {
                (party.counts, party.share) = (None, "1/3".parse().unwrap());
            }
            let dropped = Party {
                id: "dropped".parse().unwrap(),
                tenant: Actor::Dropped.tenant(),
                role: PartyRole::Referrer,
                ..first.parties[0].clone()
            };
            first.parties.push(dropped);
            self.sign_one(&first);
            terms.version = 2;
        }
        self.sign_one(&terms);
        self.terms = terms;
    }

    fn sign_one(&mut self, terms: &Terms) {
        let proposed = What::TermsProposed {
            terms: Box::new(terms.clone()),
        };
        self.must(Actor::JobSide.author(), proposed);
        for actor in Actor::ALL {
            if self.deal.unsigned().contains(&actor.tenant()) {
                let signature = signature(&self.deal, terms, actor, self.now);
                self.must(actor.author(), What::Signed { signature });
            }
        }
        assert_eq!(self.deal.terms(), Some(terms));
    }

    /// Makes a move that nothing can be wrong with.
    #[track_caller]
    pub fn must(&mut self, by: Author, what: What) -> EventId {
        match self.say(by, what.clone()) {
            Ok(id) => id,
            Err(refused) => panic!("{by:?} could not say {what:?}: {refused}"),
        }
    }

    /// Tries a move.
    pub fn say(&mut self, by: Author, what: What) -> Result<EventId, Box<Refused>> {
        let fact = Fact {
            id: cast::event(self.next),
            at: self.now,
            by,
            what,
        };
        self.tried += 1;
        // Only for whether a deal is over it matters how it stood before.
        let before = matches!(fact.what, What::Closed { .. }).then(|| self.deal.clone());
        self.deal.apply(fact.clone())?;
        self.next += 1;
        self.taken += 1;
        self.words.hear(&fact, before.as_ref().unwrap_or(&self.deal));
        Ok(fact.id)
    }

    /// Whether a side is an honest party of the deal, or the client, and answers.
    pub fn is_awake_side(&self, who: &Who) -> bool {
        let terms = self.words.terms.as_ref().unwrap_or(&self.terms);
        let mut actors = Actor::ALL.into_iter();
        actors.any(|actor| actor.who(terms).as_ref() == Some(who) && self.setup.is_awake(actor))
    }

    /// Returns the day in the terms' time zone.
    pub fn today(&self) -> Date {
        self.terms.calendar().unwrap().date(self.now)
    }

    /// The day of acceptance and the first at work, once somebody really accepted.
    pub fn hired(&self) -> Option<(Date, Date)> {
        let truth = self.setup.truth;
        let accepted = plus_days(day_zero(&self.terms), i64::from(truth.accepted)).ok()?;
        let starts = plus_days(accepted, i64::from(truth.start_after)).ok()?;
        (truth.hired && accepted <= self.today()).then_some((accepted, starts))
    }

    /// The last day at work, once they really left.
    pub fn left(&self) -> Option<Date> {
        let (_, starts) = self.hired()?;
        let left = plus_days(starts, i64::from(self.setup.truth.left_after?)).ok()?;
        (left <= self.today()).then_some(left)
    }

    /// The client's last contact before the submittal, where it had one.
    pub fn knew(&self) -> Option<Date> {
        plus_days(day_zero(&self.terms), -i64::from(self.setup.truth.knew?)).ok()
    }

    /// The next moment at which something really happens, or somebody honest looks again.
    fn next_event(&self) -> Option<Timestamp> {
        let calendar = self.terms.calendar().unwrap();
        let truth = self.setup.truth;
        let accepted = plus_days(day_zero(&self.terms), i64::from(truth.accepted)).ok()?;
        let starts = plus_days(accepted, i64::from(truth.start_after)).ok()?;
        let left = truth
            .left_after
            .and_then(|days| plus_days(starts, i64::from(days)).ok());
        let days = [Some(accepted), Some(starts), left].into_iter().flatten();
        let real = days.filter_map(|day| calendar.noon_of(day).ok());
        let ladder = &self.terms.disputes;
        let judged = self.deal.disputes().iter().flat_map(|dispute| {
            let turns = [0, i64::from(ladder.ruling_days())];
            let ends = turns.map(|days| plus_days(dispute.evidence_until, days).and_then(|day| calendar.end_of(day)));
            ends.into_iter().flatten()
        });
        real.chain(judged).filter(|at| *at > self.now).min()
    }

    /// Lets time pass: what happens by itself happens, and honest people say what they have to say.
    pub fn advance(&mut self, to: Timestamp) {
        honest::act(self);
        loop {
            let deadline = self.deal.deadline().filter(|deadline| deadline.at <= to);
            let event = self.next_event().filter(|at| *at <= to);
            match (deadline, event) {
                (Some(deadline), event) if event.is_none_or(|at| deadline.at <= at) => {
                    self.now = self.now.max(deadline.at);
                    self.must(Author::Network, deadline.then);
                }
                (_, Some(at)) => self.now = at,
                (_, None) => break,
            }
            honest::act(self);
        }
        if to > self.now {
            self.now = to;
            honest::act(self);
        }
    }

    /// Lets time pass by so much.
    pub fn wait(&mut self, hours: i64) {
        self.advance(self.now + SignedDuration::from_hours(hours));
    }

    /// Nobody has more than the terms and the others' words give.
    pub fn check(&self) -> Result<(), String> {
        self.words.check(&self.deal)?;
        self.check_truth()
    }

    /// Checks that an untrue report takes effect only with cheats. It does only where every side that was asked cheats
    /// or sleeps, or a judge cheats.
    fn check_truth(&self) -> Result<(), String> {
        for report in self
            .words
            .reports
            .values()
            .filter(|report| report.backed && !report.judged)
        {
            let known = honest::believes(self, &report.what, report.on);
            let watched = report.needs.iter().any(|who| self.is_awake_side(who));
            if !known && watched {
                return Err(format!("{:?} is not so, and took effect", report.what));
            }
        }
        Ok(())
    }

    /// The cheats leave for ever. In the end nothing is held back, and nothing waits for them.
    pub fn leave(&mut self) -> Result<(), String> {
        // Longer than every deadline that terms can give, one after another.
        for _ in 0..8 {
            self.wait(24 * 366);
        }
        self.check()?;
        money::check(&self.deal, &self.words)?;
        self.close();
        self.check()?;
        // Nobody is left to close a deal in which a retainer waits for it.
        let parties = self.terms.parties.iter().map(|party| Who::Party(party.id.clone()));
        let left = parties.into_iter().any(|who| self.is_awake_side(&who)) || !self.deal.placements().is_empty();
        let held = if left {
            self.deal.settle().unwrap().held_minor_units
        } else {
            0
        };
        let frozen = self.deal.frozen_minor_units();
        if held != 0 || frozen != 0 || !self.deal.disputes().is_empty() {
            return Err(format!("{held} of what was paid is held for ever, {frozen} frozen"));
        }
        if let Some(waits) = self.deal.assertions().iter().find(|known| known.ended.is_none()) {
            return Err(format!("{:?} waits for ever", waits.what));
        }
        for id in self.deal.candidates().keys() {
            let placed = self
                .deal
                .placements()
                .iter()
                .any(|placement| placement.candidate == *id);
            if !placed && self.deal.employs(*id, self.today()) {
                return Err("a person is kept from everybody else, and is not placed".into());
            }
        }
        self.check_honest()
    }

    /// Lets the honest brokers close what is over.
    fn close(&mut self) {
        for actor in [Actor::JobSide, Actor::CandidateSide, Actor::Rival, Actor::Extra] {
            let open = self.deal.allows_closing();
            if open && self.setup.is_awake(actor) && actor.who(&self.terms).is_some() {
                let reason = "all is over".to_owned();
                let _ = self.say(actor.author(), What::Closed { reason });
            }
        }
        honest::act(self);
        self.wait(24 * 366);
    }

    /// Checks that what honest people could show has taken effect, whatever the cheats said against it.
    fn check_honest(&self) -> Result<(), String> {
        let sides = [Actor::Employer, Actor::JobSide, Actor::CandidateSide];
        let cheats = sides.iter().filter(|actor| self.setup.cheats(**actor)).count();
        let answer = sides
            .iter()
            .all(|actor| self.setup.cheats(*actor) || self.setup.is_awake(*actor));
        let judges = [Actor::Arbiter];
        let judged = judges.iter().all(|actor| self.setup.is_awake(*actor)) && !self.setup.cheats(Actor::Deputy);
        let consents =
            self.deal.candidates()[&cast::candidate(1)].withdrawn.is_none() && self.setup.is_awake(Actor::Person);
        let same_terms = self.words.terms.as_ref() == Some(&self.terms);
        if cheats > 1 || !answer || !judged || !consents || !same_terms || self.hired().is_none() {
            return Ok(());
        }
        let lapsed = self
            .terms
            .claims
            .lapses_after_days
            .is_some_and(|days| u16::from(self.setup.truth.accepted) > days);
        if self.setup.cheats(Actor::CandidateSide) || self.setup.truth.knew.is_some() || lapsed {
            return Ok(());
        }
        honest::check_outcome(self)
    }
}

/// Whether a deal could be closed by somebody now.
trait Closing {
    fn allows_closing(&self) -> bool;
}

impl Closing for Deal {
    fn allows_closing(&self) -> bool {
        self.state() != State::Closed && self.legal().contains(&inventure_deals::Move::Closed)
    }
}

/// A signature on terms, by the name that the signer has there, or had in the terms before.
pub fn signature(deal: &Deal, terms: &Terms, actor: Actor, at: Timestamp) -> Signature {
    let known = [Some(terms), deal.terms()].into_iter().flatten();
    let mut parties = known.flat_map(|terms| &terms.parties);
    let party = parties.find(|party| party.tenant == actor.tenant());
    Signature {
        deal: terms.deal,
        party: party.map_or_else(|| "none".parse().unwrap(), |party| party.id.clone()),
        tenant: actor.tenant(),
        member: MemberId::from_uuid(actor.tenant().uuid()),
        terms_version: terms.version,
        terms_hash: terms.hash().unwrap(),
        signed_at: at,
        from: "192.0.2.1".into(),
    }
}

impl World {
    /// Everything that was said, a line each, for the reader of a failure.
    pub fn story(&self) -> String {
        let line = |fact: &Fact| match &fact.what {
            What::TermsProposed { terms } => format!("{} {:?} proposes version {}", fact.at, fact.by, terms.version),
            What::Signed { signature } => {
                format!("{} {:?} signs {}", fact.at, signature.party, signature.terms_version)
            }
            what => {
                let who = self.words.terms.as_ref().and_then(|terms| cast::who(fact.by, terms));
                let who = who.map_or_else(|| format!("{:?}", fact.by), |who| who.to_string());
                format!("{} {} {who}: {what:?}", fact.id, fact.at)
            }
        };
        self.deal.facts().iter().map(line).collect::<Vec<_>>().join("\n")
    }
}
