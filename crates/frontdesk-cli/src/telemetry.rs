//! What a server in production tells its operators: logs and numbers.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;
use crate::config::sections::Log;

/// How often what was measured is tidied up.
const UPKEEP: Duration = Duration::from_secs(5);

/// From a point read to a sign-in on a busy machine, in seconds.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Starts the log, on standard error.
pub(crate) fn start_log(settings: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.filter).context("log.filter")?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match settings.format {
        LogFormat::Json => {
            log.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
        }
        LogFormat::Text => log.try_init(),
    };
    started.map_err(|error| anyhow!("the log cannot be started: {error}"))
}

/// Begins to measure. What it gives writes everything in the text format of Prometheus.
pub(crate) fn start_metrics() -> Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
        .context("the buckets of histograms")?;
    let handle = builder.install_recorder().context("numbers cannot be collected")?;
    describe();
    begin_at_zero();
    gauge!("frontdesk_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let upkeep = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}

/// Counts that have not happened yet are 0 and not missing: a rate begins with the first one.
fn begin_at_zero() {
    for strategy in ["password", "email_code", "reset_password_email_code", "ticket"] {
        counter!("frontdesk_sign_ins_total", "strategy" => strategy).increment(0);
    }
    for outcome in ["accepted", "refused", "limited", "failed"] {
        counter!("frontdesk_sign_in_steps_total", "outcome" => outcome).increment(0);
    }
    for outcome in ["queued", "delivered", "postponed", "failed", "handed_over"] {
        counter!("frontdesk_mails_total", "outcome" => outcome).increment(0);
    }
    for outcome in ["done", "conflict", "stale", "failed"] {
        counter!("frontdesk_database_commits_total", "outcome" => outcome).increment(0);
    }
    for kind in ["session", "template"] {
        counter!("frontdesk_tokens_minted_total", "kind" => kind).increment(0);
    }
    for name in ["frontdesk_sign_ups_total", "frontdesk_connections_refused_total"] {
        counter!(name).increment(0);
    }
    for name in ["frontdesk_requests_in_flight", "frontdesk_connections", "frontdesk_hashing_queue"] {
        gauge!(name).increment(0.0);
    }
}

/// What each number means. docs/deploy.md lists the same.
fn describe() {
    describe_gauge!("frontdesk_info", "The version that runs.");
    describe_counter!("frontdesk_requests_total", "Requests that were answered.");
    describe_histogram!("frontdesk_request_duration_seconds", "How long answers took.");
    describe_gauge!("frontdesk_requests_in_flight", "Requests that are being answered.");
    describe_gauge!("frontdesk_connections", "Open connections.");
    describe_counter!("frontdesk_connections_refused_total", "Connections beyond max_connections.");
    describe_counter!("frontdesk_database_commits_total", "Commits, by what became of them.");
    describe_histogram!("frontdesk_database_commit_duration_seconds", "How long commits took.");
    describe_gauge!("frontdesk_hashing_queue", "Passwords that wait to be hashed, or are being hashed.");
    describe_histogram!("frontdesk_hashing_duration_seconds", "How long a password took, waiting included.");
    describe_counter!("frontdesk_tokens_minted_total", "Tokens that were signed.");
    describe_counter!(
        "frontdesk_sign_ins_total",
        "Sign-ins that ended with a session, by what proved the person."
    );
    describe_counter!(
        "frontdesk_sign_in_steps_total",
        "Steps of sign-ins that prove something, by what became of them."
    );
    describe_counter!("frontdesk_sign_ups_total", "Sign-ups that ended with a user.");
    describe_counter!("frontdesk_mails_total", "Mails, by what became of them.");
    describe_counter!("frontdesk_jobs_total", "Jobs in the background, by what became of them.");
}
