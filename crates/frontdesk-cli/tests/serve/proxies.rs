//! What stands before the server: who is believed.

use crate::support::{Serving, ask};

const TOLD: [(&str, &str); 3] = [
    ("x-forwarded-for", "203.0.113.7"),
    ("x-forwarded-proto", "http"),
    ("x-forwarded-host", "clerk.shop.example"),
];

fn with<'a>(headers: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    TOLD.iter().chain(headers).copied().collect()
}

#[test]
fn a_listed_proxy_is_believed_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let trusting = ["--set", "trusted_proxies=127.0.0.0/8", "--set", "log.client_addresses=true"];
    let server = Serving::start(folder.path(), &trusting);
    let reply = ask(server.port, "PUT", "/v1/client", &with(&[("host", "10.1.2.3:4400")]), "");
    assert_eq!(reply.status, 200, "the host that the proxy tells finds the instance: {reply:?}");
    assert!(reply.head.contains("set-cookie: __client=") && !reply.head.contains("secure"), "{}", reply.head);
    let line = server.wait_for_line(|line| line["target"] == "frontdesk::request");
    assert_eq!(line["client"], "203.0.113.7");
    assert_eq!(server.stop(), 0);

    let server = Serving::start(folder.path(), &["--set", "log.client_addresses=true"]);
    let reply = ask(server.port, "PUT", "/v1/client", &with(&[("host", "10.1.2.3:4400")]), "");
    assert_eq!(reply.status, 400, "a stranger's word for the host counts for nothing");
    let reply = ask(server.port, "PUT", "/v1/client", &with(&[]), "");
    assert!(reply.head.contains("set-cookie: __client=") && reply.head.contains("secure"), "{}", reply.head);
    let line = server.wait_for_line(|line| line["status"] == 200);
    assert_eq!(line["client"], "127.0.0.1");
}
