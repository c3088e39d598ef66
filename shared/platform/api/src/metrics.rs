//! Metrics in CloudWatch's embedded format: a JSON line on standard output becomes metrics, without a call to anything.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value, json};

use crate::clock;

static AWS_CALLS: AtomicU64 = AtomicU64::new(0);
static READ_UNITS: AtomicU64 = AtomicU64::new(0);
static WRITE_UNITS: AtomicU64 = AtomicU64::new(0);

/// Notes one call to AWS. The adapters in `inventure-table` call this; calls are the bill, so they are counted.
pub fn count_aws_call() {
    AWS_CALLS.fetch_add(1, Ordering::Relaxed);
}

/// Notes what a call costs at the table: units of up to 4 kB read, units of up to 1 kB written. Of a transaction each counts twice.
pub fn count_units(read: u64, written: u64) {
    READ_UNITS.fetch_add(read, Ordering::Relaxed);
    WRITE_UNITS.fetch_add(written, Ordering::Relaxed);
}

/// What was used of AWS: what is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Calls.
    pub aws_calls: u64,
    /// Read units of the table.
    pub read_units: u64,
    /// Write units of the table.
    pub write_units: u64,
}

impl Usage {
    /// Since the process began.
    #[must_use]
    pub fn now() -> Self {
        Self {
            aws_calls: AWS_CALLS.load(Ordering::Relaxed),
            read_units: READ_UNITS.load(Ordering::Relaxed),
            write_units: WRITE_UNITS.load(Ordering::Relaxed),
        }
    }

    /// Since an earlier moment.
    #[must_use]
    pub fn since(earlier: Self) -> Self {
        let now = Self::now();
        Self {
            aws_calls: now.aws_calls - earlier.aws_calls,
            read_units: now.read_units - earlier.read_units,
            write_units: now.write_units - earlier.write_units,
        }
    }
}

/// The unit of a value, as CloudWatch names it.
#[derive(Debug, Clone, Copy)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Thousandths of a second.
    Milliseconds,
}

/// Writes one line of metrics under `dimensions`, which must be few-valued: each combination is a metric of its own.
#[expect(clippy::print_stdout, reason = "a line on standard output is how a metric is sent")]
pub fn emit(dimensions: &[(&str, &str)], values: &[(&str, Unit, f64)]) {
    let metrics: Vec<Value> = values
        .iter()
        .map(|(name, unit, _)| json!({ "Name": name, "Unit": match unit { Unit::Count => "Count", Unit::Milliseconds => "Milliseconds" } }))
        .collect();
    let names: Vec<&str> = dimensions.iter().map(|(name, _)| *name).collect();
    let mut line = Map::new();
    line.insert(
        "_aws".into(),
        json!({
            "Timestamp": clock::now().as_millisecond(),
            "CloudWatchMetrics": [{ "Namespace": "Inventure", "Dimensions": [names], "Metrics": metrics }],
        }),
    );
    line.extend(
        dimensions
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value))),
    );
    line.extend(values.iter().map(|(name, _, value)| ((*name).to_owned(), json!(value))));
    println!("{}", Value::Object(line));
}
