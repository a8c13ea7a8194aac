//! The words of mails, as an instance has them (contract tag `Email & SMS Templates`).

use frontdesk_types::{Change, InstanceId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::request::request;
use crate::{PageQuery, Paginated, operations};

operations! { Backend;
    /// The templates of one kind of message, in a fixed order.
    GetTemplateList = GET "/v1/templates/{template_type}" { path: TemplateTypePath, query: PageQuery } -> Paginated<Template>;
    /// One template, by its slug.
    GetTemplate = GET "/v1/templates/{template_type}/{slug}" { path: TemplatePath } -> Template;
    /// Change what is given; keep the rest.
    UpsertTemplate = PUT "/v1/templates/{template_type}/{slug}" { path: TemplatePath, body: TemplateChanges } -> Template;
    /// Go back to the built-in words.
    RevertTemplate = POST "/v1/templates/{template_type}/{slug}/revert" { path: TemplatePath } -> Template;
    /// What a mail would look like, with sample values. Nothing is kept.
    PreviewTemplate = POST "/v1/templates/{template_type}/{slug}/preview" { path: TemplatePath, body: TemplateDraft } -> TemplatePreview;
    /// Say who sends the mail: the server, or the application.
    ToggleTemplateDelivery = POST "/v1/templates/{template_type}/{slug}/toggle_delivery" { path: TemplatePath, body: TemplateDelivery } -> Template;
}

/// Which kind of message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TemplateTypePath {
    /// `email` or `sms`.
    pub template_type: String,
}

/// Which template.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TemplatePath {
    /// `email` or `sms`.
    pub template_type: String,
    /// Its slug, `verification_code` for example.
    pub slug: String,
}

/// A template (contract schema `Template`). Its texts are templates in a small part of Jinja: values, their filters,
/// `if` and `for`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
#[expect(clippy::struct_excessive_bools, reason = "the contract has them")]
pub struct Template {
    /// Its id; the same in every instance.
    pub id: String,
    /// Always `template`.
    pub object: String,
    /// The instance that has changed it; `None` where it is the built-in one.
    pub instance_id: Option<InstanceId>,
    /// `system` where it is the built-in one, `user` where the instance has changed it.
    pub resource_type: String,
    /// `email`.
    pub template_type: String,
    /// What people call it.
    pub name: String,
    /// Its slug.
    pub slug: String,
    /// Its place in the list.
    pub position: i64,
    /// Whether there is something to go back from.
    pub can_revert: bool,
    /// Always `false`: what the server sends is there for good.
    pub can_delete: bool,
    /// Always `true`.
    pub can_edit_body: bool,
    /// Whether it can be said who sends it.
    pub can_toggle: bool,
    /// The template of the subject.
    pub subject: Option<String>,
    /// The source an editor made the body from; kept for it, and not sent.
    pub markup: String,
    /// The template of the page.
    pub body: String,
    /// The values it can name.
    pub available_variables: Vec<String>,
    /// The values that the body must show.
    pub required_variables: Vec<String>,
    /// What stands before the `@` of the sender.
    pub from_email_name: String,
    /// What stands before the `@` of the address for answers; empty if nothing was set.
    pub reply_to_email_name: String,
    /// Whether the server sends it. Otherwise the application does, from the event `email.created`.
    pub delivered_by_clerk: bool,
    /// Whether it is sent at all.
    pub enabled: bool,
    /// Always `false`.
    pub flagged_as_suspicious: bool,
    /// When it was last changed, in ms.
    pub updated_at: Timestamp,
    /// When it was first changed, or the instance was made, in ms.
    pub created_at: Timestamp,
}

request! {
    /// What shall change about a template; absent fields stay as they are, `null` puts the built-in value back.
    pub struct TemplateChanges {
        /// What people call it.
        pub name: Change<String>,
        /// The template of the subject.
        pub subject: Change<String>,
        /// The source an editor made the body from.
        pub markup: Change<String>,
        /// The template of the page.
        pub body: Change<String>,
        /// Whether the server sends it.
        pub delivered_by_clerk: Change<bool>,
        /// What stands before the `@` of the sender.
        pub from_email_name: Change<String>,
        /// What stands before the `@` of the address for answers.
        pub reply_to_email_name: Change<String>,
    }
}

request! {
    /// What to look at; absent fields are as the template has them.
    pub struct TemplateDraft {
        /// The template of the subject.
        pub subject: Change<String>,
        /// The template of the page.
        pub body: Change<String>,
        /// What stands before the `@` of the sender.
        pub from_email_name: Change<String>,
        /// What stands before the `@` of the address for answers.
        pub reply_to_email_name: Change<String>,
    }
}

/// What a mail would look like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct TemplatePreview {
    /// The subject.
    pub subject: String,
    /// The page.
    pub body: String,
    /// The text, for whoever reads mails without HTML.
    pub body_plain: String,
    /// Who it would come from.
    pub from_email_address: String,
    /// Where answers would go to, if that is set.
    pub reply_to_email_address: Option<String>,
}

request! {
    /// Who sends a mail.
    pub struct TemplateDelivery {
        /// Whether the server does. Wanted.
        pub delivered_by_clerk: Option<bool>,
    }
}
