//! Starting: what is refused, what is made, and what is not said.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::{HOST, Serving, ask, backend, failure, frontdesk, run, settings, succeed};

#[test]
fn the_first_start_makes_a_live_instance_and_tells_nobody_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path(), &[]);
    let shown = succeed(&["instances", "show", "production", "--json"], folder.path());
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(
        (shown["environment"].as_str(), shown["frontend_api"].as_str()),
        (Some("production"), Some(HOST))
    );
    assert_eq!(shown["frontend_url"], "https://clerk.shop.example", "the server's own address");
    let key = shown["secret_key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("sk_live_"), "no test key");
    assert_eq!(backend(server.port, &key, "GET", "/v1/users", "").unwrap().status, 200);

    let log = serde_json::to_string(&server.log()).unwrap();
    assert!(!log.contains(&key[8..]) && !log.contains("sk_live"), "{log}");
    assert_eq!(ask(server.port, "GET", "/dev/outbox", &[], "").status, 404, "nothing of development");
    assert_eq!(ask(server.port, "GET", "/v1/environment", &[("host", "nobody.example")], "").status, 400);
    assert_eq!(ask(server.port, "GET", "/v1/environment", &[], "").status, 200);
    for name in ["frontdesk.db", "frontdesk.db-wal", "master.key", "control.sock"] {
        let mode =
            std::fs::metadata(folder.path().join(".frontdesk").join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(server.stop(), 0);

    let again = Serving::start(folder.path(), &[]);
    assert_eq!(again.secret_key(), key, "a second start makes nothing");
}

#[test]
fn every_request_is_one_line_without_addresses_and_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path(), &[]);
    let reply = ask(server.port, "GET", "/v1/client?__session=s3cret&_clerk_session_id=x", &[], "");
    assert_eq!(reply.status, 200);
    let line = server.wait_for_line(|line| line["target"] == "frontdesk::request");
    assert_eq!(
        (line["operation"].as_str(), line["status"].as_u64(), line["instance"].as_str()),
        (Some("getClient"), Some(200), Some("production"))
    );
    assert!(line["duration_ms"].is_number() && line["trace_id"].as_str().unwrap().len() == 32, "{line}");
    let refused = ask(server.port, "GET", "/v1/users", &[("authorization", "Bearer sk_live_s3cret")], "");
    let trace_id = refused.json()["clerk_trace_id"].as_str().unwrap().to_owned();
    let line = server.wait_for_line(|line| line["trace_id"] == trace_id.as_str());
    assert_eq!(line["status"], 401);
    let log = serde_json::to_string(&server.log()).unwrap();
    assert!(!log.contains("s3cret") && !log.contains("client\":"), "{log}");
}

#[test]
fn operators_see_numbers_on_an_address_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path(), &[]);
    let key = server.secret_key();
    assert_eq!(backend(server.port, &key, "GET", "/v1/users", "").unwrap().status, 200);
    crate::support::make_user(server.port, &key, "ada@example.com").unwrap();
    assert_eq!(ask(server.port, "GET", "/metrics", &[], "").status, 404, "not where everybody asks");
    assert_eq!(server.metric("frontdesk_requests_total{operation=\"GetUserList\",status=\"200\"}"), 1);
    assert_eq!(server.metric("frontdesk_request_duration_seconds_count{operation=\"GetUserList\"}"), 1);
    assert!(server.metric("frontdesk_database_commits_total{outcome=\"done\"}") >= 1);
    assert_eq!(server.metric("frontdesk_requests_in_flight"), 0);
    for (path, port) in [("/livez", server.port), ("/livez", server.admin), ("/readyz", server.port)] {
        assert_eq!(ask(port, "GET", path, &[], "").status, 200, "{path}");
    }
    assert_eq!(server.readiness().1["status"], "ready");
}

#[test]
fn whatever_keeps_it_from_starting_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let fails = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = frontdesk();
        command.args(arguments).envs(environment.iter().copied());
        let (code, text) = failure(command, folder.path());
        assert_eq!(code, 1, "{text}");
        text
    };
    let text = fails(&["serve"], &[]);
    assert!(text.starts_with("public_url: is missing"), "{text}");
    let text = fails(&["serve", "--public-url", "https://a.example", "--set", "lisen=1"], &[]);
    assert!(text.starts_with("--set lisen: there is no setting lisen; did you mean listen?"), "{text}");
    let text = fails(
        &["serve", "--public-url", "https://a.example", "--set", "tls.key_file=/nowhere"],
        &[("FRONTDESK_DATABASE_URL", "postgres://x/y?sslmode=maybe")],
    );
    assert_eq!(text.lines().count(), 4, "three problems and a last word: {text}");
    assert!(text.contains("tls.certificate_file: is missing") && text.contains("not maybe"), "{text}");
    assert!(text.contains("master.key: has to be set where the data is in PostgreSQL"), "{text}");
    let text = fails(&["serve", "--public-url", "http://localhost:4400", "--listen", "127.0.0.1:0"], &[]);
    assert!(
        text.contains("\"localhost:4400\" cannot be a key host") && text.contains("instance.key_host"),
        "{text}"
    );
    assert!(run(&["config", "check", "--public-url", "https://a.example"], folder.path()).status.success());
    let printed = succeed(&["config", "print", "--set", "master.key=s3cret"], folder.path());
    assert!(printed.contains("[master]\nkey = \"…\"") && !printed.contains("s3cret"), "{printed}");
}

#[test]
fn instances_that_everybody_can_sign_for_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let seeded = frontdesk()
        .args(["dev", "--port", "0", "--seed", "7", "--env-file", "env"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::null())
        .spawn();
    let mut seeded = seeded.unwrap();
    crate::support::eventually(|| folder.path().join("env").exists().then_some(()));
    seeded.kill().unwrap();
    seeded.wait().unwrap();
    let mut command = frontdesk();
    command.args(settings());
    let (code, text) = failure(command, folder.path());
    assert_eq!(code, 1);
    assert!(text.contains("signs with published test keys"), "{text}");
}
