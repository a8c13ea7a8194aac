//! One's own password: set, changed.

use axum::Router;
use frontdesk_api::Nothing;
use frontdesk_api::frontend::me::{ChangeMyPassword, NewPassword};

use crate::pages::form::Form;
use crate::pages::problem::Problems;
use crate::pages::visit::{Answer, Done, Visit};
use crate::pages::{Pages, taken};

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new().route("/user/password", taken(change))
}

async fn change(visit: Visit, form: Form) -> Answer {
    let me = visit.me().await?;
    if me.profile.password_enabled && !form.has("current_password") {
        return visit.security_again(Problems::at("current_password", "Enter your password so far.")).await;
    }
    if !form.has("new_password") {
        return visit.security_again(Problems::at("new_password", "Enter a new password.")).await;
    }
    let wish = NewPassword {
        current_password: form.secret("current_password"),
        new_password: form.secret("new_password"),
        sign_out_of_other_sessions: Some(form.has("sign_out_of_other_sessions")),
    };
    match visit.ask::<ChangeMyPassword>(&Nothing {}, &wish).await {
        Ok(_) => Ok(Done::Go(visit.place("/user/security?done=password"))),
        Err(refusal) => {
            let fields = ["current_password", "new_password"];
            visit.security_again(Problems::of(&refusal, &fields)).await
        }
    }
}
