//! Requests generated from the published contract: most of each request is right, so that it gets past the first check.
//!
//! Ids come from the answers, so that operations meet records of each other, and from the instance next door. Whatever
//! is sent, the server answers in time, never with 5xx, in the contract's envelope, without a secret; and the instance
//! next door is afterwards what it was before. The seed is fixed: what fails once fails again.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use axum::body::Body;
use frontdesk_api::{Audience, Declaration, contract};
use frontdesk_server::Chance;
use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use frontdesk_types::Randomness;
use http::{Method, Request, header};
use serde_json::{Map, Value, json};

use crate::sweep::refused_or_fine;

/// How many requests each operation gets.
/// `FRONTDESK_GENERATED_ROUNDS` and `FRONTDESK_GENERATED_SEED` search further than the everyday run.
const ROUNDS: u32 = 60;
/// How long an answer may take. Many password hashes on a busy machine are slow; a hang is slower.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most ids that are kept for later requests.
const MOST_IDS: usize = 300;

pub(crate) static BACKEND: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../frontdesk-api/contract/backend-2026-05-12.json")).unwrap()
});
pub(crate) static FRONTEND: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../frontdesk-api/contract/frontend-2026-05-12.json")).unwrap()
});

#[frontdesk_testkit::matrix::test]
async fn requests_of_the_backend_contract_are_answered(app: TestApp) {
    let before = next_door(&app).await;
    let mut world = World::new(&app, 1).await;
    for operation in contract::declared().filter(|it| it.audience == Audience::Backend) {
        for _ in 0..set("ROUNDS", ROUNDS) {
            let (path, body) = world.request(&BACKEND, operation);
            let request = Request::builder()
                .method(&operation.method)
                .uri(&path)
                .header(header::AUTHORIZATION, format!("Bearer {}", app.instance.secret_key))
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string()))
                .unwrap();
            let reply = answered(&mut app.browser(), request, &path).await;
            world.learn(&app, &reply, &format!("{} {path} {body}", operation.method));
        }
    }
    world.has_seen_enough();
    assert_eq!(next_door(&app).await, before);
}

#[frontdesk_testkit::matrix::test]
async fn requests_of_the_frontend_contract_are_answered(app: TestApp) {
    let before = next_door(&app).await;
    let mut world = World::new(&app, 2).await;
    for operation in contract::declared().filter(|it| it.audience == Audience::Frontend) {
        let mut signed_in = signed_in(&app, &mut world).await;
        for round in 0..set("ROUNDS", ROUNDS) {
            let (path, body) = world.request(&FRONTEND, operation);
            let mut browser = if round % 3 == 0 { app.browser() } else { signed_in.clone() };
            let form: Vec<(String, String)> = form(&body);
            let pairs: Vec<(&str, &str)> =
                form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let what = format!("{} {path} {body}", operation.method);
            let form = (operation.method != Method::GET).then_some(pairs.as_slice());
            let asked = browser.send(operation.method.clone(), &path, form);
            let reply = tokio::time::timeout(PATIENCE, asked).await.expect(&what);
            refused_or_fine(&reply, &what);
            world.learn(&app, &reply, &what);
            if round % 3 != 0 {
                signed_in = browser;
            }
        }
    }
    world.has_seen_enough();
    assert_eq!(next_door(&app).await, before);
}

fn set(name: &str, usual: u32) -> u32 {
    let set = std::env::var(format!("FRONTDESK_GENERATED_{name}")).ok();
    set.map_or(usual, |number| number.parse().unwrap())
}

async fn answered(browser: &mut Browser, request: Request<Body>, what: &str) -> Reply {
    let reply = tokio::time::timeout(PATIENCE, browser.send_request(request)).await.expect(what);
    refused_or_fine(&reply, what);
    reply
}

/// Everything that the instance next door shows to its own key.
async fn next_door(app: &TestApp) -> Vec<Value> {
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    let mut seen = Vec::new();
    for path in
        ["/v1/users", "/v1/jwks", "/v1/jwt_templates", &format!("/v1/sessions/{}", app.other.session_id)]
    {
        seen.push(theirs.get(path).await.ok());
    }
    seen
}

