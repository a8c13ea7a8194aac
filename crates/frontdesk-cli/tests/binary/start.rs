//! Starting and stopping a server, and what it says when it cannot start.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Running, failure, json, run};

#[test]
fn the_instance_and_its_keys_outlive_a_restart_and_a_change_of_port() {
    let folder = tempfile::tempdir().unwrap();
    let first = Running::start(folder.path(), &[]);
    let keys = (first.setting("FRONTDESK_PUBLISHABLE_KEY"), first.setting("CLERK_SECRET_KEY"));
    assert_eq!(keys.0, "pk_test_Y2xlcmsuZnJvbnRkZXNrLmxvY2FsaG9zdCQ");
    assert_eq!(first.setting("FRONTDESK_URL"), format!("http://localhost:{}", first.port));
    assert_eq!(first.stop("-TERM"), 0, "SIGTERM drains and exits 0");
    let second = Running::start(folder.path(), &[]);
    assert_eq!(keys, (second.setting("FRONTDESK_PUBLISHABLE_KEY"), second.setting("CLERK_SECRET_KEY")));
    assert_eq!(second.stop("-INT"), 0);
}

#[test]
fn secrets_on_disk_are_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path(), &[]);
    let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(".frontdesk"), 0o700);
    assert_eq!(mode("env"), 0o600);
    assert_eq!(mode(".frontdesk/master.key"), 0o600);
    assert_eq!(mode(".frontdesk/frontdesk.db"), 0o600);
    assert_eq!(mode(".frontdesk/frontdesk.db-wal"), 0o600);
    assert_eq!(mode(".frontdesk/control.sock"), 0o600);
    drop(server);
}

#[test]
fn live_keys_and_another_host_are_fixed_on_the_first_start() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path(), &["--live", "--frontend-api", "clerk.example.com"]);
    assert_eq!(server.setting("FRONTDESK_PUBLISHABLE_KEY"), "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k");
    assert!(server.setting("FRONTDESK_SECRET_KEY").starts_with("sk_live_"));
    json(&["users", "create", "--email", "ada@example.com", "--json"], folder.path());
    assert_eq!(run(&["token", "--user", "ada@example.com"], folder.path()).status.code(), Some(0));
    server.stop("-TERM");
    let (code, line) = failure(&["dev", "--port", "0", "--frontend-api", "clerk.example.org"], folder.path());
    assert_eq!(code, 1);
    assert!(line.contains("clerk.example.com") && line.contains("frontdesk instances create"), "{line}");
}

#[test]
fn the_command_line_reaches_a_running_server_and_a_stopped_one() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path(), &[]);
    let made = json(&["instances", "create", "second", "--json"], folder.path());
    assert_eq!(made["frontend_api"], "clerk.second.localhost");
    let secret_key = made["secret_key"].as_str().unwrap().to_owned();
    let ada = json(
        &["users", "create", "--email", "ada@example.com", "--instance", "second", "--json"],
        folder.path(),
    );
    let path = format!("/v1/users/{}", ada["id"].as_str().unwrap());
    assert_eq!(crate::support::backend(server.port, &secret_key, "GET", &path, "").0, 200);
    assert_eq!(server.backend("GET", &path, "").0, 404, "the first instance does not know her");
    server.stop("-TERM");
    let list = json(&["instances", "list", "--json"], folder.path());
    let names: Vec<_> = list.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["frontdesk", "second"]);
    assert_eq!(
        json(&["instances", "show", "second", "--json"], folder.path())["secret_key"],
        secret_key.as_str()
    );
}

#[test]
fn a_token_is_printed_for_a_user_named_by_id_or_address() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path(), &[]);
    let ada = json(&["users", "create", "--email", "ada@example.com", "--json"], folder.path());
    let id = ada["id"].as_str().unwrap();
    for user in [id, "ada@example.com"] {
        let printed = json(&["token", "--user", user, "--json"], folder.path());
        assert_eq!(printed["user_id"], id);
        assert_eq!(printed["token"].as_str().unwrap().split('.').count(), 3);
    }
    let output = run(&["token", "--user", id], folder.path());
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim().split('.').count(), 3);
    let (code, line) = failure(&["token", "--user", "nobody@example.com"], folder.path());
    assert_eq!(
        (code, line.as_str()),
        (1, "frontdesk: there is no user with the e-mail address nobody@example.com")
    );
    let (_, line) = failure(&["token", "--user", id, "--template", "none"], folder.path());
    assert!(line.contains("resource_not_found"), "{line}");
    drop(server);
}

