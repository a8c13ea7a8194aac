//! The binary from outside: what a user starts, asks and stops.

mod authenticate;
mod durability;
mod recorded;
mod start;
mod support;
