//! Signing in: somebody is named, they prove it, and a session begins.
//!
//! One file for each way of proving it (`password`, `code`, `ticket`, `second_factor`, and `transfer` from a sign-up);
//! `named` finds out who is meant, `finish` asks for what is still demanded and ends what is proven, `new_password` sets
//! the one that is demanded.
//!
//! Where the instance hides who has an account (`enumeration_protection`), an identifier that nobody has is answered
//! like one that somebody has, with the same work, until something is proven: see `named`.

mod code;
mod finish;
mod named;
mod new_password;
mod password;
mod second_factor;
mod ticket;
mod transfer;

use frontdesk_api::frontend::sign_ins::{
    AttemptSignInFactorOne, CreateSignIn, GetSignIn, NewSignIn, PrepareSignInFactorOne,
};
use frontdesk_core::sign_in::{EMAIL_CODE, RESET_PASSWORD_EMAIL_CODE, SignIn};
use frontdesk_core::user::Account;
use frontdesk_types::SignInId;

use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::present;
use crate::routes::Routes;

const PASSWORD: &str = "password";
const TICKET: &str = "ticket";

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new()
        .on(create_sign_in)
        .on(get_sign_in)
        .on(prepare)
        .on(attempt)
        .on(new_password::reset_password)
        .on(second_factor::attempt)
}

/// A sign-in under way, and whether it is in the store already.
#[derive(Debug)]
struct Attempt {
    sign_in: SignIn,
    kept: Kept,
}

/// Whether a sign-in is in the store already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    NotYet,
    Already,
}

async fn create_sign_in(mut cx: FrontendCx, req: Req<CreateSignIn>) -> FrontendAnswer<CreateSignIn> {
    cx.refuse_on_satellite()?;
    cx.refuse_second_session().await?;
    let asked = req.body;
    if asked.transfer == Some(true) {
        return transfer::from_sign_up(cx).await;
    }
    match (asked.strategy.as_deref(), &asked.ticket, &asked.identifier) {
        (None | Some(TICKET), Some(ticket), _) => {
            let attempt = begin(&mut cx)?;
            ticket::redeem(cx, attempt, ticket).await
        }
        (Some(TICKET), None, _) => Err(errors::param_missing("ticket")),
        (Some(PASSWORD | EMAIL_CODE | RESET_PASSWORD_EMAIL_CODE), _, None) => {
            Err(errors::param_missing("identifier"))
        }
        (None | Some(PASSWORD | EMAIL_CODE | RESET_PASSWORD_EMAIL_CODE), _, Some(identifier)) => {
            begin_as(cx, &asked, identifier).await
        }
        (None, None, None) => {
            let attempt = begin(&mut cx)?;
            finish::keep(cx, attempt, None).await
        }
        (Some(_), _, _) => Err(strategy_not_available()),
    }
}

