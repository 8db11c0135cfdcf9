//! `jobs retire`: ended for good. History and versions stay, and the newest good version is pinned.

use anyhow::Result;

use crate::cli::jobs::Reasoned;
use crate::commands::change::{Change, Verb};
use crate::commands::context::Context;
use crate::commands::select;
use crate::domain::incident::{IncidentChange, Subject};
use crate::domain::text::printable;
use crate::domain::{Job, Time, Version};
use crate::exit::Exit;
use crate::store::{Store as _, Unit};
use crate::vault::{Vault, believed_until, newest_good};

const VERB: Verb = Verb { done: "retired", planned: "would retire" };

/// A job whose version could not be pinned is left as it was, and the exit says so.
///
/// # Errors
/// When the selector does not hold or the state cannot be used.
pub fn retire(context: &Context, args: &Reasoned) -> Result<Exit> {
    let mut change = Change::begin(context, args.change.dry_run)?;
    let snapshot = change.snapshot()?;
    let vault = if change.state.store.has_versions()? { change.own_vault()? } else { None };
    let mut unit = Unit::default();
    let mut done = Exit::Done;
    for known in select::touched(&snapshot, &args.change)? {
        let name = printable(&known.job.key.to_string());
        if known.job.retired_at.is_some() {
            tracing::warn!("{name} is retired already");
            continue;
        }
        let versions = change.state.store.versions(Some(&known.job.id))?;
        match pinned(vault.as_ref(), &known.job, &versions, context.now) {
            Ok(Some(version)) => unit.versions.push(version),
            Ok(None) => tracing::warn!("{name} has no good version to keep"),
            Err(error) => {
                tracing::error!(
                    "{name} is not retired, for its newest good version cannot be pinned: {error}"
                );
                done = Exit::Incomplete;
                continue;
            }
        }
        let mut job = change.open(&known.job);
        job.retire(context.now);
        let subject = Subject::job(&job.key.agent, &job.id);
        unit.incidents.push(IncidentChange::Resolve { subject, at: context.now });
        change.put(&mut unit, job, "jobs retire", args.reason.as_deref());
    }
    change.commit(&unit)?;
    Ok(change.tell(VERB, &unit.jobs)?.and(done))
}

/// The newest good version, pinned on the disk before the state says so: a crash in between leaves a pin too many.
fn pinned(
    vault: Option<&Vault>,
    job: &Job,
    versions: &[Version],
    now: Time,
) -> crate::vault::Result<Option<Version>> {
    let Some(version) = newest_good(versions, believed_until(job, now)) else { return Ok(None) };
    if let Some(vault) = vault {
        vault.set_pinned(&job.key, &version.name, true)?;
    }
    Ok(Some(Version { pinned: true, ..version.clone() }))
}
