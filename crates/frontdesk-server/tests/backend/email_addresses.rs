//! E-mail addresses of people, one by one.

use frontdesk_testkit::matrix::{Reply, TestApp};
use frontdesk_types::{Span, UserId};
use http::Method;
use serde_json::{Value, json};

use crate::contract::assert_described;
use crate::users::events;

async fn create(app: &TestApp, body: Value) -> Reply {
    let reply = app.backend().post("/v1/email_addresses", body).await;
    assert_described("CreateEmailAddress", &reply);
    reply
}

/// An address of somebody that is still to be proven, as a path.
async fn unproven(app: &TestApp, user: &UserId, address: &str) -> String {
    let made = create(app, json!({ "user_id": user, "email_address": address })).await.ok();
    format!("/v1/email_addresses/{}", made["id"].as_str().unwrap())
}

async fn patch(app: &TestApp, path: &str, body: Value) -> Reply {
    let reply = app.backend().patch(path, body).await;
    assert_described("UpdateEmailAddress", &reply);
    reply
}

async fn prepare(app: &TestApp, path: &str) -> Reply {
    let reply = app.backend().post(&format!("{path}/prepare_verification"), json!({})).await;
    assert_described("PrepareEmailAddressVerification", &reply);
    reply
}

async fn attempt(app: &TestApp, path: &str, id: &Value, code: &str) -> Reply {
    let body = json!({ "verification_id": id, "code": code });
    let reply = app.backend().post(&format!("{path}/attempt_verification"), body).await;
    assert_described("AttemptEmailAddressVerification", &reply);
    reply
}

async fn user(app: &TestApp, id: &UserId) -> Value {
    app.backend().get(&format!("/v1/users/{id}")).await.ok()
}

#[frontdesk_testkit::matrix::test]
async fn an_address_is_made_read_and_deleted(app: TestApp) {
    let ada = app.user().create().await;
    let first = create(&app, json!({ "user_id": ada, "email_address": "Ada@Example.com" })).await.ok();
    assert_eq!(first["email_address"], "ada@example.com");
    assert_eq!((&first["reserved"], &first["verification"]["status"]), (&json!(false), &json!("unverified")));
    assert_eq!(
        user(&app, &ada).await["primary_email_address_id"],
        first["id"],
        "the first is the primary one"
    );
    let second =
        json!({ "user_id": ada, "email_address": "ada@home.example", "verified": true, "primary": true });
    let second = create(&app, second).await.ok();
    assert_eq!(second["verification"]["strategy"], "admin");
    let shown = user(&app, &ada).await;
    assert_eq!(shown["primary_email_address_id"], second["id"]);
    assert_eq!(shown["email_addresses"].as_array().unwrap().len(), 2);

    let path = format!("/v1/email_addresses/{}", second["id"].as_str().unwrap());
    let read = app.backend().get(&path).await;
    assert_described("GetEmailAddress", &read);
    assert_eq!(read.ok(), second);
    let third = json!({ "user_id": ada, "email_address": "ada@work.example", "verified": true });
    let third = create(&app, third).await.ok();
    let deleted = app.backend().delete(&path).await;
    assert_described("DeleteEmailAddress", &deleted);
    assert_eq!(deleted.ok(), json!({ "object": "email_address", "id": second["id"], "deleted": true }));
    app.backend().get(&path).await.refused(404, "resource_not_found");
    assert_eq!(
        user(&app, &ada).await["primary_email_address_id"],
        third["id"],
        "a proven one takes its place"
    );
    let last = format!("/v1/email_addresses/{}", third["id"].as_str().unwrap());
    app.backend().delete(&last).await.refused(400, "identification_deletion_failed");
    let expected = ["user.created", "user.updated", "user.updated", "user.updated", "user.updated"];
    assert_eq!(events(&app).await, expected);
}

