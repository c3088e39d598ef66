//! The cost if all persons under guarantee left now.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use garde::Validate;
use inventure_api::{Problem, clock, http::Query};
use inventure_books::records::PaidOut;
use inventure_core::{Currency, Role, TenantId};
use inventure_deal_store::{LoadedDeal, records::DealHead};
use inventure_deals::report::{ExposedPart, Exposure, exposure};
use inventure_ledger::{Account, Kind, Owner, SHARDS, Shard};
use inventure_people::Caller;
use inventure_table::table::Key;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    READERS_AND_OPERATORS,
    ageing::is_reported,
    reading::Scope,
    view::{Amount, answer, in_currency, row},
};
use crate::{App, documents::Format};

/// The states in which a guarantee may run, as in the head of a deal.
const RUNNING: [&str; 6] = ["placed", "invoiced", "paid", "fallen_off", "replacing", "disputed"];

/// The currency of an exposure report, and its form.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ExposureQuery {
    /// The currency of the deals; US dollars if absent.
    #[garde(skip)]
    currency: Option<Currency>,
    /// The form of the report: `json`, or `csv` for the rows alone.
    #[garde(skip)]
    format: Option<Format>,
}

row! {
    /// The amounts that one side would get or give back if the person of a deal left now. A side is the client, a party, or the network.
    ExposureRow {
        /// The deal with a running guarantee.
        deal_id: String,
        /// The last date that the guarantee covers, in the time zone of the terms.
        guarantee_ends_on: String,
        /// The current day of the guarantee, where the first day at work is 0. If the person has left and the client may still choose, it
        /// is the day on which they left.
        day: i64,
        /// The number of days that the guarantee lasts after its first day.
        days: i64,
        /// The part of the fee that the client would get back, as `50%` or `31/90`.
        refund: String,
        /// The side that the row is about: `client`, `network`, or the party's id in the terms. An agency sees its own row only.
        who: String,
        /// The tenant id of the agency; empty for the client and the network.
        tenant: String,
        /// The currency of the amounts.
        currency: String,
        /// The amount that the client would no longer owe or would get back. For the client only.
        credited: Option<Amount>,
        /// The part of `credited` that the client has paid and would get back. For the client only.
        gets_back: Option<Amount>,
        /// The amount that a party or the network would give back.
        gives_back: Option<Amount>,
        /// The part of `gives_back` that the party would owe. It has been paid that already, or had it kept back for a debt.
        paid_out: Option<Amount>,
    }
}

/// The sums of an exposure report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExposureTotal {
    /// The number of guarantees that run.
    deals: usize,
    /// The amount that clients would get back.
    gets_back: Amount,
    /// The amount that would be given back.
    gives_back: Amount,
    /// The part of `gives_back` that has been paid out already.
    paid_out: Amount,
}

/// The network's money to meet an exposure with.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExposureCover {
    /// The network's cash, without what is on its way to brokers.
    cash: Amount,
    /// The guarantee reserve.
    guarantee_reserve: Amount,
    /// The `cash` less what clients would get back. Below zero, it is what is missing.
    cash_left: Amount,
    /// The `guarantee_reserve` less what has been paid out already. Below zero, it is what is missing.
    reserve_left: Amount,
}

/// The cost if all persons under guarantee left now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExposureReport {
    /// The rows by deal, with the guarantee that ends first at the top.
    rows: Vec<ExposureRow>,
    /// The sums of all rows.
    total: ExposureTotal,
    /// The cover of the whole network; for operators only.
    cover: Option<ExposureCover>,
}

