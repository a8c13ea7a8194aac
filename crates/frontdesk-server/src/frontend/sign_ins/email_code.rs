//! Proving it with a code that was sent to one of the person's addresses.

use frontdesk_api::frontend::sign_ins::CreateSignIn;
use frontdesk_core::event::EventType;
use frontdesk_core::identification::{Identification, Verification, VerificationStatus};
use frontdesk_core::sign_in::SignIn;
use frontdesk_core::user::Account;
use frontdesk_core::verification::{Challenge, Verdict};
use frontdesk_types::{EmailAddress, Secret};

use super::{EMAIL_CODE, Kept, addresses, complete, refuse, refuse_locked, save};
use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx};
use crate::mail::{self, Code, MailTemplate, Recipient};
use crate::present;

/// Sends a code to the address with this id, or to the one that was given as identifier.
pub(super) async fn send(
    mut cx: FrontendCx,
    mut sign_in: SignIn,
    kept: Kept,
    account: Account,
    email_address_id: Option<&str>,
) -> FrontendAnswer<CreateSignIn> {
    refuse_locked(&account, cx.now)?;
    if account.user.banned {
        return Err(errors::user_banned());
    }
    let email = chosen(&account, &sign_in, email_address_id)?;
    let recipient = Recipient::of(&account, email)?;
    let code = Code::new(&mut cx, MailTemplate::VerificationCode, sign_in.id.as_str(), recipient).await?;
    let limits = cx.instance.settings.limits;
    let challenge = Challenge::sent(EMAIL_CODE, Some(email.id.clone()), code.hash(), &limits, cx.now);
    sign_in.send_code(challenge, limits.code_interval, cx.now)?;
    save(&mut cx, &sign_in, kept);
    let shown = present::sign_in::sign_in(&cx.instance, &sign_in, Some(&account), cx.now);
    code.queue(&mut cx)?;
    cx.commit(shown).await
}

/// Judges the code. A wrong one counts twice: against the code, which is spent after a few tries, and against the
/// account, or one could guess on with code after code.
pub(super) async fn prove(
    mut cx: FrontendCx,
    mut sign_in: SignIn,
    mut account: Account,
    given: &Secret,
) -> FrontendAnswer<CreateSignIn> {
    refuse_locked(&account, cx.now)?;
    let challenge = sign_in.challenge().ok_or_else(errors::verification_missing)?;
    let email = addresses(&account).find(|email| Some(&email.id) == challenge.identification_id.as_ref());
    let gone = || errors::client_state_invalid("The address is gone. Have a code sent to another one.");
    let mut email = email.ok_or_else(gone)?.clone();
    let matches =
        mail::is_code(&cx.server, sign_in.id.as_str(), &address(&email)?, given, &challenge.code_hash);
    match sign_in.try_code(matches, cx.now)? {
        Verdict::Proven => {
            if !email.is_verified() {
                verify(&mut cx, &mut account, &mut email)?;
            }
            complete(cx, sign_in, Kept::Already, account, EMAIL_CODE).await
        }
        Verdict::Wrong => Err(refuse(cx, account, Some(&sign_in), errors::code_incorrect()).await),
        Verdict::Spent => Err(errors::verification_failed()),
        Verdict::Expired => Err(errors::verification_expired()),
    }
}

/// An address that was only reserved for the person is proven to be theirs now.
fn verify(cx: &mut FrontendCx, account: &mut Account, email: &mut Identification) -> Result<(), ApiError> {
    email.verification = Some(Verification {
        status: VerificationStatus::Verified,
        strategy: EMAIL_CODE.to_owned(),
        attempts: None,
        expire_at: None,
    });
    email.updated_at = cx.now;
    cx.work.save_identification(email);
    if let Some(known) = account.identifications.iter_mut().find(|known| known.id == email.id) {
        known.clone_from(email);
    }
    let shown = present::user::for_backend(&cx.instance, account, cx.now);
    cx.emit(EventType::UserUpdated, account.user.id.as_str(), &shown)
}

/// The address to send to.
fn chosen<'a>(
    account: &'a Account,
    sign_in: &SignIn,
    id: Option<&str>,
) -> Result<&'a Identification, ApiError> {
    let canonical = sign_in.identifier().and_then(|text| text.parse::<EmailAddress>().ok());
    let found = match id {
        Some(id) => addresses(account).find(|email| email.id.as_str() == id),
        None => addresses(account)
            .find(|email| canonical.as_ref().is_some_and(|given| given.as_str() == email.value)),
    };
    found.ok_or_else(|| errors::param_value_invalid("email_address_id", "one of the account's addresses"))
}

/// The address itself. What the store keeps was checked when it came in.
fn address(email: &Identification) -> Result<EmailAddress, ApiError> {
    email.value.parse().map_err(errors::internal)
}
