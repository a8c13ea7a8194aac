//! The wire contract: resources, operations and error codes, as types without IO.
