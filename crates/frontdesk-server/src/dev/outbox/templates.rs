//! Every mail there could be, with sample values: in the words and colours of an instance.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use frontdesk_core::instance::Instance;
use frontdesk_notify::templates::{self, BuiltIn, Rendered};
use frontdesk_notify::{Mail, MailTemplate};
use http::request::Parts;

use super::{Content, MailPage, Which, answer, instance, query, rendered};
use crate::Server;
use crate::errors::{self, ApiError};
use crate::mail::templates::{brand, words};

#[derive(Template)]
#[template(path = "dev/templates.html")]
struct TemplatesPage<'a> {
    instance: &'a Instance,
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    slug: &'static str,
    is_changed: bool,
    sent: &'static str,
}

pub(super) async fn list(State(server): State<Server>, parts: Parts) -> Response {
    answer(&parts, Content::Ours, async {
        let instance = instance(&server, Which::of(&parts).instance.as_deref()).await?;
        let changed = server.store().mail_templates(&instance.id).await?;
        let row = |built_in: &'static BuiltIn| {
            let slug = built_in.slug.as_str();
            let changed = changed.iter().find(|changed| changed.slug == slug);
            Row {
                name: built_in.name,
                slug,
                is_changed: changed.is_some(),
                sent: match changed {
                    Some(changed) if changed.content.handed_over => "by the application",
                    _ if built_in.is_sent => "by the server",
                    _ => "not yet",
                },
            }
        };
        rendered(&TemplatesPage { instance: &instance, rows: templates::all().iter().map(row).collect() })
    })
    .await
}

pub(super) async fn one(State(server): State<Server>, Path(slug): Path<String>, parts: Parts) -> Response {
    answer(&parts, Content::Ours, async {
        let (instance, built_in, words) = sample(&server, &Which::of(&parts), &slug).await?;
        let mail = Mail {
            to: "ada@example.com".to_owned(),
            slug: built_in.slug.clone(),
            application: instance.settings.application_name.clone(),
            from_name: None,
            reply_to_name: None,
            subject: words.subject,
            text: words.text,
            html: words.html,
            code: None,
        };
        rendered(&MailPage {
            mail: &mail,
            about: format!("{} ({slug}), with sample values", built_in.name),
            back: format!("/dev/outbox/templates?{}", query(&instance)),
            back_words: format!("Mails of {}", instance.slug),
            frame: format!("/dev/outbox/templates/{slug}/html?{}", query(&instance)),
        })
    })
    .await
}

pub(super) async fn one_as_html(
    State(server): State<Server>,
    Path(slug): Path<String>,
    parts: Parts,
) -> Response {
    answer(&parts, Content::Mail, async {
        let (_, _, words) = sample(&server, &Which::of(&parts), &slug).await?;
        Ok(Html(words.html).into_response())
    })
    .await
}

/// A mail of an instance with sample values.
async fn sample(
    server: &Server,
    which: &Which,
    slug: &str,
) -> Result<(Instance, &'static BuiltIn, Rendered), ApiError> {
    let built_in = templates::built_in(&MailTemplate::from(slug));
    let built_in = built_in.ok_or_else(|| errors::resource_not_found("mail", slug))?;
    let instance = instance(server, which.instance.as_deref()).await?;
    let changed = server.store().mail_template(&instance.id, slug).await?;
    let content = changed.map(|changed| changed.content).unwrap_or_default();
    let sample = built_in.sample(&brand(&instance));
    let rendered = words(built_in, &content).render(&sample).map_err(errors::internal)?;
    Ok((instance, built_in, rendered))
}
