//! Development browsers (wire protocol §4.9).

use frontdesk_api::frontend::dev_browser::{CreateDevBrowser, DevBrowser, InitDevBrowser, KeepDevBrowser};

use super::{cookies, origins};
use crate::errors;
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::routes::Routes;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(create_dev_browser).on(init_dev_browser).on(keep_dev_browser)
}

/// A new development browser stands for no client yet; the first sign-in or sign-up with it gives it one.
async fn create_dev_browser(
    mut cx: FrontendCx,
    _: Req<CreateDevBrowser>,
) -> FrontendAnswer<CreateDevBrowser> {
    if !cx.instance.is_development() {
        return Err(errors::dev_browser_in_production());
    }
    let token = cx.make_dev_browser(None).await?;
    name(cx, token).await
}

async fn init_dev_browser(mut cx: FrontendCx, req: Req<InitDevBrowser>) -> FrontendAnswer<InitDevBrowser> {
    if !cx.instance.is_development() {
        return Err(errors::dev_browser_in_production());
    }
    if let Some(origin) = req.query.origin.filter(|origin| !origin.is_empty())
        && !origins::allows_origin(&cx.instance, &origin)
    {
        return Err(errors::origin_invalid(&origin));
    }
    let token = match cx.dev_browser_token() {
        Some(token) => token.to_owned(),
        None => cx.make_dev_browser(None).await?,
    };
    name(cx, token).await
}

/// The cookie names what the request has named already, so it tells the browser nothing new.
async fn keep_dev_browser(mut cx: FrontendCx, _: Req<KeepDevBrowser>) -> FrontendAnswer<KeepDevBrowser> {
    if !cx.instance.is_development() {
        return Err(errors::dev_browser_in_production());
    }
    let token = cx.dev_browser_token().ok_or_else(errors::dev_browser_unauthenticated)?.to_owned();
    let suffixed = format!("{}_{}", cookies::DEV_BROWSER, cx.instance.cookie_suffix);
    for name in [cookies::DEV_BROWSER.to_owned(), suffixed] {
        let cookie = cx.cookie_scope().dev_browser(name, token.clone());
        cx.set_cookie(&cookie)?;
    }
    name(cx, token).await
}

/// Names the development browser to the page that asked.
async fn name(mut cx: FrontendCx, token: String) -> FrontendAnswer<CreateDevBrowser> {
    cx.name_dev_browser(&token)?;
    let shown = DevBrowser { object: "dev_browser".to_owned(), id: token.clone(), token };
    cx.commit_bare(shown).await
}
