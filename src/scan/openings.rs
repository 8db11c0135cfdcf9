//! When pauses and `[[maintenance]]` stop what is expected of a job, worked out once for all jobs that share them.
//!
//! Maintenance that comes again and again holds for a job only where it leaves some of its backups expected. A window every
//! night over a nightly backup, or one on each day of the week, would make it one that is never LATE and never MISSING,
//! and nobody would hear of it any more. A pause, and a window with a date, are never left out: they say until when.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::config::Config;
use crate::domain::job::Pause;
use crate::domain::schedule::{Anchor, Schedule, Window};
use crate::domain::{Job, Time};

/// How far back recurring maintenance is looked at: further than any cycle that still matters.
const BACK: TimeDelta = TimeDelta::days(60);
/// How far ahead: a window costs a job one cycle and never two in a row, and the next cycle of a monthly schedule that
/// no window swallows may be a year away.
const AHEAD: TimeDelta = TimeDelta::days(400);
/// For so long recurring windows may put a backup off.
const LONGEST_PUT_OFF: TimeDelta = TimeDelta::days(366);

/// The windows around one moment.
pub struct Openings<'c> {
    config: &'c Config,
    now: Time,
    /// Of each maintenance of the configuration.
    each: Vec<Vec<Window>>,
    /// Merged, by the numbers of those that match.
    shared: HashMap<Vec<usize>, Arc<[Window]>>,
    /// Whether recurring maintenance of these numbers leaves nothing of a schedule, by its text.
    hides_all: HashMap<(Vec<usize>, String), bool>,
}

impl<'c> Openings<'c> {
    #[must_use]
    pub fn around(config: &'c Config, now: Time) -> Self {
        let between = (now - BACK, now + AHEAD);
        let each = config.maintenance.iter().map(|maintenance| maintenance.windows(between)).collect();
        Self { config, now, each, shared: HashMap::new(), hides_all: HashMap::new() }
    }

    /// A job's pauses, and the maintenance that matches it; sorted and merged.
    #[must_use]
    pub fn of(&mut self, job: &Job, schedule: &Schedule) -> Arc<[Window]> {
        let mut matching = self.matching(job);
        let recurring: Vec<usize> = matching.iter().copied().filter(|number| self.recurs(*number)).collect();
        if !recurring.is_empty() && self.hides_all(recurring, schedule) {
            matching.retain(|number| !self.recurs(*number));
        }
        if job.pauses.is_empty() {
            let each = &self.each;
            let merged = |numbers: &Vec<usize>| Window::merged(opened(each, numbers).collect()).into();
            return Arc::clone(self.shared.entry(matching).or_insert_with_key(merged));
        }
        let pauses = job.pauses.iter().map(Pause::window);
        Window::merged(pauses.chain(opened(&self.each, &matching)).collect()).into()
    }

    fn recurs(&self, number: usize) -> bool {
        self.config.maintenance.get(number).is_some_and(|maintenance| maintenance.when.recurs())
    }

    /// Whether these leave nothing of a schedule for longer than a year, of which something would be due before.
    fn hides_all(&mut self, recurring: Vec<usize>, schedule: &Schedule) -> bool {
        let (each, now) = (&self.each, self.now);
        let anchor = Anchor { added: now, schedule_changed: now, covered_by: None, missed_through: None };
        let is_soon = |windows: &[Window]| {
            schedule.open_cycle(&anchor, windows).is_some_and(|cycle| cycle.due - now <= LONGEST_PUT_OFF)
        };
        *self.hides_all.entry((recurring, schedule.to_string())).or_insert_with_key(|(recurring, _)| {
            let windows = Window::merged(opened(each, recurring).collect());
            is_soon(&[]) && !is_soon(&windows)
        })
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

fn opened(each: &[Vec<Window>], numbers: &[usize]) -> impl Iterator<Item = Window> {
    numbers.iter().filter_map(|number| each.get(*number)).flatten().copied()
}

/// The windows of one job alone.
#[must_use]
pub fn windows(config: &Config, job: &Job, now: Time) -> Arc<[Window]> {
    Openings::around(config, now).of(job, &config.effective(job).schedule)
}
