//! Signing in: somebody is named, they prove it, and a session begins.
//!
//! One file for each way of proving it (`password`, `email_code`, `ticket`); this one leads to them and ends what they
//! have proven.

mod email_code;
mod password;
mod ticket;

use frontdesk_api::frontend::sign_ins::{
    AttemptSignInFactorOne, CreateSignIn, GetSignIn, PrepareSignInFactorOne,
};
use frontdesk_core::identification::{Identification, IdentificationKind};
use frontdesk_core::sign_in::{SignIn, SignInState};
use frontdesk_core::user::Account;
use frontdesk_types::{EmailAddress, SignInId, Timestamp};

use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::routes::Routes;
use crate::{mail, present};

const EMAIL_CODE: &str = "email_code";
const PASSWORD: &str = "password";
const TICKET: &str = "ticket";

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(create_sign_in).on(get_sign_in).on(prepare).on(attempt)
}

/// Whether a sign-in is in the store already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    NotYet,
    Already,
}

async fn create_sign_in(mut cx: FrontendCx, req: Req<CreateSignIn>) -> FrontendAnswer<CreateSignIn> {
    cx.refuse_second_session().await?;
    let asked = req.body;
    match (asked.strategy.as_deref(), asked.ticket, asked.identifier) {
        (None | Some(TICKET), Some(ticket), _) => {
            let sign_in = begin(&mut cx)?;
            ticket::redeem(cx, sign_in, Kept::NotYet, &ticket).await
        }
        (Some(TICKET), None, _) => Err(errors::param_missing("ticket")),
        (Some(PASSWORD | EMAIL_CODE), _, None) => Err(errors::param_missing("identifier")),
        (None | Some(PASSWORD | EMAIL_CODE), _, Some(identifier)) => {
            let account = cx.named(&identifier).await?;
            if let (Some(password), None | Some(PASSWORD)) = (&asked.password, asked.strategy.as_deref()) {
                let mut cx = password::prove(cx, &account, password).await?;
                let sign_in = begin_as(&mut cx, &account, identifier)?;
                return complete(cx, sign_in, Kept::NotYet, account, PASSWORD).await;
            }
            let sign_in = begin_as(&mut cx, &account, identifier)?;
            match asked.strategy.as_deref() {
                Some(PASSWORD) => Err(errors::param_missing("password")),
                Some(_) => email_code::send(cx, sign_in, Kept::NotYet, account, None).await,
                None => keep(cx, sign_in, Kept::NotYet, Some(&account)).await,
            }
        }
        (None, None, None) => {
            let sign_in = begin(&mut cx)?;
            keep(cx, sign_in, Kept::NotYet, None).await
        }
        (Some(_), _, _) => Err(strategy_not_available()),
    }
}

async fn get_sign_in(cx: FrontendCx, req: Req<GetSignIn>) -> FrontendAnswer<GetSignIn> {
    let sign_in = cx.sign_in(&req.path.sign_in_id).await?;
    let account = match sign_in.user_id() {
        Some(user_id) => cx.store.account(&cx.instance.id, user_id).await?,
        None => None,
    };
    let shown = present::sign_in::sign_in(&cx.instance, &sign_in, account.as_ref(), cx.now);
    Ok(cx.show(shown))
}

async fn prepare(cx: FrontendCx, req: Req<PrepareSignInFactorOne>) -> FrontendAnswer<PrepareSignInFactorOne> {
    let (sign_in, account) = cx.open_sign_in(&req.path.sign_in_id).await?;
    match req.body.strategy.as_deref() {
        Some(EMAIL_CODE) => {
            let account = account.ok_or_else(|| errors::param_missing("identifier"))?;
            let email = req.body.email_address_id.as_deref();
            email_code::send(cx, sign_in, Kept::Already, account, email).await
        }
        Some(_) => Err(strategy_not_available()),
        None => Err(errors::param_missing("strategy")),
    }
}

async fn attempt(cx: FrontendCx, req: Req<AttemptSignInFactorOne>) -> FrontendAnswer<AttemptSignInFactorOne> {
    let (sign_in, account) = cx.open_sign_in(&req.path.sign_in_id).await?;
    let proof = req.body;
    let named = || account.ok_or_else(|| errors::param_missing("identifier"));
    match proof.strategy.as_deref() {
        Some(PASSWORD) => {
            let password = proof.password.ok_or_else(|| errors::param_missing("password"))?;
            let account = named()?;
            let cx = password::prove(cx, &account, &password).await?;
            complete(cx, sign_in, Kept::Already, account, PASSWORD).await
        }
        Some(EMAIL_CODE) => {
            let code = proof.code.ok_or_else(|| errors::param_missing("code"))?;
            email_code::prove(cx, sign_in, named()?, &code).await
        }
        Some(TICKET) => {
            let ticket = proof.ticket.ok_or_else(|| errors::param_missing("ticket"))?;
            ticket::redeem(cx, sign_in, Kept::Already, &ticket).await
        }
        Some(_) => Err(strategy_not_available()),
        None => Err(errors::param_missing("strategy")),
    }
}

fn strategy_not_available() -> ApiError {
    errors::param_value_invalid(
        "strategy",
        "password, email_code or ticket: the others are not available yet",
    )
}