#[frontdesk_testkit::matrix::test]
async fn an_address_has_one_owner(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let grace = app.user().email("grace@example.com").create().await;
    for (user, address) in [(&ada, "ADA@example.com"), (&grace, "ada@example.com")] {
        let reply = create(&app, json!({ "user_id": user, "email_address": address })).await;
        reply.refused(422, "form_identifier_exists");
        assert_eq!(reply.error_param(), "email_address");
    }
    // What nobody has proven, several may try to prove.
    let adas = unproven(&app, &ada, "shared@example.com").await;
    let graces = unproven(&app, &grace, "shared@example.com").await;
    patch(&app, &adas, json!({ "verified": true })).await.ok();
    patch(&app, &graces, json!({ "verified": true })).await.refused(422, "form_identifier_exists");
    // The neighbour's address is another matter.
    create(&app, json!({ "user_id": ada, "email_address": app.other.email, "verified": true })).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn what_cannot_be_made_is_refused_by_name(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    for (body, status, code, param) in [
        (json!({ "email_address": "x@example.com" }), 422, "form_param_missing", "user_id"),
        (json!({ "user_id": ada }), 422, "form_param_missing", "email_address"),
        (json!({ "user_id": ada, "email_address": "x" }), 422, "form_param_format_invalid", "email_address"),
        (
            json!({ "user_id": "user_nobody", "email_address": "x@y.example" }),
            404,
            "resource_not_found",
            "(none)",
        ),
        (
            json!({ "user_id": app.other.user_id, "email_address": "x@y.example" }),
            404,
            "resource_not_found",
            "(none)",
        ),
        (json!({ "user_id": "%00", "email_address": "x@y.example" }), 404, "resource_not_found", "(none)"),
        (
            json!({ "user_id": ada, "email_address": "x@y.example", "primary": true }),
            422,
            "form_param_value_invalid",
            "primary",
        ),
        (
            json!({ "user_id": ada, "email_address": "x@y.example", "verified": "yes" }),
            422,
            "form_param_type_invalid",
            "verified",
        ),
    ] {
        let reply = create(&app, body).await;
        reply.refused(status, code);
        assert_eq!(reply.error_param(), param);
    }
    for number in 0..49 {
        let body = json!({ "user_id": ada, "email_address": format!("a{number}@example.com") });
        create(&app, body).await.ok();
    }
    let one_more = json!({ "user_id": ada, "email_address": "more@example.com" });
    create(&app, one_more).await.refused(400, "bad_request");
}

#[frontdesk_testkit::matrix::test]
async fn an_address_is_declared_proven_and_primary(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let path = unproven(&app, &ada, "ada@home.example").await;
    let refused = patch(&app, &path, json!({ "primary": true })).await;
    refused.refused(422, "form_param_value_invalid");
    let before = events(&app).await.len();
    let same = patch(&app, &path, json!({ "verified": false, "primary": false })).await.ok();
    assert_eq!(same["verification"]["status"], "unverified");
    assert_eq!(events(&app).await.len(), before, "nothing changed");

    app.advance(Span::seconds(1));
    let changed = patch(&app, &path, json!({ "verified": true, "primary": true })).await.ok();
    assert_eq!(changed["verification"]["strategy"], "admin");
    assert_eq!(changed["updated_at"], json!(app.now()));
    assert_eq!(user(&app, &ada).await["primary_email_address_id"], changed["id"]);
    let reply = patch(&app, &path, json!({ "primary": false })).await;
    reply.refused(422, "form_param_value_invalid");
    assert_eq!(reply.error_param(), "primary");
    let unverified = patch(&app, &path, json!({ "verified": false })).await.ok();
    assert_eq!(unverified["verification"]["status"], "unverified");
}

#[frontdesk_testkit::matrix::test]
async fn a_code_proves_an_address_once(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let path = unproven(&app, &ada, "ada+clerk_test@home.example").await;
    let nothing = attempt(&app, &path, &json!("ver_1"), "424242").await;
    nothing.refused(400, "verification_missing");
    let sent = prepare(&app, &path).await.ok();
    assert_eq!((&sent["status"], &sent["strategy"]), (&json!("unverified"), &json!("email_code")));
    assert_eq!(sent["expire_at"], json!(app.now() + Span::minutes(10)));
    assert!(!prepare(&app, &path).await.header("retry-after").is_empty());
    prepare(&app, &path).await.refused(429, "verification_code_too_many_requests");

    attempt(&app, &path, &sent["id"], "424243").await.refused(422, "form_code_incorrect");
    attempt(&app, &path, &json!("ver_another"), "424242").await.refused(422, "form_code_incorrect");
    let read = app.backend().get(&path).await.ok();
    assert_eq!(read["verification"]["attempts"], 2, "every try is counted");
    let proven = attempt(&app, &path, &sent["id"], "424242").await.ok();
    assert_eq!(
        (&proven["status"], &proven["attempts"], &proven["id"]),
        (&json!("verified"), &json!(3), &sent["id"])
    );
    assert_eq!(app.backend().get(&path).await.ok()["verification"]["status"], "verified");
    attempt(&app, &path, &sent["id"], "424242").await.refused(400, "verification_already_verified");
    prepare(&app, &path).await.refused(400, "verification_already_verified");

    let path = unproven(&app, &ada, "more+clerk_test@home.example").await;
    let sent = prepare(&app, &path).await.ok();
    let missing = app.backend().post(&format!("{path}/attempt_verification"), json!({ "code": "1" })).await;
    missing.refused(422, "form_param_missing");
    assert_eq!(missing.error_param(), "verification_id");
    for _ in 0..5 {
        attempt(&app, &path, &sent["id"], "000000").await.refused(422, "form_code_incorrect");
    }
    attempt(&app, &path, &sent["id"], "424242").await.refused(400, "verification_failed");
    app.advance(Span::minutes(11));
    let again = prepare(&app, &path).await.ok();
    attempt(&app, &path, &sent["id"], "424242").await.refused(422, "form_code_incorrect");
    app.advance(Span::minutes(10));
    attempt(&app, &path, &again["id"], "424242").await.refused(400, "verification_expired");
}

#[frontdesk_testkit::matrix::test]
async fn a_code_travels_by_mail(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let path = unproven(&app, &ada, "ada@home.example").await;
    let sent = prepare(&app, &path).await.ok();
    let mails = app.mails();
    assert_eq!((mails.len(), mails[0].mail.to.as_str()), (1, "ada@home.example"));
    let code = mails[0].mail.code.clone().unwrap();
    attempt(&app, &path, &sent["id"], &code).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn the_old_primary_address_is_told_if_that_is_asked_for(app: TestApp) {
    let ada = app.user().email("one@example.com").email("two@example.com").create().await;
    let told = || -> Vec<String> { app.mails().iter().rev().map(|letter| letter.mail.to.clone()).collect() };
    let shown = user(&app, &ada).await;
    let path = |number: usize| {
        format!("/v1/email_addresses/{}", shown["email_addresses"][number]["id"].as_str().unwrap())
    };
    let flag = "notify_primary_email_address_changed";
    patch(&app, &path(1), json!({ "primary": true })).await.ok();
    assert!(told().is_empty(), "nobody asked for a mail");
    patch(&app, &path(0), json!({ "primary": true, flag: true })).await.ok();
    patch(&app, &path(0), json!({ "primary": true, flag: true })).await.ok();
    assert_eq!(told(), ["two@example.com"], "what does not move is not told");
    let change = json!({ "primary_email_address_id": shown["email_addresses"][1]["id"], flag: true });
    app.backend().patch(&format!("/v1/users/{ada}"), change).await.ok();
    assert_eq!(told().last().unwrap(), "one@example.com");
    let third = json!({
        "user_id": ada, "email_address": "three@example.com", "verified": true, "primary": true, flag: true
    });
    create(&app, third).await.ok();
    assert_eq!(told().last().unwrap(), "two@example.com");
    let fourth = json!({ "email_address": "four@example.com", flag: true });
    app.backend().put(&format!("/v1/users/{ada}/email_address"), fourth).await.ok();
    assert_eq!(told().last().unwrap(), "three@example.com");
    assert_eq!(told().len(), 4);
}

#[frontdesk_testkit::matrix::test]
async fn of_many_tries_with_one_code_one_passes(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let path = unproven(&app, &ada, "ada+clerk_test@home.example").await;
    let sent = prepare(&app, &path).await.ok();
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (backend, path) = (app.backend(), format!("{path}/attempt_verification"));
        let body = json!({ "verification_id": sent["id"], "code": "424242" });
        racers.spawn(async move { backend.post(&path, body).await });
    }
    let replies = racers.join_all().await;
    assert_eq!(replies.iter().filter(|reply| reply.status() == 200).count(), 1);
    for reply in replies.iter().filter(|reply| reply.status() != 200) {
        reply.refused(400, "verification_already_verified");
    }
}

#[frontdesk_testkit::matrix::test]
async fn no_foreign_address_is_touched(app: TestApp) {
    let neighbour = app.backend_with(Some(&app.other.instance.secret_key));
    let theirs = neighbour.get(&format!("/v1/users/{}", app.other.user_id)).await.ok();
    let email = theirs["email_addresses"][0]["id"].as_str().unwrap();
    for id in [email, "idn_nobody", "user_1", "%00"] {
        let path = format!("/v1/email_addresses/{id}");
        for (method, path, body) in [
            (Method::GET, path.clone(), None),
            (Method::PATCH, path.clone(), Some(json!({ "verified": false }))),
            (Method::DELETE, path.clone(), None),
            (Method::POST, format!("{path}/prepare_verification"), Some(json!({}))),
            (
                Method::POST,
                format!("{path}/attempt_verification"),
                Some(json!({ "verification_id": "ver_1", "code": "424242" })),
            ),
        ] {
            app.backend().send(method, &path, body).await.refused(404, "resource_not_found");
        }
    }
    let after = neighbour.get(&format!("/v1/users/{}", app.other.user_id)).await.ok();
    assert_eq!(after, theirs);
    assert!(events(&app).await.is_empty());
}
