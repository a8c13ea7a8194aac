//! What concerns a server in production: `serve`, `config`, `backup`, `restore`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Place;
use crate::config::Sources;

/// Where the configuration is.
#[derive(Clone, Debug, Args)]
pub(crate) struct ConfigOptions {
    /// The config file, in TOML.
    #[arg(long, env = "FRONTDESK_CONFIG", value_name = "PATH")]
    config: Option<PathBuf>,
    /// The address that browsers reach the server at: `https://clerk.example.com`.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// An address to listen on; several take a comma between them.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The data folder.
    #[arg(long, value_name = "PATH")]
    data_dir: Option<String>,
    /// Any other setting: `--set tls.min_version=1.3`. Can be given several times.
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
}

impl ConfigOptions {
    /// Where settings are looked for.
    pub(crate) fn into_sources(self) -> Sources {
        let named = [
            ("--public-url", "public_url", self.public_url),
            ("--listen", "listen", self.listen),
            ("--data-dir", "data.dir", self.data_dir),
        ];
        let named = named
            .into_iter()
            .filter_map(|(flag, key, value)| value.map(|value| (flag.to_owned(), key.to_owned(), value)));
        let set = self.set.into_iter().map(|(key, value)| (format!("--set {key}"), key, value));
        Sources::of_process(self.config, named.chain(set).collect())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Tell everything that is wrong with the configuration, with its place.
    Check(ConfigOptions),
    /// Print what would be used, with secrets hidden.
    Print(ConfigOptions),
    /// Print the reference of all settings, in Markdown.
    Reference,
}

/// How a backup is made.
#[derive(Debug, Args)]
pub(crate) struct BackupOptions {
    /// The file to write. It must not exist yet.
    pub(crate) file: PathBuf,
    /// Put the master key into the backup. Whoever has the file can then read every secret in it.
    #[arg(long)]
    pub(crate) with_master_key: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// How a backup is brought back.
#[derive(Debug, Args)]
pub(crate) struct RestoreOptions {
    /// The backup.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) place: Place,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}
