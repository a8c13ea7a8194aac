//! The errors that the contract describes for many operations alike, met by every operation that it describes them for.
//!
//! The operations come from the declarations, so a new one is asked without another line here, except for the body that
//! it cannot do without.

use axum::body::Body;
use frontdesk_api::{Audience, Declaration, contract};
use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use http::{Method, Request, header};
use serde_json::{Value, json};

use crate::generated::{BACKEND, FRONTEND};

/// Asked for by anybody: they know no key, no client, or no instance.
const OPEN: [&str; 3] = ["GetPublicInterstitial", "GetJWKS", "getHealth"];

#[frontdesk_testkit::matrix::test]
async fn who_shows_no_right_key_is_refused(app: TestApp) {
    for operation in backend() {
        let path = filled(operation.path, "nobody");
        for (key, code) in [(None, "authentication_invalid"), (Some("sk_test_wrong"), "clerk_key_invalid")] {
            let backend = app.backend_with(key);
            backend.send(operation.method.clone(), &path, Some(json!({}))).await.refused(401, code);
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn what_nobody_has_is_not_found(app: TestApp) {
    let neighbour = app.backend_with(Some(&app.other.instance.secret_key));
    let ours = Ours::make(&app).await;
    let (mut asked, mut problems) = (0, Vec::new());
    let names_one = |it: &&Declaration| it.path.contains("_id}") || it.path.contains("{id}");
    for operation in backend().filter(names_one).filter(|it| !is_elsewhere(it)) {
        let (method, body) = (&operation.method, least_body(operation.id));
        let made_up = filled(operation.path, "nobody");
        let reply = app.backend().send(method.clone(), &made_up, Some(body.clone())).await;
        problems.extend(found(operation, &reply));
        // What we have is unknown next door.
        let path = ours.path(operation.path);
        let reply = neighbour.send(method.clone(), &path, Some(body)).await;
        problems.extend(found(operation, &reply));
        asked += 1;
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(asked > 35, "this test looked at {asked} operations only");
    for (path, shown) in &ours.shown {
        assert_eq!(app.backend().get(path).await.ok(), *shown, "{path} was changed from next door");
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_body_of_the_wrong_shape_is_refused(app: TestApp) {
    let ours = Ours::make(&app).await;
    for operation in backend().filter(|it| !OPEN.contains(&it.id) && it.method != Method::GET) {
        let path = ours.path(operation.path);
        let send = async |body: &'static str| {
            app.backend().send_raw(operation.method.clone(), &path, "application/json", body).await
        };
        // A file is refused for what it is, before anything in it is read.
        let (broken, list) = (send("{").await, send("[]").await);
        let expected = if takes_file(operation) { (415, 415) } else { (400, 422) };
        assert_eq!((broken.status(), list.status()), expected, "{}: {}", operation.id, broken.text());
    }
    for (path, shown) in &ours.shown {
        assert_eq!(app.backend().get(path).await.ok(), *shown, "{path} was changed");
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_device_whose_body_has_the_wrong_shape_is_refused(app: TestApp) {
    let changes = frontend().filter(|it| it.method != Method::GET && describes(it, 422));
    for operation in changes.filter(|it| !takes_file(it)) {
        for (body, status) in [("{", 400), ("[]", 422)] {
            let request = Request::builder()
                .method(&operation.method)
                .uri(plausible(&app, operation.path))
                .header(header::HOST, "localhost:4400")
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body))
                .unwrap();
            let reply = app.browser().send_request(request).await;
            assert_eq!(reply.status(), status, "{}: {}", operation.id, reply.text());
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_browser_that_nobody_knows_is_refused(app: TestApp) {
    for operation in frontend().filter(|it| !OPEN.contains(&it.id)) {
        let path = filled(operation.path, "nobody");
        // A proxy that holds the key of the instance next door speaks for that one.
        let request = Request::builder()
            .method(&operation.method)
            .uri(format!("/i/frontdesk{path}"))
            .header(header::HOST, "localhost:4400")
            .header("clerk-secret-key", &app.other.instance.secret_key)
            .body(Body::empty())
            .unwrap();
        let reply = app.browser().send_request(request).await;
        assert_eq!(reply.status(), 401, "{}: {}", operation.id, reply.text());
    }
}

#[frontdesk_testkit::matrix::test]
async fn who_is_signed_out_is_refused(app: TestApp) {
    let of_client = ["/v1/me", "/v1/client/sessions/", "/v1/client/sign_ins/", "/v1/client/sign_ups/"];
    for operation in frontend().filter(|it| of_client.iter().any(|root| it.path.starts_with(root))) {
        let mut browser = app.browser();
        let reply = ask(&mut browser, operation, &plausible(&app, operation.path)).await;
        assert_eq!(reply.status(), 401, "{}: {}", operation.id, reply.text());
    }
}

#[frontdesk_testkit::matrix::test]
async fn who_is_banned_is_refused_in_the_session_that_is_left(app: TestApp) {
    let mut browser = app.browser();
    let ada = app.user().email("ada@example.com").password("correct horse battery").create().await;
    let form = [("identifier", "ada@example.com"), ("password", "correct horse battery")];
    browser.post("/v1/client/sign_ins", &form).await.ok();
    // A ban ends the sessions; one that begins at the same moment is left, and opens nothing.
    let store = app.server.store();
    let mut account = store.account(&app.instance.instance.id, &ada).await.unwrap().unwrap();
    account.user.banned = true;
    let mut work = frontdesk_store::Work::new(&app.instance.instance.id);
    work.save_user(&account.user);
    store.commit(work).await.unwrap();
    for operation in frontend().filter(|it| it.path.starts_with("/v1/me") && describes(it, 403)) {
        let reply = ask(&mut browser, operation, &plausible(&app, operation.path)).await;
        assert_eq!(
            (reply.status(), reply.error_code()),
            (403, "user_banned".to_owned()),
            "{}: {}",
            operation.id,
            reply.text()
        );
    }
}

fn backend() -> impl Iterator<Item = &'static Declaration> {
    contract::declared().filter(|it| it.audience == Audience::Backend && !OPEN.contains(&it.id))
}

fn frontend() -> impl Iterator<Item = &'static Declaration> {
    contract::declared().filter(|it| it.audience == Audience::Frontend)
}

/// Whether the contract describes this error for the operation.
fn describes(operation: &Declaration, status: u16) -> bool {
    let contract: &Value = if operation.audience == Audience::Backend { &BACKEND } else { &FRONTEND };
    let operations = contract["operations"].as_array().unwrap();
    let published = operations.iter().find(|it| it["id"] == operation.id);
    published.is_some_and(|it| it["responses"][status.to_string()].is_object())
}

async fn ask(browser: &mut Browser, operation: &Declaration, path: &str) -> Reply {
    let form = (operation.method != Method::GET).then_some(&[][..]);
    browser.send(operation.method.clone(), path, form).await
}

/// What is answered instead of 404.
fn found(operation: &Declaration, reply: &Reply) -> Option<String> {
    let is_not_found = reply.status() == 404 && reply.error_code() != "route_not_found";
    (!is_not_found).then(|| format!("{}: {} {}", operation.id, reply.status(), reply.text()))
}

/// Whether something else than the id is looked at first: a file, or tokens that say whose they are.
fn is_elsewhere(operation: &Declaration) -> bool {
    takes_file(operation) || operation.id == "RefreshSession"
}

/// Whether it wants a file, whose absence is the first thing to be told.
fn takes_file(operation: &Declaration) -> bool {
    matches!(operation.id, "SetUserProfileImage" | "updateProfileImage")
}

/// The path with ids that could be somebody's: those of the neighbour's session, under other names.
fn plausible(app: &TestApp, path: &str) -> String {
    let (_, unique) = app.other.session_id.split_once('_').unwrap();
    let prefix = match path {
        _ if path.contains("sign_in_id") => "sia",
        _ if path.contains("sign_up_id") => "sua",
        _ if path.contains("email_id") => "idn",
        _ => "sess",
    };
    filled(path, &format!("{prefix}_{unique}"))
}

/// The path with every parameter replaced.
fn filled(path: &str, parameter: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { parameter } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// What an operation of the Backend wants to read before it looks for anything.
fn least_body(operation: &str) -> Value {
    match operation {
        "ReplaceUserEmailAddress" => json!({ "email_address": "new@example.com" }),
        "VerifyPassword" => json!({ "password": "correct horse battery" }),
        "VerifyTOTP" => json!({ "code": "123456" }),
        "AttemptEmailAddressVerification" => json!({ "code": "424242" }),
        "VerifySession" => json!({ "token": "a.b.c" }),
        _ => json!({}),
    }
}

/// One record of each kind in the instance under test.
struct Ours {
    ids: Vec<(&'static str, String)>,
    /// How they look, by path.
    shown: Vec<(String, Value)>,
}

impl Ours {
    async fn make(app: &TestApp) -> Self {
        let backend = app.backend();
        let ada = app.user().email("ada@example.com").password("correct horse battery").create().await;
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let make = async |path: &str, body: Value| id(&backend.post(path, body).await.ok());
        let session = backend.post("/v1/sessions", json!({ "user_id": ada })).await.ok();
        let user = backend.get(&format!("/v1/users/{ada}")).await.ok();
        let sign_up =
            app.browser().post("/v1/client/sign_ups", &[("email_address", "new@example.com")]).await.ok();
        let identifier = json!({ "identifier": "*@example.org" });
        let satellite = json!({ "name": "other.test:3001", "is_satellite": true });
        let ids = vec![
            ("/v1/users/", ada.to_string()),
            ("/v1/email_addresses/", id(&user["email_addresses"][0])),
            ("/v1/sessions/", id(&session)),
            ("/v1/clients/", session["client_id"].as_str().unwrap().to_owned()),
            ("/v1/sign_ups/", id(&sign_up["response"])),
            ("/v1/sign_in_tokens/", make("/v1/sign_in_tokens", json!({ "user_id": ada })).await),
            ("/v1/jwt_templates/", make("/v1/jwt_templates", json!({ "name": "own", "claims": {} })).await),
            ("/v1/redirect_urls/", make("/v1/redirect_urls", json!({ "url": "https://a.example" })).await),
            ("/v1/domains/", make("/v1/domains", satellite).await),
            ("/v1/allowlist_identifiers/", make("/v1/allowlist_identifiers", identifier.clone()).await),
            ("/v1/blocklist_identifiers/", make("/v1/blocklist_identifiers", identifier).await),
        ];
        let mut shown = Vec::new();
        for (root, id) in &ids {
            let path = format!("{root}{id}");
            let is_shown = ![
                "/v1/sign_in_tokens/",
                "/v1/domains/",
                "/v1/allowlist_identifiers/",
                "/v1/blocklist_identifiers/",
            ]
            .contains(root);
            if is_shown {
                let reply = backend.get(&path).await.ok();
                shown.push((path, reply));
            }
        }
        Self { ids, shown }
    }

    /// The path with the id of what we have; what else it names is made up.
    fn path(&self, path: &str) -> String {
        let own = self.ids.iter().find(|(root, _)| path.starts_with(root)).filter(|_| path.contains('{'));
        let path = match (own, path.find('{'), path.find('}')) {
            (Some((_, id)), Some(begin), Some(end)) => format!("{}{id}{}", &path[..begin], &path[end + 1..]),
            _ => path.to_owned(),
        };
        filled(&path, "nobody")
    }
}