/// Returns the cost of every running guarantee if the person left now, and who would give back what. An agency sees its own part. An
/// operator sees all parts, beside the cash and the reserve that there are.
#[utoipa::path(
    get, path = "/reports/exposure", tag = "reports", params(ExposureQuery),
    responses((status = 200, content((ExposureReport = "application/json"), (String = "text/csv"))), (status = 400, description = "More deals than one report reads"))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ExposureQuery>,
) -> Result<Response, Problem> {
    caller.allow(&READERS_AND_OPERATORS)?;
    let currency = query.currency.unwrap_or(Currency::USD);
    let tenant = (caller.principal.role != Role::Operator).then_some(caller.principal.tenant_id);
    let mut heads = app.deal_heads(tenant.map_or(Scope::Network, Scope::Tenant)).await?;
    heads.retain(|head: &DealHead| RUNNING.contains(&head.state.as_str()));
    let mut all = app.deals(&heads).await?;
    all.retain(|held| is_reported(held, currency, tenant));
    let paid = app.paid_out(&all).await?;
    let (mut exposed, now) = (Vec::new(), clock::now());
    for held in &all {
        let paid: BTreeMap<TenantId, i64> = paid
            .iter()
            .filter(|paid| paid.deal_id == held.deal.id())
            .map(|paid| (paid.tenant_id, paid.minor_units))
            .collect();
        // The moment that a fact has which is told now.
        let found = exposure(&held.deal, held.moment(now), &paid).map_err(Problem::internal)?;
        exposed.extend(found.map(|found| (held, found)));
    }
    exposed.sort_by_key(|(held, found)| (found.last_day, held.deal.id()));
    let rows: Vec<ExposureRow> = exposed
        .iter()
        .flat_map(|(held, found)| rows(held, found, currency, tenant))
        .collect();
    let total = total(&rows, exposed.len(), currency);
    let cover = match tenant {
        Some(_) => None,
        None => Some(app.cover(&total, currency).await?),
    };
    let report = ExposureReport { rows, total, cover };
    Ok(answer(query.format, &report, &report.rows))
}

fn rows(held: &LoadedDeal, found: &Exposure, currency: Currency, tenant: Option<TenantId>) -> Vec<ExposureRow> {
    let amount = in_currency(currency);
    let row = |who: String, tenant: String| ExposureRow {
        deal_id: held.deal.id().to_string(),
        guarantee_ends_on: found.last_day.to_string(),
        day: found.day.into(),
        days: found.days.into(),
        refund: found.refund.to_string(),
        who,
        tenant,
        currency: currency.to_string(),
        credited: None,
        gets_back: None,
        gives_back: None,
        paid_out: None,
    };
    let client = ExposureRow {
        credited: Some(amount(found.credited)),
        gets_back: Some(amount(found.refunded)),
        ..row("client".to_owned(), String::new())
    };
    let part = |part: &ExposedPart| ExposureRow {
        gives_back: Some(amount(part.gives_back)),
        paid_out: part.tenant.is_some().then(|| amount(part.paid_out)),
        ..row(
            part.who.to_string(),
            part.tenant.map(|tenant| tenant.to_string()).unwrap_or_default(),
        )
    };
    match tenant {
        Some(own) => {
            let own = found.parts.iter().filter(|part| part.tenant == Some(own));
            own.map(part).collect()
        }
        None => std::iter::once(client).chain(found.parts.iter().map(part)).collect(),
    }
}

fn total(rows: &[ExposureRow], deals: usize, currency: Currency) -> ExposureTotal {
    let sum = |of: fn(&ExposureRow) -> &Option<Amount>| {
        let units = rows
            .iter()
            .filter_map(|row| of(row).as_ref())
            .map(|amount| amount.minor_units);
        in_currency(currency)(units.sum())
    };
    ExposureTotal {
        deals,
        gets_back: sum(|row| &row.gets_back),
        gives_back: sum(|row| &row.gives_back),
        paid_out: sum(|row| &row.paid_out),
    }
}

impl App {
    async fn paid_out(&self, deals: &[LoadedDeal]) -> Result<Vec<PaidOut>, Problem> {
        let keys = deals.iter().flat_map(|held| {
            let parties = held
                .deal
                .terms()
                .map(|terms| terms.parties.as_slice())
                .unwrap_or_default();
            parties
                .iter()
                .map(|party| PaidOut::key_of(held.deal.id(), party.tenant))
        });
        self.many(&keys.collect::<Vec<Key>>()).await
    }

    async fn cover(&self, total: &ExposureTotal, currency: Currency) -> Result<ExposureCover, Problem> {
        let balances = async |kind: Kind, shards: u8| -> Result<i64, Problem> {
            let shards = (0..shards).filter_map(Shard::new);
            let accounts: Result<Vec<Account>, _> = shards
                .map(|shard| Account::new(Owner::Network(shard), kind, currency))
                .collect();
            let heads = self.ledger.heads(&accounts.map_err(Problem::internal)?).await?;
            Ok(heads.iter().map(|head| head.balance_minor_units).sum())
        };
        let cash = balances(Kind::Cash, SHARDS).await? - balances(Kind::InTransit, SHARDS).await?;
        let reserve = balances(Kind::GuaranteeReserve, 1).await?;
        let amount = in_currency(currency);
        Ok(ExposureCover {
            cash: amount(cash),
            guarantee_reserve: amount(reserve),
            cash_left: amount(cash - total.gets_back.minor_units),
            reserve_left: amount(reserve - total.paid_out.minor_units),
        })
    }
}
