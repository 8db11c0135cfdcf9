//! From a file that was read to its verdict, its version and its place in the history.

use std::collections::HashMap;

use super::decide::{Purpose, Task, handed_on, never_settles, weigh_read};
use super::doubt::doubt;
use super::harvest::{Harvest, OpenReport};
use super::promote::promotion_subject;
use super::read::{Found, Outcome};
use super::summary::Summary;
use super::unkept;
use super::world::World;
use super::{Scan, WaitingEntries};
use crate::domain::anomaly::Anomaly;
use crate::domain::incident::IncidentChange;
use crate::domain::job::{Rank, StagedMark};
use crate::domain::ledger::{self, Consequences, Origin};
use crate::domain::settling::{Unmet, verdict_of};
use crate::domain::text::printable;
use crate::domain::verdict::{Evidence, Measurement, compare};
use crate::domain::version::{Version, VersionRecord, version_name};
use crate::domain::{Cause, Job, JobKey, Severity, Status, Verdict, Warning};
use crate::store::{ReportRecord, ReportState, Result, Unit};
use crate::vault::{Draft, Vault};

/// The units of the reports of which files are still being read.
pub struct Settlement {
    /// By index of the report in the harvest.
    reports: HashMap<usize, Pending>,
}

/// One report's transaction in the making.
#[derive(Default)]
struct Pending {
    unit: Unit,
    /// Files of it that are still to be read.
    left: usize,
    /// Entries that stay unjudged in this scan.
    open: usize,
}

impl Settlement {
    /// `waiting` tells per report how many entries the second pass has left waiting for the next scan.
    pub fn new(tasks: &[Task], waiting: &WaitingEntries) -> Self {
        let mut reports: HashMap<usize, Pending> = HashMap::new();
        for task in tasks {
            reports.entry(task.report).or_default().left += 1;
        }
        for (index, pending) in &mut reports {
            pending.open = waiting.get(index).copied().unwrap_or_default();
        }
        Self { reports }
    }

    /// Commits what was settled so far of reports that have files left to be read, for news that go out in between.
    pub fn record(&mut self, scan: &mut Scan) -> Result<()> {
        for pending in self.reports.values_mut() {
            let unit = std::mem::take(&mut pending.unit);
            if !(unit.jobs.is_empty() && unit.entries.is_empty() && unit.incidents.is_empty()) {
                scan.store.commit(&unit)?;
            }
        }
        Ok(())
    }

    /// Commits what was settled of reports that have files left unread, when the reading had to stop: they stay open.
    pub fn finish(self, scan: &mut Scan, summary: &mut Summary) -> Result<()> {
        for pending in self.reports.into_values() {
            summary.reports.waiting += 1;
            scan.store.commit(&pending.unit)?;
        }
        Ok(())
    }

    /// Settles one file, and commits its report when it was the last.
    pub fn settle(
        &mut self,
        scan: &mut Scan,
        world: &mut World,
        summary: &mut Summary,
        harvest: &Harvest,
        found: Found,
    ) -> Result<()> {
        let index = found.task.report;
        let Some(mut pending) = self.reports.remove(&index) else { return Ok(()) };
        let open = &harvest.reports[index];
        let judged = One { scan, world, summary, open, unit: &mut pending.unit }.settle(found)?;
        pending.left -= 1;
        if !judged {
            pending.open += 1;
        }
        if pending.left > 0 {
            self.reports.insert(index, pending);
            return Ok(());
        }
        if open.record.state == ReportState::Open {
            if pending.open == 0 {
                pending.unit.report =
                    Some(ReportRecord { state: ReportState::Judged, ..open.record.clone() });
                summary.reports.judged += 1;
            } else {
                summary.reports.waiting += 1;
            }
        }
        scan.store.commit(&pending.unit)?;
        Ok(())
    }
}

/// One file of one report.
struct One<'o, 's, 'w> {
    scan: &'o mut Scan<'s>,
    world: &'o mut World<'w>,
    summary: &'o mut Summary,
    open: &'o OpenReport,
    unit: &'o mut Unit,
}

