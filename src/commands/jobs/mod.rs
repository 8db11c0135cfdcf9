//! `jobs`: look at what is expected, and change it.

mod add;
pub mod document;
mod edit;
mod export;
mod import;
mod list;
mod next;
mod pause;
mod remove;
mod resume;
mod retire;
mod settings;
mod show;
mod suggest;

use anyhow::Result;

use super::context::Context;
use super::rename;
use crate::cli::jobs::Jobs;
use crate::exit::Exit;

/// # Errors
/// As each subcommand.
pub fn dispatch(context: &Context, command: &Jobs) -> Result<Exit> {
    match command {
        Jobs::Add(args) => add::add(context, args),
        Jobs::List(args) => list::list(context, args),
        Jobs::Show { job } => show::show(context, job),
        Jobs::Next(args) => next::next(context, args),
        Jobs::Edit(args) => edit::edit(context, args),
        Jobs::Pause(args) => pause::pause(context, args),
        Jobs::Resume(args) => resume::resume(context, args),
        Jobs::Retire(args) => retire::retire(context, args),
        Jobs::Remove(args) => remove::remove(context, args),
        Jobs::Import(args) => import::import(context, args),
        Jobs::Export(args) => export::export(context, args),
        Jobs::Rename(args) => rename::job(context, args),
        Jobs::Suggest(args) => suggest::suggest(context, args),
    }
}
