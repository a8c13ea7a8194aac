//! A whole Frontdesk server in a test process.
