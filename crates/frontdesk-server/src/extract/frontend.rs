//! Callers of the Frontend API: browsers and devices, each with its client.

pub(crate) mod aim;
mod client;
mod device;
mod reply;
mod satellite;
mod signed_in;
mod visitor;

use std::net::IpAddr;
use std::sync::Arc;

use axum::response::Response;
use cookie::Cookie;
use frontdesk_api::{ApiVersion, Audience, Operation};
use frontdesk_core::client::Client;
use frontdesk_core::event::EventType;
use frontdesk_store::{SessionForMint, Store, Work};
use frontdesk_types::Timestamp;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use self::client::ClientChanges;
pub(crate) use self::reply::Reply;
use self::reply::Shape;
pub(crate) use self::signed_in::Factors;
use self::visitor::Visitor;
use super::{Caller, Target};
use crate::errors::{self, ApiError};
use crate::frontend::cookies::CookieScope;
use crate::mail::Letters;
use crate::routes::Context;
use crate::tokens::Minter;
use crate::{Chance, LoadedInstance, Server};

/// What a Frontend handler gives back.
pub(crate) type FrontendAnswer<O> = Result<Reply<<O as Operation>::Reply>, ApiError>;

/// What a Frontend handler works with: it reads from the store, collects writes in `work`, changes its client, and
/// commits all of it once. The answer carries the client as it is then.
#[derive(Debug)]
pub(crate) struct FrontendCx {
    /// The server.
    pub(crate) server: Server,
    /// Where to read.
    pub(crate) store: Store,
    /// The instance the request is aimed at.
    pub(crate) instance: Arc<LoadedInstance>,
    /// The time of the request.
    pub(crate) now: Timestamp,
    /// Random bytes.
    pub(crate) rng: Chance,
    /// The shape of the contract that the caller expects.
    pub(crate) version: ApiVersion,
    /// What will be written, beside the client.
    pub(crate) work: Work,
    /// Mails that are part of it.
    pub(crate) letters: Letters,
    /// The request.
    pub(crate) caller: Arc<Caller>,
    /// What goes beside the body of the answer.
    pub(crate) headers: HeaderMap,
    /// The origin of the page that asks, as far as it can be told.
    page: Option<String>,
    visitor: Visitor,
    changes: ClientChanges,
}

impl FrontendCx {
    /// The `Origin` of the request: the page that asks.
    pub(crate) fn origin(&self) -> Option<&str> {
        self.header(header::ORIGIN.as_str())
    }