/// A browser in which somebody is signed in.
async fn signed_in(app: &TestApp, world: &mut World) -> Browser {
    let email = format!("p{}@example.com", world.word());
    app.user().email(&email).password("correct horse battery").create().await;
    let mut browser = app.browser();
    let form = [("identifier", email.as_str()), ("password", "correct horse battery")];
    let reply = browser.post("/v1/client/sign_ins", &form).await;
    world.learn(app, &reply, "signing in");
    reply.ok();
    browser
}

/// What is known so far, and the chance that decides.
struct World {
    chance: Chance,
    ids: BTreeSet<String>,
    requests: u32,
    successes: u32,
}

impl World {
    async fn new(app: &TestApp, seed: u64) -> Self {
        let mut ids = BTreeSet::from([
            app.other.user_id.to_string(),
            app.other.session_id.clone(),
            app.other.instance.instance.id.to_string(),
            "user_nobody".to_owned(),
        ]);
        for name in ["ada", "ben"] {
            ids.insert(app.user().email(&format!("{name}@example.com")).create().await.to_string());
        }
        Self { chance: Chance::seeded(seed + u64::from(set("SEED", 0))), ids, requests: 0, successes: 0 }
    }

    /// A request for an operation: its path with a query, and its body.
    fn request(&mut self, contract: &Value, operation: &Declaration) -> (String, Value) {
        self.requests += 1;
        let published = contract["operations"].as_array().unwrap().iter().find(|it| it["id"] == operation.id);
        let mut path: Vec<String> = Vec::new();
        for segment in operation.path.split('/') {
            path.push(if segment.starts_with('{') { self.id() } else { segment.to_owned() });
        }
        let Some(published) = published else { return (path.join("/"), json!({})) };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for parameter in published["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" && self.one_in(3) {
                let value = self.value(contract, &parameter["schema"], 0);
                for item in value.as_array().cloned().unwrap_or_else(|| vec![value]) {
                    query.append_pair(parameter["name"].as_str().unwrap(), &plain(&item));
                }
            }
        }
        let bodies = published["body"].as_object();
        let schema = bodies.and_then(|bodies| bodies.values().next()).cloned().unwrap_or_default();
        let body = if schema.is_null() { json!({}) } else { self.value(contract, &schema, 0) };
        (format!("{}?{}", path.join("/"), query.finish()), body)
    }

