//! Signs what `frontdesk_core::token` puts together, and reads what it needs for that.

use frontdesk_api::ApiVersion;
use frontdesk_core::organization::Membership;
use frontdesk_core::session::Session;
use frontdesk_core::template::{Facts, Picture, Template};
use frontdesk_core::token::{TokenRefusal, TokenRequest};
use frontdesk_core::user::{Account, User};
use frontdesk_jwt::{ClaimsVersion, Expectations, Header, Keys, SigningKey, Token, category};
use frontdesk_store::{Page, SessionForMint};
use frontdesk_types::{Randomness, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::errors::{self, ApiError};
use crate::{LoadedInstance, Server, present, rotation, template_key};

/// The id of the session whose token this is, if this instance signed it. Good at the given time, or, without one, at
/// whatever time.
pub(crate) fn session_of(instance: &LoadedInstance, text: &str, at: Option<Timestamp>) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        sid: String,
    }
    let expectations = Expectations::new().issuer(instance.issuer()).any_authorized_party();
    let token = Token::decode(text).ok()?;
    let key = instance.key_set.key_for(token.header()).ok()?;
    if let Some(now) = at {
        let session = token.verify_session(key, &expectations, now).ok()?;
        return session.session_id().map(str::to_owned);
    }
    token.check_header(&expectations).ok()?;
    token.verify_signature(key).ok()?;
    token.claims::<Claims>().ok().map(|claims| claims.sid)
}

/// Mints tokens of one instance at one instant for one caller.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Minter<'a> {
    /// Where to read.
    pub(crate) server: &'a Server,
    /// Whose tokens.
    pub(crate) instance: &'a LoadedInstance,
    /// The shape of the contract that the caller expects: decides the version of the claims.
    pub(crate) version: ApiVersion,
    /// The `Origin` of the request, if it had one.
    pub(crate) authorized_party: Option<&'a str>,
    /// How long the token shall live; `None` leaves it to the settings or the template.
    pub(crate) lifetime: Option<Span>,
    /// When it is issued.
    pub(crate) now: Timestamp,
}

impl Minter<'_> {
    /// A session token. Reads nothing, unless the instance adds claims of its own to session tokens and the account was
    /// not read before.
    pub(crate) async fn session_token(
        &self,
        minted: &SessionForMint,
        account: Option<&Account>,
        rng: &mut dyn Randomness,
    ) -> Result<String, ApiError> {
        let custom = &self.instance.session_claims;
        let about = if self.instance.settings.session_token_claims.is_empty() {
            About::nobody_asks(minted)
        } else {
            self.about(minted, account, custom).await?
        };
        let request = self.request(&minted.session, &about);
        let claims = request.session_claims(custom, rng).map_err(|refusal| refused(&refusal, minted))?;
        rotation::note_lifetime(self.server, self.instance, self.lifetime.unwrap_or_default(), self.now)
            .await?;
        let version = if self.version.has_session_token_v2() { ClaimsVersion::V2 } else { ClaimsVersion::V1 };
        let key = &self.instance.signing_key;
        let header = Header::for_key(key).with_category(category::SESSION).with_origin_issued_at(self.now);
        let token = signed(key, &header, &claims.to_claims(version)).await?;
        count("session");
        Ok(token)
    }

    /// A token made from the template of this name.
    pub(crate) async fn template_token(
        &self,
        minted: &SessionForMint,
        name: &str,
        rng: &mut dyn Randomness,
    ) -> Result<String, ApiError> {
        let record = self.server.store().jwt_template_by_name(&self.instance.id, name).await?;
        let record = record.ok_or_else(|| errors::resource_not_found("JWT template", name))?;
        let template = Template::parse(&record.claims).map_err(errors::internal)?;
        let about = self.about(minted, None, &template).await?;
        let request = self.request(&minted.session, &about);
        let claims =
            request.template_claims(&record, &template, rng).map_err(|refusal| refused(&refusal, minted))?;
        let own_key = template_key::open(self.server.master_key(), &record)?;
        if own_key.is_none() {
            let lifetime = self.lifetime.unwrap_or(record.lifetime);
            rotation::note_lifetime(self.server, self.instance, lifetime, self.now).await?;
        }
        let key = own_key.as_ref().unwrap_or(&self.instance.signing_key);
        let header = Header::for_key(key).with_category(category::JWT_TEMPLATE);
        let token = signed(key, &header, &claims).await?;
        count("template");
        Ok(token)
    }

    fn request<'r>(&'r self, session: &'r Session, about: &'r About<'_>) -> TokenRequest<'r> {
        let mut facts = Facts::new(&about.account, session);
        facts.membership = about.membership;
        facts.memberships = &about.memberships;
        facts.user_picture = about
            .picture
            .as_deref()
            .map(|url| Picture { url, is_given: present::user::has_image(&about.account) });
        TokenRequest {
            instance: &self.instance.instance,
            facts,
            authorized_party: self.authorized_party,
            lifetime: self.lifetime,
            now: self.now,
        }
    }

    /// Reads what shortcodes of this template may ask about.
    async fn about<'m>(
        &self,
        minted: &'m SessionForMint,
        account: Option<&Account>,
        template: &Template,
    ) -> Result<About<'m>, ApiError> {
        let (store, user_id) = (self.server.store(), &minted.session.user_id);
        let account = match account {
            Some(account) => account.clone(),
            None => store
                .account(&self.instance.id, user_id)
                .await?
                .ok_or_else(|| errors::session_over(minted.session.id.as_str()))?,
        };
        let memberships = if template.reads_organizations() {
            store.user_memberships(&self.instance.id, user_id, Page::ALL).await?
        } else {
            Vec::new()
        };
        Ok(About {
            picture: Some(present::user::image_url(self.instance, &account)),
            account,
            membership: minted.membership.as_ref(),
            memberships,
        })
    }
}

/// Counts a token, for operators.
fn count(kind: &'static str) {
    metrics::counter!("frontdesk_tokens_minted_total", "kind" => kind).increment(1);
}

/// Signs when everything shorter is done. An RSA signature takes a quarter of a millisecond of a core, so requests
/// that have arrived are read first, and answers that are ready leave before the next signature. Signatures of many
/// requests then follow each other, which also keeps their code and data in the core's caches.
async fn signed(
    key: &SigningKey,
    header: &Header,
    claims: &(impl Serialize + Sync),
) -> Result<String, ApiError> {
    tokio::task::yield_now().await;
    let token = key.sign(header, claims).map_err(errors::internal);
    tokio::task::yield_now().await;
    token
}

/// Whom a token is about.
struct About<'m> {
    account: Account,
    membership: Option<&'m Membership>,
    memberships: Vec<Membership>,
    picture: Option<String>,
}

impl<'m> About<'m> {
    /// What a token without claims of the instance's own says: an id, and whether it is banned.
    fn nobody_asks(minted: &'m SessionForMint) -> Self {
        let mut user = User::new(minted.session.user_id.clone(), minted.session.created_at);
        user.banned = minted.user_banned;
        Self {
            account: Account { user, identifications: Vec::new() },
            membership: minted.membership.as_ref(),
            memberships: Vec::new(),
            picture: None,
        }
    }
}

fn refused(refusal: &TokenRefusal, minted: &SessionForMint) -> ApiError {
    match refusal {
        TokenRefusal::SessionOver(_) => errors::session_over(minted.session.id.as_str()),
        TokenRefusal::UserBanned => errors::user_banned(),
    }
}
