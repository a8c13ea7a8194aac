//! Who is calling, and what is asked?

mod backend;
mod frontend;
mod public;
mod req;

use std::net::IpAddr;
use std::sync::Arc;

use frontdesk_api::ApiVersion;
use frontdesk_core::domain::Domain;
use frontdesk_core::event::{Event, EventType};
use frontdesk_types::{EventId, Randomness, Timestamp};
use http::request::Parts;
use serde::Serialize;

pub(crate) use self::backend::{Answer, BackendCx, Shown};
pub(crate) use self::frontend::{Factors, FrontendAnswer, FrontendCx, Reply, aim};
pub(crate) use self::public::{HtmlPage, PublicCx};
pub(crate) use self::req::Req;
use crate::errors::{self, ApiError};
use crate::{LoadedInstance, Server};

/// One request, recognised: everything about it that does not depend on the operation.
#[derive(Debug)]
pub(crate) struct Caller {
    /// The server.
    pub(crate) server: Server,
    /// What the request is aimed at.
    pub(crate) target: Target,
    /// The time of the request: read once, so that everything it does happens at one instant.
    pub(crate) now: Timestamp,
    /// Method, address and headers.
    pub(crate) parts: Parts,
}

/// What a request is aimed at.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The instance.
    pub(crate) instance: Arc<LoadedInstance>,
    /// The shape of the contract that the caller expects.
    pub(crate) version: ApiVersion,
    /// Who the request comes from, where that is known.
    pub(crate) address: Option<IpAddr>,
    /// The satellite whose Frontend API is asked; none where it is that of the primary domain.
    pub(crate) satellite: Option<Arc<Domain>>,
}

/// The API version a request names, in its header or in its query. Where both do, the header counts (wire protocol
/// §12, trap 43).
pub(crate) fn api_version(parts: &Parts) -> Result<ApiVersion, ApiError> {
    let from_query = || query_value(parts, "__clerk_api_version");
    let named = match parts.headers.get("clerk-api-version") {
        Some(value) => Some(value.to_str().map_err(|_| errors::api_version_invalid("?"))?),
        None => from_query(),
    };
    match named {
        None | Some("") => Ok(ApiVersion::OLDEST),
        Some(text) => text.parse().map_err(|_| errors::api_version_invalid(text)),
    }
}

/// A value in the query of a request, as it is written there (not decoded).
pub(crate) fn query_value<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let pairs = parts.uri.query()?.split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find_map(|(key, value)| (key == name).then_some(value))
}

/// What happened, with the resource as the Backend API shows it, whoever made it happen.
pub(crate) fn event(
    kind: EventType,
    subject: &str,
    payload: &impl Serialize,
    now: Timestamp,
    rng: &mut dyn Randomness,
) -> Result<Event, ApiError> {
    Ok(Event {
        id: EventId::mint(now, rng),
        kind,
        subject: subject.to_owned(),
        payload: serde_json::to_vec(payload).map_err(errors::internal)?,
        created_at: now,
    })
}
