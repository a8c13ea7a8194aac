//! Stores for tests, on both engines.
