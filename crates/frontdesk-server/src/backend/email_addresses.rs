//! E-mail addresses of people: given, changed, proven and taken away by application servers.

use frontdesk_api::Deleted;
use frontdesk_api::backend::email_addresses::{
    AttemptEmailAddressVerification, CreateEmailAddress, DeleteEmailAddress, GetEmailAddress,
    PrepareEmailAddressVerification, UpdateEmailAddress, VerificationAttempt,
};
use frontdesk_core::identification::{Identification, IdentificationKind, Verification};
use frontdesk_core::user::Account;
use frontdesk_core::verification::{Challenge, Verdict};
use frontdesk_types::{EmailAddress, IdentificationId, UserId, VerificationId};

use super::users::read_address;
use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::mail::{self, Code, MailTemplate, Recipient};
use crate::present;
use crate::routes::Routes;

/// The one way of proving an address that is built.
const EMAIL_CODE: &str = "email_code";

/// How many addresses a person may have: all of them are in every answer.
const MOST_ADDRESSES: usize = 50;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(create).on(get).on(update).on(delete).on(prepare).on(attempt)
}

async fn create(mut cx: BackendCx, req: Req<CreateEmailAddress>) -> Answer<CreateEmailAddress> {
    let user_id = req.body.user_id.as_deref().ok_or_else(|| errors::param_missing("user_id"))?;
    let user_id: UserId = user_id.parse().map_err(|_| errors::resource_not_found("user", user_id))?;
    let address = req.body.email_address.ok_or_else(|| errors::param_missing("email_address"))?;
    let address = read_address(&address)?;
    let mut account = cx.account(&user_id).await?;
    let kind = IdentificationKind::EmailAddress;
    if account.of_kind(kind).any(|email| email.value == address.as_str()) {
        return Err(errors::identifier_taken("email_address"));
    }
    cx.refuse_taken_identifier(kind, address.as_str(), &account, "email_address").await?;
    if account.of_kind(kind).count() >= MOST_ADDRESSES {
        return Err(errors::too_many_addresses(MOST_ADDRESSES));
    }

    let before = account.primary_email_address().cloned();
    let id = IdentificationId::mint(cx.now, &mut cx.rng);
    let mut email = Identification::email(id, user_id, &address, cx.now);
    if req.body.verified == Some(true) {
        email.verification = Some(Verification::by_admin());
    } else {
        email = email.to_be_proven(EMAIL_CODE);
    }
    let is_first = account.of_kind(kind).next().is_none();
    if is_first || req.body.primary == Some(true) {
        if !is_first && !email.is_verified() {
            return Err(unverified_primary());
        }
        account.user.primary_email_address_id = Some(email.id.clone());
    }
    cx.work.insert_identification(&email);
    account.identifications.push(email.clone());
    if req.body.notify_primary_email_address_changed == Some(true) {
        mail::primary_email_address_moved(&mut cx, &account, before.as_ref()).await?;
    }
    cx.collect(account)?;
    cx.commit(present::user::email_address(&email)).await
}

async fn get(cx: BackendCx, req: Req<GetEmailAddress>) -> Answer<GetEmailAddress> {
    let (_, email) = cx.email_address(&req.path.email_address_id).await?;
    Ok(Shown::new(present::user::email_address(&email)))
}

async fn update(mut cx: BackendCx, req: Req<UpdateEmailAddress>) -> Answer<UpdateEmailAddress> {
    let (mut account, mut email) = cx.email_address(&req.path.email_address_id).await?;
    let before = (account.clone(), email.clone());
    match req.body.verified {
        Some(true) if !email.is_verified() => {
            cx.refuse_taken_identifier(email.kind, &email.value, &account, "email_address").await?;
            email.verification = Some(Verification::by_admin());
            email.challenge = None;
        }
        Some(false) if email.is_verified() => email = email.to_be_proven(EMAIL_CODE),
        _ => {}
    }
    let is_primary = account.user.primary_email_address_id.as_ref() == Some(&email.id);
    match req.body.primary {
        Some(true) if !email.is_verified() => return Err(unverified_primary()),
        Some(true) => account.user.primary_email_address_id = Some(email.id.clone()),
        Some(false) if is_primary => {
            let instead = "left out: make another address the primary one instead";
            return Err(errors::param_value_invalid("primary", instead));
        }
        _ => {}
    }
    if (&account, &email) != (&before.0, &before.1) {
        if email != before.1 {
            email.updated_at = cx.now;
            cx.work.save_identification(&email);
        }
        account.replace(email.clone());
        if req.body.notify_primary_email_address_changed == Some(true) {
            mail::primary_email_address_moved(&mut cx, &account, before.0.primary_email_address()).await?;
        }
        cx.collect(account)?;
    }
    cx.commit(present::user::email_address(&email)).await
}

