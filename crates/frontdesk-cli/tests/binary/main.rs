//! The binary from outside: what a user starts, asks and stops.

mod durability;
mod start;
mod support;
