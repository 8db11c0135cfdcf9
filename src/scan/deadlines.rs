//! Which cycles are over without a report. Judged after all reports are read and before any dump is; and for the jobs
//! whose dumps were read, once more after that.

use std::sync::Arc;

use super::Scan;
use super::harvest::Harvest;
use super::world::World;
use crate::domain::ledger::{self, Consequences};
use crate::domain::{AgentId, JobKey};
use crate::store::{Result, Unit};

/// Records what is missing of the jobs that `wanted` picks, one transaction per agent. The monitor's own failures make
/// nothing MISSING, and neither does a file that is still on its way; where the deposits as a whole are not there, or
/// the state could not be compared with the disk, it is not to be asked.
pub fn judge_deadlines(
    scan: &mut Scan,
    world: &mut World,
    harvest: &Harvest,
    wanted: impl Fn(&JobKey) -> bool,
) -> Result<()> {
    let mut unit = Unit::default();
    let mut of_agent: Option<AgentId> = None;
    let (config, now) = (world.config, world.now);
    let last_reports: std::collections::HashMap<_, _> =
        world.agents.iter().map(|(id, agent)| (id.clone(), agent.last_report_at)).collect();
    for (key, tracked) in &mut world.jobs {
        if scan.only_agent.as_ref().is_some_and(|only| *only != key.agent) {
            continue;
        }
        if of_agent.as_ref() != Some(&key.agent) {
            flush(scan, &mut unit)?;
            of_agent = Some(key.agent.clone());
        }
        let verifying = tracked.job.state.waiting.is_some();
        if verifying || harvest.unsettled.contains(&key.agent) || !wanted(key) {
            continue;
        }
        let mut job = tracked.job.clone();
        let last_report = last_reports.get(&key.agent).copied().flatten();
        let mut out = Consequences::default();
        ledger::miss_cycles(&mut job, &tracked.context(config, last_report, now), now, &mut out);
        if job != tracked.job {
            unit.jobs.push(job.clone());
            unit.entries.extend(out.entries);
            unit.incidents.extend(out.incidents);
            tracked.job = job;
        }
    }
    flush(scan, &mut unit)
}

fn flush(scan: &mut Scan, unit: &mut Unit) -> Result<()> {
    if !unit.jobs.is_empty() {
        scan.store.commit(unit)?;
        *unit = Unit::default();
    }
    Ok(())
}

/// Notices that a rule or a default gave a job another schedule: its cycles count from now on.
pub fn notice_schedule_changes(scan: &mut Scan, world: &mut World) -> Result<()> {
    let mut unit = Unit::default();
    for tracked in world.jobs.values_mut() {
        let windows = || Arc::clone(&tracked.windows);
        if tracked.job.note_schedule(&tracked.effective.schedule, windows, world.now) {
            unit.jobs.push(tracked.job.clone());
        }
    }
    flush(scan, &mut unit)
}
