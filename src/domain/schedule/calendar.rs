//! The cycles of `cron` and `at`: one for each occurrence.
//!
//! What windows do to them: an occurrence inside a window is not due. A cycle that is due before a window and whose
//! deadline that window reaches is cancelled, so that the first deadline after the end is that of the first occurrence
//! after it. But a window costs a job one cycle and never two in a row: when the first cycle after the end runs into
//! a window too (maintenance every night between a backup and its deadline), cancelling would leave a job that is never
//! missed by anyone. Then the cycle stays, and a deadline that falls inside comes as the window ends.

use chrono::TimeDelta;

use super::occurrences::Occurrences;
use super::window::{Pauses, Window};
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
            candidate = match self.fate(due) {
                Fate::Expected(cycle) => {
                    // One whose deadline was put off to the end of a window may not be over yet.
                    if cycle.deadline <= now {
                        cycles.push(cycle);
                    }
                    self.occurrences.before(due)
                }
                Fate::NotDue(window) => self.occurrences.before(window.from),
                Fate::Cancelled(window) => {
                    window.from.checked_sub_signed(self.grace).and_then(|time| self.occurrences.before(time))
                }
                Fate::BeyondTime => break,
            };
        }
        cycles.reverse();
        cycles
    }

    pub(super) fn upcoming(&self, anchor: &Anchor, now: Time, count: usize) -> Vec<Cycle> {
        let first = self.first_after(self.settled(anchor).max(now));
        std::iter::successors(first, |cycle| self.first_after(cycle.due)).take(count).collect()
    }

    /// The cycle of the first occurrence after `time` that a window leaves standing.
    fn first_after(&self, time: Time) -> Option<Cycle> {
        let mut due = self.occurrences.after(time)?;
        loop {
            match self.fate(due) {
                Fate::Expected(cycle) => return Some(cycle),
                Fate::NotDue(window) => due = self.occurrences.at_or_after(window.until?)?,
                // One by one: a later one may reach a later window, which leaves it standing.
                Fate::Cancelled(_) => due = self.occurrences.after(due)?,
                Fate::BeyondTime => return None,
            }
        }
    }

    fn fate(&self, due: Time) -> Fate {
        if let Some(window) = self.pauses.around(due) {
            return Fate::NotDue(window);
        }
        let Some(deadline) = due.checked_add_signed(self.grace) else { return Fate::BeyondTime };
        match self.pauses.reaching(due, deadline) {
            None => Fate::Expected(Cycle { due, deadline }),
            Some(window) => match window.until {
                Some(end) if self.next_runs_into_a_window(end) => {
                    Fate::Expected(Cycle { due, deadline: deadline.max(end) })
                }
                _ => Fate::Cancelled(window),
            },
        }
    }

    /// Whether the first cycle that is due from `end` on has a window between its due time and its deadline.
    fn next_runs_into_a_window(&self, end: Time) -> bool {
        let mut next = self.occurrences.at_or_after(end);
        while let Some(due) = next {
            let Some(window) = self.pauses.around(due) else {
                let deadline = due.checked_add_signed(self.grace);
                return deadline.is_some_and(|deadline| self.pauses.reaching(due, deadline).is_some());
            };
            next = window.until.and_then(|until| self.occurrences.at_or_after(until));
        }
        false
    }
}

/// What becomes of an occurrence.
enum Fate {
    Expected(Cycle),
    /// It lies inside this window.
    NotDue(Window),
    /// It lies before this window, which reaches its deadline.
    Cancelled(Window),
    /// Its deadline cannot be represented.
    BeyondTime,
}
