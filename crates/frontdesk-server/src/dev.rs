//! What a developer's machine has beside the two APIs: `/dev/*`. None of it exists in production, and none of it
//! answers to a name from outside (decision 19).

mod outbox;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use http::{HeaderMap, header};
use url::Host;

use crate::entry::TraceId;
use crate::server::Mode;
use crate::{Server, errors};

/// The pages of development; nothing in production.
pub(crate) fn router(server: &Server) -> Router {
    match server.mode() {
        Mode::Development { .. } => outbox::router(server).layer(middleware::from_fn(for_this_machine)),
        Mode::Production => Router::new(),
    }
}

/// Answers only to names of this machine. A page from elsewhere can make a browser ask for `http://evil.example/dev/…`
/// with that name pointing here; it must learn nothing.
async fn for_this_machine(request: Request, next: Next) -> Response {
    if is_loopback(request.headers()) {
        next.run(request).await
    } else {
        errors::route_not_found().into_response(TraceId::of(request.extensions()))
    }
}

fn is_loopback(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|value| value.to_str().ok()) else { return false };
    let without_port = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    match Host::parse(without_port) {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let is_answered = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            is_loopback(&headers)
        };
        for host in
            ["localhost", "localhost:4400", "127.0.0.1:4400", "[::1]:4400", "clerk.frontdesk.localhost"]
        {
            assert!(is_answered(host), "{host}");
        }
        for host in
            ["evil.example", "localhost.evil.example:4400", "192.168.1.5:4400", "", "evil.example:localhost"]
        {
            assert!(!is_answered(host), "{host}");
        }
        assert!(!is_loopback(&HeaderMap::new()));
    }
}
