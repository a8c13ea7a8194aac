//! JWT templates: the claims that an application wants in tokens for somebody else (wire protocol §9).

use frontdesk_types::{Change, JwtTemplateId, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::request::{JsonMap, request};
use crate::{Deleted, PageQuery, Paginated, operations};

operations! { Backend;
    /// The templates, newest first.
    ListJwtTemplates as "ListJWTTemplates" = GET "/v1/jwt_templates" { ; query: PageQuery } -> Paginated<JwtTemplate>;
    /// Make a template.
    CreateJwtTemplate as "CreateJWTTemplate" = POST "/v1/jwt_templates" { ; body: NewJwtTemplate } -> JwtTemplate;
    /// One template, by id.
    GetJwtTemplate as "GetJWTTemplate" = GET "/v1/jwt_templates/{template_id}" { path: JwtTemplatePath } -> JwtTemplate;
    /// Change what is given; keep the rest.
    UpdateJwtTemplate as "UpdateJWTTemplate" = PATCH "/v1/jwt_templates/{template_id}" { path: JwtTemplatePath, body: JwtTemplateChanges } -> JwtTemplate;
    /// Delete a template.
    DeleteJwtTemplate as "DeleteJWTTemplate" = DELETE "/v1/jwt_templates/{template_id}" { path: JwtTemplatePath } -> Deleted;
}

/// Which template.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JwtTemplatePath {
    /// Its id.
    pub template_id: JwtTemplateId,
}

/// A template (contract schema `JWTTemplate`). Its signing key is never shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct JwtTemplate {
    /// Always `jwt_template`.
    pub object: String,
    /// Its id.
    pub id: JwtTemplateId,
    /// The name it is asked for by; unique in the instance.
    pub name: String,
    /// The claims, with shortcodes in their strings.
    pub claims: Map<String, Value>,
    /// How long its tokens live, in seconds.
    pub lifetime: i64,
    /// How far `nbf` lies before `iat`, in seconds.
    pub allowed_clock_skew: i64,
    /// Whether its tokens are signed with a key of its own.
    pub custom_signing_key: bool,
    /// The algorithm its tokens are signed with.
    pub signing_algorithm: String,
    /// When it was made, in ms.
    pub created_at: Timestamp,
    /// When it was last changed, in ms.
    pub updated_at: Timestamp,
}

request! {
    /// A template to be made (contract `CreateJWTTemplate`).
    pub struct NewJwtTemplate {
        /// The name it is asked for by. Wanted.
        pub name: Option<String>,
        /// The claims, with shortcodes in their strings. Wanted.
        pub claims: Option<JsonMap>,
        /// How long its tokens live, in seconds: 30 to 315 360 000, 60 if left out.
        pub lifetime: Option<i64>,
        /// How far `nbf` lies before `iat`, in seconds: 0 to 300, 5 if left out.
        pub allowed_clock_skew: Option<i64>,
        /// Whether its tokens are signed with a key of its own.
        pub custom_signing_key: Option<bool>,
        /// The algorithm its tokens are signed with; wanted for a key of its own.
        pub signing_algorithm: Option<String>,
        /// The key of its own: the shared secret of an HMAC, or a private key in PEM.
        pub signing_key: Option<Secret>,
    }
}

impl NewJwtTemplate {
    /// A template with this name and these claims, and nothing else said.
    pub fn new(name: impl Into<String>, claims: Map<String, Value>) -> Self {
        Self { name: Some(name.into()), claims: Some(claims), ..Self::default() }
    }
}

request! {
    /// What shall change about a template; absent fields stay as they are, `null` puts the default back (contract
    /// `UpdateJWTTemplate`).
    pub struct JwtTemplateChanges {
        /// The name it is asked for by.
        pub name: Change<String>,
        /// The claims, as a whole.
        pub claims: Change<JsonMap>,
        /// How long its tokens live, in seconds.
        pub lifetime: Change<i64>,
        /// How far `nbf` lies before `iat`, in seconds.
        pub allowed_clock_skew: Change<i64>,
        /// Whether its tokens are signed with a key of its own; `false` forgets the key.
        pub custom_signing_key: Change<bool>,
        /// The algorithm its tokens are signed with.
        pub signing_algorithm: Change<String>,
        /// The key of its own.
        pub signing_key: Change<Secret>,
    }
}
