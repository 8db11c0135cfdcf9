//! The cycles of `every`: one after the other since the newest report, by a clock that stands still inside windows.

use chrono::TimeDelta;

use super::window::Pauses;
use super::{Anchor, Cycle, MISSED_LIMIT};
use crate::domain::Time;
use crate::domain::settings::Span;

pub(super) struct EveryCycles<'a> {
    pub(super) every: Span,
    pub(super) grace: TimeDelta,
    pub(super) pauses: Pauses<'a>,
}

impl EveryCycles<'_> {
    pub(super) fn open(&self, anchor: &Anchor) -> Option<Cycle> {
        let first_due = self.first_due(anchor)?;
        self.cycle(first_due, self.first_unsettled(anchor, first_due))
    }

    pub(super) fn missed(&self, anchor: &Anchor, now: Time) -> Vec<Cycle> {
        let Some(first_due) = self.first_due(anchor) else {
            return Vec::new();
        };
        let Some(last) = self.last_over(first_due, now) else {
            return Vec::new();
        };
        let limit = i64::try_from(MISSED_LIMIT).unwrap_or(i64::MAX);
        let first = self.first_unsettled(anchor, first_due).max(last.saturating_add(1).saturating_sub(limit));
        (first..=last).map_while(|number| self.cycle(first_due, number)).collect()
    }

    pub(super) fn upcoming(&self, anchor: &Anchor, now: Time, count: usize) -> Vec<Cycle> {
        let Some(first_due) = self.first_due(anchor) else {
            return Vec::new();
        };
        let first = self.first_unsettled(anchor, first_due).max(self.first_after(first_due, now));
        (first..).take(count).map_while(|number| self.cycle(first_due, number)).collect()
    }

    /// Due time of the first cycle since the newest report. When its deadline was over before the schedule changed,
    /// the change begins anew, so that an edit never makes anything MISSING at once.
    fn first_due(&self, anchor: &Anchor) -> Option<Time> {
        let newest = anchor.covered_by.map_or(anchor.added, |time| time.max(anchor.added));
        let due = self.pauses.advance(newest, self.every.delta())?;
        let deadline = self.pauses.advance(due, self.grace)?;
        if deadline <= anchor.schedule_changed {
            return self.pauses.advance(anchor.schedule_changed, self.every.delta());
        }
        Some(due)
    }

    /// Number of the first cycle, counted from 0, that is not recorded as missed yet.
    fn first_unsettled(&self, anchor: &Anchor, first_due: Time) -> i64 {
        anchor.missed_through.map_or(0, |time| self.first_after(first_due, time))
    }

    /// Number of the first cycle that is due after `time`.
    fn first_after(&self, first_due: Time, time: Time) -> i64 {
        if first_due > time {
            return 0;
        }
        let number = self.number(self.pauses.running(first_due, time));
        match self.due(first_due, number) {
            // One that would be due as a window begins is due when that window ends.
            Some(due) if due > time => number,
            _ => number.saturating_add(1),
        }
    }

    /// Number of the last cycle whose deadline has come at `now`.
    fn last_over(&self, first_due: Time, now: Time) -> Option<i64> {
        let over = self.pauses.running(first_due, now) - self.grace;
        if over < TimeDelta::zero() {
            return None;
        }
        let number = self.number(over);
        let is_over = |number| self.cycle(first_due, number).is_some_and(|cycle| cycle.deadline <= now);
        // As above: a deadline that falls on the begin of a window comes when that window ends.
        [number, number - 1].into_iter().find(|number| *number >= 0 && is_over(*number))
    }

    fn number(&self, span: TimeDelta) -> i64 {
        span.num_seconds() / self.every.delta().num_seconds().max(1)
    }

    fn due(&self, first_due: Time, number: i64) -> Option<Time> {
        let seconds = self.every.delta().num_seconds().checked_mul(number)?;
        self.pauses.advance(first_due, TimeDelta::try_seconds(seconds)?)
    }

    /// `None` when a window without end comes before its deadline.
    fn cycle(&self, first_due: Time, number: i64) -> Option<Cycle> {
        let due = self.due(first_due, number)?;
        Some(Cycle { due, deadline: self.pauses.advance(due, self.grace)? })
    }
}
