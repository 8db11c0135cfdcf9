//! The cycles of `cron` and `at`: one for each occurrence.

use chrono::TimeDelta;

use super::occurrences::Occurrences;
use super::window::Pauses;
use super::{Anchor, Cycle, MISSED_LIMIT};
use crate::domain::Time;

pub(super) struct CalendarCycles<'a> {
    pub(super) occurrences: Occurrences<'a>,
    pub(super) grace: TimeDelta,
    pub(super) early: TimeDelta,
    pub(super) pauses: Pauses<'a>,
}

impl CalendarCycles<'_> {
    /// Every occurrence up to it is settled: covered, recorded as missed, or from before the job was what it is.
    fn settled(&self, anchor: &Anchor) -> Time {
        let covered = anchor.covered_by.and_then(|time| self.occurrences.covered(time, self.early));
        let since = anchor.added.max(anchor.schedule_changed);
        [covered, anchor.missed_through].into_iter().flatten().fold(since, Time::max)
    }

    pub(super) fn open(&self, anchor: &Anchor) -> Option<Cycle> {
        self.first_after(self.settled(anchor))
    }

    pub(super) fn missed(&self, anchor: &Anchor, now: Time) -> Vec<Cycle> {
        let settled = self.settled(anchor);
        // Backwards from now, so that the cost follows the limit and not the length of the outage.
        let mut cycles = Vec::new();
        let mut candidate =
            now.checked_sub_signed(self.grace).and_then(|time| self.occurrences.at_or_before(time));
        while let Some(due) = candidate.filter(|due| *due > settled && cycles.len() < MISSED_LIMIT) {
            let Some(deadline) = due.checked_add_signed(self.grace) else {
                break;
            };
            candidate = if let Some(window) = self.pauses.cancelling(due, deadline) {
                window.from.checked_sub_signed(self.grace).and_then(|time| self.occurrences.before(time))
            } else {
                cycles.push(Cycle { due, deadline });
                self.occurrences.before(due)
            };
        }
        cycles.reverse();
        cycles
    }

    pub(super) fn upcoming(&self, anchor: &Anchor, now: Time, count: usize) -> Vec<Cycle> {
        let first = self.first_after(self.settled(anchor).max(now));
        std::iter::successors(first, |cycle| self.first_after(cycle.due)).take(count).collect()
    }

    /// The cycle of the first occurrence after `time` that no window cancels.
    fn first_after(&self, time: Time) -> Option<Cycle> {
        let mut due = self.occurrences.after(time)?;
        loop {
            let deadline = due.checked_add_signed(self.grace)?;
            match self.pauses.cancelling(due, deadline) {
                None => return Some(Cycle { due, deadline }),
                Some(window) => due = self.occurrences.at_or_after(window.until?)?,
            }
        }
    }
}
