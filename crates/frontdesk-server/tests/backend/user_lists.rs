//! Lists of people: filters, orders, pages.

use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::{Span, UserId};
use serde_json::{Value, json};

use crate::contract::assert_described;

/// Ada, Grace and Linus, made a minute apart.
async fn populate(app: &TestApp) -> [UserId; 3] {
    let ada = app
        .user()
        .email("ada@example.com")
        .email("countess@lovelace.example")
        .first_name("Ada")
        .last_name("Byron")
        .with("external_id", json!("ext_ada"))
        .create()
        .await;
    app.advance(Span::minutes(1));
    let grace = app.user().email("grace@example.com").first_name("Grace").last_name("Hopper").create().await;
    app.advance(Span::minutes(1));
    let linus = app.user().first_name("linus").with("banned", json!(true)).create().await;
    [ada, grace, linus]
}

/// Asserts that a query lists these people in this order, and that the count agrees.
async fn assert_lists(app: &TestApp, query: &str, expected: &[&UserId]) {
    let reply = app.backend().get(&format!("/v1/users?{query}")).await;
    assert_described("GetUserList", &reply);
    let ids: Vec<Value> = reply.ok().as_array().unwrap().iter().map(|user| user["id"].clone()).collect();
    assert_eq!(ids, expected.iter().map(|id| json!(id)).collect::<Vec<_>>(), "{query}");
    let count = app.backend().get(&format!("/v1/users/count?{query}")).await;
    assert_described("GetUsersCount", &count);
    if !["limit", "offset", "starting_after"].iter().any(|paging| query.contains(paging)) {
        assert_eq!(count.ok(), json!({ "object": "total_count", "total_count": expected.len() }), "{query}");
    }
}

#[frontdesk_testkit::matrix::test]
async fn every_filter_narrows(app: TestApp) {
    let [ada, grace, linus] = populate(&app).await;
    let minute = |number: i64| (app.now() - Span::minutes(2 - number)).as_millis();
    let cases = [
        (String::new(), vec![&linus, &grace, &ada]),
        ("email_address=ada@example.com".to_owned(), vec![&ada]),
        ("email_address=ADA@example.com&email_address=grace@example.com".to_owned(), vec![&grace, &ada]),
        ("email_address=nobody@example.com".to_owned(), vec![]),
        (format!("email_address={}", app.other.email), vec![]),
        ("email_address=".to_owned(), vec![]),
        ("phone_number=%2B15555550100".to_owned(), vec![]),
        ("external_id=ext_ada".to_owned(), vec![&ada]),
        ("username=ada".to_owned(), vec![]),
        ("web3_wallet=0x0".to_owned(), vec![]),
        (format!("user_id={ada}&user_id=%2B{grace}"), vec![&grace, &ada]),
        (format!("user_id=+{grace}"), vec![&grace]),
        (format!("user_id=-{ada}"), vec![&linus, &grace]),
        (format!("user_id={}", app.other.user_id), vec![]),
        ("organization_id=org_nobody".to_owned(), vec![]),
        ("organization_id=-org_nobody".to_owned(), vec![&linus, &grace, &ada]),
        ("query=EXAMPLE.com".to_owned(), vec![&grace, &ada]),
        ("query=lovelace".to_owned(), vec![&ada]),
        ("query=Hop".to_owned(), vec![&grace]),
        (format!("query={}", grace.as_str().to_lowercase()), vec![&grace]),
        ("query=%25".to_owned(), vec![]),
        ("query=_".to_owned(), vec![&linus, &grace, &ada]), // every id has one
        ("email_address_query=countess".to_owned(), vec![&ada]),
        ("phone_number_query=555".to_owned(), vec![]),
        ("username_query=a".to_owned(), vec![]),
        ("name_query=ada%20by".to_owned(), vec![&ada]),
        ("banned=true".to_owned(), vec![&linus]),
        ("banned=false".to_owned(), vec![&grace, &ada]),
        (format!("created_at_after={}", minute(0)), vec![&linus, &grace]),
        (format!("created_at_before={}", minute(1)), vec![&ada]),
        (format!("created_at_after={}&created_at_before={}", minute(0), minute(2)), vec![&grace]),
        ("last_active_at_before=9999999999999".to_owned(), vec![]),
        ("last_active_at_after=0".to_owned(), vec![]),
        ("last_active_at_since=0".to_owned(), vec![]),
        ("last_sign_in_at_before=9999999999999".to_owned(), vec![]),
        ("last_sign_in_at_after=0".to_owned(), vec![]),
        ("provider=oauth_google".to_owned(), vec![]),
        ("provider=oauth_google&provider_user_id=1".to_owned(), vec![]),
        (format!("query=example&banned=false&user_id=-{ada}"), vec![&grace]),
        ("something_else=1".to_owned(), vec![&linus, &grace, &ada]),
    ];
    for (query, expected) in cases {
        assert_lists(&app, &query, &expected).await;
    }
}

