//! Checks whether a person is claimed at an employer already. The answer is yes or no, and never names the claimant.

use inventure_api::once::{Once, Reply};
use std::collections::BTreeSet;

use axum::extract::State;
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Write},
    problem::Kind,
};
use inventure_core::{CandidateId, TenantId, UploadId};
use inventure_deal_store::{Asked, Keys, KnownFrom, claims_of, owner};
use inventure_people::Caller;
use inventure_recruiting::records::ReadResume;
use inventure_resume::Resume;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    App,
    limits::Limit,
    links::mailbox,
    refusals::not_added,
    routes::{WRITERS, find},
};

/// The limit on claim checks: a broker who could ask about everybody would learn the list of claims by asking.
const CHECKS: Limit = Limit {
    what: "claim-checks",
    span: "%Y-%m-%dT%H",
    max: 30,
    told: "A tenant may ask 30 times in an hour.",
};

/// The contact details by which a person is told from others.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The person's mail address.
    #[garde(inner(length(max = 320)))]
    email: Option<String>,
    /// The person's phone number, with its country: `+44 20 7946 0958`.
    #[garde(inner(length(max = 40)))]
    phone: Option<String>,
}

/// The answer to a claim check: whether a claim on the person counts today.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimCheckView {
    /// Whether the person is claimed.
    pub claimed: bool,
    /// The number of checks that the tenant has left in this hour.
    pub asks_left: u64,
}

/// The most addresses and numbers of one person, together.
pub const KEYS_MAX: usize = 20;

/// The keys by which a person is known at an employer.
pub struct Known {
    /// The fingerprints of the person's addresses and numbers, each with its source.
    pub keys: Keys,
    /// Those of the fingerprints that the résumé names.
    pub in_resume: BTreeSet<String>,
    /// The fingerprints of the mailboxes of those addresses.
    pub mailboxes: BTreeSet<String>,
    /// The upload of the person's résumé; `None` where there is no résumé.
    pub upload_id: Option<UploadId>,
}

impl App {
    /// Returns the fingerprints of a person at an employer. They are of what was stated, and of what stands in the candidate's résumé.
    pub async fn fingerprints(
        &self,
        employer: TenantId,
        stated: &Contact,
        candidate: Option<CandidateId>,
    ) -> Result<Known, Problem> {
        let key = self.key().await?;
        let (mut keys, mut mailboxes, mut upload_id) = (Keys::new(), BTreeSet::new(), None);
        let mut in_resume = BTreeSet::new();
        let print_of = |address: &str| {
            let print = key.email(employer, &mailbox(address)?).ok()?;
            Some(print.to_string())
        };
        if let Some(email) = &stated.email {
            let hash = key.email(employer, email);
            let hash = hash.map_err(|error| Problem::field("contact.email", error.to_string()))?;
            keys.insert(hash.to_string(), KnownFrom::Stated);
            mailboxes.extend(print_of(email));
        }
        if let Some(phone) = &stated.phone {
            let hash = key.phone(employer, phone);
            let hash = hash.map_err(|error| Problem::field("contact.phone", error.to_string()))?;
            keys.insert(hash.to_string(), KnownFrom::Stated);
        }
        if let Some(candidate) = candidate {
            let read: Option<ReadResume> = self.store.get(&ReadResume::key_of(candidate)).await?;
            if let Some(read) = read {
                upload_id = Some(read.upload_id);
                // Whoever else claims the person is found by every key; this claim rests on those alone that were read for sure.
                let whole = &read.resume;
                mailboxes.extend(whole.emails.iter().filter_map(|email| print_of(&email.value)));
                for print in self.named(employer, whole).await? {
                    keys.entry(print).or_insert(KnownFrom::File);
                }
                in_resume = self.named(employer, &read.into_sure()).await?;
            }
        }
        // Left out, the one that somebody else knows them by would be found by nobody.
        if keys.len() > KEYS_MAX {
            return Err(Problem::new(
                Kind::WrongState,
                format!("The résumé has more than {KEYS_MAX} addresses and numbers; correct it first."),
            ));
        }
        if keys.is_empty() {
            return Err(Problem::field(
                "contact",
                "give an email or a phone number, so that the person can be told from others",
            ));
        }
        Ok(Known {
            keys,
            in_resume,
            mailboxes,
            upload_id,
        })
    }

    /// Returns the fingerprints of the addresses and numbers in a résumé. Those that cannot be read are left out: a number without its
    /// country tells nobody apart.
    pub async fn named(&self, employer: TenantId, resume: &Resume) -> Result<BTreeSet<String>, Problem> {
        let key = self.key().await?;
        let emails = resume.emails.iter().map(|email| key.email(employer, &email.value));
        let phones = resume.phones.iter().map(|phone| key.phone(employer, &phone.value));
        let hashes = emails.chain(phones).filter_map(Result::ok);
        Ok(hashes.map(|hash| hash.to_string()).collect())
    }
}

/// Checks whether a person is claimed at this deal's employer, before they are submitted. The answer is yes or no, and never names the
/// claimant. Each check is counted, with either answer.
#[utoipa::path(
    post, path = "/deals/{id}/claim-checks", tag = "deals", params(("id" = String, Path)), request_body = Contact,
    responses((status = 200, body = ClaimCheckView), (status = 429, description = "Asked too often in this hour"))
)]
pub async fn check(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<Contact>,
) -> Result<Answer, Problem> {
    let held = find(&app.store, &caller, &id).await?;
    caller.allow(WRITERS)?;
    let tenant = caller.principal.tenant_id;
    let terms = held.deal.terms().filter(|terms| terms.is_candidate_side(tenant));
    let terms = terms.ok_or_else(|| {
        Problem::new(
            Kind::Forbidden,
            "Only who may submit a candidate asks: the candidate side of signed terms.",
        )
    })?;
    let member = caller.principal.member_id.to_string();
    Once::new(&app.store, member, write.idempotency.as_ref())
        .answer(async {
            let Known { keys, .. } = app.fingerprints(held.head.employer_id, &write.body, None).await?;
            let asks_left = app.count(tenant, &CHECKS).await?;
            let today = terms.calendar().map_err(Problem::internal)?.date(clock::now());
            let asked = Asked {
                held: &held,
                candidate: None,
                keys: &keys,
                on: today,
            };
            let known = claims_of(&app.store, asked, terms).await.map_err(not_added)?;
            // A claim that only a question stands between counts as one: the placement would wait for the answer.
            let decision = owner(terms, &known.with_doubtful, today).map_err(not_added)?;
            let answer = Answer::ok(&ClaimCheckView {
                claimed: !decision.owners.is_empty(),
                asks_left,
            })?;
            Ok(Reply::kept(answer))
        })
        .await
}
