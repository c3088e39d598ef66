//! Tests of résumés, consents and matches.

mod consent;
mod road;
mod uploads;
