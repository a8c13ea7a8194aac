//! `frontdesk doctor` finds each thing that it says it looks for, and tells what to do.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::support::{Running, json, run};

/// The findings, also where something is wrong; the exit code says so.
fn findings(folder: &Path) -> Vec<Value> {
    let output = run(&["doctor", "--json"], folder);
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON on standard output");
    let is_wrong = findings.iter().any(|it| it["outcome"] == "wrong");
    assert_eq!(output.status.code(), Some(i32::from(is_wrong)));
    for finding in &findings {
        assert_eq!(finding["advice"].is_null(), finding["outcome"] == "good", "what to do: {finding}");
    }
    findings
}

/// That there is a finding of this outcome about this subject with these words.
fn finds(folder: &Path, outcome: &str, subject: &str, words: &str) {
    let findings = findings(folder);
    let is_it = |it: &&Value| {
        it["outcome"] == outcome
            && it["subject"] == subject
            && it["says"].as_str().is_some_and(|says| says.contains(words))
    };
    assert!(findings.iter().any(|it| is_it(&it)), "{outcome} {subject}: {words}, not in {findings:#?}");
}

#[test]
fn the_data() {
    let folder = tempfile::tempdir().unwrap();
    finds(folder.path(), "warning", "data", "there is no data folder");
    // A database in which nothing was made yet.
    assert_eq!(json(&["instances", "list", "--json"], folder.path()), Value::Array(vec![]));
    finds(folder.path(), "warning", "instances", "there is none");
    finds(folder.path(), "good", "server", "no server is running");

    let data = folder.path().join(".frontdesk");
    std::fs::set_permissions(data.join("frontdesk.db"), std::fs::Permissions::from_mode(0o644)).unwrap();
    finds(folder.path(), "warning", "permissions", "frontdesk.db");
    std::fs::set_permissions(data.join("frontdesk.db"), std::fs::Permissions::from_mode(0o600)).unwrap();
    finds(folder.path(), "good", "permissions", "its owner's alone");

    json(&["instances", "create", "shop", "--json"], folder.path());
    finds(folder.path(), "good", "instances", "1");
    let key = std::fs::read_to_string(data.join("master.key")).unwrap();
    let other: String = key.chars().map(|it| if it == 'A' { 'B' } else { 'A' }).collect();
    std::fs::write(data.join("master.key"), &other[..key.trim().len()]).unwrap();
    let wrong = findings(folder.path());
    assert!(wrong.iter().any(|it| it["subject"] == "database" && it["outcome"] == "wrong"), "{wrong:#?}");
    std::fs::write(data.join("master.key"), key).unwrap();
    finds(folder.path(), "good", "database", "SQLite answers");
    for name in ["frontdesk.db-wal", "frontdesk.db-shm"] {
        drop(std::fs::remove_file(data.join(name)));
    }
    std::fs::write(data.join("frontdesk.db"), "no database at all").unwrap();
    let wrong = findings(folder.path());
    assert!(wrong.iter().any(|it| it["subject"] == "database" && it["outcome"] == "wrong"), "{wrong:#?}");
}

#[test]
fn the_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path(), &["--seed", "7"]);
    finds(folder.path(), "good", "server", "a server is running");
    finds(folder.path(), "warning", "keys", "published test key");
    finds(folder.path(), "good", "clock", "agrees");
    json(&["clock", "advance", "1h", "--json"], folder.path());
    finds(folder.path(), "warning", "clock", "3600 seconds away");
    // Development shows mails: they do get somewhere.
    assert!(findings(folder.path()).iter().all(|it| it["subject"] != "mail"));
    let toggle = "/v1/templates/email/password_changed/toggle_delivery";
    assert_eq!(server.backend("POST", toggle, r#"{"delivered_by_clerk":false}"#).0, 200);
    finds(folder.path(), "warning", "mail", "leaves the mail password_changed to the application");
    assert_eq!(server.backend("POST", toggle, r#"{"delivered_by_clerk":true}"#).0, 200);
    assert!(findings(folder.path()).iter().all(|it| it["subject"] != "mail"));
}

#[test]
fn the_application() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path(), &[]);
    let setting = |name: &str| server.setting(name);
    let (publishable, secret) = (setting("FRONTDESK_PUBLISHABLE_KEY"), setting("FRONTDESK_SECRET_KEY"));
    let url = setting("FRONTDESK_URL");
    let says = |lines: &[(&str, &str)], outcome: &str, words: &str| {
        let text = lines.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("\n");
        std::fs::write(folder.path().join(".env"), text).unwrap();
        finds(folder.path(), outcome, "application", words);
    };
    finds(folder.path(), "good", "application", "no settings of an application");
    let key = ("CLERK_SECRET_KEY", secret.as_str());
    let address = ("CLERK_API_URL", url.as_str());
    let public = ("CLERK_PUBLISHABLE_KEY", publishable.as_str());
    says(&[public, key, address], "good", "takes the secret key");
    says(&[public, address], "warning", "there is no secret key");
    says(&[("CLERK_PUBLISHABLE_KEY", "pk_test_nothing"), key, address], "wrong", "is no publishable key");
    says(
        &[("CLERK_PUBLISHABLE_KEY", "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k"), key],
        "wrong",
        "different environments",
    );
    says(&[public, key], "wrong", "no address is set");
    says(
        &[public, ("CLERK_SECRET_KEY", "sk_test_somebodyelses"), address],
        "wrong",
        "does not take the secret key",
    );
    says(&[public, key, ("CLERK_API_URL", "http://127.0.0.1:9")], "wrong", "does not answer");
    let nonsense = [public, key, ("CLERK_API_URL", "nonsense")];
    let text = nonsense.map(|(name, value)| format!("{name}={value}")).join("\n");
    std::fs::write(folder.path().join(".env"), text).unwrap();
    assert!(
        findings(folder.path()).iter().any(|it| it["outcome"] == "wrong" && it["subject"] == "application")
    );
    let told = serde_json::to_string(&findings(folder.path())).unwrap();
    assert!(!told.contains(&secret), "no secret is told");
}
