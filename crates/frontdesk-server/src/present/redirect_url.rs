//! A redirect URL on the wire.

use frontdesk_api::backend::redirect_urls as wire;
use frontdesk_core::redirect_url::RedirectUrl;

/// A listed URL as the Backend API shows it.
pub(crate) fn for_backend(listed: &RedirectUrl) -> wire::RedirectUrl {
    wire::RedirectUrl {
        object: "redirect_url".to_owned(),
        id: listed.id.clone(),
        url: listed.url.clone(),
        created_at: listed.created_at,
        updated_at: listed.updated_at,
    }
}
