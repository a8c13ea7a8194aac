//! Every command of docs/command-line.md, with `--json`, against a running server and against data at rest, on both
//! engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::postgres::Database;
use crate::support::{MASTER_KEY, Serving, frontdesk};

const DOCUMENT: &str = include_str!("../../../../docs/command-line.md");

/// What other tests prove: the servers themselves, and what only a development server has.
const ELSEWHERE: [&str; 4] = ["dev", "serve", "clock advance", "authenticate"];

/// The commands that the table of the document names: `users show`, `keys rotate signing` ….
fn documented() -> BTreeSet<String> {
    let rows = DOCUMENT.lines().filter(|line| line.starts_with("| `frontdesk "));
    let mut found = BTreeSet::new();
    for row in rows {
        // A pipe inside a command is escaped.
        let row = row.replace("\\|", "\u{1}");
        let named = row.split('|').nth(1).unwrap_or_default();
        for command in named.split('`').filter_map(|part| part.strip_prefix("frontdesk ")) {
            let mut names = vec![String::new()];
            for word in command.split(' ') {
                let is_name = word
                    .split('\u{1}')
                    .all(|it| it.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
                if !is_name || word.starts_with('-') {
                    break;
                }
                names = word
                    .split('\u{1}')
                    .flat_map(|word| names.iter().map(move |name| format!("{name} {word}").trim().to_owned()))
                    .collect();
            }
            found.extend(names);
        }
    }
    found
}

/// Runs commands in one folder, and remembers which.
struct Walk<'a> {
    folder: &'a Path,
    database: Option<&'a str>,
    done: BTreeSet<String>,
}

