//! Good backups that have no version yet are copied now; versions that no rule keeps go.

use std::collections::HashSet;
use std::path::Path;

use super::decide::{Purpose, Task, from_mark};
use super::harvest::Harvest;
use super::keeping::Keeping;
use super::lacking::Lacking;
use super::read::{Found, Order, Outcome, Reader};
use super::reconcile::is_behind;
use super::settle::{promotion_failed, publish, record_of};
use super::summary::Summary;
use super::world::{Tracked, World};
use super::{Scan, min_free, read};
use crate::domain::incident::{IncidentKind, Subject};
use crate::domain::ledger::Origin;
use crate::domain::retention::{Decision, Fate, plan};
use crate::domain::text::printable;
use crate::domain::verdict::{Evidence, expectation};
use crate::domain::{JobId, JobKey, Problem, Time, Version};
use crate::store::{Result, Store, Unit};
use crate::vault::{Vault, VaultError};

/// Good and held backups of earlier scans that have no version, and whose staged file still is the one that was verified; with
/// the harvest that they refer to.
///
/// # Errors
/// When the state cannot be read.
pub fn pending(scan: &Scan, world: &World) -> Result<(Harvest, Vec<Task>)> {
    let mut harvest = Harvest::of_folders(scan.source.agents().agents);
    let mut tasks = Vec::new();
    for tracked in world.jobs.values().filter(|t| t.job.state.held || !t.version_is_there) {
        tasks.extend(task_of(scan, world, &mut harvest, tracked)?);
    }
    Ok((harvest, tasks))
}

/// Copies what earlier scans verified and could not, or were not asked to, promote.
///
/// # Errors
/// When the state cannot be used.
pub fn promote_pending(scan: &mut Scan, world: &mut World, summary: &mut Summary) -> Result<()> {
    let Some(vault) = scan.vault else { return Ok(()) };
    let (mut harvest, mut tasks) = pending(scan, world)?;
    harvest.tell_failures(summary);
    tasks.retain(|task| !summary.unkept.contains(&task.key.id()));
    let (files, bytes) = (tasks.len() as u64, tasks.iter().map(|task| task.identity.size).sum());
    if scan.dry_run {
        summary.would_read = (files, bytes);
        return Ok(());
    }
    if !scan.copies(bytes, summary) {
        return Ok(());
    }
    let orders: Vec<Order> =
        tasks.into_iter().map(|task| Order { wants: read::wants(&task, false), task, copy: true }).collect();
    let reader = Reader {
        source: scan.source,
        vault: Some(vault),
        min_free: min_free(scan.config, vault),
        observer: scan.observer,
        threads: scan.config.scan.threads,
    };
    scan.observer.reading(files, bytes);
    let observer = scan.observer;
    let left = reader.read(orders, |found| {
        if let Some(found) = found {
            settle(scan, world, summary, &harvest, vault, found)?;
        }
        if observer.interval_is_over() {
            observer.publish(scan.store);
        }
        Ok(())
    })?;
    summary.tell_unkept();
    if left > 0 {
        summary.cut_off(left);
    }
    Ok(())
}

/// The staged file of a backup that lacks its version, when it is still the one that was verified.
fn task_of(scan: &Scan, world: &World, harvest: &mut Harvest, tracked: &Tracked) -> Result<Option<Task>> {
    let Some(lacking) = Lacking::of(scan.store, tracked)? else { return Ok(None) };
    let (key, mark) = (&tracked.job.key, lacking.mark);
    let Some(index) = harvest.index_of(scan, world, lacking.report)? else { return Ok(None) };
    let open = &harvest.reports[index];
    let Some(entry) = open.report.entries.iter().position(|entry| entry.name == key.database.as_str()) else {
        return Ok(None);
    };
    let Ok(claim) = &open.report.entries[entry].claim else { return Ok(None) };
    let Ok(wanted) = expectation(claim, open.report.overall_failed.as_deref()) else { return Ok(None) };
    let agent = open.agent.clone();
    let Some(identity) = harvest.look(scan, &agent, &mark.file) else { return Ok(None) };
    let open = &harvest.reports[index];
    if identity != mark.identity {
        return Ok(None);
    }
    let rank =
        crate::domain::job::Rank { time: lacking.report_time, own: None, file: open.record.file.clone() };
    Ok(Some(Task {
        key: key.clone(),
        report: index,
        entry,
        origin: Origin { report: lacking.report, rank },
        expectation: wanted,
        agent: open.agent.clone(),
        identity,
        purpose: Purpose::Newest,
        twin: None,
    }))
}

