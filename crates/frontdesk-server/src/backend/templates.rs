//! The words of mails: read, changed, looked at, taken back.

use frontdesk_api::backend::templates::{
    self as wire, GetTemplate, GetTemplateList, PreviewTemplate, RevertTemplate, TemplateChanges,
    TemplatePath, TemplatePreview, ToggleTemplateDelivery, UpsertTemplate,
};
use frontdesk_core::mail::{MessageTemplate, TemplateContent};
use frontdesk_notify::MailTemplate;
use frontdesk_notify::templates::{self, BuiltIn};
use frontdesk_types::Change;
use serde_json::json;

use super::page::{page, paginated};
use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::mail::templates::{brand, words};
use crate::present;
use crate::routes::Routes;

/// The most characters of a name.
const LONGEST_NAME: usize = 255;
/// The most characters of the template of a subject.
const LONGEST_SUBJECT: usize = 1_000;
/// The most characters of the template of a page, and of the source that an editor made it from.
const LONGEST_BODY: usize = 100_000;
/// The most characters before the `@` of an address (RFC 5321).
const LONGEST_LOCAL_PART: usize = 64;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new()
        .on(list_templates)
        .on(get_template)
        .on(upsert_template)
        .on(revert_template)
        .on(preview_template)
        .on(toggle_delivery)
}

async fn list_templates(cx: BackendCx, req: Req<GetTemplateList>) -> Answer<GetTemplateList> {
    let part = page(req.query.limit, req.query.offset)?;
    let all = match req.path.template_type.as_str() {
        EMAIL => templates::all(),
        // The contract has the kind; no message of it is sent.
        "sms" => &[],
        _ => return Err(errors::param_value_invalid("template_type", "email or sms")),
    };
    let changed = cx.store.mail_templates(&cx.instance.id).await?;
    let rows = all.iter().skip(part.offset as usize).take(part.limit as usize).map(|built_in| {
        let changed = changed.iter().find(|changed| changed.slug == built_in.slug.as_str());
        present::template::for_backend(&cx.server, &cx.instance, built_in, changed)
    });
    let total = (req.query.paginated == Some(true)).then_some(all.len() as u64);
    Ok(Shown::new(paginated(rows.collect(), total)))
}

async fn get_template(cx: BackendCx, req: Req<GetTemplate>) -> Answer<GetTemplate> {
    let (built_in, changed) = cx.mail_template(&req.path).await?;
    Ok(Shown::new(present::template::for_backend(&cx.server, &cx.instance, built_in, changed.as_ref())))
}

async fn upsert_template(cx: BackendCx, req: Req<UpsertTemplate>) -> Answer<UpsertTemplate> {
    let (built_in, changed) = cx.mail_template(&req.path).await?;
    let mut content = changed.as_ref().map(|changed| changed.content.clone()).unwrap_or_default();
    change(&mut content, req.body)?;
    check(&cx, built_in, &content)?;
    cx.keep_words(built_in, changed, content).await
}

async fn revert_template(mut cx: BackendCx, req: Req<RevertTemplate>) -> Answer<RevertTemplate> {
    let (built_in, changed) = cx.mail_template(&req.path).await?;
    if let Some(changed) = &changed {
        cx.work.delete_mail_template(changed);
    }
    let shown = present::template::for_backend(&cx.server, &cx.instance, built_in, None);
    cx.commit(shown).await
}

async fn preview_template(cx: BackendCx, req: Req<PreviewTemplate>) -> Answer<PreviewTemplate> {
    let (built_in, changed) = cx.mail_template(&req.path).await?;
    let mut content = changed.map(|changed| changed.content).unwrap_or_default();
    let draft = req.body;
    change(
        &mut content,
        TemplateChanges {
            subject: draft.subject,
            body: draft.body,
            from_email_name: draft.from_email_name,
            reply_to_email_name: draft.reply_to_email_name,
            ..TemplateChanges::default()
        },
    )?;
    let sample = built_in.sample(&brand(&cx.instance));
    let rendered = words(built_in, &content).render_strictly(&sample).map_err(|error| refused(&error))?;
    let domain = present::template::sender_domain(&cx.server, &cx.instance);
    let from = content.from_email_name.as_deref().unwrap_or_else(|| cx.server.delivery().sender_name());
    Ok(Shown::new(TemplatePreview {
        subject: rendered.subject,
        body: rendered.html,
        body_plain: rendered.text,
        from_email_address: format!("{from}@{domain}"),
        reply_to_email_address: content.reply_to_email_name.map(|name| format!("{name}@{domain}")),
    }))
}

