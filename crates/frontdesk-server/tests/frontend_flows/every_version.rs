//! Every operation is asked in every version, and its answer judged by what that version says (decision 21).

use axum::body::Body;
use frontdesk_api::contract::declared;
use frontdesk_api::{Audience, Declaration};
use frontdesk_core::settings::Wanted;
use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use http::{Method, Request, header};
use serde_json::json;

use crate::descriptions::{Description, descriptions};
use crate::me_image::{form, picture};
use crate::steps::{PASSWORD, begin_sign_up, identify, prepare, send_code, text, try_code, with_settings};

const BACKUP_CODE: &str = "first-code";
const TOTP_SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn all() -> Vec<Description> {
    descriptions([
        include_str!("../../../frontdesk-api/contract/frontend-2021-02-05.difference.json"),
        include_str!("../../../frontdesk-api/contract/frontend-2024-10-01.difference.json"),
        include_str!("../../../frontdesk-api/contract/frontend-2025-04-10.difference.json"),
        include_str!("../../../frontdesk-api/contract/frontend-2025-11-10.difference.json"),
    ])
}

/// Somebody with a browser of this version, for one request.
struct Scene {
    browser: Browser,
    user: String,
    email: String,
    number: usize,
}

impl Scene {
    async fn new(app: &TestApp, version: &'static str, number: usize, operation: &str) -> Self {
        let email = format!("person-{number}+clerk_test@example.com");
        let user = app.user().email(&email).first_name("Ada").with("public_metadata", json!({ "a": 1 }));
        let user = match operation {
            "changePassword" | "removePassword" | "createSignIn" | "resetPassword" => user.password(PASSWORD),
            "attemptSignInFactorTwo" => {
                let user = user.password(PASSWORD).with("totp_secret", json!(TOTP_SECRET));
                user.with("backup_codes", json!([BACKUP_CODE]))
            }
            _ => user,
        };
        let user = user.create().await.to_string();
        Self { browser: app.browser().version(version), user, email, number }
    }

    /// Signs in with a ticket, which needs no hashing. Gives the session.
    async fn sign_in(&mut self, app: &TestApp) -> String {
        let made = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": self.user })).await.ok();
        let form = [("strategy", "ticket"), ("ticket", text(&made, "/token"))];
        let done = self.browser.post("/v1/client/sign_ins", &form).await.ok();
        text(&done, "/response/created_session_id").to_owned()
    }

    /// An address that is added and not proven yet. Gives its path.
    async fn add_address(&mut self) -> String {
        let email = format!("second-{}+clerk_test@example.com", self.number);
        let made = self.browser.post("/v1/me/email_addresses", &[("email_address", &email)]).await.ok();
        format!("/v1/me/email_addresses/{}", text(&made, "/response/id"))
    }

    async fn navigate(&mut self, path: &str) -> Reply {
        let origin = self.browser.origin.take();
        let reply = self.browser.get(path).await;
        self.browser.origin = origin;
        reply
    }

    async fn upload(&mut self) -> Reply {
        let (content_type, body) = form("file", &picture());
        let client = format!("__client={}", self.browser.cookie("__client").unwrap());
        let request =
            Request::post("/v1/me/profile_image?__clerk_api_version=".to_owned() + self.browser.spoken())
                .header(header::HOST, "localhost:4400")
                .header(header::ORIGIN, "http://localhost:3000")
                .header(header::CONTENT_TYPE, content_type)
                .header(header::COOKIE, client);
        self.browser.send_request(request.body(Body::from(body)).unwrap()).await
    }

    async fn ask(&mut self, app: &TestApp, operation: &Declaration) -> Reply {
        match operation.path {
            path if path.starts_with("/v1/client/sign_ins") => self.ask_sign_in(operation).await,
            path if path.starts_with("/v1/client/sign_ups") => self.ask_sign_up(operation).await,
            path if path.starts_with("/v1/me") => self.ask_oneself(app, operation).await,
            _ => self.ask_other(app, operation).await,
        }
    }