impl Walk<'_> {
    fn output(&mut self, arguments: &[&str]) -> Output {
        let words: Vec<&str> = arguments.iter().take_while(|it| !it.starts_with('-')).copied().collect();
        self.done.extend((1..=words.len()).map(|length| words[..length].join(" ")));
        let mut command = self.command();
        command
            .args(arguments)
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .output()
            .expect("the program runs")
    }

    fn command(&self) -> Command {
        let mut command = frontdesk();
        if let Some(url) = self.database {
            command.env("FRONTDESK_DATABASE_URL", url).env("FRONTDESK_MASTER_KEY", MASTER_KEY);
        }
        command
    }

    /// What a command answers, as JSON: one value, and nothing else on standard output.
    fn json(&mut self, arguments: &[&str]) -> Value {
        let output = self.output(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    }

    /// What it says to people.
    fn words(&mut self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Everything that does the same whether a server runs or not. `round` keeps names apart.
    fn everything(&mut self, round: &str) {
        let (ada, staging) = (format!("ada-{round}@example.com"), format!("staging-{round}"));
        let made = self.json(&["instances", "create", &staging]);
        assert!(made["secret_key"].as_str().is_some_and(|key| key.starts_with("sk_test_")), "{made}");
        let listed = self.json(&["instances", "list"]);
        assert!(listed.as_array().unwrap().iter().any(|it| it["name"] == staging.as_str()));
        assert_eq!(self.json(&["instances", "show", &staging])["publishable_key"], made["publishable_key"]);
        let change = r#"{"attributes":{"username":"optional"}}"#;
        let settings = self.json(&["instances", "settings", &staging, "--change", change]);
        assert_eq!(settings["attributes"]["username"], "optional");
        assert_eq!(self.json(&["instances", "settings", &staging]), settings);

        let there = ["--instance", staging.as_str()];
        let at = |words: &[&'static str]| [words, &there[..]].concat();
        let create = [
            "users",
            "create",
            "--email",
            &ada,
            "--username",
            "ada_b",
            "--password",
            "correct horse battery",
        ];
        let user = self.json(&[&create[..], &there].concat());
        let id = user["id"].as_str().unwrap().to_owned();
        assert_eq!(self.json(&at(&["users", "list", "--query", "ada"]))[0]["id"], user["id"]);
        for name in [id.as_str(), &ada, "ada_b"] {
            assert_eq!(
                self.json(&[&["users", "show", name], &there[..]].concat())["id"],
                user["id"],
                "{name}"
            );
        }
        let change =
            ["--first-name", "Ada", "--last-name", "Byron", "--external-id", "7", "--ban", "--unlock"];
        let changed = self.json(&[&["users", "update", &id], &change[..], &there].concat());
        assert_eq!((&changed["last_name"], &changed["banned"]), (&"Byron".into(), &true.into()));
        assert_eq!(self.json(&[&["users", "update", &id, "--unban"], &there[..]].concat())["banned"], false);

        let claims = r#"{"aud":"shop"}"#;
        let template =
            self.json(&[&["jwt-templates", "create", "shop", "--claims", claims], &there[..]].concat());
        assert_eq!(template["claims"]["aud"], "shop");
        assert_eq!(self.json(&at(&["jwt-templates", "list"]))[0]["id"], template["id"]);
        assert_eq!(self.json(&at(&["jwt-templates", "update", "shop", "--lifetime", "90"]))["lifetime"], 90);
        assert_eq!(self.json(&at(&["jwt-templates", "show", "shop"]))["lifetime"], 90);
        let token = self.json(&[&["token", "--user", &ada], &there[..]].concat());
        assert_eq!(token["token"].as_str().unwrap().split('.').count(), 3, "{token}");
        let from_template =
            self.words(&[&["token", "--user", &ada, "--template", "shop"], &there[..]].concat());
        assert_eq!(from_template.trim().split('.').count(), 3);
        assert_eq!(self.json(&at(&["jwt-templates", "delete", "shop"]))["deleted"], true);

        let list = ["sessions", "list", "--user", &ada, "--status", "active"];
        let sessions = self.json(&[&list[..], &there].concat());
        assert_eq!(sessions.as_array().unwrap().len(), 2, "one for each token");
        let one = token["session_id"].as_str().unwrap().to_owned();
        assert_eq!(self.json(&[&["sessions", "revoke", &one], &there[..]].concat())[0]["status"], "revoked");
        let rest = self.json(&[&["sessions", "revoke", "--user", &ada], &there[..]].concat());
        assert_eq!(rest.as_array().unwrap().len(), 1);

        let before = self.json(&at(&["keys", "show"]));
        let rotated = self.json(&at(&["keys", "rotate", "signing"]));
        assert_eq!(rotated["retired"], before["signing_keys"][0]["kid"]);
        let added = self.json(&at(&["keys", "rotate", "secret"]));
        assert!(added["secret_key"].as_str().is_some_and(|key| key.starts_with("sk_test_")));
        let old = before["secret_keys"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(self.json(&[&["keys", "remove", &old], &there[..]].concat())["removed"], old.as_str());
        assert_eq!(self.json(&at(&["keys", "show"]))["secret_keys"].as_array().unwrap().len(), 1);
        assert_eq!(self.json(&[&["users", "delete", &id, "--yes"], &there[..]].concat())["deleted"], true);

        let findings = self.json(&["doctor"]);
        let outcome = |subject: &str| {
            let found = findings.as_array().unwrap().iter().find(|it| it["subject"] == subject);
            found.unwrap_or_else(|| panic!("{subject}: {findings}"))["outcome"].clone()
        };
        assert_eq!((outcome("database"), outcome("instances")), ("good".into(), "good".into()));
        assert!(
            self.words(&["config", "print", "--public-url", "https://a.example"])
                .contains("https://a.example")
        );
        self.words(&["config", "check", "--public-url", "https://a.example"]);
        assert!(self.words(&["config", "reference"]).contains("public_url"));
        assert!(self.words(&["completions", "bash"]).contains("jwt-templates"));
    }

    /// What the embedded database alone has, where the master key lies beside it.
    fn embedded(&mut self, round: &str) {
        assert_eq!(self.json(&["keys", "rotate", "master"])["finished"], true);
        let file = format!("{round}.backup");
        assert!(self.words(&["backup", &file]).contains(&file));
        // Its file name is no part of the command.
        self.done.insert("backup".to_owned());
    }
}

fn serve(walk: &Walk<'_>) -> Serving {
    Serving::start_command(walk.command(), walk.folder, &[])
}

#[test]
fn every_command_works_on_the_embedded_database_running_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut walk = Walk { folder: folder.path(), database: None, done: BTreeSet::new() };
    let server = serve(&walk);
    walk.everything("running");
    walk.embedded("running");
    assert_eq!(server.stop(), 0);
    walk.everything("stopped");
    walk.embedded("stopped");
    assert!(walk.output(&["restore", "stopped.backup"]).status.success());
    // What is in the table, and nothing that is not.
    let documented = documented();
    assert!(documented.len() > 25, "{documented:?}");
    for command in &documented {
        let is_proved = ELSEWHERE.contains(&command.as_str()) || walk.done.contains(command);
        assert!(is_proved, "`frontdesk {command}` is in the document, and nobody runs it");
    }
    let help = walk.words(&["--help"]);
    let commands = help.split_once("Commands:").unwrap().1.split_once("\nOptions:").unwrap().0;
    // What a long explanation goes on with stands further in.
    let names =
        commands.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    for name in names.filter_map(|line| line.split(' ').next()) {
        let is_told = name == "help" || documented.iter().any(|it| it.split(' ').next() == Some(name));
        assert!(is_told, "`frontdesk {name}` is not in docs/command-line.md");
    }
    let server = serve(&walk);
    assert_eq!(server.readiness().0, 200, "what was brought back serves");
}

#[test]
fn every_command_works_on_postgres_running_or_not() {
    let Some(database) = Database::create() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut walk = Walk { folder: folder.path(), database: Some(&database.url), done: BTreeSet::new() };
    let server = serve(&walk);
    walk.everything("running");
    assert_eq!(server.stop(), 0);
    walk.everything("stopped");
    let refused = walk.output(&["backup", "never.backup"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("pg_dump"), "it says what to do instead");
}
