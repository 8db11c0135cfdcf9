//! `jobs export`: jobs as the document that `jobs import` takes.

use anyhow::Result;

use super::document::{Document, JobRecord};
use crate::cli::jobs::Export;
use crate::commands::context::Context;
use crate::commands::snapshot::Snapshot;
use crate::commands::{print, select};
use crate::exit::Exit;

/// # Errors
/// When the selector does not hold or the state cannot be read.
pub fn export(context: &Context, args: &Export) -> Result<Exit> {
    let selector = select::selector(&args.selector)?;
    let snapshot = Snapshot::load(context, &context.reader()?)?;
    let jobs = select::meant(&snapshot, &selector)?;
    print::json(&Document { jobs: jobs.into_iter().map(|known| JobRecord::of(&known.job)).collect() })?;
    Ok(Exit::Done)
}
