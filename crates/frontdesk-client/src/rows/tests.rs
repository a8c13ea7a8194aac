use std::future::poll_fn;

use serde_json::{Value, json};

use super::*;
use crate::PageQuery;
use crate::fake::Fake;
use crate::sessions::SessionListQuery;
use crate::users::UserListQuery;

fn users(ids: &[&str]) -> String {
    let row = |id: &&str| json!({ "id": format!("user_{id}"), "private_metadata": {} });
    Value::Array(ids.iter().map(row).collect()).to_string()
}

fn sessions(ids: &[&str], total_count: u64) -> String {
    let row = |id: &&str| json!({ "id": format!("sess_{id}"), "client_id": "client_1", "user_id": "user_1", "status": "active" });
    json!({ "data": ids.iter().map(row).collect::<Vec<_>>(), "total_count": total_count }).to_string()
}

#[tokio::test]
async fn bare_arrays_are_followed_by_the_last_id() {
    let fake = Fake::default().answering(200, &users(&["a", "b"])).answering(200, &users(&["c", "d"]));
    let fake = fake.answering(200, &users(&["e"]));
    let mut rows = fake.client().users().stream(UserListQuery::default().limit(2).offset(4).banned(false));
    let mut seen = Vec::new();
    while let Some(user) = rows.next().await {
        seen.push((user.unwrap().profile.id.to_string(), fake.asked().len()));
    }
    let seen: Vec<_> = seen.iter().map(|(id, asked)| (id.as_str(), *asked)).collect();
    let read_ahead = [("user_a", 2), ("user_b", 2), ("user_c", 3), ("user_d", 3), ("user_e", 3)];
    assert_eq!(seen, read_ahead, "a page is given when the one behind it is here");
    assert_eq!(
        fake.asked(),
        [
            "GET /v1/users?banned=false&limit=2&offset=4",
            "GET /v1/users?banned=false&limit=2&starting_after=user_b",
            "GET /v1/users?banned=false&limit=2&starting_after=user_d",
        ]
    );
    assert!(rows.next().await.is_none(), "and stays at its end");
}

#[tokio::test]
async fn pages_with_a_total_are_followed_by_offset() {
    let fake =
        Fake::default().answering(200, &sessions(&["a", "b"], 5)).answering(200, &sessions(&["c", "d"], 4));
    let query = SessionListQuery::default().limit(2).offset(0);
    let rows = fake.client().sessions().stream(query).all().await.unwrap();
    assert_eq!(
        rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        ["sess_a", "sess_b", "sess_c", "sess_d"]
    );
    assert_eq!(
        fake.asked(),
        [
            "GET /v1/sessions?paginated=true&limit=2&offset=0",
            "GET /v1/sessions?paginated=true&limit=2&offset=2"
        ]
    );
}

#[tokio::test]
async fn an_empty_page_is_the_last_whatever_the_total_says() {
    let fake = Fake::default().answering(200, &sessions(&[], 7));
    assert!(fake.client().sessions().stream(SessionListQuery::default()).all().await.unwrap().is_empty());
    assert_eq!(fake.asked(), ["GET /v1/sessions?paginated=true&limit=100&offset=0"]);
    let fake = Fake::default().answering(200, r#"{"data":[],"total_count":0}"#);
    assert!(fake.client().jwt_templates().stream(PageQuery::default()).all().await.unwrap().is_empty());
    assert_eq!(fake.asked(), ["GET /v1/jwt_templates?paginated=true&limit=100&offset=0"]);
}

#[tokio::test]
async fn a_failure_comes_after_what_was_had_and_ends_the_rows() {
    let fake = Fake::default().answering(200, &users(&["a", "b"])).answering(500, "{}");
    let mut rows = fake.client().users().stream(UserListQuery::default().limit(2));
    for id in ["user_a", "user_b"] {
        assert_eq!(rows.next().await.unwrap().unwrap().profile.id.as_str(), id);
    }
    assert_eq!(rows.next().await.unwrap().unwrap_err().status().unwrap().as_u16(), 500);
    assert!(rows.next().await.is_none());
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test]
async fn a_server_that_gives_the_same_page_again_is_not_asked_for_ever() {
    let page = users(&["a", "b"]);
    let fake = Fake::default().answering(200, &page).answering(200, &page);
    let error = fake.client().users().stream(UserListQuery::default().limit(2)).all().await.unwrap_err();
    assert_eq!((error.operation(), error.status(), fake.asked().len()), ("GetUserList", None, 2));
}

#[tokio::test]
async fn nothing_is_asked_before_it_is_wanted_and_the_size_of_a_page_is_bounded() {
    for (limit, sent) in [(None, 100), (Some(7), 7), (Some(0), 1), (Some(-3), 1), (Some(9999), 500)] {
        let fake = Fake::default().answering(200, "[]");
        let mut rows = fake.client().users().stream(UserListQuery::default().limit(limit));
        assert!(fake.asked().is_empty());
        assert!(poll_fn(|context| Pin::new(&mut rows).poll_next(context)).await.is_none());
        assert_eq!(fake.asked(), [format!("GET /v1/users?limit={sent}")]);
    }
}

#[test]
fn rows_can_be_handed_to_another_thread() {
    fn is_send<T: Send + 'static>(_: T) {}
    is_send(Fake::default().client().users().stream(UserListQuery::default()));
}
