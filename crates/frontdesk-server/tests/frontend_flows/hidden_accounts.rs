//! Where the instance hides who has an account: somebody and nobody are asked the same questions side by side, and every
//! answer must be the same, word for word, for the same work.

use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::contract;
use crate::steps::{
    PASSWORD, attempt, begin_sign_up, change_user, identify, mailed_code, other_than, prepare, send_code,
    sign_in, text, try_code, with_settings,
};

async fn hiding(app: TestApp) -> TestApp {
    with_settings(app, |settings| {
        settings.enumeration_protection = true;
        settings.attributes.username = frontdesk_core::settings::Wanted::Optional;
    })
    .await
}

/// Somebody (or nobody) at their browser, in the middle of a sign-in.
struct Asker {
    browser: Browser,
    identifier: String,
    path: String,
}

impl Asker {
    fn new(app: &TestApp, identifier: &str) -> Self {
        Self { browser: app.browser(), identifier: identifier.to_owned(), path: String::new() }
    }

    async fn ask(&mut self, question: &Question) -> Reply {
        match question {
            Question::Get => {
                let path = self.path.clone();
                self.browser.get(&path).await
            }
            Question::Client => self.browser.get("/v1/client").await,
            Question::Begin(fields) => {
                let mut form = vec![("identifier", self.identifier.as_str())];
                form.extend(*fields);
                let reply = self.browser.post("/v1/client/sign_ins", &form).await;
                if reply.status() == 200 {
                    self.path = format!("/v1/client/sign_ins/{}", text(&reply.json(), "/response/id"));
                }
                reply
            }
            Question::Ask(action, fields) => {
                self.browser.post(&format!("{}/{action}", self.path), fields).await
            }
        }
    }

    /// An answer without what is this asker's own: ids, the identifier, and what is made of them.
    fn seen(&self, reply: &Reply) -> (u16, Vec<String>, Value) {
        let mut names: Vec<_> = reply
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = value.to_str().unwrap();
                let is_own = matches!(
                    name.as_str(),
                    "set-cookie" | "content-length" | "clerk-trace-id" | "x-clerk-trace-id"
                );
                if is_own {
                    format!("{name}: {}", value.split('=').next().unwrap_or_default().len().min(8))
                } else {
                    format!("{name}: {value}")
                }
            })
            .filter(|line| !line.starts_with("content-length"))
            .collect();
        names.sort();
        (reply.status(), names, self.anonymous(reply.json()))
    }

    fn anonymous(&self, value: Value) -> Value {
        match value {
            Value::Object(map) => map
                .into_iter()
                .map(|(name, value)| {
                    let value = if name == "clerk_trace_id" { json!("…") } else { self.anonymous(value) };
                    (name, value)
                })
                .collect(),
            Value::Array(items) => items.into_iter().map(|item| self.anonymous(item)).collect(),
            Value::String(text) => {
                let masked = format!("{}**@", &self.identifier[..1]);
                let text = text.replace(&self.identifier, "(identifier)").replace(&masked, "(masked)");
                match ["sia_", "client_", "idn_", "sua_"].into_iter().find(|prefix| text.starts_with(prefix))
                {
                    Some(prefix) => json!(prefix),
                    None => json!(text),
                }
            }
            other => other,
        }
    }
}

