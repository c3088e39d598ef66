//! A candidate is asked for their word: one mail, with a link that nobody else is shown.

use inventure_api::{batch::Failure, text};
use inventure_core::TenantId;
use inventure_deal_store::records::{CandidateAsk, CandidateLink, DealHead, MailedPerson};
use inventure_events::CandidateAsked;
use inventure_people::records::{Tenant, secret_hash};
use inventure_recruiting::records::{Candidate, ConsentScope, ReadResume};
use inventure_table::{Change, Commit, Condition, Record, retry::Attempts};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use uuid::Uuid;

use crate::{Mail, NotSent, Notifier, ROUNDS, letter::Letter};

/// The time after an asking before which the next may not come, as the route has it.
const WAIT: SignedDuration = SignedDuration::from_hours(24);

/// The time for which a link is good for a yes.
const CONFIRMS: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The time for which a link is good for a no. It is longer than any claim that a yes could have decided.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 730);

impl Notifier {
    /// Sends a candidate the link by which they answer. Delivered again, it sends nothing more; a run that dies in the middle
    /// sends another link.
    pub(crate) async fn ask(&self, asked: &CandidateAsked, now: Timestamp) -> Result<(), Failure> {
        let key = CandidateAsk::key_of(asked.tenant_id, &asked.address);
        let of_this = |ask: &CandidateAsk| !ask.sent && ask.deal_id == asked.deal_id;
        let Some(ask) = self.store.get::<CandidateAsk>(&key).await?.filter(of_this) else {
            return Ok(());
        };
        let candidate: Option<Candidate> = self.store.get(&Candidate::key_of(ask.candidate_id)).await?;
        let head: Option<DealHead> = self.store.get(&DealHead::key_of(ask.deal_id)).await?;
        let read: Option<ReadResume> = self.store.get(&ReadResume::key_of(ask.candidate_id)).await?;
        // An event may have waited for days: no one is written to who took their consent back or said no, or where another
        // résumé was read since.
        let today = now.to_zoned(TimeZone::UTC).date();
        let never = self.wants_no_mail(&ask).await?;
        let consents = candidate.is_some_and(|candidate| candidate.consents(ConsentScope::ShareWithNetwork, today))
            && ask.refused_at.is_none()
            && !never;
        let (Some(head), Some(read)) = (head, read.filter(|read| consents && read.read_at == ask.read_at)) else {
            tracing::info!(deal_id = %ask.deal_id, "candidate.gone");
            return self.not_asked(ask, now).await;
        };
        let email = read.resume.emails.into_iter().nth(ask.place);
        let email = email.ok_or("a place without an address")?;
        let (sure, to) = (email.is_sure(), email.value);
        // The route saw to it. A mail server reads more into an address than it did, so nothing else goes to one.
        if !sure || text::address(&to, &()).is_err() {
            return self.not_asked(ask, now).await;
        }
        let (broker, employer) = (self.name(ask.tenant_id).await?, self.name(head.employer_id).await?);
        // 244 random bits, like an invitation's.
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let link = CandidateLink {
            secret_hash: secret_hash(&token),
            deal_id: ask.deal_id,
            candidate_id: ask.candidate_id,
            address: ask.address.clone(),
            mailbox: ask.mailbox.clone(),
            person: ask.person.clone(),
            confirm_until: (now + CONFIRMS).as_second(),
            expires_at: (now + KEPT).as_second(),
        };
        self.store.commit(Change::new().insert(&link)).await?;
        if let Err(error) = self
            .mailer
            .send(&mail(
                to,
                broker.as_deref(),
                employer.as_deref(),
                &self.answers_at(&token),
            ))
            .await
        {
            // A link that nobody was sent is good for nobody. Where no answer came, the mail with it may be in somebody's hands.
            if error != NotSent::NoAnswer {
                self.store
                    .commit(Change::new().delete(link.key(), Condition::None))
                    .await?;
            }
            if let NotSent::Refused(code) = &error {
                tracing::warn!(deal_id = %ask.deal_id, code, "candidate.not_asked");
                return self.not_asked(ask, now).await;
            }
            return Err(error.into());
        }
        let version = ask.version;
        let sent = CandidateAsk {
            sent: true,
            version: version + 1,
            ..ask
        };
        self.store
            .commit(Change::new().put(&sent, Condition::Version(version)))
            .await?;
        tracing::info!(deal_id = %sent.deal_id, candidate_id = %sent.candidate_id, "candidate.asked");
        Ok(())
    }