/// A new sign-in on this client, which is made if there is none.
fn begin(cx: &mut FrontendCx) -> Result<SignIn, ApiError> {
    let id = SignInId::mint(cx.now, &mut cx.rng);
    let limits = cx.instance.settings.limits;
    let now = cx.now;
    let client = cx.client_mut()?;
    client.sign_in_id = Some(id.clone());
    Ok(SignIn::begin(id, client.id.clone(), &limits, now))
}

/// A new sign-in of this person.
fn begin_as(cx: &mut FrontendCx, account: &Account, identifier: String) -> Result<SignIn, ApiError> {
    let mut sign_in = begin(cx)?;
    sign_in.identify(account.user.id.clone(), identifier, cx.now)?;
    Ok(sign_in)
}

/// Keeps the sign-in as it is now.
async fn keep(
    mut cx: FrontendCx,
    sign_in: SignIn,
    kept: Kept,
    account: Option<&Account>,
) -> FrontendAnswer<CreateSignIn> {
    save(&mut cx, &sign_in, kept);
    let shown = present::sign_in::sign_in(&cx.instance, &sign_in, account, cx.now);
    cx.commit(shown).await
}

fn save(cx: &mut FrontendCx, sign_in: &SignIn, kept: Kept) {
    match kept {
        Kept::NotYet => cx.work.insert_sign_in(sign_in),
        Kept::Already => cx.work.save_sign_in(sign_in),
    }
}

/// Ends a sign-in: who signs in is proven, so a session begins.
async fn complete(
    mut cx: FrontendCx,
    mut sign_in: SignIn,
    kept: Kept,
    mut account: Account,
    strategy: &str,
) -> FrontendAnswer<CreateSignIn> {
    if account.user.banned {
        return Err(errors::user_banned());
    }
    // Another tab may have signed in since the attempt began.
    cx.refuse_second_session().await?;
    account.user.forget_failures();
    let session = cx.start_session(&mut account.user, strategy).await?;
    sign_in.complete(account.user.id.clone(), strategy, session.id, cx.now)?;
    cx.work.save_user(&account.user);
    keep(cx, sign_in, kept, Some(&account)).await
}

/// Counts a failed proof against the account, writes that down together with the sign-in whose code was tried, and
/// refuses.
async fn refuse(mut cx: FrontendCx, mut account: Account, tried: Option<&SignIn>, why: ApiError) -> ApiError {
    account.user.count_failure(&cx.instance.settings.limits, cx.now);
    cx.work.save_user(&account.user);
    if let Some(sign_in) = tried {
        cx.work.save_sign_in(sign_in);
    }
    if let Err(error) = mail::lock_begun(&mut cx, &account).await {
        return error;
    }
    let why = refuse_locked(&account, cx.now).err().unwrap_or(why);
    cx.commit_refusal(why).await
}

/// Refuses an account that is locked after too many failures.
fn refuse_locked(account: &Account, now: Timestamp) -> Result<(), ApiError> {
    match account.user.locked_until {
        Some(until) if account.user.is_locked(now) => Err(errors::user_locked(until.since(now))),
        _ => Ok(()),
    }
}

impl FrontendCx {
    /// The person with this identifier.
    async fn named(&self, identifier: &str) -> Result<Account, ApiError> {
        // What is no address at all is nobody's identifier either, as long as there are no others.
        let Ok(address) = identifier.parse::<EmailAddress>() else {
            return Err(errors::identifier_not_found("identifier"));
        };
        let kind = IdentificationKind::EmailAddress;
        let found = self.store.account_by_identification(&self.instance.id, kind, address.as_str()).await?;
        found.ok_or_else(|| errors::identifier_not_found("identifier"))
    }

    /// A sign-in of this client.
    async fn sign_in(&self, id: &SignInId) -> Result<SignIn, ApiError> {
        let client_id = &self.known_client()?.id;
        let found = self.store.sign_in(&self.instance.id, id).await?;
        found
            .filter(|sign_in| sign_in.client_id == *client_id)
            .ok_or_else(|| errors::resource_not_found("sign-in", id.as_str()))
    }

    /// A sign-in of this client that can still come to something, and who was named in it.
    async fn open_sign_in(&self, id: &SignInId) -> Result<(SignIn, Option<Account>), ApiError> {
        let sign_in = self.sign_in(id).await?;
        if matches!(sign_in.state, SignInState::Complete { .. }) || sign_in.is_abandoned(self.now) {
            return Err(errors::client_state_invalid("The sign-in is over. Begin a new one."));
        }
        let Some(user_id) = sign_in.user_id() else { return Ok((sign_in, None)) };
        let account = self.store.account(&self.instance.id, user_id).await?;
        let gone = || errors::client_state_invalid("The account is gone. Begin a new sign-in.");
        Ok((sign_in, Some(account.ok_or_else(gone)?)))
    }
}

/// The addresses that codes may be sent to: those that nobody else can have.
fn addresses(account: &Account) -> impl Iterator<Item = &Identification> {
    account.of_kind(IdentificationKind::EmailAddress).filter(|email| email.is_claimed())
}
