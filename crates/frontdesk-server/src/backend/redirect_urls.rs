//! Redirect URLs: listed, read and taken off the list (decision 16).

use frontdesk_api::Deleted;
use frontdesk_api::backend::redirect_urls::{
    self as wire, CreateRedirectUrl, DeleteRedirectUrl, GetRedirectUrl, ListRedirectUrls,
};
use frontdesk_core::redirect_url::RedirectUrl;
use frontdesk_store::Page;
use frontdesk_types::RedirectUrlId;
use url::Url;

use super::page::{page, paginated};
use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::present;
use crate::routes::Routes;

/// How many URLs one instance may list. All of them are held in memory and looked through at every redirect.
const MOST_REDIRECT_URLS: u64 = 500;
/// The longest URL, in bytes.
const LONGEST_URL: usize = 2048;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(list_redirect_urls).on(create_redirect_url).on(get_redirect_url).on(delete_redirect_url)
}

async fn list_redirect_urls(cx: BackendCx, req: Req<ListRedirectUrls>) -> Answer<ListRedirectUrls> {
    let page = page(req.query.limit, req.query.offset)?;
    let listed = cx.store.redirect_urls(&cx.instance.id, page).await?;
    let total = match req.query.paginated {
        Some(true) => Some(cx.store.count_redirect_urls(&cx.instance.id).await?),
        _ => None,
    };
    Ok(Shown::new(paginated(listed.iter().map(present::redirect_url::for_backend).collect(), total)))
}

async fn create_redirect_url(mut cx: BackendCx, req: Req<CreateRedirectUrl>) -> Answer<CreateRedirectUrl> {
    let url = canonical(req.body.url.as_deref().ok_or_else(|| errors::param_missing("url"))?)?;
    let known = cx.store.redirect_urls(&cx.instance.id, Page::ALL).await?;
    if known.iter().any(|listed| listed.url == url) {
        return Err(errors::already_listed("url"));
    }
    if known.len() as u64 >= MOST_REDIRECT_URLS {
        return Err(errors::list_full("url", MOST_REDIRECT_URLS));
    }
    let id = RedirectUrlId::mint(cx.now, &mut cx.rng);
    let listed = RedirectUrl { id, url, created_at: cx.now, updated_at: cx.now };
    cx.work.insert_redirect_url(&listed);
    cx.work.touch_instance(cx.now);
    cx.commit(present::redirect_url::for_backend(&listed)).await
}

async fn get_redirect_url(cx: BackendCx, req: Req<GetRedirectUrl>) -> Answer<GetRedirectUrl> {
    let listed = cx.redirect_url(&req.path.id).await?;
    Ok(Shown::new(present::redirect_url::for_backend(&listed)))
}

async fn delete_redirect_url(mut cx: BackendCx, req: Req<DeleteRedirectUrl>) -> Answer<DeleteRedirectUrl> {
    let listed: wire::RedirectUrl = present::redirect_url::for_backend(&cx.redirect_url(&req.path.id).await?);
    cx.work.delete_redirect_url(&listed.id);
    cx.work.touch_instance(cx.now);
    cx.commit(Deleted::new("redirect_url", &listed.id)).await
}

/// The URL in its canonical spelling. Of a page (`https`, or `http` on a developer's machine), or of a mobile
/// application (`com.example.shop://callback`); never one that runs or reads something by itself.
fn canonical(text: &str) -> Result<String, ApiError> {
    let invalid = || {
        let expected = "the URL of a page, or of an application like com.example.shop://callback";
        errors::param_format_invalid("url", expected)
    };
    if text.len() > LONGEST_URL {
        return Err(errors::param_too_long("url", LONGEST_URL));
    }
    let url = Url::parse(text).map_err(|_| invalid())?;
    let names_a_place = match url.scheme() {
        "http" | "https" => url.username().is_empty() && url.password().is_none(),
        "javascript" | "data" | "file" | "blob" | "about" | "vbscript" | "ftp" | "ws" | "wss" => false,
        // Without `//` an address like `mailto:` or `intent:` could do anything.
        scheme => text.get(scheme.len()..).is_some_and(|rest| rest.starts_with("://")),
    };
    if names_a_place { Ok(url.into()) } else { Err(invalid()) }
}

impl BackendCx {
    async fn redirect_url(&self, id: &RedirectUrlId) -> Result<RedirectUrl, ApiError> {
        let listed = self.store.redirect_url(&self.instance.id, id).await?;
        listed.ok_or_else(|| errors::resource_not_found("redirect URL", id.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_one_spelling_and_name_a_place() {
        for (text, canonical_text) in [
            ("HTTPS://Shop.Example", "https://shop.example/"),
            ("http://localhost:3000/done?x=1", "http://localhost:3000/done?x=1"),
            ("com.example.shop://callback", "com.example.shop://callback"),
            ("exp://127.0.0.1:19000/--/done", "exp://127.0.0.1:19000/--/done"),
        ] {
            assert_eq!(canonical(text).unwrap(), canonical_text, "{text}");
        }
        for text in [
            "",
            "shop.example",
            "/done",
            "javascript:alert(1)",
            "javascript://shop.example/%0aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://user@shop.example",
            "mailto:a@example.com",
        ] {
            assert_eq!(canonical(text).unwrap_err().refused().status, 422, "{text}");
        }
        assert!(canonical(&format!("https://shop.example/{}", "a".repeat(LONGEST_URL))).is_err());
    }
}
