//! `frontdesk serve`, started and asked from outside.

mod backup;
mod documented;
mod drain;
mod limits;
mod metrics;
mod postgres;
mod proxies;
mod recipes;
mod start;
mod storage;
mod support;
mod tls;