async fn delete(mut cx: BackendCx, req: Req<DeleteEmailAddress>) -> Answer<DeleteEmailAddress> {
    let (mut account, email) = cx.email_address(&req.path.email_address_id).await?;
    account.can_lose(&email.id, &cx.instance.settings.attributes)?;
    account.lose(&email.id);
    cx.work.delete_identification(&account.user.id, &email.id);
    cx.collect(account)?;
    cx.commit(Deleted::new("email_address", email.id.as_str())).await
}

async fn prepare(
    mut cx: BackendCx,
    req: Req<PrepareEmailAddressVerification>,
) -> Answer<PrepareEmailAddressVerification> {
    let (account, mut email) = cx.email_address(&req.path.email_address_id).await?;
    let id = VerificationId::mint(cx.now, &mut cx.rng);
    let recipient = Recipient::of(&account, &email)?;
    let code = Code::new(&mut cx, MailTemplate::VerificationCode, id.as_str(), recipient).await?;
    let limits = cx.instance.settings.limits;
    let challenge = Challenge::sent(EMAIL_CODE, Some(email.id.clone()), code.hash(), &limits, cx.now);
    let shown = attempt_shown(id, &challenge.verification(cx.now));
    email.send_code(challenge, limits.code_interval, cx.now)?;
    cx.keep(&account, &email);
    code.queue(&mut cx)?;
    cx.commit(shown).await
}

/// The code was made for this verification id, so a code of another one is a wrong code. Wrong codes count against the
/// code alone, which is spent after a few: the application asks, which has limits of its own.
async fn attempt(
    mut cx: BackendCx,
    req: Req<AttemptEmailAddressVerification>,
) -> Answer<AttemptEmailAddressVerification> {
    let (mut account, mut email) = cx.email_address(&req.path.email_address_id).await?;
    let id = req.body.verification_id.ok_or_else(|| errors::param_missing("verification_id"))?;
    let id: VerificationId = id.parse().map_err(|_| errors::resource_not_found("verification", &id))?;
    let given = req.body.code.ok_or_else(|| errors::param_missing("code"))?;
    let matches = match &email.challenge {
        Some(sent) => mail::is_code(&cx.server, id.as_str(), &address(&email)?, &given, &sent.code_hash),
        None => false,
    };
    match email.try_code(matches, cx.now)? {
        Verdict::Proven => {
            cx.refuse_taken_identifier(email.kind, &email.value, &account, "email_address").await?;
            if account.user.primary_email_address_id.is_none() {
                account.user.primary_email_address_id = Some(email.id.clone());
            }
            let proven = email.verification.clone().unwrap_or_else(Verification::by_admin);
            cx.work.save_identification(&email);
            account.replace(email);
            cx.collect(account)?;
            cx.commit(attempt_shown(id, &proven)).await
        }
        Verdict::Wrong => {
            cx.keep(&account, &email);
            cx.commit(()).await?;
            Err(errors::code_incorrect())
        }
        Verdict::Spent => Err(errors::verification_failed()),
        Verdict::Expired => Err(errors::verification_expired()),
    }
}

impl BackendCx {
    /// The address with this id, and whose it is.
    async fn email_address(&self, id: &IdentificationId) -> Result<(Account, Identification), ApiError> {
        let account = self.store.account_by_identification_id(&self.instance.id, id).await?;
        let found = account.and_then(|account| {
            let email = account.identification(id)?.clone();
            (email.kind == IdentificationKind::EmailAddress).then_some((account, email))
        });
        found.ok_or_else(|| errors::resource_not_found("e-mail address", id.as_str()))
    }

    /// Keeps how the proof of an address stands. The user is saved with it: their version is what keeps two tries at
    /// one moment from being counted as one.
    fn keep(&mut self, account: &Account, email: &Identification) {
        self.work.save_identification(email);
        self.work.save_user(&account.user);
    }
}

fn unverified_primary() -> ApiError {
    errors::param_value_invalid("primary", "left out until the address is verified")
}

/// The address itself. What the store keeps was checked when it came in.
fn address(email: &Identification) -> Result<EmailAddress, ApiError> {
    email.value.parse().map_err(errors::internal)
}

fn attempt_shown(id: VerificationId, verification: &Verification) -> VerificationAttempt {
    let shown = present::user::verification(verification);
    VerificationAttempt {
        object: "verification_otp".to_owned(),
        id,
        status: shown.status,
        strategy: shown.strategy,
        attempts: shown.attempts,
        expire_at: shown.expire_at,
        channel: None,
    }
}
