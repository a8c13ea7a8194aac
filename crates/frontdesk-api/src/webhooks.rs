//! Webhooks: what a server tells an application on its own account (wire protocol §10).

use std::fmt;

use frontdesk_types::{IdentificationId, Timestamp, UserId};
use serde::de::{DeserializeSeed, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::Deleted;
use crate::backend::sessions::Session;
use crate::backend::users::User;

frontdesk_types::open_enum! {
    /// What happened, by its published name.
    pub enum EventType {
        /// A user was made.
        UserCreated = "user.created",
        /// A user changed.
        UserUpdated = "user.updated",
        /// A user was deleted.
        UserDeleted = "user.deleted",
        /// A session began.
        SessionCreated = "session.created",
        /// A session began whose user has tasks to finish.
        SessionPending = "session.pending",
        /// A session was ended by its user.
        SessionEnded = "session.ended",
        /// A session was taken off its client.
        SessionRemoved = "session.removed",
        /// A session was revoked.
        SessionRevoked = "session.revoked",
        /// A mail was written.
        EmailCreated = "email.created",
        /// A text message was written.
        SmsCreated = "sms.created",
        /// An organization was made.
        OrganizationCreated = "organization.created",
        /// An organization changed.
        OrganizationUpdated = "organization.updated",
        /// An organization was deleted.
        OrganizationDeleted = "organization.deleted",
        /// An organization has a new domain.
        OrganizationDomainCreated = "organizationDomain.created",
        /// A domain of an organization changed.
        OrganizationDomainUpdated = "organizationDomain.updated",
        /// A domain of an organization was deleted.
        OrganizationDomainDeleted = "organizationDomain.deleted",
        /// Somebody became a member of an organization.
        OrganizationMembershipCreated = "organizationMembership.created",
        /// A membership changed.
        OrganizationMembershipUpdated = "organizationMembership.updated",
        /// Somebody is a member no longer.
        OrganizationMembershipDeleted = "organizationMembership.deleted",
        /// Somebody was invited to an organization.
        OrganizationInvitationCreated = "organizationInvitation.created",
        /// An invitation to an organization was accepted.
        OrganizationInvitationAccepted = "organizationInvitation.accepted",
        /// An invitation to an organization was taken back.
        OrganizationInvitationRevoked = "organizationInvitation.revoked",
        /// A role was made.
        RoleCreated = "role.created",
        /// A role changed.
        RoleUpdated = "role.updated",
        /// A role was deleted.
        RoleDeleted = "role.deleted",
        /// A permission was made.
        PermissionCreated = "permission.created",
        /// A permission changed.
        PermissionUpdated = "permission.updated",
        /// A permission was deleted.
        PermissionDeleted = "permission.deleted",
        /// Somebody entered the waitlist.
        WaitlistEntryCreated = "waitlistEntry.created",
        /// An entry of the waitlist changed.
        WaitlistEntryUpdated = "waitlistEntry.updated",
        /// A payment was attempted.
        PaymentAttemptCreated = "paymentAttempt.created",
        /// An attempted payment changed.
        PaymentAttemptUpdated = "paymentAttempt.updated",
        /// A subscription was made.
        SubscriptionCreated = "subscription.created",
        /// A subscription changed.
        SubscriptionUpdated = "subscription.updated",
        /// A subscription became active.
        SubscriptionActive = "subscription.active",
        /// A subscription is not paid in time.
        SubscriptionPastDue = "subscription.pastDue",
        /// A subscription has a new item.
        SubscriptionItemCreated = "subscriptionItem.created",
        /// An item of a subscription changed.
        SubscriptionItemUpdated = "subscriptionItem.updated",
        /// An item of a subscription became active.
        SubscriptionItemActive = "subscriptionItem.active",
        /// An item of a subscription was cancelled.
        SubscriptionItemCanceled = "subscriptionItem.canceled",
        /// An item of a subscription is about to begin.
        SubscriptionItemUpcoming = "subscriptionItem.upcoming",
        /// An item of a subscription ended.
        SubscriptionItemEnded = "subscriptionItem.ended",
        /// An item of a subscription was abandoned.
        SubscriptionItemAbandoned = "subscriptionItem.abandoned",
        /// An item of a subscription lacks something.
        SubscriptionItemIncomplete = "subscriptionItem.incomplete",
        /// An item of a subscription is not paid in time.
        SubscriptionItemPastDue = "subscriptionItem.pastDue",
        /// The free trial of an item is about to end.
        SubscriptionItemFreeTrialEnding = "subscriptionItem.freeTrialEnding",
    }
}

/// What happened, with what it happened to.
///
/// Resources that this version has types for are typed. Everything else is [`Event::Other`], known to [`EventType`] or
/// not, so that a new kind of event breaks nobody.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A user was made.
    UserCreated(Box<User>),
    /// A user changed.
    UserUpdated(Box<User>),
    /// A user was deleted.
    UserDeleted(Deleted),
    /// A session began.
    SessionCreated(Box<SessionOfUser>),
    /// A session began whose user has tasks to finish.
    SessionPending(Box<SessionOfUser>),
    /// A session was ended by its user.
    SessionEnded(Box<SessionOfUser>),
    /// A session was taken off its client.
    SessionRemoved(Box<SessionOfUser>),
    /// A session was revoked.
    SessionRevoked(Box<SessionOfUser>),
    /// A mail was written.
    EmailCreated(Box<Email>),
    /// A text message was written.
    SmsCreated(Box<SmsMessage>),
    /// An organization was deleted.
    OrganizationDeleted(Deleted),
    /// A domain of an organization was deleted.
    OrganizationDomainDeleted(Deleted),
    /// Something else.
    Other {
        /// What happened.
        kind: EventType,
        /// What it happened to, as the server wrote it.
        data: Value,
    },
}

