//! The moves of a deal, one function each: checks first, changes last.

mod closing;
mod disputes;
mod documents;
mod money;
mod outcome;
mod placement;
mod submittals;

use inventure_core::TenantId;

use crate::{
    allowance::Allowances,
    assertion::Reported,
    author::Standing,
    deal::{Deal, Decided, Invoice, RULES},
    fact::{Author, Fact, What},
    party::{Party, PartyRole},
    pipeline::Stage,
    refusal::Why,
    signature::{self, Signature},
    state::State,
    terms::{ChangesUntil, ClaimRules, Terms},
};

/// The number of times that one agency may propose terms in a deal.
const PROPOSALS_MAX: usize = 20;

impl Deal {
    /// Makes a move that the state allows and the author may make.
    pub(crate) fn make(&mut self, fact: &Fact) -> Result<(), Why> {
        self.check_mover(fact)?;
        if self.needs_word(fact) {
            return self.assert(fact);
        }
        let reported = Reported {
            fact: fact.id,
            at: fact.at,
            agreed: true,
        };
        match &fact.what {
            What::TermsProposed { terms } => self.propose(fact, terms),
            What::TermsWithdrawn {} => {
                self.open = None;
                if self.state == State::Signing {
                    self.state = if self.in_force.is_some() {
                        State::Active
                    } else {
                        State::Draft
                    };
                }
                Ok(())
            }
            What::Signed { signature } => self.sign(fact, signature),
            What::Submitted {
                candidate,
                consent,
                source,
            } => self.submit(fact, *candidate, *consent, *source),
            What::Confirmed { candidate } => match self.submittal(*candidate)?.withdrawn {
                // The claim ended with it; a yes that changes nothing would only look like one.
                Some(_) => Err(Why::ConsentWithdrawn),
                None => Ok(()),
            },
            What::ConsentWithdrawn { candidate } => {
                self.submittal(*candidate)?.withdrawn.get_or_insert(fact.id);
                if self.rules >= 2 {
                    self.lapse_assertions(Some(*candidate));
                }
                Ok(())
            }
            What::OwnershipDecided {
                candidate, owners, on, ..
            } => {
                let decided = Decided {
                    fact: fact.id,
                    owners: owners.clone(),
                    on: *on,
                };
                self.submittal(*candidate)?.decided.push(decided);
                Ok(())
            }
            What::Noted { candidate, .. } => {
                candidate.map_or(Ok(()), |candidate| self.submittal(candidate).map(|_| ()))
            }
            What::DocumentAdded {
                document, candidate, ..
            } => self.add_document(*document, *candidate),
            What::Invoiced {
                invoice,
                billed,
                amount,
            } => self.invoice(reported, fact, invoice, *billed, *amount),
            What::PaymentReceived { invoice, amount } => self.receive(invoice, *amount),
            What::PaymentChargedBack { invoice, amount } => self.charge_back(invoice, *amount),
            What::GuaranteeEnded {} => self.end_guarantee(fact),
            What::PaymentReminded { invoice } => self.remind(fact, invoice),
            What::ReplacementStarted {} => self.start_replacement(fact),
            What::DisputeOpened {
                amount,
                assertion,
                among_parties,
                ..
            } => self.open_dispute(fact, *amount, *assertion, *among_parties),
            What::EvidenceGiven { dispute, sha256, .. } => self.give_evidence(fact, *dispute, *sha256),
            What::DisputeEscalated { dispute } => self.escalate(fact, *dispute),
            What::DisputeWithdrawn { dispute } => self.withdraw_dispute(fact, *dispute),
            What::Ruled { dispute, ruling, .. } => self.rule(fact, *dispute, ruling),
            What::AssertionConfirmed { assertion } => self.confirm(fact, *assertion),
            What::AssertionContested { assertion, .. } => self.contest(fact, *assertion),
            What::AssertionWithdrawn { assertion } => self.withdraw_assertion(fact, *assertion),
            What::AssertionAccepted { assertion } => self.accept_silence(fact, *assertion),
            What::AssertionExpired { assertion } => self.expire(fact, *assertion),
            What::RulesAdopted { rules } => self.adopt(*rules),
            What::PriorClaimRaised { .. }
            | What::Contacted { .. }
            | What::StageMoved { .. }
            | What::Placed { .. }
            | What::PlacementCorrected { .. }
            | What::FellOff { .. }
            | What::RefundChosen {}
            | What::Closed { .. } => self.effect(&fact.what, reported, fact),
        }
    }

