//! The words of mails: read, changed, looked at, taken back, handed over; and used by the mails that are sent.

use frontdesk_core::event::EventType;
use frontdesk_core::settings::{Appearance, Settings};
use frontdesk_testkit::matrix::{Browser, TestApp};
use serde_json::{Value, json};

use crate::contract::assert_described;

const CODE: &str = "/v1/templates/email/verification_code";

/// Has a code sent to an address by beginning a sign-up.
async fn ask_for_code(app: &TestApp, address: &str) -> Browser {
    let mut browser = app.browser();
    let begun = browser.post("/v1/client/sign_ups", &[("email_address", address)]).await.ok();
    let path =
        format!("/v1/client/sign_ups/{}/prepare_verification", begun["response"]["id"].as_str().unwrap());
    browser.post(&path, &[("strategy", "email_code")]).await.ok();
    browser
}

#[frontdesk_testkit::matrix::test]
async fn every_mail_is_listed_and_read(app: TestApp) {
    let backend = app.backend();
    let list = backend.get("/v1/templates/email?limit=100").await;
    assert_described("GetTemplateList", &list);
    let rows = list.ok().as_array().cloned().unwrap();
    assert_eq!(rows.len(), 20);
    for (position, row) in rows.iter().enumerate() {
        assert_eq!((&row["position"], &row["resource_type"]), (&json!(position), &json!("system")));
        let one = backend.get(&format!("/v1/templates/email/{}", row["slug"].as_str().unwrap())).await;
        assert_described("GetTemplate", &one);
        assert_eq!(one.ok(), *row);
    }
    let page = backend.get("/v1/templates/email?paginated=true&limit=3&offset=18").await.ok();
    assert_eq!((page["total_count"].as_u64(), page["data"].as_array().unwrap().len()), (Some(20), 2));
    assert_eq!(backend.get("/v1/templates/email").await.ok().as_array().unwrap().len(), 10);

    let sms = backend.get("/v1/templates/sms").await;
    assert_described("GetTemplateList", &sms);
    assert_eq!(sms.ok(), json!([]));
    backend.get("/v1/templates/letter").await.refused(422, "form_param_value_invalid");
    for path in ["sms/verification_code", "email/nothing", "letter/verification_code", "email/%00"] {
        backend.get(&format!("/v1/templates/{path}")).await.refused(404, "resource_not_found");
    }
    for operation in ["revert", "preview", "toggle_delivery"] {
        let path = format!("/v1/templates/email/nothing/{operation}");
        backend.post(&path, json!({})).await.refused(404, "resource_not_found");
    }
}

#[frontdesk_testkit::matrix::test]
async fn changed_words_are_kept_sent_and_taken_back(app: TestApp) {
    let backend = app.backend();
    let before = backend.get(CODE).await.ok();
    let changes = json!({
        "name": "Unser Code",
        "subject": "{{ otp_code }}: dein Code für {{ app.name|upper }}",
        "body": "<p>Hallo! {% if ttl_minutes > 1 %}Bald{% endif %} vorbei: <b>{{ otp_code }}</b> & mehr</p>",
        "markup": "<re-main>…</re-main>",
        "from_email_name": "codes",
        "reply_to_email_name": "hilfe",
    });
    let saved = backend.put(CODE, changes.clone()).await;
    assert_described("UpsertTemplate", &saved);
    let saved = saved.ok();
    for (name, value) in changes.as_object().unwrap() {
        assert_eq!(saved[name], *value, "{name}");
    }
    assert_eq!(saved["resource_type"], "user");
    assert_eq!((&saved["can_revert"], &saved["delivered_by_clerk"]), (&json!(true), &json!(true)));
    assert_eq!(saved["instance_id"], app.instance.instance.id.as_str());
    assert_eq!(backend.get(CODE).await.ok(), saved);

    ask_for_code(&app, "ada@example.com").await;
    let mail = &app.mails()[0].mail;
    let code = mail.code.clone().unwrap();
    assert_eq!(mail.subject, format!("{code}: dein Code für FRONTDESK"));
    assert_eq!(mail.html, format!("<p>Hallo! Bald vorbei: <b>{code}</b> & mehr</p>"));
    assert_eq!(mail.text, format!("Hallo! Bald vorbei: {code} & mehr\n"));
    assert_eq!(mail.from_name.as_deref(), Some("codes"));
    assert_eq!(mail.reply_to_name.as_deref(), Some("hilfe"));
    // The neighbour has words of its own.
    let neighbour = app.backend_with(Some(&app.other.instance.secret_key)).get(CODE).await.ok();
    assert_eq!((&neighbour["body"], &neighbour["name"]), (&before["body"], &before["name"]));

    // Absent fields are kept, null puts the built-in value back.
    let partly = backend.put(CODE, json!({ "subject": null })).await.ok();
    assert_eq!((&partly["subject"], &partly["body"]), (&before["subject"], &changes["body"]));
    let reverted = backend.post(&format!("{CODE}/revert"), json!({})).await;
    assert_described("RevertTemplate", &reverted);
    assert_eq!(reverted.ok(), before);
    assert_eq!(backend.post(&format!("{CODE}/revert"), json!({})).await.ok(), before);
}

