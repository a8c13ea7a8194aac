//! Asking the Frontend API, in this process, as the browser that asks for the page.
//!
//! Only the browser's client goes along (its token, and over `https` what says that the browser was given it): pages are
//! at home here, so the development browser of an application on the same host, which travels in a cookie too, says
//! nothing about who looks at them. No `Origin` goes along either: whose form it is was checked before (`csrf`).

use axum::body::Body;
use axum::extract::{MatchedPath, OriginalUri};
use cookie::Cookie;
use frontdesk_api::{ErrorBody, ErrorCode, ErrorItem, Operation};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

use super::visit::Visit;
use crate::frontend::cookies;
use crate::{LoadedInstance, errors};

/// The API version that pages speak.
const VERSION: &str = "2026-05-12";
/// What of the page's request tells the API who asks and from where.
const PASSED_ON: [&str; 8] = [
    "host",
    "user-agent",
    "accept-language",
    "clerk-proxy-url",
    "clerk-secret-key",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
];
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// Why the API refused.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// The status it answered with.
    pub(super) status: StatusCode,
    /// What is wrong.
    pub(super) errors: Vec<ErrorItem>,
    /// After how many seconds it makes sense to come back.
    pub(super) retry_after: Option<u64>,
}

impl Refusal {
    /// Whether this is one of the reasons.
    pub(super) fn has(&self, code: &ErrorCode) -> bool {
        self.find(code).is_some()
    }

    /// The item with this code.
    pub(super) fn find(&self, code: &ErrorCode) -> Option<&ErrorItem> {
        self.errors.iter().find(|item| item.code == *code)
    }

    fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let errors = serde_json::from_slice::<ErrorBody>(body).map(|body| body.errors).unwrap_or_default();
        let retry_after =
            headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        Self { status, errors, retry_after }
    }

    fn broken(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let error = errors::internal(why);
        let refused = error.refused();
        let refusal = Self { status: refused.status, errors: refused.items.clone(), retry_after: None };
        // Writes the cause to the log, once.
        drop(error.into_response(""));
        refusal
    }
}

/// The browser's client tokens, and the cookies that the API has set meanwhile.
#[derive(Debug, Default)]
pub(super) struct Jar {
    clients: Vec<String>,
    /// Which client the browser was given, under the name of that cookie.
    holder: (String, Option<String>),
    set: Vec<Cookie<'static>>,
}

impl Jar {
    /// What the browser sent.
    pub(super) fn of(headers: &HeaderMap, instance: &LoadedInstance) -> Self {
        let clients = cookies::values(headers, cookies::CLIENT).take(4).map(str::to_owned).collect();
        let name = cookies::holder_name(instance);
        let given = cookies::values(headers, &name).next().map(str::to_owned);
        Self { clients, holder: (name, given), set: Vec::new() }
    }

    /// The client tokens that the browser holds now.
    pub(super) fn clients(&self) -> &[String] {
        &self.clients
    }

    /// Gives the browser what the API has set.
    pub(super) fn hand_out(&self, headers: &mut HeaderMap) {
        for cookie in &self.set {
            if let Ok(value) = HeaderValue::try_from(cookie.to_string()) {
                headers.append(header::SET_COOKIE, value);
            }
        }
    }

    /// Sets a cookie of the pages' own.
    pub(super) fn add(&mut self, cookie: Cookie<'static>) {
        self.set.push(cookie);
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let Some(cookie) = line.to_str().ok().and_then(|line| Cookie::parse(line.to_owned()).ok()) else {
                continue;
            };
            let is_over = cookie.max_age().is_some_and(cookie::time::Duration::is_zero);
            if cookie.name() == self.holder.0 {
                self.holder.1 = (!is_over).then(|| cookie.value().to_owned());
            }
            if cookie.name() == cookies::CLIENT {
                self.clients = if is_over { Vec::new() } else { vec![cookie.value().to_owned()] };
            }
            self.set.retain(|other| {
                (other.name(), other.domain(), other.path())
                    != (cookie.name(), cookie.domain(), cookie.path())
            });
            self.set.push(cookie);
        }
    }
}

impl Visit {
    /// Asks for one operation.
    pub(super) async fn ask<O: Operation>(
        &self,
        path: &O::Path,
        body: &O::Body,
    ) -> Result<O::Reply, Refusal> {
        let form = serde_html_form::to_string(body).map_err(Refusal::broken)?;
        let target = fill(O::PATH, path).ok_or_else(|| Refusal::broken("a path that takes no such value"))?;
        let body = (!form.is_empty()).then(|| (FORM, Body::from(form)));
        self.send(O::METHOD, &target, body).await
    }

