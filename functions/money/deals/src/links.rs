//! The confirmation links of candidates. A broker has a candidate asked by mail, and the candidate answers by the link in it, which
//! nobody else is shown.

use inventure_api::once::{Once, Reply};
use std::sync::LazyLock;

use axum::{
    extract::State,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, RequestIds, Write},
    problem::Kind,
    text,
};
use inventure_core::{CandidateId, EventId, TenantId};
use inventure_deal_store::{
    AddError, LoadedDeal, load,
    records::{CandidateAsk, CandidateLink, MailedPerson, SubmittedPerson},
    refuse,
};
use inventure_deals::{Author, Fact, Move, What, Why, fingerprint::normal_email};
use inventure_events::{CandidateAsked, Envelope};
use inventure_people::{
    Caller,
    records::{Member, secret_hash},
};
use inventure_recruiting::records::{Candidate, ConsentScope, ReadResume};
use inventure_table::{Change, Commit, Condition, Key, retry::Attempts, table::Query};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{
    App,
    limits::Limit,
    mailed,
    refusals::not_added,
    routes::{WRITERS, find},
};

/// The most times that a broker has a candidate asked at one employer: more would be begging.
const ASKS_MAX: u32 = 5;

/// The time for which a broker waits before the candidate is asked again.
const WAIT: SignedDuration = SignedDuration::from_hours(24);

/// The time for which an ask is remembered. It is longer than any link is good, so that a no finds it.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 1095);

/// The limit on mails to candidates. A broker writes the addresses into résumés, and without a limit could have anybody written to.
const MAILS: Limit = Limit {
    what: "candidate-mails",
    span: "%Y-%m-%d",
    max: 100,
    told: "A tenant may have 100 candidates asked in a day.",
};

/// The number of times that an answer is tried while others move the same deal.
const ATTEMPTS: u32 = 12;

/// The page that the link leads to. It tells nothing about any person: the secret stays behind the `#`, which no browser sends.
const PAGE: &str = include_str!("page.html");

/// The content security policy of the page. The page may run its own script and no other, and the script may call only the page's own
/// origin.
static PAGE_POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |tag: &str| {
        let inside = PAGE.split_once(&format!("<{tag}>")).map_or("", |(_, rest)| rest);
        let inside = inside.split_once(&format!("</{tag}>")).map_or("", |(inside, _)| inside);
        STANDARD.encode(Sha256::digest(inside))
    };
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        hash("script"),
        hash("style")
    )
});

/// The request to mail a candidate a link.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLink {}

/// A mail with a link that is on its way to the candidate.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkView {
    /// The time at which the mail was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Timestamp,
    /// The number of times that the candidate can still be asked about this employer, in all deals together.
    pub asks_left: u32,
    /// The time from which the candidate can be asked again.
    #[schema(value_type = String, format = DateTime)]
    pub again_at: Timestamp,
}

/// The answers that a candidate can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Confirms that this broker speaks for the candidate with this employer.
    Confirm,
    /// Takes the candidate's consent back.
    Withdraw,
    /// Takes the candidate's consent back, and nobody writes to them in such a matter again.
    Never,
}

/// A candidate's answer by the link in their mail.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkAnswer {
    /// The secret in the link.
    #[garde(length(min = 20, max = 200))]
    token: String,
    /// The candidate's answer.
    #[garde(skip)]
    answer: Said,
}

/// The receipt for a candidate's answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerView {
    /// The time at which the answer was recorded.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
}

