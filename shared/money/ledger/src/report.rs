//! Entries as rows for people and spreadsheets.

use inventure_core::Money;
use serde::Serialize;

use crate::{
    amount,
    chain::Entry,
    csv::{self, Cell},
};

/// One entry as a row. Its JSON is the report in JSON; [`csv()`] makes the report for spreadsheets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The account, as its text.
    pub account: String,
    /// The entry's number.
    pub sequence: u64,
    /// The time of the transaction, as in RFC 3339.
    pub occurred_at: String,
    /// The kind of the transaction, such as `reserve`.
    pub kind: &'static str,
    /// The id of the transaction.
    pub transaction_id: String,
    /// The deal; empty where there is none.
    pub deal: String,
    /// The reason for the transaction; empty where none was given.
    pub reason: String,
    /// The currency of both amounts.
    pub currency: String,
    /// The change of the balance, in the currency's main unit: `-15833.34`.
    pub change: String,
    /// The balance afterwards.
    pub balance: String,
}

const HEADER: [&str; 10] = [
    "account",
    "sequence",
    "occurred_at",
    "kind",
    "transaction_id",
    "deal",
    "reason",
    "currency",
    "change",
    "balance",
];

impl From<&Entry> for Row {
    fn from(entry: &Entry) -> Self {
        let currency = entry.account.currency();
        let decimal = |minor_units| amount::decimal(Money { minor_units, currency });
        Self {
            account: entry.account.to_string(),
            sequence: entry.sequence,
            occurred_at: entry.occurred_at.to_string(),
            kind: entry.kind.name(),
            transaction_id: entry.transaction_id.to_string(),
            deal: entry.deal.as_ref().map_or_else(String::new, ToString::to_string),
            reason: entry.reason.as_ref().map_or_else(String::new, ToString::to_string),
            currency: currency.to_string(),
            change: decimal(entry.change_minor_units),
            balance: decimal(entry.balance_minor_units),
        }
    }
}

/// Rows as CSV with a header.
#[must_use]
pub fn csv(rows: &[Row]) -> String {
    let cells = |row: &Row| {
        vec![
            Cell::text(&row.account),
            Cell::number(row.sequence),
            Cell::text(&row.occurred_at),
            Cell::text(row.kind),
            Cell::text(&row.transaction_id),
            Cell::text(&row.deal),
            Cell::text(&row.reason),
            Cell::text(&row.currency),
            Cell::number(&row.change),
            Cell::number(&row.balance),
        ]
    };
    csv::csv(&HEADER, rows.iter().map(cells))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chain::append_all, sample::reserve};

    #[test]
    fn a_spreadsheet_reads_numbers_and_runs_nothing() {
        let mut transaction = reserve(1, -1_583_334);
        transaction.kind = crate::TransactionKind::Correction;
        transaction.corrects = "reserve:0".parse().ok();
        transaction.reason = "=HYPERLINK(\"http://a\"), see".parse().ok();
        let postings = &mut transaction.postings;
        postings[1].account = "network/00/revenue/USD".parse().unwrap();
        let rows: Vec<Row> = append_all(&transaction, |_| None)
            .unwrap()
            .iter()
            .map(Row::from)
            .collect();
        let text = csv(&rows[..1]);
        let (header, row) = text.split_once("\r\n").unwrap();
        assert_eq!(header.split(',').count(), 10);
        assert_eq!(
            row,
            "client/deal-1/receivable/USD,1,2026-11-22T10:00:00Z,correction,reserve:1,deal-1,\
            \"'=HYPERLINK(\"\"http://a\"\"), see\",USD,-15833.34,-15833.34\r\n"
        );
        let json = serde_json::to_value(&rows[0]).unwrap();
        assert_eq!(json.as_object().unwrap().len(), 10);
        assert_eq!(json["change"], "-15833.34");
    }
}
