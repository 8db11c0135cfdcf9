//! Problems of whole agents that time alone reveals (SPEC section 4, rule 7).

use chrono::TimeDelta;

use super::Scan;
use super::harvest::Harvest;
use super::world::World;
use crate::domain::incident::Subject;
use crate::domain::{Digest, Problem, Severity, Time};
use crate::source::FoundAgent;
use crate::store::{Agent, Result, Unit};

/// An agent that never reports, or whose dumps change without a report, is told after this long.
const SILENCE: TimeDelta = TimeDelta::days(3);
/// From so long after its newest report on, an agent's dumps are looked at: before it, most agents are on time, and
/// listing the dumps of all of them in every scan would cost more than it tells.
const QUIET: TimeDelta = TimeDelta::days(1);

pub fn watch(scan: &mut Scan, world: &mut World, harvest: &Harvest) -> Result<()> {
    if harvest.unavailable {
        return Ok(());
    }
    let mut unit = Unit::default();
    // Of the others the reports were not read in this scan, or not all of them.
    let mut agents: Vec<FoundAgent> = harvest
        .agents()
        .filter(|found| scan.only_agent.as_ref().is_none_or(|only| *only == found.id))
        .filter(|found| !harvest.unsettled.contains(&found.id))
        .cloned()
        .collect();
    agents.sort_by(|a, b| a.id.cmp(&b.id));
    for found in agents {
        let Some(agent) = world.agents.get(&found.id).cloned() else { continue };
        never_reported(world, &agent, &mut unit);
        dumps_without_report(scan, world, &found, agent, &mut unit);
    }
    if unit.agents.is_empty() && unit.incidents.is_empty() {
        Ok(())
    } else {
        scan.store.commit(&unit).map(drop)
    }
}

fn never_reported(world: &mut World, agent: &Agent, unit: &mut Unit) {
    let subject = Subject::agent(Problem::AgentNeverReported, agent.id.as_str());
    if agent.last_report_at.is_some() {
        unit.incidents.extend(world.resolve(subject));
    } else if world.now - agent.first_seen >= SILENCE {
        let message =
            "no readable report came since its folder was first seen: is the agent set up to send them?";
        unit.incidents.extend(world.raise(subject, Severity::Critical, message.to_owned()));
    }
}

/// A change of the dumps counts once it has waited for its report as long as a file may be on its way: an agent that
/// reports once a week writes its dumps before its report, too.
fn dumps_without_report(
    scan: &Scan,
    world: &mut World,
    found: &FoundAgent,
    mut agent: Agent,
    unit: &mut Unit,
) {
    let silent_since = agent.last_report_at.unwrap_or(agent.first_seen);
    let silence = world.now - silent_since;
    let subject = Subject::agent(Problem::DumpsWithoutReport, agent.id.as_str());
    // An agent that has not reported yet is looked at from the first day on: there is no report to be the beginning.
    if silence < QUIET && agent.last_report_at.is_some() {
        return;
    }
    let Ok(listed) = scan.source.dumps(found) else { return };
    let seen = compare(agent.dumps, Digest::of(format!("{listed:?}").as_bytes()), silent_since, world.now);
    if agent.dumps != Some(seen) {
        agent.dumps = Some(seen);
        unit.agents.push(agent.clone());
        world.agents.insert(agent.id.clone(), agent);
    }
    let changed_at = seen.1;
    let patience = world.config.scan.arrival.delta();
    if silence >= SILENCE && changed_at > silent_since && world.now - changed_at >= patience {
        let message = "its dumps change and no report comes: they are not watched without one".to_owned();
        unit.incidents.extend(world.raise(subject, Severity::Critical, message));
    }
}

/// What is to be remembered of the dumps: how they are at the first look of a silence, or when they first changed in it.
fn compare(
    former: Option<(Digest, Time)>,
    now_seen: Digest,
    silent_since: Time,
    now: Time,
) -> (Digest, Time) {
    match former.filter(|(_, since)| *since >= silent_since) {
        None => (now_seen, silent_since),
        Some((dumps, since)) if since == silent_since && dumps != now_seen => (now_seen, now),
        Some(unchanged) => unchanged,
    }
}