/// Asks a submitted candidate, by mail, to confirm the caller's tenant or to take their consent back. The mail goes to an address in
/// their résumé that they were submitted with, and nobody else sees its link.
#[utoipa::path(
    post, path = "/deals/{id}/candidates/{candidate_id}/links", tag = "deals",
    params(("id" = String, Path), ("candidate_id" = String, Path)), request_body = NewLink,
    responses(
        (status = 201, body = LinkView),
        (status = 403, description = "Not the caller's candidate, without consent, or after they said no or never"),
        (status = 409, description = "Asked within the last day, or often enough; written to for two brokers or for this one today; no address that the mail could go to; or nothing is signed yet"),
        (status = 429, description = "The tenant had many asked today"),
        (status = 503, description = "No mail goes out from here"),
    )
)]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Path((id, candidate_id)): Path<(String, String)>,
    ids: RequestIds,
    write: Write<NewLink>,
) -> Result<Answer, Problem> {
    let held = find(&app.store, &caller, &id).await?;
    let NewLink {} = write.body;
    caller.allow(WRITERS)?;
    let candidate: CandidateId = candidate_id.parse().map_err(|_| Problem::not_found())?;
    let submittal = held.deal.candidates().get(&candidate).ok_or_else(Problem::not_found)?;
    let tenant = caller.principal.tenant_id;
    if submittal.tenant != tenant {
        return Err(Problem::new(
            Kind::Forbidden,
            "The broker who submitted the candidate writes to them.",
        ));
    }
    Once::new(&app.store, caller.principal.member_id, write.idempotency.as_ref()).answer(async {
    if !app.mails {
        let detail = "No mail goes out from here: whoever runs the platform has to name a sender (`MailFrom`).";
        return Err(Problem::new(Kind::Unavailable, detail));
    }
    let record: Option<Candidate> = app.store.get(&Candidate::key_of(candidate)).await?;
    let consents = record.is_some_and(|record| record.consents(ConsentScope::ShareWithNetwork, clock::today()));
    if submittal.withdrawn.is_some() || !consents {
        let detail =
            "The candidate took their consent to be shown to others back, or it has ended: they are not asked again.";
        return Err(Problem::new(Kind::ConsentMissing, detail));
    }
    if !held.deal.state().allows(Move::Confirmed) {
        return Err(Problem::new(
            Kind::WrongState,
            "Nobody's word counts in this deal any more.",
        ));
    }
    let now = clock::now();
    let (to, known, mailed) = app.address(&held, candidate, tenant).await?;
    let (times, version) = known.as_ref().map_or((0, 0), |known| (known.times, known.version));
    if times >= ASKS_MAX || known.is_some_and(|known| known.again_at > now) {
        return Err(Problem::new(
            Kind::WrongState,
            format!("Somebody is asked once a day, and {ASKS_MAX} times about one employer."),
        ));
    }
    let counted = mailed::counted(&to.person, tenant, mailed, now)?;
    app.count(tenant, &MAILS).await?;
    let ask = CandidateAsk {
        tenant_id: tenant,
        mailbox: to.mailbox.clone(),
        address: to.fingerprint,
        person: Some(to.person),
        deal_id: held.deal.id(),
        candidate_id: candidate,
        read_at: to.read_at,
        place: to.place,
        sent: false,
        times: times + 1,
        again_at: now + WAIT,
        refused_at: None,
        version: version + 1,
        expires_at: Some((now + KEPT).as_second()),
    };
    let asked = CandidateAsked {
        deal_id: held.deal.id(),
        candidate_id: candidate,
        tenant_id: tenant,
        address: to.mailbox,
    };
    let condition = Condition::at(version);
    let change = counted
        .put(&ask, condition)
        .emit(held.deal.id(), &Envelope::new(asked.into(), now, &ids.correlation_id));
    let answer = Answer::created(&LinkView {
        asked_at: now,
        asks_left: ASKS_MAX - ask.times,
        again_at: ask.again_at,
    })?;
    let conflict = Problem::new(Kind::TooManyRequests, "They are being asked just now.");
    Ok(Reply::new(change, answer).or(conflict))
    }).await
}

/// The mail address at which a candidate is written to.
struct Address {
    /// The time at which the résumé was read. Another reading may have its addresses in another order.
    read_at: Timestamp,
    /// The place of the address among those of the résumé, from 0.
    place: usize,
    /// The fingerprint of the address at the employer, which the submittal has.
    fingerprint: String,
    /// The fingerprint of the mailbox at the employer, under which the asks are counted.
    mailbox: String,
    /// The fingerprint of the mailbox at no employer in particular.
    person: String,
}

impl App {
    /// Returns the address at which a candidate is written to, and the records of asking there. A candidate who said no at any of their
    /// addresses is not asked at another.
    async fn address(
        &self,
        held: &LoadedDeal,
        candidate: CandidateId,
        tenant: TenantId,
    ) -> Result<(Address, Option<CandidateAsk>, Option<MailedPerson>), Problem> {
        let addresses = self.addresses(held, candidate, tenant).await?;
        let keys = addresses.iter().map(|to| CandidateAsk::key_of(tenant, &to.mailbox));
        let keys: Vec<Key> = keys.collect();
        let people: Vec<Key> = addresses.iter().map(|to| MailedPerson::key_of(&to.person)).collect();
        let Some(to) = addresses.into_iter().next() else {
            let detail = "The résumé has no mail address of the candidate's own that they were submitted with.";
            return Err(Problem::new(Kind::WrongState, detail));
        };
        let asks: Vec<CandidateAsk> = self.store.get_many(&keys).await?;
        if asks.iter().any(|ask| ask.refused_at.is_some()) {
            let detail = "The candidate said no when you had them asked about this employer: they are not asked again.";
            return Err(Problem::new(Kind::ConsentMissing, detail));
        }
        let mailed: Vec<MailedPerson> = self.store.get_many(&people).await?;
        if mailed.iter().any(|mailed| mailed.never_since.is_some()) {
            let detail = "The candidate asked never to be written to in such a matter again.";
            return Err(Problem::new(Kind::ConsentMissing, detail));
        }
        let known = asks.into_iter().find(|ask| ask.mailbox == to.mailbox);
        let mailed = mailed.into_iter().find(|mailed| mailed.person == to.person);
        Ok((to, known, mailed))
    }

