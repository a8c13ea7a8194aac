//! Signing up: fields are collected over any number of requests, the address is proven by a code, and when nothing is
//! missing any more user, identifiers and session begin in one commit.
//!
//! Where the instance hides who has an account, an address that somebody has is taken like any other, and gets the same
//! code: only whoever proves it learns that it is taken. A sign-in can take over then (`transfer`), so a wrong code counts
//! against the account of whoever has the address, as it does at sign-in.

mod claims;
mod complete;
mod fields;

use frontdesk_api::frontend::sign_ups::{
    AttemptSignUpVerification, CreateSignUp, GetSignUp, PrepareSignUpVerification, SignUpFields, UpdateSignUp,
};
use frontdesk_core::identification::IdentificationKind;
use frontdesk_core::sign_up::SignUp;
use frontdesk_core::user::Account;
use frontdesk_core::verification::{Challenge, Verdict};
use frontdesk_types::SignUpId;

pub(super) use self::fields::refuse_address;
use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::mail::{self, Code, MailTemplate, Recipient};
use crate::present;
use crate::routes::Routes;

const EMAIL_CODE: &str = "email_code";

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(create_sign_up).on(get_sign_up).on(update_sign_up).on(prepare).on(attempt)
}

/// Whether a sign-up is in the store already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    NotYet,
    Already,
}

/// Whether the client keeps its token. It needs a new one when a request says whose the account will be: whoever proved
/// the address, and whoever gave the password, must be the one who holds the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Kept,
    New,
}

impl Token {
    /// After these fields were given. Whoever planted their client in somebody's browser could otherwise put their own
    /// password beside the address that its user is about to prove.
    fn after(given: &SignUpFields) -> Self {
        if given.password.is_some() { Self::New } else { Self::Kept }
    }
}

async fn create_sign_up(mut cx: FrontendCx, req: Req<CreateSignUp>) -> FrontendAnswer<CreateSignUp> {
    cx.refuse_on_satellite()?;
    cx.refuse_second_session().await?;
    let id = SignUpId::mint(cx.now, &mut cx.rng);
    let client_id = cx.client_mut()?.id.clone();
    let mut sign_up = SignUp::begin(id, client_id, &cx.instance.settings.limits, cx.now);
    let is_transfer = req.body.transfer == Some(true);
    if is_transfer {
        take_over_sign_in(&mut cx, &mut sign_up).await?;
    }
    let token = Token::after(&req.body);
    fields::give(&mut cx, &mut sign_up, req.body).await?;
    if !is_transfer && !cx.instance.settings.sign_up.progressive {
        fields::want_all(&sign_up, &cx.instance.settings)?;
    }
    cx.client_mut()?.sign_up_id = Some(sign_up.id.clone());
    go_on(cx, sign_up, Kept::NotYet, token).await
}

/// Begins with the address that the client's sign-in has proven. The proof is used up with it.
async fn take_over_sign_in(cx: &mut FrontendCx, sign_up: &mut SignUp) -> Result<(), ApiError> {
    let nothing =
        || errors::client_state_invalid("There is no sign-in here whose proof a sign-up can take over.");
    let id = cx.client().and_then(|client| client.sign_in_id.clone()).ok_or_else(nothing)?;
    let mut sign_in = cx.sign_in(&id).await?;
    if sign_in.is_over(cx.now) {
        return Err(nothing());
    }
    let (address, proof) = sign_in.transfer(cx.now).map_err(|_| nothing())?;
    fields::refuse_address(cx, &address).await?;
    cx.work.save_sign_in(&sign_in);
    cx.client_mut()?.sign_in_id = None;
    sign_up.take_over(address, proof);
    Ok(())
}

async fn get_sign_up(cx: FrontendCx, req: Req<GetSignUp>) -> FrontendAnswer<GetSignUp> {
    let sign_up = cx.sign_up(&req.path.sign_up_id).await?;
    let shown = present::sign_up::sign_up(&cx.instance, &sign_up, cx.now);
    Ok(cx.show(shown))
}

async fn update_sign_up(mut cx: FrontendCx, req: Req<UpdateSignUp>) -> FrontendAnswer<UpdateSignUp> {
    let mut sign_up = cx.sign_up(&req.path.sign_up_id).await?;
    sign_up.open(cx.now)?;
    if req.body.transfer.is_some() {
        return Err(errors::param_unknown("transfer"));
    }
    let token = Token::after(&req.body);
    fields::give(&mut cx, &mut sign_up, req.body).await?;
    go_on(cx, sign_up, Kept::Already, token).await
}

