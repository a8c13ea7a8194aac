//! Codes by mail: made before the commit, sent after it.
//!
//! A code lives in clear in this process and in the mail alone; the store gets its keyed hash, bound to the attempt
//! and the address it was made for (decision 10).

mod recent;

use frontdesk_core::settings::Limits;
use frontdesk_notify::{Letter, Mail};
use frontdesk_types::{EmailAddress, Randomness, Secret, Timestamp};
use subtle::ConstantTimeEq;

pub(crate) use self::recent::RecentCodes;
use crate::errors::{self, ApiError};
use crate::{LoadedInstance, Server};

/// The code of every test address (wire protocol §8.2).
const TEST_CODE: &str = "424242";

/// A code on its way to an address. Keep [`Code::hash`], [`Code::count`] it, commit, then [`Code::send`] it.
#[derive(Debug)]
#[must_use = "a code that is not sent helps nobody"]
pub(crate) struct Code {
    hash: String,
    mailing: Option<Mailing>,
}

/// A mail to be sent, and what is noted about it.
#[derive(Debug)]
struct Mailing {
    letter: Letter,
    address: EmailAddress,
    limits: Limits,
}

impl Code {
    /// A fresh code for an address, good for the attempt with this id. In test mode, test addresses get the code that
    /// everybody knows, and no mail.
    ///
    /// Refuses where no mail can be sent, before anything is promised.
    pub(crate) fn new(
        server: &Server,
        instance: &LoadedInstance,
        attempt: &str,
        address: &EmailAddress,
        now: Timestamp,
        rng: &mut dyn Randomness,
    ) -> Result<Self, ApiError> {
        let settings = &instance.settings;
        let hash = |code: &str| server.master_key().hash_code(&purpose(attempt, address), code);
        if settings.test_mode && address.is_test() {
            return Ok(Self { hash: hash(TEST_CODE), mailing: None });
        }
        server.delivery().ready().map_err(|_| errors::mail_not_configured())?;
        let limits = settings.limits;
        let code = format!("{:06}", rng.below(1_000_000));
        let name = &settings.application_name;
        let mail = Mail::verification_code(name, address.as_str(), &code, limits.code_lifetime);
        let letter = Letter { instance: instance.id.clone(), sent_at: now, mail };
        Ok(Self { hash: hash(&code), mailing: Some(Mailing { letter, address: address.clone(), limits }) })
    }

    /// What is kept of the code.
    pub(crate) fn hash(&self) -> String {
        self.hash.clone()
    }

    /// Counts it among those that go to its address, or refuses where there are too many. Call this last before the
    /// commit: what is counted stays so, also if nothing comes of it, or requests at one moment would pass together.
    pub(crate) fn count(&self, server: &Server) -> Result<(), ApiError> {
        let Some(Mailing { letter, address, limits }) = &self.mailing else { return Ok(()) };
        let wait = server.recent_codes().count(&letter.instance, address, limits, letter.sent_at);
        wait.map_or(Ok(()), |wait| Err(errors::code_too_soon(wait)))
    }

    /// Sends it. Call this when what was promised is on disk.
    pub(crate) fn send(self, server: &Server) -> Result<(), ApiError> {
        let Some(Mailing { letter, .. }) = self.mailing else { return Ok(()) };
        server.delivery().deliver(letter).map_err(|_| errors::mail_not_configured())
    }
}

/// Whether this is the code that was sent to the address for the attempt. Spaces that came with pasting do not count.
pub(crate) fn is_code(
    server: &Server,
    attempt: &str,
    address: &EmailAddress,
    given: &Secret,
    hash: &str,
) -> bool {
    let given: String = given.expose().chars().filter(|character| !character.is_whitespace()).collect();
    let given = server.master_key().hash_code(&purpose(attempt, address), &given);
    given.as_bytes().ct_eq(hash.as_bytes()).into()
}

fn purpose(attempt: &str, address: &EmailAddress) -> String {
    format!("{attempt}/{address}")
}
