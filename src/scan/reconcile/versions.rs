//! The versions of the state beside those of the disk, which counts.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;

use super::Reconciliation;
use super::adopt::{adopt, good_backup, hold_newest};
use super::mark::Lineage;
use crate::domain::incident::{IncidentKind, Subject};
use crate::domain::ledger::{self, Acceptance};
use crate::domain::text::printable;
use crate::domain::{AgentId, Digest, Job, JobKey, Problem, Severity, Version};
use crate::scan::Scan;
use crate::scan::harvest::Harvest;
use crate::scan::jobs::discover;
use crate::scan::summary::Summary;
use crate::scan::world::{Tracked, World};
use crate::store::{Result, Unit};
use crate::vault::{Glance, OnDisk, Vault, VaultError, newest_good};

/// A hold that began longer ago than so many backups is not looked for in the history.
const HELD_ENTRIES: usize = 400;

/// Versions whose reports are still to be judged: a run was cut off between its disk and its state.
#[derive(Debug, Default)]
pub struct HalfDone(HashMap<(JobKey, Digest), OnDisk>);

impl HalfDone {
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// The version that was made of a job's entry in the report with these bytes.
    pub fn take(&mut self, key: &JobKey, report: &Digest) -> Option<OnDisk> {
        // Usually there is none at all.
        if self.0.is_empty() { None } else { self.0.remove(&(key.clone(), *report)) }
    }
}

/// Compares what must be compared; what is found goes into the state, or into `found` for the second pass.
///
/// # Errors
/// When the state cannot be used.
pub fn compare(
    scan: &mut Scan,
    world: &mut World,
    summary: &mut Summary,
    harvest: &Harvest,
    found: &mut Reconciliation,
) -> Result<()> {
    let Some(vault) = scan.vault else { return Ok(()) };
    let everything = found.lineage() != Lineage::Same;
    let is_meant = |tracked: &Tracked| !tracked.job.ignored && (everything || has_lost_its_version(tracked));
    let keys: Vec<JobKey> = world
        .jobs
        .values()
        .filter(|tracked| is_meant(tracked))
        .map(|tracked| tracked.job.key.clone())
        .collect();
    let mut look = Look { vault, open: open_reports(scan, harvest)?, scan, world, summary, found };
    for key in keys {
        look.job(&key)?;
    }
    if look.found.lineage() == Lineage::Behind {
        look.unknown_jobs()?;
    }
    look.end_damage()
}

/// The version that a job's last good backup is believed to have is not there.
fn has_lost_its_version(tracked: &Tracked) -> bool {
    let good = tracked.job.state.good.as_ref();
    !tracked.version_is_there && good.is_some_and(|good| good.version.is_some())
}

/// The reports that are not judged to the end, by agent and bytes: their ids, and whether this scan judges them.
type OpenReports = HashMap<(AgentId, Digest), (i64, bool)>;

fn open_reports(scan: &Scan, harvest: &Harvest) -> Result<OpenReports> {
    let harvested: HashSet<i64> = harvest.reports.iter().map(|open| open.record.id).collect();
    let open = scan.store.open_reports()?.into_iter();
    Ok(open
        .filter_map(|record| {
            let here = harvested.contains(&record.id);
            Some(((record.agent, record.content?), (record.id, here)))
        })
        .collect())
}

/// What one job's folder and rows differ in.
#[derive(Default)]
struct Difference {
    /// On the disk, and not in the state; oldest report first.
    unknown: Vec<OnDisk>,
    /// In the state, and no longer on the disk.
    gone: Vec<Version>,
    /// In both, with the marks of the disk that the state did not know.
    marked: Vec<(Version, Glance)>,
    /// In both.
    same: Vec<Version>,
}

impl Difference {
    fn is_none(&self) -> bool {
        self.unknown.is_empty() && self.gone.is_empty() && self.marked.is_empty()
    }
}

struct Look<'l, 's, 'w> {
    vault: &'l Vault,
    open: OpenReports,
    scan: &'l mut Scan<'s>,
    world: &'l mut World<'w>,
    summary: &'l mut Summary,
    found: &'l mut Reconciliation,
}

