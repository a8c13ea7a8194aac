//! A disk that is full: as a limit on the size of files, and as a file system without room (`ENOSPC`).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Serving, backend, eventually, frontdesk, make_user};

/// Starts a server whose files cannot grow beyond so many kilobytes, until it is allowed to.
fn start_confined(folder: &Path, kilobytes: u32) -> Serving {
    let program = frontdesk().get_program().to_owned();
    let mut command = Command::new("sh");
    // Ignored, so that a write beyond the limit fails instead of ending the process.
    command
        .args(["-c", "trap '' XFSZ; ulimit -S -f $1; shift; exec \"$@\"", "sh"])
        .arg((kilobytes * 2).to_string())
        .arg(program)
        .args(crate::support::settings())
        .env_remove("FRONTDESK_TEST_POSTGRES")
        .current_dir(folder);
    Serving::spawn(command, folder)
}

/// Makes people until it is refused; gives those who were answered. What is refused says so, what was answered is read.
fn fill(server: &Serving, key: &str, cause: &str) -> Vec<String> {
    let mut made = Vec::new();
    let mut refused = None;
    for number in 0..20_000 {
        match make_user(server.port, key, &format!("u{number}@example.com")) {
            Ok(id) => made.push(id),
            Err(reply) => {
                refused = reply;
                break;
            }
        }
    }
    let refused = refused.expect("the disk is full at last, and that is answered");
    assert_eq!(refused.status, 500, "{refused:?}");
    assert_eq!(refused.json()["errors"][0]["code"], "internal_error");
    let trace_id = refused.json()["clerk_trace_id"].as_str().expect("a text").to_owned();
    let line = server.wait_for_line(|line| line["trace_id"] == trace_id.as_str() && line["level"] == "ERROR");
    assert!(line["cause"].as_str().expect("a text").contains(cause), "{line}");
    assert!(!made.is_empty());
    for id in made.iter().rev().take(3) {
        let reply = backend(server.port, key, "GET", &format!("/v1/users/{id}"), "").expect("an answer");
        assert_eq!(reply.status, 200, "reading goes on, and what was answered is there");
    }
    made
}

/// Writing goes on without a restart, and exactly what was answered is there after one.
fn recover(server: Serving, folder: &Path, key: &str, mut made: Vec<String>) {
    let again = eventually(|| make_user(server.port, key, "again@example.com").ok());
    made.push(again);
    assert_eq!(server.stop(), 0);

    let server = Serving::start(folder, &[]);
    let count =
        backend(server.port, key, "GET", "/v1/users/count", "").expect("an answer").json()["total_count"]
            .clone();
    assert_eq!(count, made.len(), "exactly what was answered is there after a restart");
    for id in &made {
        let reply = backend(server.port, key, "GET", &format!("/v1/users/{id}"), "").expect("an answer");
        assert_eq!(reply.status, 200, "{id} was answered and is lost");
    }
}

#[test]
fn files_that_may_not_grow_are_a_clear_error_and_no_loss() {
    let folder = tempfile::tempdir().unwrap();
    let first = Serving::start(folder.path(), &[]);
    let key = first.secret_key();
    assert_eq!(first.stop(), 0);

    let server = start_confined(folder.path(), 2048);
    let made = fill(&server, &key, "SQLite failed");
    let freed = Command::new("prlimit")
        .args(["--fsize=unlimited", "--pid", &server.process().to_string()])
        .status()
        .expect("prlimit runs");
    assert!(freed.success());
    recover(server, folder.path(), &key, made);
}

/// A small file system in memory; unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one, where that is allowed: only root may.
    fn mount(folder: &Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=3m,mode=0700", "frontdesk-test"])
            .arg(folder)
            .output()
            .ok()
            .filter(|output| output.status.success());
        mounted.map(|_| Self(folder.to_owned()))
    }

    fn grow(&self) {
        let grown = Command::new("mount").args(["-o", "remount,size=64m"]).arg(&self.0).status();
        assert!(grown.expect("mount runs").success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(&self.0).status());
    }
}

#[test]
fn a_file_system_without_room_is_a_clear_error_and_no_loss() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        eprintln!("skipped: to mount a small file system takes root, and a kernel that lets it");
        return;
    };
    let server = Serving::start(folder.path(), &[]);
    let key = server.secret_key();
    // SQLITE_FULL is what SQLite makes of ENOSPC.
    let made = fill(&server, &key, "database or disk is full");
    assert_eq!(server.readiness().0, 200, "reading goes on, so others are sent here still");
    disk.grow();
    recover(server, folder.path(), &key, made);
}
