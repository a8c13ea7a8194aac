//! The domain that a request came to: the primary one, or a satellite with clients of its own making.

use frontdesk_core::client::{Admission, Client};
use frontdesk_core::domain::{ClientLink, Domain};

use super::FrontendCx;
use crate::errors::{self, ApiError};
use crate::frontend::client_token::ClientToken;
use crate::frontend::origins;
use crate::keys;

impl FrontendCx {
    /// The satellite whose Frontend API was asked; none where it is the primary domain's, and in development, where both
    /// are one.
    pub(crate) fn satellite(&self) -> Option<&Domain> {
        self.caller.target.satellite.as_deref()
    }

    /// The domain that was asked.
    pub(crate) fn domain_name(&self) -> &str {
        self.satellite().map_or_else(|| origins::domain(&self.instance), |satellite| &satellite.name)
    }

    /// People sign in and up on the primary domain: a satellite only follows. A new token of the client, which a sign-in
    /// brings, could not reach the primary domain's cookie from here.
    pub(crate) fn refuse_on_satellite(&self) -> Result<(), ApiError> {
        if self.satellite().is_some() { Err(errors::not_on_satellites()) } else { Ok(()) }
    }

    /// Has the browser count as a stranger: what it does next is not done in the name of the client that it held.
    pub(crate) fn hold_nothing(&mut self) {
        (self.visitor.client, self.visitor.admission) = (None, Admission::Refused);
    }

    /// Has the browser be this client on the satellite that it came to, or nobody; and tells the application there.
    pub(crate) async fn follow(&mut self, client: Option<Client>) -> Result<(), ApiError> {
        let Some(satellite) = self.satellite().map(|satellite| satellite.id.clone()) else {
            return Err(errors::internal("only satellites follow"));
        };
        let scope = self.cookie_scope();
        let Some(client) = client else {
            self.hold_nothing();
            self.set_cookie(&scope.no_client())?;
            if let Some(cookie) = scope.no_holder(&self.instance) {
                self.set_cookie(&cookie)?;
            }
            return self.set_client_uat(0);
        };
        let holds_it = self.visitor.admission == Admission::Full
            && self.client().is_some_and(|held| held.id == client.id);
        // Two tabs that come one after the other keep one token.
        if !holds_it {
            let known = self.store.client_link(&self.instance.id, &client.id, &satellite).await?;
            let known = known.filter(|known| known.client_token_hash == client.token_hash);
            let token =
                ClientToken::mint(&self.instance, client.id.clone(), Some(satellite.clone()), &mut self.rng);
            self.work.save_client_link(&ClientLink {
                client_id: client.id.clone(),
                domain_id: satellite,
                token_hash: keys::token_hash(&token.rotating_token),
                previous_token_hash: known.map(|known| known.token_hash).unwrap_or_default(),
                client_token_hash: client.token_hash.clone(),
                linked_at: self.now,
            });
            let token = token.sign(&self.instance)?;
            self.set_cookie(&scope.client(token))?;
            if let Some(cookie) = scope.holder(&self.instance, &client.id) {
                self.set_cookie(&cookie)?;
            }
        }
        let sessions = self.store.client_sessions(&self.instance.id, &client.id, self.now).await?;
        let uat = if sessions.is_empty() { 0 } else { client.updated_at.min(self.now).as_secs() };
        (self.visitor.client, self.visitor.admission) = (Some(client), Admission::Full);
        self.set_client_uat(uat)
    }
}