impl Look<'_, '_, '_> {
    fn job(&mut self, key: &JobKey) -> Result<()> {
        let rows = self.scan.store.versions(Some(&key.id()))?;
        match difference(self.vault, key, rows) {
            Ok(difference) if difference.is_none() => Ok(()),
            Ok(difference) => self.settle(key, difference),
            Err(error) => {
                let what = format!("the versions of {}", printable(&key.to_string()));
                self.summary.not_done(not_compared(&what, &error));
                if error.is_monitors_failure() {
                    self.found.unsettled.insert(key.clone());
                }
                Ok(())
            }
        }
    }

    /// Versions of jobs that the state does not know, where an unknown database becomes a job. On trial: that it is
    /// still expected is not known, so that its absence is no alarm yet.
    fn unknown_jobs(&mut self) -> Result<()> {
        let name = |name: &str| OsString::from(name);
        let known: HashSet<(OsString, OsString)> = self
            .world
            .jobs
            .keys()
            .map(|key| (name(key.agent.as_str()), name(key.database.as_str())))
            .collect();
        let folders = self.vault.all_but(|agent, database| known.contains(&(agent.into(), database.into())));
        let folders = match folders {
            Ok(folders) => folders,
            Err(error) => {
                let reason = not_compared("the validated folder", &error);
                self.found.fail(self.summary, reason);
                return Ok(());
            }
        };
        for listing in folders {
            let listing = match listing {
                Ok(listing) => listing,
                Err(error) => {
                    let reason = not_compared("a folder of versions", &error);
                    if error.is_monitors_failure() {
                        self.found.fail(self.summary, reason);
                    } else {
                        self.summary.not_done(reason);
                    }
                    continue;
                }
            };
            let Some(key) = listing.versions.first().map(|version| version.key.clone()) else { continue };
            // Known after all, under a folder with another spelling; or an orphan, which stays one.
            if self.world.jobs.contains_key(&key) || discover(self.world, &key).is_none() {
                continue;
            }
            self.settle(&key, Difference { unknown: by_time(listing.versions), ..Difference::default() })?;
            self.keep_on_trial(&key)?;
        }
        Ok(())
    }

    fn keep_on_trial(&mut self, key: &JobKey) -> Result<()> {
        let Some(tracked) = self.world.jobs.get_mut(key) else { return Ok(()) };
        tracked.job.on_trial = self.world.config.scan.trial_days > 0;
        tracked.job.state.trial_days.clear();
        let jobs = vec![tracked.job.clone()];
        self.scan.store.commit(&Unit { jobs, ..Unit::default() }).map(drop)
    }

    fn settle(&mut self, key: &JobKey, difference: Difference) -> Result<()> {
        let Difference { unknown, gone, marked, mut same } = difference;
        let Some(tracked) = self.world.jobs.get(key) else { return Ok(()) };
        let mut job = tracked.job.clone();
        let mut unit = Unit::default();
        same.extend(unknown.iter().map(OnDisk::version));
        for (mut version, glance) in marked {
            self.mark(&mut job, &mut version, &glance, &mut unit)?;
            unit.versions.push(version.clone());
            same.push(version);
        }
        let current = newest_good(&same).map(|version| version.name.clone());
        self.forget(&mut job, gone, current.as_deref(), &mut unit);
        let adopted = self.leave_half_done(unknown)?;
        if let Some(tracked) = self.world.jobs.get(key) {
            let last_report = self.world.last_report_of(&key.agent);
            let context = tracked.context(self.world.config, last_report, self.world.now);
            adopt(&mut job, &adopted, &context, &mut unit);
        }
        for version in &adopted {
            tracing::info!(
                "version {} of {} is taken over from the disk",
                printable(&version.record.version),
                printable(&key.to_string())
            );
        }
        self.summary.versions_adopted += adopted.len() as u64;
        if let Some(current) = current {
            self.point(key, &current);
        }
        unit.jobs.push(job.clone());
        self.scan.store.commit(&unit)?;
        self.world.track(job);
        Ok(())
    }

    /// Takes those aside whose reports the second pass will come to, in their place among the others.
    fn leave_half_done(&mut self, unknown: Vec<OnDisk>) -> Result<Vec<OnDisk>> {
        let mut adopted = Vec::new();
        for version in unknown {
            let report = version.record.report_sha256;
            match self.open.get(&(version.key.agent.clone(), report)) {
                Some((id, here)) if !self.scan.store.jobs_judged_from(*id)?.contains(&version.key.id()) => {
                    // One that cannot be read now is judged by a later scan; until then the disk is not all known.
                    self.found.incomplete |= !here;
                    self.found.half_done.0.insert((version.key.clone(), report), version);
                }
                Some(_) | None => adopted.push(version),
            }
        }
        Ok(adopted)
    }

    /// The marks on the disk count: they are the operator's word, and survive the state.
    fn mark(&self, job: &mut Job, version: &mut Version, disk: &Glance, unit: &mut Unit) -> Result<()> {
        version.pinned = disk.pinned;
        let was_held = std::mem::replace(&mut version.held, disk.held);
        if was_held && !disk.held {
            let held = self.scan.store.held_entries(&job.id, HELD_ENTRIES)?;
            let entry = held.iter().position(|entry| entry.sha256 == Some(version.sha256));
            let report = entry.and_then(|nth| held[nth].report_id).unwrap_or_default();
            unit.accepted.extend(entry.map(|nth| held[nth].id));
            // One that was held after it holds the job on.
            if job.state.held && entry.is_none_or(|nth| nth == 0) {
                let acceptance = Acceptance {
                    good: good_backup(version, report),
                    verified_at: version.verified_at,
                    who: "the mark on the disk",
                    why: None,
                    now: self.world.now,
                };
                unit.incidents.push(ledger::accept(job, acceptance));
            }
        } else if disk.held && !was_held {
            hold_newest(job, version, self.world.now, unit);
        }
        Ok(())
    }

    /// Versions that are no longer there count for nothing. What retention would never have taken is told.
    fn forget(&mut self, job: &mut Job, gone: Vec<Version>, current: Option<&str>, unit: &mut Unit) {
        for version in gone {
            let name = Some(&version.name);
            let was_good = job.state.good.as_ref().and_then(|good| good.version.as_ref()) == name;
            let was_current = job.state.current_version.as_ref() == name;
            if was_current {
                job.state.current_version = current.map(str::to_owned);
            }
            if was_good && let Some(good) = &mut job.state.good {
                // It is promoted again when the deposit still has it.
                good.version = None;
            }
            let job_name = printable(&job.key.to_string());
            tracing::info!("version {} of {job_name} is gone from the disk", printable(&version.name));
            if self.found.lineage() != Lineage::Behind && (was_good || was_current || version.pinned) {
                let now = current.map_or_else(
                    || "there is no other to take its place".to_owned(),
                    |current| format!("current_version is {current}"),
                );
                let message = format!("version {} is gone from the disk; {now}", printable(&version.name));
                let subject = Subject::version(Problem::VersionDamaged, &job.key.agent, &job.id);
                let database = Some(job.key.database.to_string());
                unit.incidents.extend(self.world.raise_as(
                    subject,
                    database,
                    Severity::Critical,
                    None,
                    message,
                ));
            }
            self.summary.versions_gone += 1;
            unit.versions_removed.push((job.id.clone(), version.name));
        }
    }

    /// Makes `current_version` name what it should.
    fn point(&mut self, key: &JobKey, name: &str) {
        if self.scan.dry_run {
            return;
        }
        let switched = match self.vault.current(key) {
            Ok(current) if current.as_deref() == Some(name) => Ok(()),
            Ok(_) => self.vault.switch(key, name),
            Err(error) => Err(error),
        };
        if let Err(error) = switched {
            let job = printable(&key.to_string());
            self.summary.not_done(format!("current_version of {job} could not be set to {name}: {error}"));
        }
    }

    /// Damage is over when none of a job's versions is damaged and its last good backup is there.
    fn end_damage(&mut self) -> Result<()> {
        let damaged = IncidentKind::Problem(Problem::VersionDamaged);
        for subject in self.world.open_subjects(|subject| subject.kind == damaged) {
            let Some(job) = &subject.job else { continue };
            let tracked = self.world.jobs.values().find(|tracked| tracked.job.id == *job);
            let is_there = tracked.is_some_and(|tracked| {
                let good = tracked.job.state.good.as_ref();
                tracked.version_is_there && good.is_some_and(|good| good.version.is_some())
            });
            if is_there && !self.scan.store.versions(Some(job))?.iter().any(|version| version.damaged) {
                let incidents = self.world.resolve(subject).into_iter().collect();
                self.scan.store.commit(&Unit { incidents, ..Unit::default() })?;
            }
        }
        Ok(())
    }
}