#[test]
fn the_clock_of_a_running_server_can_be_moved() {
    let folder = tempfile::tempdir().unwrap();
    let (_, line) = failure(&["clock", "advance", "7d"], folder.path());
    assert!(line.contains("no server is running"), "{line}");
    let server = Running::start(folder.path(), &[]);
    let before = json(&["clock", "advance", "0s", "--json"], folder.path())["now"].as_i64().unwrap();
    let after = json(&["clock", "advance", "7d", "--json"], folder.path())["now"].as_i64().unwrap();
    assert!((7 * 86_400_000..7 * 86_400_000 + 60_000).contains(&(after - before)));
    drop(server);
}

#[test]
fn the_same_seed_gives_the_same_keys_and_needs_a_fresh_folder() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let [first, second] = [&one, &two]
        .map(|folder| Running::start(folder.path(), &["--seed", "7"]).setting("FRONTDESK_SECRET_KEY"));
    assert_eq!(first, second);
    let (code, line) = failure(&["dev", "--port", "0", "--seed", "7"], one.path());
    assert_eq!(code, 1);
    assert!(line.contains("--seed needs a fresh data folder"), "{line}");
}

#[test]
fn an_ephemeral_server_leaves_nothing_behind() {
    let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut command = crate::support::frontdesk();
    command.env("TMPDIR", temporary.path());
    let server = Running::start_command(command, folder.path(), &["--ephemeral"]);
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 1);
    server.stop("-TERM");
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
    assert!(!folder.path().join(".frontdesk").exists());
}

#[test]
fn whatever_keeps_it_from_starting_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path(), &[]);
    let port = server.port.to_string();

    let (code, line) = failure(&["dev", "--port", &port, "--ephemeral"], folder.path());
    assert_eq!((code, line), (1, format!("frontdesk: port {port} is in use: choose another with --port")));

    let (code, line) = failure(&["dev", "--port", "0"], folder.path());
    assert_eq!(code, 1);
    assert!(line.contains("another frontdesk uses the data folder"), "{line}");
    server.stop("-TERM");

    let (code, line) = failure(&["dev", "--port", "0", "--data-dir", "/dev/null/data"], folder.path());
    assert_eq!(code, 1);
    assert!(line.contains("the data folder /dev/null/data cannot be made"), "{line}");

    let (code, line) = failure(&["dev", "--porto", "0"], folder.path());
    assert_eq!(code, 2);
    assert!(line.contains("--porto"), "{line}");

    let (code, line) =
        failure(&["dev", "--port", "0", "--database-url", "postgres://127.0.0.1:1/none"], folder.path());
    assert_eq!(code, 1);
    assert!(line.contains("PostgreSQL"), "{line}");

    let (_, line) =
        failure(&["dev", "--port", "0", "--seed", "1", "--database-url", "postgres://x"], folder.path());
    assert_eq!(line, "frontdesk: --seed goes with the embedded database only");

    let key = folder.path().join(".frontdesk/master.key");
    std::fs::remove_file(&key).unwrap();
    let (code, line) = failure(&["dev", "--port", "0"], folder.path());
    assert_eq!(code, 1);
    assert!(line.contains("the master key of this data is missing"), "{line}");
    assert!(!key.exists(), "a refused start makes no key");

    std::fs::write(&key, "A".repeat(43)).unwrap();
    let (code, line) = failure(&["dev", "--port", "0"], folder.path());
    assert_eq!(code, 1);
    assert!(line.contains("the master key is not the one this data was made with"), "{line}");
}

#[test]
fn data_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    Running::start(folder.path(), &[]).stop("-TERM");
    let database = rusqlite::Connection::open(folder.path().join(".frontdesk/frontdesk.db")).unwrap();
    database.execute("UPDATE schema_version SET version = 9999", []).unwrap();
    drop(database);
    let (code, line) = failure(&["dev", "--port", "0"], folder.path());
    assert_eq!(code, 1);
    assert!(line.contains("schema version 9999"), "{line}");
}
