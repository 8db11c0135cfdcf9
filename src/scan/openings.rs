//! When pauses and `[[maintenance]]` stop what is expected of a job, worked out once for all jobs that share them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::config::Config;
use crate::domain::job::Pause;
use crate::domain::schedule::Window;
use crate::domain::{Job, Time};

/// How far back recurring maintenance is looked at: further than any cycle that still matters.
const BACK: TimeDelta = TimeDelta::days(60);
/// How far ahead: a window costs a job one cycle and never two in a row, and the next cycle of a monthly schedule that
/// no window swallows may be a year away.
const AHEAD: TimeDelta = TimeDelta::days(400);

/// The windows around one moment.
pub struct Openings<'c> {
    config: &'c Config,
    /// Of each maintenance of the configuration.
    each: Vec<Vec<Window>>,
    /// Merged, by the numbers of those that match.
    shared: HashMap<Vec<usize>, Arc<[Window]>>,
}

impl<'c> Openings<'c> {
    #[must_use]
    pub fn around(config: &'c Config, now: Time) -> Self {
        let between = (now - BACK, now + AHEAD);
        let each = config.maintenance.iter().map(|maintenance| maintenance.windows(between)).collect();
        Self { config, each, shared: HashMap::new() }
    }

    /// A job's pauses, and the maintenance that matches it; sorted and merged.
    #[must_use]
    pub fn of(&mut self, job: &Job) -> Arc<[Window]> {
        let matching = self.matching(job);
        let each = &self.each;
        let maintenance = || matching.iter().filter_map(|number| each.get(*number)).flatten().copied();
        if job.pauses.is_empty() {
            let merged = || Window::merged(maintenance().collect()).into();
            return Arc::clone(self.shared.entry(matching.clone()).or_insert_with(merged));
        }
        Window::merged(job.pauses.iter().map(Pause::window).chain(maintenance()).collect()).into()
    }

    fn matching(&self, job: &Job) -> Vec<usize> {
        if self.each.is_empty() {
            return Vec::new();
        }
        let labels = job.labels_with(&self.config.agent_labels(job.key.agent.as_str()));
        let all = self.config.maintenance.iter().enumerate();
        all.filter(|(_, maintenance)| maintenance.matcher.matches(&job.key, &labels, None))
            .map(|(number, _)| number)
            .collect()
    }
}

/// The windows of one job alone.
#[must_use]
pub fn windows(config: &Config, job: &Job, now: Time) -> Arc<[Window]> {
    Openings::around(config, now).of(job)
}
