//! `jobs remove`: forgotten, and not discovered again. Its versions stay on the disk, as orphans.

use std::collections::HashSet;

use anyhow::Result;

use crate::cli::jobs::Reasoned;
use crate::commands::change::{Change, Verb};
use crate::commands::context::Context;
use crate::commands::{print, select};
use crate::domain::JobId;
use crate::domain::incident::IncidentChange;
use crate::exit::Exit;
use crate::render::json;
use crate::store::{Store as _, Unit};

const VERB: Verb = Verb { done: "removed", planned: "would remove" };

/// # Errors
/// When the selector does not hold or the state cannot be used.
pub fn remove(context: &Context, args: &Reasoned) -> Result<Exit> {
    let mut change = Change::begin(context, args.change.dry_run)?;
    let snapshot = change.snapshot()?;
    let mut unit = Unit::default();
    for known in select::touched(&snapshot, &args.change)? {
        let mut job = change.open(&known.job);
        job.ignored = true;
        // Nothing waits for its file any more; should it be added again, it begins anew.
        job.state.waiting = None;
        change.put(&mut unit, job, "jobs remove", args.reason.as_deref());
    }
    let ids: HashSet<&JobId> = unit.jobs.iter().map(|job| &job.id).collect();
    for incident in change.state.store.incidents(None)? {
        if incident.is_open() && incident.subject.job.as_ref().is_some_and(|id| ids.contains(id)) {
            unit.incidents.push(IncidentChange::Resolve { subject: incident.subject, at: context.now });
        }
    }
    change.commit(&unit)?;
    if context.json {
        // They are in no list any more: as they last were.
        print::json(&json::jobs(&snapshot.view(context), |row| ids.contains(&row.job.id)))?;
    } else {
        change.say(VERB, &unit.jobs)?;
    }
    Ok(Exit::Done)
}
