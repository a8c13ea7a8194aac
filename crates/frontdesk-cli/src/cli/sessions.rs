//! `frontdesk sessions`: how it is spelt.

use clap::Subcommand;

use super::users::Target;

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List a user's sessions, newest first.
    #[command(after_help = "Example: frontdesk sessions list --user ada@example.com --status active")]
    List {
        /// The user: an id, an e-mail address or a username.
        #[arg(long)]
        user: String,
        /// Only those that stand so: `active`, `ended`, `expired`, `revoked` ….
        #[arg(long)]
        status: Option<String>,
        /// How many to show, 500 at most.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=500))]
        limit: i64,
        #[command(flatten)]
        target: Target,
    },
    /// Revoke a session, or all of a user's: their next token is refused.
    #[command(
        after_help = "Examples: frontdesk sessions revoke sess_2nZ…\n          frontdesk sessions revoke --user ada@example.com"
    )]
    Revoke {
        /// The session.
        #[arg(required_unless_present = "user", conflicts_with = "user")]
        session: Option<String>,
        /// Every active session of this user: an id, an e-mail address or a username.
        #[arg(long)]
        user: Option<String>,
        #[command(flatten)]
        target: Target,
    },
}
