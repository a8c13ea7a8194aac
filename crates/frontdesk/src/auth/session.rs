//! A verified session: who is asking, and for whom they act.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use frontdesk_client::Client;
use frontdesk_jwt::{ClaimsVersion, VerifiedSession};
use frontdesk_types::{OrganizationId, SessionId, Timestamp, UserId};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::request::glimpse::Glimpse;
use crate::{GetToken, Requirement};

/// A verified session. Cheap to clone.
///
/// It serialises as the auth object that other SDKs give (wire contract §5.1), without its functions.
///
/// ```
/// use frontdesk::Session;
///
/// fn acts_for(session: &Session) -> String {
///     match session.organization() {
///         Some(organization) => format!("{} for {}", session.user_id(), organization.id),
///         None => session.user_id().to_string(),
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Session {
    content: Arc<Content>,
}

/// What is not asked for is not worked out: most handlers want the user's id and nothing else, and many sessions wait
/// in memory for their next request.
struct Content {
    token: Box<str>,
    verified: VerifiedSession,
    pending: bool,
    user_id: UserId,
    session_id: Option<SessionId>,
    organization: OnceLock<Option<Box<Organization>>>,
    claims: OnceLock<Box<Map<String, Value>>>,
    glimpse: OnceLock<Glimpse>,
    client: Client,
}

/// The organization that a session acts for.
///
/// ```
/// use frontdesk::Organization;
///
/// fn badge(organization: &Organization) -> String {
///     let name = organization.slug.as_deref().unwrap_or(organization.id.as_str());
///     format!("{name} ({})", organization.role.as_deref().unwrap_or("no role"))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its slug, if it has one.
    pub slug: Option<String>,
    /// The user's role in it, such as `org:admin`.
    pub role: Option<String>,
    /// The custom permissions that the role gives, such as `org:invoices:create`.
    pub permissions: Vec<String>,
}

impl Session {
    /// Takes verified claims of either version, and the token that they are from. All ids must be ids.
    pub(crate) fn read(
        verified: VerifiedSession,
        token: &str,
        client: &Client,
    ) -> Result<Self, UnreadableClaim> {
        verified.organization_id().map(id::<OrganizationId>).transpose()?;
        let content = Content {
            token: token.into(),
            pending: verified.is_pending(),
            user_id: id(verified.user_id())?,
            // Some issuers leave it out; such a token cannot fetch others.
            session_id: verified.session_id().map(id).transpose()?,
            organization: OnceLock::new(),
            claims: OnceLock::new(),
            glimpse: OnceLock::new(),
            client: client.clone(),
            verified,
        };
        Ok(Self { content: Arc::new(content) })
    }

    /// Who is asking.
    ///
    /// ```
    /// use frontdesk::Session;
    ///
    /// fn is_author(session: &Session, author: &frontdesk::UserId) -> bool {
    ///     session.user_id() == author
    /// }
    /// ```
    pub fn user_id(&self) -> &UserId {
        &self.content.user_id
    }

