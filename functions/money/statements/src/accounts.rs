//! The accounts of a tenant and their balances.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{Problem, http::Query};
use inventure_core::{Currency, Money};
use inventure_ledger::{Account, Kind, amount};
use inventure_people::Caller;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;

/// The choice of accounts to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AccountListing {
    /// The currency of the accounts; US dollars if absent.
    #[garde(skip)]
    currency: Option<Currency>,
}

/// The purpose of an account of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Money that is earned and not yet the tenant's to take.
    Reserved,
    /// Money that is the tenant's to take.
    Available,
    /// Money that the tenant owes.
    Debt,
}

/// An account of the caller's tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// The account, as `GET /statements/{account}` takes it.
    pub account: String,
    /// The purpose of the account.
    pub kind: AccountKind,
    /// The balance of the account.
    pub balance: Money,
    /// The balance as a person writes it.
    pub balance_text: String,
    /// The number of entries in the account.
    pub entries: u64,
}

/// Lists the accounts of the caller's tenant in a currency: what is reserved, available and owed.
#[utoipa::path(
    get, path = "/accounts", tag = "statements", params(AccountListing), responses((status = 200, body = Vec<AccountView>))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(listing): Query<AccountListing>,
) -> Result<Json<Vec<AccountView>>, Problem> {
    let currency = listing.currency.unwrap_or(Currency::USD);
    let mut accounts = Vec::new();
    for (kind, shown) in [
        (Kind::Reserved, AccountKind::Reserved),
        (Kind::Available, AccountKind::Available),
        (Kind::Debt, AccountKind::Debt),
    ] {
        let account = Account::broker(caller.principal.tenant_id, kind, currency).map_err(Problem::internal)?;
        let head = app.ledger.head(&account).await?;
        let balance = Money {
            minor_units: head.as_ref().map_or(0, |head| head.balance_minor_units),
            currency,
        };
        accounts.push(AccountView {
            account: account.to_string(),
            kind: shown,
            balance_text: amount::display(balance),
            balance,
            entries: head.map_or(0, |head| head.sequence),
        });
    }
    Ok(Json(accounts))
}
