//! One's own picture.

use axum::Router;
use axum::body::Body;
use http::{HeaderValue, Method};
use serde_json::Value;

use crate::pages::api::Refusal;
use crate::pages::form::Form;
use crate::pages::problem::Problems;
use crate::pages::user::UserPage;
use crate::pages::visit::{Answer, Done, Visit};
use crate::pages::{Pages, taken, taken_file};

const IMAGE: &str = "/v1/me/profile_image";

/// What this room answers.
pub(super) fn routes() -> Router<Pages> {
    Router::new().route("/user/image", taken_file(upload)).route("/user/image/remove", taken(remove))
}

/// Passes the form on as it is: the API reads the file.
async fn upload(visit: Visit, kind: HeaderValue, body: Body) -> Answer {
    let sent = visit.send::<Value>(Method::POST, IMAGE, Some((kind, body))).await;
    visit.told(sent, "image").await
}

async fn remove(visit: Visit, _: Form) -> Answer {
    let removed = visit.send::<Value>(Method::DELETE, IMAGE, None).await;
    visit.told(removed, "no-image").await
}

impl Visit {
    async fn told(&self, outcome: Result<Value, Refusal>, done: &str) -> Answer {
        match outcome {
            Ok(_) => Ok(Done::Go(self.place(&format!("/user?done={done}")))),
            Err(refusal) => {
                let me = self.me().await?;
                UserPage::of(self, &me, None, Problems::of(&refusal, &["file"])).again()
            }
        }
    }
}
