//! Nothing that was acknowledged is lost (decision 32).

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use crate::support::Running;
use serde_json::json;

/// How many users are made at the same time.
const WRITERS: usize = 8;
/// How many each of them makes.
const WRITES: usize = 6;

#[test]
fn every_answer_to_a_write_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let verdict = watch(folder.path(), "full");
    assert_eq!(verdict.answers, WRITERS * WRITES);
    assert_eq!(verdict.too_early, 0, "answers were sent before their write was on disk");
}

#[test]
fn the_watch_notices_a_database_that_does_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let verdict = watch(folder.path(), "off");
    assert_eq!(verdict.answers, WRITERS * WRITES);
    assert_eq!(verdict.too_early, verdict.answers, "a watch that always agrees proves nothing");
}

#[test]
fn acknowledged_users_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path(), &[]);
    let made = make_users(&server);
    server.stop("-KILL");
    let server = Running::start(folder.path(), &[]);
    for id in made {
        assert_eq!(server.backend("GET", &format!("/v1/users/{id}"), "").0, 200, "{id} is lost");
    }
}

/// Makes users from several threads at once; gives the ids of those that were acknowledged.
fn make_users(server: &Running) -> Vec<String> {
    let make = |writer: usize| {
        let ids = (0..WRITES).map(|number| {
            let body = json!({ "email_address": [format!("ada+{writer}.{number}@example.com")] }).to_string();
            let (status, user) = server.backend("POST", "/v1/users", &body);
            assert_eq!(status, 200, "{user}");
            user["id"].as_str().expect("an id").to_owned()
        });
        ids.collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || make(writer))).collect();
        writers.into_iter().flat_map(|writer| writer.join().expect("the writer ends well")).collect()
    })
}

/// What a watch over the system calls saw.
struct Verdict {
    /// Answers to `POST /v1/users`.
    answers: usize,
    /// Those that no fsync of the WAL preceded that began after their request had been read.
    too_early: usize,
}

/// Makes users on a server whose system calls are written down, and reads what was written.
fn watch(folder: &Path, synchronous: &str) -> Verdict {
    let trace = folder.join("trace");
    let mut command = Command::new("strace");
    command
        .args(["--follow-forks", "--decode-fds=path", "--string-limit=32", "--output"])
        .arg(&trace)
        .args(["--trace=fdatasync,fsync,read,recvfrom,write,writev,sendto", env!("CARGO_BIN_EXE_frontdesk")])
        .env("FRONTDESK_SQLITE_SYNCHRONOUS", synchronous);
    let server = Running::start_command(command, folder, &[]);
    make_users(&server);
    server.stop("-TERM");
    judge(&std::fs::read_to_string(trace).expect("a trace"))
}

/// Follows each request from the line where it was read to the line where it was answered.
fn judge(trace: &str) -> Verdict {
    // A call that another thread interrupts stands on two lines: where it began, by thread, and what it was for.
    let mut begun: HashMap<&str, (usize, &str)> = HashMap::new();
    // Where the latest finished fsync or fdatasync of the WAL began.
    let mut synced_from = 0;
    let mut requests: HashMap<&str, usize> = HashMap::new();
    let mut verdict = Verdict { answers: 0, too_early: 0 };
    for (number, line) in trace.lines().enumerate() {
        let thread = line.split_whitespace().next().unwrap_or_default();
        let (start, file) = if line.contains(" resumed>") {
            begun.remove(thread).unwrap_or((0, ""))
        } else {
            (number, file(line))
        };
        let is_whole = !line.contains("<unfinished");
        if !is_whole {
            begun.insert(thread, (start, file));
        }
        if line.contains("sync") && file.ends_with("frontdesk.db-wal") && is_whole {
            synced_from = synced_from.max(start);
        } else if line.contains("\"POST /v1/users ") {
            requests.insert(file, number);
        } else if line.contains("\"HTTP/1.1 200 ")
            && let Some(request) = requests.remove(file)
        {
            verdict.answers += 1;
            if synced_from <= request {
                verdict.too_early += 1;
            }
        }
    }
    verdict
}

/// The file or socket that a call is about: `socket:[4242]`.
fn file(line: &str) -> &str {
    line.split('<').nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default()
}
