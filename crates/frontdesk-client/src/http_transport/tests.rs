use std::error::Error as _;
use std::sync::{Arc, Mutex};

use http::uri::PathAndQuery;
use http::{HeaderMap, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A server that answers every connection with these bytes, after a while, and hangs up.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

async fn server(answer: &'static str, after: Duration) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut bytes = vec![0; 4096];
            let length = connection.read(&mut bytes).await.unwrap_or(0);
            log.lock().unwrap().push(String::from_utf8_lossy(&bytes[..length]).into_owned());
            tokio::time::sleep(after).await;
            connection.write_all(answer.as_bytes()).await.unwrap_or_default();
        }
    });
    Server { url, asked }
}

fn request() -> Request {
    let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, "Bearer sk_test_1".parse().unwrap())]);
    let path = PathAndQuery::from_static("/v1/users/a%2Fb?query=x%26y");
    Request::new(Method::POST, path, headers, Bytes::from_static(b"{\"a\":1}"))
}

#[tokio::test]
async fn a_request_arrives_as_it_is() {
    let server =
        server("HTTP/1.1 201 Created\r\ncf-ray: edge\r\ncontent-length: 2\r\n\r\n{}", Duration::ZERO).await;
    for url in [server.url.clone(), format!("{}/prefix/", server.url)] {
        let response = HttpTransport::new(&url).unwrap().send(request()).await.unwrap();
        assert_eq!((response.status.as_u16(), &response.body[..]), (201, b"{}".as_slice()));
        assert_eq!(response.headers["cf-ray"], "edge");
    }
    let asked = server.asked.lock().unwrap();
    assert!(asked[0].starts_with("POST /v1/users/a%2Fb?query=x%26y HTTP/1.1\r\n"), "{}", asked[0]);
    assert!(asked[1].starts_with("POST /prefix/v1/users/a%2Fb?query=x%26y HTTP/1.1\r\n"), "{}", asked[1]);
    assert!(asked[0].contains("authorization: Bearer sk_test_1\r\n") && asked[0].ends_with("{\"a\":1}"));
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let answer = "HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
    let server = server(answer, Duration::ZERO).await;
    let response = HttpTransport::new(&server.url).unwrap().send(request()).await.unwrap();
    assert_eq!(response.status.as_u16(), 307);
    assert_eq!(server.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn failures_are_told_apart_and_show_no_secret() {
    let fine = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    let short = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n4\r\n    \r\n0\r\n\r\n";
    let minute = Duration::from_mins(1);
    for (answer, after, timeout, limit, expected) in [
        (fine, minute, Duration::from_millis(50), 100, Failure::Timeout),
        (short, Duration::ZERO, minute, 100, Failure::Broken),
        ("", Duration::ZERO, minute, 100, Failure::Broken),
        (fine, Duration::ZERO, minute, 1, Failure::TooLarge),
        (chunked, Duration::ZERO, minute, 5, Failure::TooLarge),
    ] {
        let server = server(answer, after).await;
        let transport = HttpTransport::new(&server.url).unwrap().timeout(timeout).response_limit(limit);
        let error = transport.send(request()).await.unwrap_err();
        assert_eq!(error.failure(), expected, "{answer:?}: {:?}", error.source());
        let shown = format!("{transport:?} {error:?} {error}");
        assert!(!shown.contains("sk_test_1") && !shown.contains("query="), "{shown}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = HttpTransport::new(&format!("http://{closed}")).unwrap().send(request()).await.unwrap_err();
    assert_eq!(error.failure(), Failure::Unreachable);
}

#[test]
fn only_a_place_to_hang_paths_below_is_taken() {
    for url in ["", "localhost:4400", "ftp://a", "http://a?b", "http://a#b", "http://me@a"] {
        assert!(matches!(HttpTransport::new(url), Err(BuildError::ApiUrl(_))), "{url}");
    }
    let error = HttpTransport::new("http://me:hush@api.example.com").unwrap_err();
    assert_eq!(error.to_string(), "\"api.example.com\" is not the http or https URL of a server");
}

#[test]
#[cfg(feature = "https")]
fn a_transport_for_https_can_be_made() {
    HttpTransport::new("https://api.example.com").unwrap();
}

#[test]
fn only_this_machine_is_asked_directly() {
    for (url, loopback) in [
        ("http://127.0.0.1:4400", true),
        ("http://[::1]:4400", true),
        ("http://localhost:4400", true),
        ("http://clerk.frontdesk.localhost", true),
        ("https://api.example.com", false),
        ("http://10.0.0.1", false),
    ] {
        assert_eq!(is_loopback(&Url::parse(url).unwrap()), loopback, "{url}");
    }
}

#[tokio::test]
async fn a_client_over_http_waits_and_asks_again() {
    let busy = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 0\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let server = server(busy, Duration::ZERO).await;
    let retries = crate::Retries::default().first_pause(Duration::from_millis(1));
    let client = crate::Client::builder("sk_test_1").retries(retries);
    let client = client.build(HttpTransport::new(&server.url).unwrap()).unwrap();
    assert_eq!(client.jwks().await.unwrap_err().status().unwrap().as_u16(), 503);
    assert_eq!(server.asked.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn the_pace_is_that_of_the_clock_and_chance_is_chance() {
    let pace = HttpTransport::new("http://127.0.0.1:1").unwrap().pace().unwrap();
    let before = pace.now();
    pace.sleep(Duration::from_millis(2)).await;
    assert!(pace.now() >= before + Duration::from_millis(2));
    assert!((0..20).map(|_| pace.random()).collect::<std::collections::BTreeSet<_>>().len() > 10);
}
