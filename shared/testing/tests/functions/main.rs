//! The functions in memory, through their routes and consumers. One binary, so that it links once.

mod access;
mod bad_input;
mod contracts;
mod road;