    /// A value that fits a schema, mostly.
    fn value(&mut self, contract: &Value, schema: &Value, depth: u32) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap();
            return self.value(contract, &contract["schemas"][name], depth);
        }
        if depth > 0 && self.one_in(12) {
            return self.anything();
        }
        for key in ["oneOf", "anyOf", "allOf"] {
            if let Some(parts) = schema[key].as_array() {
                let part = self.pick(parts).clone();
                return self.value(contract, &part, depth + 1);
            }
        }
        if let Some(values) = schema["enum"].as_array() {
            return self.pick(values).clone();
        }
        match schema["type"].as_str() {
            Some("object") => {
                let mut members = Map::new();
                for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                    let is_required =
                        schema["required"].as_array().is_some_and(|names| names.iter().any(|it| it == name));
                    if (is_required && !self.one_in(8)) || self.one_in(4) {
                        members.insert(name.clone(), self.named(contract, name, property, depth + 1));
                    }
                }
                Value::Object(members)
            }
            Some("array") => {
                let length = self.below(4);
                (0..length).map(|_| self.value(contract, &schema["items"], depth + 1)).collect()
            }
            Some("integer" | "number") => self.number(),
            Some("boolean") => json!(self.one_in(2)),
            _ => json!(self.text()),
        }
    }

    /// A value for a field whose name says more than its type.
    fn named(&mut self, contract: &Value, name: &str, schema: &Value, depth: u32) -> Value {
        let is_text = schema["type"] == "string";
        match name {
            _ if self.one_in(3) => self.value(contract, schema, depth),
            "password" | "new_password" => json!("a long enough passphrase"),
            "current_password" => json!("correct horse battery"),
            "code" => json!("424242"),
            "strategy" => {
                let strategies =
                    ["password", "email_code", "ticket", "reset_password_email_code", "totp", "oauth_x"];
                json!(self.pick(&strategies))
            }
            _ if is_text && (name.ends_with("_id") || name == "id") => json!(self.id()),
            _ if is_text && (name.contains("email") || name == "identifier") => json!(self.email()),
            _ => self.value(contract, schema, depth),
        }
    }

    fn anything(&mut self) -> Value {
        match self.below(7) {
            0 => Value::Null,
            1 => json!(true),
            2 => self.number(),
            3 => json!([[[{}]]]),
            4 => json!({ "a": { "b": [1, "c"] } }),
            5 => json!(["x"]),
            _ => json!(self.text()),
        }
    }

    fn number(&mut self) -> Value {
        let numbers = [
            json!(0),
            json!(1),
            json!(-1),
            json!(10),
            json!(2_147_483_648_i64),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(1.5),
            json!(1e300),
            json!(1_767_225_600_000_i64),
        ];
        self.pick(&numbers).clone()
    }

    fn text(&mut self) -> String {
        match self.below(16) {
            0 => String::new(),
            1 => "x".repeat(300),
            2 => "\u{202e}gnp.exe".to_owned(),
            3 => "e\u{301}\u{1f469}\u{200d}\u{1f4bb}".to_owned(),
            4 => "'; DROP TABLE users; --".to_owned(),
            5 => "<script>alert(1)</script>".to_owned(),
            6 => "{{user.email}} %s %n ../../etc/passwd".to_owned(),
            7 => "https://evil.example/\r\nSet-Cookie: a=b".to_owned(),
            8 => "2026-01-01T00:00:00Z".to_owned(),
            9 => "-1".to_owned(),
            10 => self.email(),
            11 => self.id(),
            _ => self.word(),
        }
    }

    fn email(&mut self) -> String {
        match self.below(6) {
            0 => "ada@example.com".to_owned(),
            1 => "neighbour@example.com".to_owned(),
            2 => "ADA@EXAMPLE.COM ".to_owned(),
            3 => format!("{}+clerk_test@example.com", self.word()),
            4 => format!("{}@{}.example", "l".repeat(70), "d".repeat(64)),
            _ => format!("{}@example.com", self.word()),
        }
    }

    fn id(&mut self) -> String {
        let index = self.below(u32::try_from(self.ids.len()).unwrap());
        self.ids.iter().nth(index as usize).unwrap().clone()
    }

    fn pick<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        let index = self.below(u32::try_from(values.len()).unwrap());
        &values[index as usize]
    }

    fn below(&mut self, bound: u32) -> u32 {
        (&mut self.chance as &mut dyn Randomness).below(bound)
    }

    fn word(&mut self) -> String {
        (&mut self.chance as &mut dyn Randomness).hex::<8>()
    }

    fn one_in(&mut self, number: u32) -> bool {
        self.below(number) == 0
    }

    /// Keeps the ids of an answer, and looks for what no answer may hold.
    fn learn(&mut self, app: &TestApp, reply: &Reply, what: &str) {
        let text = reply.text();
        let theirs = [app.other.instance.secret_key.as_str(), app.instance.secret_key.as_str()];
        for secret in theirs.into_iter().chain(["$argon2", "sealed", "panicked", "SELECT "]) {
            assert!(!text.contains(secret), "{what} answers with {secret}: {text}");
        }
        if reply.status() < 300 {
            self.successes += 1;
            // The one name that no request holds.
            assert!(!text.contains("Nora"), "{what} shows somebody next door: {text}");
            if let Ok(value) = serde_json::from_str(text) {
                self.learn_ids(&value);
            }
        }
    }

    fn learn_ids(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.learn_ids(item)),
            Value::Object(members) => {
                let id = members.get("id").and_then(Value::as_str);
                if let Some(id) = id.filter(|_| self.ids.len() < MOST_IDS) {
                    self.ids.insert(id.to_owned());
                }
                members.values().for_each(|member| self.learn_ids(member));
            }
            _ => {}
        }
    }

    /// A generator that only makes what is refused at once would test nothing.
    fn has_seen_enough(&self) {
        assert!(
            self.successes * 8 > self.requests,
            "only {} of {} requests were carried out",
            self.successes,
            self.requests
        );
    }
}

fn form(body: &Value) -> Vec<(String, String)> {
    let members = body.as_object().into_iter().flatten();
    members
        .flat_map(|(name, value)| {
            let items = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            items.into_iter().map(|item| (name.clone(), plain(&item))).collect::<Vec<_>>()
        })
        .collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
