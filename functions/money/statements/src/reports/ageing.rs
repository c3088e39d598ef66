//! The bills that clients have not paid, and the time for which they are late.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use garde::Validate;
use inventure_api::{Problem, clock, http::Query};
use inventure_core::{Currency, Role, TenantId};
use inventure_deal_store::{LoadedDeal, records::DealHead};
use inventure_deals::report::{Bucket, OpenInvoice, open_invoices};
use inventure_ledger::{Account, Head, Reference};
use inventure_people::Caller;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    READERS_AND_OPERATORS,
    reading::Scope,
    view::{Amount, answer, in_currency, row},
};
use crate::{App, documents::Format, parallel::in_parallel};

/// The day of an ageing report, and its form.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AgeingQuery {
    /// The currency of the invoices; US dollars if absent.
    #[garde(skip)]
    currency: Option<Currency>,
    /// The day at whose end the invoices are looked at, in the time zone of each deal's terms. Today if absent.
    #[garde(skip)]
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<Date>,
    /// The form of the report: `json`, or `csv` for the invoices alone.
    #[garde(skip)]
    format: Option<Format>,
}

row! {
    /// An invoice that is not paid in full.
    AgeingRow {
        /// The deal of the invoice.
        deal_id: String,
        /// The place of the invoice among the deal's bills, from 1.
        number: i64,
        /// The broker's name for the invoice. Empty for an operator, since it is a broker's own text.
        invoice: String,
        /// The date of the bill.
        billed_on: String,
        /// The number of days that the invoice is late; 0 while it is in time. Days are counted in the time zone of the deal's terms.
        days: i64,
        /// The ageing bucket: `not_yet_due` through the day that the terms give, then `1-30`, `31-60`, `61-90`, `over_90`.
        bucket: String,
        /// The currency of the amounts.
        currency: String,
        /// The amount that was billed.
        amount: Amount,
        /// The amount that is still to be paid.
        outstanding: Amount,
    }
}

/// The sum of the open invoices in a bucket.
#[derive(Debug, Serialize, ToSchema)]
pub struct BucketTotal {
    /// The name of the bucket.
    bucket: String,
    /// The number of open invoices in the bucket.
    invoices: usize,
    /// The amount that is still to be paid.
    outstanding: Amount,
}

/// The invoices that clients have not paid in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgeingReport {
    /// The day of the report; absent for today, which is another date in another time zone.
    #[schema(value_type = Option<String>, format = Date)]
    as_of: Option<Date>,
    /// The invoices, the oldest first.
    rows: Vec<AgeingRow>,
    /// The sums of all buckets, also of the empty ones.
    totals: Vec<BucketTotal>,
    /// The amount that is still to be paid of all invoices.
    total: Amount,
}

/// Returns what the clients of the caller's deals have not paid, by how long it is due. For an operator, it covers all deals.
#[utoipa::path(
    get, path = "/reports/ageing", tag = "reports", params(AgeingQuery),
    responses((status = 200, content((AgeingReport = "application/json"), (String = "text/csv"))), (status = 400, description = "More deals than one report reads"))
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

/// Whether a deal is in this currency, and the tenant, where there is one, a party of it. A tenant that may only rule over a deal has no
/// part in its money.
pub fn is_reported(held: &LoadedDeal, currency: Currency, tenant: Option<TenantId>) -> bool {
    let is_party = |tenant| {
        held.deal
            .terms()
            .is_some_and(|terms| terms.parties.iter().any(|party| party.tenant == tenant))
    };
    let in_currency = held.deal.terms().is_some_and(|terms| terms.currency == currency);
    in_currency && tenant.is_none_or(is_party)
}

fn day(held: &LoadedDeal, as_of: Option<Date>, now: Timestamp) -> Date {
    let calendar = held.deal.terms().and_then(|terms| terms.calendar().ok());
    let today = || calendar.map_or_else(|| TimeZone::UTC.to_datetime(now).date(), |calendar| calendar.date(now));
    as_of.unwrap_or_else(today)
}

fn row(held: &LoadedDeal, open: &OpenInvoice, operator: bool) -> AgeingRow {
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
    /// Keeps the deals in which an invoice may have been open on a day. In these, the client's account is not even now, a booking is
    /// still due, or something happened since that day. The others need not be read.
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
