//! Recorded requests, replayed.

use std::io::Write;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Running, failure, frontdesk, run};

/// Feeds lines to `frontdesk authenticate`, and gives its answers.
pub(crate) fn replay(api_url: &str, arguments: &[&str], lines: &[Value]) -> Vec<Value> {
    let mut command = frontdesk();
    command.args(["authenticate", "--jsonl"]).args(arguments).env("FRONTDESK_URL", api_url);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut input = child.stdin.take().expect("a pipe");
    let text: Vec<_> = lines.iter().map(Value::to_string).collect();
    // Beside reading: a pipe holds less than many answers.
    let writer = thread::spawn(move || input.write_all(text.join("\n").as_bytes()));
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("no panic").expect("the lines are taken");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_token_of_our_own_server_signs_in() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path(), &[]);
    run(&["users", "create", "--email", "ada@example.com"], folder.path());
    let token = run(&["token", "--user", "ada@example.com"], folder.path()).stdout;
    let token = String::from_utf8(token).unwrap();
    let options = json!({
        "publishable_key": server.setting("FRONTDESK_PUBLISHABLE_KEY"),
        "secret_key": server.setting("FRONTDESK_SECRET_KEY"),
    });
    let line = |id: &str, bearer: &str, options: &Value| {
        let headers = json!({ "authorization": format!("Bearer {}", bearer.trim()), "host": "app.test" });
        json!({ "id": id, "method": "GET", "url": "http://app.test/", "headers": headers, "options": options })
    };
    let mut late = line("late", &token, &options);
    late["now"] = json!(4_000_000_000_000_i64);
    let answers = replay(
        &server.setting("FRONTDESK_URL"),
        &["--explain"],
        &[line("good", &token, &options), late, json!("nonsense"), line("unset", &token, &json!({}))],
    );

    let [good, late, nonsense, unset] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(
        (&good["id"], &good["status"], &good["reason"]),
        (&json!("good"), &json!("signed-in"), &Value::Null)
    );
    assert!(good["user_id"].as_str().unwrap().starts_with("user_"));
    assert!(good["session_id"].as_str().unwrap().starts_with("sess_"));
    assert_eq!(late["reason"], "session-token-expired-refresh-non-eligible-no-refresh-cookie");
    assert_eq!(late["explanation"]["carrier"], "authorization");
    assert!(late["explanation"]["skew"].as_i64().unwrap() > 0);
    assert!(nonsense["id"].is_null() && nonsense["error"].is_string());
    assert_eq!(unset, &json!({ "id": "unset", "error": "no secret key" }));
    server.stop("-TERM");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "that nobody waits is seen on the wall clock only")]
fn without_a_server_the_answer_does_not_wait() {
    let key = "pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk";
    // Header and claims of a session token, and a signature that nobody has to check.
    let token = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleV8xIn0.eyJzdWIiOiJ1c2VyXzEifQ.AAAA";
    let line = json!({
        "id": 1, "url": "http://app.test/", "headers": { "authorization": token },
        "options": { "publishable_key": key, "secret_key": "sk_live_1" },
    });
    let began = Instant::now();
    let answers = replay("http://127.0.0.1:1", &[], &[line]);
    assert_eq!(answers[0]["reason"], "unexpected-error");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn the_format_must_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let (code, line) = failure(&["authenticate"], folder.path());
    assert_eq!(code, 2);
    assert!(line.contains("--jsonl") || line.contains("required"), "{line}");
}
