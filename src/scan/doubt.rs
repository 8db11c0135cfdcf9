//! What is odd about a good backup beside the job's history: loaded only when there is a new one to judge.

use std::collections::HashMap;

use super::Scan;
use crate::domain::anomaly::{Anomaly, Baseline, COMPARED, Sample};
use crate::domain::habit::{self, HABIT, Row};
use crate::domain::hold::lasting_drop;
use crate::domain::text::printable;
use crate::domain::{Checksum, Digest, Job, Report, Status, Verdict, Warning};
use crate::store::{Result, Store};

/// A hold that lasts longer than so many backups does not end by itself any more.
const HELD_ENTRIES: usize = 400;

/// Adds the warnings that only the history can give. `twin` is another database of the same report whose claim has the
/// same checksum.
///
/// # Errors
/// When the state cannot be read.
pub fn doubt(scan: &Scan, job: &Job, twin: Option<&str>, verdict: &mut Verdict) -> Result<()> {
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
        let sentence = format!("the report gives `{}` the same SHA-256", printable(twin));
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
    pub fn twin(&self, position: usize) -> Option<&'r str> {
        let alike = self.by_digest.get(&claimed(self.report, position)?)?;
        let other = alike.iter().find(|other| **other != position)?;
        self.report.entries.get(*other).map(|entry| entry.name.as_str())
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