#[frontdesk_testkit::matrix::test]
async fn what_cannot_be_sent_is_not_kept(app: TestApp) {
    let backend = app.backend();
    let put = async |body: Value| backend.put(CODE, body).await;
    for (body, part, says) in [
        (json!({ "subject": "{{ otp_code" }), "subject", "missing"),
        (json!({ "body": "<p>{{ otp_code }}</p>\n{{#if user}}Hi{{/if}}" }), "body", "line 2"),
        (json!({ "body": "{{ otp_cod }}" }), "body", "undefined"),
        (json!({ "body": "<p>no code</p>" }), "body", "otp_code"),
        (json!({ "body": "{% set x = 1 %}{{ otp_code }}" }), "body", "statement"),
        (json!({ "body": "{{ otp_code|safe }}" }), "body", "filter"),
        (json!({ "body": "{{ otp_code }}{% include 'x' %}" }), "body", "statement"),
    ] {
        let refused = put(body.clone()).await;
        refused.refused(422, "form_param_format_invalid");
        assert_described("UpsertTemplate", &refused);
        let error = &refused.json()["errors"][0];
        assert_eq!(error["meta"]["param_name"], part, "{body}");
        assert!(error["long_message"].as_str().unwrap().contains(says), "{error}");
    }
    for (name, length) in
        [("name", 256), ("subject", 1_001), ("body", 100_001), ("markup", 100_001), ("from_email_name", 65)]
    {
        put(json!({ name: "x".repeat(length) })).await.refused(422, "form_param_max_length_exceeded");
    }
    for name in ["with space", "a@b", "a\r\nBcc: x", "é", "a..b"] {
        put(json!({ "from_email_name": name })).await.refused(422, "form_param_format_invalid");
        put(json!({ "reply_to_email_name": name })).await.refused(422, "form_param_format_invalid");
    }
    put(json!({ "position": 3 })).await.refused(422, "form_param_unknown");
    assert_eq!(backend.get(CODE).await.ok()["can_revert"], false, "nothing of it was kept");
}

#[frontdesk_testkit::matrix::test]
async fn a_preview_shows_samples_and_keeps_nothing(app: TestApp) {
    let backend = app.backend();
    let path = format!("{CODE}/preview");
    let built_in = backend.post(&path, json!({})).await;
    assert_described("PreviewTemplate", &built_in);
    let built_in = built_in.ok();
    assert_eq!(built_in["subject"], "424242 is your code for Frontdesk");
    assert!(built_in["body"].as_str().unwrap().contains("424242"));
    assert_eq!(built_in["from_email_address"], "no-reply@frontdesk.localhost");
    let draft = json!({ "subject": "S {{ otp_code }}", "body": "<p>B</p>", "from_email_name": "codes",
                        "reply_to_email_name": "help" });
    let draft = backend.post(&path, draft).await.ok();
    assert_eq!((&draft["subject"], &draft["body"]), (&json!("S 424242"), &json!("<p>B</p>")));
    assert_eq!(draft["from_email_address"], "codes@frontdesk.localhost");
    assert_eq!(draft["reply_to_email_address"], "help@frontdesk.localhost");
    backend.post(&path, json!({ "body": "{{ nobody }}" })).await.refused(422, "form_param_format_invalid");
    assert_eq!(backend.get(CODE).await.ok()["can_revert"], false);
}