    async fn ask_sign_in(&mut self, operation: &Declaration) -> Reply {
        let (email, browser) = (self.email.clone(), &mut self.browser);
        let with_password = [("identifier", email.as_str()), ("password", PASSWORD)];
        match operation.id {
            "createSignIn" => return browser.post(operation.path, &with_password).await,
            "attemptSignInFactorTwo" => {
                let begun = browser.post("/v1/client/sign_ins", &with_password).await.ok();
                let path = operation.path.replace("{sign_in_id}", text(&begun, "/response/id"));
                return browser.post(&path, &[("strategy", "backup_code"), ("code", BACKUP_CODE)]).await;
            }
            _ => {}
        }
        let (path, _) = identify(browser, &email).await;
        match operation.id {
            "getSignIn" => browser.get(&path).await,
            "prepareSignInFactorOne" => send_code(browser, &path, "email_code").await,
            "attemptSignInFactorOne" => {
                send_code(browser, &path, "email_code").await.ok();
                try_code(browser, &path, "email_code", "424242").await
            }
            "resetPassword" => {
                let strategy = "reset_password_email_code";
                send_code(browser, &path, strategy).await.ok();
                try_code(browser, &path, strategy, "424242").await.ok();
                let form = [("password", "another horse battery"), ("sign_out_of_other_sessions", "true")];
                browser.post(&format!("{path}/reset_password"), &form).await
            }
            other => panic!("this test cannot ask {other} yet"),
        }
    }

