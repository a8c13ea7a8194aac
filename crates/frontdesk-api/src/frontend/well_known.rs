//! Documents at well-known places, and health.

use serde::{Deserialize, Serialize};

use crate::backend::jwks::Jwks;
use crate::operations;

operations! { Frontend;
    /// The keys that verify the instance's tokens.
    GetWellKnownJwks as "getJWKS" = GET "/.well-known/jwks.json" {} -> Jwks;
    /// Who signs the tokens, for `OpenID` Connect libraries (`OpenID` Connect Discovery 1.0 §3).
    GetOpenIdConfiguration as "getOpenIDConfiguration" = GET "/.well-known/openid-configuration" {} -> IssuerMetadata;
    /// The same for OAuth libraries (RFC 8414 §2).
    GetOAuthServerMetadata as "getOAuth2AuthorizationServerMetadata" =
        GET "/.well-known/oauth-authorization-server" {} -> IssuerMetadata;
    /// Whether the server can do its work. Needs no instance.
    GetHealth as "getHealth" = GET "/v1/health" {} -> Health;
    /// Whether a proxy passes on what it must.
    GetProxyHealth as "getProxyHealth" = GET "/v1/proxy-health" {} -> Health;
}

/// What a verifier of tokens needs to know. The endpoints of the published description are left out as long as there
/// is nothing behind them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerMetadata {
    /// The `iss` of the tokens.
    pub issuer: String,
    /// Where the keys are.
    pub jwks_uri: String,
    /// Response types that can be asked for.
    pub response_types_supported: Vec<String>,
    /// Grants that can be asked for.
    pub grant_types_supported: Vec<String>,
    /// Scopes that can be asked for.
    pub scopes_supported: Vec<String>,
    /// How subjects are named.
    pub subject_types_supported: Vec<String>,
    /// The algorithms that tokens are signed with.
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// The claims of tokens.
    pub claims_supported: Vec<String>,
}

/// Whether something works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `healthy` or `unhealthy`.
    pub status: String,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whom the proxy names as its caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_forwarded_for: Option<String>,
}

impl Health {
    /// Everything works.
    pub fn healthy() -> Self {
        Self { status: "healthy".to_owned(), message: None, x_forwarded_for: None }
    }

    /// Something does not.
    pub fn unhealthy(message: &str) -> Self {
        Self { status: "unhealthy".to_owned(), message: Some(message.to_owned()), x_forwarded_for: None }
    }
}
