//! Documents at well-known places: they say what is true today, and name no endpoint that is not there.

use frontdesk_api::frontend::well_known::{
    GetOAuthServerMetadata, GetOpenIdConfiguration, GetProxyHealth, GetWellKnownJwks, Health, IssuerMetadata,
};
use http::{HeaderValue, header};

use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::present;
use crate::routes::Routes;

/// How long a copy may be kept. Short, so that a new key is known soon after it was made; SDKs also ask again when
/// they meet a key they do not know.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(jwks).on(openid_configuration).on(oauth_metadata).on(proxy_health)
}

async fn jwks(mut cx: FrontendCx, _: Req<GetWellKnownJwks>) -> FrontendAnswer<GetWellKnownJwks> {
    cx.headers.insert(header::CACHE_CONTROL, CACHE);
    let shown = present::jwks::for_backend(&cx.instance.jwks);
    Ok(cx.bare(shown))
}

async fn openid_configuration(
    cx: FrontendCx,
    _: Req<GetOpenIdConfiguration>,
) -> FrontendAnswer<GetOpenIdConfiguration> {
    let metadata = metadata(&cx);
    Ok(cx.bare(metadata))
}

async fn oauth_metadata(
    cx: FrontendCx,
    _: Req<GetOAuthServerMetadata>,
) -> FrontendAnswer<GetOAuthServerMetadata> {
    let metadata = metadata(&cx);
    Ok(cx.bare(metadata))
}

fn metadata(cx: &FrontendCx) -> IssuerMetadata {
    IssuerMetadata {
        issuer: cx.instance.issuer(),
        jwks_uri: format!("{}/.well-known/jwks.json", cx.public_url()),
        response_types_supported: Vec::new(),
        grant_types_supported: Vec::new(),
        scopes_supported: Vec::new(),
        subject_types_supported: vec!["public".to_owned()],
        id_token_signing_alg_values_supported: vec!["RS256".to_owned()],
        claims_supported: ["sub", "iss", "azp", "exp", "iat", "nbf", "sid"].map(str::to_owned).to_vec(),
    }
}

/// Whether the request came through a proxy that says where it stands, who it is, and for whom it asks. That its
/// secret key belongs to this instance was checked on the way here.
async fn proxy_health(cx: FrontendCx, _: Req<GetProxyHealth>) -> FrontendAnswer<GetProxyHealth> {
    let missing = ["clerk-proxy-url", "clerk-secret-key", "x-forwarded-for"]
        .into_iter()
        .find(|name| cx.header(name).is_none());
    let health = match missing {
        Some(name) => Health::unhealthy(&format!("The proxy does not send the header {name}.")),
        None => {
            Health { x_forwarded_for: cx.header("x-forwarded-for").map(str::to_owned), ..Health::healthy() }
        }
    };
    Ok(cx.bare(health))
}
