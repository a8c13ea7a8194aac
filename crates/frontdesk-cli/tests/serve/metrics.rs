//! The numbers of docs/deploy.md, beside those that a server gives.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{HOST, Reply, Serving, ask, backend, make_user};

const DOCUMENT: &str = include_str!("../../../../docs/deploy.md");
const ORIGIN: (&str, &str) = ("origin", "https://shop.example");

/// Names and labels by name.
type Metrics = BTreeMap<String, BTreeSet<String>>;

/// What the table of the document lists.
fn documented() -> Metrics {
    let mut found = Metrics::new();
    let section = DOCUMENT.split_once("\n## Numbers\n").expect("the section is there").1;
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        // Several can stand in the first column.
        for name in row.split(" | ").next().unwrap_or_default().split('`').skip(1).step_by(2) {
            let (name, labels) = name.trim_end_matches('}').split_once('{').unwrap_or((name, ""));
            let labels = labels.split(',').filter(|label| !label.is_empty()).map(str::to_owned).collect();
            assert!(found.insert(name.to_owned(), labels).is_none(), "{name} stands there twice");
        }
    }
    found
}

/// What a server gives, and every sample by its whole name.
fn given(server: &Serving) -> (Metrics, BTreeMap<String, String>) {
    let text = ask(server.admin, "GET", "/metrics", &[], "").body;
    let (mut metrics, mut samples, mut kinds) = (Metrics::new(), BTreeMap::new(), BTreeMap::new());
    for line in text.lines() {
        if let Some(described) = line.strip_prefix("# TYPE ") {
            let (name, kind) = described.split_once(' ').expect("a kind");
            kinds.insert(name.to_owned(), kind.to_owned());
            continue;
        }
        let Some((sample, value)) = line.rsplit_once(' ').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        samples.insert(sample.to_owned(), value.to_owned());
        let (name, labels) = sample.trim_end_matches('}').split_once('{').unwrap_or((sample, ""));
        let base = ["_bucket", "_sum", "_count"]
            .iter()
            .filter_map(|end| name.strip_suffix(end))
            .find(|base| kinds.get(*base).is_some_and(|kind| kind == "histogram"));
        let labels =
            labels.split("\",").filter_map(|label| label.split_once('=')).map(|(name, _)| name.to_owned());
        metrics
            .entry(base.unwrap_or(name).to_owned())
            .or_default()
            .extend(labels.filter(|label| label != "le"));
    }
    for name in metrics.keys() {
        let described = format!("# HELP {name} ");
        assert!(text.contains(&described), "{name} is not explained");
    }
    (metrics, samples)
}

/// A form from a browser.
fn form(server: &Serving, path: &str, body: &str) -> Reply {
    let headers = [ORIGIN, ("content-type", "application/x-www-form-urlencoded")];
    ask(server.port, "POST", path, &headers, body)
}

#[test]
fn the_document_lists_every_number_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path(), &[]);
    let key = server.secret_key();
    let body = r#"{"email_address":["ada@example.com"],"password":"correct horse battery"}"#;
    assert_eq!(backend(server.port, &key, "POST", "/v1/users", body).unwrap().status, 200);
    let (metrics, samples) = given(&server);
    assert_eq!(metrics, documented(), "in docs/deploy.md and in /metrics");
    for (sample, value) in &samples {
        let begins =
            ["frontdesk_sign", "frontdesk_mails", "frontdesk_tokens", "frontdesk_connections_refused"];
        if begins.iter().any(|begin| sample.starts_with(begin)) {
            assert_eq!(value, "0", "{sample} is there before it happens");
        }
    }
}

#[test]
fn sign_ins_are_counted_when_they_are_complete_and_steps_as_they_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path(), &["--set", "trusted_proxies=127.0.0.1"]);
    let key = server.secret_key();
    let body = r#"{"email_address":["ada@example.com"],"password":"correct horse battery"}"#;
    assert_eq!(backend(server.port, &key, "POST", "/v1/users", body).unwrap().status, 200);
    let counted = || {
        let complete =
            |strategy: &str| server.metric(&format!("frontdesk_sign_ins_total{{strategy=\"{strategy}\"}}"));
        let steps =
            |outcome: &str| server.metric(&format!("frontdesk_sign_in_steps_total{{outcome=\"{outcome}\"}}"));
        (complete("password"), complete("email_code"), steps("accepted"), steps("refused"))
    };
    assert_eq!(counted(), (0, 0, 0, 0));
    let wrong =
        form(&server, "/v1/client/sign_ins", "identifier=ada%40example.com&password=wrong+horse+battery");
    assert_eq!(wrong.status, 422, "{}", wrong.body);
    assert_eq!(counted(), (0, 0, 0, 1));
    // To say who one is is a step, and no sign-in.
    let begun = form(&server, "/v1/client/sign_ins", "identifier=ada%40example.com");
    assert_eq!(begun.status, 200, "{}", begun.body);
    assert_eq!(counted(), (0, 0, 1, 1));
    let right =
        form(&server, "/v1/client/sign_ins", "identifier=ada%40example.com&password=correct+horse+battery");
    assert_eq!(right.status, 200, "{}", right.body);
    assert_eq!(counted(), (1, 0, 2, 1));
    assert_eq!(server.metric("frontdesk_sign_ups_total"), 0);
    assert!(server.metric("frontdesk_tokens_minted_total{kind=\"session\"}") >= 1);
    make_user(server.port, &key, "grace@example.com").unwrap();
    assert_eq!(counted(), (1, 0, 2, 1), "an application server that makes a user signs nobody in");
    assert!(ask(server.port, "GET", "/v1/environment", &[("host", HOST)], "").status == 200);
}
