//! Comparisons of the books with the payment processor, for operators of the platform.

use axum::{Json, extract::State};
use inventure_api::Problem;
use inventure_books::records::{FoundDifference, Reconciliation};
use inventure_core::Role;
use inventure_people::Caller;
use inventure_table::{Record, table};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// The most reconciliations that are shown: a month of them.
const SHOWN: usize = 31;

/// The most differences that are shown of one reconciliation.
const DIFFERENCES_SHOWN: usize = 100;

/// A comparison of the books with the payment processor.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReconciliationView {
    /// The start of the time that was compared, which counts.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The end of the time that was compared, which does not count.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// The number of items that were compared.
    pub compared: u64,
    /// The number of differences; 0 where all is well.
    pub difference_count: u64,
    /// The first of the differences, at most 100.
    pub differences: Vec<DifferenceView>,
    /// The balances of both sides when they were compared.
    pub balances: Vec<BalanceView>,
}

/// A difference between the books and the processor.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceView {
    /// The kind of the difference: `transfer`, `reversal`, `event_missed`, `open`, `balance`, or `unchecked` where a part could not be
    /// compared.
    pub kind: &'static str,
    /// The platform's or the processor's id of the item; of a balance, the currency.
    pub id: String,
    /// The amount that the books have; absent where they have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub books_minor_units: Option<i64>,
    /// The amount that the processor has; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor_minor_units: Option<i64>,
}

/// The platform's balance in a currency, on both sides, in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceView {
    /// The currency by its ISO 4217 code.
    pub currency: String,
    /// The cash in the books.
    pub books_minor_units: i64,
    /// The least that the processor should have, with what is on its way out.
    pub least_minor_units: i64,
    /// The most that the processor should have, with what it has still to pay back.
    pub most_minor_units: i64,
    /// The balance at the processor.
    pub processor_minor_units: i64,
}

/// Lists the newest comparisons of the books with the payment processor, a month of them. For operators.
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
