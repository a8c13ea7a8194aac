//! One mail, from what it is about to its place in the work of a request.

use std::sync::Arc;

use frontdesk_api::webhooks::Email;
use frontdesk_core::event::{Event, EventType};
use frontdesk_core::identification::Identification;
use frontdesk_core::mail::{MailStatus, MessageTemplate, QueuedMail};
use frontdesk_core::user::Account;
use frontdesk_notify::templates::{self, Rendered};
use frontdesk_notify::{Delivery, Letter, Mail, MailTemplate};
use frontdesk_store::Work;
use frontdesk_types::{EmailAddress, EmailId, IdentificationId, InstanceId, Span, Timestamp, UserId};
use serde_json::{Map, Value, json};

use super::templates::{brand, words};
use crate::errors::{self, ApiError};
use crate::extract::{BackendCx, FrontendCx, event};
use crate::jobs::lifetimes;
use crate::keys::{self, MasterKey};
use crate::{Chance, LoadedInstance, Server};

/// What a mail is written with.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) server: &'a Server,
    pub(crate) instance: &'a Arc<LoadedInstance>,
    pub(crate) now: Timestamp,
    pub(crate) rng: &'a mut Chance,
    pub(crate) work: &'a mut Work,
    pub(crate) letters: &'a mut Letters,
}

/// Whoever can write mails: the contexts of both APIs.
pub(crate) trait Mailing: Send {
    /// What a mail is written with.
    fn desk(&mut self) -> Desk<'_>;
}

/// The contexts have these fields in common.
macro_rules! mailing {
    ($($context:ty),*) => {$(
        impl Mailing for $context {
            fn desk(&mut self) -> Desk<'_> {
                Desk {
                    server: &self.server,
                    instance: &self.instance,
                    now: self.now,
                    rng: &mut self.rng,
                    work: &mut self.work,
                    letters: &mut self.letters,
                }
            }
        }
    )*};
}

mailing!(FrontendCx, BackendCx);

/// The mails of a request, for the moment after its commit.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    /// Those that the outbox shows.
    for_outbox: Vec<Letter>,
    /// What each of them begins as.
    begun_as: Vec<MailStatus>,
}

impl Letters {
    /// Lets them go: what they tell of is on disk.
    pub(crate) async fn leave(self, server: &Server) {
        for letter in &self.for_outbox {
            // Only an outbox is given letters at once, and it takes any.
            drop(server.delivery().deliver(letter).await);
        }
        if self.begun_as.contains(&MailStatus::Queued) {
            server.wake_jobs();
        }
        // Counted here and not where they are collected: a request that lost a race writes its mails again.
        for status in self.begun_as {
            metrics::counter!("frontdesk_mails_total", "outcome" => status.as_str().to_owned()).increment(1);
        }
    }
}

/// Whom a mail goes to.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    address: EmailAddress,
    identification: Option<IdentificationId>,
    user: Option<Person>,
}

/// What a mail may say about somebody.
#[derive(Clone, Debug)]
struct Person {
    id: UserId,
    first_name: Option<String>,
    last_name: Option<String>,
    primary_email_address: Option<String>,
}

impl Recipient {
    /// An address that is nobody's yet.
    pub(crate) fn address(address: &EmailAddress) -> Self {
        Self { address: address.clone(), identification: None, user: None }
    }

    /// An address of somebody. What the store keeps was checked when it came in.
    pub(crate) fn of(account: &Account, email: &Identification) -> Result<Self, ApiError> {
        Ok(Self {
            address: email.value.parse().map_err(errors::internal)?,
            identification: Some(email.id.clone()),
            user: Some(Person {
                id: account.user.id.clone(),
                first_name: account.user.first_name.clone(),
                last_name: account.user.last_name.clone(),
                primary_email_address: account.primary_email_address().map(|email| email.value.clone()),
            }),
        })
    }

    /// The address that somebody is written to; none for whoever has no address.
    pub(crate) fn primary(account: &Account) -> Result<Option<Self>, ApiError> {
        account.primary_email_address().map(|email| Self::of(account, email)).transpose()
    }

    /// The same person at another of their addresses, or at one that was theirs.
    pub(super) fn move_to(&mut self, account: &Account, address: &EmailAddress) {
        let found = account.identifications.iter().find(|it| it.value == address.as_str());
        self.identification = found.map(|email| email.id.clone());
        self.address = address.clone();
    }

