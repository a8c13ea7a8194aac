//! Signing up: fields are collected over any number of requests, the address is proven by a code, and when nothing is
//! missing any more user, address and session begin in one commit.

mod fields;

use frontdesk_api::frontend::sign_ups::{
    AttemptSignUpVerification, CreateSignUp, GetSignUp, PrepareSignUpVerification, UpdateSignUp,
};
use frontdesk_core::event::EventType;
use frontdesk_core::identification::{Identification, IdentificationKind};
use frontdesk_core::sign_up::SignUp;
use frontdesk_core::user::{Account, User};
use frontdesk_core::verification::{Challenge, Verdict};
use frontdesk_store::Work;
use frontdesk_types::{EmailAddress, IdentificationId, SignUpId, UserId};

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

async fn create_sign_up(mut cx: FrontendCx, req: Req<CreateSignUp>) -> FrontendAnswer<CreateSignUp> {
    cx.refuse_second_session().await?;
    let id = SignUpId::mint(cx.now, &mut cx.rng);
    let client_id = cx.client_mut()?.id.clone();
    let mut sign_up = SignUp::begin(id, client_id, &cx.instance.settings.limits, cx.now);
    fields::give(&mut cx, &mut sign_up, req.body).await?;
    cx.client_mut()?.sign_up_id = Some(sign_up.id.clone());
    go_on(cx, sign_up, Kept::NotYet).await
}

async fn get_sign_up(cx: FrontendCx, req: Req<GetSignUp>) -> FrontendAnswer<GetSignUp> {
    let sign_up = cx.sign_up(&req.path.sign_up_id).await?;
    let shown = present::sign_up::sign_up(&cx.instance, &sign_up, cx.now);
    Ok(cx.show(shown))
}

async fn update_sign_up(mut cx: FrontendCx, req: Req<UpdateSignUp>) -> FrontendAnswer<UpdateSignUp> {
    let mut sign_up = cx.sign_up(&req.path.sign_up_id).await?;
    sign_up.open(cx.now)?;
    fields::give(&mut cx, &mut sign_up, req.body).await?;
    go_on(cx, sign_up, Kept::Already).await
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

async fn attempt(
    mut cx: FrontendCx,
    req: Req<AttemptSignUpVerification>,
) -> FrontendAnswer<AttemptSignUpVerification> {
    let mut sign_up = cx.sign_up(&req.path.sign_up_id).await?;
    want_email_code(req.body.strategy.as_deref())?;
    let given = req.body.code.ok_or_else(|| errors::param_missing("code"))?;
    let state = &sign_up.state;
    let matches = match (&state.email_challenge, &state.email_address) {
        (Some(challenge), Some(address)) => {
            mail::is_code(&cx.server, sign_up.id.as_str(), address, &given, &challenge.code_hash)
        }
        _ => false,
    };
    match sign_up.try_code(matches, cx.now)? {
        Verdict::Proven => go_on(cx, sign_up, Kept::Already).await,
        Verdict::Wrong => {
            cx.work.save_sign_up(&sign_up);
            Err(cx.commit_refusal(errors::code_incorrect()).await)
        }
        Verdict::Spent => Err(errors::verification_failed()),
        Verdict::Expired => Err(errors::verification_expired()),
    }
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

/// Keeps the sign-up as it is now, or ends it if nothing is missing any more.
async fn go_on(mut cx: FrontendCx, mut sign_up: SignUp, kept: Kept) -> FrontendAnswer<CreateSignUp> {
    sign_up.updated_at = cx.now;
    if sign_up.is_ready(&cx.instance.settings.attributes) {
        complete(&mut cx, &mut sign_up).await?;
    }
    match kept {
        Kept::NotYet => cx.work.insert_sign_up(&sign_up),
        Kept::Already => cx.work.save_sign_up(&sign_up),
    }
    let shown = present::sign_up::sign_up(&cx.instance, &sign_up, cx.now);
    cx.commit(shown).await
}

/// Makes the user, their address and their first session. All of it is written with one commit, or nothing is.
async fn complete(cx: &mut FrontendCx, sign_up: &mut SignUp) -> Result<(), ApiError> {
    cx.refuse_second_session().await?;
    let mut user = User::new(UserId::mint(cx.now, &mut cx.rng), cx.now);
    let state = &sign_up.state;
    user.first_name.clone_from(&state.first_name);
    user.last_name.clone_from(&state.last_name);
    user.locale.clone_from(&state.locale);
    user.unsafe_metadata = state.unsafe_metadata.clone();
    user.legal_accepted_at = state.legal_accepted_at;

    let mut identifications = Vec::new();
    if let Some(address) = &state.email_address {
        // Somebody may have claimed it since it was given. A race at this very moment is decided by the store, and
        // the loser comes here again.
        cx.refuse_taken_address(address).await?;
        let id = IdentificationId::mint(cx.now, &mut cx.rng);
        let mut email = Identification::email(id, user.id.clone(), address, cx.now);
        email.verification = state.email_challenge.as_ref().map(|challenge| challenge.verification(cx.now));
        user.primary_email_address_id = Some(email.id.clone());
        identifications.push(email);
    }
    let strategy = if state.email_verified { EMAIL_CODE } else { "password" };

    // The session refers to the user, so the user is written first; but it is the session that tells the user about
    // its beginning.
    let before = std::mem::replace(&mut cx.work, Work::new(&cx.instance.id));
    let session = cx.start_session(&mut user, strategy).await?;
    let session_writes = std::mem::replace(&mut cx.work, before);
    user.password_digest = sign_up.complete(user.id.clone(), session.id, cx.now);
    user.password_updated_at = user.password_digest.as_ref().map(|_| cx.now);

    cx.work.insert_user(&user);
    for identification in &identifications {
        cx.work.insert_identification(identification);
    }
    let account = Account { user, identifications };
    let shown = present::user::for_backend(&cx.instance, &account, cx.now);
    cx.emit(EventType::UserCreated, account.user.id.as_str(), &shown)?;
    cx.work.append(session_writes);
    Ok(())
}

impl FrontendCx {
    /// A sign-up of this client.
    async fn sign_up(&self, id: &SignUpId) -> Result<SignUp, ApiError> {
        let client_id = &self.known_client()?.id;
        let found = self.store.sign_up(&self.instance.id, id).await?;
        found
            .filter(|sign_up| sign_up.client_id == *client_id)
            .ok_or_else(|| errors::resource_not_found("sign-up", id.as_str()))
    }

    /// Refuses an address that somebody has.
    async fn refuse_taken_address(&self, address: &EmailAddress) -> Result<(), ApiError> {
        let kind = IdentificationKind::EmailAddress;
        match self.store.identification_owner(&self.instance.id, kind, address.as_str()).await? {
            Some(_) => Err(errors::identifier_taken("email_address")),
            None => Ok(()),
        }
    }
}
