//! The use of AWS, counted as it happens: calls and units are the bill.

use std::sync::atomic::{AtomicU64, Ordering};

static AWS_CALLS: AtomicU64 = AtomicU64::new(0);
static READ_UNITS: AtomicU64 = AtomicU64::new(0);
static WRITE_UNITS: AtomicU64 = AtomicU64::new(0);

/// Notes one call to AWS. Every adapter calls this; calls are the bill, so they are counted.
pub fn count_aws_call() {
    AWS_CALLS.fetch_add(1, Ordering::Relaxed);
}

/// Notes the units that a call costs at the table. They are of up to 4 kB read, and of up to 1 kB written. In a transaction
/// each counts twice.
pub fn count_units(read: u64, written: u64) {
    READ_UNITS.fetch_add(read, Ordering::Relaxed);
    WRITE_UNITS.fetch_add(written, Ordering::Relaxed);
}

/// The use of AWS that is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// The number of calls to AWS.
    pub aws_calls: u64,
    /// Read units of the table.
    pub read_units: u64,
    /// Write units of the table.
    pub write_units: u64,
}

impl Usage {
    /// Returns the use since the process began.
    #[must_use]
    pub fn now() -> Self {
        Self {
            aws_calls: AWS_CALLS.load(Ordering::Relaxed),
            read_units: READ_UNITS.load(Ordering::Relaxed),
            write_units: WRITE_UNITS.load(Ordering::Relaxed),
        }
    }

    /// Returns the use since an earlier moment.
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
