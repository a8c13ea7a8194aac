//! `frontdesk jwt-templates`: how it is spelt.

use clap::Subcommand;

use super::users::Target;

#[derive(Debug, Subcommand)]
pub(crate) enum JwtTemplateCommand {
    /// Make a template.
    #[command(
        after_help = "Examples:\n  frontdesk jwt-templates create supabase --claims '{\"aud\":\"authenticated\",\"role\":\"{{user.public_metadata.role}}\"}'\n  frontdesk jwt-templates create hasura --claims @claims.json --lifetime 300"
    )]
    Create {
        /// The name it is asked for by: `getToken({ template: name })`.
        name: String,
        /// The claims as a JSON object, with shortcodes such as `{{user.id}}`; `@FILE` reads a file, `-` standard input.
        #[arg(long, value_name = "JSON")]
        claims: String,
        /// How long its tokens live, in seconds: 60 if left out.
        #[arg(long, value_name = "SECONDS")]
        lifetime: Option<i64>,
        #[command(flatten)]
        target: Target,
    },
    /// List the templates.
    List {
        #[command(flatten)]
        target: Target,
    },
    /// Show a template with its claims.
    Show {
        /// Its name or id.
        template: String,
        #[command(flatten)]
        target: Target,
    },
    /// Change a template: what is left out stays as it is.
    Update {
        /// Its name or id.
        template: String,
        /// Another name.
        #[arg(long)]
        name: Option<String>,
        /// Other claims, as a whole.
        #[arg(long, value_name = "JSON")]
        claims: Option<String>,
        /// How long its tokens live, in seconds.
        #[arg(long, value_name = "SECONDS")]
        lifetime: Option<i64>,
        #[command(flatten)]
        target: Target,
    },
    /// Delete a template: nobody gets tokens from it any more.
    Delete {
        /// Its name or id.
        template: String,
        #[command(flatten)]
        target: Target,
    },
}
