//! Jobs, candidates, their consents and what was read of them.

pub mod records;
