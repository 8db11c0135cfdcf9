//! Which incidents nobody is told of for now: a maintenance window with `mute = "all"` lies over them.
//!
//! Nothing is forgotten by that. What is still bad at the end is told then, what came and healed inside was never news,
//! and what was told as bad before and healed inside is told as healed at the end.

use std::collections::HashMap;

use super::context::Context;
use super::snapshot::{Known, Snapshot};
use crate::config::{Config, Maintenance};
use crate::domain::{Incident, JobId, Time};

/// The windows with `mute = "all"` that are open at `now`.
#[must_use]
pub fn open_windows(config: &Config, now: Time) -> Vec<&Maintenance> {
    config.maintenance.iter().filter(|maintenance| maintenance.mute_all && maintenance.is_open(now)).collect()
}

pub struct Muting<'a> {
    config: &'a Config,
    /// The muting windows that are open now.
    open: Vec<&'a Maintenance>,
    jobs: HashMap<&'a JobId, &'a Known>,
}

impl<'a> Muting<'a> {
    #[must_use]
    pub fn new(context: &'a Context, snapshot: &'a Snapshot) -> Self {
        let config = &context.config;
        let open = open_windows(config, context.now);
        // Without a window nothing is ever looked up.
        let jobs = if open.is_empty() { &[][..] } else { &snapshot.jobs };
        Self { config, open, jobs: jobs.iter().map(|known| (&known.job.id, known)).collect() }
    }

    /// The server's own problems are never muted.
    #[must_use]
    pub fn covers(&self, incident: &Incident) -> bool {
        self.open.iter().any(|maintenance| match (&incident.subject.job, &incident.subject.agent) {
            (_, None) => false,
            (Some(id), Some(_)) => self
                .jobs
                .get(id)
                .is_some_and(|known| maintenance.matcher.matches(&known.job.key, &known.labels, None)),
            (None, Some(agent)) => maintenance.matcher.matches_agent(agent, &self.config.agent_labels(agent)),
        })
    }
}