    /// A header of the request; an empty one counts as none.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let value = self.caller.parts.headers.get(name)?.to_str().ok()?;
        Some(value).filter(|text| !text.is_empty())
    }

    /// The host that the browser asked for, with its port if one is written.
    pub(crate) fn host(&self) -> Option<&str> {
        aim::hosts(&self.caller.parts).next()
    }

    /// Who the request comes from, where that is known.
    pub(crate) fn client_address(&self) -> Option<IpAddr> {
        self.caller.target.address
    }

    /// Where the browser reaches this instance: the proxy's address if the request came through one.
    pub(crate) fn public_url(&self) -> &str {
        aim::proxy_url(&self.caller.parts).unwrap_or(&self.instance.base_url).trim_end_matches('/')
    }

    /// Where cookies of this answer are valid.
    pub(crate) fn cookie_scope(&self) -> CookieScope {
        CookieScope {
            is_https: aim::is_https(&self.server, &self.caller.parts),
            path: aim::cookie_path(&self.caller.parts),
        }
    }

    /// Sets a cookie with the answer.
    pub(crate) fn set_cookie(&mut self, cookie: &Cookie<'_>) -> Result<(), ApiError> {
        let value = HeaderValue::try_from(cookie.to_string()).map_err(errors::internal)?;
        self.headers.append(header::SET_COOKIE, value);
        Ok(())
    }

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

    /// A session token for the page that asks.
    pub(crate) async fn mint(&mut self, minted: &SessionForMint) -> Result<String, ApiError> {
        let mut rng = self.rng.clone();
        self.minter().session_token(minted, None, &mut rng).await
    }

    /// What mints tokens for the page that asks.
    pub(crate) fn minter(&self) -> Minter<'_> {
        Minter {
            server: &self.server,
            instance: &self.instance,
            version: self.version,
            authorized_party: self.page.as_deref(),
            lifetime: None,
            now: self.now,
        }
    }

    /// Writes everything, durably and at once, and answers in the envelope, with the client as it is then.
    pub(crate) async fn commit<T>(mut self, response: T) -> Result<Reply<T>, ApiError> {
        self.write().await?;
        let client = self.shown_client().await?;
        Ok(Reply { headers: self.headers, shape: Shape::Enveloped(response, client.map(Box::new)) })
    }

    /// Like [`FrontendCx::commit`], for an answer that is made of the client as it is then.
    pub(crate) async fn commit_then<T>(
        mut self,
        response: impl FnOnce(Option<&frontdesk_api::frontend::client::Client>) -> Result<T, ApiError>,
    ) -> Result<Reply<T>, ApiError> {
        self.write().await?;
        let client = self.shown_client().await?;
        Ok(Reply {
            headers: self.headers,
            shape: Shape::Enveloped(response(client.as_ref())?, client.map(Box::new)),
        })
    }

    /// Like [`FrontendCx::commit`], where the client itself is the answer: it does not stand beside it once more.
    pub(crate) async fn commit_client(
        mut self,
    ) -> Result<Reply<Option<frontdesk_api::frontend::client::Client>>, ApiError> {
        self.write().await?;
        let client = self.shown_client().await?;
        Ok(self.show(client))
    }

    /// Writes everything, durably and at once, and answers without an envelope.
    pub(crate) async fn commit_bare<T>(mut self, response: T) -> Result<Reply<T>, ApiError> {
        self.write().await?;
        Ok(self.bare(response))
    }

    /// Writes everything, durably and at once, and sends the browser elsewhere.
    pub(crate) async fn commit_redirect<T>(
        mut self,
        status: StatusCode,
        location: &str,
    ) -> Result<Reply<T>, ApiError> {
        self.write().await?;
        let location = HeaderValue::try_from(location).map_err(errors::internal)?;
        Ok(Reply { headers: self.headers, shape: Shape::Redirect(status, location) })
    }

    /// Writes everything, durably and at once, and gives back the refusal: for a refusal that counts, as a wrong code
    /// does. What goes wrong on the way is what is answered then.
    pub(crate) async fn commit_refusal(mut self, mut refusal: ApiError) -> ApiError {
        match self.write().await {
            Ok(()) => {
                refusal.refused_mut().headers.extend(self.headers);
                refusal
            }
            Err(error) => error,
        }
    }

    /// Like [`FrontendCx::commit_refusal`], with the client beside the error: for a refusal after which pages go on with
    /// what has changed (wire protocol §6.2).
    pub(crate) async fn commit_refusal_with_client(mut self, mut refusal: ApiError) -> ApiError {
        let client = match self.write().await {
            Ok(()) => self.shown_client().await,
            Err(error) => Err(error),
        };
        let client = client.and_then(|client| serde_json::to_value(client).map_err(errors::internal));
        match client {
            Ok(client) => {
                let refused = refusal.refused_mut();
                refused.meta.get_or_insert_default().insert("client".to_owned(), client);
                refused.headers.extend(self.headers);
                refusal
            }
            Err(error) => error,
        }
    }

    /// Answers in the envelope without writing, and without the client: what was read has not changed it.
    pub(crate) fn show<T>(self, response: T) -> Reply<T> {
        Reply { headers: self.headers, shape: Shape::Enveloped(response, None) }
    }

    /// Like [`FrontendCx::show`], with the client as it is: for reads that the contract promises it of, as pages take it
    /// over when they read a person anew.
    pub(crate) async fn show_with_client<T>(mut self, response: T) -> Result<Reply<T>, ApiError> {
        let client = self.shown_client().await?;
        Ok(Reply { headers: self.headers, shape: Shape::Enveloped(response, client.map(Box::new)) })
    }

    /// Answers without an envelope and without writing.
    pub(crate) fn bare<T>(self, response: T) -> Reply<T> {
        Reply { headers: self.headers, shape: Shape::Bare(response) }
    }
}

impl Context for FrontendCx {
    const AUDIENCE: Audience = Audience::Frontend;
    type Reply<T: Serialize + Send> = Reply<T>;

    async fn identify(server: &Server, parts: &Parts) -> Result<Target, ApiError> {
        aim::identify(server, parts).await
    }

    async fn admit_file(caller: &Arc<Caller>) -> Result<(), ApiError> {
        let cx = Self::enter(caller).await?;
        cx.signed_in().await.map(drop)
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
            page: aim::page(&caller.target.instance, &caller.parts),
            visitor: visitor::recognise(caller).await?,
            caller: Arc::clone(caller),
            headers: HeaderMap::new(),
            changes: ClientChanges::default(),
        })
    }

    /// Answers are made for one person at one moment. CORS is the layer's, see [`crate::frontend::cors`].
    fn finish(_: Option<&Target>, _: Option<&HeaderValue>, mut response: Response) -> Response {
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        response
    }
}

/// The client of a request, as handlers see it.
impl FrontendCx {
    /// The client the caller holds.
    pub(crate) fn client(&self) -> Option<&Client> {
        self.visitor.client.as_ref()
    }

    /// The client the caller holds; strangers are refused.
    pub(crate) fn known_client(&self) -> Result<&Client, ApiError> {
        self.client().ok_or_else(errors::signed_out)
    }

    /// The token of the development browser that the caller is.
    pub(crate) fn dev_browser_token(&self) -> Option<&str> {
        self.visitor.dev_browser.as_ref().map(|(token, _)| token.as_str())
    }
}
