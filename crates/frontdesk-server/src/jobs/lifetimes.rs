//! How long things are kept that nobody asks for any more, in one place. The limits that an instance sets for itself are
//! [`frontdesk_core::settings::Limits`].

use frontdesk_store::Leftover;
use frontdesk_types::Span;

/// How long a mail without a code is tried: a notice that comes a day late helps nobody. A mail with a code is tried as
/// long as the code works.
pub const NOTICE: Span = Span::days(1);
/// How long the record of a mail is kept that was delivered or given up. Its words are gone by then.
pub const FINISHED_MAIL: Span = Span::days(7);
/// How long the words of a mail are kept that the application sends itself.
pub const HANDED_OVER_MAIL: Span = Span::days(3);
/// How long a node may take to deliver a mail it has claimed, before another tries. Longer than a mail server is ever
/// given: four times sixty seconds.
pub const MAIL_CLAIM: Span = Span::minutes(5);
/// How long sign-ins and sign-ups are kept after they were abandoned, or would have been.
pub const ATTEMPT: Span = Span::days(1);
/// How long sign-in tokens are kept after they expired, so that late comers are told so.
pub const SIGN_IN_TOKEN: Span = Span::days(1);
/// How long development browsers are kept that never got a client.
pub const IDLE_DEV_BROWSER: Span = Span::days(1);
/// How long sessions are kept after they were ended or ran out, for those who look back.
pub const SESSION: Span = Span::days(30);
/// How often somebody looks for what is over.
pub const BETWEEN_CLEAN_UPS: Span = Span::minutes(1);
/// How often somebody looks for signing keys whose last token has died.
pub const BETWEEN_KEY_ROUNDS: Span = Span::hours(1);
/// How long a node may clean up before another does.
pub const CLEAN_UP_LEASE: Span = Span::minutes(5);

/// How long a record is kept after its time.
pub(super) const fn kept_after(what: Leftover) -> Span {
    match what {
        Leftover::SignIns | Leftover::SignUps => ATTEMPT,
        Leftover::SignInTokens => SIGN_IN_TOKEN,
        Leftover::IdleDevBrowsers => IDLE_DEV_BROWSER,
        Leftover::EndedSessions | Leftover::ExpiredSessions => SESSION,
        // Their time says it all: nobody can use them any more, and nobody can ask about them.
        Leftover::TestingTokens
        | Leftover::HandshakePayloads
        | Leftover::SyncTokens
        | Leftover::Mails
        | Leftover::RefreshTokens => Span::millis(0),
    }
}
