//! The binary `frontdesk`: start a server, look after its users, sessions, templates and keys.

mod authenticate;
mod cli;
mod commands;
mod control;
mod data;
mod desk;
mod dev;
mod listen;
mod output;
mod remote;
mod run;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let cli = match cli::parse() {
        Ok(cli) => cli,
        Err(outcome) => return outcome,
    };
    output::start_log();
    match run::run(cli) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            std::process::ExitCode::FAILURE
        }
    }
}
