//! Tests of people and tenants.

mod identity;
