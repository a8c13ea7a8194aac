//! Notes what a test run asked and what was answered, for the coverage report (`cargo xtask test`).
//!
//! Where `FRONTDESK_COVERAGE` names a folder, each answer becomes a line of JSON in a file of this process. The report knows what
//! the operations are called and judges the bodies; only the first few answers of a kind keep theirs.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use http::Method;
use serde_json::{Value, json};

use super::Reply;

/// The environment variable that names the folder.
const VARIABLE: &str = "FRONTDESK_COVERAGE";
/// How many bodies of answers of one kind are kept by one test.
const BODIES: u32 = 3;
/// The longest body kept, in bytes.
const LONGEST_BODY: usize = 64 * 1024;

static FOLDER: LazyLock<Option<String>> =
    LazyLock::new(|| std::env::var(VARIABLE).ok().filter(|folder| !folder.is_empty()));
static KEPT: LazyLock<Mutex<HashMap<(String, u16), u32>>> = LazyLock::new(Mutex::default);

/// Notes one answer.
pub(super) fn note(audience: &str, method: &Method, uri: &str, version: Option<&str>, reply: &Reply) {
    let Some(folder) = FOLDER.as_deref() else { return };
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    // clerk-js sends every other method as a POST that says what it means.
    let override_method = query.split('&').find_map(|pair| pair.strip_prefix("_method="));
    let method = override_method.unwrap_or(method.as_str()).to_ascii_uppercase();
    let is_page = query.split('&').any(|pair| pair == "paginated=true");
    let mut line = json!({
        "audience": audience, "method": method, "path": path, "status": reply.status(), "version": version,
    });
    let shape: String = path.split('/').filter(|part| !part.contains('_') || part.len() < 25).collect();
    let is_success = (200..300).contains(&reply.status()) && !is_page;
    if is_success && is_wanted((format!("{method}{shape}"), reply.status())) {
        line["body"] = body(reply);
    }
    let file = Path::new(folder).join(format!("{}.jsonl", std::process::id()));
    let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
    let written = file.and_then(|mut file| writeln!(file, "{line}"));
    written.unwrap_or_else(|error| panic!("{VARIABLE}: {error}"));
}

fn is_wanted(kind: (String, u16)) -> bool {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let count = kept.entry(kind).or_default();
    *count += 1;
    *count <= BODIES
}

fn body(reply: &Reply) -> Value {
    let is_json = reply.header("content-type").starts_with("application/json");
    if is_json && reply.text().len() <= LONGEST_BODY { reply.json() } else { Value::Null }
}
