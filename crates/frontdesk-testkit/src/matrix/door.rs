//! Where requests of the tests enter, and where they are noted.

use axum::Router;
use axum::body::Body;
use frontdesk_store::testing::Engine;
use http::Request;
use tower::ServiceExt;

use super::Reply;
use super::coverage::{Asked, Notes};

/// The real router of a server under test, without a socket.
#[derive(Clone, Debug)]
pub(super) struct Door {
    router: Router,
    engine: &'static str,
}

impl Door {
    /// The door of a server whose data this engine keeps.
    pub(super) fn new(router: Router, engine: &Engine) -> Self {
        let engine = match engine {
            Engine::Sqlite => "sqlite",
            Engine::Postgres(_) => "postgres",
        };
        Self { router, engine }
    }

    /// The router itself.
    pub(super) fn router(&self) -> &Router {
        &self.router
    }

    /// The whole answer. A request with a secret key is the Backend API's, whoever sends it; others say whose it is.
    pub(super) async fn ask(&self, audience: &'static str, request: Request<Body>) -> Reply {
        let asked = Asked::new(audience, self.engine, &request);
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let reply = Reply::read(response).await;
        if let Some(notes) = Notes::of_this_run() {
            notes.add(&asked, &reply);
        }
        reply
    }
}
