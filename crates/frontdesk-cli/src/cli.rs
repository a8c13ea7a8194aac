//! The command line: what can be asked, and how it is spelt.

pub(crate) mod jwt_templates;
pub(crate) mod keys;
pub(crate) mod serve;
pub(crate) mod sessions;
pub(crate) mod users;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

use crate::output;

/// Authentication for your applications, on your own machine. Compatible with Clerk's SDKs.
///
/// Without a command, starts a server for development: `frontdesk dev`.
#[derive(Debug, Parser)]
#[command(name = "frontdesk", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    dev: DevOptions,
}

impl Cli {
    /// Whether the command starts the log itself, as its configuration says.
    pub(crate) fn keeps_own_log(&self) -> bool {
        matches!(self.command, Some(Command::Serve(_)))
    }

    /// The command that was asked for.
    pub(crate) fn into_command(self) -> Command {
        self.command.unwrap_or(Command::Dev(self.dev))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a server for development.
    Dev(DevOptions),
    /// Start a server for production.
    Serve(serve::ConfigOptions),
    /// Check, print or explain the configuration of `serve`.
    #[command(subcommand)]
    Config(serve::ConfigCommand),
    /// Copy the embedded database into one file, also while a server runs.
    Backup(serve::BackupOptions),
    /// Bring a backup back, where no server runs.
    Restore(serve::RestoreOptions),
    /// Make, list and show instances: separate user bases in one server.
    #[command(subcommand)]
    Instances(InstanceCommand),
    /// Make, list, show, change and delete users.
    #[command(subcommand)]
    Users(users::UserCommand),
    /// List and revoke sessions.
    #[command(subcommand)]
    Sessions(sessions::SessionCommand),
    /// Print a valid session token of a user, or a token from a JWT template.
    Token(TokenOptions),
    /// Make, list, show, change and delete JWT templates.
    #[command(subcommand)]
    JwtTemplates(jwt_templates::JwtTemplateCommand),
    /// Show and replace keys.
    #[command(subcommand)]
    Keys(keys::KeyCommand),
    /// Look for what is wrong: with the data, the server, and the settings of the application in this folder.
    Doctor {
        #[command(flatten)]
        common: Common,
    },
    /// Print completions for a shell.
    #[command(after_help = "Example: frontdesk completions bash > /etc/bash_completion.d/frontdesk")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Move the clock of a running development server.
    #[command(subcommand)]
    Clock(ClockCommand),
    /// Replay recorded requests: who was asking, and what the SDK answers.
    Authenticate(AuthenticateOptions),
}

/// How a development server is started.
#[derive(Clone, Debug, Args)]
pub(crate) struct DevOptions {
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 4400, env = "FRONTDESK_PORT")]
    pub(crate) port: u16,
    /// The address to listen on. The server is for your machine alone unless you say otherwise.
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: std::net::IpAddr,
    #[command(flatten)]
    pub(crate) place: Place,
    /// Keep everything in a temporary folder that is removed at the end.
    #[arg(long, conflicts_with = "data_dir")]
    pub(crate) ephemeral: bool,
    /// Make keys, codes and all that is random in ids reproducible, and sign with published test keys. Time goes on as
    /// ever. Needs a fresh data folder.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    /// The host inside the publishable key, which is also the issuer of tokens. Fixed when the instance is made.
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) frontend_api: Option<String>,
    /// Make a production instance: `pk_live_` and `sk_live_` keys. Fixed when the instance is made.
    #[arg(long)]
    pub(crate) live: bool,
    /// Write the keys and addresses to this file once the server answers.
    #[arg(long, value_name = "PATH")]
    pub(crate) env_file: Option<PathBuf>,
}

/// Where the data is.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// The folder that everything is kept in.
    #[arg(long, default_value = ".frontdesk", env = "FRONTDESK_DATA_DIR", value_name = "PATH")]
    pub(crate) data_dir: PathBuf,
    /// A PostgreSQL database to use instead of the embedded one: `postgres://user:password@host/database`.
    #[arg(long, env = "FRONTDESK_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
}