#[frontdesk_testkit::matrix::test]
async fn every_change_writes_its_event_and_no_code_in_clear(app: TestApp) {
    ask_for_code(&app, "ada@example.com").await;
    let code = app.mails()[0].mail.code.clone().unwrap();
    let instance = &app.instance.instance.id;
    let events = app.server.store().events(instance, 0, 100).await.unwrap();
    let mails: Vec<_> = events.iter().filter(|it| it.event.kind == EventType::EmailCreated).collect();
    assert_eq!(mails.len(), 1);
    let payload: Value = serde_json::from_slice(&mails[0].event.payload).unwrap();
    assert_eq!(payload["object"], "email");
    assert_eq!((&payload["slug"], &payload["status"]), (&json!("verification_code"), &json!("queued")));
    assert_eq!(
        (&payload["to_email_address"], &payload["user_id"]),
        (&json!("ada@example.com"), &json!(null))
    );
    assert_eq!(
        (&payload["delivered_by_clerk"], &payload["from_email_name"]),
        (&json!(true), &json!("no-reply"))
    );
    assert_eq!(payload["id"], mails[0].event.subject);
    assert!(!payload.to_string().contains(&code));
}

#[frontdesk_testkit::matrix::test]
async fn a_mail_that_the_application_sends_is_told_and_not_sent(app: TestApp) {
    let backend = app.backend();
    let path = format!("{CODE}/toggle_delivery");
    backend.post(&path, json!({})).await.refused(422, "form_param_missing");
    let off = backend.post(&path, json!({ "delivered_by_clerk": false })).await;
    assert_described("ToggleTemplateDelivery", &off);
    assert_eq!(off.ok()["delivered_by_clerk"], false);

    let mut browser = ask_for_code(&app, "ada@example.com").await;
    // In development it is shown as what it is; nobody has sent it.
    let [letter] = app.mails().try_into().unwrap();
    assert!(letter.handed_over);
    let (instance, store) = (&app.instance.instance.id, app.server.store());
    let events = store.events(instance, 0, 100).await.unwrap();
    let event = &events.iter().find(|it| it.event.kind == EventType::EmailCreated).unwrap().event;
    assert!(!String::from_utf8_lossy(&event.payload).contains("otp_code"));
    let payload: Value =
        serde_json::from_slice(&app.server.event_payload(instance, event).await.unwrap()).unwrap();
    assert_eq!(payload["delivered_by_clerk"], false);
    let code = payload["data"]["otp_code"].as_str().unwrap();
    assert_eq!(letter.mail.code.as_deref(), Some(code));
    assert_eq!(payload["subject"], format!("{code} is your code for Frontdesk"));
    for part in ["body", "body_plain"] {
        assert!(payload[part].as_str().unwrap().contains(code), "{part}");
    }
    // It is the code that works.
    let sign_up = browser.get("/v1/client").await.ok()["response"]["sign_up"]["id"].clone();
    let attempt = format!("/v1/client/sign_ups/{}/attempt_verification", sign_up.as_str().unwrap());
    let proven = browser.post(&attempt, &[("strategy", "email_code"), ("code", code)]).await.ok();
    assert_eq!(proven["response"]["unverified_fields"], json!([]));

    backend.post(&path, json!({ "delivered_by_clerk": true })).await.ok();
    ask_for_code(&app, "grace@example.com").await;
    assert_eq!(app.mails().iter().map(|letter| letter.handed_over).collect::<Vec<_>>(), [false, true]);
}

#[frontdesk_testkit::matrix::test]
async fn mails_look_like_their_application(app: TestApp) {
    let settings = Settings {
        application_name: "Shop & <Sons>".to_owned(),
        appearance: Appearance {
            primary_color: "#123456".to_owned(),
            logo_url: "https://shop.example/logo.png".to_owned(),
        },
        support_email: "help@shop.example".to_owned(),
        ..app.instance.instance.settings.clone()
    };
    let kind = app.instance.instance.kind;
    let app = app.remade(kind, settings).await;
    ask_for_code(&app, "ada@example.com").await;
    let mail = &app.mails()[0].mail;
    assert!(mail.subject.ends_with("is your code for Shop & <Sons>"), "{}", mail.subject);
    for part in
        ["https:&#x2f;&#x2f;shop.example&#x2f;logo.png", "Shop &amp; &lt;Sons&gt;", "help@shop.example"]
    {
        assert!(mail.html.contains(part), "{part}: {}", mail.html);
    }
    assert!(mail.text.contains("Shop & <Sons>") && mail.text.contains("help@shop.example"));
    let invitation = app.backend().post("/v1/templates/email/invitation/preview", json!({})).await.ok();
    assert!(invitation["body"].as_str().unwrap().contains("background: #123456; color: #ffffff"));
}
