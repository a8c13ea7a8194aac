//! PostgreSQL: several nodes on one database, TLS to it, and what happens while it is away. Skipped where no server is
//! (`cargo xtask with-postgres` starts one).

mod database;
mod proxy;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

pub(crate) use self::database::Database;
use self::proxy::Proxy;
use crate::support::{
    HOST, MASTER_KEY, Serving, ask, backend, connect, eventually, failure, frontdesk, make_user, now,
    settings, succeed,
};

fn start(url: &str, folder: &std::path::Path) -> Serving {
    let mut command = frontdesk();
    command.env("FRONTDESK_DATABASE_URL", url).env("FRONTDESK_MASTER_KEY", MASTER_KEY);
    Serving::start_command(command, folder, &["--set", "database.pool_size=4"])
}

/// The key of the first instance, of a server on PostgreSQL.
fn secret_key(server: &Serving) -> String {
    server.secret_key()
}

#[test]
fn two_nodes_share_one_database() {
    let Some(database) = Database::create() else { return };
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    // Both at once on an empty database: each wants to make the tables and the first instance.
    let [one, two] = std::thread::scope(|scope| {
        let starts = folders.each_ref().map(|folder| scope.spawn(|| start(&database.url, folder.path())));
        starts.map(|start| start.join().expect("both start"))
    });
    let key = secret_key(&one);
    assert_eq!(secret_key(&two), key, "one instance, not two");

    // A session that one node ends is over on the other at once. (Sessions are made by hand in development alone.)
    let staging = succeed(&["instances", "create", "staging", "--json"], folders[0].path());
    let staging: Value = serde_json::from_str(&staging).unwrap();
    let staging = staging["secret_key"].as_str().unwrap();
    let user = make_user(one.port, staging, "ada@example.com").unwrap();
    let body = format!("{{\"user_id\":\"{user}\"}}");
    let created = backend(two.port, staging, "POST", "/v1/sessions", &body).unwrap().json();
    let session = created["id"].as_str().unwrap();
    let mint = |server: &Serving| {
        backend(server.port, staging, "POST", &format!("/v1/sessions/{session}/tokens"), "{}").unwrap().status
    };
    assert_eq!((mint(&one), mint(&two)), (200, 200));
    let revoked =
        backend(one.port, staging, "POST", &format!("/v1/sessions/{session}/revoke"), "{}").unwrap();
    assert_eq!(revoked.status, 200);
    assert!(mint(&two) >= 400, "the other node must not mint once more");

    // One is killed under load; what either has answered is there.
    let answered = Mutex::new(Vec::new());
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..6 {
            let (port, key, answered, is_over) =
                (if writer % 2 == 0 { one.port } else { two.port }, &key, &answered, &is_over);
            scope.spawn(move || {
                for number in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    if let Ok(id) = make_user(port, key, &format!("w{writer}n{number}@example.com")) {
                        answered.lock().unwrap().push(id);
                    } else if connect(port).is_none() {
                        break;
                    }
                }
            });
        }
        eventually(|| (answered.lock().unwrap().len() > 40).then_some(()));
        one.signal("-KILL");
        let at_the_kill = answered.lock().unwrap().len();
        eventually(|| (answered.lock().unwrap().len() > at_the_kill + 40).then_some(()));
        is_over.store(true, Ordering::Relaxed);
    });
    for id in answered.into_inner().unwrap() {
        let reply = backend(two.port, &key, "GET", &format!("/v1/users/{id}"), "").unwrap();
        assert_eq!(reply.status, 200, "{id} was answered and is lost");
    }
    assert_eq!(two.stop(), 0);
}

