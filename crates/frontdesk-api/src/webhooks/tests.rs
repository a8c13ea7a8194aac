use serde_json::json;

use super::*;

fn read(kind: &str, data: Value) -> Result<Event, serde_json::Error> {
    EventType::from(kind).deserialize(data)
}

#[test]
fn every_typed_event_keeps_its_name() {
    let user = json!({ "id": "user_1" });
    let session = json!({ "id": "sess_1", "client_id": "client_1", "user_id": "user_1", "status": "active", "user": null });
    let deleted = json!({ "object": "user", "id": "user_1", "deleted": true });
    for (kind, data) in [
        ("user.created", &user),
        ("user.updated", &user),
        ("user.deleted", &deleted),
        ("session.created", &session),
        ("session.pending", &session),
        ("session.ended", &session),
        ("session.removed", &session),
        ("session.revoked", &session),
        ("email.created", &json!({ "id": "ema_1" })),
        ("sms.created", &json!({ "id": "sms_1" })),
        ("organization.deleted", &deleted),
        ("organizationDomain.deleted", &deleted),
        ("organization.created", &json!({ "id": "org_1" })),
        ("brand.new", &json!([1])),
    ] {
        let event = read(kind, data.clone()).unwrap();
        assert_eq!(event.kind(), kind);
        let is_raw = matches!(&event, Event::Other { data: raw, .. } if raw == data);
        assert_eq!(is_raw, ["organization.created", "brand.new"].contains(&kind), "{kind}");
    }
    assert!(read("user.created", json!({ "id": "sess_1" })).is_err(), "a user has the id of one");
}

/// Deliveries leave out what operations answer with.
#[test]
fn a_user_in_few_words_is_read() {
    let data = json!({
        "object": "user", "id": "user_1", "first_name": "Ada", "created_at": 1_795_417_200_000_i64,
        "email_addresses": [{ "id": "idn_1", "object": "email_address", "email_address": "ada@example.com",
            "linked_to": [], "verification": { "status": "verified", "strategy": "brand_new" } }],
        "public_metadata": { "plan": "gold" }, "birthday": ""
    });
    let Event::UserUpdated(user) = read("user.updated", data).unwrap() else { panic!("a user") };
    let email = &user.profile.email_addresses[0];
    assert_eq!(email.email_address, "ada@example.com");
    assert_eq!(email.verification.as_ref().unwrap().strategy, "brand_new");
    assert_eq!(user.profile.public_metadata.to_map()["plan"], "gold");
    assert_eq!((user.profile.last_name, user.profile.banned), (None, false));
}

#[test]
fn a_session_may_bring_its_user() {
    let data = json!({ "id": "sess_1", "client_id": "client_1", "user_id": "user_1", "status": "brand_new",
        "user": { "id": "user_1", "username": "ada" } });
    let Event::SessionEnded(it) = read("session.ended", data).unwrap() else { panic!("a session") };
    assert_eq!(it.session.status, "brand_new");
    assert_eq!(it.user.unwrap().profile.username.as_deref(), Some("ada"));
}

#[test]
fn an_instant_is_read_in_either_unit() {
    let at = |timestamp: Value| {
        let envelope = json!({ "type": "x", "data": null, "timestamp": timestamp });
        serde_json::from_value::<Envelope>(envelope)
            .map(|envelope| envelope.timestamp.map(Timestamp::as_millis))
    };
    assert_eq!(at(json!(1_795_417_200)).unwrap(), Some(1_795_417_200_000));
    assert_eq!(at(json!(1_795_417_200_123_i64)).unwrap(), Some(1_795_417_200_123));
    assert_eq!(at(Value::Null).unwrap(), None);
    assert!(at(json!(-1)).is_err());
}

#[test]
fn what_may_sign_in_is_not_shown() {
    let email = json!({ "id": "ema_1", "body": "hush", "data": { "otp_code": "hush" } });
    let message = json!({ "id": "sms_1", "message": "hush" });
    let shown = format!("{:?} {:?}", read("email.created", email), read("sms.created", message));
    assert!(!shown.contains("hush"), "{shown}");
}