    /// Checks who moves a candidate. The client, the job's side and the agency that submitted them may; that agency
    /// alone may withdraw them.
    fn check_mover(&self, fact: &Fact) -> Result<(), Why> {
        let What::StageMoved { candidate, to, .. } = &fact.what else {
            return Ok(());
        };
        let (Some(submittal), Some(terms), 2..) = (self.candidates.get(candidate), &self.in_force, self.rules) else {
            return Ok(());
        };
        let own = matches!(fact.by, Author::Member { tenant, .. } if tenant == submittal.tenant);
        let asks = matches!(
            Standing::of(fact.by, terms),
            Some(Standing::Employer | Standing::Party(PartyRole::JobSide))
        );
        if own || (asks && *to != Stage::Withdrawn) {
            Ok(())
        } else {
            Err(Why::NotYours)
        }
    }

    /// The network's rules of conduct change for what is recorded from here on. Facts that were recorded before keep their effect.
    fn adopt(&mut self, rules: u32) -> Result<(), Why> {
        if rules != RULES {
            return Err(Why::NotInThisState);
        }
        self.rules = rules;
        // Until now the room was everybody's; each side begins with its own.
        self.used = Allowances::new();
        // A dispute held back everything; now it holds back what is billed, until it ends.
        let left = self.invoices.iter().map(Invoice::left).sum();
        for dispute in &mut self.disputes {
            (dispute.amount_minor_units, dispute.frozen_minor_units) = (left, left);
        }
        // Under the old rules a proposal and a dispute each held up everything else.
        if self.state == State::Disputed {
            self.state = self.before_dispute;
        } else if self.state == State::Signing && self.in_force.is_some() {
            self.state = State::Active;
        }
        Ok(())
    }

    /// The terms in force, which every state after signing has.
    pub(crate) fn bound(&self) -> Result<&Terms, Why> {
        self.in_force.as_ref().ok_or(Why::NotInThisState)
    }

    fn propose(&mut self, fact: &Fact, terms: &Terms) -> Result<(), Why> {
        if terms.deal != self.id {
            return Err(Why::OtherDeal(terms.deal));
        }
        let expected = self.last_version.saturating_add(1);
        if terms.version != expected {
            return Err(Why::WrongVersion { expected });
        }
        terms.check().map_err(Why::Problems)?;
        let tenant = |author| match author {
            Author::Member { tenant, .. } => Some(tenant),
            _ => None,
        };
        let proposed =
            |known: &&Fact| tenant(known.by) == tenant(fact.by) && matches!(known.what, What::TermsProposed { .. });
        if self.rules >= 2 && self.facts.iter().filter(proposed).count() >= PROPOSALS_MAX {
            return Err(Why::TooOften);
        }
        if let Some(old) = &self.in_force {
            self.check_change(old, terms)?;
        } else if terms.format >= 2 && terms.schedule.is_none() {
            return Err(Why::NoSchedule);
        }
        let first = self.facts.iter().find_map(|known| match &known.what {
            What::TermsProposed { terms } => Some(terms),
            _ => None,
        });
        // Claims are looked up, and answers asked, at the employer that the deal was begun with.
        let moved = |first: &Terms| (first.employer, first.job) != (terms.employer, terms.job);
        if self.rules >= 2 && first.is_some_and(|first| moved(first)) {
            return Err(Why::FrameChanged);
        }
        if self.in_force.is_none() && self.facts.is_empty() && terms.format >= 2 {
            self.rules = RULES;
        }
        self.open = Some(terms.clone());
        self.last_version = expected;
        if self.rules < 2 || self.in_force.is_none() {
            self.state = State::Signing;
        }
        Ok(())
    }

