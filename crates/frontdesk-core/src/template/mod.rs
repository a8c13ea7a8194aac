//! JWT templates: the claims that an application wants in tokens for somebody else (wire protocol §9).
//!
//! A template is a JSON object. Strings in it may hold *shortcodes*, `{{user.first_name}}`, which stand for what is
//! known about the person when a token is made. [`Template::parse`] reads the object once and keeps its strings in
//! pieces; [`Template::evaluate`] puts the facts in. [`check_template`] says whether a template may be saved, and
//! [`Template::worst_case_size`] how large its claims can get.
//!
//! The same language customises session tokens (§9.4).

mod evaluate;
mod parse;
mod rules;
mod shortcode;
mod size;

use frontdesk_types::{JwtTemplateId, Span, Timestamp};
use serde_json::{Map, Value};

pub use evaluate::{Facts, Picture};
pub use parse::{Template, TemplateError, TemplateProblem};
pub use rules::{
    ALLOWED_CLOCK_SKEW, ApprovedTemplate, DEFAULT_CLOCK_SKEW, DEFAULT_LIFETIME, DEFAULT_SIGNING_ALGORITHM,
    InvalidKey, InvalidName, LIFETIME, MAX_NAME_LENGTH, RESERVED_CLAIMS, SigningDraft, TemplateDraft,
    TemplateRefusal, check_session_token_claims, check_template, check_token_lifetime,
};
pub use shortcode::ShortcodeError;
pub use size::{SESSION_CLAIMS_BYTES, SizeWarning, TEMPLATE_CLAIMS_BYTES};

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
