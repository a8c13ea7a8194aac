//! Who is asking, before it is known.
//!
//! Everything that can be told at once is told before a future is made: what a layer in front has found out, and whose
//! token was verified a moment ago. Only for the rest the request is looked at as a whole, behind a pointer, so that the
//! futures of handlers stay small.

use frontdesk_client::BoxFuture;
use http::HeaderMap;

use crate::frontdesk::of_the_environment;
use crate::state::Asked;
use crate::{
    Auth, AuthenticateError, Denied, Frontdesk, Reason, RequestState, RequestView, Requirement, Session,
};

/// Who is asking, before it is known.
pub(crate) enum Question<'q> {
    /// It can be found out, or a layer in front has.
    Asked(Search<'q>),
    /// There are no settings to find out with.
    Unanswerable,
}

/// A decision that is at hand, or is yet to come.
pub(crate) enum Search<'q> {
    /// Somebody is signed in, and that is all there is to say.
    Remembered(Session, Asked),
    Found(RequestState),
    Open(BoxFuture<'q, Result<RequestState, AuthenticateError>>),
}

impl Search<'_> {
    pub(crate) async fn end(self) -> Result<RequestState, AuthenticateError> {
        match self {
            Self::Remembered(session, asked) => {
                Ok(RequestState::signed_in(session, HeaderMap::new()).asked(asked))
            }
            Self::Found(state) => Ok(state),
            Self::Open(deciding) => deciding.await,
        }
    }
}

impl<'q> Question<'q> {
    /// Without a handle, a layer's word is taken, whoever it asked; and where there is no layer, the environment's
    /// settings serve.
    pub(crate) fn of<R: RequestView + ?Sized>(request: &'q R, frontdesk: Option<&'q Frontdesk>) -> Self {
        let known = request.known_state();
        match known.filter(|state| frontdesk.is_none_or(|this| state.answers(this.asked()))) {
            Some(state) => Self::Asked(Search::Found(state)),
            None => match frontdesk.or_else(of_the_environment) {
                Some(frontdesk) => Self::Asked(frontdesk.search(request)),
                None => Self::Unanswerable,
            },
        }
    }

    pub(crate) async fn auth(self) -> Auth {
        if let Self::Asked(Search::Remembered(session, _)) = self {
            return Auth::SignedIn(session);
        }
        match self.ask().await {
            Ok(state) => state.auth(),
            Err(reason) => Auth::signed_out(reason),
        }
    }

    /// The session, if it has what is required; otherwise how to answer.
    pub(crate) async fn admit(self, requirement: Option<&Requirement>) -> Result<Session, Denied> {
        let by_layer = matches!(self, Self::Asked(Search::Found(_)));
        match self.ask().await {
            Ok(state) => {
                let admitted = match requirement {
                    Some(requirement) => state.require(requirement),
                    None => state.signed_in_session(),
                };
                // Where a layer has asked, it tells the browser; else nobody but the refusal can.
                admitted.map_err(|denied| if by_layer { denied } else { denied.carrying(state.headers()) })
            }
            Err(_) => Err(Denied::unauthorized(HeaderMap::new())),
        }
    }

    pub(crate) async fn ask(self) -> Result<RequestState, Reason> {
        match self {
            Self::Asked(search) => search.end().await.map_err(|error| error.reason()),
            Self::Unanswerable => Err(Reason::NotConfigured),
        }
    }
}
