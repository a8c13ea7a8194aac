//! News about an account: what somebody should know who did not do it themselves.
//!
//! None of them stands in the way of what it tells of: where no mail can be sent, or the person has no address, nothing
//! happens. Call them before the commit.

use frontdesk_core::identification::Identification;
use frontdesk_core::session::Session;
use frontdesk_core::user::Account;
use frontdesk_notify::MailTemplate;
use frontdesk_types::{EmailAddress, Timestamp};
use serde_json::{Map, Value, json};

use super::draft::{Draft, Mailing, Recipient};
use crate::errors::{self, ApiError};
use crate::jobs::lifetimes;

/// The password was changed or set.
pub(crate) async fn password_changed(cx: &mut impl Mailing, account: &Account) -> Result<(), ApiError> {
    tell(cx, MailTemplate::PasswordChanged, Recipient::primary(account)?, json!({})).await
}

/// The password was removed.
pub(crate) async fn password_removed(cx: &mut impl Mailing, account: &Account) -> Result<(), ApiError> {
    tell(cx, MailTemplate::PasswordRemoved, Recipient::primary(account)?, json!({})).await
}

/// Another address is the primary one: told to the address that was it before. `account` is as it is now.
pub(crate) async fn primary_email_address_changed(
    cx: &mut impl Mailing,
    account: &Account,
    old_address: &EmailAddress,
) -> Result<(), ApiError> {
    let Some(new) = account.primary_email_address() else { return Ok(()) };
    let mut recipient = Recipient::of(account, new)?;
    recipient.move_to(account, old_address);
    let facts = json!({ "new_email_address": new.value, "old_email_address": old_address.as_str() });
    tell(cx, MailTemplate::PrimaryEmailAddressChanged, Some(recipient), facts).await
}

/// The same, if the primary address is another one than before; nothing if there was none.
pub(crate) async fn primary_email_address_moved(
    cx: &mut impl Mailing,
    account: &Account,
    before: Option<&Identification>,
) -> Result<(), ApiError> {
    match before {
        Some(before) if account.user.primary_email_address_id.as_ref() != Some(&before.id) => {
            let old_address = before.value.parse().map_err(errors::internal)?;
            primary_email_address_changed(cx, account, &old_address).await
        }
        _ => Ok(()),
    }
}

/// A session began on a device that the person was not seen on before. `how` is the strategy that proved them.
pub(crate) async fn new_device_sign_in(
    cx: &mut impl Mailing,
    account: &Account,
    session: &Session,
    how: &str,
) -> Result<(), ApiError> {
    let activity = session.latest_activity.clone().unwrap_or_default();
    let browser = [activity.browser_name, activity.browser_version];
    let facts = json!({
        "device_type": activity.device_type.unwrap_or_default(),
        "browser_name": browser.into_iter().flatten().collect::<Vec<_>>().join(" "),
        "ip_address": activity.ip_address.unwrap_or_default(),
        "sign_in_method": how.replace('_', " "),
        "session_created_at": written(session.created_at),
    });
    tell(cx, MailTemplate::NewDeviceSignIn, Recipient::primary(account)?, facts).await
}

/// Too many failed tries have locked the account. Call it once for each lock.
pub(crate) async fn account_locked(cx: &mut impl Mailing, account: &Account) -> Result<(), ApiError> {
    let now = cx.desk().now;
    let minutes = account.user.locked_until.map_or(0, |until| until.since(now).as_minutes().max(1));
    let facts = json!({ "failed_attempts": account.user.failed_attempts, "lockout_minutes": minutes });
    tell(cx, MailTemplate::AccountLocked, Recipient::primary(account)?, facts).await
}

/// The same, if the failure that was just counted is the one that locked it.
pub(crate) async fn lock_begun(cx: &mut impl Mailing, account: &Account) -> Result<(), ApiError> {
    let desk = cx.desk();
    let lock = desk.now + desk.instance.settings.limits.lockout_lifetime;
    if account.user.locked_until == Some(lock) { account_locked(cx, account).await } else { Ok(()) }
}

async fn tell(
    cx: &mut impl Mailing,
    slug: MailTemplate,
    recipient: Option<Recipient>,
    facts: Value,
) -> Result<(), ApiError> {
    let Some(recipient) = recipient else { return Ok(()) };
    if cx.desk().instance.settings.test_mode && recipient.to().is_test() {
        return Ok(());
    }
    let mut draft = Draft::begin(cx, slug, recipient, lifetimes::NOTICE).await?;
    if !draft.can_leave(cx) {
        return Ok(());
    }
    draft.facts = match facts {
        Value::Object(facts) => facts,
        _ => Map::new(),
    };
    draft.post(cx)
}

/// An instant for people, in UTC.
fn written(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
