//! Deleting one's own account.

use axum::Router;
use frontdesk_api::Nothing;
use frontdesk_api::frontend::me::DeleteMe;

use crate::pages::destination::Flow;
use crate::pages::form::Form;
use crate::pages::problem::Problems;
use crate::pages::visit::{Answer, Visit};
use crate::pages::{Pages, taken};

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new().route("/user/delete", taken(delete))
}

async fn delete(visit: Visit, form: Form) -> Answer {
    if !form.has("sure") {
        return visit.security_again(Problems::at("sure", "Tick the box if you are sure.")).await;
    }
    match visit.ask::<DeleteMe>(&Nothing {}, &Nothing {}).await {
        Ok(_) => Ok(visit.depart(Flow::SignOut)),
        Err(refusal) => visit.security_again(Problems::of(&refusal, &[])).await,
    }
}
