//! A disk that is full.

use std::process::Command;

use crate::support::{Serving, backend, eventually, frontdesk, make_user};

/// Starts a server whose files cannot grow beyond so many kilobytes, until it is allowed to.
fn start_confined(folder: &std::path::Path, kilobytes: u32) -> Serving {
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

#[test]
fn a_full_disk_is_a_clear_error_and_no_loss() {
    let folder = tempfile::tempdir().unwrap();
    let first = Serving::start(folder.path(), &[]);
    let key = first.secret_key();
    assert_eq!(first.stop(), 0);

    let server = start_confined(folder.path(), 2048);
    let mut made = Vec::new();
    let mut refused = None;
    for number in 0..20_000 {
        match make_user(server.port, &key, &format!("u{number}@example.com")) {
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
    let trace_id = refused.json()["clerk_trace_id"].as_str().unwrap().to_owned();
    let line = server.wait_for_line(|line| line["trace_id"] == trace_id.as_str() && line["level"] == "ERROR");
    assert!(line["cause"].as_str().unwrap().contains("SQLite failed"), "{line}");
    assert!(!made.is_empty());
    for id in made.iter().rev().take(3) {
        let reply = backend(server.port, &key, "GET", &format!("/v1/users/{id}"), "").unwrap();
        assert_eq!(reply.status, 200, "reading goes on, and what was answered is there");
    }

    let freed = Command::new("prlimit")
        .args(["--fsize=unlimited", "--pid", &server.process().to_string()])
        .status()
        .expect("prlimit runs");
    assert!(freed.success());
    let again = eventually(|| make_user(server.port, &key, "again@example.com").ok());
    made.push(again);
    assert_eq!(server.stop(), 0);

    let server = Serving::start(folder.path(), &[]);
    let count =
        backend(server.port, &key, "GET", "/v1/users/count", "").unwrap().json()["total_count"].clone();
    assert_eq!(count, made.len(), "exactly what was answered is there after a restart");
}
