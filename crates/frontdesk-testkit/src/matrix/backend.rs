//! An application server that calls the Backend API.

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::Value;

use super::Reply;
use super::door::Door;

/// Calls to the Backend API, as an SDK makes them.
#[derive(Clone, Debug)]
pub struct Backend {
    door: Door,
    secret_key: Option<String>,
    version: Option<&'static str>,
}

impl Backend {
    pub(super) fn new(door: Door, secret_key: Option<&str>) -> Self {
        Self { door, secret_key: secret_key.map(str::to_owned), version: Some("2026-05-12") }
    }

    /// The same caller with another API version, or with none.
    #[must_use]
    pub fn version(mut self, version: Option<&'static str>) -> Self {
        self.version = version;
        self
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// `PUT` with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    /// Any request with a JSON body or none.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send_raw(method, path, "application/json", body).await
    }

    /// Any request with any body.
    pub async fn send_raw(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:4400")
            .header(header::CONTENT_TYPE, content_type);
        if let Some(key) = &self.secret_key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        if let Some(version) = self.version {
            request = request.header("clerk-api-version", version);
        }
        self.door.ask("backend", request.body(body.into()).expect("a request")).await
    }
}
