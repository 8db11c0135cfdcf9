//! From a database's name in a report to its job; unknown ones are discovered.

use super::notes::ReportNotes;
use super::world::World;
use crate::domain::{AgentId, DatabaseName, Job, JobKey};
use crate::store::Unit;

/// The job that an entry is about. `None` where there is none: the name is none, the database is ignored, discovery is
/// off, or the agent has too many.
pub fn resolve_job(
    world: &mut World,
    agent: &AgentId,
    name: &str,
    notes: &mut ReportNotes,
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
    let Some(job) = discover(world, &key) else {
        notes.too_many |= is_wanted(world, &key);
        return None;
    };
    unit.jobs.push(job);
    Some(key)
}

/// Makes a job of an unknown database; `None` where it is ignored, discovery is off, or the agent has too many.
pub fn discover(world: &mut World, key: &JobKey) -> Option<Job> {
    if !is_wanted(world, key) || is_full(world, &key.agent) {
        return None;
    }
    let mut job = Job::new(key.clone(), world.now, world.config.scan.trial_days > 0);
    // So that an edit before the next scan is noticed by it.
    job.schedule_seen = world.config.effective(&job).schedule.to_string();
    world.track(job);
    let tracked = world.jobs.get_mut(key)?;
    // A rule that gives it another schedule before the next scan would otherwise go unseen.
    tracked.job.schedule_seen = tracked.effective.schedule.to_string();
    Some(tracked.job.clone())
}

/// Whether a database is not watched because its agent has too many.
pub fn is_beyond_limit(world: &World, agent: &AgentId, name: &str) -> bool {
    let Ok(database) = DatabaseName::new(name) else { return false };
    let key = JobKey { agent: agent.clone(), database };
    is_full(world, agent) && !world.jobs.contains_key(&key) && is_wanted(world, &key)
}

/// Whether an unknown database becomes a job.
fn is_wanted(world: &World, key: &JobKey) -> bool {
    world.config.scan.discover && !world.config.ignores(key)
}

fn is_full(world: &World, agent: &AgentId) -> bool {
    world.job_count(agent) >= world.config.scan.max_jobs_per_agent
}
