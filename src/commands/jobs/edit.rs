//! `jobs edit`: what is set on jobs; the rest stays inherited. Ends a trial.

use anyhow::{Result, anyhow};

use super::settings::{self, Given};
use crate::cli::jobs::Edit;
use crate::commands::change::{Change, Verb};
use crate::commands::context::Context;
use crate::commands::select;
use crate::exit::{Advise as _, Exit};
use crate::store::Unit;

const VERB: Verb = Verb { done: "edited", planned: "would edit" };

/// # Errors
/// When nothing is to be set, a setting does not hold for one of the jobs (then none is changed), or the state cannot
/// be used.
pub fn edit(context: &Context, args: &Edit) -> Result<Exit> {
    let given = Given::new(&args.settings)?;
    if given.is_nothing() && args.unset.is_empty() {
        return Err(anyhow!("nothing is to be set")).hint("see `backupmon jobs edit --help`").or_usage();
    }
    let mut change = Change::begin(context, args.change.dry_run)?;
    let snapshot = change.snapshot()?;
    let mut unit = Unit::default();
    for known in select::touched(&snapshot, &args.change)? {
        let mut job = change.open(&known.job);
        for key in &args.unset {
            settings::unset(&mut job, key)?;
        }
        given.apply(&mut job);
        settings::check(&job, context.config.server_timezone)?;
        job.end_trial(context.now);
        change.put(&mut unit, job, what(&given, &args.unset), args.reason.as_deref());
    }
    change.commit(&unit)?;
    change.tell(VERB, &unit.jobs)
}

fn what(given: &Given, unset: &[String]) -> String {
    let mut parts = vec!["jobs edit".to_owned(), given.summary()];
    if !unset.is_empty() {
        parts.push(format!("unset {}", unset.join(", ")));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}
