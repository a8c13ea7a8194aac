//! Sign-in tokens: made and taken back by application servers.

use frontdesk_api::backend::sign_in_tokens::{CreateSignInToken, RevokeSignInToken};
use frontdesk_core::sign_in_token::{SignInToken, SignInTokenStatus};
use frontdesk_types::{Secret, SignInTokenId, Span, UserId};
use url::Url;

use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req};
use crate::routes::Routes;
use crate::{LoadedInstance, keys, present};

/// The longest that a ticket can be redeemed, in seconds: ten years, as for tokens.
const MAX_LIFETIME: i64 = 315_360_000;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(create_sign_in_token).on(revoke_sign_in_token)
}

async fn create_sign_in_token(mut cx: BackendCx, req: Req<CreateSignInToken>) -> Answer<CreateSignInToken> {
    let user_id = req.body.user_id.as_deref().ok_or_else(|| errors::param_missing("user_id"))?;
    let user_id: UserId = user_id.parse().map_err(|_| errors::resource_not_found("user", user_id))?;
    let lifetime = lifetime(&cx, req.body.expires_in_seconds)?;
    let user = cx.store.user(&cx.instance.id, &user_id).await?;
    let user = user.ok_or_else(|| errors::resource_not_found("user", user_id.as_str()))?;
    if user.banned {
        return Err(errors::user_banned());
    }
    let text = keys::alphanumeric::<48>(&mut cx.rng);
    let token = SignInToken {
        id: SignInTokenId::mint(cx.now, &mut cx.rng),
        user_id,
        status: SignInTokenStatus::Pending,
        expires_at: cx.now + lifetime,
        created_at: cx.now,
        updated_at: cx.now,
        version: 1,
    };
    cx.work.insert_sign_in_token(&token, &keys::token_hash(&text));
    let mut shown = present::sign_in_token::for_backend(&token);
    shown.url = redemption_url(&cx.instance, &text);
    shown.token = Some(Secret::new(text));
    cx.commit(shown).await
}

async fn revoke_sign_in_token(mut cx: BackendCx, req: Req<RevokeSignInToken>) -> Answer<RevokeSignInToken> {
    let id = &req.path.sign_in_token_id;
    let token = cx.store.sign_in_token(&cx.instance.id, id).await?;
    let mut token = token.ok_or_else(|| errors::resource_not_found("sign-in token", id.as_str()))?;
    if token.status != SignInTokenStatus::Pending {
        return Err(errors::sign_in_token_not_pending(token.status.as_str()));
    }
    token.status = SignInTokenStatus::Revoked;
    token.updated_at = cx.now;
    cx.work.save_sign_in_token(&token);
    cx.commit(present::sign_in_token::for_backend(&token)).await
}

/// The sign-in page with the ticket: the application's, as clerk-js takes it there, else the server's own.
fn redemption_url(instance: &LoadedInstance, ticket: &str) -> Option<String> {
    let named = &instance.settings.urls.sign_in;
    let own = || Url::parse(&format!("{}/sign-in", instance.base_url)).ok();
    let mut url = if named.is_empty() { own()? } else { Url::parse(named).ok()? };
    url.query_pairs_mut().append_pair("__clerk_ticket", ticket).append_pair("__clerk_status", "sign_in");
    Some(url.into())
}

fn lifetime(cx: &BackendCx, seconds: Option<i64>) -> Result<Span, ApiError> {
    match seconds {
        None => Ok(cx.instance.settings.limits.sign_in_token_lifetime),
        Some(seconds @ 1..=MAX_LIFETIME) => Ok(Span::seconds(seconds)),
        Some(_) => Err(errors::param_value_invalid("expires_in_seconds", "1 to 315360000 seconds")),
    }
}
