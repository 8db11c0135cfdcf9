//! Reports of earlier scans, brought back from their kept bytes: those not judged to the end, and those whose file
//! changed since.

use std::collections::HashSet;

use super::{Harvest, OpenReport};
use crate::domain::incident::Subject;
use crate::domain::job::FileIdentity;
use crate::domain::text::printable;
use crate::domain::{Digest, Problem, Severity};
use crate::scan::Scan;
use crate::scan::summary::Summary;
use crate::scan::world::World;
use crate::source::{Fault, FoundAgent, agent_report};
use crate::store::kept::KeptError;
use crate::store::{ReportRecord, ReportState, Result, Unit};

/// Why a report cannot be brought back.
#[derive(Debug)]
pub enum Lack {
    /// For good: its bytes are gone, or are none that can be read as a report.
    Lost(String),
    /// The monitor's own failure; the next scan looks again.
    Now(String),
}

/// Reports that earlier scans could not judge to the end, of each agent the newest that fit into its share. One whose
/// bytes are lost is rejected, for nothing can be compared with it any more; its jobs wait no longer.
pub(super) fn reopen(
    scan: &mut Scan,
    world: &mut World,
    summary: &mut Summary,
    harvest: &mut Harvest,
) -> Result<()> {
    if harvest.unavailable {
        return Ok(());
    }
    let mut records = scan.store.open_reports()?;
    records.retain(|record| {
        let wanted = scan.only_agent.as_ref().is_none_or(|only| *only == record.agent);
        wanted && harvest.position(record.id).is_none()
    });
    records.sort_by_key(|record| (record.received_at, record.id));
    let (mut back, mut full) = (Vec::new(), HashSet::new());
    for record in records.into_iter().rev() {
        if full.contains(&record.agent) {
            summary.reports.waiting += 1;
            continue;
        }
        match harvest.read_again(scan, world, record.clone()) {
            Ok(open) if harvest.shares.take(&record.agent, bytes_in(&open), open.report.entries.len()) => {
                back.push(open);
            }
            Ok(_) => {
                summary.reports.waiting += 1;
                harvest.unsettled.insert(record.agent.clone());
                full.insert(record.agent);
            }
            Err(Lack::Lost(reason)) => give_up(scan, world, summary, record, &reason)?,
            Err(Lack::Now(reason)) => {
                let agent = printable(record.agent.as_str());
                summary.not_done(format!(
                    "report {} of {agent} cannot be judged now: {reason}",
                    printable(&record.file)
                ));
                harvest.unsettled.insert(record.agent);
            }
        }
    }
    for open in back.into_iter().rev() {
        harvest.add(open);
    }
    Ok(())
}

/// The report's own bytes, or what is known of them where its file was never seen.
pub(super) fn bytes_in(open: &OpenReport) -> u64 {
    let of_entries = open.report.entries.iter().map(|entry| entry.raw.len() as u64).sum();
    open.record.identity.size.max(of_entries)
}

fn give_up(
    scan: &mut Scan,
    world: &mut World,
    summary: &mut Summary,
    record: ReportRecord,
    reason: &str,
) -> Result<()> {
    summary.not_done(format!("report {} of {} is lost: {reason}", printable(&record.file), record.agent));
    let subject = Subject::agent(Problem::ReportUnreadable, record.agent.as_str());
    let message = format!("report `{}` is lost before it was judged: {reason}", printable(&record.file));
    let mut unit = Unit::default();
    for tracked in world.jobs.values_mut() {
        if tracked.job.state.waiting.as_ref().is_some_and(|waiting| waiting.report == record.id) {
            tracked.job.state.waiting = None;
            unit.jobs.push(tracked.job.clone());
        }
    }
    unit.incidents.extend(world.raise(subject, Severity::Critical, message));
    unit.report =
        Some(ReportRecord { state: ReportState::Rejected, reason: Some(reason.to_owned()), ..record });
    scan.store.commit(&unit).map(drop)
}