    /// Returns the addresses in a candidate's résumé at which the candidate may be asked. They were submitted with them, and they are not
    /// those of the broker's own members, who would answer for the candidate. Only the first address of each mailbox is returned. The
    /// index of members lags for moments: a mailbox that joins now is as one that joins right after the mail.
    async fn addresses(
        &self,
        held: &LoadedDeal,
        candidate: CandidateId,
        tenant: TenantId,
    ) -> Result<Vec<Address>, Problem> {
        let key = SubmittedPerson::key_of(held.deal.id(), candidate);
        let person: Option<SubmittedPerson> = self.store.get(&key).await?;
        let read: Option<ReadResume> = self.store.get(&ReadResume::key_of(candidate)).await?;
        let (Some(person), Some(read)) = (person, read) else {
            return Ok(Vec::new());
        };
        let resume = read.resume;
        let members: Vec<Member> = self.store.query_all(&Query::index(Member::of_tenant(tenant))).await?;
        let own: Vec<String> = members
            .iter()
            .filter_map(|member| mailbox(member.email.as_deref()?))
            .collect();
        let key = self.key().await?;
        let print = |email: &str| key.email(held.head.employer_id, email).map(|print| print.to_string());
        let mut addresses: Vec<Address> = Vec::new();
        for (place, email) in resume.emails.iter().enumerate().filter(|(_, email)| email.is_sure()) {
            let mailbox = mailbox(&email.value).filter(|mailbox| !own.contains(mailbox));
            let Some(mailbox) = mailbox else { continue };
            let (Ok(at_employer), Some(anywhere)) = (print(&mailbox), mailed::person(&key, &mailbox)) else {
                continue;
            };
            let Ok(fingerprint) = print(&email.value) else {
                continue;
            };
            let first = addresses.iter().all(|known| known.mailbox != at_employer);
            if first && person.fingerprints.contains(&fingerprint) {
                addresses.push(Address {
                    read_at: read.read_at,
                    place,
                    fingerprint,
                    mailbox: at_employer,
                    person: anywhere,
                });
            }
        }
        Ok(addresses)
    }

    /// Returns the effect of an answer before it is recorded.
    async fn heard(&self, held: &LoadedDeal, link: &CandidateLink, said: Said) -> Result<Heard, Problem> {
        let submittal = held.deal.candidates().get(&link.candidate_id);
        let submittal = submittal.ok_or_else(Problem::not_found)?;
        let what = what(link, said);
        let mut same = held.deal.facts().iter().filter(|fact| fact.what == what);
        match said {
            Said::Confirm => {
                let key = SubmittedPerson::key_of(link.deal_id, link.candidate_id);
                let mut person: SubmittedPerson = self.store.get(&key).await?.ok_or_else(Problem::not_found)?;
                let place = person.confirmed_at.iter().position(|known| *known == link.address);
                // After a no it stands no longer, and is refused as a new one would be.
                let place = place.filter(|_| submittal.withdrawn.is_none());
                let before = place.and_then(|place| same.nth(place)).map(|fact| fact.at);
                person.confirmed_at.push(link.address.clone());
                Ok(Heard {
                    beside: before.is_none().then(|| Change::new().put(&person, Condition::None)),
                    before,
                })
            }
            Said::Withdraw | Said::Never => {
                let (tenant, now) = (submittal.tenant, clock::now());
                let ask = CandidateAsk::key_of(tenant, &link.mailbox);
                let person = SubmittedPerson::key_of(link.deal_id, link.candidate_id);
                let (ask, person): (Option<CandidateAsk>, Option<SubmittedPerson>) =
                    self.store.get_both(&ask, &person).await?;
                let mut beside = match person {
                    Some(person) => refuse(&self.store, tenant, &person, &link.mailbox, now).await?,
                    None => Change::new(),
                };
                if let Some(ask) = ask.filter(|ask| ask.refused_at.is_none()) {
                    beside = beside.and(never_again(ask, now));
                }
                Ok(Heard {
                    beside: (!beside.is_empty()).then_some(beside),
                    before: same.next().map(|fact| fact.at),
                })
            }
        }
    }
}

/// A candidate's answer, compared with what is recorded already.
struct Heard {
    /// The time at which the candidate said the same before. It is a no, or a yes from the same address that still stands.
    before: Option<Timestamp>,
    /// The change that is written beside the fact; `None` where it is written already.
    beside: Option<Change>,
}

/// Marks that the candidate is not asked again.
fn never_again(ask: CandidateAsk, now: Timestamp) -> Change {
    let version = ask.version;
    let refused = CandidateAsk {
        refused_at: Some(now),
        version: version + 1,
        expires_at: None,
        ..ask
    };
    Change::new().update(&refused, version)
}

