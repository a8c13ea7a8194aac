//! The client of a request: made, changed, given a new token, forgotten; and written with the rest, once.

use frontdesk_core::client::{Admission, Client, DevBrowser};
use frontdesk_store::Work;
use frontdesk_types::{ClientId, Span};
use http::{HeaderName, HeaderValue, header};

use super::FrontendCx;
use crate::errors::{self, ApiError};
use crate::frontend::client_token::ClientToken;
use crate::keys;

/// How many development browsers without a client may be made in an hour. They cost a row each, and anybody can ask.
const MOST_IDLE_DEV_BROWSERS: u64 = 10_000;
/// How long a development browser without a client is kept.
const IDLE_DEV_BROWSER_LIFETIME: Span = Span::days(1);

/// What happens to the client with the commit.
#[derive(Debug, Default)]
pub(super) struct ClientChanges {
    fate: Fate,
    /// Its new token.
    token: Option<ClientTokenText>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fate {
    #[default]
    Kept,
    Made,
    Saved,
    Forgotten,
}

/// A signed client token on its way out; silent in logs.
struct ClientTokenText(String);

impl std::fmt::Debug for ClientTokenText {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ClientTokenText(…)")
    }
}

impl FrontendCx {
    /// The client of the caller, to be changed. A stranger gets a new one. It is saved with the commit.
    pub(crate) fn client_mut(&mut self) -> Result<&mut Client, ApiError> {
        if self.visitor.client.is_none() {
            self.make_client()?;
        }
        self.refuse_read_only()?;
        if self.changes.fate == Fate::Kept {
            self.changes.fate = Fate::Saved;
        }
        self.visitor.client.as_mut().ok_or_else(errors::signed_out)
    }

    /// Notes that authentication on the client changed: moves its `updated_at`, and with it `__client_uat`.
    pub(crate) fn auth_changed(&mut self) -> Result<(), ApiError> {
        let now = self.now;
        self.client_mut()?.updated_at = now;
        Ok(())
    }

    /// Gives the client a new token (decision 13). The old one reads for a moment, then opens nothing.
    pub(crate) fn rotate_client_token(&mut self) -> Result<(), ApiError> {
        if self.changes.fate == Fate::Made {
            return Ok(()); // Its token has not left the house yet.
        }
        self.refuse_on_satellite()?;
        let (now, mut rng) = (self.now, self.rng.clone());
        let id = self.client_mut()?.id.clone();
        let token = ClientToken::mint(&self.instance, id, None, &mut rng);
        self.client_mut()?.rotate(keys::token_hash(&token.rotating_token), now);
        self.changes.token = Some(ClientTokenText(token.sign(&self.instance)?));
        Ok(())
    }

    /// Forgets the client: its token opens nothing any more. End its sessions first.
    pub(crate) fn forget_client(&mut self) -> Result<(), ApiError> {
        self.client_mut()?;
        self.changes.fate = Fate::Forgotten;
        self.changes.token = None;
        Ok(())
    }

    /// A new development browser that stands for this client (or for nobody yet): its token.
    pub(crate) async fn make_dev_browser(&mut self, client_id: Option<ClientId>) -> Result<String, ApiError> {
        let hour_ago = self.now - Span::hours(1);
        if self.store.count_idle_dev_browsers(&self.instance.id, hour_ago).await? >= MOST_IDLE_DEV_BROWSERS {
            return Err(errors::too_many_requests(Span::minutes(10)));
        }
        self.work.delete_idle_dev_browsers(self.now - IDLE_DEV_BROWSER_LIFETIME);
        let token = format!("dvb_{}", keys::alphanumeric::<32>(&mut self.rng));
        self.work.insert_dev_browser(&DevBrowser {
            token_hash: keys::token_hash(&token),
            client_id,
            created_at: self.now,
        });
        Ok(token)
    }

    /// Writes everything that was collected, durably and at once, and hands out the client's new token.
    pub(super) async fn write(&mut self) -> Result<(), ApiError> {
        let collected = std::mem::replace(&mut self.work, Work::new(&self.instance.id));
        let mut work = Work::new(&self.instance.id);
        self.collect_client(&mut work);
        work.append(collected);
        if !work.is_empty() {
            self.refuse_read_only()?;
            self.store.commit(work).await?;
            std::mem::take(&mut self.letters).leave(&self.server).await;
        }
        self.hand_out_token()
    }

