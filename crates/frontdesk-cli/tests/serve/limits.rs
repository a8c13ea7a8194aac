//! Slow clients and floods.

use std::io::{Read, Write};
use std::process::Command;
use std::time::Duration;

use crate::support::{HOST, Serving, ask, connect, eventually, now, try_ask};

#[test]
fn slow_clients_are_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let quick = ["--set", "header_timeout=500ms", "--set", "idle_timeout=2s"];
    let server = Serving::start(folder.path(), &quick);
    let ends_within = |sent: &str, drip: bool, limit: u64| {
        let mut stream = connect(server.port).unwrap();
        let began = now();
        stream.write_all(sent.as_bytes()).unwrap();
        let mut answer = Vec::new();
        if drip {
            // A byte now and then keeps a connection from being silent, and must not keep it.
            while began.elapsed() < Duration::from_secs(limit) && stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        drop(stream.read_to_end(&mut answer));
        assert!(began.elapsed() < Duration::from_secs(limit + 3), "{sent:?} took {:?}", began.elapsed());
        String::from_utf8_lossy(&answer).into_owned()
    };
    ends_within("", false, 3);
    ends_within("GET /v1/client HT", false, 3);
    let dripped = ends_within("GET /v1/client HTTP/1.1\r\nx-slow: ", true, 3);
    assert!(!dripped.contains("200 OK"), "{dripped}");
    let head =
        format!("POST /v1/client/sign_ins HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 100\r\n\r\nhalf");
    ends_within(&head, false, 4);
    assert_eq!(ask(server.port, "GET", "/v1/environment", &[], "").status, 200, "others are served");
    eventually(|| (server.metric("frontdesk_connections") <= 1).then_some(()));
}

/// How many connections lie idle in the test.
const IDLE: usize = 4_000;

/// The memory that a process holds, in MiB.
fn resident_mebibytes(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a process of ours");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

#[test]
fn thousands_of_idle_connections_are_held_and_others_served() {
    // Each is a file in this process and in the server, which inherits the limit.
    let raised = Command::new("prlimit")
        .args([&format!("--nofile={}:", IDLE + 1_000), "--pid", &std::process::id().to_string()])
        .status()
        .expect("prlimit runs");
    if !raised.success() {
        eprintln!("skipped: no process here may open {IDLE} connections");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path(), &["--set", "idle_timeout=1h", "--set", "header_timeout=1h"]);
    let before = resident_mebibytes(server.process());
    let request = format!("GET /v1/health HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    let mut held = Vec::with_capacity(IDLE);
    for number in 0..IDLE {
        let mut stream = connect(server.port).expect("one more connection");
        // Some never ask, some stop in the middle of a head, some wait for their next request.
        match number % 3 {
            0 => {}
            1 => stream.write_all(b"GET /v1/client HTTP/1.1\r\nx-").unwrap(),
            _ => {
                stream.write_all(request.as_bytes()).unwrap();
                let mut answer = [0; 12];
                stream.read_exact(&mut answer).unwrap();
                assert_eq!(&answer, b"HTTP/1.1 200");
            }
        }
        held.push(stream);
    }
    eventually(|| (server.metric("frontdesk_connections") >= IDLE as u64).then_some(()));
    let began = now();
    for _ in 0..20 {
        assert_eq!(ask(server.port, "GET", "/v1/environment", &[], "").status, 200);
    }
    assert!(began.elapsed() < Duration::from_secs(10), "others wait: {:?}", began.elapsed());
    assert_eq!(server.readiness().0, 200);
    let grown = resident_mebibytes(server.process()).saturating_sub(before);
    assert!(grown < 256, "{IDLE} idle connections take {grown} MiB");
    drop(held);
    eventually(|| (server.metric("frontdesk_connections") <= 1).then_some(()));
    assert_eq!(ask(server.port, "GET", "/v1/environment", &[], "").status, 200);
}

#[test]
fn connections_beyond_the_limit_are_refused_at_once_and_room_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path(), &["--set", "max_connections=8"]);
    let held: Vec<_> = (0..8).map(|_| connect(server.port).unwrap()).collect();
    eventually(|| (server.metric("frontdesk_connections") >= 8).then_some(()));
    let began = now();
    for _ in 0..32 {
        let refused = ask(server.port, "GET", "/v1/environment", &[], "");
        assert_eq!(refused.status, 503);
        assert_eq!(refused.json()["errors"][0]["code"], "service_unavailable");
        assert!(refused.head.contains("retry-after: 1"), "{}", refused.head);
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(server.readiness().0, 200, "operators are not locked out");
    assert!(server.metric("frontdesk_connections_refused_total") >= 32);
    drop(held);
    eventually(|| {
        try_ask(server.port, "GET", "/v1/environment", &[], "").filter(|reply| reply.status == 200)
    });
}
