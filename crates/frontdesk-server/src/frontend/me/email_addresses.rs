//! One's own e-mail addresses: added, proven by a code, taken away.

use frontdesk_api::Deleted;
use frontdesk_api::backend::users::EmailAddress as ShownEmailAddress;
use frontdesk_api::frontend::me::{
    AttemptMyEmailAddress, CreateMyEmailAddress, DeleteMyEmailAddress, GetMyEmailAddress,
    GetMyEmailAddresses, PrepareMyEmailAddress,
};
use frontdesk_core::identification::{Identification, IdentificationKind};
use frontdesk_core::settings::Wanted;
use frontdesk_core::user::Account;
use frontdesk_core::verification::{Challenge, Verdict};
use frontdesk_types::{EmailAddress, IdentificationId};

use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::frontend::sign_ups::refuse_address;
use crate::mail::{self, Code, MailTemplate, Recipient};
use crate::present;
use crate::routes::Routes;

/// The one way of proving an address that is built.
const EMAIL_CODE: &str = "email_code";
/// How many addresses of an account may wait for their proof: each is a mail to somebody.
const MOST_UNVERIFIED: usize = 10;
/// How many addresses an account may have: all of them are in every answer.
const MOST_ADDRESSES: usize = 50;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(list).on(create).on(get).on(delete).on(prepare).on(attempt)
}

async fn list(cx: FrontendCx, _: Req<GetMyEmailAddresses>) -> FrontendAnswer<GetMyEmailAddresses> {
    let (_, account) = cx.signed_in().await?;
    let emails = account.of_kind(IdentificationKind::EmailAddress).map(present::user::email_address);
    let emails = emails.collect();
    Ok(cx.bare(emails))
}

/// Somebody else may have the same address waiting for its proof; whoever proves it first has it. That somebody has it
/// already is told at once, unless the instance hides who has an account: then whoever proves it learns it. An address that
/// may not sign up may not be added either, or any account would be a way around the lists.
async fn create(mut cx: FrontendCx, req: Req<CreateMyEmailAddress>) -> FrontendAnswer<CreateMyEmailAddress> {
    const NAME: &str = "email_address";
    let (_, mut account) = cx.signed_in().await?;
    if cx.instance.settings.attributes.email_address == Wanted::Off {
        return Err(errors::feature_not_enabled("e-mail addresses"));
    }
    let text = req.body.email_address.ok_or_else(|| errors::param_missing(NAME))?;
    let address: EmailAddress =
        text.parse().map_err(|_| errors::param_format_invalid(NAME, "a valid e-mail address"))?;
    refuse_address(&cx, &address).await?;
    let kind = IdentificationKind::EmailAddress;
    let is_own = account.of_kind(kind).any(|email| email.value == address.as_str());
    if is_own || !cx.hides_accounts() && cx.has_address(&address).await? {
        return Err(errors::identifier_taken(NAME));
    }
    if account.of_kind(kind).filter(|email| !email.is_verified()).count() >= MOST_UNVERIFIED {
        return Err(errors::too_many_unverified(MOST_UNVERIFIED));
    }
    if account.of_kind(kind).count() >= MOST_ADDRESSES {
        return Err(errors::too_many_addresses(MOST_ADDRESSES));
    }
    let id = IdentificationId::mint(cx.now, &mut cx.rng);
    let email = Identification::email(id, account.user.id.clone(), &address, cx.now).to_be_proven(EMAIL_CODE);
    let shown = present::user::email_address(&email);
    cx.work.insert_identification(&email);
    account.identifications.push(email);
    cx.collect_account(&mut account)?;
    cx.commit(shown).await
}

async fn get(cx: FrontendCx, req: Req<GetMyEmailAddress>) -> FrontendAnswer<GetMyEmailAddress> {
    let (_, account) = cx.signed_in().await?;
    let shown = present::user::email_address(own(&account, &req.path.email_id)?);
    cx.show_with_client(shown).await
}

async fn delete(mut cx: FrontendCx, req: Req<DeleteMyEmailAddress>) -> FrontendAnswer<DeleteMyEmailAddress> {
    let (_, mut account) = cx.signed_in().await?;
    let id = own(&account, &req.path.email_id)?.id.clone();
    account.can_lose(&id, &cx.instance.settings.attributes)?;
    account.lose(&id);
    cx.work.delete_identification(&account.user.id, &id);
    cx.collect_account(&mut account)?;
    cx.commit(Deleted::new("email_address", id.as_str())).await
}