    /// Whether signed terms may be replaced by these.
    fn check_change(&self, old: &Terms, terms: &Terms) -> Result<(), Why> {
        let over = match old.changes {
            // Where a candidate is owned together with somebody outside, nobody could ever place them by the old terms.
            ChangesUntil::Never => !self.shares_an_owner(old),
            ChangesUntil::FirstSubmittal => !self.candidates.is_empty() && !self.shares_an_owner(old),
            // Nobody is placed in the states that allow a proposal.
            ChangesUntil::Placement => !self.placements.is_empty(),
        };
        if over {
            return Err(Why::ChangesOver);
        }
        // What was signed of the network's share stays, also where the operator's schedule has changed since.
        if terms.network != old.network || terms.schedule != old.schedule {
            return Err(Why::NetworkShareChanged);
        }
        let frame = |terms: &Terms| (terms.currency, terms.time_zone.clone(), terms.job, terms.employer);
        // A bill that was sent was counted by the old fee, and names the old parties.
        let party_moved = |party: &Party| terms.party(&party.id).map(|new| new.tenant) != Some(party.tenant);
        let billed_otherwise = terms.fee != old.fee || old.parties.iter().any(party_moved);
        // The client signs nothing: what protects it stays for whom it was offered.
        let protects = |terms: &Terms| Terms {
            // Which of several agencies owns is between them.
            claims: ClaimRules {
                several: old.claims.several,
                ..terms.claims.clone()
            },
            guarantee: terms.guarantee.clone(),
            disputes: terms.disputes.clone(),
            fee: terms.fee.clone(),
            bills: terms.bills,
            answer_within_days: terms.answer_within_days,
            closed_on: terms.closed_on.clone(),
            ..old.clone()
        };
        let relied_on = !self.candidates.is_empty() || !self.invoices.is_empty() || !self.disputes.is_empty();
        let unprotected = self.rules >= 2 && relied_on && protects(terms) != protects(old);
        if frame(terms) != frame(old) || unprotected || (!self.invoices.is_empty() && billed_otherwise) {
            return Err(Why::FrameChanged);
        }
        Ok(())
    }

    /// Whether a candidate is owned by a party together with an agency that is no party yet. Then the terms may be
    /// changed to let that agency in: otherwise neither owner could ever place the person.
    fn shares_an_owner(&self, terms: &Terms) -> bool {
        let shared = |owners: &[TenantId]| {
            let inside = owners.iter().filter(|owner| terms.is_candidate_side(**owner)).count();
            inside > 0 && inside < owners.len()
        };
        let mut decided = self.candidates.values().flat_map(|submittal| &submittal.decided);
        decided.any(|decided| shared(&decided.owners))
    }

    fn sign(&mut self, fact: &Fact, signature: &Signature) -> Result<(), Why> {
        let open = self.open.as_ref().ok_or(Why::NotInThisState)?;
        let signer = Author::Member {
            tenant: signature.tenant,
            member: signature.member,
        };
        // Nobody signs in another's name.
        if fact.by != signer {
            return Err(Why::NotYours);
        }
        signature::check(signature, fact.at, open, self.in_force.as_ref(), &self.signatures)?;
        // Something may have happened since it was proposed.
        if let (Some(old), 2..) = (&self.in_force, self.rules) {
            self.check_change(old, open)?;
        } else if self.rules >= 2 && (open.format < 2 || open.schedule.is_none()) {
            // Proposed under older rules: proposed anew, it quotes what the network asks today.
            return Err(Why::NoSchedule);
        }
        self.signatures.push(signature.clone());
        if signature::missing(open, self.in_force.as_ref(), &self.signatures).is_empty() {
            let old = std::mem::replace(&mut self.in_force, self.open.take());
            if self.state == State::Signing {
                self.state = State::Active;
            }
            if let Some(old) = old {
                self.carry_assertions(&old, fact.at);
            }
        }
        Ok(())
    }
}