#[frontdesk_testkit::matrix::test]
async fn every_order_is_taken_both_ways(app: TestApp) {
    let [ada, grace, linus] = populate(&app).await;
    assert_lists(&app, "order_by=-created_at", &[&linus, &grace, &ada]).await;
    assert_lists(&app, "order_by=created_at", &[&ada, &grace, &linus]).await;
    assert_lists(&app, "order_by=%2Bcreated_at", &[&ada, &grace, &linus]).await;
    assert_lists(&app, "order_by=+created_at", &[&ada, &grace, &linus]).await;
    // Bytewise, on both engines: capitals before small letters, and nothing before anything.
    assert_lists(&app, "order_by=first_name", &[&ada, &grace, &linus]).await;
    assert_lists(&app, "order_by=-last_name", &[&grace, &ada, &linus]).await;
    assert_lists(&app, "order_by=email_address", &[&linus, &ada, &grace]).await;
    for name in ["updated_at", "last_active_at", "last_sign_in_at", "phone_number", "web3wallet", "username"]
    {
        for sign in ["-", "%2B", ""] {
            let reply = app.backend().get(&format!("/v1/users?order_by={sign}{name}")).await.ok();
            assert_eq!(reply.as_array().unwrap().len(), 3, "{sign}{name}");
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn pages_meet_without_gap_or_overlap(app: TestApp) {
    let [ada, grace, linus] = populate(&app).await;
    assert_lists(&app, "limit=2", &[&linus, &grace]).await;
    assert_lists(&app, "limit=2&offset=2", &[&ada]).await;
    assert_lists(&app, "offset=3", &[]).await;
    assert_lists(&app, "offset=4294967295", &[]).await;
    assert_lists(&app, &format!("starting_after={linus}&limit=1"), &[&grace]).await;
    assert_lists(&app, &format!("starting_after={grace}&order_by=first_name"), &[&linus]).await;
    assert_lists(&app, &format!("starting_after={}", app.other.user_id), &[]).await;
    for number in 0..10 {
        app.user().email(&format!("more{number}@example.com")).create().await;
    }
    let ten = app.backend().get("/v1/users").await.ok();
    assert_eq!(ten.as_array().unwrap().len(), 10);
    assert_eq!(app.backend().get("/v1/users?limit=500").await.ok().as_array().unwrap().len(), 13);
    assert_eq!(app.backend().get("/v1/users/count").await.ok()["total_count"], 13);
}

#[frontdesk_testkit::matrix::test]
async fn values_that_cannot_be_read_are_refused_by_name(app: TestApp) {
    let many = "user_id=user_1&".repeat(101);
    for (query, code, param) in [
        ("limit=0", "form_param_value_invalid", "limit"),
        ("limit=501", "form_param_value_invalid", "limit"),
        ("limit=ten", "form_param_type_invalid", "limit"),
        ("limit=99999999999999999999", "form_param_type_invalid", "limit"),
        ("offset=-1", "form_param_value_invalid", "offset"),
        ("offset=4294967296", "form_param_value_invalid", "offset"),
        ("offset=x", "form_param_type_invalid", "offset"),
        ("order_by=shoe_size", "form_param_value_invalid", "order_by"),
        ("order_by=-", "form_param_value_invalid", "order_by"),
        ("starting_after=somebody", "form_param_format_invalid", "starting_after"),
        ("banned=perhaps", "form_param_type_invalid", "banned"),
        ("created_at_after=yesterday", "form_param_type_invalid", "created_at_after"),
        ("last_active_at_since=1.5", "form_param_type_invalid", "last_active_at_since"),
        ("provider_user_id=1", "form_param_missing", "provider"),
        (many.as_str(), "form_param_value_invalid", "user_id"),
    ] {
        let reply = app.backend().get(&format!("/v1/users?{query}")).await;
        reply.refused(422, code);
        assert_eq!(reply.error_param(), param, "{query}");
        assert_described("GetUserList", &reply);
    }
    app.backend().get("/v1/users?query=a%00b").await.refused(400, "bad_request");
    // Not UTF-8: read as the replacement character, which nobody's name holds.
    assert_eq!(app.backend().get("/v1/users?query=%ff").await.ok(), json!([]));
}

#[frontdesk_testkit::matrix::test]
async fn what_is_looked_for_has_a_length_that_can_be_looked_for(app: TestApp) {
    populate(&app).await;
    for name in ["query", "email_address_query", "phone_number_query", "username_query", "name_query"] {
        for path in ["/v1/users", "/v1/users/count"] {
            // SQLite takes no pattern of this length.
            let reply = app.backend().get(&format!("{path}?{name}={}", "a".repeat(60_000))).await;
            reply.refused(422, "form_param_max_length_exceeded");
            assert_eq!(reply.error_param(), name);
        }
    }
}