    /// Whether the person said, by any link, that they want no such mail.
    async fn wants_no_mail(&self, ask: &CandidateAsk) -> Result<bool, Failure> {
        let Some(person) = &ask.person else { return Ok(false) };
        let known: Option<MailedPerson> = self.store.get(&MailedPerson::key_of(person)).await?;
        Ok(known.is_some_and(|known| known.never_since.is_some()))
    }

    /// The person's count of mails without the one that did not go out.
    async fn uncounted(&self, ask: &CandidateAsk, asked_at: Timestamp) -> Result<Change, Failure> {
        let Some(person) = &ask.person else {
            return Ok(Change::new());
        };
        let asked_on = asked_at.to_zoned(TimeZone::UTC).date();
        let known: Option<MailedPerson> = self.store.get(&MailedPerson::key_of(person)).await?;
        let known = known.filter(|known| known.day == asked_on && known.mails > 0);
        Ok(known.map_or_else(Change::new, |known| {
            let version = known.version;
            let by = known.by.iter().copied().filter(|tenant| *tenant != ask.tenant_id);
            let less = MailedPerson {
                mails: known.mails - 1,
                by: by.collect(),
                version: version + 1,
                ..known
            };
            Change::new().update(&less, version)
        }))
    }

    /// Notes that nobody was written to: it does not count as asked.
    async fn not_asked(&self, ask: CandidateAsk, now: Timestamp) -> Result<(), Failure> {
        let (version, asked_at) = (ask.version, ask.again_at - WAIT);
        let back = CandidateAsk {
            sent: true,
            times: ask.times.saturating_sub(1),
            again_at: now,
            version: version + 1,
            ..ask
        };
        let mut attempts = Attempts::new(ROUNDS);
        while attempts.begin().await {
            let change = self
                .uncounted(&back, asked_at)
                .await?
                .put(&back, Condition::Version(version));
            if let Commit::Done = self.store.commit(change).await? {
                return Ok(());
            }
            // Another broker had the same person asked meanwhile, or this asking is another by now.
            let known: Option<CandidateAsk> = self.store.get(&back.key()).await?;
            if known.is_none_or(|known| known.version != version) {
                return Ok(());
            }
        }
        Err("the count of mails changed in every round".into())
    }

    /// Returns the address at which a candidate answers. The secret stays behind the `#`, which no browser sends.
    fn answers_at(&self, token: &str) -> String {
        format!("{}/candidate-links#{token}", self.pages)
    }

    /// Returns a tenant's name, if it is a plain one. Names from before they had to be are not repeated under our address.
    async fn name(&self, tenant: TenantId) -> Result<Option<String>, Failure> {
        let tenant: Option<Tenant> = self.store.get(&Tenant::key_of(tenant)).await?;
        let name = tenant.ok_or("a tenant that is not there")?.name;
        Ok(Some(name).filter(|name| text::name(name, &()).is_ok()))
    }
}

/// The mail to a candidate. The names that others call themselves by stand in it in quotation marks, beside what they are
/// here.
fn mail(to: String, broker: Option<&str>, employer: Option<&str>, answers_at: &str) -> Mail {
    let named = |what: &str, name: Option<&str>| {
        name.map_or(what.to_owned(), |name| format!("{what} that calls itself “{name}”"))
    };
    let (broker, employer) = (named("the recruiting agency", broker), named("the employer", employer));
    Letter::default()
        .says("Inventure is a network of recruiters. They may speak for somebody only with that person's own word.")
        .says(&format!(
            "On Inventure, {broker} says that you want to be put forward at {employer}. Is that so?"
        ))
        .links("Say yes or no here", answers_at)
        .says(
            "Yes you can say for 30 days, no for two years, also after a yes. The link answers for you, so do not pass it on: the agency \
             does not need it. If you have never heard of this, say no there, or that nobody is to write to you in such a matter again. Nobody at Inventure asks you for a password, money or papers.",
        )
        .mail(to, "Inventure: may a recruiter put you forward?")
}
