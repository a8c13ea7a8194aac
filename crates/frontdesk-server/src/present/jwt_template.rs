//! A JWT template on the wire.

use frontdesk_api::backend::jwt_templates as wire;
use frontdesk_core::template::JwtTemplate;

/// A template as the Backend API shows it. Its signing key is never shown.
pub(crate) fn for_backend(template: &JwtTemplate) -> wire::JwtTemplate {
    wire::JwtTemplate {
        object: "jwt_template".to_owned(),
        id: template.id.clone(),
        name: template.name.clone(),
        claims: template.claims.clone(),
        lifetime: template.lifetime.as_secs(),
        allowed_clock_skew: template.allowed_clock_skew.as_secs(),
        custom_signing_key: template.sealed_signing_key.is_some(),
        signing_algorithm: template.signing_algorithm.clone(),
        created_at: template.created_at,
        updated_at: template.updated_at,
    }
}
