//! Second factors that came with a person: codes of an authenticator app, and backup codes.
//!
//! The secret of an app is sealed under the master key ([`keys::TOTP`]). A backup code is kept as its SHA-256, sealed
//! under the master key ([`keys::BACKUP_CODE`]), because it is too short to resist guessing as a bare hash; or as the
//! bcrypt digest that it was imported with.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_core::user::User;
use frontdesk_types::{Randomness, Secret, Timestamp};
use subtle::{Choice, ConstantTimeEq};
use totp_rs::{Algorithm, Builder, Totp};

use crate::Server;
use crate::errors::{self, ApiError};
use crate::keys::{self, MasterKey};
use crate::password::is_bcrypt;

/// A code works for this long; SDKs and apps know no other length (contract `CreateUser`, `totp_secret`).
const STEP_SECONDS: u64 = 30;

/// Codes of this many steps before and after the current one work too: clocks differ, and people type slowly.
const SKEW: u64 = 1;

/// The shortest secret taken: 80 bits, what the first authenticator apps made.
const SHORTEST_SECRET: usize = 10;

/// The longest secret taken, in bytes: a block of the hash that it keys.
const LONGEST_SECRET: usize = 64;

/// The most backup codes that one person may have. Each imported digest is a bcrypt to compute for a wrong code.
const MAX_BACKUP_CODES: usize = 20;

/// The longest backup code, in characters; a bcrypt digest has 60.
const LONGEST_BACKUP_CODE: usize = 64;

/// The dearest bcrypt digest of a backup code that is taken: 2^12 rounds, a quarter of a second.
const DEAREST_BACKUP_CODE: u32 = 12;

/// Gives somebody an authenticator app, by the secret that it holds: Base32 as apps show it, with or without spaces
/// and padding. Whatever was used with another secret counts no longer.
///
/// # Errors
/// 422 if the text is no such secret.
pub(crate) fn enroll(
    master_key: &MasterKey,
    user: &mut User,
    secret: &Secret,
    now: Timestamp,
    rng: &mut dyn Randomness,
) -> Result<(), ApiError> {
    let text: String = secret.expose().chars().filter(|it| !it.is_whitespace() && *it != '=').collect();
    let decoded = totp_rs::Secret::try_from_base32(text.to_ascii_uppercase()).ok();
    let decoded = decoded.filter(|it| (SHORTEST_SECRET..=LONGEST_SECRET).contains(&it.as_bytes().len()));
    let decoded = decoded.ok_or_else(errors::totp_secret_invalid)?;
    let had = user.has_second_factor();
    user.totp_sealed = Some(master_key.seal(keys::TOTP, decoded.as_bytes(), rng));
    user.totp_last_step = None;
    user.note_second_factor(had, now);
    Ok(())
}

/// Whether this is the code that the person's app shows about now. A code works once: it is marked as used in `user`,
/// which the caller must save. `false` for somebody without an app.
///
/// # Errors
/// If the secret cannot be opened, which only a wrong master key does.
pub(crate) fn use_code(
    master_key: &MasterKey,
    user: &mut User,
    code: &Secret,
    now: Timestamp,
) -> Result<bool, ApiError> {
    let Some(sealed) = &user.totp_sealed else { return Ok(false) };
    let secret = master_key.open(keys::TOTP, sealed).map_err(errors::internal)?;
    let totp = app(&secret);
    let current = u64::try_from(now.as_secs()).unwrap_or(0) / STEP_SECONDS;
    let code = code.expose().trim().as_bytes();
    let mut matched = None;
    // Every step is computed and compared, so that the time does not tell which one was near.
    for step in current.saturating_sub(SKEW)..=current + SKEW {
        let expected = totp.generate(step * STEP_SECONDS).to_string();
        let is_unused =
            user.totp_last_step.is_none_or(|last| i64::try_from(step).is_ok_and(|step| step > last));
        let is_match = expected.as_bytes().ct_eq(code) & Choice::from(u8::from(is_unused));
        if bool::from(is_match) {
            matched = i64::try_from(step).ok();
        }
    }
    user.totp_last_step = matched.or(user.totp_last_step);
    Ok(matched.is_some())
}

