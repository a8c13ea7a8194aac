//! The words that instances have for their mails, in place of the built-in ones.

use frontdesk_core::mail::MessageTemplate;
use frontdesk_types::InstanceId;

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

/// The kind of message that mails are.
const EMAIL: &str = "email";

statements! {
    MESSAGE_TEMPLATE = "SELECT slug, content, created_at, updated_at, version FROM message_templates
                         WHERE instance_id = ?1 AND kind = ?2 AND slug = ?3";
    MESSAGE_TEMPLATES = "SELECT slug, content, created_at, updated_at, version FROM message_templates
                          WHERE instance_id = ?1 AND kind = ?2 ORDER BY slug";
    INSERT_MESSAGE_TEMPLATE = "INSERT INTO message_templates
        (instance_id, kind, slug, content, created_at, updated_at, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    SAVE_MESSAGE_TEMPLATE = "UPDATE message_templates SET content = ?5, updated_at = ?6, version = version + 1
                              WHERE instance_id = ?1 AND kind = ?2 AND slug = ?3 AND version = ?4";
    DELETE_MESSAGE_TEMPLATE = "DELETE FROM message_templates
                                WHERE instance_id = ?1 AND kind = ?2 AND slug = ?3 AND version = ?4";
}

impl FromRow for MessageTemplate {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            slug: row.get("slug")?,
            content: row.json("content")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

impl Store {
    /// What an instance has changed about the mail with this slug.
    pub async fn mail_template(&self, instance: &InstanceId, slug: &str) -> Result<Option<MessageTemplate>> {
        self.fetch_optional(&MESSAGE_TEMPLATE, params![instance, EMAIL, slug]).await
    }

    /// All mails an instance has changed, by slug. There are no more than there are mails.
    pub async fn mail_templates(&self, instance: &InstanceId) -> Result<Vec<MessageTemplate>> {
        self.fetch_all(&MESSAGE_TEMPLATES, params![instance, EMAIL]).await
    }
}

impl Work {
    /// Keeps the words of a mail for the first time.
    pub fn insert_mail_template(&mut self, template: &MessageTemplate) {
        let content = self.json(&template.content);
        self.one_here(
            &INSERT_MESSAGE_TEMPLATE,
            params![
                EMAIL,
                &template.slug,
                &content,
                template.created_at,
                template.updated_at,
                template.version
            ],
        );
    }

    /// Saves the words of a mail. Stale if their `version` has moved.
    pub fn save_mail_template(&mut self, template: &MessageTemplate) {
        let content = self.json(&template.content);
        self.one_here(
            &SAVE_MESSAGE_TEMPLATE,
            params![EMAIL, &template.slug, template.version, &content, template.updated_at],
        );
    }

    /// Goes back to the built-in words. Stale if their `version` has moved.
    pub fn delete_mail_template(&mut self, template: &MessageTemplate) {
        self.one_here(&DELETE_MESSAGE_TEMPLATE, params![EMAIL, &template.slug, template.version]);
    }
}
