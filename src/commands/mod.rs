//! One short file per subcommand: open, call, render. The only place that wires the rooms together.

mod context;
mod observer;
mod outputs;
mod print;
mod run;
mod snapshot;
mod watchdog;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::filter::LevelFilter;

use crate::cli::{Cli, Command, Global};
use crate::exit::{Exit, explain};
use context::Context;

/// Parses the command line, does what it says, and tells how it ended.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no mistakes, and go to stdout.
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let _ = error.print();
            return code.into();
        }
    };
    listen(&cli.global);
    match dispatch(&cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let (exit, text) = explain(&error);
            eprint!("{text}");
            exit.into()
        }
    }
}

/// Messages go to stderr, as lines without a time: cron and journald add their own.
fn listen(global: &Global) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .without_time()
        .init();
}

fn dispatch(cli: &Cli) -> anyhow::Result<Exit> {
    let global = &cli.global;
    match &cli.command {
        Command::Run(args) => run::run(&mut Context::new(global, &args.deposits)?, args),
        Command::Scan(args) => run::scan(&Context::new(global, &[])?, args),
        _ => anyhow::bail!("not there yet"),
    }
}
