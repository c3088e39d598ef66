//! Tests of résumés, consents and matches.

mod consent;
mod files;
mod road;
