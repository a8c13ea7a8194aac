//! Requests as an application sees them: cookies, headers and addresses of every kind, through the SDK's whole decision.
//!
//! Nobody is signed in without a token that the server signed.

use std::sync::LazyLock;

use frontdesk::{Accepts, Frontdesk, Status};

use crate::stage::STAGE;

static DESKS: LazyLock<Vec<Frontdesk>> = LazyLock::new(|| {
    let plain = STAGE.server.frontdesk_builder();
    let satellite = STAGE
        .server
        .frontdesk_builder()
        .is_satellite(true)
        .domain("satellite.example.com")
        .sign_in_url("https://example.com/sign-in");
    let synced = STAGE.server.frontdesk_builder().organization_patterns(["/orgs/:slug", "/orgs/:id/(.*)"]);
    [plain, satellite, synced].into_iter().map(|builder| builder.build().unwrap()).collect()
});

/// `data` is a request as text, see the corpus.
///
/// # Panics
/// Where something that must hold does not.
pub fn run(data: &[u8]) {
    let Some(request) = STAGE.request(data) else { return };
    let has_token = request.headers().values().any(|value| {
        value.as_bytes().windows(20).any(|part| STAGE.session.token().as_bytes().starts_with(part))
    });
    STAGE.runtime.block_on(async {
        for desk in &*DESKS {
            // A broken handshake is an error, for the developer's eyes.
            let Ok(state) = desk.authenticate_request(&request).await else { continue };
            assert!(state.status() != Status::SignedIn || has_token, "signed in by {request:?}");
            let _ = desk.accepting(Accepts::ANY).authenticate_request(&request).await;
            if let Some(location) = state.location() {
                assert!(!location.contains(['\r', '\n']));
            }
        }
    });
}
