//! Metrics in CloudWatch's embedded format: a JSON line on standard output becomes metrics, without a call to anything.

use std::{cell::Cell, sync::LazyLock};

use serde_json::{Map, Value, json};

use crate::{clock, config};

/// The unit of a value, as CloudWatch names it.
#[derive(Debug, Clone, Copy)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Thousandths of a second.
    Milliseconds,
}

/// The running function, and the version of it, as Lambda names them.
static RUNNING: LazyLock<[String; 2]> = LazyLock::new(|| {
    ["AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION"].map(|name| config::required(name).unwrap_or_default())
});

thread_local! {
    static FAILURES: Cell<u64> = const { Cell::new(0) };
}

/// Returns the number of failures that were counted on this thread, for tests: each has a thread of its own.
#[must_use]
pub fn failures() -> u64 {
    FAILURES.get()
}

/// Counts a piece of work that failed by our fault, by function and version. Lambda itself calls it no error, since there was an answer; the
/// canary of a new version looks at it.
pub fn failed() {
    FAILURES.set(FAILURES.get() + 1);
    let [function, version] = &*RUNNING;
    emit(
        &[("function", function), ("version", version)],
        &[("failures", Unit::Count, 1.0)],
    );
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
