//! What people see: results on standard output, everything else on standard error.

use std::io::Write;

use tracing_subscriber::EnvFilter;

/// Prints a line of a result.
pub(crate) fn line(text: &str) {
    // A closed pipe (`frontdesk … | head -1`) is no reason to fail.
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

/// Prints a line about what is going on.
pub(crate) fn note(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// Prints an error and what caused it, on one line.
pub(crate) fn error(error: &anyhow::Error) {
    note(&format!("frontdesk: {error:#}").replace('\n', " "));
}

/// An error with its causes, each told once.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
        cause = error.source();
    }
    told
}

/// Logs go to standard error; `FRONTDESK_LOG` says which (`info`, `frontdesk_store=debug` …), `warn` if unset.
pub(crate) fn start_log() {
    let filter = EnvFilter::try_from_env("FRONTDESK_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
