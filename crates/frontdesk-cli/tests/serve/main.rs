//! `frontdesk serve`, started and asked from outside.

mod backup;
mod drain;
mod limits;
mod postgres;
mod proxies;
mod start;
mod storage;
mod support;
mod tls;
