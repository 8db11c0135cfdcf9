//! Problems of whole agents that time alone reveals (SPEC section 4, rule 7).

use chrono::TimeDelta;

use super::Scan;
use super::harvest::Harvest;
use super::world::World;
use crate::domain::incident::Subject;
use crate::domain::{Digest, Problem, Severity};
use crate::store::{Result, Unit};

/// An agent that never reports, or whose dumps change without a report, is told after this long.
const SILENCE: TimeDelta = TimeDelta::days(3);

pub fn watch(scan: &mut Scan, world: &mut World, harvest: &Harvest) -> Result<()> {
    if harvest.unavailable {
        return Ok(());
    }
    let mut unit = Unit::default();
    let mut agents: Vec<_> = harvest.agents().cloned().collect();
    agents.sort_by(|a, b| a.id.cmp(&b.id));
    for found in agents {
        let Some(mut agent) = world.agents.get(&found.id).cloned() else { continue };
        let silent_since = agent.last_report_at.unwrap_or(agent.first_seen);
        let never = Subject::agent(Problem::AgentNeverReported, found.id.as_str());
        if agent.last_report_at.is_none() && world.now - agent.first_seen >= SILENCE {
            let message =
                "no readable report came since its folder was first seen: is the agent set up to send them?";
            unit.incidents.extend(world.raise(never, Severity::Critical, message.to_owned()));
        } else if agent.last_report_at.is_some() {
            unit.incidents.extend(world.resolve(never));
        }
        // Looked at only while it is silent: listing the dumps of every agent in every scan would cost more than it tells.
        let dumps = Subject::agent(Problem::DumpsWithoutReport, found.id.as_str());
        if world.now - silent_since < SILENCE {
            unit.incidents.extend(world.resolve(dumps));
            continue;
        }
        let Ok(listed) = scan.source.dumps(&found) else { continue };
        let print = Digest::of(format!("{listed:?}").as_bytes());
        match agent.dumps {
            Some((former, _)) if former == print => {}
            former => {
                agent.dumps = Some((print, world.now));
                unit.agents.push(agent.clone());
                world.agents.insert(found.id.clone(), agent.clone());
                if former.is_some() {
                    let message =
                        "its dumps change and no report comes: they are not watched without one".to_owned();
                    unit.incidents.extend(world.raise(dumps, Severity::Critical, message));
                }
            }
        }
    }
    if unit.agents.is_empty() && unit.incidents.is_empty() {
        Ok(())
    } else {
        scan.store.commit(&unit).map(drop)
    }
}
