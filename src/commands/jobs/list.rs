//! `jobs list`: the jobs as they are now. Nothing is recorded, so it works beside a running scan.

use std::collections::HashSet;

use anyhow::Result;

use crate::cli::jobs::JobsList;
use crate::commands::context::Context;
use crate::commands::snapshot::{Known, Snapshot};
use crate::commands::{print, select};
use crate::domain::{JobId, Status};
use crate::exit::Exit;
use crate::render::{json, table};

/// # Errors
/// When the selector does not hold or the state cannot be read.
pub fn list(context: &Context, args: &JobsList) -> Result<Exit> {
    let selector = select::selector(&args.selector)?;
    let snapshot = Snapshot::load(context, &context.reader()?)?;
    // Who names a retired job, or asks for the status, means it.
    let retired = args.all || !selector.jobs.is_empty() || selector.status.contains(&Status::Retired);
    let shown = |known: &&Known| retired || known.standing.status != Status::Retired;
    let ids: HashSet<&JobId> =
        select::meant(&snapshot, &selector)?.into_iter().filter(shown).map(|known| &known.job.id).collect();
    let view = snapshot.view(context);
    if context.json {
        print::json(&json::jobs(&view, |row| ids.contains(&row.job.id)))?;
    } else {
        let rows = view.jobs.iter().filter(|row| ids.contains(&row.job.id));
        print::text(&table::jobs(&view, rows, context.style))?;
    }
    Ok(Exit::Done)
}
