//! Tests of people and tenants: their identity, and what they were let see.

mod grants;
mod identity;
