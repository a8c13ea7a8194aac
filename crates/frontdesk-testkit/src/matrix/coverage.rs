//! Notes what a test run asked and what was answered, for the coverage report (`cargo xtask test`).
//!
//! Where `FRONTDESK_COVERAGE` names a folder, each answer becomes a line of JSON in a file of this process. The report
//! knows what the operations are called and judges the bodies; only the first few answers of a kind keep theirs.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use axum::body::Body;
use http::header::{self, HeaderName};
use http::{Method, Request};
use serde_json::{Value, json};

use super::Reply;

/// The environment variable that names the folder.
const VARIABLE: &str = "FRONTDESK_COVERAGE";
/// How many bodies of answers of one kind are kept by one test.
const BODIES: u32 = 3;
/// The longest body kept, in bytes.
const LONGEST_BODY: usize = 64 * 1024;

static OF_THIS_RUN: LazyLock<Option<Notes>> = LazyLock::new(|| {
    let folder = std::env::var(VARIABLE).ok().filter(|folder| !folder.is_empty())?;
    Some(Notes::in_folder(Path::new(&folder)).unwrap_or_else(|error| panic!("{VARIABLE}: {error}")))
});

/// What one process of the run was answered.
#[derive(Debug)]
pub(super) struct Notes {
    file: File,
    kept: Mutex<HashMap<(String, u16), u32>>,
}

/// What was asked.
#[derive(Debug)]
pub(super) struct Asked {
    audience: &'static str,
    engine: &'static str,
    method: Method,
    uri: String,
    /// The version that a header names; the query may name one too.
    version: Option<String>,
}

impl Asked {
    /// This request. With a secret key it is the Backend's, whoever sends it.
    pub(super) fn new(audience: &'static str, engine: &'static str, request: &Request<Body>) -> Self {
        let header = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        let has_key = header(header::AUTHORIZATION).is_some_and(|value| value.starts_with("Bearer sk_"));
        Self {
            audience: if has_key { "backend" } else { audience },
            engine,
            method: request.method().clone(),
            uri: request.uri().to_string(),
            version: header(HeaderName::from_static("clerk-api-version")).map(str::to_owned),
        }
    }
}

impl Notes {
    /// The notes of this process, where somebody wants them.
    pub(super) fn of_this_run() -> Option<&'static Self> {
        OF_THIS_RUN.as_ref()
    }

    /// Notes in a file of this process.
    fn in_folder(folder: &Path) -> io::Result<Self> {
        let file = folder.join(format!("{}.jsonl", std::process::id()));
        let file = OpenOptions::new().create(true).append(true).open(file)?;
        Ok(Self { file, kept: Mutex::default() })
    }

    /// Notes one answer.
    pub(super) fn add(&self, asked: &Asked, reply: &Reply) {
        let (path, query) = asked.uri.split_once('?').unwrap_or((&asked.uri, ""));
        let parameter = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
        // clerk-js sends every other method as a POST that says what it means.
        let method = parameter("_method=").unwrap_or(asked.method.as_str()).to_ascii_uppercase();
        let version = asked.version.as_deref().or_else(|| parameter("__clerk_api_version="));
        let is_page = parameter("paginated=true").is_some();
        let mut line = json!({
            "audience": asked.audience, "engine": asked.engine, "method": method, "path": path,
            "status": reply.status(), "version": version,
        });
        let shape: String = path.split('/').filter(|part| !part.contains('_') || part.len() < 25).collect();
        let is_success = (200..300).contains(&reply.status()) && !is_page;
        if is_success && self.wants((format!("{method}{shape}"), reply.status())) {
            line["body"] = body(reply);
        }
        self.write(&line).unwrap_or_else(|error| panic!("{VARIABLE}: {error}"));
    }

    /// One line in one call, which appends it whole: two threads that write at once do not mix theirs.
    fn write(&self, line: &Value) -> io::Result<()> {
        (&self.file).write_all(format!("{line}\n").as_bytes())
    }

    fn wants(&self, kind: (String, u16)) -> bool {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let count = kept.entry(kind).or_default();
        *count += 1;
        *count <= BODIES
    }
}

fn body(reply: &Reply) -> Value {
    let is_json = reply.header("content-type").starts_with("application/json");
    if is_json && reply.text().len() <= LONGEST_BODY { reply.json() } else { Value::Null }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_note_at_once_do_not_mix_their_lines() {
        let folder = tempfile::tempdir().unwrap();
        let notes = Notes::in_folder(folder.path()).unwrap();
        let line = |thread: usize| json!({ "thread": thread, "body": vec!["x"; 2_000] });
        std::thread::scope(|threads| {
            for thread in 0..8 {
                let notes = &notes;
                threads.spawn(move || (0..50).for_each(|_| notes.write(&line(thread)).unwrap()));
            }
        });
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 1);
        let text = std::fs::read_to_string(files[0].path()).unwrap();
        let mut counts = [0; 8];
        for written in text.lines() {
            let written: Value = serde_json::from_str(written).unwrap();
            let thread = usize::try_from(written["thread"].as_u64().unwrap()).unwrap();
            assert_eq!(written, line(thread));
            counts[thread] += 1;
        }
        assert_eq!(counts, [50; 8]);
    }
}
