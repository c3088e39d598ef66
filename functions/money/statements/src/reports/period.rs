//! Earnings over a period: those of a broker, and those of the network.

use axum::{extract::State, response::Response};
use garde::Validate;
use inventure_api::{Problem, clock, http::Query};
use inventure_core::{Currency, Role};
use inventure_ledger::{
    Account, Kind, Owner, SHARDS, Shard,
    summary::{Earned, Group, Period, PeriodError, Revenue, Span, Summary, Tally, summarize},
};
use inventure_people::Caller;
use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    READERS, refused,
    view::{Amount, answer, in_currency, row},
};
use crate::{App, documents::Format};

/// The most rows of a report.
const ROWS_MAX: usize = 2_000;

/// The unit by which the rows of a report are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReportGroup {
    /// One row for each deal.
    Deal,
    /// One row for each month.
    Month,
}

/// The period of a report, and its form.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PeriodQuery {
    /// The currency of the accounts; US dollars if absent.
    #[garde(skip)]
    currency: Option<Currency>,
    /// The first day of the period, UTC; the first day of the last day's year if absent.
    #[garde(skip)]
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last day of the period, UTC, which counts; today if absent. A period is at most 1,096 days.
    #[garde(skip)]
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// The grouping of the rows: `month`, or `deal`. By month if absent.
    #[garde(skip)]
    group: Option<ReportGroup>,
    /// The form of the report: `json`, or `csv` for the rows alone.
    #[garde(skip)]
    format: Option<Format>,
}

impl PeriodQuery {
    fn period(&self) -> Result<Period, Problem> {
        let today = || TimeZone::UTC.to_datetime(clock::now()).date();
        let to = self.to.unwrap_or_else(today);
        let from = self.from.unwrap_or_else(|| to.first_of_year());
        Period::new(from, to).map_err(|error| match error {
            PeriodError::Reversed => refused("from", "is after `to`"),
            PeriodError::TooLong => refused("to", error.to_string()),
        })
    }
}

/// The change of an account over the period: `opening + change = closing`.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountSpan {
    /// The account, as `GET /statements/{account}` takes it.
    account: String,
    /// The balance before the first day.
    opening: Amount,
    /// The amount by which the balance grew.
    change: Amount,
    /// The balance after the last day.
    closing: Amount,
}

impl From<&Span> for AccountSpan {
    fn from(span: &Span) -> Self {
        let amount = in_currency(span.account.currency());
        Self {
            account: span.account.to_string(),
            opening: amount(span.opening_minor_units),
            change: amount(span.change_minor_units),
            closing: amount(span.closing_minor_units),
        }
    }
}

row! {
    /// The earnings of a broker. `earned - taken_back - paid_out + other` is `reserved + available - owed`.
    EarningsRow {
        /// The deal's id, empty for what belongs to none, or the month as `2026-11`. It is `total` in the sum of all.
        group: String,
        /// The currency of the amounts.
        currency: String,
        /// The broker's shares of what clients were billed.
        earned: Amount,
        /// The amount that became the broker's to take.
        released: Amount,
        /// The amount that was paid to the broker or is on its way, less what came back.
        paid_out: Amount,
        /// The amount that the broker had earned and was taken back.
        taken_back: Amount,
        /// The amount that was kept back for debts.
        kept_back: Amount,
        /// Corrections, and debts that were paid from outside.
        other: Amount,
        /// The amount by which the broker's account `reserved` grew.
        reserved: Amount,
        /// The amount by which the broker's account `available` grew.
        available: Amount,
        /// The amount by which the broker's debt grew.
        owed: Amount,
    }
}

row! {
    /// The earnings of the network. `earned - taken_back + other = net`.
    RevenueRow {
        /// The deal's id, empty for what belongs to none, or the month as `2026-11`. It is `total` in the sum of all.
        group: String,
        /// The currency of the amounts.
        currency: String,
        /// The network's shares of what clients were billed.
        earned: Amount,
        /// The part of the shares that was taken back.
        taken_back: Amount,
        /// Corrections of the network's revenue.
        other: Amount,
        /// The amount by which the network's revenue grew.
        net: Amount,
    }
}

