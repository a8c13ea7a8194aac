//! What a handshake brings back: signed by the server, so the SDK takes it; but what stands in it may be anything.

use http::Request;
use serde_json::json;

use crate::stage::STAGE;

/// `data` is the lines of `Set-Cookie` in a handshake's payload; `%TOKEN%` in them is a session token.
///
/// # Panics
/// Where something that must hold does not.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines: Vec<String> =
        text.split('\n').map(|line| line.replace("%TOKEN%", STAGE.session.token())).collect();
    let payload = STAGE.signed(&json!({ "handshake": lines }));
    let desk = STAGE.server.frontdesk();
    STAGE.runtime.block_on(async {
        for (uri, cookie) in [
            ("http://localhost:3000/page".to_owned(), format!("__clerk_handshake={payload}")),
            (format!("http://localhost:3000/page?__clerk_handshake={payload}&a=b"), String::new()),
        ] {
            let request = Request::builder()
                .uri(uri)
                .header("host", "localhost:3000")
                .header("accept", "text/html")
                .header("sec-fetch-dest", "document")
                .header("cookie", cookie);
            let Ok(state) = desk.authenticate_request(&request.body(()).unwrap()).await else { continue };
            let brought = text.contains("%TOKEN%");
            assert!(brought || state.status() != frontdesk::Status::SignedIn, "signed in by {text}");
        }
    });
}