impl Harvest {
    /// The position of a report of an earlier scan, brought back from its kept bytes; `None` where they are lost, nothing
    /// can be looked at now, or it does not fit into the agent's share of this scan.
    pub fn index_of(&mut self, scan: &Scan, world: &World, report: i64) -> Result<Option<usize>> {
        if let Some(index) = self.position(report) {
            return Ok(Some(index));
        }
        if self.unavailable {
            return Ok(None);
        }
        let Some(record) = scan.store.report(report)? else { return Ok(None) };
        let (file, agent) = (printable(&record.file), printable(record.agent.as_str()));
        if !self.shares_again.of(&record.agent).take(record.identity.size, 0) {
            return Ok(None);
        }
        Ok(match self.read_again(scan, world, record) {
            Ok(open) => {
                let (bytes, entries) = (bytes_in(&open), open.report.entries.len());
                self.shares_again.take(&open.record.agent, bytes, entries).then(|| self.add(open))
            }
            Err(Lack::Lost(_)) => None,
            Err(Lack::Now(reason)) => {
                self.failures.push(format!("report {file} of {agent} cannot be read again now: {reason}"));
                None
            }
        })
    }

    /// What a staged file is now; `None` where it is not there, not to be had, or cannot be looked at.
    pub fn look(&mut self, scan: &Scan, agent: &FoundAgent, file: &str) -> Option<FileIdentity> {
        match scan.source.look(agent, file) {
            Ok(identity) => Some(identity),
            Err(Fault::Monitors(reason)) => {
                let (file, agent) = (printable(file), printable(agent.id.as_str()));
                self.failures.push(format!("{file} of {agent} cannot be looked at: {reason}"));
                None
            }
            Err(Fault::Absent | Fault::Agents(_) | Fault::WrongKind(_)) => None,
        }
    }

    /// Says what could not be looked at.
    pub fn tell_failures(&mut self, summary: &mut Summary) {
        for failure in std::mem::take(&mut self.failures) {
            summary.not_done(failure);
        }
    }

    /// Reads a report from its kept bytes, for the deposit's own copy may be gone. The agent's folder may be gone too:
    /// then its files are absent.
    fn read_again(
        &self,
        scan: &Scan,
        world: &World,
        record: ReportRecord,
    ) -> std::result::Result<OpenReport, Lack> {
        let known = || world.agents.get(&record.agent).map(|agent| agent.root.clone());
        let agent = match self.agents.get(&record.agent) {
            Some(agent) => agent.clone(),
            None => FoundAgent { id: record.agent.clone(), root: known().unwrap_or_default() },
        };
        let bytes = bytes_of(scan, &agent, &record)?;
        let aliases = world.config.aliases(record.agent.as_str());
        let report = agent_report::read(&bytes, &record.agent, &aliases)
            .map_err(|error| Lack::Lost(error.to_string()))?;
        Ok(OpenReport { record, report, agent })
    }
}

/// The bytes of a report as they were read first: the kept ones, or the deposit's where those cannot be had.
pub fn bytes_of(
    scan: &Scan,
    agent: &FoundAgent,
    record: &ReportRecord,
) -> std::result::Result<Vec<u8>, Lack> {
    let content = record.content.ok_or_else(|| Lack::Lost("its content is not known".to_owned()))?;
    let lack = match scan.kept.read(&content) {
        Ok(Some(bytes)) => return Ok(bytes),
        Ok(None) => Lack::Lost("its kept bytes are gone".to_owned()),
        Err(error @ KeptError::Damaged { .. }) => Lack::Lost(error.to_string()),
        Err(error @ (KeptError::Read { .. } | KeptError::Write(_) | KeptError::OtherBytes { .. })) => {
            Lack::Now(error.to_string())
        }
    };
    match scan.source.read_report(agent, &record.file) {
        Ok((bytes, _)) if Digest::of(&bytes) == content => Ok(bytes),
        Err(Fault::Monitors(reason)) => Err(Lack::Now(reason)),
        Ok(_) | Err(Fault::Absent | Fault::Agents(_) | Fault::WrongKind(_)) => Err(lack),
    }
}
