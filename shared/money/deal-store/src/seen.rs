//! The part of a deal that a tenant sees: what happened while it was in it.

use inventure_core::{Principal, TenantId};
use inventure_deals::{
    Deal, Fact, Signature, Terms, What, Who,
    settle::{SettleError, Settlement},
};
use inventure_table::StoreError;
use jiff::Timestamp;

use crate::{LoadedDeal, corrupt};

/// The text in place of the address and program that a signature came from. The signer and the judges of the terms see these.
const WITHHELD: &str = "withheld";

/// Whether terms name a tenant: as a party, as the employer, or to rule over disputes.
fn names(terms: &Terms, tenant: TenantId) -> bool {
    terms.employer == tenant
        || terms.disputes.judges().any(|judge| judge == tenant)
        || terms.parties.iter().any(|party| party.tenant == tenant)
}

/// Whether the terms in force or those that lie open name a tenant. If there are neither, because the only proposal was withdrawn,
/// whether that one did.
fn includes(deal: &Deal, tenant: TenantId) -> bool {
    let proposed = |fact: &Fact| match &fact.what {
        What::TermsProposed { terms } => Some(names(terms, tenant)),
        _ => None,
    };
    match (deal.terms(), deal.proposed()) {
        (None, None) => deal.facts().iter().rev().find_map(proposed).unwrap_or(false),
        (in_force, open) => in_force.into_iter().chain(open).any(|terms| names(terms, tenant)),
    }
}

impl LoadedDeal {
    /// Whether a tenant is in the deal now. A tenant that is dropped is in it until terms without it are in force, or the proposal that
    /// named it is replaced or withdrawn.
    #[must_use]
    pub fn includes(&self, tenant: TenantId) -> bool {
        self.head.employer_id == tenant || includes(&self.deal, tenant)
    }

    /// The deal as a tenant sees it: whole for those who are in it now. For a tenant that was dropped, the deal as it stood with the fact
    /// that dropped it. `None` for a tenant that was never in it.
    ///
    /// # Errors
    /// Fails when the facts do not make a deal.
    pub fn seen_by(&self, tenant: TenantId) -> Result<Option<Self>, StoreError> {
        if !self.concerns(tenant) {
            return Ok(None);
        }
        if self.includes(tenant) {
            return Ok(Some(self.clone()));
        }
        let (mut deal, mut seen) = (Deal::new(self.deal.id()), 0);
        for (number, fact) in (1..).zip(self.deal.facts()) {
            let before = includes(&deal, tenant);
            // Terms that are proposed in place of those that named somebody are not theirs to read.
            let replaces = matches!(fact.what, What::TermsProposed { .. });
            deal.apply(fact.clone()).map_err(corrupt)?;
            if includes(&deal, tenant) || (before && !replaces) {
                seen = number;
            }
        }
        if seen == 0 {
            return Ok(None);
        }
        let facts = self.deal.facts().iter().take(seen).cloned();
        let deal = Deal::replay(self.deal.id(), facts).map_err(corrupt)?;
        let mut head = self.head.clone();
        head.facts = deal.facts().len() as u32;
        head.state = crate::name(deal.state());
        head.updated_at = deal.facts().last().map_or(head.created_at, |fact| fact.at);
        Ok(Some(Self { head, deal }))
    }

    /// The movements of money as a tenant sees them: all of them while it is in the deal. A tenant that was dropped sees what had moved
    /// by then, and of what came and comes after its own lines.
    ///
    /// # Errors
    /// Fails when the money does not work out.
    pub fn settlement_for(&self, tenant: TenantId, seen: &Self) -> Result<Settlement, SettleError> {
        let mut settlement = self.deal.settle()?;
        if self.includes(tenant) {
            return Ok(settlement);
        }
        let left_at = seen.deal.facts().last().map_or(Timestamp::MIN, |fact| fact.at);
        let own = |who: &Who| matches!(who, Who::Party(party) if self.tenant_of(party) == Some(tenant));
        settlement
            .movements
            .retain(|movement| movement.at <= left_at || own(&movement.who));
        // What the client has paid since is not theirs to know.
        settlement.held_minor_units = seen.deal.settle()?.held_minor_units;
        Ok(settlement)
    }

    /// The tenant that a party's id stands for, by the newest terms that name it.
    fn tenant_of(&self, party: &inventure_deals::PartyId) -> Option<TenantId> {
        let terms = self.deal.facts().iter().rev().filter_map(|fact| match &fact.what {
            What::TermsProposed { terms } => Some(terms),
            _ => None,
        });
        let mut parties = terms.flat_map(|terms| &terms.parties);
        parties.find(|known| known.id == *party).map(|known| known.tenant)
    }

    /// The facts as a person sees them.
    #[must_use]
    pub fn facts_for(&self, viewer: &Principal) -> Vec<Fact> {
        let mut facts = self.deal.facts().to_vec();
        for fact in &mut facts {
            if let What::Signed { signature } = &mut fact.what {
                self.withhold(signature, viewer);
            }
        }
        facts
    }

    /// The signatures as a person sees them.
    #[must_use]
    pub fn signatures_for(&self, viewer: &Principal) -> Vec<Signature> {
        let mut signatures = self.deal.signatures().to_vec();
        for signature in &mut signatures {
            self.withhold(signature, viewer);
        }
        signatures
    }

    /// Takes out where a signature came from, unless the viewer signed or rules over what was signed. The fact that is stored keeps it.
    fn withhold(&self, signature: &mut Signature, viewer: &Principal) {
        let terms = [self.deal.terms(), self.deal.proposed()];
        let rules = terms
            .into_iter()
            .flatten()
            .any(|terms| terms.disputes.judges().any(|judge| judge == viewer.tenant_id));
        if !rules && signature.member != viewer.member_id {
            WITHHELD.clone_into(&mut signature.from);
        }
    }
}
