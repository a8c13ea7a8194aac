//! tonic: [`FrontdeskLayer`] in front of gRPC services, and [`tonic::Request`] to ask about.
//!
//! A method of a service has the argument that the code generator gives it, so what it demands stands in its first
//! line:
//!
//! ```
//! use frontdesk::{SignedIn, get_auth};
//! use tonic::{Request, Response, Status};
//!
//! /// Everybody: "signed out" is an answer.
//! async fn who_am_i(request: Request<()>) -> Result<Response<String>, Status> {
//!     let auth = get_auth(&request).await;
//!     Ok(Response::new(auth.user_id().map_or("signed out".to_owned(), ToString::to_string)))
//! }
//!
//! /// Only those who are signed in: everybody else gets `UNAUTHENTICATED`.
//! async fn my_profile(request: Request<()>) -> Result<Response<String>, Status> {
//!     let session = SignedIn::of(&request).await?;
//!     Ok(Response::new(format!("you are {}", session.user_id())))
//! }
//! ```
//!
//! The token comes in the metadata `authorization`, as `Bearer …`. The layer goes around the whole server:
//! `Server::builder().layer(FrontdeskLayer::from_env()?).add_service(…)`. There is no interceptor: those cannot wait,
//! and the first request has to fetch a key.

use std::borrow::Cow;

use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Request, Status};

use crate::{Denied, RequestState, RequestView};

/// What is asked for when only a fresh verification of factors is missing: the name of a preset, or an object with
/// `level` and `afterMinutes`, as JSON.
const REVERIFICATION: &str = "x-frontdesk-reverification";

/// Of the URL only `/` is known here. It matters to redirects alone, and a call is never redirected.
impl<T> RequestView for Request<T> {
    fn method(&self) -> &'static str {
        "POST"
    }

    fn url(&self) -> Cow<'_, str> {
        Cow::Borrowed("/")
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        Some(self.metadata().as_ref().get(name)?.as_bytes())
    }

    fn each_header<'r>(&'r self, name: &str, visit: &mut dyn FnMut(&'r [u8])) {
        for value in self.metadata().as_ref().get_all(name) {
            visit(value.as_bytes());
        }
    }

    fn known_state(&self) -> Option<RequestState> {
        self.extensions().get().cloned()
    }
}

/// `UNAUTHENTICATED` where nobody is signed in, `PERMISSION_DENIED` to somebody who may not.
///
/// Where only a fresh verification is missing, the metadata `x-frontdesk-reverification` tells which, in JSON.
impl From<Denied> for Status {
    fn from(denied: Denied) -> Self {
        let code = match denied.status() {
            http::StatusCode::FORBIDDEN => Code::PermissionDenied,
            _ => Code::Unauthenticated,
        };
        let mut metadata = MetadataMap::new();
        if let Some(wanted) = denied.reverification()
            && let Ok(json) = serde_json::to_string(&wanted)
            && let Ok(value) = MetadataValue::try_from(json)
        {
            metadata.insert(REVERIFICATION, value);
        }
        Self::with_metadata(code, denied.to_string(), metadata)
    }
}

#[cfg(test)]
mod tests;
