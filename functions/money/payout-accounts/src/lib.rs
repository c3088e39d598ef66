//! The account at the payment processor to which an agency is paid. The processor itself asks for the owner's identity and bank; none of
//! that is seen here. Beside it are the payouts, and the comparisons of the books with the processor.

mod reconciliations;

use axum::extract::FromRef;
use inventure_api::once::Once;
use std::sync::Arc;

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem,
    http::{Answer, Write},
    problem::Kind,
};
use inventure_books::records::{Payout, PayoutAccount, PayoutStatus};
use inventure_core::Role;
use inventure_payments::{Processor, ProcessorError};
use inventure_people::Caller;
use inventure_table::{Change, Condition, Store, table};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The most payouts that are shown.
const SHOWN: usize = 100;

/// The state that the routes share.
#[derive(Clone)]
pub struct App {
    store: Store,
    processor: Arc<dyn Processor>,
}

impl App {
    /// Creates the routes' state: the table and the payment processor.
    #[must_use]
    pub fn new(store: Store, processor: Arc<dyn Processor>) -> Self {
        Self { store, processor }
    }
}

impl FromRef<App> for Store {
    fn from_ref(app: &App) -> Self {
        app.store.clone()
    }
}

/// Returns all routes of this function.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open, read))
        .routes(routes!(payouts))
        .routes(routes!(reconciliations::list))
}

/// The page to return to after onboarding.
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

/// The payout account of an agency, and the address to go on with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayoutAccountView {
    /// The processor's id of the account; absent where none was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Whether payouts reach the account.
    pub is_ready: bool,
    /// The address at which the owner tells the processor who they are. Good for some minutes, and once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onboarding_url: Option<String>,
}

/// A payout, or a reversal that takes one back.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayoutView {
    /// The id of the payout, which names what it pays.
    pub id: String,
    /// The deal that the payout is of.
    pub deal_id: inventure_core::DealId,
    /// The amount that is paid, or taken back.
    pub amount: inventure_core::Money,
    /// The status of the payout: `requested`, `settled` or `returned`.
    pub status: PayoutStatus,
    /// The payout that this reversal takes money back of, after a fall-off. Absent in a payout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverses: Option<String>,
    /// The amount of the payout that was taken back, in minor units.
    pub reversed_minor_units: i64,
    /// The processor's id of the transfer; absent before there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_id: Option<String>,
    /// The time at which the payout was requested.
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

/// Opens the account to which the caller's agency is paid, or goes on with it. Returns an address at which an owner tells the processor
/// who they are. Each call returns a new address; the account is one.
#[utoipa::path(
    post, path = "/payout-account", tag = "payouts", request_body = NewOnboarding, responses((status = 200, body = PayoutAccountView))
)]
pub async fn open(State(app): State<App>, caller: Caller, write: Write<NewOnboarding>) -> Result<Answer, Problem> {
    caller.allow(&[Role::AgencyOwner])?;
    let tenant_id = caller.principal.tenant_id;
    // The processor's address is good once, so a repeat gets another; the key is held to its request all the same.
    let once = Once::new(&app.store, caller.principal.member_id, write.idempotency.as_ref());
    once.first().await?;
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
    once.commit(Change::new(), &Answer::ok(&view)?).await?;
    view.onboarding_url = Some(url.map_err(problem)?);
    Answer::ok(&view)
}

/// Returns the account to which the caller's agency is paid.
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

/// Lists the newest payouts to the caller's agency and what was taken back of them, at most 100.
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
