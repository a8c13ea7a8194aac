//! A verified session: who is asking, and for whom they act.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use frontdesk_jwt::SessionClaims;
use frontdesk_types::{OrganizationId, Secret, SessionId, UserId};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::GetToken;
use crate::frontdesk::Inner;

/// A verified session. Cheap to clone.
///
/// It serialises as the auth object that other SDKs give (wire contract §5.1), without its functions.
#[derive(Clone)]
pub struct Session {
    content: Arc<Content>,
}

struct Content {
    user_id: UserId,
    session_id: Option<SessionId>,
    organization: Option<Organization>,
    claims: Map<String, Value>,
    token: Secret,
    frontdesk: Arc<Inner>,
}

/// The organization that a session acts for.
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
    /// Reads verified claims of either version.
    pub(crate) fn read(
        claims: Map<String, Value>,
        token: &str,
        frontdesk: &Arc<Inner>,
    ) -> Result<Self, UnreadableClaim> {
        let session_id = match claims.get("sid") {
            // Some issuers leave it out; such a token cannot fetch others.
            None | Some(Value::Null) => None,
            sid => Some(id(sid.and_then(Value::as_str))?),
        };
        let content = Content {
            user_id: id(claims.get("sub").and_then(Value::as_str))?,
            session_id,
            organization: organization(&claims)?,
            claims,
            token: Secret::new(token),
            frontdesk: Arc::clone(frontdesk),
        };
        Ok(Self { content: Arc::new(content) })
    }

    /// Who is asking.
    pub fn user_id(&self) -> &UserId {
        &self.content.user_id
    }

    /// The session. Tokens of our own server always name it.
    pub fn session_id(&self) -> Option<&SessionId> {
        self.content.session_id.as_ref()
    }

    /// The organization that the user has chosen to act for.
    pub fn organization(&self) -> Option<&Organization> {
        self.content.organization.as_ref()
    }

    /// Whether the user still has something to finish (choose an organization, set up a second factor). Such a
    /// session counts as signed out unless one asks for it.
    pub fn is_pending(&self) -> bool {
        self.content.claims.get("sts").and_then(Value::as_str) == Some("pending")
    }

    /// Who acts in the user's name, when somebody does (impersonation).
    pub fn actor(&self) -> Option<&Value> {
        self.content.claims.get("act").filter(|actor| !actor.is_null())
    }

    /// All claims of the session token, the instance owner's own ones included.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.content.claims
    }

    /// The session token itself. It is a credential: pass it on, do not log it.
    pub fn token(&self) -> &str {
        self.content.token.expose()
    }

    /// A token of this session: the one that came with the request, or a new one made by the Backend API.
    ///
    /// ```no_run
    /// # async fn example(session: frontdesk::Session) -> Result<(), frontdesk::GetTokenError> {
    /// let own = session.get_token().await?;
    /// let for_the_database = session.get_token().template("supabase").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_token(&self) -> GetToken<'_> {
        GetToken::of(Some(self))
    }

    pub(crate) fn frontdesk(&self) -> &Inner {
        &self.content.frontdesk
    }
}

/// A claim is not an id, or has the wrong type.
#[derive(Debug)]
pub(crate) struct UnreadableClaim;

fn id<T: FromStr>(claim: Option<&str>) -> Result<T, UnreadableClaim> {
    claim.and_then(|text| text.parse().ok()).ok_or(UnreadableClaim)
}

fn organization(claims: &Map<String, Value>) -> Result<Option<Organization>, UnreadableClaim> {
    if !["o", "org_id"].iter().any(|name| claims.contains_key(*name)) {
        return Ok(None);
    }
    let mut complete = claims.clone();
    // The organization is read together with claims that a foreign issuer may leave out.
    for (name, value) in [("iss", Value::from("")), ("sid", Value::from("")), ("iat", Value::from(0))] {
        complete.entry(name).or_insert(value);
    }
    let Some(active) = SessionClaims::try_from(complete).map_err(|_| UnreadableClaim)?.organization else {
        return Ok(None);
    };
    let (slug, role, permissions) = (active.slug, active.role, active.permissions);
    Ok(Some(Organization { id: id(Some(&active.id))?, slug, role, permissions }))
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
        if claims.get("v").and_then(Value::as_i64) == Some(2) {
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