#[test]
fn a_database_that_goes_away_and_comes_back() {
    let Some(database) = Database::create() else { return };
    let proxy = Proxy::before(&database.url);
    let folder = tempfile::tempdir().unwrap();
    let server = start(&proxy.url, folder.path());
    let key = secret_key(&server);
    let user = make_user(server.port, &key, "ada@example.com").unwrap();
    assert_eq!(server.readiness().0, 200);

    proxy.cut();
    let began = now();
    let reply = backend(server.port, &key, "GET", &format!("/v1/users/{user}"), "").unwrap();
    assert_eq!(reply.status, 503, "{reply:?}");
    assert_eq!(reply.json()["errors"][0]["code"], "service_unavailable");
    assert!(reply.head.contains("retry-after"), "{}", reply.head);
    assert!(reply.json()["clerk_trace_id"].is_string());
    let frontend = ask(server.port, "GET", "/v1/environment", &[], "");
    assert_eq!(frontend.status, 503, "{frontend:?}");
    assert!(make_user(server.port, &key, "lost@example.com").is_err());
    assert!(began.elapsed() < Duration::from_secs(20), "errors come soon: {:?}", began.elapsed());
    let (status, readiness) = server.readiness();
    assert_eq!((status, readiness["status"].as_str()), (503, Some("database_unavailable")));
    assert_eq!(ask(server.port, "GET", "/livez", &[], "").status, 200, "no reason to restart it");
    let text = serde_json::to_string(&server.log()).unwrap();
    assert!(!text.contains(&database.password), "the log holds no password");

    proxy.mend();
    eventually(|| (server.readiness().0 == 200).then_some(()));
    let reply = backend(server.port, &key, "GET", &format!("/v1/users/{user}"), "").unwrap();
    assert_eq!(reply.status, 200, "without a restart");
    make_user(server.port, &key, "found@example.com").unwrap();
}

#[test]
fn a_wrong_master_key_and_a_newer_schema_are_one_clear_line() {
    let Some(database) = Database::create() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = start(&database.url, folder.path());
    assert_eq!(server.stop(), 0);
    let fails = |master_key: &str| {
        let mut command = frontdesk();
        command.args(settings());
        command.env("FRONTDESK_DATABASE_URL", &database.url).env("FRONTDESK_MASTER_KEY", master_key);
        let (code, text) = failure(command, folder.path());
        assert_eq!(code, 1, "{text}");
        let last = text.lines().last().unwrap_or_default().to_owned();
        assert!(!text.contains(&database.password), "{text}");
        last
    };
    let other = "A".repeat(43);
    assert!(fails(&other).contains("the master key is not the one this data was made with"));
    database.execute("UPDATE schema_version SET version = 9999");
    assert!(fails(MASTER_KEY).contains("schema version 9999"));
}

#[test]
fn tls_to_the_database_is_as_strict_as_it_is_told() {
    let Some(database) = Database::create() else { return };
    let Some(certificate) = database.certificate() else {
        panic!("the PostgreSQL server of the tests speaks no TLS: is openssl missing?")
    };
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.crt");
    std::fs::write(&roots, certificate).unwrap();
    crate::tls::make_certificate(folder.path(), "other");
    let other = folder.path().join("other.crt");
    let address = |host: &str, mode: &str, roots: &std::path::Path| {
        let url = database.url.replace("127.0.0.1", host).replace("?sslmode=disable", "");
        format!("{url}?sslmode={mode}&sslrootcert={}", roots.display())
    };
    let refused = |url: &str| {
        let mut command = frontdesk();
        command.args(settings()).env("FRONTDESK_DATABASE_URL", url).env("FRONTDESK_MASTER_KEY", MASTER_KEY);
        let (code, text) = failure(command, folder.path());
        assert_eq!(code, 1, "{url}");
        assert!(text.contains("PostgreSQL"), "{text}");
    };
    for (host, mode, roots, works) in [
        ("localhost", "verify-full", &roots, true),
        ("127.0.0.1", "verify-full", &roots, false),
        ("127.0.0.1", "verify-ca", &roots, true),
        ("localhost", "verify-ca", &other, false),
        ("localhost", "verify-full", &other, false),
        ("127.0.0.1", "require", &other, true),
    ] {
        let url = address(host, mode, roots);
        if works {
            let server = start(&url, folder.path());
            let encrypted = database.ask_one(
                "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND datname = current_database()",
            );
            assert!(encrypted >= 1, "{url} is not encrypted");
            assert_eq!(ask(server.port, "GET", "/v1/environment", &[("host", HOST)], "").status, 200);
            assert_eq!(server.stop(), 0);
        } else {
            refused(&url);
        }
    }
}
