//! Tokens of programs, against what the unmodified reference SDK answered to the same requests.
//!
//! `fixtures/machine.jsonl` was recorded by `conformance/difference/machine/record.mjs`: every token with every list of
//! accepted kinds, and the same answers of the Backend API for both sides. Status, reason, auth object (byte for byte),
//! `get_token` and what was asked of the Backend API must be the same. Where a line says why we are stricter, what the
//! reference lets in is signed out here; what it refuses is refused with the same words.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::sync::{Arc, Mutex};

use frontdesk::client::{BoxFuture, Client, Failure, Request, Response, Transport, TransportError};
use frontdesk::{Accepts, Clock, Frontdesk, Reason, Timestamp, TokenType};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

const RECORDED: &str = include_str!("fixtures/machine.jsonl");

#[derive(Clone, Copy, Debug)]
struct Fixed(Timestamp);

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The Backend API of the recording.
#[derive(Clone, Debug)]
struct Backend {
    jwks: String,
    /// `null` knows no token.
    answer: Value,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Transport for Backend {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let path = request.path_and_query.as_str();
            if path == "/v1/jwks" {
                return Ok(Response::new(StatusCode::OK, HeaderMap::new(), self.jwks.clone()));
            }
            let authorization = request.headers["authorization"].to_str().unwrap();
            let body = std::str::from_utf8(&request.body).unwrap();
            self.calls.lock().unwrap().push(format!("{} {path} {authorization} {body}", request.method));
            if self.answer["drop"] == true {
                return Err(TransportError::new(Failure::Broken, "the connection was closed"));
            }
            let unknown = r#"{"errors":[{"code":"resource_not_found","message":"not found"}]}"#.to_owned();
            let (status, body) = match &self.answer {
                Value::Null => (404, unknown),
                answer => {
                    let text = answer["text"].as_str().map(str::to_owned);
                    let status = answer["status"].as_u64().unwrap_or(200);
                    (u16::try_from(status).unwrap(), text.unwrap_or_else(|| answer["body"].to_string()))
                }
            };
            Ok(Response::new(StatusCode::from_u16(status).unwrap(), HeaderMap::new(), body))
        })
    }
}

fn frontdesk(world: &Value, line: &Value, backend: &Backend) -> Frontdesk {
    let options = &line["options"];
    let mut client = Client::builder("sk_live_main");
    if let Some(key) = options["machine_secret_key"].as_str() {
        client = client.machine_secret_key(key);
    }
    let mut builder = Frontdesk::builder()
        .publishable_key("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk")
        .client(client.build(backend.clone()).unwrap())
        .clock(Fixed(Timestamp::from_millis(world["now"].as_i64().unwrap())));
    if options["jwt_key"] == true {
        builder = builder.jwt_key(world["jwt_key"].as_str().unwrap());
    }
    for audience in texts(&options["audience"]) {
        builder = builder.audience(audience);
    }
    for party in texts(&options["authorized_parties"]) {
        builder = builder.authorized_party(party);
    }
    builder.build().unwrap()
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().map(|text| text.as_str().unwrap())
}

fn accepts(kinds: &Value) -> Accepts {
    match kinds {
        Value::String(any) if any == "any" => Accepts::ANY,
        Value::String(kind) => kind.parse::<TokenType>().unwrap().into(),
        list => texts(list).map(|kind| kind.parse().unwrap()).collect::<Vec<TokenType>>()[..].into(),
    }
}

fn request(line: &Value) -> http::Request<()> {
    let mut request = http::Request::get("http://app.test/orders").header("host", "app.test");
    for (name, value) in line["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    request.body(()).unwrap()
}

/// What was asked, and once if it was asked again because no answer came.
fn asked(backend: &Backend) -> Value {
    let mut calls = std::mem::take(&mut *backend.calls.lock().unwrap());
    calls.dedup();
    calls.into()
}

#[tokio::test(start_paused = true)]
async fn every_recorded_answer_is_ours() {
    let mut lines = RECORDED.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let world = lines.next().unwrap();
    let (mut agreed, mut stricter, mut wrong) = (0, 0, Vec::new());
    for line in lines {
        let calls = Arc::default();
        let backend = Backend { jwks: world["jwks"].to_string(), answer: line["backend"].clone(), calls };
        let frontdesk = frontdesk(&world, &line, &backend);
        for recorded in line["answers"].as_array().unwrap() {
            for kinds in recorded["accepts"].as_array().unwrap() {
                let ours = answer(&frontdesk.accepting(accepts(kinds)), &backend, &line).await;
                match verdict(&ours, recorded, &line) {
                    Verdict::Agreed => agreed += 1,
                    Verdict::Stricter => stricter += 1,
                    Verdict::Wrong => {
                        wrong.push(format!(
                            "{} where {kinds} is accepted: {ours:#?}\nnot {recorded:#}",
                            line["name"]
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    // Fewer would mean that the recording was cut short.
    assert_eq!((agreed, stricter), (2_060, 76));
}

/// What we say to a request.
#[derive(Debug)]
struct Answer {
    status: &'static str,
    reason: Option<Reason>,
    auth: String,
    /// Whether `get_token` gives the token in the header, and no other; `None` if it gives none.
    itself: Option<bool>,
    calls: Value,
}

async fn answer(frontdesk: &Frontdesk, backend: &Backend, line: &Value) -> Answer {
    let state = frontdesk.authenticate_request(&request(line)).await.unwrap();
    let auth = state.auth();
    let header = line["headers"]["authorization"].as_str().unwrap_or_default();
    let token = auth.get_token().await.unwrap();
    assert_eq!(token.is_some(), auth.is_authenticated());
    Answer {
        status: state.status().as_str(),
        reason: state.reason().cloned(),
        auth: serde_json::to_string(&auth).unwrap(),
        itself: token.map(|token| header.ends_with(&token)),
        calls: asked(backend),
    }
}

enum Verdict {
    Agreed,
    Stricter,
    Wrong,
}

fn verdict(ours: &Answer, recorded: &Value, line: &Value) -> Verdict {
    let same = ours.status == recorded["status"]
        && ours.reason.as_ref().map(Reason::as_str) == recorded["reason"].as_str()
        && ours.auth == recorded["auth"]
        && ours.itself.unwrap_or_default() == (recorded["itself"] == true);
    let let_in = recorded["status"] == "signed-in" || recorded["error"].is_string();
    let refused = matches!(
        ours.reason,
        Some(Reason::TokenInvalid | Reason::TokenVerificationFailed | Reason::UnexpectedError)
    );
    if ours.calls != recorded["calls"] {
        Verdict::Wrong
    } else if same {
        Verdict::Agreed
    } else if line["stricter"].is_string() && let_in && refused && ours.status == "signed-out" {
        Verdict::Stricter
    } else {
        Verdict::Wrong
    }
}
