//! The start of a process, before its first event: logs, configuration, time.

use tracing_subscriber::{EnvFilter, fmt};

/// Sets up logs: one JSON object a line, level from `RUST_LOG` (default `info`). Call once, first thing in `main`.
pub fn logs() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // A second call finds a subscriber in place and changes nothing.
    let _ = fmt()
        .json()
        .with_env_filter(filter)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .flatten_event(true)
        .try_init();
}

/// The wall clock.
pub mod clock {
    use jiff::{Timestamp, tz::TimeZone};

    /// Returns the present moment. It is read nowhere else: rules take the time as a parameter.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that the ban points to")]
    pub fn now() -> Timestamp {
        Timestamp::now()
    }

    /// Returns the present day, in UTC.
    #[must_use]
    pub fn today() -> jiff::civil::Date {
        now().to_zoned(TimeZone::UTC).date()
    }
}

/// The settings of the function, from its environment variables.
pub mod config {
    /// A setting the function cannot run without.
    #[derive(Debug, thiserror::Error)]
    #[error("environment variable {0} is missing or not valid")]
    pub struct Missing(pub &'static str);

    /// Reads a setting.
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that the ban points to")]
    pub fn required(name: &'static str) -> Result<String, Missing> {
        std::env::var(name)
            .ok()
            .filter(|value| !value.is_empty())
            .ok_or(Missing(name))
    }

    /// Reads a setting that has another form than text.
    pub fn parsed<T: std::str::FromStr>(name: &'static str) -> Result<T, Missing> {
        required(name)?.parse().map_err(|_| Missing(name))
    }
}
