//! The moves of a deal, one function each: checks first, changes last.

mod documents;
mod money;
mod outcome;
mod submittals;

use inventure_core::TenantId;

use crate::{
    deal::Deal,
    fact::{Author, Fact, What},
    party::Party,
    refusal::Why,
    signature::{self, Signature},
    state::State,
    terms::{ChangesUntil, Terms},
};

impl Deal {
    /// Makes a move that the state allows and the author may make.
    pub(crate) fn make(&mut self, fact: &Fact) -> Result<(), Why> {
        match &fact.what {
            What::TermsProposed { terms } => self.propose(terms),
            What::TermsWithdrawn {} => {
                self.open = None;
                self.state = if self.in_force.is_some() {
                    State::Active
                } else {
                    State::Draft
                };
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
            What::PriorClaimRaised { candidate, .. } | What::Contacted { candidate } => {
                self.submittal(*candidate).map(|_| ())
            }
            What::ConsentWithdrawn { candidate } => {
                self.submittal(*candidate)?.withdrawn.get_or_insert(fact.id);
                Ok(())
            }
            What::OwnershipDecided { candidate, owners, .. } => {
                let decided = Some((fact.id, owners.clone()));
                self.submittal(*candidate)?.decided = decided;
                Ok(())
            }
            What::StageMoved {
                candidate, from, to, ..
            } => self.move_stage(*candidate, *from, *to),
            What::Noted { candidate, .. } => {
                candidate.map_or(Ok(()), |candidate| self.submittal(candidate).map(|_| ()))
            }
            What::DocumentAdded {
                document, candidate, ..
            } => self.add_document(*document, *candidate),
            What::Placed {
                candidate,
                pay,
                accepted_on,
                starts_on,
            } => self.place(fact, *candidate, *pay, *accepted_on, *starts_on),
            What::Invoiced {
                invoice,
                billed,
                amount,
            } => self.invoice(fact, invoice, *billed, *amount),
            What::PaymentReceived { invoice, amount } => self.receive(invoice, *amount),
            What::GuaranteeEnded {} => self.end_guarantee(fact),
            What::FellOff { last_day, .. } => self.fall_off_on(fact, *last_day),
            What::ReplacementStarted {} => self.start_replacement(fact),
            What::RefundChosen {} => self.choose_refund(fact),
            What::DisputeOpened { .. } => self.open_dispute(fact),
            What::EvidenceGiven { sha256, .. } => self.give_evidence(fact, *sha256),
            What::DisputeEscalated {} => self.escalate(fact),
            What::DisputeWithdrawn {} => self.withdraw_dispute(fact),
            What::Ruled { ruling, .. } => self.rule(fact, ruling),
            What::Closed { .. } => self.close(fact),
        }
    }

    /// The terms in force, which every state after signing has.
    pub(crate) fn bound(&self) -> Result<&Terms, Why> {
        self.in_force.as_ref().ok_or(Why::NotInThisState)
    }

    fn propose(&mut self, terms: &Terms) -> Result<(), Why> {
        if terms.deal != self.id {
            return Err(Why::OtherDeal(terms.deal));
        }
        let expected = self.last_version.saturating_add(1);
        if terms.version != expected {
            return Err(Why::WrongVersion { expected });
        }
        terms.check().map_err(Why::Problems)?;
        if let Some(old) = &self.in_force {
            let over = match old.changes {
                ChangesUntil::Never => true,
                ChangesUntil::FirstSubmittal => !self.candidates.is_empty() && !self.shares_an_owner(old),
                // Nobody is placed in the states that allow a proposal.
                ChangesUntil::Placement => !self.placements.is_empty(),
            };
            if over {
                return Err(Why::ChangesOver);
            }
            if terms.network != old.network {
                return Err(Why::NetworkShareChanged);
            }
            let frame = |terms: &Terms| (terms.currency, terms.time_zone.clone(), terms.job, terms.employer);
            // A bill that was sent was counted by the old fee, and names the old parties.
            let party_moved = |party: &Party| terms.party(&party.id).map(|new| new.tenant) != Some(party.tenant);
            let billed_otherwise = terms.fee != old.fee || old.parties.iter().any(party_moved);
            if frame(terms) != frame(old) || (!self.invoices.is_empty() && billed_otherwise) {
                return Err(Why::FrameChanged);
            }
        }
        self.open = Some(terms.clone());
        self.last_version = expected;
        self.state = State::Signing;
        Ok(())
    }

    /// Whether a candidate is owned by a party together with somebody who is none yet. Then the terms may be changed to let them in:
    /// otherwise neither owner could ever place the person.
    fn shares_an_owner(&self, terms: &Terms) -> bool {
        let shared = |owners: &[TenantId]| {
            let inside = owners.iter().filter(|owner| terms.is_candidate_side(**owner)).count();
            inside > 0 && inside < owners.len()
        };
        let mut decided = self
            .candidates
            .values()
            .filter_map(|submittal| submittal.decided.as_ref());
        decided.any(|(_, owners)| shared(owners))
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
        self.signatures.push(signature.clone());
        if signature::missing(open, self.in_force.as_ref(), &self.signatures).is_empty() {
            self.in_force = self.open.take();
            self.state = State::Active;
        }
        Ok(())
    }

    fn close(&mut self, fact: &Fact) -> Result<(), Why> {
        // A contractor who never came, under terms without a guarantee. A party could close a placement to keep the fee for itself.
        if self.state == State::Placed && fact.by != Author::Network {
            return Err(Why::NotYours);
        }
        let owed = self.invoices.iter().any(|invoice| invoice.outstanding() > 0);
        if owed || self.is_frozen() {
            return Err(Why::MoneyOpen);
        }
        self.state = State::Closed;
        Ok(())
    }
}
