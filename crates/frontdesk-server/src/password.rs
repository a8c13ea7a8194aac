//! Passwords: which ones pass, how they are kept, and how they are proven.

mod breaches;
mod hashing;
mod rules;
mod strength;
mod threads;

use frontdesk_types::Secret;

pub use self::breaches::{BreachList, Breaches, OpenError, RangeService};
pub(crate) use self::hashing::{Passwords, imported, is_bcrypt};
use crate::errors::{self, ApiError};
use crate::{LoadedInstance, Server};

/// However many bytes a character takes, no more than this is looked at or hashed.
const MAX_BYTES: usize = 1024;

/// Whether a new password passes everything that the instance asks of one: its length and characters, that it is
/// none of the person's identifiers, its strength, and that no breach has made it known. `param` names the field it
/// came in; `identifiers` are the e-mail addresses, the username and whatever else the person signs in with.
///
/// # Errors
/// The published code of the first rule that is broken; of the rules about characters, one error for each.
pub(crate) async fn vet(
    server: &Server,
    instance: &LoadedInstance,
    password: &Secret,
    param: &str,
    identifiers: &[&str],
) -> Result<(), ApiError> {
    let rules = instance.settings.password;
    check_size(password, param)?;
    rules::check(password, &rules, param)?;
    if is_any(password, identifiers) {
        return Err(errors::password_matches_identifier().at(param));
    }
    if rules.min_zxcvbn_strength > 0 {
        let (password, param) = (password.clone(), param.to_owned());
        let words = strength::words(identifiers);
        server
            .passwords()
            .off_thread(move || strength::check(&password, &words, rules.min_zxcvbn_strength, &param))
            .await?;
    }
    if rules.refuse_breached && is_breached(server, password).await {
        return Err(errors::password_breached().at(param));
    }
    Ok(())
}

/// Whether a breach has made this password known, as far as this server can find out: for a password that is proven
/// at sign-in, where the instance refuses known ones there too.
pub(crate) async fn is_breached(server: &Server, password: &Secret) -> bool {
    server.breaches().know(password, server.now()).await
}

/// Refuses more bytes than are ever hashed. All that is asked of a password whose checks the caller skips.
pub(crate) fn check_size(password: &Secret, param: &str) -> Result<(), ApiError> {
    if password.expose().is_empty() {
        return Err(errors::param_nil(param));
    }
    if password.expose().len() > MAX_BYTES {
        return Err(errors::password_size_exceeded(MAX_BYTES).at(param));
    }
    Ok(())
}

/// Whether the password is one of these, however it is written.
fn is_any(password: &Secret, identifiers: &[&str]) -> bool {
    let password = password.expose().trim().to_lowercase();
    identifiers.iter().any(|identifier| identifier.trim().to_lowercase() == password)
}
