//! From a command to what it does.

use anyhow::{Context, Result, bail};
use clap::CommandFactory;
use frontdesk_types::Span;

use crate::cli::{Cli, ClockCommand, Command, Common};
use crate::control::Ask;
use crate::desk::Desk;
use crate::{authenticate, backup, commands, dev, output, serve};

/// Does what the command line asks.
pub(crate) fn run(cli: Cli) -> Result<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no threads to run on")?;
    runtime.block_on(async {
        match cli.into_command() {
            Command::Dev(options) => dev::run(options).await,
            Command::Serve(options) => serve::run(options).await,
            Command::Config(command) => serve::config(command),
            Command::Backup(options) => backup::backup(options).await,
            Command::Restore(options) => backup::restore(options).await,
            Command::Instances(command) => commands::instances::run(command).await,
            Command::Users(command) => commands::users::run(command).await,
            Command::Sessions(command) => commands::sessions::run(command).await,
            Command::JwtTemplates(command) => commands::jwt_templates::run(command).await,
            Command::Keys(command) => commands::keys::run(command).await,
            Command::Token(options) => commands::token::run(options).await,
            Command::Doctor { common } => commands::doctor::run(&common).await,
            Command::Completions { shell } => {
                // Made first and printed then: a pipe that is closed early breaks what makes them.
                let mut text = Vec::new();
                clap_complete::generate(shell, &mut Cli::command(), "frontdesk", &mut text);
                output::line(String::from_utf8_lossy(&text).trim_end());
                Ok(())
            }
            Command::Authenticate(options) => authenticate::run(options).await,
            Command::Clock(ClockCommand::Advance { by, common }) => advance_clock(by, &common).await,
        }
    })
}

async fn advance_clock(by: Span, common: &Common) -> Result<()> {
    let desk = Desk::open(&common.place).await?;
    if !desk.is_running() {
        bail!(
            "no server is running in {}: the clock of a stopped server cannot be moved",
            common.place.data_dir.display()
        );
    }
    let answer = desk.ask(Ask::AdvanceClock { by }).await?;
    let words = || format!("the server's clock shows {} ms", answer["now"]);
    output::line(&if common.json { answer.to_string() } else { words() });
    Ok(())
}