/// Begins a sign-in of whoever has this identifier, with as much as is given at once.
async fn begin_as(mut cx: FrontendCx, asked: &NewSignIn, identifier: &str) -> FrontendAnswer<CreateSignIn> {
    let sign_up_if_missing = asked.sign_up_if_missing == Some(true);
    let account = cx.named(identifier, sign_up_if_missing).await?;
    let strategy = asked.strategy.as_deref();
    if let (Some(password), None | Some(PASSWORD)) = (&asked.password, strategy) {
        // Nothing is kept before the password is right: strangers who guess shall not fill the store.
        let (mut cx, account) = password::prove(cx, account, password).await?;
        let mut attempt = begin(&mut cx)?;
        attempt.sign_in.identify(account.user.id.clone(), identifier.to_owned(), cx.now)?;
        return finish::proven(cx, attempt, account, PASSWORD).await;
    }
    let mut attempt = begin(&mut cx)?;
    match &account {
        Some(account) => attempt.sign_in.identify(account.user.id.clone(), identifier.to_owned(), cx.now)?,
        None => attempt.sign_in.name_nobody(identifier.to_owned(), sign_up_if_missing, cx.now)?,
    }
    match strategy {
        Some(PASSWORD) => Err(errors::param_missing("password")),
        Some(strategy) => code::send(cx, attempt, account, strategy, None).await,
        None => finish::keep(cx, attempt, account.as_ref()).await,
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
    let (attempt, account) = cx.open_sign_in(&req.path.sign_in_id).await?;
    match req.body.strategy.as_deref() {
        Some(strategy @ (EMAIL_CODE | RESET_PASSWORD_EMAIL_CODE)) => {
            code::send(cx, attempt, account, strategy, req.body.email_address_id.as_deref()).await
        }
        Some(_) => Err(strategy_not_available()),
        None => Err(errors::param_missing("strategy")),
    }
}

async fn attempt(cx: FrontendCx, req: Req<AttemptSignInFactorOne>) -> FrontendAnswer<AttemptSignInFactorOne> {
    let (attempt, account) = cx.open_sign_in(&req.path.sign_in_id).await?;
    let proof = req.body;
    match proof.strategy.as_deref() {
        Some(PASSWORD) => {
            let password = proof.password.ok_or_else(|| errors::param_missing("password"))?;
            attempt.needs_first_factor()?;
            let (cx, account) = password::prove(cx, account, &password).await?;
            finish::proven(cx, attempt, account, PASSWORD).await
        }
        Some(strategy @ (EMAIL_CODE | RESET_PASSWORD_EMAIL_CODE)) => {
            let code = proof.code.ok_or_else(|| errors::param_missing("code"))?;
            attempt.needs_first_factor()?;
            code::prove(cx, attempt, account, strategy, &code, proof.password.as_ref()).await
        }
        Some(TICKET) => {
            let ticket = proof.ticket.ok_or_else(|| errors::param_missing("ticket"))?;
            ticket::redeem(cx, attempt, &ticket).await
        }
        Some(_) => Err(strategy_not_available()),
        None => Err(errors::param_missing("strategy")),
    }
}

fn strategy_not_available() -> ApiError {
    errors::param_value_invalid(
        "strategy",
        "password, email_code, reset_password_email_code or ticket: the others are not available yet",
    )
}

/// A new sign-in on this client, which is made if there is none.
fn begin(cx: &mut FrontendCx) -> Result<Attempt, ApiError> {
    let id = SignInId::mint(cx.now, &mut cx.rng);
    let limits = cx.instance.settings.limits;
    let now = cx.now;
    let client = cx.client_mut()?;
    client.sign_in_id = Some(id.clone());
    Ok(Attempt { sign_in: SignIn::begin(id, client.id.clone(), &limits, now), kept: Kept::NotYet })
}

impl Attempt {
    /// Refuses where no first factor is waited for: before anything is judged, so that a proof that cannot count is
    /// neither looked at nor spent.
    fn needs_first_factor(&self) -> Result<(), ApiError> {
        use frontdesk_core::sign_in::{Refusal, SignInState};
        match self.sign_in.state {
            SignInState::NeedsFirstFactor { .. } | SignInState::Nobody { .. } => Ok(()),
            SignInState::NeedsIdentifier => Err(Refusal::NoIdentifier.into()),
            _ => Err(Refusal::OutOfOrder.into()),
        }
    }

    /// Collects the sign-in as it is now.
    fn save(&self, cx: &mut FrontendCx) {
        match self.kept {
            Kept::NotYet => cx.work.insert_sign_in(&self.sign_in),
            Kept::Already => cx.work.save_sign_in(&self.sign_in),
        }
    }
}

impl FrontendCx {
    /// A sign-in of this client.
    pub(super) async fn sign_in(&self, id: &SignInId) -> Result<SignIn, ApiError> {
        let client_id = &self.known_client()?.id;
        let found = self.store.sign_in(&self.instance.id, id).await?;
        found
            .filter(|sign_in| sign_in.client_id == *client_id)
            .ok_or_else(|| errors::resource_not_found("sign-in", id.as_str()))
    }

    /// A sign-in of this client that can still come to something, and who was named in it.
    async fn open_sign_in(&self, id: &SignInId) -> Result<(Attempt, Option<Account>), ApiError> {
        let sign_in = self.sign_in(id).await?;
        if sign_in.is_over(self.now) {
            return Err(errors::client_state_invalid("The sign-in is over. Begin a new one."));
        }
        let attempt = Attempt { sign_in, kept: Kept::Already };
        let Some(user_id) = attempt.sign_in.user_id() else { return Ok((attempt, None)) };
        let account = self.store.account(&self.instance.id, user_id).await?;
        let gone = || errors::client_state_invalid("The account is gone. Begin a new sign-in.");
        Ok((attempt, Some(account.ok_or_else(gone)?)))
    }
}
