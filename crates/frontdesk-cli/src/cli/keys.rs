//! `frontdesk keys`: how it is spelt.

use clap::Subcommand;

use super::Common;
use super::users::Target;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Show the publishable key, the secret keys (shortened) and the signing keys of an instance.
    Show {
        #[command(flatten)]
        target: Target,
    },
    /// Replace a key while everything runs.
    #[command(subcommand)]
    Rotate(Rotation),
    /// Take a secret key away: it opens nothing from then on.
    Remove {
        /// The key's id, as `frontdesk keys show` tells it.
        id: String,
        #[command(flatten)]
        target: Target,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Rotation {
    /// Sign tokens with a new key. Tokens of the old one verify until the last of them is over.
    Signing {
        #[command(flatten)]
        target: Target,
    },
    /// Add a secret key and print it. The old one works until `frontdesk keys remove`.
    Secret {
        #[command(flatten)]
        target: Target,
    },
    /// Seal everything under a new master key.
    ///
    /// Where the master key lies in the data folder, the new one takes its place and the old one opens nothing any more.
    /// Where it is in the environment (`FRONTDESK_MASTER_KEY`), the new one is printed: put it there, then finish.
    #[command(
        after_help = "Examples:\n  frontdesk keys rotate master\n  frontdesk keys rotate master --finish"
    )]
    Master {
        /// The new key is where the server finds it at its next start: let the old one open nothing any more.
        #[arg(long)]
        finish: bool,
        #[command(flatten)]
        common: Common,
    },
}
