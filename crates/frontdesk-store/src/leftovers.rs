//! What is over and only takes up room, in all instances at once: found by time, taken away so many at a time.

use frontdesk_types::Timestamp;

use crate::statement::{Statement, statements};
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

/// A kind of record that is of no use after its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leftover {
    /// Sign-ins, by when they are abandoned.
    SignIns,
    /// Sign-ups, by when they are abandoned.
    SignUps,
    /// Sign-in tokens, by when they expire.
    SignInTokens,
    /// Testing tokens, by when they expire.
    TestingTokens,
    /// What handshakes left to be fetched, by when it expires.
    HandshakePayloads,
    /// What takes browsers to satellites, by when it expires.
    SyncTokens,
    /// Development browsers that never got a client, by when they were made.
    IdleDevBrowsers,
    /// Mails that are over, by when they are to be forgotten.
    Mails,
    /// Sessions that were ended, by when.
    EndedSessions,
    /// Sessions that ran out, by when.
    ExpiredSessions,
    /// Refresh tokens, by when they expire.
    RefreshTokens,
}

impl Leftover {
    /// Every kind there is.
    pub const ALL: [Self; 11] = [
        Self::SignIns,
        Self::SignUps,
        Self::SignInTokens,
        Self::TestingTokens,
        Self::HandshakePayloads,
        Self::SyncTokens,
        Self::IdleDevBrowsers,
        Self::Mails,
        Self::EndedSessions,
        Self::ExpiredSessions,
        Self::RefreshTokens,
    ];
}

/// Finds and deletes rows by a condition on `?1`, at most `?2` of them. The rows are named by their whole key, the
/// instance first.
macro_rules! leftovers {
    ($($find:ident, $delete:ident = $table:literal, $key:literal, $over:literal, $column:literal;)+) => {
        statements! {
            $(
                $find = concat!("SELECT 1 AS one FROM ", $table, " WHERE ", $over, " LIMIT ?2");
                $delete = concat!(
                    "DELETE FROM ", $table, " WHERE (instance_id, ", $key, ") IN (SELECT instance_id, ", $key,
                    " FROM ", $table, " WHERE ", $over, " ORDER BY ", $column, " LIMIT ?2)"
                );
            )+
        }
    };
}

leftovers! {
    FIND_OLD_SIGN_INS, DELETE_OLD_SIGN_INS = "sign_ins", "id", "abandon_at <= ?1", "abandon_at";
    FIND_OLD_SIGN_UPS, DELETE_OLD_SIGN_UPS = "sign_ups", "id", "abandon_at <= ?1", "abandon_at";
    FIND_OLD_SIGN_IN_TOKENS, DELETE_OLD_SIGN_IN_TOKENS = "sign_in_tokens", "id", "expires_at <= ?1", "expires_at";
    FIND_OLD_TESTING_TOKENS, DELETE_OLD_TESTING_TOKENS =
        "testing_tokens", "token_hash", "expires_at <= ?1", "expires_at";
    FIND_OLD_HANDSHAKES, DELETE_OLD_HANDSHAKES = "handshake_payloads", "nonce_hash", "expires_at <= ?1", "expires_at";
    FIND_OLD_SYNC_TOKENS, DELETE_OLD_SYNC_TOKENS = "sync_tokens", "token_hash", "expires_at <= ?1", "expires_at";
    FIND_OLD_DEV_BROWSERS, DELETE_OLD_DEV_BROWSERS =
        "dev_browsers", "token_hash", "client_id IS NULL AND created_at <= ?1", "created_at";
    FIND_OLD_MAILS, DELETE_OLD_MAILS = "mails", "id", "forget_at <= ?1", "forget_at";
    FIND_ENDED_SESSIONS, DELETE_ENDED_SESSIONS =
        "sessions", "id", "status NOT IN ('active', 'pending') AND updated_at <= ?1", "updated_at";
    FIND_EXPIRED_SESSIONS, DELETE_EXPIRED_SESSIONS = "sessions", "id", "expire_at <= ?1", "expire_at";
    FIND_OLD_REFRESH_TOKENS, DELETE_OLD_REFRESH_TOKENS =
        "refresh_tokens", "token_hash", "expires_at <= ?1", "expires_at";
}

impl Leftover {
    /// What finds it, and what deletes it.
    fn statements(self) -> (&'static Statement, &'static Statement) {
        match self {
            Self::SignIns => (&FIND_OLD_SIGN_INS, &DELETE_OLD_SIGN_INS),
            Self::SignUps => (&FIND_OLD_SIGN_UPS, &DELETE_OLD_SIGN_UPS),
            Self::SignInTokens => (&FIND_OLD_SIGN_IN_TOKENS, &DELETE_OLD_SIGN_IN_TOKENS),
            Self::TestingTokens => (&FIND_OLD_TESTING_TOKENS, &DELETE_OLD_TESTING_TOKENS),
            Self::HandshakePayloads => (&FIND_OLD_HANDSHAKES, &DELETE_OLD_HANDSHAKES),
            Self::SyncTokens => (&FIND_OLD_SYNC_TOKENS, &DELETE_OLD_SYNC_TOKENS),
            Self::IdleDevBrowsers => (&FIND_OLD_DEV_BROWSERS, &DELETE_OLD_DEV_BROWSERS),
            Self::Mails => (&FIND_OLD_MAILS, &DELETE_OLD_MAILS),
            Self::EndedSessions => (&FIND_ENDED_SESSIONS, &DELETE_ENDED_SESSIONS),
            Self::ExpiredSessions => (&FIND_EXPIRED_SESSIONS, &DELETE_EXPIRED_SESSIONS),
            Self::RefreshTokens => (&FIND_OLD_REFRESH_TOKENS, &DELETE_OLD_REFRESH_TOKENS),
        }
    }
}

impl Store {
    /// How many records of this kind were over at `before` or earlier; counts no further than `limit`.
    pub async fn count_leftovers(&self, what: Leftover, before: Timestamp, limit: u32) -> Result<u64> {
        let mut found = 0;
        let (find, _) = what.statements();
        self.for_each(find, params![before, limit], &mut |_| {
            found += 1;
            Ok(())
        })
        .await?;
        Ok(found)
    }
}

impl Work {
    /// Deletes records of this kind that were over at `before` or earlier, those that are over longest first, at most
    /// `limit`.
    pub fn delete_leftovers(&mut self, what: Leftover, before: Timestamp, limit: u32) {
        let (_, delete) = what.statements();
        self.any(delete, params![before, limit]);
    }
}
