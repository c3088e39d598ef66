//! What clients have not paid, and for how long.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use garde::Validate;
use inventure_core::{Currency, Role, TenantId};
use inventure_deal_store::Held;
use inventure_deals::report::{Bucket, OpenInvoice, open_invoices};
use inventure_api::{
    Problem, clock,
    http::{Caller, Query},
};
use inventure_ledger::{Account, Head, Reference};
use inventure_table::records::DealHead;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    READERS_AND_OPERATORS,
    reading::Scope,
    view::{Amount, answer, in_currency, row},
};
use crate::{App, documents::Format, parallel::in_parallel};

/// Of which day, and how it is shown.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AgeingQuery {
    /// In this currency; US dollars without it.
    #[garde(skip)]
    currency: Option<Currency>,
    /// How it stood at the end of this day, in the time zone of each deal's terms; today without it.
    #[garde(skip)]
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<Date>,
    /// `json`, or `csv` for the invoices alone.
    #[garde(skip)]
    format: Option<Format>,
}

row! {
    /// An invoice that is not paid in full.
    AgeingRow {
        /// The deal.
        deal_id: String,
        /// Its place among the deal's bills, from 1.
        number: i64,
        /// What the broker calls it; empty for an operator, since it is a broker's own text.
        invoice: String,
        /// The date of the bill.
        billed_on: String,
        /// How many days it is late, in the time zone of the deal's terms; 0 while it is in time.
        days: i64,
        /// `not_yet_due` through the day that the terms give, then `1-30`, `31-60`, `61-90`, `over_90`.
        bucket: String,
        /// The currency.
        currency: String,
        /// How much was billed.
        amount: Amount,
        /// How much is still to be paid.
        outstanding: Amount,
    }
}

/// What is open in a bucket.
#[derive(Debug, Serialize, ToSchema)]
pub struct BucketTotal {
    /// The bucket.
    bucket: String,
    /// How many invoices.
    invoices: usize,
    /// How much is still to be paid.
    outstanding: Amount,
}

/// What clients have not paid.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgeingReport {
    /// The day; none for today, which is another date in another time zone.
    #[schema(value_type = Option<String>, format = Date)]
    as_of: Option<Date>,
    /// The invoices, the oldest first.
    rows: Vec<AgeingRow>,
    /// The buckets, all of them.
    totals: Vec<BucketTotal>,
    /// Of all invoices.
    total: Amount,
}

/// What the clients of the caller's deals have not paid, by how long it is due; for an operator, those of all deals.
#[utoipa::path(
    get, path = "/reports/ageing", tag = "reports", params(AgeingQuery),
    responses((status = 200, body = AgeingReport), (status = 400, description = "More deals than one report reads"))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AgeingQuery>,
) -> Result<Response, Problem> {
    caller.allow(&READERS_AND_OPERATORS)?;
    let currency = query.currency.unwrap_or(Currency::USD);
    let operator = caller.principal.role == Role::Operator;
    let (tenant, now) = (caller.principal.tenant_id, clock::now());
    let scope = if operator {
        Scope::Network
    } else {
        Scope::Tenant(tenant)
    };
    let heads = app.deal_heads(scope).await?;
    let heads = app.may_be_open(heads, currency, (query.as_of, now)).await?;
    let mut rows = Vec::new();
    for held in app.deals(&heads).await? {
        if is_reported(&held, currency, (!operator).then_some(tenant)) {
            let open = open_invoices(&held.deal, day(&held, query.as_of, now)).map_err(Problem::internal)?;
            rows.extend(open.iter().map(|open| row(&held, open, operator)));
        }
    }
    rows.sort_by(|a, b| (b.days, &a.deal_id, a.number).cmp(&(a.days, &b.deal_id, b.number)));
    let report = AgeingReport {
        as_of: query.as_of,
        totals: totals(&rows, currency),
        total: in_currency(currency)(rows.iter().map(|row| row.outstanding.minor_units).sum()),
        rows,
    };
    Ok(answer(query.format, &report, &report.rows))
}

/// Whether a deal is in this currency, and the tenant, where there is one, a party of it. Whoever may rule over a deal has no part in its money.
pub fn is_reported(held: &Held, currency: Currency, tenant: Option<TenantId>) -> bool {
    let is_party = |tenant| {
        held.deal
            .terms()
            .is_some_and(|terms| terms.parties.iter().any(|party| party.tenant == tenant))
    };
    let in_currency = held.deal.terms().is_some_and(|terms| terms.currency == currency);
    in_currency && tenant.is_none_or(is_party)
}

fn day(held: &Held, as_of: Option<Date>, now: Timestamp) -> Date {
    let calendar = held.deal.terms().and_then(|terms| terms.calendar().ok());
    let today = || calendar.map_or_else(|| TimeZone::UTC.to_datetime(now).date(), |calendar| calendar.date(now));
    as_of.unwrap_or_else(today)
}

fn row(held: &Held, open: &OpenInvoice, operator: bool) -> AgeingRow {
    AgeingRow {
        deal_id: held.deal.id().to_string(),
        number: open.number as i64,
        invoice: if operator { String::new() } else { open.invoice.clone() },
        billed_on: open.billed_on.to_string(),
        days: open.days,
        bucket: Bucket::of(open.days).name().to_owned(),
        currency: open.amount.currency.to_string(),
        amount: open.amount.into(),
        outstanding: open.outstanding.into(),
    }
}

fn totals(rows: &[AgeingRow], currency: Currency) -> Vec<BucketTotal> {
    let total = |bucket: Bucket| {
        let inside = || rows.iter().filter(move |row| row.bucket == bucket.name());
        BucketTotal {
            bucket: bucket.name().to_owned(),
            invoices: inside().count(),
            outstanding: in_currency(currency)(inside().map(|row| row.outstanding.minor_units).sum()),
        }
    };
    Bucket::ALL.map(total).into()
}

impl App {
    /// The deals in which something may have been open on a day: the client's account is not even now, something is still to be booked, or
    /// something happened since that day. All others need not be read.
    async fn may_be_open(
        &self,
        heads: Vec<DealHead>,
        currency: Currency,
        (as_of, now): (Option<Date>, Timestamp),
    ) -> Result<Vec<DealHead>, Problem> {
        let account = |head: &DealHead| -> Option<Account> {
            let deal: Reference = head.deal_id.to_string().parse().ok()?;
            Some(Account::receivable(deal, currency))
        };
        let accounts: Vec<Account> = heads.iter().filter_map(account).collect();
        let batches = accounts.chunks(100).map(|batch| self.ledger.heads(batch)).collect();
        let found: Vec<Vec<Head>> = in_parallel(batches).await?;
        let balances: BTreeMap<Account, i64> = found
            .into_iter()
            .flatten()
            .map(|head| (head.account, head.balance_minor_units))
            .collect();
        // No zone is as much as a day ahead of UTC: what happened before this moment happened on that day or before, wherever the days are counted.
        let since = as_of
            .and_then(|day| day.to_zoned(TimeZone::UTC).ok())
            .map(|zoned| zoned.timestamp());
        let since = since.map(|midnight| midnight - SignedDuration::from_hours(24));
        let wanted = |head: &DealHead| {
            let balance = account(head).and_then(|account| balances.get(&account).copied());
            let is_even = balance.is_none_or(|balance| balance == 0);
            !is_even || head.due_at.is_some_and(|due| due <= now) || since.is_some_and(|since| head.updated_at > since)
        };
        Ok(heads.into_iter().filter(wanted).collect())
    }
}