    /// The session. Tokens of our own server always name it.
    ///
    /// ```no_run
    /// # use frontdesk::{Frontdesk, Session};
    /// # async fn example(frontdesk: Frontdesk, session: Session) -> Result<(), frontdesk::Error> {
    /// if let Some(session_id) = session.session_id() {
    ///     frontdesk.client().sessions().revoke(session_id).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn session_id(&self) -> Option<&SessionId> {
        self.content.session_id.as_ref()
    }

    /// The organization that the user has chosen to act for.
    ///
    /// ```
    /// use frontdesk::Session;
    ///
    /// fn table_prefix(session: &Session) -> String {
    ///     session.organization().map_or("personal".to_owned(), |organization| organization.id.to_string())
    /// }
    /// ```
    pub fn organization(&self) -> Option<&Organization> {
        let read = || Organization::of(&self.content.verified).map(Box::new);
        self.content.organization.get_or_init(read).as_deref()
    }

    /// Whether the user still has something to finish (choose an organization, set up a second factor). Such a
    /// session counts as signed out unless one asks for it.
    ///
    /// ```no_run
    /// # async fn example(frontdesk: frontdesk::Frontdesk, request: http::Request<()>) {
    /// let auth = frontdesk.with_pending_sessions().get_auth(&request).await;
    /// let has_tasks = auth.session().is_some_and(|session| session.is_pending());
    /// # }
    /// ```
    pub fn is_pending(&self) -> bool {
        self.content.pending
    }

    /// Who acts in the user's name, when somebody does (impersonation).
    ///
    /// ```
    /// use frontdesk::Session;
    ///
    /// fn support_agent(session: &Session) -> Option<&str> {
    ///     session.actor()?.get("sub")?.as_str()
    /// }
    /// ```
    pub fn actor(&self) -> Option<&Value> {
        self.claims().get("act").filter(|actor| !actor.is_null())
    }

    /// All claims of the session token, the instance owner's own ones included.
    ///
    /// ```
    /// use frontdesk::Session;
    ///
    /// fn language(session: &Session) -> &str {
    ///     session.claims().get("locale").and_then(|locale| locale.as_str()).unwrap_or("en")
    /// }
    /// ```
    pub fn claims(&self) -> &Map<String, Value> {
        self.content.claims.get_or_init(|| Box::new(self.content.verified.to_map()))
    }

    /// The session token itself. It is a credential: pass it on, do not log it.
    ///
    /// ```
    /// use frontdesk::Session;
    ///
    /// fn forwarded(session: &Session) -> String {
    ///     format!("Bearer {}", session.token())
    /// }
    /// ```
    pub fn token(&self) -> &str {
        &self.content.token
    }

    /// Whether the user may do what is required (wire contract §5.2).
    ///
    /// ```
    /// use frontdesk::{Requirement, Session};
    ///
    /// fn may_invoice(session: &Session) -> bool {
    ///     session.has(&Requirement::permission("org:invoices:create"))
    /// }
    /// ```
    pub fn has(&self, requirement: &Requirement) -> bool {
        requirement.is_met_by(self)
    }

    /// A token of this session: the one that came with the request, or a new one made by the Backend API.
    ///
    /// ```no_run
    /// # async fn example(session: frontdesk::Session) -> Result<(), frontdesk::Error> {
    /// let own = session.get_token().await?;
    /// let for_the_database = session.get_token().template("supabase").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_token(&self) -> GetToken<'_> {
        GetToken::of(Some(self))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.content.client
    }

    /// What was verified, as it came.
    pub(crate) fn verified(&self) -> &VerifiedSession {
        &self.content.verified
    }

    /// What its token says when it waits in a cookie: a moment of reading, so it is done once.
    pub(crate) fn glimpse(&self, issuer: &str) -> Glimpse {
        *self.content.glimpse.get_or_init(|| Glimpse::of_verified(self.verified().claims_json(), issuer))
    }

    /// When its token expires, if nothing is forgiven.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.content.verified.expires_at()
    }
}

impl Organization {
    fn of(verified: &VerifiedSession) -> Option<Self> {
        let active = verified.organization()?;
        let (slug, role, permissions) = (active.slug, active.role, active.permissions);
        // Checked when the session was read.
        Some(Self { id: active.id.parse().ok()?, slug, role, permissions })
    }
}

/// A claim that should be an id is none.
#[derive(Debug)]
pub(crate) struct UnreadableClaim;

fn id<T: FromStr>(claim: &str) -> Result<T, UnreadableClaim> {
    claim.parse().map_err(|_| UnreadableClaim)
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Session")
            .field("user_id", self.user_id())
            .field("session_id", &self.session_id())
            .field("organization", &self.organization())
            .finish_non_exhaustive()
    }
}

