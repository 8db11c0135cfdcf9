//! `jobs resume`: expect paused or retired jobs again, from now on.

use anyhow::Result;

use crate::cli::jobs::Reasoned;
use crate::commands::change::{Change, Verb};
use crate::commands::context::Context;
use crate::commands::select;
use crate::domain::Status;
use crate::domain::text::printable;
use crate::exit::Exit;
use crate::store::Unit;

const VERB: Verb = Verb { done: "resumed", planned: "would resume" };

/// # Errors
/// When the selector does not hold or the state cannot be used.
pub fn resume(context: &Context, args: &Reasoned) -> Result<Exit> {
    let mut change = Change::begin(context, args.change.dry_run)?;
    let snapshot = change.snapshot()?;
    let mut unit = Unit::default();
    for known in select::touched(&snapshot, &args.change)? {
        let mut job = change.open(&known.job);
        let paused = job.end_pauses(context.now);
        let retired = job.retired_at.is_some();
        if retired {
            job.expect_again(context.now);
        }
        if !paused && !retired {
            let why = match known.standing.status {
                Status::Paused => "is paused by a [[maintenance]] window of the configuration",
                _ => "is neither paused nor retired",
            };
            tracing::warn!("{} {why}", printable(&known.job.key.to_string()));
            continue;
        }
        change.put(&mut unit, job, "jobs resume", args.reason.as_deref());
    }
    change.commit(&unit)?;
    change.tell(VERB, &unit.jobs)
}