    async fn ask_sign_up(&mut self, operation: &Declaration) -> Reply {
        let email = format!("new-{}+clerk_test@example.com", self.number);
        let browser = &mut self.browser;
        if operation.id == "createSignUps" {
            let form = [("email_address", email.as_str()), ("unsafe_metadata", r#"{"a":1}"#)];
            return browser.post(operation.path, &form).await;
        }
        let path = begin_sign_up(browser, &email).await;
        match operation.id {
            "getSignUps" => browser.get(&path).await,
            "updateSignUps" => browser.post_as("PATCH", &path, &[("first_name", "Eve")]).await,
            "prepareSignUpsVerification" => prepare(browser, &path).await,
            "attemptSignUpsVerification" => {
                prepare(browser, &path).await.ok();
                crate::steps::attempt(browser, &path, "424242").await
            }
            other => panic!("this test cannot ask {other} yet"),
        }
    }

    async fn ask_oneself(&mut self, app: &TestApp, operation: &Declaration) -> Reply {
        let session = self.sign_in(app).await;
        if matches!(operation.id, "updateProfileImage" | "deleteProfileImage") {
            let reply = self.upload().await;
            return match operation.id {
                "updateProfileImage" => reply,
                _ => self.browser.post_as("DELETE", operation.path, &[]).await,
            };
        }
        if operation.path.contains("{email_id}") {
            let path = self.add_address().await;
            let asked = operation.path.replace("/v1/me/email_addresses/{email_id}", &path);
            let browser = &mut self.browser;
            if operation.id == "verifyEmailAddress" {
                let strategy = [("strategy", "email_code")];
                browser.post(&format!("{path}/prepare_verification"), &strategy).await.ok();
            }
            let form: &[_] = match operation.id {
                "sendVerificationEmail" => &[("strategy", "email_code")],
                "verifyEmailAddress" => &[("code", "424242")],
                _ => &[],
            };
            return send(browser, operation, &asked, form).await;
        }
        // The other one is revoked, and this one lives.
        let other = if operation.id == "revokeSession" {
            let mut elsewhere = Self { browser: app.browser(), ..self.clone_person() };
            elsewhere.sign_in(app).await
        } else {
            session
        };
        let path = operation.path.replace("{session_id}", &other);
        let email = format!("third-{}@example.com", self.number);
        let form: Vec<(&str, &str)> = match operation.id {
            "patchUser" => vec![("first_name", "Augusta"), ("last_name", "King")],
            "patchUserMetadata" => vec![("unsafe_metadata", r#"{"a":1}"#)],
            "changePassword" => {
                vec![("current_password", PASSWORD), ("new_password", "another horse battery")]
            }
            "removePassword" => vec![("current_password", PASSWORD)],
            "createEmailAddresses" => vec![("email_address", &email)],
            _ => Vec::new(),
        };
        send(&mut self.browser, operation, &path, &form).await
    }

    fn clone_person(&self) -> Self {
        Self {
            browser: self.browser.clone(),
            user: self.user.clone(),
            email: self.email.clone(),
            number: self.number,
        }
    }

    async fn ask_other(&mut self, app: &TestApp, operation: &Declaration) -> Reply {
        let path = operation.path;
        match operation.id {
            "handshakeClient" | "redirectToUrl" | "syncClient" => {
                let page = "redirect_url=http%3A%2F%2Flocalhost%3A3000%2F";
                return self.navigate(&format!("{path}?{page}&format=nonce")).await;
            }
            "acceptTicket" => {
                let made =
                    app.backend().post("/v1/sign_in_tokens", json!({ "user_id": self.user })).await.ok();
                return self.navigate(&format!("{path}?ticket={}", text(&made, "/token"))).await;
            }
            "clearSiteData" => return self.navigate(path).await,
            "postDevBrowserInitSetCookie" => {
                let made = self.browser.post("/v1/dev_browser", &[]).await.ok();
                let path = format!("{path}?__clerk_db_jwt={}", text(&made, "/id"));
                return self.browser.post(&path, &[]).await;
            }
            "getProxyHealth" => {
                let request = Request::get(format!("{path}?domain_id=dmn_1"))
                    .header(header::HOST, "localhost:4400")
                    .header("clerk-proxy-url", "https://app.example/__clerk")
                    .header("clerk-secret-key", &app.instance.secret_key)
                    .header("x-forwarded-for", "203.0.113.7");
                return self.browser.send_request(request.body(Body::empty()).unwrap()).await;
            }
            _ => {}
        }
        let session = self.sign_in(app).await;
        let mut path = path.replace("{session_id}", &session);
        if path.contains("{template_name}") {
            let name = format!("template-{}", self.number);
            let template = json!({ "name": name, "claims": { "a": "{{user.id}}" } });
            app.backend().post("/v1/jwt_templates", template).await.ok();
            path = path.replace("{template_name}", &name);
        }
        send(&mut self.browser, operation, &path, &[]).await
    }
}

/// As clerk-js sends it: reads by `GET`, everything else as a `POST` that says what it means.
async fn send(browser: &mut Browser, operation: &Declaration, path: &str, form: &[(&str, &str)]) -> Reply {
    assert!(!path.contains('{'), "this test does not know what {path} names");
    match operation.method {
        Method::GET => browser.get(path).await,
        Method::POST => browser.post(path, form).await,
        _ => browser.post_as(operation.method.as_str(), path, form).await,
    }
}

#[frontdesk_testkit::matrix::test]
async fn every_operation_is_answered_as_the_callers_version_says(app: TestApp) {
    let app = with_settings(app, |settings| {
        settings.attributes.password = Wanted::Optional;
        settings.attributes.first_name = Wanted::Optional;
        settings.attributes.last_name = Wanted::Optional;
    })
    .await;
    let descriptions = all();
    let mut problems = Vec::new();
    let mut number = 0;
    // Satellites have a Frontend API of their own in production alone (`satellites`).
    let asked = declared().filter(|it| it.audience == Audience::Frontend && it.id != "linkClient");
    for operation in asked {
        for description in &descriptions {
            number += 1;
            let version = description.version;
            let mut scene = Scene::new(&app, version.as_str(), number, operation.id).await;
            let reply = scene.ask(&app, operation).await;
            let mut note =
                |problem: String| problems.push(format!("{} {version:?}: {problem}", operation.id));
            if reply.status() >= 400 {
                note(format!("{} {}", reply.status(), reply.text()));
                continue;
            }
            description.problems(operation, &descriptions, &reply).into_iter().for_each(&mut note);
            // Everything that is served to browsers is in every version.
            if description.operation(operation).is_none() {
                note("the version does not have it".to_owned());
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}