async fn prepare(
    mut cx: FrontendCx,
    req: Req<PrepareMyEmailAddress>,
) -> FrontendAnswer<PrepareMyEmailAddress> {
    let (_, mut account) = cx.signed_in().await?;
    match req.body.strategy.as_deref() {
        Some(EMAIL_CODE) => {}
        Some(_) => {
            let built = "email_code: the others are not available yet";
            return Err(errors::param_value_invalid("strategy", built));
        }
        None => return Err(errors::param_missing("strategy")),
    }
    let mut email = own(&account, &req.path.email_id)?.clone();
    refuse_locked(&cx, &account)?;
    let recipient = Recipient::of(&account, &email)?;
    let code = Code::new(&mut cx, MailTemplate::VerificationCode, email.id.as_str(), recipient).await?;
    let limits = cx.instance.settings.limits;
    let challenge = Challenge::sent(EMAIL_CODE, Some(email.id.clone()), code.hash(), &limits, cx.now);
    email.send_code(challenge, limits.code_interval, cx.now)?;
    let shown = keep(&mut cx, &mut account, email);
    code.queue(&mut cx)?;
    cx.commit(shown).await
}

/// A wrong code counts twice: against the code, which is spent after a few tries, and against the account, or one could
/// guess on with code after code until an address of somebody else is proven.
async fn attempt(
    mut cx: FrontendCx,
    req: Req<AttemptMyEmailAddress>,
) -> FrontendAnswer<AttemptMyEmailAddress> {
    let (_, mut account) = cx.signed_in().await?;
    let given = req.body.code.ok_or_else(|| errors::param_missing("code"))?;
    let mut email = own(&account, &req.path.email_id)?.clone();
    refuse_locked(&cx, &account)?;
    let matches = match &email.challenge {
        Some(challenge) => {
            mail::is_code(&cx.server, email.id.as_str(), &address(&email)?, &given, &challenge.code_hash)
        }
        None => false,
    };
    match email.try_code(matches, cx.now)? {
        Verdict::Proven => {
            let kind = IdentificationKind::EmailAddress;
            let owner = cx.store.identification_owner(&cx.instance.id, kind, &email.value).await?;
            if owner.is_some_and(|owner| owner != account.user.id) {
                return Err(errors::identifier_taken("email_address"));
            }
            if account.user.primary_email_address_id.is_none() {
                account.user.primary_email_address_id = Some(email.id.clone());
            }
            let shown = present::user::email_address(&email);
            cx.work.save_identification(&email);
            account.replace(email);
            cx.collect_account(&mut account)?;
            cx.commit(shown).await
        }
        Verdict::Wrong => {
            account.user.count_failure(&cx.instance.settings.limits, cx.now);
            mail::lock_begun(&mut cx, &account).await?;
            keep(&mut cx, &mut account, email);
            Err(cx.commit_refusal(errors::code_incorrect()).await)
        }
        Verdict::Spent => Err(errors::verification_failed()),
        Verdict::Expired => Err(errors::verification_expired()),
    }
}

/// Keeps how the proof of an address stands. The user is saved with it: their version is what keeps two tries at one
/// moment from being counted as one.
fn keep(cx: &mut FrontendCx, account: &mut Account, email: Identification) -> ShownEmailAddress {
    let shown = present::user::email_address(&email);
    cx.work.save_identification(&email);
    cx.work.save_user(&account.user);
    account.replace(email);
    shown
}

/// An address of the person; those of others are none.
fn own<'a>(account: &'a Account, id: &IdentificationId) -> Result<&'a Identification, ApiError> {
    let mut emails = account.of_kind(IdentificationKind::EmailAddress);
    emails
        .find(|email| email.id == *id)
        .ok_or_else(|| errors::resource_not_found("e-mail address", id.as_str()))
}

/// The address itself. What the store keeps was checked when it came in.
fn address(email: &Identification) -> Result<EmailAddress, ApiError> {
    email.value.parse().map_err(errors::internal)
}

/// Who has guessed too often waits, signed in or not.
pub(super) fn refuse_locked(cx: &FrontendCx, account: &Account) -> Result<(), ApiError> {
    match account.user.locked_until {
        Some(until) if account.user.is_locked(cx.now) => Err(errors::user_locked(until.since(cx.now))),
        _ => Ok(()),
    }
}
