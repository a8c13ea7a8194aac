//! A sign-in token on the wire.

use frontdesk_api::backend::sign_in_tokens as wire;
use frontdesk_core::sign_in_token::SignInToken;

/// A sign-in token as the Backend API shows it, without the ticket itself.
pub(crate) fn for_backend(token: &SignInToken) -> wire::SignInToken {
    wire::SignInToken {
        object: "sign_in_token".to_owned(),
        id: token.id.clone(),
        user_id: token.user_id.clone(),
        token: None,
        status: token.status.as_str().into(),
        url: None,
        created_at: token.created_at,
        updated_at: token.updated_at,
    }
}
