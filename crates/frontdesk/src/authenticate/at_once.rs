//! What can be answered at once: whose token was verified a moment ago.
//!
//! This is a shorter way through the decision table to one of its ends, *signed in*, for the requests that go there most
//! often. Whatever does not obviously go there gets no answer here and takes the long way; so a mistake of this file
//! could only lie in calling obvious what is not. A test takes arbitrary requests both ways.
//!
//! Nothing is parsed and nothing allocated. A request with a bearer token has one header read; one with cookies has
//! them read once, and three or four headers more.

use frontdesk_types::Timestamp;

use crate::config::Browsers;
use crate::frontdesk::Inner;
use crate::key_source::Generation;
use crate::request::cookies::{Cookies, Spelling};
use crate::{Accepts, InstanceType, RequestView, Session, TokenType};

impl Inner {
    /// The session of a request, if it is remembered and nothing else is to be said than that somebody is signed in.
    pub(crate) fn at_once<R: RequestView + ?Sized>(&self, request: &R, accepts: Accepts) -> Option<Session> {
        let browsers = self.config.browsers.as_ref()?;
        // A remembered token is a session's, whatever else is accepted. A satellite's settings are looked at for each
        // request.
        if !accepts.contains(TokenType::Session) || browsers.satellite.is_some() {
            return None;
        }
        let moment = self.moment()?;
        let session = match request.header("authorization") {
            Some(authorization) => self.remembered(bearer(authorization), moment),
            None => self.by_remembered_cookie(request, browsers, moment),
        };
        // Whoever has tasks to finish may have to be told where.
        session.filter(|session| !session.is_pending())
    }

    fn by_remembered_cookie<R: RequestView + ?Sized>(
        &self,
        request: &R,
        browsers: &Browsers,
        moment: Moment,
    ) -> Option<Session> {
        if may_have_to_be_read(request) || !browsers.organization_sync.is_empty() {
            return None;
        }
        let mut cookies = Cookies::default();
        request.each_header("cookie", &mut |field| cookies.add(field, browsers.key.cookie_suffix()));
        if cookies.handshake().is_some() || cookies.handshake_nonce().is_some() {
            return None;
        }
        let twins = self.twins(&cookies, moment)?;
        let instance_type = browsers.key.instance_type();
        let spelling = cookies.spelling(instance_type, moment.now, |spelling, _| {
            twins.of(spelling).map(|session| session.glimpse(&browsers.frontend_api)).unwrap_or_default()
        });
        if instance_type == InstanceType::Development && cookies.dev_browser(spelling).is_none() {
            return None;
        }
        let client_uat = cookies.client_uat(spelling)?;
        let session = twins.take(spelling)?;
        let issued_at = session.verified().issued_at();
        let is_old = issued_at.is_some_and(|issued_at| issued_at.as_secs() < client_uat);
        (!is_old).then_some(session)
    }

    /// The sessions of both spellings; `None` if one that is there is not remembered.
    fn twins(&self, cookies: &Cookies<'_>, moment: Moment) -> Option<Twins> {
        let plain = cookies.session(Spelling::Plain);
        let suffixed = cookies.session(Spelling::Suffixed);
        let remembered = |token: &str| self.remembered(token.as_bytes(), moment);
        // They are one and the same, most of the time.
        match (plain, suffixed) {
            (Some(plain), Some(suffixed)) if plain == suffixed => Some(Twins::Same(remembered(plain)?)),
            (Some(plain), Some(suffixed)) => Some(Twins::Both(remembered(plain)?, remembered(suffixed)?)),
            (Some(plain), None) => Some(Twins::Plain(remembered(plain)?)),
            (None, Some(suffixed)) => Some(Twins::Suffixed(remembered(suffixed)?)),
            (None, None) => None,
        }
    }

    fn remembered(&self, token: &[u8], moment: Moment) -> Option<Session> {
        self.recall(token, moment.generation, moment.now)
    }

    /// Now, if the keys are beyond doubt.
    fn moment(&self) -> Option<Moment> {
        let now = self.config.clock.now();
        Some(Moment { now, generation: self.keys.settled(now)? })
    }
}

#[derive(Clone, Copy)]
struct Moment {
    now: Timestamp,
    generation: Generation,
}

/// The sessions in the cookies of a request.
enum Twins {
    Same(Session),
    Both(Session, Session),
    Plain(Session),
    Suffixed(Session),
}

impl Twins {
    fn of(&self, spelling: Spelling) -> Option<&Session> {
        match (self, spelling) {
            (Self::Same(session), _)
            | (Self::Both(session, _) | Self::Plain(session), Spelling::Plain)
            | (Self::Both(_, session) | Self::Suffixed(session), Spelling::Suffixed) => Some(session),
            _ => None,
        }
    }

    fn take(self, spelling: Spelling) -> Option<Session> {
        match (self, spelling) {
            (Self::Same(session), _)
            | (Self::Both(session, _) | Self::Plain(session), Spelling::Plain)
            | (Self::Both(_, session) | Self::Suffixed(session), Spelling::Suffixed) => Some(session),
            _ => None,
        }
    }
}

/// What stands after `Bearer `, or everything. A token has no spaces, so what this gets wrong is no token.
fn bearer(authorization: &[u8]) -> &[u8] {
    let value = authorization.trim_ascii();
    value.strip_prefix(b"Bearer ").unwrap_or(value)
}

/// Whether the URL of a request, or where it comes from, may have a say: a part of the handshake in its query, or a
/// page of another site on which somebody has followed a link.
fn may_have_to_be_read<R: RequestView + ?Sized>(request: &R) -> bool {
    let is_document = request.header("sec-fetch-dest").is_some_and(|kind| kind.trim_ascii() == b"document");
    (is_document && request.header("referer").is_some()) || may_name_a_parameter_of_ours(&request.url())
}

fn may_name_a_parameter_of_ours(url: &str) -> bool {
    let Some((_, query)) = url.split_once('?') else { return false };
    let may_be_ours = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        name.contains("__clerk") || name.bytes().any(|byte| byte == b'%' || byte <= b' ')
    };
    query.split('&').any(may_be_ours)
}

#[cfg(test)]
mod both_ways;
#[cfg(test)]
mod tests;
