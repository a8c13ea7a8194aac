//! The words of a mail on the wire.

use frontdesk_api::backend::templates::Template;
use frontdesk_core::mail::MessageTemplate;
use frontdesk_notify::templates::{self, BuiltIn};

use crate::mail::templates::brand;
use crate::{LoadedInstance, Server};

/// A mail's words: the built-in ones, with what the instance has changed.
pub(crate) fn for_backend(
    server: &Server,
    instance: &LoadedInstance,
    built_in: &BuiltIn,
    changed: Option<&MessageTemplate>,
) -> Template {
    let content = changed.map(|changed| changed.content.clone()).unwrap_or_default();
    let position = templates::all().iter().position(|other| other.slug == built_in.slug).unwrap_or_default();
    Template {
        id: format!("tmpl_{}", built_in.slug.as_str()),
        object: "template".to_owned(),
        instance_id: changed.map(|_| instance.id.clone()),
        resource_type: if changed.is_some() { "user" } else { "system" }.to_owned(),
        template_type: "email".to_owned(),
        name: content.name.unwrap_or_else(|| built_in.name.to_owned()),
        slug: built_in.slug.as_str().to_owned(),
        position: i64::try_from(position).unwrap_or_default(),
        can_revert: changed.is_some(),
        can_delete: false,
        can_edit_body: true,
        can_toggle: true,
        subject: Some(content.subject.unwrap_or_else(|| built_in.words.subject.clone())),
        markup: content.markup.unwrap_or_default(),
        body: content.body.unwrap_or_else(|| built_in.words.body.clone()),
        available_variables: built_in.available_variables(),
        required_variables: built_in.required.iter().map(|name| (*name).to_owned()).collect(),
        from_email_name: content
            .from_email_name
            .unwrap_or_else(|| server.delivery().sender_name().to_owned()),
        reply_to_email_name: content.reply_to_email_name.unwrap_or_default(),
        delivered_by_clerk: !content.handed_over,
        enabled: true,
        flagged_as_suspicious: false,
        updated_at: changed.map_or(instance.created_at, |changed| changed.updated_at),
        created_at: changed.map_or(instance.created_at, |changed| changed.created_at),
    }
}

/// The domain that mails come from: the mail server's settings say; else the application's.
pub(crate) fn sender_domain(server: &Server, instance: &LoadedInstance) -> String {
    if let Some(domain) = server.delivery().sender_domain() {
        return domain.to_owned();
    }
    let host = instance.key_host.split(':').next().unwrap_or_default();
    let own = host.strip_prefix("clerk.").unwrap_or(host).to_owned();
    Some(brand(instance).domain).filter(|domain| !domain.is_empty()).unwrap_or(own)
}