impl Event {
    /// What happened.
    pub fn kind(&self) -> EventType {
        match self {
            Self::UserCreated(_) => EventType::UserCreated,
            Self::UserUpdated(_) => EventType::UserUpdated,
            Self::UserDeleted(_) => EventType::UserDeleted,
            Self::SessionCreated(_) => EventType::SessionCreated,
            Self::SessionPending(_) => EventType::SessionPending,
            Self::SessionEnded(_) => EventType::SessionEnded,
            Self::SessionRemoved(_) => EventType::SessionRemoved,
            Self::SessionRevoked(_) => EventType::SessionRevoked,
            Self::EmailCreated(_) => EventType::EmailCreated,
            Self::SmsCreated(_) => EventType::SmsCreated,
            Self::OrganizationDeleted(_) => EventType::OrganizationDeleted,
            Self::OrganizationDomainDeleted(_) => EventType::OrganizationDomainDeleted,
            Self::Other { kind, .. } => kind.clone(),
        }
    }
}

/// Reads the `data` of an event of this type.
impl<'de> DeserializeSeed<'de> for EventType {
    type Value = Event;

    fn deserialize<D: Deserializer<'de>>(self, data: D) -> Result<Event, D::Error> {
        Ok(match self {
            Self::UserCreated => Event::UserCreated(Box::deserialize(data)?),
            Self::UserUpdated => Event::UserUpdated(Box::deserialize(data)?),
            Self::UserDeleted => Event::UserDeleted(Deleted::deserialize(data)?),
            Self::SessionCreated => Event::SessionCreated(Box::deserialize(data)?),
            Self::SessionPending => Event::SessionPending(Box::deserialize(data)?),
            Self::SessionEnded => Event::SessionEnded(Box::deserialize(data)?),
            Self::SessionRemoved => Event::SessionRemoved(Box::deserialize(data)?),
            Self::SessionRevoked => Event::SessionRevoked(Box::deserialize(data)?),
            Self::EmailCreated => Event::EmailCreated(Box::deserialize(data)?),
            Self::SmsCreated => Event::SmsCreated(Box::deserialize(data)?),
            Self::OrganizationDeleted => Event::OrganizationDeleted(Deleted::deserialize(data)?),
            Self::OrganizationDomainDeleted => Event::OrganizationDomainDeleted(Deleted::deserialize(data)?),
            kind => Event::Other { kind, data: Value::deserialize(data)? },
        })
    }
}

