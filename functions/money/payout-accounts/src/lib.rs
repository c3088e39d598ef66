//! The account at the payment processor that an agency is paid to. The processor itself asks who they are and which bank; none of that is seen
//! here. Beside it: what was paid, and whether the processor agrees.

mod reconciliations;

use std::sync::Arc;

use async_trait::async_trait;
use axum::{Json, extract::State};
use garde::Validate;
use inventure_core::{Principal, Role};
use inventure_api::{
    Problem,
    http::{Answer, Caller, Directory, Write},
    problem::Kind,
};
use inventure_payments::{Processor, ProcessorError};
use inventure_table::{
    Change, Condition, Store,
    records::{Payout, PayoutAccount, PayoutStatus},
    table,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The most payouts that are shown.
const SHOWN: usize = 100;

/// What the routes work on.
#[derive(Clone)]
pub struct App {
    store: Store,
    processor: Arc<dyn Processor>,
}

impl App {
    /// The routes' world.
    #[must_use]
    pub fn new(store: Store, processor: Arc<dyn Processor>) -> Self {
        Self { store, processor }
    }
}

#[async_trait]
impl Directory for App {
    async fn principal(&self, subject: &str) -> Result<Option<Principal>, Problem> {
        self.store.principal(subject).await
    }
}

/// All routes of this function.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open, read))
        .routes(routes!(payouts))
        .routes(routes!(reconciliations::list))
}

/// Where to come back to.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOnboarding {
    /// The page that the processor sends the person back to.
    #[garde(length(max = 500), custom(is_page))]
    return_url: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that garde calls")]
fn is_page(url: &str, (): &()) -> garde::Result {
    let local = ["http://localhost:", "http://127.0.0.1:"]
        .iter()
        .any(|start| url.starts_with(start));
    if url.starts_with("https://") || local {
        Ok(())
    } else {
        Err(garde::Error::new("is no https address"))
    }
}

/// The account, and where to go on with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayoutAccountView {
    /// The processor's id of it; absent where none was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Whether payouts reach it.
    pub is_ready: bool,
    /// Where to tell the processor who you are. Good for some minutes, and once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onboarding_url: Option<String>,
}

/// A payout, or what takes one back.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayoutView {
    /// Its id: what it pays.
    pub id: String,
    /// The deal.
    pub deal_id: inventure_core::DealId,
    /// How much.
    pub amount: inventure_core::Money,
    /// `requested`, `settled` or `returned`.
    #[schema(value_type = String)]
    pub status: PayoutStatus,
    /// The payout that this takes money back of, after a fall-off; absent in a payout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverses: Option<String>,
    /// What of it was taken back, in minor units.
    pub reversed_minor_units: i64,
    /// The processor's transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_id: Option<String>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
}

fn problem(error: ProcessorError) -> Problem {
    match error {
        ProcessorError::Declined { ref code, .. } => Problem::new(
            Kind::WrongState,
            format!("The payment processor declines ({code}); look at its own pages."),
        ),
        ProcessorError::Unknown(_) => Problem::unavailable(error),
    }
}

/// Opens the account that the caller's agency is paid to, or goes on with it: gives an address at which an owner tells the processor who they
/// are. Each call gives a new address; the account is one.
#[utoipa::path(
    post, path = "/payout-account", tag = "payouts", request_body = NewOnboarding, responses((status = 200, body = PayoutAccountView))
)]
pub async fn open(State(app): State<App>, caller: Caller, write: Write<NewOnboarding>) -> Result<Answer, Problem> {
    caller.allow(&[Role::AgencyOwner])?;
    let tenant_id = caller.principal.tenant_id;
    // The processor's address is good once, so a repeat gets another; the key is held to its request all the same.
    let (owner, key) = (caller.principal.member_id.to_string(), write.idempotency.as_ref());
    app.store.remembered(&owner, key).await?;
    let known: Option<PayoutAccount> = app.store.get(&PayoutAccount::key_of(tenant_id)).await?;
    let account = if let Some(known) = known {
        known.account
    } else {
        let opened = app
            .processor
            .open_account(&tenant_id.to_string())
            .await
            .map_err(problem)?;
        let record = PayoutAccount {
            tenant_id,
            account: opened.id.clone(),
            is_ready: opened.is_ready,
            version: 1,
        };
        // Asked twice at once the processor gives the same account, so it does not matter whose write is the first.
        app.store.commit(Change::new().put(&record, Condition::Absent)).await?;
        opened.id
    };
    let url = app.processor.onboarding_link(&account, &write.body.return_url).await;
    let found = app.processor.account(&account).await.map_err(problem)?;
    let mut view = PayoutAccountView {
        account: Some(account),
        is_ready: found.is_ready,
        onboarding_url: None,
    };
    app.store.keep(&owner, key, &Answer::ok(&view)?).await?;
    view.onboarding_url = Some(url.map_err(problem)?);
    Answer::ok(&view)
}

/// The account that the caller's agency is paid to.
#[utoipa::path(get, path = "/payout-account", tag = "payouts", responses((status = 200, body = PayoutAccountView)))]
pub async fn read(State(app): State<App>, caller: Caller) -> Result<Json<PayoutAccountView>, Problem> {
    let known: Option<PayoutAccount> = app
        .store
        .get(&PayoutAccount::key_of(caller.principal.tenant_id))
        .await?;
    let is_ready = match &known {
        Some(known) if !known.is_ready => app.processor.account(&known.account).await.map_err(problem)?.is_ready,
        Some(_) => true,
        None => false,
    };
    Ok(Json(PayoutAccountView {
        account: known.map(|known| known.account),
        is_ready,
        onboarding_url: None,
    }))
}

/// The newest payouts to the caller's agency and what was taken back of them, at most 100.
#[utoipa::path(get, path = "/payouts", tag = "payouts", responses((status = 200, body = Vec<PayoutView>)))]
pub async fn payouts(State(app): State<App>, caller: Caller) -> Result<Json<Vec<PayoutView>>, Problem> {
    let query = table::Query {
        limit: SHOWN,
        ..table::Query::index(Payout::of_tenant(caller.principal.tenant_id))
    };
    let payouts: Vec<Payout> = app.store.query(&query).await?;
    let view = |payout: Payout| PayoutView {
        id: payout.payout_id,
        deal_id: payout.deal_id,
        amount: payout.amount,
        status: payout.status,
        reverses: payout.reverses,
        reversed_minor_units: payout.reversed_minor_units,
        transfer_id: payout.transfer_id,
        requested_at: payout.requested_at,
    };
    Ok(Json(payouts.into_iter().map(view).collect()))
}
