//! Tests of what holds on every route and for every function: rights, bad input, contracts, floods.

mod access;
mod bad_input;
mod changes;
mod contracts;
mod edges;
mod failures;
mod floods;
mod rights;