fn app(secret: &[u8]) -> Totp {
    let builder =
        Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(STEP_SECONDS);
    // Shorter than RFC 4226 wants may be: the secret was made by somebody else, long ago.
    builder.with_secret(secret.to_vec()).build_noncompliant()
}

/// Gives somebody these backup codes in place of those they had: in clear, or as bcrypt digests.
///
/// # Errors
/// 422 if one of them is none, or there are too many.
pub(crate) fn set_backup_codes(
    master_key: &MasterKey,
    user: &mut User,
    codes: &[Secret],
    rng: &mut dyn Randomness,
) -> Result<(), ApiError> {
    if codes.len() > MAX_BACKUP_CODES {
        return Err(errors::param_value_invalid("backup_codes", "a list of 20 codes at most"));
    }
    let mut kept = Vec::new();
    for code in codes {
        let code = code.expose().trim();
        if code.is_empty() || code.chars().count() > LONGEST_BACKUP_CODE {
            return Err(errors::param_format_invalid("backup_codes", "codes of 1 to 64 characters"));
        }
        if !code.starts_with("$2") {
            kept.push(URL_SAFE_NO_PAD.encode(master_key.seal(
                keys::BACKUP_CODE,
                &keys::token_hash(code),
                rng,
            )));
        } else if is_bcrypt(code) && bcrypt_cost(code) <= DEAREST_BACKUP_CODE {
            kept.push(code.to_owned());
        } else {
            let expected = "codes in clear, or bcrypt digests of cost 12 at most";
            return Err(errors::param_format_invalid("backup_codes", expected));
        }
    }
    user.backup_code_hashes = kept;
    Ok(())
}

fn bcrypt_cost(digest: &str) -> u32 {
    digest.split('$').nth(2).and_then(|cost| cost.parse().ok()).unwrap_or(u32::MAX)
}

/// Whether this is one of the person's backup codes. It is taken out of `user`, which the caller must save: each works
/// once.
///
/// # Errors
/// If a code cannot be opened, which only a wrong master key does.
pub(crate) async fn use_backup_code(
    server: &Server,
    user: &mut User,
    code: &Secret,
) -> Result<bool, ApiError> {
    let code = code.expose().trim().to_owned();
    if code.is_empty() || code.chars().count() > LONGEST_BACKUP_CODE || user.backup_code_hashes.is_empty() {
        return Ok(false);
    }
    let hash = keys::token_hash(&code);
    let mut found = None;
    for (index, kept) in user.backup_code_hashes.iter().enumerate().filter(|(_, kept)| !kept.starts_with('$'))
    {
        let sealed = URL_SAFE_NO_PAD.decode(kept).map_err(errors::internal)?;
        let expected = server.master_key().open(keys::BACKUP_CODE, &sealed).map_err(errors::internal)?;
        if bool::from(expected.as_slice().ct_eq(&hash)) {
            found = Some(index);
        }
    }
    let digests: Vec<_> =
        user.backup_code_hashes.iter().map(|kept| kept.starts_with('$').then(|| kept.clone())).collect();
    if found.is_none() && digests.iter().any(Option::is_some) {
        let matching = move || {
            let fits = |digest: &String| bcrypt::verify(code.as_bytes(), digest).unwrap_or(false);
            Ok(digests.iter().position(|digest| digest.as_ref().is_some_and(fits)))
        };
        found = server.passwords().off_thread(matching).await?;
    }
    if let Some(index) = found {
        user.backup_code_hashes.remove(index);
    }
    Ok(found.is_some())
}

#[cfg(test)]
mod tests {
    use frontdesk_types::Span;

    use super::*;
    use crate::Chance;

    /// The secret of RFC 6238's appendix B, `12345678901234567890`.
    const SECRET: &str = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";

