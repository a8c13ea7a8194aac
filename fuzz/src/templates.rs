//! JWT templates: whatever is approved can be evaluated, and stays below the size that was foretold.

use frontdesk_core::session::Session;
use frontdesk_core::template::{Facts, check_session_token_claims};
use frontdesk_core::user::{Account, User};
use frontdesk_types::{Span, Timestamp};
use serde_json::{Map, Value};

/// `data` is the JSON of a template's claims.
///
/// # Panics
/// Where something that must hold does not.
pub fn run(data: &[u8]) {
    let Ok(claims) = serde_json::from_slice::<Map<String, Value>>(data) else { return };
    let Ok(template) = check_session_token_claims(&claims) else { return };
    let now = Timestamp::from_secs(1_767_225_600);
    let user = User::new("user_1".parse().unwrap(), now);
    let session = Session::new(
        "sess_1".parse().unwrap(),
        "client_1".parse().unwrap(),
        user.id.clone(),
        Span::days(7),
        now,
    );
    let account = Account { user, identifications: Vec::new() };
    let filled = template.evaluate(&Facts::new(&account, &session));
    assert_eq!(filled.len(), claims.len());
    let size = serde_json::to_string(&filled).unwrap().len();
    assert!(size <= template.worst_case_size(), "{size} bytes, {} foretold", template.worst_case_size());
}
