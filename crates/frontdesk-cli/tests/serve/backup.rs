//! Backups while a server runs, and bringing them back.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Serving, backend, eventually, failure, frontdesk, make_user, run, succeed};

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
    let (is_over, made) = (AtomicBool::new(false), Mutex::new(before));
    let before = std::thread::scope(|scope| {
        for writer in 0..3 {
            let (is_over, made, server, key) = (&is_over, &made, &server, &key);
            scope.spawn(move || {
                for number in 0.. {
                    let address = format!("b{writer}.{number}@example.com");
                    let id = make_user(server.port, key, &address).expect("the server goes on");
                    made.lock().unwrap().push(id);
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
        }
        // In the middle of it: whatever was answered by now must be in the backup.
        eventually(|| (made.lock().unwrap().len() > 30).then_some(()));
        let before = made.lock().unwrap().clone();
        succeed(&["backup", "one.backup", "--with-master-key"], folder.path());
        succeed(&["backup", "two.backup"], folder.path());
        is_over.store(true, Ordering::Relaxed);
        before
    });
    assert!(made.into_inner().unwrap().len() > before.len(), "it was written meanwhile");
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
    let sound: String = tables.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    // Cut at one moment: nobody has half an account.
    let halves: i64 = tables
        .query_row(
            "SELECT count(*) FROM users u
              WHERE NOT EXISTS (SELECT 1 FROM identifications i WHERE i.user_id = u.id)
                 OR NOT EXISTS (SELECT 1 FROM events e WHERE e.subject = u.id)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(halves, 0);
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

/// A service has a user of its own, and its operator is root.
#[test]
fn what_root_does_to_the_data_leaves_it_to_whom_it_belongs() {
    const SERVICE: u32 = 61_234;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join(".frontdesk");
    Serving::start(folder.path(), &[]).stop();
    let all = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    for path in all(&data).into_iter().chain([data.clone()]) {
        // Only root can give something away; whoever is not has nothing to give back.
        if std::os::unix::fs::chown(&path, Some(SERVICE), Some(SERVICE)).is_err() {
            return;
        }
    }
    let belong_to_the_service = |after: &str| {
        let inside: Vec<_> = all(&data).into_iter().filter(|path| path.is_dir()).collect();
        for path in inside.iter().flat_map(|path| all(path)).chain(all(&data)) {
            let owner = std::fs::metadata(&path).unwrap();
            assert_eq!((owner.uid(), owner.gid()), (SERVICE, SERVICE), "{after}: {}", path.display());
        }
    };
    std::fs::write(folder.path().join("other"), "root's own").unwrap();
    std::os::unix::fs::symlink(folder.path().join("other"), data.join("link")).unwrap();
    succeed(&["keys", "rotate", "master"], folder.path());
    succeed(&["backup", "one.backup", "--with-master-key"], folder.path());
    assert_eq!(std::fs::metadata(folder.path().join("other")).unwrap().uid(), 0, "a link is not followed");
    std::fs::remove_file(data.join("link")).unwrap();
    belong_to_the_service("a new master key");
    succeed(&["restore", "one.backup"], folder.path());
    belong_to_the_service("a restore");
    let server = Serving::start(folder.path(), &[]);
    succeed(&["keys", "rotate", "master"], folder.path());
    server.stop();
    belong_to_the_service("a new master key while it runs");
}
