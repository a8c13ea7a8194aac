//! What a team does from a terminal, against a running server and against data at rest.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Running, backend, failure, json, run};

fn printed(arguments: &[&str], folder: &Path) -> String {
    let output = run(arguments, folder);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn users_are_made_found_changed_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path(), &[]);
    users_live(folder.path());
    server.stop("-TERM");
    users_live(folder.path());
}

fn users_live(folder: &Path) {
    let create =
        ["users", "create", "--email", "ada@example.com", "--password", "correct horse battery", "--json"];
    let ada = json(&create, folder);
    let id = ada["id"].as_str().expect("an id");
    assert!(printed(&["users", "list"], folder).contains("ada@example.com"));
    assert_eq!(json(&["users", "list", "--query", "nobody", "--json"], folder), Value::Array(vec![]));
    let update = [
        "users",
        "update",
        "ada@example.com",
        "--first-name",
        "Ada",
        "--external-id",
        "7",
        "--ban",
        "--json",
    ];
    let changed = json(&update, folder);
    assert_eq!((&changed["first_name"], &changed["external_id"]), (&"Ada".into(), &"7".into()));
    assert_eq!(changed["banned"], true);
    let changed = json(&["users", "update", id, "--first-name", "", "--unban", "--json"], folder);
    assert_eq!((&changed["first_name"], &changed["banned"]), (&Value::Null, &false.into()));
    assert!(printed(&["users", "show", id], folder).contains("ada@example.com"));
    let (_, line) = failure(&["users", "update", id], folder);
    assert!(line.contains("nothing to change"), "{line}");
    let (_, line) = failure(&["users", "delete", id], folder);
    assert!(line.contains("--yes"), "{line}");
    assert_eq!(json(&["users", "delete", "ada@example.com", "--yes", "--json"], folder)["deleted"], true);
    assert_eq!(
        failure(&["users", "show", "ada@example.com"], folder).1,
        "frontdesk: there is no user with the e-mail address ada@example.com"
    );
    assert!(failure(&["users", "show", id], folder).1.contains("(resource_not_found)"));
    assert!(
        failure(&["users", "list", "--instance", "none"], folder).1.contains("there is no instance \"none\"")
    );
}

#[test]
fn sessions_are_listed_and_revoked_one_or_all() {
    let folder = tempfile::tempdir().unwrap();
    let _server = Running::start(folder.path(), &[]);
    json(&["users", "create", "--email", "ada@example.com", "--json"], folder.path());
    let begin =
        || json(&["token", "--user", "ada@example.com", "--json"], folder.path())["session_id"].clone();
    let (first, _, _) = (begin(), begin(), begin());
    let active = ["sessions", "list", "--user", "ada@example.com", "--status", "active", "--json"];
    assert_eq!(json(&active, folder.path()).as_array().unwrap().len(), 3);
    let revoked = json(&["sessions", "revoke", first.as_str().unwrap(), "--json"], folder.path());
    assert_eq!(revoked[0]["status"], "revoked");
    assert_eq!(json(&active, folder.path()).as_array().unwrap().len(), 2);
    let rest = json(&["sessions", "revoke", "--user", "ada@example.com", "--json"], folder.path());
    assert_eq!(rest.as_array().unwrap().len(), 2);
    assert_eq!(
        printed(&["sessions", "revoke", "--user", "ada@example.com"], folder.path()),
        "no session is active\n"
    );
}

#[test]
fn templates_are_made_from_text_and_files_and_give_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let _server = Running::start(folder.path(), &[]);
    json(&["users", "create", "--email", "ada@example.com", "--json"], folder.path());
    std::fs::write(folder.path().join("claims.json"), r#"{"aud":"authenticated"}"#).unwrap();
    let made =
        json(&["jwt-templates", "create", "supabase", "--claims", "@claims.json", "--json"], folder.path());
    assert_eq!(made["claims"]["aud"], "authenticated");
    let token = printed(&["token", "--user", "ada@example.com", "--template", "supabase"], folder.path());
    assert_eq!(token.trim().split('.').count(), 3);
    let changed = json(
        &["jwt-templates", "update", "supabase", "--name", "other", "--lifetime", "90", "--json"],
        folder.path(),
    );
    assert_eq!((&changed["name"], &changed["lifetime"]), (&"other".into(), &90.into()));
    assert!(printed(&["jwt-templates", "list"], folder.path()).contains("other"));
    assert!(printed(&["jwt-templates", "show", "other"], folder.path()).contains("authenticated"));
    printed(&["jwt-templates", "delete", "other"], folder.path());
    assert!(
        failure(&["jwt-templates", "show", "other"], folder.path()).1.contains("there is no template other")
    );
    let (_, line) = failure(&["jwt-templates", "create", "x", "--claims", "[1]"], folder.path());
    assert!(line.contains("no JSON object"), "{line}");
}

