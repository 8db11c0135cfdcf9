//! `promote --accept`: somebody has found out that the data was changed on purpose, and takes what is held as good.

use anyhow::{Result, anyhow};

use super::change::{Change, Verb};
use super::context::Context;
use super::select;
use super::snapshot::Known;
use crate::cli::pipeline::Promote;
use crate::cli::select::Change as Touched;
use crate::domain::job::GoodBackup;
use crate::domain::ledger::{self, Acceptance};
use crate::domain::text::printable;
use crate::domain::{Entry, Job, Time, Version};
use crate::exit::{Advise as _, Exit};
use crate::store::{Store as _, Unit};
use crate::vault::Vault;

const VERB: Verb = Verb { done: "accepted", planned: "would accept" };

/// Takes the newest held backup of each job as good. A job whose version cannot be used is left as it was, and the exit
/// says so.
///
/// # Errors
/// When the selector does not hold, nothing of it is held, or the state cannot be used.
pub fn accept(context: &Context, args: &Promote) -> Result<Exit> {
    let mut change = Change::begin(context, args.dry_run)?;
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
    let mut done = Exit::Done;
    for known in held {
        if let Err(error) = take(&change, known, args.reason.as_deref(), &mut unit) {
            tracing::error!("{} is not accepted: {error:#}", printable(&known.job.key.to_string()));
            done = Exit::Incomplete;
        }
    }
    change.commit(&unit)?;
    Ok(change.tell(VERB, &unit.jobs)?.and(done))
}

/// The disk first: a crash before the state knows of it leaves a version that is accepted again.
fn take(change: &Change, known: &Known, reason: Option<&str>, unit: &mut Unit) -> Result<()> {
    let job = &known.job;
    let store = &change.state.store;
    let entry = store.held_entries(&job.id, 1)?.pop();
    let version = version_of(entry.as_ref(), &store.versions(Some(&job.id))?);
    let Some((good, verified_at)) = good_backup(job, entry.as_ref(), version.as_ref()) else {
        return Err(anyhow!("neither its history nor its versions say what is held"));
    };
    let acceptance =
        Acceptance { good, verified_at, who: &change.context.who, why: reason, now: change.context.now };
    if let (Some(version), Some(vault)) = (&version, change.vault()) {
        make_current(&vault, job, version)?;
    }
    let what = match &version {
        Some(version) => format!("promote --accept {}", version.name),
        None => "promote --accept".to_owned(),
    };
    let mut job = change.open(job);
    unit.incidents.push(ledger::accept(&mut job, acceptance));
    unit.versions.extend(version.map(|version| Version { held: false, ..version }));
    unit.accepted.extend(entry.map(|entry| entry.id));
    change.put(unit, job, what, reason);
    Ok(())
}

/// The version that has the held bytes. One that is damaged is no backup, whoever accepts it.
fn version_of(entry: Option<&Entry>, versions: &[Version]) -> Option<Version> {
    let is_meant = |version: &&Version| match entry {
        Some(entry) => entry.sha256 == Some(version.sha256),
        // A history that was pruned or lost: the disk still knows.
        None => version.held,
    };
    versions.iter().rev().filter(|version| !version.damaged).find(is_meant).cloned()
}

fn make_current(vault: &Vault, job: &Job, version: &Version) -> Result<()> {
    vault.set_held(&job.key, &version.name, None)?;
    Ok(vault.switch(&job.key, &version.name)?)
}

/// The held backup as a good one, and when it was verified: by the history, else by the version on the disk.
fn good_backup(job: &Job, entry: Option<&Entry>, version: Option<&Version>) -> Option<(GoodBackup, Time)> {
    let file = |sha256| {
        let staged = job.state.staged.as_ref().filter(|mark| mark.sha256 == sha256);
        staged.map(|mark| mark.file.clone()).or_else(|| version.map(|version| version.file_name.clone()))
    };
    let name = version.map(|version| version.name.clone());
    if let Some(entry) = entry {
        let sha256 = entry.sha256?;
        let good = GoodBackup {
            sha256,
            size_bytes: entry.size_bytes?,
            content_bytes: entry.content_bytes,
            report_time: entry.report_time?,
            // 0: not known, as of an entry that was made of a version on the disk.
            report: entry.report_id.unwrap_or_default(),
            file: file(sha256).unwrap_or_default(),
            version: name,
        };
        return Some((good, entry.judged_at));
    }
    let version = version?;
    let good = GoodBackup {
        sha256: version.sha256,
        size_bytes: version.size_bytes,
        content_bytes: version.content_bytes,
        report_time: version.report_time,
        // Its report is not known.
        report: 0,
        file: version.file_name.clone(),
        version: name,
    };
    Some((good, version.verified_at))
}
