//! Proving it with a code that was sent to one of the person's addresses: to sign in, or to set a new password.

use frontdesk_api::frontend::sign_ins::CreateSignIn;
use frontdesk_core::event::EventType;
use frontdesk_core::identification::{Identification, IdentificationKind, Verification, VerificationStatus};
use frontdesk_core::settings::Wanted;
use frontdesk_core::sign_in::{EMAIL_CODE, RESET_PASSWORD_EMAIL_CODE, SignIn};
use frontdesk_core::user::Account;
use frontdesk_core::verification::{Challenge, Verdict};
use frontdesk_types::{EmailAddress, IdentificationId, Secret};

use super::named::refuse_locked;
use super::{Attempt, finish, new_password};
use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx};
use crate::mail::{self, Code, MailTemplate, Recipient};
use crate::{password, present};

/// Where a code goes.
struct Target {
    recipient: Recipient,
    /// The address of the person; `None` for one that is nobody's.
    identification_id: Option<IdentificationId>,
    /// Whether it only looks as if a code was sent: there is nobody, or they may not sign in now, and the asker is not
    /// to learn that.
    is_quiet: bool,
}

/// Sends a code for this strategy to the address with this id, or to the one that was given as identifier.
pub(super) async fn send(
    mut cx: FrontendCx,
    mut attempt: Attempt,
    account: Option<Account>,
    strategy: &str,
    email_address_id: Option<&str>,
) -> FrontendAnswer<CreateSignIn> {
    let attributes = cx.instance.settings.attributes;
    if attributes.email_address == Wanted::Off
        || strategy == RESET_PASSWORD_EMAIL_CODE && attributes.password == Wanted::Off
    {
        return Err(errors::strategy_for_user_invalid());
    }
    let target = target(&cx, &attempt.sign_in, account.as_ref(), strategy, email_address_id)?;
    let slug = match strategy {
        RESET_PASSWORD_EMAIL_CODE => MailTemplate::ResetPasswordCode,
        _ => MailTemplate::VerificationCode,
    };
    let code = Code::new(&mut cx, slug, attempt.sign_in.id.as_str(), target.recipient).await?;
    let limits = cx.instance.settings.limits;
    let challenge = Challenge::sent(strategy, target.identification_id, code.hash(), &limits, cx.now);
    attempt.sign_in.send_code(challenge, limits.code_interval, cx.now)?;
    attempt.save(&mut cx);
    let shown = present::sign_in::sign_in(&cx.instance, &attempt.sign_in, account.as_ref(), cx.now);
    if target.is_quiet {
        cx.write_in_vain();
        code.keep_quiet(&mut cx)?;
    } else {
        code.queue(&mut cx)?;
    }
    cx.commit(shown).await
}

/// Judges the code. A wrong one counts twice: against the code, which is spent after a few tries, and against the
/// account, or one could guess on with code after code.
///
/// A new password may come with the code that was sent for one.
pub(super) async fn prove(
    mut cx: FrontendCx,
    mut attempt: Attempt,
    account: Option<Account>,
    strategy: &str,
    given: &Secret,
    new_password: Option<&Secret>,
) -> FrontendAnswer<CreateSignIn> {
    if let Some(account) = account.as_ref().filter(|_| !cx.hides_accounts()) {
        refuse_locked(account, cx.now)?;
    }
    let challenge = attempt.sign_in.challenge().filter(|it| it.strategy == strategy);
    let challenge = challenge.ok_or_else(errors::verification_missing)?;
    let email = account.as_ref().and_then(|account| {
        addresses(account).find(|email| Some(&email.id) == challenge.identification_id.as_ref()).cloned()
    });
    let address = match (&account, &email) {
        (_, Some(email)) => address(email)?,
        (Some(_), None) if !cx.hides_accounts() => {
            return Err(errors::client_state_invalid(
                "The address is gone. Have a code sent to another one.",
            ));
        }
        _ => named_address(&attempt.sign_in)?,
    };
    if let Some(password) = new_password.filter(|_| strategy == RESET_PASSWORD_EMAIL_CODE) {
        // Before the code is spent: a password that does not pass must not cost it.
        password::vet(&cx.server, &cx.instance, password, "password", &[address.as_str()]).await?;
    }
    let is_code =
        mail::is_code(&cx.server, attempt.sign_in.id.as_str(), &address, given, &challenge.code_hash);
    let is_real = match &account {
        Some(account) => email.is_some() && !account.user.is_locked(cx.now),
        None => sends_to_nobody(&attempt.sign_in, strategy),
    };
    match attempt.sign_in.try_code(strategy, is_code && is_real, cx.now)? {
        Verdict::Proven => {}
        Verdict::Wrong => {
            let sign_in = Some(&attempt.sign_in);
            return Err(finish::refuse(cx, account, sign_in, errors::code_incorrect()).await);
        }
        Verdict::Spent => return Err(errors::verification_failed()),
        Verdict::Expired => return Err(errors::verification_expired()),
    }
    let (Some(mut account), Some(mut email)) = (account, email) else {
        return Err(hand_over(cx, attempt, address).await);
    };
    finish::may_enter(&cx, &account).await?;
    if !email.is_verified() {
        verify(&mut cx, &mut account, &mut email)?;
    }
    match new_password.filter(|_| strategy == RESET_PASSWORD_EMAIL_CODE) {
        Some(password) => new_password::with_code(cx, attempt, account, password).await,
        None => finish::proven(cx, attempt, account, strategy).await,
    }
}