fn not_compared(what: &str, error: &VaultError) -> String {
    format!("{what} could not be compared with the state: {error}")
}

fn difference(vault: &Vault, key: &JobKey, rows: Vec<Version>) -> crate::vault::Result<Difference> {
    let mut rows: HashMap<String, Version> =
        rows.into_iter().map(|version| (version.name.clone(), version)).collect();
    let mut found = Difference::default();
    let mut unknown = HashSet::new();
    for glance in vault.glance(key)? {
        match rows.remove(&glance.name) {
            None => {
                unknown.insert(glance.name);
            }
            Some(row) if (row.pinned, row.held) == (glance.pinned, glance.held) => found.same.push(row),
            Some(row) => found.marked.push((row, glance)),
        }
    }
    found.gone = rows.into_values().collect();
    found.gone.sort_by(|a, b| a.name.cmp(&b.name));
    if !unknown.is_empty() {
        let mut listed = vault.list(key)?.versions;
        listed.retain(|version| unknown.contains(&version.record.version));
        found.unknown = by_time(listed);
    }
    Ok(found)
}

/// Oldest report first, without the agents' own entries, which nobody needs any more.
fn by_time(mut versions: Vec<OnDisk>) -> Vec<OnDisk> {
    versions.sort_by_key(|version| (version.record.report_time, version.record.promoted_at));
    for version in &mut versions {
        version.record.entry = serde_json::Value::Null;
    }
    versions
}
