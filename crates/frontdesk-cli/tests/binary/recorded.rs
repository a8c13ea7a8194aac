//! Hand-made requests of every row of the decision table, as the unmodified SDK of another language answered them
//! (`conformance/difference`, where many more are compared with that SDK itself).

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use serde_json::{Value, json};

use crate::authenticate::replay;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/difference/fixtures");

/// What the Backend API says to each question; the questions have names.
type Table = BTreeMap<String, Value>;

#[test]
fn recorded_requests_are_answered_as_recorded() {
    let (cases, expected) = (lines("first.cases.jsonl"), lines("first.answers.jsonl"));
    assert!(cases.len() >= 200 && cases.len() == expected.len());
    let table = fs::read_to_string(format!("{FOLDER}/first.backend.json")).unwrap();
    let answers = replay(&serve(serde_json::from_str(&table).unwrap()), &["--auth"], &cases);

    let differing: Vec<_> = expected
        .iter()
        .zip(&answers)
        .filter(|(expected, answer)| {
            // Of errors only the fact was recorded.
            if expected["error"] == true { !answer["error"].is_string() } else { expected != answer }
        })
        .map(|(expected, answer)| format!("{expected}\n{answer}\n"))
        .collect();
    assert_eq!(answers.len(), cases.len());
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

fn lines(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(format!("{FOLDER}/{name}")).expect("a fixture");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// A Backend API that answers from the table, a connection for each question; gives its address.
fn serve(table: Table) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let table = Arc::new(table);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let table = Arc::clone(&table);
            // Whoever hangs up in the middle is no matter of this test.
            thread::spawn(move || drop(answer(stream, &table)));
        }
    });
    address
}

fn answer(mut stream: TcpStream, table: &Table) -> std::io::Result<()> {
    let (route, bearer, body) = read_request(&mut BufReader::new(&stream))?;
    let unknown =
        json!({ "status": 404, "body": { "errors": [{ "code": "resource_not_found", "message": "" }] } });
    let found = question(&route, &bearer, &body).and_then(|name| table.get(&name)).unwrap_or(&unknown);
    if found["drop"] == true {
        return Ok(());
    }
    let status = found["status"].as_u64().unwrap_or(200);
    let (kind, text) = match found["text"].as_str() {
        Some(text) => ("text/html", text.to_owned()),
        None => ("application/json", found["body"].to_string()),
    };
    let length = text.len();
    write!(
        stream,
        "HTTP/1.1 {status} \r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    )
}

/// Method and target, the bearer's key, and the body.
fn read_request(reader: &mut impl BufRead) -> std::io::Result<(String, String, Value)> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let route = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let (mut bearer, mut length) = (String::new(), 0);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                value.trim_start_matches("Bearer ").clone_into(&mut bearer);
            }
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().unwrap_or_default();
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    Ok((route, bearer, serde_json::from_slice(&body).unwrap_or_default()))
}

/// The name that the table has for the question.
fn question(route: &str, bearer: &str, body: &Value) -> Option<String> {
    let told = |kind: &str, member: &str| Some(format!("{kind} {}", body[member].as_str()?));
    let path = route.split('?').next()?;
    match path {
        "GET /v1/jwks" => Some(format!("jwks {bearer}")),
        "GET /v1/clients/handshake_payload" => Some(format!("handshake {}", route.split("nonce=").nth(1)?)),
        "POST /api_keys/verify" => told("api_key", "secret"),
        "POST /m2m_tokens/verify" => told("m2m_token", "token"),
        "POST /oauth_applications/access_tokens/verify" => told("oauth_token", "access_token"),
        _ if path.ends_with("/refresh") => told("refresh", "refresh_token"),
        _ => None,
    }
}
