//! axum: [`Auth`], [`SignedIn`], [`Authorized`] and [`Machine`] as extractors. The layer is
//! [`FrontdeskLayer`](crate::FrontdeskLayer).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use crate::{Auth, Authorized, Denied, Machine, Policy, SignedIn, get_auth};

/// Never refuses: the handler decides what nobody may do.
impl<S: Sync> FromRequestParts<S> for Auth {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(get_auth(parts).await)
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Denied> {
        Self::of(parts).await
    }
}

impl<S: Sync, P: Policy> FromRequestParts<S> for Authorized<P> {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Denied> {
        Self::of(parts).await
    }
}

/// For programs alone: see [`Machine::of`].
impl<S: Sync> FromRequestParts<S> for Machine {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Denied> {
        Self::of(parts).await
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        self.into_response()
    }
}