impl EarningsRow {
    fn new(group: &str, currency: Currency, sums: &Earned) -> Self {
        let amount = in_currency(currency);
        Self {
            group: group.to_owned(),
            currency: currency.to_string(),
            earned: amount(sums.earned),
            released: amount(sums.released),
            paid_out: amount(sums.paid_out),
            taken_back: amount(sums.taken_back),
            kept_back: amount(sums.kept_back),
            other: amount(sums.other),
            reserved: amount(sums.reserved),
            available: amount(sums.available),
            owed: amount(sums.owed),
        }
    }
}

impl RevenueRow {
    fn new(group: &str, currency: Currency, sums: &Revenue) -> Self {
        let amount = in_currency(currency);
        Self {
            group: group.to_owned(),
            currency: currency.to_string(),
            earned: amount(sums.earned),
            taken_back: amount(sums.taken_back),
            other: amount(sums.other),
            net: amount(sums.net),
        }
    }
}

/// A report over a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodReport<R> {
    /// The first day of the period.
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// The last day of the period, which counts.
    #[schema(value_type = String, format = Date)]
    to: Date,
    /// The unit by which the rows are grouped.
    group: ReportGroup,
    /// The rows, in order of their groups.
    rows: Vec<R>,
    /// The sum of all rows.
    total: R,
    /// The accounts that the rows come from.
    accounts: Vec<AccountSpan>,
}

impl<R> PeriodReport<R> {
    async fn of<T: Tally>(
        app: &App,
        query: &PeriodQuery,
        accounts: &[Account],
        row: impl Fn(&str, Currency, &T) -> R,
    ) -> Result<Self, Problem> {
        let (period, group) = (query.period()?, query.group.unwrap_or(ReportGroup::Month));
        let currency = query.currency.unwrap_or(Currency::USD);
        let courses = app.courses(accounts, period.from()).await?;
        let by = match group {
            ReportGroup::Deal => Group::Deal,
            ReportGroup::Month => Group::Month,
        };
        let summary: Summary<T> = summarize(&courses, period, by).map_err(Problem::internal)?;
        if summary.rows.len() > ROWS_MAX {
            let message = format!("the period has more than {ROWS_MAX} deals; choose a shorter one, or `group=month`");
            return Err(refused("group", message));
        }
        Ok(Self {
            from: period.from(),
            to: period.to(),
            group,
            rows: summary
                .rows
                .iter()
                .map(|(group, sums)| row(group, currency, sums))
                .collect(),
            total: row("total", currency, &summary.total),
            accounts: summary.accounts.iter().map(AccountSpan::from).collect(),
        })
    }
}

/// Returns what the caller's agency earned, was paid and gave back over a period, by month or by deal. It says how that ties to the
/// agency's accounts.
#[utoipa::path(
    get, path = "/reports/earnings", tag = "reports", params(PeriodQuery),
    responses((status = 200, content((PeriodReport<EarningsRow> = "application/json"), (String = "text/csv"))), (status = 400, description = "The period is none, or holds too much"))
)]
pub async fn earnings(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PeriodQuery>,
) -> Result<Response, Problem> {
    caller.allow(&READERS)?;
    let currency = query.currency.unwrap_or(Currency::USD);
    let account = |kind| Account::broker(caller.principal.tenant_id, kind, currency).map_err(Problem::internal);
    let accounts = [
        account(Kind::Reserved)?,
        account(Kind::Available)?,
        account(Kind::Debt)?,
    ];
    let report = PeriodReport::of(&app, &query, &accounts, EarningsRow::new).await?;
    Ok(answer(query.format, &report, &report.rows))
}

/// Returns what the network earned and gave back over a period, by month or by deal. For operators.
#[utoipa::path(
    get, path = "/reports/revenue", tag = "reports", params(PeriodQuery),
    responses((status = 200, content((PeriodReport<RevenueRow> = "application/json"), (String = "text/csv"))), (status = 400, description = "The period is none, or holds too much"))
)]
pub async fn revenue(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PeriodQuery>,
) -> Result<Response, Problem> {
    caller.allow(&[Role::Operator])?;
    let currency = query.currency.unwrap_or(Currency::USD);
    let shards = (0..SHARDS).filter_map(Shard::new);
    let accounts: Result<Vec<Account>, _> = shards
        .map(|shard| Account::new(Owner::Network(shard), Kind::Revenue, currency))
        .collect();
    let accounts = accounts.map_err(Problem::internal)?;
    let report = PeriodReport::of(&app, &query, &accounts, RevenueRow::new).await?;
    Ok(answer(query.format, &report, &report.rows))
}