impl One<'_, '_, '_> {
    /// Gives whether the entry was judged.
    fn settle(mut self, found: Found) -> Result<bool> {
        let Found { task, outcome } = found;
        let (evidence, draft, no_copy) = match outcome {
            Outcome::Evidence { evidence, draft, no_copy } => (evidence, draft, no_copy),
            Outcome::Changed => return Ok(self.changed(&task)),
            Outcome::Failed(reason) => {
                let job = printable(&task.key.to_string());
                self.summary.not_done(format!("the staged file of {job} cannot be read: {reason}"));
                return Ok(!task.purpose.keeps_open());
            }
        };
        let Some(tracked) = self.world.jobs.get(&task.key) else { return Ok(true) };
        let mut job = tracked.job.clone();
        let former = job.state.staged.clone();
        if let Evidence::Read(measured) = &evidence {
            self.summary.files_read += 1;
            self.summary.bytes_read += measured.size_bytes;
            job.state.staged = Some(mark(&task, measured));
            if task.purpose == Purpose::Again
                && self.looks_the_same(&task, former.as_ref(), measured, &mut job)?
            {
                self.keep(job);
                return Ok(true);
            }
        }
        let judged = self.judge(&task, &evidence, draft, no_copy, &mut job)?;
        self.keep(job);
        Ok(judged)
    }

    /// A new look at a judged file that says nothing new: the same bytes under other times, or others that may still
    /// be on their way. Those are looked at again, so the former mark stays.
    fn looks_the_same(
        &self,
        task: &Task,
        former: Option<&StagedMark>,
        measured: &Measurement,
        job: &mut Job,
    ) -> Result<bool> {
        if former
            .is_some_and(|former| former.file == task.expectation.file && former.sha256 == measured.sha256)
        {
            return Ok(true);
        }
        let Some(tracked) = self.world.jobs.get(&task.key) else { return Ok(true) };
        let evidence = Evidence::Read(measured.clone());
        let settled = weigh_read(self.scan, tracked, self.open, task, &evidence, self.world)?.is_some();
        if !settled {
            job.state.staged = former.cloned();
        }
        Ok(!settled)
    }

    fn keep(&mut self, job: Job) {
        self.unit.jobs.retain(|other| other.id != job.id);
        self.unit.jobs.push(job.clone());
        if let Some(tracked) = self.world.jobs.get_mut(&job.key) {
            tracked.job = job;
        }
    }

    fn judge(
        &mut self,
        task: &Task,
        evidence: &Evidence,
        draft: Option<Draft>,
        no_copy: Option<String>,
        job: &mut Job,
    ) -> Result<bool> {
        let Some(tracked) = self.world.jobs.get(&task.key) else { return Ok(true) };
        let last_good = job.state.good.as_ref().map(|good| &good.sha256);
        let (mut verdict, origin) = match task.purpose {
            Purpose::Newest => match weigh_read(self.scan, tracked, self.open, task, evidence, self.world)? {
                Some(verdict) => (verdict, task.origin.clone()),
                None => {
                    let unmet = handed_on(tracked, self.open, &task.origin.rank, self.world);
                    keep_waiting(job, task, evidence, unmet, self.world.now);
                    return Ok(false);
                }
            },
            Purpose::Again => {
                match weigh_read(self.scan, tracked, self.open, task, evidence, self.world)? {
                    Some(verdict) if verdict.cause.is_none() || verdict.cause != job.state.judged_cause => {
                        (verdict, task.origin.clone())
                    }
                    // Bad as before, or still on its way: its verdict stands.
                    _ => return Ok(true),
                }
            }
            Purpose::Older => {
                let verdict = compare(&task.expectation, evidence, last_good);
                if !verdict.status.is_ok() {
                    return Ok(self.supersede(task, job));
                }
                let rank = Rank { time: self.open.record.received_at, ..task.origin.rank.clone() };
                (verdict, Origin { rank, ..task.origin.clone() })
            }
        };
        doubt(self.scan, job, task.twin.as_ref(), &mut verdict)?;
        let version = match self.kept_already(job, &verdict)? {
            Some(name) => Some(name),
            None => self.promote(task, &origin, &mut verdict, evidence, draft, no_copy, job),
        };
        self.record(task, &origin, &verdict, version, job);
        Ok(true)
    }

    /// It changed while it was read: on its way, and nothing is known of it but that. For ever is too long.
    fn changed(&mut self, task: &Task) -> bool {
        let Some(tracked) = self.world.jobs.get(&task.key) else { return true };
        if task.purpose != Purpose::Newest {
            return !task.purpose.keeps_open();
        }
        let rank = &task.origin.rank;
        if !never_settles(tracked, self.open, rank, self.world) {
            let unmet = handed_on(tracked, self.open, rank, self.world);
            let mut job = tracked.job.clone();
            if let Some(waiting) = &mut job.state.waiting {
                waiting.unmet = Some(unmet);
            }
            self.keep(job);
            return !task.purpose.keeps_open();
        }
        let found = Verdict::failed(Cause::NeverSettled, "it changed while it was read");
        let verdict = verdict_of(Cause::NeverSettled, found, &task.expectation.file);
        let mut job = tracked.job.clone();
        self.record(task, &task.origin, &verdict, None, &mut job);
        self.keep(job);
        true
    }

    /// The verdict goes into history, state and incidents.
    fn record(
        &mut self,
        task: &Task,
        origin: &Origin,
        verdict: &Verdict,
        version: Option<String>,
        job: &mut Job,
    ) {
        let Some(tracked) = self.world.jobs.get(&task.key) else { return };
        let context =
            tracked.context(self.world.config, self.world.last_report_of(&task.key.agent), self.world.now);
        let claim = self.open.report.entries[task.entry].claim.as_ref().ok();
        let mut out = Consequences::default();
        ledger::judge(job, origin, claim, verdict, version, &context, &mut out);
        self.unit.entries.extend(out.entries);
        self.unit.incidents.extend(out.incidents);
    }

    fn supersede(&mut self, task: &Task, job: &mut Job) -> bool {
        let Some(tracked) = self.world.jobs.get(&task.key) else { return true };
        let context =
            tracked.context(self.world.config, self.world.last_report_of(&task.key.agent), self.world.now);
        let mut out = Consequences::default();
        ledger::supersede(job, &task.origin, None, &context, &mut out);
        self.summary.reports.superseded += 1;
        self.unit.entries.extend(out.entries);
        self.unit.incidents.extend(out.incidents);
        true
    }

    /// The version that has the bytes of a suspicious backup already: the same bytes are not stored twice.
    fn kept_already(&self, job: &Job, verdict: &Verdict) -> Result<Option<String>> {
        if !verdict.is_suspicious() {
            return Ok(None);
        }
        let is_there =
            |version: &Version| self.scan.vault.is_none_or(|vault| vault.has(&job.key, &version.name));
        let versions = self.scan.store.versions(Some(&job.id))?;
        let same = versions
            .into_iter()
            .rev()
            .find(|version| Some(version.sha256) == verdict.sha256 && !version.damaged && is_there(version));
        Ok(same.map(|version| version.name))
    }

    /// Publishes the copy of a good backup; gives the version's name. What fails here is told and done again by the
    /// next run: the verdict stands all the same.
    #[expect(clippy::too_many_arguments, reason = "a promotion needs all that the reading found")]
    fn promote(
        &mut self,
        task: &Task,
        origin: &Origin,
        verdict: &mut Verdict,
        evidence: &Evidence,
        draft: Option<Draft>,
        no_copy: Option<String>,
        job: &mut Job,
    ) -> Option<String> {
        let Evidence::Read(measured) = evidence else { return None };
        let good = verdict.status == Status::Success
            || (verdict.status == Status::Unchanged
                && !self.world.jobs.get(&task.key).is_some_and(|t| t.version_is_there));
        let vault = self.scan.vault.filter(|_| good)?;
        let result = match (draft, no_copy) {
            (Some(draft), _) => {
                let record = record_of(task, origin, verdict, measured, self.open, self.world.now);
                publish(vault, draft, &record, verdict, job, self.unit)
            }
            (None, Some(reason)) => Err(reason),
            // Nobody wanted a copy.
            (None, None) => return None,
        };
        match result {
            Ok(Kept { name, held_for }) => {
                self.summary.versions_promoted += 1;
                for warning in held_for.into_iter().filter(|warning| warning.is_suspicious()) {
                    if !verdict.warnings.contains(&warning) {
                        let sentence = "its version is held already".to_owned();
                        verdict.warn(Anomaly { warning, sentence });
                    }
                }
                Some(name)
            }
            Err(reason) => {
                promotion_failed(self.world, self.summary, self.unit, &job.key, &reason);
                None
            }
        }
    }
}

