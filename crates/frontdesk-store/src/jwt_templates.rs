//! JWT templates.

use frontdesk_core::template::JwtTemplate;
use frontdesk_types::{InstanceId, JwtTemplateId};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::store::Page;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

macro_rules! columns {
    () => {
        "id, name, claims, lifetime, allowed_clock_skew, signing_algorithm, sealed_signing_key, created_at,
         updated_at, version"
    };
}

statements! {
    JWT_TEMPLATE_BY_ID = concat!("SELECT ", columns!(), " FROM jwt_templates WHERE instance_id = ?1 AND id = ?2");
    JWT_TEMPLATE_BY_NAME = concat!("SELECT ", columns!(), " FROM jwt_templates
                                     WHERE instance_id = ?1 AND name = ?2");
    JWT_TEMPLATES = concat!("SELECT ", columns!(), " FROM jwt_templates WHERE instance_id = ?1
                             ORDER BY created_at DESC, id DESC LIMIT ?2 OFFSET ?3");
    COUNT_JWT_TEMPLATES = "SELECT COUNT(*) AS total FROM jwt_templates WHERE instance_id = ?1";
    INSERT_JWT_TEMPLATE = concat!("INSERT INTO jwt_templates (instance_id, ", columns!(), ")
                                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    SAVE_JWT_TEMPLATE = "UPDATE jwt_templates SET name = ?4, claims = ?5, lifetime = ?6, allowed_clock_skew = ?7,
                                signing_algorithm = ?8, sealed_signing_key = ?9, updated_at = ?10,
                                version = version + 1
                          WHERE instance_id = ?1 AND id = ?2 AND version = ?3";
    DELETE_JWT_TEMPLATE = "DELETE FROM jwt_templates WHERE instance_id = ?1 AND id = ?2";
}

impl FromRow for JwtTemplate {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            claims: row.json("claims")?,
            lifetime: row.get("lifetime")?,
            allowed_clock_skew: row.get("allowed_clock_skew")?,
            signing_algorithm: row.get("signing_algorithm")?,
            sealed_signing_key: row.get("sealed_signing_key")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

impl Store {
    /// The template with this id.
    pub async fn jwt_template(
        &self,
        instance: &InstanceId,
        id: &JwtTemplateId,
    ) -> Result<Option<JwtTemplate>> {
        self.fetch_optional(&JWT_TEMPLATE_BY_ID, params![instance, id]).await
    }

    /// The template with this name.
    pub async fn jwt_template_by_name(
        &self,
        instance: &InstanceId,
        name: &str,
    ) -> Result<Option<JwtTemplate>> {
        self.fetch_optional(&JWT_TEMPLATE_BY_NAME, params![instance, name]).await
    }

    /// The templates of an instance, newest first.
    pub async fn jwt_templates(&self, instance: &InstanceId, page: Page) -> Result<Vec<JwtTemplate>> {
        self.fetch_all(&JWT_TEMPLATES, params![instance, page.limit, page.offset]).await
    }

    /// How many templates an instance has.
    pub async fn count_jwt_templates(&self, instance: &InstanceId) -> Result<u64> {
        self.fetch_total(&COUNT_JWT_TEMPLATES, params![instance]).await
    }
}

impl Work {
    /// Adds a template. Breaks [`Constraint::JwtTemplateName`](crate::Constraint::JwtTemplateName).
    pub fn insert_jwt_template(&mut self, template: &JwtTemplate) {
        let claims = self.json(&template.claims);
        self.one_here(
            &INSERT_JWT_TEMPLATE,
            params![
                &template.id,
                &template.name,
                &claims,
                template.lifetime,
                template.allowed_clock_skew,
                &template.signing_algorithm,
                template.sealed_signing_key.as_ref(),
                template.created_at,
                template.updated_at,
                template.version,
            ],
        );
    }

    /// Saves everything about a template that can change. Stale if its `version` has moved; breaks
    /// [`Constraint::JwtTemplateName`](crate::Constraint::JwtTemplateName).
    pub fn save_jwt_template(&mut self, template: &JwtTemplate) {
        let claims = self.json(&template.claims);
        self.one_here(
            &SAVE_JWT_TEMPLATE,
            params![
                &template.id,
                template.version,
                &template.name,
                &claims,
                template.lifetime,
                template.allowed_clock_skew,
                &template.signing_algorithm,
                template.sealed_signing_key.as_ref(),
                template.updated_at,
            ],
        );
    }

    /// Deletes a template. Stale if it is gone.
    pub fn delete_jwt_template(&mut self, id: &JwtTemplateId) {
        self.one_here(&DELETE_JWT_TEMPLATE, params![id]);
    }
}
