//! What a browser sent with a form.

use std::time::Duration;

use axum::body::Body;
use frontdesk_types::Secret;
use http::{HeaderMap, header};

use super::visit::Trouble;
use crate::errors;

/// The largest form taken, in bytes: all fields together are far shorter.
const LIMIT: usize = 64 * 1024;
/// How long a form may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The fields of a form, as they were sent. `Debug` says nothing: there are passwords in it.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form to its end.
    pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Trouble> {
        let kind =
            headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
            return Err(Trouble::Forged);
        }
        let failed = |detail| Trouble::Failed(errors::malformed_body(detail));
        let bytes = tokio::time::timeout(TIMEOUT, axum::body::to_bytes(body, LIMIT)).await;
        let bytes = bytes.map_err(|_| failed("The form took too long to arrive."))?;
        let bytes = bytes.map_err(|_| Trouble::Failed(errors::body_too_large(LIMIT)))?;
        let pairs: Vec<_> = url::form_urlencoded::parse(&bytes).into_owned().collect();
        if pairs.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(Trouble::Failed(errors::text_with_nul()));
        }
        Ok(Self(pairs))
    }

    /// A field as it was sent; empty if it was not.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A field without the spaces around it, if anything is left.
    pub(super) fn trimmed(&self, name: &str) -> Option<String> {
        Some(self.text(name).trim()).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A field that must not be seen, if it was filled in.
    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(Secret::new)
    }

    /// Whether the form had such a field at all.
    pub(super) fn was_sent(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// Whether a box was ticked, or a button pressed.
    pub(super) fn has(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Form(…)")
    }
}