/// The address is nobody's, and proven: a sign-up can take over. The SDKs learn it from the error and from the client
/// beside it.
async fn hand_over(mut cx: FrontendCx, mut attempt: Attempt, address: EmailAddress) -> ApiError {
    let now = cx.now;
    if let Err(refusal) = attempt.sign_in.make_transferable(address, now) {
        return refusal.into();
    }
    if let Err(error) = cx.rotate_client_token() {
        return error;
    }
    attempt.save(&mut cx);
    cx.commit_refusal_with_client(errors::sign_up_if_missing_transfer()).await
}

/// An address that was only reserved for the person is proven to be theirs now.
pub(super) fn verify(
    cx: &mut FrontendCx,
    account: &mut Account,
    email: &mut Identification,
) -> Result<(), ApiError> {
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

/// The addresses that codes may be sent to: those that nobody else can have.
fn addresses(account: &Account) -> impl Iterator<Item = &Identification> {
    account.of_kind(IdentificationKind::EmailAddress).filter(|email| email.is_claimed())
}

/// The address itself. What the store keeps was checked when it came in.
fn address(email: &Identification) -> Result<EmailAddress, ApiError> {
    email.value.parse().map_err(errors::internal)
}

/// The address that was given as identifier. A username leads to no address where the answer must not tell whether
/// there is one.
fn named_address(sign_in: &SignIn) -> Result<EmailAddress, ApiError> {
    let identifier = sign_in.identifier().ok_or_else(|| errors::param_missing("identifier"))?;
    identifier.parse().map_err(|_| errors::strategy_for_user_invalid())
}

/// Whether a code goes to an address that is nobody's: one that a sign-up may take over.
fn sends_to_nobody(sign_in: &SignIn, strategy: &str) -> bool {
    use frontdesk_core::sign_in::SignInState;
    strategy == EMAIL_CODE && matches!(sign_in.state, SignInState::Nobody { sign_up_if_missing: true, .. })
}

fn target(
    cx: &FrontendCx,
    sign_in: &SignIn,
    account: Option<&Account>,
    strategy: &str,
    id: Option<&str>,
) -> Result<Target, ApiError> {
    if let Some(account) = account.filter(|_| !cx.hides_accounts()) {
        refuse_locked(account, cx.now)?;
        if account.user.banned {
            return Err(errors::user_banned());
        }
        let email = chosen(account, sign_in, id)?;
        let identification_id = Some(email.id.clone());
        return Ok(Target { recipient: Recipient::of(account, email)?, identification_id, is_quiet: false });
    }
    let address = named_address(sign_in)?;
    let shown_id = present::sign_in::stand_in_id(&cx.instance, &address);
    if id.is_some_and(|id| id != shown_id.as_str()) {
        return Err(not_theirs());
    }
    let email = account.and_then(|account| addresses(account).find(|email| email.value == address.as_str()));
    let is_real = match (account, email) {
        (Some(account), Some(_)) => !account.user.is_locked(cx.now) && !account.user.banned,
        (Some(_), None) => false,
        (None, _) => sends_to_nobody(sign_in, strategy),
    };
    let recipient = match (account, email) {
        (Some(account), Some(email)) => Recipient::of(account, email)?,
        _ => Recipient::address(&address),
    };
    Ok(Target { recipient, identification_id: email.map(|email| email.id.clone()), is_quiet: !is_real })
}

/// The address of the person to send to.
fn chosen<'a>(
    account: &'a Account,
    sign_in: &SignIn,
    id: Option<&str>,
) -> Result<&'a Identification, ApiError> {
    let named = sign_in.identifier().and_then(|text| text.parse::<EmailAddress>().ok());
    let found = match (id, named) {
        (Some(id), _) => addresses(account).find(|email| email.id.as_str() == id),
        (None, Some(named)) => addresses(account).find(|email| email.value == named.as_str()),
        // Named by username: the address they are written to.
        (None, None) => account.primary_email_address().filter(|email| email.is_claimed()),
    };
    found.ok_or_else(not_theirs)
}

fn not_theirs() -> ApiError {
    errors::param_value_invalid("email_address_id", "one of the account's addresses")
}
