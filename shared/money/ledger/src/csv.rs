//! Tables for spreadsheets: CSV after RFC 4180, with one header row.

use std::{error::Error, iter};

use ::csv::{Terminator, WriterBuilder};

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A cell with a text. One that a spreadsheet would take for a formula gets an apostrophe in front.
    Text(String),
    /// A number that we wrote ourselves. It may begin with a minus and stays as it is.
    Number(String),
}

impl Cell {
    /// A cell with a text.
    #[must_use]
    pub fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    /// A cell with a number.
    #[must_use]
    pub fn number(number: impl ToString) -> Self {
        Self::Number(number.to_string())
    }

    fn written(&self) -> String {
        match self {
            Self::Text(text) => harmless(text),
            Self::Number(number) => number.clone(),
        }
    }
}

/// The header, then the rows, each line ended by CR LF.
///
/// # Panics
/// When a row has not as many cells as the header.
#[must_use]
pub fn csv(header: &[impl AsRef<str>], rows: impl IntoIterator<Item = Vec<Cell>>) -> String {
    let header = header.iter().map(|name| name.as_ref().to_owned()).collect();
    let rows = rows.into_iter().map(|row| row.iter().map(Cell::written).collect());
    match written(iter::once(header).chain(rows)) {
        Ok(text) => text,
        Err(error) => unreachable!("a table in memory: {error}"),
    }
}

fn written(lines: impl Iterator<Item = Vec<String>>) -> Result<String, Box<dyn Error>> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        // What has the mark of comments in it is quoted. Some readers trim what is not, so a cell with a space is.
        .comment(Some(b' '))
        .from_writer(Vec::new());
    for line in lines {
        writer.write_record(line)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_run_nothing_and_numbers_stay_numbers() {
        let rows = [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\tx",
            "a,b",
            "say \"no\"",
            " two words",
            "two\r\nlines",
            "2026-001",
        ]
        .map(|text| vec![Cell::text(text), Cell::number("-15833.34")]);
        let text = csv(&["invoice", "amount"], rows);
        let due = [
            "invoice,amount",
            "'=1+1,-15833.34",
            "'+1,-15833.34",
            "'-1,-15833.34",
            "'@SUM(A1),-15833.34",
            "'\tx,-15833.34",
            "\"a,b\",-15833.34",
            "\"say \"\"no\"\"\",-15833.34",
            "\" two words\",-15833.34",
            "\"two\r\nlines\",-15833.34",
            "2026-001,-15833.34\r\n",
        ];
        assert_eq!(text, due.join("\r\n"));
    }

    #[test]
    fn without_rows_there_is_a_header() {
        assert_eq!(csv(&["a", "b"], []), "a,b\r\n");
    }
}