#[test]
fn keys_are_replaced_while_everything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path(), &[]);
    let old = server.setting("FRONTDESK_SECRET_KEY");
    let first_kid = json(&["keys", "show", "--json"], folder.path())["signing_keys"][0]["kid"].clone();

    let signing = json(&["keys", "rotate", "signing", "--json"], folder.path());
    assert_eq!(signing["retired"], first_kid);
    let (_, jwks) = server.backend("GET", "/v1/jwks", "");
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 2, "the retired key still verifies");

    let added = json(&["keys", "rotate", "secret", "--json"], folder.path());
    let new = added["secret_key"].as_str().unwrap();
    let asked = |key: &str| backend(server.port, key, "GET", "/v1/jwks", "").0;
    assert_eq!((asked(&old), asked(new)), (200, 200));
    let shown = printed(&["keys", "show"], folder.path());
    assert!(!shown.contains(&old) && !shown.contains(new), "secret keys are shortened: {shown}");
    let ids = json(&["keys", "show", "--json"], folder.path())["secret_keys"].clone();
    printed(&["keys", "remove", ids[0]["id"].as_str().unwrap()], folder.path());
    assert_eq!((asked(&old), asked(new)), (401, 200));
    let (_, line) = failure(&["keys", "remove", ids[1]["id"].as_str().unwrap()], folder.path());
    assert!(line.contains("only secret key"), "{line}");

    let before = std::fs::read_to_string(folder.path().join(".frontdesk/master.key")).unwrap();
    assert_eq!(json(&["keys", "rotate", "master", "--json"], folder.path())["finished"], true);
    let after = std::fs::read_to_string(folder.path().join(".frontdesk/master.key")).unwrap();
    assert_ne!(before, after);
    assert_eq!(asked(new), 200);
    let new = new.to_owned();
    server.stop("-TERM");
    let server = Running::start(folder.path(), &[]);
    assert_eq!(backend(server.port, &new, "GET", "/v1/jwks", "").0, 200, "the new master key opens the data");
    server.stop("-TERM");
    std::fs::write(folder.path().join(".frontdesk/master.key"), before).unwrap();
    assert!(failure(&["keys", "show"], folder.path()).1.contains("master key"));
}

#[test]
fn settings_are_changed_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(folder.path(), &[]);
    let create =
        ["users", "create", "--username", "ada_byron", "--password", "correct horse battery", "--json"];
    assert!(failure(&create, folder.path()).1.contains("form_param_unknown"), "usernames are off");
    let change =
        r#"{"application_name":"Shop","attributes":{"username":"optional","email_address":"optional"}}"#;
    let changed = json(&["instances", "settings", "--change", change, "--json"], folder.path());
    assert_eq!(
        (&changed["application_name"], &changed["attributes"]["password"]),
        (&"Shop".into(), &"required".into())
    );
    assert_eq!(json(&create, folder.path())["username"], "ada_byron");
    assert_eq!(json(&["instances", "settings", "--json"], folder.path()), changed);
    for (wrong, says) in [
        (r#"{"attributes":{"user_name":"optional"}}"#, "no setting attributes.user_name"),
        (r#"{"attributes":{"username":"maybe"}}"#, "cannot have that value"),
        ("[]", "no JSON object"),
    ] {
        let (_, line) = failure(&["instances", "settings", "--change", wrong], folder.path());
        assert!(line.contains(says), "{line}");
    }
    server.stop("-TERM");
}

#[test]
fn the_doctor_tells_what_is_wrong_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let none = json(&["doctor", "--json"], folder.path());
    assert_eq!(none[0]["outcome"], "warning", "there is no data yet: {none}");
    let server = Running::start(folder.path(), &[]);
    let url = format!("http://localhost:{}", server.port);
    let write = |secret_key: &str| {
        let text = format!(
            "CLERK_PUBLISHABLE_KEY={}\nCLERK_SECRET_KEY=\"{secret_key}\"\nCLERK_API_URL={url}\n",
            server.setting("FRONTDESK_PUBLISHABLE_KEY")
        );
        std::fs::write(folder.path().join(".env.local"), text).unwrap();
    };
    write(&server.setting("FRONTDESK_SECRET_KEY"));
    let good = json(&["doctor", "--json"], folder.path());
    assert!(good.as_array().unwrap().iter().all(|it| it["outcome"] == "good"), "{good:#}");
    write("sk_live_somebodyelses");
    let output = run(&["doctor", "--json"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
    let wrong: Vec<_> = findings.as_array().unwrap().iter().filter(|it| it["outcome"] == "wrong").collect();
    assert_eq!(wrong.len(), 2, "another environment, and not taken: {findings:#}");
    assert!(wrong.iter().all(|it| it["advice"].is_string()));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("somebodyelses"), "no secret is printed");
}

#[test]
fn every_shell_gets_completions_and_every_command_explains_itself() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(printed(&["completions", shell], folder.path()).contains("jwt-templates"), "{shell}");
    }
    // The shell that is always there reads its own, and knows what comes next.
    std::fs::write(folder.path().join("bash"), printed(&["completions", "bash"], folder.path())).unwrap();
    let ask = "source ./bash && COMP_WORDS=(frontdesk keys ro) COMP_CWORD=2 && _frontdesk frontdesk ro keys && \
               echo \"${COMPREPLY[@]}\"";
    let bash = Command::new("bash").args(["--norc", "-c", ask]).current_dir(folder.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&bash.stdout).trim(), "rotate", "{bash:?}");
    for command in ["users", "sessions", "jwt-templates", "keys", "doctor", "token", "instances"] {
        let help = printed(&[command, "--help"], folder.path());
        assert!(help.contains("Usage: frontdesk"), "{help}");
    }
    assert!(printed(&["users", "update", "--help"], folder.path()).contains("Example:"));
}
