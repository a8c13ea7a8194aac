//! `frontdesk users`: how it is spelt.

use clap::{Args, Subcommand};

use super::Common;

/// The instance, and what every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Target {
    /// The instance; the first one if left out.
    #[arg(long, value_name = "NAME")]
    pub(crate) instance: Option<String>,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user.
    #[command(
        after_help = "Example: frontdesk users create --email ada@example.com --password 'correct horse battery'"
    )]
    Create {
        /// Their e-mail address; it counts as verified.
        #[arg(long, required_unless_present = "username")]
        email: Option<String>,
        /// Their username, where the instance has usernames.
        #[arg(long)]
        username: Option<String>,
        #[command(flatten)]
        profile: Profile,
        #[command(flatten)]
        target: Target,
    },
    /// List users, newest first.
    #[command(after_help = "Example: frontdesk users list --query ada --limit 20")]
    List {
        /// Only those with this in their id, name, username or e-mail address.
        #[arg(long)]
        query: Option<String>,
        /// How many to show, 500 at most.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=500))]
        limit: i64,
        /// How many to leave out before.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
        offset: i64,
        #[command(flatten)]
        target: Target,
    },
    /// Show a user.
    Show {
        /// An id, an e-mail address or a username.
        user: String,
        #[command(flatten)]
        target: Target,
    },
    /// Change a user: what is left out stays as it is, an empty text takes it away.
    #[command(after_help = "Example: frontdesk users update ada@example.com --last-name Lovelace --unlock")]
    Update {
        /// An id, an e-mail address or a username.
        user: String,
        /// Their username.
        #[arg(long)]
        username: Option<String>,
        #[command(flatten)]
        profile: Profile,
        /// Keep them out, and end their sessions.
        #[arg(long, conflicts_with = "unban")]
        ban: bool,
        /// Let them in again.
        #[arg(long)]
        unban: bool,
        /// Forget failed attempts to sign in.
        #[arg(long)]
        unlock: bool,
        #[command(flatten)]
        target: Target,
    },
    /// Delete a user, with everything about them.
    Delete {
        /// An id, an e-mail address or a username.
        user: String,
        /// Do not ask first.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        target: Target,
    },
}

/// What is known of a person.
#[derive(Clone, Debug, Args)]
pub(crate) struct Profile {
    /// Their password. Shells remember what is typed: `--password -` reads it from standard input.
    #[arg(long)]
    pub(crate) password: Option<String>,
    /// Their first name.
    #[arg(long)]
    pub(crate) first_name: Option<String>,
    /// Their last name.
    #[arg(long)]
    pub(crate) last_name: Option<String>,
    /// Their id in your own database.
    #[arg(long)]
    pub(crate) external_id: Option<String>,
}
