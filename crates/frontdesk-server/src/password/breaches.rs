//! Passwords that breaches have made known: asked of nobody, of a list in a file, or of a service that learns five
//! characters of a hash and nothing else.

mod list;
mod service;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_lc_rs::digest;
use frontdesk_types::{Secret, Timestamp};

pub use self::list::{BreachList, OpenError};
pub use self::service::RangeService;

/// Where the server learns whether a password is known from a breach.
#[derive(Clone, Debug, Default)]
pub enum Breaches {
    /// Nowhere: every password is taken for unknown.
    #[default]
    Unknown,
    /// From a list on this machine.
    List(Arc<BreachList>),
    /// From a service that answers ranges of hashes (k-anonymity).
    Service(Arc<RangeService>),
}

impl Breaches {
    /// From a list on this machine; see [`BreachList::open`].
    ///
    /// # Errors
    /// If there is no such list.
    pub fn list(path: impl Into<std::path::PathBuf>) -> Result<Self, OpenError> {
        Ok(Self::List(Arc::new(BreachList::open(path)?)))
    }

    /// From a service at this address; see [`RangeService::new`].
    ///
    /// # Errors
    /// If no TLS can be set up.
    pub fn service(url: &str) -> Result<Self, reqwest::Error> {
        Ok(Self::Service(Arc::new(RangeService::new(url)?)))
    }

    /// Whether a breach has made this password known. Where that cannot be found out, the password passes: nobody is
    /// kept out because a list is away. A warning says so once a minute, without the password and without its hash.
    pub(crate) async fn know(&self, password: &Secret, now: Timestamp) -> bool {
        let hash = Sha1Hex::of(password);
        let outcome = match self {
            Self::Unknown => return false,
            Self::List(list) => {
                let list = Arc::clone(list);
                let search = tokio::task::spawn_blocking(move || list.contains(&hash));
                search
                    .await
                    .map_err(|error| error.to_string())
                    .and_then(|it| it.map_err(|error| error.to_string()))
            }
            Self::Service(service) => service.contains(&hash).await,
        };
        outcome.unwrap_or_else(|cause| {
            warn(&cause, now);
            false
        })
    }
}

/// Says that passwords pass unchecked, once a minute at most.
fn warn(cause: &str, now: Timestamp) {
    static LAST: AtomicI64 = AtomicI64::new(i64::MIN);
    let last = LAST.load(Ordering::Relaxed);
    let is_due = now.as_millis() < last || now.as_millis() >= last.saturating_add(60_000);
    if is_due && LAST.compare_exchange(last, now.as_millis(), Ordering::Relaxed, Ordering::Relaxed).is_ok() {
        tracing::warn!(cause, "known passwords cannot be looked up; new passwords pass unchecked");
    }
}

/// The SHA-1 of a password in upper-case hexadecimal, as lists of breaches are sorted. Shows nothing in `Debug`.
#[derive(Clone)]
pub(crate) struct Sha1Hex([u8; 40]);

impl Sha1Hex {
    fn of(password: &Secret) -> Self {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.expose().as_bytes());
        let mut text = [0; 40];
        for (pair, byte) in text.chunks_exact_mut(2).zip(hash.as_ref()) {
            pair[0] = b"0123456789ABCDEF"[usize::from(byte >> 4)];
            pair[1] = b"0123456789ABCDEF"[usize::from(byte & 15)];
        }
        Self(text)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The five characters that may leave the server: about a thousand known passwords share them.
    fn prefix(&self) -> &str {
        &self.text()[..5]
    }

    /// What is compared here.
    fn suffix(&self) -> &str {
        &self.text()[5..]
    }
}

impl std::fmt::Debug for Sha1Hex {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Sha1Hex(…)")
    }
}

/// Whether a line of a list (`HASH` or `HASH:COUNT`) says that this hash is known. A count of zero is padding.
fn says(line: &str, hash: &str) -> bool {
    let (found, count) = line.trim_end().split_once(':').unwrap_or((line.trim_end(), "1"));
    found.eq_ignore_ascii_case(hash) && !count.trim_start_matches('0').is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_split_where_services_split_it() {
        let hash = Sha1Hex::of(&Secret::new("password"));
        assert_eq!((hash.prefix(), hash.suffix()), ("5BAA6", "1E4C9B93F3F0682250B6CF8331B7EE68FD8"));
        assert_eq!(format!("{hash:?}"), "Sha1Hex(…)");
    }

    #[test]
    fn padding_says_nothing() {
        assert!(says("ABC:3\r\n", "ABC") && says("abc", "ABC") && says("ABC:10", "ABC"));
        assert!(!says("ABC:0", "ABC") && !says("ABD:3", "ABC") && !says("", "ABC"));
    }

    #[tokio::test]
    async fn without_a_source_every_password_is_unknown() {
        assert!(!Breaches::default().know(&Secret::new("password"), Timestamp::from_secs(1)).await);
    }
}
