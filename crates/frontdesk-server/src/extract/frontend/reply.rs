//! Answers of the Frontend API.

use axum::response::{IntoResponse, Response};
use frontdesk_api::frontend::client::{Client, Enveloped};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

/// A successful answer: most are wrapped with the caller's client, some are not (wire protocol §6.2).
#[derive(Debug)]
pub(crate) struct Reply<T> {
    /// What goes beside the body, cookies above all.
    pub(super) headers: HeaderMap,
    /// The body.
    pub(super) shape: Shape<T>,
}

/// The body of an answer.
#[derive(Debug)]
pub(super) enum Shape<T> {
    /// `{"response": …, "client": …}`
    Enveloped(T, Option<Box<Client>>),
    /// The resource alone.
    Bare(T),
    /// No body: the browser goes elsewhere.
    Redirect(StatusCode, HeaderValue),
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        let mut response = match self.shape {
            Shape::Enveloped(response, client) => {
                axum::Json(Enveloped { response, client: client.map(|client| *client) }).into_response()
            }
            Shape::Bare(resource) => axum::Json(resource).into_response(),
            Shape::Redirect(status, location) => (status, [(header::LOCATION, location)]).into_response(),
        };
        for (name, value) in &self.headers {
            response.headers_mut().append(name, value.clone());
        }
        response
    }
}
