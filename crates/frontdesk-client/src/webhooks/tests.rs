use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_795_417_200);
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD_SECRET: &str = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const DELETED: &str =
    r#"{"object":"event","type":"user.deleted","data":{"id":"user_1","object":"user","deleted":true}}"#;

/// One case as the pinned JavaScript SDK answered it; `tests/webhooks/reference.mjs` writes them.
#[derive(Deserialize)]
struct Case {
    name: String,
    now: i64,
    secret: String,
    headers: BTreeMap<String, String>,
    body: String,
    answer: Answer,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Type(String),
    Refused(serde::de::IgnoredAny),
}

fn cases() -> Vec<Case> {
    let lines = include_str!("../../tests/webhooks/reference.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn verify(case: &Case) -> Result<WebhookEvent, WebhookError> {
    let headers: Vec<_> = case.headers.iter().collect();
    WebhookVerifier::new(&case.secret)?.verify(&headers[..], &case.body, Timestamp::from_secs(case.now))
}

fn headers(id: &str, timestamp: &str, signature: &str) -> [(&'static str, String); 3] {
    [(ID, id.to_owned()), (TIMESTAMP, timestamp.to_owned()), (SIGNATURE, signature.to_owned())]
}

fn signed(verifier: &WebhookVerifier, at: Timestamp, body: &str) -> [(&'static str, String); 3] {
    headers("msg_1", &at.as_secs().to_string(), &verifier.sign("msg_1", at, body))
}

#[test]
fn the_reference_agrees_and_we_are_only_stricter() {
    // The reference reads as many digits as there are, and signs those.
    let stricter = ["time has a fraction", "time has letters behind it", "time has a sign"];
    let cases = cases();
    assert_eq!(cases.len(), 34);
    for case in &cases {
        let ours = verify(case);
        match &case.answer {
            Answer::Type(kind) if !stricter.contains(&case.name.as_str()) => {
                let ours = ours.unwrap_or_else(|error| panic!("{}: {error}", case.name));
                assert_eq!(ours.event.kind(), kind.as_str(), "{}", case.name);
            }
            Answer::Type(_) | Answer::Refused(_) => assert!(ours.is_err(), "{}", case.name),
        }
    }
}

#[test]
fn what_we_sign_is_what_the_reference_signs() {
    let mut compared = 0;
    for case in cases().iter().filter(|case| case.name.starts_with("genuine")) {
        let at = Timestamp::from_secs(case.headers[TIMESTAMP].parse().unwrap());
        let ours = WebhookVerifier::new(&case.secret).unwrap().sign(&case.headers[ID], at, &case.body);
        assert_eq!(ours, case.headers[SIGNATURE], "{}", case.name);
        compared += 1;
    }
    assert_eq!(compared, 8);
}

/// The crate of the scheme's authors tells the time by itself, so this test does too.
#[test]
fn a_second_opinion_agrees_both_ways() {
    let theirs = standardwebhooks::Webhook::new(SECRET).unwrap();
    let ours = WebhookVerifier::new(SECRET).unwrap();
    let now = system_time();
    assert_eq!(
        theirs.sign("msg_1", now.as_secs(), DELETED.as_bytes()).unwrap(),
        ours.sign("msg_1", now, DELETED)
    );
    for change in ["", "id", "time", "body", "signature"] {
        let mut message = signed(&ours, now, DELETED);
        let mut body = DELETED.to_owned();
        match change {
            "id" => "msg_2".clone_into(&mut message[0].1),
            "time" => message[1].1 = (now.as_secs() - 1).to_string(),
            "body" => body = body.replace("user_1", "user_2"),
            "signature" => message[2].1 = message[2].1.replace("v1,", "v2,"),
            _ => {}
        }
        let standard: http::HeaderMap = message
            .iter()
            .map(|(name, value)| {
                (name.replace("svix", "webhook").parse::<http::HeaderName>().unwrap(), value.parse().unwrap())
            })
            .collect();
        let (theirs, ours) =
            (theirs.verify(body.as_bytes(), &standard), ours.verify(&message[..], &body, now));
        assert_eq!((theirs.is_ok(), ours.is_ok()), (change.is_empty(), change.is_empty()), "{change}");
    }
    assert!(verify_webhook(&signed(&ours, now, DELETED)[..], DELETED, SECRET).is_ok());
}

#[test]
fn everything_around_the_event_is_read() {
    let case = &cases()[0];
    let event = verify(case).unwrap();
    assert_eq!((event.id.as_str(), event.signed_at), ("msg_2nZ0Xq", NOW));
    assert_eq!((event.timestamp, event.instance_id.as_deref()), (Some(NOW), Some("ins_2nZ0")));
    assert_eq!(event.attributes.unwrap().http_request.client_ip.as_deref(), Some("192.0.2.1"));
    let Event::UserCreated(user) = event.event else { panic!("a user") };
    assert_eq!(user.profile.first_name.as_deref(), Some("Zoë"));
}

#[test]
fn each_refusal_has_its_reason() {
    let verifier = WebhookVerifier::new(SECRET).unwrap();
    let seconds = NOW.as_secs().to_string();
    let refusal = |id: &str, timestamp: &str, signature: &str| {
        verifier.verify(&headers(id, timestamp, signature)[..], DELETED, NOW).unwrap_err()
    };
    let genuine = verifier.sign("msg_1", NOW, DELETED);
    assert_eq!(refusal(" ", &seconds, &genuine), WebhookError::MissingHeader(ID));
    assert_eq!(refusal("msg_1", "", &genuine), WebhookError::MissingHeader(TIMESTAMP));
    assert_eq!(refusal("msg_1", &seconds, ""), WebhookError::MissingHeader(SIGNATURE));
    for timestamp in ["x", "-1795417200", "1795417200.0", "99999999999999999999999", "１７"] {
        assert_eq!(refusal("msg_1", timestamp, &genuine), WebhookError::Timestamp, "{timestamp}");
    }
    assert_eq!(refusal("msg_1", "0", &genuine), WebhookError::TooOld);
    assert_eq!(refusal("msg_1", "9223372036854775807", &genuine), WebhookError::TooNew);
    assert_eq!(refusal("msg_2", &seconds, &genuine), WebhookError::Signature);
    for secret in ["", "whsec_", "whsec_!", "whsec_whsec_AAAA", " "] {
        let error = WebhookVerifier::new(secret).unwrap_err();
        assert!(error == WebhookError::Secret && error.is_misconfigured(), "{secret}");
    }
    for (body, place) in [
        ("{", "line 1, column 1"),
        (r#"{"type":"user.created"}"#, "line 1, column 23"),
        (r#"{"type":"user.created","data":{"id":"sess_1"}}"#, "data"),
        (r#"{"type":"email.created","data":{"id":"ema_1","user_id":"hush"}}"#, "data.user_id"),
        (r#"{"type":"x","data":1} hush"#, "line 1, column 23"),
    ] {
        let error = verifier.verify(&signed(&verifier, NOW, body)[..], body, NOW).unwrap_err();
        assert_eq!(error, WebhookError::Body(place.to_owned()), "{body}");
    }
}

#[test]
fn a_second_more_than_five_minutes_is_too_much() {
    let verifier = WebhookVerifier::new(SECRET).unwrap();
    let at = |span| {
        verifier.verify(&signed(&verifier, NOW + Span::seconds(span), DELETED)[..], DELETED, NOW).map(|_| ())
    };
    assert_eq!((at(-300), at(300)), (Ok(()), Ok(())));
    assert_eq!((at(-301), at(301)), (Err(WebhookError::TooOld), Err(WebhookError::TooNew)));
}

#[test]
fn secrets_rotate() {
    let (old, new) = (WebhookVerifier::new(OLD_SECRET).unwrap(), WebhookVerifier::new(SECRET).unwrap());
    let both = new.clone().or(OLD_SECRET).unwrap();
    for sender in [&old, &new] {
        both.verify(&signed(sender, NOW, DELETED)[..], DELETED, NOW).unwrap();
    }
    assert_eq!(both.sign("msg_1", NOW, DELETED), new.sign("msg_1", NOW, DELETED), "the first one signs");
    assert_eq!(
        old.verify(&signed(&new, NOW, DELETED)[..], DELETED, NOW).unwrap_err(),
        WebhookError::Signature
    );
    assert_eq!(
        WebhookVerifier::new(OLD_SECRET.trim_end_matches('=')).unwrap().sign("a", NOW, ""),
        old.sign("a", NOW, "")
    );
}

#[test]
fn signatures_are_looked_at_up_to_a_bound() {
    let verifier = WebhookVerifier::new(SECRET).unwrap();
    let genuine = verifier.sign("msg_1", NOW, DELETED);
    let seconds = NOW.as_secs().to_string();
    for (before, is_taken) in [(15, true), (16, false)] {
        let signatures = "v1,AAAA ".repeat(before) + &genuine;
        let answer = verifier.verify(&headers("msg_1", &seconds, &signatures)[..], DELETED, NOW);
        assert_eq!(answer.is_ok(), is_taken, "{before}");
    }
}

#[test]
fn headers_are_found_in_any_form_and_never_twice() {
    let verifier = WebhookVerifier::new(SECRET).unwrap();
    let message = signed(&verifier, NOW, DELETED);
    let mut map: http::HeaderMap = message
        .iter()
        .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
        .collect();
    verifier.verify(&map, DELETED.as_bytes(), NOW).unwrap();
    let by_name: HashMap<_, _> = message.iter().map(|(name, value)| (name.to_uppercase(), value)).collect();
    verifier.verify(&by_name, DELETED, NOW).unwrap();

    map.append(ID, "msg_2".parse().unwrap());
    assert_eq!(verifier.verify(&map, DELETED, NOW).unwrap_err(), WebhookError::MissingHeader(ID));
    let twice = [&message[..], &message[2..]].concat();
    assert_eq!(
        verifier.verify(&twice[..], DELETED, NOW).unwrap_err(),
        WebhookError::MissingHeader(SIGNATURE)
    );
}

#[test]
fn no_secret_is_shown() {
    assert_eq!(format!("{:?}", WebhookVerifier::new(SECRET).unwrap()), "WebhookVerifier { secrets: 1, .. }");
}
