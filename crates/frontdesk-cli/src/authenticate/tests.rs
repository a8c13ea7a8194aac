use super::*;

const PUBLISHABLE_KEY: &str = "pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk";

fn desk() -> Desk {
    let mut desk = Desk::new(AuthenticateOptions { jsonl: true, explain: false, auth: false }).unwrap();
    desk.transport = Api::Unnamed;
    desk
}

fn line(options: &Value) -> Value {
    json!({ "id": 7, "url": "http://app.test/", "headers": {}, "options": options, "now": 1_800_000_000_000_i64 })
}

async fn answer(desk: &mut Desk, line: &Value) -> Value {
    desk.answer(line.to_string().as_bytes()).await
}

#[tokio::test]
async fn a_line_is_answered_with_every_field() {
    let keys = json!({ "publishable_key": PUBLISHABLE_KEY, "secret_key": "sk_live_main" });
    let answer = answer(&mut desk(), &line(&keys)).await;
    let expected = json!({
        "id": 7, "status": "signed-out", "reason": "session-token-and-uat-missing", "location": null,
        "set_cookie": [], "user_id": null, "session_id": null, "org_id": null,
    });
    assert_eq!(answer.to_string(), expected.to_string(), "in this order");
}

#[tokio::test]
async fn what_is_asked_for_is_added() {
    let mut desk = desk();
    (desk.auth, desk.explain) = (true, true);
    let mut line = line(&json!({ "publishable_key": PUBLISHABLE_KEY, "secret_key": "sk_live_main" }));
    line["has"] = json!([{ "role": "org:admin" }]);
    let answer = answer(&mut desk, &line).await;
    assert_eq!(answer["has"], json!([false]));
    assert_eq!(answer["auth"]["isAuthenticated"], false);
    assert!(answer["explanation"]["summary"].as_str().unwrap().contains("__session"));
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_errors() {
    let mut desk = desk();
    for options in [
        json!({ "publishable_key": PUBLISHABLE_KEY }),
        json!({ "secret_key": "sk_live_main" }),
        json!({ "publishable_key": "pk_live_broken", "secret_key": "sk_live_main" }),
        json!({ "publishable_key": PUBLISHABLE_KEY, "secret_key": "sk_live_main", "is_satellite": true }),
        json!({ "publishable_key": PUBLISHABLE_KEY, "secret_key": "sk_live_main", "accepts_token": "password" }),
    ] {
        let answer = answer(&mut desk, &line(&options)).await;
        assert_eq!(answer["id"], 7);
        assert!(answer["error"].is_string() && answer.get("status").is_none(), "{options}: {answer}");
    }
    assert!(desk.known.len() <= 5);
}

#[tokio::test]
async fn a_line_that_cannot_be_read_is_told_apart() {
    let mut desk = desk();
    for (line, id) in [("nonsense", json!(null)), (r#"{"id":"a"}"#, json!("a")), ("[]", json!(null))] {
        let answer = desk.answer(line.as_bytes()).await;
        assert_eq!(answer["id"], id);
        assert!(answer["error"].is_string());
    }
}

#[test]
fn long_lines_are_passed_over() {
    let long = "x".repeat(usize::try_from(LONGEST_LINE).unwrap() + 5);
    let text = format!("one\n{long}\nlast");
    let mut input = text.as_bytes();
    let mut lines = Vec::new();
    while let Some(line) = next_line(&mut input).unwrap() {
        lines.push(line.map_or("too long".to_owned(), |line| String::from_utf8(line).unwrap()));
    }
    assert_eq!(lines, ["one\n", "too long", "last"]);
}