    /// Sends one request, and reads the resource out of its answer.
    pub(super) async fn send<Reply: DeserializeOwned>(
        &self,
        method: http::Method,
        target: &str,
        body: Option<(HeaderValue, Body)>,
    ) -> Result<Reply, Refusal> {
        let (status, headers, body) = self.exchange(method, target, body).await?;
        if !status.is_success() {
            return Err(Refusal::read(status, &headers, &body));
        }
        let mut answer: Value = serde_json::from_slice(&body).map_err(Refusal::broken)?;
        // Most answers are wrapped with the client, some are not (wire protocol §6.2).
        let is_wrapped = answer.get("client").is_some() && answer.get("response").is_some();
        let resource = if is_wrapped { answer["response"].take() } else { answer };
        serde_json::from_value(resource).map_err(Refusal::broken)
    }

    /// Where the API would send the browser, if it would.
    pub(super) async fn redirection(&self, target: &str) -> Option<String> {
        let (status, headers, _) = self.exchange(http::Method::GET, target, None).await.ok()?;
        let location = headers.get(header::LOCATION)?.to_str().ok()?;
        status.is_redirection().then(|| location.to_owned())
    }

    async fn exchange(
        &self,
        method: http::Method,
        target: &str,
        body: Option<(HeaderValue, Body)>,
    ) -> Result<(StatusCode, HeaderMap, bytes::Bytes), Refusal> {
        let glue = if target.contains('?') { '&' } else { '?' };
        let (content_type, body) = body.map_or((None, Body::empty()), |(kind, body)| (Some(kind), body));
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() =
            format!("{target}{glue}__clerk_api_version={VERSION}").parse().map_err(Refusal::broken)?;
        *request.headers_mut() = self.passed_on();
        if let Some(kind) = content_type {
            request.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        *request.extensions_mut() = self.parts().extensions.clone();
        // The router writes these anew.
        request.extensions_mut().remove::<MatchedPath>();
        request.extensions_mut().remove::<OriginalUri>();

        let api = self.pages().api.clone();
        let answered = api.oneshot(request).await.unwrap_or_else(|never| match never {});
        let (parts, body) = answered.into_parts();
        self.jar().keep(&parts.headers);
        let body = body.collect().await.map_err(Refusal::broken)?.to_bytes();
        Ok((parts.status, parts.headers, body))
    }

    fn passed_on(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for name in PASSED_ON {
            for value in self.parts().headers.get_all(name) {
                headers.append(name, value.clone());
            }
        }
        let jar = self.jar();
        let clients = jar.clients.iter().map(|token| (cookies::CLIENT, token));
        let holder = jar.holder.1.iter().map(|given| (jar.holder.0.as_str(), given));
        for (name, value) in clients.chain(holder) {
            if let Ok(value) = HeaderValue::try_from(format!("{name}={value}")) {
                headers.append(header::COOKIE, value);
            }
        }
        headers
    }
}

/// The path with its parameters in it: ids, which need no encoding. Anything else is no path.
fn fill(template: &str, parameters: &impl Serialize) -> Option<String> {
    let parameters = serde_json::to_value(parameters).ok()?;
    let mut path = String::with_capacity(template.len() + 40);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        let value = parameters[name].as_str()?;
        let is_id =
            !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        path.push_str(before);
        path.push_str(is_id.then_some(value)?);
        rest = behind;
    }
    path.push_str(rest);
    Some(path)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_ids_get_into_a_path() {
        let path = "/v1/client/sign_ins/{sign_in_id}/prepare_first_factor";
        let filled = fill(path, &json!({ "sign_in_id": "sia_1" }));
        assert_eq!(filled.as_deref(), Some("/v1/client/sign_ins/sia_1/prepare_first_factor"));
        for value in ["", "..", "a/b", "a?b", "a%2f"] {
            assert_eq!(fill(path, &json!({ "sign_in_id": value })), None, "{value:?}");
        }
    }

    #[test]
    fn the_latest_of_two_cookies_of_one_name_counts() {
        let mut jar = Jar { clients: vec!["old".to_owned()], ..Jar::default() };
        let mut headers = HeaderMap::new();
        for line in ["__client=new; Path=/; HttpOnly", "__client_uat=1; Path=/", "__client=newer; Path=/"] {
            headers.append(header::SET_COOKIE, HeaderValue::from_static(line));
        }
        jar.keep(&headers);
        assert_eq!(jar.clients(), ["newer"]);
        let mut given = HeaderMap::new();
        jar.hand_out(&mut given);
        assert_eq!(given.get_all(header::SET_COOKIE).iter().count(), 2);

        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, HeaderValue::from_static("__client=; Path=/; Max-Age=0"));
        jar.keep(&headers);
        assert_eq!(jar.clients(), [] as [&str; 0]);
    }
}
