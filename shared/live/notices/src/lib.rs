//! Notifications, and the ways in which people want to be told of them.

pub mod records;