/// Tells that a good backup could not be kept; the next run tries again.
pub fn promotion_failed(
    world: &mut World,
    summary: &mut Summary,
    unit: &mut Unit,
    key: &JobKey,
    reason: &str,
) {
    summary.unkept.note(key, reason);
    let message = unkept::sentence(key, reason);
    unit.incidents.extend(world.raise(promotion_subject(&key.id()), Severity::Critical, message));
}

/// A version that was published.
pub struct Kept {
    pub name: String,
    /// The warnings for which it is held; also those of an earlier judgement of it, which the disk remembers.
    pub held_for: Vec<Warning>,
}

/// Publishes and switches; the caller records it.
pub fn publish(
    vault: &Vault,
    draft: Draft,
    record: &VersionRecord,
    verdict: &Verdict,
    job: &mut Job,
    unit: &mut Unit,
) -> std::result::Result<Kept, String> {
    let held = verdict.is_suspicious();
    let reason = held.then_some(verdict.message.as_str());
    let published = vault.publish(&job.key, draft, record, reason).map_err(|error| error.to_string())?;
    let (record, held) = (published.record, published.held);
    if !held {
        vault.switch(&job.key, &record.version).map_err(|error| error.to_string())?;
    }
    unit.versions.push(Version {
        job: job.id.clone(),
        name: record.version.clone(),
        file_name: record.file_name.clone(),
        report_time: record.report_time,
        promoted_at: record.promoted_at,
        sha256: record.sha256,
        size_bytes: record.size_bytes,
        content_bytes: record.content_bytes,
        warnings: record.warnings.clone(),
        pinned: false,
        held,
        damaged: false,
        verified_at: record.promoted_at,
    });
    unit.incidents
        .push(IncidentChange::Resolve { subject: promotion_subject(&job.id), at: record.promoted_at });
    if let Some(good) = job.state.good.as_mut().filter(|good| good.sha256 == record.sha256 && !held) {
        good.version = Some(record.version.clone());
        job.state.current_version = Some(record.version.clone());
    }
    let held_for = if held { record.warnings } else { Vec::new() };
    Ok(Kept { name: record.version, held_for })
}