#[derive(Debug)]
enum Question {
    Begin(&'static [(&'static str, &'static str)]),
    Ask(&'static str, &'static [(&'static str, &'static str)]),
    Get,
    Client,
}
use Question::{Ask, Begin, Client, Get};

const WRONG_PASSWORD: &[(&str, &str)] = &[("strategy", "password"), ("password", "a wrong password")];
const RIGHT_PASSWORD: &[(&str, &str)] = &[("strategy", "password"), ("password", PASSWORD)];
const EMAIL_CODE: &[(&str, &str)] = &[("strategy", "email_code")];
const WRONG_CODE: &[(&str, &str)] = &[("strategy", "email_code"), ("code", "not a code")];
const RESET: &[(&str, &str)] = &[("strategy", "reset_password_email_code")];
const WRONG_RESET: &[(&str, &str)] = &[("strategy", "reset_password_email_code"), ("code", "not a code")];
const RESET_AND_PASSWORD: &[(&str, &str)] = &[
    ("strategy", "reset_password_email_code"),
    ("code", "not a code"),
    ("password", "another horse battery"),
];
const SOMEBODYS_ID: &[(&str, &str)] = &[("strategy", "email_code"), ("email_address_id", "idn_somebodys")];

/// Everything that can be asked without a proof. Between the rounds time goes on.
const ROUNDS: &[&[Question]] = &[
    &[
        Begin(&[]),
        Get,
        Client,
        Begin(WRONG_PASSWORD),
        Begin(&[("password", "a wrong password")]),
        Begin(&[("strategy", "password")]),
        Begin(&[]),
        Ask("attempt_first_factor", WRONG_PASSWORD),
        Ask("attempt_first_factor", WRONG_CODE),
        Ask("prepare_first_factor", SOMEBODYS_ID),
        Ask("prepare_first_factor", EMAIL_CODE),
        Get,
        Ask("prepare_first_factor", EMAIL_CODE),
        Ask("prepare_first_factor", RESET),
        Ask("attempt_first_factor", WRONG_RESET),
        Ask("attempt_first_factor", WRONG_CODE),
        Ask("attempt_first_factor", WRONG_CODE),
        Ask("attempt_first_factor", WRONG_CODE),
        Ask("attempt_first_factor", WRONG_CODE),
        Ask("attempt_first_factor", WRONG_CODE),
        Ask("attempt_first_factor", WRONG_CODE),
        Get,
        Ask("reset_password", &[("password", "another horse battery")]),
        Ask("attempt_second_factor", &[("strategy", "totp"), ("code", "123456")]),
    ],
    &[
        Ask("prepare_first_factor", RESET),
        Ask("attempt_first_factor", WRONG_CODE),
        Ask("attempt_first_factor", WRONG_RESET),
        Ask("attempt_first_factor", RESET_AND_PASSWORD),
        Ask(
            "attempt_first_factor",
            &[("strategy", "reset_password_email_code"), ("code", "x"), ("password", "short")],
        ),
        Client,
        Begin(EMAIL_CODE),
        Begin(RESET),
        Begin(&[("strategy", "email_code"), ("sign_up_if_missing", "false")]),
    ],
    &[
        Ask("attempt_first_factor", WRONG_CODE),
        Get,
        // After these, everybody who can be locked is.
        Begin(WRONG_PASSWORD),
        Begin(WRONG_PASSWORD),
        Begin(WRONG_PASSWORD),
        Begin(WRONG_PASSWORD),
        Begin(WRONG_PASSWORD),
        Begin(WRONG_PASSWORD),
        Begin(WRONG_PASSWORD),
        Begin(RIGHT_PASSWORD),
        Begin(EMAIL_CODE),
        Ask("attempt_first_factor", WRONG_CODE),
        Ask("attempt_first_factor", RIGHT_PASSWORD),
        Ask("attempt_first_factor", &[("strategy", "ticket"), ("ticket", "made up")]),
    ],
];

/// Asks somebody and nobody everything, side by side.
async fn compare(app: &TestApp, somebody: &str, nobody: &str, what: &str) {
    let (mut one, mut two) = (Asker::new(app, somebody), Asker::new(app, nobody));
    let mut refusals = 0;
    for round in ROUNDS {
        for (number, question) in round.iter().enumerate() {
            let start = app.server.passwords_hashed();
            let first = one.ask(question).await;
            let between = app.server.passwords_hashed();
            let second = two.ask(question).await;
            let work = [between - start, app.server.passwords_hashed() - between];
            assert_eq!(work[0], work[1], "{what}: work for {number} {question:?}");
            assert_eq!(one.seen(&first), two.seen(&second), "{what}: {number} {question:?}");
            assert!(first.status() < 500, "{}", first.text());
            refusals += u32::from(first.status() != 200);
        }
        app.advance(Span::minutes(11));
    }
    assert!(refusals > 20, "{what}: only {refusals} refusals were compared");
}

#[frontdesk_testkit::matrix::test]
async fn somebody_is_answered_like_nobody(app: TestApp) {
    let app = hiding(app).await;
    app.user().email("ada@example.com").password(PASSWORD).first_name("Ada").create().await;
    compare(&app, "ada@example.com", "bob@example.com", "with a password").await;
}

#[frontdesk_testkit::matrix::test]
async fn so_is_everybody_with_something_special(app: TestApp) {
    let app = hiding(app).await;
    app.user().email("cleo@example.com").email("cleo@example.org").create().await;
    compare(&app, "cleo@example.com", "dora@example.com", "without a password, with two addresses").await;

    let status = json!(["reserved"]);
    let reserved = app.user().email("emil@example.com").with("email_address_identification_status", status);
    reserved.password(PASSWORD).create().await;
    compare(&app, "emil@example.com", "finn@example.com", "with an address that is only reserved").await;

    let banned = app.user().email("gina@example.com").password(PASSWORD).create().await;
    app.backend().post(&format!("/v1/users/{banned}/ban"), json!({})).await.ok();
    // A banned person's right password tells that they are: it is theirs.
    change_user(&app, banned.as_str(), |user| user.password_digest = None).await;
    compare(&app, "gina@example.com", "hugo@example.com", "banned").await;

    let locked = app.user().email("iris@example.com").password(PASSWORD).create().await;
    let until = app.now() + Span::days(1);
    change_user(&app, locked.as_str(), |user| user.locked_until = Some(until)).await;
    let mails = app.mails().len();
    compare(&app, "iris@example.com", "jack@example.com", "locked").await;
    assert_eq!(app.mails().len(), mails, "neither got a mail");

    let careful = app.user().email("mona@example.com").password("some other password");
    careful.with("totp_secret", json!("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")).create().await;
    compare(&app, "mona@example.com", "nick@example.com", "with a second factor").await;

    let compromised = app.user().email("kate@example.com").password("some other password").create().await;
    change_user(&app, compromised.as_str(), |user| user.password_compromised = true).await;
    compare(&app, "kate@example.com", "liam@example.com", "with a password that others know").await;
}

#[frontdesk_testkit::matrix::test]
async fn a_username_is_answered_like_one_that_nobody_has(app: TestApp) {
    let app = hiding(app).await;
    let mut browser = app.browser();
    let form =
        [("username", "adabyron"), ("email_address", "ada+clerk_test@example.com"), ("password", PASSWORD)];
    let begun = browser.post("/v1/client/sign_ups", &form).await.ok();
    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    prepare(&mut browser, &path).await.ok();
    attempt(&mut browser, &path, "424242").await.ok();
    compare(&app, "adabyron", "bobbyron", "a username").await;
}

#[frontdesk_testkit::matrix::test]
async fn a_proof_opens_what_was_hidden(app: TestApp) {
    let app = hiding(app).await;
    app.user().email("ada@example.com").password(PASSWORD).first_name("Ada").create().await;
    let reply = sign_in(&mut app.browser(), "ada@example.com", "a wrong one").await;
    reply.refused(422, "form_password_or_identifier_incorrect");
    assert_eq!(reply.error_param(), "password");
    let mut browser = app.browser();
    let begun = browser.post("/v1/client/sign_ins", &[("identifier", "ada@example.com")]).await;
    contract::assert_described("Client.SignIn", &begun);
    let begun = begun.ok();
    assert_eq!(begun["response"]["user_data"], Value::Null);
    let factors = &begun["response"]["supported_first_factors"];
    let strategies: Vec<_> = factors.as_array().unwrap().iter().map(|it| text(it, "/strategy")).collect();
    assert_eq!(strategies, ["password", "email_code", "reset_password_email_code"]);
    let path = format!("/v1/client/sign_ins/{}", text(&begun, "/response/id"));
    // The id that stands in for the address is what SDKs send back.
    let id = text(factors, "/1/email_address_id");
    let form = [("strategy", "email_code"), ("email_address_id", id)];
    browser.post(&format!("{path}/prepare_first_factor"), &form).await.ok();
    let code = mailed_code(&app, "ada@example.com");
    let form = [("strategy", "email_code"), ("code", code.as_str())];
    let done = browser.post(&format!("{path}/attempt_first_factor"), &form).await.ok();
    assert_eq!(done["response"]["status"], "complete");
    assert_eq!(done["response"]["user_data"]["first_name"], "Ada");
    sign_in(&mut app.browser(), "ada@example.com", PASSWORD).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_taken_address_signs_up_like_a_free_one_until_it_is_proven(app: TestApp) {
    let app = hiding(app).await;
    let ada = app.user().email("ada@example.com").password(PASSWORD).create().await;
    let (mut one, mut two) = (Asker::new(&app, "ada@example.com"), Asker::new(&app, "bob@example.com"));
    let mut paths = [String::new(), String::new()];
    let mut codes = [String::new(), String::new()];
    for step in 0..9 {
        let mut seen = Vec::new();
        let mut work = Vec::new();
        for (number, asker) in [&mut one, &mut two].into_iter().enumerate() {
            let start = app.server.passwords_hashed();
            let (path, browser) = (&mut paths[number], &mut asker.browser);
            let form = [("email_address", asker.identifier.as_str()), ("password", "another horse battery")];
            let reply = match step {
                0 => browser.post("/v1/client/sign_ups", &form).await,
                1 => browser.get(path).await,
                2 => browser.post_as("PATCH", path, &form).await,
                3 | 4 => prepare(browser, path).await,
                5 => attempt(browser, path, other_than(&codes[number])).await,
                6 => browser.post_as("PATCH", path, &[("first_name", "Ada")]).await,
                7 => browser.get("/v1/client").await,
                _ => attempt(browser, path, "not a code").await,
            };
            match step {
                0 => *path = format!("/v1/client/sign_ups/{}", text(&reply.ok(), "/response/id")),
                3 => codes[number] = mailed_code(&app, &asker.identifier),
                _ => {}
            }
            work.push(app.server.passwords_hashed() - start);
            seen.push(asker.seen(&reply));
        }
        assert_eq!(seen[0], seen[1], "step {step}");
        assert_eq!(work[0], work[1], "work of step {step}");
    }
    attempt(&mut two.browser, &paths[1], &codes[1]).await.ok();
    let told = attempt(&mut one.browser, &paths[0], &codes[0]).await;
    told.refused(422, "form_identifier_exists");
    assert_eq!(told.error_param(), "email_address");
    assert_eq!(app.backend().get("/v1/users/count").await.ok()["total_count"], 2);

    // Whoever proved it may sign in with that proof, once.
    let done = one.browser.post("/v1/client/sign_ins", &[("transfer", "true")]).await.ok();
    assert_eq!(done["client"]["sessions"][0]["user"]["id"], ada.as_str());
}

#[frontdesk_testkit::matrix::test]
async fn a_sign_up_is_no_way_to_guess_somebodys_code(app: TestApp) {
    const ADA: &str = "ada@example.com";
    let app = hiding(app).await;
    let ada = app.user().email(ADA).password(PASSWORD).create().await;
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, ADA).await;
    for _ in 0..2 {
        prepare(&mut browser, &path).await.ok();
        let code = mailed_code(&app, ADA);
        for _ in 0..5 {
            attempt(&mut browser, &path, other_than(&code)).await.refused(422, "form_code_incorrect");
        }
        // Giving another address, and hers again, does not bring the next code sooner.
        for address in ["eve@example.com", ADA] {
            browser.post_as("PATCH", &path, &[("email_address", address)]).await.ok();
        }
        prepare(&mut browser, &path).await.refused(429, "verification_code_too_many_requests");
        app.advance(Span::seconds(30));
    }
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(user["locked"], true, "ten wrong codes");

    let transfer = [("transfer", "true")];
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, ADA);
    attempt(&mut browser, &path, &code).await.refused(422, "form_code_incorrect");
    browser.post("/v1/client/sign_ins", &transfer).await.refused(400, "client_state_invalid");

    app.advance(Span::hours(1));
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, ADA);
    attempt(&mut browser, &path, &code).await.refused(422, "form_identifier_exists");
    let done = browser.post("/v1/client/sign_ins", &transfer).await.ok();
    assert_eq!(done["client"]["sessions"][0]["user"]["id"], ada.as_str());
}

#[frontdesk_testkit::matrix::test]
async fn the_right_code_is_wrong_while_its_owner_is_locked(app: TestApp) {
    let app = hiding(app).await;
    let ada = app.user().email("ada@example.com").create().await;
    let mut browser = app.browser();
    let (path, _) = identify(&mut browser, "ada@example.com").await;
    send_code(&mut browser, &path, "email_code").await.ok();
    let code = mailed_code(&app, "ada@example.com");
    app.backend().post(&format!("/v1/users/{ada}/lock"), json!({})).await.ok();
    for _ in 0..2 {
        try_code(&mut browser, &path, "email_code", &code).await.refused(422, "form_code_incorrect");
    }
    assert_eq!(browser.get("/v1/client").await.ok()["response"]["sessions"], json!([]));
    app.backend().post(&format!("/v1/users/{ada}/unlock"), json!({})).await.ok();
    try_code(&mut browser, &path, "email_code", &code).await.ok();
}
