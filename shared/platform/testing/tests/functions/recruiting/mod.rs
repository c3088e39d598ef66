//! Tests of résumés, consents and matches.

mod consent;
mod corrections;
mod road;
mod uploads;
