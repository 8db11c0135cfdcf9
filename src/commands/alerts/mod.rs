//! `alerts`: what is wrong, and who sees to it.

mod list;
mod show;
mod take_on;

use std::collections::HashSet;

use anyhow::Result;

use super::context::Context;
use super::snapshot::Known;
use crate::cli::alerts::Alerts;
use crate::domain::{Incident, JobId, Selector};
use crate::exit::Exit;

/// # Errors
/// When it could not be done.
pub fn dispatch(context: &Context, command: &Alerts) -> Result<Exit> {
    match command {
        Alerts::List(args) => list::list(context, args),
        Alerts::Show { id } => show::show(context, *id),
        Alerts::Ack(args) => take_on::ack(context, args),
        Alerts::Silence(args) => take_on::silence(context, args),
    }
}

/// Which incidents a selector of jobs means.
struct Meant<'s> {
    context: &'s Context,
    selector: &'s Selector,
    jobs: HashSet<&'s JobId>,
}

impl<'s> Meant<'s> {
    fn new(context: &'s Context, selector: &'s Selector, jobs: &[&'s Known]) -> Self {
        Self { context, selector, jobs: jobs.iter().map(|known| &known.job.id).collect() }
    }

    /// Those of its jobs; of an agent where it speaks of agents as a whole; the server's own where all is meant.
    fn has(&self, incident: &Incident) -> bool {
        match (&incident.subject.job, &incident.subject.agent) {
            (Some(job), _) => self.selector.is_everything() || self.jobs.contains(job),
            (None, Some(agent)) => {
                self.selector.matches_agent(agent, &self.context.config.agent_labels(agent))
            }
            (None, None) => self.selector.is_everything(),
        }
    }
}
