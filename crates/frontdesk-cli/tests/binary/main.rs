//! The binary from outside: what a user starts, asks and stops.

mod authenticate;
mod commands;
mod doctor;
mod durability;
mod recorded;
mod start;
mod support;
