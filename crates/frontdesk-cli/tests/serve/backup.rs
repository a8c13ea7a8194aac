//! Backups while a server runs, and bringing them back.

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Serving, backend, failure, frontdesk, make_user, run, succeed};

fn fails(arguments: &[&str], folder: &std::path::Path) -> String {
    let mut command = frontdesk();
    command.args(arguments);
    let (code, text) = failure(command, folder);
    assert_eq!(code, 1, "{text}");
    text
}

#[test]
fn a_backup_under_load_holds_everything_that_was_answered_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path(), &[]);
    let key = server.secret_key();
    let before: Vec<String> = (0..20)
        .map(|number| make_user(server.port, &key, &format!("a{number}@example.com")).unwrap())
        .collect();
    let is_over = AtomicBool::new(false);
    let made_meanwhile = std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            let mut made = 0;
            while !is_over.load(Ordering::Relaxed) {
                make_user(server.port, &key, &format!("b{made}@example.com")).expect("the server goes on");
                made += 1;
            }
            made
        });
        succeed(&["backup", "one.backup", "--with-master-key"], folder.path());
        succeed(&["backup", "two.backup"], folder.path());
        is_over.store(true, Ordering::Relaxed);
        load.join().unwrap()
    });
    assert!(made_meanwhile > 0);
    let mode = std::fs::metadata(folder.path().join("one.backup")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(fails(&["backup", "one.backup"], folder.path()).contains("exists already"));
    // A running server is not pulled the ground from under its feet.
    assert!(
        fails(&["restore", "one.backup"], folder.path()).contains("another frontdesk uses the data folder")
    );
    server.stop();

    // On another machine, with nothing but the file.
    let elsewhere = tempfile::tempdir().unwrap();
    let backup = folder.path().join("one.backup");
    succeed(&["restore", backup.to_str().unwrap()], elsewhere.path());
    let server = Serving::start(elsewhere.path(), &[]);
    assert_eq!(server.secret_key(), key, "sealed secrets can be opened");
    for id in &before {
        let reply = backend(server.port, &key, "GET", &format!("/v1/users/{id}"), "").unwrap();
        assert_eq!(reply.status, 200);
    }
    let database = elsewhere.path().join(".frontdesk/frontdesk.db");
    let tables = rusqlite::Connection::open(&database).unwrap();
    let keys: i64 = tables
        .query_row("SELECT count(*) FROM sqlite_master WHERE name LIKE '%master_key%'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(keys, 0, "the key does not stay in the database");
    drop(tables);
    server.stop();

    // Without the key in it, the backup opens where the key is, and nowhere else.
    let two = folder.path().join("two.backup");
    let stranger = tempfile::tempdir().unwrap();
    assert!(fails(&["restore", two.to_str().unwrap()], stranger.path()).contains("holds no master key"));
    assert!(!stranger.path().join(".frontdesk/frontdesk.db").exists());
    succeed(&["restore", two.to_str().unwrap()], folder.path());
}

#[test]
fn what_was_there_is_kept_aside_and_what_is_damaged_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path(), &[]);
    let key = server.secret_key();
    let early = make_user(server.port, &key, "early@example.com").unwrap();
    succeed(&["backup", "good.backup"], folder.path());
    let late = make_user(server.port, &key, "late@example.com").unwrap();
    // Killed, so that the newest writes lie in the log alone.
    server.signal("-KILL");
    server.wait();

    let good = std::fs::read(folder.path().join("good.backup")).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle..middle + 4096].fill(0xAB);
    std::fs::write(folder.path().join("bad.backup"), &bad).unwrap();
    std::fs::write(folder.path().join("short.backup"), &good[..good.len() / 2]).unwrap();
    std::fs::write(folder.path().join("other.backup"), "no database at all").unwrap();
    for name in ["bad.backup", "short.backup", "other.backup", "none.backup"] {
        assert!(!run(&["restore", name], folder.path()).status.success(), "{name}");
    }
    succeed(&["restore", "good.backup"], folder.path());

    let user = |server: &Serving, id: &str| {
        backend(server.port, &key, "GET", &format!("/v1/users/{id}"), "").unwrap().status
    };
    let server = Serving::start(folder.path(), &[]);
    assert_eq!((user(&server, &early), user(&server, &late)), (200, 404));
    server.stop();

    // The old data, put back by hand: whole, the log included.
    let data = folder.path().join(".frontdesk");
    let aside = std::fs::read_dir(&data)
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.is_dir());
    let aside = aside.expect("a folder with what was there before");
    for name in ["frontdesk.db", "frontdesk.db-wal", "frontdesk.db-shm"] {
        drop(std::fs::remove_file(data.join(name)));
        if aside.join(name).exists() {
            std::fs::rename(aside.join(name), data.join(name)).unwrap();
        }
    }
    let server = Serving::start(folder.path(), &[]);
    assert_eq!((user(&server, &early), user(&server, &late)), (200, 200));
}
