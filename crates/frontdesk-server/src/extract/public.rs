//! Callers that hold no secret: their query names the instance by its publishable key or its key host.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::response::{Html, IntoResponse, Response};
use frontdesk_api::Audience;
use frontdesk_store::InstanceKey;
use http::request::Parts;
use http::{HeaderName, HeaderValue, header};
use serde::Serialize;
use url::form_urlencoded;

use super::{Caller, Target, api_version};
use crate::entry::ClientAddress;
use crate::errors::{self, ApiError};
use crate::routes::Context;
use crate::{LoadedInstance, Server, keys};

/// What a handler for everybody works with.
#[derive(Debug)]
pub(crate) struct PublicCx {
    /// The instance that the query names.
    pub(crate) instance: Arc<LoadedInstance>,
}

impl Context for PublicCx {
    const AUDIENCE: Audience = Audience::Backend;
    type Reply<T: Serialize + Send> = HtmlPage<T>;

    async fn identify(server: &Server, parts: &Parts) -> Result<Target, ApiError> {
        let key_host = named_key_host(parts)?;
        let instance = server.store().instance_by_key_host(&key_host).await?;
        let instance = instance.ok_or_else(errors::instance_not_found)?;
        let key = InstanceKey { instance_id: instance.id, version: instance.version };
        Ok(Target {
            instance: server.loaded(key).await?,
            version: api_version(parts)?,
            address: ClientAddress::of(&parts.extensions),
            satellite: None,
        })
    }

    async fn enter(caller: &Arc<Caller>) -> Result<Self, ApiError> {
        Ok(Self { instance: Arc::clone(&caller.target.instance) })
    }

    fn finish(_: Option<&Target>, _: Option<&HeaderValue>, response: Response) -> Response {
        response
    }
}

fn named_key_host(parts: &Parts) -> Result<String, ApiError> {
    let mut key_host = None;
    for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "publishable_key" if !value.is_empty() => {
                return keys::key_host(&value).ok_or_else(errors::publishable_key_malformed);
            }
            "frontend_api" | "frontendApi" if !value.is_empty() => key_host = Some(value.into_owned()),
            _ => {}
        }
    }
    key_host.ok_or_else(|| errors::query_parameter_missing("publishable_key or frontend_api"))
}

/// A page as the whole answer to an operation that replies with `T`.
#[derive(Debug)]
pub(crate) struct HtmlPage<T> {
    html: String,
    reply: PhantomData<fn() -> T>,
}

impl<T> HtmlPage<T> {
    /// Wraps a page.
    pub(crate) const fn new(html: String) -> Self {
        Self { html, reply: PhantomData }
    }
}

impl<T> IntoResponse for HtmlPage<T> {
    /// Sandboxed: opened at this server's address, nothing in the page runs.
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_SECURITY_POLICY, "sandbox; frame-ancestors 'none'"),
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (HeaderName::from_static("x-robots-tag"), "noindex"),
        ];
        (headers, Html(self.html)).into_response()
    }
}
