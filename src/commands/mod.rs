//! One short file per subcommand: open, call, render. The only place that wires the rooms together.

mod agents;
mod alerts;
mod bar;
mod change;
mod check;
mod completions;
mod context;
mod details;
mod doctor;
mod history;
mod holdings;
mod init;
mod jobs;
mod man;
mod mends;
mod messages;
mod muting;
mod notify;
mod observer;
mod outputs;
mod overview;
mod print;
mod promote;
mod promote_accept;
mod prune;
mod rename;
mod report;
mod restore;
mod run;
mod select;
mod site;
mod snapshot;
mod state;
mod verify;
mod versions;
mod wall;
mod watchdog;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use context::Context;

/// Parses the command line, does what it says, and tells how it ended.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) if check::is_meant(&arguments) => return check::not_understood(&error).into(),
        Err(error) => {
            // Help and version are no mistakes, and go to stdout.
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let _ = error.print();
            return code.into();
        }
    };
    messages::listen(&cli.global);
    match dispatch(&cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let (exit, text) = mends::explained(error);
            messages::say(&text);
            exit.into()
        }
    }
}

fn dispatch(cli: &Cli) -> anyhow::Result<Exit> {
    let global = &cli.global;
    match &cli.command {
        Command::Run(args) => run::run(&mut Context::new(global, &args.deposits)?, args),
        Command::Scan(args) => run::scan(&Context::new(global, &[])?, args),
        Command::Jobs(command) => jobs::dispatch(&Context::new(global, &[])?, command),
        Command::Agents(command) => agents::dispatch(&Context::new(global, &[])?, command),
        Command::Promote(args) if args.accept => promote_accept::accept(&Context::new(global, &[])?, args),
        Command::Promote(args) => promote::promote(&Context::new(global, &[])?, args),
        Command::Check(args) => Ok(check::check(global, args)),
        Command::State(args) => state::state(&Context::new(global, &[])?, args),
        Command::Init => init::init(global),
        Command::Doctor => doctor::doctor(global),
        Command::Completions(args) => completions::completions(args),
        Command::Man(args) => man::man(args),
        Command::Notify(args) => notify::notify(&Context::new(global, &[])?, args),
        Command::Report(args) => report::report(&Context::new(global, &[])?, args),
        Command::Versions(command) => versions::dispatch(global, command),
        Command::History(args) => history::history(&Context::new(global, &[])?, args),
        Command::Alerts(command) => alerts::dispatch(&Context::new(global, &[])?, command),
        Command::Verify(args) => verify::verify(global, args),
        Command::Restore(args) => restore::restore(global, args),
        Command::Prune(args) => prune::prune(&Context::new(global, &[])?, args),
    }
}
