//! JWT templates: the claims that an application wants in tokens for somebody else (wire protocol §9).

use frontdesk_types::{JwtTemplateId, Span, Timestamp};
use serde_json::{Map, Value};

/// A JWT template.
#[derive(Clone, Debug, PartialEq)]
pub struct JwtTemplate {
    /// Its id.
    pub id: JwtTemplateId,
    /// The name it is asked for by; unique in the instance.
    pub name: String,
    /// The claims, with shortcodes in their strings.
    pub claims: Map<String, Value>,
    /// How long its tokens live: 30 seconds to ten years, in whole seconds.
    pub lifetime: Span,
    /// How far `nbf` lies before `iat`: 0 to 300 seconds.
    pub allowed_clock_skew: Span,
    /// The algorithm its tokens are signed with.
    pub signing_algorithm: String,
    /// A signing key of its own, encrypted under the master key; `None` signs with the instance's key.
    pub sealed_signing_key: Option<Vec<u8>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; guards against lost updates.
    pub version: i64,
}