impl Serialize for Session {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let claims = self.claims();
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("tokenType", "session_token")?;
        optional(&mut object, "actor", claims.get("act"))?;
        object.serialize_entry("sessionClaims", claims)?;
        optional(&mut object, "sessionId", self.session_id())?;
        object.serialize_entry("sessionStatus", &claims.get("sts"))?;
        object.serialize_entry("userId", self.user_id())?;
        if self.verified().version() == ClaimsVersion::V2 {
            let organization = self.organization();
            optional(&mut object, "orgId", organization.map(|organization| &organization.id))?;
            optional(
                &mut object,
                "orgRole",
                organization.and_then(|organization| organization.role.as_ref()),
            )?;
            optional(
                &mut object,
                "orgSlug",
                organization.and_then(|organization| organization.slug.as_ref()),
            )?;
            optional(
                &mut object,
                "orgPermissions",
                organization.map(|organization| &organization.permissions),
            )?;
        } else {
            // Version 1 spells everything out, and other SDKs hand it on as it is.
            for (field, claim) in [
                ("orgId", "org_id"),
                ("orgRole", "org_role"),
                ("orgSlug", "org_slug"),
                ("orgPermissions", "org_permissions"),
            ] {
                optional(&mut object, field, claims.get(claim))?;
            }
        }
        object.serialize_entry("factorVerificationAge", &claims.get("fva"))?;
        object.serialize_entry("isAuthenticated", &true)?;
        object.end()
    }
}

