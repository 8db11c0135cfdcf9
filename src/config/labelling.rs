//! The labels of a fleet's jobs: made once for all jobs that have the same ones, which are most of an agent.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Config;
use crate::domain::{AgentId, Job, Labels};

/// Gives jobs their labels; remembers those of each agent, and each set of them once.
pub struct Labelling<'c> {
    config: &'c Config,
    of_agents: HashMap<AgentId, Labels>,
    shared: HashSet<Arc<Labels>>,
}

impl<'c> Labelling<'c> {
    #[must_use]
    pub fn new(config: &'c Config) -> Self {
        Self { config, of_agents: HashMap::new(), shared: HashSet::new() }
    }

    pub fn of_agent(&mut self, agent: &AgentId) -> &Labels {
        self.of_agents.entry(agent.clone()).or_insert_with(|| self.config.agent_labels(agent.as_str()))
    }

    /// The job's own, else those of its agent and of its name.
    #[must_use]
    pub fn of(&mut self, job: &Job) -> Arc<Labels> {
        let labels = job.labels_with(self.of_agent(&job.key.agent));
        if let Some(known) = self.shared.get(&labels) {
            return Arc::clone(known);
        }
        let labels = Arc::new(labels);
        self.shared.insert(Arc::clone(&labels));
        labels
    }
}
