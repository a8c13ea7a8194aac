//! Development browsers (wire protocol §4.9).

use frontdesk_api::frontend::dev_browser::{CreateDevBrowser, DevBrowser};

use crate::errors;
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::routes::Routes;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(create_dev_browser)
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
    cx.name_dev_browser(&token)?;
    let shown = DevBrowser { object: "dev_browser".to_owned(), id: token.clone(), token };
    cx.commit_bare(shown).await
}
