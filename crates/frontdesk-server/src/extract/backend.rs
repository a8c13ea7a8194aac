//! Callers of the Backend API: application servers that hold a secret key.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use frontdesk_api::{ApiVersion, Audience, Operation};
use frontdesk_core::event::EventType;
use frontdesk_store::{Store, Work};
use frontdesk_types::Timestamp;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use super::{Caller, Target, api_version};
use crate::entry::{ClientAddress, bearer};
use crate::errors::{self, ApiError};
use crate::mail::Letters;
use crate::routes::Context;
use crate::{Chance, LoadedInstance, Server, keys};

/// What a Backend handler gives back.
pub(crate) type Answer<O> = Result<Shown<<O as Operation>::Reply>, ApiError>;

/// What a Backend handler works with: it reads from the store, collects writes in `work`, and commits them once.
#[derive(Debug)]
pub(crate) struct BackendCx {
    /// The server.
    pub(crate) server: Server,
    /// Where to read.
    pub(crate) store: Store,
    /// The instance of the secret key.
    pub(crate) instance: Arc<LoadedInstance>,
    /// The time of the request.
    pub(crate) now: Timestamp,
    /// Random bytes.
    pub(crate) rng: Chance,
    /// The shape of the contract that the caller expects.
    pub(crate) version: ApiVersion,
    /// What will be written.
    pub(crate) work: Work,
    /// Mails that are part of it.
    pub(crate) letters: Letters,
}

impl BackendCx {
    /// Records that something happened, with the resource as the Backend API shows it.
    pub(crate) fn emit(
        &mut self,
        kind: EventType,
        subject: &str,
        payload: &impl Serialize,
    ) -> Result<(), ApiError> {
        let event = super::event(kind, subject, payload, self.now, &mut self.rng)?;
        self.work.emit(&event);
        Ok(())
    }

    /// Writes everything that was collected, durably and at once, and gives the reply.
    pub(crate) async fn commit<T>(self, reply: T) -> Result<Shown<T>, ApiError> {
        self.store.commit(self.work).await?;
        self.letters.leave(&self.server).await;
        Ok(Shown::new(reply))
    }
}

impl Context for BackendCx {
    const AUDIENCE: Audience = Audience::Backend;
    type Reply<T: Serialize + Send> = Shown<T>;

    async fn identify(server: &Server, parts: &Parts) -> Result<Target, ApiError> {
        let secret_key = bearer(&parts.headers).ok_or_else(errors::authentication_missing)?;
        let key = server.store().instance_key(&keys::token_hash(secret_key)).await?;
        let key = key.ok_or_else(errors::secret_key_invalid)?;
        Ok(Target {
            instance: server.loaded(key).await?,
            version: api_version(parts)?,
            address: ClientAddress::of(&parts.extensions),
            satellite: None,
        })
    }

    async fn enter(caller: &Arc<Caller>) -> Result<Self, ApiError> {
        let instance = Arc::clone(&caller.target.instance);
        Ok(Self {
            server: caller.server.clone(),
            store: caller.server.store().clone(),
            work: Work::new(&instance.id),
            letters: Letters::default(),
            instance,
            now: caller.now,
            rng: caller.server.chance(),
            version: caller.target.version,
        })
    }

    fn finish(_: Option<&Target>, _: Option<&HeaderValue>, response: Response) -> Response {
        response // CORS is never open here: a secret key has no business in a browser.
    }
}

/// A resource as the whole answer. Its content type is `application/json` and nothing more, or SDKs take it for
/// text (wire protocol §11.1).
#[derive(Debug)]
pub(crate) struct Shown<T> {
    resource: T,
    warning: Option<HeaderValue>,
    is_silent: bool,
}

/// Room for a resource, so that writing one does not grow its buffer again and again: a user takes 1.5 kB.
const USUAL_LENGTH: usize = 2048;

/// Carries what the contract has no field for: something was done, and may turn out badly.
const WARNING: HeaderName = HeaderName::from_static("frontdesk-warning");

impl<T> Shown<T> {
    /// Shows a resource.
    pub(crate) const fn new(resource: T) -> Self {
        Self { resource, warning: None, is_silent: false }
    }

    /// Answers 204, for the operations whose success has no content.
    #[must_use]
    pub(crate) fn without_content(mut self) -> Self {
        self.is_silent = true;
        self
    }

    /// Adds a warning in the header `Frontdesk-Warning`: the contract's body has no place for one.
    #[must_use]
    pub(crate) fn warn(mut self, warning: &impl std::fmt::Display) -> Self {
        let text: String = warning.to_string().chars().flat_map(visible).collect();
        self.warning = HeaderValue::try_from(text).ok();
        self
    }
}

/// A character as a header may carry it.
fn visible(character: char) -> impl Iterator<Item = char> {
    let as_it_is = character == ' ' || character.is_ascii_graphic();
    let escaped = (!as_it_is).then(|| character.escape_default());
    as_it_is.then_some(character).into_iter().chain(escaped.into_iter().flatten())
}

impl<T: Serialize> IntoResponse for Shown<T> {
    fn into_response(self) -> Response {
        if self.is_silent {
            return StatusCode::NO_CONTENT.into_response();
        }
        let mut json = Vec::with_capacity(USUAL_LENGTH);
        if let Err(error) = serde_json::to_writer(&mut json, &self.resource) {
            return errors::internal(error).into_response("");
        }
        let mut response =
            ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response();
        if let Some(warning) = self.warning {
            response.headers_mut().insert(WARNING, warning);
        }
        response
    }
}
