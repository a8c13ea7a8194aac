//! A server that gives prepared answers and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::{BoxFuture, Client, Pace, Request, Response, Transport, TransportError};

/// Shared with the client that asks it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fake {
    answers: Arc<Mutex<VecDeque<Result<Response, TransportError>>>>,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Fake {
    /// Adds an answer.
    pub(crate) fn answering(self, status: u16, body: &str) -> Self {
        self.with(Ok(response(status, &[], body)))
    }

    /// Adds an answer, or the lack of one.
    pub(crate) fn with(self, answer: Result<Response, TransportError>) -> Self {
        self.answers.lock().unwrap().push_back(answer);
        self
    }

    pub(crate) fn client(&self) -> Client {
        Client::builder("sk_test_hush").build(self.clone()).unwrap()
    }

    /// What was asked, as `METHOD path body`.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let line = |request: &Request| {
            let body = String::from_utf8_lossy(&request.body);
            format!("{} {} {body}", request.method, request.path_and_query).trim_end().to_owned()
        };
        asked.iter().map(line).collect()
    }

    /// The `Authorization` of each request.
    pub(crate) fn authorizations(&self) -> Vec<HeaderValue> {
        self.asked.lock().unwrap().iter().map(|request| request.headers["authorization"].clone()).collect()
    }

    /// The headers of the first request.
    pub(crate) fn headers(&self) -> HeaderMap {
        self.asked.lock().unwrap()[0].headers.clone()
    }
}

impl Transport for Fake {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.asked.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop_front().expect("an answer was prepared");
        Box::pin(async { answer })
    }
}

/// Time that passes only while somebody waits, and no chance.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl Held {
    /// How long was waited each time, in ms.
    pub(crate) fn pauses(&self) -> Vec<u128> {
        self.pauses.lock().unwrap().iter().map(Duration::as_millis).collect()
    }
}

impl Pace for Held {
    fn now(&self) -> Duration {
        self.pauses.lock().unwrap().iter().fold(Duration::ZERO, |sum, pause| sum.saturating_add(*pause))
    }

    fn random(&self) -> u64 {
        0
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'_, ()> {
        self.pauses.lock().unwrap().push(pause);
        Box::pin(async {})
    }
}

/// An answer.
pub(crate) fn response(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Response {
    let headers = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect();
    Response::new(StatusCode::from_u16(status).unwrap(), headers, body.to_owned())
}
