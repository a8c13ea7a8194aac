//! Extractors for axum: protection is a type in the handler's signature.

use std::convert::Infallible;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use crate::{Auth, Session, get_auth};

/// Never refuses: the handler decides what nobody may do.
impl<S: Sync> FromRequestParts<S> for Auth {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(get_auth(parts).await)
    }
}

/// A session, or a 401: the handler behind it is only reached by somebody who is signed in.
///
/// ```
/// use frontdesk::SignedIn;
///
/// async fn my_profile(session: SignedIn) -> String {
///     format!("you are {}", session.user_id())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct SignedIn(pub Session);

impl Deref for SignedIn {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Unauthorized;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Unauthorized> {
        match get_auth(parts).await {
            Auth::SignedIn(session) => Ok(Self(session)),
            Auth::SignedOut { .. } => Err(Unauthorized),
        }
    }
}

/// Nobody is signed in: 401 with the body `{"error":"unauthorized"}`. The reason stays in the headers that the layer
/// adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unauthorized")]
pub struct Unauthorized;

impl IntoResponse for Unauthorized {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        (StatusCode::UNAUTHORIZED, [(CONTENT_TYPE, json)], r#"{"error":"unauthorized"}"#).into_response()
    }
}