/// What `report.json` beside the version says.
pub fn record_of(
    task: &Task,
    origin: &Origin,
    verdict: &Verdict,
    measured: &Measurement,
    open: &OpenReport,
    now: crate::domain::Time,
) -> VersionRecord {
    VersionRecord {
        agent: task.key.agent.to_string(),
        database: task.key.database.to_string(),
        version: version_name(origin.rank.time, &measured.sha256),
        file_name: task.expectation.file.clone(),
        report: open.record.file.clone(),
        report_sha256: open.report.content,
        report_time: origin.rank.time,
        promoted_at: now,
        sha256: measured.sha256,
        size_bytes: measured.size_bytes,
        content_bytes: measured.content.stream.map(|stream| stream.bytes),
        kind: measured.content.kind.clone(),
        warnings: verdict.warnings.clone(),
        message: verdict.message.clone(),
        entry: open.report.entries[task.entry].value(),
    }
}

fn mark(task: &Task, measured: &Measurement) -> StagedMark {
    StagedMark {
        file: task.expectation.file.clone(),
        identity: measured.identity,
        sha256: measured.sha256,
        kind: measured.content.kind.clone(),
        stream: measured.content.stream,
    }
}

fn keep_waiting(job: &mut Job, task: &Task, evidence: &Evidence, unmet: Unmet, now: crate::domain::Time) {
    let staged_seen = match evidence {
        Evidence::Read(measured) => job
            .state
            .waiting
            .as_ref()
            .and_then(|waiting| waiting.staged_seen)
            .filter(|(seen, _)| *seen == measured.identity)
            .or(Some((measured.identity, now))),
        Evidence::Absent | Evidence::NotARegularFile(_) | Evidence::Unreadable(_) => None,
    };
    let wait = job.state.wait_for(task.origin.report, now);
    (wait.staged_seen, wait.unmet) = (staged_seen, Some(unmet));
}
