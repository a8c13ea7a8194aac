//! Places that browsers go to by themselves: they lead on, or do one thing to the browser.

use frontdesk_api::Nothing;
use frontdesk_api::frontend::navigation::{
    AcceptTicket, AccountPortal, ClearSiteData, Customization, GetAccountPortal, RedirectToUrl,
};
use frontdesk_core::sign_in_token::SignInTokenStatus;
use http::{HeaderName, HeaderValue, StatusCode};
use url::Url;

use super::origins;
use crate::errors;
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::keys;
use crate::routes::Routes;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(redirect).on(accept_ticket).on(clear_site_data).on(account_portal)
}

/// Leads to the instance's own pages and to its redirect URLs, and nowhere else: an address here must be worth no more
/// than the address it leads to.
async fn redirect(cx: FrontendCx, req: Req<RedirectToUrl>) -> FrontendAnswer<RedirectToUrl> {
    let text = req.query.redirect_url.ok_or_else(|| errors::param_missing("redirect_url"))?;
    let url = Url::parse(&text).map_err(|_| errors::redirect_url_invalid())?;
    if !origins::allows_redirect(&cx.instance, &url) {
        return Err(errors::redirect_url_invalid());
    }
    cx.commit_redirect(StatusCode::TEMPORARY_REDIRECT, url.as_str()).await
}

/// Looks whether a ticket is good, and takes it to the sign-in page, where it is redeemed with a click or by a script.
/// Looking redeems nothing: programs that read mails open every address in them.
async fn accept_ticket(cx: FrontendCx, req: Req<AcceptTicket>) -> FrontendAnswer<AcceptTicket> {
    let ticket = req.query.ticket.ok_or_else(|| errors::param_missing("ticket"))?;
    let hash = keys::token_hash(ticket.expose());
    let token = cx.store.sign_in_token_by_hash(&cx.instance.id, &hash).await?;
    let token = token.ok_or_else(errors::ticket_invalid)?;
    match token.status {
        SignInTokenStatus::Pending if token.is_redeemable(cx.now) => {}
        SignInTokenStatus::Pending => return Err(errors::ticket_expired()),
        SignInTokenStatus::Accepted => return Err(errors::ticket_already_used()),
        SignInTokenStatus::Revoked => return Err(errors::ticket_revoked()),
        _ => return Err(errors::ticket_invalid()),
    }
    let mut page = sign_in_page(&cx)?;
    page.query_pairs_mut()
        .append_pair("__clerk_ticket", ticket.expose())
        .append_pair("__clerk_status", "sign_in");
    cx.commit_redirect(StatusCode::SEE_OTHER, page.as_str()).await
}

/// The application's own sign-in page, if its owner has said where that is; else the one of this server.
fn sign_in_page(cx: &FrontendCx) -> Result<Url, errors::ApiError> {
    let own = Url::parse(&cx.instance.settings.urls.sign_in).ok();
    match own.filter(|url| origins::allows_redirect(&cx.instance, url)) {
        Some(url) => Ok(url),
        None => Url::parse(&format!("{}/sign-in", cx.public_url())).map_err(errors::internal),
    }
}

/// What is kept here goes; sessions live on until they are signed out of. Only for pages of this site: no other site's
/// picture or link shall make browsers forget.
async fn clear_site_data(mut cx: FrontendCx, _: Req<ClearSiteData>) -> FrontendAnswer<ClearSiteData> {
    if cx.header("sec-fetch-site") == Some("cross-site") {
        return Err(errors::origin_invalid("another site"));
    }
    let everything = HeaderValue::from_static("\"cache\", \"cookies\", \"storage\"");
    cx.headers.insert(HeaderName::from_static("clear-site-data"), everything);
    Ok(cx.bare(Nothing {}))
}

async fn account_portal(cx: FrontendCx, _: Req<GetAccountPortal>) -> FrontendAnswer<GetAccountPortal> {
    let settings = &cx.instance.settings;
    let (home, colour) = (settings.urls.home.clone(), Some(settings.appearance.primary_color.clone()));
    let shown = AccountPortal {
        object: "account_portal".to_owned(),
        allowed: true,
        enabled: true,
        internal_linking: false,
        after_sign_in_url: home.clone(),
        after_sign_up_url: home.clone(),
        after_join_waitlist_url: String::new(),
        after_create_organization_url: String::new(),
        after_leave_organization_url: String::new(),
        logo_link_url: home,
        customization: Customization {
            appearance: Some("auto".to_owned()),
            background_color_dark: None,
            background_color_light: None,
            primary_color_dark: colour.clone(),
            primary_color_light: colour,
        },
    };
    Ok(cx.bare(shown))
}