/// What JavaScript calls `undefined` is left out.
fn optional<M: SerializeMap>(
    object: &mut M,
    name: &str,
    value: Option<impl Serialize>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| object.serialize_entry(name, &value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test_support::{NOW, Request, SESSION, TokenDraft, USER, World, token};
    use crate::{Auth, Reason};

    async fn auth(draft: &TokenDraft) -> Auth {
        World::production().auth(Request::fetch("/").bearer(&draft.sign())).await
    }

    /// The auth object as text, so that the order of its members counts, too.
    async fn object(draft: &TokenDraft) -> String {
        serde_json::to_string(&auth(draft).await).unwrap()
    }

    #[tokio::test]
    async fn version_1_is_handed_on_as_it_is() {
        let draft = token()
            .claim("act", json!({ "sub": "user_admin" }))
            .claim("fva", json!([3, -1]))
            .claim("org_id", "org_1")
            .claim("org_role", "org:admin")
            .claim("org_slug", "acme")
            .claim("org_permissions", json!(["org:invoices:create"]))
            .claim("custom", json!({ "z": 1, "a": [null] }));
        let claims = serde_json::to_string(&draft.claims).unwrap();
        assert_eq!(
            object(&draft).await,
            format!(
                r#"{{"tokenType":"session_token","actor":{{"sub":"user_admin"}},"sessionClaims":{claims},"sessionId":"{SESSION}","sessionStatus":null,"userId":"{USER}","orgId":"org_1","orgRole":"org:admin","orgSlug":"acme","orgPermissions":["org:invoices:create"],"factorVerificationAge":[3,-1],"isAuthenticated":true}}"#
            )
        );
        let auth = auth(&draft).await;
        let organization = auth.organization().unwrap();
        assert_eq!((organization.id.as_str(), organization.role.as_deref()), ("org_1", Some("org:admin")));
        assert_eq!(auth.session().unwrap().actor().unwrap()["sub"], "user_admin");
    }

    #[tokio::test]
    async fn version_2_is_unpacked() {
        let draft =
            token().claim("v", 2).claim("sts", "active").claim("fea", "o:dashboard,u:me,o:teams").claim(
                "o",
                json!({ "id": "org_1", "slg": "acme", "rol": "admin", "per": "read,manage", "fpm": "3,2" }),
            );
        let object: serde_json::Value = serde_json::from_str(&object(&draft).await).unwrap();
        assert_eq!(object["orgId"], "org_1");
        assert_eq!(object["orgRole"], "org:admin");
        assert_eq!(object["orgSlug"], "acme");
        assert_eq!(object["sessionStatus"], "active");
        assert_eq!(
            object["orgPermissions"],
            json!(["org:dashboard:read", "org:dashboard:manage", "org:teams:manage"])
        );
        assert_eq!(object["sessionClaims"], json!(draft.claims));
    }

    #[tokio::test]
    async fn without_an_organization_its_fields_are_left_out() {
        let draft = token().claim("v", 2);
        let claims = serde_json::to_string(&draft.claims).unwrap();
        assert_eq!(
            object(&draft).await,
            format!(
                r#"{{"tokenType":"session_token","sessionClaims":{claims},"sessionId":"{SESSION}","sessionStatus":null,"userId":"{USER}","factorVerificationAge":null,"isAuthenticated":true}}"#
            )
        );
        assert!(auth(&draft).await.organization().is_none());
    }

    #[tokio::test]
    async fn signed_out_is_all_null() {
        let nobody = Auth::signed_out(Reason::SessionTokenAndUatMissing);
        let text = |status: &str| {
            format!(
                r#"{{"tokenType":"session_token","sessionClaims":null,"sessionId":null,"sessionStatus":{status},"userId":null,"actor":null,"orgId":null,"orgRole":null,"orgSlug":null,"orgPermissions":null,"factorVerificationAge":null,"isAuthenticated":false}}"#
            )
        };
        assert_eq!(serde_json::to_string(&nobody).unwrap(), text("null"));
        let pending = token().claim("v", 2).claim("sts", "pending");
        assert_eq!(object(&pending).await, text(r#""pending""#));
    }

    #[tokio::test]
    async fn an_organization_that_cannot_be_read_is_refused() {
        for o in [json!({ "id": "not an org" }), json!({ "slg": "acme" }), json!("org_1")] {
            let draft = token().claim("v", 2).claim("o", o);
            assert_eq!(auth(&draft).await.reason(), Some(&Reason::TokenVerificationFailed));
        }
    }

    #[tokio::test]
    async fn debugging_shows_no_token() {
        let draft = token().claim("secret", "hush");
        let shown = format!("{:?}", auth(&draft).await);
        assert!(shown.contains(USER));
        assert!(!shown.contains("hush") && !shown.contains(&draft.sign()), "{shown}");
        let state = World::production().decide(Request::fetch("/").bearer(&draft.sign())).await;
        assert!(!format!("{state:?}").contains(&draft.sign()));
    }

    #[tokio::test]
    async fn debugging_shows_no_token_on_its_way_to_the_browser() {
        let world = World::production();
        let expired = token().shifted(frontdesk_types::Span::seconds(-600)).sign();
        let detour = Request::page("/").cookie("__session", &expired).cookie("__client_uat", "1");
        let state = world.decide(detour).await;
        assert!(state.location().unwrap().contains(&expired), "the server is told which session it was");
        let denied = state.signed_in_session().unwrap_err();
        for shown in [format!("{state:?}"), format!("{denied:?}")] {
            assert!(!shown.contains(&expired), "{shown}");
        }

        let fresh = token().sign();
        world.backend.payload.lock().unwrap().replace(vec![format!("__session={fresh}; Path=/")]);
        let back = Request::page("/").cookie("__clerk_handshake_nonce", "the-nonce");
        let state = world.decide(back).await;
        assert!(state.headers()["set-cookie"].to_str().unwrap().contains(&fresh));
        assert!(!format!("{state:?}").contains(&fresh));
    }

    #[tokio::test]
    async fn it_keeps_what_was_true_when_it_was_verified() {
        let world = World::production();
        let request = || Request::fetch("/").bearer(&token().sign());
        assert_eq!(world.clock.now_in_seconds(), NOW.as_secs());
        let auth = world.auth(request()).await;
        world.clock.advance(frontdesk_types::Span::hours(1));
        assert!(auth.is_signed_in());
        assert!(!world.auth(request()).await.is_signed_in(), "but a new request is looked at anew");
    }
}
