//! The binary `frontdesk`: start a server, look after its users, sessions, templates and keys.

mod authenticate;
mod backup;
mod cli;
mod commands;
mod config;
mod control;
mod data;
mod desk;
mod dev;
mod listen;
mod output;
mod remote;
mod run;
mod serve;
mod telemetry;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let cli = match cli::parse() {
        Ok(cli) => cli,
        Err(outcome) => return outcome,
    };
    if !cli.keeps_own_log() {
        output::start_log();
    }
    match run::run(cli) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            std::process::ExitCode::FAILURE
        }
    }
}
