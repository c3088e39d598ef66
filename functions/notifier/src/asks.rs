//! A candidate is asked for their word: one mail, with a link that nobody else is shown.

use inventure_core::TenantId;
use inventure_events::CandidateAsked;
use inventure_lambda::batch::Failure;
use inventure_store::{
    Change, Condition,
    records::{CandidateAsk, CandidateLink, DealHead, ReadResume, Tenant, secret_hash},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use uuid::Uuid;

use crate::{Mail, Notifier};

/// How long a link is good for.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Of a résumé, where its person is written to.
#[derive(Deserialize)]
struct Addresses {
    #[serde(default)]
    emails: Vec<Address>,
}

#[derive(Deserialize)]
struct Address {
    value: String,
}

impl Notifier {
    /// Sends a candidate the link by which they answer. Delivered again, it sends nothing more; who dies in the middle sends another link.
    pub(crate) async fn ask(&self, asked: &CandidateAsked, now: Timestamp) -> Result<(), Failure> {
        let key = CandidateAsk::key_of(asked.deal_id, asked.candidate_id);
        let Some(ask) = self.store.get::<CandidateAsk>(&key).await?.filter(|ask| !ask.sent) else {
            return Ok(());
        };
        let head: Option<DealHead> = self.store.get(&DealHead::key_of(ask.deal_id)).await?;
        let read: Option<ReadResume> = self.store.get(&ReadResume::key_of(ask.candidate_id)).await?;
        let (Some(head), Some(read)) = (head, read) else {
            tracing::info!(deal_id = %ask.deal_id, "candidate.gone");
            return Ok(());
        };
        let addresses: Addresses = serde_json::from_str(&read.resume)?;
        let mut addresses = addresses.emails.into_iter().map(|email| email.value);
        // Another résumé was read in the meantime: whoever asks again asks there.
        let Some(to) = addresses.find(|address| secret_hash(address) == ask.address_hash) else {
            tracing::info!(deal_id = %ask.deal_id, "candidate.address_gone");
            return Ok(());
        };
        let (broker, employer) = (self.name(ask.tenant_id).await?, self.name(head.employer_id).await?);
        // 244 random bits, like an invitation's.
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let link = CandidateLink {
            secret_hash: secret_hash(&token),
            deal_id: ask.deal_id,
            candidate_id: ask.candidate_id,
            expires_at: (now + KEPT).as_second(),
        };
        self.store.commit(Change::new().insert(&link)).await?;
        let page = &self.candidate_page;
        let mail = Mail {
            to,
            subject: format!("May {broker} put you forward at {employer}?"),
            text: format!(
                "{broker} says that you want them to put you forward at {employer}, and asks you to confirm it.\n\n\
                 Say yes or no here:\n\n{page}#{token}\n\n\
                 The link is good for 30 days. It answers for you, so do not pass it on: {broker} does not need it. If you have never heard of \
                 this, say no there.\n"
            ),
        };
        self.mailer.send(&mail).await?;
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

    async fn name(&self, tenant: TenantId) -> Result<String, Failure> {
        let tenant: Option<Tenant> = self.store.get(&Tenant::key_of(tenant)).await?;
        Ok(tenant.ok_or("a tenant that is not there")?.name)
    }
}
