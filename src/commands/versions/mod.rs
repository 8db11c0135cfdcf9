//! `versions`: what is kept, and what must stay.

mod list;
mod pin;

use anyhow::Result;

use super::context::Context;
use crate::cli::Global;
use crate::cli::versions::Versions;
use crate::exit::Exit;

/// # Errors
/// When it could not be done.
pub fn dispatch(global: &Global, command: &Versions) -> Result<Exit> {
    match command {
        Versions::List(args) => list::list(global, args),
        Versions::Pin(args) => pin::pin(&Context::new(global, &[])?, args, true),
        Versions::Unpin(args) => pin::pin(&Context::new(global, &[])?, args, false),
    }
}
