//! A new session token for one that has expired, asked for by the application's server in the browser's place (wire
//! protocol §4.8): the browser is spared the way to the handshake and back.

use frontdesk_api::Token;
use frontdesk_api::backend::session_refresh::{Cookies, RefreshSession, Refreshed};
use frontdesk_core::refresh_token::{REPLACED_GRACE, Standing};
use frontdesk_store::Work;
use url::Url;

use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::frontend::origins;
use crate::routes::Routes;
use crate::{keys, refresh_tokens, tokens};

/// How long the cookies stay, in seconds: a year. What is in them says itself until when it is good.
const COOKIE_LIFETIME: i64 = 365 * 24 * 60 * 60;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(refresh_session)
}

/// Wants three things that belong together: a refresh token that is good, a session token (expired or not) that this
/// instance signed for the same session, and the origin of one of its pages. Whether the session lives, the database says
/// every time (decision 6), so a refresh token outlives no session.
///
/// Where cookies are asked for, one of them is the next refresh token; a bare token has no place for one.
async fn refresh_session(mut cx: BackendCx, req: Req<RefreshSession>) -> Answer<RefreshSession> {
    let (id, body) = (&req.path.session_id, &req.body);
    let format = Format::of(body.format.as_deref())?;
    let origin = origin(&cx, &body.request_origin)?;
    if tokens::session_of(&cx.instance, body.expired_token.expose(), None).as_deref() != Some(id.as_str()) {
        return Err(errors::session_token_invalid());
    }
    let hash = keys::token_hash(body.refresh_token.expose());
    let kept = cx.store.refresh_token(&cx.instance.id, &hash).await?;
    let kept = kept.filter(|kept| kept.session_id == *id).ok_or_else(errors::refresh_token_invalid)?;
    match kept.standing(cx.now) {
        Standing::Good => {}
        Standing::Over => return Err(errors::refresh_token_invalid()),
        Standing::Reused => {
            // Somebody has a copy: neither they nor the browser refresh with what came of it.
            let mut work = Work::new(&cx.instance.id);
            work.delete_refresh_tokens(id);
            cx.store.commit(work).await?;
            return Err(errors::refresh_token_invalid());
        }
    }
    let minted = cx.store.session_for_mint(&cx.instance.id, id).await?;
    let minted = minted.filter(|minted| minted.session.is_live(cx.now) && !minted.user_banned);
    let minted = minted.ok_or_else(|| errors::session_over(id.as_str()))?;

    let mut rng = cx.rng.clone();
    let asked_from = origin.origin().ascii_serialization();
    let mut minter = cx.minter(None);
    minter.authorized_party = Some(&asked_from);
    let jwt = minter.session_token(&minted, None, &mut rng).await?;
    let interval = cx.instance.settings.limits.activity_interval;
    if minted.session.activity_is_due(interval, cx.now) {
        cx.work.touch_session(id, &minted.session.user_id, None, cx.now);
    }
    let refreshed = match format {
        Format::Token => Refreshed::Token(Token::new(jwt)),
        Format::Cookie => {
            let expires_at = minted.session.expire_at;
            let (token, next) = refresh_tokens::mint(id, expires_at, cx.now, &mut cx.rng);
            cx.work.replace_refresh_token(&hash, cx.now);
            cx.work.delete_surplus_refresh_tokens(id, cx.now - REPLACED_GRACE);
            cx.work.insert_refresh_token(&next);
            Refreshed::Cookies(Cookies {
                object: "cookies".to_owned(),
                cookies: cookies(
                    &jwt,
                    &token,
                    &cx.instance.cookie_suffix,
                    &origin,
                    req.query.suffixed_cookies,
                ),
            })
        }
    };
    let shown: Shown<Refreshed> = cx.commit(refreshed).await?;
    Ok(shown)
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Token,
    Cookie,
}

impl Format {
    fn of(name: Option<&str>) -> Result<Self, ApiError> {
        match name {
            None | Some("" | "token") => Ok(Self::Token),
            Some("cookie") => Ok(Self::Cookie),
            Some(_) => Err(errors::param_value_invalid("format", "token or cookie")),
        }
    }
}

/// The page's origin, if it is one of the instance's.
fn origin(cx: &BackendCx, text: &str) -> Result<Url, ApiError> {
    let url = Url::parse(text).map_err(|_| errors::origin_invalid(text))?;
    if origins::allows(&cx.instance, &url) { Ok(url) } else { Err(errors::origin_invalid(text)) }
}

/// The refresh token that takes the place of the one that was used, and the session cookie in both spellings, because
/// older SDKs read the one and newer ones the other (wire protocol §12, trap 49). SDKs take the token from the last
/// one, so the spelling that the application uses comes last.
fn cookies(token: &str, refresh: &str, suffix: &str, origin: &Url, is_suffixed: bool) -> Vec<String> {
    let secure = if origin.scheme() == "https" { "; Secure" } else { "" };
    let mut names = ["__session".to_owned(), format!("__session_{suffix}")];
    if !is_suffixed {
        names.reverse();
    }
    let directive =
        |name: &String| format!("{name}={token}; Path=/; Max-Age={COOKIE_LIFETIME}; SameSite=Lax{secure}");
    let refresh = refresh_tokens::cookie(refresh, suffix, COOKIE_LIFETIME, secure);
    [refresh].into_iter().chain(names.iter().map(directive)).collect()
}