async fn prepare(
    mut cx: FrontendCx,
    req: Req<PrepareSignUpVerification>,
) -> FrontendAnswer<PrepareSignUpVerification> {
    let mut sign_up = cx.sign_up(&req.path.sign_up_id).await?;
    want_email_code(req.body.strategy.as_deref())?;
    sign_up.open(cx.now)?;
    let Some(address) = sign_up.state.email_address.clone() else {
        return Err(errors::param_missing("email_address"));
    };
    let recipient = Recipient::address(&address);
    let code = Code::new(&mut cx, MailTemplate::VerificationCode, sign_up.id.as_str(), recipient).await?;
    let limits = cx.instance.settings.limits;
    let challenge = Challenge::sent(EMAIL_CODE, None, code.hash(), &limits, cx.now);
    sign_up.send_code(challenge, limits.code_interval, cx.now)?;
    cx.work.save_sign_up(&sign_up);
    let shown = present::sign_up::sign_up(&cx.instance, &sign_up, cx.now);
    code.queue(&mut cx)?;
    cx.commit(shown).await
}

/// Judges the code. Where somebody has the address, a wrong one counts twice: against the code, and against their account,
/// or one could guess on with code after code and go on as them. While they are locked, the right one is wrong as well.
async fn attempt(
    cx: FrontendCx,
    req: Req<AttemptSignUpVerification>,
) -> FrontendAnswer<AttemptSignUpVerification> {
    let mut sign_up = cx.sign_up(&req.path.sign_up_id).await?;
    want_email_code(req.body.strategy.as_deref())?;
    let given = req.body.code.ok_or_else(|| errors::param_missing("code"))?;
    let owner = match &sign_up.state.email_address {
        Some(address) => {
            let kind = IdentificationKind::EmailAddress;
            cx.store.account_by_identification(&cx.instance.id, kind, address.as_str()).await?
        }
        None => None,
    };
    let state = &sign_up.state;
    let is_code = match (&state.email_challenge, &state.email_address) {
        (Some(challenge), Some(address)) => {
            mail::is_code(&cx.server, sign_up.id.as_str(), address, &given, &challenge.code_hash)
        }
        _ => false,
    };
    let is_locked = owner.as_ref().is_some_and(|owner| owner.user.is_locked(cx.now));
    match sign_up.try_code(is_code && !is_locked, cx.now)? {
        Verdict::Proven => go_on(cx, sign_up, Kept::Already, Token::New).await,
        Verdict::Wrong => Err(refuse_code(cx, &sign_up, owner).await),
        Verdict::Spent => Err(errors::verification_failed()),
        Verdict::Expired => Err(errors::verification_expired()),
    }
}

/// Counts a wrong code against the account of whoever has the address. Where nobody has it, as much is written: the time
/// of the answer shall not tell.
async fn refuse_code(mut cx: FrontendCx, sign_up: &SignUp, owner: Option<Account>) -> ApiError {
    match owner {
        Some(mut owner) => {
            owner.user.count_failure(&cx.instance.settings.limits, cx.now);
            cx.work.save_user(&owner.user);
            if let Err(error) = mail::lock_begun(&mut cx, &owner).await {
                return error;
            }
        }
        None => cx.write_in_vain(),
    }
    cx.work.save_sign_up(sign_up);
    cx.commit_refusal(errors::code_incorrect()).await
}

/// The one way of proving an address that is built.
fn want_email_code(strategy: Option<&str>) -> Result<(), ApiError> {
    match strategy {
        Some(EMAIL_CODE) => Ok(()),
        Some(_) => {
            Err(errors::param_value_invalid("strategy", "email_code: the others are not available yet"))
        }
        None => Err(errors::param_missing("strategy")),
    }
}

/// Keeps the sign-up as it is now, or ends it if nothing is missing any more. What was proven is kept also where the
/// sign-up cannot go on, because somebody has claimed its address or its username meanwhile.
async fn go_on(
    mut cx: FrontendCx,
    mut sign_up: SignUp,
    kept: Kept,
    token: Token,
) -> FrontendAnswer<CreateSignUp> {
    sign_up.updated_at = cx.now;
    let is_ready = sign_up.is_ready(&cx.instance.settings);
    let claimed = claims::give_up_claimed(&cx, &mut sign_up, is_ready).await?;
    let completes = is_ready && claimed.is_none();
    if completes {
        complete::complete(&mut cx, &mut sign_up).await?;
    } else if token == Token::New {
        // A session brings one of its own.
        cx.rotate_client_token()?;
    }
    match kept {
        Kept::NotYet => cx.work.insert_sign_up(&sign_up),
        Kept::Already => cx.work.save_sign_up(&sign_up),
    }
    if let Some(refusal) = claimed {
        return Err(cx.commit_refusal_with_client(refusal).await);
    }
    let shown = present::sign_up::sign_up(&cx.instance, &sign_up, cx.now);
    let answer = cx.commit(shown).await?;
    if completes {
        metrics::counter!("frontdesk_sign_ups_total").increment(1);
    }
    Ok(answer)
}

impl FrontendCx {
    /// A sign-up of this client.
    pub(super) async fn sign_up(&self, id: &SignUpId) -> Result<SignUp, ApiError> {
        let client_id = &self.known_client()?.id;
        let found = self.store.sign_up(&self.instance.id, id).await?;
        found
            .filter(|sign_up| sign_up.client_id == *client_id)
            .ok_or_else(|| errors::resource_not_found("sign-up", id.as_str()))
    }
}
