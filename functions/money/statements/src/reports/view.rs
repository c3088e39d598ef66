//! The forms in which a report leaves: JSON, or CSV for a spreadsheet.

use axum::{
    Json,
    http::header,
    response::{IntoResponse, Response},
};
use inventure_core::{Currency, Money};
use inventure_ledger::{
    amount,
    csv::{Cell, csv},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::documents::Format;

/// An amount, for programs and for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Amount {
    /// The amount in the currency's minor unit (cents for USD).
    pub minor_units: i64,
    /// The currency of the amount.
    pub currency: Currency,
    /// The amount as a person writes it: `USD 15,833.34`, `JPY 1,000`, `KWD -1.234`.
    pub text: String,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self {
            minor_units: money.minor_units,
            currency: money.currency,
            text: amount::display(money),
        }
    }
}

/// Returns a function that makes amounts of one currency.
pub fn in_currency(currency: Currency) -> impl Fn(i64) -> Amount + Copy {
    move |minor_units| Money { minor_units, currency }.into()
}

/// A member of a row, which is one column of CSV or two.
pub trait Field {
    /// Returns the names of the field's columns.
    fn columns(name: &str) -> Vec<String> {
        vec![name.to_owned()]
    }

    /// Returns the cells of the field's columns.
    fn cells(&self) -> Vec<Cell>;
}

impl Field for String {
    fn cells(&self) -> Vec<Cell> {
        vec![Cell::text(self)]
    }
}

impl Field for i64 {
    fn cells(&self) -> Vec<Cell> {
        vec![Cell::number(self)]
    }
}

/// An amount in the currency's main unit, as `-15833.34`, and in minor units. Both cells are empty for `None`.
impl Field for Option<Amount> {
    fn columns(name: &str) -> Vec<String> {
        vec![name.to_owned(), format!("{name}_minor_units")]
    }

    fn cells(&self) -> Vec<Cell> {
        let Some(Amount {
            minor_units, currency, ..
        }) = self
        else {
            return vec![Cell::number(""), Cell::number("")];
        };
        let (minor_units, currency) = (*minor_units, *currency);
        let decimal = amount::decimal(Money { minor_units, currency });
        vec![Cell::number(decimal), Cell::number(minor_units)]
    }
}

impl Field for Amount {
    fn columns(name: &str) -> Vec<String> {
        Option::<Self>::columns(name)
    }

    fn cells(&self) -> Vec<Cell> {
        Some(self.clone()).cells()
    }
}

/// A row of a report.
pub trait Row {
    /// Returns the names of all columns.
    fn header() -> Vec<String>;

    /// Returns the cells of all columns.
    fn cells(&self) -> Vec<Cell>;
}

/// Declares a row: its members are the members of the JSON and the columns of the CSV.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl crate::reports::view::Row for $name {
            fn header() -> Vec<String> {
                [$(<$type as crate::reports::view::Field>::columns(stringify!($field))),*].concat()
            }

            fn cells(&self) -> Vec<inventure_ledger::csv::Cell> {
                [$(crate::reports::view::Field::cells(&self.$field)),*].concat()
            }
        }
    };
}

pub(crate) use row;

/// Returns the document as JSON, or its rows as CSV.
pub fn answer<R: Row>(format: Option<Format>, document: &impl Serialize, rows: &[R]) -> Response {
    match format {
        Some(Format::Csv) => {
            let text = csv(&R::header(), rows.iter().map(R::cells));
            ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response()
        }
        _ => Json(document).into_response(),
    }
}
