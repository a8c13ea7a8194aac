//! One's own addresses: add one, prove it, make it the first, take it away.

use axum::Router;
use frontdesk_api::Nothing;
use frontdesk_api::frontend::me::{
    AttemptMyEmailAddress, CreateMyEmailAddress, DeleteMyEmailAddress, EmailAddressAttempt, EmailAddressPath,
    EmailAddressPreparation, MyChanges, NewEmailAddress, PrepareMyEmailAddress, UpdateMe,
};
use frontdesk_api::frontend::users::User;
use frontdesk_types::{Change, IdentificationId};
use http::StatusCode;

use super::UserPage;
use crate::pages::api::Refusal;
use crate::pages::field::Field;
use crate::pages::form::Form;
use crate::pages::problem::Problems;
use crate::pages::sign_in::CodePage;
use crate::pages::visit::{Answer, Done, Trouble, Visit};
use crate::pages::{Pages, shown, taken};

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new()
        .route("/user/email/add", taken(add))
        .route("/user/email/send", taken(send))
        .route("/user/email/verify", shown(show).merge(taken(prove)))
        .route("/user/email/primary", taken(make_primary))
        .route("/user/email/remove", taken(remove))
}

/// One address, as the list shows it.
#[derive(Debug)]
pub(super) struct Email {
    pub(super) id: String,
    pub(super) address: String,
    pub(super) is_primary: bool,
    pub(super) is_verified: bool,
}

/// Somebody's addresses, the primary one before the others.
pub(super) fn all(me: &User) -> Vec<Email> {
    let primary = me.profile.primary_email_address_id.as_ref();
    let addresses = me.profile.email_addresses.iter().map(|email| Email {
        id: email.id.as_str().to_owned(),
        address: email.email_address.clone(),
        is_primary: primary == Some(&email.id),
        is_verified: email.verification.as_ref().is_some_and(|it| it.status.as_str() == "verified"),
    });
    let mut addresses: Vec<_> = addresses.collect();
    addresses.sort_by_key(|email| !email.is_primary);
    addresses
}

async fn add(visit: Visit, form: Form) -> Answer {
    let Some(address) = form.trimmed("email_address") else {
        return visit.profile_again(&form, Problems::at("email_address", "Enter an e-mail address.")).await;
    };
    let wish = NewEmailAddress { email_address: Some(address) };
    let added = match visit.ask::<CreateMyEmailAddress>(&Nothing {}, &wish).await {
        Ok(added) => added.id,
        Err(refusal) => {
            return visit.profile_again(&form, Problems::of(&refusal, &["email_address"])).await;
        }
    };
    match visit.send_code_to(&added).await {
        Ok(()) => Ok(visit.to_code_page(&added, "")),
        Err(refusal) => visit.profile_again(&form, Problems::of(&refusal, &[])).await,
    }
}

async fn send(visit: Visit, form: Form) -> Answer {
    let id = id_of(&form)?;
    let Err(refusal) = visit.send_code_to(&id).await else { return Ok(visit.to_code_page(&id, "&sent=1")) };
    // Moments after the last code, that one is still good.
    if refusal.status == StatusCode::TOO_MANY_REQUESTS
        && let Some(page) = code_page(&visit, &id, Problems::of(&refusal, &[])).await?
    {
        return Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    visit.profile_again(&form, Problems::of(&refusal, &[])).await
}

async fn show(visit: Visit) -> Answer {
    let id = visit.query("id").and_then(|id| id.parse().ok());
    let page = match id {
        Some(id) => code_page(&visit, &id, Problems::default()).await?,
        None => None,
    };
    let Some(mut page) = page else { return Ok(Done::Go(visit.place("/user"))) };
    page.frame.notice = visit.query("sent").map(|_| "A new code is on its way.");
    Done::page(&page)
}

async fn prove(visit: Visit, form: Form) -> Answer {
    let id = id_of(&form)?;
    let refused = match form.secret("code") {
        None => Problems::at("code", "Enter the code from the mail."),
        code => {
            let path = EmailAddressPath { email_id: id.clone() };
            match visit.ask::<AttemptMyEmailAddress>(&path, &EmailAddressAttempt { code }).await {
                Ok(_) => return Ok(Done::Go(visit.place("/user?done=verified"))),
                Err(refusal) => Problems::of(&refusal, &["code"]),
            }
        }
    };
    match code_page(&visit, &id, refused).await? {
        Some(page) => Done::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page),
        None => Ok(Done::Go(visit.place("/user"))),
    }
}

async fn make_primary(visit: Visit, form: Form) -> Answer {
    let changes = MyChanges {
        primary_email_address_id: Change::Set(form.text("id").to_owned()),
        ..MyChanges::default()
    };
    match visit.ask::<UpdateMe>(&Nothing {}, &changes).await {
        Ok(_) => Ok(Done::Go(visit.place("/user?done=primary"))),
        Err(refusal) => visit.profile_again(&form, Problems::of(&refusal, &[])).await,
    }
}

async fn remove(visit: Visit, form: Form) -> Answer {
    let path = EmailAddressPath { email_id: id_of(&form)? };
    match visit.ask::<DeleteMyEmailAddress>(&path, &Nothing {}).await {
        Ok(_) => Ok(Done::Go(visit.place("/user?done=removed"))),
        Err(refusal) => visit.profile_again(&form, Problems::of(&refusal, &[])).await,
    }
}

/// The page that asks for the code, unless there is nothing to prove.
async fn code_page(
    visit: &Visit,
    id: &IdentificationId,
    problems: Problems,
) -> Result<Option<CodePage>, Refusal> {
    let me = visit.me().await?;
    let email = all(&me).into_iter().find(|email| email.id == id.as_str() && !email.is_verified);
    Ok(email.map(|email| CodePage {
        frame: visit.frame("Check your mail").with_problems(problems),
        field: Field::code().first(),
        address: email.address,
        action: visit.place("/user/email/verify"),
        again: visit.place("/user/email/send"),
        back: (visit.place("/user"), "Back to your profile"),
        hidden: vec![("id", email.id)],
        button: "Verify",
    }))
}

fn id_of(form: &Form) -> Result<IdentificationId, Trouble> {
    form.text("id").parse().map_err(|_| Trouble::Forged)
}

impl Visit {
    async fn send_code_to(&self, id: &IdentificationId) -> Result<(), Refusal> {
        let path = EmailAddressPath { email_id: id.clone() };
        let wish = EmailAddressPreparation { strategy: Some("email_code".to_owned()) };
        self.ask::<PrepareMyEmailAddress>(&path, &wish).await.map(drop)
    }

    fn to_code_page(&self, id: &IdentificationId, more: &str) -> Done {
        Done::Go(self.place(&format!("/user/email/verify?id={id}{more}")))
    }

    /// The profile once more, since something was wrong.
    pub(super) async fn profile_again(&self, form: &Form, problems: Problems) -> Answer {
        let me = self.me().await?;
        UserPage::of(self, &me, Some(form), problems).again()
    }
}
