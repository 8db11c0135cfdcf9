//! From a database's name in a report to its job; unknown ones are discovered.

use super::decide::AgentNotes;
use super::world::World;
use crate::domain::{AgentId, DatabaseName, Job, JobKey};
use crate::store::Unit;

/// The job that an entry is about. `None` where there is none: the name is none, the database is ignored, discovery is
/// off, or the agent has too many.
pub fn resolve_job(
    world: &mut World,
    agent: &AgentId,
    name: &str,
    notes: &mut AgentNotes,
    unit: &mut Unit,
) -> Option<JobKey> {
    let Ok(database) = DatabaseName::new(name) else {
        notes.bad_names.push(name.to_owned());
        return None;
    };
    let key = JobKey { agent: agent.clone(), database };
    if let Some(known) = world.jobs.get(&key) {
        return (!known.job.ignored).then_some(key);
    }
    if !world.config.scan.discover || world.config.ignores(&key) {
        return None;
    }
    if world.jobs_of(agent).count() >= world.config.scan.max_jobs_per_agent {
        notes.too_many = true;
        return None;
    }
    let mut job = Job::new(key.clone(), world.now, world.config.scan.trial_days > 0);
    // So that an edit before the next scan is noticed by it.
    job.schedule_seen = world.config.effective(&job).schedule.to_string();
    world.track(job);
    if let Some(tracked) = world.jobs.get(&key) {
        unit.jobs.push(tracked.job.clone());
    }
    Some(key)
}