    /// The address itself.
    pub(crate) fn to(&self) -> &EmailAddress {
        &self.address
    }
}

/// A mail to be written.
#[derive(Debug)]
pub(super) struct Draft {
    slug: MailTemplate,
    pub(super) recipient: Recipient,
    /// What the instance has changed about it.
    changed: Option<MessageTemplate>,
    /// Until when it makes sense.
    expires_at: Timestamp,
    /// What it tells, by the names that templates use.
    pub(super) facts: Map<String, Value>,
    /// The code in it.
    pub(super) code: Option<String>,
}

impl Draft {
    /// Begins a mail that makes sense for this long.
    pub(super) async fn begin(
        cx: &mut impl Mailing,
        slug: MailTemplate,
        recipient: Recipient,
        lifetime: Span,
    ) -> Result<Self, ApiError> {
        let (store, instance, now) = {
            let desk = cx.desk();
            (desk.server.store().clone(), desk.instance.id.clone(), desk.now)
        };
        let changed = store.mail_template(&instance, slug.as_str()).await?;
        let (facts, code) = (Map::new(), None);
        Ok(Self { slug, recipient, changed, expires_at: now + lifetime, facts, code })
    }

    /// Whether there is somebody to send it: we, or the application.
    pub(super) fn can_leave(&self, cx: &mut impl Mailing) -> bool {
        self.is_handed_over() || cx.desk().server.delivery().ready().is_ok()
    }

    /// Whether the application sends it.
    fn is_handed_over(&self) -> bool {
        self.changed.as_ref().is_some_and(|changed| changed.content.handed_over)
    }

    /// Collects the mail and its event.
    pub(super) fn post(self, cx: &mut impl Mailing) -> Result<(), ApiError> {
        let is_handed_over = self.is_handed_over();
        let Desk { server, instance, now, rng, work, letters } = cx.desk();
        let context = self.context(instance);
        let rendered = self.rendered(&context);
        let own = self.changed.as_ref().map(|changed| &changed.content);
        let id = EmailId::mint(now, rng);
        let mail = Mail {
            to: self.recipient.address.to_string(),
            slug: self.slug.clone(),
            application: instance.settings.application_name.clone(),
            from_name: own.and_then(|own| own.from_email_name.clone()),
            reply_to_name: own.and_then(|own| own.reply_to_email_name.clone()),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            code: self.code,
        };
        let shown = Email {
            object: "email".to_owned(),
            id: id.to_string(),
            slug: Some(self.slug.as_str().to_owned()),
            from_email_name: mail
                .from_name
                .clone()
                .unwrap_or_else(|| server.delivery().sender_name().to_owned()),
            reply_to_email_name: mail.reply_to_name.clone(),
            to_email_address: Some(mail.to.clone()),
            email_address_id: self.recipient.identification.clone(),
            user_id: self.recipient.user.as_ref().map(|person| person.id.clone()),
            // What may hold a code is kept sealed, beside the event: see `payload_with_words`.
            subject: None,
            body: None,
            body_plain: None,
            status: Some(MailStatus::Queued.as_str().to_owned()),
            data: None,
            delivered_by_clerk: !is_handed_over,
        };
        // A developer sees what the application is to send, too.
        let in_outbox = matches!(server.delivery(), Delivery::Outbox(_));
        let status = match (is_handed_over, in_outbox) {
            (true, _) => MailStatus::HandedOver,
            (false, true) => MailStatus::Delivered,
            (false, false) => MailStatus::Queued,
        };
        let sealed = match status {
            // The outbox is the memory of this process: there is nothing to try again.
            MailStatus::Delivered => None,
            _ => Some(
                Sealed { id: id.clone(), mail: mail.clone(), data: context }
                    .seal(server.master_key(), rng)?,
            ),
        };
        let forget_at = match status {
            MailStatus::Queued => None,
            MailStatus::HandedOver => Some(now + lifetimes::HANDED_OVER_MAIL),
            _ => Some(now + lifetimes::FINISHED_MAIL),
        };
        letters.begun_as.push(status.clone());
        work.queue_mail(&QueuedMail {
            instance_id: instance.id.clone(),
            id: id.clone(),
            slug: self.slug.as_str().to_owned(),
            sealed,
            status,
            attempts: 0,
            next_attempt_at: now,
            expires_at: self.expires_at,
            forget_at,
            last_error: None,
            created_at: now,
            updated_at: now,
        });
        work.emit(&event(EventType::EmailCreated, id.as_str(), &shown, now, rng)?);
        if in_outbox {
            let (instance, handed_over) = (instance.id.clone(), is_handed_over);
            letters.for_outbox.push(Letter { id, instance, sent_at: now, handed_over, mail });
        }
        Ok(())
    }

