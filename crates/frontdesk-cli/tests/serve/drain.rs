//! Stopping: what was begun is finished, and not waited for longer than said.

use std::io::{Read, Write};
use std::time::Duration;

use crate::support::{HOST, Serving, connect, eventually, now, try_ask};

/// Begins a request whose body is still to come.
fn begun(server: &Serving) -> std::net::TcpStream {
    let mut stream = connect(server.port).expect("a connection");
    let head = format!(
        "POST /v1/client/sign_ins HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\ncontent-length: 24\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\nidentifier="
    );
    stream.write_all(head.as_bytes()).expect("the head is sent");
    eventually(|| (server.metric("frontdesk_requests_in_flight") >= 1).then_some(()));
    stream
}

#[test]
fn a_request_in_flight_is_finished_and_readiness_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path(), &["--set", "drain_delay=1s"]);
    let mut stream = begun(&server);
    server.signal("-TERM");
    let (status, readiness) = eventually(|| Some(server.readiness()).filter(|(status, _)| *status == 503));
    assert_eq!((status, readiness["status"].as_str()), (503, Some("draining")));
    assert_eq!(
        try_ask(server.port, "GET", "/v1/environment", &[], "").unwrap().status,
        200,
        "until load balancers have noticed, connections are taken"
    );
    eventually(|| connect(server.port).is_none().then_some(()));
    stream.write_all(b"a%40b.example").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 4") && answer.contains("\"errors\""), "{answer}");
    assert_eq!(server.wait(), 0);
    assert!(!folder.path().join(".frontdesk/control.sock").exists());
}

#[test]
fn the_drain_ends_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path(), &["--set", "drain_timeout=500ms"]);
    let _stream = begun(&server);
    let began = now();
    assert_eq!(server.stop(), 0);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Serving::start(folder.path(), &["--set", "drain_timeout=1h"]);
    let _stream = begun(&server);
    server.signal("-TERM");
    server.wait_for_line(|line| line["message"] == "asked to stop");
    assert!(!server.is_over());
    server.signal("-TERM");
    assert_eq!(server.wait(), 143);
}