/// What every command but `dev` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InstanceCommand {
    /// Make an instance and print its keys.
    Create {
        /// Its short name: lower-case letters, digits and hyphens.
        name: String,
        /// The host inside its publishable key; `clerk.<name>.localhost` if left out.
        #[arg(long, value_name = "HOST[:PORT]")]
        frontend_api: Option<String>,
        /// Give it `pk_live_` and `sk_live_` keys.
        #[arg(long)]
        live: bool,
        #[command(flatten)]
        common: Common,
    },
    /// List the instances.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Show the settings of an instance, or change some of them. Every server learns of it with its next request.
    #[command(
        after_help = "Examples:\n  frontdesk instances settings\n  frontdesk instances settings --change '{\"attributes\":{\"username\":\"optional\"}}'\n  frontdesk instances settings shop --change @settings.json"
    )]
    Settings {
        /// Its short name; the first instance if left out.
        name: Option<String>,
        /// What shall change, as a JSON object; the rest stays. `@FILE` reads a file, `-` standard input.
        #[arg(long, value_name = "JSON")]
        change: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Show an instance with its keys.
    Show {
        /// Its short name.
        name: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TokenOptions {
    /// The user: an id, an e-mail address or a username.
    #[arg(long)]
    pub(crate) user: String,
    /// The JWT template to take the claims from.
    #[arg(long, value_name = "NAME")]
    pub(crate) template: Option<String>,
    /// How long the token lives: `60s`, `30m`, `12h`. A minute if left out.
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    pub(crate) expires_in: Option<frontdesk_types::Span>,
    #[command(flatten)]
    pub(crate) target: users::Target,
}

/// Each line is `{"id", "method", "url", "headers", "options", "now"}` (`now` in unix milliseconds) and is answered with
/// `{"id", "status", "reason", "location", "set_cookie", "user_id", "session_id", "org_id"}`, or `{"id", "error"}` where
/// the options cannot be used. The Backend API is asked at `FRONTDESK_URL` or `CLERK_API_URL`.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct AuthenticateOptions {
    /// Read one JSON object a line from standard input, and write one a line.
    #[arg(long, required = true)]
    pub(crate) jsonl: bool,
    /// Add what was wanted and what was seen, where nobody is signed in.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Add the whole auth object.
    #[arg(long)]
    pub(crate) auth: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// Move it forward.
    Advance {
        /// How far: `90s`, `15m`, `12h`, `7d`.
        #[arg(value_parser = parse_span)]
        by: frontdesk_types::Span,
        #[command(flatten)]
        common: Common,
    },
}

/// Reads the command line. Mistakes are one line and exit code 2; help and version go to standard output.
pub(crate) fn parse() -> Result<Cli, ExitCode> {
    Cli::try_parse().map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            output::line(error.render().to_string().trim_end());
            ExitCode::SUCCESS
        }
        _ => {
            let text = error.render().to_string();
            let what = text.lines().next().unwrap_or_default();
            let what = what.strip_prefix("error: ").unwrap_or(what);
            output::note(&format!("frontdesk: {what} (`frontdesk --help` tells more)"));
            ExitCode::from(2)
        }
    })
}

/// Reads `90s`, `15m`, `12h` or `7d`.
fn parse_span(text: &str) -> Result<frontdesk_types::Span, String> {
    use frontdesk_types::Span;
    const EXPECTED: &str = "expected a number and a unit: 90s, 15m, 12h or 7d";
    let unit = text.chars().last().ok_or(EXPECTED)?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| EXPECTED)?;
    if !(0..=1_000_000_000).contains(&number) {
        return Err("the number must be between 0 and a thousand million".to_owned());
    }
    match unit {
        's' => Ok(Span::seconds(number)),
        'm' => Ok(Span::minutes(number)),
        'h' => Ok(Span::hours(number)),
        'd' => Ok(Span::days(number)),
        _ => Err(EXPECTED.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use frontdesk_types::Span;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn spans_are_a_number_and_a_unit() {
        assert_eq!(parse_span("7d"), Ok(Span::days(7)));
        assert_eq!(parse_span("90s"), Ok(Span::seconds(90)));
        for wrong in ["", "d", "7", "-1d", "7 d", "1e3s", "7é"] {
            assert!(parse_span(wrong).is_err(), "{wrong:?}");
        }
    }
}
