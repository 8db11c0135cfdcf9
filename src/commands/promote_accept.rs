//! `promote --accept`: somebody has found out that the data was changed on purpose, and takes what is held as good.

use anyhow::{Result, anyhow};

use super::change::{Change, Verb};
use super::context::Context;
use super::select;
use super::snapshot::Known;
use crate::cli::pipeline::Promote;
use crate::cli::select::Change as Touched;
use crate::domain::text::printable;
use crate::exit::{Advise as _, Exit};
use crate::scan::accept::{self, Word};
use crate::scan::promote::NOT_COMPARED;
use crate::scan::reconcile::is_behind;
use crate::store::{Store, Unit};
use crate::vault::Vault;

const VERB: Verb = Verb { done: "accepted", planned: "would accept" };

/// Takes the newest held backup of each job as good. A job whose version cannot be used is left as it was, and the exit
/// says so.
///
/// # Errors
/// When the selector does not hold, nothing of it is held, or the state cannot be used.
pub fn accept(context: &Context, args: &Promote) -> Result<Exit> {
    let mut change = Change::begin(context, args.dry_run)?;
    want_compared(context, &change.state.store)?;
    let snapshot = change.snapshot()?;
    // How many it may be is asked of those that are held.
    let wanted = Touched { selector: args.selector.0.clone(), yes: true, dry_run: args.dry_run };
    let mut held = select::touched(&snapshot, &wanted)?;
    held.retain(|known| known.job.state.held);
    if held.is_empty() {
        let nothing: Result<()> = Err(anyhow!("no version of these jobs is held, so nothing was changed"));
        nothing.hint("`backupmon alerts list` shows what is held").or_usage()?;
    }
    select::want_yes(held.iter().map(|known| &known.job.key), args.yes || args.dry_run).or_usage()?;
    let mut unit = Unit::default();
    let vault = change.own_vault()?;
    let mut done = Exit::Done;
    for known in held {
        if let Err(error) = take(&change, vault.as_ref(), known, args.reason.as_deref(), &mut unit) {
            tracing::error!("{} is not accepted: {error:#}", printable(&known.job.key.to_string()));
            done = Exit::Incomplete;
        }
    }
    change.commit(&unit)?;
    Ok(change.tell(VERB, &unit.jobs)?.and(done))
}

/// What such a state takes for the newest that is held may be long replaced.
fn want_compared(context: &Context, store: &dyn Store) -> Result<()> {
    if is_behind(store, &context.state_folder(), Some(&context.vault()), context.now)? {
        let refused: Result<()> = Err(anyhow!("nothing is accepted: {NOT_COMPARED}"));
        refused.hint("run `backupmon run`, see what is held then, and accept that")?;
    }
    Ok(())
}

fn take(
    change: &Change,
    vault: Option<&Vault>,
    known: &Known,
    why: Option<&str>,
    unit: &mut Unit,
) -> Result<()> {
    let mut job = change.open(&known.job);
    let word = Word { who: &change.context.who, why, now: change.context.now };
    let version = accept::accept(&change.state.store, vault, &mut job, word, unit)?;
    let what = match version {
        Some(version) => format!("promote --accept {version}"),
        None => "promote --accept".to_owned(),
    };
    change.put(unit, job, what, why);
    Ok(())
}
