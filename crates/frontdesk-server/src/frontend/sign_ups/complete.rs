//! The end of a sign-up: user, identifiers and first session.

use frontdesk_core::event::EventType;
use frontdesk_core::identification::Identification;
use frontdesk_core::sign_up::SignUp;
use frontdesk_core::user::{Account, User};
use frontdesk_store::Work;
use frontdesk_types::{IdentificationId, UserId};

use super::{EMAIL_CODE, fields};
use crate::errors::ApiError;
use crate::extract::{Factors, FrontendCx};
use crate::present;

/// Makes the user, what identifies them and their first session. All of it is written with one commit, or nothing is.
pub(super) async fn complete(cx: &mut FrontendCx, sign_up: &mut SignUp) -> Result<(), ApiError> {
    cx.refuse_second_session().await?;
    let mut user = User::new(UserId::mint(cx.now, &mut cx.rng), cx.now);
    let state = &sign_up.state;
    match &state.email_address {
        Some(address) => fields::refuse_address(cx, address).await?,
        None => fields::refuse_without_address(cx)?,
    }
    user.first_name.clone_from(&state.first_name);
    user.last_name.clone_from(&state.last_name);
    user.locale.clone_from(&state.locale);
    user.unsafe_metadata = state.unsafe_metadata.clone();
    user.legal_accepted_at = state.legal_accepted_at;
    user.external_id.clone_from(&state.external_id);

    let mut identifications = Vec::new();
    if let Some(address) = &state.email_address {
        let id = IdentificationId::mint(cx.now, &mut cx.rng);
        let mut email = Identification::email(id, user.id.clone(), address, cx.now);
        email.verification = state.email_challenge.as_ref().map(|challenge| challenge.verification(cx.now));
        user.primary_email_address_id = Some(email.id.clone());
        identifications.push(email);
    }
    if let Some(username) = &state.username {
        let id = IdentificationId::mint(cx.now, &mut cx.rng);
        identifications.push(Identification::username(id, user.id.clone(), username, cx.now));
    }
    let strategy = if state.email_verified { EMAIL_CODE } else { "password" };

    // The session refers to the user, so the user is written first; but it is the session that tells the user about
    // its beginning.
    let before = std::mem::replace(&mut cx.work, Work::new(&cx.instance.id));
    let session = cx.start_session(&mut user, strategy, Factors::One).await?;
    let session_writes = std::mem::replace(&mut cx.work, before);
    let now = cx.now;
    user.password_digest = sign_up.complete(&cx.instance.settings, user.id.clone(), session.id, now)?;
    user.password_updated_at = user.password_digest.as_ref().map(|_| now);

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
