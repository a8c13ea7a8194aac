//! When a request is sent again, and how long to wait before.
//!
//! Sent again is only what cannot have been done: a request that found no connection, and one that the server put off
//! (429 or 503 with `Retry-After`). Requests that may be repeated without harm (`GET`, `HEAD`, `PUT`) are also sent
//! again when the connection broke, the time was over, or the server is overloaded or broken. `POST`, `PATCH` and
//! `DELETE` are not: they may have been carried out, and a second `DELETE` would answer that there is no such thing.

use std::fmt;
use std::time::Duration;

use http::{Method, StatusCode};

use crate::transport::{BoxFuture, Failure, Response, TransportError};
use crate::wire;

/// How often a request is sent, how long the pauses are, and when to stop.
///
/// The default: three attempts; pauses of 200 ms, then 400 ms, of which the second half is random; `Retry-After` is
/// obeyed up to 10 s, a longer one is given to the caller; no attempt begins later than 30 s after the first.
///
/// ```
/// use std::time::Duration;
/// use frontdesk_client::{Client, HttpTransport, Retries};
///
/// let patient = Retries::default().attempts(5).within(Duration::from_secs(60));
/// let client = Client::builder("sk_test_…").retries(patient).build(HttpTransport::new("http://127.0.0.1:4400")?)?;
/// # Ok::<(), frontdesk_client::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Retries {
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
    within: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 3,
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(10),
            within: Duration::from_secs(30),
        }
    }
}

impl Retries {
    /// One attempt and no more.
    ///
    /// ```
    /// # use frontdesk_client::Retries;
    /// assert_eq!(Retries::never(), Retries::default().attempts(1));
    /// ```
    pub fn never() -> Self {
        Self::default().attempts(1)
    }

    /// How often a request is sent at most, the first time included: 3 unless said otherwise.
    ///
    /// ```
    /// # use frontdesk_client::Retries;
    /// let twice = Retries::default().attempts(2);
    /// ```
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The pause after the first attempt: 200 ms unless said otherwise. It doubles with every further attempt.
    ///
    /// ```
    /// # use frontdesk_client::Retries;
    /// let retries = Retries::default().first_pause(std::time::Duration::from_millis(50));
    /// ```
    pub const fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// The longest pause: 10 s unless said otherwise. Where the server wants a longer one, the caller gets the refusal
    /// at once, with [`Error::retry_after`](crate::Error::retry_after).
    ///
    /// ```
    /// # use frontdesk_client::Retries;
    /// let retries = Retries::default().longest_pause(std::time::Duration::from_millis(2000));
    /// ```
    pub const fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// How long after the first attempt another may begin: 30 s unless said otherwise.
    ///
    /// ```
    /// # use frontdesk_client::Retries;
    /// let retries = Retries::default().within(std::time::Duration::from_millis(5000));
    /// ```
    pub const fn within(mut self, span: Duration) -> Self {
        self.within = span;
        self
    }

    /// The pause before the next attempt; `None` if there shall be none.
    pub(crate) fn pause(&self, tried: &Tried<'_>, random: u64) -> Option<Duration> {
        if tried.attempts >= self.attempts {
            return None;
        }
        let pause = match advice(tried.method, tried.outcome)? {
            Advice::Wait(wanted) if wanted > self.longest_pause => return None,
            // Not all of those who were put off shall come back in the same moment.
            Advice::Wait(wanted) => wanted.saturating_add(self.first_pause.mul_f64(fraction(random))),
            Advice::BackOff => {
                let doubled = self.first_pause.saturating_mul(1 << (tried.attempts - 1).min(16));
                let half = doubled.min(self.longest_pause) / 2;
                half + half.mul_f64(fraction(random))
            }
        };
        (tried.elapsed.saturating_add(pause) <= self.within).then_some(pause)
    }
}

/// What has been tried so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tried<'a> {
    pub(crate) method: &'a Method,
    /// How often, one at least.
    pub(crate) attempts: u32,
    /// Since the first attempt began.
    pub(crate) elapsed: Duration,
    /// How the last attempt ended.
    pub(crate) outcome: &'a Result<Response, TransportError>,
}

/// How to try again.
enum Advice {
    /// After as long as the server says.
    Wait(Duration),
    /// After a pause of our own.
    BackOff,
}

/// Whether and how the same request may be sent again.
fn advice(method: &Method, outcome: &Result<Response, TransportError>) -> Option<Advice> {
    let harmless = [Method::GET, Method::HEAD, Method::PUT].contains(method);
    match outcome {
        Err(error) => match error.failure() {
            Failure::Unreachable => Some(Advice::BackOff),
            Failure::Timeout | Failure::Broken if harmless => Some(Advice::BackOff),
            _ => None,
        },
        Ok(response) => {
            let put_off =
                [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&response.status);
            match wire::retry_after(&response.headers) {
                Some(wanted) if put_off => Some(Advice::Wait(wanted)),
                _ if harmless && may_pass(response.status) => Some(Advice::BackOff),
                _ => None,
            }
        }
    }
}

/// Whether a refusal with this status may be none later: the server is overloaded or broken. An operation that it does
/// not have (501) it will not have then either.
pub(crate) fn may_pass(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || (status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED)
}

/// A random number from 0 to 1.
fn fraction(random: u64) -> f64 {
    f64::from(u32::try_from(random >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

/// Time and chance, as retries need them. The transport brings them ([`Transport::pace`](crate::Transport::pace)); a
/// test brings its own, so that it need not wait.
///
/// ```
/// use std::time::Duration;
/// use frontdesk_client::{BoxFuture, Pace};
///
/// /// Time stands still, and nobody waits.
/// #[derive(Debug)]
/// struct Timeless;
///
/// impl Pace for Timeless {
///     fn now(&self) -> Duration { Duration::ZERO }
///     fn random(&self) -> u64 { 0 }
///     fn sleep(&self, _pause: Duration) -> BoxFuture<'_, ()> { Box::pin(async {}) }
/// }
/// ```
pub trait Pace: fmt::Debug + Send + Sync + 'static {
    /// The time since some moment, always the same one. It does not run backwards.
    fn now(&self) -> Duration;

    /// A random number, uniformly distributed. Nothing secret is made of it.
    fn random(&self) -> u64;

    /// Waits.
    fn sleep(&self, pause: Duration) -> BoxFuture<'_, ()>;
}

#[cfg(test)]
mod tests;
