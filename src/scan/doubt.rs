//! What is odd about a good backup beside the job's history: loaded only when there is a new one to judge.

use std::collections::HashMap;

use super::Scan;
use super::decide::Task;
use super::world::World;
use crate::domain::anomaly::{Anomaly, Baseline, COMPARED, Sample};
use crate::domain::habit::{self, HABIT, Row};
use crate::domain::hold::lasting_drop;
use crate::domain::job::FileIdentity;
use crate::domain::text::printable;
use crate::domain::{AgentId, Checksum, Digest, Job, JobKey, Report, Status, Verdict, Warning};
use crate::store::{Result, Store};

/// A hold that lasts longer than so many backups does not end by itself any more.
const HELD_ENTRIES: usize = 400;

/// Another database of the agent that is said to be saved with the same bytes.
#[derive(Debug, Clone)]
pub enum Twin {
    /// The same report gives both the same checksum.
    InReport(String),
    /// Another report names the very same staged file: it can be only one's.
    OfOneFile(String),
}

impl Twin {
    fn sentence(&self, file: Option<&str>) -> String {
        match self {
            Twin::InReport(other) => format!("the report gives `{}` the same SHA-256", printable(other)),
            Twin::OfOneFile(other) => format!(
                "`{}` is the staged file of `{}` too: it can be the backup of only one",
                printable(file.unwrap_or("it")),
                printable(other)
            ),
        }
    }
}

/// Adds the warnings that only the history and the other jobs can give.
///
/// # Errors
/// When the state cannot be read.
pub fn doubt(scan: &Scan, job: &Job, twin: Option<&Twin>, verdict: &mut Verdict) -> Result<()> {
    match verdict.status {
        Status::Success => {
            beside_the_good_ones(scan.store, job, verdict)?;
            end_lasting_hold(scan.store, job, verdict)?;
        }
        Status::Unchanged => {
            if let Some(anomaly) = unchanged(scan.store, job)? {
                verdict.warn(anomaly);
            }
        }
        Status::Pending
        | Status::Late
        | Status::Failed
        | Status::HashMismatch
        | Status::Corrupt
        | Status::Missing
        | Status::Paused
        | Status::Retired => return Ok(()),
    }
    if let Some(twin) = twin {
        let sentence = twin.sentence(job.state.staged.as_ref().map(|staged| staged.file.as_str()));
        verdict.warn(Anomaly { warning: Warning::SameBytes, sentence });
    }
    Ok(())
}

fn beside_the_good_ones(store: &dyn Store, job: &Job, verdict: &mut Verdict) -> Result<()> {
    // Most new jobs have no history: nothing to load.
    if job.state.good.is_none() {
        return Ok(());
    }
    let Some(found) = Sample::of_verdict(verdict) else { return Ok(()) };
    let baseline = Baseline::new(&store.good_entries(&job.id, COMPARED)?);
    for anomaly in baseline.anomalies(&found) {
        verdict.warn(anomaly);
    }
    Ok(())
}

fn end_lasting_hold(store: &dyn Store, job: &Job, verdict: &mut Verdict) -> Result<()> {
    if job.state.held
        && verdict.is_suspicious()
        && let Some(sentence) = lasting_drop(verdict, &store.held_entries(&job.id, HELD_ENTRIES)?)
    {
        verdict.take_as_lasting(&sentence);
    }
    Ok(())
}

fn unchanged(store: &dyn Store, job: &Job) -> Result<Option<Anomaly>> {
    Ok(match Row::of(&store.good_entries(&job.id, 2)?) {
        Row::First | Row::Usual => None,
        Row::Second => habit::second_equal(&store.good_entries(&job.id, HABIT + 1)?),
        Row::TooLong => Some(habit::still_equal(job.state.last_change_at)),
    })
}

/// The databases of one report whose staged bytes are claimed to be equal.
pub struct Twins<'r> {
    report: &'r Report,
    by_digest: HashMap<Digest, Vec<usize>>,
}

impl<'r> Twins<'r> {
    #[must_use]
    pub fn of(report: &'r Report) -> Self {
        let mut by_digest: HashMap<Digest, Vec<usize>> = HashMap::new();
        for position in 0..report.entries.len() {
            if let Some(digest) = claimed(report, position) {
                by_digest.entry(digest).or_default().push(position);
            }
        }
        by_digest.retain(|_, positions| positions.len() > 1);
        Self { report, by_digest }
    }

    /// Another database with the same bytes as the entry at `position`.
    #[must_use]
    pub fn twin(&self, position: usize) -> Option<Twin> {
        let alike = self.by_digest.get(&claimed(self.report, position)?)?;
        let other = alike.iter().find(|other| **other != position)?;
        self.report.entries.get(*other).map(|entry| Twin::InReport(entry.name.clone()))
    }
}

/// Notes of each file to be read which other job of the agent it is the staged file of, by a report of its own in the same
/// scan or by the last one that was read for it. Equal bytes in files of their own say nothing: empty databases have them.
pub fn find_shared_files(world: &World, tasks: &mut [Task]) {
    let mut wanted: HashMap<(AgentId, FileIdentity), Vec<usize>> = HashMap::new();
    for (nth, task) in tasks.iter().enumerate() {
        wanted.entry((task.key.agent.clone(), task.identity)).or_default().push(nth);
    }
    let mut owners: Vec<Option<JobKey>> = vec![None; tasks.len()];
    for sharing in wanted.values() {
        for nth in sharing {
            let other =
                sharing.iter().map(|other| &tasks[*other].key).find(|other| **other != tasks[*nth].key);
            owners[*nth] = other.cloned();
        }
    }
    if !wanted.is_empty() {
        for tracked in world.jobs.values() {
            let job = &tracked.job;
            let Some(staged) = job.state.staged.as_ref().filter(|_| !job.ignored && job.retired_at.is_none())
            else {
                continue;
            };
            for nth in wanted.get(&(job.key.agent.clone(), staged.identity)).into_iter().flatten() {
                if tasks[*nth].key != job.key {
                    owners[*nth].get_or_insert_with(|| job.key.clone());
                }
            }
        }
    }
    for (task, owner) in tasks.iter_mut().zip(owners) {
        if let (None, Some(owner)) = (&task.twin, owner) {
            task.twin = Some(Twin::OfOneFile(owner.database.to_string()));
        }
    }
}

/// The checksum that the staged bytes must have for the claim to hold.
fn claimed(report: &Report, position: usize) -> Option<Digest> {
    let claim = report.entries.get(position)?.claim.as_ref().ok()?;
    match (&claim.compress.checksum, &claim.backup.checksum) {
        (Checksum::Valid(digest), _) | (Checksum::Absent, Checksum::Valid(digest)) => Some(*digest),
        (Checksum::Invalid(_), _) | (Checksum::Absent, Checksum::Absent | Checksum::Invalid(_)) => None,
    }
}