    fn enrolled() -> (MasterKey, User) {
        let mut rng = Chance::seeded(1);
        let master_key = MasterKey::generate(&mut rng);
        let mut user = User::new("user_1".parse().unwrap(), Timestamp::from_secs(0));
        enroll(&master_key, &mut user, &Secret::new(SECRET), Timestamp::from_secs(0), &mut rng).unwrap();
        (master_key, user)
    }

    fn works(master_key: &MasterKey, user: &mut User, code: &str, at: Timestamp) -> bool {
        use_code(master_key, user, &Secret::new(code), at).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six digits of its eight.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let (master_key, mut user) = enrolled();
            assert!(works(&master_key, &mut user, code, Timestamp::from_secs(seconds)), "{seconds}");
        }
    }

    #[test]
    fn a_code_works_a_step_around_its_time_and_once() {
        let (master_key, user) = enrolled();
        let own = Timestamp::from_secs(1_111_111_080); // The beginning of the step of 1_111_111_109.
        for (offset, expected) in [(-31, false), (-30, true), (0, true), (59, true), (60, false)] {
            let mut user = user.clone();
            let at = own + Span::seconds(offset);
            assert_eq!(works(&master_key, &mut user, "081804", at), expected, "{offset}");
            assert!(!works(&master_key, &mut user, "081804", at), "a code works once");
        }
        let mut user = user;
        assert!(works(&master_key, &mut user, "050471", own + Span::seconds(30)));
        assert!(
            !works(&master_key, &mut user, "081804", own + Span::seconds(30)),
            "an earlier one is spent too"
        );
        for wrong in
            ["", "81804", "081805", "+81804", "0818040", "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}"]
        {
            assert!(!works(&master_key, &mut user, wrong, own + Span::seconds(60)), "{wrong}");
        }
    }

    #[test]
    fn another_secret_begins_anew_and_none_takes_no_code() {
        let (master_key, mut user) = enrolled();
        assert!(works(&master_key, &mut user, "287082", Timestamp::from_secs(59)));
        enroll(&master_key, &mut user, &Secret::new(SECRET), Timestamp::from_secs(0), &mut Chance::seeded(2))
            .unwrap();
        assert!(works(&master_key, &mut user, "287082", Timestamp::from_secs(59)));
        user.totp_sealed = None;
        assert!(!works(&master_key, &mut user, "287082", Timestamp::from_secs(59)));
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        let (master_key, mut user) = enrolled();
        for text in ["", "GEZDGNBV", "01890189018901890189", "not a secret at all!", &"A".repeat(200)] {
            let outcome = enroll(
                &master_key,
                &mut user,
                &Secret::new(text),
                Timestamp::from_secs(0),
                &mut Chance::seeded(2),
            );
            assert_eq!(outcome.unwrap_err().refused().status, 422, "{text}");
        }
        let outcome = enroll(
            &master_key,
            &mut user,
            &Secret::new("gezdgnbvgy3tqojq"),
            Timestamp::from_secs(0),
            &mut Chance::seeded(2),
        );
        assert!(outcome.is_ok(), "eighty bits in small letters");
    }

    #[test]
    fn backup_codes_are_kept_as_sealed_hashes_or_digests() {
        let (master_key, mut user) = enrolled();
        let digest = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";
        let codes = [Secret::new("abcd1234"), Secret::new(digest)];
        set_backup_codes(&master_key, &mut user, &codes, &mut Chance::seeded(1)).unwrap();
        assert_eq!(user.backup_code_hashes[1], digest);
        assert!(!user.backup_code_hashes[0].contains("abcd1234"));
        let dear = digest.replace("$04$", "$13$");
        for wrong in ["", "$2b$04$short", &dear, &"a".repeat(65)] {
            let outcome =
                set_backup_codes(&master_key, &mut user, &[Secret::new(wrong)], &mut Chance::seeded(1));
            assert_eq!(outcome.unwrap_err().refused().status, 422, "{wrong}");
        }
        assert_eq!(user.backup_code_hashes.len(), 2, "what is refused changes nothing");
    }
}
