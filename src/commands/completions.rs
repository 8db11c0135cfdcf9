//! `completions`: what a shell needs to complete our commands and flags.

use anyhow::Result;
use clap::CommandFactory as _;

use super::print;
use crate::cli::Cli;
use crate::cli::care::Completions;
use crate::exit::Exit;

/// # Errors
/// When stdout cannot be written.
pub fn completions(args: &Completions) -> Result<Exit> {
    // Into memory first: the generator panics where its writer fails, and a closed pipe is a quiet end.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "backupmon", &mut script);
    print::text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
