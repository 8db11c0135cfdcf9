//! Good backups that have no version yet are copied now; versions that no rule keeps go.

use std::collections::{HashMap, HashSet, VecDeque};

use super::decide::{Purpose, Task, from_mark};
use super::harvest::Harvest;
use super::lacking::Lacking;
use super::read::{Found, Order, Outcome, Reader};
use super::settle::{promotion_failed, publish, record_of};
use super::summary::Summary;
use super::world::{Tracked, World};
use super::{Scan, left_unread, min_free, read};
use crate::domain::incident::{IncidentKind, Subject};
use crate::domain::ledger::Origin;
use crate::domain::retention::{Circumstances, Decision, Fate, plan};
use crate::domain::text::printable;
use crate::domain::verdict::{Evidence, expectation};
use crate::domain::{JobId, JobKey, Problem, Time, Version};
use crate::store::{Result, Store, Unit};
use crate::vault::Vault;

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
    tasks.retain(|task| !summary.not_kept.contains(&task.key.id()));
    let (files, bytes) = (tasks.len() as u64, tasks.iter().map(|task| task.identity.size).sum());
    if scan.dry_run {
        summary.would_read = (files, bytes);
        return Ok(());
    }
    if !scan.copies(bytes, summary) {
        return Ok(());
    }
    let orders: VecDeque<Order> =
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
    if left > 0 {
        summary.not_done(left_unread(left));
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

/// What retention decides for every job, without doing it.
///
/// # Errors
/// When the state cannot be read.
pub fn retention_plan(
    store: &dyn Store,
    world: &World,
    only: Option<&HashSet<JobId>>,
    last_scan: Option<Time>,
) -> Result<Vec<JobPlan>> {
    let mut by_job: HashMap<JobId, Vec<Version>> = HashMap::new();
    for version in store.versions(None)? {
        by_job.entry(version.job.clone()).or_default().push(version);
    }
    let holds = holds(store, world)?;
    let mut plans = Vec::new();
    for tracked in world.jobs.values() {
        let job = &tracked.job;
        if only.is_some_and(|only| !only.contains(&job.id)) {
            continue;
        }
        let Some(versions) = by_job.remove(&job.id) else { continue };
        let circumstances = Circumstances {
            now: world.now,
            timezone: world.config.server_timezone,
            current_version: job.state.current_version.as_deref(),
            job_is_critical: job.state.status.is_critical() || job.state.held,
            last_scan,
            last_held_at: holds.get(&job.id).copied(),
        };
        let decisions = plan(&tracked.effective.retention, &versions, &circumstances);
        plans.push(JobPlan { key: job.key.clone(), versions, decisions });
    }
    Ok(plans)
}

/// When each job was last held, as far back as a hold still protects.
fn holds(store: &dyn Store, world: &World) -> Result<HashMap<JobId, Time>> {
    let longest = world.jobs.values().map(|tracked| tracked.effective.retention.keep_suspect.delta()).max();
    let Some(longest) = longest else { return Ok(HashMap::new()) };
    let mut holds: HashMap<JobId, Time> = HashMap::new();
    for incident in store.incidents(Some(world.now - longest))? {
        if let (IncidentKind::Problem(Problem::VersionHeld), Some(job)) =
            (incident.subject.kind, incident.subject.job)
        {
            let newest = holds.entry(job).or_insert(incident.opened_at);
            *newest = (*newest).max(incident.opened_at);
        }
    }
    Ok(holds)
}

/// Removes what no rule keeps; gives the plan that it went by.
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
    let plans = retention_plan(scan.store, world, only, last_scan)?;
    for JobPlan { key, decisions, .. } in &plans {
        let mut unit = Unit::default();
        for decision in decisions.iter().filter(|decision| decision.fate == Fate::Remove) {
            summary.versions_removed += 1;
            if scan.dry_run {
                continue;
            }
            match vault.remove(key, &decision.version) {
                Ok(_) => {
                    tracing::info!(
                        "removed version {} of {}: no rule keeps it",
                        decision.version,
                        printable(&key.to_string())
                    );
                    unit.versions_removed.push((key.id(), decision.version.clone()));
                }
                Err(error) => {
                    summary.versions_removed -= 1;
                    summary.not_done(format!(
                        "version {} of {} could not be removed: {error}",
                        decision.version,
                        printable(&key.to_string())
                    ));
                }
            }
        }
        if !unit.versions_removed.is_empty() {
            scan.store.commit(&unit)?;
        }
    }
    Ok(plans)
}

/// A promotion problem is one job's, told as the server's own.
#[must_use]
pub fn promotion_subject(job: &JobId) -> Subject {
    Subject { kind: IncidentKind::Problem(Problem::PromotionFailed), agent: None, job: Some(job.clone()) }
}