/// A session, with its user where the server tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct SessionOfUser {
    /// The session.
    #[serde(flatten)]
    pub session: Session,
    /// Who is signed in.
    #[serde(default)]
    pub user: Option<Box<User>>,
}

/// A mail that was written. It may hold a code or a link that signs in, so `Debug` does not show it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Email {
    /// Its id.
    pub id: String,
    /// Always `email`.
    #[serde(default)]
    pub object: String,
    /// Which kind of mail: `verification_code`, `magic_link_sign_in` ….
    #[serde(default)]
    pub slug: Option<String>,
    /// The part of the sender's address before the `@`.
    #[serde(default)]
    pub from_email_name: String,
    /// The part of the address for answers before the `@`.
    #[serde(default)]
    pub reply_to_email_name: Option<String>,
    /// Where it goes.
    #[serde(default)]
    pub to_email_address: Option<String>,
    /// The address of the user, where it is one.
    #[serde(default)]
    pub email_address_id: Option<IdentificationId>,
    /// To whom it goes.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// The subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// The text, as HTML.
    #[serde(default)]
    pub body: Option<String>,
    /// The text, without HTML.
    #[serde(default)]
    pub body_plain: Option<String>,
    /// How it stands: `queued`, `delivered` ….
    #[serde(default)]
    pub status: Option<String>,
    /// What the text is made of: `otp_code` and others.
    #[serde(default)]
    pub data: Option<Map<String, Value>>,
    /// Whether the server delivers it; otherwise the application has to.
    #[serde(default)]
    pub delivered_by_clerk: bool,
}

impl fmt::Debug for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Email").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A text message that was written. It may hold a code that signs in, so `Debug` does not show it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct SmsMessage {
    /// Its id.
    pub id: String,
    /// Always `sms_message`.
    #[serde(default)]
    pub object: String,
    /// Which kind of message.
    #[serde(default)]
    pub slug: Option<String>,
    /// From which number.
    #[serde(default)]
    pub from_phone_number: Option<String>,
    /// To which number.
    #[serde(default)]
    pub to_phone_number: Option<String>,
    /// The number of the user, where it is one.
    #[serde(default)]
    pub phone_number_id: Option<IdentificationId>,
    /// To whom it goes.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// The text.
    #[serde(default)]
    pub message: String,
    /// How it stands.
    #[serde(default)]
    pub status: Option<String>,
    /// What the text is made of: `otp_code` and others.
    #[serde(default)]
    pub data: Option<Map<String, Value>>,
    /// Whether the server delivers it; otherwise the application has to.
    #[serde(default)]
    pub delivered_by_clerk: bool,
}

impl fmt::Debug for SmsMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SmsMessage").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What is around the `data` of every event.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Envelope {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// What it happened to.
    pub data: Value,
    /// When it happened, if the server tells.
    #[serde(default, deserialize_with = "instant")]
    pub timestamp: Option<Timestamp>,
    /// In which instance, if the server tells.
    #[serde(default)]
    pub instance_id: Option<String>,
    /// By which request, if it was one.
    #[serde(default)]
    pub event_attributes: Option<EventAttributes>,
}

/// By what an event came about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
#[serde(default)]
pub struct EventAttributes {
    /// The request.
    pub http_request: EventRequest,
}

/// The request by which an event came about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
#[serde(default)]
pub struct EventRequest {
    /// From which address.
    pub client_ip: Option<String>,
    /// From which browser.
    pub user_agent: Option<String>,
}

/// Milliseconds, or the seconds that some descriptions of the contract have: a number that as milliseconds would lie in
/// 1973 is one of seconds.
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    const LARGEST_SECONDS: i64 = 100_000_000_000;
    let Some(number) = Option::<i64>::deserialize(deserializer)? else { return Ok(None) };
    if number < 0 {
        return Err(D::Error::custom("an instant before 1970"));
    }
    let is_seconds = number < LARGEST_SECONDS;
    Ok(Some(if is_seconds { Timestamp::from_secs(number) } else { Timestamp::from_millis(number) }))
}

#[cfg(test)]
mod tests;