fn settle(
    scan: &mut Scan,
    world: &mut World,
    summary: &mut Summary,
    harvest: &Harvest,
    vault: &Vault,
    found: Found,
) -> Result<()> {
    let Found { task, outcome } = found;
    let Some(tracked) = world.jobs.get(&task.key) else { return Ok(()) };
    let mut job = tracked.job.clone();
    let Some(lacking) = Lacking::of(scan.store, tracked)? else { return Ok(()) };
    let mut unit = Unit::default();
    let reason = match outcome {
        Outcome::Evidence { evidence: Evidence::Read(measured), draft: Some(draft), .. }
            if measured.sha256 == lacking.mark.sha256 =>
        {
            summary.files_read += 1;
            summary.bytes_read += measured.size_bytes;
            // What is inside was looked at when it was verified.
            let measured = from_mark(lacking.mark);
            let verdict = lacking.verdict(&measured);
            let record =
                record_of(&task, &task.origin, &verdict, &measured, &harvest.reports[task.report], world.now);
            publish(vault, draft, &record, &verdict, &mut job, &mut unit).err()
        }
        Outcome::Evidence { no_copy: Some(reason), .. } | Outcome::Failed(reason) => Some(reason),
        // It changed since it was verified: the next scan judges what it is now.
        Outcome::Evidence { .. } | Outcome::Changed => return Ok(()),
    };
    match reason {
        None => {
            summary.versions_promoted += 1;
            unit.jobs.push(job.clone());
            if let Some(tracked) = world.jobs.get_mut(&task.key) {
                tracked.job = job;
                tracked.version_is_there |= !unit.versions.iter().any(|version| version.held);
            }
        }
        Some(reason) => promotion_failed(world, summary, &mut unit, &task.key, &reason),
    }
    scan.store.commit(&unit)?;
    Ok(())
}

/// What retention decides for the versions of one job.
#[derive(Debug)]
pub struct JobPlan {
    pub key: JobKey,
    pub versions: Vec<Version>,
    pub decisions: Vec<Decision>,
}

impl JobPlan {
    fn of(tracked: &Tracked, versions: Vec<Version>, keeping: &Keeping) -> Self {
        let circumstances = keeping.circumstances(&tracked.job, &versions);
        let decisions = plan(&tracked.effective.retention, &versions, &circumstances);
        Self { key: tracked.job.key.clone(), versions, decisions }
    }

    fn removes(&self) -> bool {
        self.decisions.iter().any(|decision| decision.fate == Fate::Remove)
    }

    /// A version of the job among these names that the state does not know.
    fn unknown(&self, vault: &Vault, names: &[String]) -> std::result::Result<Option<String>, VaultError> {
        let is_known = |name: &String| self.versions.iter().any(|version| version.name == *name);
        // What is no version of ours, or half of one, has a name there too.
        if names.iter().all(is_known) {
            return Ok(None);
        }
        let mut versions = vault.list(&self.key)?.versions.into_iter().map(|version| version.record.version);
        Ok(versions.find(|name| !is_known(name)))
    }

    /// Decides again where the state counts on a version that is not on the disk; gives the names of those.
    fn count_only(&mut self, on_disk: &[String], world: &World, keeping: &Keeping) -> Vec<String> {
        let is_there = |version: &Version| on_disk.contains(&version.name);
        let (there, gone): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.versions).into_iter().partition(is_there);
        if !gone.is_empty()
            && let Some(tracked) = world.jobs.get(&self.key)
        {
            *self = Self::of(tracked, there, keeping);
        } else {
            self.versions = there;
        }
        gone.into_iter().map(|version| version.name).collect()
    }
}

/// What retention decides for every job that has versions, without doing it.
///
/// # Errors
/// When the state cannot be read.
pub fn retention_plan(
    store: &dyn Store,
    world: &World,
    only: Option<&HashSet<JobId>>,
    last_scan: Option<Time>,
) -> Result<Vec<JobPlan>> {
    plans(store, world, only, &keeping(store, world, last_scan)?, |_| true)
}

/// The plans that `wanted` picks. Versions are read one job at a time: of a large fleet they are many, and nearly all of
/// them stay.
fn plans(
    store: &dyn Store,
    world: &World,
    only: Option<&HashSet<JobId>>,
    keeping: &Keeping,
    wanted: fn(&JobPlan) -> bool,
) -> Result<Vec<JobPlan>> {
    let is_meant = |tracked: &Tracked| only.is_none_or(|only| only.contains(&tracked.job.id));
    let mut plans = Vec::new();
    for tracked in world.jobs.values().filter(|tracked| is_meant(tracked)) {
        let versions = store.versions(Some(&tracked.job.id))?;
        if !versions.is_empty() {
            plans.extend(Some(JobPlan::of(tracked, versions, keeping)).filter(wanted));
        }
    }
    Ok(plans)
}