    /// The values that its templates can name.
    fn context(&self, instance: &LoadedInstance) -> Map<String, Value> {
        let mut facts = self.facts.clone();
        if let Some(person) = &self.recipient.user {
            let text = |value: &Option<String>| json!(value.as_deref().unwrap_or_default());
            facts.insert(
                "user".to_owned(),
                json!({ "first_name": text(&person.first_name), "last_name": text(&person.last_name) }),
            );
            facts.insert("greeting_name".to_owned(), text(&person.first_name));
            facts
                .entry("primary_email_address".to_owned())
                .or_insert_with(|| text(&person.primary_email_address));
        }
        let brand = brand(instance);
        templates::built_in(&self.slug).map_or_else(|| brand.context(), |it| it.context(&brand, facts))
    }

    /// Its words: those of the instance, or the built-in ones where those cannot be rendered. A mail that somebody waits
    /// for does not stay away for a template that was good when it was saved.
    fn rendered(&self, context: &Map<String, Value>) -> Rendered {
        let Some(built_in) = templates::built_in(&self.slug) else { return Rendered::default() };
        if let Some(changed) = &self.changed {
            match words(built_in, &changed.content).render(context) {
                Ok(rendered) => return rendered,
                Err(error) => {
                    tracing::warn!(slug = self.slug.as_str(), %error, "a mail goes in the built-in words");
                }
            }
        }
        // The tests render each of them.
        built_in.words.render(context).unwrap_or_default()
    }
}

/// What is kept of a mail until it is over.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Sealed {
    /// The mail it belongs to: whoever can write to the database still cannot send one person's words to another.
    id: EmailId,
    /// The mail.
    pub(crate) mail: Mail,
    /// What its words are made of.
    data: Map<String, Value>,
}

impl Sealed {
    fn seal(&self, master_key: &MasterKey, rng: &mut Chance) -> Result<Vec<u8>, ApiError> {
        let json = zeroize::Zeroizing::new(serde_json::to_vec(self).map_err(errors::internal)?);
        Ok(master_key.seal(keys::MAIL, &json, rng))
    }
}

/// The words of a mail, if they are still there.
pub(crate) fn open(
    master_key: &MasterKey,
    mail: &QueuedMail,
) -> Result<Option<Sealed>, keys::WrongMasterKey> {
    let Some(sealed) = &mail.sealed else { return Ok(None) };
    let json = master_key.open(keys::MAIL, sealed)?;
    let sealed: Option<Sealed> = serde_json::from_slice(&json).ok();
    sealed.filter(|sealed| sealed.id == mail.id).map(Some).ok_or(keys::WrongMasterKey)
}

/// The payload of an event as its receivers get it: that of `email.created` with the words of the mail, as long as they
/// are kept. The table of events holds no code in clear.
pub(crate) async fn payload_with_words(
    server: &Server,
    instance: &InstanceId,
    event: &Event,
) -> Result<Vec<u8>, ApiError> {
    if event.kind != EventType::EmailCreated {
        return Ok(event.payload.clone());
    }
    let id: EmailId = event.subject.parse().map_err(errors::internal)?;
    let kept = server.store().mail(instance, &id).await?;
    let opened = kept.map(|mail| open(server.master_key(), &mail)).transpose().map_err(errors::internal)?;
    let Some(Sealed { mail, data, .. }) = opened.flatten() else { return Ok(event.payload.clone()) };
    let mut email: Email = serde_json::from_slice(&event.payload).map_err(errors::internal)?;
    email.subject = Some(mail.subject);
    email.body = Some(mail.html);
    email.body_plain = Some(mail.text);
    email.data = Some(data);
    serde_json::to_vec(&email).map_err(errors::internal)
}
