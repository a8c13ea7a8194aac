//! The server as a library: a router, an in-process transport and background jobs.
