use super::*;

fn sources(
    file: Option<&str>,
    environment: &[(&str, &str)],
    flags: &[(&str, &str)],
) -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontdesk.toml");
    if let Some(text) = file {
        std::fs::write(&path, text).unwrap();
    }
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let sources = Sources {
        file: file.map(|_| path),
        environment: environment.iter().map(owned).collect(),
        flags: flags
            .iter()
            .map(|(key, value)| ("--set".to_owned(), (*key).to_owned(), (*value).to_owned()))
            .collect(),
    };
    (folder, sources)
}

fn problems(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Vec<String> {
    let (folder, sources) = sources(Some(file), environment, flags);
    let prefix = format!("{}/", folder.path().display());
    load(&sources).unwrap_err().iter().map(|problem| problem.to_string().replace(&prefix, "")).collect()
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file = "public_url = 'https://a.example'\nmax_connections = 1\nidle_timeout = '1s'\n[log]\nfilter = 'warn'\n";
    let (_folder, sources) = sources(
        Some(file),
        &[("FRONTDESK_MAX_CONNECTIONS", "2"), ("FRONTDESK_PUBLIC_URL", "https://b.example:8443")],
        &[("public_url", "https://c.example")],
    );
    let configuration = load(&sources).unwrap();
    assert_eq!(configuration.serving.public_url.unwrap().as_str(), "https://c.example");
    assert_eq!(configuration.serving.max_connections.0, 2);
    assert_eq!(configuration.serving.idle_timeout.as_secs(), 1);
    assert_eq!(configuration.log.filter, "warn");
    assert_eq!(configuration.serving.drain_timeout.as_secs(), 20, "a default");
}

#[test]
fn every_problem_is_told_at_once_with_its_place() {
    let file = "
public_url = \"https://auth.example.com/path\"
lisen = [\"127.0.0.1:80\"]

[tls]
min_version = 1.1
certificate = \"a.pem\"

[databse]
url = \"x\"
";
    assert_eq!(
        problems(
            file,
            &[("FRONTDESK_MAX_CONNECTION", "5"), ("FRONTDESK_DRAIN_TIMEOUT", "soon")],
            &[("pool_size", "3")]
        ),
        [
            "frontdesk.toml:2: public_url: expected `https://` and a host, with a port if need be, and no path, not \"https://auth.example.com/path\"",
            "frontdesk.toml:3: there is no setting lisen; did you mean listen?",
            "frontdesk.toml:6: tls.min_version: expected `1.2` or `1.3`, not \"1.1\"",
            "frontdesk.toml:7: there is no setting tls.certificate; did you mean tls.certificate_file?",
            "frontdesk.toml:9: there is no section [databse]; did you mean [database]?",
            "FRONTDESK_MAX_CONNECTION: there is no such variable; did you mean FRONTDESK_MAX_CONNECTIONS?",
            "--set: there is no setting pool_size; did you mean database.pool_size?",
            "FRONTDESK_DRAIN_TIMEOUT: drain_timeout: expected a time of at most a day, such as `500ms`, `15s`, `5m` or `1h`, not \"soon\"",
        ]
    );
    assert_eq!(problems("public_url = ", &[], &[]).len(), 1, "a file that does not parse");
}

#[test]
fn secrets_can_be_in_files_of_their_own_and_are_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("url");
    std::fs::write(&path, "postgres://ada:s3cret@db/frontdesk\n").unwrap();
    let variables = [("FRONTDESK_DATABASE_URL_FILE", path.to_str().unwrap())];
    let (_folder, sources) = sources(None, &variables, &[("master.key", "hidden")]);
    let configuration = load(&sources).unwrap();
    assert_eq!(configuration.database.url.as_ref().unwrap().expose(), "postgres://ada:s3cret@db/frontdesk");
    let shown = configuration.shown();
    assert!(
        shown.contains("\n[database]\nurl = \"…\"\n") && shown.contains("[master]\nkey = \"…\""),
        "{shown}"
    );
    assert!(!shown.contains("s3cret") && !shown.contains("hidden"));
    assert!(!format!("{configuration:?}").contains("s3cret"));
}

#[test]
fn a_secret_is_set_once() {
    let told =
        problems("[database]\nurl = 'a'\nurl_file = '/nowhere'\n[master]\nkey = ['s3cret']\n", &[], &[]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("frontdesk.toml:3: database.url_file: the file /nowhere cannot be read"));
    assert!(!told.concat().contains("s3cret"), "{told:?}");
}

#[test]
fn what_only_the_whole_shows_is_told_at_once_too() {
    let told = |settings: &[(&str, &str)]| {
        let (_folder, sources) = sources(None, &[], settings);
        let problems = problems_of(&load(&sources).unwrap());
        problems.iter().map(Problem::to_string).collect::<Vec<_>>()
    };
    let fine = ("public_url", "https://clerk.example.com");
    assert_eq!(told(&[fine]), [""; 0]);
    assert_eq!(told(&[fine, ("mail.host", "smtp.example.com")]), ["mail: mail.from is missing"]);
    assert_eq!(told(&[fine, ("mail.from", "a@example.com")]), ["mail: mail.host is missing"]);
    let mail = [fine, ("mail.host", "smtp.example.com"), ("mail.from", "Shop <a@example.com>")];
    assert_eq!(told(&mail), [""; 0]);
    assert_eq!(told(&[&mail[..], &[("mail.username", "ada")]].concat()).len(), 1, "without a password");
    assert_eq!(told(&[&mail[..], &[("mail.port", "70000")]].concat()), ["mail: mail.port is not a port"]);
    let wrong = [("listen", ""), ("master.key", "short"), ("passwords.breach_list", "/nowhere/list")];
    let told = told(&wrong);
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(
        told[0].starts_with("public_url: is missing") && told[1].starts_with("listen: is empty"),
        "{told:?}"
    );
    assert!(told[2].starts_with("master.key: ") && !told[2].contains("short"), "{told:?}");
}

#[test]
fn what_is_shown_is_a_config_file_again() {
    let (_folder, first) = sources(
        None,
        &[("FRONTDESK_LISTEN", "127.0.0.1:1, [::1]:2"), ("FRONTDESK_TRUSTED_PROXIES", "10.0.0.0/8,::1")],
        &[("public_url", "https://a.example"), ("header_timeout", "1500ms"), ("instance.create", "false")],
    );
    let shown = load(&first).unwrap().shown();
    let (_folder, second) = sources(Some(&shown), &[], &[]);
    assert_eq!(load(&second).unwrap().shown(), shown);
    assert!(shown.contains("listen = [\"127.0.0.1:1\", \"[::1]:2\"]"), "{shown}");
    assert!(shown.contains("header_timeout = \"1500ms\"") && shown.contains("create = false"), "{shown}");
}

#[test]
fn the_reference_page_is_fresh() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == page(),
        "docs/configuration.md is stale: frontdesk config reference > docs/configuration.md"
    );
}

#[test]
fn variables_are_named_as_the_other_commands_know_them() {
    let names: Vec<String> =
        known().iter().flat_map(|section| &section.settings).map(schema::Setting::variable).collect();
    for name in [
        "FRONTDESK_DATA_DIR",
        "FRONTDESK_DATABASE_URL",
        "FRONTDESK_MASTER_KEY",
        "FRONTDESK_LOG",
        "FRONTDESK_LISTEN",
    ] {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
}