/// Returns the mailbox that an address most likely leads to: what follows a `+` seldom is another person. `None` where the text is more
/// than an address: `x<me@agency.com>` means the one inside.
pub fn mailbox(address: &str) -> Option<String> {
    text::address(&address, &()).ok()?;
    let address = normal_email(address).ok()?;
    let (name, domain) = address.rsplit_once('@')?;
    let name = name.split_once('+').map_or(name, |(name, _)| name);
    Some(format!("{name}@{domain}"))
}

/// Returns the page that the link in a candidate's mail leads to.
#[utoipa::path(
    get, path = "/candidate-links", tag = "deals", security(()),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn page() -> ([(HeaderName, &'static str); 4], &'static str) {
    (
        [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, PAGE_POLICY.as_str()),
            (REFERRER_POLICY, "no-referrer"),
            (CACHE_CONTROL, "no-store"),
        ],
        PAGE,
    )
}

/// Records the candidate's answer, by the link they were sent. Needs no token. The same answer from the same address again changes
/// nothing.
#[utoipa::path(
    post, path = "/candidate-links/answers", tag = "deals", security(()), request_body = LinkAnswer,
    responses(
        (status = 200, body = AnswerView),
        (status = 403, description = "A yes after consent was taken back"),
        (status = 404, description = "No such link, or not any more"),
        (status = 409, description = "A yes too late: by a link older than 30 days, or after a no"),
    )
)]
pub async fn answer(State(app): State<App>, ids: RequestIds, write: Write<LinkAnswer>) -> Result<Answer, Problem> {
    let hash = secret_hash(&write.body.token);
    Once::new(&app.store, &hash, write.idempotency.as_ref()).answer(async {
    let link: Option<CandidateLink> = app.store.get(&CandidateLink::key_of(&hash)).await?;
    let now = clock::now().as_second();
    let link = link
        .filter(|link| link.expires_at > now)
        .ok_or_else(Problem::not_found)?;
    let said = write.body.answer;
    if said == Said::Never {
        // It holds whatever becomes of the deal.
        let detail =
            "This link is from before that could be said by it. Say no by it; a newer link takes this answer as well.";
        let person = link
            .person
            .as_deref()
            .ok_or_else(|| Problem::new(Kind::WrongState, detail))?;
        app.never_write(person).await?;
    }
    let mut attempts = Attempts::new(ATTEMPTS);
    while attempts.begin().await {
        let held = load(&app.store, link.deal_id).await?.ok_or_else(Problem::not_found)?;
        let Heard { before, beside } = app.heard(&held, &link, said).await?;
        if let (Some(recorded_at), None) = (before, &beside) {
            let answer = Answer::ok(&AnswerView { recorded_at })?;
            return Ok(Reply::kept(answer));
        }
        if said == Said::Confirm && link.confirm_until <= now {
            return Err(Problem::new(
                Kind::WrongState,
                "This link is too old for a yes. A no it still takes.",
            ));
        }
        let mut change = beside.unwrap_or_default();
        let recorded_at = before.unwrap_or_else(|| held.moment(clock::now()));
        if before.is_none() {
            let fact = Fact {
                id: EventId::new(),
                at: recorded_at,
                by: Author::Candidate,
                what: what(&link, said),
            };
            match held.add(vec![fact], &ids.correlation_id) {
                Ok((recorded, _)) => change = change.and(recorded),
                // The deal takes no no any more; that nobody writes to them again is kept all the same.
                Err(AddError::Refused(_)) if said == Said::Never => {}
                Err(error) => return Err(not_taken(error)),
            }
        }
        if let Commit::Done = app.store.commit(change).await? {
            let answer = Answer::ok(&AnswerView { recorded_at })?;
            return Ok(Reply::kept(answer));
        }
    }
    Err(Problem::new(
        Kind::TooManyRequests,
        "Many others write to this deal at the same moment; try again.",
    ))
    }).await
}

const fn what(link: &CandidateLink, said: Said) -> What {
    let candidate = link.candidate_id;
    match said {
        Said::Confirm => What::Confirmed { candidate },
        Said::Withdraw | Said::Never => What::ConsentWithdrawn { candidate },
    }
}

/// Returns the problem for an answer that is not taken, in words for the candidate.
fn not_taken(error: AddError) -> Problem {
    let why = match &error {
        AddError::Refused(refused) => Some(&refused.why),
        _ => None,
    };
    match why {
        Some(Why::ConsentWithdrawn) => Problem::new(
            Kind::ConsentMissing,
            "You took your consent back before, and that stays so: they may not speak for you.",
        ),
        Some(Why::NotInThisState) => Problem::new(
            Kind::WrongState,
            "What this was about is over. Nothing was recorded, and nothing is needed of you.",
        ),
        _ => not_added(error),
    }
}
