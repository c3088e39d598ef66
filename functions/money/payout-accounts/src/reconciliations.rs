//! Whether the books and the processor agree, for who runs the platform.

use axum::{Json, extract::State};
use inventure_core::Role;
use inventure_api::{Problem, http::Caller};
use inventure_table::{
    records::{FoundDifference, Reconciliation},
    table,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// The most reconciliations that are shown: a month of them.
const SHOWN: usize = 31;

/// The most differences that are shown of one.
const DIFFERENCES_SHOWN: usize = 100;

/// A comparison of the books with the payment processor.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReconciliationView {
    /// What happened from here on was compared,
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// and before here.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// How many things were compared.
    pub compared: u64,
    /// How many differences there are; 0 where all is well.
    pub difference_count: u64,
    /// The first of them, at most 100.
    pub differences: Vec<DifferenceView>,
    /// Both sides' balances when they were compared.
    pub balances: Vec<BalanceView>,
}

/// Something that the two sides do not agree on.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceView {
    /// `transfer`, `reversal`, `event_missed`, `open`, `balance`, or `unchecked` where a part could not be compared.
    pub kind: &'static str,
    /// Ours or the processor's id of it; of a balance, the currency.
    pub id: String,
    /// What the books have, where they have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub books_minor_units: Option<i64>,
    /// What the processor has, where it has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor_minor_units: Option<i64>,
}

/// The platform's balance in a currency, on both sides, in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceView {
    /// ISO 4217.
    pub currency: String,
    /// The books' cash.
    pub books_minor_units: i64,
    /// What the processor should have at least, with what is on its way out.
    pub least_minor_units: i64,
    /// What the processor should have at most, with what it has still to pay back.
    pub most_minor_units: i64,
    /// What the processor has.
    pub processor_minor_units: i64,
}

/// The newest comparisons of the books with the payment processor, a month of them. For operators.
#[utoipa::path(get, path = "/reconciliations", tag = "payouts", responses((status = 200, body = Vec<ReconciliationView>)))]
pub async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Vec<ReconciliationView>>, Problem> {
    caller.allow(&[Role::Operator])?;
    let query = table::Query {
        descending: true,
        limit: SHOWN,
        ..table::Query::table(Reconciliation::PARTITION, "")
    };
    let records: Vec<Reconciliation> = app.store.query(&query).await?;
    let mut views = Vec::new();
    for mut record in records {
        let count = record.differences.len() as u64 + u64::from(record.found);
        if record.found > 0 {
            let query = table::Query {
                limit: DIFFERENCES_SHOWN,
                ..table::Query::table(FoundDifference::partition(record.until), "")
            };
            let found: Vec<FoundDifference> = app.store.query(&query).await?;
            record
                .differences
                .extend(found.into_iter().map(|found| found.difference));
        }
        views.push(view(record, count));
    }
    Ok(Json(views))
}

fn view(record: Reconciliation, difference_count: u64) -> ReconciliationView {
    let differences = record.differences.into_iter().map(|difference| DifferenceView {
        kind: difference.kind.name(),
        id: difference.id,
        books_minor_units: difference.books_minor_units,
        processor_minor_units: difference.processor_minor_units,
    });
    let balances = record.balances.into_iter().map(|line| BalanceView {
        currency: line.currency,
        books_minor_units: line.books_minor_units,
        least_minor_units: line.least_minor_units,
        most_minor_units: line.most_minor_units,
        processor_minor_units: line.processor_minor_units,
    });
    ReconciliationView {
        from: record.from,
        until: record.until,
        compared: record.compared,
        difference_count,
        differences: differences.collect(),
        balances: balances.collect(),
    }
}
