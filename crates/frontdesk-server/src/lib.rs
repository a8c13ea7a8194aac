//! The server as a library: a router, an in-process transport and background jobs.
//!
//! [`Server::router`] gives a plain tower service without globals or signal handlers; several servers can live in
//! one process, and each can be mounted under a prefix. A request walks through rooms, one question each:
//! `entry` (which instance, which audience?), `extract` (who is calling, what is asked?), `backend` and
//! `frontend` (is it allowed, what changes?), `present` (how is it shown?).

mod backend;
mod chance;
mod clock;
mod dev;
mod entry;
pub mod errors;
mod extract;
mod frontend;
mod in_process;
mod instance;
mod jobs;
pub mod keys;
mod mail;
mod operators;
mod pages;
mod password;
mod pictures;
mod present;
mod provision;
mod rate_limits;
mod recent;
mod refresh_tokens;
pub mod rotation;
mod routes;
mod server;
mod template_key;
mod text;
mod tokens;
mod totp;
mod user_agent;
mod username;
mod versions;

pub use axum::Router;
pub use chance::Chance;
pub use clock::{Clock, ManualClock, SystemClock};
pub use entry::{ClientAddress, ForwardedHeaders, Peer, TrustedProxies};
pub use in_process::InProcess;
pub use instance::LoadedInstance;
pub use jobs::{JobsDone, lifetimes};
pub use operators::{Readiness, redirect_router};
pub use password::{BreachList, Breaches, OpenError as BreachListError, RangeService};
pub use provision::{
    InstanceKeys, KnownKeys, NewInstance, ProvisionError, create_instance, instance_keys, is_sealed, opens,
    test_keys,
};
pub use server::{Config, Mode, Network, Server, StartError};
