//! The effects of a party's move: the facts to add, and what is written beside them.

use inventure_api::{Problem, clock, problem::Kind};
use inventure_core::EventId;
use inventure_deal_store::{
    KnownFrom, LoadedDeal, own_submittals, record_claims,
    records::{ClaimGrounds, SubmittedPerson},
    still_unrefused,
};
use inventure_deals::{Author, Fact, Signature, What, fact::Consent, terms::Source};
use inventure_people::Caller;
use inventure_recruiting::records::{Candidate, CandidateSource, ConsentScope};
use inventure_table::Change;
use jiff::Timestamp;

use crate::{
    App,
    consents::said_no,
    moves::{Asked, Origin, Propose, Sign, Submit},
    routes::{author, known},
    terms::check_frame,
};

/// The most times that an agency submits one person to one employer. These are in as many deals, or anew after as many claims ended.
const SUBMITTALS_MAX: usize = 20;

/// The facts to add for a move, and what is written beside them.
pub struct Told {
    /// The facts to add.
    pub facts: Vec<Fact>,
    /// The changes that are written together with the facts, or not at all.
    pub beside: Change,
}

impl Told {
    /// Returns the network's decision on who owns a candidate, if there is one. It stays where the placement that asked for it is
    /// refused: the parties need it to let another owner in.
    pub fn decision(self) -> Option<Fact> {
        let mut facts = self.facts.into_iter();
        facts.find(|fact| matches!(fact.what, What::OwnershipDecided { .. }))
    }

    /// Whether a placement is reported, with which the person's place is claimed.
    pub fn places(&self) -> bool {
        self.facts.iter().any(|fact| matches!(fact.what, What::Placed { .. }))
    }
}

impl App {
    /// Returns the facts and changes that the caller's move comes to.
    pub async fn told(
        &self,
        held: &LoadedDeal,
        caller: &Caller,
        asked: &Asked,
        now: Timestamp,
        origin: &Origin,
    ) -> Result<Told, Problem> {
        let (what, mut beside) = match asked {
            Asked::Propose(propose) => (self.proposed(held, caller, propose).await?, Change::new()),
            Asked::Sign(sign) => (signed(held, caller, sign, now, origin)?, Change::new()),
            Asked::Submit(submit) => self.submittal(held, caller, submit).await?,
            Asked::AddDocument(add) => self.added(held, caller, add, now).await?,
            Asked::Other(what) => {
                let consented = self.consented_to(held, what).await?;
                (what.clone(), consented.and(self.cited(held, what).await?))
            }
        };
        let fact = |what, by| Fact {
            id: EventId::new(),
            at: now,
            by,
            what,
        };
        let mut facts = Vec::new();
        if let What::Placed {
            candidate, accepted_on, ..
        } = &what
        {
            let owned = self.owned(held, caller, *candidate, *accepted_on).await?;
            facts.extend(owned.decided.map(|decided| fact(decided, Author::Network)));
            beside = beside.and(owned.placed);
        }
        facts.push(fact(what, author(caller)));
        Ok(Told { facts, beside })
    }

    async fn proposed(&self, held: &LoadedDeal, caller: &Caller, propose: &Propose) -> Result<What, Problem> {
        let place = (held.deal.id(), held.deal.last_version() + 1);
        let completed = self.terms_of(caller, propose.terms.clone(), place, Some(held)).await?;
        check_frame(held, &completed.terms)?;
        completed.check_owner()?;
        let terms = Box::new(completed.terms);
        known(&self.store, &terms).await?;
        Ok(What::TermsProposed { terms })
    }

    async fn submittal(&self, held: &LoadedDeal, caller: &Caller, submit: &Submit) -> Result<(What, Change), Problem> {
        let tenant = caller.principal.tenant_id;
        let candidate: Option<Candidate> = self.store.get(&Candidate::key_of(submit.candidate)).await?;
        let candidate = candidate
            .filter(|candidate| candidate.tenant_id == tenant)
            .ok_or_else(|| Problem::field("candidate", "there is no such candidate of yours"))?;
        let consent = candidate.consent.as_ref();
        let consent = consent.filter(|consent| consent.covers(ConsentScope::ShareWithNetwork, clock::today()));
        let consent = consent.ok_or_else(|| {
            Problem::new(
                Kind::ConsentMissing,
                "Record the candidate's consent to be shown to others (`share_with_network`) first.",
            )
        })?;
        let source = match candidate.source {
            CandidateSource::Member => Source::Member,
            CandidateSource::JobBoard => Source::JobBoard,
            CandidateSource::SelfRegistered => Source::SelfRegistered,
        };
        if submit.source.is_some_and(|stated| stated != source) {
            return Err(Problem::field("source", "the candidate's record came in another way"));
        }
        let employer = held.head.employer_id;
        let known = self
            .fingerprints(employer, &submit.contact, Some(submit.candidate))
            .await?;
        let counted = inventure_people::one_at_a_time(&self.store, tenant, "submittals").await?;
        let before = own_submittals(&self.store, &known.keys, tenant).await?;
        if before >= SUBMITTALS_MAX {
            let detail = format!(
                "You have submitted this person to this employer {SUBMITTALS_MAX} times; once more claims nothing more."
            );
            return Err(Problem::new(Kind::WrongState, detail));
        }
        let stated = known.keys.iter().filter(|(_, source)| **source > KnownFrom::File);
        let stated = stated.map(|(print, _)| print.clone()).collect();
        let what = What::Submitted {
            candidate: submit.candidate,
            consent: Consent {
                id: consent.consent_id,
                given_at: consent.given_at,
            },
            source,
        };
        let person = SubmittedPerson {
            deal_id: held.deal.id(),
            candidate_id: submit.candidate,
            fingerprints: known.keys.into_keys().collect(),
            stated: Some(stated),
            in_resume: Some(known.in_resume.into_iter().collect()),
            confirmed_at: Vec::new(),
            grounds: Some(ClaimGrounds {
                resume: known.upload_id.is_some(),
                employer_named: consent.employers.contains(&employer),
            }),
            upload_id: known.upload_id,
            shown: Vec::new(),
            mailboxes: known.mailboxes.into_iter().collect(),
        };
        let unrefused = still_unrefused(&self.store, tenant, &person).await?;
        // A consent that ends at this moment is told to the deals that are there by then: this one is among them, or is not made.
        let beside = counted
            .unchanged(&candidate, candidate.version)
            .and(unrefused.map_err(|_| said_no())?);
        let beside = record_claims(beside, held, tenant, &person);
        Ok((what, beside.insert(&person)))
    }
}

fn signed(
    held: &LoadedDeal,
    caller: &Caller,
    sign: &Sign,
    now: Timestamp,
    Origin(from): &Origin,
) -> Result<What, Problem> {
    let (deal, tenant) = (&held.deal, caller.principal.tenant_id);
    if let Some(open) = deal.proposed() {
        check_frame(held, open)?;
    }
    let parties = [deal.proposed(), deal.terms()].into_iter().flatten();
    let party = parties
        .flat_map(|terms| &terms.parties)
        .find(|party| party.tenant == tenant);
    let party = party.ok_or_else(|| Problem::new(Kind::Forbidden, "Only the parties of the deal sign it."))?;
    Ok(What::Signed {
        signature: Signature {
            deal: deal.id(),
            party: party.id.clone(),
            tenant,
            member: caller.principal.member_id,
            terms_version: sign.terms_version,
            terms_hash: sign.terms_hash,
            signed_at: now,
            from: from.clone(),
        },
    })
}