    /// Whether the caller's token was replaced a moment ago, so that it may only read.
    pub(crate) fn is_read_only(&self) -> bool {
        self.visitor.admission == Admission::ReadOnly
    }

    fn make_client(&mut self) -> Result<(), ApiError> {
        self.refuse_on_satellite()?;
        let mut rng = self.rng.clone();
        let id = ClientId::mint(self.now, &mut rng);
        let token = ClientToken::mint(&self.instance, id.clone(), None, &mut rng);
        self.visitor.client = Some(Client::new(id, keys::token_hash(&token.rotating_token), self.now));
        self.visitor.admission = Admission::Full;
        self.changes.fate = Fate::Made;
        self.changes.token = Some(ClientTokenText(token.sign(&self.instance)?));
        Ok(())
    }

    /// A token that was replaced a moment ago is good for tabs in flight, not for changes.
    fn refuse_read_only(&self) -> Result<(), ApiError> {
        match self.visitor.admission {
            Admission::ReadOnly => Err(errors::client_read_only()),
            Admission::Full | Admission::Refused => Ok(()),
        }
    }

    fn collect_client(&self, work: &mut Work) {
        let Some(client) = &self.visitor.client else { return };
        let dev_browser = self.visitor.dev_browser.as_ref().map(|(_, browser)| browser);
        match self.changes.fate {
            Fate::Kept => {}
            Fate::Saved => work.save_client(client),
            Fate::Made => {
                work.insert_client(client);
                if let Some(browser) = dev_browser {
                    work.set_dev_browser_client(&browser.token_hash, Some(&client.id));
                }
            }
            Fate::Forgotten => {
                work.delete_client(client);
                if let Some(browser) =
                    dev_browser.filter(|browser| browser.client_id.as_ref() == Some(&client.id))
                {
                    work.set_dev_browser_client(&browser.token_hash, None);
                }
            }
        }
    }

    /// Devices get a new token in a header, browsers in a cookie.
    fn hand_out_token(&mut self) -> Result<(), ApiError> {
        let scope = self.cookie_scope();
        match (self.changes.token.take(), self.changes.fate) {
            (Some(ClientTokenText(token)), _) if self.visitor.is_native => {
                let value = HeaderValue::try_from(token).map_err(errors::internal)?;
                self.headers.insert(header::AUTHORIZATION, value);
            }
            (Some(ClientTokenText(token)), _) => {
                self.set_cookie(&scope.client(token))?;
                let instance = std::sync::Arc::clone(&self.instance);
                let holder = self.client().and_then(|client| scope.holder(&instance, &client.id));
                if let Some(cookie) = holder {
                    self.set_cookie(&cookie)?;
                }
            }
            (None, Fate::Forgotten) => {
                self.visitor.client = None;
                if !self.visitor.is_native {
                    self.set_cookie(&scope.no_client())?;
                    if let Some(cookie) = scope.no_holder(&self.instance) {
                        self.set_cookie(&cookie)?;
                    }
                }
                self.set_client_uat(0)?;
            }
            (None, _) => {}
        }
        Ok(())
    }

    /// Tells pages and servers of the application when authentication last changed. In production that is ours to do;
    /// in development the browser and the handshake do it (wire protocol §2.2).
    pub(super) fn set_client_uat(&mut self, seconds: i64) -> Result<(), ApiError> {
        use crate::frontend::cookies;
        if self.instance.is_development() || self.visitor.is_native {
            return Ok(());
        }
        let scope = self.cookie_scope();
        let instance = std::sync::Arc::clone(&self.instance);
        let domain = match super::aim::proxy_url(&self.caller.parts) {
            Some(_) => None,
            None => {
                self.host().and_then(|host| cookies::shared_domain(self.domain_name(), host, self.origin()))
            }
        };
        let domain = domain.map(str::to_owned);
        let suffixed = format!("{}_{}", cookies::CLIENT_UAT, instance.cookie_suffix);
        for name in [cookies::CLIENT_UAT.to_owned(), suffixed] {
            self.set_cookie(&scope.client_uat(name, seconds, domain.as_deref()))?;
        }
        Ok(())
    }

    /// Names the caller's new development browser.
    pub(crate) fn name_dev_browser(&mut self, token: &str) -> Result<(), ApiError> {
        let value = HeaderValue::try_from(token).map_err(errors::internal)?;
        self.headers.insert(HeaderName::from_static("clerk-db-jwt"), value);
        Ok(())
    }
}