fn keeping(store: &dyn Store, world: &World, last_scan: Option<Time>) -> Result<Keeping> {
    let longest = world.jobs.values().map(|tracked| tracked.effective.retention.keep_suspect.delta()).max();
    Keeping::load(store, longest.unwrap_or_default(), world.config.server_timezone, last_scan, world.now)
}

/// Removes what no rule keeps; gives the plans that say so. Versions count only while they are on the disk, and a
/// state that does not know the last run removes nothing.
///
/// # Errors
/// When the state cannot be used.
pub fn apply_retention(
    scan: &mut Scan,
    world: &World,
    summary: &mut Summary,
    only: Option<&HashSet<JobId>>,
    last_scan: Option<Time>,
) -> Result<Vec<JobPlan>> {
    let Some(vault) = scan.vault else { return Ok(Vec::new()) };
    let keeping = keeping(scan.store, world, last_scan)?;
    let mut plans = plans(scan.store, world, only, &keeping, JobPlan::removes)?;
    // What the state does not know may be what the rules keep.
    if summary.state_was_behind {
        return Ok(plans);
    }
    if state_is_behind(scan)? {
        if !plans.is_empty() {
            summary.not_done(format!("no version is removed: {NOT_COMPARED}"));
        }
        return Ok(plans);
    }
    for plan in &mut plans {
        let job = printable(&plan.key.to_string());
        let looked = vault.names(&plan.key).and_then(|names| Ok((plan.unknown(vault, &names)?, names)));
        match looked {
            Ok((None, names)) => {
                let gone = plan.count_only(&names, world, &keeping);
                remove(scan, summary, vault, plan, gone)?;
            }
            // Somebody put it there: the daily comparison takes it over, and then it may be what a rule keeps.
            Ok((Some(unknown), _)) => {
                let unknown = printable(&unknown);
                let note =
                    format!("nothing of {job} is removed: the state does not know its version {unknown} yet");
                tracing::info!("{note}");
                summary.notes.push(note);
            }
            Err(error) => summary.not_done(format!("nothing of {job} is removed: {error}")),
        }
    }
    Ok(plans)
}

/// Why a state that does not know the last run decides nothing about versions, and what mends it.
pub const NOT_COMPARED: &str = "the state does not know the last run, as one that was lost or restored from a copy; the next `backupmon run` compares it with the disk";

/// Whether [`NOT_COMPARED`] holds.
///
/// # Errors
/// When the state cannot be read.
pub fn state_is_behind(scan: &Scan) -> Result<bool> {
    let state_folder = scan.kept.folder().parent().unwrap_or(Path::new("."));
    is_behind(scan.store, state_folder, scan.vault, scan.now)
}

/// Removes what the plan lets go. Those that are `gone` already, as by a run that was killed, go from the state alone.
fn remove(
    scan: &mut Scan,
    summary: &mut Summary,
    vault: &Vault,
    plan: &JobPlan,
    gone: Vec<String>,
) -> Result<()> {
    let key = &plan.key;
    let mut unit = Unit::default();
    unit.versions_removed.extend(gone.into_iter().map(|version| (key.id(), version)));
    for decision in plan.decisions.iter().filter(|decision| decision.fate == Fate::Remove) {
        if scan.dry_run {
            summary.versions_removed += 1;
            continue;
        }
        let (version, job) = (&decision.version, printable(&key.to_string()));
        match vault.remove(key, version) {
            Ok(_) => {
                summary.versions_removed += 1;
                tracing::info!("removed version {version} of {job}: no rule keeps it");
                unit.versions_removed.push((key.id(), version.clone()));
            }
            Err(error) => {
                summary.not_done(format!("version {version} of {job} could not be removed: {error}"));
            }
        }
    }
    if unit.versions_removed.is_empty() || scan.dry_run {
        return Ok(());
    }
    scan.store.commit(&unit).map(drop)
}

/// A promotion problem is one job's, told as the server's own.
#[must_use]
pub fn promotion_subject(job: &JobId) -> Subject {
    Subject { kind: IncidentKind::Problem(Problem::PromotionFailed), agent: None, job: Some(job.clone()) }
}
