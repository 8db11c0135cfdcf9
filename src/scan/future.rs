//! What a clock that ran ahead and was set right left behind of reports and agents, as [`set_back`] does of jobs.
//!
//! An open report that was first seen in a year from now would wait for its file until then, and be newer than all that
//! come; and an agent that reported last in a year from now is not silent before.
//!
//! [`set_back`]: crate::domain::set_back

use super::Scan;
use super::harvest::Harvest;
use super::world::World;
use crate::domain::set_back::is_confirmed;
use crate::domain::{OwnTime, Time};
use crate::store::{Agent, Result, Unit};

/// Brings back to now what lies after it, where the own time of any report shows that it is now indeed.
///
/// # Errors
/// When the state cannot be written.
pub fn take_back(scan: &mut Scan, world: &mut World, harvest: &mut Harvest) -> Result<()> {
    let now = world.now;
    if !harvest.reports.iter().any(|open| is_confirmed(now, in_any_zone(open.report.own))) {
        return Ok(());
    }
    let mut unit = Unit::default();
    for agent in world.agents.values_mut() {
        if set_agent_back(agent, now) {
            unit.agents.push(agent.clone());
        }
    }
    if !unit.agents.is_empty() {
        scan.store.commit(&unit)?;
    }
    for open in &mut harvest.reports {
        let record = &mut open.record;
        if record.first_seen > now || record.received_at > now {
            record.first_seen = record.first_seen.min(now);
            record.received_at = record.received_at.min(now);
            scan.store.commit(&Unit { report: Some(record.clone()), ..Unit::default() })?;
        }
    }
    Ok(())
}

/// Says whether anything of the agent lay after `now`.
fn set_agent_back(agent: &mut Agent, now: Time) -> bool {
    let mut any = false;
    let dumps = agent.dumps.as_mut().map(|(_, changed_at)| changed_at);
    for time in [Some(&mut agent.first_seen), agent.last_report_at.as_mut(), dumps].into_iter().flatten() {
        any |= *time > now;
        *time = now.min(*time);
    }
    any
}

/// The own time as if it were in UTC: whatever zone it is in, clocks that agree are near enough.
fn in_any_zone(own: OwnTime) -> Option<Time> {
    match own {
        OwnTime::Absent => None,
        OwnTime::Zoned(time) => Some(time),
        OwnTime::Naive(local) => Some(local.and_utc()),
    }
}
