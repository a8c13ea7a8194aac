//! The Frontend API, through the real router, on both engines, beside a populated neighbour.

#![expect(clippy::unwrap_used, reason = "tests")]

mod client;
#[path = "../support/contract.rs"]
#[expect(dead_code, reason = "the Backend's tests ask more of it")]
mod contract;
mod dev_browser;
mod environment;
mod sessions;

/// The published contract of this audience.
const CONTRACT: &str = include_str!("../../../frontdesk-api/contract/frontend-2026-05-12.json");
