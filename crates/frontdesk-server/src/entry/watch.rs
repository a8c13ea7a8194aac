//! What operators see of every request: one line in the log, and numbers.
//!
//! The log has no addresses (unless the operator asks for them), no paths and no queries: all of them can hold
//! somebody's secret. The trace id, which stands in the answer too, finds the rest.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use metrics::{counter, gauge, histogram};
use tokio::time::Instant;

use super::TraceId;
use crate::{LoadedInstance, Server};

/// Requests that were answered, by `operation` and `status`.
const REQUESTS: &str = "frontdesk_requests_total";
/// How long answers took, in seconds, by `operation`.
const DURATION: &str = "frontdesk_request_duration_seconds";
/// Requests that are being answered.
const IN_FLIGHT: &str = "frontdesk_requests_in_flight";

/// Steps of sign-ins in which something is to be proven, by `outcome`.
const STEPS: &str = "frontdesk_sign_in_steps_total";

/// The operations in which somebody proves who they are.
const SIGN_INS: [&str; 4] =
    ["createSignIn", "attemptSignInFactorOne", "attemptSignInFactorTwo", "resetPassword"];

/// What is known of a request by the time that it is answered. Travels to the front door in the answer.
#[derive(Clone, Debug)]
pub(crate) struct Recognised {
    /// The operation's published name.
    pub(crate) operation: &'static str,
    /// The instance, where the caller got as far as naming one.
    pub(crate) instance: Option<Arc<LoadedInstance>>,
    /// Who asked.
    pub(crate) address: Option<IpAddr>,
}

/// One request on its way through the house. Whoever stops waiting for the answer drops this.
#[derive(Debug)]
pub(super) struct Watch {
    begun: Instant,
}

impl Watch {
    /// Begins to watch.
    pub(super) fn begin() -> Self {
        gauge!(IN_FLIGHT).increment(1.0);
        Self { begun: Instant::now() }
    }

    /// Tells what became of the request.
    pub(super) fn tell(
        self,
        server: &Server,
        trace_id: &TraceId,
        address: Option<IpAddr>,
        response: &Response,
    ) {
        let recognised = response.extensions().get::<Recognised>();
        let operation = recognised.map_or("none", |it| it.operation);
        let instance = recognised.and_then(|it| it.instance.as_ref()).map(|instance| instance.slug.as_str());
        let duration = self.begun.elapsed();
        count(operation, response.status(), duration);
        if SIGN_INS.contains(&operation) {
            counter!(STEPS, "outcome" => outcome(response.status())).increment(1);
        }
        let client = recognised.map_or(address, |it| it.address).filter(|_| server.logs_addresses());
        tracing::info!(
            target: "frontdesk::request",
            operation,
            status = response.status().as_u16(),
            duration_ms = duration.as_secs_f64() * 1000.0,
            instance,
            client = client.map(tracing::field::display),
            trace_id = &*trace_id.0,
            "answered"
        );
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1.0);
    }
}

/// What became of a step, as far as its status tells.
fn outcome(status: StatusCode) -> &'static str {
    match status.as_u16() {
        429 => "limited",
        400..=499 => "refused",
        500.. => "failed",
        _ => "accepted",
    }
}

fn count(operation: &'static str, status: StatusCode, duration: Duration) {
    counter!(REQUESTS, "operation" => operation, "status" => status.as_u16().to_string()).increment(1);
    histogram!(DURATION, "operation" => operation).record(duration.as_secs_f64());
}
