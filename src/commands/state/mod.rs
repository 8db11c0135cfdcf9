//! `state`: check, copy and rebuild the memory between runs. The state is not the truth: versions, kept reports and the
//! daily copies are, and a new one can be made of them.

pub mod backup;
mod check;
mod compare;
mod rebuild;

use anyhow::Result;

pub use rebuild::begin_again;

use super::context::Context;
use crate::cli::care::State;
use crate::exit::Exit;

/// # Errors
/// When the state, its copies or the versions cannot be read or written.
pub fn state(context: &Context, args: &State) -> Result<Exit> {
    match args {
        State::Check => check::check(context),
        State::Backup => backup::backup(context),
        State::Rebuild(args) => rebuild::rebuild(context, args.yes),
    }
}
