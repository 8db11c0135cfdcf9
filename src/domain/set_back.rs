//! A clock that ran ahead and was set right: what it left behind of a job that cannot be yet.
//!
//! With times that are still to come a job would not be waited for until they have: a cycle missed in a year from now
//! keeps it MISSING whatever arrives, and a report from then covers all cycles before. So they are brought back to now.
//! But from a clock that is wrong now, and was right before, the same looks the same: it takes a report whose own clock
//! agrees with the server's to tell which of the two it is.

use chrono::TimeDelta;

use super::schedule::{Anchor, Schedule, Window};
use super::{Job, Time};

/// Clocks that are as near to each other show the same time, whatever zone one of them is set to.
const AGREES: TimeDelta = TimeDelta::hours(14);

/// Whether a report of this own time shows that it is `now` indeed.
#[must_use]
pub fn is_confirmed(now: Time, own: Option<Time>) -> bool {
    own.is_some_and(|own| (now - own).abs() <= AGREES)
}

/// Brings every time of `job` that lies after `now` back, and forgets the missed cycles whose deadline has not come, and
/// which report was the newest: whatever comes with this scan is newer than one of the future. Says whether there was any.
pub fn set_back(job: &mut Job, schedule: &Schedule, windows: &[Window], now: Time) -> bool {
    let mut any = false;
    for time in times(job).filter(|time| **time > now) {
        *time = now;
        any = true;
    }
    any |= job.state.newest.take_if(|newest| newest.time > now).is_some();
    if let Some(waiting) = &mut job.state.waiting {
        any |= waiting.unmet.take_if(|unmet| unmet.since > now).is_some();
    }
    let is_ahead = |due: Time| due.checked_add_signed(schedule.grace).is_none_or(|deadline| deadline > now);
    if job.state.missed_through.is_some_and(is_ahead) {
        let anchor = Anchor { missed_through: None, ..job.anchor() };
        let missed = schedule.missed(&anchor, windows, now).last().map(|cycle| cycle.due);
        any |= missed != job.state.missed_through;
        job.state.missed_through = missed;
    }
    any
}

/// All that decide what the job waits for, and how old it is shown to be.
fn times(job: &mut Job) -> impl Iterator<Item = &mut Time> {
    let state = &mut job.state;
    let known = [
        &mut state.covered_by,
        &mut state.last_report_at,
        &mut state.last_success_at,
        &mut state.last_change_at,
        &mut state.last_verified_at,
    ];
    let waiting = state.waiting.as_mut().map(|waiting| {
        let seen = waiting.staged_seen.as_mut().map(|(_, since)| since);
        std::iter::once(&mut waiting.since).chain(seen)
    });
    let always = [&mut job.added_at, &mut job.schedule_changed_at, &mut state.since];
    known.into_iter().flatten().chain(waiting.into_iter().flatten()).chain(always)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AgentId, DatabaseName, JobKey};

    const DAY: TimeDelta = TimeDelta::days(1);

    fn now() -> Time {
        "2025-06-20T08:00:00Z".parse().unwrap()
    }

    fn job() -> Job {
        let key = JobKey { agent: AgentId::new("A").unwrap(), database: DatabaseName::new("D").unwrap() };
        Job::new(key, now() - DAY * 9, false)
    }

    fn assumed() -> Schedule {
        Schedule::assumed(chrono_tz::UTC)
    }

    #[test]
    fn what_was_missed_stays_and_what_was_not_is_forgotten() {
        let mut job = job();
        job.state.covered_by = Some(now() - DAY * 4);
        job.state.missed_through = Some(now() + DAY * 300);
        set_back(&mut job, &assumed(), &[], now());
        // Due three, two and one days ago, and a day has not come to its deadline at its own hour.
        assert_eq!(job.state.missed_through, Some(now() - DAY));
        let before = job.clone();
        set_back(&mut job, &assumed(), &[], now());
        assert_eq!(job, before);
        job.state.covered_by = Some(now() - DAY);
        job.state.missed_through = Some(now());
        set_back(&mut job, &assumed(), &[], now());
        assert_eq!(job.state.missed_through, None, "its deadline is still to come");
    }

    #[test]
    fn a_report_of_the_future_covers_nothing_that_is_to_come() {
        let mut job = job();
        for time in [&mut job.state.covered_by, &mut job.state.last_report_at, &mut job.state.last_success_at]
        {
            *time = Some(now() + DAY * 300);
        }
        job.schedule_changed_at = now() + DAY * 300;
        set_back(&mut job, &assumed(), &[], now());
        let cycle = assumed().open_cycle(&job.anchor(), &[]).unwrap();
        assert_eq!(cycle.due, now() + DAY);
        assert_eq!(job.state.last_success_at, Some(now()));
    }
}