async fn toggle_delivery(cx: BackendCx, req: Req<ToggleTemplateDelivery>) -> Answer<ToggleTemplateDelivery> {
    let (built_in, changed) = cx.mail_template(&req.path).await?;
    let by_us = req.body.delivered_by_clerk.ok_or_else(|| errors::param_missing("delivered_by_clerk"))?;
    let mut content = changed.as_ref().map(|changed| changed.content.clone()).unwrap_or_default();
    content.handed_over = !by_us;
    cx.keep_words(built_in, changed, content).await
}

const EMAIL: &str = "email";

/// Takes over what is given.
fn change(content: &mut TemplateContent, changes: TemplateChanges) -> Result<(), ApiError> {
    let TemplateChanges {
        name,
        subject,
        markup,
        body,
        delivered_by_clerk,
        from_email_name,
        reply_to_email_name,
    } = changes;
    let text = |name: &str, limit, change: Change<String>, field: &mut Option<String>| {
        match change {
            Change::Keep => {}
            Change::Clear => *field = None,
            Change::Set(text) if text.chars().count() > limit => {
                return Err(errors::param_too_long(name, limit));
            }
            // An editor that has nothing to say sends an empty text.
            Change::Set(text) => *field = Some(text).filter(|text| !text.trim().is_empty()),
        }
        Ok(())
    };
    text("name", LONGEST_NAME, name, &mut content.name)?;
    text("subject", LONGEST_SUBJECT, subject, &mut content.subject)?;
    text("markup", LONGEST_BODY, markup, &mut content.markup)?;
    text("body", LONGEST_BODY, body, &mut content.body)?;
    for (name, change, field) in [
        ("from_email_name", from_email_name, &mut content.from_email_name),
        ("reply_to_email_name", reply_to_email_name, &mut content.reply_to_email_name),
    ] {
        text(name, LONGEST_LOCAL_PART, change, field)?;
        let is_local_part =
            |text: &str| format!("{text}@example.com").parse::<frontdesk_types::EmailAddress>().is_ok();
        if field.as_deref().is_some_and(|text| !is_local_part(text)) {
            return Err(errors::param_format_invalid(name, "what can stand before the @ of an address"));
        }
    }
    match delivered_by_clerk {
        Change::Keep => {}
        Change::Clear => content.handed_over = false,
        Change::Set(by_us) => content.handed_over = !by_us,
    }
    Ok(())
}

/// Refuses templates that could not be sent: each is rendered once with samples, and must show what it is there for.
fn check(cx: &BackendCx, built_in: &BuiltIn, content: &TemplateContent) -> Result<(), ApiError> {
    /// A text that no template has by itself.
    const MARK: &str = "0e7c41d5frontdesk";
    let words = words(built_in, content);
    let mut sample = built_in.sample(&brand(&cx.instance));
    words.render_strictly(&sample).map_err(|error| refused(&error))?;
    for required in built_in.required {
        sample.insert((*required).to_owned(), json!(MARK));
    }
    for required in built_in.required {
        sample.insert((*required).to_owned(), json!(format!("{MARK}{required}")));
        let rendered = words.render(&sample).map_err(|error| refused(&error))?;
        if !rendered.html.contains(&format!("{MARK}{required}")) {
            return Err(errors::param_format_invalid(
                "body",
                &format!("a template that shows {{{{ {required} }}}}"),
            ));
        }
    }
    Ok(())
}

fn refused(error: &templates::TemplateError) -> ApiError {
    errors::param_format_invalid(error.part, &format!("a template that can be rendered: {}", error.message))
}

impl BackendCx {
    /// The mail of this path, and what the instance has changed about it.
    async fn mail_template(
        &self,
        path: &TemplatePath,
    ) -> Result<(&'static BuiltIn, Option<MessageTemplate>), ApiError> {
        let built_in = match path.template_type.as_str() {
            EMAIL => templates::built_in(&MailTemplate::from(path.slug.as_str())),
            _ => None,
        };
        let built_in = built_in.ok_or_else(|| errors::resource_not_found("template", &path.slug))?;
        Ok((built_in, self.store.mail_template(&self.instance.id, &path.slug).await?))
    }

    /// Keeps what was changed, and shows it.
    async fn keep_words(
        mut self,
        built_in: &BuiltIn,
        changed: Option<MessageTemplate>,
        content: TemplateContent,
    ) -> Result<Shown<wire::Template>, ApiError> {
        let template = if let Some(changed) = changed {
            let template = MessageTemplate { content, updated_at: self.now, ..changed };
            self.work.save_mail_template(&template);
            template
        } else {
            let template = MessageTemplate {
                slug: built_in.slug.as_str().to_owned(),
                content,
                created_at: self.now,
                updated_at: self.now,
                version: 1,
            };
            self.work.insert_mail_template(&template);
            template
        };
        let shown = present::template::for_backend(&self.server, &self.instance, built_in, Some(&template));
        self.commit(shown).await
    }
}
