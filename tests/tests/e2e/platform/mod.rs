//! Tests of tables, queues, logs and rights, and of the first hour with all of it.

mod consumers;
mod first_hour;
mod resilience;
mod rights;
mod tables;
